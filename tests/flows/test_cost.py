"""What an advance costs when there is little to do: what it reads, and when it looks only."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from annotation.forms.label_configuration import VERSION
from annotation.labelstudio.client import Workbench
from data.ledger import Ledger, detail, tables
from data.ledger.events import Closed, TaskClosed, TaskPublished, details_of, fact
from flows.advance import idle_progress
from flows.campaign_state import State, among
from flows.lead import lead_actions
from flows.ledger_views.current_items import kept_questions
from flows.run_mode import Mode
from flows.steps.task_publication import Workbenches, publish
from flows.workbenches import guideline_versions
from flows.workbenches.outcome_cards import marks
from flows.workbenches.workbench_pages import WorkbenchPages
from tests.flows.small_campaign import BAKERY, BOATS, Small, at


def test_with_nothing_to_do_no_table_is_read_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small, read = at("proofreading", tmp_path), Ledger.read_arrow
    times: Counter[str] = Counter()

    def counted(self: Ledger, table: tables.Table, *given: Any) -> Any:
        times[table.name] += 1
        return read(self, table, *given)

    monkeypatch.setattr(Ledger, "read_arrow", counted)
    assert small.advance().idle
    assert times["verdicts"] == 1, "of what waits for people, and of nothing else"
    assert set(times.values()) == {1}


def test_what_is_written_is_read_again_and_nothing_else(tmp_path: Path) -> None:
    small = at("authoring", tmp_path)
    state = small.state
    tasks, passages = state.tasks, state.passages
    assert state.fresh() is state
    lead_actions.reassign(state, "ana")
    fresh = state.fresh()
    assert fresh is not state
    assert fresh.tasks["open"].sum() < tasks["open"].sum() == state.tasks["open"].sum()
    assert fresh.readings["tasks"] is state.readings["tasks"]
    pd.testing.assert_frame_equal(fresh.passages, passages)


@pytest.mark.parametrize("stage", ["authoring", "answering", "judging", "translating", "proofreading", "accepted"])
def test_the_look_tells_whether_there_is_something_to_do(tmp_path: Path, stage: str) -> None:
    small = at(stage, tmp_path)
    before = small.state.ledger.version()
    told = idle_progress(small.address, {})
    assert told is not None
    assert told.idle
    for key in sorted(small.open()["task_key"]):
        work = Small(small.folder)
        work.submit(key)
        assert idle_progress(small.address, {}) is None
        work.advance()
        assert idle_progress(small.address, {}) is not None
    assert before == small.state.ledger.version() or stage != "accepted"


def test_the_look_writes_nothing(tmp_path: Path) -> None:
    small = at("answering", tmp_path)
    small.submit(*small.keys())
    small.configure('title = "Small"', 'title = "Larger"')
    before = small.state.ledger.version()
    assert idle_progress(small.address, {}) is None
    assert small.state.ledger.version() == before


def is_published(state: State, counted: dict[str, Workbenches]) -> bool:
    return not publish(state, {}, counted=counted, mode=Mode.LOOK).unfinished


def test_a_workbench_that_vanished_or_was_emptied_is_something_to_do(tmp_path: Path) -> None:
    small = at("translating", tmp_path)
    state = small.state
    ended = marks(state)
    shown = {key: {"notices": 0, "page": VERSION, "fate": ended.get(key, "")} for key in state.tasks["task_key"]}
    done = {"kind": "published", "language": ""}
    state.ledger.append(
        tables.EVENTS, [{**done, "subject": key, "detail": detail(facts)} for key, facts in shown.items()]
    )
    state = state.fresh()
    tasks = state.tasks.groupby(["stage", "language", "person"]).size()
    now = datetime.now(UTC)
    seal_of = WorkbenchPages(state).seal
    titles = {state.campaign.workbench_title(*place): count for place, count in tasks.items()}
    benches = {title: Workbench(1, title, count, 0, now, seal=seal_of(title)) for title, count in titles.items()}
    assert not is_published(state, {"main": benches}), "no workbench shows the guideline in force so far"
    guided = [row for title in benches for row in guideline_versions.guided(state, title)]
    state.ledger.append(tables.EVENTS, guided)
    assert not is_published(state.fresh(), {"main": benches}), "what they show is not noted"
    notes = {title: detail({"wanted": seal_of(title), "served": seal_of(title), "number": 1}) for title in benches}
    state.ledger.append(
        tables.EVENTS,
        [{"kind": "page", "subject": title, "language": "", "detail": note} for title, note in notes.items()],
    )
    state = state.fresh()
    assert is_published(state, {"main": benches})
    (open_one, *_) = [title for title in benches if "translating" in title]
    (done_one, *_) = [title for title in benches if "authoring" in title]
    assert not is_published(state, {"main": {t: b for t, b in benches.items() if t != open_one}})
    assert is_published(state, {"main": {t: b for t, b in benches.items() if t != done_one}})
    for title in (open_one, done_one):
        emptied = replace(benches[title], tasks=0)
        assert not is_published(state, {"main": {**benches, title: emptied}})
        changed = replace(benches[title], seal=benches[title].seal.replace(".", "0.", 1))
        assert not is_published(state, {"main": {**benches, title: changed}})
    assert is_published(state, {}), "of a server that does not answer nothing is known"


def test_among_is_isin() -> None:
    column = pd.Series(["a", "b", None, "a"], index=[3, 5, 7, 9], dtype="str")
    for values in ({"a", "c"}, [], pd.Series(["b"]), frozenset({"a"})):
        pd.testing.assert_series_equal(among(column, values), column.isin(list(values)), check_names=False)


def test_facts_of_events() -> None:
    closed = [TaskClosed(Closed.SKIPPED), TaskClosed(Closed.REASSIGNED, person="ana"), TaskClosed(Closed.SKIPPED)]
    events = pd.DataFrame({"detail": [one.detail() for one in closed]}, index=[2, 4, 8])
    assert fact(events, TaskClosed, "why").to_dict() == {2: "skipped", 4: "reassigned", 8: "skipped"}
    assert fact(events, TaskClosed, "person").to_dict() == {2: None, 4: "ana", 8: None}
    assert fact(events.head(0), TaskClosed, "why").empty


def test_what_no_two_events_share_is_left_out_before_they_are_read() -> None:
    texts = [TaskPublished(0, seal, page=3).detail() for seal in ("aa", "bb", "cc")]
    read = details_of(pd.DataFrame({"detail": texts}), TaskPublished, but="seal")
    assert read == [TaskPublished(0, page=3)] * 3
    assert len({id(one) for one in read}) == 1, "they are equal without it, and were read once"


def test_questions_are_those_that_the_campaign_has(tmp_path: Path) -> None:
    assert set(kept_questions(at("accepted", tmp_path).state)["question_id"]) == {BOATS, BAKERY}
