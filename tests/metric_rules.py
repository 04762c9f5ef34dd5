"""The rules of Prometheus' `promtool check metrics`, and ours: what metrics are about; that they name nobody."""

from __future__ import annotations

import re

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

LABELS = {"campaign", "code", "endpoint", "language", "le", "method", "outcome", "stage", "trouble", "version",
          "label_studio", "who", "place"}  # fmt: skip
"""The labels that metrics may have: each has few values, and none is a person's."""


def families(text: str) -> dict[str, set[str]]:
    """Return each of our metrics on a page, as one writes it, with its labels."""
    found = {}
    for family in text_string_to_metric_families(text):
        name = family.name + ("_total" if family.type == "counter" else "")
        if name.startswith("belebele_"):
            found[name] = {label for one in family.samples for label in one.labels} - {"le"}
    return found


def listed(guide: str) -> dict[str, set[str]]:
    """Return the metrics that a guide's tables list, with their labels."""
    rows = re.findall(r"^\| `(belebele_\w+)` \|([^|]*)\| [^|]+ \|$", guide, re.MULTILINE)
    return {name: set(re.findall(r"`(\w+)`", cell)) for name, cell in rows}


_NOT_BASE = re.compile(
    r"(?:^|_)(?:ms|milliseconds|minutes|hours|days|kb|kib|mb|mib|kilobytes|percent|celsius)(?:_|$)"
)
_RESERVED = ("_total", "_bucket", "_sum", "_count", "_info")


def broken_rules(text: str) -> list[str]:
    """Return which rules a page of metrics breaks, in words.

    Args:
        text: in Prometheus' text format.
    """
    found: list[str] = []
    if not text.endswith("\n"):
        found.append("the last line has no end")
    helps = re.findall(r"^# HELP (\S+) (.*)$", text, re.MULTILINE)
    found += [f"{name} is explained {count} times" for name in {n for n, _ in helps}
              if (count := [n for n, _ in helps].count(name)) > 1]  # fmt: skip
    seen: set[tuple[str, tuple[tuple[str, str], ...]]] = set()
    for family in text_string_to_metric_families(text):
        if family.name.startswith(("process_", "python_")):
            continue  # the library's own
        found += _of_family(family)
        for sample in family.samples:
            series = (sample.name, tuple(sorted(sample.labels.items())))
            found += [f"{series} stands there twice"] if series in seen else []
            found += [f"{sample.name} has the label {one}" for one in sample.labels if one not in LABELS]
            seen.add(series)
    return found


def _of_family(family: Metric) -> list[str]:
    found = []
    name = family.name + ("_total" if family.type == "counter" else "")
    if not re.fullmatch(r"belebele(?:_[a-z0-9]+)+", name):
        found.append(f"{name} is no name of ours")
    if not family.documentation.endswith("."):
        found.append(f"{name} has no sentence that explains it")
    if family.type not in ("counter", "gauge", "summary", "histogram"):
        found.append(f"{name} is of type {family.type}")
    if family.type == "gauge" and name.endswith(_RESERVED) and not name.endswith("_info"):
        found.append(f"{name} is a gauge by another's name")
    if _NOT_BASE.search(name):
        found.append(f"{name} is not in a base unit")
    if "_seconds" in name and not re.search(r"_seconds(?:_total)?$", name):
        found.append(f"{name} does not end in its unit")
    if family.type == "counter" and any(not sample.name.endswith("_total") for sample in family.samples):
        found.append(f"{name} is a counter that does not end in _total")
    return found
