"""A Label Studio server on this machine, in an environment of its own.

Label Studio pins libraries that conflict with Prefect's, so it is installed separately, from the list of exact
versions beside this file. The first installation also prepares an empty database (half a minute of migrations);
every later server starts from a copy of it.

The server answers on 127.0.0.1 only, unless another host is named. Its data, its log and its generated secrets are
in one folder that only its owner can read. It runs in a session of its own, so that Ctrl-C reaches us and not it,
and it holds the end of one of our pipes: when we end, for whatever reason, the pipe closes and the server ends.
(Linux can also signal orphans, but that signal fires when the thread that started the server ends; a pipe depends
on the process alone.)
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

import httpx

from annotation.labelstudio import server_rules
from annotation.labelstudio.http_connection import trusted
from annotation.labelstudio.layer_copy import place_layer
from data.errors import ServerError, ServerRefused, ServerUnreachable, UsageError
from data.server_ports import LOOPBACK, is_free, kept_port, note_port, reachable

FIRST_USER = "lead@belebele.local"
"""The e-mail address of the account that owns a local server; no mail is ever sent there."""

DATABASE = "label_studio.sqlite3"
"""The name of the database in a local server's folder."""

_DRAWS = 10  # free ports that are tried
_STOPPING = 10.0  # seconds between asking the server to end and killing it

_SETTINGS = {
    "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
    "LABEL_STUDIO_LATEST_VERSION_CHECK": "false",
    "LABEL_STUDIO_COLLECT_ANALYTICS": "false",
    "LABEL_STUDIO_SENTRY_DSN": "",
    "LABEL_STUDIO_FRONTEND_SENTRY_DSN": "",
    # Without this it only reports the scripts it would forbid. One in a label configuration acts as its viewer.
    "LABEL_STUDIO_LS_CSP_REPORT_ONLY": "false",
    # Otherwise it waits 100 s for an assistant that hangs, and so does the author's page.
    "ML_TIMEOUT_PREDICT": "1",
    "LOG_LEVEL": "WARNING",
    "PYTHONUNBUFFERED": "1",
}

_SERVER_RULES = Path(server_rules.__file__)
_ADMITTED = "admitted.json"


def install(state_dir: Path, tell: Callable[[str], None]) -> Path:
    """Install Label Studio's environment unless it exists already.

    Args:
        state_dir: where caches and servers' data live, on a local disk.
        tell: called with a sentence about each step that takes time.

    Returns:
        The environment's folder, `state_dir/label-studio-<digest of the pinned versions>`.

    Raises:
        ServerError: a package could not be installed.
    """
    pins = resources.files("annotation.labelstudio").joinpath("label-studio-constraints.txt").read_text()
    home = state_dir / f"label-studio-{hashlib.sha256(pins.encode()).hexdigest()[:12]}"
    complete = home / "complete"
    if complete.exists():
        return home
    state_dir.mkdir(parents=True, exist_ok=True)
    with _lock(home.with_suffix(".lock")):
        if complete.exists():  # another process made it while we waited
            return home
        if home.exists():
            shutil.rmtree(home)  # left half made
        tell("Installing Label Studio in an environment of its own (0.8 GB, once; about half a minute)")
        _uv("venv", "--quiet", "--python", sys.executable, str(home))
        wanted = home / "constraints.txt"
        wanted.write_text(pins)
        _uv("pip", "install", "--quiet", "--compile-bytecode", "--python", str(_python(home)), "-r", str(wanted))
        tell("Preparing Label Studio's database (once; about half a minute)")
        _migrate(home)
        complete.touch()
    return home


