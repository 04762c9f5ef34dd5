"""The ledger: a campaign's tables, append-only Delta Lake tables at a folder or object-store address.

`store` reads and appends, `lease` lets one run at a time change the campaign, `version_record` and `log_tail` see
to it that what was acknowledged outlives a power cut, `integrity` tells what is damaged, `recovery` goes on
without it.
"""

from __future__ import annotations

from data.ledger.frames import detail, to_frame
from data.ledger.store import DryLedger, Ledger

__all__ = ["DryLedger", "Ledger", "detail", "to_frame"]
