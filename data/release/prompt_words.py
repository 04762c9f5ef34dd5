"""The words of a prompt in one language: what stands before the passage, the question and the answer.

Harnesses that lack them leave languages out, or ask in English with a full-width colon. Tasks therefore take them
from the release's description: those that a translator gave, and English ones where nobody has. What is scored
does not hang on them: the letters A to D come first everywhere, a language's own labels second.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from data.errors import UsageError
from data.release.release_description import ReleaseDescription

LETTERS = ("A", "B", "C", "D")
"""What the options are called wherever an answer is scored."""

_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True)
class PromptPhrases:
    """The words of one language's prompts; the defaults are the English ones.

    Attributes:
        passage_word: stands before the passage.
        question_word: stands before the question.
        answer_word: stands before the answer.
        option_labels: the language's own names of the four options, separated by spaces.
        colon: what follows these words.
        word_space: what separates words; "" in Thai or Chinese.
        sentence_space: what separates sentences.
        instruction: what the reader is to do, with the placeholder `{labels}` for the names of the options.

    Raises:
        UsageError: a word has braces or a line's end, labels are not four different ones, or the placeholder does
            not stand there once.
    """

    passage_word: str = "Passage"
    question_word: str = "Question"
    answer_word: str = "Answer"
    option_labels: str = "A B C D"
    colon: str = ":"
    word_space: str = " "
    sentence_space: str = " "
    instruction: str = "Read the passage and answer the question with one of {labels}."

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            word = getattr(self, name)
            bare = word.replace("{labels}", "") if name == "instruction" else word
            if any(sign in "{}" or unicodedata.category(sign) in ("Cc", "Zl", "Zp") for sign in bare):
                raise UsageError(f"{name} of prompt words may hold no braces and no end of a line, not {word!r}")
        if _PLACEHOLDER.findall(self.instruction) != ["{labels}"]:
            raise UsageError(f"instruction of prompt words must hold {{labels}} once, not {self.instruction!r}")
        labels = self.option_labels.split()
        if len(labels) != len(LETTERS) or len({*labels}) != len(LETTERS):
            raise UsageError(
                f"option_labels of prompt words must be four different ones with spaces between, "
                f"not {self.option_labels!r}"
            )

    def introduction(self, labels: tuple[str, ...] = LETTERS) -> str:
        """Return the instruction with the names of the options in it.

        >>> PromptPhrases().introduction()
        'Read the passage and answer the question with one of A, B, C, D.'
        """
        return self.instruction.replace("{labels}", ", ".join(labels))

    def before(self, word: str) -> str:
        """Return a word with what stands between it and the text that follows.

        >>> PromptPhrases().before("Passage")
        'Passage: '
        """
        return f"{word}{self.colon}{self.word_space}"


def checked(language: str, words: Mapping[str, str]) -> PromptPhrases:
    """Return what a translator gave for a language, English where they left a word out.

    Raises:
        UsageError: a word is unknown or wrong, see `PromptPhrases`; the message names the language.
    """
    unknown = sorted(set(words) - set(PromptPhrases.__dataclass_fields__))
    if unknown:
        raise UsageError(
            f"prompt words of {language}: unknown {', '.join(unknown)}; there are "
            f"{', '.join(PromptPhrases.__dataclass_fields__)}"
        )
    try:
        return PromptPhrases(**words)
    except UsageError as error:
        raise UsageError(f"{language}: {error}") from None


def phrases(about: ReleaseDescription) -> dict[str, PromptPhrases]:
    """Return the words of every language of a release by its code, English ones where it has none."""
    given = {one.language: checked(one.language, one.words) for one in about.prompt_words}
    return {one.code: given.get(one.code, PromptPhrases()) for one in about.languages}
