"""Checks of which source text a translation renders: one rendering for two, two for one, or another item's text.

They compare the translations of all given items with each other, by hashing folded texts, so a whole language
costs no more than reading it. Only texts of some length are compared: `yes` may be the same everywhere.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from qc.check import Span, check
from qc.checks.source_comparison import Rendering, against_source, renderings
from qc.checks.structure_checks import spaceless
from qc.checks.wording_checks import quoted
from qc.text.text_folding import SPACELESS, fold, script_of, written_length

_Place = tuple[int, Rendering]


@check(scope="item")
def reused_rendering(items: pd.DataFrame, *, letters: int = 16, dense_letters: int = 8) -> pd.DataFrame:
    """No two texts of a passage's items that differ in the source have one rendering.

    Options of one item belong to `distinct_options`, and questions to `duplicate_question`.

    Args:
        items: columns of `data.ledger.tables.ITEMS`.
        letters: fewest letters of a rendering that counts: shorter ones may say two things.
        dense_letters: the same in scripts that do not part words.
    """
    passages, ids = list(items["passage_id"]), list(items["question_id"])
    parts = list(renderings(items))
    said: dict[tuple[str, str, str], list[_Place]] = defaultdict(list)
    for row, one in _long_parts(parts, letters, dense_letters):
        said[passages[row], one.code, spaceless(fold(one.text))].append((row, one))
    spans: list[list[Span] | None] = [None if some is None else [] for some in parts]
    for places in said.values():
        if len(places) < 2 or len({spaceless(fold(one.source)) for _, one in places}) < 2:
            continue
        for row, one in places:
            other = next((two for two in places if _reuses((row, one), two, ids)), None)
            if other is not None and (mine := spans[row]) is not None:
                where = other[1].subject if ids[other[0]] == ids[row] else f"{other[1].subject} of another item"
                told = f"{one.subject} has the rendering of {where}, and its source is another: {quoted(one.text)}"
                mine.append(Span(one.part, told))
    return against_source(items, spans)


@check(scope="item")
def one_rendering(items: pd.DataFrame, *, letters: int = 8, dense_letters: int = 4) -> pd.DataFrame:
    """A text that the source repeats within a passage's items is rendered in one way.

    Where one rendering is the usual one, only the others are flagged.

    Args:
        items: columns of `data.ledger.tables.ITEMS`.
        letters: fewest letters of a source text that counts.
        dense_letters: the same in scripts that do not part words.
    """
    passages, ids = list(items["passage_id"]), list(items["question_id"])
    parts = list(renderings(items))
    sources: dict[tuple[str, str, str], list[_Place]] = defaultdict(list)
    for row, some in enumerate(parts):
        for one in some or ():
            least = dense_letters if script_of(one.source_code) in SPACELESS else letters
            if one.text.strip() and written_length(one.source) >= least:
                sources[passages[row], one.code, spaceless(fold(one.source))].append((row, one))
    spans: list[list[Span] | None] = [None if some is None else [] for some in parts]
    for places in sources.values():
        (usual, times), *others = Counter(spaceless(fold(one.text)) for _, one in places).most_common(2)
        if not others:
            continue
        for row, one in places:
            here = spaceless(fold(one.text))
            other = next(two for two in places if spaceless(fold(two[1].text)) != here)
            if (here != usual or others[0][1] == times) and (mine := spans[row]) is not None:
                where = other[1].subject if ids[other[0]] == ids[row] else f"{other[1].subject} of another item"
                said = f"{one.subject} and {where} render {quoted(one.source)} in two ways"
                mine.append(Span(one.part, f"{said}: {quoted(one.text)} and {quoted(other[1].text)}"))
    return against_source(items, spans)


def _reuses(mine: _Place, other: _Place, ids: Sequence[str]) -> bool:
    kinds = {mine[1].part, other[1].part}
    same_item = ids[mine[0]] == ids[other[0]]
    apart = "question" in kinds and len(kinds) == 2 if same_item else kinds != {"question"}
    return apart and spaceless(fold(mine[1].source)) != spaceless(fold(other[1].source))


@check(scope="item")
def text_of_another_item(items: pd.DataFrame, *, letters: int = 16, dense_letters: int = 8) -> pd.DataFrame:
    """Question and options are not those of an item on another passage.

    A question counts if it is the same, or the same but for one word, as another item's whose source differs. The
    options count if three of them are another item's. Only the given items are compared.

    Args:
        items: columns of `data.ledger.tables.ITEMS`.
        letters: fewest letters of a question that counts.
        dense_letters: the same in scripts that do not part words.
    """
    passages, ids = list(items["passage_id"]), list(items["question_id"])
    parts = list(renderings(items))
    spans: list[list[Span] | None] = [None if some is None else [] for some in parts]
    asked: dict[tuple[str, str], list[_Place]] = defaultdict(list)
    offered: dict[tuple[str, str], list[_Place]] = defaultdict(list)
    for row, one in _long_parts(parts, letters, dense_letters):
        if one.part == "question":
            for key in _halves(_units(one.text, one.code)):
                asked[one.code, key].append((row, one))
    for row, some in enumerate(parts):
        for one in some or ():
            if one.part != "question":
                offered[one.code, spaceless(fold(one.text))].append((row, one))
    for place, other in _strangers(asked, passages, ids):
        same = _alike(place[1].text, other[1].text, place[1].code)
        if same and not _alike(place[1].source, other[1].source, place[1].source_code):
            mine = spans[place[0]]
            if mine is not None and not mine:
                mine.append(
                    Span("question", f"the question is that of item {ids[other[0]]}: {quoted(place[1].text)}")
                )
    shared: dict[tuple[int, int], set[str]] = defaultdict(set)
    for place, other in _strangers(offered, passages, ids):
        if spaceless(fold(place[1].source)) != spaceless(fold(other[1].source)):
            shared[place[0], other[0]].add(place[1].part)
    for (row, other_row), which in shared.items():
        mine = spans[row]
        if len(which) >= 3 and mine is not None and not any(span.part != "question" for span in mine):
            told = f"is an option of item {ids[other_row]}, whose source differs"
            mine += [Span(part, f"{part.replace('_', ' ')} {told}") for part in sorted(which)]
    return against_source(items, spans)


def _long_parts(
    parts: Sequence[Sequence[Rendering] | None], letters: int, dense_letters: int
) -> Iterator[tuple[int, Rendering]]:
    for row, some in enumerate(parts):
        for one in some or ():
            least = dense_letters if script_of(one.code) in SPACELESS else letters
            if len(one.text) >= least and written_length(one.text) >= least:
                yield row, one


def _units(text: str, code: str) -> list[str]:
    """Return what a text is compared by: words, or characters where words are not parted."""
    return list(spaceless(fold(text))) if script_of(code) in SPACELESS else fold(text).split()


def _halves(units: list[str]) -> Iterator[str]:
    """Yield the halves of a text: two texts that differ in one unit have one of them in common."""
    half = (len(units) + 1) // 2
    yield f"< {' '.join(units[:half])}"
    yield f"> {' '.join(units[-half:])}"


def _alike(one: str, other: str, code: str) -> bool:
    """Whether two texts are the same but for one word (one character, where words are not parted) at most."""
    mine, theirs = _units(one, code), _units(other, code)
    if abs(len(mine) - len(theirs)) > 1:
        return False
    start = next((n for n, pair in enumerate(zip(mine, theirs, strict=False)) if pair[0] != pair[1]), None)
    if start is None:
        return True
    rest, others = mine[start:], theirs[start:]
    longest = min(len(rest), len(others))
    end = next((n for n in range(longest) if rest[-1 - n] != others[-1 - n]), longest)
    return max(len(rest), len(others)) - end <= 1


_NEAR = 50
"""If more items than this share a half, it is a usual phrase, and only the first of them are compared."""


def _strangers(
    groups: Mapping[tuple[str, str], list[_Place]], passages: Sequence[str], ids: Sequence[str]
) -> Iterator[tuple[_Place, _Place]]:
    """Yield pairs of places that share a key, on two passages, in both directions."""
    for places in groups.values():
        if len(places) > 1:
            for place in places[:_NEAR]:
                for other in places[:_NEAR]:
                    if passages[place[0]] != passages[other[0]] and ids[place[0]] != ids[other[0]]:
                        yield place, other
