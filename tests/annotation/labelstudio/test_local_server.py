import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import httpx
import pytest

from annotation.labelstudio import local_server
from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.local_server import FIRST_USER, LocalLabelStudio, install
from annotation.labelstudio.signed_in_user import SignedInUser
from data.environment import state_dir
from data.errors import ServerError, ServerUnreachable, UsageError

ROOT = Path(__file__).resolve().parents[3]


def test_the_pins_are_versions_and_nothing_else():
    pins = (
        resources.files("annotation.labelstudio").joinpath("label-studio-constraints.txt").read_text().splitlines()
    )
    assert "label-studio==1.23.2" in pins
    assert [pin for pin in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9A-Za-z.!+]+", pin)] == []


def test_an_environment_stands_once_and_is_remade_when_half_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """The steps in order, without the long ones: that those work, every other test here shows."""
    steps: list[str] = []
    installed: list[str] = []

    def uv(*arguments: str) -> None:
        steps.append(arguments[0])
        installed.extend(arguments)

    monkeypatch.setattr(local_server, "_uv", uv)
    monkeypatch.setattr(local_server, "_migrate", lambda home: steps.append("migrate"))
    monkeypatch.setattr(Path, "write_text", _making_its_folder(Path.write_text))
    home = install(tmp_path, lambda _: None)
    assert steps == ["venv", "pip", "migrate"]
    assert "--compile-bytecode" in installed, "a machine may forbid that each start writes it"
    assert install(tmp_path, lambda _: None) == home
    assert len(steps) == 3
    (home / "complete").unlink()
    (home / "rubbish").touch()
    install(tmp_path, lambda _: None)
    assert len(steps) == 6
    assert not (home / "rubbish").exists()


def _making_its_folder(write):
    def made(path: Path, text: str) -> int:
        path.parent.mkdir(parents=True, exist_ok=True)
        return write(path, text)

    return made


def test_an_index_that_cannot_be_reached_is_a_named_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.delenv("UV_FIND_LINKS", raising=False)
    with pytest.raises(ServerError, match="could not be installed: check that the package index"):
        install(tmp_path / "state", lambda _: None)


@pytest.mark.real_server
class TestTheRunningOne:
    def test_it_answers_on_this_machine_only(self, label_studio: LocalLabelStudio):
        assert label_studio.url.startswith("http://127.0.0.1:")
        port = int(label_studio.url.rpartition(":")[2])
        told = subprocess.run(["cat", "/proc/net/tcp"], capture_output=True, text=True, check=True).stdout
        bound = {line.split()[1] for line in told.splitlines() if f":{port:04X} 00000000:0000 0A" in line}
        assert bound == {f"0100007F:{port:04X}"}

    def test_its_secrets_are_its_owners(self, label_studio: LocalLabelStudio):
        for name in ("secrets.json", "address.json"):
            assert stat.S_IMODE((label_studio.data_dir / name).stat().st_mode) == 0o600
        assert stat.S_IMODE(label_studio.data_dir.stat().st_mode) == 0o700
        assert label_studio.token not in label_studio.log.read_text()

    def test_its_first_user_can_log_in(self, label_studio: LocalLabelStudio, studio: LabelStudio):
        first = SignedInUser.sign_up(label_studio.url, studio.invitation(), FIRST_USER, label_studio.password)
        assert studio.accounts()[FIRST_USER].startswith(f"{first.account} of ")
        first.close()

    def test_a_second_start_on_its_folder_finds_it(self, label_studio: LocalLabelStudio):
        with LocalLabelStudio(label_studio.state_dir, data_dir=label_studio.data_dir) as same:
            assert (same.url, same.token, same.ours) == (label_studio.url, label_studio.token, False)
        assert httpx.get(f"{label_studio.url}/health").status_code == 200
        other_port = LocalLabelStudio(label_studio.state_dir, 1, data_dir=label_studio.data_dir)
        with pytest.raises(UsageError, match="already serves"):
            other_port.start()

    def test_a_taken_port_is_a_named_error(self, label_studio: LocalLabelStudio, tmp_path: Path):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            with pytest.raises(UsageError, match=f"Port {port} of 127.0.0.1 is taken"):
                LocalLabelStudio(label_studio.state_dir, port, data_dir=tmp_path).start()

    @pytest.mark.parametrize("host", ["203.0.113.9", "fd00::9", "no-such-name.invalid"])
    def test_an_address_of_another_machine_is_a_named_error(
        self, label_studio: LocalLabelStudio, tmp_path: Path, host: str
    ):
        with pytest.raises(UsageError, match=f"cannot listen on {host} .*: name an address of this machine"):
            LocalLabelStudio(label_studio.state_dir, host=host, data_dir=tmp_path).start()


