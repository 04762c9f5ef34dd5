"""Environments of the programs that read releases: harnesses and loaders, each with versions of its own.

They cannot be installed beside this program, nor beside each other: lighteval 0.13.0 still wants a Hub library of
before 1.0 and an xxhash of before 4. An environment is made once, under BELEBELE_STATE_DIR, and named by its pins,
which lie in `pins/` beside this file. Only torch is borrowed from the environment of the tests: it is the largest
of all, and where a small build for CPUs lies there, no large one is fetched. It is lent by a `.pth` file that
names a folder of links: an installer that finds links among the packages writes through them.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
import uv
from packaging.requirements import Requirement

from data.environment import state_dir

PINS = Path(__file__).parent / "pins"

WANTED = {
    "readers": ("mlcroissant[parquet]", "polars"),
    "lm_eval": ("lm-eval", "transformers", "accelerate"),
    "lighteval": ("lighteval",),
    "inspect_ai": ("inspect-ai", "datasets", "transformers", "accelerate"),
}
"""What is asked for in each environment; all versions come from its pins."""

_UNREACHED = ("failed to fetch", "error sending request", "dns error", "connect", "timed out", "offline")


def commands(name: str) -> Path:
    """Return the folder of commands of an environment, which is made when it is first asked for.

    Skips the test where no package index can be reached; in continuous integration that is a failure.
    """
    pins = (PINS / f"{name}.txt").read_text()
    torch = "" if name == "readers" else distribution("torch").version
    key = hashlib.sha256(f"{WANTED[name]}\n{pins}\n{torch}\n{sys.version_info[:2]}".encode()).hexdigest()[:12]
    home = state_dir() / f"harness-{name}-{key}"
    with _alone(home.with_suffix(".lock")):
        if not (home / "complete").exists():
            shutil.rmtree(home, ignore_errors=True)
            _make(home, name)
            (home / "complete").touch()
    return home / "bin"


def run(name: str, *command: str | Path, cwd: Path, **environment: str) -> str:
    """Run a command of an environment without a network and return what it printed.

    Args:
        name: of the environment.
        command: its first word is the name of a command there.
        cwd: where it runs; caches go to the folder `hub` there.
        environment: more variables.
    """
    kept = {key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "PYTHONPATH")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)  # else every run compiles all of it again
    offline = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    told = {"HF_HOME": str(cwd / "hub"), "NO_COLOR": "1", "COLUMNS": "200", "TOKENIZERS_PARALLELISM": "false"}
    first, *rest = map(str, command)
    done = subprocess.run(
        [commands(name) / first, *rest],
        cwd=cwd,
        env=kept | offline | told | environment,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, f"{first} failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def _make(home: Path, name: str) -> None:
    _uv("venv", "--quiet", "--python", sys.executable, str(home))
    rules = []
    if name != "readers":
        _lend_torch(home)
        (home / "overrides.txt").write_text("torch ; python_version < '3'\n")  # never asked for
        rules = ["--override", str(home / "overrides.txt")]
    pins = ["--constraint", str(PINS / f"{name}.txt")]
    _uv("pip", "install", "--quiet", "--python", str(home / "bin/python"), *pins, *rules, *WANTED[name])
    if name == "lighteval":
        # It fetches this file of one of its own tasks whenever it starts, whatever task is asked for.
        package = next(home.glob("lib/python*/site-packages/lighteval"))
        (package / "tasks/tasks/tinyBenchmarks.pkl").touch()


def _lend_torch(home: Path) -> None:
    lent = home / "lent"
    lent.mkdir()
    for name in _needed("torch", set()):
        found = distribution(name)
        for top in {file.parts[0] for file in found.files or () if file.parts[0] not in ("..", "__pycache__")}:
            if not (lent / top).exists():
                (lent / top).symlink_to(Path(str(found.locate_file(top))).resolve())
    site = next(home.glob("lib/python*/site-packages"))
    (site / "lent.pth").write_text(f"{lent}\n")


def _needed(name: str, known: set[str]) -> set[str]:
    """Return a distribution and all that it needs; what this environment lacks is left out."""
    try:
        wanted = map(Requirement, distribution(name).requires or ())
    except PackageNotFoundError:
        return known
    known.add(name)
    for one in wanted:
        if one.name not in known and (one.marker is None or one.marker.evaluate({"extra": ""})):
            _needed(one.name, known)
    return known


def _uv(*arguments: str) -> None:
    kept = {key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "PYTHONPATH")}
    done = subprocess.run([uv.find_uv_bin(), *arguments], env=kept, capture_output=True, text=True)
    if done.returncode == 0:
        return
    if os.environ.get("CI") != "true" and any(word in done.stderr.casefold() for word in _UNREACHED):
        pytest.skip(f"no package index can be reached to install what this test needs:\n{done.stderr[-500:]}")
    pytest.fail(f"uv {' '.join(arguments[:2])} failed:\n{done.stderr[-3000:]}")


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
