"""A report is called as the campaign or the release is titled, whatever their folders are called."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from data.itemsets.set_name import SetName, Told
from data.release.release_folder import FORMATS
from flows.set_titles import set_title

STORED = Path(__file__).parents[1] / "stored" / "campaign-0.1"


def release(folder: Path, **facts: object) -> str:
    folder.mkdir()
    told = {"format": FORMATS[-1], "version": "1.2.0", "files": {}, **facts}
    (folder / "manifest.json").write_text(json.dumps(told))
    return str(folder)


def test_a_campaign_is_called_by_its_title(tmp_path: Path) -> None:

    shutil.copy(STORED / "campaign.toml", tmp_path)
    assert set_title([str(tmp_path)]) == SetName("The sample campaign")


def test_a_release_is_called_by_its_title_and_version(tmp_path: Path) -> None:
    assert set_title([release(tmp_path / "release", title="Wells")]) == SetName("Wells 1.2.0")
    untitled = set_title([release(tmp_path / "test", title="")])
    assert untitled == SetName(f"{tmp_path.name}/test", Told.COMMON)


def test_the_user_says_it_better(tmp_path: Path) -> None:
    assert set_title([release(tmp_path / "release", title="Wells")], "Ours") == SetName("Ours")
