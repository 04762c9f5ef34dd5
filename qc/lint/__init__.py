"""Faults of anybody's set of items, found by the campaign's checks and by checks of whole sets and languages."""
