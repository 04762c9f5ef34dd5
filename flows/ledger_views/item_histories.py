"""Item histories: what became of each released item, in counts and names of checks, and nobody's code or words.

Reasons and comments are people's words and may name somebody, so they stay in the ledger.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

import pandas as pd

from flows.campaign_state import State, among
from flows.ledger_views.current_items import current_questions, current_translations
from qc.check_run import JUDGE

Item = tuple[str, str]
"""question_id and language."""

_Revision = tuple[str, str, int]

Fact = tuple[str, str]
"""A name and a value, in words."""


def item_histories(state: State, items: Iterable[Item]) -> dict[Item, list[Fact]]:
    """Return what is known of how each item came about and how hard it is.

    Args:
        state: the campaign.
        items: released ones; others that the campaign does not know are left out.
    """
    wanted = set(items)
    subjects = {subject for subject, _ in wanted}
    now = _current(state)
    rounds = _revisions(state, subjects)
    said = _verdicts(state, subjects)
    baseline = _baseline(state, subjects)
    histories = {}
    for item in sorted(wanted & set(now)):
        subject, language = item
        facts = [("revisions", str(rounds[item]))]
        here = said[subject, language, now[item]]
        facts += _shares("answered blind", here["blind_answer"], "chose the key")
        if language == state.source_language:
            facts += _shares("guessed without the passage", here["guess"], "chose the key")
            facts += _shares("reviewed", here["recommendation"], "would keep it as it is")
        facts += _shares("read by fresh people", baseline[item], "chose the key")
        if read := here["proofreading"]:
            facts.append(("proofreader", "accepted the draft as it was" if read[-1] else "mended the draft"))
        if noted := here["noted by checks"]:
            facts.append(("noted by checks", ", ".join(sorted(map(str, noted)))))
        histories[item] = facts
    return histories


def _shares(name: str, outcomes: list[object], what: str) -> list[Fact]:
    return [(name, f"{sum(map(bool, outcomes))} of {len(outcomes)} {what}")] if outcomes else []


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


def _verdicts(state: State, subjects: set[str]) -> defaultdict[_Revision, defaultdict[str, list[object]]]:
    """Return what was said of each revision: outcomes of people by kind, and the names of checks that flag it."""
    found: defaultdict[_Revision, defaultdict[str, list[object]]] = defaultdict(lambda: defaultdict(list))
    columns = ["subject", "language", "revision", "check", "judge", "score", "flagged", "sequence"]
    said = state.verdicts_on(subjects, columns).sort_values("sequence", kind="stable")
    said = said.drop_duplicates(["subject", "language", "revision", "check", "judge"], keep="last")
    said["flagged"] = said["flagged"].eq(True).fillna(False)
    for subject, language, revision, check, judge, score, flagged in said[columns[:-1]].itertuples(False, None):
        here = found[subject, language, int(revision)]
        if judge == JUDGE:
            here["noted by checks"] += [check] if flagged else []
        elif check in ("blind_answer", "guess", "proofreading", "recommendation"):
            here[check].append(score == 1.0)
    return found


def _baseline(state: State, subjects: set[str]) -> defaultdict[Item, list[object]]:
    """Return whether each fresh reader of a frozen item chose its key."""
    found: defaultdict[Item, list[object]] = defaultdict(list)
    said = state.verdicts_on(subjects, ["subject", "language", "check", "score"])
    said = said[said["check"] == "baseline_answer"]
    for subject, language, score in zip(said["subject"], said["language"], said["score"], strict=True):
        found[subject, language].append(score == 1.0)
    return found
