"""Selection: the lead chooses the final set from the kept Questions; the latest choice counts.

One event records what was chosen and the order in which each item's options are shown. A Decision per item repeats
it where readers look for an item's outcome. An earlier choice is not undone but replaced. A Question dropped or
rewritten since is missing from the set until the lead selects again.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from data.errors import UsageError
from data.items import source_items
from data.ledger import tables
from data.ledger.events import SetSelected, details_of
from data.ledger.tables import Row
from flows.campaign_state import State
from flows.inspection.agenda_point import AgendaPoint
from flows.lead import release_split
from flows.ledger_views.current_items import kept_questions, latest_selection, selected_questions, selection_mark
from flows.ledger_views.patches.error_reports import withdrawals
from flows.ledger_views.split_sides import split_sides
from flows.steps.checks_and_decisions import undecided
from qc.checks.shortcut_checks import for_audit, fraction

if TYPE_CHECKING:
    from qc.selection.final_set import ChosenSet, SetWishes

SHOWN = 5
"""The number of heuristics that are named for a set: those farthest from chance."""


@dataclass(frozen=True)
class SelectionResult:
    """The result of a selection: in words for a person, and as data."""

    lines: tuple[str, ...]
    facts: dict[str, Any]


def select(
    state: State,
    *,
    size: int | None = None,
    per_passage: int | None = None,
    margin: float | None = None,
    dry_run: bool = False,
) -> SelectionResult:
    """Choose the final set from the kept Questions.

    Args:
        state: the campaign.
        size: how many; by default as campaign.toml has it: selected_questions, else wanted_questions.
        per_passage: the most on one passage; by default as campaign.toml has it.
        margin: how far from chance a named heuristic may be; by default as campaign.toml has it.
        dry_run: report the choice and write nothing.

    Raises:
        UsageError: fewer Questions are kept than the set should have, or the quotas make no sense.
    """
    from qc.selection.final_set import SetWishes, choose

    wanted = _wanted(state, SetWishes, size, per_passage, margin)
    waiting = int((undecided(state)["kind"] == "source").sum())
    dev, notes = release_split.dev_drawn(state, kept_questions(state))
    testable = release_split.for_test(state, kept_questions(state), dev)
    _refuse_too_few(testable, wanted, waiting, len(dev))
    candidates = _candidates(state, testable)
    frame, names, credits = _rules_of_thumb(candidates)
    released = {subject: side.order for subject, side in split_sides(state).items()}
    chosen = choose(frame, credits, names, wanted, released)
    facts = _facts(frame, chosen, wanted)
    run = tables.digest("selection", facts.facts())
    standing = latest_selection(state) is not None and selection_mark(state) == run
    if not dry_run:
        release_split.note(state, dev)
    if not standing and not dry_run:
        _write(state, run, facts)
    lines = [*_lines(run, facts, chosen, waiting, standing=standing, dry_run=dry_run)]
    if dev:
        lines.append(f"{len(dev)} questions beside them are the dev split, on passages of their own")
    return SelectionResult(
        (*lines, *notes),
        {
            "run": run,
            **facts.facts(),
            "dev": sorted(dev),
            "undecided": waiting,
            "written": not standing and not dry_run,
        },
    )


def selectable(state: State) -> int:
    """Return how many questions a selection can choose from, beside those of the dev split."""
    kept = kept_questions(state)
    dev, _ = release_split.dev_drawn(state, kept)
    return len(release_split.for_test(state, kept, dev))


def selection_facts(state: State) -> dict[str, Any]:
    """Return where the selection stands.

    Returns:
        policy; size, as wanted; dev, how many are wanted for the dev split beside them; kept, the Questions that
        could be chosen; run, "" before the first; selected, how many of the chosen ones still stand; lacking, how
        many do not.
    """
    run = latest_selection(state)
    selected = len(selected_questions(state))
    withdrawn = sum(subject in withdrawals(state) for subject, *_ in run.chosen) if run else 0
    return {
        "policy": state.campaign.selection.policy,
        "size": state.campaign.selection.selected_questions or state.campaign.questions.wanted_questions,
        "dev": state.campaign.release.dev,
        "kept": len(kept_questions(state)),
        "run": selection_mark(state),
        "selected": selected,
        "lacking": len(run.chosen) - selected - withdrawn if run else 0,
    }


def for_the_lead(state: State) -> Iterator[AgendaPoint]:
    """Yield what only the lead can settle about the selection, one line each."""
    now = selection_facts(state)
    if now["lacking"]:
        what = f"selection lacks {now['lacking']}: dropped or changed since it was made"
        yield AgendaPoint(what, "belebele select")
    elif now["policy"] == "command" and not now["run"] and now["kept"] >= now["size"] + now["dev"]:
        dev = f", and {now['dev']} for dev" if now["dev"] else ""
        enough = f"{now['kept']} questions are kept, {now['size']} wanted{dev}"
        yield AgendaPoint(f"translation waits for belebele select: {enough}", "belebele select")


def selection_notes(state: State) -> list[str]:
    """Return what a release's reader must know about the selection of its items; empty without one."""
    run = latest_selection(state)
    if run is None:
        return []
    limit = f", at most {run.per_passage} on a passage" if run.per_passage else ""
    gave_up = f" Given up: {'; '.join(run.gave_up)}." if run.gave_up else ""
    return [
        f"The {len(run.chosen)} questions were chosen from {run.candidates} accepted ones by integer "
        f"programming{limit}, every named heuristic to be within {fraction(run.margin)} of chance.{gave_up}",
        "The options of every question stand in an order of their own, drawn so that the correct one stands in "
        "each place equally often.",
        f"Farthest from chance ({fraction(run.chance)}) in the chosen set, as a fact and not as a test: "
        f"{_farthest(run.accuracy, run.chance)}.",
    ]


