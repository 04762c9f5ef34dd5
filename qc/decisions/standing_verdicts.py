"""A case: an item's standing verdicts, and their wording for the person who gets the work back.

The wording names options, criteria and what was wrong, so that its reader can act without asking. It never names
who found something, nor does the order of the lines reveal it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

import pandas as pd

from data.ledger.human_verdicts import Recommendation, comment_of, rubric_check
from qc.check_run import JUDGE
from qc.decisions.decision_reason import Kept, KeptBy, RuledOutcome, SentBack

ItemKind = Literal["source", "draft", "proofread"]

UNMET = MappingProxyType(
    {
        "answerable": "the passage does not answer the question",
        "one_right": "not exactly one option is right",
        "distractors_wrong": "not every other option is clearly wrong",
        "passage_only": "the answer takes more than the passage, or can be given without it",
        "wording": "the wording is unclear or faulty",
        "inoffensive": "it may offend or hurt somebody",
        "translatable": "it will not survive translation",
    }
)
"""The meaning of each unmet criterion of the rubric."""

_LEADING_MARKS = re.compile(r"^[\s:;,.–—-]+")

ASIDE = frozenset({"guess", "recheck", "baseline_answer", "key_answer"})
"""People's verdicts that decide nothing: a guess may be lucky, a baseline is about frozen items, and the lead is
told what a recheck or a key check found.
"""


@dataclass(frozen=True, slots=True)
class Answered:
    """What people said of checks' flags, by the event_id of the verdict: the events that say so.

    Attributes:
        dismissed: flags of which a proofreader dismissed every finding.
        contested: flags of which a translator contested every finding.
    """

    dismissed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    contested: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


NOTHING_ANSWERED = Answered()


@dataclass(frozen=True, slots=True)
class Verdict:
    """A verdict that stands, without its judge.

    Attributes:
        event_id: of the ledger.
        check: the check's name, or what a person was asked.
        automatic: given by a check, not by a person.
        score: in [0, 1], or None.
        flagged: None where it could not be judged; False for a check's flag that was dismissed.
        reason: in words.
        reviewer: number of the person among those who judged this item, which reveals nothing else; 0 for checks.
        dismissed: the events by which a proofreader dismissed the flag; none if nobody did.
        contested: whether the translator contests the flag.
    """

    event_id: str
    check: str
    automatic: bool
    score: float | None
    flagged: bool | None
    reason: str
    reviewer: int = 0
    dismissed: tuple[str, ...] = ()
    contested: bool = False

    @property
    def events(self) -> tuple[str, ...]:
        """The events that a decision names if it rests on this verdict."""
        return self.event_id, *self.dismissed

    @property
    def recommends(self) -> Recommendation | None:
        """A reviewer's recommendation or an adjudicator's decision; None for all other verdicts."""
        return Recommendation.of(self.score) if self.check in ("recommendation", "adjudication") else None

    @property
    def comment(self) -> str:
        """The person's comment, without the marks that it begins with."""
        return _LEADING_MARKS.sub("", comment_of(self.recommends, self.reason)).strip()


@dataclass(frozen=True, slots=True)
class Report:
    """What users of a release say against an item.

    Attributes:
        event_id: of the ledger.
        error: what is wrong, in the reporter's words; why, for a withdrawal.
        part: of `data.ledger.events.PARTS`; "" where it was not said.
        withdraws: whether the lead has taken the item back.
    """

    event_id: str
    error: str
    part: str = ""
    withdraws: bool = False

    @property
    def events(self) -> tuple[str, ...]:
        """The events that a decision names if it rests on this report."""
        return (self.event_id,)

    @property
    def finding(self) -> str:
        """The report as a finding, for whoever gets the item back."""
        if self.withdraws:
            return f"withdrawn: {self.error}"
        where = f" in {self.part.replace('option_', 'answer ')}" if self.part else ""
        return f"readers of the release report an error{where}: {self.error}"


@dataclass(frozen=True, slots=True)
class Case:
    """One revision of an item, as the rules see it.

    Attributes:
        kind: source, draft or proofread.
        round: 1 for the first time that it is decided on.
        verdicts: one per check and judge, the latest.
        reach: how many people have reviewed this revision or could still be asked; None for no bound.
        adjudicators: how many could decide if reviewers disagree.
        reread: whether it is drawn to be proofread by somebody else, since flags on it were dismissed.
        suspect: whether what checks flag in several languages points at its source, and the lead has not answered.
        reports: what users of a release say against this revision, and nobody has answered.
    """

    kind: ItemKind
    round: int
    verdicts: tuple[Verdict, ...]
    reach: int | None = None
    adjudicators: int = 0
    reread: bool = False
    suspect: bool = False
    reports: tuple[Report, ...] = ()

    @property
    def automatic(self) -> tuple[Verdict, ...]:
        """The checks' verdicts."""
        return tuple(verdict for verdict in self.verdicts if verdict.automatic)

    @property
    def people(self) -> tuple[Verdict, ...]:
        """The people's verdicts."""
        return tuple(verdict for verdict in self.verdicts if not verdict.automatic)

    def by_people(self, check: str) -> tuple[Verdict, ...]:
        """Return the people's verdicts on one question."""
        return tuple(verdict for verdict in self.people if verdict.check == check)


