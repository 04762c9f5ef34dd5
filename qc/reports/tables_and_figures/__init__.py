"""Numbered tables and figures: each is one object that becomes HTML, LaTeX, CSV and, a figure, SVG and PDF."""
