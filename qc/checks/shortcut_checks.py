"""Checks for cues that give the key away before the passage is read: in one item alone, and in the set as a whole.

Authors see their findings while they write, so they use only rules and words that have a name and suggest a mend
(`qc.audit.cues.heuristics`, `qc.audit.cues.tokens`, `qc.audit.cues.cue_names`). Learners belong to the audit that
certifies the finished set: a set that was written against a learner looks clean to that learner and to nothing
else.

There are four. `telling_option` examines an item alone and is a note for people: an only number may be innocent.
`shortcuts` tests the whole set, by permuted keys; a growing set is tested again and again, so it is a meter and
certifies nothing. `given_away` combines both and sends work back: where the set shows that a rule pays, the items
that show it best must change, as many as there are too many of. A rule that is right too seldom (“none of the
above”, say) only excludes options: where the excluded ones leave few, the item goes back too; where they leave
more, `narrowed_down` is a note. Expensive modules are imported where they are used, because an advance with
nothing to judge must cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from qc.check import Suite, check, findings
from qc.set_statistics.cue_kinds import CueKind, CueName

if TYPE_CHECKING:
    from qc.audit.cues.heuristics import Named
    from qc.audit.cues.tokens import Tokens
    from qc.set_statistics.layer_statistics import Prepared
    from qc.set_statistics.options import Options

LEAST = 200
"""The fewest questions judged as a set: among 200, an accuracy of .35 (chance .25) is found every second time."""

_SELDOM = "not "
_APART = ("difference", "balance")

_TOKENS = 20  # that are named of a set

_UNSOUND = "its options or its key are not as they must be"


@dataclass(frozen=True)
class FlaggedCue:
    """The subject of a finding of `shortcuts`, which is written to the ledger as text.

    Attributes:
        name: the name of the cue.
        statistic: "difference" or "balance" if keys differ from other options by it, else "accuracy".
        seldom: whether picking by it is right less often than chance.
    """

    name: str
    statistic: str = "accuracy"
    seldom: bool = False

    @property
    def is_rule(self) -> bool:
        """Whether it is a rule of thumb that picks options, and neither a word nor a difference."""
        return self.statistic == "accuracy" and CueName.read(self.name).kind is CueKind.RULE

    @property
    def subject(self) -> str:
        """The subject of its finding, as text.

        >>> FlaggedCue("longest", "difference").subject, FlaggedCue("token:never", seldom=True).subject
        ('longest:difference', 'not token:never')
        """
        if self.statistic in _APART:
            return f"{self.name}:{self.statistic}"
        return f"{_SELDOM}{self.name}" if self.seldom else self.name

    @classmethod
    def parse(cls, subject: str) -> FlaggedCue:
        """Read the subject of a finding.

        >>> FlaggedCue.parse("longest:difference").name, FlaggedCue.parse("not token:difference").name
        ('longest', 'token:difference')
        """
        name = subject.removeprefix(_SELDOM)
        head, _, tail = name.rpartition(":")
        if tail in _APART and not CueName.read(name).kind.is_token:
            return cls(head, tail)
        return cls(name, seldom=name != subject)


@check(scope="item")
def telling_option(items: pd.DataFrame) -> pd.DataFrame:
    """Nothing that can be seen without the passage makes the correct option stand out from the others.

    It is flagged where it is the only one with a year, a number or a hedge, say, longer than the next by far, or
    the only one that repeats the question (`qc.audit.cues.conspicuous_options`).
    """
    from qc.audit.cues import cue_names, heuristics

    said: dict[str, str] = {}
    for options in _by_language(items):
        named = cue_names.names(options, heuristics.prepare(options))
        said |= dict(zip(named["item_id"], named["cue"], strict=True))
    return _told(items, said)


@check(scope="item", version=2)
def given_away(
    items: pd.DataFrame, *, shown: Set[str] | None, lead: float = 0.3, margin: float = 0.05, times: float = 1.5
) -> pd.DataFrame:
    """The correct option cannot be picked by a rule that holds in the set as a whole.

    Of the items that a rule or a word gets right, those in which it is seen best are flagged, as many as must
    change before it is right as often as chance. What is within the margins is left to the selection of the final
    set. Rules and words that are right too seldom exclude options. By what all of them exclude an item is flagged
    if that tells half of what there is to know (at most √m of m options are left, so two of four), and as many are
    as must change before guessing among what is left is right as often as chance
    (`qc.audit.cues.option_elimination`).

    Args:
        items: columns of `data.ledger.tables.ITEMS`: all of the set, since what is too many can be seen in it
            only.
        shown: the subjects that `shortcuts` flagged in this set; None if it could not be judged so far.
        lead: how far the key must be ahead of the next option by a rule, as a share of what lies between the
            item's highest and lowest score, for the item to count as given away.
        margin: how far above chance a rule, or guessing among what is left, may be right in the set without any
            item being flagged.
        times: how many times as often as by lot a word may stand in correct options without that; and how many
            times as seldom something must be right for options to be excluded by it.
    """

    def said(options: Options, shown: Set[str]) -> dict[str, str]:
        read = _read(options)
        whole, _ = _excluded(options, *read, shown, margin, times)
        return whole | _given_away(options, *read, shown, lead, margin, times)

    return _by_set(items, shown, said)


@check(scope="item")
def narrowed_down(
    items: pd.DataFrame, *, shown: Set[str] | None, margin: float = 0.05, times: float = 1.5
) -> pd.DataFrame:
    """No option can be excluded for a property that correct options of the set seldom have.

    One of four options that can be excluded makes a guess right in a third of the cases: that gives the key away
    only partly, so it is a note. What `given_away` sends back is not noted again.

    Args:
        items: as for `given_away`.
        shown: as for `given_away`.
        margin: how far above chance guessing among what is left may be right in the set without any item being
            noted.
        times: how many times as seldom as by lot something must be right for options to be excluded by it.
    """

    def said(options: Options, shown: Set[str]) -> dict[str, str]:
        whole, partly = _excluded(options, *_read(options), shown, margin, times)
        return {item: why for item, why in partly.items() if item not in whole}

    return _by_set(items, shown, said)


@check(scope="set")
def shortcuts(
    items: pd.DataFrame, *, least: int = LEAST, permutations: int = 999, alpha: float = 0.05, seed: int = 1
) -> pd.DataFrame:
    """No rule of thumb and no word picks the correct options of the set more or less often than chance.

    Tested two-sided by permuted keys (studentised max-T), rules and words as a family each with half of alpha. A
    finding per rule; of words, one for all and one for each of the most telling. Its subject is the cue's name;
    with `not ` before it where the cue is right too seldom, with `:difference` after it where the keys' scores
    differ without the rule being right too often or too seldom.

    Args:
        items: columns of `data.ledger.tables.ITEMS`, all of the set, of one language or several, which are tested
            apart.
        least: fewest questions in a language that are judged.
        permutations: how many permuted labellings.
        alpha: the family-wise error rate in a language.
        seed: of the permutations.
    """
    found: list[dict[str, Any]] = []
    for options in _by_language(items):
        if len(options) < least:
            why = f"{len(options)} questions are too few to judge as a set; {least} are wanted"
            here = [{"subject": "set", "score": np.nan, "flagged": None, "reason": why}]
        else:
            here = _tested(options, permutations, alpha / 2, seed)
        found += [{**one, "language": options.items["language"].iloc[0]} for one in here]
    frame = pd.DataFrame(found, columns=["subject", "language", "score", "flagged", "reason"])
    return frame.astype({"score": "float64", "flagged": "boolean", "subject": "str", "reason": "str"})


def for_audit(items: pd.DataFrame) -> pd.DataFrame:
    """Return items as the audit reads them, without those that cannot be audited.

    Args:
        items: columns of `data.ledger.tables.ITEMS`.

    Returns:
        Columns of `qc.set_statistics.options.COLUMNS`; `item_id` is the question_id, `group` the passage_id.
    """
    sound = [
        isinstance(texts, list) and 1 < len(texts) <= 10 and all(map(_is_text, texts)) and 1 <= key <= len(texts)
        for texts, key in zip(items["answers"], items["key"].fillna(0), strict=True)
    ]
    kept = items[pd.Series(sound, index=items.index, dtype=bool)]
    return pd.DataFrame(
        {
            "item_id": kept["question_id"],
            "language": kept["language"],
            "group": kept["passage_id"],
            "passage": kept["passage"],
            "question": kept["question"].fillna(""),
            "options": kept["answers"].map(list),
            "key": kept["key"].astype("int64") - 1,
        }
    )


def fraction(value: float) -> str:
    """Format a share or a p-value as in reports, to the thousandth at most.

    >>> fraction(0.32), fraction(0.3043), fraction(1.0)
    ('.32', '.304', '1.00')
    """
    whole, _, rest = f"{value:.3f}".partition(".")
    return f"{'' if whole == '0' else whole}.{rest.rstrip('0').ljust(2, '0')}"


SHORTCUT_SUITE: Suite = (telling_option, given_away)
"""The checks of every source item as it is written; `shortcuts` judges the set, and then `narrowed_down` notes."""


def _by_language(items: pd.DataFrame) -> Iterator[Options]:
    from qc.set_statistics.options import Options

    for _, of_language in for_audit(items).groupby("language", sort=True):
        yield Options.of(of_language)


def _by_set(
    items: pd.DataFrame, shown: Set[str] | None, judge: Callable[[Options, Set[str]], dict[str, str]]
) -> pd.DataFrame:
    """Return findings that depend on the set's cues; null if the set could not be judged so far."""
    if shown is None:
        return findings(items, [None] * len(items), f"fewer than {LEAST} questions show nothing as a set")
    said: dict[str, str] = {}
    for options in _by_language(items):
        said |= dict.fromkeys(_ids(options), "")
        said |= judge(options, shown) if shown else {}
    return _told(items, said)


