"""What stands in the way of a release: every reason why items cannot be published, as a list.

Checks judge whether an item is good; here only what would break a release is looked for, since by now every item
was accepted: a hole, two answers alike, a language that holds other items than its neighbours, a line break that
a reader of the file would trip over, a person's name. Nothing is mended in passing: text that people accepted is
released as it is or not at all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from data.card import LICENCE, About

_VERSION = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)")
_CODE = re.compile(r"[A-Za-z0-9]+(?:[_-][A-Za-z0-9]+)*")

# Control characters, unpaired surrogates, and the two separators that many readers take for a line break.
_BREAKING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

# Scripts written without spaces (Thai, Lao, Tibetan, Burmese, Khmer, kana, Han): no word boundary to look for.
_UNSPACED = "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

_PARALLEL = ("passage_id", "question_number", "position", "link", "key", "order")
"""What an item must have in common in all languages."""


def stands_in_the_way(items: pd.DataFrame, about: About, forbidden: Sequence[str]) -> list[str]:
    """Every reason against releasing these items, one line each; empty if there is none.

    Args:
        items: as `data.release.write_release` takes them.
        about: what the release is told about itself.
        forbidden: names and addresses of people. A single word counts as a whole word only, whatever its case.
    """
    problems = _about_problems(about, set(items["language"]))
    if items.empty:
        return [*problems, "no item is complete in any language; `belebele status` shows what waits for whom"]
    items = items.sort_values(["language", "position", "question_number", "question_id"], ignore_index=True)
    malformed = [problem for item in items.to_dict("records") for problem in _item_problems(item)]
    problems += malformed
    if not malformed:  # a broken order or key cannot be compared
        problems += _set_problems(items)
    return problems + _person_problems(items, about, forbidden)


def _about_problems(about: About, languages: set[str]) -> list[str]:
    problems = []
    if not _VERSION.fullmatch(about.version):
        problems.append(f"version {about.version!r}: a version is three numbers, such as 1.0.0")
    if not LICENCE.fullmatch(about.licence):
        problems.append(f"licence {about.licence!r}: give its SPDX identifier, such as CC-BY-SA-4.0")
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


def _set_problems(items: pd.DataFrame) -> list[str]:
    """Where languages do not hold the same items, once each, or hold them differently."""
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
    return problems


def names_a_person(text: str, forbidden: Sequence[str]) -> bool:
    """Whether one of these names or addresses stands in a text, as words of its own, whatever their case."""
    return bool(_names_a_person(text, sorted({_folded(name) for name in forbidden} - {""})))


def _person_problems(items: pd.DataFrame, about: About, forbidden: Sequence[str]) -> list[str]:
    # The problems name the place and never the person: they end in logs, which nobody erases with the person.
    wanted = sorted({_folded(name) for name in forbidden} - {""})
    told = [about.title, about.code_version, *about.checks, *about.people, *about.names.values()]
    problems = ["the release's own description names a person"] if _names_a_person("\n".join(told), wanted) else []
    for _, of_language in items.groupby("language"):
        told_here = [[(name, str(text)) for name, text in _texts(item)] for item in of_language.to_dict("records")]
        suspects = _names_a_person("\n".join(text for texts in told_here for _, text in texts), wanted)
        if not suspects:
            continue
        for place, texts in zip(
            of_language[["question_id", "language"]].itertuples(index=False), told_here, strict=True
        ):
            problems += [
                f"{place[0]} in {place[1]}: {name} holds a person's name or address"
                for name, text in texts
                if _names_a_person(text, suspects)
            ]
    return problems


def _names_a_person(text: str, wanted: Sequence[str]) -> list[str]:
    """Those of the folded names that stand in the text as words of their own."""
    if not wanted:
        return []
    text = _folded(text)
    # A plain search first: it is a hundred times faster, and nearly always the last word.
    return [
        name
        for name in wanted
        if name in text and re.search(rf"(?<![^\W{_UNSPACED}]){re.escape(name)}(?![^\W{_UNSPACED}])", text)
    ]


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
