"""`belebele up`, as a process in a terminal of its own, on servers that it starts."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, expect

from annotation.assistant.assistant_app import LATE
from annotation.labelstudio.assistant_passwords import Keyring
from annotation.labelstudio.http_connection import trusted
from annotation.labelstudio.local_server import FIRST_USER, install
from annotation.stages import authoring_page
from data.campaign import new_campaign
from data.campaign.settings import Person
from data.environment import state_dir
from data.sample import load
from data.server_ports import EVERYWHERE, LOOPBACK, is_local, reachable
from flows.release import release_campaign
from flows.services.prefect_server import KEPT_DAYS
from tests.flows.small_campaign import at
from tests.metric_rules import broken_rules

pytestmark = pytest.mark.servers

ROOT = Path(__file__).parents[3]
BELEBELE = Path(sys.executable).with_name("belebele")
ID = "twovillages"
CRON, TIMEZONE = "* * * * *", "Africa/Nairobi"
PATIENCE = 240.0


def until(ready: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    end = time.monotonic() + seconds
    while not (found := ready()):
        assert time.monotonic() < end, f"waited {seconds:.0f} s for {what}"
        time.sleep(0.2)
    return found


@dataclass
class Town:
    """A campaign of two passages in two languages, a state folder, and maybe an `up` that runs there."""

    folder: Path
    process: subprocess.Popen[str] | None = None

    @property
    def campaign(self) -> Path:
        return self.folder / "campaign"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def home(self) -> Path:
        """The user's home folder."""
        return self.folder / "home"

    @property
    def secret(self) -> str:
        return (self.state / "assistant" / "secret").read_text()

    @property
    def assistant(self) -> str:
        (note,) = (self.state / "assistant").glob(f"{ID}-*/assistant.json")
        return str(json.loads(note.read_text())["url"])

    def pool(self, cue: str) -> None:
        """What the meter learns from: wrong options hold a word."""
        items = [
            {"id": f"i{n}", "passage": f"p{n}", "question": "Where?", "answer": n % 4,
             "options": [f"a hut {n} {k}" if k == n % 4 else f"a hut {n} {k} {cue}" for k in range(4)]}
            for n in range(30)
        ]  # fmt: skip
        (self.campaign / "pool.jsonl").write_text("\n".join(map(json.dumps, items)))

    def children(self, what: bytes) -> list[int]:
        """The processes of this town whose command line holds this."""
        return [number for number, command in self.processes().items() if what in command]

    def own_prefect(self) -> dict[str, str]:
        """A user who has a Prefect of their own: files where Prefect looks for them, and the variables."""
        users = f"sqlite+aiosqlite:///{self.folder}/users.db"
        (self.folder / "prefect.toml").write_text(
            f'[server.database]\nconnection_url = "{users}"\n[server.services.scheduler]\nenabled = false\n'
        )
        (self.folder / "pyproject.toml").write_text(
            f'[tool.prefect.server.database]\nconnection_url = "{users}"\n'
        )
        (self.folder / ".env").write_text(
            f"PREFECT_SERVER_DATABASE_CONNECTION_URL={users}\nPREFECT_HOME=/nowhere\n"
        )
        (self.home / ".prefect").mkdir(parents=True, exist_ok=True)
        (self.home / ".prefect" / "profiles.toml").write_text(
            f'active = "mine"\n[profiles.mine]\nPREFECT_SERVER_DATABASE_CONNECTION_URL = "{users}"\n'
        )
        return {
            "HOME": str(self.home),
            "PREFECT_PROFILE": "mine",
            "PREFECT_HOME": str(self.home / ".prefect"),
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": users,
            "prefect_api_database_connection_url": users,
            "PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED": "false",
            "PREFECT_LOGGING_LEVEL": "DEBUG",
            "PREFECT_UNIT_TEST_MODE": "true",
        }

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        named = ("BELEBELE_LABEL_STUDIO_URL", "BELEBELE_LABEL_STUDIO_TOKEN", "PREFECT_API_URL",
                 "BELEBELE_ASSISTANT_URL", "BELEBELE_ASSISTANT_SECRET")  # fmt: skip
        kept = {name: value for name, value in os.environ.items() if name not in named}
        return {**kept, "BELEBELE_STATE_DIR": str(self.state), "COLUMNS": "200", **more}

    def run(self, *words: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [BELEBELE, *words],
            env=self.environment({**self.own_prefect(), **more}),
            cwd=self.folder,
            capture_output=True,
            text=True,
        )

    def up(self, *words: str, **more: str) -> None:
        """Start `up` as a terminal does, in a process group of its own, and wait until it says that it stands."""
        log = self.folder / "up.log"
        with log.open("w") as out:
            self.process = subprocess.Popen(
                [BELEBELE, "up", "campaign", *words],
                env=self.environment({**self.own_prefect(), **more}),
                cwd=self.folder,
                stdout=out,
                stderr=out,
                text=True,
                start_new_session=True,
            )
        process = self.process
        until(lambda: "Ctrl-C" in log.read_text() or process.poll() is not None, "belebele up")
        assert process.poll() is None, log.read_text()

    @property
    def said(self) -> str:
        return (self.folder / "up.log").read_text()

    @property
    def note(self) -> dict[str, str]:
        found: dict[str, str] = json.loads((self.state / "running.json").read_text())
        return found

    def prefect(self, path: str, body: object = None) -> Any:
        url = f"{self.note['prefect_api_url']}{path}"

        def ask() -> httpx.Response | None:
            method, how = ("GET", {}) if body is None else ("POST", {"json": body})
            answer = httpx.request(method, url, timeout=30, verify=trusted(), **how)
            return None if answer.status_code == 503 else answer  # its database is busy for a moment

        answer: httpx.Response = until(ask, url)
        answer.raise_for_status()
        return answer.json()

    def artifacts(self) -> dict[str, str]:
        found = self.prefect("/artifacts/latest/filter", {})
        return {artifact["key"]: str(artifact["data"]) for artifact in found}

    def stop(self, number: signal.Signals) -> int:
        assert self.process is not None
        os.killpg(self.process.pid, number)
        return self.process.wait(60)

    def processes(self) -> dict[int, bytes]:
        """Everything that runs with this town's state folder in its environment: number to command line."""
        mark = str(self.folder).encode()
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                command = (entry / "cmdline").read_bytes()
                environment = (entry / "environ").read_bytes()
            except OSError:  # gone, or somebody else's
                continue
            if mark in environment + command:
                found[int(entry.name)] = command
        return found


