"""The work of `belebele contamination`: what could be seen of a release, and what of it stands elsewhere."""
