"""Findings on the items from the answers of solvers, people or models."""
