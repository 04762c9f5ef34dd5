"""Workbenches: their pages, the guidelines in force, and the outcomes shown on finished work."""
