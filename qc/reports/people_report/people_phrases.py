"""The wording of the report on people, the same on the page and in the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from data.ledger.human_verdicts import criterion_of
from qc.reports.audit_report.audit_phrases import language_name, number, percent, plural
from qc.reports.phrases import coefficient
from qc.reports.tables_and_figures.wide_intervals import too_few, too_wide

Facts = Mapping[str, Any]

QUESTIONS = {
    "blind_answer": "blind answer",
    "rubric_answerable": "answerable from the passage",
    "rubric_one_right": "exactly one answer right",
    "rubric_distractors_wrong": "distractors wrong, yet tempting",
    "rubric_passage_only": "needs the passage",
    "rubric_wording": "wording",
    "rubric_inoffensive": "inoffensive",
    "rubric_translatable": "translatable",
    "recommendation": "recommendation",
    "proofreading": "proofreading",
}

KINDS = {"wrong_key": "wrong key", "two_right": "two right answers", "unanswerable": "unanswerable", "cue": "cue"}
"""The names of planted faults."""


COPIES = {"recheck": "rechecks", "baseline": "baseline", "key_check": "key checks", "trial": "trials"}
"""The names of work on copies that is shown separately."""

INVOICE = {
    "items": "items",
    "qualifying": "qualifying",
    "plants": "plants",
    "rechecks": "rechecks",
    "baselines": "baseline",
    "key_checks": "key checks",
}
"""The names of the kinds of work on invoices."""


KEYED = {
    "environment": "made with a key that was given, so that whoever has it writes the same ones",
    "machine": "made with a key of one machine, so that a report from another machine has other ones",
}
"""The method of making pseudonyms; the key itself is never published."""


def question_name(name: str) -> str:
    """Return the name of a question that people are asked.

    >>> question_name("rubric_wording"), question_name("rubric_new_one")
    ('wording', 'new one')
    """
    return QUESTIONS.get(name, (criterion_of(name) or name).replace("_", " "))


def between(estimate: Facts) -> str:
    """Format an interval; "" where there is none.

    >>> between({"value": 0.5, "low": 0.4, "high": 0.6})
    '.40 to .60'
    """
    return "" if estimate["low"] is None else f"{coefficient(estimate['low'])} to {coefficient(estimate['high'])}"


def share_between(estimate: Facts) -> str:
    r"""Format an interval of shares, as `between`.

    >>> share_between({"low": 0.412, "high": 1.0})
    '41 to 100\xa0%'
    """
    return "" if estimate["low"] is None else f"{100 * estimate['low']:.0f} to {percent(estimate['high'], 0)}"


ANSWERS = ("dismissed", "contested", "mended")
"""What people can say of a check's finding, in the order of the tables."""


def answered_findings(lines: Sequence[Facts]) -> list[Facts]:
    """Return the lines of checks whose findings somebody answered."""
    return [line for line in lines if any(line[name] for name in ANSWERS)]


def quality_gaps(line: Facts) -> str:
    """Say what a line on translations cannot tell, and why; "" for nothing.

    >>> quality_gaps({"drafts": 3, "few": True, "ungraded": 0})
    'too few to say (3)'
    >>> quality_gaps({"drafts": 9, "few": False, "ungraded": 2})
    '2 without named errors'
    """
    if line["few"]:
        return f"too few to say ({line['drafts']})"
    return f"{line['ungraded']} without named errors" if line["ungraded"] else ""


def keys(line: Facts) -> str:
    """Say what is known of the keys of one language's drawn translations.

    >>> keys({"drawn": 9, "unread": 2, "one": 5, "two": 1, "disputed": 1, "outdated": 0, "nobody": 1})
    '7 of 9 drawn were answered blind, 1 disputed; of 1 nobody without a part in it is left to ask'
    >>> keys({"drawn": 4, "unread": 1, "one": 3, "two": 0, "disputed": 0, "outdated": 1, "nobody": 0})
    '3 of 4 drawn were answered blind, none disputed; 1 in a former text only'
    """
    read = f"{line['drawn'] - line['unread']} of {line['drawn']} drawn were answered blind"
    parts = [f"{read}, {line['disputed'] or 'none'} disputed"]
    if line["outdated"]:
        parts.append(f"{line['outdated']} in a former text only")
    if line["nobody"]:
        parts.append(f"of {line['nobody']} nobody without a part in it is left to ask")
    return "; ".join(parts)


def labels(line: Facts) -> str:
    """Describe how often each label was given; options, which mean nothing across questions, are summed.

    >>> labels({"question": "recommendation", "labels": {"drop": 1, "keep": 5}})
    'drop 1, keep 5'
    >>> labels({"question": "blind_answer", "labels": {"none": 1, "1": 5, "2": 3}})
    'none 1, an option 8'
    """
    counts = dict(line["labels"])
    if line["question"] == "blind_answer":
        counts = {"none": counts["none"], "an option": sum(counts.values()) - counts["none"]}
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def duration(seconds: float | None) -> str:
    """Format seconds as people say them.

    >>> duration(42.4), duration(95), duration(600), duration(None)
    ('42 s', '1:35 min', '10:00 min', '–')
    """
    if seconds is None:
        return "–"
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60}:{whole % 60:02d} min"


