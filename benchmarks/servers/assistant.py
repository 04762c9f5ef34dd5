"""The assistant's response times at its interface, and the time that a Label Studio server adds.

    python benchmarks/servers/assistant.py [SECONDS]

An assistant in a process of its own knows 900 questions and a trained meter, as in a campaign of Belebele's size.
At human pace, twenty authors each finish a field every 5 s; saturated, four ask as fast as they are answered. Each
request is a whole task with its passage and all fields, one of forty for each author. The aim is 300 ms at the
95th percentile on two cores. Then the same at human pace through a real Label Studio, as the editor asks it.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from annotation.assistant.assistant_app import LATE
from annotation.labelstudio.assistant_passwords import Keyring
from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.local_server import LocalLabelStudio, admit
from annotation.stages import authoring_page
from benchmarks.table import Line, show
from data import storage
from data.campaign.campaign import Campaign
from data.environment import state_dir
from data.server_ports import free_port
from flows.services import assistant_advice
from flows.services.child_processes import child, wait_for
from qc.feedback import shortcut_meter

AUTHORS, PACE, SECONDS = 20, 5.0, 30.0
QUESTIONS = 900
SECRET = "a-secret-of-this-benchmark"
OWN = Keyring(SECRET).own
CAMPAIGN = """
[campaign]
id = "bench"
title = "Bench"
[source]
kind = "parallel"
path = "none.jsonl"
[languages]
targets = []
[assistant]
enabled = true
"""
SERVE = """
import sys, threading, uvicorn
from pathlib import Path
from annotation.assistant.assistant_app import app
from annotation.labelstudio.assistant_passwords import Keyring
from data.campaign.campaign import Campaign
from flows.services.assistant_advice import Judge
folder, port, secret = sys.argv[1:]
judge = Judge(Campaign.load(folder), Path(folder))
asked = app(Keyring(secret), judge, judge.version)
uvicorn.run(asked, port=int(port), access_log=False, log_level="warning", lifespan="off")
"""
DRAW = random.Random(0)
WORDS = [
    start + end
    for start in ("ba", "bel", "di", "dom", "kar", "ku", "lo", "sin")
    for end in ("la", "ren", "ting", "mo")
]


def text(words: int) -> str:
    return " ".join(DRAW.choices(WORDS, k=words)).capitalize()


def request(number: int) -> dict[str, object]:
    """Return the editor's request while author `number` writes."""
    result = authoring_page.result(
        question=f"{text(11)}?", answers=[text(7) for _ in range(4)], key=1 + number % 4, notes=[text(9)] * 4
    )
    payload = authoring_page.payload(sentences=[text(22) for _ in range(5)], number=1)
    more = {"fate": "", "fate_title": "", "fates": [], "fate_changes": [], **authoring_page.extra_fields(payload)}
    data = {**payload, **more, "task_key": f"authoring/eng_Latn/p{number}-q1/0/a{number}"}
    return {"tasks": [{"id": number, "data": data}], "params": {"context": {"result": result}}}


