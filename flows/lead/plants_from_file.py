"""The lead's own plants: faults that no rule can make, from a file of JSON lines.

One object a line. `question_id` names the question that the plant is made of, `kind` the fault: wrong_key,
two_right, unanswerable, cue, or sound for none. Give what differs from the question as it stands:
`question`, `answers` (four), `key` (1 to 4), `passage_id` of the passage to show it with, or `sentences` of its
own passage as it should read. At least one of them is required, unless the kind is sound.

    {"question_id": "boats-q1", "kind": "wrong_key", "key": 3}
    {"question_id": "boats-q1", "kind": "two_right", "answers": ["In a hut", "On the hill", "In a boat", "No"]}
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from data.campaign.toml_mistakes import near
from data.errors import ImportRefused, UsageError
from data.exchange import csv_and_xlsx
from data.ledger import tables
from data.ledger.tables import FaultKind, Row
from flows.campaign_state import State, by_key
from flows.item_copies.plants import MADE_BY_LEAD, event, full_item_of, objections
from flows.ledger_views.current_items import current_questions
from flows.ledger_views.posed_copies import plants_by_id
from flows.ledger_views.question_slots import question_slots
from qc.reviewers.planted_faults import FullItem

KINDS = get_args(FaultKind)
CHANGES = ("question", "answers", "key", "passage_id", "sentences")


def supply(state: State, file: str) -> int:
    """Record the lead's plants and return how many; a plant given twice is recorded once.

    Raises:
        ImportRefused: a line makes no sense, or a check would flag its plant; every such line is listed, and
            nothing is recorded.
    """
    path = Path(file)
    if path.suffix != ".jsonl":
        raise UsageError(f"{path.name}: plants come as .jsonl, one object a line")
    questions = by_key(current_questions(state), "question_id")
    problems: list[str] = []
    rows: list[Row] = []
    known = [facts.detail() for facts in plants_by_id(state).values()]
    count: Counter[str] = Counter()
    for place, line in ((line.place, line.cells) for line in csv_and_xlsx.read(path)):
        wrong = [f"there is no {name!r} in a plant{near(name, FIELDS)}" for name in line if name not in FIELDS]
        made = None if wrong else _made(state, questions, line, wrong)
        problems += [f"{place}: {problem}" for problem in wrong]
        if made is None or wrong:
            continue
        subject = str(line["question_id"])
        revision = int(questions[subject]["revision"])
        row = event(state, subject, revision, line["kind"], made, MADE_BY_LEAD, number=count[subject] + 1)
        content = row["detail"]
        if content not in known:
            known.append(content)
            count[subject] += 1
            rows.append(row)
    if problems:
        raise ImportRefused(f"{file} was not taken in", problems)
    return state.ledger.append(tables.EVENTS, rows)


FIELDS = ("question_id", "kind", *CHANGES)


def _made(
    state: State, questions: Mapping[str, Mapping[str, Any]], line: Mapping[str, Any], wrong: list[str]
) -> FullItem | None:
    """Return the plant that a line describes; add what is wrong with it to `wrong`."""
    subject, kind = str(line.get("question_id", "")), line.get("kind")
    if kind not in KINDS:
        wrong.append(f"kind cannot be {kind!r}: write one of {', '.join(KINDS)}")
    if subject not in questions:
        wrong.append(f"there is no question {subject!r}{near(subject, list(questions))}")
    elif questions[subject]["outcome"] in ("revise", "drop") or questions[subject]["stale"]:
        wrong.append(f"{subject} is not under review and not accepted: plant in one that stands")
    if wrong:
        return None
    whole = full_item_of(state, questions[subject])
    changes = _changes(state, line, wrong)
    if wrong:
        return None
    made = replace(whole, **changes)
    if kind != "sound" and replace(made, evidence=whole.evidence) == whole:
        wrong.append(f"it is the question as it stands: give what makes it {kind} ({', '.join(CHANGES)})")
    elif kind == "sound" and replace(made, evidence=whole.evidence) != whole:
        wrong.append("it differs from the question, and a sound copy is the question as it stands")
    else:
        wrong += [f"a check would tell it apart: {why}" for why in objections(state, subject, made)]
    return made


def _changes(state: State, line: Mapping[str, Any], wrong: list[str]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    count = state.campaign.questions.answers_per_question
    if "question" in line:
        changes["question"] = _text(line["question"], "question", wrong)
    if "answers" in line:
        changes["answers"] = _texts(line["answers"], "answers", wrong)
        if len(changes["answers"]) != count:
            wrong.append(f"answers must be {count} texts")
    if "key" in line:
        key = line["key"]
        if isinstance(key, bool) or not isinstance(key, int) or not 1 <= key <= count:
            wrong.append(f"key cannot be {key!r}: write the number of an answer, 1 to 4")
        changes["key"] = key
    if "sentences" in line:
        changes["sentences"] = _texts(line["sentences"], "sentences", wrong)
    if "passage_id" in line:
        language, passage_id = state.source_language, line["passage_id"]
        texts = state.texts_of({str(passage_id)}, {language})
        if (passage_id, language) not in texts:
            meant = near(passage_id, list(question_slots(state)["passage_id"]))
            wrong.append(f"there is no passage {passage_id!r}{meant}")
        else:
            changes["passage_id"] = passage_id
            changes.setdefault("sentences", tuple(texts[passage_id, language]["sentences"]))
    return changes


def _text(value: object, name: str, wrong: list[str]) -> str:
    if not isinstance(value, str) or not value.strip():
        wrong.append(f"{name} must be a text")
        return ""
    return value.strip()


def _texts(value: object, name: str, wrong: list[str]) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        wrong.append(f"{name} must be a list of texts")
        return ()
    return tuple(_text(one, f"every one of {name}", wrong) for one in value)
