"""From the items of other people's sets to those of a training set; whatever is left out is named with its reason.

Every item that was read ends in exactly one place: in the training set, or among what was left out. The order is
fixed: faults first, then four options, doubles, overlap, and the cap last, so that the cap counts items that are
usable. Nothing depends on the order of files or lines.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from data.itemsets import ItemSet
from data.ledger.tables import digest
from flows.training_set.four_options import FewerOptions, NotFour, SeveralKeys, four_options
from qc.text.text_folding import fold
from qc.text.text_overlap import Overlap, TextOverlap

Reason = (
    Literal[
        "unreadable",
        "faulty",
        "no_key",
        "no_passage",
        "no_question",
        "double",
        "keys_contradict",
        "overlap_exact",
        "overlap_ngram",
        "overlap_near",
        "over_the_cap",
    ]
    | NotFour
)
"""Why an item is left out."""

REASONS: dict[Reason, str] = {
    "unreadable": "nothing of it could be read",
    "faulty": "a text is missing or no text",
    "no_key": "its correct option cannot be told",
    "no_passage": "it has no passage",
    "no_question": "it has no question",
    "several_keys": "several options are correct",
    "too_few_options": "it has too few options, and its passage has none to fill up with",
    "equal_options": "two options are equal",
    "refers_to_options": "an option speaks of the others, which would have changed",
    "double": "it is there already: same passage, question and options",
    "keys_contradict": "the same item is there with another correct option; both are left out",
    "overlap_exact": "a text of the release or its sources stands in it whole",
    "overlap_ngram": "it shares a run of words with the release or its sources",
    "overlap_near": "its passage nearly repeats one of the release or its sources",
    "over_the_cap": "its source had more items than were wanted",
}
"""The reasons in the order in which they are looked for, in words."""

_HARMLESS = ("missing_id", "doubled_id")  # an item's id here is made from its content
_KEYLESS = ("no_answer", "answer_is_no_option", "answer_is_two_options")


@dataclass(frozen=True)
class SourceSet:
    """A set that training items are taken from.

    Attributes:
        name: what the set is called.
        path: what the user named.
        home: where the set is published; "" if that is not known.
        licence: its licence, or `unknown`.
        language: the code of its language where its files tell none; "" if that is not known.
        read: its items and faults.
    """

    name: str
    path: str
    home: str
    licence: str
    language: str
    read: ItemSet


@dataclass(frozen=True)
class TrainingItem:
    """One item of a training set; `group` is what its passage is known by, `filled` as in `FourOptions`."""

    item_id: str
    group: str
    passage: str
    question: str
    options: tuple[str, ...]
    key: int
    language: str
    source: str
    source_id: str
    licence: str
    home: str
    drawn: int
    filled: int
    place: str


@dataclass(frozen=True)
class LeftOut:
    """An item that is left out; `what` says more: the faulty value, the item or text that it repeats."""

    source: str
    source_id: str
    language: str
    place: str
    reason: Reason
    what: str = ""


@dataclass(frozen=True)
class Rules:
    """How items are made and chosen; see `belebele assemble --help`."""

    several: SeveralKeys = "drop"
    fewer: FewerOptions = "fill"
    most: int | None = None


def training_items(
    sets: Sequence[SourceSet],
    rules: Rules,
    overlap: TextOverlap | None,
    tell: Callable[[str, int, int], None] = lambda _words, _done, _of: None,
) -> tuple[list[TrainingItem], list[LeftOut]]:
    """Return the items of a training set, and those that were left out.

    Args:
        sets: the sets to take from.
        rules: how.
        overlap: the texts that must not be in it; None for none.
        tell: is told of progress.

    Returns:
        The items sorted by source, language, passage and item_id; what was left out, in the order of the sets.
    """
    made: list[TrainingItem] = []
    left: list[LeftOut] = []
    for one in sets:
        for item in _made(one, rules):
            if isinstance(item, TrainingItem):
                made.append(item)
            else:
                left.append(item)
    made.sort(key=lambda item: (item.source, item.language, item.source_id, item.item_id, item.place))
    made = _without_doubles(made, left)
    if overlap is not None:
        made = _without_overlap(made, overlap, left, tell)
    made = _capped(made, rules.most, left)
    return sorted(made, key=lambda item: (item.source, item.language, item.group, item.item_id)), left


def _made(one: SourceSet, rules: Rules) -> Iterator[TrainingItem | LeftOut]:
    faults: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for fault in one.read.faults:
        if fault.kind == "unreadable_line":
            yield LeftOut(one.name, "", "", fault.place, "unreadable", fault.what)
        elif fault.kind not in _HARMLESS:
            faults[fault.place, fault.item_id].append(fault)
    lines = one.read.items.to_dict("records")
    elsewhere: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for line in lines:
        elsewhere[line["language"], line["passage"]] += [(line["item_id"], text) for text in line["options"]]
    for line in lines:
        language = _language(line["language"]) or one.language
        where = (one.name, line["item_id"], language, line["place"])
        if found := faults.get((line["place"], line["item_id"])):
            faulty = [fault for fault in found if fault.kind not in _KEYLESS] or found
            reason: Reason = "no_key" if faulty[0].kind in _KEYLESS else "faulty"
            yield LeftOut(*where, reason, faulty[0].what)
        elif not line["keys"]:
            yield LeftOut(*where, "no_key")
        elif not (line["passage"] or "").strip():
            yield LeftOut(*where, "no_passage")
        elif not line["question"].strip():
            yield LeftOut(*where, "no_question")
        else:
            others = elsewhere[line["language"], line["passage"]]
            four = four_options(
                line["question"],
                line["options"],
                line["keys"],
                [text for item, text in others if item != line["item_id"]],
                several=rules.several,
                fewer=rules.fewer,
            )
            if isinstance(four, str):
                yield LeftOut(*where, four)
                continue
            texts = (line["passage"], line["question"], four.options, four.key)
            yield TrainingItem(
                f"{_slug(one.name)}-{digest(one.name, language, *texts)[:16]}",
                digest(one.name, language, line["passage"])[:16],
                *texts,
                language,
                one.name,
                line["item_id"],
                one.licence,
                one.home,
                four.drawn,
                four.filled,
                line["place"],
            )


def _without_doubles(made: Sequence[TrainingItem], left: list[LeftOut]) -> list[TrainingItem]:
    """Keep the first of equal items; of those that differ only in their key, none."""
    first: dict[str, TrainingItem] = {}
    keys: dict[str, set[str]] = defaultdict(set)
    marks = [digest(item.language, *map(fold, (item.passage, item.question)), sorted(map(fold, item.options)))
             for item in made]  # fmt: skip
    for mark, item in zip(marks, made, strict=True):
        keys[mark].add(fold(item.options[item.key]))
        first.setdefault(mark, item)
    kept = []
    for mark, item in zip(marks, made, strict=True):
        if len(keys[mark]) > 1:
            left.append(_left(item, "keys_contradict", _named(first[mark])))
        elif first[mark] is not item:
            left.append(_left(item, "double", _named(first[mark])))
        else:
            kept.append(item)
    return kept


def _without_overlap(
    made: Sequence[TrainingItem],
    overlap: TextOverlap,
    left: list[LeftOut],
    tell: Callable[[str, int, int], None],
) -> list[TrainingItem]:
    kept = []
    passages: dict[str, list[Overlap]] = {}
    for number, item in enumerate(made):
        if number % 200 == 0:
            tell("comparing", number, len(made))
        if item.group not in passages:
            passages[item.group] = overlap.find(item.passage)
        found = passages[item.group] or overlap.find("\n".join([item.question, *item.options]))
        if not found:
            kept.append(item)
            continue
        order = ("exact", "ngram", "near")
        worst = min(found, key=lambda one: (order.index(one.kind), -one.words, one.text))
        text = overlap.texts[worst.text]
        what = f"{text.field} of {text.name}{f' ({text.language})' if text.language else ''}: {worst.excerpt}"
        reasons: dict[str, Reason] = {
            "exact": "overlap_exact", "ngram": "overlap_ngram", "near": "overlap_near"
        }  # fmt: skip
        left.append(_left(item, reasons[worst.kind], what))
    return kept


def _capped(made: Sequence[TrainingItem], most: int | None, left: list[LeftOut]) -> list[TrainingItem]:
    """Keep at most so many items of each source, drawn by lot from their ids."""
    by_source: dict[str, list[TrainingItem]] = defaultdict(list)
    for item in made:
        by_source[item.source].append(item)
    kept = []
    for items in by_source.values():
        drawn = sorted(items, key=lambda item: hashlib.sha256(item.item_id.encode()).digest())
        most_here = len(drawn) if most is None else most
        kept += drawn[:most_here]
        left += [_left(item, "over_the_cap") for item in drawn[most_here:]]
    return kept


def _left(item: TrainingItem, reason: Reason, what: str = "") -> LeftOut:
    return LeftOut(item.source, item.source_id, item.language, item.place, reason, what)


def _named(item: TrainingItem) -> str:
    return f"{item.source} {item.source_id} ({item.place})"


def _slug(name: str) -> str:
    plain = "".join(one if one.isascii() and one.isalnum() else "-" for one in name.casefold())
    return "-".join(part for part in plain.split("-") if part) or "set"


def _language(spelt: str) -> str:
    """Return the code of a language as a set spells it; as it is spelt if we do not know it."""
    from data.language_tags import language_meant

    found = language_meant(spelt) if spelt else None
    return found.code if found is not None else spelt
