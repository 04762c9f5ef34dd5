"""Nothing that others wrote commands the terminal of whoever looks at it."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.table import Table
from rich.text import Text

from flows.cli.commands import main
from flows.terminal.console import Terminal
from flows.terminal.escape_sequences import cleared, escaped
from tests.flows.small_campaign import BOATS, FRENCH, Small, at

EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31m\x1b]52;c;ZXZpbA==\x1b\\gone\rwas\u202ekcab\u2066x\x08[link=https://evil.example]here[/link]"
ARABIC = "نص عربي\u200f (1), \u200eabc\tdef"
COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """A campaign that holds what commands a terminal wherever people write."""
    small = at("translating", tmp_path_factory.mktemp("planted"))
    small.configure('title = "Small"', f"title = {json.dumps(f'{EVIL} {ARABIC}')}")
    (key, *_) = small.keys("translating", FRENCH)
    small.submit(key, query=f"{EVIL} {ARABIC}")
    small.advance()
    ran = CliRunner().invoke(main, ["decide", small.address, BOATS, "keep", "--reason", f"{EVIL} {ARABIC}"])
    assert ran.exit_code == 0 and not COMMANDS.search(ran.output)
    return small


@pytest.mark.parametrize("command", ["status", "check", "people", "advance", "links"])
def test_no_command_passes_on_what_commands_a_terminal(
    planted: Small, command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("BELEBELE_LABEL_STUDIO_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("BELEBELE_LABEL_STUDIO_TOKEN", f"{EVIL[:0]}token")
    ran = CliRunner().invoke(main, [command, planted.address])
    assert not isinstance(ran.exception, Exception) or isinstance(ran.exception, SystemExit), ran.exception
    assert not COMMANDS.search(ran.output), ran.output
    if command in ("status", "people"):
        assert "evil.example" in ran.output and "نص عربي\u200f (1), \u200eabc" in ran.output


def test_json_says_the_same_and_commands_nothing(planted: Small) -> None:
    ran = CliRunner().invoke(main, ["status", planted.address, "--json"])
    assert not COMMANDS.search(ran.output)
    assert f"{EVIL} {ARABIC}" in json.loads(ran.output)["title"]
    assert json.loads(escaped(json.dumps({EVIL: ARABIC}, ensure_ascii=False))) == {EVIL: ARABIC}


def test_a_file_that_is_audited_commands_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "set\x1b[2J"
    folder.mkdir()
    file = folder / f"{EVIL[:20]}.jsonl"
    file.write_text(json.dumps({"question": EVIL, "options": ["a", EVIL], "answer": 7, EVIL: 1}) + "\n{", "utf-8")
    ran = CliRunner().invoke(main, ["audit", str(file), "--out", str(tmp_path / "out")])
    assert ran.exit_code == 2 and "line 2" in ran.output
    assert not COMMANDS.search(ran.output), ran.output


def test_colours_reach_a_real_terminal_and_nothing_else_does(planted: Small) -> None:
    ours, theirs = pty.openpty()
    words = [sys.executable, "-m", "flows.cli.commands", "status", planted.address]
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"}
    for name in ("NO_COLOR", "CI"):
        environment.pop(name, None)
    with subprocess.Popen(words, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        told = b""
        try:
            while part := os.read(ours, 65_536):
                told += part
        except OSError:  # the end, as Linux tells it
            pass
        assert process.wait() == 0
    os.close(ours)
    said = told.decode().replace("\r\n", "\n")
    assert COLOURS.search(said), "bold and colours of our own"
    assert not COMMANDS.search(COLOURS.sub("", said)), said
    assert "evil.example" in said and "\x1b]8;" not in said


def test_an_uncaught_error_commands_nothing_either() -> None:
    lines = ["from flows.cli.commands import main", "main.commands.clear()", "@main.command()"]
    code = "\n".join([*lines, f"def x(): raise ValueError({EVIL!r})", "main()"])
    ran = subprocess.run([sys.executable, "-c", code, "x"], capture_output=True, text=True)
    assert "ValueError" in ran.stderr and not COMMANDS.search(ran.stderr)


def test_a_console_that_was_forgotten_is_cleared_too(capsys: pytest.CaptureFixture[str]) -> None:
    from rich.console import Console

    from flows.terminal.escape_sequences import cleared_streams

    with cleared_streams():
        Console(force_terminal=True).print(Text(EVIL, style="red"))
        table = Table(EVIL)
        table.add_row(Text(EVIL), EVIL)
        Terminal().print(table, EVIL)
        Terminal(stderr=True).print(EVIL)
        print(EVIL)
    told = capsys.readouterr()
    assert not COMMANDS.search(told.out + told.err)
    assert told.out.count("evil.example") >= 3 and cleared(ARABIC) == ARABIC
