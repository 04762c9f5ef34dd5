"""What each check flags in each language, beside what it would flag by chance, for a campaign's translations.

An item counts once in its language, by its latest revision. Checks whose false alarms were never measured have no
expected number, and are never called unusual.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flows.calibrations.false_alarm_rates import false_alarm_rates, item_verdicts
from flows.campaign_state import State, ledger_view
from flows.check_suites import EVERY_TRANSLATED
from flows.ledger_views.current_items import current_translations
from qc.checks.translation_checks import edit_rates
from qc.reports.phrases import rough
from qc.set_statistics.expected_flags import FlagCount, unusual


@ledger_view
def check_flags(state: State) -> list[dict[str, Any]]:
    """Return a line for each check and target language in which it judged something.

    Returns:
        check, language, judged, flagged, expected (None where it was never measured), rate (of false alarms, or
        None), rate_from (`qc.set_statistics.expected_flags.RateSource`, or None), unusual (None where nothing is
        expected).
    """
    now = current_translations(state)
    now = now[~now["stale"] & now["kept_question"]]
    if now.empty:
        return []
    names = {check.name for check in EVERY_TRANSLATED} - {edit_rates.name}
    verdicts = item_verdicts(state, now, names)
    totals = verdicts.groupby(["check", "language"])["flagged"].agg(["size", "sum"])
    rates = false_alarm_rates(state)
    counts = [
        FlagCount(str(check), str(language), int(judged), int(flagged), rates.get((str(check), str(language))))
        for (check, language), judged, flagged in zip(totals.index, totals["size"], totals["sum"], strict=True)
    ]
    return [
        {
            "check": one.check,
            "language": one.language,
            "judged": one.judged,
            "flagged": one.flagged,
            "expected": one.expected,
            "rate": one.by_chance.rate if one.by_chance else None,
            "rate_from": str(one.by_chance.source) if one.by_chance else None,
            "unusual": odd,
        }
        for one, odd in zip(counts, unusual(counts), strict=True)
    ]


def unusual_in_words(flags: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the cells with more flags than chance explains, the most first."""
    odd = [one for one in flags if one["unusual"]]
    for one in sorted(odd, key=lambda line: (line["expected"] - line["flagged"], line["check"], line["language"])):
        yield (
            f"{one['check']} in {one['language']} {one['flagged']} of {one['judged']} "
            f"({rough(one['expected'])} expected)"
        )
