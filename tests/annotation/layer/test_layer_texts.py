"""What the layer says and what it leans on in the front end, held against the script itself."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

LAYER = Path(__file__).parents[3] / "annotation" / "layer"
SCRIPT = (LAYER / "companion.js").read_text("utf-8")
SAID = set(
    re.findall(r'gettext\(\s*"([^"]+)"', SCRIPT + (LAYER / "pages" / "replaced_pages.py").read_text("utf-8"))
)
ALL_LEANS = re.search(r"const LEANS_ON = \[(.*?)\n  \];", SCRIPT, re.DOTALL)


@pytest.mark.parametrize("language", ["ar", "fr"])
def test_a_catalogue_has_all_that_is_said_and_nothing_else(language: str) -> None:
    catalogue = json.loads((LAYER / "pages" / "locale" / f"{language}.json").read_text("utf-8"))
    assert len(SAID) > 30
    assert set(catalogue) == SAID
    for english, said in catalogue.items():
        assert said.strip() and said != english
        assert sorted(re.findall(r"\{\w+\}", said)) == sorted(re.findall(r"\{\w+\}", english))


def test_nothing_is_said_past_the_catalogues() -> None:
    """Sentences in quotes stand in gettext alone; the rest of what is quoted are names."""
    code = re.sub(r"/\*.*?\*/|//[^\n]*", "", SCRIPT, flags=re.DOTALL)
    code = re.sub(r'gettext\(\s*"[^"]+"', "gettext(", re.sub(r"`[^`]*`", "``", code))
    quoted = re.findall(r'"([^"\n]*)"', code)
    said = [text for text in quoted if re.match(r"[A-Z][a-z]+ [a-z]+ ", text)]
    assert said == []


def test_a_start_looks_for_everything_that_the_script_leans_on() -> None:
    from annotation.layer.pages.front_end import NAMES

    assert ALL_LEANS is not None
    named = re.findall(r'\["([\w.]+)"', ALL_LEANS[1])
    listed = re.findall(r'"(\w+)"', re.search(r"\.\.\.\[(.*?)\]", ALL_LEANS[1], re.DOTALL)[1])  # type: ignore[index]
    leaves = {name.rpartition(".")[2] for name in [*named, *listed]} - {"id", "on"}  # too short to be looked for
    assert len(leaves) > 25
    assert leaves <= set(NAMES)
    for name in NAMES:
        assert name.removeprefix("bottombar-") in SCRIPT, f"{name} is used nowhere"


def test_a_name_that_is_gone_is_named(tmp_path: Path) -> None:
    from annotation.layer.pages.front_end import missing

    (tmp_path / "main.js").write_text("var a={submitDraft:1,names:b.skipTasks}", "utf-8")
    (tmp_path / "2.js").write_text('c["next-task"]', "utf-8")
    wanted = ["submitDraft", "names", "skipTask", "next-task"]
    assert list(missing(tmp_path, wanted)) == ["skipTask in the front end"]
