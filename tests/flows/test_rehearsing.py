"""A rehearsal: its copy of a campaign, its calendar, its counts, and one on a real server."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from data import start
from data.campaign import Campaign
from data.errors import UsageError
from flows.cli import main
from flows.rehearsal_copy import copied
from flows.rehearsal_result import calendar
from flows.rehearsing import MARK, Done
from qc.enough import find, needed
from tests.flows.test_scripted import texts

SOURCE = "eng_Latn"


def campaign(folder: Path, people: bool = False, **put: str) -> str:
    """A campaign of six passages in two languages; `put` replaces lines of its campaign.toml by key."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        json.dumps({"passage_id": name, "language": language, "sentences": sentences})
        for (name, language), sentences in texts().items()
    ]
    (folder / "passages.jsonl").write_text("\n".join(lines), "utf-8")
    text = start.template(
        id="real", title="Real", source="parallel", path="../passages.jsonl", languages=["fra_Latn"]
    )
    for key, value in put.items():
        (old,) = [line for line in text.splitlines() if line.startswith(f"{key} = ")]
        text = text.replace(old, f"{key} = {value}")
    if people:
        text += '\n[[people]]\ncode = "ana"\nroles = ["authoring", "reviewing"]\nagency = "Wells"\n'
    address = folder / "real"
    start.init(str(address), text)
    return str(address)


# The copy --------------------------------------------------------------------------------------------------------


def test_settings_are_taken_as_they_are(tmp_path: Path):
    address = campaign(tmp_path, overlap="3", rate="0.2", guess="0.5")
    before, made = Campaign.load(address), Campaign.parse(copied(address, passages=4, languages=[]))
    parts = (
        "about",
        "review",
        "qualification",
        "plants",
        "recheck",
        "baseline",
        "translation",
        "selection",
        "checks",
    )
    assert [part for part in parts if getattr(made, part) != getattr(before, part)] == []
    assert made.questions.passages == 4
    assert made.source_path("elsewhere") == str((tmp_path / "passages.jsonl").resolve())


def test_where_nobody_is_named_somebody_plays(tmp_path: Path):
    made = Campaign.parse(copied(campaign(tmp_path), passages=4, languages=["fra_Latn"]))
    assert made.gaps() == []
    assert len(made.people_for("reviewing", SOURCE)) == 4


def test_who_is_named_plays_and_the_others_are_added(tmp_path: Path):
    made = Campaign.parse(copied(campaign(tmp_path, people=True), passages=4, languages=[]))
    assert [one.code for one in made.people_for("authoring", SOURCE)] == ["ana"]
    assert len(made.people_for("translating", "fra_Latn")) == 2


def test_what_cannot_be_rehearsed_is_refused(tmp_path: Path):
    address = campaign(tmp_path)
    with pytest.raises(UsageError, match="swh_Latn is none of the campaign's target languages"):
        copied(address, passages=4, languages=["swh_Latn"])
    with pytest.raises(UsageError, match="at least 2"):
        copied(address, passages=1, languages=[])


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path):
    address = campaign(tmp_path / "here")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "letters.txt").write_text("dear", "utf-8")
    done = CliRunner().invoke(main, ["rehearse", address, "--out", str(tmp_path / "out")])
    assert done.exit_code == 2
    assert "holds what no rehearsal made" in done.stderr
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["letters.txt"]


def test_a_person_who_is_not_there(tmp_path: Path):
    address = campaign(tmp_path / "here")
    (tmp_path / "people.toml").write_text("[people.zoe.reviewers]\naccuracy = 0.5\n", "utf-8")
    words = ["rehearse", address, "--out", str(tmp_path / "out"), "--people", str(tmp_path / "people.toml")]
    done = CliRunner().invoke(main, words)
    assert (done.exit_code, "no person 'zoe'" in done.stderr) == (2, True)


# The calendar ----------------------------------------------------------------------------------------------------


def task(number: int, stage: str, person: str, subject: str = "a-q1", language: str = SOURCE) -> Done:
    return Done(number, stage, language, subject, person, "reviewing", 3600.0)  # type: ignore[arg-type]


