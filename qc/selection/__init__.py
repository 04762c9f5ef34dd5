"""The final set: which items, in which order of options, and what may be said of it afterwards."""
