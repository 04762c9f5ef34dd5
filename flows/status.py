"""What waits for whom, told from the ledger alone, so with every server down too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pyarrow.compute as pc
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from data import nouns
from flows.agenda import for_the_lead
from flows.state import State


def status(state: State) -> dict[str, Any]:
    """Where the campaign stands, as plain data.

    Returns:
        campaign, title, source (counts of question slots), languages (counts per target language), people (open
        and submitted work per person, stage and language), lead (what only the lead can settle, in words),
        aside (what was submitted and is kept without counting: how many by why), findings (what the checks said of
        the source, counted).
    """
    return {
        "campaign": state.campaign.id,
        "title": state.campaign.about.title,
        "passages": int(state.passages["passage_id"].nunique()),
        "source": {"language": state.source_language, **_source(state)},
        "languages": {language: _language(state, language) for language in state.campaign.languages.targets},
        "people": list(_people(state)),
        "lead": list(for_the_lead(state)),
        "aside": _aside(state),
        "findings": _findings(state),
    }


def _source(state: State) -> dict[str, int]:
    now = state.current_questions
    outcome = now["outcome"].fillna("")
    return {
        "slots": len(state.slots),
        "unwritten": len(state.slots) - len(now),
        "in_review": int(((outcome == "") & ~now["stale"]).sum()),
        "sent_back": int(((outcome == "revise") | (now["stale"] & (outcome != "drop"))).sum()),
        "kept": len(state.kept_questions),
        "dropped": int((outcome == "drop").sum()),
    }


def _language(state: State, language: str) -> dict[str, int]:
    kept = set(state.kept_questions["question_id"])
    now = state.current_translations
    now = now[(now["language"] == language) & now["question_id"].isin(kept)]
    outcome = now["outcome"].fillna("")
    fresh = ~now["stale"]
    return {
        "wanted": len(kept),
        "untranslated": len(kept) - len(now),
        "in_proofreading": int((fresh & (outcome == "") & (now["kind"] == "draft")).sum()),
        "sent_back": int((fresh & (outcome == "revise")).sum()),
        "undecided": int((fresh & (outcome == "") & (now["kind"] == "proofread")).sum()),
        "stale": int(now["stale"].sum()),
        "accepted": int((fresh & (outcome == "keep")).sum()),
    }


def _people(state: State) -> Iterator[dict[str, Any]]:
    tasks = state.tasks
    for (person, stage, language), mine in tasks.groupby(["person", "stage", "language"], sort=True):
        yield {
            "person": person,
            "stage": stage,
            "language": language,
            "open": int(mine["open"].sum()),
            "submitted": int(mine["done"].sum()),
        }


def _aside(state: State) -> dict[str, int]:
    outcomes = state.events("read").drop_duplicates("subject", keep="last")["detail"]
    counts = outcomes.map(lambda text: json.loads(text)["outcome"]).value_counts()
    names = {"late": "late", "deleted": "deleted", "another person's": "by another person", "invalid": "not valid"}
    return {name: int(counts[outcome]) for outcome, name in names.items() if outcome in counts}


def _findings(state: State) -> dict[str, int]:
    where = pc.field("scope").isin(["passage", "pair", "language"]) & pc.field("flagged")
    found = state.ledger.read(nouns.VERDICTS, ["check"], where)
    return {str(check): int(n) for check, n in found["check"].value_counts().items()}


def show(console: Console, told: dict[str, Any]) -> None:
    """Print a status for people."""
    source = told["source"]
    head = Text.assemble((told["title"], "bold"), f"  ({told['campaign']}, {told['passages']} passages)")
    questions = Table(title="Questions", title_justify="left", title_style="bold")
    for column in ("language", "slots", "unwritten", "in review", "sent back", "kept", "dropped"):
        questions.add_column(column, justify="left" if column == "language" else "right")
    questions.add_row(
        *(
            _cell(source[key])
            for key in ("language", "slots", "unwritten", "in_review", "sent_back", "kept", "dropped")
        )
    )
    parts: list[Any] = [head, "", questions]
    if told["languages"]:
        parts += ["", _language_table(told["languages"])]
    if told["people"]:
        parts += ["", _people_table(told["people"])]
    if told["aside"]:
        kept = ", ".join(f"{n} {why}" for why, n in told["aside"].items())
        parts += ["", Text.assemble(("Submitted, kept, and without effect: ", "bold"), kept)]
    if told["findings"]:
        found = ", ".join(f"{check} {n}" for check, n in told["findings"].items())
        parts += ["", Text.assemble(("Found in the source: ", "bold"), found)]
    if told["lead"]:
        parts += [
            "",
            Text("Waits for the lead", style="bold yellow"),
            *(Text(f"• {line}") for line in told["lead"]),
        ]
    console.print(Group(*parts))


def _language_table(languages: dict[str, dict[str, int]]) -> Table:
    table = Table(title="Translations", title_justify="left", title_style="bold")
    keys = ("wanted", "untranslated", "in_proofreading", "sent_back", "undecided", "stale", "accepted")
    table.add_column("language")
    for key in keys:
        table.add_column(key.replace("_", " "), justify="right")
    for language, counts in languages.items():
        table.add_row(language, *(_cell(counts[key]) for key in keys))
    return table


def _people_table(people: list[dict[str, Any]]) -> Table:
    table = Table(title="Who has what", title_justify="left", title_style="bold")
    for column in ("person", "stage", "language"):
        table.add_column(column)
    for column in ("open", "submitted"):
        table.add_column(column, justify="right")
    for line in people:
        table.add_row(
            line["person"], line["stage"], line["language"], _cell(line["open"]), _cell(line["submitted"])
        )
    return table


def _cell(value: object) -> str:
    return "·" if value == 0 else str(value)


def progress_frame(state: State) -> pd.DataFrame:
    """Open and submitted work per stage and language, as the Prefect artifact shows it."""
    tasks = state.tasks
    grouped = tasks.groupby(["stage", "language"], sort=True)[["open", "done", "closed"]].sum().reset_index()
    return grouped.astype({"open": int, "done": int, "closed": int})
