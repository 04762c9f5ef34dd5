"""Certificates: bounds of accuracy, classes of models, and what an audit would have found."""