def clock(seconds: float | None) -> str:
    """Format seconds as minutes and seconds, for columns.

    >>> clock(42.4), clock(600), clock(None)
    ('0:42', '10:00', '–')
    """
    return "–" if seconds is None else f"{round(seconds) // 60}:{round(seconds) % 60:02d}"


def place(line: Facts) -> str:
    """Name a stage and its language, if known; work outside the usual is marked.

    >>> place({"stage": "judging", "language": "eng_Latn", "copy": None})
    'judging, English'
    >>> place({"stage": "judging", "language": None, "copy": "recheck"})
    'judging (rechecks)'
    """
    named = f"{line['stage']}, {language_name(line['language'])}" if line["language"] else str(line["stage"])
    return f"{named} ({COPIES[line['copy']]})" if line["copy"] else named


def invoiced(counts: Mapping[str, int]) -> str:
    """Describe what can be invoiced of one kind of work; "" for nothing.

    >>> invoiced({"questions": 2, "question_words": 51, "answers": 1, "judgements": 0})
    '2 questions (51 words), 1 answer'
    >>> invoiced({"quizzes": 1, "trials": 2, "trial_words": 40})
    '1 quiz, 2 trial questions (40 words)'
    """
    parts = []
    for name, (one, many) in _COUNTED.items():
        if number := counts.get(name, 0):
            words = [f"{counts[of]:,} {says}" for of, says in _WORDS_OF.get(name, {}).items() if counts.get(of)]
            beside = f" ({', '.join(words)})" if words else ""
            parts.append(f"{number:,} {one if number == 1 else many}{beside}")
    return ", ".join(parts)


_COUNTED = {
    "questions": ("question", "questions"),
    "translations": ("translation", "translations"),
    "proofread": ("proofread", "proofread"),
    "quizzes": ("quiz", "quizzes"),
    "trials": ("trial question", "trial questions"),
    "guesses": ("guess", "guesses"),
    "answers": ("answer", "answers"),
    "judgements": ("judgement", "judgements"),
    "adjudications": ("adjudication", "adjudications"),
    "prompt_words": ("page of prompt words", "pages of prompt words"),
}

_WORDS_OF = {
    "questions": {"question_words": "words"},
    "translations": {"source_words": "words of source", "target_words": "written"},
    "proofread": {"proofread_words": "words"},
    "trials": {"trial_words": "words"},
}
"""The counts of words that go with another count, and their name there."""


def sentence(document: Facts) -> str:
    """Return the report in one sentence."""
    main = _main(document["agreement"])
    if main is None:
        return "No item was looked at by two people independently so far, so nothing can be said of agreement."
    agreeing = f"{percent(main['percent']['value'])} of the first two {_WHOSE[main['question']]} are the same"
    alpha, ac1 = main["alpha"], main["ac1"]
    beyond = f"AC1 {coefficient(ac1['value'])}"
    if alpha["value"] is not None:
        reach = f", 95\u00a0% interval {between(alpha)}" if alpha["low"] is not None else ""
        beyond = f"Krippendorff’s α {coefficient(alpha['value'])}{reach}; {beyond}"
    told = f"{agreeing} ({beyond}), over {plural(main['units'], 'item')} on {plural(main['passages'], 'passage')}."
    if too_wide(alpha["low"], alpha["high"]):
        return f"{told} Too few items to tell how far they agree beyond chance."
    few = too_few("items", main["percent"]["low"], main["percent"]["high"])
    return f"{told} {few}".rstrip()


_WHOSE = {
    "recommendation": "recommendations",
    "blind_answer": "blind answers",
    "proofreading": "proofreaders’ verdicts",
}


def _main(agreement: Sequence[Facts]) -> Facts | None:
    read = [line for line in agreement if line["units"]]
    for question in _WHOSE:
        for line in read:
            if line["question"] == question:
                return line
    return None


def look(document: Facts) -> Iterator[str]:
    """Yield what is worth a look, one sentence each; none of it accuses."""
    for person in document["people"]:
        who = person["person"]
        for line in person["work"]:
            if line["unusual"]:
                beside = f"median {duration(line['seconds'])}, others {duration(line['others'])}"
                yield f"{who} is {line['unusual']} in {place(line)}: {beside} (robust z {number(line['z'])})"
            if line["at_once"]:
                texts = f"{line['at_once']} of {plural(line['texts'], 'text')}"
                yield f"{who}, {place(line)}: {texts} faster than anybody types, so pasted or brought along"
            if line["capped"]:
                tasks = plural(line["capped"], "task")
                yield f"{who}, {place(line)}: {tasks} open for more than half an hour, counted as half an hour"
    if document["outside"]:
        return
    for key, says in (("consent", "no consent"), ("native", "no native language")):
        without = [person["person"] for person in document["people"] if not person[key]]
        if without and len(without) < len(document["people"]):
            yield f"{says} is recorded of {', '.join(without)}"
