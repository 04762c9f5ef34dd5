"""Reviewers who disagree, adjudicators, and people who guess before they read: whole courses of a campaign."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from annotation.forms.review_criteria import CRITERIA
from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.signed_in_user import SignedInUser
from annotation.stages import page_of
from data.campaign.contacts import set_contact
from data.errors import ImportRefused, UsageError
from data.ledger import tables
from data.ledger.events import Late
from data.ledger.tables import Stage
from flows.assignment.guesser_draw import is_guesser
from flows.lead import lead_actions
from flows.ledger_views.current_items import current_questions
from flows.ledger_views.lead_queries import notices_on
from flows.reports.lead_agenda import for_the_lead
from flows.reports.status import status
from tests.flows.small_campaign import BAKERY, BOATS, TEXTS, Small, at

ENGLISH = "eng_Latn"

MORE = """
[[people]]
code = "r4"
roles = ["reviewing"]

[[people]]
code = "eve"
roles = ["adjudicating"]
"""


def with_more(small: Small, **review: Any) -> Small:
    """More people, and other settings of [review]."""
    file = small.folder / "campaign.toml"
    lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in review.items() if name != "guess_share")
    text = file.read_text("utf-8").replace("[review]\n", f"[review]\n{lines}") + MORE
    if "guess_share" in review:
        text = text.replace("guess_share = 0.0", f"guess_share = {review['guess_share']}")
    file.write_text(text, "utf-8")
    return small


def answered(small: Small, question: str) -> list[str]:
    """Who has answered a question blind, or is to."""
    tasks = small.state.tasks
    return list(tasks["person"][(tasks["stage"] == "answering") & (tasks["question_id"] == question)])


def reviewed(small: Small, question: str, **judgement: str) -> str:
    """The one who is asked next answers and judges; tells who it is."""
    (task,) = small.keys("answering", question=question)
    small.submit(task)
    small.advance()
    (judging,) = small.keys("judging", question=question)
    small.submit(judging, **judgement)
    small.advance()
    return task.rpartition("/")[2]


def disputed(small: Small) -> Small:
    """Of the first two, one wants it revised."""
    first, second = small.keys("judging", question=BOATS)
    small.submit(first, rubric_wording="no", recommend="revise", comment="‘keep’ is vague: say ‘store’.")
    small.submit(second)
    small.advance()
    return small


def test_a_third_a_fourth_and_then_the_majority(tmp_path: Path):
    small = disputed(with_more(at("judging", tmp_path), max_reviewers=4))
    assert small.question(BOATS)["outcome"] != "revise"
    assert len(answered(small, BOATS)) == 3, "one more at a time"
    third = reviewed(small, BOATS)
    assert third in ("r3", "r4")
    assert len(answered(small, BOATS)) == 4, "two of three could still turn into two of four"
    fourth = reviewed(small, BOATS)
    assert {third, fourth} == {"r3", "r4"}
    now = small.question(BOATS)
    assert (now["outcome"], now["rule"]) == ("keep", "accepted")
    assert "1 of 4 objected and were outvoted" in now["reason"]
    assert small.keys("adjudicating") == []


def test_a_dispute_goes_to_the_adjudicator_and_from_there_to_the_author(tmp_path: Path):
    small = disputed(with_more(at("judging", tmp_path), max_reviewers=4))
    reviewed(small, BOATS, rubric_one_right="no", recommend="revise", comment="Sentence 2 allows answer 3.")
    reviewed(small, BOATS)
    assert small.keys("answering", question=BOATS) == [], "nobody beyond `most`"
    (task,) = small.keys("adjudicating")
    assert task == f"adjudicating/{ENGLISH}/{BOATS}/1/eve"

    shown = small.shown(task)
    assert shown["key"] == 1
    written = small.question(BOATS)
    assert [n for n, mark in enumerate(shown["settles"], 1) if mark] == written["evidence"] != []
    assert [answer["note"] for answer in shown["answers"]] == written["notes"]
    assert all(written["notes"][1:])
    says = {line["says"]: line for line in shown["lines"]}
    assert [says["Reviewer"][c] for c in "abcde"] == ["A", "B", "C", "D", ""]
    assert sorted(says["Recommends"][c] for c in "abcd") == ["keep", "keep", "revise", "revise"]
    assert says["Recommends"]["differs"]
    assert says["Well worded"]["differs"]
    assert not says["Inoffensive"]["differs"]
    assert {"‘keep’ is vague: say ‘store’.", "Sentence 2 allows answer 3."} == {
        r["text"] for r in shown["remarks"]
    }
    assert all(code not in json.dumps(shown) for code in ('"r1"', '"r2"', '"r3"', '"r4"', '"ana"'))

    small.submit(
        task, decision="revise", right="none", reason="Say in which month, then only one answer is right."
    )
    told = small.advance()
    assert told.decisions == {"revise": 1}
    now = small.question(BOATS)
    assert (now["outcome"], now["rule"]) == ("revise", "adjudicated")
    verdict = small.state.verdicts_on({BOATS})
    verdict = verdict[verdict["check"] == "adjudication"].iloc[0]
    assert (verdict["score"], verdict["flagged"], verdict["judge"]) == (0.5, True, "eve")

    (back,) = small.keys("authoring")
    found = small.shown(back)["findings"]
    assert any("not exactly one answer is right; Say in which month" in line for line in found), found
    small.submit(back, question="Where are Amina's tools while the rains last?")
    small.advance()
    assert len(small.keys("answering", question=BOATS)) == 2
    assert "eve" not in answered(small, BOATS)


def test_who_adjudicates_is_never_somebody_with_a_part_in_it(tmp_path: Path):
    """Here the only adjudicators wrote it or reviewed it; so today's rules apply, and nothing waits."""
    small = at("judging", tmp_path)
    reviewer = small.keys("judging", question=BOATS)[0].rpartition("/")[2]
    small.configure('code = "ana"\nroles = ["authoring"', 'code = "ana"\nroles = ["authoring", "adjudicating"')
    small.configure(f'code = "{reviewer}"\nroles = ["reviewing"', f'code = "{reviewer}"\n'
                    'roles = ["reviewing", "adjudicating"')  # fmt: skip
    disputed(small)
    now = small.question(BOATS)
    assert (now["outcome"], now["rule"]) == ("revise", "reviewers")
    assert small.keys("adjudicating") == []


