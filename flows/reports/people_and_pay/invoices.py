"""Invoices by person: accepted texts and finished tasks, separately for each kind of copy.

An item counts once, however often it was revised: a question goes to the author of the accepted revision, a
translation to the writer of the accepted draft and to its proofreader. Reviews are paid whatever their outcome, so
they count as finished tasks. So does all work on copies, which makes no item: qualification, plants, rechecks,
baselines and key checks are counted apart because they may have their own prices. A task that one person did twice
(one that came back, and its first page as well) counts once. ICU counts the words in every script.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

import pandas as pd

from data.ledger.item_copy_ids import kind_of
from flows.campaign_state import State
from flows.ledger_views.current_items import current_translations, kept_questions
from flows.ledger_views.posed_copies import trials_by_id
from flows.stages import STAGES, work_of
from qc.reports.people_report import INVOICED
from qc.text.words import words

Invoice = dict[str, dict[str, int]]
"""Counts by the kind of item or copy, as `qc.reports.people_report.INVOICED` names them."""

_ON = {
    None: "items",
    "trial": "qualifying",
    "plant": "plants",
    "recheck": "rechecks",
    "baseline": "baselines",
    "key_check": "key_checks",
}
"""The name of each kind of copy on an invoice."""

Line = tuple[str, str, str, int]
"""Person, kind of item or copy, kind of work, number of pieces or words."""


def invoices(state: State) -> dict[str, Invoice]:
    """Return what each person can invoice, with all counts, 0 where there is nothing."""
    found: dict[str, Invoice] = {}
    for person, on, name, count in (*_questions(state), *_translations(state), *_trials(state), *_tasks(state)):
        found.setdefault(person, nothing())[on][name] += count
    return dict(sorted(found.items()))


def nothing() -> Invoice:
    """Return an empty invoice."""
    return {on: dict.fromkeys(names, 0) for on, names in INVOICED.items()}


def pieces(state: State) -> dict[str, dict[str, int]]:
    """Return how many pieces of each kind of work each person can invoice, by person and kind.

    No words are counted, so that no text is read, and copies are counted with the work that they look like:
    whoever sees the counts cannot tell how many plants there were.
    """
    found: dict[str, Counter[str]] = defaultdict(Counter)
    accepted = _accepted(state)
    made: tuple[tuple[str, Iterable[str]], ...] = (
        ("questions", kept_questions(state)["person"]),
        ("translations", accepted["translator"]),
        ("proofread", accepted.loc[accepted["kind"] == "proofread", "person"]),
        ("trials", [facts.person for facts in trials_by_id(state).values()]),
    )
    for name, people in made:
        for person in people:
            found[str(person)][name] += 1
    for person, _, name, count in _tasks(state):
        found[person][name] += count
    order = list(dict.fromkeys(name for names in INVOICED.values() for name in names))
    return {person: {name: counts[name] for name in order if counts[name]} for person, counts in found.items()}


def _accepted(state: State) -> pd.DataFrame:
    """Return the accepted translations of kept questions, without texts, with who drafted each: `translator`."""
    now = current_translations(state)
    kept = now["question_id"].isin(kept_questions(state)["question_id"])
    now = now[(now["outcome"] == "keep") & ~now["stale"] & kept]
    writer = state.translations.set_index(["question_id", "language", "revision"])["person"].to_dict()
    drafts = now["draft_revision"].where(now["kind"] == "proofread", now["revision"])
    keys = zip(now["question_id"], now["language"], drafts, now["person"], strict=True)
    return now.assign(translator=[writer.get((name, code, int(n)), person) for name, code, n, person in keys])


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
    now = _accepted(state)
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


def _tasks(state: State) -> Iterator[Line]:
    """Yield finished tasks that made no text, each once."""
    stages = [work.stage for work in STAGES if work.invoiced_as]
    done = state.tasks[state.tasks["done"] & state.tasks["stage"].isin(stages)]
    done = done.drop_duplicates(["stage", "language", "question_id", "revision", "person"])
    on = {subject: _ON[kind_of(subject)] for subject in set(done["question_id"])}
    counts = Counter(zip(done["person"], done["question_id"].map(on), done["stage"], strict=True))
    for (person, what, stage), count in counts.items():
        on_what = "qualifying" if stage == "qualifying" else str(what)
        yield str(person), on_what, work_of(str(stage)).invoiced_as, count


def _words(question: str, answers: list[str]) -> int:
    return sum(len(words(text)) for text in (question, *answers))
