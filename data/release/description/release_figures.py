"""A release's figures, drawn as SVG straight from its description.

They are bars and words only, so no plotting library stands between the numbers and the bytes: no ids that a salt
must fix, no fonts measured on this machine. The data sheet holds the same drawings as the files beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from data.release.description.release_description import ReleaseDescription
from data.release.evidence_file import LEVELS

FOLDER = "figures"

_WIDTH, _LABELS, _NUMBERS, _LINE = 640, 210, 70, 18
_TONES = ("#2f5d8a", "#8fb3d4", "#d9a441", "#b5483a")
_EMPTY = "#c9ced6"


def figures(release: ReleaseDescription) -> dict[str, str]:
    """Return the figures as SVG, by name."""
    names = {one.code: f"{one.name} ({one.code})" for one in release.languages}
    lengths = [(names[one.code], one.splits["test"].passage_length) for one in release.languages]
    drawn = {
        "passage_lengths": _bars("Mean length of a passage in test, in characters", lengths, "{:,.0f}"),
        "correct_answers": _bars(
            "Items by place of the correct answer",
            [
                (f"{split.name}, place {place}", float(number))
                for split in release.splits
                for place, number in sorted(split.correct_answers.items())
            ],
            "{:,.0f}",
        ),
        "families": _bars("Languages by family", _families(release), "{:,.0f}"),
    }
    if release.key_evidence:
        levels = [(names.get(one.language, one.language), one.levels) for one in release.key_evidence]
        drawn["key_evidence"] = _shares("Evidence of keys: share of items by level", levels, LEVELS)
    return drawn


def figure_files(release: ReleaseDescription) -> dict[str, bytes]:
    """Return the figures as files of the release, by their paths."""
    return {f"{FOLDER}/{name}.svg": f"{drawing}\n".encode() for name, drawing in figures(release).items()}


def _families(release: ReleaseDescription) -> list[tuple[str, float]]:
    counts: dict[str, int] = {}
    for one in release.languages:
        counts[one.family or "unknown"] = counts.get(one.family or "unknown", 0) + 1
    return sorted(((name, float(number)) for name, number in counts.items()), key=lambda one: (-one[1], one[0]))


def _bars(title: str, values: Sequence[tuple[str, float]], form: str) -> str:
    longest = max((value for _, value in values), default=0.0) or 1.0
    room = _WIDTH - _LABELS - _NUMBERS
    parts = []
    for place, (label, value) in enumerate(values):
        top, width = _LINE * (place + 2), room * value / longest
        parts.append(_word(_LABELS - 8, top, label, "end"))
        parts.append(_bar(_LABELS, top, width, _TONES[0]))
        parts.append(_word(_LABELS + width + 6, top, form.format(value), "start"))
    return _drawing(title, len(values) + 1, parts)


def _shares(title: str, values: Sequence[tuple[str, Mapping[str, int]]], levels: Sequence[str]) -> str:
    room = _WIDTH - _LABELS - _NUMBERS
    tones = (_EMPTY, _TONES[1], _TONES[0], _TONES[3])
    parts, left = [], float(_LABELS)
    for level, tone in zip(levels, tones, strict=True):
        parts += [_bar(left, _LINE * 2, 12, tone), _word(left + 17, _LINE * 2, level, "start")]
        left += 100
    for place, (label, counts) in enumerate(values):
        top, left = _LINE * (place + 3), float(_LABELS)
        total = sum(counts.get(level, 0) for level in levels) or 1
        parts.append(_word(_LABELS - 8, top, label, "end"))
        for level, tone in zip(levels, tones, strict=True):
            width = room * counts.get(level, 0) / total
            parts.append(_bar(left, top, width, tone))
            left += width
        parts.append(_word(_LABELS + room + 6, top, f"{total:,}", "start"))
    return _drawing(title, len(values) + 2, parts)


def _drawing(title: str, lines: int, parts: Sequence[str]) -> str:
    height = _LINE * lines + 8
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" '
            f'height="{height}" role="img" font-family="sans-serif" font-size="12" fill="#1c2430">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
            f'<text x="0" y="14" font-weight="bold">{escape(title)}</text>',
            *parts,
            "</svg>",
        ]
    )


def _bar(left: float, top: float, width: float, tone: str) -> str:
    return f'<rect x="{left:.1f}" y="{top - 11:.1f}" width="{width:.1f}" height="12" fill="{tone}"/>'


def _word(left: float, top: float, text: str, anchor: str) -> str:
    return f'<text x="{left:.1f}" y="{top}" text-anchor="{anchor}">{escape(text)}</text>'
