"""Submissions that count, and what is recorded of them."""
