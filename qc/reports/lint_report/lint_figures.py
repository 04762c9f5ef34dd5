"""The page's figures, drawn as SVG without a library: they are bars, and a lint should answer in a second.

Colours come from the page's style sheet; their meaning is written beside them too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from qc.lint.finding import LEVELS

_WIDTH, _ROW, _LEFT, _RIGHT = 720, 24, 210, 70


def by_check(counts: Sequence[tuple[str, Mapping[str, int]]]) -> str:
    """Draw a bar for each check, as long as the number of its findings, divided by level.

    Args:
        counts: the findings of each check by level, in the order of the bars.
    """
    most = max((sum(levels.values()) for _, levels in counts), default=0)
    if not most:
        return ""
    scale = (_WIDTH - _LEFT - _RIGHT) / most
    parts = []
    for row, (check, levels) in enumerate(counts):
        top, at = row * _ROW, float(_LEFT)
        parts.append(f'<text x="{_LEFT - 10}" y="{top + 16}" text-anchor="end">{escape(check)}</text>')
        for level in LEVELS:
            if long := levels.get(level, 0) * scale:
                parts.append(
                    f'<rect class="{level}" x="{at:.1f}" y="{top + 4}" width="{max(long, 1.5):.1f}" height="16">'
                    f"<title>{levels[level]:,} {level}</title></rect>"
                )
                at += max(long, 1.5)
        parts.append(f'<text class="count" x="{at + 7:.1f}" y="{top + 16}">{sum(levels.values()):,}</text>')
    return _svg(_WIDTH, len(counts) * _ROW, "Findings by check", parts)


def positions(keys: Sequence[int], by_lot: Sequence[float]) -> str:
    """Draw how often the key is in each place, against the expected number by chance."""
    high, step = 120, 62
    most = max([*keys, *by_lot, 1])
    parts = []
    for place, (count, lot) in enumerate(zip(keys, by_lot, strict=True)):
        x, tall, line = 20 + place * step, high * count / most, 20 + high - high * lot / most
        parts += [
            f'<rect class="bar" x="{x}" y="{20 + high - tall:.1f}" width="40" height="{tall:.1f}"/>',
            f'<line class="lot" x1="{x - 7}" x2="{x + 47}" y1="{line:.1f}" y2="{line:.1f}"/>',
            f'<text text-anchor="middle" x="{x + 20}" y="{20 + high - max(tall, 20 + high - line) - 5:.1f}">'
            f"{count:,}</text>",
            f'<text class="count" text-anchor="middle" x="{x + 20}" y="{high + 37}">{place + 1}</text>',
        ]
    return _svg(20 + len(keys) * step, high + 44, "How often the key stands in each place", parts)


def _svg(width: int, height: int, label: str, parts: Sequence[str]) -> str:
    inside = "".join(parts)
    return (
        f'<svg role="img" aria-label="{escape(label)}" viewBox="0 0 {width} {height}" '
        f'style="width:{width}px" xmlns="http://www.w3.org/2000/svg">{inside}</svg>'
    )
