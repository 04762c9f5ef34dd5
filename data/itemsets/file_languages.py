"""Languages told by the names of a set's files: `et/test.et.jsonl`, `mmlu_AR-XY.csv`, `Albanian/test.parquet`.

A word in a name is a language only if it spells one and distinguishes the files: `mc_test` and `ood_test` name
none, and `is` in `is_hard.jsonl` is not Icelandic. So names are compared: if files have the same name except for
one word, and that word spells a different language in each, these are their languages. The name of a single file
is believed if its language is more than two or three letters (`eng_Latn`, `pt-BR`), or if it holds only a split
and a code.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from data.language_tags import spelling

SPLITS = ("train", "training", "test", "testing", "val", "valid", "validation", "dev", "devtest")
"""Names of the splits of a set."""

_SHARD = re.compile(r"-\d{5}-of-\d{5}$")
_MARKS = re.compile(r"[._\-+ ]")
_LONGEST = 3  # the words of the longest tag: zh-Hans-CN


@dataclass(frozen=True)
class FileLanguage:
    """The language that a file's name tells.

    Attributes:
        language: as the name spells it; "" if it tells none.
        sure: whether the word cannot mean something else.
    """

    language: str
    sure: bool


NOTHING = FileLanguage("", sure=True)


@dataclass(frozen=True)
class _Candidate:
    template: str
    spelt: str
    main: str
    full: bool
    place: int  # 0 for the name of the file, 1 and 2 for the folders above it


def stem_of(file: Path) -> str:
    """Return a file's name without its suffix and the number of its shard."""
    return _SHARD.sub("", file.stem)


def file_languages(files: Sequence[Path], pattern: str = "") -> list[FileLanguage]:
    """Return the language that each file's name tells.

    Args:
        files: the files of one set.
        pattern: a part of a path with `{}` in place of the language; whatever is there is believed, and a second
            `{}` stands for the same text.
    """
    if pattern:
        before, *after = map(re.escape, pattern.split("{}"))
        rest = r"(?:\1)".join(after)
        wanted = re.compile(rf"(?:^|(?<=/)){before}([^/]+?){rest}(?=/|$)")
        found = [wanted.search("/".join(file.parts[-3:])) for file in files]
        return [FileLanguage(one[1], sure=True) if one else NOTHING for one in found]
    candidates = [[*_candidates(file)] for file in files]
    told: dict[str, dict[str, _Candidate]] = defaultdict(dict)
    shared: dict[str, int] = defaultdict(int)
    for of_file in candidates:
        for one in of_file:
            told[one.template][one.spelt.casefold()] = one
            shared[one.template] += 1
    alike = {template for template, spelt in told.items() if _differ([*spelt.values()])}
    return [
        _of_file(file, of_file, alike, shared, several=len(files) > 1)
        for file, of_file in zip(files, candidates, strict=True)
    ]


def _differ(spelt: Sequence[_Candidate]) -> bool:
    """Return whether words at one place in similar names are languages: several languages, or locales of one."""
    mains = {one.main for one in spelt}
    return len(spelt) > 1 and (2 * len(mains) > len(spelt) or all(one.full for one in spelt))


def _of_file(
    file: Path, candidates: Sequence[_Candidate], alike: set[str], shared: dict[str, int], *, several: bool
) -> FileLanguage:
    if told := [one for one in candidates if one.template in alike]:
        best = max(told, key=lambda one: (one.full, shared[one.template], len(one.spelt), -one.place))
        return FileLanguage(best.spelt, sure=best.full)
    if told := [one for one in candidates if one.full]:
        best = min(told, key=lambda one: (one.place, -len(one.spelt)))
        return FileLanguage(best.spelt, sure=True)
    words = [word for word in _MARKS.split(stem_of(file)) if word not in SPLITS]
    split = len(words) < len(_MARKS.split(stem_of(file)))
    if len(words) == 1 and (split or several) and spelling(words[0]) is not None:
        return FileLanguage(words[0], sure=False)
    if not words and several and spelling(file.parent.name) is not None:
        return FileLanguage(file.parent.name, sure=False)
    return NOTHING


def _candidates(file: Path) -> Iterator[_Candidate]:
    parts = [*[part.name for part in list(file.parents)[:2]][::-1], stem_of(file)]
    whole = "/".join(parts)
    for place, part in enumerate(reversed(parts)):
        for start, end in _spans(part):
            word = part[start:end]
            if word in SPLITS or (told := spelling(word)) is None:
                continue
            if len(word) > 3 and not re.search(r"[_\-]", word) and word != part:
                continue  # a language's name inside a longer name is a part of that name
            shape = re.sub(rf"(?<![^/._\-+ ]){re.escape(word)}(?![^/._\-+ ])", "{}", whole)
            yield _Candidate(shape, word, told.main, told.full, place)


def _spans(part: str) -> Iterator[tuple[int, int]]:
    starts = [0, *(mark.end() for mark in _MARKS.finditer(part))]
    ends = [*(mark.start() for mark in _MARKS.finditer(part)), len(part)]
    for first, start in enumerate(starts):
        for end in ends[first : first + _LONGEST]:
            if end > start:
                yield start, end
    if len(starts) > _LONGEST:
        yield 0, len(part)
