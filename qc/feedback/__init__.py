"""Feedback for authors while they write: checks of unfinished questions, similar questions, the shortcut meter."""
