"""The people of a rehearsal, without a server: who sees all finds all, who sees nothing finds nothing."""

from pathlib import Path
from typing import Any

import pytest

from annotation.forms.review_criteria import CRITERIA
from data.errors import CampaignError, UsageError
from data.ledger.events import Planted
from flows.clozes import End, alike, cut, ends
from flows.simulation.rehearsal.simulated_workers import UNMET, Draft, Script
from flows.simulation.rehearsal.worker_profiles import RENDERED, WRITTEN, load, parse

SENTENCES = (
    "Amina mends the old wooden boats by the river every morning in the dry season.",
    "Her brother carries the new nails from the market town on a small grey donkey.",
    "They sell their best boats to fishermen who come down from the northern lakes.",
)
FRENCH = (
    "Amina répare les vieux bateaux de bois près de la rivière chaque matin à la saison sèche.",
    "Son frère apporte les clous neufs du bourg voisin sur un petit âne gris et patient.",
    "Ils vendent leurs meilleurs bateaux aux pêcheurs qui descendent des grands lacs du nord.",
)


def texts(passages: int = 6) -> dict[tuple[str, str], list[str]]:
    """Passages whose sentences end differently."""
    return {
        (f"p{n}", language): [
            f"{one.removesuffix('.')} of the year 19{n}{place}." for place, one in enumerate(given)
        ]
        for n in range(passages)
        for language, given in (("eng_Latn", SENTENCES), ("fra_Latn", FRENCH))
    }


def script(toml: str = "", seed: int = 1) -> Script:
    return Script(texts(), "eng_Latn", parse(toml), seed)


def shares(kinds: tuple[str, ...], share: float) -> str:
    return "\n".join(f"{kind} = {share}" for kind in kinds)


def write(play: Script, subject: str = "p1-q1", revision: int = 0) -> Draft:
    play.fields(f"authoring/eng_Latn/{subject}/{revision}/w1", {}, {})
    return play.drafts[subject, revision + 1]


def review(play: Script, person: str = "r1", subject: str = "p1-q1") -> tuple[dict[str, Any], dict[str, Any]]:
    answer, judged = (
        play.fields(f"{stage}/eng_Latn/{subject}/1/{person}", {}, {}) for stage in ("answering", "judging")
    )
    return answer, judged


def objects(draft: Draft, answer: dict[str, Any], judged: dict[str, Any]) -> bool:
    return bool(
        answer["choice"] != draft.key or not all(judged["rubric"].values()) or judged["recommend"] != "keep"
    )


# Clozes ----------------------------------------------------------------------------------------------------------


def test_a_sentence_can_be_cut_where_enough_is_left():
    here = ends("p", ["Too short to cut.", SENTENCES[0]], "eng_Latn")
    assert {end.sentence for end in here} == {1}
    assert [end.words for end in here] == [3, 4, 5, 6]


def test_chinese_is_cut_between_characters():
    stem, end = cut("昨天早上老人在河边修理他那条旧木船。", "zho_Hans", 3)
    assert stem == "昨天早上老人在河边 ____"
    assert end == "修理他那条旧木船"


def test_options_that_hold_each_other_are_alike():
    assert alike("in the morning", "In the morning, early")
    assert not alike("in the morning", "at night")


# Writing ---------------------------------------------------------------------------------------------------------


def test_a_sound_question_has_one_right_end_and_three_of_other_passages():
    draft = write(script(f"[writers]\n{shares(WRITTEN, 0.0)}"))
    assert draft.fault == ""
    assert draft.key == draft.right
    passages = [end.passage_id for end in draft.ends]
    assert passages.pop(draft.key - 1) == "p1"
    assert "p1" not in passages
    assert draft.question.endswith("____")
    assert len(set(draft.answers)) == 4


def test_nobody_asks_the_same_twice():
    play = script(f"[writers]\n{shares(WRITTEN, 0.0)}")
    asked = {write(play, f"p1-q{n}", revision).question for n in (1, 2, 3) for revision in (0, 1)}
    assert len(asked) == 6


def test_luck_follows_from_the_seed():
    assert write(script()) == write(script())
    assert write(script(seed=1)) != write(script(seed=2))


@pytest.mark.parametrize("kind", WRITTEN)
def test_a_writer_who_always_makes_a_fault_makes_it(kind: str):
    others = tuple(one for one in WRITTEN if one != kind)
    draft = write(script(f"[writers]\n{kind} = 1.0\n{shares(others, 0.0)}"))
    assert draft.fault == kind
    if kind == "wrong_key":
        assert draft.key != draft.right
    if kind == "unanswerable":
        assert draft.right == 0


# Reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", WRITTEN)
@pytest.mark.parametrize("seen", [0.0, 1.0])
def test_who_sees_all_objects_and_who_sees_nothing_does_not(kind: str, seen: float):
    others = tuple(one for one in WRITTEN if one != kind)
    skill = f"seen = {{ {kind} = {seen} }}\nfalse_alarms = 0.0\naccuracy = 1.0"
    play = script(f"[writers]\n{kind} = 1.0\n{shares(others, 0.0)}\n[reviewers]\n{skill}")
    draft = write(play)
    answer, judged = review(play)
    assert objects(draft, answer, judged) == bool(seen)
    if seen:
        assert {name for name in CRITERIA if not judged["rubric"][name]} == set(UNMET[kind])


