"""The report of `belebele read`: what a model owes to reading, by language, script, font, size and degradation."""
