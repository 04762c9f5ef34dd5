"""People: their work and its measures, invoices, and what the strength meter does."""
