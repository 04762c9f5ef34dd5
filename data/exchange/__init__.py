"""The formats in which work is exchanged: CSV and XLSX for tables, XLIFF 1.2 for texts, TMX 1.4b for memories."""
