"""What can be invoiced: every piece of work once, and apart by what it was on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from annotation.forms import review_criteria
from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.signed_in_user import SignedInUser
from annotation.stages import judging_page
from data.campaign.contacts import set_contact
from data.ledger import tables
from data.ledger.item_copy_ids import kind_of
from flows.campaign_state import State
from flows.cli.commands import main
from flows.ledger_views.current_items import kept_questions
from flows.reports.people_and_pay import people
from flows.reports.people_and_pay.invoices import Invoice, invoices, nothing
from qc.reports.people_report import schema
from qc.reports.people_report.people_page import invoice_page
from tests.flows.crowd import AUTHORS, EXPERTS, FRENCH, HANDS, crowd
from tests.flows.small_campaign import BOATS, Small, at, begin
from tests.flows.stages.test_qualification_tasks import answer_quiz, review_trial, write_trial

TASKS = ("quizzes", "guesses", "answers", "judgements", "adjudications")


@pytest.fixture
def wells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> State:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))
    return crowd(tmp_path / "campaign", passages=12)


def everybody(found: dict[str, Invoice]) -> Invoice:
    """All invoices as one."""
    whole = nothing()
    for one in found.values():
        for on, counts in one.items():
            for name, count in counts.items():
                whole[on][name] += count
    return whole


def test_every_finished_task_stands_once_under_what_it_was_on(wells: State) -> None:
    whole = everybody(invoices(wells))
    done = wells.tasks[wells.tasks["done"]]
    done = done[~done["stage"].isin(["authoring", "translating", "proofreading"])]
    kinds = Counter(kind_of(subject) for subject in done["question_id"])
    told = {on: sum(counts.get(name, 0) for name in TASKS) for on, counts in whole.items()}
    quizzes = len(AUTHORS)
    assert told == {
        "items": kinds[None] - quizzes, "qualifying": kinds["trial"] + quizzes, "plants": kinds["plant"],
        "rechecks": kinds["recheck"], "baselines": kinds["baseline"], "key_checks": kinds["key_check"],
    }  # fmt: skip
    assert all(told.values())
    assert (whole["qualifying"]["trials"], whole["qualifying"]["trial_words"]) == (6, 6 * 25)


def test_rechecks_are_the_experts_and_the_baseline_is_the_readers(wells: State) -> None:
    found = invoices(wells)
    assert {person for person, one in found.items() if one["rechecks"]["answers"]} == set(EXPERTS)
    assert {person for person, one in found.items() if one["baselines"]["answers"]} <= {
        f"h{n}" for n in range(1, 7)
    }
    assert not any(found[person]["items"]["answers"] for person in EXPERTS)


def test_the_same_work_done_twice_by_the_same_person_counts_once(wells: State) -> None:
    before = invoices(wells)
    tasks = wells.ledger.read(tables.TASKS)
    task = tasks[(tasks["stage"] == "judging") & (tasks["question_id"].map(kind_of).isna())].iloc[0].to_dict()
    again = {**task, "task_key": task["task_key"].removesuffix("/1") + "/2", "attempt": 2}
    annotations = wells.ledger.read(tables.ANNOTATIONS)
    given = annotations[annotations["task_key"] == task["task_key"]].iloc[0].to_dict()
    annotation = {**given, "task_key": again["task_key"], "annotation_id": "again"}
    event = tables.ANNOTATIONS.event_id(annotation)
    counted = {"kind": "read", "subject": event, "language": "", "detail": '{"outcome":"counted"}'}
    for table, row in ((tables.TASKS, again), (tables.ANNOTATIONS, annotation), (tables.EVENTS, counted)):
        row = {name: value for name, value in row.items() if name not in tables.LEDGERS_OWN}
        wells.ledger.append(table, [row])
    now = wells.fresh()
    assert now.tasks["done"].sum() == wells.tasks["done"].sum() + 1
    assert invoices(now) == before


def test_a_translation_that_came_in_twice_counts_once(wells: State) -> None:
    before = invoices(wells)
    made = wells.translation_texts(set(wells.translations["question_id"]))
    rows = made[(made["language"] == FRENCH) & (made["revision"] == 2)].head(1).to_dict("records")
    twice = [{k: v for k, v in row.items() if k not in tables.LEDGERS_OWN} for row in rows]
    wells.ledger.append(tables.TRANSLATIONS, [{**row, "annotation": "again"} for row in twice])
    assert len(wells.fresh().translations) == len(wells.translations) + 1
    assert invoices(wells.fresh()) == before
    assert before[HANDS[FRENCH][1]]["items"]["proofread"] == len(kept_questions(wells))


def test_agencies_are_the_sums_of_their_people(wells: State) -> None:
    told = people.people_facts(wells)
    assert sum(line["people"] for line in told["agencies"]) == len(told["people"])
    summed = everybody({str(line["agency"]): line["invoice"] for line in told["agencies"]})
    assert summed == everybody({one["person"]: one["invoice"] for one in told["people"]})
    assert summed == everybody(invoices(wells))


def test_authors_who_qualify_are_told_apart_in_a_real_course(tmp_path: Path) -> None:
    small: Small = begin(tmp_path / "campaign")
    small.configure("required = false", "required = true")
    small.configure("\ntrials = 2", "\ntrials = 1")
    small.configure("min_kept_trials = 2", "min_kept_trials = 1")
    small.advance()
    answer_quiz(small, "ana", wrong=3)
    answer_quiz(small, "ana")
    review_trial(small, write_trial(small, "ana"))
    found = invoices(small.state)
    assert (found["ana"]["qualifying"]["quizzes"], found["ana"]["qualifying"]["trials"]) == (2, 1)
    assert found["r1"]["qualifying"] == {**nothing()["qualifying"], "answers": 1, "judgements": 1}
    assert everybody(found)["items"] == nothing()["items"]
    told = people.people_facts(small.state)
    jsonschema.validate(told, schema())
    assert "trials" in invoice_page(told).html
    lines = [(line["stage"], line["copy"], line["done"]) for line in told["people"][0]["work"]]
    assert lines == [("qualifying", None, 2), ("authoring", None, 0), ("authoring", "trial", 1)]
    shown = CliRunner().invoke(main, ["people", small.address])
    assert "2 quizzes, 1 trial question" in shown.output


def test_a_page_that_was_mended_after_the_work_came_anew_is_not_paid_twice(
    own_state: Path, tmp_path: Path, studio: LabelStudio, visitor: Callable[[str], SignedInUser], campaign_id: str
) -> None:
    small = at("judging", tmp_path, campaign_id)
    small.servers = {"main": studio}
    (key, _) = small.keys("judging", question=BOATS)
    person = key.rpartition("/")[2]
    reviewer = visitor(person)
    set_contact(campaign_id, person, f"{person}@example.org")
    small.advance()
    title = small.state.campaign.workbench_title("judging", "eng_Latn", person)

    def task(wanted: str) -> int:
        return next(one.id for one in reviewer.open_tasks(title) if one.key == wanted)

    fine = judging_page.result(rubric=dict.fromkeys(review_criteria.CRITERIA, True), recommend="keep")
    first = reviewer.submit(task(key), fine[:-1])  # no recommendation: it comes back
    small.advance()
    reviewer.submit(task(f"{key}/2"), fine)
    reviewer.edit(first, fine)
    small.advance()
    done = small.state.tasks[small.state.tasks["done"]]
    assert set(done["task_key"][done["person"] == person]) >= {key, f"{key}/2"}
    assert invoices(small.state)[person]["items"]["judgements"] == 1
