"""The named heuristics in one tuple: the property that each examines, and its finding in words."""

from __future__ import annotations

from dataclasses import dataclass

from qc.audit.cues import overlap_cues, shape_cues, wording_cues
from qc.audit.cues.option_properties import OptionProperty
from qc.audit.cues.tokenised_set import Score
from qc.set_statistics.cue_kinds import CueKind
from qc.set_statistics.layer_statistics import Cue


@dataclass(frozen=True)
class Heuristic:
    """One named heuristic.

    Attributes:
        name: short and stable.
        score: the function that scores each option; the rule picks the highest.
        picks: the picked option's property: "is the longest".
        more: the correct option's property when it scores higher than the wrong ones; "" for the second of two
            opposite rules, whose differences belong to the first.
        less: the same for a lower score.
        sign: -1 where the lowest score is picked.
        kind: the kind of its cues.
    """

    name: str
    score: Score
    picks: OptionProperty
    more: str = ""
    less: str = ""
    sign: int = 1
    kind: CueKind = CueKind.RULE

    def cues(self) -> list[Cue]:
        """The rule's statistics: `accuracy` and, unless its opposite has it, `difference`."""
        key = "the correct option"
        found = [Cue(self.name, "accuracy", f"{key} {self.picks}", f"{key} {self.picks.seldom}", self.kind)]
        if self.more:
            found.append(Cue(self.name, "difference", f"{key} {self.more}", f"{key} {self.less}", self.kind))
        return found


def _opposites(
    names: tuple[str, str], score: Score, picks: tuple[OptionProperty, OptionProperty], more: str, less: str
) -> tuple[Heuristic, Heuristic]:
    return Heuristic(names[0], score, picks[0], more, less), Heuristic(names[1], score, picks[1], sign=-1)


def _has(name: str, score: Score, what: str) -> Heuristic:
    than = "often than the wrong ones"
    return Heuristic(
        name, score, OptionProperty("has", what), f"has {what} more {than}", f"has {what} less {than}"
    )


def _is(name: str, score: Score, what: str) -> Heuristic:
    than = "often than the wrong ones"
    return Heuristic(name, score, OptionProperty("is", what), f"is {what} more {than}", f"is {what} less {than}")