def make(folder: Path) -> Town:
    town = Town(folder)
    town.state.mkdir(mode=0o700)
    home = install(state_dir(), print)
    (town.state / home.name).symlink_to(home)  # what is installed once serves every state folder
    wanted = [p for p in load().passages if p.language in ("eng_Latn", "swh_Latn")]
    ids = sorted({p.passage_id for p in wanted})[:2]
    with (folder / "passages.jsonl").open("w") as out:
        for p in wanted:
            if p.passage_id in ids:
                line = {"passage_id": p.passage_id, "language": p.language, "text": " ".join(p.sentences)}
                out.write(json.dumps(line, ensure_ascii=False) + "\n")
    text = new_campaign.template(
        id=ID, title="Two villages", source="parallel", path="../passages.jsonl", languages=["swh_Latn"],
        people=[Person(code=code, roles=("authoring",), languages=("eng_Latn",)) for code in ("w1", "w2")],
    )  # fmt: skip
    text = re.sub('^cron = "[^"]*"', f'cron = "{CRON}"', text, flags=re.MULTILINE)
    text = re.sub('^timezone = "[^"]*"', f'timezone = "{TIMEZONE}"', text, flags=re.MULTILINE)
    new_campaign.init(str(town.campaign), text)
    return town


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The town, with `up` running in it, and an assistant."""
    town = make(tmp_path_factory.mktemp("town"))
    file = town.campaign / "campaign.toml"
    text = file.read_text().replace("[assistant]\nenabled = false", "[assistant]\nenabled = true")
    file.write_text(text.replace('train_on = ""', 'train_on = "pool.jsonl"'))
    town.pool("seldom")
    try:
        town.up("--host", EVERYWHERE)
        yield town
    finally:
        if town.process is not None and town.process.poll() is None:
            town.stop(signal.SIGINT)


def is_free(url: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, urlsplit(url).port or 0)) != 0


# While it runs, and while its schedule waits for the full minute -------------------------------------------------


@pytest.mark.slow
def test_it_says_where_everything_is_and_everything_answers(town: Town) -> None:
    label_studio = town.note["label_studio_url"]
    prefect = town.note["prefect_api_url"].removesuffix("/api")
    assert f"Label Studio  {label_studio}\n" in town.said
    assert f"Prefect       {prefect}\n" in town.said
    assert f"Schedule      advance at {CRON} ({TIMEZONE})\n" in town.said
    assert httpx.get(f"{label_studio}/health", timeout=30).status_code == 200
    assert httpx.get(f"{prefect}/api/health", timeout=30).json() is True
    assert (town.state / "running.json").stat().st_mode & 0o077 == 0, "the note holds a token"


@pytest.mark.slow
def test_the_schedule_is_registered_by_module_path(town: Town) -> None:
    deployment = town.prefect(f"/deployments/name/advance/{ID}")
    assert deployment["entrypoint"] == "flows.deployments.advance_campaign"
    assert deployment["parameters"] == {"address": str(town.campaign)}
    assert deployment["paused"] is False
    (schedule,) = deployment["schedules"]
    assert (schedule["schedule"]["cron"], schedule["schedule"]["timezone"]) == (CRON, TIMEZONE)
    assert schedule["active"]


@pytest.mark.slow
def test_what_is_published_stands_in_prefect_with_its_card(town: Town, tmp_path: Path) -> None:
    small = at("accepted", tmp_path)
    release_campaign(small.address, "1.0.0", str(tmp_path / "release"), uncertified="Two items.")
    done = town.run("publish", tmp_path / "release", "--to", tmp_path / "public", "--go")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "public" / "manifest.json").exists()
    artifacts = until(lambda: (found := town.artifacts()).get("release-changes") and found, "the artifacts", 20)
    assert artifacts["release-card"] == (tmp_path / "release" / "README.md").read_text("utf-8")
    assert f"- release 1.0.0 is at {tmp_path / 'public'}" in artifacts["release-changes"]


@pytest.mark.slow
def test_nothing_of_the_users_own_prefect_was_read_or_written(town: Town) -> None:
    assert not (town.folder / "users.db").exists()
    assert [file.name for file in (town.home / ".prefect").rglob("*")] == ["profiles.toml"]
    assert (town.state / "prefect" / "prefect.db").exists()
    assert "DEBUG" not in (town.state / "prefect" / "server.log").read_text()


PRESSED_LATE = """
import os, signal, sys, threading
from flows.services.prefect_server import kept_apart
signal.signal(signal.SIGINT, signal.default_int_handler)
with kept_apart(sys.argv[1]):
    from prefect import flow

    @flow
    def work():
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()  # it is over by then

    work()