def test_an_adjudicator_who_skips_or_contradicts_themselves(tmp_path: Path):
    small = disputed(with_more(at("judging", tmp_path)))
    (task,) = small.keys("adjudicating")
    with pytest.raises(ImportRefused) as refused:
        small.submit(task, decision="keep", right="3")
    assert "You keep the question but say that answer 3 is right" in refused.value.problems[0]
    with pytest.raises(ImportRefused) as refused:
        small.submit(task, decision="drop", reason="")
    assert "The reason is missing" in refused.value.problems[0]
    assert lead_actions.reassign(small.state, "eve") == 1
    small.advance()
    assert small.question(BOATS)["rule"] == "reviewers", "with nobody left, the old rules apply"


def test_an_agreed_item_asks_nobody_else(tmp_path: Path):
    small = with_more(at("judging", tmp_path), max_reviewers=5)
    small.submit(*small.keys("judging"))
    told = small.advance()
    assert told.decisions == {"keep": 2}
    assert small.keys("adjudicating") == small.keys("answering") == []


# Guessing ----------------------------------------------------------------------------------------------------


def guessing(tmp_path: Path, share: float = 1.0) -> Small:
    small = with_more(at("authoring", tmp_path), guess_share=share)
    small.submit(*small.keys("authoring"))
    small.advance()
    return small


def test_a_guess_comes_before_any_sight_of_the_passage(tmp_path: Path):
    small = guessing(tmp_path)
    assert small.keys("answering") == []
    tasks = small.keys("guessing", question=BOATS)
    assert len(tasks) == 2
    first, second = tasks
    shown = small.shown(first)
    assert sorted(shown) == ["about", "comment", "findings", "notices", "options", "order", "question"]
    assert small.shown(second)["order"] != shown["order"]

    small.submit(first, choice=1, why="knew", comment="Everybody stores tools in a hut.")
    small.advance()
    (answering,) = small.keys("answering", question=BOATS)
    who = first.rpartition("/")[2]
    assert answering == f"answering/{ENGLISH}/{BOATS}/1/{who}", "who guessed answers next"
    small.submit(second, choice=3)
    small.advance()
    verdicts = small.state.verdicts_on({BOATS})
    guesses = verdicts[verdicts["check"] == "guess"].sort_values("score")
    assert list(guesses["score"]) == [0.0, 1.0]
    assert not guesses["flagged"].any()
    assert "knew it" in guesses["reason"].iloc[1]
    small.play(lambda state: (current_questions(state)["outcome"] == "keep").all())
    tasks = small.state.tasks
    assert set(tasks["person"][(tasks["stage"] == "guessing") & (tasks["question_id"] == BOATS)]) == set(
        tasks["person"][(tasks["stage"] == "answering") & (tasks["question_id"] == BOATS)]
    )