class LocalLabelStudio:
    """A Label Studio server on this machine; a context manager that starts and stops it.

    Args:
        state_dir: where the environment is (installed when first needed).
        port: where to answer; by default the port used last time if it is free, else any free port.
        host: what to listen on, an address or name of this machine; 0.0.0.0 for all addresses.
        data_dir: the server's own folder, `state_dir/label-studio` unless given. One server serves one folder: if
            one is already running there, it is used, and left running in the end.
        tell: called with a sentence about each step that takes time.
        timeout: seconds allowed for the start.
        layer: whether our layer is to run inside it (annotation/layer); without it every account reaches all.
    """

    def __init__(
        self,
        state_dir: Path,
        port: int | None = None,
        *,
        host: str = LOOPBACK,
        data_dir: Path | None = None,
        tell: Callable[[str], None] = lambda _: None,
        timeout: float = 180.0,
        layer: bool = True,
    ) -> None:
        self.state_dir = state_dir.absolute()
        self.data_dir = (data_dir or state_dir / "label-studio").absolute()
        self.log = self.data_dir / "server.log"
        self._port = port
        self._host = host
        self._tell = tell
        self._timeout = timeout
        self._layer = layer
        self._process: subprocess.Popen[bytes] | None = None
        self._url = ""
        self._secrets: dict[str, str] = {}

    @property
    def url(self) -> str:
        """The server's address, once started."""
        if not self._url:
            raise UsageError(
                "The local Label Studio server has no address before it is started: call start() first."
            )
        return self._url

    @property
    def token(self) -> str:
        """The access token of the first account."""
        return self._secret("token")

    @property
    def password(self) -> str:
        """The password of the first account, `FIRST_USER`, for the login page."""
        return self._secret("password")

    @property
    def ours(self) -> bool:
        """Whether this object started the server, and so stops it."""
        return self._process is not None

    def __enter__(self) -> LocalLabelStudio:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server, or find the one already running on this folder, and return when it is ready.

        Raises:
            UsageError: the port is taken.
            ServerRefused: a server runs on this folder but does not take the folder's token.
            ServerUnreachable: the server ended or was not ready in time; the message holds the end of its log.
        """
        home = install(self.state_dir, self._tell)
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self.data_dir.chmod(0o700)
        with _lock(self.data_dir / "start.lock"):
            if self._find_running():
                return
            if not (self.data_dir / DATABASE).exists():
                _copy_template(home, self.data_dir)
            port = self._choose_port()
            self._process = self._launch(home, port)
            try:
                self._wait(self._process, f"http://{reachable(self._host)}:{port}")
            except BaseException:
                self.stop()
                raise
            _write_private(self._address_file, json.dumps({"url": self._url, "owner": os.getpid()}))
            note_port(self.data_dir / "port", port)
            for line in self.log.read_text(errors="replace").splitlines():
                if line.startswith(server_rules.TOLD):
                    self._tell(line.removeprefix(server_rules.TOLD))

    def stop(self) -> None:
        """Stop the server if this object started it, first asking, after ten seconds killing it."""
        process, self._process = self._process, None
        self._url = ""
        if process is None:
            return
        self._address_file.unlink(missing_ok=True)
        for sign in (signal.SIGTERM, signal.SIGKILL):
            if process.poll() is None:
                process.send_signal(sign)
            try:
                process.wait(_STOPPING)
                break
            except subprocess.TimeoutExpired:
                continue
        if process.stdin:
            process.stdin.close()

    def _choose_port(self) -> int:
        try:
            for _ in range(1 if self._port else _DRAWS):  # a connection may take the port that was drawn
                port, taken = (self._port, None) if self._port else kept_port(self.data_dir / "port", self._host)
                if not is_free(port, self._host):
                    continue
                if taken:
                    self._tell(
                        f"Port {taken}, where Label Studio stood, is taken: it stands at {port} now, so send "
                        "people their new addresses (belebele links)"
                    )
                return port
        except OSError as error:
            raise UsageError(
                f"Label Studio cannot listen on {self._host} ({error.strerror}): name an address of this machine, "
                "or 0.0.0.0 for all of them."
            ) from None
        raise UsageError(
            f"Port {port} of {self._host} is taken, so Label Studio cannot answer there: stop what uses it, or "
            "name another port, or none."
        )

    @property
    def _address_file(self) -> Path:
        return self.data_dir / "address.json"

    def _secret(self, name: str) -> str:
        if not self._secrets:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            self._secrets = _secrets(self.data_dir / "secrets.json")
        return self._secrets[name]

    def _find_running(self) -> bool:
        if not self._address_file.exists():
            return False
        found = json.loads(self._address_file.read_text())
        url = str(found["url"])
        # A server whose owner has ended is about to end too, and must not be relied on.
        deadline = time.monotonic() + _STOPPING
        while not _lives(found["owner"]) and _is_healthy(url) and time.monotonic() < deadline:
            time.sleep(0.2)
        # Only this folder's server knows the token, so a server that takes it is the right one.
        if not self._answers(url):
            if _lives(found["owner"]) and _is_healthy(url):
                raise ServerRefused(
                    f"The Label Studio server of {self.data_dir}, at {url}, does not take its own token: "
                    f"somebody changed the account {FIRST_USER}. Stop it where it was started (process "
                    f"{found['owner']}); the next start puts the account right."
                )
            return False
        if self._port and url != f"http://{reachable(self._host)}:{self._port}":
            raise UsageError(
                f"A Label Studio server already serves {self.data_dir}, at {url}: use it there, or stop it first."
            )
        self._url = url
        return True

    def _answers(self, url: str) -> bool:
        try:
            headers = {"Authorization": f"Token {self.token}"}
            asked = httpx.get(f"{url}/api/current-user/whoami", headers=headers, timeout=5, verify=trusted())
            return asked.status_code == 200
        except httpx.HTTPError:
            return False

    def _launch(self, home: Path, port: int) -> subprocess.Popen[bytes]:
        environment = _environment(self.data_dir) | {
            "SECRET_KEY": self._secret("secret_key"),
            "LABEL_STUDIO_USERNAME": FIRST_USER,
            "LABEL_STUDIO_PASSWORD": self._secret("password"),
            "LABEL_STUDIO_USER_TOKEN": self._secret("token"),
        }
        if self._layer:
            folder = self.data_dir / "layer"
            for problem in place_layer(folder):
                self._tell(problem)
            environment |= {server_rules.LAYER: str(folder), "PYTHONPATH": str(folder)}
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".log.1"))
        python = [str(_python(home)), "-P", str(_SERVER_RULES)]
        command = [*python, "start", "--no-browser", "--internal-host", self._host]
        with self.log.open("wb") as log:
            return subprocess.Popen(
                [*command, "--port", str(port)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd=self.data_dir,
                start_new_session=True,
            )

    def _wait(self, process: subprocess.Popen[bytes], url: str) -> None:
        deadline = time.monotonic() + self._timeout
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise ServerUnreachable(
                    f"Label Studio ended while it started (exit status {process.returncode}). The end of its "
                    f"log, {self.log}:\n{_tail(self.log)}"
                )
            if self._answers(url):
                self._url = url
                return
            time.sleep(0.2)
        raise ServerUnreachable(
            f"Label Studio was not ready at {url} after {self._timeout:.0f} seconds: is the machine busy? The "
            f"end of its log, {self.log}:\n{_tail(self.log)}"
        )


def admit(data_dir: Path, name: str, url: str) -> None:
    """Let a folder's server call an assistant's address on this machine, which it refuses otherwise.

    Args:
        data_dir: the server's own folder; it is read at each use, so the server may be running or not.
        name: of the assistant; it has one address, the latest.
        url: its full address; "" to forbid it again.
    """
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = data_dir / _ADMITTED
    with _lock(file.with_suffix(".lock")):
        held: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
        if held.get(name, "") != url:
            kept = {one: where for one, where in held.items() if one != name}
            _write_private(file, json.dumps({**kept, name: url} if url else kept))


def _python(home: Path) -> Path:
    return home / "bin" / "python"


def _uv(*arguments: str) -> None:
    import uv

    # The caller's own environment must not decide where uv installs.
    environment = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    done = subprocess.run([uv.find_uv_bin(), *arguments], env=environment, capture_output=True, text=True)
    if done.returncode:
        end = "\n".join(done.stderr.strip().splitlines()[-8:])
        raise ServerError(
            "Label Studio could not be installed: check that the package index can be reached and the disk has "
            f"1 GB left, then try again. What uv said:\n{end}"
        )


def _environment(data_dir: Path) -> dict[str, str]:
    # Pass on nothing else: Label Studio takes settings from names as plain as HOST, DEBUG or SECRET_KEY.
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
    own = {"LABEL_STUDIO_BASE_DATA_DIR": str(data_dir), server_rules.ADMITTED: str(data_dir / _ADMITTED)}
    return {**kept, **_SETTINGS, **own}


def _migrate(home: Path) -> None:
    template = home / "template"
    template.mkdir()
    environment = _environment(template) | {"SECRET_KEY": secrets.token_hex(32)}
    done = subprocess.run(
        [str(_python(home)), "-P", str(_SERVER_RULES), "version"],
        env=environment,
        cwd=template,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        end = "\n".join((done.stdout + done.stderr).strip().splitlines()[-20:])
        raise ServerError(f"Label Studio could not prepare its database; the end of what it said:\n{end}")


def _copy_template(home: Path, data_dir: Path) -> None:
    half = data_dir / f"{DATABASE}.new"
    shutil.copyfile(home / "template" / DATABASE, half)
    half.replace(data_dir / DATABASE)


def _secrets(path: Path) -> dict[str, str]:
    if not path.exists():
        drawn = {
            "secret_key": secrets.token_urlsafe(48),
            "password": secrets.token_urlsafe(18),
            "token": secrets.token_hex(20),
        }
        _write_private(path, json.dumps(drawn))
    known: Mapping[str, str] = json.loads(path.read_text())
    return dict(known)


def _write_private(path: Path, text: str) -> None:
    half = path.with_suffix(".new")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    half.replace(path)


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # the system releases it when its owner dies
        yield


def _is_healthy(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=5, verify=trusted()).status_code == 200
    except httpx.HTTPError:
        return False


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # the number now belongs to somebody else's process
        return False
    return True


def _tail(log: Path, lines: int = 20) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else "(no log)"
