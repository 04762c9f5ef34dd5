"""The rule table, the one place where verdicts become outcomes: read from the top, the first rule that applies
wins.

Checks and people only report findings. Their consequences are here and nowhere else, so that one can read, cite
and question how a benchmark was decided. `EFFECTS` says which checks are reliable enough to send work back by
themselves; all others are notes for people. A verdict that could not be given (`flagged` null) never passes by
itself: it needs people who looked at the item. Nothing here knows the clock, the order of the verdicts, or who
gave them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Literal

import pandas as pd

from data.errors import UsageError
from data.ledger.human_verdicts import Recommendation
from qc.decisions import reviewer_disagreement
from qc.decisions.decision_reason import RuledOutcome
from qc.decisions.standing_verdicts import (
    NOTHING_ANSWERED,
    Answered,
    Case,
    ItemKind,
    Report,
    Verdict,
    reason_text,
    standing_verdicts,
)

FlagEffect = Literal["revise", "note"]


class Awaited(StrEnum):
    """The reason why an undecided item waits."""

    CHECKS = "checks"
    BLIND_ANSWERS = "blind answers"
    JUDGEMENTS = "judgements"
    ADJUDICATION = "adjudication"
    """Its reviewers cannot agree."""
    PROOFREADING = "proofreading"
    LEAD = "the lead"
    REPLY = "a reply"
    """The lead has not answered a query on its passage."""


AWAITED_REVIEWS = frozenset({Awaited.BLIND_ANSWERS, Awaited.JUDGEMENTS})
"""The reviewers' tasks; an item that waits for one of them has a wanted number of reviewers."""

EFFECTS: Mapping[str, FlagEffect] = MappingProxyType(
    {
        # how an item is built
        "four_options": "revise",
        "distinct_options": "revise",
        "key_in_range": "revise",
        "reads_like_question": "revise",
        "stray_whitespace": "revise",
        "invisible_characters": "revise",
        "quote_debris": "revise",
        "length_bounds": "revise",
        "contained_option": "note",
        "duplicate_question": "revise",
        "all_of_the_above": "revise",
        "wrong_script": "revise",
        # what gives its key away
        "given_away": "revise",
        "telling_option": "note",
        # how a translation relates to its source
        "answers_match_count": "revise",
        "language_identified": "note",
        "untranslated": "revise",
        "numbers_kept": "note",
        # what is wrong in a translated text by itself
        "blank_text": "revise",
        "mixed_script": "revise",
        "cut_short": "note",
        "repeated_text": "revise",
        "digits_kept": "revise",
        "unpaired_brackets": "note",
        "unpaired_quotes": "note",
        "end_marks": "note",
        "doubled_words": "note",
        "source_words_left": "note",
        "reused_rendering": "note",
        "one_rendering": "note",
        "text_of_another_item": "note",
        "edit_rates": "note",
        # what a translation says
        "options_swapped": "note",
        "option_meaning": "note",
        "usual_length": "note",
        "negation_kept": "note",
        "names_kept": "note",
        "terms_kept": "note",
    }
)
"""The effect of a check's flag: send the item back, or be shown to its judges. Unlisted checks are notes."""


@dataclass(frozen=True)
class Policy:
    """The settings by which a campaign decides.

    Attributes:
        overlap: how many people judge each source item; 0 leaves it to the checks.
        most: up to how many are asked, one at a time, where they disagree; `overlap` if less.
        rounds: how often an item may go back before it is dropped (source) or handed on to a person (translation).
        required: per kind, the checks without whose verdict nothing is decided.
        effects: effects of checks that differ from `EFFECTS`.
    """

    overlap: int = 2
    rounds: int = 2
    required: Mapping[ItemKind, frozenset[str]] = field(default_factory=dict)
    effects: Mapping[str, FlagEffect] = field(default_factory=dict)
    most: int = 0

    def __post_init__(self) -> None:
        wrong = {name: effect for name, effect in self.effects.items() if effect not in ("revise", "note")}
        if wrong:
            listed = ", ".join(f"{name} = {effect!r}" for name, effect in wrong.items())
            raise UsageError(f"the effect of a check is 'revise' or 'note', not {listed}")
        if self.overlap < 0 or self.rounds < 0:
            raise UsageError(f"overlap ({self.overlap}) and rounds ({self.rounds}) cannot be negative")

    def effect(self, check: str) -> FlagEffect:
        """Return the effect of a flag of this check."""
        return self.effects.get(check, EFFECTS.get(check, "note"))


