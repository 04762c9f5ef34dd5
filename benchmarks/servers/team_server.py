"""A team's Label Studio as docs/guides/team-server.md sets it up, in a folder of its own: PostgreSQL, gunicorn.

The settings and the commands are read from that page and the files beside it, with only the paths replaced; so
the page itself is measured. The preparation of a machine is not repeated: packages, a user, nginx. Label Studio's
environment is the one that the program makes for itself, of the same versions.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from annotation.labelstudio import server_rules
from annotation.labelstudio.layer_copy import place_layer
from annotation.labelstudio.local_server import admit, install
from annotation.labelstudio.signed_in_user import SignedInUser
from data.errors import ServerError, UsageError
from data.server_ports import free_port
from flows.services.child_processes import child, wait_for

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "team-server.md"
FILES = GUIDE.parent / "service"
LEAD = "lead@example.org"
PASSWORD = "a-password-of-nobody"
_RUN = """
import json, subprocess, sys
user, *command = json.loads(sys.argv[1])
sys.exit(subprocess.call(command, **({"user": user, "group": user} if user else {})))
"""


@dataclass(frozen=True)
class TeamServer:
    """A running server: its address, a token of the lead, its database's connection settings, and its folder."""

    url: str
    token: str
    environment: Mapping[str, str]
    folder: Path

    def admit(self, url: str) -> None:
        """Allow it to call an assistant on this machine."""
        admit(self.folder, "assistant", url)


def blocks() -> list[str]:
    """Return the code blocks of the guide."""
    return re.findall(r"^```\n(.*?)^```$", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def command(words: str) -> str:
    """Return the guide's line with these words, without the comment behind it."""
    (line,) = [line for block in blocks() for line in block.splitlines() if words in line]
    return line.partition("  #")[0].strip()


@contextmanager
def team_server(
    environments: Path, tell: Callable[[str], None] = print, *, layer: bool = True, public: str = ""
) -> Iterator[TeamServer]:
    """Run the server while the block lasts.

    Args:
        environments: the folder where Label Studio's environment is, or will be made.
        tell: a function that receives a sentence about each step that takes time.
        layer: whether our layer runs inside it.
        public: the address at which people reach it, behind a proxy; by default its own.

    Raises:
        UsageError: PostgreSQL is not installed.
    """
    programs = _postgresql()
    home = install(environments, tell)
    with tempfile.TemporaryDirectory(prefix="team-") as place:
        folder = Path(place)
        folder.chmod(0o711)  # the database's own user must pass through it
        (folder / "env").symlink_to(home)
        with (
            _database(programs, folder) as connection,
            _served(folder, connection, layer, public) as url,
            SignedInUser.sign_up(url, "/user/login/", LEAD, PASSWORD) as lead,
        ):
            yield TeamServer(url, _token(lead), connection, folder)


def _postgresql() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    beside = shutil.which("initdb")
    if not found and not beside:
        raise UsageError("PostgreSQL is not installed here. On Debian or Ubuntu: apt-get install postgresql")
    return (found[-1] if found else Path(str(beside))).parent


@contextmanager
def _database(programs: Path, folder: Path) -> Iterator[dict[str, str]]:
    """Run PostgreSQL on a socket in the folder, with the guide's user and database; yield its settings."""
    cluster, log = folder / "cluster", folder / "postgresql.log"
    cluster.mkdir(mode=0o700)
    user = "" if os.getuid() else "postgres"  # it does not run as root
    if user:
        shutil.chown(cluster, user, user)
    words = [str(programs / "initdb"), "--auth=trust", "--username=postgres", "-D", str(cluster)]
    as_user = {"user": user, "group": user} if user else {}
    _done(subprocess.run(words, capture_output=True, text=True, cwd="/", **as_user))  # type: ignore[call-overload]
    words = [str(programs / "postgres"), "-D", str(cluster), "-k", str(cluster), "-c", "listen_addresses="]
    connection = {"PATH": f"{programs}:{os.environ['PATH']}", "PGHOST": str(cluster), "PGUSER": "postgres"}
    with child(_RUN, _json(user, *words), environment={}, log=log) as process:

        def ready() -> bool:
            return not subprocess.run(
                ["pg_isready", "-q"], env={**os.environ, **connection}, check=False
            ).returncode

        wait_for(ready, process, "PostgreSQL", log)
        said = re.fullmatch(r'su postgres -c "(.*)"', command("createuser"))
        assert said, "the guide makes the database in another way"
        _done(_bash(said[1], folder, connection))
        yield connection


@contextmanager
def _served(folder: Path, connection: Mapping[str, str], layer: bool, public: str) -> Iterator[str]:
    """Make Label Studio's database and first account, and run its workers; yield the address."""
    port, log = free_port(), folder / "gunicorn.log"
    url = f"http://127.0.0.1:{port}"
    settings = (FILES / "label-studio.settings").read_text("utf-8")
    put = {
        "/var/run/postgresql": connection["PGHOST"],
        "/srv/label-studio": str(folder),
        "https://label.example.org": public or url,
    }
    for before, after in put.items():
        assert before in settings, before
        settings = settings.replace(before, after)
    if not layer:
        settings = settings.partition("# The layer.")[0]
    (folder / "settings").write_text(settings)
    (folder / "data").mkdir()
    if layer:
        place_layer(folder / "layer")
    (folder / "server_rules.py").write_text(Path(server_rules.__file__).read_text())
    init = f"{command('./settings')}\n{command('label-studio init')}"
    _done(_bash(init, folder, {"LABEL_STUDIO_PASSWORD": PASSWORD}))  # otherwise it asks for it
    unit = (FILES / "label-studio.service").read_text("utf-8")
    (serve,) = re.findall("^ExecStart=/srv/label-studio/(.*)$", unit, re.MULTILINE)
    serve = serve.replace("127.0.0.1:8080", f"127.0.0.1:{port}").replace("python3.11", "python3*")
    serve = serve if layer else serve.replace("belebele_layer.wsgi", "core.wsgi")
    script = f"cd {folder}\n{command('./settings')}\nexec {serve}"
    with child(_RUN, _json("", "bash", "-c", script), environment={}, log=log) as process:
        wait_for(lambda: _answers(url), process, "The team's Label Studio", log)
        yield url


def _token(lead: SignedInUser) -> str:
    """Return a personal access token, as the page Account & Settings issues it."""
    return str(lead._ask("POST", "/api/token/")["token"])


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=30).status_code == 200
    except httpx.HTTPError:
        return False


def _bash(script: str, folder: Path, more: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    whole = {**os.environ, **more}
    return subprocess.run(["bash", "-c", script], cwd=folder, env=whole, capture_output=True, text=True)


def _done(ran: subprocess.CompletedProcess[str]) -> None:
    if ran.returncode:
        raise ServerError(f"{ran.args} ended with {ran.returncode}:\n{ran.stdout}{ran.stderr}")


def _json(*words: str) -> str:
    return json.dumps(words)
