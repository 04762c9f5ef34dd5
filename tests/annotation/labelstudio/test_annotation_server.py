"""The fake Label Studio is held to the real one: what each answers to the requests of the seam, one by one.

test_client.py does the same through the client. A request is made as the lead's token or a person's session makes
it, and what matters of the answer is compared with what is written here.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from annotation.labelstudio.annotation_server import AnnotationServer
from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.fake import FakeLabelStudio
from annotation.labelstudio.signed_in_user import SignedInUser
from data.errors import ServerRefused, ServerUnreachable
from tests.labelstudio_fixture import PASSWORD, AnyLabelStudio

pytestmark = pytest.mark.both_servers

CONFIG = '<View><Text name="t" value="$text"/><TextArea name="q" toName="t"/></View>'
FLOWS = Path(__file__).resolve().parents[3] / "flows"


class Desk:
    """The lead's account, one project with three tasks, and a person."""

    def __init__(self, http: httpx.Client, person: SignedInUser, title: str) -> None:
        self._http = http
        self.person = person
        self.title = title
        self.project = self.ask("POST", "/api/projects/", json={"title": title, "label_config": CONFIG})["id"]
        tasks = [{"data": {"text": f"Passage {n}", "task_key": f"k{n}"}} for n in (1, 2, 3)]
        self.ask("POST", f"/api/projects/{self.project}/import", json=tasks)
        self.tasks = [task["id"] for task in self.listed("id")]

    def send(self, method: str, path: str, **how: Any) -> httpx.Response:
        return self._http.request(method, path, **how)

    def ask(self, method: str, path: str, **how: Any) -> Any:
        answer = self.send(method, path, **how).raise_for_status()
        return answer.json() if answer.content else None

    def listed(self, include: str, *conditions: tuple[str, str, str, object], **query: Any) -> list[Any]:
        """The project's tasks, in the order in which they come."""
        items = [
            {"filter": f"filter:tasks:{column}", "operator": operator, "type": kind, "value": value}
            for column, operator, kind, value in conditions
        ]
        if items:
            query["query"] = json.dumps({"filters": {"conjunction": "and", "items": items}})
        asked = {"project": self.project, "include": include, "fields": "all", **query}
        return self.ask("GET", "/api/tasks/", params=asked)["tasks"]

    def active(self) -> str:
        """When the person last wrote something."""
        users = self.ask("GET", "/api/users/")
        return next(user["last_activity"] for user in users if user["email"] == self.person.email)


def token(server: AnyLabelStudio) -> dict[str, str]:
    return {"Authorization": f"Token {server.token}"}


def work(text: str = "Why?") -> list[dict[str, Any]]:
    return [{"from_name": "q", "to_name": "t", "type": "textarea", "value": {"text": [text]}}]


@pytest.fixture
def desk(label_studio: AnyLabelStudio, visitor: Callable[[str], SignedInUser], campaign_id: str) -> Iterator[Desk]:
    title = f"{campaign_id}/authoring/eng_Latn/desk"
    with httpx.Client(base_url=label_studio.url, headers=token(label_studio), timeout=30) as http:
        yield Desk(http, visitor("desk"), title)


