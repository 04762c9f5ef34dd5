"""Translation beside another one: due when that is accepted, shown, recorded, and stale when it changes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from annotation.stages import translation_page
from data.campaign.campaign import Campaign
from data.errors import CampaignError
from data.ledger import tables
from flows.lead import lead_actions
from flows.reports.status import status
from flows.stages.translation_tasks import pivot_shown
from tests.flows.small_campaign import BAKERY, BOATS, FRENCH, SWAHILI, TEXTS, Small, at

PIVOT = f'\n[translation.pivot]\n{SWAHILI} = "{FRENCH}"\n'


def with_pivot(stage: str, folder: Path) -> Small:
    """A campaign whose Swahili is translated with the French in view."""
    small = at(stage, folder)
    file = small.folder / "campaign.toml"
    text = re.sub("(?m)^pivot = .*\n", "", file.read_text("utf-8"))
    file.write_text(text + PIVOT, "utf-8")
    return small


def test_it_is_due_when_its_pivot_is_accepted_and_shows_and_records_it(tmp_path: Path):
    small = with_pivot("judging", tmp_path)
    small.submit(*small.keys("judging"))
    small.advance()
    assert len(small.keys("translating", FRENCH)) == 2
    assert small.keys("translating", SWAHILI) == [], "the French is not there yet"
    assert status(small.state)["translations"][SWAHILI]["waits_for"] == {FRENCH: 2}
    small.submit(*small.keys("translating", FRENCH))
    small.advance()
    small.submit(*small.keys("proofreading", FRENCH, BOATS))
    small.advance()
    (key,) = small.keys("translating", SWAHILI)
    shown, french = small.shown(key), TEXTS[BOATS, FRENCH]
    assert (shown["pivot_language"], shown["pivot_revision"]) == (FRENCH, 2)
    assert [shown["pivot_question"], *shown["pivot_answers"]] == [french["question"], *french["answers"]]
    assert shown["source_question"] == TEXTS[BOATS, "eng_Latn"]["question"]
    beside = translation_page.extra_fields(shown)
    assert beside["pivots_question"] == [{"language": "French", "text": french["question"]}]
    assert beside["pivots_answer_4"] == [{"language": "French", "text": french["answers"][3]}]
    small.submit(key)
    small.advance()
    (key,) = small.keys("proofreading", SWAHILI)
    assert small.shown(key)["pivot_question"] == french["question"]
    small.submit(key)
    small.advance()
    rows = small.state.ledger.read(tables.TRANSLATIONS)
    rows = rows[rows["language"] == SWAHILI]
    assert list(rows["kind"]) == ["draft", "proofread"]
    assert set(rows["pivot_language"]) == {FRENCH} and set(rows["pivot_revision"]) == {2}
    assert [list(answers) for answers in rows["pivot_answers"]] == [french["answers"]] * 2
    assert small.translation(BOATS, SWAHILI)["outcome"] == "keep"
    verdicts = small.state.verdicts_on({BOATS})
    rates = verdicts[(verdicts["check"] == "answers_match_count") & (verdicts["language"] == SWAHILI)]
    assert len(rates) == 2, "the checks compare with the source"
    assert rows["pivot_language"].notna().all()


@pytest.mark.slow
def test_it_turns_stale_with_its_pivots_text_and_comes_back_with_the_difference(tmp_path: Path):
    small = with_pivot("translating", tmp_path)
    for key in small.keys(language=SWAHILI):
        assert "pivot_language" not in small.shown(key), "handed out before there was a pivot"
    small.advance()
    assert small.keys(language=SWAHILI) == [], "taken back, since the French is to be there first"
    small.play(lambda state: bool(len(state.translations)) and not len(small.keys()))
    assert small.translation(BOATS, SWAHILI)["outcome"] == "keep"
    lead_actions.decide(small.state, f"{BOATS}/{FRENCH}", "revise", "Which tools?")
    small.advance()
    assert not small.translation(BOATS, SWAHILI)["stale"], "its pivot is being worked on; its text stands"
    small.submit(*small.keys("translating", FRENCH))
    small.advance()
    small.submit(*small.keys("proofreading", FRENCH))
    small.advance()
    assert small.translation(BOATS, FRENCH)["revision"] == 4
    assert not small.translation(BOATS, SWAHILI)["stale"], "the French reads as it did"
    lead_actions.decide(small.state, f"{BOATS}/{FRENCH}", "revise", "Which tools?")
    small.advance()
    reworded = "Où Amina range-t-elle ses outils à la saison des pluies ?"
    small.submit(*small.keys("translating", FRENCH), question=reworded)
    small.advance()
    assert not small.translation(BOATS, SWAHILI)["stale"], "not accepted yet"
    small.submit(*small.keys("proofreading", FRENCH))
    small.advance()
    assert small.translation(BOATS, SWAHILI)["stale"] and not small.translation(BAKERY, SWAHILI)["stale"]
    (key,) = small.keys("translating", SWAHILI)
    shown = small.shown(key)
    assert shown["question"] == TEXTS[BOATS, SWAHILI]["question"]
    assert shown["changes"][0]["label"] == "Question in French"
    assert {"garde", "range"} <= {
        word.split("-")[0] for part in shown["changes"] for word in (part["removed"], part["added"])
    }
    small.submit(key)
    small.advance()
    small.submit(*small.keys("proofreading", SWAHILI))
    small.advance()
    done = small.translation(BOATS, SWAHILI)
    assert (done["outcome"], bool(done["stale"]), int(done["pivot_revision"])) == ("keep", False, 6)
    assert small.advance().idle


def test_what_was_accepted_without_a_pivot_stands(tmp_path: Path):
    small = with_pivot("accepted", tmp_path)
    small.advance()
    assert small.keys() == []
    assert small.translation(BOATS, SWAHILI)["outcome"] == "keep"


def test_right_to_left_text_beside_the_source_is_kept_as_it_is():
    answers = ["في كوخ ٣", "تحت الجسر", "عند جدّها", "في القارب"]
    arabic = {"question": "أين تحفظ أمينة أدواتها (في الشتاء)؟", "answers": answers}
    shown = {
        **translation_page.payload(
            source_sentences=["One."], target_sentences=["Eins."], question="Where?", answers=list("abcd"), key=1
        ),
        **pivot_shown("arb_Arab", 2, arabic),
    }  # fmt: skip
    beside = translation_page.extra_fields(shown)
    assert beside["pivots_question"] == [{"language": "Modern Standard Arabic", "text": arabic["question"]}]
    assert beside["pivots_answer_1"] == [{"language": "Modern Standard Arabic", "text": "في كوخ ٣"}]


def test_a_circle_of_pivots_is_refused_with_its_lines(tmp_path: Path):
    small = with_pivot("authoring", tmp_path)
    file = small.folder / "campaign.toml"
    file.write_text(file.read_text("utf-8") + f'{FRENCH} = "{SWAHILI}"\n', "utf-8")
    lines = file.read_text("utf-8").splitlines()
    with pytest.raises(CampaignError) as refused:
        Campaign.load(small.address)
    for code, other in ((SWAHILI, FRENCH), (FRENCH, SWAHILI)):
        line = lines.index(f'{code} = "{other}"') + 1
        assert f"line {line}, translation.pivot.{code}: {code} → {other} → {code} is a circle" in str(
            refused.value
        )
