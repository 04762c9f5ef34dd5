"""Messages about mistakes in a campaign.toml, for the person who edits it.

Validation reports mistakes in terms of Python types; here they are restated in terms of the file: line, key, cure.
Mistakes between tables (a code used for two people, a language that is not listed) are looked for in the raw file,
so that they are found in the same pass even if another table is malformed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic_core import ErrorDetails

from data.campaign.renamed_keys import NEW_NAMES, as_written
from data.errors import UsageError
from data.intake.toml_lines import Key, line_of
from data.languages import language as find_language
from data.ledger.tables import Stage

TITLE_LIMIT = 50
"""Characters that Label Studio allows in a project's title."""

Mistake = tuple[Key, str, object]
"""Place in the file, what is wrong with the cure, and the wrong value."""


def explain(mistakes: Sequence[Mistake], raw: Mapping[str, Any], text: str) -> list[str]:
    """Return one line per mistake, in the order of the file: line if known, key, problem and cure.

    Args:
        mistakes: from `joint_problems` and `schema_problems`.
        raw: the parsed file, unchanged, possibly with old names of keys.
        text: the file.
    """
    placed = []
    for key, message, value in mistakes:
        written = as_written(key, raw)
        here = "" if written == key else f" (here {next(a for a, b in zip(written, key, strict=True) if a != b)})"
        placed.append((line_of(text, written, value) or 0, _readable_key(key, raw) + here, message))
    ordered = sorted(dict.fromkeys(placed))
    return [(f"line {line}, " if line else "") + f"{key}: {message}" for line, key, message in ordered]


def schema_problems(details: Sequence[ErrorDetails], known: Mapping[str, Sequence[str]]) -> Iterator[Mistake]:
    """Restate validation errors in plain words.

    Args:
        details: pydantic's.
        known: every table of the file and its keys.
    """
    for detail in details:
        key = tuple(part for part in detail["loc"] if not str(part).startswith("constrained-"))
        yield key, _message(detail, key, known), detail["input"]


def filled(raw: dict[str, Any]) -> dict[str, Any]:
    """Add the defaults that depend on other keys to the parsed file."""
    source = _dict(raw.get("source")).get("language", "eng_Latn")
    if _code(source) is None:
        return raw
    filled = dict(raw)
    if isinstance(raw.get("translation", {}), dict):
        filled["translation"] = {"pivot": source, **raw.get("translation", {})}
    if isinstance(people := raw.get("people"), list):
        filled["people"] = [{"languages": [source], **p} if isinstance(p, dict) else p for p in people]
    return filled


def _pivot_problems(given: object, source: str | None, targets: Sequence[str | None]) -> Iterator[Mistake]:
    """Yield what is wrong with a pivot for all languages, or with a table of pivots by language."""
    if _code(given) is not None and source is not None and _code(given) != source:
        cure = (
            f"every text is translated from {source}; write {source}, or [translation.pivot] with a line for each "
            f'language that has another one beside it, as quy_Latn = "{_code(given)}"'
        )
        yield ("translation", "pivot"), cure, given
    table = {_code(code): _code(pivot) for code, pivot in _dict(given).items()}
    for code, pivot in _dict(given).items():
        at, own, other = ("translation", "pivot", code), _code(code), _code(pivot)
        if own is None or other is None:
            continue  # the schema says so
        if own not in targets:
            yield at, f"{code} is not in languages.targets; add it there, or remove the line", pivot
        elif other == own:
            yield at, f"{code} cannot be its own pivot; name another language, or remove the line", pivot
        elif other == source:
            yield at, f"{pivot} is the source language, which every translator sees; remove the line", pivot
        elif other not in targets:
            yield at, f"its pivot {pivot} is not in languages.targets; add it there, or name another", pivot
        elif own in (circle := _circle(own, table)):
            yield at, f"{' → '.join([*circle, own])} is a circle; remove one of these lines", pivot


def _circle(code: str, pivots: Mapping[str | None, str | None]) -> list[str]:
    """Return the languages on the way from one through its pivots back to it; none if it never comes back."""
    way = [code]
    while (after := pivots.get(way[-1])) is not None and after not in way:
        way.append(after)
    return way if pivots.get(way[-1]) == code else []


