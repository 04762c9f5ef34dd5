"""What one account puts on a server costs nobody else, though it makes its lists fail."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.signed_in_user import OpenTask, SignedInUser
from annotation.stages import authoring_page
from data.campaign.contacts import set_contact
from data.ledger import tables
from data.ledger.events import Read, TaskClosed
from tests.faulty_line import FaultyLine
from tests.flows.small_campaign import BOATS, TEXTS, Small, begin

pytestmark = pytest.mark.usefixtures("own_state")

ENGLISH = "eng_Latn"
TEXT = TEXTS[BOATS, ENGLISH]


@pytest.fixture
def small(tmp_path: Path, studio: LabelStudio, visitor: Callable[[str], SignedInUser], campaign_id: str) -> Small:
    """The campaign on the server: two authors in accounts of their own, three questions for each to write."""
    small = begin(tmp_path / "campaign", campaign_id)
    small.configure("questions_per_passage = 1", "questions_per_passage = 3")
    small.servers = {"main": studio}
    for person in ("ana", "ben"):
        visitor(person)
        set_contact(campaign_id, person, f"{person}@example.org")
    assert small.advance().problems == []
    return small


@pytest.fixture
def admin(studio: LabelStudio) -> Callable[..., httpx.Response]:
    """A request as the lead's account makes it: method, path, and what httpx takes."""

    def ask(method: str, path: str, **how: Any) -> httpx.Response:
        return httpx.request(method, studio.url + path, auth=studio._wire._signature, timeout=60, **how)

    return ask


def title(small: Small, person: str) -> str:
    return small.state.campaign.workbench_title("authoring", ENGLISH, person)


def work(question: str = TEXT["question"]) -> list[dict[str, Any]]:
    notes = ["", *(f"Sentence {n} says otherwise." for n in (2, 3, 4))]
    return authoring_page.result(question=question, answers=TEXT["answers"], key=1, evidence=[1], notes=notes)


def post(person: SignedInUser, task: OpenTask, raw: str) -> None:
    """Puts an annotation on the line as it stands here, which the server keeps even where it answers 500."""
    headers = {"Referer": person.url, "Content-Type": "application/json"}
    person._http.post(f"/api/tasks/{task.id}/annotations/", content=raw, headers=headers)


def numbers(admin: Callable[..., httpx.Response], task: OpenTask) -> list[int]:
    """The annotations on a task."""
    query = json.dumps({"selectedItems": {"all": False, "included": [task.id]}})
    asked = {"project": task.workbench, "fields": "all", "include": "id,annotations_ids", "query": query}
    (told,) = admin("GET", "/api/tasks/", params=asked).json()["tasks"]
    return [int(number) for number in told["annotations_ids"].split(",")]


def outcomes(small: Small) -> list[str]:
    return sorted(json.loads(text)["outcome"] for text in small.state.events(Read)["detail"])


def test_what_breaks_the_servers_lists_costs_its_own_task_only(
    small: Small, studio: LabelStudio, visitor: Callable[[str], SignedInUser], admin: Callable[..., httpx.Response]
):
    ana, ben = visitor("ana"), visitor("ben")
    half, endless, fine = ana.open_tasks(title(small, "ana"))
    bad = json.dumps({"result": work("Where \ud83d?"), "lead_time": 3})
    assert "\\ud83d" in bad
    post(ana, half, bad)
    post(ana, endless, json.dumps({"result": work(), "lead_time": 3}).replace(" 3}", " 1e400}"))
    ana.submit(fine.id, work())
    ben.submit(ben.open_tasks(title(small, "ben"))[0].id, work())
    assert admin("GET", "/api/tasks/", params={"project": half.workbench, "fields": "all"}).status_code == 500

    told = small.advance()
    assert told.annotations == 2
    assert outcomes(small) == ["counted", "counted"]
    assert {name.split("/")[1] for name in studio.workbenches(f"{small.state.campaign.id}/")} >= {"answering"}
    spoilt = {numbers(admin, task)[0]: task.id for task in (half, endless)}
    (problem,) = told.problems
    assert f"server 'main' at {studio.url}" in problem and repr(title(small, "ana")) in problem
    for annotation, task in spoilt.items():
        assert f"annotation {annotation} on task {task}" in problem
    assert (
        f"{studio.url}/projects/{half.workbench}/data, tick task {half.id}, {endless.id}, choose Delete" in problem
    )
    again = small.advance()
    assert (again.annotations, again.problems) == (0, [problem]), "it is told until it is mended"

    chosen = {"selectedItems": {"all": False, "included": [half.id, endless.id]}, "ordering": []}
    asked = {"id": "delete_tasks_annotations", "project": half.workbench}  # what Delete Annotations sends
    assert admin("POST", "/api/dm/actions/", params=asked, json=chosen).status_code == 200
    mended = small.advance()
    assert mended.problems == []
    (line,) = [line for line in small.agenda() if "destroyed" in line]
    assert line.startswith(f"{title(small, 'ana')}: 2 submitted and destroyed on server 'main'")
    for task in (half, endless):
        ana.submit(task.id, work())
    assert small.advance().annotations == 2
    assert outcomes(small) == ["counted"] * 4
    assert small.advance().idle


