"""A release: its files, its dataset card, and the reasons that prevent it."""
