"""What a view of the ledger computed is kept until a table that it was made from is written to."""

from pathlib import Path

from data.ledger import tables
from data.ledger.events import CampaignChanged
from flows.campaign_state import State, ledger_view
from tests.flows.small_campaign import at

computed: list[str] = []


@ledger_view
def questions(state: State) -> int:
    computed.append("questions")
    return len(state.questions)


@ledger_view
def questions_and_changes(state: State) -> int:
    computed.append("both")
    return questions(state) + len(state.events(CampaignChanged))


def test_a_view_is_computed_again_only_where_its_tables_were_written_to(tmp_path: Path) -> None:
    state = at("judging", tmp_path).state
    computed.clear()
    assert (questions_and_changes(state), questions(state)) == (3, 2)
    assert computed == ["both", "questions"]

    state.ledger.append(tables.EVENTS, [CampaignChanged(state.campaign.to_json()).row("another hash", "2")])
    assert questions_and_changes(state) == 3, "a state stays as it was read"
    fresh = state.fresh()
    assert (questions_and_changes(fresh), questions(fresh)) == (4, 2)
    assert computed == ["both", "questions", "both"], "the questions are as they were"

    row = state.ledger.read_arrow(tables.QUESTIONS).to_pylist()[0]
    another = {name: value for name, value in row.items() if name not in ("event_id", "recorded_at", "sequence")}
    state.ledger.append(tables.QUESTIONS, [another | {"question_id": "boats-q9"}])
    assert questions_and_changes(fresh.fresh()) == 5
    assert computed == ["both", "questions", "both", "both", "questions"]


def test_what_this_run_appended_is_read_in_the_ledgers_order_and_once(tmp_path: Path) -> None:
    state = at("accepted", tmp_path).state
    before = state.questions
    rows = state.ledger.read_arrow(tables.QUESTIONS).to_pylist()
    plain = [{k: v for k, v in row.items() if k not in ("event_id", "recorded_at", "sequence")} for row in rows]
    state.ledger.append(tables.QUESTIONS, [{**row, "question_id": f"{row['question_id']}x"} for row in plain])
    state.ledger.append(tables.QUESTIONS, plain)  # what it holds already
    now, whole = state.fresh().questions, State(state.campaign, type(state.ledger)(state.ledger.address)).questions
    assert len(now) == 2 * len(before)
    assert now.equals(whole)
    assert list(now.dtypes) == list(whole.dtypes)
