"""`status` says which models of campaign.toml do not judge, why, and which command puts them in force."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from flows.calibrations import model_paths
from flows.cli.commands import main
from tests.flows.small_campaign import FRENCH, SWAHILI, Small, at
from tests.flows.steps.test_check_calibration import SENTENCES
from tests.tiny_models import lid_file


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))


def told(small: Small, *said: str) -> list[dict[str, Any]]:
    """What status says of the models; in words it says this, wherever its lines break."""
    asked = ["status", small.address]
    facts = json.loads(CliRunner().invoke(main, [*asked, "--json"], catch_exceptions=False).output)
    words = CliRunner().invoke(main, asked, catch_exceptions=False).output
    assert ("Models that do not judge" in words) == bool(facts["models"])
    for one in said:
        assert "".join(one.split()) in "".join(words.split()), words
    models: list[dict[str, Any]] = facts["models"]
    return models


def calibrate(small: Small, exit_code: int = 0) -> None:
    assert CliRunner().invoke(main, ["calibrate", small.address]).exit_code == exit_code


def test_a_named_model_that_does_not_judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = at("translating", tmp_path / "campaign")
    assert told(small) == []
    small.configure("[models]", '[models]\nlid_model = "lid.bin"\nqe = "quality"')
    file, folder = Path(small.address, "lid.bin"), Path(small.address, "quality")
    cure = f"→ belebele calibrate {small.address}"
    quality, lid = told(small, f"the fastText model {file} (models.lid_model) is not there {cure}, once")
    assert (lid["model"], lid["path"], lid["standing"], lid["in_force"]) == ("lid_model", str(file), "missing", "")
    assert quality["standing"] == "missing" and quality["path"] == str(folder)

    folder.mkdir()
    (folder / "config.json").write_text("{}")
    lid_file(file, {code: [" ".join(SENTENCES[code])] for code in (FRENCH, SWAHILI)})
    not_yet = f"(models.lid_model) is named, and not in force yet: nothing is judged by it {cure}, or take"
    quality, lid = told(small, "there are no weights in it", not_yet)
    assert (quality["standing"], lid["standing"]) == ("unusable", "not yet in force")
    small.configure('qe = "quality"', "")
    calibrate(small)
    assert told(small) == []

    with monkeypatch.context() as patch:
        patch.setattr(model_paths, "digest_of", lambda *_: pytest.fail("gigabytes are read for a status"))
        assert told(small) == []
    file.write_bytes(b"another model")
    (lid,) = told(small, f"{file} (models.lid_model) is another model")
    assert lid["standing"] == "another is in force" and lid["here"] and lid["in_force"] != lid["here"]
    calibrate(small, 2)  # it is no model at all, which only opening it shows
    file.unlink()
    (lid,) = told(small, f"is not there; {lid['in_force'][:12]} is in force")
    assert lid["standing"] == "missing"
    small.configure('lid_model = "lid.bin"', "")
    calibrate(small)
    assert told(small) == []