def test_a_project_has_these_settings_until_they_are_set_and_a_guideline_is_cleaned(desk: Desk) -> None:
    made = desk.ask("GET", f"/api/projects/{desk.project}/")
    settings = {
        "description": "", "expert_instruction": "", "show_instruction": False, "show_skip_button": True,
        "enable_empty_annotation": True, "maximum_annotations": 1, "sampling": "Sequential sampling",
        "show_collab_predictions": True, "skip_queue": "REQUEUE_FOR_OTHERS", "color": "#FFFFFF",
    }  # fmt: skip
    assert {name: made[name] for name in settings} == settings
    guideline = '<p style="color: red">A & <b>B</b><br></p><!-- c -->'
    desk.ask("PATCH", f"/api/projects/{desk.project}/", json={"expert_instruction": guideline, "nonsense": 1})
    made = desk.ask("GET", f"/api/projects/{desk.project}/")
    assert made["expert_instruction"] == "<p>A &amp; <b>B</b><br></p>"
    assert "nonsense" not in made


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"title": "ab"}, "title"),
        ({"title": "a" * 51}, "title"),
        ({"title": "abc", "label_config": "<View"}, "label_config"),
        ({"title": "abc", "label_config": CONFIG.replace('name="q"', 'name="t"')}, "label_config"),
        ({"title": "abc", "label_config": CONFIG.replace('toName="t"', 'toName="u"')}, "label_config"),
    ],
)
def test_a_project_that_is_refused(desk: Desk, fields: dict[str, str], wrong: str) -> None:
    answer = desk.send("POST", "/api/projects/", json=fields)
    assert answer.status_code == 400
    assert set(answer.json()["validation_errors"]) == {wrong}


def test_projects_are_found_by_a_part_of_their_title_page_by_page(desk: Desk) -> None:
    second = desk.ask("POST", "/api/projects/", json={"title": f"{desk.title}2"})["id"]

    def page(number: int, title: str = desk.title.upper()) -> httpx.Response:
        asked = {"title": title, "page": number, "page_size": 1, "include": "id,title,task_number"}
        return desk.send("GET", "/api/projects/", params=asked)

    first, last = page(1).json(), page(2).json()
    assert (first["count"], bool(first["next"]), last["next"]) == (2, True, None)
    found = [*first["results"], *last["results"]]
    assert sorted((one["id"], one["task_number"]) for one in found) == [(desk.project, 3), (second, 0)]
    assert set(found[0]) == {"id", "title", "task_number"}
    assert page(3).status_code == 404
    assert page(1, "no such title").json()["results"] == []
    desk.ask("DELETE", f"/api/projects/{second}/")
    assert page(1).json()["count"] == 1


def test_what_is_not_there(desk: Desk) -> None:
    for asked in (
        "GET /api/projects/{}/", "PATCH /api/projects/{}/", "DELETE /api/projects/{}/",
        "GET /api/tasks/{}/", "PATCH /api/tasks/{}/", "DELETE /api/tasks/{}/", "POST /api/tasks/{}/annotations/",
        "GET /api/annotations/{}/", "PATCH /api/annotations/{}/", "DELETE /api/annotations/{}/",
        "DELETE /api/webhooks/{}/", "POST /api/projects/{}/import", "GET /api/tasks/?project={}",
    ):  # fmt: skip
        method, path = asked.format(10**7).split()
        body = {} if method == "GET" else {"json": [] if "import" in path else {}}
        assert desk.send(method, path, **body).status_code == 404, asked


def test_who_has_no_token_session_or_right_invitation_is_turned_away(desk: Desk, studio: LabelStudio) -> None:
    for headers in ({}, {"Authorization": f"Token {'0' * 40}"}, {"Authorization": "Bearer a.b.c"}):
        assert httpx.get(f"{studio.url}/api/users/", headers=headers).status_code == 401
        assert httpx.post(f"{studio.url}/api/projects/", headers=headers, json={}).status_code == 401
    wrong = re.sub("token=.*", "token=wrong", studio.invitation())
    with pytest.raises(ServerRefused, match="neither signs"):
        SignedInUser.sign_up(studio.url, wrong, "with-wrong-link@example.org", PASSWORD)
    for email, password in (
        ("short@example.org", "short"),
        ("no-address", PASSWORD),
        (desk.person.email, "wrong"),
    ):
        with pytest.raises(ServerRefused, match="neither signs"):
            SignedInUser.sign_up(studio.url, studio.invitation(), email, password)
    with SignedInUser.sign_up(studio.url, studio.invitation(), desk.person.email.upper(), PASSWORD) as same:
        assert same.account == desk.person.account


