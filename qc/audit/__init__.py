"""The shortcut audit: whether a multiple-choice reading set can be solved without reading, and by which cue."""
