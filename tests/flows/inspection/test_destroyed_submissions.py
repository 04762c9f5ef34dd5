"""Submissions that stood on a server and never came in: how that is found, and until when it is told."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd

from annotation.labelstudio.client import Workbench
from data.ledger import tables
from flows.inspection.uncollected_submissions import destroyed_submissions, submission_counts
from tests.flows.small_campaign import BOATS, at

MADE = datetime(2026, 11, 1, tzinfo=UTC)
ANA = Workbench(7, "small/authoring/eng_Latn/ana", 3, 2, MADE)


def came(*numbers: str, at: datetime = MADE) -> pd.DataFrame:
    rows = [{"workbench": ANA.title, "annotation_id": one, "created_at": at} for one in numbers]
    return pd.DataFrame(rows, columns=["workbench", "annotation_id", "created_at"])


def test_a_count_that_more_stood_behind_than_ever_came_in_is_a_loss():
    seen = submission_counts({}, [ANA])
    place = (ANA.title, MADE.isoformat())
    assert seen == {place: 2}
    assert destroyed_submissions("main", seen, {ANA.title: ANA}, [ANA.title], came("1", "2", "2")) == (
        [],
        {place: 2},
    )
    assert destroyed_submissions("main", seen, {ANA.title: ANA}, [], came()) == ([], {place: 2}), "it was not read"

    fewer = Workbench(7, ANA.title, 3, 1, MADE)
    seen = submission_counts(seen, [fewer])
    assert seen == {place: 2}, "the most that was seen"
    (row,), left = destroyed_submissions("main", seen, {ANA.title: fewer}, [ANA.title], came("1"))
    assert (row["kind"], row["subject"], row["language"]) == ("destroyed", ANA.title, "eng_Latn")
    assert left == {place: 1}, "it is told once"


def test_a_workbench_that_vanished_or_was_made_anew_took_what_had_not_come_in():
    seen = submission_counts({}, [ANA])
    assert destroyed_submissions("main", seen, {}, [], came("1", "2")) == ([], {})
    assert len(destroyed_submissions("main", seen, {}, [], came("1"))[0]) == 1
    later = MADE + timedelta(days=1)
    anew = Workbench(9, ANA.title, 3, 0, later)
    seen = submission_counts(seen, [anew])
    rows, left = destroyed_submissions("main", seen, {ANA.title: anew}, [ANA.title], came("1", "2", at=later))
    assert len(rows) == 1, "what came from the new one is not what stood in the old one"
    assert left == {(ANA.title, later.isoformat()): 0}


def test_a_loss_is_told_while_its_workbench_has_open_work(tmp_path: Path):
    small = at("authoring", tmp_path)
    (key,) = small.keys("authoring", question=BOATS)
    person = key.rpartition("/")[2]
    title = small.state.campaign.workbench_title("authoring", "eng_Latn", person)
    facts = '{"server": "main", "made": "", "stood": 3, "collected": 1}'
    small.state.ledger.append(
        tables.EVENTS, [{"kind": "destroyed", "subject": title, "language": "eng_Latn", "detail": facts}]
    )
    (line,) = [line for line in small.agenda() if "destroyed" in line]
    assert line.startswith(f"{title}: 2 submitted and destroyed on server 'main'")
    assert f"ask {person} to look" in line
    small.submit(*small.keys("authoring", person=person))
    small.advance()
    assert small.keys("authoring", person=person) == []
    assert [line for line in small.agenda() if "destroyed" in line] == []
