"""A nearly finished campaign, made in a minute or two: the result of months of work by hundreds of people.

Its ledger contains the rows that the program would have written: passages, tasks, annotations, Questions,
Translations (a draft and a proofread one each), 30 verdicts per item, decisions, marks. Every passage but two is
finished: on one the questions are kept and wait for their translators, on the other nobody has written any. All
words are drawn with a fixed seed, so that the campaign is the same every time.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from annotation.forms import option_letters, review_criteria
from annotation.labelstudio.server_records import account
from annotation.stages import answering_page, authoring_page, judging_page, proofreading_page, translation_page
from data import sources
from data.campaign.campaign import Campaign
from data.campaign.new_campaign import init, template
from data.campaign.settings import Person
from data.languages import languages
from data.ledger import Ledger, detail, tables
from data.ledger.tables import Row, Stage
from flows.check_suites import QUESTION_SUITE, TRANSLATED_SUITE

ID = "large"
SOURCE = "eng_Latn"
PER_PASSAGE = 2
DONE = datetime(2025, 6, 1, 12, tzinfo=UTC)
"""The time of every submission, as recorded in the ledger and Label Studio."""

AUTHORS = ("a1", "a2")
REVIEWERS = ("r1", "r2", "r3")
_ACCOUNT = 1000  # Label Studio's number of the first person
_BLOCK = 10_000  # more than the tasks in one language
_KEY = 2
_NOTES = ["not in the passage", "", "not in the passage", "not in the passage"]


@dataclass(frozen=True)
class Plan:
    """The size of the campaign.

    Args:
        languages: the number of languages, the source language among them.
        items: the number of decided items in each, an even number.
        verdicts: the number of verdicts on each item.
    """

    languages: int = 117
    items: int = 900
    verdicts: int = 30

    @cached_property
    def targets(self) -> list[str]:
        codes = [code for code, language in languages().items() if language.belebele and language.flores200]
        return [code for code in codes if code != SOURCE][: self.languages - 1]

    @property
    def decided(self) -> int:
        """Passages whose questions are decided in every language."""
        return self.items // PER_PASSAGE

    @property
    def people(self) -> list[Person]:
        return [
            *(Person(code=code, roles=("authoring",), languages=(SOURCE,)) for code in AUTHORS),
            *(Person(code=code, roles=("reviewing",), languages=(SOURCE,)) for code in REVIEWERS),
            *(Person(code=f"t{n}", roles=("translating",), languages=(c,)) for n, c in enumerate(self.targets, 1)),
            *(
                Person(code=f"p{n}", roles=("proofreading",), languages=(c,))
                for n, c in enumerate(self.targets, 1)
            ),
        ]

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Each person's number at Label Studio."""
        return {person.code: number for number, person in enumerate(self.people, _ACCOUNT)}

    def account(self, person: str) -> str:
        """Return the name of a person's account in the ledger."""
        return account({"id": self.numbers[person], "date_joined": DONE.isoformat()})


@dataclass
class Work:
    """One task that was done, and its result."""

    number: int  # of the task and of the annotation at Label Studio
    task: dict[str, Any]
    annotation: dict[str, Any]
    item: dict[str, Any]  # the question and its answers as submitted

    @property
    def event(self) -> str:
        return tables.ANNOTATIONS.event_id(self.annotation)


def make(plan: Plan, folder: Path) -> str:
    """Make the campaign in a folder; return its address."""
    address = str(folder / "campaign")
    source = folder / "passages.parquet"
    pq.write_table(_source(plan), source)
    text = template(
        id=ID, title="A large campaign", source="parallel", path=str(source), languages=plan.targets,
        people=plan.people,
    )  # fmt: skip
    ledger = init(address, text)
    campaign = Campaign.load(address)
    mark = sources.fingerprint(campaign.source.kind, str(source), list(campaign.text_languages))
    checks = [
        {"signature": f"{check.name}|v:1", "check": check.name, "version": 1, "scope": "item", "parameters": "{}"}
        for check in TRANSLATED_SUITE
    ]
    facts = [
        ("campaign_changed", campaign.hash, "0", campaign.to_json()),
        ("source_read", mark, "", "{}"),
        *(("account_linked", code, "", detail({"server": "main", "account": plan.account(code)}))
          for code in plan.numbers),
    ]  # fmt: skip
    ledger.append(tables.CHECKS, checks)
    ledger.append(tables.EVENTS, [_event(*fact) for fact in facts])
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        list(pool.map(partial(_write_language, address, plan), range(plan.languages)))
    ledger.written.update(tables.TABLES.keys())  # other code wrote them
    ledger.compact()
    return address


