"""Reports for people, and the style of their figures."""
