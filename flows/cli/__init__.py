"""The command `belebele`: its commands, what they have in common, and the terminal that they print to."""