@dataclass(frozen=True)
class Rule:
    """One row of the table.

    Attributes:
        name: recorded with the decision.
        kind: the items that it applies to.
        when: all of these must hold.
        then: the outcome, or what the item waits for.
        rests_on: the verdicts and reports that a decision by this rule names.
    """

    name: str
    kind: ItemKind
    when: tuple[Condition, ...]
    then: RuledOutcome | Awaited
    rests_on: Callable[[Case, Policy], Iterable[Verdict | Report]] = lambda case, _: case.verdicts


Condition = Callable[[Case, Policy], bool]


NOTHING_REPORTED: Mapping[tuple[str, str], Sequence[Report]] = MappingProxyType({})


@dataclass(frozen=True)
class Decided:
    """The result of applying the rules.

    Attributes:
        decisions: rows for the `decisions` table, in the order of the items.
        waiting: the undecided items: question_id, language, revision, awaited (`Awaited`), reviewers (how many are
            to review it; 0 where it does not wait for reviews).
    """

    decisions: list[dict[str, Any]]
    waiting: pd.DataFrame


def withdrawn(case: Case, _: Policy) -> bool:
    """The lead has withdrawn it after its release."""
    return any(report.withdraws for report in case.reports)


def reported(case: Case, _: Policy) -> bool:
    """Users of a release report an error in it."""
    return bool(case.reports)


def reported_beyond_texts(case: Case, _: Policy) -> bool:
    """Users of a release report that its key or its passage is wrong, which the lead settles: by evidence, or by
    mending the passage.
    """
    return any(report.part in ("key", "passage") for report in case.reports)


def failed_a_check(case: Case, policy: Policy) -> bool:
    """A check whose flag is enough to send work back has flagged the item, and nobody dismissed that; a draft's
    flag that its translator contests waits for the proofreader.
    """
    return any(_failed(case, policy))


def source_suspect(case: Case, _: Policy) -> bool:
    """A check flags it in so many languages that its source may be at fault, and the lead has not answered yet."""
    return case.suspect


def out_of_rounds(case: Case, policy: Policy) -> bool:
    """It was sent back as often as is allowed."""
    return case.round > policy.rounds


def rounds_left(case: Case, policy: Policy) -> bool:
    """It may still be sent back."""
    return not out_of_rounds(case, policy)


def checks_missing(case: Case, policy: Policy) -> bool:
    """A required check has not judged this revision yet."""
    return not policy.required.get(case.kind, frozenset()) <= {verdict.check for verdict in case.automatic}


def answers_missing(case: Case, policy: Policy) -> bool:
    """Fewer people than wanted answered it blind."""
    return len(case.by_people("blind_answer")) < _wanted(case, policy)


def judgements_missing(case: Case, policy: Policy) -> bool:
    """Fewer people than wanted judged it with the key in view."""
    return len(case.by_people("recommendation")) < _wanted(case, policy)


def disputed(case: Case, policy: Policy) -> bool:
    """Its reviewers disagree, and no majority of them is beyond doubt
    (`qc.decisions.reviewer_disagreement`).
    """
    return reviewer_disagreement.disputed(case, policy.overlap, policy.most)


def somebody_adjudicates(case: Case, _: Policy) -> bool:
    """Somebody who has had no part in the item could decide."""
    return case.adjudicators > 0


def adjudicated_keep(case: Case, _: Policy) -> bool:
    """An adjudicator keeps it."""
    given = case.by_people("adjudication")
    return bool(given) and all(verdict.recommends is Recommendation.KEEP for verdict in given)


def adjudicated_drop(case: Case, _: Policy) -> bool:
    """An adjudicator drops it."""
    return any(v.recommends is Recommendation.DROP for v in case.by_people("adjudication"))


def adjudicated(case: Case, _: Policy) -> bool:
    """An adjudicator decided."""
    return bool(case.by_people("adjudication"))


def most_would_drop(case: Case, _: Policy) -> bool:
    """More than half of the reviewers recommend dropping it."""
    given = case.by_people("recommendation")
    return 2 * sum(verdict.recommends is Recommendation.DROP for verdict in given) > len(given)


def reviewers_object(case: Case, policy: Policy) -> bool:
    """A reviewer who is not outvoted chose another answer, found a criterion unmet, or wants a change."""
    return any(v.flagged is not False and v.event_id not in _outvoted(case, policy) for v in case.people)


