"""What is wrong with a set of items, anybody's: the campaign's checks, and those over a set and its languages."""
