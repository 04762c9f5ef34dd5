"""An error in a release, from the report to the release that corrects it, by people on a server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.signed_in_user import SignedInUser
from annotation.stages import page_of
from data.campaign.contacts import set_contact
from data.ledger.tables import Stage
from flows.patches.patch_requests import PatchRequest, patch
from flows.release import release_campaign
from tests.flows.small_campaign import BOATS, FRENCH, TEXTS, Small, at

pytestmark = pytest.mark.usefixtures("own_state")

SAID = "“Sous le vieux pont” should be “Sous le pont de bois”."


def test_a_report_reaches_the_translators_page_and_comes_out_corrected(
    tmp_path: Path, studio: LabelStudio, visitor: Callable[[str], SignedInUser], campaign_id: str
) -> None:
    small = at("accepted", tmp_path, campaign_id)
    release_campaign(small.address, "1.0.0", str(tmp_path / "one"))
    small = Small(small.folder, {"main": studio})
    for person in ("t1", "t2", "p1", "p2"):
        visitor(person)
        set_contact(campaign_id, person, f"{person}@example.org")
    patch(small.state, PatchRequest(BOATS, "French", SAID, "option_2", "Lena K."))
    assert small.advance().problems == []

    text = TEXTS[BOATS, FRENCH]
    answers = [text["answers"][0], "Sous le pont de bois", *text["answers"][2:]]
    mended = {"question": text["question"], "answers": answers}
    todo: list[tuple[Stage, dict[str, object]]] = [
        ("translating", mended),
        ("proofreading", {**mended, "outcome": "accept", "comment": ""}),
    ]
    for stage, fields in todo:
        (person,) = small.open(stage)["person"]
        title = small.state.campaign.workbench_title(stage, FRENCH, person)
        (task,) = visitor(person).open_tasks(title)
        page = json.dumps(task.data, ensure_ascii=False)
        assert (SAID in page, "Lena" in page) == (stage == "translating", False)
        visitor(person).submit(task.id, page_of(stage).result(fields, task.data, ""))
        assert small.advance().problems == []
    assert small.open().empty
    made = release_campaign(small.address, "1.0.1", str(tmp_path / "two"), since=str(tmp_path / "one"))
    assert len(made.facts["corrected"]) == 1
    assert "Lena K." in (tmp_path / "two" / "CHANGELOG.md").read_text()
