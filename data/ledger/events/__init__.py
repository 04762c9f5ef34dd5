"""Everything that happened in a campaign and has no table of its own: one frozen dataclass per kind of event.

The table `events` holds a kind, a subject, a language and a `detail`. The classes define what each kind is about
and what its detail contains, and how it is written and read: no other code builds or parses that JSON.
"""

from __future__ import annotations

from collections.abc import Mapping

from data.ledger.events.campaign_events import (
    CampaignChanged,
    GivenUp,
    MadeAgain,
    ModelsChosen,
    Redacted,
    SourceRead,
    TakenBack,
)
from data.ledger.events.erratum_events import PARTS, ErratumReleased, ErrorReported, ItemWithdrawn
from data.ledger.events.event import Event
from data.ledger.events.event_details import by_subject, details_of, fact
from data.ledger.events.guideline_events import Guided, GuidelineChanged, QuizChanged
from data.ledger.events.message_events import (
    MessageEnded,
    MessageIntended,
    MessageSettled,
    MessagesSwitched,
)
from data.ledger.events.people_events import (
    AccountClaimed,
    AccountLinked,
    AccountsKeptApart,
    NotQualified,
    Qualified,
    QuizTaken,
    TrialChecked,
    TrialWritten,
)
from data.ledger.events.set_events import (
    BaselineDrawn,
    Items,
    NotPlanted,
    Planted,
    SetRead,
    SetSelected,
    SplitDrawn,
)
from data.ledger.events.submission_events import (
    Answer,
    Became,
    Feedback,
    FindingAnswered,
    Late,
    LateAccepted,
    NeverBlind,
    Overtaken,
    PromptWorded,
    Query,
    Read,
    Reply,
    SkipExplained,
)
from data.ledger.events.task_events import (
    Altered,
    AlteredAccepted,
    Assisted,
    Closed,
    Destroyed,
    Page,
    Rejected,
    TaskClosed,
    TaskPublished,
    TasksPlaced,
    TaskWithdrawn,
    WebhookSeen,
    WorkbenchPlaced,
)

KINDS: Mapping[str, type[Event]] = {
    kind.KIND: kind
    for kind in (
        CampaignChanged, SourceRead, Redacted, GivenUp, MadeAgain, TakenBack, TaskPublished, TasksPlaced,
        TaskWithdrawn, TaskClosed, Page, Altered, AlteredAccepted, Rejected, Destroyed, Assisted, WebhookSeen,
        AccountLinked, AccountClaimed, AccountsKeptApart, QuizTaken, TrialWritten, TrialChecked, Qualified,
        NotQualified, GuidelineChanged, QuizChanged, Guided, Read, Late, LateAccepted, Query, Reply, Feedback,
        SetRead, SetSelected, Planted, NotPlanted, BaselineDrawn, FindingAnswered, SplitDrawn, PromptWorded,
        ModelsChosen, WorkbenchPlaced, ErrorReported, ItemWithdrawn, ErratumReleased, SkipExplained,
        MessagesSwitched, MessageIntended, MessageEnded, MessageSettled,
    )
}  # fmt: skip
"""Every kind of event, by its name in the table."""

__all__ = [
    "KINDS",
    "PARTS",
    "AccountClaimed",
    "AccountLinked",
    "AccountsKeptApart",
    "Altered",
    "AlteredAccepted",
    "Answer",
    "Assisted",
    "BaselineDrawn",
    "Became",
    "CampaignChanged",
    "Closed",
    "Destroyed",
    "ErratumReleased",
    "ErrorReported",
    "Event",
    "Feedback",
    "FindingAnswered",
    "GivenUp",
    "Guided",
    "GuidelineChanged",
    "ItemWithdrawn",
    "Items",
    "Late",
    "LateAccepted",
    "MadeAgain",
    "MessageEnded",
    "MessageIntended",
    "MessageSettled",
    "MessagesSwitched",
    "ModelsChosen",
    "NeverBlind",
    "NotPlanted",
    "NotQualified",
    "Overtaken",
    "Page",
    "Planted",
    "PromptWorded",
    "Qualified",
    "Query",
    "QuizChanged",
    "QuizTaken",
    "Read",
    "Redacted",
    "Rejected",
    "Reply",
    "SetRead",
    "SetSelected",
    "SkipExplained",
    "SourceRead",
    "SplitDrawn",
    "TakenBack",
    "TaskClosed",
    "TaskPublished",
    "TaskWithdrawn",
    "TasksPlaced",
    "TrialChecked",
    "TrialWritten",
    "WebhookSeen",
    "WorkbenchPlaced",
    "by_subject",
    "details_of",
    "fact",
]
