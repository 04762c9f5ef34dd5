"""The site of a release (`belebele browse`): its items in every language side by side, for people to read.

Whatever the release holds is shown; with its campaign, also what became of each item on the way, in counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from data.campaign.campaign import Campaign
from data.campaign.contacts import names_and_addresses
from data.errors import ReleaseRefused
from data.languages import languages
from data.ledger import Ledger
from data.output_files import Outputs
from data.release.anonymity import People
from data.release.evidence_file import FILE as EVIDENCE_FILE
from data.release.item_columns import ANSWERS
from data.release.refusal_reasons import people_in_files
from data.release.release_content import ReleaseContent, content_of_folder
from data.release.versions.errata import errata_in, withdrawn_in
from flows.campaign_state import State
from flows.ledger_views.item_outcomes import Item, ItemOutcome, Share, item_outcomes
from qc.reports.browse_site.site_files import Fact, ShownItem, ShownLanguage, ShownText, site_files

_LEVELS = {
    "unread": "nobody has answered it blind in this language",
    "one": "confirmed by one blind reader",
    "two": "confirmed by two blind readers",
    "disputed": "disputed",
}

_PROOFREADER = {True: "accepted the draft as it was", False: "mended the draft", None: ""}


@dataclass(frozen=True)
class WrittenSite:
    """A site that was written: in words for a person, and as data."""

    lines: tuple[str, ...]
    facts: dict[str, Any]


def browse_release(release: str, out: str, campaign: str = "") -> WrittenSite:
    """Write the site of a release.

    Args:
        release: the release's folder, of any format.
        out: the site's folder.
        campaign: the address of the campaign that it was made from, for what became of the items; "" for none.

    Raises:
        ReleaseUnreadable: the folder holds no release, or its items cannot be read.
        ReleaseRefused: a text of the site would name a person of the campaign.
        UsageError: something in `out` was not written by this command.
    """
    content = content_of_folder(Path(release))
    outcomes, forbidden = _of_campaign(campaign, content)
    evidence = _evidence(Path(release))
    source = str(content.manifest.get("source_language", ""))
    codes = sorted(content.items["language"].unique(), key=lambda code: (code != source, code))
    files = site_files(
        str(content.manifest.get("title", "")), content.version, source,
        [_language(code) for code in codes], _items(content.items, outcomes, evidence, _corrected(content)),
        [(one.item_id, f"since {one.version}: {one.reason}") for one in withdrawn_in(content.manifest)],
    )  # fmt: skip
    if named := people_in_files(files, People(forbidden)):
        raise ReleaseRefused("the site cannot be made", named)
    Outputs.of_folder(out, "browse", [release]).write(files)
    items = content.items["item_id"].nunique()
    page = Path(out) / "index.html"
    line = f"{items} items in {len(codes)} languages; open {page}"
    return WrittenSite((line,), {"page": str(page), "items": items, "languages": codes})


def _of_campaign(campaign: str, content: ReleaseContent) -> tuple[dict[Item, list[Fact]], Sequence[str]]:
    if not campaign:
        return {}, ()
    state = State(Campaign.load(campaign), Ledger(campaign))
    items = zip(content.items["item_id"], content.items["language"], strict=True)
    forbidden = names_and_addresses(state.campaign.id)
    found = item_outcomes(state, items)
    return {item: _facts(outcome) for item, outcome in found.items()}, forbidden


def _facts(outcome: ItemOutcome) -> list[Fact]:
    """Return what became of an item in words."""
    told = [
        ("revisions", str(outcome.revisions)),
        ("answered blind", _chose(outcome.blind)),
        ("guessed without the passage", _chose(outcome.guesses)),
        ("reviewed", _some(outcome.reviews, "would keep it as it is")),
        ("read by fresh people", _chose(outcome.fresh)),
        ("proofreader", _PROOFREADER[outcome.draft_accepted]),
        ("noted by checks", ", ".join(outcome.noted)),
    ]
    return [fact for fact in told if fact[1]]


def _chose(readers: Share) -> str:
    return _some(readers, "chose the key")


def _some(people: Share, did: str) -> str:
    return f"{people.number} of {people.of} {did}" if people.of else ""


def _corrected(content: ReleaseContent) -> Mapping[Item, list[Fact]]:
    """Return what was corrected in each item after an earlier version."""
    found: defaultdict[Item, list[Fact]] = defaultdict(list)
    for one in errata_in(content.manifest):
        thanks = f" (reported by {one.credit})" if one.credit else ""
        for language in sorted({change.language for change in one.changes}):
            found[one.item_id, language].append((f"corrected in {one.version}", one.error + thanks))
    return found


def _evidence(release: Path) -> dict[Item, list[Fact]]:
    """Return what the release's evidence file says of each item's key; nothing where there is no such file."""
    if not (release / EVIDENCE_FILE).is_file():
        return {}
    rows = pq.read_table(release / EVIDENCE_FILE).to_pylist()
    return {(row["item_id"], row["dialect"]): [("key", _LEVELS.get(row["level"], row["level"]))] for row in rows}


def _items(
    items: pd.DataFrame,
    outcomes: Mapping[Item, list[Fact]],
    evidence: Mapping[Item, list[Fact]],
    corrected: Mapping[Item, list[Fact]],
) -> list[ShownItem]:
    by_item: dict[str, dict[str, ShownText]] = defaultdict(dict)
    about: dict[str, tuple[str, str, int]] = {}
    named = ("item_id", "language", "link", "split", "correct_answer_num", "flores_passage", "question")
    columns = [*named, *ANSWERS]
    ordered = items.sort_values(["link", "item_id", "language"], kind="stable")
    for item, language, link, split, key, passage, question, *options in ordered[columns].itertuples(False, None):
        place = (item, language)
        facts = (*corrected.get(place, ()), *evidence.get(place, ()), *outcomes.get(place, ()))
        by_item[item][language] = ShownText(passage, question, tuple(options), facts)
        about[item] = (link, split, int(key))
    return [ShownItem(item, *about[item], texts) for item, texts in by_item.items()]


def _language(code: str) -> ShownLanguage:
    known = languages().get(code)
    if known is None:
        return ShownLanguage(code, code, "", "auto")
    return ShownLanguage(code, known.name, known.bcp47 or "", known.direction)
