"""The layer's counts: processes and threads add to them at once, none is lost, and a restart keeps them."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import pytest

from data.ledger.tables import STAGES
from tests.metric_rules import broken_rules

MONITORING = Path(__file__).parents[3] / "annotation" / "layer" / "monitoring"
TIMES, PROCESSES, THREADS = 200, 3, 4
WORK = f"""
import importlib.util, pathlib, sys
spec = importlib.util.spec_from_file_location("tallies", sys.argv[1])
tallies = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tallies)
counts = tallies.tallies_of(pathlib.Path(sys.argv[2]))
for _ in range({TIMES}):
    counts.request("GET", 200, 0.02)
"""


@pytest.fixture
def tallies() -> ModuleType:
    """The module as a server's process has it; nothing of ours imports the layer."""
    spec = importlib.util.spec_from_file_location("tallies_of_a_test", MONITORING / "tallies.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_count_is_lost_between_processes_and_threads(tallies: ModuleType, tmp_path: Path) -> None:
    command = [sys.executable, "-c", WORK, str(MONITORING / "tallies.py"), str(tmp_path)]
    others = [subprocess.Popen(command) for _ in range(PROCESSES)]
    counts = tallies.tallies_of(tmp_path)
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda _: counts.request("GET", 200, 0.02), range(TIMES * THREADS)))
    assert [other.wait(60) for other in others] == [0] * PROCESSES
    wanted = TIMES * (PROCESSES + THREADS)
    found = tallies.Tallies(tmp_path).all()  # as after a restart
    assert found["GET 2xx"] == found["within 0.025"] == wanted
    assert found["seconds"] == pytest.approx(0.02 * wanted)
    assert sum(found.values()) == pytest.approx(2 * wanted + 0.02 * wanted)


@pytest.mark.parametrize(
    ("method", "status", "seconds", "slot", "bound"),
    [
        ("GET", 200, 0.01, "GET 2xx", "within 0.01"),
        ("HEAD", 304, 0.011, "other 3xx", "within 0.025"),
        ("POST", 101, 10.0, "POST 2xx", "within 10.0"),
        ("X" * 5000, 599, 10.1, "other 5xx", "within any"),
        ("PATCH", 777, 0, "PATCH 5xx", "within 0.01"),
    ],
)
def test_whatever_is_asked_counts_somewhere(
    tallies: ModuleType, tmp_path: Path, method: str, status: int, seconds: float, slot: str, bound: str
) -> None:
    counts = tallies.Tallies(tmp_path)
    counts.request(method, status, seconds)
    assert {name for name, count in counts.all().items() if count and name != "seconds"} == {slot, bound}


def test_the_page_is_prometheus(tallies: ModuleType, tmp_path: Path) -> None:
    counts = tallies.Tallies(tmp_path)
    counts.request("GET", 200, 0.2)
    counts.refused("nobody")
    text = "".join(f"{line}\n" for line in tallies.lines(counts.all()))
    assert broken_rules(text) == []
    assert 'belebele_layer_requests_total{method="GET",code="2xx"} 1\n' in text
    assert 'belebele_layer_request_duration_seconds_bucket{le="0.1"} 0\n' in text
    assert 'belebele_layer_request_duration_seconds_bucket{le="0.25"} 1\n' in text
    assert 'belebele_layer_request_duration_seconds_bucket{le="+Inf"} 1\n' in text
    assert 'belebele_layer_refused_total{who="nobody"} 1\n' in text


def test_workbenches_count_for_every_stage_that_there_is() -> None:
    """The layer runs without our tables, so it has the names again."""
    tree = ast.parse((MONITORING / "measures.py").read_text("utf-8"))
    (listed,) = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "STAGES"
    ]
    assert sorted(listed) == sorted(STAGES)
