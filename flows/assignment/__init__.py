"""Who gets what: the work that is due, who is left to be asked for it, and who gets it."""
