"""A fastText model's labels are read in any form; what it cannot tell is never a pass."""

from __future__ import annotations

import random
from pathlib import Path

import pandas as pd
import pytest

from data.errors import UsageError
from qc.checks.identification_checks import fasttext_identified
from qc.translation_models.varieties import fasttext_identifier
from qc.translation_models.varieties.fasttext_identifier import (
    CalibratedIdentifier,
    FastTextIdentifier,
    codes_of,
    drawn,
)
from qc.translation_models.varieties.variety_fit import VarietyText
from tests.tiny_models import lid_file

SYLLABLES = {
    "swh_Latn": ["wa", "ki", "mu", "za", "nye", "li", "ku", "ha", "vi", "ji", "pa", "tu", "shi", "ngo"],
    "arb_Arab": ["ال", "مس", "تق", "بن", "عر", "في", "دا", "حو", "لم"],
    "hin_Deva": ["का", "ने", "मो", "रे", "ली", "सा", "हु", "जी"],
    "tha_Thai": ["กา", "นี", "ปู", "เม", "รา", "ลี", "สู"],
    "kmr_Latn": ["xwe", "dê", "bi", "gê", "tir", "çû", "rê"],
    "xyz_Latn": ["qo", "qu", "xo", "vv", "ww", "qy"],
}
LABELS = {"swh_Latn": "sw", "arb_Arab": "ar", "hin_Deva": "hin", "tha_Thai": "tha_Thai", "kmr_Latn": "kmr_Latn",
          "xyz_Latn": "qqq_Latn"}  # fmt: skip


def text(code: str, draw: random.Random, words: int = 12) -> str:
    space = "" if code == "tha_Thai" else " "
    return space.join("".join(draw.choices(SYLLABLES[code], k=2)) for _ in range(words))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> FastTextIdentifier:
    draw = random.Random(1)
    texts = {label: [text(code, draw) for _ in range(60)] for code, label in LABELS.items()}
    return FastTextIdentifier(str(lid_file(tmp_path_factory.mktemp("lid") / "lid.bin", texts)))


@pytest.fixture(scope="module")
def identifier(model: FastTextIdentifier) -> CalibratedIdentifier:
    draw, lines = random.Random(2), {}
    for code in ("swh_Latn", "arb_Arab", "hin_Deva", "tha_Thai", "est_Latn"):
        of = code if code in SYLLABLES else "kmr_Latn"
        some = [VarietyText(code, f"d{row // 4:03}", text(of, draw)) for row in range(240)]
        lines[code] = drawn(model, code, some, frozenset({code}), 0.01)
    return CalibratedIdentifier(model, {}, lines)


def flags(identifier: CalibratedIdentifier | None, items, lines: list[tuple[str, str]]) -> list[bool | None]:
    draw = random.Random(3)
    rows = [
        items({"language": code, "question": text(of, draw, 8), "answers": [text(of, draw, 2) for _ in range(4)]})
        for code, of in lines
    ]
    found = fasttext_identified(pd.concat(rows, ignore_index=True), identifier=identifier)
    flags.reasons = found["reason"].tolist()  # type: ignore[attr-defined]
    return [None if pd.isna(flag) else bool(flag) for flag in found["flagged"]]


@pytest.mark.parametrize(
    ("label", "codes"),
    [
        ("__label__eng_Latn", ["eng_Latn"]), ("__label__en", ["eng_Latn"]), ("eng", ["eng_Latn"]),
        ("__label__ekk_Latn", ["est_Latn"]), ("__label__cmn_Hani", ["zho_Hans", "zho_Hant"]),
        ("__label__zh-tw", ["zho_Hant"]), ("__label__ace_Arab", ["ace_Arab"]), ("__label__xx", []),
        ("__label__hbs_Latn", ["bos_Latn", "hrv_Latn"]), ("__label__ku", ["ckb_Arab", "kmr_Latn"]), ("", []),
    ],
)  # fmt: skip
def test_labels_of_every_form(label: str, codes: list[str]) -> None:
    assert [code for code in sorted(codes_of(label)) if len(code) == 8] == codes


def test_right_and_wrong_languages(identifier: CalibratedIdentifier, items) -> None:
    codes = ["swh_Latn", "arb_Arab", "hin_Deva", "tha_Thai"]
    assert flags(identifier, items, [(code, code) for code in codes]) == [False] * 4
    assert flags(identifier, items, [(code, "kmr_Latn") for code in codes]) == [True] * 4
    assert flags.reasons[0] == "reads like kmr_Latn, not swh_Latn"  # type: ignore[attr-defined]


def test_what_cannot_be_told_is_no_pass(identifier: CalibratedIdentifier, items) -> None:
    lines = [
        ("est_Latn", "kmr_Latn"),
        ("swh_Latn", "xyz_Latn"),
        ("kmr_Latn", "kmr_Latn"),
        ("quy_Latn", "swh_Latn"),
    ]
    assert flags(identifier, items, lines) == [None] * 4
    assert flags.reasons == [  # type: ignore[attr-defined]
        f"{why}; a reader must judge it"
        for why in (
            "the model has no label for est_Latn",
            "the model says qqq_Latn, which is no language that is known here",
            "too few correct texts of this length in kmr_Latn to tell", "the model has no label for quy_Latn",
        )
    ]  # fmt: skip
    assert flags(None, items, [("swh_Latn", "swh_Latn")]) == [None]


def test_varieties_of_a_set_are_not_held_against_each_other(model: FastTextIdentifier) -> None:
    said = text("kmr_Latn", random.Random(4))
    assert model.read(said, "swh_Latn", frozenset({"swh_Latn"})).score < 0
    assert model.read(said, "swh_Latn", frozenset({"swh_Latn", "kmr_Latn"})).score > 0


def test_files_that_are_no_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"--lid-model .*none\.bin: No such file"):
        FastTextIdentifier(str(tmp_path / "none.bin"))
    (tmp_path / "odd.bin").write_bytes(b"nonsense")
    with pytest.raises(UsageError, match=r"fastText cannot open it"):
        FastTextIdentifier(str(tmp_path / "odd.bin"))
    file = lid_file(tmp_path / "sentiment.bin", {"good": ["a b c d"] * 9, "bad": ["e f g h"] * 9})
    with pytest.raises(UsageError, match=r"none of its labels \(.*\) is a language that is known here"):
        FastTextIdentifier(str(file))
    monkeypatch.setattr(fasttext_identifier, "find_spec", lambda _: None)
    with pytest.raises(UsageError, match=r"pip install 'belebele-maker\[fasttext\]'"):
        FastTextIdentifier(str(file))
