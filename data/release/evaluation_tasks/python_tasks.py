"""Tasks for lighteval and for Inspect: a file of Python each, which finds the release from where it lies itself.

The files are written out, not shared: what a reader opens is all that there is, and it goes on working where this
program is not installed. Both name dev for few-shot examples and take its first ones in order.
Languages whose translators gave labels of their own have tasks that are asked and scored by these, and a group of
them. lighteval knows a group by what its tasks' names have before the colon, and only from two tasks on: where
there is but one, it has the group's name.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined

from data.prompt_words import LETTERS
from data.release.description.release_description import ReleaseDescription
from data.release.evaluation_tasks.task_names import group_name, with_local_labels
from data.release.released_words import words_by_language


def lighteval_files(about: ReleaseDescription) -> dict[str, bytes]:
    """Return lighteval's file of custom tasks, by its path in the release."""
    languages = []
    for code, words in words_by_language(about).items():
        asked = (
            words.before(words.passage_word),
            words.before(words.question_word),
            words.answer_word + words.colon,
        )
        languages.append((code, (words.instruction, *asked, words.word_space)))
    return _rendered("lighteval", about, languages)


def inspect_files(about: ReleaseDescription) -> dict[str, bytes]:
    """Return Inspect's file of tasks, by its path in the release."""
    languages = []
    for code, words in words_by_language(about).items():
        passage, question = words.before(words.passage_word), words.before(words.question_word)
        languages.append((code, (words.instruction, passage, question)))
    return _rendered("inspect", about, languages)


def _rendered(harness: str, about: ReleaseDescription, languages: list[tuple[str, Any]]) -> dict[str, bytes]:
    group = group_name(about)
    text = (
        _templates()
        .from_string(_template(harness))
        .render(
            title=_in_docstring(about.title),
            version=about.version,
            group=group,
            dev=about.dev is not None,
            languages=languages,
            local_group=with_local_labels(group),
            local=[(code, one.labels) for code, one in words_by_language(about).items() if one.labels != LETTERS],
        )
    )
    return {f"tasks/{harness}/{group}.py": (text.rstrip("\n") + "\n").encode()}


@cache
def _templates() -> Environment:
    made = Environment(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)  # Python, not HTML
    made.filters["literal"] = _literal
    return made


@cache
def _template(harness: str) -> str:
    return files("data.release.evaluation_tasks").joinpath(f"{harness}.py.jinja").read_text(encoding="utf-8")


def _literal(value: Any) -> str:
    """Return a text, or a tuple of texts, as Python writes it, letters of every script as they are."""
    if isinstance(value, tuple):
        return f"({', '.join(map(_literal, value))}{',' if len(value) == 1 else ''})"
    return json.dumps(value, ensure_ascii=False)


def _in_docstring(text: str) -> str:
    return text.replace("\\", " ").replace('"""', "'''").replace("\n", " ")