def test_tasks_come_by_id_in_pages_with_the_fields_that_were_asked_for(desk: Desk) -> None:
    assert desk.tasks == sorted(desk.tasks)
    one, two = desk.listed("id,data", page=1, page_size=2)
    assert one == {"id": desk.tasks[0], "data": {"text": "Passage 1", "task_key": "k1"}}
    assert [task["id"] for task in (one, two, *desk.listed("id", page=2, page_size=2))] == desk.tasks
    beyond = {"project": desk.project, "page": 3, "page_size": 2}
    assert desk.send("GET", "/api/tasks/", params=beyond).status_code == 404
    fresh = desk.listed("updated_by,total_annotations,cancelled_annotations,annotations_ids,annotations")[0]
    assert fresh == {
        "updated_by": [], "total_annotations": 0, "cancelled_annotations": 0, "annotations_ids": "",
        "annotations": [],
    }  # fmt: skip


def test_an_import_comes_whole_or_not_at_all(desk: Desk) -> None:
    for tasks in ([], [{"data": {"text": "Fine"}}, {"data": {"else": 1}}], [{"data": {"text": None}}]):
        assert desk.send("POST", f"/api/projects/{desk.project}/import", json=tasks).status_code == 400
    assert len(desk.listed("id")) == 3
    said = desk.ask("POST", f"/api/projects/{desk.project}/import", json=[{"data": {"text": "Fine"}}])
    assert (said["task_count"], said["annotation_count"]) == (1, 0)
    last = desk.listed("id")[-1]["id"]
    desk.ask("DELETE", f"/api/tasks/{last}/")
    desk.ask("POST", f"/api/projects/{desk.project}/import", json=[{"data": {"text": "Fine"}}])
    assert desk.listed("id")[-1]["id"] == last, "the highest number comes again"


def test_who_wrote_what_and_when_is_kept_through_edits(desk: Desk) -> None:
    person, (task, other, _) = desk.person, desk.tasks
    mine = person.submit(task, work(), 2.5)

    def told() -> dict[str, Any]:
        include = "annotations,id,completed_by,updated_by,was_cancelled,created_at,updated_at,lead_time,result"
        (one,) = next(one for one in desk.listed(include) if one["id"] == task)["annotations"]
        return one

    first = told()
    assert (first["completed_by"], first["updated_by"]) == (person.account, person.account)
    assert (first["lead_time"], first["was_cancelled"], first["result"]) == (2.5, False, work())
    lead = desk.ask("GET", "/api/current-user/whoami")["id"]
    desk.ask("PATCH", f"/api/annotations/{mine}/", json={"result": work("How?")})
    edited = told()
    assert (edited["completed_by"], edited["updated_by"], edited["lead_time"]) == (person.account, lead, 2.5)
    assert edited["created_at"] == first["created_at"] <= first["updated_at"] < edited["updated_at"]
    assert desk.ask("GET", f"/api/annotations/{mine}/")["result"] == work("How?")
    assert [one["id"] for one in desk.ask("GET", f"/api/tasks/{task}/annotations/")] == [mine]

    skipped = person.skip(other)
    assert desk.ask("GET", f"/api/tasks/{other}/annotations/") == [], "skips are not among them"
    counts = desk.listed("id,total_annotations,cancelled_annotations,annotations_ids")[:2]
    assert [(one["total_annotations"], one["cancelled_annotations"]) for one in counts] == [(1, 0), (0, 1)]
    assert [one["annotations_ids"] for one in counts] == [str(mine), str(skipped)]
    found = desk.ask("GET", "/api/projects/", params={"title": desk.title})["results"][0]
    assert (found["total_annotations_number"], found["skipped_annotations_number"]) == (1, 1)

    in_my_name = {"result": work(), "completed_by": person.account, "updated_by": person.account}
    forged = desk.ask("POST", f"/api/tasks/{other}/annotations/", json=in_my_name)
    assert (forged["completed_by"], forged["updated_by"]) == (person.account, lead)
    brought = [{"data": {"text": "Brought"}, "annotations": [in_my_name]}]
    assert desk.ask("POST", f"/api/projects/{desk.project}/import", json=brought)["annotation_count"] == 1
    ((imported,),) = [one["annotations"] for one in desk.listed("data,annotations,completed_by,updated_by")[3:]]
    assert (imported["completed_by"], imported["updated_by"]) == (person.account, None)