def nobody_could_judge(case: Case, _: Policy) -> bool:
    """A check could not judge it, and no person has judged it either."""
    return not case.people and any(verdict.flagged is None for verdict in case.automatic)


def unread(case: Case, _: Policy) -> bool:
    """No proofreader has given a verdict."""
    return not case.by_people("proofreading")


def returned(case: Case, _: Policy) -> bool:
    """The proofreader sends it back."""
    return any(verdict.flagged is not False for verdict in case.by_people("proofreading"))


def sent_back(case: Case, policy: Policy) -> bool:
    """The proofreader or a check sends it back."""
    return returned(case, policy) or failed_a_check(case, policy)


def drawn_again(case: Case, _: Policy) -> bool:
    """Its proofreader dismissed flags, and it is drawn to be proofread by somebody else."""
    return case.reread


def _failed(case: Case, policy: Policy) -> Iterable[Verdict]:
    return (
        verdict
        for verdict in case.automatic
        if verdict.flagged
        and policy.effect(verdict.check) == "revise"
        and not (case.kind == "draft" and verdict.contested)
    )


def _reports(case: Case, _: Policy) -> Iterable[Report]:
    return case.reports


def _people(case: Case, _: Policy) -> Iterable[Verdict]:
    return case.people


def _wanted(case: Case, policy: Policy) -> int:
    """Return how many people's reviews are wanted."""
    return reviewer_disagreement.wanted(case, policy.overlap, policy.most)


def _outvoted(case: Case, policy: Policy) -> frozenset[str]:
    return frozenset(v.event_id for v in reviewer_disagreement.overruled(case, policy.overlap, policy.most))


RULES: tuple[Rule, ...] = (
    #    name         kind        when                                    then                    rests on
    Rule("withdrawn", "source",    (withdrawn,),                           "drop",                 _reports),
    Rule("reported",  "source",    (reported_beyond_texts,),               Awaited.LEAD),
    Rule("reported",  "source",    (reported,),                            "revise",               _reports),
    Rule("check",     "source",    (failed_a_check, out_of_rounds),        "drop",                 _failed),
    Rule("check",     "source",    (failed_a_check,),                      "revise",               _failed),
    Rule("unchecked", "source",    (checks_missing,),                      Awaited.CHECKS),
    Rule("adjudicated", "source",  (adjudicated_drop,),                    "drop",                 _people),
    Rule("adjudicated", "source",  (adjudicated_keep,),                    "keep"),
    Rule("adjudicated", "source",  (adjudicated, out_of_rounds),           "drop",                 _people),
    Rule("adjudicated", "source",  (adjudicated,),                         "revise",               _people),
    Rule("unread",    "source",    (answers_missing,),                     Awaited.BLIND_ANSWERS),
    Rule("unread",    "source",    (judgements_missing,),                  Awaited.JUDGEMENTS),
    Rule("disputed",  "source",    (disputed, somebody_adjudicates),       Awaited.ADJUDICATION),
    Rule("majority",  "source",    (most_would_drop,),                     "drop",                 _people),
    Rule("reviewers", "source",    (reviewers_object, out_of_rounds),      "drop",                 _people),
    Rule("reviewers", "source",    (reviewers_object,),                    "revise",               _people),
    Rule("unjudged",  "source",    (nobody_could_judge,),                  Awaited.LEAD),
    Rule("accepted",  "source",    (),                                     "keep"),

    Rule("reported",  "draft",     (reported_beyond_texts,),               Awaited.LEAD),
    Rule("reported",  "draft",     (reported,),                            "revise",               _reports),
    Rule("source_suspect", "draft", (source_suspect,),                     Awaited.LEAD),
    Rule("check",     "draft",     (failed_a_check, rounds_left),          "revise",               _failed),
    Rule("unchecked", "draft",     (checks_missing,),                      Awaited.CHECKS),
    Rule("unread",    "draft",     (),                                     Awaited.PROOFREADING),

    Rule("reported",  "proofread", (reported_beyond_texts,),               Awaited.LEAD),
    Rule("reported",  "proofread", (reported,),                            "revise",               _reports),
    Rule("unread",    "proofread", (unread,),                              Awaited.PROOFREADING),
    Rule("lead",      "proofread", (sent_back, out_of_rounds),             Awaited.LEAD),
    Rule("returned",  "proofread", (returned,),                            "revise"),
    Rule("check",     "proofread", (failed_a_check,),                      "revise",               _failed),
    Rule("unchecked", "proofread", (checks_missing,),                      Awaited.CHECKS),
    Rule("reread",    "proofread", (drawn_again,),                         Awaited.PROOFREADING),
    Rule("accepted",  "proofread", (),                                     "keep"),
)  # fmt: skip
"""Read from the top; the first rule for the item's kind whose conditions all hold decides.

A check's null verdict counts as long as nobody has judged the item: with reviewers (source) or a proofreader
(translation) their judgement is the one that counts, so a kept item was never kept by silence. Where reviewers
disagree, more of them are asked and then an adjudicator, as far as there are any
(`qc.decisions.reviewer_disagreement`); with neither, any objection sends the item back. One language never drops
an item: out of rounds, a translation goes to the lead. Where a check flags an item in more languages than chance
explains, its drafts wait until the lead has said whether the source is right: nobody should mend in every language
what is wrong in one. What was released is judged again when somebody reports an error in it: a text goes back to
those who make it, a key or a passage to the lead, and what was withdrawn stays so.
"""


