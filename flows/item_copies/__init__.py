"""Copies of questions that are put before people to learn about people: plants, rechecks, the human baseline."""
