"""The copy of a campaign that a rehearsal plays: its settings and passages, at an address of its own.

Settings are copied, with these exceptions: fewer passages and languages, one server for everything, no messages,
and a person for every role that nobody has yet. The source is read in place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from data import storage
from data.campaign import new_campaign
from data.campaign.campaign import Campaign
from data.campaign.settings import Role
from data.errors import UsageError
from data.languages import language as find_language
from flows.runners.runner_choice import RunnerChoice

Raw = dict[str, Any]


def copied(address: str, *, passages: int, languages: Sequence[str], choice: RunnerChoice | None = None) -> str:
    """Return the text of the campaign.toml to rehearse.

    Args:
        address: the campaign's folder or object-store address.
        passages: how many of its passages, the first ones.
        languages: targets, by code or alias; all of the campaign's if empty.
        choice: who judges and learns, in place of what [compute] says.

    Raises:
        UsageError: a language that is not among the campaign's targets, or fewer than two passages.
        CampaignError: campaign.toml is wrong.
    """
    if passages < 2:
        raise UsageError(
            f"--passages is {passages}, and must be at least 2: wrong answers come from other passages"
        )
    campaign = Campaign.load(address)
    raw: Raw = campaign.tables()
    targets = _chosen(campaign, languages)
    raw["source"]["path"] = _absolute(campaign.source_path(address))
    raw["languages"]["targets"] = targets
    raw["questions"]["passages"] = min(passages, campaign.questions.passages or passages)
    raw["servers"] = {}
    raw["notify"] = {"enabled": False}  # nobody hears of a play
    if choice is not None:
        raw["compute"] = {"runner": choice.runner, "scheduler": choice.scheduler, "shared": choice.shared}
    _leave_out_languages(raw, targets)
    if glossary := raw["translation"].get("glossary"):
        raw["translation"]["glossary"] = _absolute(str(Path(address, glossary)))
    if memory := raw["translation"].get("memory"):
        raw["translation"]["memory"] = [_absolute(str(Path(address, file))) for file in memory]
    if folder := raw["guidelines"].get("folder"):
        raw["guidelines"]["folder"] = _absolute(storage.within(address, folder))
    for kind, path in raw["models"].items():
        if path:
            raw["models"][kind] = _absolute(campaign.model_path(address, kind))
    raw["people"] = list(_kept(raw["people"], [campaign.source.language, *targets]))
    raw["people"] += list(_lacking(raw, campaign, targets))
    return _toml(raw)


def _leave_out_languages(raw: Raw, targets: Sequence[str]) -> None:
    """Leave out what is said of languages that are not played."""
    if checked := raw["key_check"]["checked_languages"]:
        here = [code for code in checked if code in targets]
        raw["key_check"] = {"share": raw["key_check"]["share"] if here else 0.0, "checked_languages": here}
    if isinstance(pivots := raw["translation"]["pivot"], dict):
        kept = {code: pivot for code, pivot in pivots.items() if {code, pivot} <= {*targets}}
        raw["translation"]["pivot"] = kept or raw["source"]["language"]


def begin(
    address: str, folder: Path, *, passages: int, languages: Sequence[str], choice: RunnerChoice | None = None
) -> str:
    """Make the copy and return its address. Arguments and errors as of `copied`."""
    made = str(folder / "campaign")
    new_campaign.init(made, copied(address, passages=passages, languages=languages, choice=choice))
    return made


def _chosen(campaign: Campaign, languages: Sequence[str]) -> list[str]:
    targets = list(campaign.languages.targets)
    wanted = [find_language(code).code for code in languages]
    for code in wanted:
        if code not in targets:
            known = ", ".join(targets) or "none"
            raise UsageError(f"--languages: {code} is none of the campaign's target languages ({known})")
    return [code for code in targets if code in wanted] if wanted else targets


def _absolute(path: str) -> str:
    return path if storage.is_remote(path) else str(Path(path).expanduser().resolve())


def _kept(people: Sequence[Raw], languages: Sequence[str]) -> Iterator[Raw]:
    """Yield the people who work in these languages, restricted to them and to the one server."""
    for person in people:
        theirs = [code for code in person["languages"] if code in languages]
        if theirs:
            yield {**person, "languages": theirs}


def _lacking(raw: Raw, campaign: Campaign, targets: Sequence[str]) -> Iterator[Raw]:
    """Yield a person for every role that nobody has."""
    review = campaign.review
    reviewers = max(review.reviewers, review.max_reviewers or 0) + 2
    source = campaign.source.language
    wanted: list[tuple[Role, str, str, int]] = [
        ("authoring", source, "w", 3),
        ("reviewing", source, "r", reviewers),
    ]
    if campaign.recheck.recheck_share or (review.max_reviewers or 0) > review.reviewers:
        wanted.append(("adjudicating", source, "j", 1))
    for n, code in enumerate(targets, 1):
        wanted += [("translating", code, f"t{n}-", 2), ("proofreading", code, f"p{n}-", 2)]
    if campaign.baseline.items:
        wanted += [("baseline", code, f"b{n}-", 3) for n, code in enumerate([source, *targets])]
    taken = {person["code"] for person in raw["people"]}
    for role, code, stem, count in wanted:
        if not any(role in person["roles"] and code in person["languages"] for person in raw["people"]):
            free = (f"{stem}{n}" for n in range(1, 1000))
            new = [name for name in free if name not in taken][:count]
            yield from ({"code": name, "roles": [role], "languages": [code]} for name in new)


def _toml(raw: Raw) -> str:
    """Return settings as TOML, without nulls."""
    tables = [
        "\n".join(
            [f"[{name}]", *(f"{_key(key)} = {_value(value)}" for key, value in table.items() if value is not None)]
        )
        for name, table in raw.items()
        if name != "people"
    ]
    people = [
        "\n".join(
            ["[[people]]", *(f"{key} = {_value(value)}" for key, value in person.items() if value is not None)]
        )
        for person in raw["people"]
    ]
    return "\n\n".join([*tables, *people]) + "\n"


def _value(value: object) -> str:
    if isinstance(value, dict):
        inside = ", ".join(f"{_key(key)} = {_value(one)}" for key, one in value.items() if one is not None)
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


def _key(key: str) -> str:
    return json.dumps(key, ensure_ascii=False)
