"""The release of a campaign: its accepted items, written as files for the public.

A release is rendered, compared with the one that it follows, noted in the ledger (which items it tests on, in
which order of options) and only then laid down: wherever a run is killed, the next one makes the same release.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date as Date  # noqa: N812
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import pyarrow.compute as pc

from data.campaign.campaign import Campaign
from data.campaign.contacts import names_and_addresses
from data.errors import ReleaseRefused, UsageError
from data.items import source_items, translated_items
from data.languages import language as find_language
from data.ledger import Ledger, tables
from data.prompt_words import ENGLISH_PROMPT_WORDS
from data.release.anonymity import People
from data.release.description.release_description import (
    About,
    Agreement,
    Attribution,
    DraftQuality,
    ReleasedPromptWords,
    WeakLanguage,
)
from data.release.release_files import RenderedRelease, render
from data.release.versions.release_difference import ReleaseDifference
from flows.campaign_state import State
from flows.item_copies.key_checks import item_evidence
from flows.lead import release_split, selection
from flows.lead.release_split import ReleaseSplit
from flows.lead.release_version import change_since, summary
from flows.ledger_views.current_items import (
    current_questions,
    current_translations,
    dev_questions,
    kept_questions,
    latest_selection,
    option_orders,
    selected_questions,
)
from flows.ledger_views.patches.error_reports import withdrawals
from flows.ledger_views.patches.reopened_items import in_correction, unanswered_reports
from flows.ledger_views.people.agreement_labels import (
    QUESTIONS,
    agreement_on,
    first_two,
    labelled,
    latest_verdicts,
)
from flows.ledger_views.split_sides import on_dev_side
from flows.ledger_views.translations.translation_quality import figures, proofread_drafts
from flows.ledger_views.translations.worded_prompts import PROMPT_WORDS, proofread_prompt_words, worded_prompts
from flows.patches import collected_errata
from flows.runners.worker_processes import in_each_language
from flows.workbenches import guideline_versions
from qc.decisions.standing_verdicts import ASIDE

_ATTRIBUTIONS: dict[str, tuple[Attribution, ...]] = {
    "flores200": (Attribution("FLORES-200", "CC-BY-SA-4.0", "https://github.com/facebookresearch/flores"),),
    "floresplus": (
        Attribution("FLORES+", "CC-BY-SA-4.0", "https://huggingface.co/datasets/openlanguagedata/flores_plus"),
    ),
    "parallel": (),
}
"""The works that passages of each kind of source come from."""

_WRITTEN_MEANWHILE = 300  # so many items are written in the time in which checks judge one

P = TypeVar("P")
R = TypeVar("R")

_VERSION = re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", re.ASCII)


@dataclass(frozen=True)
class ReleaseResult:
    """A release that was written: in words for a person, and as data."""

    lines: tuple[str, ...]
    facts: dict[str, Any]


def release_campaign(
    address: str,
    version: str,
    out: str,
    *,
    languages: Sequence[str] = (),
    drop_incomplete: bool = False,
    date: str = "",
    quality: bool = False,
    since: str = "",
    sign: str = "",
    audit: str = "",
    uncertified: str = "",
) -> ReleaseResult:
    """Write a release of what was accepted.

    Args:
        address: the campaign's folder or object-store address.
        version: X.Y.Z.
        out: the release's folder.
        languages: the languages to release; by default all complete ones, and the others are named as pending.
        drop_incomplete: leave out, in every language, the items that a wanted language lacks.
        date: ISO date in every item; by default the day of the last accepted submission.
        quality: whether the card says what proofreaders found in the drafts of these items, by language. Not by
            default, so that an earlier campaign's release keeps its bytes.
        since: the folder of the release that this one follows; by default the one in `out`.
        sign: an SSH key to sign the manifest with.
        audit: report.json of an audit of these items, whose certificate is printed.
        uncertified: why there is no certificate, in the lead's words, which are printed.

    Raises:
        ReleaseRefused: an item of a wanted language is undecided; every one is listed. Or the version says less
            than the difference to the former release demands.
    """
    state = State(Campaign.load(address), Ledger(address))
    if not _VERSION.fullmatch(version):
        raise UsageError(f"--version must be three numbers such as 1.0.0, not {version!r}")
    day = _date(date)
    lacking = _lacking(state)
    wanted = _wanted(state, languages, lacking, drop_incomplete)
    _refuse_undecided(state, wanted, lacking, drop_incomplete)
    left_out = {subject for language in wanted for subject in lacking[language]} | _reported(state)
    final = _final(state)
    questions = final[~final["question_id"].isin(left_out)]
    if questions.empty:
        raise ReleaseRefused("there is nothing to release: no question is kept in every wanted language")
    split = release_split.release_split(state, questions)
    questions = questions[questions["question_id"].isin(list(split.sides))]
    items, submitted = _items(state, questions, wanted, split)
    forbidden = names_and_addresses(state.campaign.id)
    people = People(forbidden)
    errata = collected_errata.release_errata(state, version, set(items["question_id"]), wanted, people)
    about = About(
        version=version,
        date=day or submitted.date(),
        title=state.campaign.about.title,
        licence=state.campaign.about.licence,
        source_language=state.source_language,
        checks=_signatures(state, items),
        pending=[
            (code, count)
            for code in state.campaign.text_languages
            if code not in wanted and (count := len(lacking[code] - left_out - {*split.apart}))
        ],
        code_version=installed("belebele-maker"),
        people=_people(state, items),
        names={code: find_language(code).name for code in state.campaign.text_languages},
        policies=[*_policies(state.campaign), *selection.selection_notes(state)],
        homepage=state.campaign.about.homepage or "",
        hub=state.campaign.about.hub,
        attributions=_ATTRIBUTIONS[state.campaign.source.kind],
        agreement=_agreement(state, items),
        weak_languages=_weak_languages(state, wanted),
        prompt_words=_prompt_words(state, wanted),
        quality=_quality(state, items) if quality else (),
        evidence=item_evidence(state, items),
        native_languages=_native_languages(state, items),
        no_training_wish=state.campaign.about.no_training_wish,
        errata=errata.corrected,
        withdrawn=errata.withdrawn,
    )
    texts = guideline_versions.released(state, _done(state, items), people)
    about = replace(about, guidelines=texts, ours=guideline_versions.our_lines())
    rendered = render(items, about, forbidden, _each_language)
    if audit or uncertified:
        from flows.release_certificate import release_certificate  # what reads audits is slow to import

        certificate = release_certificate(rendered.files, audit, uncertified)
        rendered = render(items, replace(about, certificate=certificate), forbidden, _each_language)
    place = Path(out).resolve()
    rendered.check_place(place)
    changes = change_since(rendered, place, since)
    if sign:
        rendered = rendered.signed(Path(sign))
    release_split.note(state, split.sides)
    collected_errata.note(state, errata, version)
    rendered.write(place)
    notes = (*split.notes, *errata.notes)
    return _result(rendered, out, wanted, left_out, notes, changes)


def _each_language(work: Callable[[P], R], parts: Mapping[str, P], amount: int) -> Iterator[tuple[str, R]]:
    return in_each_language(work, parts, amount // _WRITTEN_MEANWHILE)


def _result(
    rendered: RenderedRelease,
    out: str,
    languages: Sequence[str],
    left_out: Set[str],
    notes: Sequence[str],
    changes: ReleaseDifference | None,
) -> ReleaseResult:
    release = rendered.description
    counts = {one.name: one.items for one in release.splits}
    dev = f", and {counts['dev']} of the dev split" if "dev" in counts else ""
    lines = [
        f"release {release.version} written to {out}",
        f"{counts['test']} items in {len(languages)} languages{dev}: {', '.join(languages)}",
    ]
    if release.pending:
        lines.append(f"pending: {', '.join(f'{one.code} ({one.missing} missing)' for one in release.pending)}")
    if left_out:
        lines.append(f"left out, because a language lacks them: {', '.join(sorted(left_out))}")
    if release.errata or release.withdrawn:
        told = f"{len(release.errata)} corrected and {len(release.withdrawn)} withdrawn"
        lines.append(f"its changelog lists {told} since the first version")
    lines += notes
    if changes and changes.old_version != release.version:
        lines.append(summary(changes))
    facts = {
        "version": release.version,
        "out": out,
        "items": counts["test"],
        "splits": counts,
        "languages": list(languages),
        "files": sorted(release.files),
        "notes": list(notes),
        "corrected": [one.patch for one in release.errata],
        "withdrawn": [one.item_id for one in release.withdrawn],
        "since": changes.to_json() if changes else None,
    }
    return ReleaseResult(tuple(lines), facts)


def _final(state: State) -> pd.DataFrame:
    """Return the questions of the release: the selected ones, or all kept ones without a selection; and dev.

    Raises:
        ReleaseRefused: the campaign is configured to select, and has not.
    """
    dev = dev_questions(state)
    if latest_selection(state) is not None:
        final = selected_questions(state)
    elif state.campaign.selection.policy == "command":
        raise ReleaseRefused("nothing was selected so far; choose the final set with: belebele select")
    else:
        final = kept_questions(state)
    test = final[~on_dev_side(state, final)]
    return pd.concat([test, dev]) if len(dev) else test


def _lacking(state: State) -> dict[str, set[str]]:
    """Return, for every language, the questions of the release that are not accepted in it."""
    kept = set(_final(state)["question_id"])
    now = current_translations(state)
    accepted = now[(now["outcome"] == "keep") & ~now["stale"]]
    lacking = {state.source_language: set[str]()}
    reported = {subject: codes for subject, codes in _reported_in(state).items() if subject in kept}
    for language in state.campaign.languages.targets:
        lacking[language] = kept - set(accepted["question_id"][accepted["language"] == language])
        lacking[language] |= {subject for subject, codes in reported.items() if language in codes}
    return lacking


def _reported_in(state: State) -> dict[str, set[str]]:
    """Return the languages in which an error was reported and nobody has answered, by question_id."""
    found: dict[str, set[str]] = {}
    for subject, language in unanswered_reports(state):
        found.setdefault(subject, set()).add(language)
    return found


def _reported(state: State) -> set[str]:
    """Return the questions in which an error was reported in the source language and nobody has answered."""
    return {subject for subject, codes in _reported_in(state).items() if state.source_language in codes}


def _wanted(
    state: State, languages: Sequence[str], lacking: dict[str, set[str]], drop_incomplete: bool
) -> list[str]:
    if not languages:
        mended = {
            code: {subject for subject, codes in in_correction(state).items() if code in codes} for code in lacking
        }
        return [
            code  # what is only being corrected holds its language back, instead of leaving it out
            for code in state.campaign.text_languages
            if drop_incomplete or not lacking[code] - mended[code]
        ]
    chosen = [find_language(code).code for code in languages]
    strange = [code for code in chosen if code not in state.campaign.text_languages]
    if strange:
        raise UsageError(
            f"{', '.join(strange)} is no language of this campaign; "
            f"it has {', '.join(state.campaign.text_languages)}"
        )
    return [code for code in state.campaign.text_languages if code in chosen]


def _refuse_undecided(
    state: State, wanted: Sequence[str], lacking: dict[str, set[str]], drop_incomplete: bool
) -> None:
    if drop_incomplete:
        return
    now = current_questions(state)
    if latest_selection(state) is not None:
        gone = set(option_orders(state)) - set(selected_questions(state)["question_id"]) - set(withdrawals(state))
        problems = [
            f"{subject} was selected, and was dropped or changed since: run belebele select again"
            for subject in sorted(gone.difference(in_correction(state)))
        ]
        problems += [
            f"{subject} is being corrected: belebele patch" for subject in sorted(gone & {*in_correction(state)})
        ]
    else:
        open_questions = now[
            (now["outcome"] != "keep") & (now["outcome"] != "drop") | (now["stale"] & (now["outcome"] == "keep"))
        ]
        problems = [
            f"{subject} in {state.source_language} is not decided"
            for subject in sorted(set(open_questions["question_id"]) - set(withdrawals(state)))
        ]
    problems += [
        f"{subject} in {state.source_language} is reported to be wrong, and nobody has answered: belebele patch"
        for subject in sorted(_reported(state) & set(_final(state)["question_id"]))
    ]
    problems += [f"{subject} in {code} is not accepted" for code in wanted for subject in sorted(lacking[code])]
    if problems:
        raise ReleaseRefused(
            "not everything is decided; finish it (belebele status), choose --languages, or leave it out with "
            "--drop-incomplete",
            problems,
        )


def _items(
    state: State, questions: pd.DataFrame, wanted: Sequence[str], split: ReleaseSplit
) -> tuple[pd.DataFrame, pd.Timestamp]:
    """Return the items of every wanted language, and when the last of them was submitted."""
    passages = state.texts_of(set(questions["passage_id"]), set(wanted))
    parts = [source_items(questions, passages)] if state.source_language in wanted else []
    last = questions["submitted_at"].max()
    targets = [code for code in wanted if code != state.source_language]
    if targets:
        now = current_translations(state)
        now = now[now["question_id"].isin(questions["question_id"]) & now["language"].isin(targets)]
        every = state.translation_texts(set(questions["question_id"]))
        key = ["question_id", "language", "revision"]
        parts.append(translated_items(every.merge(now[key], on=key), state.questions, every, passages))
        last = max(last, now["submitted_at"].max())
    items = pd.concat(parts, ignore_index=True)
    places = state.passages.drop_duplicates("passage_id").set_index("passage_id")
    items["link"] = items["passage_id"].map(places["link"])
    items["position"] = items["passage_id"].map(places["position"])
    items["order"] = [list(split.sides[subject].order) for subject in items["question_id"]]
    items["split"] = [split.sides[subject].split for subject in items["question_id"]]
    return items, last


def _date(given: str) -> Date | None:
    if not given:
        return None
    try:
        return Date.fromisoformat(given)
    except ValueError:
        raise UsageError(f"--date must look like 2026-01-31, not {given!r}") from None


def _signatures(state: State, items: pd.DataFrame) -> list[str]:
    light = ["subject", "language", "revision", "signature", "check"]
    verdicts = state.verdicts_on(set(items["question_id"]), light)
    verdicts = verdicts[~verdicts["check"].isin(ASIDE)]  # these decided nothing
    on = items[["question_id", "language", "revision"]].rename(columns={"question_id": "subject"})
    return sorted(verdicts.merge(on, on=["subject", "language", "revision"])["signature"].unique())


_AGREED = {"blind_answer": "the answer, read blind", "recommendation": "what is to become of the question"}
"""The questions to reviewers whose agreement a release tells, and what they are about."""


def _agreement(state: State, items: pd.DataFrame) -> list[Agreement]:
    """Return how far the first two reviewers of each released question agreed."""
    said = labelled(state, latest_verdicts(state))
    mine = said[said["subject"].isin(set(items["question_id"])) & (said["language"] == state.source_language)]
    pairs = first_two(mine)
    found = []
    for check, about in _AGREED.items():
        alpha = agreement_on(check, pairs[pairs["check"] == check]).alpha
        if alpha.value is not None:
            figures = (None if one is None else round(one, 4) for one in alpha)
            value, low, high = figures
            measure = f"Krippendorff's alpha on {about}"
            found.append(Agreement(QUESTIONS[check].stage, measure, value or 0.0, low, high))
    return found


def _weak_languages(state: State, wanted: Sequence[str]) -> list[WeakLanguage]:
    """Return what the checks of the source say against whole languages, and pairs of them, of this release."""
    where = pc.field("scope").isin(["pair", "language"]) & pc.field("flagged")
    found = state.ledger.read(tables.VERDICTS, ["scope", "subject", "check", "reason"], where)
    found = found.drop_duplicates(["check", "subject"], keep="last")
    return [
        WeakLanguage(language, reason if scope == "language" else f"{subject}: {reason}")
        for scope, subject, reason in found[["scope", "subject", "reason"]].itertuples(index=False, name=None)
        for language in subject.split("+")
        if language in wanted
    ]


def _prompt_words(state: State, wanted: Sequence[str]) -> list[ReleasedPromptWords]:
    """Return the words around an item in each language; English ones where no proofreader has read any."""
    proofread, revisions = proofread_prompt_words(state), worded_prompts(state)
    return [
        ReleasedPromptWords(code, max(revisions[code]), dict(proofread[code].items()), english=False)
        if code in proofread
        else ReleasedPromptWords(code, 0, dict(ENGLISH_PROMPT_WORDS.items()), english=not code.startswith("eng_"))
        for code in wanted
    ]


def _quality(state: State, items: pd.DataFrame) -> list[DraftQuality]:
    """Return what proofreaders found in the drafts of these items, by language."""
    drafts = proofread_drafts(state)
    found = []
    for language in sorted(set(items["language"]) - {state.source_language}):
        mine = set(items["question_id"][items["language"] == language])
        here = figures(drafts[(drafts["language"] == language) & drafts["question_id"].isin(mine)])
        score = here["error_score"]
        found.append(
            DraftQuality(
                language,
                here["drafts"],
                here["chrf"]["value"],
                here["ter"]["value"],
                (score["value"], score["low"], score["high"]),
                here["as_is"]["value"],
            )
        )
    return found


def _policies(campaign: Campaign) -> list[str]:
    """Return what a reader must know about how the texts were made."""
    source = find_language(campaign.source.language).name
    pivots = [
        f"{find_language(code).name} with the accepted {find_language(pivot).name} text in view"
        for code, pivot in sorted(campaign.translation.pivots.items())
    ]
    beside = f" Besides, {', '.join(pivots)}." if pivots else ""
    drafts = "were allowed to translators" if campaign.translation.machine_drafts else "were not allowed"
    overlap, most = campaign.review.reviewers, campaign.review.max_reviewers or 0
    more = f", and by up to {most} where they disagreed" if most > overlap else ""
    settled = "; what stayed disputed was decided by an adjudicator"
    adjudicated = settled if campaign.people_for("adjudicating", campaign.source.language) else ""
    return [
        f"Translated from {source} with the passage of the target language in view; machine drafts {drafts}."
        f"{beside}",
        f"Every question was answered blind, then judged, by {overlap} reviewers who had not written "
        f"it{more}{adjudicated}.",
    ]


def _people(state: State, items: pd.DataFrame) -> dict[str, int]:
    counts = _done(state, items).groupby("stage")["person"].nunique()
    return {str(stage): int(count) for stage, count in counts.items()}


def _native_languages(state: State, items: pd.DataFrame) -> dict[str, int]:
    """Count the people who worked on these items by the languages that they grew up with, as far as recorded."""
    known = {person.code: person for person in state.campaign.people}
    worked = [known[code] for code in sorted(set(_done(state, items)["person"])) if code in known]
    return dict(Counter(language for person in worked for language in person.native_languages))


def _done(state: State, items: pd.DataFrame) -> pd.DataFrame:
    """Return the tasks in which these items and the words around them were made."""
    subjects = {*items["question_id"], PROMPT_WORDS}
    done = state.tasks[state.tasks["done"] & state.tasks["question_id"].isin(subjects)]
    return done[done["language"].isin(items["language"])]
