"""Questions whose source is suspect: a check flags their drafts in more languages than chance explains.

One translator slips; when a check flags the same question in three languages or more, what it sees is likely in
the source. Each language counts once, by the first draft of the question as it stands now, so that what was sent
back and mended since is not forgotten, and a draft that fails again is no second language. Languages are held
against their own rates of false alarms; where a rate is not known, neither the language nor its flag counts. A
check that flags more in a language than was measured elsewhere, on the first drafts of all questions, is held
against that, as far as there are drafts enough to tell: else every other item of a campaign in a hundred languages
would be asked about.

The lead answers with a decision about the question: keep says that the source is right, and then the checks that
spoke until then are silent about this revision of it; revise sends it to its author, and what renders it turns
stale.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.ledger import tables
from flows.calibrations.false_alarm_rates import false_alarm_rates
from flows.campaign_state import State, ledger_view
from flows.ledger_views.current_items import current_translations, wanted_questions
from qc.set_statistics.expected_flags import tail_of_many

LEAST_LANGUAGES = 3
"""Fewest languages that may speak against a source."""

CERTAINTY = 0.001
"""A source is suspect where so many languages would be flagged by chance with a smaller probability."""


MEASURED_AS = 200
"""The number of first drafts that what was measured elsewhere of a check counts as."""


@dataclass(frozen=True, slots=True)
class SuspectSource:
    """A question whose source a check speaks against.

    Attributes:
        question_id: the question.
        check: the check's name.
        languages: those in which it flags the first draft, sorted.
        judged: how many languages it judged.
        probability: of as many flags by chance.
    """

    question_id: str
    check: str
    languages: tuple[str, ...]
    judged: int
    probability: float


@ledger_view
def suspect_sources(state: State) -> tuple[SuspectSource, ...]:
    """Return what speaks against the sources of undecided drafts, and the lead has not answered."""
    if len(state.campaign.languages.targets) < LEAST_LANGUAGES:
        return ()
    now = current_translations(state)
    drafts = now[now["outcome"].isna() & ~now["stale"] & now["kept_question"] & (now["kind"] == "draft")]
    if drafts.empty:
        return ()
    first = _first_drafts(state, set(drafts["question_id"]))
    flagged = _verdicts(state, set(first["question_id"]), pc.field("flagged")).merge(first, on=_ITEM)
    spread = flagged.groupby(["question_id", "check"])["language"].nunique()
    spread = spread[spread >= LEAST_LANGUAGES]
    if spread.empty:
        return ()
    judged = _verdicts(state, set(spread.index.get_level_values("question_id"))).merge(first, on=_ITEM)
    answered = _answered(state)
    found = []
    expected = false_alarm_rates(state)
    for (question, check), verdicts in judged.groupby(["question_id", "check"]):
        if (question, check) not in spread.index:
            continue
        rates = {language: of.rate for (name, language), of in expected.items() if name == check}
        before = verdicts[verdicts["sequence"] <= answered.get(str(question), -1)]  # what the lead knew
        if _suspect(str(question), str(check), verdicts, rates) is None:
            continue
        if _suspect(str(question), str(check), before, rates) is None:
            found.append((str(question), str(check), verdicts, rates))
    shown = _shown_elsewhere(state, {check for _, check, _, _ in found})
    told = (
        _suspect(question, check, verdicts, _with_shown(rates, shown[shown["check"] == check], question))
        for question, check, verdicts, rates in found
    )
    return tuple(one for one in told if one is not None)


def with_suspect_sources(state: State, translations: pd.DataFrame) -> pd.DataFrame:
    """Return these items (question_id) with `suspect`: whether something speaks against their source."""
    if not len(translations):
        return translations
    suspect = {one.question_id for one in suspect_sources(state)}
    return translations.assign(suspect=translations["question_id"].isin(suspect))


_ITEM = ["question_id", "language", "revision"]


def _first_drafts(state: State, questions: Collection[str]) -> pd.DataFrame:
    """Return the first draft in each language that renders the question as it stands."""
    wanted = wanted_questions(state).set_index("question_id")["revision"]
    drafts = state.translations
    drafts = drafts[(drafts["kind"] == "draft") & drafts["question_id"].isin(questions)]
    drafts = drafts[drafts["question_id"].map(wanted) == drafts["question_revision"]]
    return drafts.sort_values("revision", kind="stable").drop_duplicates(_ITEM[:2])[_ITEM]


def _verdicts(state: State, questions: Collection[str], more: pc.Expression | None = None) -> pd.DataFrame:
    """Return the checks' verdicts on translations of these questions, as they were written."""
    where = pc.field("subject").isin(sorted(questions)) & (pc.field("judge") == "check")
    where &= pc.field("check").isin(sorted({check for check, _ in false_alarm_rates(state)}))
    columns = ["subject", "language", "revision", "check", "flagged", "sequence", "judged_at"]
    found = state.ledger.read(tables.VERDICTS, columns, where if more is None else where & more)
    return found.rename(columns={"subject": "question_id"}).sort_values(["sequence", "judged_at"], kind="stable")


