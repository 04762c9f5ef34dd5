"""How good reviewers are: planted faults, who sees them, what remains, and how many reviewers are enough."""
