"""What follows from a campaign's tables: items, queries, copies, slots; each computed once for one state."""
