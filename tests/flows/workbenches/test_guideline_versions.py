"""A lead's guidelines and quiz in a campaign: what is in force, shown, released and scored."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from annotation.guidelines import guideline_files as texts
from data.campaign.contacts import set_contact
from data.errors import CampaignError, ReleaseRefused
from data.ledger.events import Read
from data.ledger.tables import digest
from flows.ledger_views.people import author_standings, quiz_versions
from flows.release import release_campaign
from flows.reports.preflight_check import examine
from flows.workbenches import guideline_versions
from tests.annotation.guidelines.test_guideline_files import SHORT, quiz_text
from tests.flows.small_campaign import FRENCH, Small, at, begin
from tests.flows.stages.test_qualification_tasks import answer_quiz, right_options, step, take_in

OURS = texts.ours()


def own(small: Small, **files: str) -> Small:
    """The campaign with a folder of the lead's."""
    folder = small.folder / "guidelines"
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    if "# folder = " in (small.folder / "campaign.toml").read_text("utf-8"):
        small.configure("# folder = ", "folder = ")
    return small


def test_a_folder_that_is_wrong_stops_a_campaign_before_anything_is_opened(tmp_path: Path) -> None:
    small = own(begin(tmp_path / "new"), **{"autoring.md": SHORT, "quiz.toml": quiz_text(5)})
    with pytest.raises(CampaignError, match=r"did you mean 'authoring.md'"):
        small.advance()
    assert small.state.tasks.empty
    bad = [line.text for line in examine(small.address) if line.bad]
    assert any(line.startswith("guidelines: autoring.md: no page shows") for line in bad)


def test_a_folder_that_breaks_or_vanishes_leaves_what_was_in_force(tmp_path: Path) -> None:
    small = own(begin(tmp_path / "new"), **{"authoring.md": SHORT})
    small.advance()
    before = small.keys()
    (small.folder / "guidelines" / "authoring.md").write_bytes(b"\xff")
    problems = small.advance().problems
    assert problems[0] == "the guidelines in guidelines have 1 mistake; people go on by what was in force"
    assert problems[1] == "authoring.md: line 1: not UTF-8; save the file as UTF-8"
    shutil.rmtree(small.folder / "guidelines")
    assert "people go on by what was in force" in small.advance().problems[0]
    assert guideline_versions.guideline_shown(small.state, "authoring", "eng_Latn")[0] == SHORT
    assert small.keys() == before


def test_a_version_of_a_language_comes_and_goes(tmp_path: Path) -> None:
    small = own(begin(tmp_path / "new"), **{"translating.md": SHORT, "translating.fra_Latn.md": SHORT + "Vous.\n"})
    small.advance()
    assert guideline_versions.guideline_shown(small.state, "translating", FRENCH)[0] == SHORT + "Vous.\n"
    assert guideline_versions.guideline_shown(small.state, "translating", "swh_Latn")[0] == SHORT
    (small.folder / "guidelines" / "translating.fra_Latn.md").unlink()
    small.advance()
    assert guideline_versions.guideline_shown(small.state, "translating", FRENCH)[0] == SHORT
    own(small, **{"translating.fra_Latn.md": SHORT + "Vous.\n"})
    small.advance()
    assert guideline_versions.guideline_shown(small.state, "translating", FRENCH)[0] == SHORT + "Vous.\n"
    version = small.state.ledger.version()
    assert not small.advance().problems
    assert small.state.ledger.version() == version, "nothing is recorded twice"


@pytest.mark.slow
def test_a_release_holds_the_versions_that_people_worked_by_and_needs_no_folder(tmp_path: Path) -> None:
    small = own(at("proofreading", tmp_path / "made"), **{"proofreading.fra_Latn.md": SHORT})
    small.advance()
    first = small.keys("proofreading", FRENCH)[:1]
    small.submit(*first)
    small.advance()
    own(small, **{"proofreading.fra_Latn.md": SHORT + "Encore.\n", "judging.md": "Nobody worked by this.\n"})
    small.advance()
    small.submit(*small.keys())
    small.advance()
    own(small, **{"proofreading.fra_Latn.md": SHORT + "Personne n'a vu ceci.\n"})
    small.advance()

    release_campaign(small.address, "1.0.0", str(tmp_path / "one"))
    shutil.rmtree(small.folder / "guidelines")
    release_campaign(small.address, "1.0.0", str(tmp_path / "two"))
    one, two = (
        {f.name: f.read_bytes() for f in sorted((tmp_path / n / "guidelines").iterdir())} for n in ("one", "two")
    )
    assert one == two
    assert (tmp_path / "one" / "manifest.json").read_bytes() == (tmp_path / "two" / "manifest.json").read_bytes()
    assert one["proofreading.fra_Latn.v1.md"].decode() == SHORT
    assert one["proofreading.fra_Latn.md"].decode() == SHORT + "Encore.\n"
    assert one["judging.md"].decode() == OURS.texts["judging"]
    assert set(one) == {
        "answering.md", "authoring.md", "judging.md", "proofreading.fra_Latn.md", "proofreading.fra_Latn.v1.md",
        "proofreading.md", "translating.md",
    }  # fmt: skip
    assert not any(b"explains" in text for text in one.values())


