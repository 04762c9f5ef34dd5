"""Known faults among the reviewers' work: who gets them, what they tell, and what never sees them."""

import json
from pathlib import Path

import pandas as pd
import pytest

from annotation.forms.review_criteria import CRITERIA
from data.errors import ImportRefused, UsageError
from data.ledger import tables
from data.ledger.events import NotPlanted, Planted
from data.ledger.item_copy_ids import kind_of
from flows.item_copies.plants import Crew
from flows.lead.lead_actions import decide
from flows.lead.plants_from_file import supply
from flows.ledger_views.current_items import current_questions
from flows.ledger_views.lead_queries import held_passages
from flows.ledger_views.posed_copies import plants_by_id, plants_of_tasks
from flows.offline.table_export import export_table
from flows.release import release_campaign
from flows.reports.people_and_pay import reviewer_measures
from flows.reports.people_and_pay.invoices import invoices
from flows.reports.status import status
from tests.flows.small_campaign import BAKERY, BOATS, Small, at

ENGLISH = "eng_Latn"
WRONG = '[plants]\nplant_share = 1.0\nfaults = ["wrong_key"]'


def planting(stage: str, folder: Path, kinds: str = '["wrong_key"]', reviewers: int = 3) -> Small:
    """A campaign in which every question is planted."""
    small = at(stage, folder)
    small.configure("[plants]\nplant_share = 0.0", "[plants]\nplant_share = 1.0")
    small.configure('faults = ["wrong_key", "two_right", "unanswerable", "cue"]', f"faults = {kinds}")
    for number in range(4, reviewers + 1):
        file = small.folder / "campaign.toml"
        text = file.read_text("utf-8") + f'\n[[people]]\ncode = "r{number}"\nroles = ["reviewing"]\n'
        file.write_text(text, "utf-8")
    return small


def plants(small: Small, stage: str = "") -> list[str]:
    """The keys of the open tasks on plants."""
    work = small.open(stage)
    return sorted(work["task_key"][work["question_id"].map(kind_of) == "plant"])


def readers(small: Small, subject: str) -> set[str]:
    tasks = small.state.tasks
    return set(tasks["person"][tasks["question_id"] == subject])


def test_a_plant_waits_until_its_question_can_spare_a_reviewer(tmp_path: Path):
    small = planting("answering", tmp_path)
    small.advance()
    assert plants_by_id(small.state) == {}  # three reviewers: two have it, one may have to stand in
    small.submit(*small.keys("answering"))
    small.advance()
    small.submit(*small.keys("judging"))
    small.advance()
    assert {facts.question_id for facts in plants_by_id(small.state).values()} == {BOATS, BAKERY}
    for subject, facts in plants_by_id(small.state).items():
        assert readers(small, subject).isdisjoint(readers(small, facts.question_id))
        assert facts.key != 1


def test_with_enough_reviewers_plants_lie_among_real_work_from_the_beginning(tmp_path: Path):
    small = planting("answering", tmp_path, reviewers=6)
    small.advance()
    assert len(plants_by_id(small.state)) == 2
    for subject, facts in plants_by_id(small.state).items():
        assert len(readers(small, subject)) == 2
        assert readers(small, subject).isdisjoint(readers(small, facts.question_id))
    assert small.advance().opened == 0


def test_a_plant_looks_like_one_more_question_of_its_passage(tmp_path: Path):
    small = planting("answering", tmp_path, reviewers=6)
    small.advance()
    real = next(key for key in small.keys("answering") if key not in plants(small))
    for key in plants(small):
        assert "-p" not in key
        assert set(small.shown(key)) == set(small.shown(real))


def test_whoever_reads_a_plant_never_gets_its_question(tmp_path: Path):
    small = planting("answering", tmp_path, reviewers=6)
    small.advance()
    (plant,) = (subject for subject, facts in plants_by_id(small.state).items() if facts.question_id == BOATS)
    mine = readers(small, plant)
    small.configure("reviewers = 2", "reviewers = 6")
    small.advance()
    assert readers(small, BOATS).isdisjoint(mine)
    assert len(readers(small, BOATS) - {"ana", "ben"}) == 4