print("went on")
"""


@pytest.mark.slow
def test_ctrl_c_while_prefect_winds_up_a_run_is_not_lost(town: Town) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PRESSED_LATE, town.note["prefect_api_url"]],
        env=town.environment({}), cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == -signal.SIGINT, done
    assert "went on" not in done.stdout
    assert "KeyboardInterrupt" in done.stderr


@pytest.mark.slow
def test_a_second_one_says_who_runs_instead_of_fighting(town: Town) -> None:
    before = town.note
    second = town.run("up", "campaign")
    assert second.returncode == 2
    assert (
        f"the servers of this machine are up already (Label Studio at {before['label_studio_url']}"
        in second.stderr
    )
    assert town.note == before
    assert httpx.get(f"{before['label_studio_url']}/health", timeout=30).status_code == 200


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ({"BELEBELE_LABEL_STUDIO_URL": "http://127.0.0.1:9"}, "BELEBELE_LABEL_STUDIO_TOKEN is not"),
        (
            {"BELEBELE_LABEL_STUDIO_URL": "http://127.0.0.1:9", "BELEBELE_LABEL_STUDIO_TOKEN": "x"},
            "http://127.0.0.1:9",
        ),
        ({"PREFECT_API_URL": "http://127.0.0.1:9/api"}, "Prefect does not answer at http://127.0.0.1:9/api"),
        ({"BELEBELE_STATE_DIR": "/proc/none/of/mine"}, "name another with BELEBELE_STATE_DIR"),
    ],
)
def test_servers_that_cannot_be_had(named: dict[str, str], told: str, tmp_path: Path) -> None:
    refused = make(tmp_path).run("up", "campaign", **named)
    assert refused.returncode == 2
    assert told in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_taken_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = make(tmp_path).run("up", "campaign", "--port", str(port))
    assert refused.returncode == 2
    assert f"Port {port}" in refused.stderr
    assert "Traceback" not in refused.stderr


# What the schedule does ------------------------------------------------------------------------------------------


def of_the_schedule(town: Town, state: str) -> list[dict[str, Any]]:
    """The runs in a state that Prefect's schedule made by itself, the earliest first."""
    wanted = {"flow_runs": {"state": {"type": {"any_": [state]}}}, "sort": "EXPECTED_START_TIME_ASC"}
    return [run for run in town.prefect("/flow_runs/filter", wanted) if run["auto_scheduled"]]


