"""Outcome cards: what became of submitted work, shown to its author on the page where they did it.

A task stays on its workbench when it is done, so the list of a person's tasks is the list of their work. Its page
and a column of that list show the findings, what reviewers or proofreaders said, what was changed and why, and the
outcome. People who get no feedback repeat their mistakes, and stop caring. Reviewers are renumbered for every
question, so nobody can follow one of them from question to question.

An author's own page contains the key from the moment they submit it; nothing here adds to what an account on that
server could see. Where reviewers have accounts on the same server, that is the breach which a server per stage
avoids (campaign.toml, [servers]).

A translation that was accepted unchanged gets no card: among ten thousand, people learn from those with faults,
and every card costs the server a write.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from annotation.forms.review_criteria import CRITERIA
from annotation.stages.translation_page import segments
from annotation.words.marking import gettext
from data.ledger.human_verdicts import ProofreadingOutcome, criterion_of
from data.ledger.tables import digest
from flows.campaign_state import State, among, by_key
from flows.stages.translation_tasks import corrections

NOTHING: Mapping[str, object] = {"fate": gettext("to do"), "fate_title": "", "fates": [], "fate_changes": []}
"""The data of a page without a card."""

_ENDED = {"keep": gettext("kept"), "revise": gettext("came back"), "drop": gettext("dropped")}
_FATES = {
    "keep": (gettext("kept: {question}"), gettext("It was kept")),
    "revise": (gettext("came back: {question}"), gettext("It came back")),
    "drop": (gettext("dropped: {question}"), gettext("It was dropped")),
}
"""What is said of a question by what was decided: in the list, and on its page."""


def marks(state: State) -> dict[str, str]:
    """Return the done tasks with something to show, by task_key, with a mark that changes when it does.

    It uses a few light columns, since every run needs it.
    """
    decisions = state.decisions[state.decisions["language"] == state.source_language]
    last = dict(zip(decisions["subject"], decisions["decided_at"], strict=True))  # in the order of writing
    questions = state.questions
    found = {
        annotation: last[subject].isoformat()
        for annotation, subject in zip(questions["annotation"], questions["question_id"], strict=True)
        if subject in last
    }
    found |= {annotation: str(revision) for annotation, revision in _made(state, _wrong(state)).items()}
    tasks = state.annotations[among(state.annotations["event_id"], set(found))]
    return {key: found[event] for key, event in zip(tasks["task_key"], tasks["event_id"], strict=True)}


def cards(state: State, task_keys: set[str]) -> dict[str, dict[str, object]]:
    """Return what the pages of these tasks show in addition to their payload, by task_key."""
    tasks = state.annotations[among(state.annotations["task_key"], task_keys)]
    key_of = dict(zip(tasks["event_id"], tasks["task_key"], strict=True))
    return {**_of_authors(state, key_of), **_of_translations(state, key_of)}


def _wrong(state: State) -> pd.DataFrame:
    """Return the proofread revisions whose draft had a fault."""
    translations = state.translations
    wrong = [bool(errors) for errors in translations["errors"]]
    return translations[pd.Series(wrong, index=translations.index, dtype=bool)]


def _made(state: State, wrong: pd.DataFrame) -> dict[str, int]:
    """Return the revision that shows what was wrong, by the annotations of the draft and of the proofreading."""
    every = state.translations[among(state.translations["question_id"], set(wrong["question_id"]))]
    item = ["question_id", "language"]
    drafts = every[[*item, "revision", "annotation"]].rename(columns={"revision": "draft_revision"})
    both = wrong[[*item, "draft_revision", "revision", "annotation"]].merge(
        drafts, on=[*item, "draft_revision"], suffixes=("", "_draft")
    )
    pairs = [*zip(both["annotation_draft"], both["revision"], strict=True)]
    pairs += [*zip(both["annotation"], both["revision"], strict=True)]
    return {annotation: int(revision) for annotation, revision in pairs}


def _of_authors(state: State, key_of: Mapping[str, str]) -> dict[str, dict[str, object]]:
    mine = state.questions[among(state.questions["annotation"], set(key_of))]
    every = state.questions[among(state.questions["question_id"], set(mine["question_id"]))]
    revisions: dict[str, dict[int, dict[str, Any]]] = {}
    for (subject, revision), line in by_key(every, "question_id", "revision").items():
        revisions.setdefault(subject, {})[int(revision)] = line
    verdicts = state.verdicts_on(set(mine["question_id"]))
    verdicts = verdicts[verdicts["language"] == state.source_language]
    decided = by_key(state.decisions[among(state.decisions["subject"], set(revisions))],
                     "subject", "language", "revision")  # fmt: skip
    shown: dict[str, dict[str, object]] = {}
    for line in by_key(mine.sort_values("revision"), "annotation").values():
        subject, revision = line["question_id"], int(line["revision"])
        decision = decided.get((subject, state.source_language, revision))
        if decision is None:
            continue
        here = verdicts[(verdicts["subject"] == subject) & (verdicts["revision"] == revision)]
        listed, was = _FATES[decision["outcome"]]
        fates = [_line(was, decision["reason"]), *_findings(subject, here)]
        later = revisions[subject].get(revision + 1)
        now = revisions[subject][max(revisions[subject])]
        last = decided.get((subject, state.source_language, int(now["revision"])))
        if later is not None:
            ending = _ENDED[last["outcome"]] if last else gettext("not decided so far")
            told = gettext("It was revised, and the revised question: {ending}").format(ending=ending)
            fates.append(_line(told, ""))
        shown[key_of[line["annotation"]]] = {
            "fate": listed.format(question=line["question"]),
            "fate_title": gettext("What became of your question"),
            "fates": fates,
            "fate_changes": _parts(corrections(line, later)) if later else [],
        }
    return shown


def _findings(subject: str, verdicts: pd.DataFrame) -> list[dict[str, str]]:
    """Return what checks and people said of one revision, with people numbered for this question alone."""
    flagged = verdicts[verdicts["flagged"].eq(True).fillna(False)]
    lines = [_line(gettext("A check found"), reason) for reason in flagged["reason"][flagged["judge"] == "check"]]
    people = verdicts[verdicts["judge"] != "check"]
    ordered = sorted(people["judge"].unique(), key=lambda judge: digest(subject, judge))
    for number, judge in enumerate(ordered, start=1):
        theirs = people[people["judge"] == judge]
        criteria = map(criterion_of, flagged["check"][flagged["judge"] == judge])
        failed = [CRITERIA[name] for name in criteria if name in CRITERIA]
        for check, reason, wrong in zip(theirs["check"], theirs["reason"], theirs["flagged"], strict=True):
            what = _SAYS.get(check)
            if what and (check != "blind_answer" or wrong):
                lines.append(_line(what.format(number=number), reason))
        lines += (
            [_line(gettext("Reviewer {number} does not agree that").format(number=number), "; ".join(failed))]
            if failed
            else []
        )
    return lines


_SAYS = {
    "guess": gettext("Reviewer {number} guessed without the passage"),
    "blind_answer": gettext("Reviewer {number} answered differently"),
    "recommendation": gettext("Reviewer {number} recommended"),
    "adjudication": gettext("Reviewer {number} settled the dispute"),
}
"""The people's verdicts that an author sees, and how; a blind answer only where it was not the key."""