def test_who_objects_has_found_it_and_nothing_is_decided_by_it(tmp_path: Path):
    small = planting("translating", tmp_path)
    small.advance()
    before = len(small.state.decisions)
    small.submit(*plants(small, "answering"))  # as the passage has it, which is not the planted key
    small.advance()
    small.submit(*plants(small, "judging"), recommend="revise", rubric_one_right="no")
    small.advance()
    looked = reviewer_measures.plants_seen(small.state)
    assert (looked.all_found.met, looked.all_found.of) == (2, 2)
    assert (looked.named["wrong_key"].met, looked.named["wrong_key"].of) == (2, 2)
    assert len(small.state.decisions) == before
    assert plants(small) == []


def test_who_follows_the_planted_key_and_keeps_it_has_missed_it(tmp_path: Path):
    small = planting("translating", tmp_path)
    small.advance()
    for key in plants(small, "answering"):
        subject = plants_of_tasks(small.state)[key]
        small.submit(key, choice=plants_by_id(small.state)[subject].key)
    small.advance()
    small.submit(*plants(small, "judging"))
    small.advance()
    looked = reviewer_measures.plants_seen(small.state)
    assert (looked.all_found.met, looked.all_found.of) == (0, 2)
    assert looked.people[0].found.of + looked.people[-1].found.of >= 2


def test_sound_copies_tell_false_alarms(tmp_path: Path):
    small = planting("translating", tmp_path, '["sound"]')
    small.advance()
    small.submit(*plants(small, "answering"))
    small.advance()
    first, *rest = plants(small, "judging")
    small.submit(first, recommend="revise", rubric_wording="no")
    small.submit(*rest)
    small.advance()
    looked = reviewer_measures.plants_seen(small.state)
    assert (looked.alarms.met, looked.alarms.of, looked.all_found.of) == (1, 2, 0)


def test_a_question_under_review_gives_a_sound_copy_when_it_was_accepted(tmp_path: Path):
    small = planting("answering", tmp_path, '["sound"]', reviewers=6)
    small.advance()
    assert plants_by_id(small.state) == {}
    assert small.advance().opened == 0
    small.submit(*small.keys("answering"))
    small.advance()
    small.submit(*small.keys("judging"))
    small.advance()
    small.advance()
    made = {facts.question_id: facts.kind for facts in plants_by_id(small.state).values()}
    assert made == {BOATS: "sound", BAKERY: "sound"}


def test_who_cannot_work_on_a_plant_has_found_it_and_holds_nobody(tmp_path: Path):
    small = planting("translating", tmp_path)
    small.advance()
    key, *_ = plants(small, "answering")
    small.submit(key, query="The answers do not fit the passage.")
    small.advance()
    assert held_passages(small.state) == set()
    assert any("planted" in line and "belebele answer" in line for line in small.agenda())
    looked = reviewer_measures.plants_seen(small.state)
    assert (looked.all_found.met, looked.all_found.of) == (1, 1)
    assert small.advance().opened == 0


def test_work_that_was_not_valid_goes_back_to_the_same_reader(tmp_path: Path):
    small = planting("translating", tmp_path)
    small.advance()
    key, *_ = plants(small, "answering")
    state = small.state
    (person,) = state.tasks["person"][state.tasks["task_key"] == key]
    row = {
        "task_key": key, "stage": "answering", "language": ENGLISH, "server": "file", "workbench": "w",
        "annotation_id": "1", "account": "", "kind": "submitted", "result": "[]",
        "created_at": "2026-01-01T00:00:00+00:00", "updated_at": "2026-01-01T00:00:00+00:00",
    }  # fmt: skip
    row |= {name: pd.Timestamp(str(row[name])) for name in ("created_at", "updated_at")}
    state.ledger.append(tables.ANNOTATIONS, [row])
    small.advance()
    again = f"{key}/2"
    assert again in plants(small, "answering")
    assert again.split("/")[-2] == person


