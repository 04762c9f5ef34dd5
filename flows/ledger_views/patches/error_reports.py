"""Error reports: what users of a release say is wrong in an item, and which items were withdrawn for good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from data.ledger.events import ErrorReported, ItemWithdrawn, details_of
from data.ledger.tables import digest
from flows.campaign_state import State, ledger_view


@dataclass(frozen=True)
class ErrorReport:
    """A reported error.

    Attributes:
        patch: the report's short id.
        event_id: of the ledger's event, the first one if several say the same.
        sequence: of that event.
        question_id: of the item.
        language: of the item.
        revision: of the question or translation that was released.
        passage_revision: of its passage in that language.
        error: what is wrong.
        part: of `data.ledger.events.PARTS`; "" where it was not said.
        credit: whom a release thanks; "" for nobody.
        url: where the report can be read; "" for nowhere.
    """

    patch: str
    event_id: str
    sequence: int
    question_id: str
    language: str
    revision: int
    passage_revision: int
    error: str
    part: str
    credit: str
    url: str


@dataclass(frozen=True)
class Withdrawal:
    """A released item that was withdrawn; attributes are those of `data.ledger.events.ItemWithdrawn`."""

    event_id: str
    reason: str
    credit: str
    url: str


def patch_id(subject: str, language: str, revision: int, part: str | None, error: str) -> str:
    """Return the short id of a report, by what it says."""
    return digest("patch", subject, language, revision, part, error)[:8]


@ledger_view
def error_reports(state: State) -> tuple[ErrorReport, ...]:
    """Return every reported error, in the order of recording; who says the same again changes credit and URL."""
    events = state.events(ErrorReported)
    found: dict[tuple[str, str, int, str | None, str], ErrorReport] = {}
    rows = events[["event_id", "sequence", "subject", "language"]].itertuples(index=False, name=None)
    for (event, sequence, subject, language), said in zip(rows, details_of(events, ErrorReported), strict=True):
        same = (subject, language, said.revision, said.part, said.error)
        credit, url = said.credit or "", said.url or ""
        if same in found:
            found[same] = replace(found[same], credit=credit, url=url)
            continue
        found[same] = ErrorReport(
            patch_id(*same), event, int(sequence or 0), subject, language, int(said.revision),
            int(said.passage_revision), said.error, said.part or "", credit, url,
        )  # fmt: skip
    return tuple(found.values())


@ledger_view
def withdrawals(state: State) -> Mapping[str, Withdrawal]:
    """Return every withdrawn item by its question_id; the first event is what decisions rest on."""
    events = state.events(ItemWithdrawn)
    found: dict[str, Withdrawal] = {}
    for subject, event, said in zip(
        events["subject"], events["event_id"], details_of(events, ItemWithdrawn), strict=True
    ):
        first = found[subject].event_id if subject in found else event
        found[subject] = Withdrawal(first, said.reason, said.credit or "", said.url or "")
    return found
