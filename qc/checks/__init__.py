"""The checks, one topic a file; each file ends in the tuple that is its suite."""
