"""FLORES-200 as it was published, in Belebele's languages that it has: from the archive to open workbenches."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner

from annotation.labelstudio.client import LabelStudio
from data.campaign.campaign import Campaign
from data.campaign.new_campaign import template
from data.campaign.settings import Person, Role
from data.languages import languages
from data.ledger import Ledger
from flows.advance import advance
from flows.campaign_state import State
from flows.cli.commands import main

PASSAGES = 562
AUTHORS = [f"a{number}" for number in range(1, 11)]
REVIEWERS = [f"r{number}" for number in range(1, 5)]
TRANSLATED = ("arb_Arab", "fra_Latn", "swh_Latn")


def everybody() -> list[Person]:
    """Ten authors, four reviewers; for three languages two who translate and one who proofreads."""
    asked: list[tuple[str, Role, str]] = [
        *((code, "authoring", "eng_Latn") for code in AUTHORS),
        *((code, "reviewing", "eng_Latn") for code in REVIEWERS),
        *((f"t{number}-{code[:3]}", "translating", code) for code in TRANSLATED for number in (1, 2)),
        *((f"p-{code[:3]}", "proofreading", code) for code in TRANSLATED),
    ]
    return [Person(code=code, roles=(role,), languages=(language,)) for code, role, language in asked]


def people_in_toml(people: list[Person]) -> str:
    """As the lead would write them into campaign.toml."""
    text = template(id="x", title="x", source="parallel", path="x", languages=TRANSLATED, people=people)
    return text[text.index("[[people]]") :]


def tell_time(seconds: dict[str, float]) -> Any:
    """A runner that notes how long each step took."""

    def step(function: Any, *arguments: Any, **keywords: Any) -> Any:
        began = time.perf_counter()
        answer = function(*arguments, **keywords)
        seconds[function.__name__] = time.perf_counter() - began
        return answer

    return step


@pytest.mark.slow
def test_a_campaign_of_117_languages_stands(
    shared_data: Path, own_state: Path, studio: LabelStudio, tmp_path: Path
) -> None:
    known = languages()
    codes = [code for code, one in known.items() if one.belebele and one.flores200]
    assert len(codes) == 117
    name, address = f"c{uuid4().hex[:6]}", str(tmp_path / "big")
    source = str(shared_data / "flores200_dataset.tar.gz")
    asked = [
        "init",
        address,
        "--source",
        "flores200",
        "--path",
        source,
        "--languages",
        ",".join(codes),
        "--id",
        name,
    ]
    began = time.perf_counter()
    said = CliRunner().invoke(main, asked)
    assert said.exit_code == 0, said.output
    assert "117 languages" in said.output
    seconds = {"init": time.perf_counter() - began}
    file = Path(address, "campaign.toml")
    file.write_text(file.read_text("utf-8") + people_in_toml(everybody()), "utf-8")

    began = time.perf_counter()
    told = advance(address, {"main": studio}, step=tell_time(seconds))
    first = time.perf_counter() - began
    print({"first advance": round(first, 1), **{name: round(took, 2) for name, took in seconds.items()}})
    assert (told.passages, told.opened, told.pushed) == (117 * PASSAGES, 2 * PASSAGES, 2 * PASSAGES)
    assert told.problems == []

    standing = studio.workbenches(f"{name}/")
    assert set(standing) == {f"{name}/authoring/eng_Latn/{code}" for code in AUTHORS}
    per_author: Counter[str] = Counter()
    holders: Counter[str] = Counter()
    for title, workbench in standing.items():
        questions = [task.key.split("/")[2] for task in studio.tasks(workbench)]
        assert [one[-3:] for one in questions] == ["-q1", "-q2"] * (len(questions) // 2)  # read once, asked twice
        passages = [one[:-3] for one in questions]
        assert passages[::2] == passages[1::2]
        holders.update(passages[::2])
        per_author[title] = len(passages) // 2
    assert set(per_author.values()) == {PASSAGES // 10, PASSAGES // 10 + 1}
    assert (len(holders), set(holders.values())) == (PASSAGES, {1})

    state = State(Campaign.load(address), Ledger(address))
    judged = state.verdicts_on(set(state.passages["passage_id"]), ["check", "language", "flagged"])
    assert judged["flagged"].eq(True).any()  # FLORES-200 does have sentences that stand in two places
    waiting = CliRunner().invoke(main, ["status", address, "--json"])
    assert waiting.exit_code == 0, waiting.output
    assert json.loads(waiting.output)

    assert advance(address, {"main": studio}).idle
