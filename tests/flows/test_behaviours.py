"""How work moves, forward and back, in every stage: on a ledger alone, with work taken in by file."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.signed_in_user import OpenTask, SignedInUser
from annotation.stages import page_of, translation_page
from data.campaign.contacts import set_contact
from data.errors import ReleaseRefused
from data.ledger import tables
from data.ledger.events import CampaignChanged, Event, Late
from flows.advance import preview
from flows.campaign_state import by_key
from flows.lead import acceptance, lead_actions
from flows.ledger_views.current_items import current_questions, current_translations, kept_questions
from flows.ledger_views.lead_queries import held_passages, notices_on, queries_to_lead, reply_counts
from flows.offline import work_import
from flows.release import release_campaign
from flows.reports.people_and_pay import people
from flows.reports.status import status
from tests.flows.small_campaign import BAKERY, BOATS, FRENCH, SWAHILI, TEXTS, Small, at, good, item

ENGLISH = "eng_Latn"
BETTER = "Where are Amina's tools while the rains last?"


def events(small: Small, kind: type[Event]) -> int:
    return len(small.state.events(kind))


def reread(small: Small) -> dict[str, object]:
    """What stands, without what only the time of writing tells."""
    now = current_questions(small.state)[["question_id", "revision", "outcome"]]
    return {"questions": now.to_dict("records"), "open": small.keys()}


# A question, forward and back --------------------------------------------------------------------------------


def test_done_well_everything_is_accepted_and_nothing_is_left(tmp_path: Path):
    small = at("accepted", tmp_path)
    assert small.keys() == []
    assert set(current_questions(small.state)["outcome"]) == {"keep"}
    assert set(current_translations(small.state)["outcome"]) == {"keep"}
    assert set(current_translations(small.state)["kind"]) == {"proofread"}
    assert small.advance().idle


def test_what_reviewers_object_to_goes_back_prefilled_and_is_reviewed_again(tmp_path: Path):
    small = at("judging", tmp_path)
    first, second = small.keys("judging", question=BOATS)
    small.submit(first, recommend="revise", rubric_wording="no", comment="‘keep’ is vague: say ‘store’.")
    small.submit(second, *small.keys("judging", question=BAKERY))
    told = small.advance()
    assert told.decisions == {"keep": 1, "revise": 1}

    (back,) = small.keys("authoring")
    assert back == f"authoring/{ENGLISH}/{BOATS}/1/ana"
    shown = small.shown(back)
    assert any("say ‘store’" in line for line in shown["findings"])
    assert [shown["question"], shown["answer_2"], shown["note_2"]] == [
        TEXTS[BOATS, ENGLISH]["question"], TEXTS[BOATS, ENGLISH]["answers"][1], "Sentence 2 says otherwise.",
    ]  # fmt: skip
    assert [one["value"] for one in shown["keys"] if one["selected"]] == ["1"]

    small.submit(back, question=BETTER)
    small.advance()
    answering = small.open("answering", question=BOATS)
    assert set(answering["revision"]) == {2}
    assert len(answering) == 2
    assert "r3" in set(answering["person"]), "first of all somebody who has not seen the key"
    assert small.shown(answering["task_key"].iloc[0])["question"] == BETTER
    small.play(lambda state: (current_questions(state)["outcome"] == "keep").all())
    assert small.question(BOATS)["revision"] == 2


def test_a_check_sends_a_question_back_before_anybody_reads_it(tmp_path: Path):
    small = at("authoring", tmp_path)
    small.submit(*small.keys(question=BOATS), answer2="In a hut on the hill")
    small.submit(*small.keys(question=BAKERY))
    small.advance()
    assert small.keys("answering", question=BOATS) == []
    assert small.keys("authoring", question=BOATS) == [f"authoring/{ENGLISH}/{BOATS}/1/ana"]
    assert small.shown(small.keys("authoring")[0])["findings"] != []


def test_out_of_rounds_a_question_is_dropped(tmp_path: Path):
    small = at("authoring", tmp_path)
    same = {"answer2": "In a hut on the hill"}
    for revision in (0, 1, 2):
        assert small.keys("authoring", question=BOATS) == [f"authoring/{ENGLISH}/{BOATS}/{revision}/ana"]
        small.submit(*small.keys("authoring", question=BOATS), **same)
        small.advance()
    assert small.question(BOATS)["outcome"] == "drop"
    assert small.keys(question=BOATS) == []


def test_most_reviewers_would_drop_it(tmp_path: Path):
    small = at("judging", tmp_path)
    for key in small.keys(question=BOATS):
        small.submit(key, recommend="drop", rubric_answerable="no")
    small.advance()
    assert small.question(BOATS)["outcome"] == "drop"
    assert small.keys(question=BOATS) == []


# A translation, forward and back -----------------------------------------------------------------------------


def test_what_the_proofreader_returns_goes_to_the_translator_and_comes_back(tmp_path: Path):
    small = at("proofreading", tmp_path)
    (key,) = small.keys("proofreading", SWAHILI, BOATS)
    small.submit(key, outcome="return", comment="‘masika’ is the long rains: write ‘msimu wa mvua’.")
    small.advance()
    (back,) = small.keys(language=SWAHILI, question=BOATS)
    assert back == f"translating/{SWAHILI}/{BOATS}/2/s1"
    shown = small.shown(back)
    assert any("msimu wa mvua" in line for line in shown["findings"])
    assert shown["question"] == TEXTS[BOATS, SWAHILI]["question"]
    assert shown["changes"] == []

    small.submit(back, question="Amina huweka wapi vifaa vyake wakati wa msimu wa mvua?")
    small.advance()
    assert small.keys(language=SWAHILI, question=BOATS) == [f"proofreading/{SWAHILI}/{BOATS}/3/s2"]
    small.play(lambda state: (current_translations(state)["outcome"] == "keep").all())
    assert "msimu wa mvua" in small.translation(BOATS, SWAHILI)["question"]


def test_a_check_sends_a_draft_to_its_translator(tmp_path: Path):
    small = at("translating", tmp_path)
    (key,) = small.keys("translating", FRENCH, BOATS)
    small.submit(key, answer3=TEXTS[BOATS, FRENCH]["answers"][0])
    small.advance()
    (back,) = small.keys(language=FRENCH, question=BOATS)
    assert back.startswith(f"translating/{FRENCH}/{BOATS}/1/")
    assert back.split("/")[4] == key.split("/")[4]
    assert small.shown(back)["findings"]


def test_a_check_sends_a_corrected_text_to_the_proofreader_and_not_to_the_translator(tmp_path: Path):
    small = at("proofreading", tmp_path)
    (key,) = small.keys("proofreading", FRENCH, BOATS)
    text = TEXTS[BOATS, FRENCH]
    doubled = item(text["question"], [text["answers"][0], text["answers"][0], *text["answers"][2:]])
    small.submit(key, outcome="corrected", **doubled)
    small.advance()
    (back,) = small.keys(language=FRENCH, question=BOATS)
    assert back == f"proofreading/{FRENCH}/{BOATS}/2/{key.split('/')[4]}"
    assert small.shown(back)["findings"]
    assert len(small.shown(back)["findings"]) == len(set(small.shown(back)["findings"])), "nothing is said twice"
    assert small.shown(back)["draft_answer_2"] == text["answers"][0]

    small.submit(back, outcome="corrected", **item(text["question"], text["answers"]))
    small.advance()
    assert small.translation(BOATS, FRENCH)["outcome"] == "keep"


@pytest.mark.slow
def test_out_of_rounds_a_translation_is_for_the_lead(tmp_path: Path):
    small = at("proofreading", tmp_path)
    for turn in (1, 2, 3):
        (key,) = small.keys("proofreading", SWAHILI, BOATS)
        small.submit(key, outcome="return", comment=f"No, for the {turn}. time.")
        small.advance()
        small.submit(*small.keys("translating", SWAHILI, BOATS))
        small.advance()
    assert small.keys(language=SWAHILI, question=BOATS) == []
    (line,) = small.agenda()
    assert line.startswith(f"{BOATS} in {SWAHILI} came back too often → belebele decide {BOATS}/{SWAHILI} ")
    lead_actions.decide(small.state, f"{BOATS}/{SWAHILI}", "keep", "Good enough.")
    assert small.agenda() == []
    assert small.translation(BOATS, SWAHILI)["outcome"] == "keep"


# What changes later ------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_kept_question_that_changes_turns_its_translations_stale_until_they_are_done_again(tmp_path: Path):
    small = at("accepted", tmp_path)
    lead_actions.decide(small.state, BOATS, "revise", "‘keep’ is vague.")
    small.advance()
    assert small.keys() == [f"authoring/{ENGLISH}/{BOATS}/1/ana"]
    assert small.shown(small.keys()[0])["findings"] == ["‘keep’ is vague."]
    with pytest.raises(ReleaseRefused, match=f"{BOATS} in {ENGLISH} is not decided"):
        release_campaign(small.address, "1.0.0", str(tmp_path / "release"))

    small.submit(*small.keys(), question=BETTER)
    small.play(lambda state: len(kept_questions(state)) == 2)
    assert small.translation(BOATS, FRENCH)["stale"]
    assert not small.translation(BAKERY, FRENCH)["stale"]
    with pytest.raises(ReleaseRefused) as told:
        release_campaign(small.address, "1.0.0", str(tmp_path / "release"), languages=[ENGLISH, FRENCH, SWAHILI])
    assert told.value.problems == (f"{BOATS} in {FRENCH} is not accepted", f"{BOATS} in {SWAHILI} is not accepted")
    assert not (tmp_path / "release").exists()

    small.advance()
    french, swahili = small.keys("translating")
    assert french.startswith(f"translating/{FRENCH}/{BOATS}/2/")
    assert swahili == f"translating/{SWAHILI}/{BOATS}/2/s1"
    shown = small.shown(swahili)
    assert shown["source_question"] == BETTER
    assert shown["question"] == TEXTS[BOATS, SWAHILI]["question"]
    assert "".join(s["same"] + s["removed"] for s in shown["changes"]) == TEXTS[BOATS, ENGLISH]["question"]
    assert "".join(s["same"] + s["added"] for s in shown["changes"]) == BETTER
    small.play(lambda state: bool((current_translations(state)["outcome"] == "keep").all()) and not small.keys())
    assert release_campaign(small.address, "1.0.0", str(tmp_path / "release")).facts["languages"] == [
        ENGLISH, FRENCH, SWAHILI,
    ]  # fmt: skip


def test_another_key_is_shown_to_the_translators_as_a_change(tmp_path: Path):
    small = at("accepted", tmp_path)
    lead_actions.decide(small.state, BOATS, "revise", "The key is wrong.")
    small.advance()
    small.submit(*small.keys(), key="2", note1="No.", note2="", translator_note="Old, not ancient.")
    small.advance()
    for key in small.keys("answering"):
        small.submit(key, choice=2)
    small.play(lambda state: len(kept_questions(state)) == 2)
    small.advance()
    changes = small.shown(small.keys("translating", SWAHILI)[0])["changes"]
    assert [s["label"] for s in changes if s["label"]] == ["Correct answer", "Note for translators"]
    assert [s["removed"] + ">" + s["added"] for s in changes if s["removed"] or s["added"]] == [
        "1>2", ">Old, not ancient.",
    ]  # fmt: skip


@pytest.mark.slow
def test_a_passage_mended_in_a_target_language_touches_that_language_alone(tmp_path: Path):
    small = at("accepted", tmp_path)
    sentences = ["Amina hutengeneza mashua kando ya mto Rufiji.", "Alijifunza kazi hiyo kutoka kwa babu yake."]
    assert lead_actions.mend(small.state, "boats", SWAHILI, sentences) == 2
    small.advance()
    assert small.keys() == [f"translating/{SWAHILI}/{BOATS}/2/s1"]
    shown = small.shown(small.keys()[0])
    assert shown["question"] == TEXTS[BOATS, SWAHILI]["question"]
    assert shown["changes"][0]["label"] == "Passage"
    assert any("Rufiji" in segment["added"] for segment in shown["changes"])
    with pytest.raises(ReleaseRefused, match=f"{BOATS} in {SWAHILI} is not accepted"):
        release_campaign(small.address, "1.0.0", str(tmp_path / "r"), languages=[SWAHILI])
    assert release_campaign(small.address, "1.0.0", str(tmp_path / "r")).facts["languages"] == [ENGLISH, FRENCH]
    small.submit(*small.keys())
    small.advance()
    small.submit(*small.keys())
    small.advance()
    assert small.keys() == []
    assert small.translation(BOATS, SWAHILI)["outcome"] == "keep"
    assert not small.translation(BOATS, SWAHILI)["stale"]


@pytest.mark.slow
def test_a_passage_mended_in_the_source_language_goes_the_whole_way_again(tmp_path: Path):
    small = at("accepted", tmp_path)
    lead_actions.mend(small.state, "boats", ENGLISH, ["Amina mends boats.", "Her tools are in a hut on the hill."])
    small.advance()
    assert small.keys() == [f"authoring/{ENGLISH}/{BOATS}/1/ana"]
    shown = small.shown(small.keys()[0])
    assert shown["sentences"][0] == "Amina mends boats."
    assert shown["question"] == TEXTS[BOATS, ENGLISH]["question"]
    assert shown["findings"] == ["the passage was mended since this question was written: does it still hold?"]
    with pytest.raises(ReleaseRefused, match=f"{BOATS} in {ENGLISH} is not decided"):
        release_campaign(small.address, "1.0.0", str(tmp_path / "release"))

    small.submit(*small.keys())
    small.play(lambda state: len(kept_questions(state)) == 2)
    small.advance()
    changes = small.shown(small.keys("translating", SWAHILI)[0])["changes"]
    assert [s["label"] for s in changes if s["label"]] == ["Passage in the source language"]
    small.play(lambda state: bool((current_translations(state)["outcome"] == "keep").all()) and not small.keys())
    assert set(current_translations(small.state)["passage_revision"]) == {1}
    assert set(current_translations(small.state)["question_revision"]) == {1, 2}


def test_a_passage_mended_while_it_is_worked_on(tmp_path: Path):
    small = at("answering", tmp_path)
    answered = small.keys("answering", question=BOATS)[0]
    lead_actions.mend(small.state, "boats", ENGLISH, ["Amina mends boats.", "Her tools are in a hut on the hill."])
    assert small.keys(question=BOATS) == [], "nobody goes on with the old text"
    small.submit(answered)
    small.advance()
    assert small.keys(question=BOATS) == [f"authoring/{ENGLISH}/{BOATS}/1/ana"]
    small.submit(*small.keys("authoring"))
    small.advance()
    answering = small.open("answering", question=BOATS)
    assert list(answering["revision"]) == [2, 2]
    assert small.shown(answering["task_key"].iloc[0])["sentences"][0] == "Amina mends boats."


# Late edits --------------------------------------------------------------------------------------------------


def test_an_edit_before_the_decision_is_a_new_revision_and_reviews_of_the_old_one_do_not_count(tmp_path: Path):
    small = at("judging", tmp_path)
    author = f"authoring/{ENGLISH}/{BOATS}/0/ana"
    small.submit(small.keys("judging", question=BOATS)[0])
    small.submit(author, question=BETTER)
    small.advance()
    assert small.question(BOATS)["revision"] == 2
    assert small.question(BOATS)["question"] == BETTER
    assert set(small.open(question=BOATS)["revision"]) == {2}
    assert set(small.open(question=BOATS)["stage"]) == {"answering"}
    assert len(small.keys(question=BOATS)) == 2


def test_there_and_back_again_are_three_events(tmp_path: Path):
    small = at("answering", tmp_path)
    author = f"authoring/{ENGLISH}/{BOATS}/0/ana"
    former = TEXTS[BOATS, ENGLISH]["question"]
    for question in (BETTER, former):
        assert small.submit(author, question=question) == 1
        assert small.submit(author, question=question) == 0, "the same file again is the same submission"
    small.advance()
    mine = small.state.questions[small.state.questions["question_id"] == BOATS].sort_values("revision")
    assert list(mine["question"]) == [former, BETTER, former]
    assert set(small.open(question=BOATS)["revision"]) == {3}
    assert small.advance().idle


def test_an_edit_after_the_decision_counts_when_the_lead_says_so(tmp_path: Path):
    small = at("accepted", tmp_path)
    small.submit(f"authoring/{ENGLISH}/{BOATS}/0/ana", question=BETTER)
    before = reread(small)
    small.advance()
    assert reread(small) == before
    (line,) = small.agenda()
    late = small.state.events(Late).iloc[0]["subject"]
    assert line == (
        f"late edit of authoring/{ENGLISH}/{BOATS}/0/ana (revision 1 was decided: keep) → "
        f"belebele accept {late[:8]}, or leave it: belebele decide {BOATS} keep --reason …"
    )
    lead_actions.accept_late(small.state, late[:8])
    small.advance()
    assert small.agenda() == []
    assert small.question(BOATS)["question"] == BETTER
    assert set(small.open()["stage"]) == {"answering"}
    lead_actions.accept_late(small.state, late[:8])
    assert small.advance().idle


def test_a_late_edit_that_the_lead_leaves_alone(tmp_path: Path):
    small = at("accepted", tmp_path)
    small.submit(f"translating/{SWAHILI}/{BOATS}/0/s1", question="Amina huweka wapi vifaa vyake?")
    small.advance()
    (line,) = small.agenda()
    assert "revision 2 stands already" in line
    lead_actions.decide(small.state, f"{BOATS}/{SWAHILI}", "keep", "It was right.")
    assert small.agenda() == []
    assert small.keys() == []
    assert small.translation(BOATS, SWAHILI)["question"] == TEXTS[BOATS, SWAHILI]["question"]


def test_a_review_after_the_decision_is_the_leads_to_weigh(tmp_path: Path):
    small = at("translating", tmp_path)
    tasks = small.state.tasks
    judging = tasks[(tasks["stage"] == "judging") & (tasks["question_id"] == BOATS)]["task_key"].iloc[0]
    judged = {**good("judging", BOATS, ENGLISH), "recommend": "drop", "comment": "No."}
    small.submit(judging, query="Which hill?", **judged)
    small.advance()
    assert small.question(BOATS)["outcome"] == "keep"
    asked, line = small.agenda()
    assert "“Which hill?” → belebele answer" in asked, (
        "what is wrong with the passage reaches the lead all the same"
    )
    cure = f"belebele decide {BOATS} keep|revise|drop --reason …"
    assert line == f"late review {judging} (revision 1 was decided: keep) → {cure}"
    event = small.state.events(Late).iloc[0]["subject"]
    with pytest.raises(lead_actions.UsageError, match=f"belebele decide {BOATS} keep"):
        lead_actions.accept_late(small.state, event[:8])


@pytest.mark.parametrize("attempt", [1, 2])
def test_a_blind_answer_never_counts_once_its_key_could_be_seen(tmp_path: Path, attempt: int):
    """Not by an edit, and not by a second submission after the first was deleted or on another attempt."""
    small = at("answering", tmp_path)
    small.configure("judging_waits = true", "judging_waits = false")
    key = small.keys("answering", question=BOATS)[0]
    if attempt == 2:
        small.submit(key, query="Is the hut on the hill?")
        small.advance()
        lead_actions.answer(small.state, queries_to_lead(small.state)["query"].iloc[0], "Yes.")
        small.advance()
        key = f"{key}/2"
    small.submit(key, choice=2)
    small.advance()
    assert any(small.keys("judging", question=BOATS)), "the key can be seen"
    small.submit(key, choice=1)
    small.advance()
    late = small.state.events(Late).iloc[0]
    with pytest.raises(lead_actions.UsageError, match="can never count"):
        lead_actions.accept_late(small.state, late["subject"])
    verdicts = small.state.verdicts_on({BOATS})
    answers = verdicts[verdicts["check"] == "blind_answer"]
    assert list(answers["flagged"]) == [True]
    own = small.shown(small.keys("judging", question=BOATS)[0])["own"]
    assert own.startswith("Before you saw the key you chose answer 2 ")
    assert small.agenda() == []


# Invalid submissions, skips, queries -------------------------------------------------------------------------


def invalid(small: Small, key: str, **fields: str) -> None:
    """A submission that the page would have refused, as a script or a stale page sends it."""
    stage, language, question = key.split("/")[:3]
    state = small.state
    task = by_key(state.tasks, "task_key")[key]
    work = {**good(stage, question, language), **fields}
    plain = {"question": work.get("question", ""), "answers": [work.get(f"answer{n}", "") for n in range(1, 5)]}
    match stage:
        case "authoring":
            notes = [work.get(f"note{n}", "") for n in range(1, 5)]
            made = {**plain, "key": int(work["key"] or 0), "notes": notes, "evidence": [1]}
        case "judging":
            made = {"recommend": work["recommend"], "comment": work.get("comment", "")}
        case "proofreading":
            errors = ["style/minor"] if work["outcome"] != "accept" else []
            made = {**plain, "outcome": work["outcome"], "errors": errors, "comment": work.get("comment", "")}
        case _:
            made = plain
    result = page_of(stage).result(made, small.shown(key), "")
    row = work_import._annotation(state, key, task, result, {})
    assert row is not None
    state.ledger.append(tables.ANNOTATIONS, [row])


@pytest.mark.parametrize(
    ("stage", "fields", "says", "kept"),
    [
        ("authoring", {"answer3": "", "note4": "", "question": "Where to?"},
         ["Answer 3 is missing: write it.", "Why answer 4 is tempting and wrong is missing: say it."],
         {"question": "Where to?", "answer_3": "", "note_2": "Sentence 2 says otherwise."}),
        ("translating", {"answer1": "", "answer2": "Chini"}, ["Answer 1 is missing: write it."],
         {"answer_1": "", "answer_2": "Chini"}),
        ("proofreading", {"outcome": "return", "question": "Wapi?"},
         ["You return it without a comment: tell the translator what to do."],
         {"question": "Wapi?", "answer_1": TEXTS[BOATS, SWAHILI]["answers"][0], "comment": ""}),
        ("judging", {"recommend": "keep", "comment": "Fine."},
         ["“the passage alone settles the question” is missing"], {"comment": "Fine."}),
    ],
)  # fmt: skip
def test_what_is_not_valid_goes_back_with_the_reason_and_with_what_was_written(
    tmp_path: Path, stage: str, fields: dict[str, str], says: list[str], kept: dict[str, str]
):
    small = at(stage, tmp_path)
    language = SWAHILI if stage in ("translating", "proofreading") else ENGLISH
    key = small.keys(stage, language, BOATS)[0]
    invalid(small, key, **fields)
    told = small.advance()
    assert told.questions == told.translations == 0
    again = f"{key}/2"
    there = small.keys()
    assert again in there, "to the same person"
    assert key not in there
    shown = small.shown(again)
    for words in says:
        assert any(words in line for line in shown["findings"]), shown["findings"]
    assert {name: shown[name] for name in kept} == kept
    small.submit(again)
    small.play(lambda state: bool((current_translations(state)["outcome"] == "keep").sum() == 4))


def test_an_edit_that_is_not_valid_undoes_nothing(tmp_path: Path):
    small = at("answering", tmp_path)
    invalid(small, f"authoring/{ENGLISH}/{BOATS}/0/ana", answer3="")
    before = small.keys()
    small.advance()
    assert small.keys() == before
    assert small.question(BOATS)["revision"] == 1


def test_a_reviewer_who_will_not_judge_is_replaced_from_the_blind_answer_on(tmp_path: Path):
    small = at("judging", tmp_path)
    keys = small.keys("judging", question=BOATS)
    gone = {key.split("/")[4] for key in keys}
    (other,) = {"r1", "r2", "r3"} - gone
    first = keys[0].split("/")[4]
    lead_actions.reassign(small.state, first)
    small.advance()
    assert small.keys(question=BOATS, person=first) == []
    assert small.keys("answering", question=BOATS) == [f"answering/{ENGLISH}/{BOATS}/1/{other}"]
    small.play(lambda state: len(kept_questions(state)) == 2)
    verdicts = small.state.verdicts_on({BOATS})
    assert set(verdicts["judge"][verdicts["check"] == "recommendation"]) == {keys[1].split("/")[4], other}
    assert set(verdicts["judge"][verdicts["check"] == "blind_answer"]) == {"r1", "r2", "r3"}, "the answer stays"


def test_a_query_holds_only_its_own_items_and_its_reply_reaches_everybody_on_the_passage(tmp_path: Path):
    small = at("translating", tmp_path)
    (french,) = small.keys("translating", FRENCH, BOATS)
    small.submit(french, query="Sentence 3 says hill, and our text says mountain.")
    small.submit(*small.keys(language=SWAHILI), *small.keys("translating", FRENCH, BAKERY))
    small.advance()
    assert small.keys(language=FRENCH, question=BOATS) == []
    assert len(small.keys("proofreading")) == 3
    (line,) = small.agenda()
    query = queries_to_lead(small.state)["query"].iloc[0]
    assert line == (
        f"query {query} on boats in {FRENCH}: “Sentence 3 says hill, and our text says mountain.” → "
        f"belebele answer {query} TEXT"
    )
    assert small.advance().idle

    assert lead_actions.answer(small.state, query, "Follow the French passage.") == "boats"
    small.advance()
    again = f"{french}/2"
    assert small.keys(language=FRENCH, question=BOATS) == [again], "to the one who asked"
    assert small.agenda() == []
    notice = "Sentence 3 says hill, and our text says mountain. → Follow the French passage."
    assert notices_on(small.state, "boats", "translating") == [notice]
    assert notices_on(small.state, "bakery", "translating") == []
    assert notices_on(small.state, "boats", "answering") == [], "who asked knew the key, and may have told it"
    small.play(lambda state: bool((current_translations(state)["outcome"] == "keep").sum() == 4))


def test_a_query_in_the_source_language_holds_every_language(tmp_path: Path):
    small = at("translating", tmp_path)
    small.submit(*small.keys("translating", FRENCH, BOATS))
    small.submit(f"authoring/{ENGLISH}/{BOATS}/0/ana", query="The link is dead.")
    small.advance()
    assert held_passages(small.state) == {("boats", code) for code in (ENGLISH, FRENCH, SWAHILI)}
    assert small.keys("proofreading") == []
    assert small.translation(BOATS, FRENCH)["revision"] == 1
    assert len(small.keys("translating")) == 3, "what is open stays open"
    lead_actions.answer(small.state, queries_to_lead(small.state)["query"].iloc[0], "It is not needed.")
    small.advance()
    assert [key.split("/")[2] for key in small.keys("proofreading")] == [BOATS]


def test_a_query_beside_finished_work_counts_both(tmp_path: Path):
    small = at("translating", tmp_path)
    (key,) = small.keys("translating", SWAHILI, BOATS)
    text = TEXTS[BOATS, SWAHILI]
    small.submit(key, query="Is ‘babu’ right?", **item(text["question"], text["answers"]))
    small.advance()
    assert small.translation(BOATS, SWAHILI)["revision"] == 1
    assert ("boats", SWAHILI) in held_passages(small.state)
    assert small.keys(language=SWAHILI, question=BOATS) == []
    for words in ("Yes.", "No, ‘nyanya’.", "Yes."):
        lead_actions.answer(small.state, queries_to_lead(small.state)["query"].iloc[0], words)
        assert notices_on(small.state, "boats", "authoring") == [f"Is ‘babu’ right? → {words}"]
    assert reply_counts(small.state) == {"boats": 3}
    small.advance()
    assert small.keys(language=SWAHILI, question=BOATS) == [f"proofreading/{SWAHILI}/{BOATS}/1/s2"]


def test_the_same_question_can_be_asked_again_after_the_reply(tmp_path: Path):
    small = at("translating", tmp_path)
    (key,) = small.keys("translating", SWAHILI, BOATS)
    for attempt in (key, f"{key}/2"):
        small.submit(attempt, query="It makes no sense.")
        small.advance()
        assert len(small.agenda()) == 1
        open_query = queries_to_lead(small.state)[queries_to_lead(small.state)["reply"].isna()]["query"].iloc[0]
        lead_actions.answer(small.state, open_query, "It does.")
        small.advance()
    assert small.keys(language=SWAHILI, question=BOATS) == [f"{key}/3"]


def test_a_late_language_holds_up_nobody(tmp_path: Path):
    small = at("translating", tmp_path)
    for _ in range(2):
        small.submit(*small.keys(language=FRENCH))
        small.advance()
    made = release_campaign(small.address, "1.0.0", str(tmp_path / "release"))
    assert made.facts["languages"] == [ENGLISH, FRENCH]
    assert any("swh_Latn (2 missing)" in line for line in made.lines)


def test_a_campaign_that_is_read_again_from_its_ledger_stands_where_it_stood(tmp_path: Path):
    small = at("proofreading", tmp_path)
    assert reread(small) == reread(Small(small.folder))
    count = events(small, CampaignChanged)
    small.advance()
    assert events(small, CampaignChanged) == count == 1


# With a server -----------------------------------------------------------------------------------------------


@pytest.fixture
def small_on_server(
    own_state: Path, tmp_path: Path, studio: LabelStudio, visitor: Callable[[str], SignedInUser], campaign_id: str
) -> Callable[..., Small]:
    """A campaign that has come so far, opened on a server, with these people signed up."""

    def make(stage: str, *people: str) -> Small:
        small = at(stage, tmp_path, campaign_id)
        small.servers = {"main": studio}
        for person in people:
            visitor(person)
            set_contact(campaign_id, person, f"{person}@example.org")
        small.advance()
        return small

    return make


def title(small: Small, key: str) -> str:
    stage, language, _, _, person = key.split("/")[:5]
    return f"{small.state.campaign.id}/{stage}/{language}/{person}"


def page(small: Small, visitor: SignedInUser, key: str) -> OpenTask:
    """The task as it waits for somebody in its workbench."""
    return next(task for task in visitor.open_tasks(title(small, key)) if task.key == key)


def written(key: str, **fields: str) -> list[dict[str, Any]]:
    stage, language, question = key.split("/")[:3]
    work = {**good(stage, question, language), **fields}
    assert stage == "translating"
    return page_of(stage).result(
        {"question": work["question"], "answers": [work[f"answer{n}"] for n in range(1, 5)]}, {}, ""
    )


def test_work_counts_when_it_is_the_persons_own(
    small_on_server: Callable[..., Small], visitor: Callable[[str], SignedInUser], campaign_id: str
):
    """Another's is kept and never counts; that of an unknown account waits until the lead says whose it is."""
    small = small_on_server("translating", "t1", "t2")
    stranger = visitor("stranger")
    french, swahili = small.keys("translating", FRENCH, BOATS)[0], small.keys("translating", SWAHILI, BOATS)[0]
    owner = french.split("/")[4]
    other = {"t1": "t2", "t2": "t1"}[owner]
    visitor(other).submit(page(small, visitor(other), french).id, written(french))
    stranger.submit(page(small, stranger, swahili).id, written(swahili))
    told = small.advance()
    assert (told.annotations, told.translations) == (2, 0)
    assert small.keys("translating", FRENCH, BOATS) == [f"{french}/2"], "its owner gets it anew"
    assert small.keys("translating", SWAHILI, BOATS) == [swahili]
    unknown, beside = small.agenda()
    assert unknown == (
        f"{campaign_id}/translating/{SWAHILI}/s1: 1 submitted by account {stranger.account}, "
        "which is nobody's yet. If it is s1's → belebele contact s1 --email ADDRESS"
    )
    assert beside.startswith(f"{title(small, french)}: 1 submitted by {other} (account")
    acceptance.reject(small.state, title(small, french))
    assert status(small.state)["aside"] == {"on another person's workbench": 1}
    assert small.advance().idle

    visitor(owner).submit(page(small, visitor(owner), f"{french}/2").id, written(french, answer2="Sous un pont"))
    lead_actions.contact(small.state, "s1", email="stranger@example.org", name="", forget=False)
    told = small.advance()
    assert (told.annotations, told.translations) == (1, 2)
    assert small.agenda() == []
    assert small.translation(BOATS, FRENCH)["answers"][1] == "Sous un pont"
    assert small.translation(BOATS, SWAHILI)["person"] == "s1"