def test_what_is_written_moves_the_time_of_its_task_and_only_a_session_that_of_its_person(desk: Desk) -> None:
    person, (task, other, third) = desk.person, desk.tasks

    def times() -> list[str]:
        return [one["updated_at"] for one in desk.listed("id,updated_at")]

    def moved(do: Callable[[], object]) -> tuple[set[int], bool]:
        """Which tasks moved, and whether the person was seen active."""
        before, seen = times(), desk.active()
        do()
        after = times()
        return {desk.tasks[n] for n in range(3) if after[n] > before[n]}, desk.active() > seen

    marks: list[int] = []
    assert moved(lambda: marks.append(person.submit(task, work()))) == ({task}, True)
    assert moved(lambda: person.edit(marks[0], work("How?"))) == ({task}, True)
    edit = {"json": {"result": work()}}
    assert moved(lambda: desk.ask("PATCH", f"/api/annotations/{marks[0]}/", **edit)) == ({task}, False)
    assert moved(lambda: person.open_tasks(desk.title)) == (set(), False)
    changed = {"json": {"data": {"text": "New"}}}
    assert moved(lambda: desk.ask("PATCH", f"/api/tasks/{third}/", **changed)) == ({third}, False)
    assert moved(lambda: person.skip(other)) == ({other}, True)
    assert moved(lambda: person.delete(marks[0])) == ({task}, True)
    last = desk.listed("id,updated_at")[0]["updated_at"]
    since = [one["id"] for one in desk.listed("id", ("updated_at", "greater_or_equal", "Datetime", last))]
    assert since == [task]


def test_drafts_show_to_a_filter_until_they_are_submitted(desk: Desk) -> None:
    person, (task, other, _) = desk.person, desk.tasks
    drafts = [
        person._ask("POST", f"/api/tasks/{one}/drafts", body={"result": work(), "lead_time": 1})["id"]
        for one in (task, other)
    ]
    with_draft, without = (("draft_exists", "equal", "Boolean", said) for said in ("true", "false"))
    assert [one["id"] for one in desk.listed("id", with_draft)] == [task, other]
    assert [one["id"] for one in desk.listed("id", without)] == desk.tasks[2:]
    person.submit(task, work())
    assert len(desk.listed("id", with_draft)) == 2, "a draft that the page did not name stays"
    body = {"result": work(), "lead_time": 1, "draft_id": drafts[1]}
    person._ask("POST", f"/api/tasks/{other}/annotations/", body=body)
    assert [one["id"] for one in desk.listed("id", with_draft)] == [task]
    assert [one["id"] for one in desk.ask("GET", f"/api/tasks/{task}/drafts")] == drafts[:1]


def test_an_action_is_done_with_those_that_are_selected_and_meet_its_conditions(desk: Desk) -> None:
    person, (task, other, third) = desk.person, desk.tasks
    person.submit(task, work())
    person.skip(other)

    def act(action: str, included: list[int], *columns: str) -> int:
        items = [
            {"filter": f"filter:tasks:{one}", "operator": "equal", "type": "Number", "value": 0} for one in columns
        ]
        body = {
            "filters": {"conjunction": "and", "items": items}, "ordering": [],
            "selectedItems": {"all": False, "included": included},
        }  # fmt: skip
        asked = {"id": action, "project": desk.project}
        return desk.ask("POST", "/api/dm/actions/", params=asked, json=body)["processed_items"]

    assert [one["id"] for one in desk.listed("id", ("id", "in", "Number", {"min": task, "max": other}))] == [
        task, other,
    ]  # fmt: skip
    assert act("delete_tasks", [task, other], "total_annotations", "cancelled_annotations") == 0
    assert act("delete_tasks", [task, other, third], "total_annotations", "cancelled_annotations") == 1
    assert act("delete_tasks_annotations", [task]) == 1
    assert [one["id"] for one in desk.listed("id")] == [task, other]
    assert act("delete_tasks", []) == 2, "nothing selected means everything"