def _tested(options: Options, permutations: int, alpha: float, seed: int) -> list[dict[str, Any]]:
    """Return the findings on a language's set, `alpha` for each of both families."""
    from qc.audit.cues import heuristics, tokens
    from qc.set_statistics.layer_statistics import detect, read

    labellings = options.labellings(permutations, seed)
    reading = read(heuristics.prepare(options), options, labellings)
    adjusted = detect([reading], alpha).adjusted[0]
    rows = []
    for cue, z, accuracy, p in zip(reading.cues, reading.z, reading.accuracy, adjusted, strict=True):
        told = f"{cue.name} {fraction(accuracy)} (chance {fraction(options.chance)})"
        if cue.statistic != "accuracy":
            told = cue.says if z > 0 else cue.against
        rows.append(_finding(cue.name, cue.statistic, float(z), float(p), alpha, told))
    words = tokens.prepare(options)
    reading = read(words, options, labellings)
    adjusted = detect([reading], alpha).adjusted[0]
    rows.append(_finding("words", "accuracy", 1.0, float(adjusted.min(initial=1.0)), alpha, "some words tell"))
    keys = words.keys(labellings[:, 0])
    for place in words.leading(reading.z, _TOKENS):
        cue, z, p = reading.cues[place], float(reading.z[place]), float(adjusted[place])
        by_lot = round(float(words.expected[place]))
        if p <= alpha:
            told = f"{cue.says if z > 0 else cue.against} ({keys[place]} times, by lot {by_lot})"
            rows.append(_finding(cue.name, cue.statistic, z, p, alpha, told))
    return rows


