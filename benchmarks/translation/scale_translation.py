"""The cost of judging, deciding and releasing a campaign's translations as the languages become many.

    python benchmarks/translation/scale_translation.py [--languages 5,10,20] [--items 900]

The campaigns are built of FLORES-200's parallel text: passages, questions and options cut from sentences at the
same share of their length, so that their shapes are like real ones; up to 117 languages are Belebele's own, and
further ones others of FLORES. Each item has a draft and a proofread revision, and the proofreader accepted it. The
steps run as processes of their own: learning (once a campaign), all checks, decisions, the release, and checks and
decisions again after every item of one language changed. Languages are learned and judged in as many processes as
BELEBELE_PROCESSES says; processor time is of all of them together, memory that of the largest. The last lines are
the checks without a model beside translate-toolkit's rules for the same segments. The archive is found as in the
tests: BELEBELE_SHARED_DATA, or ../shared/data beside the checkout.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.table import Line, show, timed
from data import sources
from data.campaign.campaign import Campaign
from data.campaign.new_campaign import init, template
from data.languages import languages
from data.ledger import Ledger, tables
from flows.campaign_state import State
from flows.check_suites import TRANSLATED_SUITE
from flows.release import release_campaign
from flows.steps.check_calibration import calibrate_once
from flows.steps.checks_and_decisions import check, decide_items

ROOT = Path(__file__).resolve().parents[2]
SOURCE = "eng_Latn"
WHOLE = 122 * 900
DONE = datetime(2025, 6, 1, tzinfo=UTC)
SHARES = (0.2, 0.35, 0.5, 0.28)
QUESTION = 0.7

Texts = Mapping[str, Mapping[str, Mapping[str, Any]]]
Row = dict[str, Any]


def codes(count: int) -> list[str]:
    """Return so many target languages: Belebele's first, evenly over the alphabet, then others of FLORES."""
    known = {code: one for code, one in languages().items() if one.flores200 and code != SOURCE}
    own = [code for code, one in known.items() if one.belebele]
    if count <= len(own):
        return [own[place * len(own) // count] for place in range(count)]
    return own + [code for code in known if code not in own][: count - len(own)]


def cut(text: str, share: float) -> str:
    """Return the first words that make this share of a text; characters where it has no spaces."""
    piece = text[: max(2, round(share * len(text)))]
    return (piece.rpartition(" ")[0] or piece).strip(" ,.;:、，،。“”\"'«»()")


def written(texts: Texts, code: str, items: int) -> Iterator[Row]:
    """Yield the questions of a language, two on each passage, in the order of the passages."""
    ids = list(texts[SOURCE])
    for number in range(items):
        place, slot = divmod(number, 2)
        passage = ids[place % len(ids)]
        own = texts[code][passage]["sentences"]
        near = [texts[code][ids[(place + step) % len(ids)]]["sentences"] for step in range(4)]
        options = [
            cut(some[(slot + step) % len(some)], SHARES[(step + slot) % 4]) for step, some in enumerate(near)
        ]
        yield {
            "question_id": tables.question_id(passage, slot + 1), "passage_id": passage, "language": code,
            "question": cut(own[-1 - slot % len(own)], QUESTION) + "?", "answers": options, "passage_revision": 1,
            "submitted_at": DONE, "question_number": slot + 1, "key": 1 + number % 4,
        }  # fmt: skip


def made(archive: Path, targets: Sequence[str], items: int, folder: Path) -> str:
    """Make the campaign, all of it proofread and nothing judged; return its address."""
    address = str(folder / "campaign")
    text = template(id="scale", title="Scale", source="flores200", path=str(archive), languages=targets)
    ledger = init(address, text)
    found = sources.read("flores200", str(archive), [SOURCE, *targets]).to_pylist()
    texts: dict[str, dict[str, Row]] = {}
    for row in found:
        texts.setdefault(row["language"], {})[row["passage_id"]] = row
    ledger.append(tables.PASSAGES, [{**row, "revision": 1} for row in found])
    questions = list(written(texts, SOURCE, items))
    about = {"revision": 1, "notes": [""] * 4, "translator_note": "", "person": "a1", "annotation": "a"}
    ledger.append(tables.QUESTIONS, [{**row, **about} for row in questions])
    ledger.append(tables.DECISIONS, [kept(row["question_id"], SOURCE, 1) for row in questions])
    for code in targets:
        lines = list(written(texts, code, items))
        proofread(ledger, lines, 1)
        proofread(ledger, lines, 2)
    return address


def proofread(ledger: Ledger, lines: Sequence[Row], revision: int) -> None:
    """Record a draft (revision 1), or a proofread revision and that the proofreader accepted it."""
    kind = "draft" if revision == 1 else "proofread"
    about = {
        "revision": revision, "kind": kind, "question_revision": 1, "draft_revision": revision - 1, "person": "t1",
        "annotation": f"t{revision}", "errors": [],
    }  # fmt: skip
    ledger.append(tables.TRANSLATIONS, [{**row, **about} for row in lines])
    if kind == "proofread":
        said = {
            "scope": "item", "revision": revision, "check": "proofreading", "version": 1, "score": 1.0,
            "signature": "proofreading|v:1", "flagged": False, "reason": "", "judge": "p1", "judged_at": DONE,
            "origin": f"t{revision}",
        }  # fmt: skip
        about_whom = [{"subject": row["question_id"], "language": row["language"]} for row in lines]
        ledger.append(tables.VERDICTS, [{**one, **said} for one in about_whom])


def kept(subject: str, language: str, revision: int) -> Row:
    """Return the lead's decision to keep an item."""
    return {
        "subject": subject, "language": language, "revision": revision, "outcome": "keep", "reason": "",
        "verdicts": [], "rule": "", "decided_by": "lead", "decided_at": DONE,
    }  # fmt: skip


def learn(state: State) -> None:
    """Learn what the checks need, as the first `advance` does, and save it."""
    calibrate_once(state, state.campaign.languages.targets)


def release(state: State) -> None:
    """Keep by the lead's word whatever the rules did not, since the texts are cuts; then release everything."""
    now = state.translations.drop_duplicates(["question_id", "language"], keep="last")
    decided = state.decisions[state.decisions["outcome"] == "keep"]
    done = set(zip(decided["subject"], decided["language"], strict=True))
    items = zip(now["question_id"], now["language"], now["revision"], strict=True)
    state.ledger.append(tables.DECISIONS, [kept(*item) for item in items if item[:2] not in done])
    with tempfile.TemporaryDirectory() as out:
        release_campaign(state.ledger.address, "1.0.0", f"{out}/release", drop_incomplete=True)


STEPS: Mapping[str, Callable[[State], object]] = {
    "learning": learn, "checks": check, "decisions": decide_items, "release": release,
}  # fmt: skip


def step(name: str, address: str) -> None:
    """Do one step and print what it cost: seconds, processor time, peak memory in MB."""
    state = State(Campaign.load(address), Ledger(address))
    seconds = timed(lambda: STEPS[name](state))
    used = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = sum(one.ru_utime + one.ru_stime for one in used)
    print(json.dumps({"seconds": seconds, "busy": busy, "memory": max(one.ru_maxrss for one in used) / 1024}))


def measured(name: str, address: str, items: int) -> dict[str, float]:
    """Return the cost of a step, as a process of its own; print it by item."""
    done = subprocess.run(
        [sys.executable, __file__, "--step", name, address], capture_output=True, text=True, check=False, cwd=ROOT
    )
    if done.returncode:
        sys.exit(f"{name}:\n{done.stdout}{done.stderr}")
    cost: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    print(
        f"  {name:22} {cost['seconds']:7.1f} s, {cost['busy']:7.1f} s of processor time, "
        f"{1000 * cost['busy'] / items:6.2f} ms an item, {cost['memory']:5.0f} MB",
        flush=True,
    )
    return cost


def campaign_of(archive: Path, count: int, items: int) -> list[Line]:
    """Measure a campaign of so many languages."""
    targets = codes(count)
    total = count * items
    before = os.environ.get("BELEBELE_STATE_DIR")
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["BELEBELE_STATE_DIR"] = f"{scratch}/state"
        try:
            began = time.perf_counter()
            address = made(archive, targets, items, Path(scratch))
            print(f"{count} languages x {items} items; written in {time.perf_counter() - began:.1f} s", flush=True)
            cost = {name: measured(name, address, total) for name in STEPS}
            ledger = Ledger(address)
            frame = ledger.read(tables.TRANSLATIONS)
            frame = frame[(frame["language"] == targets[0]) & (frame["revision"] == 2)]
            rows = frame.drop(columns=["sequence", "event_id", "recorded_at"]).to_dict("records")
            learned = sum(file.stat().st_size for file in Path(scratch, "state", "fits").iterdir())
            lines = [
                {**{str(name): one for name, one in row.items()}, "answers": list(row["answers"])} for row in rows
            ]
            proofread(ledger, lines, 3)
            print("  one language changed:")
            again = {name: measured(name, address, items) for name in ("checks", "decisions")}
        finally:
            os.environ.pop("BELEBELE_STATE_DIR")
            if before is not None:
                os.environ["BELEBELE_STATE_DIR"] = before
    said = f"{count} languages x {items}"
    if count > 1:  # what a process costs before its first item is in both
        further = (cost["checks"]["busy"] - again["checks"]["busy"]) / (count - 1)
        whole = again["checks"]["busy"] + further * (WHOLE / items - 1)
        print(f"  extrapolated, not measured: the checks of {WHOLE:,} items, {whole:.0f} s of processor time")
        print(f"  what was learned: {learned / count / 1e6:.1f} MB a language")
    return [
        *(Line(f"{name}, {said}", one["seconds"]) for name, one in cost.items()),
        *(Line(f"{name} of one of {count} languages", one["seconds"]) for name, one in again.items()),
    ]


def beside_rules(archive: Path, count: int, items: int) -> Line:
    """Time the checks that need no model, and translate-toolkit's, on the same segments."""
    from translate.filters import checks
    from translate.storage.pypo import pounit

    targets = codes(count)
    texts: dict[str, dict[str, Row]] = {}
    for row in sources.read("flores200", str(archive), [SOURCE, *targets]).to_pylist():
        texts.setdefault(row["language"], {})[row["passage_id"]] = row
    plain = tuple(one for one in TRANSLATED_SUITE if not one.resources and one.name != "edit_rates")
    source = list(written(texts, SOURCE, items))
    ours = theirs = 0.0
    for code in targets:
        lines = [
            {
                **row, "kind": "draft", "revision": 1, "passage": texts[code][row["passage_id"]]["text"],
                "domain": "", "topic": "", "source_language": SOURCE, "source_question": of["question"],
                "source_answers": of["answers"], "draft_question": None, "draft_answers": None,
            }
            for row, of in zip(written(texts, code, items), source, strict=True)
        ]  # fmt: skip
        frame = pd.DataFrame(lines, columns=list(tables.ITEMS.names))
        began = time.process_time()
        for one in plain:
            one(frame)
        ours += time.process_time() - began
        checker = checks.StandardChecker(checks.CheckerConfig(targetlanguage=code.partition("_")[0]))
        units = []
        for row in lines:
            for text, of in zip(
                [row["question"], *row["answers"]], [row["source_question"], *row["source_answers"]], strict=True
            ):
                unit = pounit(of)
                unit.target = text
                units.append(unit)
        began = time.process_time()
        for unit in units:
            checker.run_filters(unit)
        theirs += time.process_time() - began
    share = 1000 / (count * items)
    print(f"checks without a model: {ours * share:.2f} ms an item, translate-toolkit {theirs * share:.2f}")
    return Line(f"checks without a model, {count} languages", ours, theirs, "translate-toolkit's StandardChecker")


def main() -> list[Line]:
    """Measure campaigns of several sizes."""
    wanted = argparse.ArgumentParser()
    wanted.add_argument("--languages", default="5,10")
    wanted.add_argument("--items", type=int, default=900)
    wanted.add_argument("--step", nargs=2, metavar=("NAME", "ADDRESS"), help=argparse.SUPPRESS)
    given = wanted.parse_args()
    if given.step:
        step(*given.step)
        return []
    shared = Path(os.environ.get("BELEBELE_SHARED_DATA", ROOT.parent / "shared" / "data"))
    archive = shared / "flores200_dataset.tar.gz"
    if not archive.exists():
        print(f"left out: there is no {archive}; set BELEBELE_SHARED_DATA to the folder that holds it")
        return []
    counts = sorted(int(count) for count in given.languages.split(","))
    lines = [line for count in counts for line in campaign_of(archive, count, given.items)]
    return [*lines, beside_rules(archive, min(counts), given.items)]


if __name__ == "__main__":
    show(main())