@pytest.mark.servers
def test_a_server_that_dies_says_why(tmp_path: Path):
    (tmp_path / "label_studio.sqlite3").write_text("this is no database, only a text of some length" * 100)
    broken = LocalLabelStudio(state_dir(), data_dir=tmp_path)
    with pytest.raises(ServerUnreachable, match=r"(?s)ended while it started.*server\.log.*not a database"):
        broken.start()
    assert not (tmp_path / "address.json").exists()


@pytest.fixture
def orphanage(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process of ours that starts a server, tells its address, and waits."""
    code = (
        "import sys, time; from pathlib import Path; from annotation.labelstudio.local_server import "
        "LocalLabelStudio\n"
        "s = LocalLabelStudio(Path(sys.argv[1]), data_dir=Path(sys.argv[2])); s.start()\n"
        "print(s.url, s._process.pid, flush=True); time.sleep(300)"
    )
    command = [sys.executable, "-c", code, str(state_dir()), str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True) as parent:
        yield parent
        parent.kill()


@pytest.mark.servers
def test_it_lives_and_dies_with_us_and_keeps_its_data(orphanage: subprocess.Popen[str], tmp_path: Path):
    assert orphanage.stdout is not None
    url, pid = orphanage.stdout.readline().split()
    token = json.loads((tmp_path / "secrets.json").read_text())["token"]
    with LabelStudio(url, token) as studio:
        studio.open("c/authoring/eng_Latn/w1", "<View/>", "", "kept")
    os.killpg(orphanage.pid, signal.SIGINT)  # Ctrl-C in the terminal reaches our process group, not the server
    orphanage.wait(10)
    _wait_for_the_end_of(int(pid))
    with LocalLabelStudio(state_dir(), data_dir=tmp_path) as again:
        assert again.ours
        assert again.token == token
        with LabelStudio(again.url, again.token) as studio:
            assert set(studio.workbenches("c/")) == {"c/authoring/eng_Latn/w1"}
        url = again.url
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


@pytest.mark.servers
def test_it_dies_when_we_are_killed(orphanage: subprocess.Popen[str]):
    assert orphanage.stdout is not None
    _, pid = orphanage.stdout.readline().split()
    orphanage.kill()
    _wait_for_the_end_of(int(pid))


def _wait_for_the_end_of(pid: int) -> None:
    deadline = time.monotonic() + 10
    while (
        Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2][:3]
    ):
        assert time.monotonic() < deadline, "the server outlived us"
        time.sleep(0.1)


def test_a_port_that_is_taken_as_soon_as_it_is_drawn_is_drawn_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter([(4001, None), (4002, None)])
    monkeypatch.setattr("annotation.labelstudio.local_server.kept_port", lambda *_: next(drawn))
    monkeypatch.setattr("annotation.labelstudio.local_server.is_free", lambda port, _: port == 4002)
    assert LocalLabelStudio(tmp_path)._choose_port() == 4002
    with pytest.raises(UsageError, match=r"Port 4001 .* is taken"):
        LocalLabelStudio(tmp_path, 4001)._choose_port()