def test_a_task_whose_page_was_broken_is_named_and_foreign_projects_are_left_alone(
    small: Small, studio: LabelStudio, visitor: Callable[[str], SignedInUser], admin: Callable[..., httpx.Response]
):
    ana, campaign = visitor("ana"), small.state.campaign.id
    strange = [f"{campaign}/a/b/c", f"{campaign}/my notes", f"{campaign}/my notes"]
    for name in strange:
        assert admin("POST", "/api/projects/", json={"title": name}).status_code == 201
    broken, fine, _ = ana.open_tasks(title(small, "ana"))
    headers = {"Content-Type": "application/json"}
    admin("PATCH", f"/api/tasks/{broken.id}/", content='{"data": {"about": "\\ud83d"}}', headers=headers)
    ana.submit(fine.id, work())
    told = small.advance()
    assert told.annotations == 1
    foreign, problem = told.problems
    assert f"'{campaign}/a/b/c', '{campaign}/my notes'. They are passed over" in foreign
    assert f": task {broken.id}. All else" in problem
    assert f"{studio.url}/api/tasks/{broken.id}/" in problem
    assert admin("DELETE", f"/api/tasks/{broken.id}/").status_code == 204
    assert small.advance().problems == [foreign]
    assert ana.open_tasks(title(small, "ana"))[-1].key == broken.key, "it was handed out again"
    found = [one.workbench.title for one in studio._projects.beginning(campaign)]
    assert sorted(name for name in found if name in strange) == strange, "nothing of others is removed"


def test_work_in_a_doubled_workbench_counts_once_and_what_is_no_text_never(
    small: Small, studio: LabelStudio, visitor: Callable[[str], SignedInUser], admin: Callable[..., httpx.Response]
):
    ana, ben = visitor("ana"), visitor("ben")
    mine = ana.open_tasks(title(small, "ana"))
    config = admin("GET", f"/api/projects/{mine[0].workbench}/").json()["label_config"]
    body = {"title": title(small, "ana"), "label_config": config}
    second = admin("POST", "/api/projects/", json=body).json()["id"]
    copies = [{"data": task.data} for task in mine]
    admin("POST", f"/api/projects/{second}/import", json=copies).raise_for_status()
    ana.submit(ana.open_tasks(title(small, "ana"), second)[0].id, work())
    question = "Where\0does Amina keep her tools?"
    ben.submit(ben.open_tasks(title(small, "ben"))[0].id, work(question))

    told = small.advance()
    assert told.annotations == 2
    assert outcomes(small) == ["counted", "invalid"]
    (problem,) = told.problems
    assert f"{studio.url}/projects/{second} counts too" in problem
    kept = [json.loads(text)[0]["value"] for text in small.state.ledger.read(tables.ANNOTATIONS)["result"]]
    assert {"text": [question]} in kept
    why = [json.loads(text) for text in small.state.events(TaskClosed)["detail"]]
    assert ["half a character" in one["problems"][0] for one in why] == [True]
    assert len(ben.open_tasks(title(small, "ben"))) == 3, "it was handed out again"

    ana.submit(mine[0].id, work())
    ana.submit(mine[1].id, work("Where does Amina keep her tools when the water is high?"))
    assert small.advance().annotations == 2
    assert outcomes(small) == ["counted", "counted", "invalid", "the same again"]
    assert list(small.state.questions["revision"]) == [1, 1]
    assert small.advance().annotations == 0


def test_what_was_destroyed_before_it_could_be_read_is_missed(
    small: Small, studio: LabelStudio, visitor: Callable[[str], SignedInUser]
):
    ana = visitor("ana")
    one, two, _ = ana.open_tasks(title(small, "ana"))
    submitted = [ana.submit(task.id, work()) for task in (one, two)]
    with FaultyLine(studio.url) as line, LabelStudio(line.url, studio._wire._token) as other:
        line.spoil = lambda method, path: "500" if path.startswith("/api/tasks/") else ""
        small.servers = {"main": other}
        told = small.advance()
        assert told.annotations == 0
        assert [one.startswith("nothing of workbench") for one in told.problems] == [True, True]
        ana.delete(submitted[0])
        line.spoil = lambda method, path: ""
        assert small.advance().annotations == 1
    (line_,) = [line for line in small.agenda() if "destroyed" in line]
    assert "1 submitted and destroyed on server 'main' before it was collected (2 stood there, 1 came in)" in line_