def test_when_the_question_is_sent_back_its_plant_is_taken_away(tmp_path: Path):
    small = planting("translating", tmp_path)
    small.advance()
    assert len(plants(small)) == 2
    decide(small.state, BOATS, "revise", "Better words.")
    small.advance()
    assert len(plants(small)) == 1


def test_nothing_of_a_plant_reaches_the_questions_or_a_release(tmp_path: Path):
    small = planting("translating", tmp_path)
    small.advance()
    small.submit(*plants(small, "answering"), comment="PLANTED-WORDS")
    small.advance()
    small.submit(*plants(small, "judging"), recommend="revise", rubric_one_right="no", comment="PLANTED-WORDS")
    small.play(lambda state: not state.tasks["open"].any())
    planted = plants_by_id(small.state)
    assert len(planted) == 2
    out = tmp_path / "release"
    release_campaign(small.address, "1.0.0", str(out))
    plain = at("accepted", tmp_path / "plain")
    release_campaign(plain.address, "1.0.0", str(tmp_path / "plainly"))
    content = b"".join(path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file())
    assert b"PLANTED-WORDS" not in content
    assert not any(subject.encode() in content for subject in planted)
    for name in ("questions", "translations", "decisions"):
        frame = small.state.ledger.read(tables.TABLES[name])
        assert not frame.astype(str).apply(lambda column: column.str.contains(r"-p\d")).any().any()
    card, same = (next(folder.glob("README.md")).read_text() for folder in (out, tmp_path / "plainly"))
    assert "plant" not in card.casefold()
    assert [line for line in card.splitlines() if "people" in line] == [
        line for line in same.splitlines() if "people" in line
    ]


def test_status_and_exports_keep_them_apart(tmp_path: Path):
    small = planting("translating", tmp_path)
    small.advance()
    told = status(small.state)
    assert told["measured"]["plants"] | {"found": 0} == {
        "made": 2, "open": 2, "submitted": 0, "found": 0, "of": 0, "alarms": 0, "sound": 0,
    }  # fmt: skip
    assert not any(line["open"] for line in told["people"] if line["stage"] == "answering")
    small.submit(*plants(small, "answering"))
    small.advance()
    for table in ("tasks", "verdicts", "annotations", "events"):
        file = tmp_path / f"{table}.jsonl"
        export_table(small.state, table, str(file))
        assert "-p1" not in file.read_text("utf-8")
        without = len(file.read_text("utf-8").splitlines())
        assert export_table(small.state, table, str(file), plants=True) > without
    read = [counts["plants"] for counts in invoices(small.state).values()]
    assert sum(counts["answers"] for counts in read) == 2
    assert sum(counts["judgements"] for counts in read) == 0


def test_a_lead_supplies_plants_by_file(tmp_path: Path):
    small = at("translating", tmp_path)
    file = tmp_path / "plants.jsonl"
    lines = [
        {"question_id": BOATS, "kind": "wrong_key", "key": 3},
        {"question_id": BAKERY, "kind": "unanswerable", "passage_id": "boats"},
    ]
    file.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    assert supply(small.state, str(file)) == 2
    assert supply(small.state, str(file)) == 0
    small.advance()
    assert len(plants(small)) == 2
    (key,) = (key for key in plants(small) if plants_of_tasks(small.state)[key].startswith(BAKERY))
    assert small.shown(key)["sentences"][0].startswith("Amina")
    small.submit(key, choice=0)
    small.advance()
    (key,) = plants(small, "judging")
    small.submit(key, **{f"rubric_{name}": "yes" for name in CRITERIA}, recommend="drop", comment="Elsewhere.")
    small.advance()
    looked = reviewer_measures.plants_seen(small.state)
    assert (looked.found["unanswerable"].met, looked.named["unanswerable"].met) == (1, 1)


