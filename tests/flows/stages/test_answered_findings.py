"""Findings that people answer: what a proofreader dismisses or mends, and what a translator contests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.signed_in_user import OpenTask, SignedInUser
from annotation.stages import page_of
from data.campaign.contacts import set_contact
from data.errors import ImportRefused
from data.ledger import tables
from data.ledger.events import FindingAnswered, details_of
from data.ledger.references import dangling
from data.ledger.tables import Stage
from flows.lead import lead_actions
from flows.ledger_views.translations.answered_findings import standing_answers
from flows.offline.work_export import export_work
from tests.flows.small_campaign import BOATS, FRENCH, TEXTS, Small, at

OPTIONS = list(TEXTS[BOATS, FRENCH]["answers"])
MIXED = "Sous le vieux p\N{CYRILLIC SMALL LETTER O}nt"
OTHER_MIXED = "Sous le vieux p\N{CYRILLIC SMALL LETTER O}nt de bois"
BRACKET = f"{OPTIONS[3]} (😀"


def latest(small: Small) -> dict[str, Any]:
    """The latest revision of the French, with its decision and what that rests on."""
    row = dict(small.translation(BOATS, FRENCH))
    decisions = small.state.ledger.read(tables.DECISIONS)
    here = decisions["subject"].eq(BOATS) & decisions["language"].eq(FRENCH)
    rests = decisions.loc[here & decisions["revision"].eq(row["revision"]), "verdicts"]
    return {**row, "rests": set(rests.iloc[-1]) if len(rests) else set()}


def answers(small: Small) -> list[tuple[str, str, str, str]]:
    given = details_of(small.state.events(FindingAnswered), FindingAnswered)
    return [(one.answer, one.check, one.part, one.why) for one in given]


def test_what_a_translator_contests_is_dismissed_and_holds_for_this_text_alone(
    own_state: Path, tmp_path: Path, studio: LabelStudio, visitor: Callable[[str], SignedInUser], campaign_id: str
):
    small = at("translating", tmp_path, campaign_id)
    small.servers = {"main": studio}
    for person in ("t1", "t2", "p1", "p2"):
        visitor(person)
        set_contact(campaign_id, person, f"{person}@example.org")
    small.advance()

    def open_task(stage: str) -> tuple[SignedInUser, OpenTask]:
        (key,) = small.keys(stage, FRENCH, BOATS)
        person = visitor(key.split("/")[4])
        title = small.state.campaign.workbench_title(cast("Stage", stage), FRENCH, key.split("/")[4])
        return person, next(task for task in person.open_tasks(title) if task.key == key)

    def work(stage: str, **fields: Any) -> OpenTask:
        person, task = open_task(stage)
        said = {"outcome": "accept"} if stage == "proofreading" else {**TEXTS[BOATS, FRENCH], **fields}
        person.submit(task.id, page_of(stage).result({**said, **fields}, task.data, ""), 40.0)
        small.advance()
        return task

    mixed = [OPTIONS[0], MIXED, *OPTIONS[2:]]
    assert "places" not in work("translating", answers=mixed).data
    _, back = open_task("translating")
    (asked,) = back.data["dismiss_answer_2"]
    assert "letters" in asked["says"] and not any(back.data["mend_answer_2"])
    assert back.data["findings"] == ["Please revise:"], "what stands at its field is not said twice"
    words = "That is how the village writes it."
    work("translating", answers=mixed, findings=[{"number": 1, "why": "other", "words": words}])
    assert small.keys("translating", FRENCH, BOATS) == []
    _, shown = open_task("proofreading")
    (asked,) = shown.data["mend_answer_2"]
    assert asked["contested"] == words

    work("proofreading")  # accepts the text, and says nothing of the finding
    assert (latest(small)["outcome"], latest(small)["rule"]) == ("revise", "check")
    work("proofreading", findings=[{"number": 1, "why": "usual"}])
    done = latest(small)
    assert (done["outcome"], done["rule"], list(done["answers"])) == ("keep", "accepted", mixed)
    assert "letters" not in done["reason"], "it is no note any more"
    events = small.state.events(FindingAnswered)
    assert done["rests"] & set(events["event_id"]) == {events["event_id"].iloc[-1]}
    assert answers(small) == [
        ("contested", "mixed_script", "option_2", "other"),
        ("dismissed", "mixed_script", "option_2", "usual"),
    ]
    assert dangling(small.state.ledger) == []
    assert small.advance().idle

    lead_actions.decide(small.state, f"{BOATS}/{FRENCH}", "revise", "Look at answer 1.")
    small.advance()
    work("translating", answers=["Dans une petite cabane sur la colline", *mixed[1:]])
    _, shown = open_task("proofreading")
    assert shown.data["mend_answer_2"] == [], "the text is what it was when the finding was dismissed"
    work("proofreading")
    assert (latest(small)["outcome"], int(latest(small)["revision"])) == ("keep", done["revision"] + 2)

    lead_actions.decide(small.state, f"{BOATS}/{FRENCH}", "revise", "Of wood?")
    small.advance()
    work("translating", answers=[OPTIONS[0], OTHER_MIXED, *OPTIONS[2:]])
    _, shown = open_task("proofreading")  # it was sent back as often as it may be
    assert len(shown.data["mend_answer_2"]) == 1, "another text"
    work("proofreading")
    assert latest(small)["outcome"] != "keep"


def proofreading(folder: Path, **draft: str) -> tuple[Small, str]:
    """A campaign whose French draft, with something to find, waits for the proofreader; and the task's key."""
    small = at("translating", folder)
    small.submit(*small.keys("translating", FRENCH, BOATS), **draft)
    small.advance()
    if back := small.keys("translating", FRENCH, BOATS):
        small.submit(*back, **draft, about_findings="1 usual")
        small.advance()
    (key,) = small.keys("proofreading", FRENCH, BOATS)
    return small, key


