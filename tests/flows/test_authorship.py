"""Nobody works as somebody else: what colleagues can do on a Label Studio server, tried there, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from annotation.client import LabelStudio
from annotation.visitor import OpenTask, Visitor
from data import nouns
from data.errors import UsageError
from data.ledger import detail
from data.people import set_contact
from flows import files, lead, word
from flows.authorship import account_owners
from flows.cli import main
from flows.status import status
from tests.flows.small_campaign import BAKERY, BOATS, FRENCH, SWAHILI, Small, at, good

Result = list[dict[str, Any]]

FRAME = "<iframe srcdoc=\"&lt;script&gt;fetch('/api/current-user/token')&lt;/script&gt;\"></iframe>"


@dataclass
class Room:
    """A campaign on the real server, and everybody who has an account there."""

    small: Small
    visitor: Callable[[str], Visitor]
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
    return files.RESULTS[stage](made, shown, "")


@pytest.fixture
def room(
    own_state: Path,
    tmp_path: Path,
    studio: LabelStudio,
    visitor: Callable[[str], Visitor],
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


def forge(colleague: Visitor, room: Room, key: str, work: Result) -> None:
    """Submits in the name of the person whose task it is."""
    task, person = room.task(key), room.visitor(key.split("/")[4])
    body = {"result": work, "lead_time": 5.0, "completed_by": person.account}
    colleague._ask("POST", f"/api/tasks/{task.id}/annotations/", body=body)


def smuggle(colleague: Visitor, room: Room, key: str, work: Result) -> None:
    """Imports the task anew, with an annotation in the name of the person whose task it is."""
    person = room.visitor(key.split("/")[4])
    annotation = {"result": work, "completed_by": person.account, "updated_by": person.account}
    body = [{"data": {**room.task(key).data}, "annotations": [annotation]}]
    colleague._ask("POST", f"/api/projects/{room.bench(key)}/import", body=body)


@pytest.mark.servers
def test_what_a_colleague_writes_in_somebodys_name_never_counts_and_is_told(room: Callable[..., Room]):
    here = room("translating", "t1", "t2", "s1")
    small, colleague = here.small, here.visitor("t1")
    posted, smuggled = small.keys("translating", SWAHILI)
    forge(colleague, here, posted, result(posted, {}))
    smuggle(colleague, here, smuggled, result(smuggled, {}))
    edited = small.keys("translating", FRENCH, person="t2")[0]
    owner = here.visitor("t2")
    mine = owner.submit(here.task(edited).id, result(edited, {}))
    colleague.edit(mine, result(edited, {}, answer2="Forged"))

    told = small.advance()
    assert (told.annotations, told.translations) == (3, 0)
    assert (
        len(small.state.annotations) - len(small.state.annotations[small.state.annotations["server"] == "file"])
        == 3
    )
    for key in (posted, smuggled, edited):
        assert f"{key}/2" in small.keys(), "the person gets it anew"
    account = f"account {colleague.account} on main"
    in_name, by_import = f"{here.title(posted)}: 1 in s1's name written by t1 ({account})", f"({smuggled})"
    agenda = small.agenda()
    assert len(agenda) == 3
    assert any(line.startswith(in_name) and posted in line for line in agenda)
    assert any("nobody was seen to write, as by an import" in line and by_import in line for line in agenda)
    assert any(line.startswith(f"{here.title(edited)}: 1 in t2's name written by t1") for line in agenda)
    assert status(small.state)["aside"] == {"in another's name": 3}
    assert small.advance().idle

    owner.edit(mine, result(edited, {}, answer2="Mine again"))
    assert small.advance().translations == 1, "what the person saved last is theirs"
    assert small.translation(edited.split("/")[2], FRENCH)["answers"][1] == "Mine again"
    with pytest.raises(UsageError, match="can never count"):
        word.accept(small.state, here.title(posted))
    for title in {here.title(posted), here.title(edited)}:
        assert CliRunner().invoke(main, ["reject", small.address, title]).exit_code == 0
    assert small.agenda() == []
    assert small.advance().idle


@pytest.mark.servers
def test_a_blind_answer_that_somebody_else_wrote_into_is_not_its_persons(room: Callable[..., Room]):
    here = room("answering", "r1", "r2", "r3")
    small = here.small
    key = small.keys("answering", question=BOATS)[0]
    person = here.visitor(key.split("/")[4])
    colleague = here.visitor(next(code for code in ("r1", "r2", "r3") if code != key.split("/")[4]))
    shown = small.shown(key)
    mine = person.submit(here.task(key).id, result(key, shown, choice=2))
    assert small.advance().annotations == 1
    colleague.edit(mine, result(key, shown, choice=1))
    assert small.advance().annotations == 1
    person.edit(mine, result(key, shown, choice=1))
    assert small.advance().annotations == 1
    verdicts = small.state.verdicts_on({BOATS})
    assert list(verdicts["flagged"][verdicts["check"] == "blind_answer"]) == [True], "the first answer stands"
    (line,) = small.agenda()
    assert f"1 in {key.split('/')[4]}'s name written by {colleague.email.partition('@')[0]}" in line


@pytest.mark.servers
def test_who_works_on_anothers_bench_is_named_with_where_and_what_to_do(room: Callable[..., Room]):
    here = room("translating", "t1", "t2")
    small = here.small
    key = small.keys("translating", FRENCH, BOATS)[0]
    person = key.split("/")[4]
    other = {"t1": "t2", "t2": "t1"}[person]
    here.visitor(other).submit(here.task(key).id, result(key, {}))
    small.advance()
    who = f"{other} (account {here.visitor(other).account} on main)"
    assert small.agenda() == [
        f"{here.title(key)}: 1 submitted by {who} on {person}'s workbench ({key}). None of it counts; {person} gets "
        f"again what was not done before. Tell {who} where to work → belebele reject {here.title(key)}"
    ]
    assert word.reject(small.state, here.title(key)) == "1 submitted do not count"
    assert small.agenda() == []


@pytest.mark.servers
def test_an_account_that_takes_a_persons_address_waits_for_the_lead(room: Callable[..., Room], campaign_id: str):
    here = room("translating", "t1", "t2")
    small, thief, key = here.small, here.visitor("thief"), ""
    key = small.keys("translating", SWAHILI, BOATS)[0]
    set_contact(campaign_id, "s1", "s1-of-thief@example.org")
    set_contact(campaign_id, "t1", "thief@example.org")  # as if the thief had taken the address of t1
    assert small.advance().problems == []
    name = f"{thief.account}@main"
    line = (
        f"account {thief.account} on main has t1's address, who has another account there. Ask t1 → "
        f"belebele accept {name}, or belebele reject {name}"
    )
    assert small.agenda() == [line]
    french = small.keys("translating", FRENCH, person="t1")[0]
    thief.submit(here.task(french).id, result(french, {}))
    assert small.advance().translations == 0
    assert "; 1 submitted by it wait. Ask t1" in small.agenda()[0]
    assert CliRunner().invoke(main, ["accept", small.address, name]).exit_code == 0
    assert small.advance().translations == 1
    assert small.agenda() == []

    # An account that is somebody's already never becomes another person's by itself.
    set_contact(campaign_id, "t1", "elsewhere@example.org")
    set_contact(campaign_id, "s1", "t2@example.org" if False else "thief@example.org")
    small.advance()
    assert small.agenda()[0].startswith(f"account {thief.account} on main is t1's and now has s1's address")
    word.reject(small.state, name)
    assert small.agenda() == []
    assert small.advance().idle
    assert key in small.keys()


@pytest.mark.servers
def test_accounts_of_a_server_that_was_set_up_anew_are_confirmed_at_once(room: Callable[..., Room]):
    here = room("translating", "t1", "t2", "s1", "s2", "r1")
    small, state = here.small, here.small.state
    owners = account_owners(state)
    lost = [
        {"kind": "account_linked", "subject": person, "language": "",
         "detail": detail({"server": "main", "account": f"{n} of 2020-01-01T00:00:00.000000Z"})}
        for n, person in enumerate(("w1", "w2", "w3", "w4"), start=1)
    ]  # fmt: skip
    state.ledger.append(nouns.EVENTS, lost)
    for n in range(1, 5):
        set_contact(state.campaign.id, f"w{n}", f"new-w{n}@example.org")
        here.visitor(f"new-w{n}")
    small.advance()
    (line,) = small.agenda()
    assert line.startswith("4 accounts on main have the addresses of people who had others there: w1 (")
    assert line.endswith("belebele accept accounts")
    word.accept(small.state, "accounts")
    assert small.agenda() == []
    now = account_owners(small.state)
    assert {person for place, person in now.items() if place not in owners} == {"w1", "w2", "w3", "w4"}
    assert small.advance().idle


@pytest.mark.servers
def test_a_form_that_somebody_changed_is_put_right_and_what_was_answered_meanwhile_waits(
    room: Callable[..., Room],
):
    here = room("translating", "t1", "t2", "s1")
    small, thief = here.small, here.visitor("t1")
    key, later = small.keys("translating", SWAHILI)
    project, title = f"/api/projects/{here.bench(key)}/", here.title(key)
    before = thief._ask("GET", project)
    changed = {
        "label_config": before["label_config"].replace("</View>", f"{FRAME}</View>"),
        "maximum_annotations": 7,
    }
    thief._ask("PATCH", project, body=changed)
    here.visitor("s1").submit(here.task(key).id, result(key, {}))
    told = small.advance()
    assert (told.altered, told.annotations, told.translations) == (1, 1, 0)
    after = thief._ask("GET", project)
    for name in ("label_config", "maximum_annotations", "expert_instruction"):
        assert after[name] == before[name]
    (line,) = small.agenda()
    assert line.startswith(
        f"{title}: somebody changed its form, settings on main; it was put right. What was submitted"
    )
    assert line.endswith(f"→ belebele accept {title}, or have it done again: belebele reject {title}")
    assert small.advance().idle

    thief._ask(
        "PATCH", project, body={"expert_instruction": before["expert_instruction"].replace("</p>", " Or not.</p>")}
    )
    assert small.advance().altered == 1
    assert thief._ask("GET", project)["expert_instruction"] == before["expert_instruction"]
    assert word.accept(small.state, title) == f"1 submitted on {title} count from the next advance on"
    assert small.advance().translations == 1
    assert small.agenda() == []
    here.visitor("s1").submit(here.task(later).id, result(later, {}))
    assert small.advance().translations == 1, "on a page that is right it counts by itself"
    assert small.advance().idle


@pytest.mark.servers
def test_a_passage_that_somebody_changed_is_put_right_and_its_answer_waits(room: Callable[..., Room]):
    here = room("answering", "r1", "r2", "r3")
    small = here.small
    key = small.keys("answering", question=BAKERY)[0]
    person = key.split("/")[4]
    thief = here.visitor(next(code for code in ("r1", "r2", "r3") if code != person))
    before, task = here.shows(key), here.task(key)
    thief._ask("PATCH", f"/api/tasks/{task.id}/", body={"data": {**before, "sentences": ["The baker is closed."]}})
    here.visitor(person).submit(task.id, result(key, small.shown(key), choice=2))
    told = small.advance()
    assert (told.altered, told.annotations) == (1, 1)
    assert here.shows(key) == before
    (line,) = small.agenda()
    assert line.startswith(
        f"{here.title(key)}: somebody changed its what 1 of its tasks show" if False else here.title(key)
    )
    assert key in line
    assert small.advance().idle
    assert small.state.verdicts_on({BAKERY})["check"].ne("blind_answer").all()
    word.reject(small.state, here.title(key))
    assert small.agenda() == []
    small.advance()
    assert f"{key}/2" in small.keys(), "it is done again"


@pytest.mark.servers
def test_a_passage_that_nobody_answered_yet_is_put_right_when_its_workbench_is_read(room: Callable[..., Room]):
    here = room("translating", "t1", "t2", "s1")
    small, thief = here.small, here.visitor("t1")
    key = small.keys("translating", SWAHILI)[0]
    before, task = here.shows(key), here.task(key)
    for _ in range(2):
        thief._ask("PATCH", f"/api/tasks/{task.id}/", body={"data": {**before, "passage": "Altogether other."}})
        assert small.advance().altered == 1
        assert here.shows(key) == before
        assert small.advance().idle
    (line,) = small.agenda()
    assert line.endswith(f"nothing was submitted meanwhile → belebele reject {here.title(key)}")


def test_work_from_before_the_writer_was_asked_for_counts_as_it_did(tmp_path: Path):
    """Old rows hold null there; an import's hold the empty text."""
    small = at("translating", tmp_path)
    state, (key, other) = small.state, small.keys("translating", SWAHILI)
    link = {"server": "main", "account": "5 of then"}
    state.ledger.append(
        nouns.EVENTS, [{"kind": "account_linked", "subject": "s1", "language": "", "detail": detail(link)}]
    )
    lead.reassign(state, "t1")
    for number, (task_key, writer) in enumerate([(key, None), (other, "")], start=1):
        small.submit(task_key)
        by_file = state.ledger.read(nouns.ANNOTATIONS).iloc[-1].to_dict()
        row = {
            **by_file,
            "server": "main",
            "account": "5 of then",
            "annotation_id": str(number),
            "written_by": writer,
        }
        del row["event_id"], row["recorded_at"]
        old = Small(small.folder)
        assert old.state.ledger.append(nouns.ANNOTATIONS, [row]) == 1
    before = len(small.state.translations)
    small.advance()
    assert len(small.state.translations) > before
    outcomes = status(small.state)["aside"]
    assert outcomes["in another's name"] == 1
