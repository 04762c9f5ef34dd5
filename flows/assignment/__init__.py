"""Assignment: the work that is due, who is available for it, and who gets it."""