@contextmanager
def assistant(questions: int = QUESTIONS) -> Iterator[str]:
    """Run an assistant that knows this number of questions; yield its address."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "campaign.toml").write_text(CAMPAIGN)
        Campaign.load(place)
        known = [(f"p{n}-q2", f"{text(11)}?") for n in range(questions)]
        storage.write_text(place, assistant_advice.KNOWN, json.dumps(known))
        items = [
            shortcut_meter.Item(asked, tuple(text(7) for _ in range(4)), n % 4, f"p{n}")
            for n, (_, asked) in enumerate(known)
        ]
        began = time.perf_counter()
        storage.write_bytes(place, assistant_advice.METER, shortcut_meter.train(items, "0" * 32).packed())
        print(f"the meter was trained on {questions} questions in {time.perf_counter() - began:.1f} s")
        port, log = free_port(), folder / "log"
        address = f"http://127.0.0.1:{port}"
        with child(SERVE, place, str(port), SECRET, environment={}, log=log) as process:

            def answers() -> bool:
                try:
                    return httpx.get(f"{address}/health", auth=OWN).status_code == 200
                except httpx.HTTPError:
                    return False

            wait_for(answers, process, "The assistant", log)
            yield address


def asker() -> httpx.Client:
    """Return a client that asks as Label Studio does, on a new connection each time.

    A connection kept open is closed after 5 s, which is the authors' pace, and possibly during a request.
    """
    return httpx.Client(timeout=60, auth=OWN, limits=httpx.Limits(max_keepalive_connections=0))


def measured(ask: Callable[[int], None], authors: int, pace: float, seconds: float) -> list[float]:
    """Return the seconds of each answer, sorted; authors ask every `pace` seconds, or as fast as answers come."""
    took: list[float] = []
    end = time.perf_counter() + seconds

    def author(number: int) -> None:
        draw = random.Random(number)
        due = time.perf_counter() + draw.random() * pace
        while due < end:
            time.sleep(max(0.0, due - time.perf_counter()))
            began = time.perf_counter()
            ask(number)
            took.append(time.perf_counter() - began)
            due = due + pace if pace else time.perf_counter()

    with ThreadPoolExecutor(authors) as pool:
        list(pool.map(author, range(authors)))
    return sorted(took)


def lines(what: str, took: list[float], seconds: float) -> list[Line]:
    print(f"{what}: {len(took)} answers, {len(took) / seconds:.1f} a second, the slowest {took[-1] * 1e3:.0f} ms")
    return [Line(f"{what}, p{p}", took[min(len(took) - 1, len(took) * p // 100)]) for p in (50, 95, 99)]


def main(seconds: float = SECONDS) -> list[Line]:
    found: list[Line] = []
    with assistant() as address:
        prepared = [[json.dumps(request(n)).encode() for _ in range(40)] for n in range(AUTHORS)]
        clients = [asker() for _ in range(AUTHORS)]
        late: list[str] = []

        def ask(number: int) -> None:
            body = DRAW.choice(prepared[number])
            answer = clients[number].post(f"{address}/predict", content=body).raise_for_status()
            said = answer.json()["results"][0]["result"][0]["value"]["text"][0]
            if said == LATE:
                late.append(said)

        ask(0)
        found += lines("assistant, 20 authors at human pace", measured(ask, AUTHORS, PACE, seconds), seconds)
        found += lines("assistant, saturated", measured(ask, 4, 0.0, seconds / 3), seconds / 3)
        print(f"{len(late)} answers came too late and said so")
        found += through_label_studio(address, seconds)
    return found


def through_label_studio(address: str, seconds: float) -> list[Line]:
    """Measure the same at human pace, asked as the editor does, with Label Studio between it and the assistant."""
    with (
        tempfile.TemporaryDirectory() as place,
        LocalLabelStudio(state_dir(), data_dir=Path(place) / "data", tell=print) as server,
        LabelStudio(server.url, server.token) as studio,
    ):
        bench = studio.open("bench/authoring/eng_Latn/a", authoring_page.config("eng_Latn", feedback=True), "", "")
        admit(server.data_dir, "bench", address)
        studio.assist(bench, address, OWN)
        studio.push(bench, [(f"k{n}", request(n)["tasks"][0]["data"]) for n in range(AUTHORS)])  # type: ignore[index]
        tasks = [task.id for task in studio.tasks(bench)]
        headers = {"Authorization": f"Token {server.token}"}
        with httpx.Client(base_url=server.url, headers=headers, timeout=60) as http:
            (backend,) = http.get("/api/ml", params={"project": bench.id}).json()

        def ask(number: int) -> None:
            context = request(number)["params"]["context"]  # type: ignore[index]
            body = {"task": tasks[number], "context": context}
            url = f"{server.url}/api/ml/{backend['id']}/interactive-annotating"
            answer = httpx.post(url, json=body, headers=headers, timeout=60).raise_for_status()
            assert answer.json()["data"]["result"]

        ask(0)
        found = lines("through Label Studio, human pace", measured(ask, AUTHORS, PACE, seconds), seconds)
        return found + lines("through Label Studio, saturated", measured(ask, 4, 0.0, seconds / 3), seconds / 3)


if __name__ == "__main__":
    show(main(*map(float, sys.argv[1:])))
