"""The ledger: a campaign's tables, append-only Delta Lake tables at a folder or object-store address.

`store` reads and appends, `lease` lets only one run at a time change the campaign, `version_record` and `log_tail`
make acknowledged data survive a power cut, and `repair` reports damage and goes on without what is damaged.
"""

from __future__ import annotations

from data.ledger.dry_ledger import DryLedger
from data.ledger.frames import detail, to_frame
from data.ledger.store import Ledger

__all__ = ["DryLedger", "Ledger", "detail", "to_frame"]
