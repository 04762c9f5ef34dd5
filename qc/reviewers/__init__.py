"""The quality of review: planted faults, who sees them, what remains, and how many reviewers are enough."""
