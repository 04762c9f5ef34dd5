"""What an author is told while writing: checks of half a question, similar ones, the shortcut meter."""
