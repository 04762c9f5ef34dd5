"""The lead's actions: decisions, acceptance, the final selection, and offline work as files."""
