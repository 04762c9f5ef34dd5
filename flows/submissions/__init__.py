"""What people handed in: a submission that counts, and what is recorded of it."""
