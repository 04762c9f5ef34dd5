"""The reasons that prevent a release, as a complete list.

Checks judge whether an item is good; this module only looks for what would break a release, since every item has
been accepted by now: a missing value, two equal answers, a language with other items than the rest, a line break
that would trip up a reader of the file, a person's name. Nothing is corrected in passing: text that people
accepted is released as it is or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Iterator, Mapping
from typing import Any

import pandas as pd

from data.errors import UsageError
from data.release.anonymity import People
from data.release.description.release_description import SPLITS, About
from data.release.released_words import words_of

_LICENCE = re.compile(r"[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*")
_HUB = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+")
_VERSION = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)")
_CODE = re.compile(r"[A-Za-z0-9]+(?:[_-][A-Za-z0-9]+)*")

# Control characters, lone surrogates, and the two separators that many readers take for a line break.
_BREAKING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

_NAMES = "holds a person's name or address"

_PARALLEL = ("passage_id", "question_number", "position", "link", "key", "order", "split")
"""What an item must have in common in all languages."""


def stands_in_the_way(items: pd.DataFrame, about: About, people: People) -> list[str]:
    """Return every reason against releasing these items, one line each; empty if there is none.

    Args:
        items: as for `data.release.release_files.write_release`.
        about: the release's description of itself.
        people: nobody of whom may be named.
    """
    problems = _about_problems(about, set(items["language"]))
    if items.empty:
        return [*problems, "no item is complete in any language; `belebele status` shows what waits for whom"]
    items = items.sort_values(["language", "position", "question_number", "question_id"], ignore_index=True)
    malformed = [problem for item in items.to_dict("records") for problem in _item_problems(item)]
    problems += malformed
    if not malformed:  # a broken order or key cannot be compared
        problems += _set_problems(items)
    return [*problems, *_person_problems(items, about, people)]


def _about_problems(about: About, languages: set[str]) -> list[str]:
    problems = []
    if not _VERSION.fullmatch(about.version):
        problems.append(f"version {about.version!r}: a version is three numbers, such as 1.0.0")
    if not _LICENCE.fullmatch(about.licence):
        problems.append(f"licence {about.licence!r}: give its SPDX identifier, such as CC-BY-SA-4.0")
    if about.hub is not None and not _HUB.fullmatch(about.hub):
        problems.append(f"hub {about.hub!r}: give the data set's id, as owner/name")
    problems += _prompt_word_problems(about)
    if not about.title.strip() or _BREAKING.search(about.title):
        problems.append(f"title {about.title!r}: one line of text is wanted")
    pending = {code for code, _ in about.pending}
    for code in sorted(languages | pending):
        if not _CODE.fullmatch(code):
            problems.append(f"language {code!r}: no code that can name a file")
        if code in languages & pending:
            problems.append(f"{code}: both complete and pending; leave it out of one")
    return problems


def _item_problems(item: Mapping[Hashable, Any]) -> list[str]:
    place = f"{item['question_id']} in {item['language']}"
    answers, order = list(item["answers"]), [int(identity) for identity in item["order"]]
    problems = []
    if len(answers) != 4:
        problems.append(f"{place}: {len(answers)} answers, not 4")
    if len(set(answers)) != len(answers):
        problems.append(f"{place}: two answers are the same")
    if item["key"] not in range(1, 5):
        problems.append(f"{place}: the key is {item['key']}, not one of 1 to 4")
    if sorted(order) != [1, 2, 3, 4]:
        problems.append(f"{place}: the answers are shown in the order {order}, which is none of 1 to 4")
    for name, text in _texts(item):
        if not isinstance(text, str):
            problems.append(f"{place}: {name} is missing")
        elif not text.strip() and name != "link":
            problems.append(f"{place}: {name} is empty")
        elif text != text.strip():
            problems.append(f"{place}: {name} begins or ends with white space")
        elif found := _BREAKING.search(text):
            problems.append(f"{place}: {name} holds the character U+{ord(found[0]):04X} at {found.start() + 1}")
    return problems


def _texts(item: Mapping[Hashable, Any]) -> Iterator[tuple[str, Any]]:
    for name in ("question_id", "link", "passage", "question"):
        yield name, item[name]
    for identity, answer in enumerate(item["answers"], 1):
        yield f"answer {identity}", answer


def _prompt_word_problems(about: About) -> Iterator[str]:
    for one in about.prompt_words:
        try:
            words_of(one.language, one.words)
        except UsageError as error:
            yield str(error)


def _set_problems(items: pd.DataFrame) -> list[str]:
    """Return where languages lack items, repeat them, or hold them in different forms."""
    problems = []
    twice = items[items.duplicated(["question_id", "language"])]
    for identity, language in twice[["question_id", "language"]].drop_duplicates().itertuples(index=False):
        problems.append(f"{identity} in {language}: given more than once")
    by_language = {str(language): set(ids) for language, ids in items.groupby("language")["question_id"]}
    everything = set().union(*by_language.values())
    for language, held in by_language.items():
        if lacking := sorted(everything - held):
            problems.append(f"{language} lacks {len(lacking)} of {len(everything)} items: {', '.join(lacking)}")
    shared = items.assign(order=items["order"].map(tuple))
    for column in _PARALLEL:
        differing = shared.groupby("question_id")[column].nunique()
        problems += [
            f"{identity}: languages disagree on its {column}" for identity in differing[differing > 1].index
        ]
    texts = items.groupby(["passage_id", "language"])["passage"].nunique()
    problems += [f"{p} in {code}: its questions show different passages" for p, code in texts[texts > 1].index]
    return [*problems, *_split_problems(items)]


def _split_problems(items: pd.DataFrame) -> Iterator[str]:
    """Yield what stands on both sides of the split: whoever reads it in one would know it in the other."""
    for column, what in (("passage_id", "the passage"), ("link", "the source")):
        sides = items[items[column] != ""].groupby(column)["split"].nunique()
        yield from (f"{what} {name} has items in test and in dev" for name in sides[sides > 1].index)
    for name in sorted(set(items["split"]) - {*SPLITS}):
        yield f"split {name!r}: there are {' and '.join(SPLITS)}"
    if "test" not in set(items["split"]):
        yield "no item is in the test split"


def _person_problems(items: pd.DataFrame, about: About, people: People) -> Iterator[str]:
    """Yield where people's texts for this release name somebody; each with its cure.

    Messages give the place and never the person: they end up in logs, which nobody erases with the person. A name
    of one word that occurs in an item's own passage counts as a word there, and so it does in the program's own
    text.
    """
    if not people:
        return
    for name, value in (("title", about.title), ("homepage", about.homepage)):
        if people.named(value):
            yield f"the {name} {_NAMES}; change it in campaign.toml"
    for name, text in about.guidelines.items():
        for line in _lines_that_name(text, people, about.ours):
            yield (
                f"guidelines/{name}.md, {line}: {_NAMES}; change it in the folder of your guidelines and advance: "
                "of the earlier version, that line is then left out"
            )
    for _, of_language in items.groupby("language"):
        told_here = of_language.to_dict("records")
        there = people.within("\n".join(str(text) for item in told_here for _, text in _texts(item)))
        for item in told_here if there else ():
            yield from _persons_in(item, there)


def _persons_in(item: Mapping[Hashable, Any], people: People) -> Iterator[str]:
    for name, text in _texts(item):
        written_here = name == "question" or name.startswith("answer")
        if people.named(str(text), str(item["passage"]) if written_here else None):
            where = f"{item['question_id']}/{item['language']}"
            yield (
                f"{item['question_id']} in {item['language']}: {name} {_NAMES}; have it mended: belebele decide "
                f"{where} revise --reason …"
            )


def people_in_files(files: Mapping[str, bytes], people: People) -> list[str]:
    """Return where the texts of a release, in their final form, contain addresses or whole names.

    Args:
        files: by their paths in the release; files of items are skipped, since these were already checked.
        people: nobody of whom may be named.
    """
    return [
        f"{path}, {line}: {_NAMES}; it comes from campaign.toml or from the program: change it there"
        for path, data in sorted(files.items())
        if not path.endswith((".parquet", ".jsonl")) and people
        for line in _lines_that_name(data.decode(), people, None)
    ]


def _lines_that_name(text: str, people: People, ours: Collection[str] | None) -> list[str]:
    """Return the lines that name somebody, or a note that a name crosses a line's end.

    Args:
        text: to look through.
        people: nobody of whom may be named.
        ours: lines in which names of one word count as words; None for all lines.
    """
    if not people.within(text):
        return []
    lines = text.split("\n")
    found = [
        f"line {number}"
        for number, line in enumerate(lines, start=1)
        if people.named(line, None if ours is None or line in ours else "")
    ]
    return found or ["over a line's end"] * people.named(text, None)
