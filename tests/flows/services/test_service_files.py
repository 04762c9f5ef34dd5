"""The files of docs/guides/service are what systemd, nginx and Prometheus take, and name what there is."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from annotation.assistant.assistant_metrics import AssistantMetrics
from annotation.labelstudio.fake import FakeLabelStudio
from flows.cli.commands import main
from flows.health.advance_record import AdvanceRecord, advance_metrics
from flows.health.metric_files import VARIABLE, write_metrics
from flows.health.schedule_metrics import schedule_metrics
from flows.services.schedule import Run, ScheduleStanding
from tests.flows.services.service_files import FILES, nginx, program
from tests.flows.small_campaign import at
from tests.metric_rules import families, listed
from tests.pages import PAGES, ROOT, blocks

UNITS = sorted([*FILES.glob("*.service"), *FILES.glob("*.timer")])
GUIDE = PAGES["docs/guides/service.md"]
METRICS = listed(GUIDE)


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units in a folder where their programs are."""
    for unit in UNITS:
        text = unit.read_text("utf-8").replace("/srv/", f"{tmp_path}/srv/")
        (tmp_path / unit.name).write_text(text, "utf-8")
        for command in re.findall(r"^ExecStart=(\S+)", text, re.MULTILINE):
            Path(command).parent.mkdir(parents=True, exist_ok=True)
            Path(command).write_text("#!/bin/sh\n")
            Path(command).chmod(0o755)
    return tmp_path


def verified(units: Path) -> str:
    analyze = program("systemd-analyze", "systemd")
    ran = subprocess.run(
        [analyze, "verify", "--man=no", "--recursive-errors=no", *(units / unit.name for unit in UNITS)],
        env={"SYSTEMD_UNIT_PATH": f"{units}:", "PATH": "/usr/bin"}, capture_output=True, text=True,
    )  # fmt: skip
    return ran.stderr + (f"exit {ran.returncode}" if ran.returncode else "")


def test_systemd_takes_the_units(units: Path) -> None:
    assert len(UNITS) >= 6
    assert verified(units) == ""


@pytest.mark.parametrize(("before", "after"), [("Restart=", "Restarts="), ("/bin/belebele up", "/bin/belebel up")])
def test_a_wrong_unit_is_found(units: Path, before: str, after: str) -> None:
    unit = units / "belebele-schedule@.service"
    unit.write_text(unit.read_text().replace(before, after))
    assert "belebele-schedule@" in verified(units)


def test_units_and_settings_agree_with_each_other_and_with_the_program() -> None:
    for unit in UNITS:
        text = unit.read_text("utf-8")
        for file in re.findall(r"^EnvironmentFile=/srv/(.*)/settings$", text, re.MULTILINE):
            assert (FILES / f"{file}.settings").exists()
        for line in re.findall(r"^ExecStart=\S+/bin/belebele (.*)$", text, re.MULTILINE):
            name, *words = shlex.split(line)
            options = {option for one in main.commands[name].params for option in one.opts}
            assert {word for word in words if word.startswith("--")} <= options
        for other in re.findall(r"[\w@-]+\.(?:service|timer)\b", text):
            assert other.replace("NAME", "") in ("postgresql.service", *(one.name for one in UNITS)), other
    assert f"{VARIABLE}=/srv/belebele/metrics\n" in (FILES / "belebele.settings").read_text("utf-8")
    bound = re.findall(r"--bind (\S+)", (FILES / "label-studio.service").read_text("utf-8"))
    assert re.findall(r"proxy_pass http://(\S+);", (FILES / "label-studio.nginx").read_text("utf-8")) == bound


