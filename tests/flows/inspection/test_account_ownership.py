"""Nobody works as somebody else: what colleagues can do on a Label Studio server, tried there, and its end."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

from annotation.labelstudio.client import LabelStudio, Standing, Submission
from annotation.labelstudio.signed_in_user import OpenTask, SignedInUser
from annotation.stages import page_of
from data.campaign.contacts import set_contact
from data.errors import UsageError
from data.ledger import detail, tables
from data.ledger.events import Query
from flows.advance import advance
from flows.cli.commands import main
from flows.inspection import alterations
from flows.inspection.account_ownership import account_owners, link_accounts
from flows.lead import acceptance, lead_actions
from flows.reports.status import status
from flows.steps.collection import _annotation_row
from tests.flows.small_campaign import BAKERY, BOATS, FRENCH, SWAHILI, Small, at, good

Result = list[dict[str, Any]]

FRAME = "<iframe srcdoc=\"&lt;script&gt;fetch('/api/current-user/token')&lt;/script&gt;\"></iframe>"


@dataclass
class Room:
    """A campaign on a server, and everybody who has an account there."""

    small: Small
    visitor: Callable[[str], SignedInUser]
    studio: LabelStudio

    def title(self, key: str) -> str:
        stage, language, _, _, person = key.split("/")[:5]
        return f"{self.small.state.campaign.id}/{stage}/{language}/{person}"

    def task(self, key: str) -> OpenTask:
        """The task as it stands in its workbench, where nobody has submitted it."""
        person = self.visitor(key.split("/")[4])
        return next(task for task in person.open_tasks(self.title(key)) if task.key == key)

    def bench(self, key: str) -> int:
        (bench,) = self.studio.workbenches(self.title(key)).values()
        return bench.id

    def shows(self, key: str) -> dict[str, Any]:
        (bench,) = self.studio.workbenches(self.title(key)).values()
        return next(dict(task.data) for task in self.studio.tasks(bench) if task.key == key)


def result(key: str, shown: Any, **fields: Any) -> Result:
    """What somebody submits who finds no fault."""
    stage, language, question = key.split("/")[:3]
    work = {**good(stage, question, language), **fields}
    if stage == "answering":
        made = {"choice": work["choice"], "sure": True, "comment": ""}
    else:
        made = {"question": work["question"], "answers": [work[f"answer{n}"] for n in range(1, 5)]}
    return page_of(stage).result(made, shown, "")


@pytest.fixture
def room(
    own_state: Path,
    tmp_path: Path,
    studio: LabelStudio,
    visitor: Callable[[str], SignedInUser],
    campaign_id: str,
) -> Callable[..., Room]:
    def make(stage: str, *people: str) -> Room:
        small = at(stage, tmp_path, campaign_id)
        small.servers = {"main": studio}
        for person in people:
            visitor(person)
            set_contact(campaign_id, person, f"{person}@example.org")
        small.advance()
        return Room(small, visitor, studio)

    return make


def forge(colleague: SignedInUser, room: Room, key: str, work: Result) -> None:
    """Submits in the name of the person whose task it is."""
    task, person = room.task(key), room.visitor(key.split("/")[4])
    body = {"result": work, "lead_time": 5.0, "completed_by": person.account}
    colleague._ask("POST", f"/api/tasks/{task.id}/annotations/", body=body)


def smuggle(colleague: SignedInUser, room: Room, key: str, work: Result) -> None:
    """Imports the task anew, with an annotation in the name of the person whose task it is."""
    person = room.visitor(key.split("/")[4])
    annotation = {"result": work, "completed_by": person.account, "updated_by": person.account}
    body = [{"data": {**room.task(key).data}, "annotations": [annotation]}]
    colleague._ask("POST", f"/api/projects/{room.bench(key)}/import", body=body)


def test_what_a_colleague_writes_in_somebodys_name_never_counts_and_is_told(room: Callable[..., Room]) -> None:
    here = room("translating", "t1", "t2", "s1")
    small, colleague, owner = here.small, here.visitor("t1"), here.visitor("t2")
    posted, smuggled = small.keys("translating", SWAHILI)
    forge(colleague, here, posted, result(posted, {}))
    smuggle(colleague, here, smuggled, result(smuggled, {}))
    edited, beside = (small.keys("translating", FRENCH, person=person)[0] for person in ("t2", "t1"))
    mine = owner.submit(here.task(edited).id, result(edited, {}))
    colleague.edit(mine, result(edited, {}, answer2="Forged"))
    owner.submit(here.task(beside).id, result(beside, {}))  # on a colleague's workbench

    told = small.advance()
    assert (told.annotations, told.translations) == (4, 0)
    assert {f"{key}/2" for key in (posted, smuggled, edited, beside)} <= set(small.keys()), "people get them anew"
    one, two = (f"{who.email[:2]} (account {who.account} on main)" for who in (colleague, owner))
    again = "None of it counts; {} gets again what was not done before"
    lines = []
    for key, what, person, cure in (
        (
            posted,
            f"1 in s1's name written by {one}",
            "s1",
            f"See that {one} does not write on main as somebody else",
        ),
        (smuggled, "1 that nobody was seen to write, as by an import", "s1", "See who has an account on main"),
        (
            edited,
            f"1 in t2's name written by {one}",
            "t2",
            f"See that {one} does not write on main as somebody else",
        ),
        (beside, f"1 submitted by {two} on t1's workbench", "t1", f"Tell {two} where to work"),
    ):
        title = here.title(key)
        lines.append(f"{title}: {what} ({key}). {again.format(person)}. {cure} → belebele reject {title}")
    assert sorted(small.agenda()) == sorted(lines)
    assert status(small.state)["aside"] == {"on another person's workbench": 1, "in another's name": 3}
    assert small.advance().idle

    owner.edit(mine, result(edited, {}, answer2="Mine again"))
    assert small.advance().translations == 1, "what a person saved last is theirs"
    assert small.translation(edited.split("/")[2], FRENCH)["answers"][1] == "Mine again"
    with pytest.raises(UsageError, match="can never count"):
        acceptance.accept(small.state, here.title(posted))
    for title in {here.title(key) for key in (posted, edited, beside)}:
        assert CliRunner().invoke(main, ["reject", small.address, title]).exit_code == 0
    assert small.agenda() == []


def test_of_blind_answers_those_count_that_a_person_gave_alone_to_what_is_asked(room: Callable[..., Room]) -> None:
    """Neither what a colleague wrote into one, nor one to a passage that somebody had changed."""
    here = room("answering", "r1", "r2", "r3")
    small = here.small
    key, other = (small.keys("answering", question=question)[0] for question in (BOATS, BAKERY))
    person, second = (here.visitor(one.split("/")[4]) for one in (key, other))
    colleague = here.visitor(next(code for code in ("r1", "r2", "r3") if code not in (key.split("/")[4],)))
    mine = person.submit(here.task(key).id, result(key, small.shown(key), choice=2))
    before, task = here.shows(other), here.task(other)
    changed = {**before, "sentences": ["The baker is closed."]}
    colleague._ask("PATCH", f"/api/tasks/{task.id}/", body={"data": changed})
    second.submit(task.id, result(other, small.shown(other), choice=2))
    told = small.advance()
    assert (told.altered, told.annotations, here.shows(other)) == (1, 2, before)
    for answer_of in (colleague, person):
        answer_of.edit(mine, result(key, small.shown(key), choice=1))
        assert small.advance().annotations == 1

    verdicts = small.state.verdicts_on({BOATS, BAKERY})
    assert list(verdicts["flagged"][verdicts["check"] == "blind_answer"]) == [True], "the first one stands"
    written, passage = sorted(small.agenda(), key=lambda line: "what 1 of its tasks show" in line)
    assert f"1 in {key.split('/')[4]}'s name written by {colleague.email.partition('@')[0]}" in written
    assert passage.startswith(
        f"{here.title(other)}: somebody changed its what 1 of its tasks show ({other}) on main"
    )
    for title in {here.title(key), here.title(other)}:
        acceptance.reject(small.state, title)
    assert small.agenda() == []
    small.advance()
    assert f"{other}/2" in set(small.keys()), "it is answered again"


def test_pages_that_somebody_changed_are_put_right_and_what_was_submitted_meanwhile_waits(
    room: Callable[..., Room],
) -> None:
    here = room("translating", "t1", "t2", "s1")
    small, thief = here.small, here.visitor("t1")
    key, later = small.keys("translating", SWAHILI)
    project, title = f"/api/projects/{here.bench(key)}/", here.title(key)
    before = thief._ask("GET", project)
    form = before["label_config"].replace("</View>", f"{FRAME}</View>")
    thief._ask("PATCH", project, body={"label_config": form, "maximum_annotations": 7})
    here.visitor("s1").submit(here.task(key).id, result(key, {}))
    told = small.advance()
    assert (told.altered, told.annotations, told.translations) == (1, 1, 0)
    after = thief._ask("GET", project)
    for name in ("label_config", "maximum_annotations", "expert_instruction"):
        assert after[name] == before[name]
    (line,) = small.agenda()
    assert line.startswith(
        f"{title}: somebody changed its form, settings on main; it was put right. What was subm"
    )
    assert line.endswith(f"→ belebele accept {title}, or have it done again: belebele reject {title}")
    assert small.advance().idle

    guideline = before["expert_instruction"].replace("</p>", " Or not.</p>")
    thief._ask("PATCH", project, body={"expert_instruction": guideline})
    shows, task = here.shows(later), here.task(later)
    thief._ask("PATCH", f"/api/tasks/{task.id}/", body={"data": {**shows, "passage": "Altogether other."}})
    assert small.advance().altered == 2
    assert thief._ask("GET", project)["expert_instruction"] == before["expert_instruction"]
    assert here.shows(later) == shows
    assert acceptance.accept(small.state, title).words == f"1 submitted on {title} count from the next advance on"
    assert small.advance().translations == 1
    assert small.agenda() == []
    here.visitor("s1").submit(task.id, result(later, {}))
    assert small.advance().translations == 1, "on a page that is right it counts by itself"


def test_an_account_that_takes_a_persons_address_waits_for_the_lead(
    own_state: Path, tmp_path: Path, studio: LabelStudio, visitor: Callable[[str], SignedInUser], campaign_id: str
) -> None:
    small, thief = at("translating", tmp_path, campaign_id), visitor("thief")
    servers, name = {"main": studio}, f"{thief.account}@main"
    set_contact(campaign_id, "t1", visitor("t1").email)
    link_accounts(small.state, servers)
    assert small.agenda() == [], "the first account of a person is theirs"
    set_contact(campaign_id, "t1", thief.email)  # as where somebody signs up anew with a person's address
    for _ in range(2):
        link_accounts(small.state, servers)
        (line,) = small.agenda()
        assert line == (
            f"account {thief.account} on main has t1's address, who has another account there. Ask t1 → "
            f"belebele accept {name}, or belebele reject {name}"
        )
    account = studio.accounts()[thief.email]
    assert ("main", account) not in account_owners(small.state)
    assert CliRunner().invoke(main, ["accept", small.address, name]).exit_code == 0
    assert account_owners(small.state)["main", account] == "t1"
    assert small.agenda() == []

    # An account that is somebody's never becomes another person's by itself, not even one's who has none.
    set_contact(campaign_id, "t1", "elsewhere@example.org")
    set_contact(campaign_id, "s1", thief.email)
    link_accounts(small.state, servers)
    (line,) = small.agenda()
    assert line.startswith(f"account {thief.account} on main is t1's and now has s1's address")
    acceptance.reject(small.state, name)
    link_accounts(small.state, servers)
    assert small.agenda() == []
    assert account_owners(small.state)["main", account] == "t1"


def test_accounts_of_a_server_that_was_set_up_anew_are_confirmed_at_once(
    own_state: Path, tmp_path: Path, studio: LabelStudio, visitor: Callable[[str], SignedInUser], campaign_id: str
) -> None:
    small = at("translating", tmp_path, campaign_id)
    people = ("t1", "t2", "s1", "s2")
    lost = [
        {"kind": "account_linked", "subject": person, "language": "",
         "detail": detail({"server": "main", "account": f"{n} of 2020-01-01T00:00:00.000000Z"})}
        for n, person in enumerate(people, start=1)
    ]  # fmt: skip
    small.state.ledger.append(tables.EVENTS, lost)
    for person in people:
        set_contact(campaign_id, person, visitor(person).email)
    link_accounts(small.state, {"main": studio})
    (line,) = small.agenda()
    assert line.startswith(
        f"4 accounts on main have the addresses of people who had others there: s1 ({visitor('s1').account})"
    )
    assert line.endswith("If it was set up anew → belebele accept accounts")
    assert len(acceptance.accept(small.state, "accounts").facts["accounts"]) == 4
    assert small.agenda() == []
    owners = account_owners(small.state)
    assert {owners["main", studio.accounts()[visitor(person).email]] for person in people} == set(people)


def test_work_from_before_the_writer_was_asked_for_counts_as_it_did(tmp_path: Path) -> None:
    """Old rows hold null there; an import's hold the empty text."""
    small = at("translating", tmp_path)
    state, (key, other) = small.state, small.keys("translating", SWAHILI)
    link = {"server": "main", "account": "5 of then"}
    state.ledger.append(
        tables.EVENTS, [{"kind": "account_linked", "subject": "s1", "language": "", "detail": detail(link)}]
    )
    small.submit(key, other)
    by_file = state.ledger.read(tables.ANNOTATIONS).tail(2)
    rows = []
    for number, (_, row) in enumerate(by_file.sort_values("task_key").iterrows()):
        fields = {name: row[name] for name in tables.ANNOTATIONS.schema.names if not pd.isna(row[name])}
        rows.append({**fields, "server": "main", "account": "5 of then", "annotation_id": str(number)})
    shutil.rmtree(small.folder)
    small = at("translating", tmp_path / "again")
    small.state.ledger.append(
        tables.EVENTS, [{"kind": "account_linked", "subject": "s1", "language": "", "detail": detail(link)}]
    )
    small.state.ledger.append(tables.ANNOTATIONS, [{**rows[0], "written_by": None}, {**rows[1], "written_by": ""}])
    assert small.advance().translations == 1
    assert status(small.state)["aside"] == {"in another's name": 1}


