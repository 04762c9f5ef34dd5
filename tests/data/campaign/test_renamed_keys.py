"""Keys of campaign.toml by the names that they had before: taken as meant, told of, and unseen by the ledger."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import storage
from data.campaign import FILE, renamed_keys
from data.campaign.campaign import Campaign, notes
from data.campaign.renamed_keys import NEW_NAMES
from data.campaign.settings import Person
from data.errors import CampaignError
from data.ledger.tables import STAGES

START = """\
[campaign]
id = "wells"
title = "Wells"
[source]
kind = "parallel"
path = "passages.jsonl"
[languages]
targets = ["fra_Latn"]
"""

ANA = '[[people]]\ncode = "ana"\nroles = ["authoring", "reviewing"]\nagency = "Blue"\n'

VALUES = {
    # of every key that has an old name: one that is not its default
    ("questions", "per_passage"): "3",
    ("questions", "answers"): "4",
    ("questions", "target"): "700",
    ("review", "overlap"): "3",
    ("review", "most"): "5",
    ("review", "guess"): "0.2",
    ("review", "keys_wait"): "false",
    ("review", "rounds"): "1",
    ("qualification", "quiz"): "0.7",
    ("qualification", "kept"): "1",
    ("qualification", "attempts"): "3",
    ("plants", "rate"): "0.1",
    ("plants", "kinds"): '["cue", "sound"]',
    ("recheck", "share"): "0.3",
    ("baseline", "answers"): "2",
    ("translation", "rounds"): "4",
    ("selection", "size"): "600",
    ("selection", "per_passage"): "2",
    ("selection", "margin"): "0.1",
    ("assistant", "meter"): "0.5",
    ("assistant", "minimum"): "30",
    ("servers", "partners"): '{ Blue = "blue" }',
    ("people", "most"): "{ authoring = 4, reviewing = 7 }",
    ("people", "native"): '["eng_Latn"]',
    ("people", "consent"): "2026-11-01",
}

HASH = "4c56ff4f6e5ce005418b0c7d536bcc91"
"""Of the campaign with all of VALUES, as the version wrote it that knew the old names only."""


def written(new: set[tuple[str, str]], of: set[tuple[str, str]] | None = None) -> str:
    """A campaign.toml with some keys, by their new names where they are in `new`."""
    text = START
    for table, names in NEW_NAMES.items():
        text += ANA if table == "people" else f"[{table}]\n"
        for old, name in names.items():
            if of is None or (table, old) in of:
                text += f"{name if (table, old) in new else old} = {VALUES[table, old]}  # {old} = of # {name}\n"
    return text


def test_every_renamed_key_is_tried_and_no_name_has_two_uses() -> None:
    assert {(table, old) for table, names in NEW_NAMES.items() for old in names} == set(VALUES)
    for table, names in NEW_NAMES.items():
        part = Person if table == "people" else Campaign.model_fields[table].annotation
        known = set(part.model_fields)  # type: ignore[union-attr]
        assert set(names.values()) <= known
        assert not set(names) & known
        assert len(set(names.values())) == len(names)


def test_one_word_has_one_meaning_in_all_tables() -> None:
    """A name stands in two tables only where it says the same of both."""
    tables: dict[str, list[str]] = {}
    for name, field in Campaign.model_fields.items():
        part = Person if name == "people" else field.annotation
        for key in getattr(part, "model_fields", {}):
            tables.setdefault(key, []).append(name)
    stages = {stage: ["servers", "deadlines"] for stage in STAGES if stage != "wording"}  # a stage's work
    several = {key: sorted(names) for key, names in tables.items() if len(names) > 1}
    assert several == {stage: sorted(names) for stage, names in stages.items()} | {
        "max_returns": ["review", "translation"],  # how often work may go back to who made it
        "enabled": ["assistant", "notify"],  # whether there is such a thing at all
        **{stage: ["deadlines", "servers"] for stage in STAGES if stage != "wording"},  # of the work of a stage
    }


@pytest.mark.parametrize("key", VALUES)
def test_a_key_means_the_same_by_both_names(key: tuple[str, str]) -> None:
    old, new = (Campaign.parse(written(by, {key})) for by in (set(), {key}))
    assert old == new
    assert old.to_json() == new.to_json()
    assert old.hash == new.hash
    if key != ("questions", "answers"):  # which has one value only
        assert new != Campaign.parse(written(set(), set()))


@given(st.sets(st.sampled_from(list(VALUES))), st.sets(st.sampled_from(list(VALUES))))
def test_any_mixture_of_names_is_one_campaign(new: set[tuple[str, str]], of: set[tuple[str, str]]) -> None:
    mixed = Campaign.parse(written(new, of))
    assert mixed == Campaign.parse(written(set(VALUES), of))
    assert mixed == Campaign.from_json(mixed.to_json())
    assert mixed.hash == Campaign.parse(written(set(), of)).hash


def test_the_ledger_keeps_the_bytes_that_it_had() -> None:
    assert Campaign.parse(written(set(VALUES))).hash == Campaign.parse(written(set())).hash == HASH


def test_each_old_name_is_told_of_once_with_its_new_line(tmp_path: Path) -> None:
    storage.write_text(str(tmp_path), FILE, written(set()))
    told = notes(str(tmp_path))
    assert len(told) == len(VALUES)
    lines = written(set()).splitlines()
    for note, ((table, old), value) in zip(told, VALUES.items(), strict=True):
        new = NEW_NAMES[table][old]
        title = "[[people]]" if table == "people" else f"[{table}]"
        number = int(note.split(",")[0].removeprefix("line "))
        assert lines[number - 1].startswith(f"{old} = ")
        assert note == f"line {number}, {title}: {old} is called {new} now; write: {new} = {value}"
    storage.write_text(str(tmp_path), FILE, written(set(VALUES)))
    assert notes(str(tmp_path)) == []


STORED = Path(__file__).parents[2] / "stored" / "campaign-0.1"


def test_a_campaign_of_an_earlier_version_goes_on_by_either_name() -> None:
    """The ledger's last word on the campaign is the campaign as it is read now, also with all notes followed."""
    events = pq.read_table(STORED / "events.parquet").to_pandas()
    last = events[events["kind"] == "campaign_changed"].iloc[-1]
    old = Campaign.load(str(STORED))
    assert (old.hash, old.to_json()) == (last["subject"], last["detail"])
    assert Campaign.from_json(last["detail"]) == old
    lines = storage.read_text(str(STORED), FILE).splitlines()
    for note in notes(str(STORED)):
        place = re.fullmatch(r"line .*?; write: (.*?)(?: \(as on (.*)\))?", note)
        assert place is not None
        for number in re.findall(r"\d+", f"{note.partition(',')[0]} {place[2] or ''}"):
            lines[int(number) - 1] = place[1]
    text = "\n".join(lines)
    assert renamed_keys.notes(tomllib.loads(text), text) == []
    places = [int(re.findall(r"\d+", note)[0]) for note in notes(str(STORED))]
    assert places == sorted(places)
    assert Campaign.parse(text).hash == old.hash


