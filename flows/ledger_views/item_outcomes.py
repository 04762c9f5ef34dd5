"""Item outcomes: what became of each item on the way to where it stands, in counts and names of checks.

Nobody's code is in them, and no words: reasons and comments may name somebody, and stay in the ledger.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

from flows.campaign_state import State, among
from flows.ledger_views.current_items import current_questions, current_translations
from qc.check_run import JUDGE

Item = tuple[str, str]
"""question_id and language."""

_Revision = tuple[str, str, int]


@dataclass(frozen=True)
class Share:
    """How many of some people: of readers who chose the key, or of reviewers who would keep the item as it is."""

    number: int
    of: int


@dataclass(frozen=True)
class ItemOutcome:
    """What became of one item in one language.

    Attributes:
        revisions: how many there are of its question or translation.
        blind: readers of this revision with the passage.
        guesses: readers of this revision without it.
        reviews: reviewers of this revision.
        fresh: readers of the human baseline.
        draft_accepted: whether a proofreader accepted the draft as it was; None where none read it.
        noted: the checks that flag this revision, by name.
    """

    revisions: int
    blind: Share
    guesses: Share
    reviews: Share
    fresh: Share
    draft_accepted: bool | None
    noted: tuple[str, ...]


@dataclass
class _Said:
    """What was said of a revision: people's outcomes by the name of their verdict, and the checks that flag it."""

    people: defaultdict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    checks: list[str] = field(default_factory=list)


def item_outcomes(state: State, items: Iterable[Item]) -> dict[Item, ItemOutcome]:
    """Return what became of these items; those that the campaign does not know are left out."""
    wanted = set(items)
    subjects = {subject for subject, _ in wanted}
    now = _current(state)
    rounds, said, fresh = _revisions(state, subjects), _verdicts(state, subjects), _baseline(state, subjects)
    outcomes = {}
    for item in sorted(wanted & set(now)):
        here = said[*item, now[item]]
        read = here.people["proofreading"]
        outcomes[item] = ItemOutcome(
            revisions=rounds[item],
            blind=_share(here.people["blind_answer"]),
            guesses=_share(here.people["guess"]),
            reviews=_share(here.people["recommendation"]),
            fresh=_share(fresh[item]),
            draft_accepted=read[-1] if read else None,
            noted=tuple(sorted(here.checks)),
        )
    return outcomes


def _share(outcomes: list[bool]) -> Share:
    return Share(sum(outcomes), len(outcomes))


def _current(state: State) -> dict[Item, int]:
    source, other = current_questions(state), current_translations(state)
    columns = ["question_id", "language", "revision"]
    frames = (source[columns], other[columns])
    return {
        (subject, language): int(revision)
        for subject, language, revision in pd.concat(frames).itertuples(index=False, name=None)
    }


def _revisions(state: State, subjects: set[str]) -> Counter[Item]:
    counts: Counter[Item] = Counter()
    for texts in (state.questions.assign(language=state.source_language), state.translations):
        here = texts[among(texts["question_id"], subjects)]
        here = here.drop_duplicates(["question_id", "language", "revision"])
        counts.update(zip(here["question_id"], here["language"], strict=True))
    return counts


def _verdicts(state: State, subjects: set[str]) -> defaultdict[_Revision, _Said]:
    """Return what was said of each revision."""
    found: defaultdict[_Revision, _Said] = defaultdict(_Said)
    columns = ["subject", "language", "revision", "check", "judge", "score", "flagged", "sequence"]
    said = state.verdicts_on(subjects, columns).sort_values("sequence", kind="stable")
    said = said.drop_duplicates(["subject", "language", "revision", "check", "judge"], keep="last")
    said["flagged"] = said["flagged"].eq(True).fillna(False)
    for subject, language, revision, check, judge, score, flagged in said[columns[:-1]].itertuples(False, None):
        here = found[subject, language, int(revision)]
        if judge == JUDGE:
            here.checks += [check] if flagged else []
        else:
            here.people[check].append(score == 1.0)
    return found


def _baseline(state: State, subjects: set[str]) -> defaultdict[Item, list[bool]]:
    """Return whether each fresh reader of a frozen item chose its key."""
    found: defaultdict[Item, list[bool]] = defaultdict(list)
    said = state.verdicts_on(subjects, ["subject", "language", "check", "score"])
    said = said[said["check"] == "baseline_answer"]
    for subject, language, score in zip(said["subject"], said["language"], said["score"], strict=True):
        found[subject, language].append(score == 1.0)
    return found