def joint_problems(raw: Mapping[str, Any], role_of: Mapping[Stage, str]) -> Iterator[Mistake]:
    """Yield mistakes between tables that may each be right; tolerates any malformed input.

    Args:
        raw: the parsed and filled file.
        role_of: the role that does the work of each stage.
    """
    source = _code(_dict(raw.get("source")).get("language", "eng_Latn"))
    listed = _list(_dict(raw.get("languages")).get("targets"))
    targets = [_code(code) for code in listed]
    for n, code in enumerate(targets):
        if code is not None and code in targets[:n]:
            yield ("languages", "targets", n), f"{listed[n]} is listed twice; remove one", listed[n]
        if code is not None and code == source:
            yield ("languages", "targets", n), f"{listed[n]} is the source language; remove it here", listed[n]
    yield from _pivot_problems(_dict(raw.get("translation")).get("pivot"), source, targets)
    for n, checked in enumerate(_list(_dict(raw.get("key_check")).get("checked_languages"))):
        if _code(checked) is not None and _code(checked) not in targets:
            cure = f"{checked} is not among the languages that are translated into; add it to languages.targets"
            yield ("key_check", "checked_languages", n), cure, checked
    review = _dict(raw.get("review"))
    reviewers, at_most = review.get("reviewers", 2), review.get("max_reviewers")
    if isinstance(at_most, int) and isinstance(reviewers, int) and at_most < reviewers:
        cure = f"{at_most} is less than reviewers ({reviewers}); raise it, or leave it out"
        yield ("review", "max_reviewers"), cure, at_most
    agencies = {str(_dict(person).get("agency")) for person in _list(raw.get("people"))}
    for agency, server in _dict(_dict(raw.get("servers")).get("agencies")).items():
        if agency not in agencies:
            cure = f"{agency!r} is nobody's agency; write it as [[people]] do, or remove the line"
            yield ("servers", "agencies", agency), cure, server
    name = _dict(raw.get("campaign")).get("id")
    people = [_dict(person) for person in _list(raw.get("people"))]
    yield from _unlisted(people, (source, *targets)) if source is not None else ()
    for n, person in enumerate(people):
        code, known = (
            person.get("code"),
            [language for language in _list(person.get("languages")) if _code(language)],
        )
        if isinstance(code, str) and code in [before.get("code") for before in people[:n]]:
            yield ("people", n, "code"), f"{code!r} stands for two people; give one another code", code
        stages = [stage for stage, role in role_of.items() if role in _list(person.get("roles"))]
        titles = [f"{name}/{stage}/{_code(language)}/{code}" for stage in stages for language in known]
        title = max(titles, key=len, default="")
        if len(title) > TITLE_LIMIT and len(str(name)) <= 12 and len(str(code)) <= 10:
            message = (
                f"its workbench {title!r} has {len(title)} characters, {TITLE_LIMIT} are allowed; shorten the code"
            )
            yield ("people", n, "code"), message, code


def _unlisted(people: Sequence[Mapping[str, Any]], listed: Sequence[str | None]) -> Iterator[Mistake]:
    """Yield languages of people that the campaign does not list, each at the first person with it."""
    found: dict[str, list[tuple[int, str]]] = {}
    for n, person in enumerate(people):
        for language in _list(person.get("languages")):
            if (code := _code(language)) is not None and code not in listed:
                found.setdefault(code, []).append((n, language))
    for places in found.values():
        n, language = places[0]
        others = [str(people[other].get("code")) for other, _ in places[1:] if other != n]
        also = f" (of {', '.join(others)} too)" if others else ""
        message = f"{language}{also} is not among the campaign's languages; add it to languages.targets"
        yield ("people", n, "languages", _list(people[n]["languages"]).index(language)), message, language


def _message(detail: ErrorDetails, key: Key, known: Mapping[str, Sequence[str]]) -> str:
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    last = str(key[-1]) if key else ""
    if kind == "extra_forbidden":
        return _unknown_key(key, known)
    if kind == "missing":
        return "is missing; belebele init writes a campaign.toml with every key explained"
    if kind == "value_error":
        return str(context["error"])
    if key == ("questions", "answers_per_question"):
        return f"is {value!r}, and must be 4: forms and release hold four answers"
    if kind == "literal_error":
        allowed = re.findall("'([^']+)'", context["expected"])
        return f"{value!r} is none of {', '.join(allowed)}{near(value, allowed)}"
    if kind == "string_pattern_mismatch":
        return f"{value!r} cannot be used; {_PATTERNS.get(last, 'use a-z, 0-9 and _, at most 20 characters')}"
    if kind in ("greater_than_equal", "less_than_equal"):
        bound = f"at least {context['ge']}" if "ge" in context else f"at most {context['le']}"
        return f"is {value}, and must be {bound}"
    wanted = next((words for start, words in _TYPES.items() if kind.startswith(start)), None)
    if wanted is not None:
        return f"is {_toml(value)}, and must be {wanted}"
    return str(detail["msg"]).lower() + f", not {_toml(value)}"


