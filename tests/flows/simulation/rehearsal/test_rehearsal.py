"""A rehearsal: its copy of a campaign, its calendar, its counts, and one on a real server."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from data.campaign import new_campaign
from data.campaign.campaign import Campaign, notes
from data.errors import UsageError
from flows.cli.commands import main
from flows.reports.people_and_pay.reviewer_measures import Measures
from flows.simulation.rehearsal.campaign_copy import copied
from flows.simulation.rehearsal.rehearsal import MARK, FinishedTask
from flows.simulation.rehearsal.rehearsal_estimates import calendar, estimates
from flows.simulation.rehearsal.rehearsal_tables import show
from flows.simulation.rehearsal.worker_profiles import WRITTEN
from qc.reviewers.residual_faults import PlantEstimate, RecheckEstimate
from qc.reviewers.reviewer_recall import PlantFindings, rate
from qc.reviewers.reviewers_needed import find, needed
from tests.flows.simulation.rehearsal.test_simulated_workers import texts
from tests.pages import lines_of

SOURCE = "eng_Latn"


def campaign(folder: Path, people: bool = False, **put: str) -> str:
    """A campaign of six passages in two languages; `put` replaces lines of its campaign.toml by key."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        json.dumps({"passage_id": name, "language": language, "sentences": sentences})
        for (name, language), sentences in texts().items()
    ]
    (folder / "passages.jsonl").write_text("\n".join(lines), "utf-8")
    text = new_campaign.template(
        id="real", title="Real", source="parallel", path="../passages.jsonl", languages=["fra_Latn"]
    )
    for key, value in put.items():
        (old,) = [line for line in text.splitlines() if line.startswith(f"{key} = ")]
        text = text.replace(old, f"{key} = {value}")
    if people:
        text += '\n[[people]]\ncode = "ana"\nroles = ["authoring", "reviewing"]\nagency = "Wells"\n'
    address = folder / "real"
    new_campaign.init(str(address), text)
    return str(address)


# The copy --------------------------------------------------------------------------------------------------------


def test_settings_are_taken_as_they_are(tmp_path: Path):
    address = campaign(tmp_path, reviewers="3", plant_share="0.2", guess_share="0.5")
    before, made = Campaign.load(address), Campaign.parse(copied(address, passages=4, languages=[]))
    parts = (
        "about",
        "review",
        "qualification",
        "plants",
        "recheck",
        "baseline",
        "key_check",
        "translation",
        "selection",
        "checks",
    )
    assert [part for part in parts if getattr(made, part) != getattr(before, part)] == []
    assert made.questions.passages == 4
    assert made.source_path("elsewhere") == str((tmp_path / "passages.jsonl").resolve())


def test_nobody_hears_of_a_play(tmp_path: Path):
    address = campaign(tmp_path)
    file = Path(address, "campaign.toml")
    file.write_text(
        file.read_text("utf-8").replace("[notify]\nenabled = false", "[notify]\nenabled = true"), "utf-8"
    )
    assert Campaign.load(address).notify.enabled
    assert not Campaign.parse(copied(address, passages=4, languages=[])).notify.enabled


def test_what_is_said_of_languages_that_are_not_played_is_left_out(tmp_path: Path):
    address = campaign(tmp_path)
    file = Path(address, "campaign.toml")
    text = file.read_text("utf-8").replace('"fra_Latn"', '"fra_Latn", "swh_Latn"', 1)
    text = text.replace("[key_check]\nshare = 0.0", '[key_check]\nshare = 0.5\nchecked_languages = ["swh_Latn"]')
    text = text.replace('pivot = "eng_Latn"', 'pivot = { swh_Latn = "fra_Latn" }')
    file.write_text(text, "utf-8")
    assert Campaign.load(address).key_check_languages == ("swh_Latn",)
    made = {
        code: Campaign.parse(copied(address, passages=4, languages=[code] if code else []))
        for code in ("fra_Latn", "swh_Latn", "")
    }
    assert [made[code].key_check_languages for code in made] == [(), ("swh_Latn",), ("swh_Latn",)]
    assert [made[code].translation.pivots for code in made] == [{}, {}, {"swh_Latn": "fra_Latn"}]


def test_the_copy_of_an_older_campaign_has_the_names_of_today(tmp_path: Path):
    address = campaign(tmp_path, people=True)
    file = Path(address, "campaign.toml")
    text = file.read_text("utf-8").replace("\nreviewers = 2", "\noverlap = 3") + "most = 40\n"
    file.write_text(text, "utf-8")
    copy = copied(address, passages=4, languages=[])
    assert Campaign.parse(copy).review == Campaign.load(address).review
    assert len(notes(address)) == 2
    Path(address, "campaign.toml").write_text(copy, "utf-8")
    assert notes(address) == []


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


