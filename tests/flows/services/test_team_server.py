"""A server for a team, set up by docs/guides/team-server.md's own words on PostgreSQL and gunicorn.

A small campaign is played on it.

Slow, and needs PostgreSQL (on Debian: apt-get install postgresql).
"""

from __future__ import annotations

import os
import re
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.signed_in_user import SignedInUser
from annotation.stages import authoring_page
from benchmarks.servers.assistant import OWN, assistant, request
from benchmarks.servers.team_server import FILES, GUIDE, TeamServer, team_server
from data.environment import state_dir
from data.errors import ServerRefused, UsageError
from data.server_ports import free_port
from flows.advance import advance
from flows.backup.backup_run import back_up
from flows.backup.restore_run import restore
from flows.cli.commands import main
from tests.flows.play import begin, meaning, perform, standing
from tests.flows.services.service_files import nginx_running
from tests.labelstudio_fixture import PASSWORD, signing_up
from tests.metric_rules import broken_rules

DATABASE = "dbname=label-studio"

pytestmark = [pytest.mark.slow, pytest.mark.servers]


PUBLIC = f"https://127.0.0.1:{free_port()}"
"""Where people reach the server when nginx runs."""


@pytest.fixture(scope="module")
def team() -> Iterator[TeamServer]:
    try:
        with team_server(state_dir(), public=PUBLIC) as server:
            yield server
    except UsageError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def studio(team: TeamServer) -> Iterator[LabelStudio]:
    with LabelStudio(team.url, team.token) as client:
        yield client


@pytest.fixture(scope="module")
def visitor(studio: LabelStudio) -> Iterator[Callable[[str], SignedInUser]]:
    with signing_up(studio) as people:
        yield people


def backup(words: str, file: Path) -> list[str]:
    """The guide's command that begins with these words."""
    (line,) = re.findall(rf"`({words} [^`]+)`", " ".join(GUIDE.read_text("utf-8").split()))
    return [str(file) if word == "FILE" else word.replace("FILE", str(file)) for word in line.split()]


def test_a_campaign_is_played_to_its_release_and_survives_a_loss(
    team: TeamServer,
    studio: LabelStudio,
    visitor: Callable[[str], SignedInUser],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("BELEBELE_LABEL_STUDIO_URL", team.url)
    monkeypatch.setenv("BELEBELE_LABEL_STUDIO_TOKEN", team.token)
    company = begin(tmp_path / "campaign", studio, visitor)
    checked = CliRunner().invoke(main, ["check", company.address])
    assert (checked.exit_code, checked.stderr) == (0, "")
    assert "Label Studio 1." in checked.stdout
    assert "everybody who works there has signed up" in checked.stdout
    assert perform(company, lambda: advance(company.address))
    assert "data/rus_Cyrl.parquet" in company.release()

    before, told = standing(studio, company.campaign.id), meaning(company.state())
    environment = {**os.environ, **team.environment}
    subprocess.run(backup("pg_dump", tmp_path / "saved"), env=environment, check=True)
    for name, value in team.environment.items():
        monkeypatch.setenv(name, value)
    uploaded = team.folder / "data" / "media" / "upload.txt"
    uploaded.parent.mkdir(parents=True, exist_ok=True)
    uploaded.write_text("somebody's")
    kept = back_up(company.address, tmp_path / "kept", label_studio=str(team.folder / "data"), postgres=DATABASE)
    headers = {"Authorization": f"Bearer {_access(team)}"}
    for bench in studio.workbenches(f"{company.campaign.id}/").values():
        httpx.delete(f"{team.url}/api/projects/{bench.id}/", headers=headers, timeout=60).raise_for_status()
    assert standing(studio, company.campaign.id) == {}
    subprocess.run(backup("pg_restore", tmp_path / "saved"), env=environment, check=True)
    assert standing(studio, company.campaign.id) == before
    assert advance(company.address, full=True).idle
    assert meaning(company.state()) == told

    for bench in studio.workbenches(f"{company.campaign.id}/").values():
        httpx.delete(f"{team.url}/api/projects/{bench.id}/", headers=headers, timeout=60).raise_for_status()
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "another"))
    moved, data = str(tmp_path / "moved"), str(tmp_path / "data")
    restore(kept.folder, moved, label_studio=data, postgres=DATABASE)
    assert standing(studio, company.campaign.id) == before
    assert Path(data, "media", "upload.txt").read_text() == "somebody's"
    with pytest.raises(UsageError, match="another copy of this campaign works there"):
        advance(moved)  # the first went on after it was saved
    assert CliRunner().invoke(main, ["advance", moved, "--take-over"]).exit_code == 0
    assert advance(moved, full=True).idle
    with pytest.raises(UsageError, match=r"make an empty one and name it with --postgres"):
        restore(kept.folder, str(tmp_path / "again"))


def _access(team: TeamServer) -> str:
    answer = httpx.post(f"{team.url}/api/token/refresh", json={"refresh": team.token}, timeout=60)
    return str(answer.raise_for_status().json()["access"])


def test_nobody_signs_up_without_the_invitation(team: TeamServer) -> None:
    with pytest.raises(ServerRefused):
        SignedInUser.sign_up(team.url, "/user/signup/", "stranger@example.org", PASSWORD)


