"""`belebele demo`: the sample campaign, played from start to end on real servers.

Every person of the script is a user of their own who works over the server's HTTP interface; everything else is
the program that anybody uses. The script holds inputs only: what became of each planted fault is read from the
ledger, and compared with what was expected of it, so that the demo is a test of the whole as well.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import cast

import pandas as pd

from annotation.client import LabelStudio
from annotation.visitor import Visitor
from data import start
from data.campaign import Campaign, state_dir
from data.campaign import Person as Named
from data.errors import DemoFailed
from data.sample import Fate, Fault, Sample, load
from flows import telling
from flows.advancing import counted, run_release
from flows.apart import apart, room, sign_up
from flows.playing import Play, rounds
from flows.servers import Running
from flows.state import State
from flows.up import standing

MARK = ".belebele-demo"
"""Stands in a folder that a demo made, so that the next may replace it and nothing else; its owner locks it."""

HOST = "demo.invalid"
PASSWORD = "belebele-demo"


def play(out: str, *, keep_open: bool = False) -> None:
    """Play the whole sample campaign and write its release to `out/release`.

    Args:
        out: a new folder, or that of a former demo, which is replaced.
        keep_open: leave the servers running at the end until Ctrl-C.

    Raises:
        UsageError: `out` is a folder that no demo made, or cannot be written to.
        DemoFailed: something did not become what the script expects.
    """
    try:
        _play(Path(out), keep_open)
    except KeyboardInterrupt:
        telling.console.print("stopped; the next demo begins anew")
        sys.exit(130)


def _play(out: Path, keep_open: bool) -> None:
    began = time.monotonic()
    environments = state_dir()
    sample = load()
    with ExitStack() as stack:
        folder = stack.enter_context(room(out, MARK, "demo"))
        stack.enter_context(apart(folder / "servers"))
        telling.opening(sample)
        with telling.waiting("Starting Label Studio and Prefect …"):
            running = stack.enter_context(standing(environments=environments, tell=telling.console.print))
        stack.enter_context(telling.stopping())
        _invite(running)
        campaign = _begin(sample, folder)
        with telling.waiting("Everybody signs up …"):
            visitors = {code: stack.enter_context(one) for code, one in _sign_up(sample, running, campaign)}
        theatre = Play(sample, campaign, visitors)
        rounds(theatre)
        became = outcomes(theatre.state())
        _show_faults(sample, became)
        made = run_release(campaign, "1.0.0", str(folder / "release"))
        told = [
            *_summary(sample, became),
            ("release", "\n".join(made.lines).removeprefix("release ")),
            ("took", f"{time.monotonic() - began:.0f} seconds"),
        ]
        telling.farewell(folder / "release", Path(campaign), told)
        if keep_open:
            _stay()


# The scene -------------------------------------------------------------------------------------------------------


def _invite(running: Running) -> None:
    telling.console.print(
        f"Label Studio  {running.label_studio_url}\n"
        f"              (look in: log in as r1@{HOST}, password {PASSWORD})\n"
        f"Prefect       {running.prefect_api_url.removesuffix('/api')}\n"
        "Ctrl-C stops everything."
    )


def _begin(sample: Sample, folder: Path) -> str:
    with as_file(files("data.sample") / "passages.jsonl") as texts:
        shutil.copy(texts, folder / "passages.jsonl")
    address = str(folder / "campaign")
    people = [Named(code=p.code, roles=p.roles, languages=p.languages) for p in sample.people]
    text = start.template(
        id="demo", title="The sample campaign", source="parallel", path="../passages.jsonl",
        languages=list(sample.translations), people=people,
    )  # fmt: skip
    start.init(address, text.replace('"CC-BY-SA-4.0"', '"CC0-1.0"'))
    return address


def _sign_up(sample: Sample, running: Running, campaign: str) -> Iterator[tuple[str, Visitor]]:
    with LabelStudio(running.label_studio_url, running.label_studio_token) as server:
        codes = [person.code for person in sample.people]
        yield from sign_up(server, Campaign.load(campaign).id, codes, HOST, PASSWORD)


def _stay() -> None:
    telling.console.print("The servers stay up until Ctrl-C.")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        telling.console.print("stopping …")


# What became of it -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Became:
    """What became of one item, as its verdicts and decisions tell.

    Attributes:
        fate: kept, revised then kept, corrected then kept, dropped, or undecided.
        revisions: how many were submitted.
        found_by: what flagged it in any revision; a proofreader's correction counts.
    """

    fate: str
    revisions: int
    found_by: frozenset[str]


def outcomes(state: State) -> dict[tuple[str, str], Became]:
    """What became of every item of a campaign, by (question, language)."""
    source, targets = state.questions, state.translations
    items = pd.concat([source.assign(language=state.source_language), targets])
    revisions = items.groupby(["question_id", "language"])["revision"].max()
    columns = ["subject", "language", "check", "flagged", "score"]
    verdicts = state.verdicts_on(set(items["question_id"]), columns)
    verdicts["mended"] = (verdicts["check"] == "proofreading") & (verdicts["score"] < 1)
    hits = verdicts[verdicts["flagged"].eq(True).fillna(False) | verdicts["mended"]]
    found = hits.groupby(["subject", "language"])["check"].agg(frozenset).to_dict()
    mended = set(zip(hits["subject"][hits["mended"]], hits["language"][hits["mended"]], strict=True))
    decided = state.decisions.sort_values("revision").groupby(["subject", "language"])["outcome"].agg(list)
    items_in_order = cast("list[tuple[str, str]]", list(revisions.index))
    return {
        item: Became(_fate(decided.get(item, []), item in mended), int(count), found.get(item, frozenset()))
        for item, count in zip(items_in_order, revisions, strict=True)
    }


def _fate(decided: list[str], mended: bool) -> str:
    if not decided or decided[-1] == "revise":
        return "undecided"
    if decided[-1] == "drop":
        return "dropped"
    if "revise" in decided:
        return "revised then kept"
    return "corrected then kept" if mended else "kept"


def differences(sample: Sample, became: Mapping[tuple[str, str], Became]) -> list[str]:
    """Where what became of the script is not what the script expects, a sentence each.

    Args:
        sample: its `faults` and `fates` are the expectations.
        became: as `outcomes` gives it.
    """
    found = [words for fault in sample.faults for words in _fault_differs(fault, became)]
    return found + [words for fate in sample.fates for words in _fate_differs(fate, sample, became)]


def _fault_differs(fault: Fault, became: Mapping[tuple[str, str], Became]) -> Iterator[str]:
    item = became.get((fault.question, fault.language))
    where = f"“{fault.name}” in {fault.question}, {fault.language}"
    if item is None:
        yield f"{where}: nothing was submitted"
        return
    if item.fate != fault.fate:
        yield f"{where}: {item.fate}, not {fault.fate}"
    missed = sorted(set(fault.found_by) - item.found_by)
    if missed:
        yield f"{where}: not found by {', '.join(missed)}"


def _fate_differs(fate: Fate, sample: Sample, became: Mapping[tuple[str, str], Became]) -> Iterator[str]:
    languages = {passage.language for passage in sample.passages} - set(sample.translations)
    item = became.get((fate.question, *languages))  # type: ignore[arg-type]
    if item is None:
        yield f"{fate.question}: nothing was submitted"
        return
    outcome = {"dropped": "drop", "undecided": "undecided"}.get(item.fate, "keep")
    if outcome != fate.outcome:
        yield f"{fate.question}: {outcome}, not {fate.outcome}"
    if item.revisions != fate.revisions:
        yield f"{fate.question}: {counted(item.revisions, 'revision')}, not {fate.revisions}"


def _show_faults(sample: Sample, became: Mapping[tuple[str, str], Became]) -> None:
    rows = []
    for fault in sample.faults:
        item = became.get((fault.question, fault.language), Became("undecided", 0, frozenset()))
        rows.append((fault, sorted(item.found_by), item.fate, not list(_fault_differs(fault, became))))
    telling.faults(rows)
    problems = differences(sample, became)
    if problems:
        raise DemoFailed("the benchmark did not become what its script expects", problems)


def _summary(sample: Sample, became: Mapping[tuple[str, str], Became]) -> list[tuple[str, str]]:
    fates = Counter(item.fate for item in became.values())
    dropped = [question for (question, _), item in became.items() if item.fate == "dropped"]
    return [
        (
            "found",
            f"all {len(sample.faults)} planted faults, each by the checks and the people who should find it",
        ),
        (
            "mended",
            f"{fates['revised then kept']} items by who made them, {fates['corrected then kept']} by proofreaders",
        ),
        ("kept", f"{len(sample.slots) - len(dropped)} of {len(sample.slots)} questions"),
        ("dropped", ", ".join(dropped) or "none"),
    ]