def _wanted(
    state: State, wanted: type[SetWishes], size: int | None, per_passage: int | None, margin: float | None
) -> SetWishes:
    settings = state.campaign.selection
    if per_passage is not None and per_passage < 1:
        raise UsageError(f"at most {per_passage} per passage leaves nothing to choose; give 1 at least")
    if margin is not None and not 0 <= margin <= 1:
        raise UsageError(f"a margin of {margin} cannot be meant; give a share between 0 and 1, such as 0.05")
    usual = settings.selected_questions or state.campaign.questions.wanted_questions
    return wanted(
        size=usual if size is None else size,
        per_passage=per_passage if per_passage is not None else settings.max_questions_per_passage,
        margin=margin if margin is not None else settings.cue_margin,
        quotas=settings.quotas,
    )


def _refuse_too_few(testable: pd.DataFrame, wanted: SetWishes, waiting: int, dev: int) -> None:
    kept = len(testable)
    if kept == 0:
        raise UsageError("no question is kept so far, so there is nothing to choose; belebele status shows why")
    if kept < wanted.size:
        beside = f" beside the {dev} of the dev split" if dev else ""
        rest = f"; {_are(waiting)} undecided (belebele status)" if waiting else ""
        raise UsageError(
            f"{_are(kept)} kept{beside} and {wanted.size} wanted{rest}. Wait for more, or choose fewer: "
            f"belebele select --size {kept}"
        )


def _candidates(state: State, kept: pd.DataFrame) -> pd.DataFrame:
    """Return these Questions in the audit's columns, with domain, topic, quality and revision."""
    items = source_items(kept, state.texts_of(set(kept["passage_id"]), {state.source_language}))
    frame = for_audit(items)
    more = items.loc[frame.index, ["domain", "topic", "revision"]]
    return frame.join(more).assign(quality=_quality(state, frame.join(more)))


