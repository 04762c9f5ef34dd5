"""Parallel items: the items of a set that are the same in several languages or copies.

Ids tell which items are the same, but they are checked. An id that all questions of a passage share is numbered,
so that each question has its own. Files with the same ids whose keys contradict each other are different sets.
Lists of items that have the same keys row by row, with nothing to say that they are the same items, are refused,
since each item would count once for every language or copy. Within one language, and between the splits of a set,
equal keys alone prove nothing (COPA's were drawn twice with one seed), so there the texts must be equal, too.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from data.intake import listed
from data.itemsets.key_agreement import BEYOND_CHANCE, Agreement, Marks, agreement, marks, repeats_within
from data.itemsets.set_columns import Columns
from data.itemsets.set_lines import Line, LineList
from data.itemsets.set_problems import Problems

_MOST_LISTS = 400
"""Up to this many lists, each is compared with every other; if there are more, only with the next few."""

_CURES = (
    "say --language … where they are languages (a column, or a part of the files' names with {} for it), --id "
    "COLUMN or --pair rows to say which items are the same, or --independent where they are different items"
)


@dataclass(frozen=True)
class _Rows:
    """The items of one language in one file, in the file's order."""

    name: str
    language: str
    split: str
    lines: list[Line]

    @cached_property
    def marks(self) -> Marks:
        """The items' keys and numbers of options."""
        return _marks(self.lines)


def ids_and_languages(lists: Sequence[LineList], columns: Columns, problems: Problems) -> list[str]:
    """Set the id and the language of every line, as far as keys and texts bear them out; see the module.

    Args:
        lists: the lines of each file, with their keys; their `item_id` and `language` are changed.
        columns: what the user says about the set.
        problems: collects what cannot be decided.

    Returns:
        The decisions, one a line.
    """
    said = [*_number_shared_ids(lists)]
    said += _contradicted_languages(lists)
    said += _part_sets(lists)
    if columns.pair_rows:
        said += _pair_rows(lists, problems)
    if not columns.independent:
        _refuse_copies(lists, problems)
    return said


def _rows(lists: Sequence[LineList]) -> list[_Rows]:
    found = []
    for one in lists:
        by_language: dict[str, list[Line]] = defaultdict(list)
        for line in one.lines:
            by_language[line["language"]].append(line)
        found += [
            _Rows(one.table.name, language, one.table.split, lines) for language, lines in by_language.items()
        ]
    return found


def _agreement(one: Sequence[Line], other: Sequence[Line], *, whole: bool = False) -> Agreement:
    return agreement(_marks(one), _marks(other), whole=whole)


def _marks(lines: Sequence[Line]) -> Marks:
    return marks([line["key"] for line in lines], [len(line["options"]) for line in lines])


def _number_shared_ids(lists: Sequence[LineList]) -> Iterator[str]:
    """Number the ids that questions of one passage share (`high0.txt#1`, `high0.txt#2`); yield the decision."""
    shared: list[list[Line]] = []
    for rows in _rows(lists):
        by_id: dict[str, list[Line]] = defaultdict(list)
        for line in rows.lines:
            if line["item_id"]:
                by_id[line["item_id"]].append(line)
        if not any(len(lines) > 1 for lines in by_id.values()):
            continue
        of_passages = all(
            lines[0]["passage"]
            and len({line["passage"] for line in lines}) == 1
            and len({(line["question"], *line["options"]) for line in lines}) == len(lines)
            for lines in by_id.values()
            if len(lines) > 1
        )
        if of_passages:
            shared += by_id.values()
    for lines in shared:
        for number, line in enumerate(lines, start=1):
            line["item_id"] += f"#{number}"
    if shared:
        yield f"ids: questions of a passage share one; they are numbered ({shared[0][0]['item_id']})"