def test_a_guess_that_is_changed_after_the_passage_was_there_never_counts(tmp_path: Path):
    small = guessing(tmp_path)
    task = small.keys("guessing", question=BOATS)[0]
    small.submit(task, choice=2)
    small.advance()
    small.submit(task, choice=1)
    small.advance()
    late = small.state.events(Late).iloc[0]
    assert "after its passage could be seen" in late["detail"]
    with pytest.raises(UsageError, match="can never count"):
        lead_actions.accept_late(small.state, late["subject"])
    verdicts = small.state.verdicts_on({BOATS})
    assert list(verdicts["score"][verdicts["check"] == "guess"]) == [0.0]
    assert list(for_the_lead(small.state)) == []


def test_all_questions_of_a_passage_are_guessed_before_one_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    small = at("authoring", tmp_path)
    small.configure("questions_per_passage = 1", "questions_per_passage = 2")
    with_more(small, guess_share=1.0)
    small.advance()
    q1, q2 = BOATS, BOATS.replace("-q1", "-q2")
    small.submit(*small.keys("authoring", question=q1))
    small.advance()
    small.submit(small.keys("guessing", question=q1)[0])
    two = {"question": "When do the rains come?", "answers": ["In spring", "In June", "At dusk", "On Sundays"]}
    monkeypatch.setitem(TEXTS, (q2, ENGLISH), two)
    small.submit(*small.keys("authoring", question=q2))
    small.advance()
    assert {key.rpartition("/")[2] for key in small.keys("guessing", question=q2)} == {
        task.rpartition("/")[2] for task in state_keys(small, "guessing", q1)
    }
    assert small.keys("answering") == [], "the second question is to be guessed first"
    small.submit(*small.keys("guessing"))
    small.advance()
    assert len(small.keys("answering", question=q1)) == len(small.keys("answering", question=q2)) == 2


def state_keys(small: Small, stage: str, question: str) -> list[str]:
    tasks = small.state.tasks
    return list(tasks["task_key"][(tasks["stage"] == stage) & (tasks["question_id"] == question)])


def test_who_will_not_guess_does_not_answer_either(tmp_path: Path):
    small = guessing(tmp_path)
    task = small.keys("guessing", question=BOATS)[0]
    who = task.rpartition("/")[2]
    lead_actions.reassign(small.state, who)
    small.advance()
    others = {key.rpartition("/")[2] for key in small.keys("guessing", question=BOATS)}
    assert len(others) == 2
    assert who not in others
    small.play(lambda state: (current_questions(state)["outcome"] == "keep").all())
    assert who not in answered(small, BOATS)


def test_an_invalid_guess_comes_back_and_a_reply_tells_guessers_nothing(tmp_path: Path):
    small = guessing(tmp_path)
    task = small.keys("guessing", question=BOATS)[0]
    small.state.ledger.append(tables.ANNOTATIONS, [{
        "task_key": task, "stage": "guessing", "language": ENGLISH, "server": "file", "workbench": "w",
        "annotation_id": "1", "account": "", "kind": "submitted", "created_at": None, "updated_at": None,
        "seconds": None, "result": "[]",
    }])  # fmt: skip
    small.advance()
    assert f"{task}/2" in small.keys("guessing", question=BOATS)
    assert "Your guess is missing" in small.shown(f"{task}/2")["findings"][0]
    assert notices_on(small.state, BOATS.rpartition("-")[0], "guessing") == []