def _finding(name: str, statistic: str, z: float, p: float, alpha: float, told: str) -> dict[str, Any]:
    flagged = p <= alpha
    return {
        "subject": FlaggedCue(name, statistic, seldom=flagged and z < 0).subject,
        "score": p,
        "flagged": flagged,
        "reason": f"{told}, p = {fraction(p)}" if flagged else "",
    }


def _given_away(
    options: Options, named: Named, words: Tokens, shown: Set[str], lead: float, margin: float, times: float
) -> dict[str, str]:
    """Return, by item, sentences on the cues of the set that give it away."""
    from qc.audit.cues import cue_names, picking_accuracy

    telling = {**_telling(named, options, shown), **_telling(words, options, shown)}
    sentences = cue_names.names(options, named, words, telling).set_index("item_id")["cue"]
    flagged: dict[str, str] = {}
    for rule, score in zip(named.rules, named.scores.T, strict=True):
        if rule.name in shown and picking_accuracy.right(options, score) > options.chance + margin:
            flagged |= dict.fromkeys(
                picking_accuracy.seen_best(options, score, lead), f"the correct option {rule.picks}"
            )
    too_often = words.keys(options.keys) > times * words.expected
    for place, cue in enumerate(words.cues):
        if cue.name in shown and cue.kind is CueKind.WORDS and too_often[place]:
            has = np.asarray(words.presence[:, [place]].todense(), dtype=float).ravel()
            flagged |= dict.fromkeys(picking_accuracy.seen_best(options, has, lead), cue.says)
    return {item: str(sentences[item]) or said for item, said in flagged.items()}


def _read(options: Options) -> tuple[Named, Tokens]:
    from qc.audit.cues import heuristics, tokens

    return heuristics.prepare(options), tokens.prepare(options)


def _excluded(
    options: Options, named: Named, words: Tokens, shown: Set[str], margin: float, times: float
) -> tuple[dict[str, str], dict[str, str]]:
    """Return, by item, sentences on the excluded options: for items that must change, and for all."""
    from qc.audit.cues import option_elimination

    seldom = {cue.name for cue in map(FlaggedCue.parse, shown) if cue.seldom}
    by = option_elimination.strikes(options, named, words, seldom, times)
    out = option_elimination.struck(options, by)
    ids = _ids(options)
    partly = {ids[item]: why for item, why in option_elimination.sentences(options, by, out)}
    back = option_elimination.given_away(options, out, margin)
    return {ids[item]: partly[ids[item]] for item in back.tolist()}, partly


def _telling(prepared: Prepared, options: Options, shown: Set[str]) -> dict[str, float]:
    """Return the cues that the set shows, in either direction, with their z."""
    z = prepared.measure(options.keys[:, None]).statistic[:, 0]
    names = {cue.name for cue in map(FlaggedCue.parse, shown) if cue.statistic != "balance"}
    return {cue.name: float(one) for cue, one in zip(prepared.cues, z, strict=True) if cue.name in names}


def _is_text(text: object) -> bool:
    return isinstance(text, str)


def _ids(options: Options) -> list[str]:
    return [str(item) for item in options.items["item_id"]]


def _told(items: pd.DataFrame, said: dict[str, str]) -> pd.DataFrame:
    """Return findings from sentences by question_id: flagged where there is one, null for items without entry."""
    found = [said.get(item) for item in items["question_id"]]
    flags = [None if why is None else bool(why) for why in found]
    return findings(items, flags, [_UNSOUND if why is None else why for why in found])
