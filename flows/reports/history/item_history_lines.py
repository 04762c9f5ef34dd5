"""The history of an item in words, for a terminal, and as plain data for other programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from data.languages import language as find_language
from flows.reports.history.history_steps import FORMAT, ItemHistory, Step

_COPY = {
    "plant": "a copy with a planted fault", "recheck": "a second look at the accepted item",
    "baseline": "the human baseline", "key_check": "a reading of the key by somebody who had no part in it",
    "trial": "a trial question",
}  # fmt: skip
_WHO = {"lead": "the lead", "rules": "the rules", "check": "the checks", "selection": "the selection", None: ""}


def facts(history: ItemHistory) -> dict[str, Any]:
    """Return the history as data; times are ISO 8601 in UTC."""
    steps = [
        {name: value for name, value in asdict(step).items() if value not in (None, {}, "")}
        | {"at": step.at.isoformat()}
        for step in history.steps
    ]
    return {
        "format": FORMAT,
        "item_id": history.item_id,
        "languages": list(history.languages),
        "pseudonyms": history.pseudonyms,
        "steps": steps,
        "standing": {code: dict(one) for code, one in history.standing.items()},
    }


def lines(history: ItemHistory) -> Iterator[str]:
    """Yield the history for a terminal: a line a step with what belongs to it below, and the standing last."""
    yield f"{history.item_id}: {', '.join(map(_language, history.languages))}"
    yield ""
    for step in _together(history.steps):
        head, *below = _told(step)
        where = f" [{_language(step.language)}]" if step.language else ""
        yield f"{step.at:%Y-%m-%d %H:%M}{where} {head}"
        yield from (f"    {line}" for text in below for line in text.split("\n") if line.strip())
    yield ""
    for code, standing in history.standing.items():
        yield f"Now, in {_language(code)}: {_stands(standing)}"


def _together(steps: Sequence[Step]) -> list[Step]:
    """Put what one person found of one revision in one go into one step, where no words belong to it."""
    made: list[Step] = []
    places: dict[tuple[object, ...], int] = {}
    for step in steps:
        if step.kind != "judged" or step.facts["reason"]:
            made.append(step)
            continue
        same = (step.sequence, step.language, step.revision, step.who, step.copy, step.facts["flagged"])
        if same in places:
            first = made[places[same]]
            checks = [*first.facts.get("checks", [first.facts["check"]]), step.facts["check"]]
            made[places[same]] = replace(first, facts={**first.facts, "checks": sorted(checks)})
        else:
            places[same] = len(made)
            made.append(step)
    return made


def _told(step: Step) -> list[str]:
    """Return a step's sentence, and the texts that belong below it."""
    who = _WHO.get(step.who, step.who or "")
    number = f"revision {step.revision}" if step.revision else ""
    work = step.stage or ""
    work += f" ({_COPY[step.copy]})" if step.copy else ""
    f = step.facts
    match step.kind:
        case "passage":
            split = f" of {f['split']}" if f["split"] else ""
            rows = f", rows {_listed([row + 1 for row in f['rows']])}{split}" if f["rows"] else ""
            how = f"taken from {f['source']}{rows}" if (step.revision or 1) == 1 else "mended"
            return [f"passage, {number}: {how}", *([f["link"]] if f["link"] else []), f["text"]]
        case "handed_out":
            again = f", for the {f['attempt']}. time" if f["attempt"] > 1 else ""
            return [f"{work} handed out to {who}{again}", f["why"]]
        case "submitted":
            took = f" in {f['seconds']:.0f} s" if f["seconds"] else ""
            became = f": {f['became']}" if f["became"] else ": not processed yet"
            return [f"{work} {f['how']} by {who}{took}{became}", *f["problems"]]
        case "closed":
            to = f"; it goes to {_WHO.get(f['to'], f['to'])}" if f["to"] else ""
            return [f"{work} closed without work{f' of {who}' if who else ''}: {f['why']}{to}", *f["problems"]]
        case "question" | "translation":
            what = "question" if step.kind == "question" else f["form"] if f["form"] == "draft" else "translation"
            return [f"{what}, {number}, by {who}", f["question"], *_options(f)]
        case "checked":
            unsure = f"could not judge: {', '.join(f['could_not_judge'])}" if f["could_not_judge"] else ""
            return [f"{len(f['passed'])} checks of {number or 'it'} flagged nothing{_on(step)}", unsure]
        case "flagged":
            return [f"{f['check']} flagged {number or 'it'}{_on(step)}", f["reason"]]
        case "judged":
            said = {True: "objects", False: "has nothing against it"}.get(f["flagged"], "could not judge")
            checks = ", ".join(one.removeprefix("rubric_") for one in f.get("checks", [f["check"]]))
            return [f"{checks.replace('_', ' ')}, {number}: {who} {said}{_on(step)}", f["reason"]]
        case "decided":
            return [f"decided by {who}, {number}: {f['outcome']} (rule: {f['rule']})", f["reason"]]
        case "finding_answered":
            words = ": ".join(filter(None, [f["why"], f["words"]]))
            return [f"{who} {f['answer']} what {f['check']} found in {f['part'].replace('_', ' ')}", words]
        case _:
            return _told_of_the_set(step, who, work)


def _told_of_the_set(step: Step, who: str, work: str) -> list[str]:
    f = step.facts
    match step.kind:
        case "selected":
            order = f"; options are shown in the order {_listed(f['order'])}"
            return [f"selected for the final set of {f['size']} from {f['candidates']}{order}"]
        case "left_out":
            return [f"not selected for the final set of {f['size']} from {f['candidates']}"]
        case "late":
            return [f"a submission of {work} came too late: {f['why']}"]
        case "late_accepted":
            return [f"the lead let count what came late in {work}"]
        case "rejected":
            return [f"the lead rejected a submission of {work}"]
        case "query":
            return [f"{who} asks the lead, in {work}", f["text"]]
        case "reply":
            return ["the lead replies", f["text"]]
        case "planted":
            return [f"a copy with a planted fault ({f['fault'].replace('_', ' ')}) was put among reviewers' work"]
        case "baseline":
            return ["drawn for the human baseline"]
        case "split":
            return [f"put into the split {f['split']} of the release, for good"]
        case "reported":
            where = f" in {f['part'].replace('option_', 'answer ')}" if f["part"] else ""
            return [f"readers of the release report an error{where} of revision {step.revision}", f["error"]]
        case "withdrawn":
            return ["withdrawn by the lead, in every language and for good", f["reason"]]
        case "told":
            what = "the correction" if f["error"] else "the withdrawal"
            return [f"release {f['version']} tells of {what}", f["error"] or ""]
    raise AssertionError(step.kind)


def _on(step: Step) -> str:
    return f", on {_COPY[step.copy]}" if step.copy else ""


def _options(told: Mapping[str, Any]) -> list[str]:
    key = told.get("key")
    return [f"{'*' if n == key else ' '} {n}. {text}" for n, text in enumerate(told["answers"], start=1)]


def _stands(standing: Mapping[str, Any]) -> str:
    parts = [f"revision {standing['revision']}", standing["outcome"] or "not decided yet"]
    if standing["stale"]:
        parts.append("stale: what it was made from has changed")
    if gone := standing.get("withdrawn"):
        since = f"since release {gone['version']}" if gone["version"] else "from the next release on"
        parts.append(f"withdrawn {since}: {gone['reason']}")
    if "in_final_set" in standing:
        parts.append("in the final set" if standing["in_final_set"] else "not in the final set")
    return ", ".join(parts)


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


def _language(code: str) -> str:
    return find_language(code).name
