"""The wording of numbers, lists and languages in every report; the audit's own is `audit_report.audit_phrases`.

It is a module of its own because the audit's report loads the drawing library, and not every report has figures.
"""

from __future__ import annotations

from collections.abc import Sequence

from data.languages import canonical, iso_name, languages


def number(value: float | None, decimals: int = 1) -> str:
    """Format a number with a true minus sign, which 0 never has.

    >>> number(-2.345), number(12345, 0), number(-0.04)
    ('−2.3', '12,345', '0.0')
    """
    return "–" if value is None else f"{round(value, decimals) + 0.0:,.{decimals}f}".replace("-", "−")


def coefficient(value: float | None) -> str:
    """Format a coefficient of agreement with two decimals.

    >>> coefficient(0.7434), coefficient(-0.05), coefficient(None), coefficient(1.0)
    ('.74', '−.05', '–', '1.00')
    """
    said = number(value, 2)
    return said.replace("0.", ".", 1) if value is not None and abs(value) < 0.995 else said


def rough(count: float) -> str:
    """Format an expected number to two digits.

    >>> rough(0), rough(0.0123), rough(0.5), rough(12.34), rough(1234.5)
    ('0', '.012', '.5', '12', '1,234')
    """
    return f"{count:,.0f}" if count >= 10 or not count else f"{count:.2g}".removeprefix("0")


def plural(count: int, noun: str, several: str = "") -> str:
    """Return a count and its noun.

    >>> plural(1, "item"), plural(1200, "item"), plural(2, "class", "classes")
    ('1 item', '1,200 items', '2 classes')
    """
    return f"{count:,} {noun if count == 1 else several or noun + 's'}"


def listed(parts: Sequence[str], most: int = 0) -> str:
    """Join words as a sentence lists them; of more than `most` (0: any number) the rest is counted.

    >>> listed(["a", "b", "c"]), listed(["a", "b", "c", "d"], 2)
    ('a, b and c', 'a, b and 2 more')
    """
    said = list(parts)
    if most and len(said) > most:
        said = [*said[:most], f"{len(said) - most} more"]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}" if said else ""


def language_name(code: str) -> str:
    """Return a language's English name, for a code in the table of languages or ISO 639-1; else the code.

    >>> language_name("swh_Latn"), language_name("et"), language_name("pt-BR"), language_name("und")
    ('Swahili', 'Estonian', 'Portuguese (pt-BR)', 'the set')
    """
    if code == "und":
        return "the set"
    if known := languages().get(canonical(code)):
        return known.name
    name = iso_name(code) or code
    return name if name == code or len(code) == 2 else f"{name} ({code})"