def test_a_file_with_mistakes_is_refused_whole_with_its_lines(tmp_path: Path):
    small = at("translating", tmp_path)
    file = tmp_path / "plants.jsonl"
    lines = [
        {"question_id": BOATS, "kind": "wrong_key", "key": 3},
        {"question_id": "boat-q1", "kind": "wrong_key", "key": 3},
        {"question_id": BOATS, "kind": "wrong"},
        {"question_id": BOATS, "kind": "wrong_key", "key": 7},
        {"question_id": BOATS, "kind": "wrong_key"},
        {"question_id": BOATS, "kind": "two_right", "answers": ["In a hut", "in a hut.", "At home", "In a boat"]},
        {"question_id": BOATS, "kind": "cue", "anwsers": []},
        {"question_id": BOATS, "kind": "sound", "key": 2},
        {"question_id": BOATS, "kind": "unanswerable", "passage_id": "bakeri"},
    ]
    file.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    with pytest.raises(ImportRefused) as refused:
        supply(small.state, str(file))
    said = refused.value.problems
    assert [int(words.split("line ")[1].split(":")[0]) for words in said] == [2, 3, 4, 5, 6, 7, 8, 9]
    assert "did you mean 'boats-q1'" in said[0]
    assert "as it stands" in said[3]
    assert "the same" in said[4]
    assert plants_by_id(small.state) == {}
    with pytest.raises(UsageError, match=r"\.jsonl"):
        supply(small.state, str(tmp_path / "plants.csv"))


def test_every_kind_can_be_made_by_rule_of_a_plain_question(tmp_path: Path):
    for kind in ("wrong_key", "two_right", "unanswerable", "cue"):
        small = planting("translating", tmp_path / kind, f'["{kind}"]')
        small.advance()
        made = {facts.question_id: facts for facts in plants_by_id(small.state).values()}
        refused = set(small.state.events(NotPlanted)["subject"])
        assert set(made) | refused == {BOATS, BAKERY}
        assert BOATS in made, kind
        assert small.advance().opened == 0  # what could not be made is not tried again


def test_what_remains_is_estimated_from_enough_plants(tmp_path: Path):
    """Ten wrong keys of which nine are found, ten cues of which four are, and ten sound copies."""
    small = at("translating", tmp_path)
    state = small.state
    sound, faults = ["sound"] * 10, ["wrong_key"] * 10 + ["cue"] * 10
    objecting = [False] * 9 + [True] + [True] * 9 + [False] + [True] * 4 + [False] * 6
    events, verdicts = [], []
    day = pd.Timestamp("2026-01-01", tz="UTC")
    for number, (kind, objects) in enumerate(zip(sound + faults, objecting, strict=True), start=1):
        plant = f"{BOATS}-p{number}"
        events.append(Planted(BOATS, 1, kind, "?", [], 1, "boats", 1, None, "lead").row(plant, ENGLISH))
        for check in ("blind_answer", "recommendation"):
            verdicts.append({
                "scope": "item", "subject": plant, "language": ENGLISH, "revision": 1, "version": 1,
                "check": check, "signature": f"{check}|v:1", "score": 0.0, "flagged": objects,
                "reason": "", "judge": "r3", "origin": plant, "judged_at": day,
            })  # fmt: skip
    state.ledger.append(tables.EVENTS, events)
    state.ledger.append(tables.VERDICTS, verdicts)
    found = reviewer_measures.measures(small.state)
    assert (found.seen.all_found.met, found.seen.all_found.of) == (13, 20)
    assert (found.alarms_from, found.seen.alarms.met) == ("sound copies", 1)
    assert found.remaining.accepted == 2
    assert found.remaining.share is not None
    assert found.remaining.low == 0.0  # nobody ever objected to a question
    assert 0 <= found.remaining.share < 0.3


def test_nobody_is_spared_for_a_plant_while_a_question_may_need_them(tmp_path: Path):
    small = planting("answering", tmp_path, reviewers=4)
    small.advance()
    crew = Crew(small.state, [BOATS])
    question = current_questions(small.state).set_index("question_id", drop=False).loc[BOATS].to_dict()
    assert crew.spare(question) in (0, 1)
