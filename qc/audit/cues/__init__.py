"""Cues that can give an option away without reading: the named heuristics, by the kind of thing they examine."""
