"""What the program asks of the layer, on the fake server and the real one: many tasks in one request, which is the
same as task by task, and the pages that it keeps.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from annotation.labelstudio import person_pages
from annotation.labelstudio.client import Collected, LabelStudio, Mark, Workbench
from annotation.labelstudio.fake import FakeLabelStudio
from annotation.labelstudio.local_server import LocalLabelStudio
from annotation.labelstudio.person_pages import StandingPages, page_digest
from annotation.labelstudio.signed_in_user import SignedInUser
from annotation.labelstudio.workbenches import bulk_exchange
from data.environment import state_dir
from data.errors import ServerError, ServerRefused
from tests.faulty_line import FaultyLine
from tests.labelstudio_fixture import PASSWORD

CONFIG = '<View><Text name="t" value="$text"/><TextArea name="q" toName="t"/></View>'
KEYS = [f"authoring/eng_Latn/p1-q{n}/1/w1" for n in range(1, 5)]
TASKS = {key: {"text": f"Passage {n}", "notes": [{"a": "é 漢"}, None, 1.5]} for n, key in enumerate(KEYS, 1)}
REAL = pytest.param("real", marks=[pytest.mark.slow, pytest.mark.servers])


@dataclass
class Place:
    """A server with the layer behind a line, and a client; a client that knows nothing of the layer; a person."""

    line: FaultyLine
    studio: LabelStudio
    plain: LabelStudio
    person: SignedInUser
    token: str
    turn: int = 0

    def asked(self) -> list[str]:
        """What the client asked since the last time, without the look for the layer."""
        seen = [f"{method} {path.partition('?')[0]}" for method, path, _ in self.line.seen]
        self.line.seen.clear()
        return [one for one in seen if one != "GET /belebele/layer"]

    def bench(self, tasks: dict[str, dict[str, Any]] | None = None) -> Workbench:
        """Another workbench, on which the person works."""
        self.turn += 1
        bench = self.plain.open(f"c1/authoring/eng_Latn/w{self.turn}", CONFIG, "<p>Write.</p>", "")
        self.plain.push(bench, list((TASKS if tasks is None else tasks).items()))
        self.plain.admit({bench.id: [self.person.account]})
        self.line.seen.clear()
        return self.fresh(bench)

    def fresh(self, bench: Workbench) -> Workbench:
        return self.plain.workbenches(bench.title)[bench.title]

    def send(self, method: str, path: str, body: object, **how: Any) -> httpx.Response:
        signed = {"Authorization": f"Token {self.token}"}
        return httpx.request(method, self.plain.url + path, json=body, headers=signed, timeout=60, **how)


@pytest.fixture(scope="module", params=["fake", REAL])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("bulk")
    real = request.param == "real"
    fake = FakeLabelStudio(layer=True)
    server = LocalLabelStudio(state_dir(), data_dir=folder / "data", layer=True) if real else fake
    with (
        server,
        FaultyLine(server.url) as line,
        LabelStudio(line.url, server.token) as studio,
        LabelStudio(server.url, server.token) as plain,
        SignedInUser.sign_up(server.url, plain.invitation(), "w1@people.example", PASSWORD) as person,
    ):
        plain._tasks._bulk._spoken = False
        yield Place(line, studio, plain, person, server.token)


def work(text: str) -> list[dict[str, Any]]:
    return [{"from_name": "q", "to_name": "t", "type": "textarea", "value": {"text": [text]}}]


def without_places(found: Collected) -> Any:
    """What was read, but for the numbers of what stands on different workbenches, and for times of reading."""
    return [
        [(one.task_key, one.kind, one.account, one.writer, one.seconds, one.result) for one in found.submissions],
        [(one.task_key, one.data, len(one.annotations), one.hidden) for one in found.touched],
        len(found.complete), found.unread, found.failed,
    ]  # fmt: skip


def test_one_request_adds_what_is_missing_and_changes_what_differs(place: Place) -> None:
    bench = place.bench({key: TASKS[key] for key in KEYS[:2]})
    mine = place.studio.tasks(bench)[0].id
    place.person.submit(mine, work("Why?"))
    other = {**TASKS[KEYS[0]], "text": "Changed"}
    place.asked()
    done = place.studio.put(bench, TASKS, {KEYS[0]: other, KEYS[1]: TASKS[KEYS[1]], "of/no/task": {}})
    assert place.asked() == ["PUT /belebele/tasks"]
    assert (done.pushed.there, done.pushed.added) == (tuple(KEYS[:2]), tuple(KEYS[2:]))
    assert list(done.changed) == [KEYS[0]]
    there = place.plain.tasks(bench)
    assert [(one.key, one.annotations) for one in there] == [(key, int(key == KEYS[0])) for key in KEYS]
    assert [dict(one.data) for one in there] == [
        {**data, "task_key": key} for key, data in {**TASKS, KEYS[0]: other}.items()
    ]
    assert done.pushed.numbers == {one.key: one.id for one in there}
    (touched,) = [one for one in place.studio.submissions([place.fresh(bench)]).touched if one.task_id == mine]
    assert touched.changed_at == datetime.fromisoformat(done.changed[KEYS[0]])
    again = place.studio.put(bench, TASKS, {KEYS[0]: other})
    assert (again.pushed.added, again.changed) == ((), {})
    assert place.fresh(bench).tasks == 4


def test_the_server_is_left_as_by_one_request_for_each(place: Place) -> None:
    """The same is done on two workbenches; then everything that the server tells of both is compared."""
    one, two = place.bench(), place.bench()
    told = []
    for bench, studio in ((one, place.studio), (two, place.plain)):
        tasks = place.plain.tasks(bench)
        place.person.submit(tasks[0].id, work("Why?"))
        place.person.skip(tasks[1].id)
        place.send("PATCH", f"/api/tasks/{tasks[2].id}/", {"is_labeled": True}).raise_for_status()
        change = {key: {"text": f"New {n}", "more": [n]} for n, key in enumerate(KEYS)}
        more = {"authoring/eng_Latn/p9-q9/1/w1": {"text": "Late"}}
        done = studio.put(bench, {**TASKS, **more}, change)
        listed = place.send("GET", f"/api/tasks/?project={bench.id}&fields=all", None).json()["tasks"]
        project = place.send("GET", f"/api/projects/{bench.id}/", None).json()
        summary = place.send("GET", f"/api/projects/{bench.id}/summary/", None)
        told.append([
            (done.pushed.there, done.pushed.added, sorted(done.changed)),
            [{name: task[name] for name in ("data", "inner_id", "is_labeled", "overlap", "total_annotations",
              "cancelled_annotations", "meta", "file_upload")} for task in listed],
            {name: project[name] for name in ("task_number", "total_annotations_number",
             "skipped_annotations_number", "num_tasks_with_annotations")},
            {name: summary.json()[name] for name in ("all_data_columns", "common_data_columns")}
            if summary.status_code == 200 else None,
            without_places(studio.submissions([place.fresh(bench)])),
            without_places(place.plain.submissions([place.fresh(bench)])),
        ])  # fmt: skip
    assert told[0] == told[1]
    assert told[0][-1] == told[0][-2]


def test_one_request_reads_what_changed_everywhere(place: Place) -> None:
    benches = [place.bench(), place.bench()]
    first = place.studio.submissions(benches)
    assert place.asked() == ["POST /belebele/changes"]
    assert [one.task_key for one in first.touched] == KEYS * 2
    assert first.complete == {bench.title for bench in benches}

    def later(mark: Mark) -> Mark:
        since = datetime.fromisoformat(mark.since) + timedelta(seconds=60)
        return mark._replace(since=since.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))

    marks = {title: later(mark) for title, mark in first.marks.items()}
    third = place.studio.tasks(benches[1])[2].id
    place.person.submit(third, work("Why?"), 2.5)
    place.person.skip(place.studio.tasks(benches[0])[0].id)
    fresh = [place.fresh(bench) for bench in benches]
    place.asked()
    second = place.studio.submissions(fresh, marks)
    assert place.asked().count("POST /belebele/changes") == 1
    assert [(one.workbench, one.task_key, one.kind) for one in second.submissions] == [
        (benches[0].title, KEYS[0], "skipped"),
        (benches[1].title, KEYS[2], "submitted"),
    ]
    assert second == replace(place.plain.submissions(fresh, marks), marks=second.marks)


def test_what_does_not_fit_into_one_request_comes_in_several(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_exchange, "MOST", 300)
    many = {f"authoring/eng_Latn/p{n}-q1/1/w1": {"text": f"Passage {n}"} for n in range(510)}
    bench = place.bench({})
    done = place.studio.put(bench, many, many)
    assert (list(done.pushed.added), done.changed) == (list(many), {})
    assert place.asked() == ["PUT /belebele/tasks"] * 4
    found = place.studio.submissions([place.fresh(bench), place.bench()])
    assert [one.task_key for one in found.touched] == [*many, *KEYS]
    assert place.asked() == ["POST /belebele/changes"] * 2


@pytest.mark.parametrize("fault", ["lost", "500", "refused", "garbage"])
def test_a_request_whose_answer_is_lost_is_repeated_and_nothing_comes_twice(place: Place, fault: str) -> None:
    bench = place.bench(dict(list(TASKS.items())[:1]))
    failing = {"PUT": fault, "POST": fault}
    place.line.spoil = lambda method, path: failing.pop(method, "") if path.startswith("/belebele/") else ""
    place.studio.put(bench, TASKS, {KEYS[0]: {"text": "Changed"}})
    found = place.studio.submissions([place.fresh(bench)])
    place.line.spoil = lambda method, path: ""
    assert not failing
    assert [one.task_key for one in found.touched] == KEYS
    assert found.touched[0].data["text"] == "Changed"
    assert [one.key for one in place.plain.tasks(bench)] == KEYS


def test_a_task_belongs_to_its_number_and_second_ones_without_work_go(place: Place) -> None:
    bench = place.bench()
    tasks = place.plain.tasks(bench)
    disguised = {**tasks[0].data, "task_key": KEYS[1], "text": "Else"}
    place.send("PATCH", f"/api/tasks/{tasks[0].id}/", {"data": disguised}).raise_for_status()
    twice = [{"data": {**TASKS[KEYS[2]], "task_key": KEYS[2]}}]
    place.send("POST", f"/api/projects/{bench.id}/import", twice).raise_for_status()
    done = place.studio.put(bench, TASKS, {KEYS[0]: TASKS[KEYS[0]]}, {tasks[0].id: KEYS[0]})
    assert (list(done.changed), done.pushed.added, done.pushed.doubles) == ([KEYS[0]], (), ())
    assert [(one.id, one.key) for one in place.plain.tasks(bench)] == [(one.id, one.key) for one in tasks]


def test_a_text_that_no_answer_can_hold_is_read_in_the_ordinary_way(place: Place) -> None:
    bench, sound = place.bench(), place.bench()
    tasks = place.plain.tasks(bench)
    place.person.submit(tasks[0].id, work("Why?"))
    bad = place.person._http.post(
        f"/api/tasks/{tasks[1].id}/annotations/",
        content=json.dumps({"result": work("\ud83d")}),
        headers={"Content-Type": "application/json"},
    )
    assert bad.status_code in (201, 500)  # Label Studio keeps it, and fails to show it
    found = place.studio.submissions([place.fresh(bench), place.fresh(sound)])
    assert "GET /api/tasks/" in place.asked()
    plain = place.plain.submissions([place.fresh(bench), place.fresh(sound)])
    assert without_places(found) == without_places(plain)
    assert len(found.unread) == 1


def test_what_label_studio_refuses_is_refused_whole(place: Place) -> None:
    bench = place.bench()
    late = "authoring/eng_Latn/p9-q9/1/w1"
    for add, change in (({late: {"no": "text"}}, {}), ({late: {"text": "Late"}}, {KEYS[0]: {"no": "text"}})):
        with pytest.raises(ServerRefused):
            place.studio.put(bench, add, change)
    assert {one.key: dict(one.data)["text"] for one in place.plain.tasks(bench)} == {
        key: data["text"] for key, data in TASKS.items()
    }
    for path, method, body in (
        ("/belebele/tasks", "PUT", {}),
        ("/belebele/tasks", "PUT", {"project": 10**6, "add": {}, "change": {}, "numbers": {}, "settled": True}),
        ("/belebele/tasks", "PUT", {"project": bench.id, "add": {f"k{n}": {} for n in range(501)}, "change": {},
                                    "numbers": {}, "settled": True}),
        ("/belebele/changes", "POST", {"projects": [1]}),
    ):  # fmt: skip
        assert place.send(method, path, body).status_code == 400, body
    assert place.send("PUT", "/belebele/tasks", {"x": "y" * (33 * 2**20)}).status_code == 413


def test_a_server_with_an_older_layer_or_none_is_asked_task_by_task(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = place.bench()
    monkeypatch.setattr(bulk_exchange, "_SINCE", 4)
    with LabelStudio(place.line.url, place.token) as studio:
        place.line.seen.clear()
        assert list(studio.put(bench, {}, {KEYS[0]: {"text": "Changed"}}).changed) == [KEYS[0]]
        assert place.asked() == ["GET /api/tasks/", f"PATCH /api/tasks/{place.plain.tasks(bench)[0].id}/"]
        assert len(studio.submissions([bench]).touched) == 4
        assert place.asked() == ["GET /api/tasks/"]


def test_a_server_that_fails_at_this_is_read_in_the_ordinary_way(place: Place) -> None:
    bench = place.bench()
    place.line.spoil = lambda method, path: "500" if path.startswith("/belebele/") else ""
    found = place.studio.submissions([bench])
    with pytest.raises(ServerError):
        place.studio.put(bench, {}, {KEYS[0]: {"text": "Changed"}})
    place.line.spoil = lambda method, path: ""
    assert [one.task_key for one in found.touched] == KEYS


# The pages that the layer keeps ------------------------------------------------------------------------------


def page_of(person: str) -> dict[str, Any]:
    return {"person": person, "title": "é 漢", "language": "ar", "words": {}, "work": [], "hours": 1.5}


def test_pages_of_people_are_set_as_a_whole_and_known_by_their_digests(place: Place) -> None:
    """What differs is sent; whoever is not named any more has no page; other campaigns keep theirs."""
    put, standing = place.plain.put_person_pages, place.plain.person_pages
    assert standing("c1") == StandingPages("", {})
    pages = {number: page_of(f"w{number}") for number in (3, 4, 5)}
    put("c1", "seal-1", pages, pages)
    put("c2", "seal-2", [3], {3: page_of("other")})
    assert standing("c1") == StandingPages("seal-1", {number: page_digest(page) for number, page in pages.items()})
    put("c1", "seal-3", [3, 5], {5: page_of("new")})
    found = {3: page_digest(pages[3]), 5: page_digest(page_of("new"))}
    assert standing("c1") == StandingPages("seal-3", found)
    put("c1", "seal-4", [], {})
    assert standing("c1") == StandingPages("seal-4", {})
    assert standing("c2") == StandingPages("seal-2", {3: page_digest(page_of("other"))})


def test_a_delivery_that_broke_off_has_no_seal(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """So the next one goes on with what is missing."""
    monkeypatch.setattr(person_pages, "MOST", 2)
    sent = {number: page_of(f"w{number}") for number in range(3, 8)}
    place.plain.put_person_pages("c3", "before", [3], {3: page_of("before")})
    puts: list[str] = []

    def second(method: str, path: str) -> str:
        puts.extend([path] if method == "PUT" else [])
        return "refused" if len(puts) == 2 else ""

    monkeypatch.setattr(place.line, "spoil", second)
    with pytest.raises(ServerError):
        place.studio.put_person_pages("c3", "whole", sent, sent)
    found = place.plain.person_pages("c3")
    assert found == StandingPages("", {number: page_digest(sent[number]) for number in (3, 4)})
    place.studio.put_person_pages("c3", "whole", sent, {number: sent[number] for number in (5, 6, 7)})
    found = place.plain.person_pages("c3")
    assert found == StandingPages("whole", {number: page_digest(page) for number, page in sent.items()})


def test_the_leads_page_goes_where_there_is_a_layer(place: Place) -> None:
    assert place.plain.put_lead_page("c1", "Water", "<p>é</p>")
    with FakeLabelStudio() as bare, LabelStudio(bare.url, bare.token) as client:
        assert client.person_pages("c1") is None
        assert not client.put_lead_page("c1", "Water", "")


def copy_asked(
    run: int, *, copy: str = "a", follows: tuple[str, ...] = (), take: bool = False
) -> dict[str, object]:
    return {"campaign": f"c-{copy}" if copy == "lost" else "c-copies", "copy": copy, "follows": list(follows),
            "run": run, "token": f"{copy}-{run}", "owner": "house:1", "take": take}  # fmt: skip


def test_one_copy_of_a_campaign_works_there(place: Place) -> None:
    def fits(run: int, **how: Any) -> bool:
        held = place.plain.note_copy(copy_asked(run, **how))
        assert held is not None
        return held.fits

    assert fits(3) and fits(3), "the same asking, which may arrive twice"
    assert fits(0) and fits(4) and not fits(2)
    assert not fits(9, copy="b") and not fits(0, copy="b")
    assert not fits(4, copy="b", follows=("a",)) and fits(5, copy="b", follows=("a",))
    assert not fits(6) and fits(6, take=True)


def test_a_run_whose_answer_was_lost_is_not_taken_for_another_copy(place: Place) -> None:
    lost: list[str] = []

    def spoil(method: str, path: str) -> str:
        if path == "/belebele/copy" and not lost:
            lost.append(method)
            return "lost"
        return ""

    place.line.spoil = spoil
    try:
        held = place.studio.note_copy(copy_asked(1, copy="lost"))
    finally:
        place.line.spoil = lambda *_: ""
    assert lost == ["PUT"]
    assert held is not None and held.fits and held.run == 1
