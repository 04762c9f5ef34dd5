"""What a command writes: never over somebody's work, whole or not at all, and a disk that refuses has a name."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from data.errors import OutputFailed, UsageError
from data.output_files import NOTE, Outputs

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def full_disk(size: int = 0) -> Iterator[None]:
    """No file may grow beyond so many bytes: what a full disk answers, at the same place."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_only_what_the_same_command_wrote_is_replaced(tmp_path: Path) -> None:
    Outputs.of_folder(tmp_path / "new" / "er", "people").write({"a.html": b"1", "a.json": b"2"})
    folder = tmp_path / "new" / "er"
    Outputs.of_folder(folder, "people").write({"a.html": b"3", "a.json": b"4"})
    assert (folder / "a.html").read_bytes() == b"3"
    assert names(folder) == [NOTE, "a.html", "a.json"]
    with pytest.raises(UsageError, match=r"a.html is there already, and no belebele audit wrote it"):
        Outputs.of_folder(folder, "audit").write({"a.html": b"5"})
    (folder / "a.json").write_bytes(b"mine")
    with pytest.raises(UsageError, match=r"a.json was changed since belebele people wrote it"):
        Outputs.of_folder(folder, "people").write({"a.html": b"6", "a.json": b"6"})
    assert (folder / "a.html").read_bytes() == b"3"
    (folder / "b").write_bytes(b"mine")
    with pytest.raises(UsageError, match=r"b is there already, and no belebele people wrote it"):
        Outputs.of_folder(folder, "people").check(["b"])


def test_a_link_a_folder_and_what_is_read_are_left_alone(tmp_path: Path) -> None:
    Outputs.of_file(tmp_path / "a", "export").write({"a": b"1"})
    for inputs in ([tmp_path / "a"], [tmp_path]):
        with pytest.raises(UsageError, match="is among what is read, and would be overwritten"):
            Outputs.of_file(tmp_path / "a", "export", inputs).write({"a": b"2"})
    (tmp_path / "real").write_bytes(b"1")
    (tmp_path / "a").unlink()
    (tmp_path / "a").symlink_to(tmp_path / "real")
    with pytest.raises(UsageError, match="is there already"):
        Outputs.of_file(tmp_path / "a", "export").write({"a": b"2"})
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    with pytest.raises(UsageError, match="is there already"):
        Outputs.of_file(tmp_path / "dangling", "export").write({"dangling": b"2"})
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match="is a folder; name a file"):
        Outputs.of_file(tmp_path / "folder", "export").write({"folder": b"2"})
    with pytest.raises(UsageError, match="there is no folder"):
        Outputs.of_file(tmp_path / "none" / "a", "export").write({"a": b"2"})
    with pytest.raises(UsageError, match="is a file; --out names a folder"):
        Outputs.of_folder(tmp_path / "real", "people").write({"a": b"2"})


def test_a_disk_that_refuses_leaves_the_former_files_and_no_parts(tmp_path: Path) -> None:
    outputs = Outputs.of_folder(tmp_path, "people")
    outputs.write({"a": b"1", "b": b"1"})
    with (
        full_disk(1000),
        pytest.raises(OutputFailed, match=rf"cannot write to {tmp_path}: File too large; free some"),
    ):
        outputs.write({"a": b"2", "b": b"2" * 2000})
    assert names(tmp_path) == [NOTE, "a", "b"]
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() == b"1"
    outputs.write({"a": b"2", "b": b"2"})
    with pytest.raises(OutputFailed, match="cannot write to /proc/self/none"):
        Outputs.of_folder("/proc/self/none", "people").write({"a": b"1"})


def test_a_broken_note_is_told(tmp_path: Path) -> None:
    (tmp_path / NOTE).write_text("{", encoding="utf-8")
    with pytest.raises(UsageError, match=f"{NOTE} is broken"):
        Outputs.of_folder(tmp_path, "people").write({"a": b"1"})


def test_killed_at_any_moment_the_next_run_goes_on(tmp_path: Path) -> None:
    """Killed while it writes: every file is an old or a new one, and none is taken for a stranger's."""
    code = (
        "import sys\nfrom data.output_files import Outputs\nfrom pathlib import Path\n"
        "for n in range(10**6):\n    if n == 1: print(flush=True)\n"
        "    Outputs.of_folder(sys.argv[1], 'people').write({'a': b'%d' % n * 500, 'b': b'%d' % n * 500})"
    )
    for turn in range(8):
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.read(1), process.stderr.read()
        time.sleep(0.003 * turn)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        for name in ("a", "b"):
            content = (tmp_path / name).read_bytes()
            assert content == content[: len(content) // 500] * 500
    Outputs.of_folder(tmp_path, "people").write({"a": b"1", "b": b"1"})
    assert names(tmp_path) == [NOTE, "a", "b"]


def test_a_folder_of_its_own_keeps_nothing_outdated_and_nothing_of_others(tmp_path: Path) -> None:
    folder = tmp_path / "paper"
    outputs = Outputs.of_folder(folder, "audit")
    outputs.write_alone({})
    assert not folder.exists(), "no folder for no files"
    outputs.write_alone({"a.tex": b"a", "b.tex": b"b", "c.tex": b"c"})
    (folder / "mine.tex").write_bytes(b"mine")
    outputs.write_alone({"a.tex": b"A", "b.tex": b"b"})
    assert names(folder) == sorted([NOTE, "a.tex", "b.tex", "mine.tex"])
    outputs.check_known()
    (folder / "b.tex").write_bytes(b"edited by hand")
    with pytest.raises(UsageError, match="changed since belebele audit wrote it"):
        outputs.check_known()
    outputs.write_alone({"a.tex": b"A"})
    assert (folder / "b.tex").read_bytes() == b"edited by hand", "what somebody changed is not outdated"