def test_every_submission_says_which_version_its_author_had(tmp_path: Path) -> None:
    small = own(at("translating", tmp_path / "made"), **{"translating.fra_Latn.md": SHORT})
    small.advance()
    key = small.keys("translating", FRENCH)[0]
    small.submit(key)
    small.advance()
    annotations = small.state.annotations
    (event,) = annotations["event_id"][annotations["task_key"] == key]
    read = small.state.events(Read)
    (told,) = read["detail"][read["subject"] == event]
    assert json.loads(told) == {"outcome": "counted", "guideline": digest(SHORT)}


@pytest.fixture
def quizzed(tmp_path: Path) -> Small:
    """A campaign whose authors answer a quiz of the lead's: five questions, option 2 is right in each."""
    small = begin(tmp_path / "campaign")
    small.configure("required = false", "required = true")
    own(small, **{"quiz.toml": quiz_text(5)})
    small.advance()
    return small


def wrongly(small: Small, person: str) -> dict[str, Any]:
    """The answer A to everything, whatever is right."""
    (key,) = small.keys("qualifying", person=person)
    return {"task_key": key, **{f"choice_{n}": "A" for n in range(1, len(small.shown(key)["quiz"]) + 1)}}


def test_who_is_under_way_is_marked_by_the_quiz_that_they_were_shown(quizzed: Small) -> None:
    (key,) = quizzed.keys("qualifying", person="ana")
    shown = quizzed.shown(key)
    assert len(shown["quiz"]) == 5
    other = quiz_text(6).replace("right = 2", "right = 3").replace("Parce que.", "À cause de cela.")
    own(quizzed, **{"quiz.toml": other})
    quizzed.advance()
    assert quizzed.shown(key) == shown, "the open task stays as it is"
    assert set(right_options(quizzed, shown).values()) == {2}

    answer_quiz(quizzed, "ana")
    assert step(quizzed, "ana") == "trials", "right by the quiz that was shown"
    take_in(quizzed, **wrongly(quizzed, "ben"))
    quizzed.advance()
    (again,) = quizzed.keys("qualifying", person="ben")
    assert again.split("/")[3] == "2"
    findings = quizzed.shown(again)["findings"]
    assert findings
    assert all("Parce que." in line for line in findings), "what is explained is the quiz that was answered"
    assert len(quizzed.shown(again)["quiz"]) == 6, "another attempt is at the quiz in force"


def test_an_attempt_that_is_handed_out_anew_keeps_its_quiz(quizzed: Small) -> None:
    (key,) = quizzed.keys("qualifying", person="ana")
    facts = json.dumps({"why": "another person's"})
    close = [{"kind": "task_closed", "subject": key, "language": "eng_Latn", "detail": facts}]
    quizzed.state.ledger.append(guideline_versions.tables.EVENTS, close)
    own(quizzed, **{"quiz.toml": quiz_text(7)})
    quizzed.advance()
    (now,) = quizzed.keys("qualifying", person="ana")
    assert now != key
    assert len(quizzed.shown(now)["quiz"]) == 5


def test_the_keys_of_a_quiz_stand_in_no_task(quizzed: Small) -> None:
    take_in(quizzed, **wrongly(quizzed, "ana"))
    quizzed.advance()
    for key in quizzed.keys("qualifying"):
        shown = quizzed.shown(key)
        assert {name for asked in shown["quiz"] for name in asked} == {"name", "order"}
        assert "right" not in json.dumps(shown)
        assert quiz_versions.quiz_of(quizzed.state, 1).version not in json.dumps(shown)


def test_a_bar_that_the_quiz_is_too_short_for_is_told_before_anything_is_opened(tmp_path: Path) -> None:
    small = own(begin(tmp_path / "campaign"), **{"quiz.toml": quiz_text(4)})
    small.configure("required = false", "required = true")
    with pytest.raises(CampaignError, match="4 questions are too few for the bar of 80%"):
        small.advance()
    assert not author_standings.standings(small.state)[0].quiz


@pytest.mark.slow
def test_somebody_who_is_noted_late_is_found_in_the_guidelines_and_left_out_of_earlier_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))
    small = own(
        at("proofreading", tmp_path / "made"), **{"proofreading.md": SHORT + "Ask Ada Wellmaker, or ADA.\n"}
    )
    small.advance()
    small.submit(*small.keys())
    small.advance()
    release_campaign(small.address, "1.0.0", str(tmp_path / "before"))
    set_contact("small", "p1", "ada@wells.invalid", "Ada Wellmaker")
    with pytest.raises(ReleaseRefused, match=r"guidelines/proofreading\.md, line \d+: holds a person's name"):
        release_campaign(small.address, "1.0.0", str(tmp_path / "after"))
    own(small, **{"proofreading.md": SHORT + "Ask the lead.\n"})
    small.advance()
    release_campaign(small.address, "1.0.0", str(tmp_path / "after"))
    told = (tmp_path / "after" / "guidelines" / "proofreading.md").read_text()
    assert told == SHORT + "(A line that named a person was taken out here.)\n"
