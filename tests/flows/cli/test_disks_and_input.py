"""Commands on a full disk, beside somebody's files, and with input that nobody should have given them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

import qc.audit.audit_run
from data.errors import UsageError
from data.exchange import csv_and_xlsx
from data.release.release_folder import files_in
from data.release.release_verification import verification
from flows.cli.command_group import BROKEN_PIPE, BUG
from flows.cli.commands import main
from flows.offline.work_export import export_work
from flows.simulation.sandbox import room
from tests.data.test_output_files import full_disk
from tests.flows.small_campaign import SWAHILI, Small, at, good
from tests.qc.audited import made

QUICK = ("--layers", "heuristics", "--permutations", "99")
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))
    for name in [name for name in os.environ if name.startswith(("BELEBELE_LABEL", "PREFECT_API"))]:
        monkeypatch.delenv(name)


def say(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def refused(*words: str) -> str:
    done = say(*words)
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.output
    return done.stderr


def stored(folder: Path, name: str = "items.parquet") -> Path:
    items = made(60).drop(columns=["language"]).rename(columns={"key": "label"})
    items.to_parquet(folder / name)
    return folder / name


def hidden(folder: Path) -> list[str]:
    return [one.name for one in folder.rglob(".*") if one.name != ".belebele-written.json"]


def test_an_audit_beside_the_set_overwrites_nothing(tmp_path: Path) -> None:
    file = stored(tmp_path)
    before = file.read_bytes()
    assert "items.parquet is among what is read" in refused("audit", str(file), "--out", str(tmp_path))
    other = stored(tmp_path, "set.parquet")
    assert "no belebele audit wrote it" in refused("audit", str(other), "--out", str(tmp_path))
    assert file.read_bytes() == before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["items.parquet", "set.parquet"]


def test_an_audit_into_its_own_earlier_output_goes_on(tmp_path: Path) -> None:
    file, out = stored(tmp_path), tmp_path / "out"
    for _ in range(2):
        assert say("audit", str(file), "--out", str(out), "--answer-from", "0", *QUICK).exit_code in (0, 1)
    again = refused("audit", str(out / "items.parquet"), "--out", str(out), "--answer-from", "0", *QUICK)
    assert "is among what is read" in again
    (out / "report.html").write_text("my notes", encoding="utf-8")
    assert "report.html was changed since" in refused("audit", str(file), "--out", str(out), *QUICK)


def test_an_audit_on_a_full_disk(tmp_path: Path) -> None:
    file, out = stored(tmp_path), tmp_path / "out"
    with full_disk(500):
        said = refused("audit", str(file), "--out", str(out), "--answer-from", "0", *QUICK)
    assert f"cannot write to {out}" in said
    assert "free some space, or name another --out" in said
    assert [name for name in hidden(out) if name != ".work"] == []
    assert say("audit", str(file), "--out", str(out), "--answer-from", "0", *QUICK).exit_code in (0, 1)


COMMANDS: dict[str, Callable[[Small, Path], tuple[str, ...]]] = {
    "export": lambda small, out: ("export", small.address, "passages", "--out", str(out / "p.parquet")),
    "export, a workbook": lambda small, out: ("export", small.address, "passages", "--out", str(out / "p.xlsx")),
    "passages": lambda small, out: (
        "passages",
        str(small.folder / "passages.jsonl"),
        "--out",
        str(out / "p.parquet"),
    ),
    "people": lambda small, out: ("people", small.address, "--out", str(out)),
    "guidelines": lambda _, out: ("guidelines", "--out", str(out)),
    "release": lambda small, out: ("release", small.address, "--version", "1.0.0", "--out", str(out / "r")),
}


def test_every_command_with_out_on_a_full_disk_and_beside_somebodys_files(tmp_path: Path) -> None:
    small = at("accepted", tmp_path)
    noted = say("release", small.address, "--version", "0.9.0", "--out", str(tmp_path / "before"))
    assert noted.exit_code == 0, "the ledger has the sides of its items now, and a release only writes its folder"
    for name, words in COMMANDS.items():
        out = tmp_path / name
        out.mkdir()
        with full_disk(300):
            said = refused(*words(small, out))
        assert f"cannot write to {out}" in said, said
        assert "File too large; free some space" in said
        assert [one for one in out.rglob("*") if one.is_file()] == [], name
        for _ in range(2):
            done = say(*words(small, out))
            assert done.exit_code == 0, done.output
        assert hidden(out) == [], name
        (file, *_) = sorted(one for one in out.rglob("*") if one.is_file() and not one.name.startswith("."))
        file.write_bytes(b"mine")
        version = [word.replace("1.0.0", "1.1.0") for word in words(small, out)]
        assert "changed since" in refused(*version), name
        assert file.read_bytes() == b"mine"


def test_a_release_on_a_disk_that_fills_up_at_any_size(tmp_path: Path) -> None:
    """Ledger and folder: never a half, and the next run makes what an undisturbed one makes."""
    small = at("accepted", tmp_path)
    shutil.copytree(small.folder, tmp_path / "undisturbed")
    words = ("--version", "1.0.0", "--out")
    undisturbed = say("release", str(tmp_path / "undisturbed"), *words, str(tmp_path / "whole"))
    assert undisturbed.exit_code == 0, undisturbed.output
    whole = {name: file.read_bytes() for name, file in files_in(tmp_path / "whole").items()}
    sizes = sorted({len(content) for content in whole.values()})
    out = tmp_path / "r"
    for size in (0, 200, 1000, *sizes[: -1 : max(1, len(sizes) // 6)], sizes[-1] - 1):
        with full_disk(size):
            assert "free some space" in refused("release", small.address, *words, str(out)), size
        assert not out.exists() and hidden(tmp_path) == [], size
    assert say("release", small.address, *words, str(out)).exit_code == 0
    assert {name: file.read_bytes() for name, file in files_in(out).items()} == whole


def test_a_folder_to_publish_to_and_a_site_on_a_disk_that_fills_up(tmp_path: Path) -> None:
    small = at("accepted", tmp_path)
    release, uncertified = str(tmp_path / "r"), ("--uncertified", "a test of disks")
    for version in ("1.0.0", "1.1.0"):
        made = say("release", small.address, "--version", version, "--out", f"{release}-{version}", *uncertified)
        assert made.exit_code == 0, made.output
    target, site = tmp_path / "public", tmp_path / "site"
    for version in ("1.0.0", "1.1.0"):
        publish = ("publish", f"{release}-{version}", "--to", str(target), "--go")
        browse = ("browse", f"{release}-{version}", "--out", str(site))
        former = {out: {name: file.read_bytes() for name, file in files_in(out).items()} for out in (target, site)}
        for size in (0, 300, 2000):
            for words, out in ((publish, target), (browse, site)):
                with full_disk(size):
                    assert "File too large" in refused(*words), (size, words)
                assert {name: file.read_bytes() for name, file in files_in(out).items()} == former[out], (
                    size,
                    words,
                )
        for words in (publish, browse):
            assert say(*words).exit_code == 0
        assert verification(target).whole and verification(target).version == version
        assert f"{version}" in (site / "index.html").read_text()


def test_an_import_on_a_full_disk_names_the_ledger_and_is_done_again(tmp_path: Path) -> None:
    small = at("translating", tmp_path)
    file = tmp_path / "w.jsonl"
    export_work(small.state, "s1", str(file))
    lines = [dict(line.cells) for line in csv_and_xlsx.read(file)]
    lines = [line | good("translating", line["task_key"].split("/")[2], SWAHILI) for line in lines]
    file.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    with full_disk(100):
        said = refused("import", small.address, str(file))
    assert f"cannot write {small.address}/ledger/annotations" in said
    done = say("import", small.address, str(file))
    assert done.output == "2 pieces of work taken in. The next advance reads them.\n"
    done = say("import", small.address, str(file), str(file))
    assert done.output == "0 pieces of work taken in; 2 lines as they were taken in before.\n"


def test_a_play_empties_no_folder_that_holds_more_than_it_made(tmp_path: Path) -> None:
    with room(tmp_path / "d", ".mark", "demo", ["campaign"]):
        (tmp_path / "d" / "campaign").mkdir()
    (tmp_path / "d" / "notes.txt").write_text("mine", encoding="utf-8")
    with (
        pytest.raises(UsageError, match=r"holds notes.txt, which no demo made"),
        room(tmp_path / "d", ".mark", "demo", ["campaign"]),
    ):
        pass
    assert (tmp_path / "d" / "notes.txt").exists()


def test_a_crash_leaves_with_a_code_that_is_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug of ours")

    monkeypatch.setattr(qc.audit.audit_run, "run", broken)
    done = say("audit", str(stored(tmp_path)), "--out", str(tmp_path / "out"), "--answer-from", "0", *QUICK)
    assert done.exit_code == BUG == 70
    assert "ZeroDivisionError: a bug of ours" in done.stderr


def test_output_that_nobody_reads_any_more_is_no_verdict() -> None:
    program = subprocess.Popen(
        [sys.executable, "-u", "-m", "flows.cli.commands", "languages"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert program.stdout is not None and program.stderr is not None
    program.stdout.close()
    assert program.wait(60) == BROKEN_PIPE
    assert b"Traceback" not in program.stderr.read()
    program.stderr.close()


def test_audits_name_file_and_line_of_what_they_cannot_take(tmp_path: Path) -> None:
    lines = [{"id": n, "question": f"{n}?", "options": ["a", "b"], "answer": 0} for n in range(30)]
    good_lines = [json.dumps(line) for line in lines]
    for name, line, says in (
        ("half.jsonl", good_lines[3].replace("3?", r"3? \udc00"), "question holds half of a surrogate pair"),
        ("deep.jsonl", '{"question": ' + "[" * 5000, "nested more than 20 deep"),
        ("twice.jsonl", good_lines[3].replace('"id"', '"answer": 1, "id"'), "answer stands twice in one object"),
    ):
        (tmp_path / name).write_text("\n".join([*good_lines[:3], line, *good_lines[4:]]), encoding="utf-8")
        said = refused("audit", str(tmp_path / name), "--out", str(tmp_path / "out"), *QUICK)
        assert f"{tmp_path / name}, line 4: " in said
        assert says in said
    rows = pd.DataFrame(lines).assign(passage=[f'"Go {n}.' if n in (4, 9) else f"Go {n}" for n in range(30)])
    rows["options"] = [json.dumps(one) for one in rows["options"]]
    body = rows.map(str).apply("\t".join, axis=1)
    (tmp_path / "t.tsv").write_text("\n".join(["\t".join(rows.columns), *body]), encoding="utf-8")
    done = say("audit", str(tmp_path / "t.tsv"), "--out", str(tmp_path / "t"), "--answer-from", "0", *QUICK)
    assert "30 items" in done.output, done.output


def test_texts_of_the_lead_pass_the_gate_too(tmp_path: Path) -> None:
    small = at("translating", tmp_path)
    assert "holds half of a surrogate pair" in refused(
        "decide", small.address, "boats-q1", "keep", "--reason", "so \udcff"
    )
    file = tmp_path / "m.txt"
    file.write_bytes("One\u2028and more.\r\nTwo.\r\n".encode())
    assert say("mend", small.address, "boats", "fra_Latn", str(file)).exit_code == 0
    texts = small.state.texts_of({"boats"}, {"fra_Latn"})
    assert texts["boats", "fra_Latn"]["sentences"] == ["One\u2028and more.", "Two."]
    file.write_bytes(b"One.\nTw\0o.\n")
    assert f"{file}, line 2: holds the character U+0000" in refused(
        "mend", small.address, "boats", "fra_Latn", str(file)
    )


def test_a_glossary_with_semicolons_and_a_wrong_one_told_once(tmp_path: Path) -> None:
    small = at("authoring", tmp_path)
    small.configure("# glossary =", "glossary =")
    (small.folder / "glossary.csv").write_text("term;fra_Latn\nlighthouse;phare\n", encoding="utf-8")
    assert "the glossary glossary.csv has 1 term" in say("check", small.address).output
    (small.folder / "glossary.csv").write_text("term;xyz_Latn\nlighthouse;phare\n", encoding="utf-8")
    assert say("check", small.address).output.count("line 1: no language is called") == 1
    (small.folder / "glossary.csv").unlink()
    (small.folder / "glossary.csv").mkdir()
    assert "Is a directory" in say("check", small.address).output


def test_plants_pass_the_gate(tmp_path: Path) -> None:
    small = at("answering", tmp_path)
    file = tmp_path / "plants.jsonl"
    file.write_text(json.dumps({"question_id": "boats-q1", "kind": "cue", "question": "x\0"}), encoding="utf-8")
    assert f"{file}, line 1: question holds the character U+0000" in refused("plant", small.address, str(file))
