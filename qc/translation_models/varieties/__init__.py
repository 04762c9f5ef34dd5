"""Which variety a text is written in: the identifier, its fit to a campaign, and fastText."""