def decide(
    items: pd.DataFrame,
    verdicts: pd.DataFrame,
    policy: Policy,
    now: datetime,
    answered: Answered = NOTHING_ANSWERED,
    reports: Mapping[tuple[str, str], Sequence[Report]] = NOTHING_REPORTED,
) -> Decided:
    """Apply the rules to every item.

    Args:
        items: question_id, language, revision, kind (source, draft, proofread) and round (1 for what nobody has
            decided about yet, counting on with every decision to revise); one line per item, undecided ones. Also
            reach, adjudicators, reread and suspect, as of `qc.decisions.standing_verdicts.Case`, where known.
        verdicts: columns of `data.ledger.tables.VERDICTS`. Doubled events count once; of several verdicts by one
            judge and check on one revision the latest counts. Verdicts on anything else are passed over.
        policy: what the campaign decides by.
        now: the time that the decisions bear.
        answered: what people said of checks' flags. A decision names the dismissals that it rests on.
        reports: by question_id and language, what users of a release say against the revision that is given here.
    """
    found = standing_verdicts(items, verdicts, answered)
    decisions, waiting = [], []
    known = items.assign(**{name: none for name, none in _UNKNOWN.items() if name not in items})
    columns = (known[name] for name in ("question_id", "language", "revision", "kind", "round", *_UNKNOWN))
    for subject, language, revision, kind, number, reach, adjudicators, reread, suspect in zip(
        *columns, strict=True
    ):
        given = found.get((subject, language, int(revision)), ())
        people = None if reach < 0 else int(reach), int(adjudicators)
        said = tuple(reports.get((subject, language), ()))
        case = Case(kind, int(number), given, *people, reread=bool(reread), suspect=bool(suspect), reports=said)
        rule = _first(case, policy)
        about = {"language": language, "revision": int(revision)}
        if isinstance(rule.then, Awaited):
            reviewers = _wanted(case, policy) if rule.then in AWAITED_REVIEWS else 0
            what = {"awaited": rule.then, "reviewers": reviewers}
            waiting.append({"question_id": subject, **about, **what})
            continue
        decisions.append(
            {
                "subject": subject,
                **about,
                "outcome": rule.then,
                "reason": reason_text(
                    case, rule.then, {v.event_id for v in _failed(case, policy)}, _outvoted(case, policy)
                ),
                "rule": rule.name,
                "decided_by": "rules",
                "verdicts": sorted({event for one in rule.rests_on(case, policy) for event in one.events}),
                "decided_at": now,
            }
        )
    return Decided(
        decisions,
        pd.DataFrame(waiting, columns=["question_id", "language", "revision", "awaited", "reviewers"]),
    )


_UNKNOWN = {"reach": -1, "adjudicators": 0, "reread": False, "suspect": False}
"""The defaults where nobody looked: no bound, no adjudicator, no second reading, a source beyond doubt."""


def _first(case: Case, policy: Policy) -> Rule:
    for rule in RULES:
        if rule.kind == case.kind and all(holds(case, policy) for holds in rule.when):
            return rule
    raise ValueError(f"no rule for an item of kind {case.kind!r}; kinds are source, draft, proofread")