def _by_id(one: Sequence[Line], other: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    """Return the lines of two lists that have the same id, paired by position."""
    there = {line["item_id"]: line for line in other if line["item_id"]}
    pairs = [(line, there[line["item_id"]]) for line in one if line["item_id"] in there]
    return [left for left, _ in pairs], [right for _, right in pairs]


def _contradicted_languages(lists: Sequence[LineList]) -> Iterator[str]:
    """Drop languages that are only short words in files' names if items with the same id have different keys."""
    rows = [one for one in _rows(lists) if one.language and not one.lines[0]["sure"]]
    confirmed: set[str] = set()
    for one, other in itertools.combinations(rows, 2):
        if one.language == other.language or one.name == other.name:
            continue
        found = _agreement(*_by_id(one.lines, other.lines))
        if found.p < BEYOND_CHANCE:
            confirmed |= {one.language, other.language}
        if found.apart:
            spelt = sorted({rows_.language for rows_ in rows})
            for line in (line for rows_ in rows for line in rows_.lines):
                line["language"] = ""
            yield (
                f"languages: {listed(spelt)} in the files' names are taken for none, since items with the same id "
                "have other keys; --language says otherwise"
            )
            return
    for line in (line for rows_ in rows if rows_.language in confirmed for line in rows_.lines):
        line["sure"] = True


def _part_sets(lists: Sequence[LineList]) -> Iterator[str]:
    """Prefix the ids of files of one language that share ids while their keys contradict each other."""
    rows = _rows(lists)
    parted: set[str] = set()
    for one, other in itertools.islice(itertools.combinations(rows, 2), _MOST_LISTS**2):
        if one.name == other.name or one.language != other.language:
            continue
        if _agreement(*_by_id(one.lines, other.lines)).apart:
            parted |= {one.name, other.name}
    for file in lists:
        if file.table.name in parted:
            for line in file.lines:
                if line["item_id"]:
                    line["item_id"] = f"{_short(file.table.name, [*parted])}/{line['item_id']}"
    if parted:
        yield f"ids: {listed(sorted(parted))} have the same ids and other keys: different items, told by file"


def _short(name: str, names: Sequence[str]) -> str:
    """Return the shortest end of a path that distinguishes it from the others."""
    parts = name.replace("\\", "/").split("/")
    for size in range(1, len(parts) + 1):
        ends = ["/".join(one.replace("\\", "/").split("/")[-size:]) for one in names]
        if len({*ends}) == len(ends):
            return "/".join(parts[-size:])
    return name


def _pair_rows(lists: Sequence[LineList], problems: Problems) -> Iterator[str]:
    """Give items in the same row of every language one id, if their keys agree beyond chance."""
    by_language: dict[str, list[Line]] = defaultdict(list)
    for rows in _rows(lists):
        by_language[rows.language].extend(rows.lines)
    named = {language or "no language": lines for language, lines in by_language.items()}
    (first, reference), *others = sorted(named.items(), key=lambda one: -len(one[1]))
    if not others:
        problems.add("", "--pair rows pairs languages, and the set has one; say --language … to tell them")
        return
    for language, lines in others:
        if len(lines) != len(reference):
            what = f"{language} has {len(lines):,} items and {first} {len(reference):,}"
            problems.add("", f"--pair rows: {what}; rows can be paired only where every language has them all")
            return
        found = _agreement(lines, reference, whole=True)
        if found.p > BEYOND_CHANCE:
            what = (
                f"--pair rows: the keys of {language} and {first} agree in {found.same:,} of {found.of:,} rows,"
                f" {found.expected:.0%} of them by chance (p = {found.p:.1g}): the rows are not "
                "the same items; say --id COLUMN, or --independent"
            )
            problems.add("", what)
            return
    for row, line in enumerate(reference, start=1):
        name = line["item_id"] or f"row {row:0{len(str(len(reference)))}d}"
        for lines in by_language.values():
            lines[row - 1]["item_id"] = name
    yield f"ids: items in the same row are the same in {len(by_language)} languages (--pair rows; the keys agree)"


def _refuse_copies(lists: Sequence[LineList], problems: Problems) -> None:
    """Refuse lists of items that look like languages or copies of one set but are not marked as such."""
    rows = [rows for rows in _rows(lists) if len(rows.lines) > 1]
    for one, other in _pairs(rows):
        if (found := _as_copies(one, other, len(rows))) is not None:
            _refuse(one, other, found, problems)
            return
    for one in rows:
        if (found_within := repeats_within(one.marks)) is None:
            continue
        kind, length, how_far = found_within
        off = length if kind == "blocks" else 1
        if not one.language or _same_texts(one.lines[off:], one.lines[:-off]):
            _refuse_within(one, kind, length, how_far, problems)
            return


def _pairs(rows: Sequence[_Rows]) -> Iterator[tuple[_Rows, _Rows]]:
    if len(rows) <= _MOST_LISTS:
        yield from itertools.combinations(rows, 2)
        return
    for place, one in enumerate(rows):
        for other in rows[place + 1 : place + 9]:
            yield one, other


def _as_copies(one: _Rows, other: _Rows, lists: int) -> Agreement | None:
    """Return how two lists agree, aligned at their beginnings or ends, if they agree as copies do; else None."""
    size = min(len(one.lines), len(other.lines))
    ends = [slice(0, size)] if len(one.lines) == len(other.lines) else [slice(0, size), slice(-size, None)]
    comparisons = max(1, lists * (lists - 1))
    for part in ends:
        left, right = one.lines[part], other.lines[part]
        known = sum(x["item_id"] == y["item_id"] != "" for x, y in zip(left, right, strict=True))
        if one.language != other.language and 2 * known > size:
            continue  # paired by their ids
        if one.language != other.language and 2 * len(_by_id(left, right)[0]) > size:
            continue  # in another order
        found = agreement(one.marks[part], other.marks[part], whole=len(one.lines) == len(other.lines))
        if found.p < BEYOND_CHANCE / comparisons and (not _no_languages(one, other) or _same_texts(left, right)):
            return found
    return None


def _no_languages(one: _Rows, other: _Rows) -> bool:
    """Return whether two lists cannot be two languages of one set: they are in one language, or are two splits."""
    splits = bool(one.split and other.split and one.split != other.split)
    return splits or (one.language == other.language and bool(one.language))


def _same_texts(one: Sequence[Line], other: Sequence[Line]) -> bool:
    """Return whether most rows of two lists have the same question and options, ignoring case and white space."""
    return sum(_plain(x) == _plain(y) for x, y in zip(one, other, strict=True)) > len(one) / 2


def _plain(line: Line) -> list[str]:
    return [" ".join(text.casefold().split()) for text in (line["question"], *line["options"])]


def _refuse(one: _Rows, other: _Rows, found: Agreement, problems: Problems) -> None:
    names = [_called(rows) for rows in (one, other)]
    problems.add(
        "",
        f"{names[0]} and {names[1]} have the same keys in {found.same:,} of {found.of:,} rows (by chance "
        f"{found.expected * found.of:,.0f}): they look like languages or copies of the same items, and nothing "
        f"says which items are the same; {_CURES}",
    )


def _refuse_within(one: _Rows, kind: str, length: int, found: Agreement, problems: Problems) -> None:
    how = (
        f"the keys repeat after {length:,} items ({found.same:,} of {found.of:,} are the same)"
        if kind == "blocks"
        else f"{length} items on end have the same key each time ({found.same:,} of {found.of:,} are the same)"
    )
    problems.add(
        _called(one),
        f"{how}, by chance {found.expected * found.of:,.0f}: it looks as if it held languages or copies of the "
        f"same items, and nothing says which items are the same; {_CURES}",
    )


def _called(rows: _Rows) -> str:
    return f"{rows.name} ({rows.language})" if rows.language else rows.name
