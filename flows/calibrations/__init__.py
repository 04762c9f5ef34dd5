"""What a campaign's learned checks judge by: fits, thresholds and models, as the ledger has them."""
