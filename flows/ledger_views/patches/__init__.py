"""What is asked of the tables about patches: reports, withdrawals, reopened items, what releases told."""
