"""The publication of a release: where it can go, and what is sent there."""
