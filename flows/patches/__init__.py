"""Patches: what users of a release report, how far its correction is, and what a release tells of it."""
