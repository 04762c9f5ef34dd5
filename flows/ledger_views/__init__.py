"""Views of a campaign's ledger: items, queries, copies, slots; most are computed once per state."""
