"""A training set beside a release: other people's sets in the release's columns, without what overlaps it."""
