"""The pages of a release for reading: every item in the languages that a reader chooses, side by side."""
