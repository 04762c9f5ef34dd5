"""Everything that happened to an item, for `belebele explain`."""
