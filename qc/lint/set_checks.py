"""Checks over a whole set in each of its languages: doubled items, the places of keys, digits that were declared.

They take `qc.lint.set_items.lint_items`. A fault of the whole set is reported once, not on each of its items.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cache

import pandas as pd

from qc.check import Span, Suite, check, findings, option_part
from qc.checks.structure_checks import options_as_set, spaceless, speaks_of_others
from qc.lint.key_positions import position_test
from qc.text.text_folding import fold


@check(scope="item")
def doubled_item(items: pd.DataFrame) -> pd.DataFrame:
    """No other item of the language has the same passage, question and options.

    The order of the options does not matter. The second such item and all that follow are flagged.
    """
    alike: dict[object, list[int]] = defaultdict(list)
    lines = zip(*(items[name] for name in ("called", "passage", "question", "answers")), strict=True)
    for row, (called, passage, question, answers) in enumerate(lines):
        alike[called, fold(passage), spaceless(fold(question)), options_as_set(answers)].append(row)
    ids = list(items["question_id"])
    reasons = [""] * len(items)
    keys = [_key_texts(*line) for line in zip(items["answers"], items["keys"], strict=True)]
    for first, *more in alike.values():
        for row in more:
            differs = "" if keys[row] == keys[first] else ", with another key"
            reasons[row] = f"is the item {ids[first]} once more{differs}"
    return findings(
        items,
        [bool(reason) for reason in reasons],
        reasons,
        spans=[[Span("item", reason)] if reason else [] for reason in reasons],
    )


@check(scope="item")
def question_again(items: pd.DataFrame) -> pd.DataFrame:
    """No item before asks the same question on the same passage with some of the same options.

    Such items are one question in two versions, so they count twice in a score and must not lie in two splits.
    The score is the share of options that are new; it is 0 where one item's key is a wrong option of the other,
    since one of the two keys is then wrong. Items that share no option are not flagged: 'What may happen next?'
    can be asked twice of a story. Options that speak of the others ('none of the above') are not compared.
    """
    ids = list(items["question_id"])
    alike: dict[object, list[int]] = defaultdict(list)
    columns = (items["called"], items["passage_id"], items["question"])
    for row, (called, passage, question) in enumerate(zip(*columns, strict=True)):
        if asked := spaceless(fold(question)):
            alike[called, passage, asked].append(row)
    reasons, scores = [""] * len(items), [1.0] * len(items)
    for rows in (some for some in alike.values() if len(some) > 1):
        options = {row: _compared(items["answers"].iloc[row], items["keys"].iloc[row]) for row in rows}
        for place, row in enumerate(rows[1:], 1):
            shared = {before: options[row].keys() & options[before].keys() for before in rows[:place]}
            nearest = max(shared, key=lambda before: len(shared[before]))
            same, count = len(shared[nearest]), len(items["answers"].iloc[row])
            twins = options_as_set(items["answers"].iloc[row]) in (
                options_as_set(items["answers"].iloc[before]) for before in rows[:place]
            )
            if not same or twins:  # of twins `doubled_item` tells
                continue
            reasons[row] = f"asks the same as {ids[nearest]}, with {same} of {count} options the same"
            scores[row] = 1 - same / count
            if any(options[row][one] != options[nearest][one] for one in shared[nearest]):
                reasons[row] += "; what is right in one of them is wrong in the other"
                scores[row] = 0.0
    return findings(
        items,
        [bool(reason) for reason in reasons],
        reasons,
        scores,
        spans=[[Span("question", reason)] if reason else [] for reason in reasons],
    )


def _compared(answers: Sequence[str], keys: Sequence[int]) -> dict[str, bool]:
    """Return for each option, folded, whether it is right; without those that speak of the other options."""
    folded = ((fold(text), number in keys) for number, text in enumerate(answers, 1))
    return {spaceless(text): right for text, right in folded if not speaks_of_others(text)}


def _key_texts(answers: Sequence[str], keys: Sequence[int]) -> tuple[str, ...]:
    return options_as_set([answers[key - 1] for key in keys if key <= len(answers)])


@check(scope="set")
def key_positions(
    items: pd.DataFrame, *, alpha: float = 0.01, least: int = 30, draws: int = 20_000
) -> pd.DataFrame:
    """The keys are spread over the places of the options as by lot.

    The places are compared with equal chances by Pearson's chi-square, whose probability is found by drawing keys
    anew; the key of a parallel item is drawn once. Languages that share their keys make one test. If there are
    several tests, every p-value is multiplied by their number (Bonferroni). Items with different numbers of
    options are tested separately, and their chi-squares are added up. The score is the p-value.

    Args:
        items: as `qc.lint.set_items.lint_items` makes them.
        alpha: family-wise rate of false alarms.
        least: fewest items for a test.
        draws: how often keys are drawn.
    """
    tests = _keys_by_language(items)
    lines: list[tuple[str, bool | None, float, str]] = []
    for languages, (keys, sizes) in tests.items():
        where = languages[0] if len(languages) == 1 else ""
        if len(keys) < least:
            lines.append((where, None, float("nan"), f"{len(keys)} keys are too few; {least} are needed"))
            continue
        p = min(1.0, position_test(keys, sizes, draws) * len(tests))
        counts = Counter(keys)
        told = ", ".join(f"{counts.get(place, 0)} in place {place}" for place in range(1, max(sizes) + 1))
        flagged = p <= alpha
        lines.append(
            (where, flagged, p, f"keys are not spread as by lot (p = {p:.2g}): {told}" if flagged else "")
        )
    return pd.DataFrame(
        {
            "subject": pd.Series([""] * len(lines), dtype="str"),
            "language": pd.Series([line[0] for line in lines], dtype="str"),
            "flagged": pd.Series([line[1] for line in lines], dtype="boolean"),
            "score": pd.Series([line[2] for line in lines], dtype="float64"),
            "reason": pd.Series([line[3] for line in lines], dtype="str"),
        }
    )


def _keys_by_language(items: pd.DataFrame) -> Mapping[tuple[str, ...], tuple[list[int], list[int]]]:
    """Return keys and numbers of options; languages whose shared items have the same keys are joined."""
    single = items[items["key"].notna() & (items["keys"].map(len) == 1)]
    own: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for called, name, key, answers in zip(
        single["called"], single["question_id"], single["key"], single["answers"], strict=True
    ):
        if 1 <= key <= len(answers):
            own[called][name] = int(key), len(answers)
    families: list[tuple[list[str], dict[str, tuple[int, int]]]] = []
    for called in sorted(own):
        for languages, known in families:
            shared = own[called].keys() & known.keys()
            if shared and sum(own[called][name] == known[name] for name in shared) > 0.9 * len(shared):
                languages.append(called)
                known |= {name: key for name, key in own[called].items() if name not in known}
                break
        else:
            families.append(([called], dict(own[called])))
    return {
        tuple(languages): ([key for key, _ in known.values()], [size for _, size in known.values()])
        for languages, known in families
    }


SYSTEMS: Mapping[str, str] = {
    "latn": "0", "arab": "\u0660", "arabext": "\u06f0", "beng": "\u09e6", "deva": "\u0966", "gujr": "\u0ae6",
    "guru": "\u0a66", "khmr": "\u17e0", "knda": "\u0ce6", "laoo": "\u0ed0", "mlym": "\u0d66", "mymr": "\u1040",
    "orya": "\u0b66", "tamldec": "\u0be6", "telu": "\u0c66", "thai": "\u0e50", "tibt": "\u0f20", "nkoo": "\u07c0",
    "olck": "\u1c50", "fullwide": "\uff10",
}  # fmt: skip
"""The zero of each system of digits, by its name in Unicode's locale data; the other digits follow the zero."""

