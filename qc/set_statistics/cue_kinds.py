"""The kinds of cues that an audit measures, and the grammar of their names.

Ledgers, reports and campaign files refer to a cue by its name alone: `longest`, `position:2`, `token:never`,
`options, shuffled`. Code asks for a cue's kind instead, which whoever makes a cue states. `CueName` writes names
and is the one place that reads them back, for whatever was stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from data.solver_inputs import PARTIAL_INPUTS, WHOLE_INPUT


class CueKind(StrEnum):
    """The kind of a cue."""

    RULE = "rule"
    """A named heuristic, such as the longest option."""
    PLACE = "place"
    """One place among the options, such as the second."""
    BALANCE = "balance"
    """All places together."""
    WORDS = "words"
    """A word or a pair of words in an option."""
    CHARACTERS = "characters"
    """A run of characters in an option."""
    LOGIT = "logit"
    """The named heuristics, weighed together by a conditional logit."""
    INPUTS = "inputs"
    """A model trained on a part of the item."""
    YARDSTICK = "yardstick"
    """A model trained on the whole item: reading, and so no shortcut."""

    @property
    def is_token(self) -> bool:
        """Whether it is the presence of a text in an option."""
        return self in (CueKind.WORDS, CueKind.CHARACTERS)

    @property
    def is_model(self) -> bool:
        """Whether it is a trained model, which combines all cues."""
        return self in (CueKind.LOGIT, CueKind.INPUTS, CueKind.YARDSTICK)


_PLACES, _LOGIT = "position", "logit"
_TOKENS = {CueKind.WORDS: "token", CueKind.CHARACTERS: "characters"}
_SHUFFLED = "shuffled"


@dataclass(frozen=True)
class CueName:
    """What a cue's name says.

    Attributes:
        kind: the kind of the cue.
        parts: the texts of a token, of which several may stand in the same options; the place, counted from 1; the
            rule; the inputs of a model; () where there is only one cue of the kind.
        shuffled: whether a model sees the words of its inputs in another order.
    """

    kind: CueKind
    parts: tuple[str, ...] = ()
    shuffled: bool = False

    def __str__(self) -> str:
        """Return the name, short and stable.

        >>> str(CueName(CueKind.WORDS, ("above choices", "the above"))), str(CueName(CueKind.PLACE, ("2",)))
        ('token:above choices/the above', 'position:2')
        >>> str(CueName(CueKind.INPUTS, ("options",), shuffled=True)), str(CueName(CueKind.BALANCE))
        ('options, shuffled', 'position')
        """
        if self.kind.is_token:
            return f"{_TOKENS[self.kind]}:{'/'.join(self.parts)}"
        if self.kind in (CueKind.PLACE, CueKind.BALANCE):
            return ":".join((_PLACES, *self.parts))
        if self.kind is CueKind.LOGIT:
            return _LOGIT
        return f"{self.parts[0]}, {_SHUFFLED}" if self.shuffled else self.parts[0]

    @classmethod
    def read(cls, name: str) -> CueName:
        """Read a name that was stored.

        >>> CueName.read("token:never").kind, CueName.read("characters:/").parts
        (<CueKind.WORDS: 'words'>, ('/',))
        >>> CueName.read("full, shuffled").kind, CueName.read("longest").kind
        (<CueKind.YARDSTICK: 'yardstick'>, <CueKind.RULE: 'rule'>)
        """
        head, colon, tail = name.partition(":")
        for kind, first in _TOKENS.items():
            if colon and head == first:
                return cls(kind, tuple(one for one in tail.split("/") if one) or (tail,))
        if head == _PLACES:
            return cls(CueKind.PLACE, (tail,)) if colon else cls(CueKind.BALANCE)
        if name == _LOGIT:
            return cls(CueKind.LOGIT)
        inputs, _, order = name.partition(", ")
        if inputs in PARTIAL_INPUTS:
            return cls(CueKind.INPUTS, (inputs,), order == _SHUFFLED)
        if inputs == WHOLE_INPUT:
            return cls(CueKind.YARDSTICK, (inputs,), order == _SHUFFLED)
        return cls(CueKind.RULE, (name,))
