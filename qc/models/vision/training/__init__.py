"""Training in stages: what is frozen, batches, and the character error rate by which reading is judged."""
