"""The work of `belebele lint`: sets in; findings, reports and mended files out."""