@pytest.mark.slow
def test_a_run_that_nobody_asked_for_comes_and_advances(town: Town) -> None:
    (schedule,) = town.prefect(f"/deployments/name/advance/{ID}")["schedules"]
    log = (town.state / "schedule.log").read_text()
    run = until(lambda: (found := of_the_schedule(town, "COMPLETED")) and found[0], f"a run\n{log}")
    assert run["created_by"]["type"] == "SCHEDULE"
    assert run["created_by"]["id"] == schedule["id"]
    assert run["expected_start_time"].endswith(":00Z"), "on the minute"
    wanted = {f"{name}-{ID}" for name in ("advance", "lead", "progress", "workbenches")}
    artifacts = until(lambda: wanted <= (found := town.artifacts()).keys() and found, "the artifacts", 20)
    assert artifacts[f"advance-{ID}"].endswith("- opened 4 tasks on the servers")
    progress = json.loads(artifacts[f"progress-{ID}"])
    assert progress == [{"stage": "authoring", "language": "eng_Latn", "open": 4, "done": 0, "closed": 0}]
    link = rf"\[{ID}/authoring/eng_Latn/w1\]\({town.note['label_studio_url']}/projects/\d+/data\) \| main \| 2 "
    assert re.search(link, artifacts[f"workbenches-{ID}"])


@pytest.mark.slow
def test_what_the_schedule_did_and_does_next_is_told(town: Town) -> None:
    told = until(lambda: (now := status(town))["next"] and now["last"] and now, "a plan")
    assert (told["kept"], told["trouble"]) == (True, None)
    assert told["last"]["outcome"] in ("advanced", "idle", "running")
    due, next_ = datetime.fromisoformat(told["last"]["due"]), datetime.fromisoformat(told["next"])
    assert (due.second, next_.second) == (0, 0) and due < next_
    line = rf"[Ss]chedule.* last ran at {due.year}-.* {TIMEZONE}: .*; next at .* {TIMEZONE}"
    for command in ("status", "check"):
        said = until(lambda c=command: re.search(line, " ".join(town.run(c, "campaign").stdout.split())), line)  # type: ignore[misc]
        assert said


@pytest.mark.slow
def test_what_ran_is_told_to_prometheus_and_to_whoever_asks_for_its_health(town: Town) -> None:
    folder = town.state / "metrics"
    for part, wanted in (
        ("advance", f'belebele_advance_runs_total{{campaign="{ID}",outcome="advanced"}}'),
        ("schedule", f'belebele_schedule_next_run_timestamp_seconds{{campaign="{ID}"}}'),
    ):

        def told(part: str = part, wanted: str = wanted) -> str | None:
            texts = [file.read_text() for file in folder.glob(f"*-{part}.prom")]
            return texts[0] if texts and wanted in texts[0] else None

        assert broken_rules(until(told, wanted, 90)) == []
    (password,) = (town.state / "assistant").glob(f"{ID}-*/metrics_password")
    measured = httpx.get(f"{town.assistant}/metrics", auth=("belebele", password.read_text()), timeout=30)
    assert 'belebele_assistant_requests_total{code="2xx",endpoint="health"}' in measured.text
    told_of = {}
    for sign in json.loads(town.run("health", "campaign", "--json").stdout)["signs"]:
        told_of[f"{sign['about']} {sign['name']}".strip()] = sign["standing"]
    assert told_of == dict.fromkeys(
        ("ledger", "lease", "schedule", "problems", "prefect", "server main", "layer main", "assistant",
         "disk state", "disk ledger"), "sound",
    )  # fmt: skip


