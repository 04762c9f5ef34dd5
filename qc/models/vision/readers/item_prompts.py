"""How an item is put to a model that reads pictures: the same words in training and when it is examined."""

from __future__ import annotations

from collections.abc import Sequence

LABELS = "ABCDEFGHIJ"
"""What options are called, in their order."""

ANSWER = "Answer: "
"""The end of every prompt that asks for an option."""


def asked(question: str, options: Sequence[str]) -> str:
    r"""Return a question with labelled options as a prompt; the answer is one of `LABELS`.

    >>> asked("The boat is ____", ["new", "old"])
    'The boat is ____\nA. new\nB. old\nAnswer: '
    """
    listed = "".join(f"{label}. {option}\n" for label, option in zip(LABELS, options, strict=False))
    return f"{question}\n{listed}{ANSWER}"