def _quality(state: State, frame: pd.DataFrame) -> list[float]:
    """Return each item's quality: the mean of its mean scores by checks and people; 1 without scores."""
    items = frame.rename(columns={"item_id": "question_id"})[["question_id", "language", "revision"]]
    verdicts = state.verdicts_near(items)
    verdicts = verdicts[(verdicts["scope"] == "item") & verdicts["score"].notna()]
    verdicts = verdicts[~verdicts["check"].isin(["guess", "baseline_answer"])]  # these measure readers, not items
    scores = verdicts.assign(people=verdicts["judge"] != "check")
    key = ["subject", "language", "revision"]
    means = scores.groupby([*key, "people"])["score"].mean().groupby(level=key).mean().to_dict()
    places = items.itertuples(index=False, name=None)
    return [round(float(means.get((subject, code, int(revision)), 1.0)), 6) for subject, code, revision in places]


def _rules_of_thumb(candidates: pd.DataFrame) -> tuple[pd.DataFrame, list[str], Any]:
    """Return the candidates in the audit's order, the named heuristics that ignore positions, and their scores."""
    from qc.audit.cues.heuristics import HEURISTICS, heuristic_scores
    from qc.set_statistics.options import Options

    options = Options.of(candidates)
    _, scores = heuristic_scores(options)
    credits = options.credits(scores[:, : len(HEURISTICS)])[options.keys]
    more = candidates.set_index("item_id")[["domain", "topic", "revision", "quality"]]
    return options.items.join(more, on="item_id"), [rule.name for rule in HEURISTICS], credits


def _facts(frame: pd.DataFrame, chosen: ChosenSet, wanted: SetWishes) -> SetSelected:
    """Return what is recorded of a run, in an order that depends on the items alone."""
    items = frame.iloc[chosen.lines].assign(order=pd.Series(chosen.orders, index=frame.index[chosen.lines]))
    items = items.sort_values("item_id")
    accuracy, places = _realised(items)
    return SetSelected(
        size=wanted.size,
        per_passage=wanted.per_passage,
        margin=wanted.margin,
        quotas={column: dict(quotas) for column, quotas in wanted.quotas.items()},
        candidates=len(frame),
        gave_up=list(chosen.gave_up),
        chance=round(chosen.chance, 4),
        accuracy=accuracy,
        places=places,
        chosen=[
            (item, int(revision), order)
            for item, revision, order in zip(items["item_id"], items["revision"], items["order"], strict=True)
        ],
    )


def _realised(items: pd.DataFrame) -> tuple[dict[str, float], list[int]]:
    """Return every heuristic's accuracy on the set as shown, and how often the key is in each position."""
    from qc.audit.cues.heuristics import heuristic_scores
    from qc.set_statistics.options import Options

    shown = [[texts[n - 1] for n in order] for texts, order in zip(items["options"], items["order"], strict=True)]
    keys = [order.index(key + 1) for order, key in zip(items["order"], items["key"], strict=True)]
    options = Options.of(items.assign(options=pd.Series(shown, index=items.index), key=keys))
    rules, scores = heuristic_scores(options)
    accuracy = options.credits(scores)[options.keys].mean(axis=0)
    met = Counter(keys)
    return (
        {rule.name: round(float(share), 4) for rule, share in zip(rules, accuracy, strict=True)},
        [met[place] for place in range(int(options.sizes.max()))],
    )


def _write(state: State, run: str, facts: SetSelected) -> None:
    number = len(state.events(SetSelected))  # so that A→B→A stays three selections
    state.ledger.append(tables.DECISIONS, _decisions(state, run, facts))
    state.ledger.append(tables.EVENTS, [facts.row(run, str(number))])


def _decisions(state: State, run: str, facts: SetSelected) -> list[Row]:
    now, reason = datetime.now(UTC), f"selected by run {run[:8]}: {len(facts.chosen)} of {facts.candidates}"
    return [
        {
            "subject": subject, "language": state.source_language, "revision": revision, "outcome": "select",
            "reason": reason, "rule": "selection", "decided_by": "selection", "verdicts": [], "decided_at": now,
        }
        for subject, revision, _ in facts.chosen
    ]  # fmt: skip