def works(plan: Plan, number: int) -> Iterator[Work]:
    """Yield all work that was done in the language of this number; 0 is the source language."""
    words = _words(number)
    keys = iter(range(number * _BLOCK + 1, (number + 1) * _BLOCK))
    language = [SOURCE, *plan.targets][number]
    for place in range(plan.decided + (number == 0)):
        for slot in range(1, PER_PASSAGE + 1):
            subject = tables.question_id(_passage_id(place), slot)
            item = {"question": _text(words, 12) + "?", "answers": [_text(words, 5) for _ in range(4)]}
            for stage, person, revision, result in _submissions(number, place, subject, item):
                yield _work(next(keys), stage, language, person, place, subject, revision, result, item, plan)


def _submissions(
    number: int, place: int, subject: str, item: dict[str, Any]
) -> Iterator[tuple[Stage, str, int, list[dict[str, Any]]]]:
    if number:
        yield "translating", f"t{number}", 0, translation_page.result(**item)
        yield "proofreading", f"p{number}", 1, proofreading_page.result(outcome="accept", **item)
        return
    yield "authoring", AUTHORS[place % 2], 0, authoring_page.result(**item, key=_KEY, notes=_NOTES)
    reviewers = [REVIEWERS[(place + n) % 3] for n in range(2)]
    for person in reviewers:
        order = option_letters.shown_order(f"answering/{SOURCE}/{subject}/1/{person}")
        yield "answering", person, 1, answering_page.result(choice=_KEY, sure=True, payload={"order": order})
    for person in reviewers:
        rubric = dict.fromkeys(review_criteria.CRITERIA, True)
        yield "judging", person, 1, judging_page.result(rubric=rubric, recommend="keep")


def _work(
    number: int, stage: Stage, language: str, person: str, place: int, subject: str, revision: int,
    result: list[dict[str, Any]], item: dict[str, Any], plan: Plan,
) -> Work:  # fmt: skip
    key = f"{stage}/{language}/{subject}/{revision}/{person}"
    about = {"task_key": key, "stage": stage, "language": language}
    task = {
        **about, "person": person, "passage_id": _passage_id(place), "question_id": subject, "revision": revision,
        "attempt": 1, "reason": "", "payload": json.dumps(_payload(stage, key), sort_keys=True),
    }  # fmt: skip
    annotation = {
        **about, "server": "main", "workbench": f"{ID}/{stage}/{language}/{person}", "annotation_id": str(number),
        "account": plan.account(person), "kind": "submitted", "created_at": DONE, "updated_at": DONE,
        "seconds": 60.0, "result": json.dumps(result, ensure_ascii=False, sort_keys=True),
    }  # fmt: skip
    return Work(number, task, annotation, item)


def _payload(stage: Stage, key: str) -> dict[str, Any]:
    order = {"order": option_letters.shown_order(key)} if stage == "answering" else {}
    return {
        "sentences": ["What is shown here is in the passages."],
        "passage_revision": 1,
        "question_revision": 1,
        **order,
    }


def _write_language(address: str, plan: Plan, number: int) -> None:
    ledger = Ledger(address)
    done = list(works(plan, number))
    made = _Made(plan)
    for work in done:
        made.read(work)
    marks = [_event("read", work.event, work.task["language"], '{"outcome": "counted"}') for work in done]
    shown = [_event("published", w.task["task_key"], w.task["language"], '{"notices": 0}') for w in done]
    ledger.append(tables.PASSAGES, list(_passages(plan, number)))
    ledger.append(tables.TASKS, [work.task for work in done])
    ledger.append(tables.ANNOTATIONS, [work.annotation for work in done])
    ledger.append(tables.QUESTIONS, made.questions)
    ledger.append(tables.TRANSLATIONS, made.translations)
    ledger.append(tables.VERDICTS, made.verdicts)
    ledger.append(tables.DECISIONS, made.decisions)
    ledger.append(tables.EVENTS, [*shown, *marks])


