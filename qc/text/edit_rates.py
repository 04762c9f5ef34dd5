"""Edit rates as a verdict's reason tells them: written and read in one place, since the reason alone holds TER."""

from __future__ import annotations

import re
from typing import NamedTuple

_RATES = re.compile(r"chrF (\d+\.\d), TER (\d+\.\d)(?= \()")


class EditRates(NamedTuple):
    """How near a draft is to the proofread text: chrF in [0, 100] and TER in percent; 100 and 0 for the same."""

    chrf: float
    ter: float

    def reason(self, signatures: str) -> str:
        """Return the reason of a verdict; its form never changes, since ledgers hold it."""
        return f"chrF {self.chrf:.1f}, TER {self.ter:.1f} {signatures}"

    @classmethod
    def of(cls, reason: str) -> EditRates | None:
        """Read a verdict's reason; None if it gives no rates.

        >>> EditRates.of("chrF 93.1, TER 7.7 (chrF nrefs:1; TER nrefs:1)"), EditRates.of("no draft to compare")
        (EditRates(chrf=93.1, ter=7.7), None)
        """
        found = _RATES.match(reason)
        return cls(float(found[1]), float(found[2])) if found else None
