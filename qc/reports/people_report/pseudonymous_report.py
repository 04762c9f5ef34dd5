"""The pseudonymous report, for outside readers: pseudonyms for codes, no agencies, no small groups.

A pseudonym alone hides nobody: the only proofreader of Tibetan is known by that. So in a report for outside
readers a person's work is shown by stage and not by language, work that fewer than three people did is left out,
native languages are only counted, and groups of one or two are merged. The quality of translations, and what was
said of findings in them, is left out for a language that fewer than three people translated or proofread, and
counted. Totals over everybody are unchanged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

SMALL = 3
"""The least number of people in a group that is shown."""

Facts = dict[str, Any]


def outside(document: Mapping[str, Any], pseudonyms: Mapping[str, str]) -> Facts:
    """Return a document without codes, agencies and small groups.

    Args:
        document: as `schema()` describes it, with codes.
        pseudonyms: by code, of everybody in it.
    """
    people = document["people"]
    crowd = Counter(work for line in people for work in _works(line["work"]))
    shown = {work for work, count in crowd.items() if count >= SMALL}
    lines = [_line(line, pseudonyms[line["person"]], shown) for line in people]
    seen = dict(document["measures"]["seen"], people={})
    quality = [line for line in document["quality"] if min(line["translators"], line["proofreaders"]) >= SMALL]
    return {
        **document,
        "outside": True,
        "agreement": [dict(line, people=_many(line["people"])) for line in document["agreement"]],
        "accuracy": [line for line in document["accuracy"] if line["people"] >= SMALL],
        "measures": dict(document["measures"], seen=seen),
        "quality": quality,
        "findings": [
            one for one in document["findings"] if one["language"] in {line["language"] for line in quality}
        ],
        "quality_left_out": len(document["quality"]) - len(quality),
        "people": sorted((line for line in lines if line["work"]), key=lambda line: str(line["person"])),
        "agencies": [],
        "background": background(people),
    }


def background(people: Sequence[Mapping[str, Any]]) -> Facts:
    """Count people by native language and by consent; groups of one or two are merged."""
    native = Counter(language for line in people for language in line["native"])
    large = {language: count for language, count in sorted(native.items()) if count >= SMALL}
    rest = sum(native.values()) - sum(large.values())
    return {
        "people": len(people),
        "native": large | ({"other": rest} if rest >= SMALL else {}),
        "native_unknown": sum(not line["native"] for line in people),
        "consent": sum(line["consent"] is not None for line in people),
    }


StageOrCopy = tuple[str, str | None]
"""A stage, and the kind of copy where it is shown separately."""


def _line(line: Mapping[str, Any], name: str, shown: set[StageOrCopy]) -> Facts:
    answering, judging = ("answering", None) in shown, ("judging", None) in shown
    return {
        "person": name,
        "roles": [],
        "languages": [],
        "native": [],
        "consent": None,
        "agency": None,
        "work": [_together(work, line["work"]) for work in _works(line["work"]) if work in shown],
        "translated": _translated(line["translated"]) if ("translating", None) in shown else [],
        "blind": line["blind"] if answering else _NOTHING,
        "guesses": line["guesses"]
        if ("guessing", None) in shown
        else _NOTHING | {"chance": line["guesses"]["chance"]},
        "consensus": {k: v for k, v in line["consensus"].items() if (_STAGE[k], None) in shown},
        "reliability": line["reliability"] if judging else None,
        "invoice": None,
    }


_NOTHING: Facts = {"n": 0, "right": {"value": None, "low": None, "high": None}}

_STAGE = {
    "blind_answer": "answering",
    "rubric": "judging",
    "recommendation": "judging",
    "proofreading": "proofreading",
}

_ADDED = ("done", "open", "invalid", "sent_back", "decided", "timed", "hours", "capped", "texts", "at_once")


def _works(work: Sequence[Mapping[str, Any]]) -> list[StageOrCopy]:
    return list(dict.fromkeys((one["stage"], one["copy"]) for one in work if one["done"]))


def _together(kind: StageOrCopy, work: Sequence[Mapping[str, Any]]) -> Facts:
    """Sum a person's work of one kind over all languages; times are not combined across languages."""
    stage, copy = kind
    mine = [one for one in work if (one["stage"], one["copy"]) == kind]
    alone = mine[0] if len(mine) == 1 else {}
    times = ("seconds", "quartiles", "others", "z")
    return {
        "stage": stage,
        "language": None,
        "copy": copy,
        **{name: sum(one[name] for one in mine) for name in _ADDED},
        **{name: alone.get(name) for name in times},
        "unusual": alone.get("unusual", ""),
    }


def _translated(lines: Sequence[Mapping[str, Any]]) -> list[Facts]:
    """Return the figures of somebody who translated into one language; those of several are not combined."""
    return [{**line, "language": None} for line in lines] if len(lines) == 1 else []


def _many(count: int) -> int | None:
    return count if count >= SMALL else None
