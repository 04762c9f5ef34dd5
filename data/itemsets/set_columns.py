"""The roles of a set's columns: which one holds the passages, the questions, the options, the answers and so on.

Columns that the user names come first, then those of the set's known layout, then those with one of the usual
names (`NAMES`), in upper or lower case and with any marks between words. A set whose columns are not recognised is
refused with a list of its columns and of the command's options that name them. The user is asked about a column of
long texts that has no role, since nobody would notice that a passage was not read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from data.intake import listed
from data.itemsets.layouts.layout import KEYS, AnswerFrom
from data.itemsets.set_files import Table
from data.itemsets.set_problems import Problems

MOST = 10
"""The most options that an item may have; the fewest are two."""

MOST_OF_SEVERAL = 40
"""The most options of an item of which several may be right: MultiRC has items with more than twenty."""

NAMES: dict[str, tuple[str, ...]] = {
    "passage": (
        "flores_passage",
        "passage",
        "context",
        "article",
        "premise",
        "paragraph",
        "ctx",
        "story",
        "text",
        "document",
        "dialogue",
        "dialog",
        "conversation",
        "passage_text",
        "context_text",
        "reading_passage",
        "source_text",
        "narrative",
        "excerpt",
        "background",
        "content",
        "body",
    ),
    "question": ("question", "query", "question_stem", "question_text", "stem"),
    "options": ("options", "choices", "endings", "candidates", "answers", "answer_choices", "alternatives"),
    "answer": (
        "correct_answer_num",
        "label",
        "answer",
        "answerKey",
        "answer_key",
        "key",
        "correct_answer",
        "correct",
        "gold",
        "answer_idx",
        "answer_index",
        "correct_option",
        "correct_answer_index",
        "correct_choice",
        "gold_label",
        "answer_label",
    ),
    "id": (
        "item_id", "id", "idx", "ind", "qid", "question_id", "example_id", "uid", "id_string", "sample_id",
    ),
    "group": ("group", "passage_id", "link", "article_id", "document_id", "doc_id", "story_id"),
    "language": ("dialect", "language", "lang", "language_code", "locale", "lang_code"),
}  # fmt: skip
"""The column names that are recognised for each role, the least ambiguous first."""

_FAMILY = re.compile(r"(mc_?answer|answer|choice|option|opt|ending|sol)_?(\d+|[a-j])", re.IGNORECASE)
_LONG = 150
"""The least median length, in characters, of the texts in a column that may be a passage."""
_LOOKED_AT = 200
_NO_PASSAGE = re.compile(
    r"explan|rational|reason|solution|hint|support|evidence|comment|note|url|link|source|prompt|translat|meta|image|"
    r"licen[cs]e|lecture|instruction|answer|option|choice",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Columns:
    """The user's description of a set; None and "" mean that the program is to recognise it.

    Attributes:
        passage, question: a column; "-" if the set has none.
        options: one column that holds a list, or one column for each option.
        answer: the column of the correct option.
        answer_from: how `answer` is written.
        group: the column of groups that must not be split between folds; by default the passage.
        id: the column that is the same for an item in all its languages; "-" if the set has none.
        language: a column, a code that holds for all items, or a part of the files' paths with `{}` in its place.
        pair_rows: whether items in the same row are the same item in all languages.
        independent: whether lists of items are different sets even if their keys agree.
        layout: a file that describes the form of the set's files; see `data.itemsets.own_layout`.
    """

    passage: str | None = None
    question: str | None = None
    options: tuple[str, ...] = ()
    answer: str | None = None
    answer_from: AnswerFrom | None = None
    group: str | None = None
    id: str | None = None
    language: str | None = None
    pair_rows: bool = False
    independent: bool = False
    layout: str = ""


@dataclass(frozen=True)
class Roles:
    """The column of one table for each role; "" for none.

    Attributes:
        id: one column, or several whose values together make up the id.
        keys: the column that lists every right option, if several may be right.
        counted_from: how the set is known to write its answers; None if that is not known.
        guessed: roles whose column was recognised by an ambiguous name.
    """

    passage: str
    question: str
    options: tuple[str, ...]
    answer: str
    id: tuple[str, ...]
    group: str
    language: str
    counted_from: AnswerFrom | None
    keys: str = ""
    guessed: tuple[str, ...] = ()


_UNSURE = {
    "text",
    "content",
    "body",
    "background",
    "narrative",
    "excerpt",
    "choice",
    "key",
    "correct",
    "ind",
    "stem",
}


def roles(table: Table, columns: Columns, problems: Problems) -> Roles | None:
    """Return the roles of a table's columns; None if a needed one is missing.

    Args:
        table: the table, whose lines are looked at too.
        columns: what the user says about the columns.
        problems: collects what is missing.
    """
    before = problems.count
    search = _Search(table, columns, problems)
    options = _options(table, columns, problems)
    answer = (
        ""
        if KEYS in table.columns and columns.answer is None
        else search.one("answer", columns.answer, needed=True)
    )
    told = columns.language if columns.language is None or columns.language in table.columns else ""
    passage = search.one("passage", columns.passage)
    question = search.one("question", columns.question, needed=True)
    found = Roles(
        passage=passage,
        question=question,
        options=options,
        answer=answer,
        id=_id(table, columns, search.one),
        group=search.one("group", columns.group),
        language="" if told == "" else search.one("language", told),
        counted_from=_counted_from(table, options, answer),
        keys=KEYS if not answer else "",
        guessed=tuple(search.guessed),
    )
    if not passage and columns.passage is None and table.layout is None and problems.count == before:
        _ask_for_passage(table, found, problems)
    return found if problems.count == before else None


class _Search:
    """A search for the columns of a table: first the user's names, then the layout's, then the usual ones."""

    def __init__(self, table: Table, columns: Columns, problems: Problems) -> None:
        self.table, self.columns, self.problems = table, columns, problems
        self.guessed: list[str] = []

    def one(self, role: str, named: str | None, needed: bool = False) -> str:
        """Return the column of a role; "" if there is none."""
        table, columns = self.table, self.columns
        if named == "-" and role in ("passage", "question", "id"):
            return ""
        if named is not None:
            if named not in table.columns:
                there = listed(table.columns)
                self.problems.add(table.name, f"has no column {named!r} (--{role}); its columns are {there}")
            return named
        if table.layout is not None:
            known = table.layout.roles.get(role, ())
            if role in table.layout.roles and not known:
                return ""
            if len(known) == 1 and known[0] in table.columns:
                return known[0]
            if role in ("passage", "question") and not (needed and known):
                return ""
        taken = {*columns.options, columns.answer, columns.id, columns.group, columns.passage, columns.question}
        found = known_as(role, [name for name in table.columns if name not in taken])
        if found in _UNSURE:
            self.guessed.append(role)
        if needed and not found:
            none = "; for a set without, say --question -" if role == "question" else ""
            there = listed(table.columns)
            self.problems.add(
                table.name, f"which column is the {role}? Its columns are {there}: say --{role} COLUMN{none}"
            )
        return found


def known_as(role: str, names: Sequence[str]) -> str:
    """Return the first of a role's known names that is among the names, as it is spelt there; "" if none is.

    >>> known_as("answer", ["Question", "Answer Key"])
    'Answer Key'
    """
    if exact := next((name for name in NAMES[role] if name in names), ""):
        return exact
    plain = {_plain(name): name for name in reversed(names)}
    return next((plain[_plain(name)] for name in NAMES[role] if _plain(name) in plain), "")


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-]+", "", name).casefold()


def _id(table: Table, columns: Columns, one: Callable[[str, str | None], str]) -> tuple[str, ...]:
    if columns.id is None and "item_id" not in table.columns:
        if {"link", "question_number"} <= {*table.columns}:
            return ("link", "question_number")
        parts = table.layout.roles.get("id", ()) if table.layout is not None else ()
        if parts and all(part in table.columns for part in parts):
            return parts
    name = one("id", columns.id)
    return (name,) if name else ()


def _options(table: Table, columns: Columns, problems: Problems) -> tuple[str, ...]:
    there = listed(table.columns)
    if columns.options:
        for name in columns.options:
            if name not in table.columns:
                problems.add(table.name, f"has no column {name!r} (--options); its columns are {there}")
        return columns.options
    known = table.layout.roles.get("options", ()) if table.layout is not None else ()
    if known and all(name in table.columns for name in known):
        return known
    if family := _family(table.columns):
        return family
    for letters in ("ABCDEFGHIJ", "abcdefghij"):
        if (found := [name for name in letters if name in table.columns])[:2] == [*letters[:2]]:
            return tuple(found)
    if (name := known_as("options", [name for name in table.columns if name != columns.answer])) != "":
        return (name,)
    problems.add(
        table.name,
        f"which columns are the options? Its columns are {there}: say --options COLUMN for a column of lists,"
        " or --options COLUMN,COLUMN,… for one column each",
    )
    return ()


def _family(names: Sequence[str]) -> tuple[str, ...]:
    """Return columns that differ only in a number (from 0 or 1) or a letter (from A), without a gap."""
    families: dict[tuple[str, bool], list[tuple[int, str]]] = {}
    for name in names:
        if (told := _FAMILY.fullmatch(name)) is not None:
            letter = told[2].isalpha()
            number = ord(told[2].lower()) - ord("a") if letter else int(told[2][:6])
            families.setdefault((told[1].casefold(), letter), []).append((number, name))
    for numbered in families.values():
        numbers = [number for number, _ in sorted(numbered)]
        if len(numbers) >= 2 and numbers == list(range(numbers[0], numbers[0] + len(numbers))) and numbers[0] < 2:
            return tuple(name for _, name in sorted(numbered))
    return ()


def _counted_from(table: Table, options: Sequence[str], answer: str) -> AnswerFrom | None:
    """Return how a set that is recognised by its columns writes its answers; None if that is not known."""
    if options[:1] == ("mc_answer1",) and answer == "correct_answer_num":
        return "1"  # Belebele, and a release of ours
    if table.layout is None or table.layout.answer_from is None:
        return None
    return table.layout.answer_from if (answer,) == table.layout.roles.get("answer") else None


def _ask_for_passage(table: Table, found: Roles, problems: Problems) -> None:
    """Ask the user about a column of long texts that has no role."""
    taken = {found.question, *found.options, found.answer, *found.id, found.group, found.language}
    for name in table.columns:
        if name in taken or _NO_PASSAGE.search(name):
            continue
        texts = [line.get(name) for line in table.lines[:_LOOKED_AT]]
        lengths = [len(text) for text in texts if isinstance(text, str)]
        if 2 * len(lengths) > len(texts) and median(lengths) >= _LONG:
            what = (
                f"the column {listed([name])} holds long texts ({int(median(lengths))} characters): is it the "
                f"passage? Say --passage {listed([name])}, or --passage - for a set without"
            )
            problems.add(table.name, what)
            return
