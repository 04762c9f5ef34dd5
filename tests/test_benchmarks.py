"""Benchmarks without their data say so, and end well."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("name", ["sets/passages.py", "audit/audit_languages.py"])
def test_what_lacks_its_data_says_so(tmp_path: Path, name: str) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / name)],
        cwd=tmp_path, env={**os.environ, "BELEBELE_SHARED_DATA": str(tmp_path)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("left out: ")
    assert "Traceback" not in done.stderr
