"""Where errors are: what proofreaders mark and what a correction changed, in the ledger and in the error score."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
from click.testing import CliRunner

from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.signed_in_user import SignedInUser
from annotation.stages import proofreading_page
from data.campaign.contacts import set_contact
from data.ledger import tables
from flows.cli.commands import main
from flows.ledger_views.translations.translation_quality import proofread_drafts
from tests.flows.small_campaign import BOATS, FRENCH, TEXTS, Small, at

OPTIONS = list(TEXTS[BOATS, FRENCH]["answers"])


def places(small: Small) -> list[tuple[Any, ...]]:
    verdicts = small.state.verdicts_on({BOATS})
    mine = verdicts[verdicts["check"].eq("proofreading") & verdicts["language"].eq(FRENCH)]
    found = small.state.ledger.read_arrow(tables.FINDINGS, None, pc.field("verdict").isin(list(mine["event_id"])))
    names = ("part", "start", "end", "text", "reason", "fix")
    return sorted(tuple(row[name] for name in names) for row in found.to_pylist())


def proofread(folder: Path, **said: str) -> tuple[Small, str]:
    small = at("proofreading", folder)
    (key,) = small.keys("proofreading", FRENCH, BOATS)
    small.submit(key, **said)
    small.advance()
    return small, key


def test_marks_are_places_of_the_proofreaders_verdict_and_each_counts(tmp_path: Path):
    words = OPTIONS[1].split()
    small, _ = proofread(
        tmp_path, outcome="return", comment="Twice.", errors="style/minor",
        marks=f"answer2 style/minor: {words[0]}\nanswer2: {words[-1]}",
    )  # fmt: skip
    last = OPTIONS[1].rindex(words[-1])
    assert places(small) == [
        ("option_2", 0, len(words[0]), words[0], "style/minor", None),
        ("option_2", last, last + len(words[-1]), words[-1], "style/minor", None),
    ]
    (draft,) = proofread_drafts(small.state).to_dict("records")
    assert (list(draft["errors"]), draft["points"]) == (["style/minor", "style/minor"], 2.0)


def test_a_correction_without_marks_tells_its_places_itself(tmp_path: Path):
    said = {"question": TEXTS[BOATS, FRENCH]["question"], **{f"answer{n}": OPTIONS[n - 1] for n in (1, 3, 4)}}
    small, _ = proofread(
        tmp_path, outcome="corrected", **said, answer2=f"{OPTIONS[1]} 😀", errors="omission/minor"
    )
    told = [("option_2", len(OPTIONS[1]), len(OPTIONS[1]), "", "omission/minor", " 😀")]
    assert places(small) == told
    for file in Path(small.address, "ledger", "findings").glob("*.parquet"):
        file.unlink()
    CliRunner().invoke(main, ["check", small.address, "--deep", "--mend"])
    assert places(small) == []
    small.advance()
    assert places(small) == told, "made again from what was submitted"


def test_an_invalid_submission_brings_its_marks_back(
    own_state: Path, tmp_path: Path, studio: LabelStudio, visitor: Callable[[str], SignedInUser], campaign_id: str
):
    word = OPTIONS[0].split()[0]
    small = at("proofreading", tmp_path, campaign_id)
    small.servers = {"main": studio}
    for person in ("p1", "p2"):
        visitor(person)
        set_contact(campaign_id, person, f"{person}@example.org")
    small.advance()
    (key,) = small.keys("proofreading", FRENCH, BOATS)
    person = key.split("/")[4]
    title = small.state.campaign.workbench_title("proofreading", FRENCH, person)
    (task,) = (one for one in visitor(person).open_tasks(title) if one.key == key)
    mark = {"part": "option_1", "start": 0, "end": len(word), "text": word, "category": "", "severity": ""}
    sent = proofreading_page.result(outcome="return", errors=["style/minor"], marks=[mark])
    visitor(person).submit(task.id, sent, 40.0)  # without a comment
    small.advance()
    (again,) = small.keys("proofreading", FRENCH, BOATS)
    assert again != key
    payload = small.state.payloads_of({again})[again]
    assert [(one["part"], one["text"]) for one in payload["marks"]] == [("option_1", word)]
    small.submit(again, outcome="return", comment="Now.", errors="style/minor")
    small.advance()
    assert [place[:4] for place in places(small)] == [("option_1", 0, len(word), word)]
