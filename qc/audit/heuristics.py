"""Layer 1 of the audit: named rules by which an option might be picked without reading.

No rule learns anything. For each, two statistics: how often it picks the correct option (`accuracy`, ties shared
honestly), and whether the correct option's score differs from the wrong ones' (`difference`: scores standardised
within the item, so that one item counts as much as the next). The first finds a rule that decides a few items
surely, the second a slight tilt in all of them. Opposite rules (longest, shortest) have one `difference` between
them. Position is looked at place by place and as a whole (`balance`, a chi-square). Keys that were balanced on
purpose are no finding: that statistic is one-sided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from qc.audit.cues import overlap, shape, wording
from qc.audit.cues.texts import Score, Texts, within
from qc.audit.layer import Cue, Measured
from qc.audit.options import Floats, Ints, Options
from qc.audit.permutation import studentised, sums_at


@dataclass(frozen=True)
class Heuristic:
    """One rule.

    Attributes:
        name: short and stable.
        score: what it gives each option; it picks the highest.
        picks: what the option that it picks is or has, as a verb's phrase: "is the longest".
        more: what a correct option is or has that scores higher than the wrong ones; "" for the second of two
            opposite rules, whose differences are the first one's.
        less: the same for a lower score.
        sign: -1 where the lowest score is picked.
    """

    name: str
    score: Score
    picks: str
    more: str = ""
    less: str = ""
    sign: int = 1

    def cues(self) -> list[Cue]:
        """Its statistics: `accuracy` and, unless its opposite has it, `difference`."""
        verb, _, rest = self.picks.partition(" ")
        seldom = f"is seldom {rest}" if verb == "is" else f"seldom {verb} {rest}"
        key = "the correct option"
        found = [Cue(self.name, "accuracy", f"{key} {self.picks}", f"{key} {seldom}")]
        if self.more:
            found.append(Cue(self.name, "difference", f"{key} {self.more}", f"{key} {self.less}"))
        return found


def _opposites(
    names: tuple[str, str], score: Score, picks: tuple[str, str], more: str, less: str
) -> tuple[Heuristic, Heuristic]:
    return Heuristic(names[0], score, picks[0], more, less), Heuristic(names[1], score, picks[1], sign=-1)


def _has(name: str, score: Score, what: str) -> Heuristic:
    than = "often than the wrong ones"
    return Heuristic(name, score, f"has {what}", f"has {what} more {than}", f"has {what} less {than}")


def _is(name: str, score: Score, what: str) -> Heuristic:
    than = "often than the wrong ones"
    return Heuristic(name, score, f"is {what}", f"is {what} more {than}", f"is {what} less {than}")


HEURISTICS: tuple[Heuristic, ...] = (
    *_opposites(
        ("longest", "shortest"),
        shape.characters,
        ("is the longest", "is the shortest"),
        "is longer than the wrong ones",
        "is shorter than the wrong ones",
    ),
    *_opposites(
        ("most_words", "fewest_words"),
        shape.word_count,
        ("has the most words", "has the fewest words"),
        "has more words than the wrong ones",
        "has fewer words than the wrong ones",
    ),
    *_opposites(
        ("long_words", "short_words"),
        shape.word_length,
        ("has the longest words", "has the shortest words"),
        "has longer words than the wrong ones",
        "has shorter words than the wrong ones",
    ),
    *_opposites(
        ("most_in_passage", "least_in_passage"),
        overlap.passage_words,
        ("shares the most words with the passage", "shares the fewest words with the passage"),
        "shares more words with the passage than the wrong ones",
        "shares fewer words with the passage than the wrong ones",
    ),
    *_opposites(
        ("most_like_passage", "least_like_passage"),
        overlap.passage_grams,
        ("is spelt most like the passage", "is spelt least like the passage"),
        "is spelt more like the passage than the wrong ones",
        "is spelt less like the passage than the wrong ones",
    ),
    Heuristic(
        "verbatim",
        overlap.verbatim,
        "stands word for word in the passage",
        "stands word for word in the passage more often than the wrong ones",
        "stands word for word in the passage less often than the wrong ones",
    ),
    *_opposites(
        ("most_in_question", "least_in_question"),
        overlap.question_words,
        ("shares the most words with the question", "shares the fewest words with the question"),
        "shares more words with the question than the wrong ones",
        "shares fewer words with the question than the wrong ones",
    ),
    *_opposites(
        ("most_like_question", "least_like_question"),
        overlap.question_grams,
        ("is spelt most like the question", "is spelt least like the question"),
        "is spelt more like the question than the wrong ones",
        "is spelt less like the question than the wrong ones",
    ),
    *_opposites(
        ("nearest", "odd_one_out"),
        overlap.nearness,
        ("is most like the other options", "is least like the other options"),
        "is more like the other options than they are like each other",
        "is less like the other options than they are like each other",
    ),
    *_opposites(
        ("convergence", "divergence"),
        overlap.convergence,
        ("shares the most words with the other options", "shares the fewest words with the other options"),
        "shares more words with the other options than they do among themselves",
        "shares fewer words with the other options than they do among themselves",
    ),
    *_opposites(
        ("common_words", "rare_words"),
        overlap.commonness,
        ("has the words that most other items have", "has the words that fewest other items have"),
        "has commoner words than the wrong ones",
        "has rarer words than the wrong ones",
    ),
    Heuristic(
        "recurring",
        overlap.recurring,
        "is the one that stands in most other items too",
        "recurs in more items than the wrong ones",
        "recurs in fewer items than the wrong ones",
    ),
    Heuristic(
        "most_digits",
        shape.digits,
        "has the most digits",
        "has more digits than the wrong ones",
        "has fewer digits than the wrong ones",
    ),
    _is("only_number", shape.only_number, "the only one with a number"),
    _is("only_without_number", shape.only_without_number, "the only one without a number"),
    _is("only_year", shape.only_year, "the only one with a year"),
    Heuristic(
        "middle_number",
        shape.middle_number,
        "is the number in the middle",
        "is nearer to the middle of the numbers than the wrong ones",
        "is farther from the middle of the numbers than the wrong ones",
    ),
    _has("negation", wording.negation, "a negation"),
    _has("absolutes", wording.absolutes, "an absolute word such as “always” or “only”"),
    _has("hedges", wording.hedges, "a hedge such as “may” or “often”"),
    _is("none_of_above", wording.none_of_above, "“none of the above”"),
    _is("all_of_above", wording.all_of_above, "“all of the above”"),
    _is("grammar", wording.grammar, "the only one that fits the grammar of the question"),
    Heuristic(
        "punctuation",
        shape.punctuation,
        "has the most punctuation",
        "has more punctuation than the wrong ones",
        "has less punctuation than the wrong ones",
    ),
    _has("full_stop", shape.full_stop, "a full stop at its end"),
    Heuristic(
        "capitals",
        shape.capitals,
        "has the most capitals after its first letter",
        "has more capitals than the wrong ones",
        "has fewer capitals than the wrong ones",
    ),
    _has("begins_with_capital", shape.begins_with_capital, "a capital at its beginning"),
    _has("brackets", shape.brackets, "brackets"),
    _has("quotation", shape.quotation, "quotation marks"),
)

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def _at(place: int, texts: Texts) -> Floats:
    return np.asarray(texts.options.place == place, dtype=float)


def positions(options: Options) -> list[Heuristic]:
    """A rule for each place that an option can have in this set: `position:1`, …; without differences."""
    return [
        Heuristic(f"position:{place + 1}", partial(_at, place), f"is the {_ORDINALS[place]}")
        for place in range(int(options.sizes.max()))
    ]


def heuristic_scores(options: Options) -> tuple[list[Heuristic], Floats]:
    """Every rule and what it gives the options.

    Returns:
        The h rules, those of `HEURISTICS` before those of position; scores (n options, h), higher = picked, NaN
        where a rule says nothing.
    """
    texts = Texts(options)
    rules = [*HEURISTICS, *positions(options)]
    known: dict[Score, Floats] = {}
    for rule in rules:
        if rule.score not in known:
            known[rule.score] = rule.score(texts)
    return rules, np.column_stack([rule.sign * known[rule.score] for rule in rules])


BALANCE = Cue(
    "position",
    "balance",
    "the correct option stands in some places more often than in others",
    "the places of the correct options are balanced",
)


@dataclass(frozen=True, eq=False)
class Named:
    """The named heuristics of one language's items, ready to be measured.

    Attributes:
        options: what they were computed from.
        rules: the heuristics.
        scores: (n options, h).
        cues: what each statistic looks at: those of the rules in their order, then the balance of positions.
        worth: (n options, k - 1): what each option is worth to each statistic.
    """

    options: Options
    rules: Sequence[Heuristic]
    scores: Floats
    cues: Sequence[Cue]
    worth: Floats
    studentised: bool = True

    def measure(self, labellings: Ints) -> Measured:
        """Studentised statistics (k, L); the accuracy is NaN for differences and for the balance."""
        statistic = studentised(self.options, self.worth, labellings)
        picking = np.array([cue.statistic == "accuracy" for cue in self.cues])
        accuracy = np.full((len(self.cues), labellings.shape[1]), np.nan)
        accuracy[picking] = sums_at(self.worth[:, picking[:-1]], labellings) / len(self.options)
        balance = balance_of_positions(self.options, labellings)
        return Measured(np.vstack([statistic, balance]), accuracy)


def prepare(options: Options) -> Named:
    """Reads the texts of a set with every named heuristic."""
    rules, scores = heuristic_scores(options)
    credits, standardised = options.credits(scores), within(options, scores)
    cues, columns = [], []
    for place, rule in enumerate(rules):
        for cue in rule.cues():
            cues.append(cue)
            columns.append((credits if cue.statistic == "accuracy" else standardised)[:, place])
    return Named(options, rules, scores, [*cues, BALANCE], np.column_stack(columns).astype(np.float32))


def balance_of_positions(options: Options, labellings: Ints) -> Floats:
    """How unevenly the keys stand in their places, on the scale of a standard normal; 0 where evenly enough.

    Pearson's chi-square, for items of differing size the quadratic form with the exact covariance of the counts,
    made normal by Wilson & Hilferty (1931). Balance beyond chance is no shortcut, hence the floor at 0.

    Returns:
        (1 + B,).
    """
    most = int(options.sizes.max())
    counts = np.stack([(options.place[labellings] == place).sum(axis=0) for place in range(most)])
    chances = (np.arange(most) < options.sizes[:, None]) / options.sizes[:, None]
    covariance = np.diag(chances.sum(axis=0)) - chances.T @ chances
    off = counts - chances.sum(axis=0)[:, None]
    square = np.einsum("kb,kj,jb->b", off, np.linalg.pinv(covariance, rcond=1e-9), off)
    df = most - 1
    return np.asarray(np.maximum(((square / df) ** (1 / 3) - (1 - 2 / (9 * df))) / np.sqrt(2 / (9 * df)), 0.0))
