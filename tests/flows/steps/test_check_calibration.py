"""A campaign is calibrated once, its verdicts name the fit, and a fit is the same wherever it is made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from data.environment import fits_dir
from data.ledger import tables
from flows.calibrations import learned_meanings
from flows.calibrations.calibrations_in_force import fit_in_force, learned_resources
from flows.cli.commands import main
from qc.checks.meaning_checks import MEANING_SUITE
from tests.flows.small_campaign import BOATS, FRENCH, PASSAGES, SWAHILI, TEXTS, Small, at

SENTENCES = {
    code: " ".join(" ".join(some) for (_, of), some in PASSAGES.items() if of == code).replace(".", "").split()
    for code in ("eng_Latn", FRENCH, SWAHILI)
}


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))


def add_passages(small: Small, documents: int, length: int = 16) -> None:
    """More passages, of the words that the campaign's own have."""
    random = np.random.default_rng(0)
    rows = []
    for number in range(documents):
        for code, words in SENTENCES.items():
            some = [" ".join(random.choice(words, length)) for _ in range(3)]
            about = {
                "passage_id": f"more{number}",
                "language": code,
                "revision": 1,
                "source": "more",
                "link": f"d{number}",
                "split": "dev",
                "domain": "",
                "topic": "",
                "position": 100 + number,
            }
            texts = {"sentence_ids": [0, 1, 2], "sentences": some, "text": " ".join(some)}
            rows.append({**about, **texts})
    small.state.ledger.append(tables.PASSAGES, rows)


def origins(small: Small) -> dict[str, set[str]]:
    frame = small.state.ledger.read(tables.VERDICTS)
    frame = frame[frame["language"] == FRENCH]
    return {str(name): set(some) for name, some in frame.groupby("check")["origin"]}


def test_a_small_campaign_is_judged_without_a_fit(tmp_path: Path) -> None:
    small = at("translating", tmp_path / "campaign")
    small.submit(*small.keys("translating", FRENCH, BOATS))
    small.advance()
    assert origins(small)["language_identified"] == {""}
    assert small.state.ledger.read(tables.CALIBRATIONS).empty
    said = CliRunner().invoke(main, ["calibrate", small.address])
    assert said.output.startswith("not calibrated: no language has 200 sentences")


@pytest.mark.slow
def test_a_campaign_is_calibrated_once_and_its_verdicts_name_the_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = at("translating", tmp_path / "campaign")
    add_passages(small, 90)
    wrong = dict(TEXTS[BOATS, SWAHILI])
    small.submit(*small.keys("translating", FRENCH, BOATS), question=wrong["question"])
    small.submit(*small.keys("translating", SWAHILI, BOATS))
    small.advance()
    force = fit_in_force(small.state)
    assert force is not None
    found = origins(small)
    assert found["language_identified"] == {force[0]}
    assert found["untranslated"] == {""}
    assert found["options_swapped"] == found["option_meaning"] == {learned_resources(small.state).fits["meanings"]}
    assert found["names_kept"] == {learned_resources(small.state).fits["names"]}
    lengths = small.state.verdicts_on([BOATS])
    lengths = lengths[(lengths["check"] == "usual_length") & (lengths["language"] == FRENCH)]
    assert "nothing was learned" not in lengths["reason"].iloc[-1]  # two languages were learned about
    table = small.state.ledger.read(tables.CALIBRATIONS)
    of_meaning = table["check"].isin([check.name for check in MEANING_SUITE])
    of_names = table["check"] == "names_kept"
    assert set(table.loc[of_names, "fit"]) == found["names_kept"]
    assert set(table.loc[~of_meaning & ~of_names, "fit"]) == {force[0]} and set(table["language"]) == set(
        SENTENCES
    )
    assert set(table.loc[of_meaning, "fit"]) == found["options_swapped"]  # a verdict's origin names its lines
    assert set(table.loc[of_meaning, "check"]) == {"options_swapped", "option_meaning", "usual_length"}
    assert set(table.loc[of_meaning, "language"]) == {FRENCH, SWAHILI} and set(table["source"]) == {"passages"}
    assert table["threshold"].notna().any() and (table["threshold"].isna() | (table["texts"] >= 200)).all()

    meanings = learned_resources(small.state).resources["meanings"]
    texts = ["the tools", "the river"], ["les outils", "la rivière"]
    known = meanings[FRENCH].scores(*texts)  # type: ignore[index]
    learned_meanings._learned.clear()  # as in another process
    learned_meanings._sides.clear()
    with monkeypatch.context() as patch:
        patch.delattr(
            "qc.translation_models.meaning.meaning_model.MeaningModel.__init__"
        )  # nothing can be learned
        assert (meanings[FRENCH].scores(*texts) == known).all()  # type: ignore[index]
    learned_meanings._learned.clear()
    for saved in fits_dir().glob("*.meaning"):
        saved.write_bytes(saved.read_bytes()[:-1])  # half written, as by somebody's copy
    assert (meanings[FRENCH].scores(*texts) == known).all()  # type: ignore[index]

    before = learned_resources(small.state).resources["varieties"]
    (file,) = fits_dir().glob("*.npz")
    file.unlink()  # as on another machine
    again = learned_resources(Small(small.folder, address=small.address).state).resources["varieties"]
    text = ["Où sont les outils ? Dans une cabane sur la colline, au bord de la rivière."]
    assert again is not before
    assert again.read(text, [FRENCH]) == before.read(text, [FRENCH])  # type: ignore[attr-defined]

    address = small.address
    assert "nothing changed" in CliRunner().invoke(main, ["calibrate", address]).output
    assert len(small.state.ledger.read(tables.CALIBRATIONS)) == len(table)
    add_passages(small, 95)  # five more
    said = CliRunner().invoke(main, ["calibrate", address]).output
    assert "is in force, with thresholds for 3 languages" in said
    assert force[0][:8] not in said
