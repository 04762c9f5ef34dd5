"""The final set: which items, in which order of options, and what can be claimed about it afterwards."""
