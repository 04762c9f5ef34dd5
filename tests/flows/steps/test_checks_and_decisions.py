"""What the checks say reaches people, and a new version of one judges only what nobody has judged."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner

from data.ledger import Ledger, tables
from flows import check_suites
from flows.cli.commands import main
from flows.lead import lead_actions
from qc.check import findings
from tests.flows.small_campaign import BOATS, FRENCH, SWAHILI, TEXTS, Small, at

OPTIONS = list(TEXTS[BOATS, FRENCH]["answers"])


def verdicts(small: Small, check: str) -> list[tuple[str, str, int, int, bool]]:
    frame = small.state.ledger.read(tables.VERDICTS)
    frame = frame[frame["check"] == check]
    columns = (frame[name] for name in ("subject", "language", "revision", "version", "flagged"))
    return [(str(a), str(b), int(c), int(d), bool(e)) for a, b, c, d, e in zip(*columns, strict=True)]


def test_a_number_that_the_source_does_not_have_stands_before_the_proofreader(tmp_path: Path):
    small = at("translating", tmp_path)
    small.submit(*small.keys("translating", FRENCH, BOATS), answer4=f"{OPTIONS[3]}, 49 %")
    small.advance()
    found = small.shown(small.keys("proofreading", FRENCH, BOATS)[0])["findings"]
    assert found == [f"option 4 has 49, which the source does not have: “{OPTIONS[3]}, 49 %”"]


def test_a_new_version_of_a_check_reopens_nothing_unless_the_lead_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    small = at("accepted", tmp_path)
    now = next(one for one in check_suites.TRANSLATED_SUITE if one.name == "untranslated")
    stricter = replace(
        now,
        version=now.version + 1,
        function=lambda items, **_: findings(items, [True] * len(items), "the new version minds"),
    )
    suite = tuple(stricter if one is now else one for one in check_suites.TRANSLATED_SUITE)
    monkeypatch.setattr(check_suites, "TRANSLATED_SUITE", suite)
    before = verdicts(small, now.name)
    assert before
    assert small.advance().idle
    assert verdicts(small, now.name) == before
    assert small.translation(BOATS, FRENCH)["outcome"] == "keep"

    lead_actions.decide(small.state, f"{BOATS}/{FRENCH}", "revise", "Look again.")
    small.advance()
    small.submit(
        *small.keys("translating", FRENCH, BOATS), question="Où sont les outils d'Amina à la saison des pluies ?"
    )
    small.advance()
    assert verdicts(small, now.name)[len(before) :] == [(BOATS, FRENCH, 3, stricter.version, True)]
    assert small.translation(BOATS, SWAHILI)["outcome"] == "keep"


BRACKET = f"{OPTIONS[3]} (😀"


def in_findings(small: Small) -> dict[str, dict[str, object]]:
    frame = small.state.ledger.read_arrow(tables.FINDINGS).to_pylist()
    return {row["event_id"]: row for row in frame}


def with_a_bracket(folder: Path) -> Small:
    small = at("translating", folder)
    small.submit(*small.keys("translating", FRENCH, BOATS), answer4=BRACKET)
    return small


def test_the_place_of_a_fault_is_kept_and_reaches_the_proofreader_as_data(tmp_path: Path):
    small = with_a_bracket(tmp_path)
    small.advance()
    (row,) = [one for one in in_findings(small).values() if one["text"] == "("]
    place = len(OPTIONS[3]) + 1
    assert (row["part"], row["start"], row["end"], row["fix"]) == ("option_4", place, place + 1, None)
    verdicts = small.state.ledger.read(tables.VERDICTS)
    (verdict,) = verdicts[verdicts["event_id"] == row["verdict"]].to_dict("records")
    assert (verdict["check"], verdict["flagged"]) == ("unpaired_brackets", True)
    shown = small.shown(small.keys("proofreading", FRENCH, BOATS)[0])
    assert [(one["part"], one["start"], one["end"], one["text"], one["check"]) for one in shown["places"]] == [
        ("option_4", place, place + 1, "(", "unpaired_brackets")
    ]
    assert shown["places"][0]["said"] in shown["findings"]


def test_places_and_verdicts_are_whole_after_a_crash_between_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    small = with_a_bracket(tmp_path / "a")
    whole = with_a_bracket(tmp_path / "b")
    whole.advance()
    append = Ledger.append

    def dies(ledger: Ledger, table: tables.Table, rows: Any, *places: object) -> int:
        if table is tables.VERDICTS and isinstance(rows, pa.Table):  # what checks said; people's come as rows
            raise OSError("the power is gone")
        return append(ledger, table, rows, *places)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "append", dies)
        with pytest.raises(OSError, match="power"):
            small.advance()
    assert in_findings(small)
    small.advance()
    assert set(in_findings(small)) == set(in_findings(whole))
    assert {row["verdict"] for row in in_findings(small).values()} <= set(
        small.state.ledger.read(tables.VERDICTS)["event_id"]
    )


def test_lost_places_are_found_again(tmp_path: Path):
    small = with_a_bracket(tmp_path)
    small.advance()
    before = in_findings(small)
    assert before
    for file in Path(small.address, "ledger", "findings").glob("*.parquet"):
        file.unlink()
    mended = CliRunner().invoke(main, ["check", small.address, "--deep", "--mend"])
    assert "findings was made anew" in mended.output
    small.advance()
    assert {event: row["sequence"] for event, row in in_findings(small).items()}.keys() == before.keys()
