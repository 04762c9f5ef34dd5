"""The words around an item when a model is asked: names of its parts, option labels, spacing and an instruction.

English ones come with the program; those of other languages are written by a translator and read by a
proofreader (stage `wording`). A program that evaluates a model builds its prompt from them, so that no word of
another language stands between the model and the item.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

LABEL_PLACE = "{labels}"
"""The one placeholder of an instruction: the labels of the options stand there, as A/B/C/D."""

LETTERS = ("A", "B", "C", "D")
"""What the options are called wherever an answer is scored; a language's own labels come second."""

LONGEST_WORD = 60
LONGEST_INSTRUCTION = 400
_LONGEST_LABEL = 4


@dataclass(frozen=True)
class PromptWords:
    """The words of one language.

    Attributes:
        passage_word: what stands before the passage, without the colon.
        question_word: what stands before the question.
        answer_word: what stands before the answer.
        option_labels: the four labels of the options, separated by one space.
        colon: what stands between such a word and its text, with the space before it where the language has one.
        word_space: what separates words: " " or "".
        sentence_space: what separates sentences: " " or "".
        instruction: one sentence or two, with `LABEL_PLACE` once.
    """

    passage_word: str = "Passage"
    question_word: str = "Question"
    answer_word: str = "Answer"
    option_labels: str = "A B C D"
    colon: str = ":"
    word_space: str = " "
    sentence_space: str = " "
    instruction: str = "Read the passage and choose the right answer to the question: one of {labels}."

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the options, in order."""
        return tuple(self.option_labels.split())

    def introduction(self, labels: Sequence[str] = LETTERS) -> str:
        """Return the instruction with the labels of the options in it.

        >>> PromptWords(instruction="Answer with {labels}.").introduction()
        'Answer with A/B/C/D.'
        """
        return self.instruction.replace(LABEL_PLACE, "/".join(labels))

    def before(self, word: str) -> str:
        """Return a word with what stands between it and the text that follows.

        >>> PromptWords().before("Passage")
        'Passage: '
        """
        return f"{word}{self.colon}{self.word_space}"

    def items(self) -> Iterator[tuple[str, str]]:
        """Yield each name with its text, in the order of the attributes."""
        for name in PROMPT_WORD_NAMES:
            yield name, getattr(self, name)


ENGLISH_PROMPT_WORDS = PromptWords()
"""The English words, which stand in for a language's own while these are missing."""

PROMPT_WORD_NAMES: tuple[str, ...] = tuple(field.name for field in fields(PromptWords))
"""The names of the words, in the order in which tables list them."""

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


def wording_problems(words: Mapping[str, str]) -> list[str]:
    """Return what is wrong with the words that somebody wrote, one sentence each; empty texts are not its matter.

    Args:
        words: texts by the names of `PromptWords`; names may be missing.
    """
    found = []
    for name in ("passage_word", "question_word", "answer_word", "colon"):
        text, called = words.get(name, ""), name.replace("_", " ")
        if _breaks(text) or len(text) > LONGEST_WORD:
            found.append(f"The {called} is one line of at most {LONGEST_WORD} characters: shorten it.")
        if set(text) & set("{}"):
            found.append(f"The {called} has no place for braces: take them out.")
    labels = words.get("option_labels", "").split()
    if labels and (len(labels) != 4 or len({label.casefold() for label in labels}) != 4):
        found.append(f"The option labels are four different ones with spaces between, not {' '.join(labels)!r}.")
    elif any(len(label) > _LONGEST_LABEL or set(label) & set("{}") for label in labels):
        found.append(f"An option label has at most {_LONGEST_LABEL} characters and no braces: shorten it.")
    if instruction := words.get("instruction", ""):
        found += _instruction_problems(instruction)
    return found


def _breaks(text: str) -> bool:
    """Whether a text has a line's end or another control character."""
    return any(unicodedata.category(sign) in ("Cc", "Zl", "Zp") for sign in text)


def _instruction_problems(text: str) -> Iterator[str]:
    if len(text) > LONGEST_INSTRUCTION:
        yield f"The instruction has {len(text)} characters: {LONGEST_INSTRUCTION} are the most."
    if _breaks(text):
        yield "The instruction is one line: take the line's end out."
    if set(text.replace(LABEL_PLACE, "")) & set("{}"):
        yield f"In the instruction braces stand for {LABEL_PLACE} alone: write it exactly so, and no other brace."
    elif text.count(LABEL_PLACE) != 1:
        yield f"The instruction has {LABEL_PLACE} once, where the labels are to stand: put it in."