def task(number: int, stage: str, person: str, subject: str = "a-q1", language: str = SOURCE) -> FinishedTask:
    return FinishedTask(number, stage, language, subject, person, "reviewing", 3600.0)  # type: ignore[arg-type]


def weeks(*done: FinishedTask) -> float:
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


# What a lead would be told ---------------------------------------------------------------------------------------


def measured(plants: int, remaining: PlantEstimate, recheck: RecheckEstimate) -> Measures:
    looked = PlantFindings(plants, {}, {}, rate(0, 0), rate(0, 0), ())
    return Measures({"cue": plants}, looked, remaining, "sound copies", recheck, ())


def test_estimates_stand_beside_the_truth_where_the_campaign_has_them():
    by_plants, again = PlantEstimate(40, 0.1, 0.05, 0.2), RecheckEstimate(40, 10, 1, 0.1, 0.025, 0.4)
    both = measured(20, by_plants, again)
    assert estimates(both, rechecked=True) == [
        {"by": "plants", "share": 0.1, "low": 0.05, "high": 0.2, "why_not": ""},
        {"by": "rechecks", "share": 0.1, "low": 0.025, "high": 0.4, "why_not": ""},
    ]
    assert [line["by"] for line in estimates(both, rechecked=False)] == ["plants"]


def test_an_estimate_that_cannot_be_made_says_why():
    nothing = measured(3, PlantEstimate(6, why_not="too few readings of plants"), RecheckEstimate(6, 0, 0))
    said = [(line["share"], line["why_not"]) for line in estimates(nothing, rechecked=True)]
    assert said == [(None, "too few readings of plants"), (None, "nothing was judged anew")]


def test_what_is_told_fits_eighty_columns_with_the_estimates_beside_the_truth(capsys: pytest.CaptureFixture[str]):
    share = {"share": 0.1, "low": 0.05, "high": 0.2}
    many = {"reviewers": 123, "proofreaders": 123, "checks": 123, "slipped": 123, "open": 123, "made": 615}
    enough = find([dict.fromkeys(WRITTEN, 0.5)], [0.1], dict.fromkeys(WRITTEN, 1))
    cost = {"cost": 123456, "cost_low": 123456, "cost_high": 123456}
    result = {
        "campaign": {"id": "a", "passages": 60, "languages": [SOURCE], "people": 9, "overlap": 2, "most": 5},
        "weeks": {"weeks": 2.6, "low": 2.5, "high": 2.9},
        "work": [
            {"role": "proofreaders", "language": "arb_Arab", "tasks": 1200, "hours": 300.0, "hours_low": 280.0}
            | {"hours_high": 320.0, **cost}
        ],
        "rework": [{"language": SOURCE, "items": 120, "back": {"1": 2}, "kept": 1, "dropped": 0, "waiting": 0}],
        "faults": [{"language": SOURCE, "kind": "unanswerable", **many, **share}],
        "accepted": [{"language": SOURCE, "accepted": 40, "faulty": 4, **share}],
        "estimates": [{"by": "plants", **share, "why_not": ""}],
        "reviewers": [asdict(one) for one in enough],
        "wanted": 0.9,
        "needed": None,
        "gaps": [],
    }
    show(Console(width=80, highlight=False), result)
    said = capsys.readouterr().out
    assert "4 of 40 accepted are faulty, 10% (5%–20%)\n  by plants one would say 10% (5%–20%)\n" in said
    assert "…" not in said


# On a real server ------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.servers
def test_a_short_rehearsal(tmp_path: Path):
    address = campaign(tmp_path / "here", questions_per_passage="1")
    before = fingerprint(Path(address))
    people = tmp_path / "people.toml"
    people.write_text(
        "[writers]\nwrong_key = 1.0\nrate = 40\n"
        "[reviewers]\nfalse_alarms = 0.0\naccuracy = 1.0\nseen = { wrong_key = 0.0 }\nrate = 30\n",
        "utf-8",
    )
    out = tmp_path / "out"
    (line,) = lines_of("docs/guides/rehearsal.md", "belebele rehearse")
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
    assert told["estimates"] == []


def fingerprint(folder: Path) -> dict[str, str]:
    return {str(f): hashlib.sha256(f.read_bytes()).hexdigest() for f in sorted(folder.rglob("*")) if f.is_file()}
