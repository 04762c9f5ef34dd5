"""A whole campaign in an object store: as in a folder, on a real S3 protocol."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from werkzeug.serving import WSGIRequestHandler

from annotation.labelstudio.client import LabelStudio
from data.campaign.campaign import Campaign
from flows.advance import idle_progress
from flows.ledger_views.current_items import current_translations
from flows.release import release_campaign
from flows.reports.status import status
from tests.flows.small_campaign import begin
from tests.object_store_fixture import object_store

DATE = "2026-01-31"
IDLE_REQUESTS = 400
"""An advance with nothing to do that looks at everything asks the object store at most so often."""

NOTED_REQUESTS = 70
"""So often, where nothing has changed since the last one."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """How many requests of each method the object store was sent; it is up while this is used."""
    asked: Counter[str] = Counter()
    monkeypatch.setattr(WSGIRequestHandler, "log_request", lambda self, *_: asked.update([self.command]))
    with object_store(monkeypatch):
        yield asked


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.mark.slow
def test_from_init_to_release(
    asked: Counter[str],
    studio: LabelStudio,
    campaign_id: str,
    own_state: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = begin(tmp_path / "there", campaign_id, "s3://bench/campaigns/wells")
    there.servers = {"main": studio}
    there.advance()
    assert len(studio.workbenches(f"{campaign_id}/authoring/")) == 2
    there.play(lambda state: bool(len(current_translations(state))) and not len(there.open()))
    assert there.advance().idle
    assert Campaign.load(there.address).id == campaign_id
    counts = status(there.state)["languages"]
    assert {language: count["accepted"] for language, count in counts.items()} == {"fra_Latn": 2, "swh_Latn": 2}

    asked.clear()
    assert there.advance().idle
    assert asked.total() <= IDLE_REQUESTS, asked
    # What came in the last minute is read again, which leaves no note.
    monkeypatch.setattr("annotation.labelstudio.submission_reading.OVERLAP", timedelta(0))
    for _ in range(3):
        asked.clear()
        assert idle_progress(there.address, there.servers) is not None
    assert asked.total() <= NOTED_REQUESTS, asked

    here = begin(tmp_path / "here", campaign_id)
    here.play(lambda state: bool(len(current_translations(state))) and not len(here.open()))
    for small in (there, here):
        release_campaign(small.address, "1.0.0", str(small.folder / "release"), date=DATE)
    assert contents(there.folder / "release") == contents(here.folder / "release")
    assert len(list((there.folder / "release" / "data").glob("*.parquet"))) == 3
