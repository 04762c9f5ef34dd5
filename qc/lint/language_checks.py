"""Checks between the languages of a set: what an item has in one and not in the others.

They take `qc.lint.set_items.lint_items`; items with the same id are the same item. Nobody can read two hundred
languages, but some things can be compared without reading: which items share a passage, which key an item has, and
where its numbers and names stand. The source language is taken for right if it is known, otherwise most languages.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from typing import TypeVar

import numpy as np
import pandas as pd

from qc.check import Span, Suite, check, findings
from qc.checks.wording_checks import quoted
from qc.text.text_folding import SPACELESS, fold, script_of

_Told = TypeVar("_Told", bound=Hashable)


@check(scope="language")
def missing_item(items: pd.DataFrame) -> pd.DataFrame:
    """No language lacks an item that the source language or at least half of the languages have.

    Subjects are items. Languages that share no item with any other are not compared.
    """
    having: dict[str, set[str]] = defaultdict(set)
    for name, called in zip(items["question_id"], items["called"], strict=True):
        having[name].add(called)
    there = {called for some in having.values() if len(some) > 1 for called in some}
    sources = {called for called, kind in zip(items["called"], items["kind"], strict=True) if kind == "source"}
    source = sources if len(sources) == 1 and (items["kind"] != "source").any() else set()
    lines = []
    for name, some in sorted(having.items()):
        if some <= there and ((source & some) or 2 * len(some & there) >= len(there)):
            reason = f"is missing, and stands in {len(some)} of {len(there)} languages"
            for called in sorted(there):
                lacking = called not in some
                lines.append((name, called, lacking, 0.0 if lacking else 1.0, reason if lacking else ""))
    return pair_findings(lines)


@check(scope="item")
def key_differs(items: pd.DataFrame) -> pd.DataFrame:
    """The item has the same key in all languages.

    A key that differs from the source's is flagged or, without a source, one that differs from most languages'; if
    no key has a majority, all are flagged. Options whose order visibly differs are left to `moved_options`.
    """
    told = [tuple(sorted(keys)) for keys in items["keys"]]
    right = _usual(items, told)
    moved = _moved(items)
    flagged: list[bool | None] = []
    reasons = []
    shared = _shared(items)
    for row, (name, keys) in enumerate(zip(items["question_id"], told, strict=True)):
        wanted = right.get(name)
        same = not shared[row] or not keys or wanted == keys or row in moved
        flagged.append(None if shared[row] and not keys else not same)
        if shared[row] and not keys:
            reasons.append("the key is not known")
        elif same:
            reasons.append("")
        elif wanted is None:
            reasons.append(
                f"the key is option {_listed(keys)}, and languages do not agree: {_votes(items, told, name)}"
            )
        else:
            reasons.append(f"the key is option {_listed(keys)}, and option {_listed(wanted)} elsewhere")
    return findings(items, flagged, reasons, spans=_item_spans(flagged, reasons), applicable=shared)


@check(scope="item")
def moved_options(items: pd.DataFrame) -> pd.DataFrame:
    """The options stand in the order of the source, else of the first language, as far as that can be seen.

    The order can be seen from options with the same words or numbers. Two options that changed places are flagged
    whether or not the key moved with them: if it did not move, it is wrong.
    """
    moved = _moved(items)
    keys = list(items["keys"])
    reasons = []
    for row in range(len(items)):
        if row not in moved:
            reasons.append("")
            continue
        reference, (one, other) = moved[row]
        went = keys[row] == tuple(sorted({one: other, other: one}.get(key, key) for key in keys[reference]))
        fate = "and the key went with them" if went else "and the key did not go with them"
        where = items["called"].iloc[reference] or "the other language"
        untouched = {one, other}.isdisjoint(keys[reference]) and keys[row] == keys[reference]
        reasons.append(
            f"options {one} and {other} changed places against {where}" + ("" if untouched else f", {fate}")
        )
    flagged = [bool(reason) for reason in reasons]
    return findings(items, flagged, reasons, spans=_item_spans(flagged, reasons), applicable=_shared(items))


@check(scope="item")
def passage_of_another(items: pd.DataFrame, *, letters: int = 80, dense_letters: int = 30) -> pd.DataFrame:
    """The item shares its passage with the same items as in the other languages.

    An item is flagged if it has the passage of an item with which it shares none in other languages, or if it
    lacks the passage that its neighbours share both here and there. Premises of one sentence are not judged: two
    of them may well become one in translation ("the power went out in my house", "the lights went out").

    Args:
        items: as `qc.lint.set_items.lint_items` makes them.
        letters: fewest letters of a passage.
        dense_letters: the same in scripts that do not part words.
    """
    share = _Passages(items, letters, dense_letters)
    reasons = [""] * len(items)
    for called in share.judged:
        for together in share.classes(called).values():
            for some, owner in share.intruders(called, together):
                for row in some:
                    reasons[row] = f"has the passage of item {owner}, with which it shares none in other languages"
        for row, mates in share.leavers(called):
            if not reasons[row]:
                reasons[row] = f"has another passage than item {mates}, with which it shares one elsewhere"
    flagged = [bool(reason) for reason in reasons]
    spans = [[Span("passage", reason)] if reason else [] for reason in reasons]
    return findings(items, flagged, reasons, spans=spans, applicable=share.applicable())


@check(scope="item")
def borrowed_sentence(items: pd.DataFrame, *, letters: int = 40, dense_letters: int = 16) -> pd.DataFrame:
    """No sentence of the passage stands in the passage of another item too, unless it does in other languages.

    This finds a spliced passage without reading it. Of the two passages, the spliced one is the one that is longer
    than in other languages; if that does not tell them apart, both are flagged.

    Args:
        items: as `qc.lint.set_items.lint_items` makes them.
        letters: fewest letters of a sentence.
        dense_letters: the same in scripts that do not part words.
    """
    share = _Passages(items)
    reasons: list[str] = [""] * len(items)
    spans: list[list[Span]] = [[] for _ in reasons]
    ids, texts = list(items["question_id"]), list(items["passage"])
    for called in share.judged:
        dense = script_of(str(items["language"].iloc[share.rows[called][0]])) in SPACELESS
        places: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        for rows in share.classes(called).values():
            for start, end in _sentences(texts[rows[0]], dense=dense):
                sentence = texts[rows[0]][start:end]
                if sum(map(str.isalpha, sentence)) >= (dense_letters if dense else letters):
                    places[fold(sentence)].append((rows[0], start, end))
        for some in places.values():
            for one, other in combinations({place[0]: place for place in some}.values(), 2):
                if share.strangers(called, ids[one[0]], ids[other[0]]):
                    for borrower, lender in share.borrowers(called, one, other):
                        at, start, end = borrower
                        said = f"a sentence stands also in the passage of item {ids[lender[0]]}"
                        told = f"{said}, and does not elsewhere: {quoted(texts[at][start:end])}"
                        for row in share.classes(called)[share.class_of[at]]:
                            reasons[row] = "; ".join(filter(None, [reasons[row], told]))
                            spans[row].append(Span("passage", told, start, end))
    return findings(
        items, [bool(reason) for reason in reasons], reasons, spans=spans, applicable=share.applicable()
    )


@check(scope="item")
def passage_length(
    items: pd.DataFrame, *, times: float = 3.0, fewest: int = 8, characters: int = 120
) -> pd.DataFrame:
    """The passage is not far longer or shorter than the same passage in the other languages.

    As in `length_ratio` for sentences, the expected length is the median of the logarithms of its lengths in all
    languages, plus the usual deviation of its own language.

    Args:
        items: as `qc.lint.set_items.lint_items` makes them.
        times: how many times longer or shorter it must be.
        fewest: languages that are needed.
        characters: least length that the passage has in half of the languages; a shorter text varies by more.
    """
    lengths = items["passage"].str.len().astype("float64").where(lambda length: length > 0)
    frame = pd.DataFrame({"name": items["question_id"], "called": items["called"], "length": np.log(lengths)})
    named = frame.groupby("name")["length"]
    enough = (named.transform("count") >= fewest) & (named.transform("median") >= np.log(characters))
    for by in ("name", "called"):
        frame["length"] -= frame.groupby(by)["length"].transform("median")
    reasons = []
    for length, counted in zip(frame["length"], enough, strict=True):
        far = counted and abs(length) > np.log(times)
        how = (
            f"the passage is {np.exp(abs(length)):.1f} times {'longer' if length > 0 else 'shorter'}"
            if far
            else ""
        )
        reasons.append(f"{how} than in the other languages" if far else "")
    spans = [[Span("passage", reason)] if reason else [] for reason in reasons]
    return findings(items, [bool(reason) for reason in reasons], reasons, spans=spans, applicable=list(enough))


@check(scope="pair")
def copied_language(items: pd.DataFrame, *, least_share: float = 0.05, fewest: int = 5) -> pd.DataFrame:
    """No two languages have the same options in many of their items.

    Args:
        items: as `qc.lint.set_items.lint_items` makes them.
        least_share: share, of the items that both have and that hold words, from which on a pair is flagged.
        fewest: fewest items that both must have.
    """
    texts: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for name, called, answers in zip(items["question_id"], items["called"], items["answers"], strict=True):
        folded = tuple(map(fold, answers))
        if any(" " in text or len(text) > 7 for text in folded):  # numbers and names are the same everywhere
            texts[called][name] = folded
    found = []
    for one, other in combinations(sorted(texts), 2):
        both = texts[one].keys() & texts[other].keys()
        same = sum(texts[one][name] == texts[other][name] for name in both)
        if len(both) >= fewest:
            share = same / len(both)
            flagged = same > 1 and share >= least_share
            told = f"{share:.0%} of the items have the same options in {one} and {other} ({same} of {len(both)})"
            found.append((f"{one}+{other}", f"{one}+{other}", flagged, 1 - share, told if flagged else ""))
    return pair_findings(found)


LANGUAGE_SUITE: Suite = (
    missing_item,
    key_differs,
    moved_options,
    passage_of_another,
    borrowed_sentence,
    passage_length,
    copied_language,
)
"""Checks between languages; each takes the items of all languages at once."""


def pair_findings(lines: Sequence[tuple[str, str, bool | None, float, str]]) -> pd.DataFrame:
    """Return the findings of a check between languages: subject, language, flagged, score and reason a line."""
    subject, called, flagged, score, reason = zip(*lines, strict=True) if lines else ((),) * 5
    return pd.DataFrame(
        {
            "subject": pd.Series(subject, dtype="str"),
            "language": pd.Series(called, dtype="str"),
            "flagged": pd.Series(flagged, dtype="boolean"),
            "score": pd.Series(score, dtype="float64"),
            "reason": pd.Series(reason, dtype="str"),
        }
    )


def _shared(items: pd.DataFrame) -> list[bool]:
    """Return for each item whether another language has it too."""
    return list(items.groupby("question_id")["called"].transform("nunique") > 1)


def _usual(items: pd.DataFrame, told: Sequence[_Told]) -> Mapping[str, _Told]:
    """Return for each item what its source says, else what most languages say; items with a tie are left out."""
    votes: dict[str, Counter[_Told]] = defaultdict(Counter)
    usual: dict[str, _Told] = {}
    translated = (items["kind"] != "source").any()
    for name, kind, one in zip(items["question_id"], items["kind"], told, strict=True):
        if one:
            votes[name][one] += 1
            if translated and kind == "source":
                usual[name] = one
    for name, counts in votes.items():
        (first, times), *rest = counts.most_common(2)
        if name not in usual and (not rest or rest[0][1] < times):
            usual[name] = first
    return usual


def _votes(items: pd.DataFrame, told: Sequence[tuple[int, ...]], name: str) -> str:
    rows = np.flatnonzero((items["question_id"] == name).to_numpy())
    counts = Counter(told[row] for row in rows if told[row])
    return ", ".join(f"option {_listed(keys)} in {times}" for keys, times in sorted(counts.items()))


def _listed(keys: Sequence[int]) -> str:
    return " and ".join(map(str, keys))


def _item_spans(flagged: Sequence[bool | None], reasons: Sequence[str]) -> list[list[Span]]:
    return [[Span("item", reason)] if flag else [] for flag, reason in zip(flagged, reasons, strict=True)]


def _moved(items: pd.DataFrame) -> Mapping[int, tuple[int, tuple[int, int]]]:
    """Return, by row, the row that it is compared with and the two options (from 1) that changed places."""
    words = [[_anchors(text) for text in answers] for answers in items["answers"]]
    rows_of: dict[str, list[int]] = defaultdict(list)
    for row, (name, kind) in enumerate(zip(items["question_id"], items["kind"], strict=True)):
        rows_of[name].insert(0 if kind == "source" else len(rows_of[name]), row)
    found: dict[int, tuple[int, tuple[int, int]]] = {}
    for reference, *rest in rows_of.values():
        for row in rest:
            here, there = words[row], words[reference]
            if len(here) == len(there) and (pair := _swap(there, here)) is not None:
                found[row] = reference, pair
    return found


def _swap(there: Sequence[frozenset[str]], here: Sequence[frozenset[str]]) -> tuple[int, int] | None:
    for one, other in combinations(range(len(there)), 2):
        crossed = _alike(there[one], here[other]) and _alike(there[other], here[one])
        if crossed and not there[one] & here[one] and not there[other] & here[other]:
            return one + 1, other + 1
    return None


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) * 2 >= max(len(one), len(other), 1) and bool(one & other)


@lru_cache(maxsize=1 << 16)
def _anchors(text: str) -> frozenset[str]:
    """Return the parts of a text that many languages keep: numbers, and words of four letters or more."""
    return frozenset(word for word in fold(text).split() if len(word) >= 4 or any(map(str.isdecimal, word)))


_ENDING = r"!?。！？؟।॥\n"
_CLOSING = r"[\"”»’)]*"
_SENTENCE = re.compile(rf"(?:[^.{_ENDING}]|(?<![^\W\d_]{{2}})\.)+(?:[.{_ENDING}]+{_CLOSING})?")
_DENSE_SENTENCE = re.compile(rf"[^{_ENDING}]+(?:[{_ENDING}]+{_CLOSING})?")


def _sentences(text: str, *, dense: bool) -> list[tuple[int, int]]:
    """Return where sentences begin and end; a point after an initial, or in a dense script, ends none."""
    found = []
    for one in (_DENSE_SENTENCE if dense else _SENTENCE).finditer(text):
        lead = len(one[0]) - len(one[0].lstrip())
        found.append((one.start() + lead, one.start() + len(one[0].rstrip())))
    return found


class _Passages:
    """The items that share a passage, by language.

    Attributes:
        rows: the rows of items with a passage, by language.
        class_of: the id of the passage in its language, by row.
    """

    def __init__(self, items: pd.DataFrame, letters: int = 1, dense_letters: int = 1) -> None:
        self._long = [
            sum(map(str.isalpha, text)) >= (dense_letters if script_of(code) in SPACELESS else letters)
            for text, code in zip(items["passage"], items["language"], strict=True)
        ]
        self._ids = list(items["question_id"])
        self._texts = list(items["passage"])
        self._called = list(items["called"])
        self.class_of = list(items["passage_id"])
        self._of: dict[str, dict[str, str]] = defaultdict(dict)
        self.rows: dict[str, list[int]] = defaultdict(list)
        self._row: dict[tuple[str, str], int] = {}
        for row, (called, name) in enumerate(zip(self._called, self._ids, strict=True)):
            if self._long[row]:
                self.rows[called].append(row)
                self._of[called][name] = self.class_of[row]
                self._row[called, name] = row
        self._classes: dict[str, dict[str, list[int]]] = {}
        sources = {c for c, kind in zip(self._called, items["kind"], strict=True) if kind == "source"}
        self._source = next(iter(sources)) if len(sources) == 1 and len(self._of) > 1 else ""

    @property
    def judged(self) -> list[str]:
        """The languages that are compared with others: all but the source, which is taken for right."""
        return [called for called in self.rows if called != self._source]

    def applicable(self) -> list[bool]:
        """Return for each item whether it is judged: another language has it with a passage, too."""
        counts = Counter(name for known in self._of.values() for name in known)
        lines = zip(self._called, self._ids, self._long, strict=True)
        return [called != self._source and long and counts[name] > 1 for called, name, long in lines]

    def classes(self, called: str) -> Mapping[str, list[int]]:
        """Return the rows of a language by passage."""
        if called not in self._classes:
            made: dict[str, list[int]] = defaultdict(list)
            for row in self.rows[called]:
                made[self.class_of[row]].append(row)
            self._classes[called] = made
        return self._classes[called]

    def _elsewhere(self, called: str, one: str, other: str) -> tuple[int, int]:
        """Return in how many other languages two items share a passage, and in how many they do not."""
        asked = [self._source] if self._source and self._source != called else [c for c in self._of if c != called]
        known = [self._of[c] for c in asked if one in self._of[c] and other in self._of[c]]
        together = sum(of[one] == of[other] for of in known)
        return together, len(known) - together

    def strangers(self, called: str, one: str, other: str) -> bool:
        """Return whether two items have different passages in most other languages."""
        together, parted = self._elsewhere(called, one, other)
        return parted > together

    def intruders(self, called: str, rows: Sequence[int]) -> list[tuple[list[int], str]]:
        """Return, of items that share a passage here, those that do not elsewhere, each with one of its owners."""
        families: list[list[int]] = []
        for row in rows:
            home = next(
                (some for some in families if not self.strangers(called, self._ids[some[0]], self._ids[row])), None
            )
            if home is None:
                families.append([row])
            else:
                home.append(row)
        if len(families) < 2:
            return []
        fits = [(self._fit(called, some[0]), len(some)) for some in families]
        best = max(fits)
        owners = [some for some, fit in zip(families, fits, strict=True) if fit == best]
        if len(owners) > 1:
            return [(some, self._ids[next(o for o in owners if o is not some)[0]]) for some in families]
        return [(some, self._ids[owners[0][0]]) for some in families if some is not owners[0]]

    def leavers(self, called: str) -> list[tuple[int, str]]:
        """Return items that lack the passage of those with which they share one elsewhere, with one of these."""
        homes: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        other = self._source if self._source and self._source != called else ""
        for row in self.rows[called]:
            votes = Counter(
                (c, self._of[c][self._ids[row]])
                for c in ([other] if other else [c for c in self._of if c != called])
                if self._ids[row] in self._of[c]
            )
            for c, name in votes:
                homes[f"{c}\0{name}"][self.class_of[row]].append(row)
        left: dict[int, tuple[int, str]] = {}
        for here in homes.values():
            if len(here) > 1:
                usual = max(here.values(), key=len)
                for some in here.values():
                    if some is not usual and len(some) <= len(usual):
                        for row in some:
                            left[row] = left.get(row, (0, ""))[0] + 1, self._ids[usual[0]]
        return [
            (row, mate)
            for row, (_, mate) in sorted(left.items())
            if not self.strangers(called, self._ids[row], mate)
        ]

    def _fit(self, called: str, row: int) -> int:
        """Return how many numbers and names of the passage here stand in the item's passage elsewhere."""
        name = self._ids[row]
        mine = _anchors(self._texts[row])
        others = [self._row[c, name] for c in self._of if c != called and name in self._of[c]]
        return max((len(mine & _anchors(self._texts[other])) for other in others), default=0)

    def borrowers(
        self, called: str, one: tuple[int, int, int], other: tuple[int, int, int]
    ) -> list[tuple[tuple[int, int, int], tuple[int, int, int]]]:
        """Return which of two passages with a common sentence took it, and from which; both if that is unclear."""
        ratio = self._ratio(called, one[0]) - self._ratio(called, other[0])
        if abs(ratio) < 0.1:
            return [(one, other), (other, one)]
        return [(one, other)] if ratio > 0 else [(other, one)]

    def _ratio(self, called: str, row: int) -> float:
        name = self._ids[row]
        others = [len(self._texts[self._row[c, name]]) for c in self._of if c != called and name in self._of[c]]
        return float(np.log(len(self._texts[row])) - np.mean(np.log(others))) if others else 0.0