_PATTERNS = {
    "id": "use 1 to 12 of a-z, 0-9 and -",
    "code": "use 1 to 10 of a-z, 0-9 and -",
    "homepage": "write an address that begins with https://",
}

_TYPES = {
    "string_type": "a text in quotes",
    "int_": "a whole number",
    "float_": "a number",
    "bool_": "true or false",
    "tuple_type": "a list in [ ]",
    "dict_type": "a table of key = value",
    "model_type": "a table of key = value",
    "model_attributes": "a table of key = value",
    "string_too_short": "a text of at least one character",
    "invalid-json-value": "a number, a text in quotes, true, false, or a list or table of them",
}


def _unknown_key(key: Key, known: Mapping[str, Sequence[str]]) -> str:
    section = str(key[0])
    if section == "people" and key[-1] in ("name", "email", "e-mail", "mail"):
        return "names and addresses of people never stand here; keep them with: belebele contact PERSON"
    if len(key) == 1:
        return f"there is no table [{section}]{near(section, list(known))}; known: {', '.join(known)}"
    keys = known.get(section, ())
    old = NEW_NAMES.get(section, {})
    meant = get_close_matches(str(key[-1]), [*keys, *old], n=1, cutoff=0.5)
    hint = f"; did you mean {old.get(meant[0], meant[0])!r}?" if meant else ""
    return f"there is no such key{hint}; known: {', '.join(keys)}"


def near(value: object, known: Sequence[str]) -> str:
    """Return '; did you mean …?' with the most similar known name, or "" if none is similar."""
    found = get_close_matches(str(value), known, n=1, cutoff=0.5)
    return f"; did you mean {found[0]!r}?" if found else ""


def _readable_key(key: Key, raw: Mapping[str, Any]) -> str:
    """Return a key's path for readers: people by code if they have one, else counted from 1."""
    if len(key) > 1 and key[0] == "people" and isinstance(key[1], int):
        person = _dict(_list(raw.get("people"))[key[1]])
        code = person.get("code")
        name = code if isinstance(code, str) and code else f"#{key[1] + 1}"
        return ".".join([f"people[{name}]", *(str(part) for part in key[2:] if not isinstance(part, int))])
    return ".".join(str(part) for part in key if not isinstance(part, int))


def _toml(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except TypeError:
        return str(value)


def syntax(message: str) -> str:
    """Return the TOML parser's message with the position first."""
    found = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", message)
    return f"line {found[2]}, column {found[3]}: {found[1]}" if found else message


def cron_problem(cron: str) -> str | None:
    """Return what is wrong with a cron line of five fields; None if it is valid."""
    fields = cron.split()
    if len(fields) != 5:
        return f"{cron!r} has {len(fields)} fields"
    spans = [("minute", 0, 59, ""), ("hour", 0, 23, ""), ("day", 1, 31, ""),
             ("month", 1, 12, "jan feb mar apr may jun jul aug sep oct nov dec"),
             ("weekday", 0, 7, "sun mon tue wed thu fri sat")]  # fmt: skip
    for field, (name, low, high, words) in zip(fields, spans, strict=True):
        numbers = {word: number for number, word in enumerate(words.split(), start=low)}
        for part in field.lower().split(","):
            found = re.fullmatch(r"(?:\*|(\w+)(?:-(\w+))?)(?:/(\d+))?", part)
            ends = [numbers.get(end, end) for end in (found[1], found[2]) if end] if found else []
            values = [int(end) if str(end).isdecimal() else -1 for end in ends]
            step = int(found[3]) if found and found[3] else 1
            if not found or not all(low <= v <= high for v in values) or values != sorted(values) or step < 1:
                return f"{part!r} is no {name} ({low} to {high})"
    return None


def _code(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        return str(find_language(value).code)
    except UsageError:
        return None


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
