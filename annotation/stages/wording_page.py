"""Wording: the words around an item, in the language of the items.

Whoever evaluates a model builds a prompt: a word for the passage, one for the question, labels for the options, an
instruction. In a benchmark of many languages these are often left in English, or taken from a machine. Here the
people who translate the items write them, once, on one short page; a proofreader gets the same page, filled in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from annotation.forms import label_configuration
from annotation.forms.submitted_form import Field, Reading, entries, read_form
from annotation.forms.work_file_columns import Cells, Sheet
from annotation.stages.stage_page import StagePage
from annotation.words.marking import gettext
from data.languages import language as find_language
from data.prompt_words import ENGLISH_PROMPT_WORDS, LABEL_PLACE, NO_BREAK_SPACE, PromptWords, wording_problems

_TEXTS = (
    Field("passage_word", "the word for the passage", cure="write it"),
    Field("question_word", "the word for the question", cure="write it"),
    Field("answer_word", "the word for the answer", cure="write it"),
    Field("option_labels", "the labels of the options", cure="write four, with spaces between"),
    Field("colon", "the colon", cure="write what your language has in its place"),
    Field("instruction", "the instruction", cure=f"write it, with {LABEL_PLACE} where the labels are to stand"),
)
_SPACES = (
    Field("colon_space", "whether a space stands before the colon", ("none", "space"), cure="choose one"),
    Field("word_space", "whether a space stands between words", ("space", "none"), cure="choose one"),
    Field("sentence_space", "whether a space stands between sentences", ("space", "none"), cure="choose one"),
)
_FIELDS = (*_TEXTS, *_SPACES)
_ORDER = tuple(name for name, _ in ENGLISH_PROMPT_WORDS.items())


def config(language: str) -> str:
    """Return the label configuration of the page for one language, XML."""
    return label_configuration.config("wording", language, "eng_Latn")


def payload(
    *, language: str, draft: Mapping[str, str] | None = None, findings: Sequence[str] = ()
) -> dict[str, object]:
    """Return what a task shows.

    Args:
        language: the code of the language that is written.
        draft: what a translator wrote, by the names of `data.prompt_words.PromptWords`; None if nobody has.
        findings: why the task came back, one sentence each; none the first time.
    """
    name = find_language(language).name
    words = PromptWords(**draft) if draft else None
    return {
        "about": (
            gettext("The words around every question, in {language}: check what the translator wrote")
            if words
            else gettext("The words around every question, in {language}")
        ).format(language=name),
        "notices": [],
        "findings": list(findings),
        "example": example(ENGLISH_PROMPT_WORDS),
        "drafted": example(words) if words else [],
        **_boxes(words),
    }


def example(words: PromptWords) -> list[str]:
    """Return the lines of a prompt made of these words, with dots in place of an item's texts."""
    dots = "…"
    return [
        words.introduction(words.labels),
        words.before(words.passage_word) + dots,
        words.before(words.question_word) + dots,
        *(f"{label}: {dots}" for label in words.labels),
        f"{words.answer_word}{words.colon}",
    ]


def _boxes(words: PromptWords | None) -> dict[str, str]:
    """Return what stands in the boxes at first."""
    if words is None:
        return {field.name: "" for field in _TEXTS} | {"option_labels": ENGLISH_PROMPT_WORDS.option_labels}
    return {field.name: getattr(words, field.name) for field in _TEXTS} | {"colon": words.colon.strip()}


def read(result: object, _: Mapping[str, Any]) -> Reading:
    """Read the words that somebody wrote.

    Args:
        result: Label Studio's result list.

    Returns:
        Field `words`: texts by the names of `data.prompt_words.PromptWords`.
    """
    form = read_form(result, _FIELDS)
    words = {field.name: form.values[field.name] for field in _TEXTS}
    words["option_labels"] = " ".join(words["option_labels"].split())
    problems = wording_problems(words)
    words = _spaced(words, form.values)
    return form.reading({"words": {name: words[name] for name in _ORDER}}, problems)


def _spaced(words: Mapping[str, str], chosen: Mapping[str, str]) -> dict[str, str]:
    """Return the words with the spaces that were chosen."""
    before = NO_BREAK_SPACE if chosen["colon_space"] == "space" else ""
    spaces = {name: " " if chosen[name] == "space" else "" for name in ("word_space", "sentence_space")}
    return {**words, "colon": before + words["colon"], **spaces}


def result(*, words: Mapping[str, str] | None = None, query: str = "") -> list[dict[str, Any]]:
    """Return the result list of a person who writes these words; the inverse of `read`.

    Args:
        words: texts by the names of `data.prompt_words.PromptWords`; None for an empty page.
        query: what keeps them from working.
    """
    return entries(_FIELDS, _written(PromptWords(**words)) if words else {}, query)


def _written(words: PromptWords) -> dict[str, str]:
    """Return what the fields of a page hold that says these words."""
    return {
        **_boxes(words),
        "colon_space": "space" if words.colon[:1].isspace() else "none",
        "word_space": "space" if words.word_space else "none",
        "sentence_space": "space" if words.sentence_space else "none",
    }


def refill(result: object, _: Mapping[str, Any]) -> dict[str, object]:
    """Return the texts of a submission, valid or not; choices have to be made again."""
    form = read_form(result, _FIELDS)
    return {field.name: form.values[field.name] for field in _TEXTS}


def _from_sheet(cells: Cells, _: Mapping[str, Any]) -> dict[str, Any]:
    words = {field.name: cells[field.name] for field in _TEXTS}
    chosen = {field.name: cells.one_of(field.name, field.choices) for field in _SPACES}
    return {"words": _spaced(words, chosen)}


PAGE = StagePage(
    stage="wording",
    title=gettext("Write the words around the questions in {}"),
    colour="#334E68",
    listed=("about",),
    configuration=lambda setting: config(setting.language),
    read=read,
    refill=refill,
    result=lambda fields, _, query: result(**fields, query=query),
    sheet=Sheet(tuple(field.name for field in _FIELDS), _from_sheet),
)
