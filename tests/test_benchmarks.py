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


@pytest.mark.slow
def test_the_throughput_of_a_vision_language_model_is_measured_without_a_gpu() -> None:
    line = [sys.executable, str(ROOT / "benchmarks" / "vision" / "throughput.py"), "--small", "--seconds", "0"]
    done = subprocess.run([*line, "--batch", "2", "--device", "cpu"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rows = [row.split() for row in done.stdout.splitlines()[2:]]
    assert [row[:2] for row in rows] == [["56", "with"], ["56", "without"], ["112", "with"], ["112", "without"]]
    assert all(float(row[2]) > 0 for row in rows)
