"""What follows from a campaign's tables: items, queries, copies, slots; most are computed once for one state."""