class _Made:
    """The rows that the program made of the work in one language."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.questions: list[Row] = []
        self.translations: list[Row] = []
        self.verdicts: list[dict[str, Any]] = []
        self.decisions: list[Row] = []

    def read(self, work: Work) -> None:
        """Add the rows that follow from this piece of work."""
        match work.task["stage"]:
            case "authoring":
                self._question(work)
                self._checked(work, 1, [check.name for check in QUESTION_SUITE])
            case "answering":
                self._judged(work, 1, ["blind_answer"])
            case "judging":
                self._judged(work, 1, [*(f"rubric_{name}" for name in review_criteria.CRITERIA), "recommendation"])
                if work.task["person"] == REVIEWERS[(_place(work) + 1) % 3]:
                    self._keep(work, 1, 2 + len(QUESTION_SUITE) + 2 * (1 + len(review_criteria.CRITERIA)))
            case "translating":
                self._translation(work, 1, "draft")
                rest = max(0, self.plan.verdicts - len(TRANSLATED_SUITE) - 1)
                self._checked(work, 1, [check.name for check in islice(TRANSLATED_SUITE, rest)])
            case "proofreading":
                self._translation(work, 2, "proofread")
                self._judged(work, 2, ["proofreading"])
                self._checked(work, 2, [check.name for check in TRANSLATED_SUITE])
                self._keep(work, 2, len(TRANSLATED_SUITE) + 1)

    def _question(self, work: Work) -> None:
        number = int(work.task["question_id"].rpartition("-q")[2])
        self.questions.append(
            {**self._text(work, 1), "question_number": number, "key": _KEY, "notes": _NOTES, "translator_note": ""}
        )

    def _translation(self, work: Work, revision: int, kind: str) -> None:
        self.translations.append(
            {**self._text(work, revision), "kind": kind, "question_revision": 1, "draft_revision": revision - 1}
        )

    def _text(self, work: Work, revision: int) -> dict[str, Any]:
        return {
            **work.item, "language": work.task["language"], "question_id": work.task["question_id"],
            "passage_id": work.task["passage_id"], "revision": revision, "passage_revision": 1,
            "person": work.task["person"], "annotation": work.event, "submitted_at": DONE,
        }  # fmt: skip

    def _checked(self, work: Work, revision: int, names: list[str]) -> None:
        self._verdicts(work, revision, names, "check", "")

    def _judged(self, work: Work, revision: int, names: list[str]) -> None:
        self._verdicts(work, revision, names, work.task["person"], work.event)

    def _verdicts(self, work: Work, revision: int, names: list[str], judge: str, origin: str) -> None:
        about = {
            "scope": "item", "subject": work.task["question_id"], "language": work.task["language"],
            "revision": revision, "version": 1, "score": 1.0, "flagged": False, "reason": "", "judge": judge,
            "origin": origin, "judged_at": DONE,
        }  # fmt: skip
        self.verdicts += ({**about, "check": name, "signature": f"{name}|v:1"} for name in names)

    def _keep(self, work: Work, revision: int, rests_on: int) -> None:
        found = sorted(tables.VERDICTS.event_id(verdict) for verdict in self.verdicts[-rests_on:])
        self.decisions.append(
            {"subject": work.task["question_id"], "language": work.task["language"], "revision": revision,
             "outcome": "keep", "reason": "", "rule": "accepted", "decided_by": "rules", "verdicts": found,
             "decided_at": DONE}
        )  # fmt: skip


def _event(kind: str, subject: str, language: str, text: str) -> Row:
    return {"kind": kind, "subject": subject, "language": language, "detail": text}


def _source(plan: Plan) -> pa.Table:
    rows = [row for number in range(plan.languages) for row in _passages(plan, number)]
    columns = ("passage_id", "language", "text", "sentences", "link", "split", "domain", "topic")
    return pa.Table.from_pylist([{name: row[name] for name in columns} for row in rows])


def _passages(plan: Plan, number: int) -> Iterator[dict[str, Any]]:
    words = _words(number)
    for place in range(plan.decided + 2):
        sentences = [f"{_text(words, 20)}." for _ in range(4)]
        yield {
            "passage_id": _passage_id(place), "language": [SOURCE, *plan.targets][number], "revision": 1,
            "source": "parallel", "link": f"https://example.org/{place}", "split": "test", "sentence_ids": [],
            "domain": "drawn", "topic": "words", "sentences": sentences, "text": " ".join(sentences),
            "position": place,
        }  # fmt: skip


def _words(number: int) -> random.Random:
    return random.Random(f"language {number}")


_VOCABULARY = [
    "".join(random.Random(n).choices("aeiounrtslmkdpbgvw", k=2 + n % 9)) for n in range(3000)
]  # fmt: skip


def _text(words: random.Random, count: int) -> str:
    return " ".join(words.choices(_VOCABULARY, k=count)).capitalize()


def _passage_id(place: int) -> str:
    return f"parallel-{place:012d}"


def _place(work: Work) -> int:
    return int(work.task["passage_id"].rpartition("-")[2])