def test_one_note_for_all_people(tmp_path: Path) -> None:
    more = "".join(f'[[people]]\ncode = "p{n}"\nroles = ["authoring"]\nmost = {n}\n' for n in (1, 2, 3))
    storage.write_text(str(tmp_path), FILE, START + more)
    assert notes(str(tmp_path)) == [
        "line 12, [[people]]: most is called max_passages now; write: max_passages = 1 (as on lines 16 and 20)"
    ]


@pytest.mark.parametrize(
    ("line", "new"),
    [
        ('review = { most = 3, "overlap" = 2 } # most', "review = { max_reviewers = 3, reviewers = 2 }"),
        ("review.most = 3", "review.max_reviewers = 3"),
        ("'review'.\"most\" = 3", "'review'.max_reviewers = 3"),
        ("review.rounds=1", "review.max_returns=1"),
    ],
)
def test_the_new_line_of_other_ways_to_write_it(tmp_path: Path, line: str, new: str) -> None:
    storage.write_text(str(tmp_path), FILE, f"{line}\n{START}")
    told = notes(str(tmp_path))
    assert told
    assert all(note.startswith("line 1, [review]: ") and note.endswith(f"; write: {new}") for note in told)
    assert tomllib.loads(new)["review"] == Campaign.parse(f"{line}\n{START}").review.model_dump(
        include=set(tomllib.loads(new)["review"])
    )


def mistakes(text: str) -> list[str]:
    with pytest.raises(CampaignError) as caught:
        Campaign.parse(text)
    return list(caught.value.problems)


@pytest.mark.parametrize("key", VALUES)
def test_both_names_at_once_are_a_mistake(key: tuple[str, str]) -> None:
    table, old = key
    new, value = NEW_NAMES[table][old], VALUES[key]
    text = START + (ANA if table == "people" else f"[{table}]\n") + f"{new} = {value}\n{old} = {value}\n"
    text += "" if table == "people" else ANA
    (said,) = mistakes(text)
    place = "people[ana]" if table == "people" else table
    line = text.splitlines().index(f"{old} = {value}") + 1
    assert said == (f"line {line}, {place}.{old}: is the old name of {new}, which stands here too; remove {old}")


def test_what_is_wrong_with_an_old_name_is_said_of_the_new_one_at_the_line_of_the_old_one() -> None:
    assert mistakes(START + "[review]\noverlap = 3\nmost = 2\nrounds = 'two'\n" + ANA + "most = 0\n") == [
        "line 11, review.max_reviewers (here most): 2 is less than reviewers (3); raise it, or leave it out",
        'line 12, review.max_returns (here rounds): is "two", and must be a whole number',
        "line 17, people[ana].max_passages (here most): is 0, and must be a whole number of at least 1; "
        "write max_passages = 40, or max_passages = { authoring = 40, reviewing = 60 }",
    ]


@pytest.mark.parametrize(("wrong", "near"), [("max_reviewer", "max_reviewers"), ("overlp", "reviewers")])
def test_a_misspelt_name_is_answered_with_the_new_one(wrong: str, near: str) -> None:
    assert mistakes(START + f"[review]\n{wrong} = 3\n") == [
        f"line 10, review.{wrong}: there is no such key; did you mean {near!r}?; "
        "known: reviewers, max_reviewers, guess_share, judging_waits, max_returns"
    ]