def test_an_older_time_than_known_is_an_event_too_and_none_comes_twice(tmp_path: Path) -> None:
    small = at("translating", tmp_path)
    key = small.keys("translating", SWAHILI)[0]
    made = datetime(2026, 1, 2, tzinfo=UTC)
    stood = Submission(
        "small/translating/swh_Latn/s1", 1, key, 9, "5", "5", "submitted", made, made + timedelta(hours=2), 1.0, []
    )
    identity = (stood.workbench, "9", made)
    row = _annotation_row("main", stood, {}, set())
    assert row is not None
    known = {tables.ANNOTATIONS.event_id(row)}
    assert _annotation_row("main", stood, {identity: ("submitted", stood.updated_at)}, known) is None
    older = replace(stood, updated_at=made + timedelta(hours=1))
    back = _annotation_row("main", older, {identity: ("submitted", stood.updated_at)}, known)
    assert back is not None
    assert (back["kind"], back["updated_at"]) == ("edited", older.updated_at)
    known.add(tables.ANNOTATIONS.event_id(back))
    assert _annotation_row("main", older, {identity: ("edited", older.updated_at)}, known) is None


def test_an_answer_counts_for_the_task_that_was_brought_whatever_it_shows_now(room: Callable[..., Room]) -> None:
    """Made to look like another one, key and all, it would else be that one's answer, and nobody would know."""
    here = room("translating", "t1", "t2", "s1")
    small, thief = here.small, here.visitor("t1")
    one, other = small.keys("translating", SWAHILI)
    looks, task, before = here.shows(one), here.task(other), here.shows(other)
    here.visitor("s1").submit(task.id, result(other, {}))
    thief._ask("PATCH", f"/api/tasks/{task.id}/", body={"data": looks})
    told = small.advance()
    assert (told.annotations, told.altered, told.translations) == (1, 1, 0)
    (line,) = small.agenda()
    assert f"somebody changed its what 1 of its tasks show ({other}) on main; it was put right" in line
    assert (here.shows(one), here.shows(other)) == (looks, before)
    (bench,) = here.studio.workbenches(here.title(one)).values()
    assert bench.tasks == 2, "none was brought anew"
    acceptance.accept(small.state, here.title(one))
    assert small.advance().translations == 1
    assert small.translation(other.split("/")[2], SWAHILI)["person"] == "s1"
    assert set(small.keys("translating", SWAHILI)) == {one}, "and that one is still to be done"
    thief._ask("PATCH", f"/api/tasks/{here.task(one).id}/", body={"data": {**looks, "task_key": "nobodys"}})
    told = advance(small.address, small.servers, full=True)
    assert (told.altered, here.shows(one)) == (1, looks), "a key that means nothing"
    assert here.studio.workbenches(here.title(one))[here.title(one)].tasks == 2
    assert small.advance().idle


