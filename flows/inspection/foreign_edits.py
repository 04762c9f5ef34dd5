"""Foreign edits: annotations that somebody else wrote or changed than the person in whose name they are stored."""

from __future__ import annotations

import pandas as pd

from flows.campaign_state import State, among
from flows.inspection.account_ownership import is_foreign


class ForeignEdits:
    """The foreign edits of some annotations.

    Args:
        state: the campaign.
        person_of: each account's owner, as `flows.inspection.account_ownership.account_owners` returns them.
        new: annotation events; every event of their tasks is looked at.
    """

    def __init__(self, state: State, person_of: dict[tuple[str, str], str], new: pd.DataFrame) -> None:
        self._person_of = person_of
        known = state.annotations
        mine = known[among(known["task_key"], new["task_key"]) & known["written_by"].notna()]
        mine = mine[mine["written_by"] != mine["account"]]
        self._first: dict[tuple[object, ...], object] = {}
        for place, event in mine.iterrows():
            if self.is_foreign(event):
                self._first.setdefault(_identity(event), place)

    def is_foreign(self, annotation: pd.Series) -> bool:
        """Whether the server did not see the person write it in whose name it is stored."""
        writer = annotation["written_by"]
        return is_foreign(self._person_of, annotation["server"], annotation["account"], writer)

    def came_before(self, annotation: pd.Series) -> bool:
        """Whether somebody else changed the annotation before its author did."""
        first = self._first.get(_identity(annotation))
        return first is not None and bool(first < annotation.name)  # type: ignore[operator]


def _identity(annotation: pd.Series) -> tuple[object, ...]:
    """Return what distinguishes an annotation from every other, whatever became of it."""
    return tuple(annotation[name] for name in ("server", "workbench", "annotation_id", "created_at"))
