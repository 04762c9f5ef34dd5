"""The wording of numbers and names, the same on the page, in the terminal and in the verdict's sentences.

A share is a percentage with one decimal, since one item of 900 is a tenth of a point. A p-value by permutation is
never 0 and never printed as if it were. A language is called by its English name where the table of languages
knows its code.
"""

from __future__ import annotations

from dataclasses import replace

from qc.reports.phrases import language_name as language_name
from qc.reports.phrases import listed as listed
from qc.reports.phrases import number as number
from qc.reports.phrases import plural as plural
from qc.set_statistics.cue_kinds import CueName

INPUTS = {
    "options": "options only",
    "question+options": "question + options",
    "passage+options": "passage + options",
    "full": "full input",
    "logit": "weighed together",
}
"""The inputs of learners, in readers' words; other cues go by their names."""

LAYERS = {
    "heuristics": "named heuristics",
    "tokens": "telling tokens",
    "learners": "learners on partial inputs",
    "network": "network trained from scratch",
    "encoder": "pretrained encoder",
}
"""The names of layers, in readers' words."""


_MILLION = 6  # as a power of ten; nobody compares larger ratios


def percent(share: float | None, decimals: int = 1) -> str:
    r"""Format a share as a percentage; the space does not break.

    >>> percent(0.3123), percent(None)
    ('31.2\xa0%', '–')
    """
    return "–" if share is None else f"{100 * share:.{decimals}f}\u00a0%"


def times(exponent: float | None) -> str:
    """Format a ratio from its logarithm to base 10, in two digits.

    >>> times(2.4), times(5.3), times(12), times(0.1), times(-2), times(None)
    ('250', '200,000', '> 1,000,000', '1.3', '0.01', '–')
    """
    if exponent is None:
        return "–"
    if exponent >= _MILLION:
        return "> 1,000,000"
    rounded = float(f"{10**exponent:.2g}")
    return f"{rounded:,.0f}" if rounded >= 10 else f"{rounded:g}"


def points(difference: float | None) -> str:
    """Format a difference of shares, signed, in points.

    >>> points(0.0612), points(-0.02), points(0.00001)
    ('+6.1', '−2.0', '0.0')
    """
    if difference is None:
        return "–"
    said = f"{abs(100 * difference):.1f}"
    return said if said == "0.0" else f"{'+' if difference > 0 else '−'}{said}"


def probability(p: float | None) -> str:
    r"""Format a p-value.

    >>> probability(0.000999), probability(0.0432), probability(0.0001), probability(1.0)
    ('.001', '.043', '<\xa0.001', '1')
    """
    if p is None:
        return "–"
    if p < 0.0005:
        return "<\u00a0.001"
    return "1" if p > 0.9995 else f"{p:.3f}".removeprefix("0")


def is_probability(p: float | None) -> str:
    r"""Format a p-value after the letter p.

    >>> is_probability(0.012), is_probability(0.0001)
    ('=\xa0.012', '<\xa0.001')
    """
    said = probability(p)
    return said if said.startswith("<") else f"=\u00a0{said}"


def in_words(count: int) -> str:
    """Return a small number as a word.

    >>> in_words(3), in_words(12)
    ('three', '12')
    """
    small = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    return small[count] if count < len(small) else f"{count:,}"


def capitalised(text: str) -> str:
    """Return a sentence's beginning with a capital; the rest stays as it is.

    >>> capitalised("the longest")
    'The longest'
    """
    return text[:1].upper() + text[1:]


def cue_name(name: str) -> str:
    """Return a cue's short name as words; a token is in quotation marks.

    >>> cue_name("most_like_question"), cue_name("token:never"), cue_name("options, shuffled")
    ('most like question', '“never”', 'options only, shuffled')
    """
    told = CueName.read(name)
    if told.kind.is_token:
        return " / ".join(f"“{token}”" for token in told.parts)
    ordered = str(replace(told, shuffled=False))
    return INPUTS.get(ordered, ordered.replace("_", " ")) + (", shuffled" if told.shuffled else "")


def guise(name: str, z: float) -> str:
    """Return a cue's name and its direction, as part of a list.

    >>> guise("longest", 4.0), guise("token:never", -5.0)
    ('longest', '“never” (seldom)')
    """
    return cue_name(name) + ("" if z > 0 else " (seldom)")


def token_names(name: str) -> tuple[str, ...]:
    """Return the tokens that share one cue, because they occur in the same options.

    >>> token_names("token:above choices/the above"), token_names("characters:/")
    (('above choices', 'the above'), ('/',))
    """
    return CueName.read(name).parts