def test_careless_people_have_a_table_of_their_own():
    toml = f"[writers]\nwrong_key = 1.0\n{shares(WRITTEN[1:], 0.0)}\n[reviewers]\nseen = {{ wrong_key = 1.0 }}\n"
    play = script(f"{toml}[people.r2.reviewers]\nseen = {{ wrong_key = 0.0 }}\naccuracy = 1.0\nfalse_alarms = 0.0")
    draft = write(play)
    assert objects(draft, *review(play, "r1"))
    assert not objects(draft, *review(play, "r2"))


def test_false_alarms_and_wrong_answers_come_as_often_as_they_should():
    play = script(f"[writers]\n{shares(WRITTEN, 0.0)}\n[reviewers]\nfalse_alarms = 0.3\naccuracy = 0.8")
    draft = write(play)
    read = [review(play, f"r{n}") for n in range(600)]
    assert 0.75 < sum(answer["choice"] == draft.key for answer, _ in read) / 600 < 0.85
    assert 0.25 < sum(judged["recommend"] != "keep" for _, judged in read) / 600 < 0.35


def test_a_planted_fault_is_read_as_one():
    play = script(f"[writers]\n{shares(WRITTEN, 0.0)}\n[reviewers]\nseen = {{ wrong_key = 1.0 }}")
    draft = write(play)
    wrong = draft.key % 4 + 1
    plant = Planted("p1-q1", 1, "wrong_key", draft.question, draft.answers, wrong, "p1", 1, None, "rule")
    assert play.fields("answering/eng_Latn/p1-q1-p1/1/r1", {}, {"p1-q1-p1": plant})["choice"] == draft.key


# Translation -----------------------------------------------------------------------------------------------------


def source(draft: Draft) -> dict[str, Any]:
    return {"source_question": draft.question} | {f"source_answer_{n}": a for n, a in enumerate(draft.answers, 1)}


@pytest.mark.parametrize("kind", ["", *RENDERED])
@pytest.mark.parametrize("seen", [0.0, 1.0])
def test_a_translators_fault_is_corrected_by_who_sees_it(kind: str, seen: float):
    faults = "\n".join(f"{one} = {float(one == kind)}" for one in RENDERED)
    skill = f"seen = {{ {', '.join(f'{one} = {seen}' for one in RENDERED)} }}\nfalse_alarms = 0.0\nreturned = 0.0"
    play = script(f"[writers]\n{shares(WRITTEN, 0.0)}\n[translators]\n{faults}\n[proofreaders]\n{skill}")
    draft = write(play)
    text = play.fields("translating/fra_Latn/p1-q1/0/t1", source(draft), {})
    sound = play.rendered("p1-q1", "fra_Latn", 0, source(draft))
    assert (text == sound) == (kind == "")
    shown = {"draft_question": text["question"]} | {
        f"draft_answer_{n}": a for n, a in enumerate(text["answers"], 1)
    }
    read = play.fields("proofreading/fra_Latn/p1-q1/1/p1", {**source(draft), **shown}, {})
    assert read["outcome"] == ("corrected" if kind and seen else "accept")
    assert play.faults["p1-q1", "fra_Latn", 2] == ("" if seen else kind)
    if kind and seen:
        assert {name: read[name] for name in sound} == sound


# The file of people ----------------------------------------------------------------------------------------------


def test_every_mistake_of_a_file_is_told_with_its_line():
    with pytest.raises(CampaignError) as told:
        parse('power = 2\n[writers]\nminutes = "long"\n[reviewer]\n[people.r1.reviewers]\nseen = { cue = 1.5 }\n')
    said = str(told.value)
    for words in (
        "power: is 2",
        'line 3, writers.minutes: is "long"',
        "did you mean 'reviewers'",
        "seen.cue: is 1.5",
    ):
        assert words in said


def test_a_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(UsageError, match="--people"):
        load(str(tmp_path / "none.toml"))


def test_what_a_file_leaves_out_is_as_usual():
    skills = parse("[reviewers]\nseen = { cue = 0.5 }\n")
    assert skills.of("reviewing").seen.cue == 0.5
    assert skills.of("reviewing").seen.wrong_key == load("").of("reviewing").seen.wrong_key


def test_typical_paces_are_the_medians():
    play = script("[writers]\nminutes = 10\nspread = 0.5")
    drawn = sorted(play.seconds(f"authoring/eng_Latn/p{n}-q1/0/w1", "authoring", "w1") for n in range(501))
    assert 9 * 60 < drawn[250] < 11 * 60


def test_a_cut_keeps_its_place():
    end = End("p1", 0, 3)
    stem, said = cut(texts()["p1", "fra_Latn"][0], "fra_Latn", end.words)
    assert said == "the year 1910"
    assert stem.endswith("of ____")
