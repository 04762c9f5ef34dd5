"""What can be invoiced: accepted texts with their words, and finished reviews, by person.

An item counts once, however often it was revised: a question goes to the author of the accepted revision, a
translation to whoever wrote the draft that was accepted and to whoever proofread it. Words are cut by ICU in every
script. Answers and judgements count as finished tasks, those on plants, rechecks and baselines among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flows.state import State
from qc.audit.words import words

REVIEWS = {
    "guessing": "guesses",
    "answering": "answers",
    "judging": "judgements",
    "adjudicating": "adjudications",
}
"""What a finished task of a stage is called on an invoice."""

INVOICED = (
    "questions", "question_words", "translations", "source_words", "target_words", "proofread", "proofread_words",
    *REVIEWS.values(),
)  # fmt: skip
"""What is counted for invoices."""


def accepted(state: State) -> dict[str, dict[str, int]]:
    """What can be invoiced, by person: accepted texts with their words, and finished reviews.

    Returns:
        questions, question_words; translations, source_words, target_words; proofread, proofread_words; guesses,
        answers, judgements, adjudications: finished tasks.
    """
    found: dict[str, dict[str, int]] = {}
    for person, facts in (*_questions(state), *_translations(state)):
        mine = found.setdefault(person, {})
        for name, count in facts.items():
            mine[name] = mine.get(name, 0) + count
    done = state.tasks[state.tasks["done"]]
    for stage, name in REVIEWS.items():
        for code, count in done["person"][done["stage"] == stage].value_counts().items():
            found.setdefault(str(code), {})[name] = int(count)
    return {person: dict.fromkeys(INVOICED, 0) | facts for person, facts in sorted(found.items())}


def _questions(state: State) -> Iterator[tuple[str, Mapping[str, int]]]:
    kept = state.kept_questions
    for person, question, answers in zip(kept["person"], kept["question"], kept["answers"], strict=True):
        yield person, {"questions": 1, "question_words": _words(question, answers)}


def _translations(state: State) -> Iterator[tuple[str, Mapping[str, int]]]:
    kept = state.kept_questions.set_index("question_id")
    source = {
        name: _words(question, answers)
        for name, question, answers in zip(kept.index, kept["question"], kept["answers"], strict=True)
    }
    now = state.current_translations
    now = now[(now["outcome"] == "keep") & ~now["stale"] & now["question_id"].isin(source)]
    if now.empty:
        return
    every = state.translations
    writer = every.set_index(["question_id", "language", "revision"])["person"].to_dict()
    texts = state.translation_texts(set(now["question_id"]))[
        ["question_id", "language", "revision", "question", "answers"]
    ]
    lines = now[["question_id", "language", "revision", "draft_revision", "kind", "person"]].merge(
        texts, on=["question_id", "language", "revision"]
    )
    for line in lines.to_dict("records"):
        name, language, count = line["question_id"], line["language"], _words(line["question"], line["answers"])
        proofread = line["kind"] == "proofread"
        draft = int(line["draft_revision"]) if proofread else int(line["revision"])
        by = writer.get((name, language, draft), line["person"])
        yield by, {"translations": 1, "source_words": source[name], "target_words": count}
        if proofread:
            yield line["person"], {"proofread": 1, "proofread_words": count}


def _words(question: str, answers: list[str]) -> int:
    return sum(len(words(text)) for text in (question, *answers))
