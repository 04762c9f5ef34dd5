"""The checks, one file for each topic; each file ends in the tuple that is its suite."""
