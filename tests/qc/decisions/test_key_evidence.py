"""What a handful of blind answers say of a key, and when the lead is asked."""

from datetime import UTC, datetime

import pytest

from qc.decisions.key_evidence import BlindAnswer, KeyEvidence, KeyLevel, Moment, key_evidence


def at(sequence: int) -> Moment:
    return sequence, datetime(2026, 1, 1, tzinfo=UTC)


def answers(*given: tuple[str, bool]) -> list[BlindAnswer]:
    return [BlindAnswer(reader, right, "chose 2", at(n)) for n, (reader, right) in enumerate(given, start=1)]


@pytest.mark.parametrize(
    ("given", "kept", "level", "readers", "right", "wanted"),
    [
        ([], None, "unread", None, None, 1),
        ([("ana", True)], None, "one", 1, 1, 1),
        ([("ana", False)], None, "disputed", 1, 0, 2),
        ([("ana", False), ("ben", True)], None, "disputed", 2, 1, 2),
        ([("ana", False), ("ben", False)], None, "disputed", 2, 0, 2),
        ([("ana", True), ("ben", True)], None, "two", 2, 2, 1),
        ([("ana", False), ("ben", True)], 3, "two", 2, 1, 1),
        ([("ana", False)], 2, "one", 1, 0, 1),  # nobody else could be asked
        ([("ana", False)], 0, "disputed", 1, 0, 2),  # the lead kept it before
        ([("ana", False), ("ana", True)], None, "one", 1, 1, 1),  # somebody thought again
        ([("ana", True), ("ben", True), ("ana", False)], 2, "disputed", 2, 1, 2),
    ],
)
def test_levels(
    given: list[tuple[str, bool]],
    kept: int | None,
    level: str,
    readers: int | None,
    right: int | None,
    wanted: int,
):
    found = key_evidence(answers(*given), None if kept is None else at(kept))
    assert (found.level, found.readers, found.right, found.readers_wanted) == (level, readers, right, wanted)
    assert len(found.wrong) == (readers or 0) - (right or 0)


def test_nothing_is_said_of_what_nobody_read():
    assert key_evidence([], at(4)) == KeyEvidence(KeyLevel.UNREAD, None, None, ())
