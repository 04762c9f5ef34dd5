"""A ledger that keeps appends in memory, to see what a run would do without doing it."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from data.ledger.appended_rows import appended_rows
from data.ledger.store import Ledger
from data.ledger.tables import Row, Table


class DryLedger(Ledger):
    """Reads the campaign's tables and what was appended here, which is gone with it."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self._kept: dict[str, list[pa.Table]] = {}
        self._next = 0

    def append(self, table: Table, rows: Sequence[Row] | pa.Table, places: Sequence[int] | None = None) -> int:
        """Like `Ledger.append`, in memory only."""
        if rows:
            self._next = max(self._next + 1, self.next_sequence())
            numbered = [
                {**row, "sequence": self._next if row["sequence"] is None else row["sequence"]}
                for row in appended_rows(table, rows, places).to_pylist()
            ]
            content = pa.Table.from_pylist(numbered, schema=table.schema)
            self._kept.setdefault(table.name, []).append(content)
            self.written[table.name] += 1
            if places is None:
                self._remember(table, content)
        return len(rows)

    def read_arrow(
        self,
        table: Table,
        columns: Sequence[str] | None = None,
        where: pc.Expression | None = None,
    ) -> pa.Table:
        """Like `Ledger.read_arrow`, including what was appended here."""
        if table.name not in self._kept:
            return super().read_arrow(table, columns, where)
        wanted = list(columns) if columns is not None else table.schema.names
        rested = super().read_arrow(table, list(dict.fromkeys([*wanted, "event_id"])), where)
        kept = [part if where is None else part.filter(where) for part in self._kept.get(table.name, [])]
        known = rested["event_id"]
        new = [part.filter(pc.invert(pc.is_in(part["event_id"], value_set=known))) for part in kept]
        return pa.concat_tables([rested, *(part.select(rested.column_names) for part in new)]).select(wanted)