def test_what_guideline_people_were_given_is_noted_once(small_on_server: Callable[..., Small]):
    small = small_on_server("translating")
    stages = ["authoring", "answering", "judging", "translating"]
    told = people.guidelines(small.state)
    assert [(line["stage"], line["number"]) for line in told] == [(stage, 1) for stage in stages]
    assert small.advance().idle


def test_skipped_deleted_and_edited_on_the_server(
    small_on_server: Callable[..., Small], visitor: Callable[[str], SignedInUser]
):
    small = small_on_server("translating", "t1", "t2", "s1")
    french, swahili = small.keys("translating", FRENCH, BOATS)[0], small.keys("translating", SWAHILI, BOATS)[0]
    first = french.split("/")[4]
    second = {"t1": "t2", "t2": "t1"}[first]
    visitor(first).skip(page(small, visitor(first), french).id)
    s1 = visitor("s1")
    text = TEXTS[BOATS, SWAHILI]["question"]
    mine = s1.submit(page(small, s1, swahili).id, written(swahili))
    small.advance()
    (again,) = small.keys("translating", FRENCH, BOATS)
    assert again == french.replace(first, second)
    for question in ("Amina huweka wapi vifaa vyake?", text):
        time.sleep(1.1)  # servers tell the time in whole seconds
        s1.edit(mine, written(swahili, question=question))
        small.advance()
    assert list(small.state.translation_texts({BOATS})["question"]) == [
        text,
        "Amina huweka wapi vifaa vyake?",
        text,
    ]
    assert small.keys("proofreading", SWAHILI) == [f"proofreading/{SWAHILI}/{BOATS}/3/s2"]

    s1.delete(mine)
    told = small.advance()
    assert told.annotations == 1
    assert small.keys("proofreading", SWAHILI) == [f"proofreading/{SWAHILI}/{BOATS}/3/s2"], "the work stays"
    standing = status(small.state)
    assert standing["aside"] == {"deleted": 1}
    assert {"person": "s1", "stage": "translating", "language": SWAHILI, "open": 1, "submitted": 1} in standing[
        "people"
    ]
    visitor(second).skip(page(small, visitor(second), again).id)
    small.advance()
    assert small.keys("translating", FRENCH, BOATS) == []
    (line,) = small.agenda()
    assert line.startswith(f"nobody is left for translating in {FRENCH}: 1 wait ({BOATS}) → ")
    assert small.advance().idle


