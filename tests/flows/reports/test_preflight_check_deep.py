"""`belebele check --deep`: a campaign that lost something says what, and goes on by the lead's word."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from data.ledger import Ledger
from data.ledger import tables as nouns
from data.ledger.events import Closed, GivenUp, Late, Read, TaskClosed
from flows.cli.commands import main
from tests.flows.small_campaign import BOATS, Small, at, begin


def said(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def take_away(small: Small, table: nouns.Table) -> str:
    """The newest data file of a table is gone."""
    tail = Ledger(small.address).tail(table)
    assert tail is not None
    newest = next(one for one in reversed(tail.record.every()) if one.files)
    (name,) = newest.files
    Path(small.address, "ledger", table.name, name).unlink()
    return name


def test_a_campaign_that_lost_something_goes_on_by_the_lead_s_word(tmp_path: Path) -> None:
    small = at("answering", tmp_path)
    whole = said("check", small.address, "--deep")
    assert (whole.exit_code, whole.output[:5]) == (0, "✓ all"), whole.output
    passages = len(small.state.passages)

    lost = take_away(small, nouns.PASSAGES)
    blocked = said("status", small.address)
    assert blocked.exit_code == 2
    assert f"check {small.address} --deep" in blocked.output
    found = said("check", small.address, "--deep")
    assert found.exit_code == 1
    assert f"passages, version 1: {lost} is gone; {passages} rows were in it" in found.output
    assert said("check", small.address, "--mend").exit_code == 2

    mended = said("check", small.address, "--deep", "--mend")
    assert mended.exit_code == 0, mended.output
    assert f"{passages} rows are lost, what the source still has is read again" in mended.output
    assert small.advance().passages == passages
    assert len(small.state.passages) == passages
    assert small.advance().idle
    (event,) = small.state.events(GivenUp).to_dict("records")
    assert (event["subject"], lost in event["detail"]) == ("passages", True)


def test_what_rests_on_something_lost_is_named(tmp_path: Path) -> None:
    small = at("answering", tmp_path)
    take_away(small, nouns.ANNOTATIONS)
    before = Ledger(small.address).identity
    mended = said("check", small.address, "--deep", "--mend")
    assert "annotations was made anew with 0 events; 2 rows are lost, what the servers still hold" in mended.output
    assert "questions rest on 2 annotations that are not there" in mended.output
    assert mended.exit_code == 0, "it is given up"
    assert Ledger(small.address).identity != before, "so how far servers were read counts no more"
    small.submit(*small.keys("answering"))
    assert small.advance().annotations == 0  # by file it was learnt of at once
    assert small.keys("judging")


def lose(small: Small, *tables: nouns.Table) -> None:
    """Every data file of some tables is gone, and the lead goes on."""
    for table in tables:
        for file in Path(small.address, "ledger", table.name).glob("*.parquet"):
            file.unlink()
    assert said("check", small.address, "--deep", "--mend").exit_code == 0


def rows(small: Small, table: nouns.Table) -> list[dict[str, Any]]:
    """What a table holds, but for when it was written."""
    found = Ledger(small.address).read(table).drop(columns=["recorded_at", "decided_at"], errors="ignore")
    return sorted(found.astype(object).to_dict("records"), key=lambda row: str(row["event_id"]))


def ids(small: Small, table: nouns.Table) -> set[str]:
    """The events of a table."""
    return {row["event_id"] for row in rows(small, table)}


def released(small: Small, out: Path) -> dict[str, bytes]:
    made = said("release", small.address, "--version", "1.0.0", "--out", str(out))
    assert made.exit_code == 0, made.output
    return {str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.is_file() and p.name[0] != "."}


@pytest.mark.slow
def test_what_annotations_and_checks_made_is_made_again(tmp_path: Path) -> None:
    """The same events, and the same release; nothing counts twice."""
    small = at("accepted", tmp_path)
    lost = (nouns.QUESTIONS, nouns.TRANSLATIONS, nouns.VERDICTS, nouns.CHECKS)
    before = {table.name: {row["event_id"] for row in rows(small, table)} for table in lost}
    marks = len(small.state.events(Read))
    bytes_before = released(small, tmp_path / "before")
    lose(small, *lost)
    told = small.advance()
    assert told.restored >= sum(len(before[table.name]) for table in lost[:2])
    assert {table.name: {row["event_id"] for row in rows(small, table)} for table in lost} == before
    assert len(small.state.events(Read)) == marks
    assert (told.decisions, told.opened, told.closed) == ({}, 0, 0)
    assert released(small, tmp_path / "after") == bytes_before
    assert small.advance().idle
    deep = said("check", small.address, "--deep")
    assert "not there" not in deep.output, deep.output


def test_what_the_rules_decided_is_decided_again(tmp_path: Path) -> None:
    small = at("accepted", tmp_path)
    before, bytes_before = rows(small, nouns.DECISIONS), released(small, tmp_path / "before")
    lose(small, nouns.DECISIONS)
    told = [small.advance(), small.advance()]  # questions, then what renders them
    assert [(one.decisions, one.opened, one.closed) for one in told] == [({"keep": 2}, 0, 0), ({"keep": 4}, 0, 0)]
    assert [row["event_id"] for row in rows(small, nouns.DECISIONS)] == [row["event_id"] for row in before]
    assert released(small, tmp_path / "after") == bytes_before
    assert small.advance().idle


def test_revisions_keep_their_numbers_and_the_latest_stays_the_latest(tmp_path: Path) -> None:
    """A text was edited before it was decided upon; the earlier one alone is lost."""
    small = at("authoring", tmp_path)
    (key,) = small.keys("authoring", question=BOATS)
    small.submit(key, question="Where are the tools of Amina in the rainy season?")
    small.advance()
    early = list(Path(small.address, "ledger", "questions").glob("*.parquet"))
    small.submit(key)
    small.advance()
    before = rows(small, nouns.QUESTIONS)
    assert [row["revision"] for row in before if row["question_id"] == BOATS] in ([1, 2], [2, 1])
    for path in early:
        path.unlink()
    assert said("check", small.address, "--deep", "--mend").exit_code == 0
    assert small.advance().restored == 1
    after = rows(small, nouns.QUESTIONS)
    assert [{**row, "sequence": 0} for row in after] == [{**row, "sequence": 0} for row in before]
    sequence = {row["revision"]: row["sequence"] for row in after}
    assert sequence[1] < sequence[2]


def test_of_two_answers_the_later_still_counts(tmp_path: Path) -> None:
    """The earlier one comes back at its place, not behind the later one."""
    small = at("answering", tmp_path)
    (key, *_) = small.keys("answering", question=BOATS)
    small.submit(key, choice=2)
    small.advance()
    early = max(Path(small.address, "ledger", "verdicts").glob("*.parquet"), key=lambda path: path.stat().st_mtime)
    small.submit(*small.keys("answering", question=BOATS))
    small.submit(key, choice=1)
    answers = Ledger(small.address).read(nouns.VERDICTS).query("check == 'blind_answer'")
    early.unlink()
    assert said("check", small.address, "--deep", "--mend").exit_code == 0
    assert small.advance().restored == len(answers)
    person = small.state.tasks.set_index("task_key")["person"][key]
    found = Ledger(small.address).read(nouns.VERDICTS).query("check == 'blind_answer'")
    assert set(answers["event_id"]) <= set(found["event_id"])
    assert found["flagged"][found["judge"] == person].tolist() == [True, False]


def test_a_mark_that_is_lost_is_made_again_though_it_would_be_late_now(tmp_path: Path) -> None:
    """Who has seen the key since may not answer blind any more; who had answered before has."""
    small = at("judging", tmp_path)
    take_away(small, nouns.EVENTS)
    counted = set(Ledger(small.address).read(nouns.VERDICTS).query("check == 'blind_answer'")["origin"])
    assert said("check", small.address, "--deep", "--mend").exit_code == 0
    small.advance()
    assert counted <= set(small.state.counted)
    assert not len(small.state.events(Late))


def test_work_by_file_that_is_lost_is_imported_again_as_what_it_was(tmp_path: Path) -> None:
    """What was made of it is there, so it is known when it came, and it counts once."""
    small = at("answering", tmp_path)
    keys = small.keys("answering")
    small.submit(*keys)
    small.advance()
    file = (tmp_path / "campaign" / "work.jsonl").read_bytes()
    before = rows(small, nouns.ANNOTATIONS)
    lose(small, nouns.ANNOTATIONS)
    (tmp_path / "again.jsonl").write_bytes(file)
    taken = said("import", small.address, str(tmp_path / "again.jsonl"))
    assert f"{len(keys)} pieces of work taken in" in taken.output, taken.output
    back = {row["event_id"] for row in rows(small, nouns.ANNOTATIONS)}
    assert len(back) == len(keys)
    assert back <= {row["event_id"] for row in before}
    told = small.advance()
    assert (told.verdicts, told.opened) == (0, 0)
    assert not len(small.state.events(Late))
    again = said("import", small.address, str(tmp_path / "again.jsonl"))
    assert f"{len(keys)} lines as they were taken in before" in again.output


def test_what_an_older_copy_has_is_taken_back(tmp_path: Path) -> None:
    small = at("judging", tmp_path)
    copy = shutil.copytree(small.address, tmp_path / "copy")
    before = {name: rows(small, table) for name, table in nouns.TABLES.items() if name not in ("leases", "events")}
    small.submit(*small.keys("judging"))
    small.advance()
    everything = {name: {row["event_id"] for row in rows(small, nouns.TABLES[name])} for name in before}
    for name in ("tasks", "decisions", "annotations"):
        for file in Path(small.address, "ledger", name).glob("*.parquet"):
            file.unlink()
    whole = {p: p.read_bytes() for p in copy.rglob("*") if p.is_file()}
    told = said("check", small.address, "--deep", "--mend", "--from", str(copy))
    assert told.exit_code == 0, told.output
    assert f"tasks: {len(before['tasks'])} rows are back from {copy}" in told.output
    for name, had in before.items():
        now = {row["event_id"]: repr(row) for row in rows(small, nouns.TABLES[name])}
        assert [now[row["event_id"]] for row in had] == list(map(repr, had)), "each at its place"
        assert set(now) <= everything[name]
    assert {p: p.read_bytes() for p in copy.rglob("*") if p.is_file()} == whole, "it is only read"
    again = said("check", small.address, "--deep", "--mend", "--from", str(copy))
    assert "holds nothing that the ledger lacks" in again.output
    stranger = said("check", small.address, "--deep", "--mend", "--from", at("answering", tmp_path / "x").address)
    assert stranger.exit_code == 0, "an earlier state of the same campaign is a copy too"
    assert said("check", small.address, "--deep", "--mend", "--from", str(tmp_path)).exit_code == 2
    other = begin(tmp_path / "other").address
    assert "no copy of this campaign" in said("check", small.address, "--deep", "--mend", "--from", other).output


def test_what_an_exported_table_has_is_taken_back(tmp_path: Path) -> None:
    """Also what nothing else has: who had which task, what the lead said, and work that came by file."""
    small = at("judging", tmp_path)
    lost = (nouns.TASKS, nouns.ANNOTATIONS, nouns.EVENTS, nouns.DECISIONS)
    before = {table.name: rows(small, table) for table in lost}
    for table in lost:
        out = tmp_path / f"{table.name}.parquet"
        assert said("export", small.address, table.name, "--out", str(out)).exit_code == 0
    lose(small, *lost)
    for table in lost:
        told = said("check", small.address, "--deep", "--mend", "--from", str(tmp_path / f"{table.name}.parquet"))
        assert told.exit_code == 0, told.output
        count = len(before[table.name])
        assert (
            f"{table.name}: {count} rows are back" if count else "nothing that the ledger lacks"
        ) in told.output
    for table in lost:
        now = {row["event_id"]: repr(row) for row in rows(small, table)}
        assert [now[row["event_id"]] for row in before[table.name]] == list(map(repr, before[table.name]))
    told, keys = small.advance(), small.keys("judging")
    assert (told.annotations, told.opened, told.closed, told.decisions) == (0, 0, 0, {})
    small.submit(*keys)
    assert small.advance().verdicts
    sheet = tmp_path / "tasks.csv"
    assert said("export", small.address, "tasks", "--out", str(sheet)).exit_code == 0
    refused = said("check", small.address, "--deep", "--mend", "--from", str(sheet))
    assert (refused.exit_code, "exported as .parquet" in refused.output) == (2, True), refused.output


def test_the_checks_that_judged_are_written_down_again(tmp_path: Path) -> None:
    """A release names each with its version and parameters, so they are needed though nothing is judged again."""
    small = at("judging", tmp_path)
    before = ids(small, nouns.CHECKS)
    lose(small, nouns.CHECKS)
    assert small.advance().restored == len(before)
    assert ids(small, nouns.CHECKS) == before
    assert small.advance().idle


def test_what_rests_on_tasks_comes_back_once_they_are_taken_back(tmp_path: Path) -> None:
    """Without them nothing can be read again; a later look finds that it can."""
    small = at("answering", tmp_path)
    before = ids(small, nouns.QUESTIONS)
    assert said("export", small.address, "tasks", "--out", str(tmp_path / "tasks.parquet")).exit_code == 0
    lose(small, nouns.TASKS, nouns.QUESTIONS)
    small.advance()
    assert ids(small, nouns.QUESTIONS) == set()
    given = said("check", small.address, "--deep", "--mend", "--from", str(tmp_path / "tasks.parquet"))
    assert given.exit_code == 0, given.output
    small.advance()
    assert ids(small, nouns.QUESTIONS) == before


@pytest.mark.parametrize("other", [nouns.QUESTIONS, nouns.VERDICTS], ids=lambda table: table.name)
def test_marks_that_are_lost_with_what_was_made_come_back_with_it(other: nouns.Table, tmp_path: Path) -> None:
    """A reviewer's choice is right or wrong by a question; and that it counted shows in the decision on it."""
    small = at("translating", tmp_path)
    before, marks = ids(small, other), set(small.state.events(Read)["subject"])
    lose(small, nouns.EVENTS, other)
    small.advance()
    assert ids(small, other) == before
    assert set(small.state.events(Read)["subject"]) == marks == set(small.state.counted)
    assert not len(small.state.events(Late))
    small.advance()
    assert small.advance().idle


