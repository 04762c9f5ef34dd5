"""Versions of a release: their difference, errata and changelog."""
