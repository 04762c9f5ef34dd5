"""Invoices by person: accepted texts and finished tasks, separately for each kind of copy.

An item counts once, however often it was revised: a question goes to the author of the accepted revision, a
translation to the writer of the accepted draft and to its proofreader. Reviews are paid whatever their outcome, so
they count as finished tasks. So does all work on copies, which makes no item: qualification, plants, rechecks,
baselines and key checks are counted apart because they may have their own prices. A task that one person did twice
(one that came back, and its first page as well) counts once. ICU counts the words in every script.
"""

from __future__ import annotations

from collections.abc import Iterator

from flows.campaign_state import State
from flows.ledger_views.current_items import kept_questions
from flows.ledger_views.posed_copies import trials_by_id
from flows.person_pages.finished_pieces import Line, accepted_by, finished_tasks
from qc.reports.people_report import INVOICED
from qc.text.words import words

Invoice = dict[str, dict[str, int]]
"""Counts by the kind of item or copy, as `qc.reports.people_report.INVOICED` names them."""


def invoices(state: State) -> dict[str, Invoice]:
    """Return what each person can invoice, with all counts, 0 where there is nothing."""
    found: dict[str, Invoice] = {}
    for person, on, name, count in (
        *_questions(state),
        *_translations(state),
        *_trials(state),
        *finished_tasks(state),
    ):
        found.setdefault(person, nothing())[on][name] += count
    return dict(sorted(found.items()))


def nothing() -> Invoice:
    """Return an empty invoice."""
    return {on: dict.fromkeys(names, 0) for on, names in INVOICED.items()}


def _questions(state: State) -> Iterator[Line]:
    kept = kept_questions(state)
    for person, question, answers in zip(kept["person"], kept["question"], kept["answers"], strict=True):
        yield person, "items", "questions", 1
        yield person, "items", "question_words", _words(question, answers)


def _translations(state: State) -> Iterator[Line]:
    kept = kept_questions(state).set_index("question_id")
    source = {
        name: _words(question, answers)
        for name, question, answers in zip(kept.index, kept["question"], kept["answers"], strict=True)
    }
    now = accepted_by(state)
    if now.empty:
        return
    key = ["question_id", "language", "revision", "annotation"]  # a revision may have been made twice
    texts = state.translation_texts(set(now["question_id"]))[[*key, "question", "answers"]]
    lines = now[[*key, "kind", "person", "translator"]].merge(texts, on=key, validate="one_to_one")
    for line in lines.to_dict("records"):
        name, count, by = line["question_id"], _words(line["question"], line["answers"]), line["translator"]
        yield by, "items", "translations", 1
        yield by, "items", "source_words", source[name]
        yield by, "items", "target_words", count
        if line["kind"] == "proofread":
            yield line["person"], "items", "proofread", 1
            yield line["person"], "items", "proofread_words", count


def _trials(state: State) -> Iterator[Line]:
    """Yield the trial questions written, whatever their outcome: the first submission of each, which counts."""
    for facts in trials_by_id(state).values():
        yield facts.person, "qualifying", "trials", 1
        yield facts.person, "qualifying", "trial_words", _words(facts.question, list(facts.answers))


def _words(question: str, answers: list[str]) -> int:
    return sum(len(words(text)) for text in (question, *answers))