HEURISTICS: tuple[Heuristic, ...] = (
    *_opposites(
        ("longest", "shortest"),
        shape_cues.characters,
        (OptionProperty("is", "the longest"), OptionProperty("is", "the shortest")),
        "is longer than the wrong ones",
        "is shorter than the wrong ones",
    ),
    *_opposites(
        ("most_words", "fewest_words"),
        shape_cues.word_count,
        (
            OptionProperty("has", "the most words", is_amount=True),
            OptionProperty("has", "the fewest words", is_amount=True),
        ),
        "has more words than the wrong ones",
        "has fewer words than the wrong ones",
    ),
    *_opposites(
        ("long_words", "short_words"),
        shape_cues.word_length,
        (OptionProperty("has", "the longest words"), OptionProperty("has", "the shortest words")),
        "has longer words than the wrong ones",
        "has shorter words than the wrong ones",
    ),
    *_opposites(
        ("most_in_passage", "least_in_passage"),
        overlap_cues.passage_words,
        (
            OptionProperty("shares", "the most words with the passage"),
            OptionProperty("shares", "the fewest words with the passage"),
        ),
        "shares more words with the passage than the wrong ones",
        "shares fewer words with the passage than the wrong ones",
    ),
    *_opposites(
        ("most_like_passage", "least_like_passage"),
        overlap_cues.passage_grams,
        (
            OptionProperty("is", "spelt most like the passage"),
            OptionProperty("is", "spelt least like the passage"),
        ),
        "is spelt more like the passage than the wrong ones",
        "is spelt less like the passage than the wrong ones",
    ),
    Heuristic(
        "verbatim",
        overlap_cues.verbatim,
        OptionProperty("stands", "word for word in the passage"),
        "stands word for word in the passage more often than the wrong ones",
        "stands word for word in the passage less often than the wrong ones",
    ),
    *_opposites(
        ("most_in_question", "least_in_question"),
        overlap_cues.question_words,
        (
            OptionProperty("shares", "the most words with the question"),
            OptionProperty("shares", "the fewest words with the question"),
        ),
        "shares more words with the question than the wrong ones",
        "shares fewer words with the question than the wrong ones",
    ),
    *_opposites(
        ("most_like_question", "least_like_question"),
        overlap_cues.question_grams,
        (
            OptionProperty("is", "spelt most like the question"),
            OptionProperty("is", "spelt least like the question"),
        ),
        "is spelt more like the question than the wrong ones",
        "is spelt less like the question than the wrong ones",
    ),
    *_opposites(
        ("nearest", "odd_one_out"),
        overlap_cues.nearness,
        (
            OptionProperty("is", "most like the other options"),
            OptionProperty("is", "least like the other options"),
        ),
        "is more like the other options than they are like each other",
        "is less like the other options than they are like each other",
    ),
    *_opposites(
        ("convergence", "divergence"),
        overlap_cues.convergence,
        (
            OptionProperty("shares", "the most words with the other options"),
            OptionProperty("shares", "the fewest words with the other options"),
        ),
        "shares more words with the other options than they do among themselves",
        "shares fewer words with the other options than they do among themselves",
    ),
    *_opposites(
        ("common_words", "rare_words"),
        overlap_cues.commonness,
        (
            OptionProperty("has", "the words that most other items have", of_words=True),
            OptionProperty("has", "the words that fewest other items have", of_words=True),
        ),
        "has commoner words than the wrong ones",
        "has rarer words than the wrong ones",
    ),
    Heuristic(
        "recurring",
        overlap_cues.recurring,
        OptionProperty("is", "the one that stands in most other items too"),
        "recurs in more items than the wrong ones",
        "recurs in fewer items than the wrong ones",
    ),
    Heuristic(
        "most_digits",
        shape_cues.digits,
        OptionProperty("has", "the most digits", is_amount=True),
        "has more digits than the wrong ones",
        "has fewer digits than the wrong ones",
    ),
    _is("only_number", shape_cues.only_number, "the only one with a number"),
    _is("only_without_number", shape_cues.only_without_number, "the only one without a number"),
    _is("only_year", shape_cues.only_year, "the only one with a year"),
    Heuristic(
        "middle_number",
        shape_cues.middle_number,
        OptionProperty("is", "the number in the middle"),
        "is nearer to the middle of the numbers than the wrong ones",
        "is farther from the middle of the numbers than the wrong ones",
    ),
    _has("negation", wording_cues.negation, "a negation"),
    _has("absolutes", wording_cues.absolutes, "an absolute word such as “always” or “only”"),
    _has("hedges", wording_cues.hedges, "a hedge such as “may” or “often”"),
    _is("none_of_above", wording_cues.none_of_above, "“none of the above”"),
    _is("all_of_above", wording_cues.all_of_above, "“all of the above”"),
    _is("grammar", wording_cues.grammar, "the only one that fits the grammar of the question"),
    Heuristic(
        "punctuation",
        shape_cues.punctuation,
        OptionProperty("has", "the most punctuation", is_amount=True),
        "has more punctuation than the wrong ones",
        "has less punctuation than the wrong ones",
    ),
    _has("full_stop", shape_cues.full_stop, "a full stop at its end"),
    Heuristic(
        "capitals",
        shape_cues.capitals,
        OptionProperty("has", "the most capitals after its first letter", is_amount=True),
        "has more capitals than the wrong ones",
        "has fewer capitals than the wrong ones",
    ),
    _has("begins_with_capital", shape_cues.begins_with_capital, "a capital at its beginning"),
    _has("brackets", shape_cues.brackets, "brackets"),
    _has("quotation", shape_cues.quotation, "quotation marks"),
)
