"""The changelog of a release: what was corrected and withdrawn since the first version, newest version first."""

from __future__ import annotations

from collections.abc import Iterator

from data.release.description.release_description import ReleaseDescription
from data.release.versions.errata import Erratum, WithdrawnItem, version_order

FILE = "CHANGELOG.md"

_SHOWN = 3  # languages whose changes are shown; the manifest has all


def changelog_files(release: ReleaseDescription) -> dict[str, bytes]:
    """Return the changelog by its path; none where nothing was corrected or withdrawn."""
    if not release.errata and not release.withdrawn:
        return {}
    versions = {one.version for one in release.errata} | {one.version for one in release.withdrawn}
    lines = [
        f"# Corrections of {plain(release.title)}",
        "",
        "What users of earlier versions reported and what became of it. `manifest.json` has every change.",
        "Items and languages that were added are not listed here.",
    ]
    for version in sorted(versions, key=version_order, reverse=True):
        lines += ["", f"## {version}", ""]
        for gone in (one for one in release.withdrawn if one.version == version):
            lines += _withdrawn(gone)
        for erratum in (one for one in release.errata if one.version == version):
            lines += _corrected(erratum)
    return {FILE: ("\n".join(lines) + "\n").encode()}


def thanks(credit: str, url: str) -> str:
    """Return whom a correction thanks and where it can be read, as Markdown; "" for neither."""
    said = f" Reported by {_sentence(credit)}" if credit else ""
    return f"{said} See <{url}>." if url else said


def _withdrawn(one: WithdrawnItem) -> Iterator[str]:
    yield f"- Withdrawn: `{one.item_id}` ({one.split}). {_sentence(one.reason)}{thanks(one.credit, one.url)}"


def _corrected(one: Erratum) -> Iterator[str]:
    where = f"`{one.item_id}` in `{one.language}`" + (f", `{one.part}`" if one.part else "")
    yield f"- Corrected: {where}. {_sentence(one.error)}{thanks(one.credit, one.url)}"
    codes = sorted({change.language for change in one.changes}, key=lambda code: (code != one.language, code))
    for change in one.changes:
        if change.language in codes[:_SHOWN]:
            yield f"  - `{change.language}`, `{change.field}`: {plain(change.old)} → {plain(change.new)}"
    if len(codes) > _SHOWN:
        yield f"  - and in {len(codes) - _SHOWN} more languages"


def _sentence(text: str) -> str:
    return plain(text if text[-1:] in ".!?…。" else f"{text}.")


def plain(text: str) -> str:
    """Return a text that Markdown shows as it is."""
    return "".join(f"\\{one}" if one in "\\`*_[]<>#|" else one for one in " ".join(text.split()))