_DOUBLED = re.compile(r"(?<![\s.!?:;…。！？।\"'”’»)\]])[^\S\n\r\t\v\f]{2,}(?=\S)")
"""Spaces in a row within a line, but not after a sentence's end, where some typists put two."""

_ENDS = re.compile(r"\A[^\S\n\r]+(?=\S)|(?<=\S)[^\S\n\r]+\Z")


@check(scope="item")
def passage_spaces(items: pd.DataFrame) -> pd.DataFrame:
    """The passage has no space at an end, and no two in a row within a sentence.

    Line breaks, tabs and a line's indentation are layout. A passage is judged with its first item.
    """
    seen: set[tuple[str, str]] = set()
    spans: list[list[Span]] = []
    first: list[bool] = []
    for called, name, text in zip(items["called"], items["passage_id"], items["passage"], strict=True):
        first.append(bool(text.strip()) and (called, name) not in seen)
        seen.add((called, name))
        ends = [(one, "the passage begins or ends with a space") for one in _ENDS.finditer(text)]
        doubled = [(one, "the passage has two spaces in a row") for one in _DOUBLED.finditer(text)]
        spans.append([Span("passage", told, *one.span()) for one, told in (*ends, *doubled)] if first[-1] else [])
    reasons = ["; ".join(dict.fromkeys(span.reason for span in some)) for some in spans]
    return findings(items, [bool(some) for some in spans], reasons, spans=spans, applicable=first)


_DIGITS = re.compile(r"\d+")


@check(scope="item")
def declared_digits(items: pd.DataFrame, *, systems: tuple[str, ...] = ()) -> pd.DataFrame:
    """All digits are of the system that was declared for the language.

    Args:
        items: as `qc.lint.set_items.lint_items` makes them.
        systems: languages and systems in turn, as `fas`, `arabext`; other languages are not judged.
    """
    declared = dict(zip(systems[::2], systems[1::2], strict=True))
    spans, known = [], []
    for called, passage, question, answers in zip(
        items["called"], items["passage"], items["question"], items["answers"], strict=True
    ):
        system = declared.get(called, "")
        known.append(bool(system))
        parts = [("passage", passage), ("question", question)]
        parts += [(option_part(number), text) for number, text in enumerate(answers, 1)]
        spans.append([span for part, text in parts for span in _digits(part, text, system)] if system else [])
    reasons = ["; ".join(dict.fromkeys(span.reason for span in some)) for some in spans]
    return findings(items, [bool(some) for some in spans], reasons, spans=spans, applicable=known)


def _digits(part: str, text: str, system: str) -> Sequence[Span]:
    wanted = _signs(system)
    found = []
    for one in _DIGITS.finditer(text):
        right = "".join(wanted[unicodedata.decimal(digit)] for digit in one[0])
        if right != one[0]:
            name = part.replace("_", " ") if part.startswith("option") else f"the {part}"
            found.append(Span(part, f"{name} has digits that are not {system}: {one[0]}", *one.span(), right))
    return found


@cache
def _signs(system: str) -> str:
    nought = ord(SYSTEMS[system])
    return "".join(chr(nought + value) for value in range(10))


SET_SUITE: Suite = (doubled_item, question_again, passage_spaces, key_positions)
