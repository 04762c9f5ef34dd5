"""A campaign and its release are drawn as the items that a reader of the release has."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from flows.cli.commands import main
from flows.release import release_campaign
from tests.stored_campaign import stored_campaign

LANGUAGES = ("arb_Arab", "swh_Latn")


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> str:
    return stored_campaign(tmp_path_factory.mktemp("stored"))


def pages(path: str, out: Path, *words: str) -> dict[str, list[dict[str, object]]]:
    line = ["render", path, "--out", str(out), "--resolution", "224", "--languages", ",".join(LANGUAGES), *words]
    done = CliRunner().invoke(main, line)
    assert done.exit_code == 0, done.output
    return {code: pq.read_table(out / "pages" / f"{code}.parquet").to_pylist() for code in LANGUAGES}


def test_pages_are_the_items_of_the_release(campaign: str, tmp_path: Path) -> None:
    release_campaign(campaign, "1.0.0", str(tmp_path / "release"))
    of_release = pages(str(tmp_path / "release"), tmp_path / "of-release")
    for code in LANGUAGES:
        items = {
            line["item_id"]: line
            for line in pq.read_table(tmp_path / "release" / "data" / f"{code}.parquet").to_pylist()
        }
        assert {page["item_id"] for page in of_release[code]} == {*items}
        for page in of_release[code]:
            item = items[page["item_id"]]
            assert page["text"] == item["flores_passage"]
            assert page["question"] == item["question"]
            assert page["options"] == [item[f"mc_answer{n}"] for n in range(1, 5)]
            assert page["answers"] == [int(item["correct_answer_num"])]
    told = json.loads((tmp_path / "of-release" / "rendering.json").read_text("utf-8"))
    assert told["name"] == "The sample campaign 1.0.0"
    assert told["canary"]


def test_a_campaign_is_drawn_before_it_is_released(campaign: str, tmp_path: Path) -> None:
    release_campaign(campaign, "1.0.0", str(tmp_path / "release"))
    of_campaign = pages(campaign, tmp_path / "of-campaign")
    of_release = pages(str(tmp_path / "release"), tmp_path / "of-release")
    for code in LANGUAGES:
        texts = [sorted(str(page["text"]) for page in some[code]) for some in (of_campaign, of_release)]
        assert texts[0] == texts[1]
