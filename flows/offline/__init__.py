"""Work by file: sheets, XLIFF and translation memories out and in, and tables of the ledger."""