@pytest.mark.slow
def test_somebody_who_pauses_the_schedule_in_prefect_is_told_of_it(town: Town) -> None:
    deployment = town.prefect(f"/deployments/name/advance/{ID}")
    httpx.post(f"{town.note['prefect_api_url']}/deployments/{deployment['id']}/pause_deployment", timeout=30)
    until(lambda: status(town)["trouble"] == "paused", "the pause", 30)
    assert re.search(
        "· the schedule .*; it does not run: somebody paused it", town.run("check", "campaign").stdout
    )
    until(lambda: "Schedule      it does not run: somebody paused it" in town.said, "up to tell", 20)


def status(town: Town) -> dict[str, Any]:
    """What `belebele status` tells of the schedule."""
    found: dict[str, Any] = json.loads(town.run("status", "campaign", "--json").stdout)["schedule"]
    return found


@pytest.mark.slow
def test_people_log_in_from_another_machine(town: Town, browser: Browser) -> None:
    url = town.note["label_studio_url"]
    assert urlsplit(url).hostname == reachable(EVERYWHERE)
    if is_local(reachable(EVERYWHERE)):
        pytest.skip("this machine has no address but its own")
    assert (urlsplit(town.note["prefect_api_url"]).hostname, urlsplit(town.assistant).hostname) == (
        LOOPBACK,
        LOOPBACK,
    )
    page = browser.new_context().new_page()
    page.goto(url, timeout=60_000)
    page.fill("#email", FIRST_USER)
    page.fill("#password", json.loads((town.state / "label-studio" / "secrets.json").read_text())["password"])
    page.press("#password", "Enter")
    page.wait_for_url(re.compile(r"/(projects|user)?/?$"), timeout=60_000)
    expect(page.get_by_text(f"{ID}/authoring/eng_Latn/w1")).to_be_visible()
    linked = town.run("links", "campaign")
    assert f"{url}/user/signup/" in linked.stdout and "only this machine reaches" not in linked.stdout


