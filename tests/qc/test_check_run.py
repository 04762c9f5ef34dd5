import json
from datetime import UTC, datetime

import pandas as pd
import pyarrow as pa
import pytest

from data.errors import UsageError
from data.ledger import Ledger
from data.ledger.tables import CHECKS, LEDGERS_OWN, VERDICTS
from qc.check import check, findings
from qc.check_run import run
from qc.checks.structure_checks import STRUCTURE_SUITE
from qc.checks.translation_checks import TRANSLATION_SUITE

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


@check(scope="item")
def long_enough(items: pd.DataFrame, *, least: int = 5):
    """The question is long enough."""
    lengths = items["question"].str.len()
    flags = [None if pd.isna(length) else length < least for length in lengths]
    return findings(items, flags, ["" if flag is False else "short" for flag in flags])


@check(scope="set")
def even_keys(items: pd.DataFrame, *, table):
    """Keys stand everywhere."""
    languages = sorted(set(items["language"]))
    return pd.DataFrame(
        {
            "subject": "all",
            "language": languages,
            "score": [table[language] for language in languages],
            "flagged": pd.array([False] * len(languages), dtype="boolean"),
            "reason": "",
        }
    )


def test_verdicts_of_items_and_sets(items):
    table = items({"question": "Who?"}, {"question_id": "p1-q2", "revision": 3}, {"question": None})
    judged = run((long_enough, even_keys), table, now=NOW, resources={"table": {"eng_Latn": 0.25}, "more": 1})
    rows = judged.verdicts
    named = ("scope", "subject", "language", "revision", "check", "score", "flagged", "reason")
    assert [tuple(row[name] for name in named) for row in rows] == [
        ("item", "p1-q1", "eng_Latn", 1, "long_enough", 0.0, True, "short"),
        ("item", "p1-q2", "eng_Latn", 3, "long_enough", 1.0, False, ""),
        ("item", "p1-q1", "eng_Latn", 1, "long_enough", None, None, "short"),
        ("set", "all", "eng_Latn", 0, "even_keys", 0.25, False, ""),
    ]
    assert {(row["judge"], row["origin"], row["version"], row["judged_at"]) for row in rows} == {
        ("check", "", 1, NOW)
    }


def test_parameters_are_recorded_with_the_checks(items):
    judged = run((long_enough,), items({}), now=NOW, parameters={"long_enough": {"least": 99}, "other": {"x": 1}})
    assert judged.verdicts[0]["signature"] == "long_enough|v:1|least:99"
    assert judged.checks == [
        {
            "signature": "long_enough|v:1|least:99",
            "check": "long_enough",
            "version": 1,
            "scope": "item",
            "parameters": json.dumps({"least": 99}, separators=(",", ":")),
            "description": "The question is long enough.",
        }
    ]


def test_rows_fit_the_ledgers_tables(items, translated):
    table = pd.concat([items({}), translated({})], ignore_index=True)
    judged = run(STRUCTURE_SUITE + TRANSLATION_SUITE, table, now=NOW, resources={"varieties": None})
    assert len(judged.verdicts) == 2 * 30
    wanted = pa.schema([field for field in VERDICTS.schema if field.name not in LEDGERS_OWN])
    assert pa.Table.from_pylist(judged.verdicts, schema=wanted).num_rows == 2 * 30
    assert set(judged.verdicts[0]) == set(wanted.names)
    assert set(judged.checks[0]) == set(CHECKS.schema.names) - LEDGERS_OWN


def test_nothing_to_judge(items):
    assert run(STRUCTURE_SUITE + TRANSLATION_SUITE, items(), now=NOW, resources={"varieties": None}).verdicts == []
    assert run((), items({}), now=NOW).verdicts == []


def test_a_verdict_that_rests_on_a_fit_names_it(items):
    judged = run(
        (long_enough, even_keys),
        items({}),
        now=NOW,
        resources={"table": {"eng_Latn": 0.25}, "more": 1},
        fits={"table": "a digest", "another": "no"},
    )
    assert {row["check"]: row["origin"] for row in judged.verdicts} == {"long_enough": "", "even_keys": "a digest"}


def test_wrong_use_is_named(items):
    with pytest.raises(UsageError, match=r"long_enough has no parameter 'last'; it knows: least"):
        run((long_enough,), items({}), now=NOW, parameters={"long_enough": {"last": 1}})
    with pytest.raises(UsageError, match="even_keys needs table"):
        run((even_keys,), items({}), now=NOW)
    with pytest.raises(UsageError, match="need the columns revision"):
        run((long_enough,), items({}).drop(columns="revision"), now=NOW)
    with pytest.raises(ValueError, match="each check once"):
        run((long_enough, long_enough), items({}), now=NOW)


def test_columns_say_what_rows_say_and_are_the_same_events(tmp_path):
    items = pd.DataFrame(
        {
            "question_id": ["q1", "q2", "q3"],
            "language": ["fra_Latn", "tha_Thai", "heb_Hebr"],
            "revision": [1, 2, 3],
            "question": ["“Où ?”", None, '\n\t"\\ \u2028 𝄞 ไหน'],
        }
    )
    judged = run((long_enough,), items, now=NOW)
    read = []
    for name, given in (("rows", judged.verdicts), ("columns", judged.columns)):
        ledger = Ledger.create(str(tmp_path / name))
        assert ledger.append(VERDICTS, given) == 3
        read.append(ledger.read_arrow(VERDICTS).drop_columns(["recorded_at"]).sort_by("event_id"))
        assert read[-1]["event_id"].to_pylist() == sorted(map(VERDICTS.event_id, judged.verdicts))
    assert read[0].equals(read[1])
    assert read[0]["score"].null_count == read[0]["flagged"].null_count == 1
