"""Errata: what was wrong in earlier versions of a release and was corrected, and what was withdrawn.

They are told in every later version, so that whoever has results on an earlier one finds out what they are worth.
A withdrawn item stays listed and its id is never given to another one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class CorrectedText:
    """One field of an item that a correction changed, as the release has it.

    Attributes:
        language: its code.
        field: a column of the release's tables.
        old: the former value.
        new: the present value.
    """

    language: str
    field: str
    old: str
    new: str


@dataclass(frozen=True)
class Erratum:
    """A reported error that was corrected.

    Attributes:
        patch: the report's id.
        version: of the first release with the correction.
        item_id: of the item.
        language: in which it was reported.
        part: the column that it was reported in; "" where that was not said.
        error: what was wrong, in the reporter's words.
        credit: whom the release thanks; "" for nobody.
        url: where the report can be read; "" for nowhere.
        changes: what the correction changed, in every language of the release.
    """

    patch: str
    version: str
    item_id: str
    language: str
    part: str
    error: str
    credit: str
    url: str
    changes: tuple[CorrectedText, ...]

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Self:
        """Read what a manifest holds."""
        return cls(**{**facts, "changes": tuple(CorrectedText(**one) for one in facts["changes"])})


@dataclass(frozen=True)
class WithdrawnItem:
    """An item that earlier versions have and this one has no more.

    Attributes:
        item_id: of the item.
        version: of the first release without it; "" before there is one.
        split: that it was in.
        reason: why, in the makers' words.
        credit: whom the release thanks; "" for nobody.
        url: where the reason can be read; "" for nowhere.
    """

    item_id: str
    version: str
    split: str
    reason: str
    credit: str
    url: str


def errata_in(manifest: Mapping[str, Any]) -> tuple[Erratum, ...]:
    """Return the corrections that a manifest of any format tells."""
    return tuple(Erratum.of(one) for one in manifest.get("errata", ()))


def withdrawn_in(manifest: Mapping[str, Any]) -> tuple[WithdrawnItem, ...]:
    """Return the withdrawn items that a manifest of any format tells."""
    return tuple(WithdrawnItem(**one) for one in manifest.get("withdrawn", ()))


def version_order(version: str) -> tuple[int, ...]:
    """Return a version as numbers, by which versions are ordered.

    >>> sorted(["1.10.0", "1.9.0"], key=version_order)
    ['1.9.0', '1.10.0']
    """
    return tuple(map(int, version.split(".")))


def reasons_between(since: str, errata: Sequence[Erratum], item: str, now: CorrectedText) -> str:
    """Return why a field of an item was changed after a version: what was reported; "" where nothing tells.

    Args:
        since: the version.
        errata: of the later release.
        item: its item_id.
        now: the change; its field may be `order` for options that stand otherwise.
    """
    said = []
    for one in errata:
        if version_order(one.version) <= version_order(since):
            continue
        fields = {change.field for change in one.changes if change.language == now.language}
        mine = one.item_id == item and (now.field in fields or (now.field == "order" and fields))
        passage = now.field == "flores_passage" and now in one.changes  # which other items may share
        if (mine or passage) and one.error not in said:
            said.append(one.error)
    return "; ".join(said)