def standing_verdicts(
    items: pd.DataFrame, verdicts: pd.DataFrame, answered: Answered = NOTHING_ANSWERED
) -> dict[tuple[str, str, int], tuple[Verdict, ...]]:
    """Return the verdicts that count, by question_id, language and revision of the given items.

    Args:
        items: at least question_id, language, revision.
        verdicts: columns of `data.ledger.tables.VERDICTS`. Doubled events count once; of several verdicts by one
            judge and check on one revision the latest counts, as when a person edits a submission: by `sequence`,
            and by `judged_at` where several were written at once.
        answered: what people said of checks' flags.
    """
    if verdicts.empty:
        return {}
    place = ["subject", "language", "revision"]
    wanted = items[["question_id", "language", "revision"]].rename(columns={"question_id": "subject"})
    own = verdicts[(verdicts["scope"] == "item") & ~verdicts["check"].isin(ASIDE)].merge(
        wanted.drop_duplicates(), on=place
    )
    own = own.assign(sequence=own["sequence"].fillna(0))  # from before there were sequences
    own = own.sort_values([*place, "check", "judge", "sequence", "judged_at", "event_id"])
    own = own.drop_duplicates("event_id")
    own = own.drop_duplicates([*place, "check", "judge"], keep="last")
    found = defaultdict(list)
    people: dict[tuple[str, str, int], dict[str, int]] = defaultdict(dict)
    columns = (own[name] for name in (*place, "event_id", "check", "judge", "score", "flagged", "reason"))
    for subject, language, revision, event_id, check, judge, score, flagged, reason in zip(*columns, strict=True):
        item = subject, language, int(revision)
        known = people[item]
        dismissed = answered.dismissed.get(event_id, ())
        verdict = Verdict(
            event_id=event_id,
            check=check,
            automatic=judge == JUDGE,
            score=None if pd.isna(score) else float(score),
            flagged=None if pd.isna(flagged) else bool(flagged) and not dismissed,
            reason="" if pd.isna(reason) else reason,
            reviewer=0 if judge == JUDGE else known.setdefault(judge, len(known) + 1),
            dismissed=dismissed,
            contested=event_id in answered.contested,
        )
        found[item].append(verdict)
    return {item: tuple(given) for item, given in found.items()}


def reason_text(case: Case, outcome: RuledOutcome, failed: Set[str], outvoted: Set[str] = frozenset()) -> str:
    """Write a decision's reason.

    Args:
        case: the item's verdicts.
        outcome: what was decided.
        failed: event_ids of the automatic verdicts that send work back by themselves.
        outvoted: event_ids of the reviewers' objections that a majority overruled.

    Returns:
        The text that the ledger holds (`qc.decisions.decision_reason`).
    """
    if outcome == "keep":
        return _why_kept(case, outvoted).text()
    lines = [report.finding for report in case.reports]
    lines += sorted(f"{v.reason or v.check}" for v in case.automatic if v.event_id in failed)
    lines += [f"the adjudicator writes: {words}" for words in _adjudicated(case)]
    lines += _of_readers(case) + _of_reviewers(case)
    returns = [v for v in case.by_people("proofreading") if v.flagged is not False]
    lines += sorted(f"the proofreader sends it back{_after_colon(v.reason)}" for v in returns)
    lines += _comments(case)
    notes = [v for v in case.automatic if v.flagged and v.event_id not in failed]
    lines += sorted(f"also look at this: {v.reason or v.check}" for v in notes)
    return SentBack(outcome, tuple(dict.fromkeys(lines))).text()


def _why_kept(case: Case, outvoted: Set[str]) -> Kept:
    words = "; ".join(_adjudicated(case)).rstrip(".")
    objecting = {v.reviewer for v in case.people if v.event_id in outvoted}
    by = KeptBy.EVERYBODY if case.people else KeptBy.CHECKS
    if _adjudicated(case):
        by = KeptBy.ADJUDICATOR
    elif outvoted:
        by = KeptBy.MAJORITY
    answers = case.by_people("blind_answer")
    return Kept(
        by,
        words=words,
        objected=len(objecting),
        asked=len({v.reviewer for v in case.people}) if by is KeptBy.MAJORITY else 0,
        right=sum(v.flagged is False for v in answers),
        answers=len(answers),
        unjudged=tuple(sorted(v.check for v in case.automatic if v.flagged is None)),
        notes=tuple(sorted(v.reason or v.check for v in case.automatic if v.flagged)),
    )


def _of_readers(case: Case) -> list[str]:
    answers = case.by_people("blind_answer")
    others = [v for v in answers if v.flagged is not False]
    if not others:
        return []
    lines = [f"{len(others)} of {len(answers)} readers did not choose the key when they did not know it"]
    return lines + sorted(f"answered blind: {v.reason}" for v in others if v.reason)


def _of_reviewers(case: Case) -> list[str]:
    lines = []
    for criterion, meaning in UNMET.items():
        given = case.by_people(rubric_check(criterion))
        unmet = [v for v in given if v.flagged is not False]
        if unmet:
            lines.append(f"{meaning} ({len(unmet)} of {len(given)} reviewers)")
            lines += sorted(f"a reviewer writes: {v.reason}" for v in unmet if v.reason)
    return lines


def _adjudicated(case: Case) -> list[str]:
    return sorted(v.comment for v in case.by_people("adjudication") if v.comment)


def _comments(case: Case) -> list[str]:
    return sorted(f"a reviewer writes: {v.comment}" for v in case.by_people("recommendation") if v.comment)


def _after_colon(text: str) -> str:
    return f": {text}" if text else ""