def test_work_that_cannot_be_written_down_is_kept_and_spoils_every_list_that_holds_it(desk: Desk) -> None:
    person, (task, *_) = desk.person, desk.tasks
    half = json.dumps({"result": work("Where \ud83d?"), "lead_time": 3})
    headers = {"Referer": person.url, "Content-Type": "application/json"}
    assert person._http.post(f"/api/tasks/{task}/annotations/", content=half, headers=headers).status_code == 500
    lists = {"project": desk.project, "fields": "all"}
    assert desk.send("GET", "/api/tasks/", params=lists).status_code == 500
    assert desk.send("GET", "/api/tasks/", params={**lists, "include": "id,data"}).status_code == 200
    assert desk.listed("id,total_annotations")[0]["total_annotations"] == 1
    (number,) = desk.listed("annotations_ids")[0]["annotations_ids"].split(",")
    assert desk.send("GET", f"/api/annotations/{number}/").status_code == 500
    assert person._http.post(f"/api/tasks/{task}/annotations/", json={"result": "x"}).status_code == 500
    broken = desk.send("POST", f"/api/tasks/{task}/annotations/", content="{", headers=headers)
    assert broken.status_code == 400


def test_a_page_of_work_leads_to_the_login_whoever_is_nobody(desk: Desk, studio: LabelStudio) -> None:
    assert httpx.get(f"{studio.url}/health").json() == {"status": "UP"}
    assert httpx.get(studio.invitation()).status_code == 200
    assert httpx.get(f"{studio.url}/user/login/").status_code == 200


def test_a_server_comes_back_with_what_it_held_and_a_new_one_with_nothing() -> None:
    """As a real one does on its folder: tests/annotation/labelstudio/test_local_server.py."""
    fake = FakeLabelStudio()
    with pytest.raises(ServerUnreachable), LabelStudio("http://127.0.0.1:9", fake.token) as nobody:
        nobody.check()
    for held in (False, True):
        with fake, LabelStudio(fake.url, fake.token) as studio:
            assert bool(studio.workbenches("c1/")) is held
            studio.open("c1/authoring/eng_Latn/w1", CONFIG, "", "")
            assert studio.check() == "1.23.2"
    began = time.perf_counter()
    port = httpx.URL(fake.url).port
    with FakeLabelStudio(port or 0) as other, LabelStudio(other.url, other.token) as studio:
        assert other.url == fake.url
        assert studio.workbenches("c1/") == {}
    assert time.perf_counter() - began < 5
    with FakeLabelStudio() as fake:
        unknown = httpx.get(f"{fake.url}/api/storages/", headers=token(fake))
        assert unknown.status_code == 501
        assert "GET /api/storages/: use a real one" in unknown.json()["detail"]


def test_flows_ask_a_server_for_nothing_else() -> None:
    """Every attribute of `LabelStudio` that flows use, by its name, is one of the seam's."""
    public = {name for name in vars(LabelStudio) if not name.startswith("_")}
    seam = {name for name in vars(AnnotationServer) if not name.startswith("_")}
    assert seam <= public
    used = set(re.findall(r"\b(?:server|studio|named|client)\.(_?[a-z_]+)\(", "\n".join(_sources())))
    assert used & public - seam == set()
    assert not {name for name in used if name.startswith("_")}


def _sources() -> list[str]:
    return [file.read_text("utf-8") for file in FLOWS.rglob("*.py")]
