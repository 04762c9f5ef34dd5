"""What a solver saw of an item: the whole of it, or a part from which it cannot be solved by reading."""

WHOLE_INPUT = "full"
"""The whole item: passage, question and options."""

PARTIAL_INPUTS = ("options", "question+options", "passage+options")
"""Parts of an item from which it cannot be solved by reading."""
