"""`--qe FOLDER` by the real commands: its number is weighed in a lint, and verdicts rest on it in a campaign."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from data.environment import fits_dir
from data.errors import UsageError
from data.ledger import tables
from flows.calibrations import learned_meanings, model_paths
from flows.calibrations.models_in_force import judged_apart, models_in_force
from flows.cli.commands import main
from qc.checks.meaning_checks import MEANING_SUITE
from tests.flows.lint.test_lint_calibration import WORDS, linted, said, told, write_set
from tests.flows.small_campaign import BAKERY, BOATS, FRENCH, at
from tests.flows.steps.test_check_calibration import SENTENCES, add_passages
from tests.tiny_models import estimator_folder


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))
    learned_meanings._learned.clear()
    model_paths._opened.clear()


def order_scores(folder: Path) -> dict[str, float]:
    """What the last lint said of the order of options, by item."""
    findings = pq.read_table(folder / "out" / "findings.parquet").to_pandas()
    findings = findings[(findings["check"] == "options_swapped") & (findings["language"] == "swh_Latn")]
    return dict(zip(findings["item_id"], findings["score"], strict=True))


@pytest.mark.slow
def test_lint_weighs_its_number(tmp_path: Path) -> None:
    write_set(tmp_path / "set")
    passages = tmp_path / "passages.jsonl"
    lines = [
        {"passage_id": f"p{number}", "language": code, "sentences": [
            said(code, [(number * 31 + sentence * 57 + place * place * 7 + place) % 150 for place in range(9)])
            for sentence in range(3)
        ]}
        for number in range(70) for code in ("eng_Latn", "swh_Latn")
    ]  # fmt: skip
    passages.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    folder = estimator_folder(tmp_path / "quality", sorted(WORDS["eng_Latn"] + WORDS["swh_Latn"]))
    given = ["--calibration", str(passages)]

    without = linted(tmp_path, *given)
    before = order_scores(tmp_path)
    document = linted(tmp_path, *given, "--qe", str(folder))
    after = order_scores(tmp_path)
    assert told(document, "options_swapped")["judged"] == told(without, "options_swapped")["judged"] == 12
    assert told(document, "option_meaning")["expected"] == told(without, "option_meaning")["expected"]
    assert before.keys() == after.keys() and all(before[item] != after[item] for item in before)
    assert len(list(fits_dir().glob("*.meaning"))) == 2  # what is weighed with it is another model
    learned_meanings._learned.clear()  # as in another process, which finds what was saved
    model_paths._opened.clear()
    assert linted(tmp_path, *given, "--qe", str(folder)) == document and order_scores(tmp_path) == after


@pytest.mark.slow
def test_a_campaigns_verdicts_name_it(tmp_path: Path) -> None:
    small = at("translating", tmp_path / "campaign")
    add_passages(small, 68)
    folder = estimator_folder(tmp_path / "quality", sorted({word for some in SENTENCES.values() for word in some}))
    small.submit(*small.keys("translating", FRENCH, BOATS))
    small.advance()
    said = CliRunner().invoke(main, ["calibrate", small.address, "--qe", str(folder), "--json"])
    told = json.loads(said.output)
    digest = models_in_force(small.state).qe
    assert digest and told["models"] == {"qe": digest[:12]} and told["meaning"] == [FRENCH]
    assert not judged_apart(small.state)
    small.submit(*small.keys("translating", FRENCH, BAKERY))
    small.advance()

    table = small.state.ledger.read(tables.CALIBRATIONS)
    (first, second) = dict.fromkeys(table.loc[table["check"] == "option_meaning", "fit"])
    verdicts = small.state.verdicts_on([BOATS, BAKERY])
    verdicts = verdicts[verdicts["language"] == FRENCH]
    of_meaning = verdicts[verdicts["check"].isin([check.name for check in MEANING_SUITE])]
    assert set(of_meaning.loc[of_meaning["subject"] == BOATS, "origin"]) == {first}
    assert set(of_meaning.loc[of_meaning["subject"] == BAKERY, "origin"]) == {second}
    assert verdicts[verdicts["check"] == "names_kept"]["origin"].nunique() == 1  # it says nothing of names

    model_paths._opened.clear()  # as in another process, on a machine that lacks it
    folder.rename(tmp_path / "elsewhere")
    small.submit(*small.keys("proofreading", FRENCH, BOATS))
    with pytest.raises(UsageError, match=f"is judged by the quality-estimation model {digest[:12]}"):
        small.advance()
    said = CliRunner().invoke(main, ["calibrate", small.address, "--qe", str(tmp_path / "elsewhere")])
    assert said.exit_code == 0 and f"qe {digest[:12]} judges" in said.output
    small.advance()
