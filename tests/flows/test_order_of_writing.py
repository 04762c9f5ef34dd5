"""What was written last counts, whatever the clocks of those who wrote said."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pyarrow as pa
import pytest

from data.campaign.campaign import Campaign
from data.ledger import Ledger, tables
from data.ledger.events import GuidelineChanged, SourceRead
from data.ledger.tables import LATER, TABLES
from flows.advance import advance
from flows.campaign_state import State
from flows.lead import lead_actions
from flows.ledger_views.current_items import latest_selection
from flows.ledger_views.lead_queries import queries_to_lead
from flows.release import release_campaign
from tests.flows.small_campaign import BAKERY, BOATS, FRENCH, SWAHILI, at

ROOT = Path(__file__).resolve().parents[2]
OLD = Path(__file__).with_name("ledger_without_sequences.tar.xz")

ACTS = """
import datetime, sys
from pathlib import Path
from flows import advance
from flows.lead import lead_actions, selection
from flows.ledger_views.lead_queries import queries_to_lead
from tests.flows.small_campaign import BAKERY, BOATS, FRENCH, SWAHILI, Small, item

class Wrong(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.datetime.now(tz) + datetime.timedelta(days=float(sys.argv[3]))

for name, module in list(sys.modules.items()):
    if name.partition(".")[0] in ("data", "qc", "annotation", "flows") and hasattr(module, "UTC"):
        module.datetime = Wrong

small, turn = Small(Path(sys.argv[1])), sys.argv[2]
words = f"Shuleni {turn}"
selection.select(small.state, size={"first": 2, "second": 1}[turn])
lead_actions.decide(small.state, BAKERY, {"first": "drop", "second": "keep"}[turn], turn)
lead_actions.answer(small.state, queries_to_lead(small.state)["query"].iloc[0], turn)
lead_actions.mend(small.state, "boats", SWAHILI, [f"Amina hutengeneza mashua ({turn})."])
(key,) = small.keys("translating", SWAHILI, BAKERY) if turn == "first" else [sys.argv[4]]
small.submit(key, **item("Mikate hupelekwa wapi?", [words, "Sokoni", "Kinuni", "Hospitalini"]))
lead_actions.reassign(small.state, {"first": "t1", "second": "t2"}[turn])
with small.state.ledger.lease("elsewhere:1"):
    pass
print(key)
"""


def act(folder: Path, turn: str, days: int, *words: str) -> str:
    """Do the acts in a process whose clock is wrong by so many days; the key of the task that was done."""
    command = [sys.executable, "-c", ACTS, str(folder), turn, str(days), *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[0]


@pytest.mark.slow
def test_the_later_command_counts_whatever_its_clock_says(tmp_path: Path) -> None:
    """First a day ahead, then a day behind: decide, select, answer, mend, an edit, reassign, the lease."""
    small = at("translating", tmp_path)
    small.submit(*small.keys("translating", FRENCH, BOATS), query="Is a sentence missing?")
    small.advance()
    key = act(small.folder, "first", 1)
    act(small.folder, "second", -1, key)

    decisions = small.state.ledger.read(tables.DECISIONS)
    decisions = decisions[decisions["decided_by"] == "lead"]
    assert decisions["decided_at"].is_monotonic_decreasing, "the second command's clock was behind"
    state = small.state
    assert small.question(BAKERY)["outcome"] == "keep"
    chosen = latest_selection(state)
    assert chosen is not None and chosen.size == 1
    assert list(queries_to_lead(state)["reply"]) == ["second"]
    assert state.texts_of({"boats"}, {SWAHILI})["boats", SWAHILI]["sentences"] == [
        "Amina hutengeneza mashua (second)."
    ]
    assert not set(small.open(person="t1")["task_key"]) | set(small.open(person="t2")["task_key"])
    leases = state.ledger.read(tables.LEASES)
    assert leases.iloc[-1]["released"]
    assert not small.advance().busy
    assert small.translation(BAKERY, SWAHILI)["answers"][0] == "Shuleni second"


def test_a_ledger_from_before_is_read_as_it_was_and_nothing_is_written(tmp_path: Path) -> None:
    """Made by the program as it was before there were sequences, records and pinned versions."""
    with tarfile.open(OLD) as packed:
        packed.extractall(tmp_path, filter="data")
    address, before = str(tmp_path / "campaign"), json.loads((tmp_path / "order.json").read_text())
    state = State(Campaign.load(address), Ledger(address))
    read = {name: list(state.ledger.read(table, ["event_id"])["event_id"]) for name, table in TABLES.items()}
    before |= {name: [] for name in LATER}  # they came since
    assert read == before
    assert set(state.ledger.read(tables.DECISIONS)["sequence"]) == {0}
    assert advance(address, {}).idle
    after = {name: list(state.ledger.read(table, ["event_id"])["event_id"]) for name, table in TABLES.items()}
    assert {name for name in after if after[name] != before[name]} == {"events", "leases"}
    count = len(before["events"])
    assert after["events"][:count] == before["events"]
    added = state.ledger.read(tables.EVENTS).iloc[count:]
    # guidelines read otherwise since, each is recorded once, and the source lies elsewhere
    guided = [
        GuidelineChanged.parse(text).stage for text in added["detail"][added["kind"] == GuidelineChanged.KIND]
    ]
    assert sorted(guided) == sorted({*guided})
    assert list(added["kind"][added["kind"] != GuidelineChanged.KIND]) == [SourceRead.KIND]
    found = state.decisions
    assert list(found["outcome"][found["subject"] == BAKERY]) == ["keep"]  # after a drop
    lead_actions.decide(state, BAKERY, "drop", "after all")
    found = state.fresh().decisions
    assert list(found["outcome"][found["subject"] == BAKERY]) == ["drop"]
    numbers = Ledger(address).read(tables.DECISIONS)["sequence"].astype(int).tolist()
    assert numbers[:-1] == [0] * (len(numbers) - 1)
    assert numbers[-1] > 0


def test_no_byte_of_a_release_hangs_on_the_order_between_subjects(tmp_path: Path) -> None:
    """The events of each subject stay in their order, and the subjects are told of in another one."""
    small = at("accepted", tmp_path)
    other = Ledger(str(tmp_path / "other"))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "campaign.toml").write_bytes((small.folder / "campaign.toml").read_bytes())
    (tmp_path / "other" / "passages.jsonl").write_bytes((small.folder / "passages.jsonl").read_bytes())
    of = {"passages": "passage_id", "annotations": "task_key", "questions": "question_id", "checks": "signature",
          "translations": "question_id", "verdicts": "subject", "decisions": "subject", "events": "subject",
          "tasks": "question_id"}  # fmt: skip
    for name, column in reversed(of.items()):
        rows = small.state.ledger.read_arrow(TABLES[name]).to_pylist()
        groups: dict[str, list[tables.Row]] = {}
        for row in rows:
            groups.setdefault(row[column], []).append(row)
        moved = [row for subject in sorted(groups, reverse=True) for row in groups[subject]]
        numbered = [{**row, "sequence": number} for number, row in enumerate(moved, start=1)]
        other.restore(TABLES[name], pa.Table.from_pylist(numbered, schema=TABLES[name].schema))
    Ledger.create(other.address)
    first = {name: list(small.state.ledger.read(TABLES[name])["event_id"]) for name in of}
    then = {name: list(other.read(TABLES[name])["event_id"]) for name in of}
    assert first != then
    assert {name: sorted(ids) for name, ids in first.items()} == {name: sorted(ids) for name, ids in then.items()}

    def released(address: str) -> dict[str, bytes]:
        out = Path(address) / "release"
        release_campaign(address, "1.0.0", str(out))
        return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}

    assert released(other.address) == released(small.address)
    assert advance(other.address, {}).idle
