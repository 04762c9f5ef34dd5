"""What the lead does: decisions, acceptance, the final selection, and work that leaves and enters as files."""
