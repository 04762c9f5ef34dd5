"""The folder of a release: whole or not there, whatever happens to the run that writes it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

KILLED = """
import os, shutil, sys
from dataclasses import replace
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from data.release.release_files import render
from data.release.release_verification import verification
from tests.data.release.small_release import ABOUT, halved

old, new = render(halved(), ABOUT), render(halved(("eng_Latn", "fra_Latn")), replace(ABOUT, version="2.0.0"))
out = Path(sys.argv[2], "out")


def dying(function, count):
    def counted(*given, **named):
        count[0] -= 1
        if count[0] == 0:
            os._exit(9)
        return function(*given, **named)
    return counted


def killed_at(step):
    if (child := os.fork()) == 0:
        calls = (os.fsync, Path.rename, shutil.rmtree)
        count = [step]
        os.fsync, Path.rename, shutil.rmtree = (dying(one, count) for one in calls)
        new.write(out)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


seen, step = [], 0
while True:
    step += 1
    old.write(out)
    killed = killed_at(step)
    if out.exists():
        found = verification(out)
        assert found.whole, found
        seen.append(found.version)
    else:
        seen.append("none")
    new.write(out)
    assert verification(out).whole and verification(out).version == "2.0.0"
    assert os.listdir(out.parent) == ["out"], os.listdir(out.parent)
    shutil.rmtree(out)
    if not killed:
        break
print(step, " ".join(sorted(set(seen))))
"""

AT_ONCE = """
import os, sys
from dataclasses import replace
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from data.release.release_files import render
from data.release.release_verification import verification
from tests.data.release.small_release import ABOUT, halved

releases = [render(halved(), replace(ABOUT, version=f"{n}.0.0")) for n in (1, 2, 3)]
out = Path(sys.argv[2], "out")
children = []
for release in releases:
    if (child := os.fork()) == 0:
        for _ in range(20):
            release.write(out)
        os._exit(0)
    children.append(child)
for _ in range(200):
    if out.exists():
        try:
            verification(out)
        except Exception as error:  # a file may vanish while it is read
            assert "cannot be read" in str(error) or "no release of ours" in str(error), error
assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0, 0]
assert verification(out).whole
assert os.listdir(out.parent) == ["out"]
"""


def ran(script: str, folder: Path) -> str:
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", script, str(root), str(folder)]
    made = subprocess.run(command, capture_output=True, text=True, cwd=root)
    assert made.returncode == 0, made.stderr
    return made.stdout


@pytest.mark.slow
def test_killed_at_any_step_nothing_half_is_seen_and_the_next_run_finishes(tmp_path: Path) -> None:
    steps, *seen = ran(KILLED, tmp_path).split()
    assert int(steps) > 20
    assert {"1.0.0", "2.0.0"} <= {*seen} <= {"1.0.0", "2.0.0", "none"}


def test_releases_at_once_follow_each_other(tmp_path: Path) -> None:
    ran(AT_ONCE, tmp_path)
