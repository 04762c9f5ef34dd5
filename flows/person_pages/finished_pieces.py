"""What each person finished, in pieces: accepted texts by who made them, and tasks that make no text.

No text is read. Invoices add words (`flows.reports.people_and_pay.invoices`); people's own pages show the pieces.
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


def pieces(state: State) -> dict[str, dict[str, int]]:
    """Return how many pieces of each kind of work each person can invoice, by person and kind.

    No words are counted, so that no text is read, and copies are counted with the work that they look like:
    whoever sees the counts cannot tell how many plants there were.
    """
    found: dict[str, Counter[str]] = defaultdict(Counter)
    accepted = accepted_by(state)
    made: tuple[tuple[str, Iterable[str]], ...] = (
        ("questions", kept_questions(state)["person"]),
        ("translations", accepted["translator"]),
        ("proofread", accepted.loc[accepted["kind"] == "proofread", "person"]),
        ("trials", [facts.person for facts in trials_by_id(state).values()]),
    )
    for name, people in made:
        for person in people:
            found[str(person)][name] += 1
    for person, _, name, count in finished_tasks(state):
        found[person][name] += count
    order = list(dict.fromkeys(name for names in INVOICED.values() for name in names))
    return {person: {name: counts[name] for name in order if counts[name]} for person, counts in found.items()}


def accepted_by(state: State) -> pd.DataFrame:
    """Return the accepted translations of kept questions, without texts, with who drafted each: `translator`."""
    now = current_translations(state)
    kept = now["question_id"].isin(kept_questions(state)["question_id"])
    now = now[(now["outcome"] == "keep") & ~now["stale"] & kept]
    writer = state.translations.set_index(["question_id", "language", "revision"])["person"].to_dict()
    drafts = now["draft_revision"].where(now["kind"] == "proofread", now["revision"])
    keys = zip(now["question_id"], now["language"], drafts, now["person"], strict=True)
    return now.assign(translator=[writer.get((name, code, int(n)), person) for name, code, n, person in keys])


def finished_tasks(state: State) -> Iterator[Line]:
    """Yield finished tasks that made no text, each once."""
    stages = [work.stage for work in STAGES if work.invoiced_as]
    done = state.tasks[state.tasks["done"] & state.tasks["stage"].isin(stages)]
    done = done.drop_duplicates(["stage", "language", "question_id", "revision", "person"])
    on = {subject: _ON[kind_of(subject)] for subject in set(done["question_id"])}
    counts = Counter(zip(done["person"], done["question_id"].map(on), done["stage"], strict=True))
    for (person, what, stage), count in counts.items():
        on_what = "qualifying" if stage == "qualifying" else str(what)
        yield str(person), on_what, work_of(str(stage)).invoiced_as, count
