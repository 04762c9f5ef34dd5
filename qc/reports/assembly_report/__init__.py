"""The report of a training set: what came from where under which licence, and what was left out and why."""
