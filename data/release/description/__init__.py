"""The description of a release: one record, told as card, data sheet, Croissant, figures and LaTeX."""
