"""Prefect apart from a Prefect of the user's own, as Prefect itself reads its settings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from flows.services.prefect_server import home, kept_apart, prefect_environment

LOCAL, NAMED = "http://127.0.0.1:4201/api", "https://prefect.example.org/api"
USERS = "sqlite+aiosqlite:////nowhere/users.db"

READ = """
import json
from prefect.settings import get_current_settings
from prefect.context import get_settings_context
now = get_current_settings()
print(json.dumps({
    "home": str(now.home),
    "profile": get_settings_context().profile.name,
    "url": now.api.url,
    "key": now.api.key and now.api.key.get_secret_value(),
    "database": now.server.database.connection_url and now.server.database.connection_url.get_secret_value(),
    "scheduler": now.server.services.scheduler.enabled,
    "vacuum": sorted(now.server.services.db_vacuum.enabled_vacuum_types),
    "days": [now.server.services.db_vacuum.retention_period.days, now.server.events.retention_period.days],
    "level": now.logging.level,
    "batch": now.server.services.event_persister.batch_size,
}))
"""


@pytest.fixture
def users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of somebody whose Prefect stands elsewhere, by every means that Prefect knows; we are in it."""
    folder = tmp_path / "users"
    (folder / ".prefect").mkdir(parents=True)
    (folder / ".prefect" / "profiles.toml").write_text(
        f'active = "mine"\n[profiles.mine]\nPREFECT_SERVER_DATABASE_CONNECTION_URL = "{USERS}"\n'
    )
    (folder / "prefect.toml").write_text(f'[server.database]\nconnection_url = "{USERS}"\n')
    (folder / "pyproject.toml").write_text("[tool.prefect.server.services.scheduler]\nenabled = false\n")
    (folder / ".env").write_text("PREFECT_LOGGING_LEVEL=DEBUG\nPREFECT_API_KEY=from-a-file\n")
    monkeypatch.chdir(folder)
    for name, value in {
        "HOME": str(folder),
        "BELEBELE_STATE_DIR": "state",  # where we are, so another folder elsewhere
        "PREFECT_HOME": str(folder / ".prefect"),
        "PREFECT_PROFILE": "mine",
        "PREFECT_API_KEY": "a-key",
        "PREFECT_API_DATABASE_CONNECTION_URL": USERS,
        "prefect_server_services_scheduler_enabled": "false",
        "PREFECT_TEST_MODE": "true",
    }.items():
        monkeypatch.setenv(name, value)
    return folder


def read(environment: dict[str, str], folder: Path) -> dict[str, object]:
    asked = subprocess.run(
        [sys.executable, "-P", "-c", READ], env=environment, cwd=folder, capture_output=True, text=True
    )
    assert asked.returncode == 0, asked.stderr
    found: dict[str, object] = json.loads(asked.stdout)
    return found


def test_a_server_of_ours_has_our_settings_only(users: Path) -> None:
    found = read(prefect_environment(home(), LOCAL), home())
    assert found == {
        "home": str(users / "state" / "prefect"),
        "profile": "ephemeral",
        "url": LOCAL,
        "key": None,
        "database": f"sqlite+aiosqlite:///{users}/state/prefect/prefect.db",
        "scheduler": True,
        "vacuum": ["events", "flow_runs", "orphans"],
        "days": [30, 30],
        "level": "WARNING",
        "batch": 500,
    }


def test_a_server_that_is_named_is_entered_with_its_key(users: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", NAMED)
    found = read(prefect_environment(home(), NAMED), home())
    assert (found["url"], found["key"], found["scheduler"]) == (NAMED, "a-key", True)
    assert found["database"] != USERS, "named is the server, not a database"


def test_the_folder_and_the_environment_are_as_before_afterwards(users: Path) -> None:
    before = dict(os.environ)
    with pytest.raises(RuntimeError), kept_apart(LOCAL):
        assert Path.cwd() == users / "state" / "prefect" == home()
        assert os.environ["PREFECT_API_URL"] == LOCAL
        assert "PREFECT_PROFILE" not in os.environ
        raise RuntimeError
    assert (Path.cwd(), dict(os.environ)) == (users, before)