def test_a_share_is_drawn_the_same_in_every_run_and_the_rest_read_at_once(tmp_path: Path):
    small = guessing(tmp_path, 0.5)
    for question in (BOATS, BAKERY):
        passage = question.rpartition("-")[0]
        for stage, wanted in (("guessing", True), ("answering", False)):
            for key in small.keys(stage, question=question):
                assert is_guesser("small", passage, key.rpartition("/")[2], 0.5) is wanted
    before = small.keys()
    small.advance()
    assert small.keys() == before
    assert sum(is_guesser("c", f"p{n}", "ana", 0.3) for n in range(2000)) == pytest.approx(600, abs=60)


def test_what_is_decided_needs_no_guess_any_more(tmp_path: Path):
    small = guessing(tmp_path)
    lead_actions.decide(small.state, BOATS, "keep", "As it is.")
    small.advance()
    assert small.keys("guessing", question=BOATS) == small.keys("answering", question=BOATS) == []


# Keys ----------------------------------------------------------------------------------------------------------


def test_no_key_is_shown_to_one_while_another_answers_blind(tmp_path: Path):
    small = at("answering", tmp_path)
    first, second = small.keys("answering", question=BOATS)
    small.submit(first)
    small.advance()
    assert small.keys("judging", question=BOATS) == []
    small.submit(second)
    small.advance()
    assert len(small.keys("judging", question=BOATS)) == 2


FIELDS: dict[str, dict[str, Any]] = {
    "authoring": {"key": 1, "notes": ["", "No.", "No.", "No."], "translator_note": "", "evidence": [1]},
    "guessing": {"choice": 2, "why": "sense"},
    "answering": {"choice": 1, "sure": True},
    "judging": {"rubric": dict.fromkeys(CRITERIA, True), "recommend": "keep"},
    "adjudicating": {"decision": "revise", "right": 3, "reason": "Ask when they do."},
}


def test_guesses_a_dispute_and_its_end_on_a_server(
    own_state: Path, tmp_path: Path, studio: LabelStudio, visitor: Callable[[str], SignedInUser], campaign_id: str
):
    """Everybody in an account of their own; no page that shows too much stands on the server before its time."""
    small = with_more(at("authoring", tmp_path, campaign_id), guess_share=1.0, max_reviewers=4)
    small.configure("# passages = 100", "passages = 1")
    small.servers = {"main": studio}
    for person in ("ana", "r1", "r2", "r3", "r4", "eve"):
        visitor(person)
        set_contact(campaign_id, person, f"{person}@example.org")
    small.advance()

    def work(stage: str, **fields: Any) -> list[str]:
        """Whoever has work of this stage does it on its page; tells who."""
        done = []
        for key in small.keys(stage):
            subject, person = key.split("/")[2], key.split("/")[4]
            title = small.state.campaign.workbench_title(cast("Stage", stage), ENGLISH, person)
            task = next(task for task in visitor(person).open_tasks(title) if task.key == key)
            text = TEXTS[subject, ENGLISH] if stage == "authoring" else {}
            said = {**FIELDS[stage], **text, **(fields if not done else {})}
            visitor(person).submit(task.id, page_of(stage).result(said, task.data, ""), 40.0)
            done.append(person)
        small.advance()
        return done

    def stages() -> set[str]:
        return {title.split("/")[1] for title in studio.workbenches(f"{campaign_id}/")}

    work("authoring")
    assert stages() == {"authoring", "guessing"}
    guessed = work("guessing", choice=1, why="knew")
    assert stages() == {"authoring", "guessing", "answering"}
    assert work("answering") == guessed
    work("judging", recommend="revise", comment="Say where.")
    (third,) = work("guessing")
    assert third not in guessed
    assert work("answering") == work("judging", recommend="revise", comment="Vague.") == [third]
    assert work("guessing") == work("answering") == work("judging") != [third]
    told = status(small.state)["exposure"]
    assert told["blind_answers"] == {"given": 4, "in_reach": 4, "by_authors": 4, "by_others": 2, "kept_apart": 0}
    assert told["guesses"] == {"given": 4, "in_reach": 4, "by_authors": 4, "by_others": 2, "kept_apart": 0}
    assert work("adjudicating") == ["eve"]
    now = small.question(BOATS)
    assert (now["outcome"], now["rule"]) == ("revise", "adjudicated")
    (back,) = small.open("authoring")["task_key"]
    assert any("answer 3 is right; Ask when they do." in line for line in small.shown(back)["findings"])
    assert small.advance().idle
