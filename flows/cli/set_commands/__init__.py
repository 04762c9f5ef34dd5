"""Commands for sets of anybody's: audit, lint, assemble, contamination, and their options."""
