"""A skip fails where CI=true, and nowhere else; so does a module that skips as a whole."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

TESTS = """
import pytest

@pytest.mark.skip(reason="no Chromium here")
def test_skipped(): ...

@pytest.mark.xfail(reason="known")
def test_expected(): assert False

def test_passed(): ...
"""


@pytest.mark.parametrize(
    ("ci", "status", "told"),
    [
        ("", 0, "1 passed, 2 skipped, 1 xfailed"),
        ("true", 1, "1 passed, 1 xfailed, 2 errors"),
    ],
)
def test_skips_fail_in_continuous_integration(ci: str, status: int, told: str, tmp_path: Path) -> None:
    shutil.copy(ROOT / "conftest.py", tmp_path)
    (tmp_path / "test_one.py").write_text(TESTS)
    (tmp_path / "test_two.py").write_text("import pytest\npytest.skip('no data', allow_module_level=True)\n")
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--continue-on-collection-errors", "."],
        cwd=tmp_path,
        env={**os.environ, "CI": ci},
        capture_output=True,
        text=True,
    )
    assert told in ran.stdout
    assert ("no Chromium here\n(CI=true" in ran.stdout) == bool(ci)
    assert ran.returncode == status