def test_nginx_takes_its_settings(tmp_path: Path) -> None:
    command = nginx(
        tmp_path / "nginx", {"listen 80": "listen 127.0.0.1:8480", "listen 443": "listen 127.0.0.1:8443"}
    )
    ran = subprocess.run([*command, "-t"], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "warn" not in ran.stderr
    settings = tmp_path / "nginx" / "label-studio.conf"
    settings.write_text(settings.read_text().replace("proxy_pass ", "proxy_passes "))
    assert subprocess.run([*command, "-t"], capture_output=True).returncode == 1


def test_every_file_is_named_by_the_guides() -> None:
    named = set(re.findall(r"\]\(service/([^)]+)\)", GUIDE + PAGES["docs/guides/team-server.md"]))
    assert named == {file.name for file in FILES.iterdir()}


def test_what_the_guide_has_root_type_fits_the_files() -> None:
    (typed,) = [block for block in blocks("docs/guides/service.md") if "systemctl" in block]
    ours = re.findall(r"belebele-maker/(docs/\S+)", typed)
    assert len(ours) == 3
    assert all(list(ROOT.glob(one)) for one in ours)
    enabled = re.search(r"systemctl enable --now (.*)", typed)
    assert enabled
    for unit in enabled[1].split():
        name = unit.replace("mybench", "")
        assert (FILES / name).exists() or (FILES / f"{name}.service").exists(), unit
    made = re.findall(r"(/srv/belebele/\w+)", typed)
    for unit in UNITS:
        text = unit.read_text("utf-8")
        if "User=belebele" in text:
            assert {f"/srv/belebele/{one}" for one in ("env", "campaigns", "state", "settings")} >= set(
                re.findall(r"/srv/belebele/(?!prefect)\w+", text)
            )
    assert {f"/srv/belebele/{one}" for one in ("env", "campaigns", "state", "metrics", "settings")} <= set(made)


def test_the_guides_way_to_type_a_command_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (typed,) = [block for block in blocks("docs/guides/service.md") if "set -a" in block]
    small = at("accepted", tmp_path)
    home = tmp_path / "belebele"
    for name in ("campaigns", "state"):
        (home / name).mkdir(parents=True)
    small.folder.rename(home / "campaigns" / "mybench")
    (home / "env").symlink_to(sys.prefix)
    with FakeLabelStudio(layer=True) as fake:
        settings = (FILES / "belebele.settings").read_text("utf-8")
        put = {
            "https://label.example.org": fake.url,
            "TOKEN=TOKEN": f"TOKEN={fake.token}",
            "/srv/belebele": str(home),
        }
        for before, after in put.items():
            assert before in settings
            settings = settings.replace(before, after)
        (home / "settings").write_text(settings.replace(":4200", ":9"), "utf-8")
        ran = subprocess.run(
            ["bash", "-c", typed.replace("/srv/belebele", str(home))], capture_output=True, text=True, cwd=tmp_path
        )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count("✓ disk") == 2
    assert any((home / "state" / "mybench").iterdir())


# Metrics ---------------------------------------------------------------------------------------------------------


def test_the_guide_lists_the_metrics_that_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv(VARIABLE, str(tmp_path / "metrics"))
    now = datetime.now(UTC)
    record = AdvanceRecord("small", ended=now, succeeded=now, open={"judging": {"eng_Latn": 1}})
    told = ScheduleStanding(True, Run(now, now, now, "idle", {}), now, None, None)
    files = [
        write_metrics("small", "advance", advance_metrics(record)),
        write_metrics("small", "schedule", schedule_metrics("small", told, now)),
    ]
    assistant = AssistantMetrics(lambda: True)
    assistant.request("predict", 200)
    pages = [*(file.read_text("utf-8") for file in files), assistant.page().decode()]
    found = {name: shown for page in pages for name, shown in families(page).items()}
    assert found == {name: shown for name, shown in METRICS.items() if not name.startswith("belebele_layer_")}


def test_alerts_watch_metrics_that_there_are() -> None:
    rules = yaml.safe_load((FILES / "belebele.rules.yml").read_text("utf-8"))
    jobs = {
        job["job_name"] for job in yaml.safe_load((FILES / "prometheus.yml").read_text("utf-8"))["scrape_configs"]
    }
    seen = [rule for group in rules["groups"] for rule in group["rules"]]
    assert len({rule["alert"] for rule in seen}) == len(seen) >= 8
    for rule in seen:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        expression = re.sub(r'"[^"]*"', '""', rule["expr"])
        assert expression.count("(") == expression.count(")")
        watched = set(re.findall(r"\bbelebele_\w+", expression))
        assert watched <= set(METRICS), rule["alert"]
        assert set(re.findall(r'job="([^"]+)"', rule["expr"])) <= jobs
        assert watched or "up{" in rule["expr"]
        shown = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
        assert shown <= {"instance", *(one for name in watched for one in METRICS[name])}, rule["alert"]
