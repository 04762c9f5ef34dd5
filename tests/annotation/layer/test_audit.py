"""The audit log of the layer: bounded, and no line lost or cut by another process."""

import importlib.util
import json
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from types import ModuleType

FILE = Path(__file__).parents[3] / "annotation" / "layer" / "audit.py"


def layer_audit(most: int) -> ModuleType:
    """The layer's module, which nothing of ours imports, with other limits."""
    spec = importlib.util.spec_from_file_location("layer_audit", FILE)
    assert spec and spec.loader
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    found.MOST_BYTES = most
    return found


def write(folder: Path, writer: int, lines: int, most: int) -> None:
    audit = layer_audit(most)
    for number in range(lines):
        audit.note(folder, writer, {"method": "PATCH", "path": f"/api/tasks/{number}/", "outcome": "changed"})


def held(folder: Path, name: str) -> list[dict[str, object]]:
    files = folder.glob(f"{name}*.jsonl")
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]


def test_lines_of_several_processes_are_all_there_while_files_are_turned_over(tmp_path: Path) -> None:
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
        for done in [pool.submit(write, tmp_path, writer, 40, 2000) for writer in range(3)]:
            done.result()
    found = [(one["account"], one["path"]) for one in held(tmp_path, "audit")]
    assert sorted(found) == sorted((writer, f"/api/tasks/{n}/") for writer in range(3) for n in range(40))
    assert len(list(tmp_path.glob("audit.*.jsonl"))) >= 3


def test_the_log_is_bounded_and_refusals_displace_no_changes(tmp_path: Path) -> None:
    audit = layer_audit(1000)
    audit.note(tmp_path, 1, {"method": "PATCH", "path": "/api/projects/1/", "outcome": "changed"})
    for number in range(100):
        audit.note(tmp_path, None, {"method": "GET", "path": f"/{number}", "outcome": "refused", "why": "\ud83d"})
    (change,) = held(tmp_path, "audit")
    assert change["path"] == "/api/projects/1/"
    assert sorted(file.name for file in tmp_path.glob("refused*.jsonl")) == ["refused.1.jsonl", "refused.jsonl"]
    assert max(file.stat().st_size for file in tmp_path.glob("*.jsonl")) < 1200
    assert "/99" in {one["path"] for one in held(tmp_path, "refused")}
    write(tmp_path, 1, 400, 1000)
    assert len(list(tmp_path.glob("audit*.jsonl"))) == 16
    assert {(file.stat().st_mode & 0o777) for file in tmp_path.glob("*.jsonl")} == {0o600}
