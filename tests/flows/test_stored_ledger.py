"""A ledger that an earlier version wrote is read as it was meant, and makes the release that it made."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tarfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from data.campaign.campaign import Campaign
from data.ledger import Ledger
from data.ledger.events import KINDS, GuidelineChanged, SourceRead
from data.ledger.repair.integrity import damage
from data.ledger.tables import EVENTS, LATER, LEASES, STAGES, TABLES
from flows.advance import advance
from flows.campaign_state import State
from flows.ledger_views.translations.translation_quality import quality_by_language
from flows.lint.linted_sets import Asked, lint
from flows.release import release_campaign
from flows.reports.history.item_history import item_history
from tests.stored_campaign import STORED, stored_campaign

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    return stored_campaign(tmp_path_factory.mktemp("stored"))


def test_a_table_that_came_later_is_empty_until_it_is_written_to(address: str, tmp_path: Path) -> None:
    shutil.copytree(address, tmp_path / "old")
    old = Ledger(str(tmp_path / "old"))
    for name in LATER:
        assert old.read(TABLES[name]).empty
        assert name not in {one.table for one in damage(old)}
    with old.lease() as held:
        for name in LATER:
            held.append(TABLES[name], [{}])
    for name in LATER:
        assert len(Ledger(old.address).read(TABLES[name])) == 1
    assert damage(Ledger(old.address)) == []


def rows(address: str) -> dict[str, int]:
    return {
        name: len(Ledger(address).read(table, ["event_id"]))
        for name, table in TABLES.items()
        if table is not LEASES
    }


def test_tables_that_it_lacks_are_made_by_the_next_run(address: str, tmp_path: Path) -> None:
    shutil.copytree(Path(address).parent, tmp_path / "stored")
    copy = tmp_path / "stored" / "campaign"
    old = Ledger(str(copy))
    assert all(old.lacks(TABLES[name]) and old.read(TABLES[name]).empty for name in LATER)
    assert damage(old) == []
    assert set(old.version()) == TABLES.keys() - LATER - {"leases"}
    advance(str(copy), {})
    assert not any(Ledger(str(copy)).lacks(TABLES[name]) for name in LATER)
    assert rows(str(copy)) == rows(address) | {"events": rows(str(copy))["events"]}


def test_there_is_nothing_to_do_in_it(address: str) -> None:
    before = rows(address)
    assert before["annotations"] > 500
    assert advance(address, {}).idle
    new = Ledger(address).read(EVENTS).iloc[before["events"] :]
    assert rows(address) == {**before, "events": before["events"] + len(new)}
    guided = [GuidelineChanged.parse(text).stage for text in new["detail"][new["kind"] == GuidelineChanged.KIND]]
    assert sorted(guided) == sorted({*guided}) and {*guided} < {*STAGES}, "each guideline as it reads since, once"
    (read,) = new["detail"][new["kind"] != GuidelineChanged.KIND]
    assert SourceRead.parse(read).passages == 0  # the source lies in another place than it did
    assert advance(address, {}).idle
    assert rows(address)["events"] == before["events"] + len(new)


def test_its_release_has_the_same_bytes(address: str, tmp_path: Path) -> None:
    release_campaign(address, "1.0.0", str(tmp_path))
    made = {
        str(path.relative_to(tmp_path)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(tmp_path.rglob("*"))
        if path.is_file()
    }
    assert made == json.loads((STORED / "release-1.0.0.json").read_text("utf-8"))


def test_its_release_has_the_items_that_it_had(address: str, tmp_path: Path) -> None:
    with tarfile.open(ROOT / "tests" / "stored" / "release-0.1.tar.xz") as archive:
        archive.extractall(tmp_path / "then", filter="data")
    release_campaign(address, "1.0.0", str(tmp_path / "now"))
    then, now = (
        {file.stem: pq.read_table(file).to_pylist() for file in (tmp_path / name / "data").iterdir()}
        for name in ("then", "now")
    )
    assert {code: sorted(lines, key=lambda line: line["item_id"]) for code, lines in then.items()} == now
    assert not (tmp_path / "now" / "dev").exists()


def test_every_event_says_the_same_when_it_is_written_again(address: str) -> None:
    events = Ledger(address).read(EVENTS)
    for kind, text in zip(events["kind"], events["detail"], strict=True):
        assert KINDS[kind].parse(text).detail() == text
    assert events["kind"].nunique() > 15


@pytest.mark.slow
def test_every_kind_of_event_is_written_somewhere_and_read_by_its_class() -> None:
    code = [
        path.read_text("utf-8")
        for package in ("data", "annotation", "qc", "flows")
        for path in (ROOT / package).rglob("*.py")
        if path.parent.name != "events"
    ]
    chosen = {"Qualified", "NotQualified"}  # one of the two, by what somebody showed
    for kind, event in KINDS.items():
        name = event.__name__
        made = name in chosen or any(re.search(rf"\b{name}\(", text) for text in code)
        assert made, f"{kind} is never written"
        assert not any(f'"kind": "{kind}", "subject"' in text for text in code), f"{kind} is written by hand"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("reply", '{"text": "The second one."}'),
        ("published", '{"notices": 0}'),
        ("guideline", '{"number": 1, "stage": "judging"}'),
        ("account_linked", '{"account": "7", "server": "main"}'),
        ("assisted", '{"asks": "", "made": "2026-11-23T00:00:00+00:00", "number": 1}'),
        ("read", '{"outcome": "counted"}'),
        ("task_closed", '{"why": "moved on"}'),
    ],
)
def test_an_event_from_before_a_fact_was_recorded_is_read_without_it(kind: str, text: str) -> None:
    assert KINDS[kind].parse(text).detail() == text


def test_an_event_of_a_later_version_is_read_without_what_is_not_known() -> None:
    read = KINDS["read"].parse('{"mood": "good", "outcome": "counted"}')
    assert read.detail() == '{"outcome": "counted"}'
    with pytest.raises(ValueError, match="no detail of 'late'"):
        KINDS["late"].parse('{"outcome": "counted"}')


def test_a_lint_of_it_and_of_its_release_shows_nothing(address: str, tmp_path: Path) -> None:
    release_campaign(address, "1.0.0", str(tmp_path / "release"))
    for name, path in (("of-campaign", address), ("of-release", str(tmp_path / "release"))):
        done = lint([path], str(tmp_path / name), Asked())
        assert done.code == 0
        assert [one.reason for one in done.result.flagged] == []
        assert done.result.source_language == "eng_Latn"  # as campaign.toml and the manifest say
        assert done.result.covered["untranslated"]["rus_Cyrl"].judged == 23


def test_what_proofreaders_found_in_it_stands_on_the_card_if_asked(address: str, tmp_path: Path) -> None:
    before = rows(address)
    release_campaign(address, "1.0.0", str(tmp_path / "release"), quality=True)
    linked = (tmp_path / "release" / "README.md").read_text("utf-8")
    card = re.sub(r'\[([^\]]*)\]\(\S+ "[^"]*"\)', r"\1", linked)
    assert "| `hin_Deva` | Hindi | 23 | 96% | 100.0 | 0.0 | 3.1 (" in card
    assert "| `arb_Arab` | Modern Standard Arabic | 23 | 96% | 100.0 | 0.0 | 0.2 (" in card
    assert "| `amh_Ethi` | Amharic | 23 | 100% | 100.0 | 0.0 | 0.0 |" in card, "nothing found: no interval"
    assert not re.search(r"\bt-(am|ar|hi)\b", card)
    assert rows(address) == before
    told = quality_by_language(State(Campaign.load(address), Ledger(address)))["hin_Deva"]
    assert (told["graded"], told["ungraded"], told["words"]) == (23, 0, 810)
    assert told["error_score"]["value"] == pytest.approx(100 * 25 / 810)


@pytest.mark.slow
def test_the_history_of_its_items_is_told(address: str) -> None:
    state = State(Campaign.load(address), Ledger(address))
    items = sorted(state.questions["question_id"].unique())
    kinds = {step.kind for item in items for step in item_history(state, item).steps}
    assert {
        "passage",
        "handed_out",
        "submitted",
        "question",
        "translation",
        "checked",
        "judged",
        "decided",
    } <= kinds
