"""Models that campaign.toml or `belebele calibrate` names judge by their digest, on every machine the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from data.campaign.campaign import Campaign
from data.errors import UsageError
from data.ledger import tables
from data.ledger.events import ModelsChosen
from flows.calibrations import model_paths
from flows.calibrations.calibrations_in_force import fit_in_force
from flows.calibrations.models_in_force import judged_apart, models_in_force
from flows.cli.commands import main
from tests.flows.small_campaign import BAKERY, BOATS, FRENCH, SWAHILI, Small, at
from tests.flows.steps.test_check_calibration import SENTENCES, add_passages, origins
from tests.tiny_models import encoder_folder, lid_file


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    encoder_folder(
        folder / "encoder", None, sorted({word.lower() for some in SENTENCES.values() for word in some})
    )
    draw = np.random.default_rng(0)
    labelled = {
        code: [" ".join(draw.choice(SENTENCES[code], 16)) for _ in range(60)] for code in (FRENCH, SWAHILI)
    }
    lid_file(folder / "lid.bin", labelled)
    return folder


def calibrate(small: Small, *more: str) -> Result:
    return CliRunner().invoke(main, ["calibrate", small.address, *more])


def test_models_judge_from_the_calibration_on(tmp_path: Path, made: Path) -> None:
    small = at("translating", tmp_path / "campaign")
    add_passages(small, 68)
    here = Path(small.address)
    (made / "encoder").rename(here / "encoder")
    (made / "lid.bin").rename(here / "lid.bin")
    small.configure("[models]", '[models]\nencoder = "encoder"\nlid_model = "lid.bin"')
    small.submit(*small.keys("translating", FRENCH, BOATS))
    small.advance()
    chosen = models_in_force(small.state)
    assert chosen.encoder and chosen.lid_model and not chosen.qe
    assert not judged_apart(small.state)  # the models are opened once, in this process
    plugged = origins(small)
    table = small.state.ledger.read(tables.CALIBRATIONS)
    lines = table[table["check"] == "fasttext_identified"]
    assert plugged["fasttext_identified"] == set(lines["fit"]) and set(lines["language"]) == {FRENCH}
    verdicts = small.state.verdicts_on([BOATS])
    verdicts = verdicts[(verdicts["check"] == "fasttext_identified") & (verdicts["language"] == FRENCH)]
    assert verdicts["flagged"].tolist() == [False]
    force = fit_in_force(small.state)
    assert force is not None and force.share == pytest.approx(0.05 / 6)

    (here / "encoder").rename(tmp_path / "elsewhere")
    small.submit(*small.keys("translating", FRENCH, BAKERY))
    model_paths._opened.clear()  # as in another process
    with pytest.raises(UsageError, match=f"is judged by the sentence encoder {chosen.encoder[:12]}"):
        small.advance()
    named = calibrate(small, "--encoder", str(tmp_path / "elsewhere"))
    assert named.exit_code == 0 and f"encoder {chosen.encoder[:12]} judges" in named.output, named.output
    assert len(small.state.events(ModelsChosen)) == 1  # it is the same model
    model_paths._opened.clear()
    small.advance()
    assert origins(small) == plugged

    small.configure('encoder = "encoder"\nlid_model = "lid.bin"', "")
    assert calibrate(small).exit_code == 0
    assert models_in_force(small.state) == ModelsChosen() and judged_apart(small.state)
    after = fit_in_force(small.state)
    assert after is not None and after.share == pytest.approx(0.05 / 5) and after.digest != force.digest


def test_a_campaign_without_models_is_as_before(tmp_path: Path) -> None:
    small = at("translating", tmp_path / "campaign")
    campaign = Campaign.load(small.address)
    small.configure("[models]", "")
    assert Campaign.load(small.address).hash == campaign.hash and "models" not in campaign.to_json()
    refused = calibrate(small, "--qe", str(tmp_path / "none"))
    assert (refused.exit_code, "--qe" in refused.output, "there is no such folder" in refused.output) == (
        2,
        True,
        True,
    )
    assert small.state.events(ModelsChosen).empty
