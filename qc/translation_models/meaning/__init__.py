"""Whether a translation says what its source says: word alignment, likeness, and the model over them."""
