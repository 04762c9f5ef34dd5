"""Copies of questions that decide about no item: plants, rechecks, the human baseline, key checks."""
