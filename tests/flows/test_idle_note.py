"""A run with nothing to do reads no table while nothing has changed, and whatever changes is noticed."""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest

import flows
from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.fake import FakeLabelStudio
from annotation.labelstudio.server_layer import CopyHeld
from annotation.labelstudio.server_records import Webhook
from annotation.labelstudio.signed_in_user import SignedInUser
from annotation.stages import page_of
from data.campaign.contacts import Contact, set_contact, set_contacts
from data.environment import state_dir
from data.errors import LedgerDamaged, LedgerError, ServerError, UsageError
from data.ledger import Ledger, tables
from flows import flow_runs, idle_note
from flows.advance import advance, idle_progress
from flows.lead import lead_actions
from flows.program_digest import PACKAGES, program_digest
from tests.flows.small_campaign import Small, at
from tests.flows.stages.test_disputes import FIELDS

PASSWORD = "a-password-of-nobody"


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Notes and marks of their own; and no second look at what is a minute old: in a test everything is."""
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setattr("annotation.labelstudio.submission_reading.OVERLAP", timedelta(0))


@contextmanager
def reading() -> Iterator[list[str]]:
    """Collect the tables that are read in the block."""
    read, names = Ledger.read_arrow, list[str]()

    def noted(self: Ledger, table: tables.Table, *given: Any) -> Any:
        names.append(table.name)
        return read(self, table, *given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ledger, "read_arrow", noted)
        yield names


def rests(small: Small) -> bool:
    """Whether a look finds nothing to do without reading the ledger."""
    with reading() as names:
        found = idle_progress(small.address, small.servers)
    return found is not None and not names


def settled(small: Small) -> Small:
    """A campaign that was looked at until nothing was to be done."""
    small.advance()
    for _ in range(20):
        if rests(small):
            return small
        time.sleep(0.1)  # what a server has changed this moment is read again
    raise AssertionError("there is always something to do")


def test_a_second_look_reads_no_table_and_says_the_same(tmp_path: Path) -> None:
    small = at("proofreading", tmp_path / "wells")
    with reading() as names:
        first = idle_progress(small.address, {})
    assert "verdicts" in names
    with reading() as names:
        assert idle_progress(small.address, {}) == first
    assert names == []


def test_an_advance_that_found_nothing_to_do_leaves_the_note(tmp_path: Path) -> None:
    small = at("judging", tmp_path / "wells")
    assert small.advance().idle
    assert rests(small)


def test_without_a_server_of_prefect_the_command_reads_no_table_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = at("judging", tmp_path / "wells")
    monkeypatch.setattr("flows.advance.servers_of", lambda _: {})
    monkeypatch.setattr(flow_runs, "prefect_api", lambda: None)
    assert flow_runs.run_advance(small.address).idle
    epochs = len(Ledger(small.address).read(tables.LEASES))
    with reading() as names:
        assert flow_runs.run_advance(small.address).idle
    assert names == []
    assert len(Ledger(small.address).read(tables.LEASES)) == epochs, "it took no lease"
    with reading() as names:
        assert flow_runs.run_advance(small.address, full=True).idle
    assert "tasks" in names, "--full looks at everything"


def renamed(small: Small) -> None:
    small.configure('title = "Small"', 'title = "Larger"')


def guided(small: Small) -> None:
    folder = Path(small.address, "guidelines")
    folder.mkdir(exist_ok=True)
    (folder / "judging.md").write_text("# Judging\n\nRead twice.\n", "utf-8")


def listed(small: Small) -> None:
    Path(small.address, "terms.csv").write_text("term,fra_Latn\nriver,rivière\n", "utf-8")


def moved_source(small: Small) -> None:
    os.utime(small.folder / "passages.jsonl", ns=(1, 1))


def acquainted(small: Small) -> None:
    set_contact("small", "ana", "ana@example.org", "Ana Example")


def unsubscribed(small: Small) -> None:
    set_contacts("small", {"ben": Contact("ben@example.org", "Ben", mail=False)})


def emptied_note(small: Small) -> None:
    (note,) = (state_dir() / "idle").iterdir()
    note.write_text('{"world": "of another kind"}', "utf-8")


def reassigned(small: Small) -> None:
    lead_actions.reassign(small.state, "r1")


@pytest.mark.parametrize(
    "change",
    [renamed, guided, listed, moved_source, acquainted, unsubscribed, emptied_note, reassigned],
    ids=lambda one: one.__name__,
)
def test_after_any_change_the_ledger_is_read_again(
    tmp_path: Path, change: Callable[[Small], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    small = at("judging", tmp_path / "wells")
    guided(small)
    (Path(small.address) / "terms.csv").write_text("term,fra_Latn\nboat,bateau\n", "utf-8")
    Path(small.address, "guidelines", "judging.md").write_text("# Judging\n", "utf-8")
    small.configure("[guidelines]", '[guidelines]\nfolder = "guidelines"')
    small.configure("[translation]", '[translation]\nglossary = "terms.csv"')
    set_contact("small", "ben", "ben@example.org", "Ben")
    settled(small)
    change(small)
    with reading() as names:
        idle_progress(small.address, {})
    assert names
    settled(small)


def test_where_people_are_told_the_note_holds_for_an_hour_and_one_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = at("judging", tmp_path / "wells")
    monkeypatch.setattr(idle_note, "datetime", Clock)
    settled(small)
    monkeypatch.setattr(Clock, "hours", 8)
    assert rests(small), "nobody is told anything, so no clock decides"
    small.configure("[notify]\nenabled = false", "[notify]\nenabled = true")
    settled(small)
    monkeypatch.setattr(Clock, "hours", 9)
    assert not rests(small)
    settled(small)
    monkeypatch.setenv("BELEBELE_SMTP_URL", "smtp://localhost:1")
    assert not rests(small)


class Clock(datetime):
    """A clock that stands."""

    hours = 7

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Clock:
        return cls(2026, 1, 31, cls.hours, tzinfo=tz)


def test_after_a_change_of_the_program_the_ledger_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = settled(at("judging", tmp_path / "wells"))
    program_digest.cache_clear()
    assert rests(small)
    seen = program_digest()
    module = Path(flows.__file__)
    facts = module.stat()
    try:
        os.utime(module, ns=(facts.st_atime_ns, facts.st_mtime_ns + 1))
        program_digest.cache_clear()
        assert program_digest() != seen
        assert not rests(small)
    finally:
        os.utime(module, ns=(facts.st_atime_ns, facts.st_mtime_ns))
        program_digest.cache_clear()


@pytest.mark.parametrize("what", ["cut", "gone", "log"])
def test_a_damaged_ledger_is_no_rest(tmp_path: Path, what: str) -> None:
    small = settled(at("judging", tmp_path / "wells"))
    folder = Path(small.address, "ledger", "verdicts")
    newest = max(folder.glob("*.parquet"), key=lambda one: one.stat().st_mtime_ns)
    if what == "log":
        newest = max((folder / "_delta_log").glob("*.json"))
    if what == "cut":
        newest.write_bytes(newest.read_bytes()[:-1])
    else:
        newest.unlink()
    with pytest.raises(LedgerDamaged if what == "log" else LedgerError, match="check --deep"):
        idle_progress(small.address, {})


def test_whatever_file_a_look_opens_is_compared(tmp_path: Path) -> None:
    """So that nobody adds another file to look at, and a change of it goes unnoticed."""
    small = at("proofreading", tmp_path / "wells")
    settled(small)
    acquainted(small)
    opened: set[str] = set()
    listening = [True]

    def note(event: str, given: tuple[Any, ...]) -> None:
        if listening[0] and event == "open" and isinstance(given[0], (str, Path)):
            opened.add(str(Path(given[0]).resolve()))

    sys.addaudithook(note)
    try:
        idle_progress(small.address, {})
    finally:
        listening[0] = False
    state, here = state_dir().resolve(), Path(small.address).resolve()
    program = Path(flows.__file__).resolve().parents[1]
    known = (
        *(program / package for package in PACKAGES), Path(sys.prefix).resolve(), here / "ledger",
        Path(sys.base_prefix).resolve(), here / "campaign.toml", here / "passages.jsonl", state / "people",
        state / "idle", Path("/proc"), Path("/dev"), Path("/sys"), Path("/etc"),
    )  # fmt: skip
    strange = {one for one in opened if not any(Path(one).is_relative_to(place) for place in known)}
    assert here / "campaign.toml" in map(Path, opened)
    assert strange == set()


# Servers ---------------------------------------------------------------------------------------------------------


@pytest.fixture(params=[False, True], ids=["plain", "layer"])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Small, dict[str, SignedInUser]]]:
    """A campaign on a server of its own, where its people have signed up and nothing is to be done."""
    small = at("judging", tmp_path / "wells")
    with ExitStack() as stack:
        fake = stack.enter_context(FakeLabelStudio(layer=request.param))
        small.servers = {"main": stack.enter_context(LabelStudio(fake.url, fake.token))}
        people = {}
        for person in ("ana", "ben", "r1", "r2", "r3"):
            set_contact("small", person, f"{person}@example.org")
            people[person] = sign_up(stack, small, person)
        settled(small)
        yield small, people


def sign_up(stack: ExitStack, small: Small, person: str) -> SignedInUser:
    studio = small.servers["main"]
    return stack.enter_context(
        SignedInUser.sign_up(studio.url, studio.invitation(), f"{person}@example.org", PASSWORD)
    )


def test_a_look_at_a_server_that_has_nothing_new_reads_no_table(
    served: tuple[Small, dict[str, SignedInUser]],
) -> None:
    small, _ = served
    assert all(rests(small) for _ in range(3))


def test_what_somebody_submits_is_found(served: tuple[Small, dict[str, SignedInUser]]) -> None:
    small, people = served
    key = small.keys("judging")[0]
    person = key.rpartition("/")[2]
    title = small.state.campaign.workbench_title("judging", "eng_Latn", person)
    task = next(task for task in people[person].open_tasks(title) if task.key == key)
    number = people[person].submit(task.id, page_of("judging").result(FIELDS["judging"], task.data, ""))
    assert idle_progress(small.address, small.servers) is None
    assert small.advance().annotations == 1
    settled(small)
    again = {**FIELDS["judging"], "comment": "Seen again."}
    people[person].edit(number, page_of("judging").result(again, task.data, ""))
    assert idle_progress(small.address, small.servers) is None


def test_a_new_account_and_a_new_webhook_are_found(
    served: tuple[Small, dict[str, SignedInUser]], monkeypatch: pytest.MonkeyPatch
) -> None:
    small, _ = served
    studio = small.servers["main"]
    set_contact("small", "t1", "t1@example.org")
    assert idle_progress(small.address, small.servers) is not None, "t1 has no account so far"
    assert rests(small)
    with ExitStack() as stack:
        sign_up(stack, small, "t1")
        assert idle_progress(small.address, small.servers) is None
        settled(small)
    bench = next(iter(studio.workbenches("small/").values()))
    hook = Webhook(7, "https://example.org/there", bench.id, sends=True)
    monkeypatch.setattr(LabelStudio, "webhooks", lambda _: (hook,))
    assert idle_progress(small.address, small.servers) is None


def test_a_workbench_that_is_read_whole_again_is_compared(
    served: tuple[Small, dict[str, SignedInUser]], monkeypatch: pytest.MonkeyPatch
) -> None:
    small, people = served
    monkeypatch.setattr("annotation.labelstudio.submission_reading.STALE", timedelta(0))
    assert idle_progress(small.address, small.servers) is not None, "every workbench is read whole"
    assert rests(small)
    assert rests(small)
    key = small.keys("judging")[0]
    person = key.rpartition("/")[2]
    title = small.state.campaign.workbench_title("judging", "eng_Latn", person)
    task = next(task for task in people[person].open_tasks(title) if task.key == key)
    people[person]._ask("PATCH", f"/api/tasks/{task.id}/", body={"data": {**task.data, "passage": "Other."}})
    assert idle_progress(small.address, small.servers) is None, "somebody changed what a task shows"


def test_a_server_that_does_not_answer_is_told_of_and_leaves_no_note(
    served: tuple[Small, dict[str, SignedInUser]], monkeypatch: pytest.MonkeyPatch
) -> None:
    small, _ = served

    def silent(*_: object, **__: object) -> None:
        raise ServerError("the server does not answer")

    with monkeypatch.context() as patch:
        patch.setattr(LabelStudio, "listing", silent)
        for _ in range(2):
            with reading() as names:
                found = idle_progress(small.address, small.servers)
            assert found is not None
            assert found.problems == ["the server does not answer"]
            assert names
    assert rests(small)


def test_another_copy_of_the_campaign_is_met_as_ever(
    served: tuple[Small, dict[str, SignedInUser]], monkeypatch: pytest.MonkeyPatch
) -> None:
    small, _ = served
    monkeypatch.setattr(LabelStudio, "note_copy", lambda *_: CopyHeld(fits=False, owner="elsewhere:1", run=9))
    with pytest.raises(UsageError, match="another copy of this campaign works there"):
        idle_progress(small.address, small.servers)


def test_another_server_under_the_same_name_is_looked_at(served: tuple[Small, dict[str, SignedInUser]]) -> None:
    small, _ = served
    with FakeLabelStudio() as fake, LabelStudio(fake.url, fake.token) as other:
        assert idle_progress(small.address, {"main": other}) is None, "its workbenches are to be made"


def test_what_a_run_was_told_of_is_told_again(tmp_path: Path) -> None:
    small = at("judging", tmp_path / "wells")
    small.configure("[guidelines]", '[guidelines]\nfolder = "guidelines"')
    folder = Path(small.address, "guidelines")
    folder.mkdir()
    (folder / "judging.md").write_text("# Judging\n", "utf-8")
    settled(small)
    (folder / "judgeing.md").write_text("# Judging\n", "utf-8")
    found = idle_progress(small.address, {})
    assert found is not None
    assert found.problems
    assert rests(small)
    assert idle_progress(small.address, {}) == found


@pytest.mark.parametrize("seed", range(2))
def test_a_note_hides_nothing(tmp_path: Path, seed: int) -> None:
    """Whatever is done in whatever order: with the note a look says what it says without it."""
    small, chance = at("translating", tmp_path / "wells"), random.Random(seed)
    for _ in range(8):
        match chance.choice(["submit", "advance", "look", "title", "reassign"]):
            case "submit" if keys := small.keys():
                small.submit(chance.choice(keys))
            case "advance":
                advance(small.address, {})
            case "title":
                text = Path(small.address, "campaign.toml").read_text("utf-8")
                old = next(line for line in text.splitlines() if line.startswith("title ="))
                small.configure(old, f'title = "Small {chance.randrange(3)}"')
            case "reassign" if keys := small.keys():
                lead_actions.reassign(small.state, chance.choice(keys).rpartition("/")[2])
            case _:
                idle_progress(small.address, {})
        with_note = idle_progress(small.address, {})
        for note in (state_dir() / "idle").glob("*.json"):
            note.unlink()
        without = idle_progress(small.address, {})
        assert with_note == without


def test_equal_answers_have_equal_digests_and_different_ones_do_not() -> None:
    one = {2: frozenset({3, 1}), 1: (Webhook(1, "https://example.org", None, True),)}
    same = {1: [Webhook(1, "https://example.org", None, True)], 2: frozenset({1, 3})}
    other = {**same, 1: [replace(same[1][0], sends=False)]}
    told = [json.dumps(idle_note._plain(answer)) for answer in (one, same, other)]
    assert told[0] == told[1] != told[2]