@pytest.mark.slow
def test_commands_in_another_terminal_find_the_servers(town: Town) -> None:
    checked = town.run("check", "campaign")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert f"Prefect answers at {town.note['prefect_api_url']}" in checked.stdout
    for person, tasks in (("w1", 2), *[("w2", 4), ("w1", 4)] * 2):  # the schedule's run of the minute may be first
        until(lambda p=person: not town.run("reassign", "campaign", p).returncode, "it to be free")  # type: ignore[misc]
        before = known_runs(town)
        advanced = town.run("advance", "campaign")
        assert (advanced.returncode, advanced.stderr) == (0, "")
        if opened := f"opened {tasks} tasks on the servers\n" in advanced.stdout:
            break
        assert advanced.stdout == "nothing to do\n" or "is being advanced by" in advanced.stdout
    assert opened
    done = {"flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}

    def asked_for() -> list[str]:
        runs = town.prefect("/flow_runs/filter", done)
        return [run["name"] for run in runs if run["id"] not in before and not run["auto_scheduled"]]

    assert until(asked_for, "it", 20) == [f"advance {town.campaign}"]


@pytest.mark.slow
def test_what_goes_wrong_under_prefect_is_told_once_and_plainly(town: Town) -> None:
    refused = town.run("release", "campaign", "--version", "1.0.0", "--out", "out")
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert refused.stderr.startswith("belebele: there is nothing to release")
    assert "Traceback" not in refused.stderr


@pytest.mark.slow
def test_named_servers_are_used_and_not_started(town: Town, tmp_path: Path) -> None:
    other = make(tmp_path)
    file = other.campaign / "campaign.toml"
    file.write_text(file.read_text().replace("[assistant]\nenabled = false", "[assistant]\nenabled = true"))
    named = {
        "BELEBELE_LABEL_STUDIO_URL": town.note["label_studio_url"],
        "BELEBELE_LABEL_STUDIO_TOKEN": town.note["label_studio_token"],
        "PREFECT_API_URL": town.note["prefect_api_url"],
    }
    other.up("--no-assistant", **named)
    assert other.note == town.note
    assert other.children(ATTENDANT) == []
    assert not (other.state / "label-studio").exists()
    assert not (other.state / "prefect" / "prefect.db").exists()
    assert other.stop(signal.SIGTERM) == 0
    assert "stopped; nothing is lost" in other.said
    assert httpx.get(f"{town.note['label_studio_url']}/health", timeout=30).status_code == 200


# The assistant ---------------------------------------------------------------------------------------------------

ATTENDANT = b"flows.services.assistant_process"
ASKED = authoring_page.result(question="Where is it?", answers=["here", "there", "up", "down"], key=1)


def asks_as_the_editor(town: Town) -> list[str]:
    """What an author's page would be told now, by whom Label Studio asks; where a busy machine was late, again."""
    headers = {"Authorization": f"Token {town.note['label_studio_token']}"}
    with httpx.Client(base_url=town.note["label_studio_url"], headers=headers, timeout=15) as studio:
        benches = studio.get("/api/projects/", params={"title": f"{ID}/authoring"}).json()["results"]
        (backend,) = studio.get("/api/ml/", params={"project": benches[0]["id"]}).json()
        task = studio.get("/api/tasks/", params={"project": benches[0]["id"]}).json()["tasks"][0]["id"]
        body = {"task": task, "context": {"result": ASKED}}
        for _ in range(20):
            answer = studio.post(f"/api/ml/{backend['id']}/interactive-annotating", json=body)
            result = (answer.json().get("data") or {}).get("result") if answer.is_success else None
            said = [str(entry["value"]["text"][0]) for entry in result or ()]
            if said != [LATE]:
                break
    return said


def health(town: Town, secret: str = "") -> int | None:
    try:
        return httpx.get(
            f"{town.assistant}/health", auth=Keyring(secret or town.secret).own, timeout=5
        ).status_code
    except httpx.HTTPError:
        return None


@pytest.mark.slow
def test_the_assistant_stands_and_label_studio_asks_it(town: Town) -> None:
    assert (
        f"Assistant     answers authors while they write; its log is {town.state / 'assistant.log'}" in town.said
    )
    assert len(town.children(ATTENDANT)) == 1
    assert (health(town), health(town, "another-secret-than-that")) == (200, 404)
    assert "Without the passage, the correct answer is picked with" in asks_as_the_editor(town)[0]


@pytest.mark.slow
def test_its_secret_is_in_no_log_page_note_or_command_line(town: Town) -> None:
    secret, studio = town.secret, town.note["label_studio_url"]
    assert town.state.stat().st_mode & 0o077 == 0
    holding = {
        file.relative_to(town.state).parts[0]
        for file in (town.state, town.campaign)
        for file in file.rglob("*")
        if file.is_file() and not file.is_symlink() and secret.encode() in file.read_bytes()
    }
    assert holding == {"assistant"}, "the file itself: Label Studio has what was made from it"
    holders = [file for file in (town.state / "assistant").rglob("*") if file.is_file()]
    assert [file.name for file in holders if secret in file.read_text("latin-1")] == ["secret"]
    assert all(file.stat().st_mode & 0o077 == 0 for file in holders)
    listed = subprocess.run(["ps", "-eww", "-o", "args"], capture_output=True, text=True, check=True).stdout
    assert ATTENDANT.decode() in listed and secret not in listed
    assert secret not in town.said
    with httpx.Client(
        base_url=studio, headers={"Authorization": f"Token {town.note['label_studio_token']}"}
    ) as http:
        for path in ("/api/ml/", "/api/projects/", "/api/webhooks/"):
            assert secret not in http.get(path, timeout=30).text


@pytest.mark.slow
def test_an_advance_swaps_its_model_while_it_is_asked(town: Town) -> None:
    versions: list[str] = []
    done = threading.Event()

    def ask() -> None:
        task = {"data": {"task_key": "authoring/eng_Latn/x-q1/0/w9", "sentences": ["It is here."]}}
        body = {"tasks": [task], "params": {"context": {"result": ASKED}}}
        with httpx.Client(auth=Keyring(town.secret).own, timeout=10) as http:
            while not done.is_set():
                answer = http.post(f"{town.assistant}/predict", json=body).raise_for_status()
                versions.append(answer.json()["model_version"])

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(ask)
        try:
            until(lambda: versions or asking.done(), "an answer", 20)
            town.pool("hardly")
            assert town.run("advance", "campaign").returncode == 0
            until(lambda: len(set(versions)) > 1 or asking.done(), "another model", 20)
        finally:
            done.set()
        asking.result()
    assert len(set(versions)) == 2 and versions == sorted(versions, key=versions.index), "one after the other"


@pytest.mark.slow
def test_pages_work_on_while_it_is_down_and_it_is_started_anew(town: Town) -> None:
    for number, told in ((signal.SIGKILL, "the assistant ended with -9"), (signal.SIGSTOP, "does not answer")):
        (before,) = town.children(ATTENDANT)
        os.kill(before, number)
        assert asks_as_the_editor(town) == [] or number == signal.SIGKILL, "nothing, and soon"
        until(lambda told=told: told in town.said, told, 120)  # type: ignore[misc]
        until(lambda: health(town) == 200, "the next assistant", 60)
        assert town.children(ATTENDANT) != [before]
        assert asks_as_the_editor(town)


# What dies ------------------------------------------------------------------------------------------------------

KEEPER, SERVER = b"flows.deployments", b"runpy.run_module('prefect'"


@pytest.mark.slow
def test_the_schedule_and_prefects_server_are_started_anew_where_they_stood(town: Town) -> None:
    before, url = town.children(KEEPER), town.note["prefect_api_url"]
    for number in (*before, *town.children(SERVER)):
        os.kill(number, signal.SIGKILL)
    until(lambda: "what keeps the schedule ended with -9" in town.said, "up to tell", 20)
    until(lambda: "Prefect's server ended with -9" in town.said, "up to tell", 20)
    until(lambda: len(town.children(KEEPER)) == 1 and town.children(KEEPER) != before, "the next one", 60)
    until(lambda: not is_free(url), "the next server", 60)
    until(lambda: not town.prefect(f"/deployments/name/advance/{ID}")["paused"], "the schedule", 60)
    assert httpx.get(f"{town.note['label_studio_url']}/health", timeout=30).status_code == 200


# A work pool -----------------------------------------------------------------------------------------------------


def prefect_command(town: Town, *words: str) -> list[str]:
    return [sys.executable, "-P", "-m", "prefect", "--no-prompt", *words]


@pytest.mark.slow
def test_prefect_yaml_deploys_to_a_work_pool_whose_worker_advances(town: Town, tmp_path: Path) -> None:
    environment = town.environment(
        {
            "PREFECT_API_URL": town.note["prefect_api_url"],
            "PREFECT_HOME": str(tmp_path / "prefect"),
            "BELEBELE_CAMPAIGN": str(town.campaign),
        }
    )
    for words in (["work-pool", "create", "belebele", "--type", "process"], ["deploy", "--name", "advance"]):
        ran = subprocess.run(
            prefect_command(town, *words), env=environment, cwd=ROOT, capture_output=True, text=True
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
    deployment = town.prefect("/deployments/name/advance/advance")
    assert deployment["entrypoint"] == "flows.deployments.advance_campaign"
    assert deployment["parameters"] == {"address": str(town.campaign)}
    assert deployment["work_pool_name"] == "belebele"
    planned = until(
        lambda: [run for run in of_the_schedule(town, "SCHEDULED") if run["deployment_id"] == deployment["id"]],
        "a plan",
    )
    assert {run["expected_start_time"][-6:] for run in planned} == {"00:00Z", "15:00Z", "30:00Z", "45:00Z"}
    asked = {"state": {"type": "SCHEDULED"}}  # by hand, since nobody waits for the quarter of an hour
    run = town.prefect(f"/deployments/{deployment['id']}/create_flow_run", asked)
    worker = prefect_command(town, "worker", "start", "--pool", "belebele", "--run-once")
    ran = subprocess.run(worker, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    state = town.prefect(f"/flow_runs/{run['id']}")["state"]
    assert state["type"] == "COMPLETED", f"{state}\n{ran.stdout}{ran.stderr}"


# How it ends -----------------------------------------------------------------------------------------------------


def known_runs(town: Town) -> set[str]:
    return {run["id"] for run in town.prefect("/flow_runs/filter", {})}


def rows_of(town: Town, run: str) -> int:
    """How many rows of Prefect's database hang on a run."""
    tables = ("task_run", "flow_run_state", "artifact")
    with closing(sqlite3.connect(f"file:{town.state}/prefect/prefect.db?mode=ro", uri=True)) as database:
        counts = [
            database.execute(f"select count(*) from {table} where flow_run_id = ?", (run,)) for table in tables
        ]
        return sum(int(count.fetchone()[0]) for count in counts)


def aged(town: Town, asked: str) -> str:
    """Age two runs while no server stands: the one that did something to more than is kept, the other to less."""
    with closing(sqlite3.connect(town.state / "prefect" / "prefect.db")) as database, database:
        (old,) = database.execute("select flow_run_id from artifact order by created limit 1").fetchone()
        for run, days in ((old, KEPT_DAYS + 1), (asked, KEPT_DAYS - 1)):
            ended = f"{datetime.now(UTC) - timedelta(days=days):%Y-%m-%d %H:%M:%S.%f}"
            done = "update flow_run set state_type = 'COMPLETED', end_time = ? where id = ?"
            assert database.execute(done, (ended, run)).rowcount == 1
    return str(old)


def missed_runs(town: Town, deployment: str) -> set[str]:
    """Make what was planned of a deployment two hours older, as if nothing had stood since."""
    with closing(sqlite3.connect(town.state / "prefect" / "prefect.db")) as database, database:
        planned = f"auto_scheduled and state_type = 'SCHEDULED' and deployment_id = '{deployment}'"
        found = {str(run) for (run,) in database.execute(f"select id from flow_run where {planned}")}
        for column in ("expected_start_time", "next_scheduled_start_time"):
            earlier = f"strftime('%Y-%m-%d %H:%M:%f000', {column}, '-2 hours')"
            database.execute(f"update flow_run set {column} = {earlier} where {planned}")
    return found


@pytest.mark.slow
def test_killed_it_leaves_nothing_behind_and_the_next_one_works_until_it_is_stopped(town: Town) -> None:
    before = town.note
    deployment = town.prefect(f"/deployments/name/advance/{ID}")
    run = town.prefect(f"/deployments/{deployment['id']}/create_flow_run", {"state": {"type": "SCHEDULED"}})
    until(lambda: town.prefect(f"/flow_runs/{run['id']}")["state"]["type"] == "RUNNING", "a run to begin")
    assert len(town.processes()) >= 6  # up, Label Studio, Prefect, the assistant, the schedule, the run
    assert town.stop(signal.SIGKILL) == -signal.SIGKILL
    until(lambda: not town.processes(), "the orphans to end", 20)
    assert is_free(before["label_studio_url"])
    assert is_free(before["prefect_api_url"])
    old = aged(town, run["id"])
    missed = missed_runs(town, deployment["id"])
    assert len(missed) > 10
    assert rows_of(town, old), "a run that only compares leaves few rows"
    offline = town.run("advance", "campaign")
    assert "start a local server with: belebele up" in offline.stderr, "the note that was left misleads nobody"

    town.up("--host", EVERYWHERE)
    after = town.note
    assert after["label_studio_url"] == before["label_studio_url"], "people keep their links"
    assert after["prefect_api_url"] == before["prefect_api_url"]
    assert town.prefect(f"/deployments/name/advance/{ID}")["paused"] is False
    assert town.run("advance", "campaign").returncode == 0
    until(lambda: len(missed & known_runs(town)) <= 1, "one run to do the work of all that were missed", 60)
    until(lambda: old not in known_runs(town), "old records to be thrown away", 60)
    assert run["id"] in known_runs(town)
    until(lambda: not rows_of(town, old), "what hung on it to go too", 20)

    assert town.children(ATTENDANT)
    assert town.stop(signal.SIGINT) == 0
    assert town.said.endswith("stopping …\nstopped; nothing is lost, and belebele up campaign goes on from here\n")
    assert town.processes() == {}
    assert is_free(after["label_studio_url"])
    assert is_free(after["prefect_api_url"])
    assert not (town.state / "running.json").exists()
