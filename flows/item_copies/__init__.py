"""Copies of questions that measure people rather than items: plants, rechecks, the human baseline."""