def test_blind_answers_without_mark_verdict_and_decision_count_by_the_judging_that_they_opened(
    tmp_path: Path,
) -> None:
    """Their readers have seen the key since; taken for late, the questions would wait for nobody for ever."""
    small = at("translating", tmp_path)
    verdicts = Ledger(small.address).read(nouns.VERDICTS)
    blind, kept = set(verdicts["event_id"][verdicts["check"] == "blind_answer"]), small.state.decisions
    lose(small, nouns.VERDICTS, nouns.DECISIONS, nouns.EVENTS)
    small.advance()
    assert blind
    assert blind <= ids(small, nouns.VERDICTS)
    assert not len(small.state.events(Late))
    assert set(small.state.decisions["subject"]) == set(kept["subject"])
    assert set(small.state.decisions["outcome"]) == {"keep"}
    small.advance()
    assert small.advance().idle


def test_a_ledger_without_its_tasks_goes_on(tmp_path: Path) -> None:
    small = at("authoring", tmp_path)
    closed = TaskClosed(Closed.SKIPPED, person="ana").row(small.keys()[0], "eng_Latn")
    small.state.ledger.append(nouns.EVENTS, [closed])
    lose(small, nouns.TASKS)
    assert small.advance().opened
    small.advance()
    assert small.advance().idle