def _shown_elsewhere(state: State, checks: Collection[str]) -> pd.DataFrame:
    """Return what these checks say of all first drafts: question_id, language, check, flagged."""
    where = pc.field("check").isin(pa.array(sorted(checks), pa.string())) & (pc.field("judge") == "check")
    where &= (pc.field("revision") == 1) & pc.field("language").isin(state.campaign.languages.targets)
    columns = ["subject", "language", "check", "flagged"]
    found = state.ledger.read(tables.VERDICTS, columns, where).rename(columns={"subject": "question_id"})
    found = found.drop_duplicates(["question_id", "language", "check"], keep="last")
    return found[found["flagged"].notna()]


def _with_shown(rates: Mapping[str, float], shown: pd.DataFrame, question: str) -> Mapping[str, float]:
    """Return the rates of languages, moved towards what a check flagged of their other questions."""
    others = shown[shown["question_id"] != question]
    flagged = others.groupby("language")["flagged"].sum()
    judged = others.groupby("language").size()
    return {
        language: moved_rate(rate, int(flagged.get(language, 0)), int(judged.get(language, 0)))
        for language, rate in rates.items()
    }


def moved_rate(rate: float, flagged: int, judged: int) -> float:
    """Return a rate that was measured elsewhere, moved towards what was flagged here.

    >>> moved_rate(0.01, 0, 0), moved_rate(0.01, 36, 800)
    (0.01, 0.038)
    """
    return max(rate, (MEASURED_AS * rate + flagged) / (MEASURED_AS + judged))


def _suspect(
    question: str, check: str, verdicts: pd.DataFrame, rates: Mapping[str, float]
) -> SuspectSource | None:
    """Return what these verdicts of one check on one question say against its source."""
    verdicts = verdicts.drop_duplicates("language", keep="last")
    told = [
        (str(language), rates[str(language)], bool(flag))
        for language, flag in zip(verdicts["language"], verdicts["flagged"], strict=True)
        if not pd.isna(flag) and str(language) in rates
    ]
    languages = tuple(sorted(language for language, _, flag in told if flag))
    if len(languages) < LEAST_LANGUAGES:
        return None
    probability = tail_of_many(len(languages), [rate for _, rate, _ in told])
    return SuspectSource(question, check, languages, len(told), probability) if probability < CERTAINTY else None


def _answered(state: State) -> dict[str, int]:
    """Return when the lead last kept the current revision of each question: the sequence of the decision."""
    said = state.decisions
    said = said[(said["decided_by"] == "lead") & (said["outcome"] == "keep")]
    said = said[said["language"] == state.source_language].rename(columns={"subject": "question_id"})
    now = wanted_questions(state)[["question_id", "revision"]]
    own = said.merge(now, on=["question_id", "revision"])
    return {str(q): int(at) for q, at in zip(own["question_id"], own["sequence"], strict=True)}
