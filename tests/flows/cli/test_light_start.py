"""What a command loads: nothing that it does not use, since every start of the program pays for it.

Seconds differ between machines; what is imported does not.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from data.ledger import opened_table
from data.ledger.log_tail import Tail
from flows.reports.status import status
from tests.flows.small_campaign import at

ROOT = Path(__file__).resolve().parents[3]
COMPUTES = {"torch", "matplotlib", "scipy", "jinja2", "prefect"}
SPEAKS = {"httpx", "label_studio_sdk", "markdown_it"}
READS = {"pandas", "pyarrow", "pydantic", "deltalake", "rich"}


def loaded(tmp_path: Path, *words: str) -> tuple[set[str], int]:
    """The packages that a command imports, and what it exits with."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "flows.cli.commands", *words],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
        env={**os.environ, "BELEBELE_STATE_DIR": str(tmp_path / "state")},
    )  # fmt: skip
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}, done.returncode


@pytest.mark.parametrize("words", [("--version",), ("--help",), ("audit", "--help"), ("nonsense",)])
def test_what_only_tells_of_the_program_loads_none_of_it(tmp_path: Path, words: Sequence[str]) -> None:
    packages, _ = loaded(tmp_path, *words)
    assert "click" in packages
    assert not packages & (COMPUTES | SPEAKS | READS)


@pytest.mark.parametrize("content", [None, "{broken", '{"question": "q"}\n'])
def test_a_set_that_cannot_be_read_is_refused_before_what_judges_is_loaded(
    tmp_path: Path, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "set.jsonl").write_text(content)
    packages, code = loaded(tmp_path, "audit", str(tmp_path / "set.jsonl"), "--out", str(tmp_path / "out"))
    assert code == 2
    assert not packages & (COMPUTES - {"scipy"} | SPEAKS | {"pydantic", "deltalake"})


def test_status_speaks_to_no_server_and_computes_nothing(tmp_path: Path) -> None:
    small = at("accepted", tmp_path)
    packages, code = loaded(tmp_path, "status", small.address)
    assert code == 0
    assert not packages & (COMPUTES | SPEAKS)


def test_status_lists_each_table_and_reads_each_of_its_files_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, done = at("accepted", tmp_path).state, Counter[object]()
    for owner, name, what in (
        (Tail, "files", lambda tail, _: tail.name),
        (Tail, "open", lambda tail: f"{tail.name} by its log"),  # which costs several times as much
        (opened_table, "_rows_of", lambda path, _: path),
    ):
        kept = getattr(owner, name)

        def counted(*given: Any, kept: Any = kept, what: Any = what) -> Any:
            done[what(*given)] += 1
            return kept(*given)

        monkeypatch.setattr(owner, name, counted)
    assert status(state)["languages"]
    assert "tasks" in done
    assert not [one for one in done if "by its log" in str(one)]
    assert {path.parent.name for path in done if isinstance(path, Path)} >= {"tasks", "verdicts", "events"}
    assert set(done.values()) == {1}
