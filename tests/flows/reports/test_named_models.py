"""`status` says which models of campaign.toml do not judge, why, and which command puts them in force."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from flows import model_paths
from flows.cli.commands import main
from tests.flows.small_campaign import FRENCH, SWAHILI, Small, at
from tests.flows.steps.test_check_calibration import SENTENCES
from tests.tiny_models import lid_file


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))


def told(small: Small) -> tuple[list[dict[str, Any]], str]:
    """What status says of the models, as facts and in words."""
    asked = ["status", small.address]
    facts = json.loads(CliRunner().invoke(main, [*asked, "--json"], catch_exceptions=False).output)
    words = CliRunner().invoke(main, asked, catch_exceptions=False).output
    assert ("Models that do not judge" in words) == bool(facts["models"])
    return facts["models"], " ".join(words.split())


def calibrate(small: Small, exit_code: int = 0) -> None:
    assert CliRunner().invoke(main, ["calibrate", small.address]).exit_code == exit_code


def test_a_named_model_that_does_not_judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = at("translating", tmp_path / "campaign")
    assert told(small)[0] == []
    small.configure("[models]", '[models]\nlid_model = "lid.bin"\nqe = "quality"')
    file, folder = Path(small.address, "lid.bin"), Path(small.address, "quality")
    (lid, quality), words = told(small)
    assert (lid["model"], lid["path"], lid["standing"], lid["in_force"]) == ("lid_model", str(file), "missing", "")
    assert quality["standing"] == "missing" and quality["path"] == str(folder)
    assert (
        f"fastText model {file} (models.lid_model) is not there → belebele calibrate {small.address}, once"
        in words
    )

    folder.mkdir()
    (folder / "config.json").write_text("{}")
    lid_file(file, {code: [" ".join(SENTENCES[code])] for code in (FRENCH, SWAHILI)})
    (lid, quality), words = told(small)
    assert (quality["standing"], lid["standing"]) == ("unusable", "not yet in force")
    assert (
        "there are no weights in it" in words
        and "not in force yet: nothing is judged by it → belebele cal" in words
    )
    small.configure('qe = "quality"', "")
    calibrate(small)
    assert told(small)[0] == []

    with monkeypatch.context() as patch:
        patch.setattr(model_paths, "digest_of", lambda *_: pytest.fail("gigabytes are read for a status"))
        assert told(small)[0] == []
    file.write_bytes(b"another model")
    ((lid,), words) = told(small)
    assert lid["standing"] == "another is in force" and lid["here"] and lid["in_force"] != lid["here"]
    assert f"is another model, {lid['here'][:12]}, than the one in force, {lid['in_force'][:12]} →" in words
    calibrate(small, 2)  # it is no model at all, which only opening it shows
    file.unlink()
    ((lid,), words) = told(small)
    assert lid["standing"] == "missing" and f"is not there; {lid['in_force'][:12]} is in force" in words
    small.configure('lid_model = "lid.bin"', "")
    calibrate(small)
    assert told(small)[0] == []
