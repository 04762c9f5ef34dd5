"""The splits of a campaign's release: drawn once, the same in every language, and nobody ever changes sides."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

from data.campaign.campaign import Campaign
from data.errors import ReleaseRefused, UsageError
from data.itemsets import read
from data.ledger import Ledger
from data.ledger.events import SplitDrawn
from data.ledger.tables import EVENTS
from flows.audit import campaign_items, items_of
from flows.campaign_state import State
from flows.cli.commands import main
from flows.lead import lead_actions, release_split
from flows.lead.selection import select
from flows.ledger_views.current_items import option_orders, selected_questions, wanted_questions
from flows.ledger_views.split_sides import Side, split_sides
from flows.release import release_campaign
from tests.stored_campaign import stored_campaign


def restored(folder: Path, change: Callable[[dict[str, Any]], dict[str, Any]] | None = None) -> Path:
    """The stored campaign in a folder, its passages changed line by line: 23 accepted questions on 13 passages."""
    stored_campaign(folder, change)
    return folder


@pytest.fixture(scope="module")
def accepted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return restored(tmp_path_factory.mktemp("stored"))


@pytest.fixture
def address(accepted: Path, tmp_path: Path) -> str:
    shutil.copytree(accepted, tmp_path / "stored")
    return str(tmp_path / "stored" / "campaign")


def configure(address: str, dev: int) -> None:
    file = Path(address) / "campaign.toml"
    text = file.read_text().partition("\n[release]")[0]
    file.write_text(f"{text}\n[release]\ndev = {dev}\n")


def state_of(address: str) -> State:
    return State(Campaign.load(address), Ledger(address))


def items(out: Path, split: str = "data") -> dict[str, pd.DataFrame]:
    return {file.stem: pd.read_parquet(file) for file in sorted((out / split).glob("*.parquet"))}


def english(out: Path, split: str) -> pd.DataFrame:
    return items(out, split)["eng_Latn"]


def test_dev_is_drawn_at_the_first_release(address: str, tmp_path: Path) -> None:
    configure(address, 4)
    made = release_campaign(address, "1.0.0", str(tmp_path / "one"))
    test, dev = (items(tmp_path / "one", folder) for folder in ("data", "dev"))
    assert set(test) == set(dev)
    assert len({tuple(frame["item_id"]) for frame in dev.values()}) == 1
    assert len({tuple(frame["correct_answer_num"]) for frame in dev.values()}) == 1
    few = dev["eng_Latn"]
    assert len(few) == made.facts["splits"]["dev"] == 4
    assert few["item_id"].is_monotonic_increasing
    assert few["link"].nunique() == 4
    assert sorted(few["correct_answer_num"]) == ["1", "2", "3", "4"]
    assert not set(few["link"]) & set(test["eng_Latn"]["link"])
    counts = Counter(test["eng_Latn"]["correct_answer_num"])
    assert max(counts.values()) - min(counts.values()) <= 1, "keys are balanced in test, too"
    assert made.facts["splits"]["test"] == made.facts["items"] == len(test["eng_Latn"])


def test_a_release_anew_has_the_same_bytes_and_notes_nothing(address: str, tmp_path: Path) -> None:
    configure(address, 4)
    shutil.copytree(address, tmp_path / "copy" / "campaign")
    shutil.copy(Path(address).parent / "passages.jsonl", tmp_path / "copy")
    for campaign, out in ((address, "one"), (address, "two"), (str(tmp_path / "copy" / "campaign"), "three")):
        release_campaign(campaign, "1.0.0", str(tmp_path / out))
    one, *others = (
        {path.relative_to(tmp_path / name): path.read_bytes() for path in (tmp_path / name).rglob("*.*")}
        for name in ("one", "two", "three")
    )
    assert others == [one, one]
    assert len(state_of(address).events(SplitDrawn)) == 1


@pytest.mark.slow
def test_no_item_changes_sides_and_no_order_changes(address: str, tmp_path: Path) -> None:
    configure(address, 4)
    release_campaign(address, "1.0.0", str(tmp_path / "out"))
    before = split_sides(state_of(address))
    shown = {code: frame.set_index("item_id") for code, frame in items(tmp_path / "out").items()}
    for dev in (0, 6):
        configure(address, dev)
        release_campaign(address, f"1.{dev}.1", str(tmp_path / f"dev{dev}"))
        assert split_sides(state_of(address)) == before, "what was released can go nowhere else"
        assert len(english(tmp_path / f"dev{dev}", "dev")) == 4
    first = english(tmp_path / "out", "dev")["item_id"].iloc[0]
    lead_actions.decide(state_of(address), first, "drop", "it offends")
    release_campaign(address, "2.0.0", str(tmp_path / "out"))
    assert len(english(tmp_path / "out", "dev")) == 3, "and nobody takes its place from test"
    assert split_sides(state_of(address)) == before
    for code, frame in items(tmp_path / "out").items():
        answers = [f"mc_answer{place}" for place in (1, 2, 3, 4)]
        assert frame.set_index("item_id")[answers].equals(shown[code].loc[frame["item_id"], answers])


def test_a_later_selection_keeps_what_was_released(address: str, tmp_path: Path) -> None:
    configure(address, 4)
    release_campaign(address, "1.0.0", str(tmp_path / "one"))
    before = split_sides(state_of(address))
    tested = sorted(subject for subject, side in before.items() if side.split == "test")
    made = select(state_of(address), size=len(tested))
    assert made.facts["dev"] == sorted(subject for subject, side in before.items() if side.split == "dev")
    assert option_orders(state_of(address)) == {subject: list(before[subject].order) for subject in tested}
    release_campaign(address, "1.0.1", str(tmp_path / "two"))
    for split in ("data", "dev"):
        assert english(tmp_path / "one", split).equals(english(tmp_path / "two", split))


@pytest.mark.slow
def test_a_selection_draws_dev_beside_it(address: str, tmp_path: Path) -> None:
    configure(address, 4)
    file = Path(address) / "campaign.toml"
    file.write_text(file.read_text().replace('policy = "all_kept"', 'policy = "command"'))
    dry = select(state_of(address), size=10, dry_run=True)
    assert state_of(address).events(SplitDrawn).empty
    made = select(state_of(address), size=10)
    assert made.facts["dev"] == dry.facts["dev"]
    assert len(made.facts["dev"]) == 4
    assert "4 questions beside them are the dev split, on passages of their own" in made.lines
    now = state_of(address)
    assert len(selected_questions(now)) == 10
    assert set(wanted_questions(now)["question_id"]) == {
        *selected_questions(now)["question_id"],
        *made.facts["dev"],
    }
    select(state_of(address), size=12)
    assert len(state_of(address).events(SplitDrawn)) == 1, "drawn once"
    release_campaign(address, "1.0.0", str(tmp_path / "out"))
    assert len(english(tmp_path / "out", "data")) == 12
    assert sorted(english(tmp_path / "out", "dev")["item_id"]) == made.facts["dev"]
    with pytest.raises(UsageError, match=r"questions are kept beside the 4 of the dev split and 23 wanted"):
        select(state_of(address), size=23)


def test_what_was_tested_on_is_never_an_example(address: str, tmp_path: Path) -> None:
    release_campaign(address, "1.0.0", str(tmp_path / "out"))
    assert not (tmp_path / "out" / "dev").exists()
    configure(address, 4)
    made = release_campaign(address, "1.0.1", str(tmp_path / "out"))
    assert not (tmp_path / "out" / "dev").exists()
    assert "no dev split: 4 items are wanted" in made.lines[-2]


def test_too_small_a_campaign_is_told(address: str, tmp_path: Path) -> None:
    configure(address, 40)
    made = release_campaign(address, "1.0.0", str(tmp_path / "out"))
    assert made.facts["splits"] == {"test": 23}
    assert made.lines[-1].startswith("no dev split: 40 items are wanted, on passages of their own")
    assert made.facts["notes"] == [made.lines[-1]]


def test_the_audit_speaks_of_test_only(address: str, tmp_path: Path) -> None:
    configure(address, 4)
    assert campaign_items(state_of(address))["item_id"].nunique() == 23
    release_campaign(address, "1.0.0", str(tmp_path / "out"))
    assert items_of([address])["item_id"].nunique() == 23, "lint looks at all of it"
    audited = set(campaign_items(state_of(address))["item_id"])
    assert audited == set(english(tmp_path / "out", "data")["item_id"])
    assert set(read([str(tmp_path / "out")])["item_id"]) == audited


def test_without_links_the_same_text_is_one_source(tmp_path: Path) -> None:
    def alike(line: dict[str, Any]) -> dict[str, Any]:
        number = int(line["passage_id"].rpartition("-")[2])
        return line | {"link": "", "text": f"{line['language']} text {number // 2}"}

    address = str(restored(tmp_path, alike) / "campaign")
    configure(address, 4)
    release_campaign(address, "1.0.0", str(tmp_path / "out"))
    test, dev = (english(tmp_path / "out", split) for split in ("data", "dev"))
    assert len(dev) == 4
    assert dev["flores_passage"].nunique() == 4
    assert not set(test["flores_passage"]) & set(dev["flores_passage"])


def test_the_first_word_holds(address: str, tmp_path: Path) -> None:
    """Two runs at once, of which each drew without the other."""
    configure(address, 4)
    state = state_of(address)
    subjects = sorted(state.questions["question_id"].unique())
    first, neighbour, other = subjects[0], subjects[1], subjects[4]
    assert first.rpartition("-")[0] == neighbour.rpartition("-")[0], "on one passage"
    for split, drawn in (("dev", [first]), ("test", [first, neighbour, other])):
        row = SplitDrawn([(one, split, [1, 2, 3, 4]) for one in drawn]).row(split)
        state.ledger.append(EVENTS, [row])
    assert split_sides(state_of(address)) == {
        first: Side("dev", (1, 2, 3, 4)), other: Side("test", (1, 2, 3, 4)),
    }  # fmt: skip
    with pytest.raises(ReleaseRefused, match="another run drew the split at the same moment"):
        release_split.note(state, {first: Side("test", (1, 2, 3, 4))})


def ran(*words: Any) -> Any:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_a_version_that_says_less_is_refused(address: str, tmp_path: Path) -> None:
    release_campaign(address, "1.0.0", str(tmp_path / "out"))
    dropped = english(tmp_path / "out", "data")["item_id"].iloc[0]
    lead_actions.decide(state_of(address), dropped, "drop", "it offends")
    told = ran("release", address, "--version", "1.1.0", "--out", tmp_path / "out")
    assert told.exit_code == 2
    assert "--version 1.1.0 says less than has changed since 1.0.0" in told.output
    assert "it is a major change, so give 2.0.0 or more" in told.output
    assert f"1 item removed: {dropped}" in told.output
    other = ran("release", address, "--version", "1.1.0", "--out", tmp_path / "new", "--since", tmp_path / "out")
    assert other.exit_code == 2
    assert not (tmp_path / "new").exists()
    assert (
        ran("release", address, "--version", "1.0.0", "--out", tmp_path / "x", "--since", tmp_path).exit_code == 2
    )
    made = ran("release", address, "--version", "2.0.0", "--out", tmp_path / "out", "--json")
    assert made.exit_code == 0, made.output
    assert json.loads(made.output)["since"]["step"] == "major"
    lower = ran("release", address, "--version", "1.9.0", "--out", tmp_path / "out")
    assert lower.exit_code == 2
    assert "--version 1.9.0 comes before 2.0.0" in lower.output
    assert ran("verify", tmp_path / "out").exit_code == 0