def selections(state: State) -> Iterator[tuple[Row, int]]:
    """Yield the decisions of every selection made, each with the sequence of its event."""
    runs = state.events(SetSelected)
    for run, chosen, place in zip(runs["subject"], details_of(runs, SetSelected), runs["sequence"], strict=True):
        yield from ((row, int(place)) for row in _decisions(state, run, chosen))


def _lines(
    run: str, facts: SetSelected, chosen: ChosenSet, waiting: int, *, standing: bool, dry_run: bool
) -> Iterator[str]:
    done = "would select" if dry_run else "stands already:" if standing else "selected"
    yield f"{done} {len(facts.chosen)} of {facts.candidates} kept questions (run {run[:8]})"
    yield from _sacrifices(chosen, facts.margin)
    yield f"the correct answer stands in places 1 to {len(facts.places)}: {_counts(facts.places)}"
    farthest = _farthest(facts.accuracy, facts.chance)
    yield f"farthest from chance ({fraction(facts.chance)}), as a fact and not as a test: {farthest}"
    if waiting:
        yield f"{_are(waiting)} undecided and could not be chosen"


def _sacrifices(chosen: ChosenSet, margin: float) -> Iterator[str]:
    """Yield a sentence for each wish that could not be met, with what the lead can do about it."""
    count = len(chosen.lines)
    beyond = [one for one in chosen.forgone if one.wish == "margin"]
    beyond.sort(key=lambda one: (-abs(one.had - chosen.chance), one.name))
    for one in chosen.forgone:
        if one.wish == "size":
            limit = f", since at most {one.limit} may be on one passage" if one.limit else ""
            more = f", allow --per-passage {one.limit + 1}" if one.limit else ""
            yield (
                f"given up: the size. {count} questions of {one.wanted:.0f} could be chosen{limit}: have "
                f"questions on more passages{more}, or choose fewer"
            )
    if beyond:
        low, high = max(0.0, chosen.chance - margin), min(1.0, chosen.chance + margin)
        rules = "1 rule" if len(beyond) == 1 else f"{len(beyond)} rules"
        yield (
            f"given up: the margin of {rules} of thumb. By lot {chosen.chance:.1%} of the {count} questions are "
            f"answered rightly, and {low:.1%} to {high:.1%} was wanted"
        )
        yield from (f"  {one.had:.1%} by taking the option that {_picks(one.name)}" for one in beyond[:SHOWN])
    if len(beyond) > SHOWN:
        yield f"  and {len(beyond) - SHOWN} more, not as far from it; --json has them all"
    for one in chosen.forgone:
        if one.wish == "quota":
            yield (
                f"given up: a quota. {one.had:.0f} of the {count} questions are of {one.name}, {one.wanted:.0f} "
                f"were wanted: have more of them, or change [selection.quotas.{one.name.partition(' ')[0]}]"
            )
    if beyond:
        wide = math.ceil(100 * abs(beyond[0].had - chosen.chance) - 1e-9) / 100
        yield (
            "what can be done: have more questions in which these rules mislead or help nobody, choose fewer "
            f"(--size), or, where the paper can defend it, allow --margin {wide:.2f} in place of {margin:g}"
        )


def _picks(rule: str) -> str:
    """Describe the option that a rule of thumb picks."""
    from qc.audit.cues.heuristics import HEURISTICS

    return next(str(one.picks) for one in HEURISTICS if one.name == rule)


def _farthest(accuracy: Mapping[str, float], chance: float) -> str:
    ranked = sorted(accuracy, key=lambda name: (-abs(accuracy[name] - chance), name))[:SHOWN]
    return ", ".join(f"{name} {fraction(accuracy[name])}" for name in ranked)


def _are(count: int) -> str:
    return "1 question is" if count == 1 else f"{count} questions are"


def _counts(places: Sequence[int]) -> str:
    return ", ".join(map(str, places))
