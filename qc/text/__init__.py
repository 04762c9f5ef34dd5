"""Texts in any script: their folded form, their words, and the numbers that they name."""