def test_a_reply_reaches_open_and_new_tasks_of_every_language_on_the_server(
    small_on_server: Callable[..., Small], visitor: Callable[[str], SignedInUser]
):
    small = small_on_server("translating", "s1")
    french, swahili = small.keys("translating", FRENCH, BOATS)[0], small.keys("translating", SWAHILI, BOATS)[0]
    bakery = small.keys("translating", SWAHILI, BAKERY)[0]
    s1 = visitor("s1")
    s1.submit(page(small, s1, swahili).id, translation_page.result(query="Which hill?"))
    small.advance()
    assert [task.key for task in s1.open_tasks(title(small, swahili))] == [bakery]
    for words in ("The near one.", "The far one, sorry."):
        lead_actions.answer(small.state, queries_to_lead(small.state)["query"].iloc[0], words)
        small.advance()
        notice = [f"Which hill? → {words}"]
        assert page(small, s1, french).data["notices"] == notice
        assert page(small, s1, f"{swahili}/2").data["notices"] == notice
        assert page(small, s1, bakery).data["notices"] == []
        assert small.advance().idle


def test_one_server_of_two_is_down_and_the_others_stages_go_on(
    small_on_server: Callable[..., Small], tmp_path: Path, studio: LabelStudio
):
    small = small_on_server("translating")
    small.configure('default = "main"', 'default = "main"\nproofreading = "agency"')
    with LabelStudio("http://127.0.0.1:9", "0" * 40, name="agency") as down:
        small.servers = {"main": studio, "agency": down}
        small.submit(*small.keys("translating", FRENCH), *small.keys("translating", SWAHILI, BOATS))
        lead_actions.decide(small.state, BAKERY, "revise", "Say which bread.")
        foretold = preview(small.address, small.servers)
        told = small.advance()
    assert told == foretold
    assert told.pushed == 1 + 2 - 2, "the author's task; those for proofreading wait for their server"
    assert len([line for line in told.problems if "agency" in line]) == len(told.problems) > 0
    assert len(small.keys("proofreading")) == 2
    small.servers = {"main": studio, "agency": studio}
    assert small.advance().pushed == 2
    assert small.advance().idle
