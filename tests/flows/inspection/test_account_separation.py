"""A server with our layer is told who works where, and what it keeps apart is not counted as exposed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.fake import FakeLabelStudio
from annotation.labelstudio.server_layer import layer_digest
from annotation.labelstudio.signed_in_user import SignedInUser
from annotation.stages import page_of
from data.campaign.campaign import Campaign
from data.campaign.contacts import set_contact
from data.errors import ServerError
from data.ledger import Ledger, tables
from data.ledger.events import SkipExplained, details_of
from data.ledger.tables import Stage
from flows.advance import idle_progress
from flows.inspection.account_ownership import account_owners, number
from flows.inspection.account_separation import kept_apart
from flows.reports.history.item_history import item_history
from flows.reports.history.item_history_lines import lines
from flows.reports.preflight_check import _servers
from flows.reports.skipped_tasks import reasons_at, skips_in_words
from flows.reports.status import _about_blindness, status
from flows.reports.workbench_links import links
from tests.flows.small_campaign import TEXTS, Small, at
from tests.flows.stages.test_disputes import FIELDS

PASSWORD = "a-password-of-nobody"


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ExitStack]:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))
    with ExitStack() as stack:
        yield stack


def settled(stack: ExitStack, small: Small, *, layer: bool) -> dict[str, SignedInUser]:
    """Put the campaign on a server of its own, where everybody has signed up."""
    fake = stack.enter_context(FakeLabelStudio(layer=layer))
    studio = stack.enter_context(LabelStudio(fake.url, fake.token))
    small.servers = {"main": studio}
    people = {}
    for person in ("ana", "ben", "r1", "r2", "r3"):
        set_contact(small.state.campaign.id, person, f"{person}@example.org")
        signed = SignedInUser.sign_up(studio.url, studio.invitation(), f"{person}@example.org", PASSWORD)
        people[person] = stack.enter_context(signed)
    small.advance()
    return people


def work(small: Small, people: dict[str, SignedInUser], stage: str) -> None:
    """Everybody does what they have of a stage, on its page."""
    for key in small.keys(stage):
        subject, person = key.split("/")[2], key.split("/")[4]
        title = small.state.campaign.workbench_title(cast("Stage", stage), "eng_Latn", person)
        task = next(task for task in people[person].open_tasks(title) if task.key == key)
        said = {**FIELDS[stage], **(TEXTS[subject, "eng_Latn"] if stage == "authoring" else {})}
        people[person].submit(task.id, page_of(stage).result(said, task.data, ""))
    small.advance()


def test_each_account_is_let_into_its_persons_workbenches(tmp_path: Path, stack: ExitStack) -> None:
    small = at("answering", tmp_path)
    people = settled(stack, small, layer=True)
    studio = small.servers["main"]
    prefix = f"{small.state.campaign.id}/"
    benches = studio.workbenches(prefix)
    assert benches
    assert studio.members() == {
        bench.id: frozenset({people[title.rpartition("/")[2]].account}) for title, bench in benches.items()
    }
    assert idle_progress(small.address, small.servers) is not None, "nothing more is to do"

    first = next(iter(benches.values()))
    studio.admit({first.id: (*(one.account for one in people.values()),)})
    assert idle_progress(small.address, small.servers) is None, "somebody let others in"
    small.advance()
    assert studio.members()[first.id] == frozenset({people[first.title.rpartition("/")[2]].account})


def test_letting_people_in_asks_nothing_of_the_server_where_nothing_changed(
    tmp_path: Path, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside twenty people at work each request waits for seconds; one that was opened is let in with one."""
    small = at("answering", tmp_path)
    people = settled(stack, small, layer=True)
    studio, asked = small.servers["main"], list[str]()

    def counted(name: str) -> Callable[..., Any]:
        ordinary = getattr(LabelStudio, name)
        return lambda *given, **named: (asked.append(name), ordinary(*given, **named))[1]

    for name in ("accounts", "workbenches", "listing", "members", "admit"):
        monkeypatch.setattr(LabelStudio, name, counted(name))
    small.advance()
    assert sorted(asked) == ["accounts", "listing", "members"]
    asked.clear()
    work(small, people, "answering")  # opens judging
    assert sorted(asked) == ["accounts", "admit", "listing", "members"]
    monkeypatch.undo()
    judging = [title for title in studio.workbenches(f"{small.state.campaign.id}/") if "/judging/" in title]
    assert judging and all(people[title.rpartition("/")[2]].open_tasks(title) for title in judging)
    assert all(one for one in (studio.members() or {}).values())


