"""`belebele people`: how far the people of a campaign agree, what each did, and what can be invoiced.

Everything is read from the ledger, so no server is needed and nothing changes. It makes one document of plain
data, from which the terminal, the JSON and the page are made, so they cannot disagree. The document names people
by code; with `outside` by pseudonym, and it omits small groups (`qc.reports.people_report.pseudonymous_report`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from data.campaign.contacts import keyed_by, pseudonyms
from data.ledger import tables
from data.ledger.events import GuidelineChanged, Read, details_of
from data.output_files import Outputs
from flows.campaign_state import State
from flows.item_copies import human_baseline
from flows.item_copies.key_checks import key_check_facts
from flows.ledger_views.current_items import kept_questions
from flows.ledger_views.people.agreement_labels import (
    QUESTIONS,
    agreement_on,
    first_two,
    labelled,
    latest_verdicts,
)
from flows.ledger_views.translations.answered_findings import answer_counts
from flows.ledger_views.translations.translation_quality import quality_facts, translators_facts
from flows.reports.finished_work import work
from flows.reports.people_and_pay import reviewer_measures
from flows.reports.people_and_pay.invoices import Invoice, invoices, nothing
from flows.workbenches.guideline_versions import versions_shown
from qc.agreement.agreement_coefficients import Estimate
from qc.agreement.annotator_reliability import consensus, reliabilities
from qc.agreement.human_accuracy import accuracy, share
from qc.reports.people_report import FORMAT, json_data, written
from qc.reports.people_report.pseudonymous_report import background, outside
from qc.reports.report_page import FOLDER

CHANCE = 0.25
"""The chance level when one of four answers is guessed."""

FILES = ("people.html", "people.json")
"""The files that `write` makes in any case."""

Facts = dict[str, Any]


def people_facts(state: State, *, for_outside: bool = False) -> Facts:
    """Return everything about the people, as `qc.reports.people_report.schema()` describes it.

    Args:
        state: the campaign.
        for_outside: whether to leave out what identifies people.
    """
    verdicts = latest_verdicts(state)
    labels = labelled(state, verdicts)
    campaign = state.campaign
    done = work(state)
    everybody = people(state, verdicts, labels, done)
    whole = {
        "format": FORMAT,
        "campaign": {"id": campaign.id, "title": campaign.about.title, "source_language": state.source_language},
        "as_of": _as_of(state),
        "outside": False,
        "pseudonyms": None,
        "agreement": list(agreements(state, labels)),
        "accuracy": list(human_accuracy(state, verdicts)),
        "guessing": _guessing(verdicts),
        "measures": measured(state),
        "quality": quality_facts(state, done),
        "quality_left_out": 0,
        "keys": [{"language": code, **counts} for code, counts in key_check_facts(state).items()],
        "findings": answer_counts(state),
        "people": everybody,
        "agencies": _agencies(everybody),
        "background": background(everybody),
        "guidelines": guidelines(state),
    }
    document: Facts = json_data(whole)
    return pseudonymous(document) if for_outside else document


def pseudonymous(document: Facts) -> Facts:
    """Return a document for outside; one that is so already is returned as it is."""
    if document["outside"]:
        return document
    codes = {line["person"] for line in document["people"]}
    return {**outside(document, pseudonyms(document["campaign"]["id"], codes)), "pseudonyms": keyed_by()}


def agreements(state: State, labels: pd.DataFrame) -> Iterator[Facts]:
    """Yield the agreement of the first two, for every question and every language in which it was answered."""
    pairs = first_two(labels)
    order = [state.source_language, *state.campaign.languages.targets]
    for language in sorted(set(labels["language"]), key=order.index):
        here = labels[labels["language"] == language]
        for check, asked in QUESTIONS.items():
            alone = here[here["check"] == check]
            if alone.empty:
                continue
            mine = pairs[(pairs["language"] == language) & (pairs["check"] == check)]
            found = agreement_on(check, mine)
            yield {
                "stage": asked.stage,
                "language": language,
                "question": check,
                "level": asked.level,
                "units": found.units,
                "passages": found.clusters,
                "people": int(mine["judge"].nunique()),
                "read_by_one": int(alone.groupby(["subject", "revision"]).ngroups) - found.units,
                "labels": dict(zip(asked.labels, found.labels, strict=True)),
                "percent": _estimate(found.percent),
                "alpha": _estimate(found.alpha),
                "ac1": _estimate(found.ac1),
            }


def human_accuracy(state: State, verdicts: pd.DataFrame) -> Iterator[Facts]:
    """Yield how often fresh people (not those who decided on items) are right on the frozen set, by language."""
    drawn = human_baseline.drawn_items(state).rename(columns={"question_id": "subject"})
    asked = verdicts[verdicts["check"] == "baseline_answer"]
    given = asked.merge(drawn[["subject", "language", "revision"]], on=["subject", "language", "revision"])
    for language in state.campaign.text_languages:
        mine = given[given["language"] == language]
        if len(mine):
            yield {
                "language": language,
                "answers": len(mine),
                "items": int(mine["subject"].nunique()),
                "people": int(mine["judge"].nunique()),
                "passages": int(mine["passage_id"].nunique()),
                "right": _estimate(accuracy(mine["score"], mine["judge"], mine["passage_id"])),
            }


def measured(state: State) -> Facts:
    """Return what plants and rechecks measured, from `flows.reports.people_and_pay.reviewer_measures`."""
    found = reviewer_measures.measures(state)
    return {
        "made": dict(found.made),
        "seen": {**asdict(found.seen), "people": {one.person: asdict(one) for one in found.seen.people}},
        "remaining": {**asdict(found.remaining), "alarms_from": found.alarms_from},
        "recheck": asdict(found.recheck),
    }


def people(
    state: State, verdicts: pd.DataFrame, labels: pd.DataFrame, lines: Sequence[Mapping[str, Any]]
) -> list[Facts]:
    """Return everybody who is named in campaign.toml or did anything, by code.

    Args:
        state: the campaign.
        verdicts: as `latest_verdicts` gives them.
        labels: as `labelled` gives them.
        lines: everybody's work, as `flows.reports.finished_work.work` gives it.
    """
    named = {person.code: person for person in state.campaign.people}
    invoiced, translated = invoices(state), translators_facts(state, lines)
    reliable = _reliable(labels)
    agreed = _consensus(labels)
    kept = kept_questions(state)[["question_id", "revision"]].rename(columns={"question_id": "subject"})
    scored = verdicts[~verdicts["copy"]]
    blind = scored[scored["check"] == "blind_answer"].merge(kept, on=["subject", "revision"])
    guesses = scored[scored["check"] == "guess"]
    people_found = []
    for code in sorted({*named, *invoiced, *(line["person"] for line in lines)}):
        person = named.get(code)
        people_found.append(
            {
                "person": code,
                "roles": list(person.roles) if person else [],
                "languages": list(person.languages) if person else [],
                "native": list(person.native_languages) if person else [],
                "consent": person.consent_date.isoformat() if person and person.consent_date else None,
                "agency": person.agency if person else None,
                "work": [
                    {k: v for k, v in line.items() if k != "person"} for line in lines if line["person"] == code
                ],
                "translated": translated.get(code, []),
                "blind": _right(blind[blind["judge"] == code]),
                "guesses": {**_right(guesses[guesses["judge"] == code]), "chance": CHANCE},
                "consensus": agreed.get(code, {}),
                "reliability": reliable.get(code),
                "invoice": invoiced.get(code, nothing()),
            }
        )
    return people_found


def guidelines(state: State) -> list[Facts]:
    """Return every version of every stage's guideline that people were shown, with its first day."""
    columns = ["kind", "subject", "language", "detail", "recorded_at"]
    events = state.ledger.read(tables.EVENTS, columns)
    events = events[events["kind"] == GuidelineChanged.KIND]
    read = {one.guideline for one in details_of(state.events(Read), Read)}
    seen = read | {v for shown in versions_shown(state).values() for one in shown for v in one}
    found = []
    for version, language, text, at in zip(
        *(events[name] for name in ("subject", "language", "detail", "recorded_at")), strict=True
    ):
        one = GuidelineChanged.parse(text)
        if version in seen or one.text is None:  # from before texts were recorded
            version_facts = {"stage": one.stage, "language": language, "number": one.number}
            found.append({**version_facts, "version": version[:12], "since": at.date().isoformat()})
    order = tables.STAGES.index
    return sorted(found, key=lambda line: (order(line["stage"]), line["language"], line["number"]))