def test_what_was_answered_on_a_task_that_was_changed_and_changed_back_waits(
    room: Callable[..., Room], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server notes when a task was last changed; an answer alone does not change it later than itself."""
    here = room("answering", "r1", "r2", "r3")
    small = here.small
    key, other = (small.keys("answering", question=question)[0] for question in (BOATS, BAKERY))
    person, second = (here.visitor(one.split("/")[4]) for one in (key, other))
    colleague = here.visitor(next(code for code in ("r1", "r2", "r3") if code != key.split("/")[4]))
    before, task = here.shows(key), here.task(key)
    changed = {"data": {**before, "sentences": ["The baker is closed."]}}
    colleague._ask("PATCH", f"/api/tasks/{task.id}/", body=changed)
    person.submit(task.id, result(key, small.shown(key), choice=2))
    time.sleep(1.5)
    colleague._ask("PATCH", f"/api/tasks/{task.id}/", body={"data": before})
    second.submit(here.task(other).id, result(other, small.shown(other), choice=2))
    monkeypatch.setattr(alterations, "GRACE", timedelta(seconds=1))  # a minute is too long for a test
    told = small.advance()
    assert (told.annotations, told.altered) == (2, 1)
    answered = small.state.verdicts_on({BOATS, BAKERY}).query("check == 'blind_answer'")
    assert list(answered["subject"]) == [BAKERY]
    (line,) = small.agenda()
    assert line.startswith(
        f"{here.title(key)}: somebody may have changed its what 1 of its tasks showed when they were answered "
        f"({key}) on main; it shows now what it should. What was submitted meanwhile waits for your word: 1"
    )
    assert small.advance().idle
    acceptance.accept(small.state, here.title(key))
    small.advance()
    assert len(small.state.verdicts_on({BOATS}).query("check == 'blind_answer'")) == 1


def test_what_is_answered_while_its_task_is_put_right_waits_and_other_changes_of_ours_are_no_trace(
    room: Callable[..., Room], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both answers are given after a look at the server and before this program changes their tasks."""
    here = room("translating", "t1", "s1", "s2", "t2")
    small, thief, put = here.small, here.visitor("t1"), LabelStudio.put
    (key, other) = (small.keys("translating", SWAHILI, question=question)[0] for question in (BOATS, BAKERY))
    tasks = {one: here.task(one) for one in (key, other)}

    def first_somebody_submits(studio: LabelStudio, bench: Any, add: Any, change: Any, *more: Any) -> Standing:
        for one in [one for one in change if one in tasks]:
            here.visitor(one.split("/")[4]).submit(tasks.pop(one).id, result(one, {}))
            time.sleep(1.5)
        return put(studio, bench, add, change, *more)

    monkeypatch.setattr(LabelStudio, "put", first_somebody_submits)
    monkeypatch.setattr(alterations, "GRACE", timedelta(seconds=1))
    thief._ask("PATCH", f"/api/tasks/{tasks[key].id}/", body={"data": {**here.shows(key), "passage": "Other."}})
    said = Query("bakery", "Is this right?", other, other.split("/")[4]).row("0123abcd", SWAHILI)
    small.state.ledger.append(tables.EVENTS, [said])
    lead_actions.answer(small.state, "0123abcd", "It is.")
    told = advance(small.address, small.servers, full=True)
    assert (told.altered, told.annotations, tasks) == (1, 0, {})
    told = small.advance()
    assert (told.altered, told.annotations, told.translations) == (1, 2, 1)
    assert set(small.state.translations["question_id"]) == {BAKERY}


def test_a_task_that_somebody_marked_as_done_is_handed_out_again(room: Callable[..., Room]) -> None:
    """Label Studio's stream passes over it, though nobody did it."""
    here = room("translating", "t1", "s1")
    small, thief = here.small, here.visitor("t1")
    key = small.keys("translating", SWAHILI)[0]
    place = f"/api/tasks/{here.task(key).id}/"
    thief._ask("PATCH", place, body={"is_labeled": True})
    assert advance(small.address, small.servers, full=True).altered == 1
    assert thief._ask("GET", place)["is_labeled"] is False
    (line,) = small.agenda()
    assert "somebody changed its what 1 of its tasks show" in line
    assert small.advance().idle
    here.visitor("s1").submit(here.task(key).id, result(key, {}))
    assert small.advance().translations == 1


def rename(account: SignedInUser, room: Room, key: str, title: str) -> int:
    """Gives the workbench of a task another title; returns its number."""
    number = room.bench(key)
    account._ask("PATCH", f"/api/projects/{number}/", body={"title": title})
    return number


@pytest.mark.parametrize("title", ["My own things", "{campaign}/my notes"])
def test_a_workbench_that_somebody_renamed_is_the_same_and_gets_its_name_back(
    room: Callable[..., Room], title: str
) -> None:
    """It is neither told as destroyed nor made a second time, and what was submitted there counts."""
    here = room("translating", "t1", "s1")
    small, thief = here.small, here.visitor("t1")
    key, other = small.keys("translating", SWAHILI)
    small.advance()
    task, name = here.task(key), here.title(key)
    called = title.format(campaign=small.state.campaign.id)
    number = rename(thief, here, key, called)
    here.visitor("s1")._ask("POST", f"/api/tasks/{task.id}/annotations/", body={"result": result(key, {})})
    told = small.advance()
    assert (told.annotations, told.translations, told.problems) == (1, 1, [])
    titles = [one["title"] for one in thief._ask("GET", "/api/projects/?page_size=100")["results"]]
    assert (titles.count(name), titles.count(called), here.bench(key)) == (1, 0, number)
    (line,) = small.agenda()
    assert line == (
        f"{name}: somebody changed its name (to “{called}”) on main; it was put right, and what was submitted "
        f"meanwhile counts → belebele reject {name}"
    )
    assert small.advance().idle
    acceptance.reject(small.state, name)
    assert small.agenda() == []
    here.visitor("s1").submit(here.task(other).id, result(other, {}))
    assert small.advance().translations == 1


def test_workbenches_whose_names_somebody_exchanged_stay_what_they_are(room: Callable[..., Room]) -> None:
    here = room("translating", "t1", "t2", "s1")
    small, thief = here.small, here.visitor("t1")
    key, other = small.keys("translating", SWAHILI)[0], small.keys("translating", FRENCH, person="t2")[0]
    small.advance()
    task, names = here.task(key), (here.title(key), here.title(other))
    mine, theirs = here.bench(key), rename(thief, here, other, "for a moment")
    rename(thief, here, key, names[1])
    thief._ask("PATCH", f"/api/projects/{theirs}/", body={"title": names[0]})
    here.visitor("s1")._ask("POST", f"/api/tasks/{task.id}/annotations/", body={"result": result(key, {})})
    told = small.advance()
    assert (told.annotations, told.translations) == (1, 1)
    assert (here.bench(key), here.bench(other)) == (mine, theirs)
    assert small.translation(key.split("/")[2], SWAHILI)["person"] == "s1"
    assert len(small.agenda()) == 2
    assert small.advance().idle


def test_what_is_answered_while_a_form_is_put_right_waits(
    room: Callable[..., Room], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One answer is given after the look that found the form changed, one after it is right again."""
    here = room("translating", "t1", "s1")
    small, thief, look = here.small, here.visitor("t1"), LabelStudio.open
    key, later = small.keys("translating", SWAHILI)
    title, tasks = here.title(key), [here.task(key).id]
    spoilt = here.task(key), thief._ask("GET", f"/api/projects/{here.bench(key)}/")["label_config"]

    def first_somebody_submits(studio: LabelStudio, *given: Any, **more: Any) -> Any:
        for task in tasks:
            here.visitor("s1").submit(task, result(key, {}))
        tasks.clear()
        return look(studio, *given, **more)

    monkeypatch.setattr(LabelStudio, "open", first_somebody_submits)
    form = spoilt[1].replace("</View>", f"{FRAME}</View>")
    thief._ask("PATCH", f"/api/projects/{here.bench(key)}/", body={"label_config": form})
    told = small.advance()
    assert (told.altered, told.annotations, tasks) == (1, 0, [])
    here.visitor("s1").submit(here.task(later).id, result(later, {}))
    told = small.advance()
    assert (told.annotations, told.translations) == (2, 1)
    assert set(small.state.translations["question_id"]) == {later.split("/")[2]}
    (line,) = small.agenda()
    assert line.startswith(
        f"{title}: somebody changed its form on main; it was put right. What was submitted meanwhil"
    )
    assert small.advance().idle
    acceptance.accept(small.state, title)
    assert small.advance().translations == 1
    assert small.agenda() == []


def test_a_form_that_is_found_changed_when_new_work_is_brought_is_no_secret(
    room: Callable[..., Room], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was right when this program looked, and is changed before it opens the workbench to change a task."""
    here = room("translating", "t1", "s1")
    small, thief, look = here.small, here.visitor("t1"), LabelStudio.open
    key, other = small.keys("translating", SWAHILI)
    number, before = here.bench(key), here.task(key)
    form = thief._ask("GET", f"/api/projects/{number}/")["label_config"]
    tasks = [before.id]

    def first_somebody_changes_it(studio: LabelStudio, *given: Any, **more: Any) -> Any:
        for task in tasks:
            changed = form.replace("</View>", f"{FRAME}</View>")
            thief._ask("PATCH", f"/api/projects/{number}/", body={"label_config": changed})
            here.visitor("s1").submit(task, result(key, {}))
        tasks.clear()
        return look(studio, *given, **more)

    monkeypatch.setattr(LabelStudio, "open", first_somebody_changes_it)
    said = Query("boats", "Is this right?", other, other.split("/")[4]).row("0123abcd", SWAHILI)
    small.state.ledger.append(tables.EVENTS, [said])
    lead_actions.answer(small.state, "0123abcd", "It is.")
    assert (small.advance().altered, tasks) == (0, [])
    assert thief._ask("GET", f"/api/projects/{number}/")["label_config"] == form
    told = small.advance()
    assert (told.annotations, told.translations) == (1, 0)
    assert any("somebody changed its form on main; it was put right. What was" in one for one in small.agenda())


def test_a_form_that_was_put_right_by_a_run_that_died_then_leaves_no_answer_unseen(
    room: Callable[..., Room], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = room("translating", "t1", "s1")
    small, thief, look = here.small, here.visitor("t1"), LabelStudio.open
    key = small.keys("translating", SWAHILI)[0]
    number, task = here.bench(key), here.task(key).id
    form = thief._ask("GET", f"/api/projects/{number}/")["label_config"].replace("</View>", f"{FRAME}</View>")
    thief._ask("PATCH", f"/api/projects/{number}/", body={"label_config": form})

    def then_it_dies(studio: LabelStudio, *given: Any, **more: Any) -> Any:
        here.visitor("s1").submit(task, result(key, {}))
        look(studio, *given, **more)
        raise KeyboardInterrupt

    monkeypatch.setattr(LabelStudio, "open", then_it_dies)
    with pytest.raises(KeyboardInterrupt):
        small.advance()
    monkeypatch.undo()
    told = small.advance()
    assert (told.annotations, told.translations) == (1, 0)
    (line,) = [one for one in small.agenda() if "its form" in one]
    assert "What was submitted meanwhile waits for your word: 1" in line
    assert small.advance().idle
