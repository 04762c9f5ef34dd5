"""The lead's page: what `belebele status --html` writes, and every advance that did something."""