def weeks(*done: Done) -> float:
    return calendar(done, [one.seconds for one in done], {"w": 1.0, "r": 1.0, "s": 1.0, "t": 2.0})


def test_two_people_work_side_by_side_and_one_after_the_other():
    written = task(1, "authoring", "w")
    assert weeks(written, task(2, "answering", "r"), task(2, "answering", "s")) == 2
    assert weeks(written, task(2, "answering", "r"), task(3, "judging", "r")) == 3


def test_nobody_waits_for_another_question():
    late = [task(1, "authoring", "w"), task(1, "authoring", "w", "b-q1")]
    assert weeks(*late, task(2, "answering", "r"), task(2, "answering", "s", "b-q1")) == 3
    assert weeks(*late, task(2, "answering", "r")) == 2


def test_translation_waits_for_the_source_and_hours_count():
    assert weeks(task(1, "authoring", "w"), task(2, "translating", "t", language="fra_Latn")) == 1.5


# How many reviewers ----------------------------------------------------------------------------------------------


def test_reviewers_of_one_skill_find_as_the_formula_says():
    told = find([{"cue": 0.3}] * 6, [0.1] * 6, {"cue": 1.0}, draws=20_000)
    for one in told:
        assert one.found.share == pytest.approx(1 - 0.7**one.reviewers, abs=0.015)
        assert one.sound.share == pytest.approx(1 - 0.9**one.reviewers, abs=0.015)
    assert needed(told, 0.6) == 3
    assert needed(told, 0.99) is None


def test_a_blind_half_is_not_an_average_half():
    told = find([{"cue": 1.0}, {"cue": 0.0}] * 2, [0.0] * 4, {"cue": 1.0}, draws=20_000)
    assert told[1].found.share == pytest.approx(1 - (2 / 4) * (1 / 3), abs=0.015)
    assert told[2].found.share == 1.0


# On a real server ------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.servers
def test_a_short_rehearsal(tmp_path: Path):
    address = campaign(tmp_path / "here", per_passage="1")
    before = fingerprint(Path(address))
    people = tmp_path / "people.toml"
    people.write_text(
        "[writers]\nwrong_key = 1.0\nrate = 40\n"
        "[reviewers]\nfalse_alarms = 0.0\naccuracy = 1.0\nseen = { wrong_key = 0.0 }\nrate = 30\n",
        "utf-8",
    )
    out = tmp_path / "out"
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    (line,) = [line for line in readme.splitlines() if line.startswith("belebele rehearse")]
    meant = {"mybench": address, "60": "3", "people.toml": str(people), "rehearsal": str(out)}
    words = [meant.get(word, word) for word in line.split()[1:]]
    environment = dict(os.environ)
    done = CliRunner().invoke(main, [*words, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert dict(os.environ) == environment
    told = json.loads(done.stdout)
    assert told == json.loads((out / "rehearsal.json").read_text("utf-8"))
    assert (out / MARK).exists()
    assert fingerprint(Path(address)) == before
    assert told["campaign"]["passages"] == 3
    assert told["weeks"]["low"] <= told["weeks"]["weeks"] <= told["weeks"]["high"] * 1.5
    english = {line["kind"]: line for line in told["faults"] if line["language"] == SOURCE}
    assert (english["wrong_key"]["made"], english["wrong_key"]["slipped"]) == (3, 3)
    assert [(one["language"], one["accepted"]) for one in told["accepted"]] == [(SOURCE, 3), ("fra_Latn", 3)]
    assert told["accepted"][0]["faulty"] == 3
    work = {(line["role"], line["language"]): line for line in told["work"]}
    assert work["writers", SOURCE]["tasks"] == 3
    assert work["writers", SOURCE]["cost"] == pytest.approx(40 * work["writers", SOURCE]["hours"], abs=3)
    assert work["reviewers", SOURCE]["tasks"] == 12
    assert work["all", ""]["hours"] == pytest.approx(sum(one["hours"] for one in told["work"][:-1]), abs=0.3)
    assert told["needed"] is None


def fingerprint(folder: Path) -> dict[str, str]:
    return {str(f): hashlib.sha256(f.read_bytes()).hexdigest() for f in sorted(folder.rglob("*")) if f.is_file()}
