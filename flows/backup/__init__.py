"""A campaign kept somewhere else, whole: its ledger, its people's addresses, its secrets and its Label Studio."""
