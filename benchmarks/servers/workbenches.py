"""The savings from bulk calls to Label Studio, on a real server started for this.

    python benchmarks/servers/workbenches.py

The benchmark pushes 562 tasks and collects 562 annotations as the program does, and with one call a task (40
calls, scaled up to 562). Then it polls 200 workbenches without any change, and compares this with asking each of
them. Everything is timed in one run against one server, so the ratios are what counts.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from annotation.labelstudio.client import LabelStudio, Mark, Workbench
from annotation.labelstudio.local_server import LocalLabelStudio
from benchmarks.table import Line, show, timed
from data.environment import state_dir

PASSAGES = 562
WORKBENCHES = 200
SINGLY = 40  # calls whose time is scaled to the 562 of the slow way
CONFIG = '<View><Text name="t" value="$text"/><TextArea name="q" toName="t"/></View>'
RESULT = [{"from_name": "q", "to_name": "t", "type": "textarea", "value": {"text": ["Why does the river turn?"]}}]
PASSAGE = "A passage of ordinary length is some hundred and twenty words long, and this sentence stands in. " * 7


def main() -> list[Line]:
    with (
        tempfile.TemporaryDirectory() as place,
        LocalLabelStudio(state_dir(), data_dir=Path(place) / "data", tell=print) as server,
        LabelStudio(server.url, server.token) as studio,
        httpx.Client(
            base_url=server.url,
            headers={"Authorization": f"Token {server.token}"},
            limits=httpx.Limits(max_keepalive_connections=0),
            timeout=60,
        ) as http,
    ):
        print(f"Label Studio {studio.check()} on this machine")
        return [push(studio, http), collect(studio, http), poll(studio)]


def push(studio: LabelStudio, http: httpx.Client) -> Line:
    tasks = [(f"authoring/eng_Latn/p{n}-q1/1/w1", {"text": PASSAGE}) for n in range(PASSAGES)]
    bulk = studio.open("bench/authoring/eng_Latn/bulk", CONFIG, "", "")
    singly = studio.open("bench/authoring/eng_Latn/singly", CONFIG, "", "")
    fast = timed(lambda: studio.push(bulk, tasks))

    def one_by_one() -> None:
        for key, payload in tasks[:SINGLY]:
            body = {"project": singly.id, "data": {**payload, "task_key": key}}
            http.post("/api/tasks/", json=body).raise_for_status()

    return Line(f"push {PASSAGES} tasks", fast, timed(one_by_one) / SINGLY * PASSAGES, "one call per task")


def collect(studio: LabelStudio, http: httpx.Client) -> Line:
    done = studio.open("bench/answering/eng_Latn/r1", CONFIG, "", "")
    tasks = [
        {"data": {"task_key": f"k{n}", "text": PASSAGE}, "annotations": [{"result": RESULT, "lead_time": 60.0}]}
        for n in range(PASSAGES)
    ]
    http.post(f"/api/projects/{done.id}/import", json=tasks).raise_for_status()
    fresh = studio.workbenches(done.title)
    found = []
    fast = timed(lambda: found.append(studio.submissions(fresh.values())))
    assert len(found[0].submissions) == PASSAGES
    ids = [touched.task_id for touched in found[0].touched][:SINGLY]

    def one_by_one() -> None:
        for task_id in ids:
            http.get(f"/api/tasks/{task_id}/annotations/").raise_for_status()

    slow = timed(one_by_one) / SINGLY * PASSAGES
    return Line(f"collect {PASSAGES} annotations", fast, slow, "one call per task")


def poll(studio: LabelStudio) -> Line:
    for n in range(WORKBENCHES):
        title = f"many/authoring/l{n:03}/w1"
        bench = studio.open(title, CONFIG, "", "")
        studio.push(bench, [(f"k{n}-{k}", {"text": PASSAGE}) for k in range(10)])
    benches = studio.workbenches("many/")
    assert len(benches) == WORKBENCHES
    marks = {title: past(mark) for title, mark in studio.submissions(benches.values()).marks.items()}
    seen: dict[str, Workbench] = {}
    one = min(timed(lambda: seen.update(studio.workbenches("many/"))) for _ in range(3))
    two = min(timed(lambda: studio.submissions(seen.values(), marks)) for _ in range(3))
    each = {title: mark._replace(annotations=-1) for title, mark in marks.items()}
    every = timed(lambda: studio.submissions(seen.values(), each))
    print(f"a poll takes {one * 1e3:.0f} ms for the counts and {two * 1e3:.0f} ms for who was active")
    return Line(f"poll {WORKBENCHES} workbenches, nothing new", one + two, one + every, "each workbench asked")


def past(mark: Mark) -> Mark:
    """Return the mark as it is a minute after the last work."""
    since = datetime.fromisoformat(mark.since) + timedelta(seconds=62)
    return mark._replace(since=since.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))


if __name__ == "__main__":
    show(main())
