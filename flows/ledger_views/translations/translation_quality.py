"""The quality of translations as proofreading shows it: edit rates, MQM error scores, and what became of drafts.

Everything speaks of drafts that somebody proofread, each once: how much of it was changed (the standing
`edit_rates` verdicts), what was found wrong (the errors that the proofreader named), and whether it was accepted
as it was, corrected or returned. What remains wrong in an accepted text nobody can tell from here. Errors were not
always asked for: such drafts have no error score, and are counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import pyarrow.compute as pc

from data.ledger import tables
from data.ledger.human_verdicts import ProofreadingOutcome
from flows.campaign_state import State, joined, ledger_view
from qc.agreement.human_accuracy import share
from qc.agreement.mqm_scores import LEAST_DRAFTS, NO_ESTIMATE, WEIGHTS, error_points, error_score, spread
from qc.checks.translation_checks import edit_rates
from qc.text.edit_rates import EditRates
from qc.text.words import words

Facts = dict[str, Any]

_ITEM = ["question_id", "language", "revision"]


@ledger_view
def proofread_drafts(state: State) -> pd.DataFrame:
    """Return the drafts that were proofread, with what was found; of several revisions of one draft, the latest.

    Returns:
        question_id, passage_id, language, translator, proofreader, errors (None where nobody was asked), points
        (MQM, NaN where unknown), words (of the source's question and options), chrf, ter (NaN before the checks
        have run), score (the proofreader's outcome, `ProofreadingOutcome.score`; NaN from before it was recorded).
    """
    every = state.translations
    drafts = every.loc[every["kind"] == "draft", [*_ITEM, "person"]].drop_duplicates(_ITEM, keep="last")
    drafts = drafts.rename(columns={"revision": "draft_revision", "person": "translator"})
    read = every[every["kind"] == "proofread"].sort_values("revision", kind="stable")
    read = read.drop_duplicates(["question_id", "language", "draft_revision"], keep="last")
    found = joined(read, drafts, ["question_id", "language", "draft_revision"])
    found = found[found["translator"].notna()].rename(columns={"person": "proofreader"})
    verdicts = _standing(state)
    for check, columns in ((edit_rates.name, ["chrf", "ter"]), ("proofreading", ["score"])):
        found = joined(found, verdicts[check][[*_ITEM, *columns]], _ITEM)
    found["points"] = pd.Series([error_points(errors) for errors in found["errors"]], found.index, dtype=float)
    counts = {
        (subject, revision): sum(len(words(text)) for text in (question, *answers))
        for subject, revision, question, answers in zip(
            *(state.questions[name] for name in ("question_id", "revision", "question", "answers")), strict=True
        )
    }
    rendered = zip(found["question_id"], found["question_revision"], strict=True)
    found["words"] = pd.Series([counts[item] for item in rendered], found.index, int)
    columns = [
        "question_id", "passage_id", "language", "translator", "proofreader", "errors", "points", "words",
        "chrf", "ter", "score",
    ]  # fmt: skip
    return found[columns]


def _standing(state: State) -> Mapping[str, pd.DataFrame]:
    """Return the edit rates and the proofreaders' outcomes that stand, by check."""
    columns = ["subject", "language", "revision", "check", "score", "flagged", "reason", "judged_at", "sequence"]
    where = pc.field("check").isin([edit_rates.name, "proofreading"])
    found = state.ledger.read(tables.VERDICTS, columns, where).rename(columns={"subject": "question_id"})
    found = found.sort_values(["sequence", "judged_at"], kind="stable")
    found = found.drop_duplicates([*_ITEM, "check"], keep="last")
    rates = found[found["check"] == edit_rates.name]
    read = [EditRates.of(reason or "") for reason in rates["reason"]]
    for name in EditRates._fields:
        given = [getattr(one, name) if one else None for one in read]
        rates = rates.assign(**{name: pd.Series(given, rates.index, float)})
    outcomes = found[found["check"] == "proofreading"]
    return {edit_rates.name: rates, "proofreading": outcomes.assign(score=outcomes["score"].astype(float))}


def figures(drafts: pd.DataFrame) -> Facts:
    """Return the figures of some drafts (`proofread_drafts`); below `LEAST_DRAFTS` each is None.

    Returns:
        drafts, few (whether below `LEAST_DRAFTS`), rated (with edit rates), chrf and ter
        (`qc.agreement.mqm_scores.Spread`), graded (with an error score), ungraded, words (of the source of the
        graded), errors (how many by severity), error_score (points per 100 words), outcomes (how many have one),
        returned and as_is (shares of them).
    """
    rated = drafts[drafts["chrf"].notna()]
    graded = drafts[drafts["points"].notna()]
    outcomes = drafts[drafts["score"].notna()]
    severities = Counter(error.rpartition("/")[2] for errors in graded["errors"] for error in errors)
    return {
        "drafts": len(drafts),
        "few": len(drafts) < LEAST_DRAFTS,
        "rated": len(rated),
        "chrf": spread(rated["chrf"], rated["passage_id"])._asdict(),
        "ter": spread(rated["ter"], rated["passage_id"])._asdict(),
        "graded": len(graded),
        "ungraded": len(drafts) - len(graded),
        "words": int(graded["words"].sum()),
        "errors": {severity: severities[severity] for severity in WEIGHTS},
        "error_score": error_score(graded["points"], graded["words"], graded["passage_id"])._asdict(),
        "outcomes": len(outcomes),
        "returned": _share(outcomes, ProofreadingOutcome.RETURN),
        "as_is": _share(outcomes, ProofreadingOutcome.ACCEPT),
    }


def _share(drafts: pd.DataFrame, outcome: ProofreadingOutcome) -> Facts:
    if len(drafts) < LEAST_DRAFTS:
        return NO_ESTIMATE._asdict()
    return share((drafts["score"] == outcome.score).astype(float), drafts["passage_id"])._asdict()


@ledger_view
def quality_in_brief(state: State) -> dict[str, Facts]:
    """Return some figures of every target language, without intervals.

    Returns:
        By language: drafts, few, chrf, ter, error_score and ungraded, as of `figures`.
    """
    drafts = proofread_drafts(state)
    found = {}
    for language in state.campaign.languages.targets:
        mine = drafts[drafts["language"] == language]
        graded = mine[mine["points"].notna()]
        found[language] = {
            "drafts": len(mine),
            "few": len(mine) < LEAST_DRAFTS,
            "chrf": spread(mine["chrf"].dropna()).value,
            "ter": spread(mine["ter"].dropna()).value,
            "error_score": error_score(graded["points"], graded["words"]).value,
            "ungraded": len(mine) - len(graded),
        }
    return found


@ledger_view
def quality_by_language(state: State) -> dict[str, Facts]:
    """Return the figures of every target language, with how many people made and read its drafts."""
    by_language = dict(iter(proofread_drafts(state).groupby("language")))
    nothing = proofread_drafts(state).head(0)
    found = {}
    for language in state.campaign.languages.targets:
        mine = by_language.get(language, nothing)
        found[language] = {
            "translators": int(mine["translator"].nunique()),
            "proofreaders": int(mine["proofreader"].nunique()),
            **figures(mine),
        }
    return found


def quality_by_translator(state: State) -> dict[tuple[str, str], Facts]:
    """Return the figures of every translator and language in which a draft of theirs was proofread."""
    groups = proofread_drafts(state).groupby(["translator", "language"], sort=True)
    return {(str(person), str(language)): figures(mine) for (person, language), mine in groups}


def quality_facts(state: State, work: Sequence[Mapping[str, Any]]) -> list[Facts]:
    """Return the figures by language, with the hours of its translators and proofreaders.

    Args:
        state: the campaign.
        work: lines of `flows.reports.finished_work.work`.
    """
    return [
        {"language": language, **found, **{f"{stage}_hours": _hours(work, stage, language) for stage in _STAGES}}
        for language, found in quality_by_language(state).items()
    ]


_STAGES = ("translating", "proofreading")


def translators_facts(state: State, work: Sequence[Mapping[str, Any]]) -> dict[str, list[Facts]]:
    """Return each translator's figures, a line a language, with the hours that they translated.

    Args:
        state: the campaign.
        work: lines of `flows.reports.finished_work.work`.
    """
    found: dict[str, list[Facts]] = {}
    for (person, language), mine in quality_by_translator(state).items():
        hours = _hours([line for line in work if line["person"] == person], "translating", language)
        found.setdefault(person, []).append({"language": language, **mine, "hours": hours})
    return found


def _hours(work: Sequence[Mapping[str, Any]], stage: str, language: str) -> float | None:
    """Return the hours of some people in a stage and language; None where no task has a time."""
    lines = [line for line in work if (line["stage"], line["language"]) == (stage, language) and line["timed"]]
    return sum(float(line["hours"]) for line in lines) if lines else None