def write(document: Facts, out: str) -> list[str]:
    """Write the pages, people.json, and the files of tables and figures, each folder's whole or not at all.

    What is for a paper is in a folder of its own and made as for outside: nobody's code is in it.

    Args:
        document: as `people_facts` gives it.
        out: a folder; made if it is missing.

    Returns:
        The paths of pages and data, and of folders.

    Raises:
        UsageError: it is a file, or holds something else under these names.
        OutputFailed: it cannot be written to.
    """
    from qc.reports.people_report import people_page  # loads the drawing library

    outputs = Outputs.of_folder(out, "people")
    made = {"people.json": written(document)}
    report = people_page.page(document, pseudonymous(document))
    made["people.html"] = report.html.encode()
    folders = {FOLDER: report.files()}
    if not document["outside"]:
        invoicing = people_page.invoice_page(document)
        made[people_page.INVOICES] = invoicing.html.encode()
        made[people_page.LOOK] = people_page.look_page(document).encode()
        folders[people_page.INVOICE_FOLDER] = invoicing.files()
    beside = {name: Outputs.of_folder(outputs.folder / name, "people") for name in folders}
    outputs.check(list(made))
    for name, one in beside.items():
        one.check(list(folders[name]))
    outputs.write(made)
    for name, one in beside.items():
        one.write_alone(folders[name])
    return [str(outputs.folder / name) for name in (*sorted(made), *(name for name in folders if folders[name]))]


