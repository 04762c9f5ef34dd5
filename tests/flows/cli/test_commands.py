"""The command line: wrong use gives one clear message and no traceback, `--json` is JSON everywhere."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from data.ledger import tables
from data.ledger.events import Late
from flows.cli.commands import main
from flows.lead import lead_actions
from flows.lead.lead_actions import decide
from flows.ledger_views.lead_queries import queries_to_lead
from flows.reports.status import status
from flows.terminal.messages import ON_CAMPAIGN
from tests.flows.small_campaign import BOATS, FRENCH, SWAHILI, Small, at, begin

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))
    for name in [name for name in os.environ if name.startswith(("BELEBELE_LABEL", "PREFECT_API"))]:
        monkeypatch.delenv(name)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Small:
    campaign = at("translating", tmp_path)
    monkeypatch.chdir(campaign.folder)
    return campaign


def say(*words: str) -> Result:
    done = CliRunner().invoke(main, list(words))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def refused(*words: str) -> str:
    """What a command that cannot be meant so says; nothing on stdout, exit code 2."""
    done = say(*words)
    assert done.exit_code == 2, done.output
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert "(most recent call last)" not in done.stderr
    return done.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("advence", "there is no command 'advence'. Did you mean: advance"),
        ("xyz", "there is no command 'xyz'. See: belebele --help"),
        ("status --fast", "--fast"),
        ("advance one two", "given: one two"),
        ("status nowhere", "nowhere holds no campaign (no campaign.toml)"),
        ("advance nowhere", "belebele init DIR"),
        ("check nowhere", "nowhere holds no campaign"),
        ("up nowhere", "nowhere holds no campaign"),
        ("decide boats-q1 --reason x", "wanted after the campaign: ITEM OUTCOME"),
        ("decide boats-q1 keep", "--reason"),
        ("decide boats-q1 keept --reason x", "the outcome is keep, revise or drop, not 'keept'"),
        ("decide boat-q1 keep --reason x", "there is no item 'boat-q1'; near: boats-q1"),
        ("decide boats-q1/deu_Latn keep --reason x", "'deu_Latn' is no language of this campaign"),
        ("decide boats-q1/fra_Latn drop --reason x", "there is no item"),
        ("decide boats-q1 keep --reason=", "say why"),
        ("reassign s11", "nobody is called 's11'; near: s"),
        ("reassign s1 --to nobody", "no person 'nobody'"),
        ("answer", "wanted after the campaign: QUERY TEXT"),
        ("answer q Yes, it is so.", "there is no query 'q'"),
        ("accept abc", "no late edits begin with 'abc'"),
        ("mend boats eng_Latn nowhere.txt", "there is no file 'nowhere.txt'"),
        ("mend boats eng_Latn latin1.txt", "is not UTF-8"),
        ("mend boats", "wanted after the campaign: PASSAGE LANGUAGE FILE"),
        ("contact nobody --email a@b", "no person 'nobody'"),
        ("contact ana --email here", "'here' is no e-mail address"),
        ("contact ana", "--email ADDRESS"),
        ("export question --out q.csv", "there is no table 'question'"),
        ("export questions --out q.doc", "must end in"),
        ("export questions", "--out"),
        ("export ann --work --out q.csv", "no person 'ann'"),
        ("import nowhere.jsonl", "there is no file nowhere.jsonl"),
        ("release --version 1.0 --out r", "three numbers such as 1.0.0, not '1.0'"),
        ("release --version 1.0.0 --out r --date tomorrow", "--date must look like 2026-01-31, not 'tomorrow'"),
        ("release --version 1.0.0 --out r --languages deu_Latn", "deu_Latn is no language of this campaign"),
        ("release --version 1.0.0 --out r --languages fra_Latn", f"{BOATS} in {FRENCH} is not accepted"),
        ("release --out r", "--version"),
        ("advance", "this campaign has no Label Studio server to work with"),
        ("init new --source parallel --path nowhere.jsonl", "nowhere.jsonl"),
        ("init new --source flores --path .", "flores200"),
        ("init . --source parallel --path passages.jsonl", "is a campaign already"),
        ("init new --source parallel --path passages.jsonl --languages deu_Latn", "deu_Latn"),
        ("init new --source parallel --path passages.jsonl --id Much-Too-Long", "campaign.id"),
        ("passages nowhere --out p.parquet", "nowhere"),
        ("languages --fast", "--fast"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_so(small: Small, words: str, says: str):
    (small.folder / "latin1.txt").write_bytes("Amina répare.".encode("latin-1"))
    before = small.state.ledger.version()
    told = refused(*words.split(" "))
    assert says in told
    assert small.state.ledger.version() == before
    assert not (small.folder / "new").exists()
    assert not (small.folder / "r").exists()


@pytest.mark.parametrize("command", ["status", "advance", "check", "up", "decide boats-q1 keep --reason x"])
def test_a_broken_campaign_file_is_told_whole(small: Small, command: str):
    small.configure("reviewers = 2", "reviewers = 0")
    small.configure('roles = ["proofreading"]', 'roles = ["prooof"]')
    told = refused(*command.split(" "))
    assert "campaign.toml has 4 mistakes" in told
    assert "review.reviewers" in told
    assert "prooof" in told
    small.folder.joinpath("campaign.toml").write_text("[campaign\n", "utf-8")
    assert "line 1" in refused(*command.split(" "))


def test_an_old_name_of_a_key_is_told_with_its_new_line(small: Small, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BELEBELE_LABEL_STUDIO_URL", NOWHERE)
    monkeypatch.setenv("BELEBELE_LABEL_STUDIO_TOKEN", "x")
    before = say("check").stdout
    small.configure("\nreviewers = 2", "\noverlap = 2")
    for command in ("check", "up"):
        told = " ".join(say(command).stdout.split())
        assert told.count("[review]: overlap is called reviewers now; write: reviewers = 2") == 1
    added = [one for one in say("check").stdout.splitlines() if one not in before.splitlines()]
    assert added[0].startswith("· campaign.toml, line ")
    assert not any(one.startswith("✗") for one in added)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("status campaign.toml", "Did you mean ."),
        ("status ledger", "Did you mean ."),
        ("status ../Campaign", "Did you mean ../campaign?"),
        ("status ..", "Did you mean .?"),
        ("import .", "wanted after the campaign: FILE"),
        ("decide boats-q1/french keep --reason x", "no language of this campaign; did you mean fra_Latn?"),
        ("mend boats French ok.txt", "'French' is no language of this campaign; did you mean fra_Latn?"),
        ("decide boats-q1 keep --reason …", "say why"),
        ("answer q TEXT", "there is no query 'q'"),
        ("links --person ann", "did you mean 'ana'?"),
        ("version", "Did you mean: --version?"),
        ("init new --source parallel --path passages.jsonl --languages farsi;Englisc", "languages farsi"),
        ("init new --source parallel --path passages.jsonl --languages farsi;Englisch", "eng_Latn (English)"),
        ("audit itmes.parquet --out r", "itmes.parquet: there is no such file or folder"),
    ],
)  # fmt: skip
def test_what_was_meant_is_named(small: Small, words: str, says: str):
    (small.folder / "ok.txt").write_text("Amina répare.", "utf-8")
    assert says in refused(*words.split(" "))
    assert not (small.folder / "new").exists()


def test_commands_that_are_shown_can_be_pasted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    begin(tmp_path / "source of it")
    monkeypatch.chdir(tmp_path)
    path = str(tmp_path / "source of it" / "passages.jsonl")
    made = say("init", "My Bench", "--source", "parallel", "--path", path)
    shown = [line.strip() for line in made.stdout.splitlines() if line.startswith("  belebele ")]
    assert [shlex.split(line, comments=True) for line in shown] == [
        ["belebele", name, "My Bench"] for name in ("check", "up", "advance")
    ]
    for word in shown[:1]:
        checked = say(*shlex.split(word, comments=True)[1:])
        assert "✓ campaign.toml of “My Bench” is right" in checked.stdout
        assert "start a local server with: belebele up 'My Bench'" in checked.stdout
    assert "belebele up 'My Bench'" in refused("advance", "My Bench")


def test_what_is_shown_names_every_command_that_works_on_a_campaign():
    usages = {name: say(name, "--help").stdout.partition("\n")[0] for name in main.commands}
    assert {name for name, usage in usages.items() if "[CAMPAIGN]" in usage} == set(ON_CAMPAIGN)


SCENES = {
    "a glossary with semicolons": ("glossary", "term;fra_Latn;swh_Latn\nboat;bateau;mashua\n"),
    "a glossary with wrong languages": ("glossary", "term,farsi,farsi\nboat,a,b\n"),
    "a language that nobody knows": ('"fra_Latn", "swh_Latn"', '"farsi", "farsi", "swh_Latn"'),
    "nothing wrong": ("", ""),
}


@pytest.mark.parametrize("scene", SCENES)
def test_each_sentence_is_said_once(small: Small, scene: str, monkeypatch: pytest.MonkeyPatch):
    old, new = SCENES[scene]
    if old == "glossary":
        (small.folder / "glossary.csv").write_text(new, "utf-8")
        small.configure('# glossary = "glossary.csv"', 'glossary = "glossary.csv"')
    elif old:
        small.configure(old, new)
    monkeypatch.setenv("BELEBELE_LABEL_STUDIO_URL", NOWHERE)
    monkeypatch.setenv("BELEBELE_LABEL_STUDIO_TOKEN", "x" * 40)
    commands = (
        "check", "status", "advance", "advance --dry-run", "links", "select --size 1 --dry-run",
        "release --version 1.0.0 --out r", "init . --source parallel --path passages.jsonl",
        "passages passages.jsonl --out p.parquet --languages farsi",
    )  # fmt: skip
    for words in commands:
        told = say(*words.split(" ")).output
        parts = [part.strip(" .✓✗·•-") for part in re.split(r"\n|; |(?<=[a-z])\. ", told)]
        sentences = Counter(part for part in parts if len(part) > 24 and part.count(" ") > 2 and "─" not in part)
        assert [part for part, count in sentences.items() if count > 1] == [], words


def test_a_finding_in_the_source_names_its_passages(tmp_path: Path):
    small = begin(tmp_path)
    source = small.folder / "passages.jsonl"
    source.write_text(source.read_text("utf-8").replace("Amina répare", "Amina ré\u200bpare"), "utf-8")
    small.advance()
    told = " ".join(say("status", small.address).stdout.split())
    assert "characters that a reader cannot see: boats in fra_Latn: U+200B ZERO WIDTH SPACE (1x)" in told
    assert f"→ belebele mend {small.address} boats fra_Latn FILE" in told
    (mended,) = json.loads(say("status", small.address, "--json").stdout)["findings"]
    assert (mended["check"], mended["count"]) == ("passage_characters", 1)
    lead_actions.mend(small.state, "boats", FRENCH, ["Amina répare des bateaux."])
    assert status(small.state)["findings"] == []


def test_the_same_from_a_shell(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli.commands", "status", "nowhere"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("belebele: nowhere holds no campaign")


def test_every_command_explains_itself():
    listed = say("--help").stdout
    for name, command in main.commands.items():
        assert f"  {name} " in listed
        told = say(name, "--help")
        assert told.exit_code == 0
        assert command.help
        assert command.help.split(".")[0].split("\n")[0][:30] in told.stdout


def parsed(*words: str, code: int = 0) -> Any:
    done = say(*words, "--json")
    assert done.exit_code == code, done.output
    return json.loads(done.stdout)


def test_json_everywhere(small: Small, monkeypatch: pytest.MonkeyPatch):
    (key,) = small.keys("translating", SWAHILI, BOATS)
    small.submit(key, query="Which hill?")
    small.advance()
    query = queries_to_lead(small.state)["query"].iloc[0]
    told = parsed("status")
    assert told["source"]["kept"] == 2
    assert told["languages"][FRENCH] == {
        "wanted": 2, "untranslated": 2, "in_proofreading": 0, "sent_back": 0, "undecided": 0, "stale": 0,
        "accepted": 0,
    }  # fmt: skip
    assert {"person": "s1", "stage": "translating", "language": SWAHILI, "open": 1, "submitted": 0} in told[
        "people"
    ]
    assert query in told["lead"][0]
    assert parsed("answer", query, "The", "one", "beside", "the", "river.") == {"passage_id": "boats"}
    assert parsed("decide", BOATS, "keep", "--reason", "x")["decided"] == f"{BOATS} in eng_Latn, revision 1: keep"
    assert parsed("reassign", "t1") == {"tasks": 1}
    assert parsed("contact", ".", "ana", "--email", "ana@example.org") == {"person": "ana"}
    Path("mended.txt").write_text("Amina hutengeneza mashua.\n", "utf-8")
    assert parsed("mend", "boats", SWAHILI, "mended.txt") == {"revision": 2}
    assert parsed("export", "questions", "--out", "q.csv") == {"lines": 2, "out": "q.csv"}
    assert parsed("export", str(small.folder), "s1", "--work", "--out", "w.jsonl") == {
        "lines": 1,
        "out": "w.jsonl",
    }
    assert parsed("import", "w.jsonl")["count"] == 0
    assert len(parsed("languages", "swahili")) >= 1
    assert any(line["bad"] for line in parsed("check", code=1))
    monkeypatch.setenv("BELEBELE_LABEL_STUDIO_URL", NOWHERE)
    monkeypatch.setenv("BELEBELE_LABEL_STUDIO_TOKEN", "0" * 40)
    told = parsed("advance", "--dry-run", code=1)
    assert told["opened"] == 2
    assert "belebele up" in told["problems"][0]


def test_json_of_late_edits_and_releases(tmp_path: Path):
    small = at("accepted", tmp_path)
    small.submit(f"authoring/eng_Latn/{BOATS}/0/ana", question="Where, then, does Amina keep her tools?")
    small.advance()
    event = small.state.events(Late)["subject"].iloc[0]
    told = parsed("release", small.address, "--version", "1.0.0", "--out", str(tmp_path / "r"))
    assert told["items"] == 2
    assert told["languages"] == ["eng_Latn", FRENCH, SWAHILI]
    assert parsed("accept", small.address, event[:8]) == {"annotation": event}


def test_a_dry_run_writes_nothing_and_foretells(small: Small):
    from flows.advance import preview

    small.submit(*small.keys(language=SWAHILI))
    lead_actions.decide(small.state, BOATS, "revise", "Say which rains.")
    before = {path: path.stat().st_mtime_ns for path in small.folder.rglob("*")}
    versions = small.state.ledger.version()
    foretold = preview(small.address, {})
    assert small.state.ledger.version() == versions
    assert {path: path.stat().st_mtime_ns for path in small.folder.rglob("*")} == before
    told = small.advance()
    assert told == foretold
    assert told.translations == 2
    assert told.closed == 1
    assert small.advance() == preview(small.address, {})


def test_a_dry_run_refuses_what_an_advance_refuses(small: Small, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BELEBELE_LABEL_STUDIO_URL", NOWHERE)
    monkeypatch.setenv("BELEBELE_LABEL_STUDIO_TOKEN", "0" * 40)
    small.configure('[[people]]\ncode = "s1"', '[[people]]\ncode = "s3"')
    assert "belebele reassign s1" in refused("advance", "--dry-run")
    assert "belebele reassign s1" in refused("advance")


def test_words_for_people(small: Small):
    assert say("reassign", "ana").stdout == "ana has no open work.\n"
    assert say("reassign", "s1").stdout == "2 open tasks taken from s1. The next advance hands them out.\n"
    decide(small.state, BOATS, "drop", "Too easy.")
    done = say("export", "events", "--out", "e.jsonl")
    assert done.stdout == f"{len(small.state.ledger.read(tables.EVENTS))} lines written to e.jsonl.\n"
