"""The command line `belebele`: its commands, what they share, and the terminal that they print to."""