def _estimate(one: Estimate) -> Facts:
    return one._asdict()


def _as_of(state: State) -> str | None:
    """Return the last submission's time, so that the same ledger makes the same report."""
    last = state.annotations["updated_at"].max()
    return None if pd.isna(last) else last.isoformat()


def _right(mine: pd.DataFrame) -> Facts:
    return {"n": len(mine), "right": _estimate(share(mine["score"].astype(float), mine["passage_id"]))}


def _guessing(verdicts: pd.DataFrame) -> Facts:
    """Return how often everybody who guessed found the right answer without the passage."""
    mine = verdicts[(verdicts["check"] == "guess") & ~verdicts["copy"]]
    return {
        "n": len(mine),
        "people": int(mine["judge"].nunique()),
        "right": _estimate(accuracy(mine["score"].astype(float), mine["judge"], mine["passage_id"])),
        "chance": CHANCE,
    }


def _reliable(labels: pd.DataFrame) -> dict[str, Facts]:
    """Return the recall and specificity of each recommender by Dawid and Skene's model."""
    mine = labels[labels["check"] == "recommendation"]
    if mine.empty:
        return {}
    who, codes = pd.factorize(mine["judge"], sort=True)
    items = mine.groupby(["subject", "revision"], sort=True).ngroup()
    found = reliabilities(items.tolist(), who.tolist(), mine["label"].lt(2).tolist())
    return {str(code): asdict(one) for code, one in zip(codes, found, strict=True)}


_KINDS = {"blind_answer": "blind_answer", "recommendation": "recommendation", "proofreading": "proofreading"}


def _consensus(labels: pd.DataFrame) -> dict[str, dict[str, Facts]]:
    """Return how often each agrees with most others: blind, over all criteria, and in recommendations."""
    if labels.empty:
        return {}
    items = labels.groupby(["subject", "language", "revision", "check"], sort=True).ngroup()
    same = consensus(items.tolist(), labels["label"].tolist())
    lines = labels.assign(same=same, kind=labels["check"].map(lambda check: _KINDS.get(check, "rubric")))
    lines = lines[lines["same"] >= 0]
    found: dict[str, dict[str, Facts]] = {}
    for (judge, kind), mine in lines.groupby(["judge", "kind"], sort=True):
        right = _estimate(share(mine["same"].astype(float), mine["passage_id"]))
        found.setdefault(str(judge), {})[str(kind)] = {"n": len(mine), "same": right}
    return found


def _agencies(people: list[Facts]) -> list[Facts]:
    """Return what can be invoiced by agency; people without one are summed under None."""
    count: Counter[str | None] = Counter(line["agency"] for line in people)
    sums: dict[str | None, Invoice] = {agency: nothing() for agency in count}
    for line in people:
        for on, counts in line["invoice"].items():
            for name, number in counts.items():
                sums[line["agency"]][on][name] += number
    ordered = sorted(sums, key=lambda agency: agency or "\uffff")
    return [{"agency": agency, "people": count[agency], "invoice": sums[agency]} for agency in ordered]
