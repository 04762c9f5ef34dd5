"""What the questions show as a set, in a campaign: when it is read, whom it sends back, where it stands."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from data.campaign import new_campaign
from data.campaign.campaign import Campaign
from data.ledger import Ledger, tables
from data.ledger.events import SetRead
from flows import check_suites
from flows.cli.commands import main
from flows.readings.set_readings import set_reading_mark, shortcuts_shown
from flows.reports.status import status
from flows.state import State
from flows.steps import checks_and_decisions

NOUNS = ["boat", "lamp", "mill", "road", "well", "barn", "gate", "hill"]
LONGER = "that stood beside the old river"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def campaign(folder: Path, least: int = 40) -> State:
    """A campaign of sixty passages; nobody has written anything."""
    import json

    lines = [
        {"passage_id": f"p{n:03}", "language": "eng_Latn", "sentences": [f"Nothing of note is told of day {n}."]}
        for n in range(60)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "passages.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    text = new_campaign.template(id="set", title="Set", source="parallel", path="passages.jsonl", languages=[])
    new_campaign.init(str(folder), text + f"\n[checks.shortcuts]\nleast = {least}\npermutations = 199\n")
    from flows.steps.passage_intake import read_source

    state = State(Campaign.load(str(folder)), Ledger(str(folder)))
    read_source(state, str(folder))
    return state.fresh()


def written(state: State, numbers: range, long_keys: int, revision: int = 1) -> State:
    """Questions come in; the first few have a key that is the longest by far."""
    rows: list[dict[str, Any]] = []
    for n in numbers:
        draw = random.Random(n)
        answers = [f"The {one}" for one in draw.sample(NOUNS, 4)]
        key = draw.randrange(4)
        if n - numbers.start < long_keys:
            answers[key] += f" {LONGER}"
        rows.append(
            {"question_id": f"p{n:03}-q1", "passage_id": f"p{n:03}", "question_number": 1, "revision": revision,
             "passage_revision": 1, "language": "eng_Latn", "question": f"What is told of day {n} of the year?",
             "answers": answers, "key": key + 1, "notes": [""] * 4, "translator_note": "", "person": "ana",
             "annotation": f"a{n}-{revision}", "submitted_at": NOW + timedelta(minutes=n)}
        )  # fmt: skip
    state.ledger.append(tables.QUESTIONS, rows)
    return State(state.campaign, state.ledger)


def flags(state: State) -> Counter[tuple[str, object]]:
    verdicts = state.ledger.read(tables.VERDICTS)
    by_set = verdicts[verdicts["check"] == "given_away"]
    return Counter((row.origin, row.flagged) for row in by_set.itertuples())


def test_a_small_set_is_left_alone(tmp_path: Path) -> None:
    state = written(campaign(tmp_path), range(20), 20)
    checks_and_decisions.check(state)
    state = State(state.campaign, state.ledger)
    assert set_reading_mark(state) == ""
    assert status(state)["shortcuts"] == {"questions": 0, "found": []}
    verdicts = state.ledger.read(tables.VERDICTS)
    assert set(verdicts["check"][verdicts["scope"] == "item"]) == check_suites.REQUIRED["source"]
    assert verdicts["flagged"][verdicts["check"] == "given_away"].isna().all()
    before = state.ledger.version()
    assert checks_and_decisions.check(state).verdicts == 0
    assert state.ledger.version() == before


@pytest.fixture
def tilted(tmp_path: Path) -> State:
    """Fifty questions of which thirty have a key that is the longest by far, checked once."""
    state = written(campaign(tmp_path), range(50), 30)
    checks_and_decisions.check(state)
    return State(state.campaign, state.ledger)


def test_the_set_is_read_and_what_it_shows_sends_items_back(tilted: State) -> None:
    mark = set_reading_mark(tilted)
    assert mark
    assert {"longest", "most_words"} <= shortcuts_shown(tilted)
    found = flags(tilted)
    assert set(found) == {(mark, True), (mark, False)}
    assert 20 <= found[mark, True] <= 40
    decided = checks_and_decisions.judge(tilted)
    back = [row for row in decided.decisions if row["outcome"] == "revise"]
    assert len(back) == found[mark, True]
    assert sum("the longest by far" in row["reason"] for row in back) >= 20
    verdicts = tilted.ledger.read(tables.VERDICTS)
    noted = verdicts[(verdicts["check"] == "narrowed_down") & (verdicts["origin"] == mark)]
    assert len(noted) == 50 and not noted["flagged"].isna().any()
    sent = verdicts[(verdicts["check"] == "given_away") & verdicts["reason"].str.contains("struck")]
    assert not set(noted["subject"][noted["flagged"]]) & set(sent["subject"])


def test_where_it_stands(tilted: State) -> None:
    told = status(tilted)["shortcuts"]
    assert told["questions"] == 50
    assert any(line.startswith("longest .") and "(chance .25), p = .005" in line for line in told["found"])
    output = " ".join(CliRunner().invoke(main, ["status", tilted.ledger.address]).output.split())
    assert "Shortcuts: " in output
    assert "more (status --json)" in output


def test_it_is_read_again_after_a_round_only(tilted: State) -> None:
    before = tilted.ledger.version()
    assert checks_and_decisions.check(tilted).verdicts == 0
    assert tilted.ledger.version() == before
    checks_and_decisions.check(written(tilted, range(50, 52), 0))
    state = State(tilted.campaign, tilted.ledger)
    assert len(state.events(SetRead)) == 2, "nobody is writing, so the round is over"
    assert set_reading_mark(state) != set_reading_mark(tilted)
    assert sum(n for (mark, _), n in flags(state).items() if mark == set_reading_mark(state)) == 52


def test_while_authors_write_a_tenth_is_a_round(tilted: State) -> None:
    task = {
        "task_key": "authoring/eng_Latn/p059-q1/0/ana",
        "stage": "authoring", "language": "eng_Latn", "person": "ana",
        "passage_id": "p059", "question_id": "p059-q1", "revision": 0, "attempt": 1, "reason": "", "payload": "{}",
    }  # fmt: skip
    tilted.ledger.append(tables.TASKS, [task])
    checks_and_decisions.check(written(tilted, range(50, 53), 0))
    state = State(tilted.campaign, tilted.ledger)
    assert len(state.events(SetRead)) == 1
    found = flags(state)
    assert sum(found.values()) == 53, "new questions are judged by what the set showed last"
    assert {mark for mark, _ in found} == {set_reading_mark(tilted)}
    checks_and_decisions.check(written(state, range(53, 57), 0))
    assert len(State(state.campaign, state.ledger).events(SetRead)) == 2


def test_a_mended_set_is_clean(tilted: State) -> None:
    tilted.ledger.append(tables.DECISIONS, checks_and_decisions.judge(tilted).decisions)
    checks_and_decisions.check(written(tilted, range(30), 0, revision=2))
    state = State(tilted.campaign, tilted.ledger)
    assert "longest" not in shortcuts_shown(state)
    verdicts = state.ledger.read(tables.VERDICTS)
    new = verdicts[(verdicts["check"] == "given_away") & (verdicts["revision"] == 2)]
    assert len(new) == 30
    assert not new["flagged"].any()
