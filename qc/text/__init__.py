"""What is read out of a text in any script: what it folds to, its words, the numbers that it names."""
