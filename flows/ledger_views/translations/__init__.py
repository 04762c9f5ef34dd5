"""Views of translations: glossary, memory, quality, answered findings, suspect sources."""
