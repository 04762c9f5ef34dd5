"""Merging and sorting files changes no row, and lets one language be read without the others."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from uuid import uuid4

import pandas as pd
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.ledger import Ledger, compaction
from data.ledger.compaction import DataFile, is_to_be_sorted, most_for_one_language
from data.ledger.tables import CHECKS, EVENTS, VERDICTS, Row

LANGUAGES = [f"{first}{second}a_Latn" for first in "abcdefgh" for second in "klmnop"]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger without rows, to be copied."""
    folder = tmp_path_factory.mktemp("empty") / "wells"
    Ledger.create(str(folder))
    return folder


@pytest.fixture
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of some kilobytes count as large."""
    monkeypatch.setattr(compaction, "COMPACT_TO", 2**15)
    monkeypatch.setattr(compaction, "SORTED_FROM", 2**17)
    monkeypatch.setattr(compaction, "GROUP", 100)


def verdicts(number: int, *languages: str) -> list[Row]:
    """So many verdicts on items of each language, which no other call gives."""
    chance = random.Random(number)
    about = {"scope": "item", "revision": 1, "judge": "check", "check": "length", "signature": "v:1", "origin": ""}
    return [
        {**about, "subject": f"{chance.getrandbits(90):x}", "language": language, "reason": f"{chance.random()}"}
        for language in languages
    ]


def copied(empty: Path, folder: Path) -> Ledger:
    shutil.copytree(empty, folder)
    return Ledger(str(folder))


@pytest.mark.usefixtures("small_files")
def test_one_language_is_read_without_the_others(empty: Path, tmp_path: Path) -> None:
    ledger = copied(empty, tmp_path / "wells")
    for number in range(40):
        ledger.append(VERDICTS, verdicts(number, *LANGUAGES * 5))
    before = ledger.read(VERDICTS)
    wanted = pc.field("language") == "cma_Latn"

    def files() -> tuple[int, int]:
        data = Ledger(ledger.address).opened(VERDICTS).to_pyarrow_dataset(schema=VERDICTS.schema)
        return len(list(data.get_fragments(filter=wanted))), len(data.files)

    assert files() == (40, 40), "every file has every language"
    assert ledger.compact() == ["verdicts"]
    touched, there = files()
    assert touched <= 2 < 6 <= there
    after = Ledger(ledger.address)
    pd.testing.assert_frame_equal(after.read(VERDICTS), before)
    mine = before[before["language"] == "cma_Latn"].reset_index(drop=True)
    pd.testing.assert_frame_equal(after.read(VERDICTS, None, wanted), mine, check_dtype=False)
    ledger.written.update(["verdicts"])
    assert ledger.compact() == [], "it is sorted"
    ledger.append(VERDICTS, verdicts(99, *LANGUAGES * 5))
    assert ledger.compact() == [], "a little more is no reason to write all of it anew"
    for number in range(100, 150):
        ledger.append(VERDICTS, verdicts(number, *LANGUAGES * 5))
    assert ledger.compact() == ["verdicts"], "it has doubled"
    assert files()[0] <= 2


def test_what_is_sorted_stays_on_the_disk_for_those_who_read_it(
    empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "SORTED_FROM", 0)
    ledger = copied(empty, tmp_path / "wells")
    for number in range(3):
        ledger.append(VERDICTS, verdicts(number, *LANGUAGES))
    reader = Ledger(ledger.address)
    opened = reader._opened(VERDICTS)
    ledger.compact()
    assert (
        len(opened.rows(["event_id"])) == len(opened.table.to_pyarrow_dataset().to_table()) == 3 * len(LANGUAGES)
    )


def test_a_table_that_cannot_be_sorted_is_merged(
    empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As where sorting needs more memory than it may take; nothing else of a run fails for that."""
    monkeypatch.setattr(compaction, "SORTED_FROM", 0)
    monkeypatch.setattr(compaction, "MEMORY", 2**16)
    monkeypatch.setattr(compaction, "COMPACT_AT", 2)
    ledger = copied(empty, tmp_path / "wells")
    for number in range(4):
        ledger.append(VERDICTS, verdicts(number, *LANGUAGES * 40))
    before = ledger.read(VERDICTS)
    assert ledger.compact() == ["verdicts"]
    assert "Resources exhausted" in caplog.text
    assert "only merged" in caplog.text
    assert len(ledger.opened(VERDICTS).file_uris()) == 1
    pd.testing.assert_frame_equal(ledger.read(VERDICTS), before)


_ROW = st.tuples(st.integers(0, 30), st.sampled_from(["", "fra_Latn", "swh_Latn", "zul_Latn"]))
_STEP = st.one_of(
    st.lists(_ROW, min_size=1, max_size=4).map(lambda rows: ("append", rows)),
    st.sampled_from([("merge", []), ("sort", []), ("another", [])]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_STEP, max_size=9))
def test_whatever_is_appended_merged_and_sorted_the_rows_are_those_written(
    empty: Path, tmp_path: Path, steps: list[tuple[str, list[tuple[int, str]]]]
) -> None:
    """Against a list in memory: each event once, in the order of its first writing."""
    ledger = copied(empty, tmp_path / uuid4().hex)
    written: dict[tuple[str, str], int] = {}
    for number, (step, rows) in enumerate(steps):
        with pytest.MonkeyPatch.context() as patch:
            if step == "another":
                ledger = Ledger(ledger.address)
            elif step == "append":
                for subject, language in rows:
                    written.setdefault((str(subject), language), number)
                ledger.append(
                    EVENTS,
                    [{"kind": "query", "subject": str(one), "language": code, "detail": ""} for one, code in rows],
                )
            else:
                patch.setattr(compaction, "COMPACT_AT", 1 if step == "merge" else 999)
                patch.setattr(compaction, "SORTED_FROM", 2**40 if step == "merge" else 0)
                ledger.written.update(["events"])
                ledger.compact()
        for reader in (ledger, Ledger(ledger.address)):
            found = reader.read(EVENTS, ["subject", "language", "sequence"])
            keys = list(zip(found["subject"], found["language"], strict=True))
            assert sorted(keys) == sorted(written)
            assert [written[key] for key in keys] == sorted(written.values())


def test_a_table_without_languages_is_never_sorted() -> None:
    large = [DataFile(compaction.SORTED_FROM, "a", "z")]
    assert is_to_be_sorted(VERDICTS, large)
    assert not is_to_be_sorted(CHECKS, large)


@given(
    st.lists(
        st.tuples(st.integers(1, 50), st.sampled_from("abcdef"), st.sampled_from("abcdef")).map(
            lambda one: DataFile(one[0], min(one[1:]), max(one[1:]))
        ),
        max_size=8,
    )
)
def test_the_most_for_one_language_is_what_counting_by_language_gives(files: list[DataFile]) -> None:
    def held(language: str) -> int:
        return sum(one.size for one in files if one.first != one.last and one.first <= language <= one.last)  # type: ignore[operator]

    assert most_for_one_language(files) == max(map(held, "abcdef"))