def test_the_assistant_on_this_machine_is_asked_and_told_of_no_submission(
    team: TeamServer, studio: LabelStudio
) -> None:
    headers = {"Authorization": f"Bearer {_access(team)}"}
    bench = studio.open("team/authoring/eng_Latn/a", authoring_page.config("eng_Latn", feedback=True), "", "")
    studio.push(bench, [("k1", request(1)["tasks"][0]["data"])])
    (task,) = studio.tasks(bench)
    with (
        assistant(questions=120) as address,
        httpx.Client(base_url=team.url, headers=headers, timeout=60) as http,
    ):
        with pytest.raises(ServerRefused, match="reserved network address"):
            studio.assist(bench, address, OWN)
        team.admit(address)
        assert studio.assist(bench, address, OWN)
        assert http.get("/api/webhooks/", params={"project": bench.id}).raise_for_status().json() == []
        (backend,) = http.get("/api/ml", params={"project": bench.id}).raise_for_status().json()
        imported = http.post(f"/api/projects/{bench.id}/import", data={"url": f"{address}/tasks.json"})
        assert imported.status_code == 400 and "reserved network address" in imported.text
        body = {"task": task.id, "context": request(1)["params"]["context"]}
        said = http.post(f"/api/ml/{backend['id']}/interactive-annotating", json=body).raise_for_status().json()
        assert said["data"]["result"][0]["value"]["text"]


def test_people_sign_in_and_ask_the_assistant_through_nginx(
    team: TeamServer, studio: LabelStudio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With nginx's settings as the guide has them; the static files come from nginx itself."""
    plain = free_port()
    static = next(next(state_dir().glob("label-studio-*/complete")).parent.glob(
        "lib/python3.*/site-packages/label_studio/core/static_build"))  # fmt: skip
    put = {
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl;": f"listen {PUBLIC.removeprefix('https://')} ssl;",
        "label.example.org;": "127.0.0.1;",
        "http://127.0.0.1:8080": team.url,
        "/srv/label-studio/env/lib/python3.11/site-packages/label_studio/core/static_build": str(static),
    }
    with nginx_running(tmp_path / "nginx", put, PUBLIC) as certificate, assistant(questions=120) as address:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        away = httpx.get(f"http://127.0.0.1:{plain}/user/login/?next=/")
        assert (away.status_code, away.headers["location"]) == (301, "https://127.0.0.1/user/login/?next=/")
        style = next(path for path in sorted(static.rglob("*.css")))
        with httpx.Client(
            base_url=PUBLIC, verify=ssl.create_default_context(cafile=certificate), timeout=60
        ) as anybody:
            served = anybody.get(f"/static/{style.relative_to(static)}")
            assert (served.content, served.headers["server"][:5]) == (style.read_bytes(), "nginx")
            assert anybody.get("/belebele/health").json() == {"status": "ok"}
            assert anybody.get("/belebele/metrics").status_code == 401
            password = (team.folder / "layer" / "metrics_password").read_text()
            measured = anybody.get("/belebele/metrics", auth=("belebele", password))
            assert broken_rules(measured.text) == []
        with LabelStudio(PUBLIC, team.token) as through:
            through.check()
            invited = through.invitation()
        assert invited.startswith(PUBLIC)
        bench = studio.open("team/authoring/eng_Latn/n", authoring_page.config("eng_Latn", feedback=True), "", "")
        studio.push(bench, [("k2", request(1)["tasks"][0]["data"])])
        (task,) = studio.tasks(bench)
        team.admit(address)
        assert studio.assist(bench, address, OWN)
        with SignedInUser.sign_up(PUBLIC, invited, "nadia@example.org", PASSWORD) as nadia:
            studio.admit({bench.id: [nadia.account]})
        with SignedInUser.sign_up(PUBLIC, "/user/login/", "nadia@example.org", PASSWORD) as nadia:
            (backend,) = nadia._ask("GET", f"/api/ml?project={bench.id}&is_interactive=true")
            body = {"task": task.id, "context": request(1)["params"]["context"]}
            said = nadia._ask(
                "POST", f"/api/ml/{backend['id']}/interactive-annotating?project={bench.id}", body=body
            )
            assert said["data"]["result"][0]["value"]["text"]


def test_a_server_whose_database_is_gone_says_so_and_comes_back(team: TeamServer) -> None:
    def database(allowed: bool) -> None:
        for told in (
            f'ALTER DATABASE "label-studio" WITH ALLOW_CONNECTIONS {allowed}',
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'label-studio'",
        ):
            environment = {**os.environ, **team.environment}
            subprocess.run(
                ["psql", "-d", "postgres", "-c", told], env=environment, check=True, capture_output=True
            )

    password = (team.folder / "layer" / "metrics_password").read_text()

    def asked() -> tuple[int, str, list[str]]:
        health = httpx.get(f"{team.url}/belebele/health", timeout=60)
        page = httpx.get(f"{team.url}/belebele/metrics", auth=("belebele", password), timeout=60)
        assert (page.status_code, broken_rules(page.text)) == (200, [])
        return (
            health.status_code,
            health.text,
            re.findall(r"^belebele_layer_ailments (\d)$", page.text, re.MULTILINE),
        )

    assert asked() == (200, '{"status": "ok"}', ["0"])
    database(False)
    try:
        assert asked() == (503, '{"status": "not ok"}', ["1"])
    finally:
        database(True)
    assert asked() == (200, '{"status": "ok"}', ["0"])


def test_static_files_come_from_where_nginx_is_told_to_take_them(team: TeamServer) -> None:
    found = re.search(r"alias /srv/label-studio/(.*);", (FILES / "label-studio.nginx").read_text("utf-8"))
    assert found
    environment = next(state_dir().glob("label-studio-*/complete")).parent
    inside = re.sub(r"^env/lib/python3\.\d+", "lib/python3.*", found[1])
    (folder,) = environment.glob(inside)
    some = next(path for path in sorted(folder.rglob("*.css")))
    served = httpx.get(f"{team.url}/static/{some.relative_to(folder)}", timeout=60)
    assert served.content == some.read_bytes()