def _of_translations(state: State, key_of: Mapping[str, str]) -> dict[str, dict[str, object]]:
    wrong = _wrong(state)
    made = {event: revision for event, revision in _made(state, wrong).items() if event in key_of}
    if not made:
        return {}
    theirs = by_key(state.translations[among(state.translations["annotation"], set(made))], "annotation")
    subjects = {line["question_id"] for line in theirs.values()}
    texts = by_key(state.translation_texts(subjects), "question_id", "language", "revision")
    verdicts = state.verdicts_on(subjects)
    reasons = by_key(verdicts[verdicts["check"] == "proofreading"], "subject", "language", "revision")
    shown: dict[str, dict[str, object]] = {}
    for event, revision in made.items():
        line = theirs[event]
        item = (line["question_id"], line["language"])
        now = texts[*item, revision]
        draft = texts[*item, now["draft_revision"]]
        verdict = reasons[*item, revision]
        returned = ProofreadingOutcome.of(verdict["score"]) is ProofreadingOutcome.RETURN
        own = line["kind"] == "proofread" and int(line["revision"]) == revision
        listed = gettext("came back: {question}") if returned else gettext("corrected: {question}")
        shown[key_of[event]] = {
            "fate": listed.format(question=draft["question"]),
            "fate_title": gettext("What you changed") if own else gettext("What a proofreader said and changed"),
            "fates": [_line(gettext("You wrote") if own else gettext("They wrote"), verdict["reason"])],
            "fate_changes": _parts(corrections(draft, now)),
        }
    return shown


def _parts(changes: list[tuple[str, str, str]]) -> list[dict[str, str]]:
    return [part for name, before, now in changes for part in segments(name, before, now)]


def _line(happened: str, said: str) -> dict[str, str]:
    return {"happened": happened, "said": said or ""}