def test_a_server_that_does_not_name_its_accounts_shuts_nobody_out(
    tmp_path: Path, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = at("answering", tmp_path)
    settled(stack, small, layer=True)
    before = small.servers["main"].members()

    def broken(_: LabelStudio) -> dict[str, str]:
        raise ServerError("it does not say")

    monkeypatch.setattr(LabelStudio, "accounts", broken)
    small.advance()
    assert small.servers["main"].members() == before


def test_an_account_is_whose_invitation_it_was_made_with(tmp_path: Path, stack: ExitStack) -> None:
    """Whatever address it has: also that of a colleague, whose own account comes later."""
    small = at("answering", tmp_path)
    settled(stack, small, layer=True)
    studio, name = small.servers["main"], small.state.campaign.id
    invited = {link.person: link.url for link in links(small.state, small.servers)[0] if link.what == "sign up"}
    assert {"p1", "t1"} <= set(invited) and len(set(invited.values())) == len(invited)
    set_contact(name, "t1", "t1@example.org")
    taken = stack.enter_context(SignedInUser.sign_up(studio.url, invited["p1"], "t1@example.org", PASSWORD))
    small.advance()
    owners = {number(account): code for (_, account), code in account_owners(small.state).items()}
    assert owners[str(taken.account)] == "p1"
    assert "t1" not in owners.values()


def test_what_a_server_keeps_apart_is_not_within_reach(tmp_path: Path, stack: ExitStack) -> None:
    """The authors' pages hold keys when reviewers answer; with the layer no reviewer reaches them."""
    counts, told = {}, {}
    for layer in (False, True):
        (tmp_path / str(layer)).mkdir()
        small = at("authoring", tmp_path / str(layer))
        people = settled(stack, small, layer=layer)
        work(small, people, "authoring")
        work(small, people, "answering")
        facts = status(small.state)
        counts[layer] = facts["exposure"]["blind_answers"]
        told[layer] = " ".join(part.plain for part in _about_blindness(facts["exposure"]) if part)
    assert counts[False] == {"given": 4, "in_reach": 4, "by_authors": 4, "by_others": 0, "kept_apart": 0}
    assert counts[True] == {"given": 4, "in_reach": 0, "by_authors": 0, "by_others": 0, "kept_apart": 4}
    assert "within reach: 4 of 4" in told[False]
    assert "within reach: 0 of 4: the server keeps accounts apart" in told[True]


def test_why_somebody_skipped_reaches_the_lead(
    tmp_path: Path, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the reason that the page asks for, in the status, on the agenda and in the item's history; once."""
    small = at("answering", tmp_path)
    people = settled(stack, small, layer=True)
    code = small.keys("answering")[0].split("/")[4]
    title = small.state.campaign.workbench_title("answering", "eng_Latn", code)
    task, *_ = people[code].open_tasks(title)
    people[code].skip(task.id, "no time")
    append = Ledger.append

    def crashing(ledger: Ledger, table: tables.Table, rows: Any) -> int:
        if table is tables.ANNOTATIONS:
            raise RuntimeError("the power went")
        return append(ledger, table, rows)

    monkeypatch.setattr(Ledger, "append", crashing)
    with pytest.raises(RuntimeError, match="the power went"):  # between the reason and the skip itself
        small.advance()
    monkeypatch.setattr(Ledger, "append", append)
    for _ in range(2):
        small.advance()
    (one,) = details_of(small.state.events(SkipExplained), SkipExplained)
    assert (one.task_key, one.person, one.reason) == (task.key, code, "no time")
    assert status(small.state)["skipped"] == {"no time": {code: 1}}
    assert skips_in_words(status(small.state)["skipped"]) == f"1 “no time” ({code} 1)"
    assert reasons_at(small.state, "answering", "eng_Latn") == "“no time” 1"
    assert reasons_at(small.state, "answering", "swh_Latn") == ""
    told = "\n".join(lines(item_history(small.state, task.key.split("/")[2])))
    assert "skipped (no time)" in told


def test_check_tells_when_a_server_runs_another_layer(
    tmp_path: Path, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = at("answering", tmp_path)
    settled(stack, small, layer=True)
    for digest, says in (("0" * 64, "is not the one that this program came with: restart `belebele up`"),
                         (layer_digest(), "its layer, version 3, is this program's own")):  # fmt: skip
        monkeypatch.setattr("annotation.labelstudio.fake.endpoints.layer_digest", lambda digest=digest: digest)
        found = [str(one.text) for one in _servers(Campaign.load(small.address), small.servers)]
        assert any(says in line for line in found), found


@pytest.mark.parametrize(("layer", "says"), [(True, "keeps accounts apart"), (False, "runs without our layer")])
def test_check_tells_whether_a_server_keeps_accounts_apart(
    tmp_path: Path, stack: ExitStack, layer: bool, says: str
) -> None:
    small = at("answering", tmp_path)
    settled(stack, small, layer=layer)
    found = [str(one.text) for one in _servers(Campaign.load(small.address), small.servers)]
    assert any(says in line for line in found), found


def test_apart_means_all_the_time() -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    later = [noon + timedelta(hours=hours) for hours in range(5)]
    assert not kept_apart([], later[0], later[1])
    assert kept_apart([(later[0], True)], later[1], later[2])
    assert not kept_apart([(later[1], True)], later[0], later[2])
    assert not kept_apart([(later[0], True), (later[2], False)], later[1], later[3])
    assert kept_apart([(later[0], True), (later[3], False)], later[1], later[2])