def test_a_mend_is_taken_once_and_the_draft_counts_as_corrected(tmp_path: Path):
    small, key = proofreading(tmp_path, answer2=MIXED, answer4=BRACKET)
    small.submit(key, about_findings="1 mend; 2 mistaken")
    small.advance()
    done = latest(small)
    assert list(done["answers"]) == [*OPTIONS[:3], BRACKET]
    assert (done["outcome"], done["errors"]) == ("keep", None)
    assert sorted(answers(small)) == [
        ("contested", "mixed_script", "option_2", "usual"),
        ("dismissed", "unpaired_brackets", "option_4", "mistaken"),
        ("mended", "mixed_script", "option_2", ""),
    ]
    verdicts = small.state.verdicts_on({BOATS})
    said = verdicts[verdicts["check"].eq("proofreading") & verdicts["language"].eq(FRENCH)]
    assert [(one["score"], one["reason"]) for one in said.to_dict("records")] == [(0.5, "corrected")]
    assert "partner" not in done["reason"]


def test_a_mend_of_a_text_that_was_changed_is_refused_by_name(tmp_path: Path):
    small, key = proofreading(tmp_path, answer2=MIXED)
    words = {f"answer{n}": text for n, text in enumerate(OPTIONS, start=1)}
    words |= {"question": "Où sont ses outils à la saison des pluies ?", "outcome": "corrected"}
    with pytest.raises(ImportRefused) as refused:
        small.submit(key, **words, about_findings="1 mend")
    assert "The fix of finding 1 (on answer 2) cannot be applied: “pоnt” is no longer there." in str(refused.value)
    small.submit(key, **{**words, "answer2": MIXED}, about_findings="1 mend")
    small.advance()
    done = latest(small)
    assert [done["question"], *done["answers"]] == [words["question"], *OPTIONS]


def test_a_dismissal_taken_back_before_the_decision_does_not_count(tmp_path: Path):
    small, key = proofreading(tmp_path, answer4=BRACKET)
    small.submit(key, about_findings="1 mistaken")
    small.submit(key, comment="Odd.")
    small.advance()
    assert len(answers(small)) == 1
    assert standing_answers(small.state) == {}
    assert "partner" in latest(small)["reason"]


def test_a_work_file_numbers_the_findings_and_names_what_cannot_be_an_answer(tmp_path: Path):
    small, key = proofreading(tmp_path, answer4=BRACKET)
    file = tmp_path / "work.csv"
    export_work(small.state, key.split("/")[4], str(file))
    assert "about_findings" in file.read_text("utf-8-sig")
    assert "1. answer 4: " in file.read_text("utf-8-sig")
    for wrong in ("2 mistaken", "1 wrong", "1 mend", "mistaken"):
        with pytest.raises(ImportRefused) as refused:
            small.submit(key, about_findings=wrong)
        assert "about_findings cannot be" in str(refused.value)
    with pytest.raises(ImportRefused) as refused:
        small.submit(key, about_findings="1 other")
    assert "Your reason on finding 1 (on answer 4) is missing" in str(refused.value)


def test_a_share_of_what_was_dismissed_is_read_by_another_proofreader(tmp_path: Path):
    small, key = proofreading(tmp_path, answer4=BRACKET)
    small.configure("recheck_share = 0.0", "recheck_share = 1.0")
    small.submit(key, about_findings="1 mistaken")
    small.advance()
    first = key.split("/")[4]
    (again,) = small.keys("proofreading", FRENCH, BOATS)
    assert {first, again.split("/")[4]} == {"p1", "p2"}
    shown = small.shown(again)
    assert [one["check"] for one in shown["places"]] == ["unpaired_brackets"], "as if nothing had been dismissed"
    assert "contested" not in shown["places"][0]
    small.submit(again)
    small.advance()
    done = latest(small)
    assert (done["outcome"], int(done["revision"])) == ("keep", 3)
    assert small.keys("proofreading", FRENCH, BOATS) == []


def test_where_nobody_else_can_read_it_nothing_waits(tmp_path: Path):
    small, key = proofreading(tmp_path, answer4=BRACKET)
    small.configure("recheck_share = 0.0", "recheck_share = 1.0")
    other = ({"p1", "p2"} - {key.split("/")[4]}).pop()
    small.configure(f'code = "{other}"\nroles = ["proofreading"]', f'code = "{other}"\nroles = ["translating"]')
    small.submit(key, about_findings="1 mistaken")
    small.advance()
    assert (latest(small)["outcome"], int(latest(small)["revision"])) == ("keep", 2)
