"""What is done about a damaged ledger: told, gone on without, and taken back from a copy or an exported table."""
