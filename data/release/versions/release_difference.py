"""The difference between two releases: every change by item, language and field, and the version that it demands.

A version says what its users must expect. A mended text is a patch; more items or languages are a minor version;
a changed key, an item that is gone or another form of the files is a major one, since results before and after
cannot be compared, or code breaks. The number follows from the difference, so nobody has to remember the rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from data.release.item_columns import ANSWERS
from data.release.release_content import ReleaseContent
from data.release.versions.errata import CorrectedText, Erratum, errata_in, reasons_between, withdrawn_in

Step = Literal["none", "patch", "minor", "major"]

STEPS: tuple[Step, ...] = get_args(Step)

_TEXTS = ("link", "question_number", "flores_passage", "question", *ANSWERS)
_KEY = "correct_answer_num"
_ORDER = "order"
"""The name of a change that shows the same options in another order."""

_FACTS = ("title", "licence", "homepage", "source_language", "hub")
"""What a manifest says of the whole release and users rely on."""


@dataclass(frozen=True)
class Change:
    """One field of one item that reads otherwise.

    Attributes:
        item_id: of the item.
        split: where it is now.
        language: its code.
        field: its column, or `order`: the same options in another order.
        old: the former value.
        new: the present value.
        reason: what was reported and led to it, as the later release says; "" where it says nothing.
    """

    item_id: str
    split: str
    language: str
    field: str
    old: str
    new: str
    reason: str = ""


@dataclass(frozen=True)
class ReleaseDifference:
    """What is different in a release since another.

    Attributes:
        old_version: of the former release.
        new_version: of the later one.
        changes: of items that both have.
        items_added: (split, item_id) of items that the former has in no language.
        items_removed: (split, item_id) of items that the later has in no language.
        items_moved: items that are in another split, by item_id.
        languages_added: codes.
        languages_removed: codes.
        partly: (item_id, language, added or removed) of items that only some languages gained or lost.
        schema: changes of format, columns and order of items, one sentence each.
        facts: (name, former, present) of what is said of the whole.
        withdrawn: (item_id, reason) of removed items that the later release lists as withdrawn.
    """

    old_version: str
    new_version: str
    changes: tuple[Change, ...]
    items_added: tuple[tuple[str, str], ...]
    items_removed: tuple[tuple[str, str], ...]
    items_moved: tuple[str, ...]
    languages_added: tuple[str, ...]
    languages_removed: tuple[str, ...]
    partly: tuple[tuple[str, str, str], ...]
    schema: tuple[str, ...]
    facts: tuple[tuple[str, str, str], ...]
    withdrawn: tuple[tuple[str, str], ...] = ()

    @property
    def keys_changed(self) -> tuple[Change, ...]:
        """The changes after which an answer by letter means something else."""
        return tuple(one for one in self.changes if one.field in (_KEY, _ORDER))

    @property
    def step(self) -> Step:
        """The step of the version that the difference demands."""
        lost = any(way == "removed" for _, _, way in self.partly)
        if (
            self.schema
            or self.keys_changed
            or self.items_removed
            or self.items_moved
            or self.languages_removed
            or lost
        ):
            return "major"
        if self.items_added or self.languages_added or self.partly:
            return "minor"
        return "patch" if self.changes or self.facts else "none"

    @property
    def demanded_version(self) -> str:
        """The lowest version that says what has changed."""
        return next_version(self.old_version, self.step)

    def to_json(self) -> dict[str, Any]:
        """Return the difference as plain values."""
        facts = asdict(self)
        for name in ("items_added", "items_removed"):
            facts[name] = [{"split": split, "item_id": item} for split, item in facts[name]]
        facts["partly"] = [{"item_id": one, "language": code, "way": way} for one, code, way in self.partly]
        facts["facts"] = [{"name": name, "old": old, "new": new} for name, old, new in self.facts]
        facts["withdrawn"] = [{"item_id": item, "reason": reason} for item, reason in self.withdrawn]
        facts["keys_changed"] = sorted({one.item_id for one in self.keys_changed})
        return {**facts, "step": self.step, "demanded_version": self.demanded_version}


def difference(old: ReleaseContent, new: ReleaseContent) -> ReleaseDifference:
    """Return what is different in a release since another; the date in every item does not count."""
    before, now = _by_item(old.items), _by_item(new.items)
    codes = [set(content.items["language"]) for content in (old, new)]
    was, are = (dict(zip(one.items["item_id"], one.items["split"], strict=True)) for one in (old, new))
    both = before.index.intersection(now.index)
    errata = errata_in(new.manifest)
    ways = (("added", now.index.difference(before.index)), ("removed", before.index.difference(now.index)))
    return ReleaseDifference(
        old_version=old.version,
        new_version=new.version,
        changes=tuple(
            sorted(
                (_with_reason(one, old.version, errata) for one in _changes(before.loc[both], now.loc[both])),
                key=lambda one: (one.item_id, one.language, one.field),
            )
        ),
        items_added=tuple(sorted((split, item) for item, split in are.items() if item not in was)),
        items_removed=tuple(sorted((split, item) for item, split in was.items() if item not in are)),
        items_moved=tuple(sorted(item for item in was if item in are and was[item] != are[item])),
        languages_added=tuple(sorted(codes[1] - codes[0])),
        languages_removed=tuple(sorted(codes[0] - codes[1])),
        partly=tuple(
            (item, code, way)
            for way, places in ways
            for code, item in places
            if code in codes[0] & codes[1] and item in was and item in are
        ),
        schema=tuple(_schema(old, new)),
        facts=tuple(_facts(old.manifest, new.manifest)),
        withdrawn=tuple(
            (one.item_id, one.reason)
            for one in withdrawn_in(new.manifest)
            if one.item_id in was and one.item_id not in are
        ),
    )


def _with_reason(change: Change, old: str, errata: Sequence[Erratum]) -> Change:
    if not errata:
        return change
    now = CorrectedText(change.language, change.field, change.old, change.new)
    reason = reasons_between(old, errata, change.item_id, now)
    return replace(change, reason=reason)


def next_version(version: str, step: Step) -> str:
    """Return the version that is one step after another.

    >>> [next_version("1.2.3", step) for step in STEPS]
    ['1.2.3', '1.2.4', '1.3.0', '2.0.0']
    """
    major, minor, patch = map(int, version.split("."))
    steps = {
        "none": (major, minor, patch),
        "patch": (major, minor, patch + 1),
        "minor": (major, minor + 1, 0),
        "major": (major + 1, 0, 0),
    }
    return ".".join(map(str, steps[step]))


def says_less(version: str, than: str) -> bool:
    """Return whether a version comes before another.

    >>> says_less("1.9.0", "1.10.0"), says_less("2.0.0", "2.0.0")
    (True, False)
    """
    return [*map(int, version.split("."))] < [*map(int, than.split("."))]


def told(found: ReleaseDifference, most: int = 20) -> list[str]:
    """Return the difference in lines for a person.

    Args:
        found: the difference.
        most: how many changes of items are listed one by one.
    """
    if found.step == "none":
        return [f"the same items: {found.old_version} and {found.new_version}"]
    lines = [*found.schema]
    lines += [f"{name}: {former or 'none'} → {present or 'none'}" for name, former, present in found.facts]
    for noun, happened, values in (
        ("language", "added", found.languages_added),
        ("language", "removed", found.languages_removed),
        ("item", "added", [_in_split(*one) for one in found.items_added]),
        ("item", "removed", [_in_split(*one) for one in found.items_removed]),
        ("item", "moved to the other split", found.items_moved),
        ("key", "changed", sorted({one.item_id for one in found.keys_changed})),
    ):
        if values:
            plural = "" if len(values) == 1 else "s"
            lines.append(f"{len(values):,} {noun}{plural} {happened}: {_some(list(values), most)}")
    lines += [f"{item} withdrawn: {reason}" for item, reason in found.withdrawn[:most]]
    lines += [f"{item} in {code}: {way}" for item, code, way in found.partly[:most]]
    lines += [
        f"{one.item_id} in {one.language}, {one.field}: {one.old} → {one.new}"
        + (f" (reported: {one.reason})" if one.reason else "")
        for one in found.changes[:most]
    ]
    more = sum(max(0, len(every) - most) for every in (found.withdrawn, found.partly, found.changes))
    if more:
        lines.append(f"and {more:,} more like these; --json has them all")
    change = f"{found.old_version} → {found.new_version}: a {found.step} change"
    lines.append(f"{change}, which demands {found.demanded_version} at least")
    return lines


def _by_item(items: pd.DataFrame) -> pd.DataFrame:
    return items.set_index(["language", "item_id"]).sort_index()


def _changes(before: pd.DataFrame, now: pd.DataFrame) -> Iterator[Change]:
    shown = [list(zip(*(frame[name] for name in ANSWERS), strict=True)) for frame in (before, now)]
    turned = np.array(
        [one != other and sorted(one) == sorted(other) for one, other in zip(*shown, strict=True)], dtype=bool
    )
    found = [
        (line, _ORDER, " | ".join(shown[0][line]), " | ".join(shown[1][line])) for line in np.flatnonzero(turned)
    ]
    for field in (*_TEXTS, _KEY):
        differs = before[field].to_numpy() != now[field].to_numpy()
        if field in ANSWERS:
            differs &= ~turned
        former, present = before[field], now[field]
        found += [
            (line, field, str(former.iloc[line]), str(present.iloc[line])) for line in np.flatnonzero(differs)
        ]
    splits = now["split"]
    for line, field, old, new in found:
        language, item = now.index[line]
        yield Change(str(item), str(splits.iloc[line]), str(language), field, old, new)


def _schema(old: ReleaseContent, new: ReleaseContent) -> Iterator[str]:
    if old.manifest["format"] != new.manifest["format"]:
        yield f"the format is {new.manifest['format']}, and was {old.manifest['format']}"
    for name in sorted({*old.schema} | {*new.schema}):
        former, present = old.schema.get(name, "missing"), new.schema.get(name, "missing")
        if former != present:
            yield f"column {name} is {present}, and was {former}"
    if [*old.schema] != [*new.schema] and sorted(old.schema) == sorted(new.schema):
        yield "the columns stand in another order"
    if _reordered(old.items, new.items):
        yield "items stand in another order"


def _reordered(old: pd.DataFrame, new: pd.DataFrame) -> bool:
    """Return whether the items that both releases have follow each other otherwise, in any file."""
    key = ["split", "language", "item_id"]
    both = old[[*key, "place"]].merge(new[[*key, "place"]], on=key, suffixes=("_old", "_new"))
    both = both.sort_values(["split", "language", "place_old"])
    return bool((both.groupby(["split", "language"])["place_new"].diff() < 0).any())


def _facts(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name in _FACTS:
        if name in old and old[name] != new.get(name):  # what an earlier format did not say is no change
            yield name, str(old[name] or ""), str(new.get(name) or "")


def _in_split(split: str, item: str) -> str:
    return item if split == "test" else f"{item} ({split})"


def _some(values: Sequence[str], most: int) -> str:
    more = f" and {len(values) - most:,} more" if len(values) > most else ""
    return ", ".join(values[:most]) + more
