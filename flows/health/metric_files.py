"""Files of metrics for the textfile collector of Prometheus' node_exporter.

No process of ours lives as long as a campaign: a run of `advance` ends within minutes. So what a run did is left
in a file that node_exporter serves, and what keeps the schedule writes another. A file is replaced as a whole; its
time of change, which node_exporter tells too, shows one that nobody writes any more. Metrics carry the campaign, a
stage, a language, an outcome: never a person.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from prometheus_client import CollectorRegistry, write_to_textfile
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from data.environment import state_dir
from data.errors import UsageError
from flows.services.schedule import room

VARIABLE = "BELEBELE_METRICS_DIR"

Samples = Iterable[tuple[Sequence[str], float]]
"""The values of labels, and the value."""


def metrics_folder() -> Path:
    """Return the folder of the files: the environment's, or `metrics` in the state folder; create it if missing.

    Raises:
        UsageError: the environment's is a relative path, or it cannot be made.
    """
    named = os.environ.get(VARIABLE, "")
    folder = Path(named) if named else state_dir().absolute() / "metrics"
    if not folder.is_absolute():
        raise UsageError(f"{VARIABLE} is {named!r}: name a folder by its whole path, as /var/lib/belebele/metrics")
    try:
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make {folder} ({error.strerror}); name another with {VARIABLE}") from None
    return folder


def write_metrics(address: str, part: str, found: Iterable[Metric]) -> Path:
    """Replace one of a campaign's files of metrics.

    Args:
        address: the campaign's folder or object-store address.
        part: what the file is about: "advance" or "schedule".
        found: the metrics.

    Returns:
        The file, `NAME-DIGEST-PART.prom`.

    Raises:
        OSError: the disk refuses.
    """
    registry = CollectorRegistry()
    registry.register(_Fixed(list(found)))
    file = metrics_folder() / f"{room(address).name}-{part}.prom"
    write_to_textfile(str(file), registry)
    return file


def gauge(name: str, says: str, labels: Sequence[str], samples: Samples) -> Metric:
    """Return a gauge with a value for each of the labels' values."""
    family = GaugeMetricFamily(name, says, labels=labels)
    for values, value in samples:
        family.add_metric(values, value)
    return family


def moments(campaign: str, told: Mapping[str, tuple[str, datetime | None]]) -> Iterator[Metric]:
    """Yield a gauge of seconds since 1970 for each moment that is known: name to what it is and when."""
    for name, (says, when) in told.items():
        if when is not None:
            yield gauge(name, says, ["campaign"], [([campaign], when.timestamp())])


class _Fixed(Collector):
    """Metrics that are known already."""

    def __init__(self, found: list[Metric]) -> None:
        self._found = found

    def collect(self) -> Iterable[Metric]:
        return self._found
