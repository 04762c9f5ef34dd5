from __future__ import annotations

import json

import pytest

from data.ledger.events import Late, NeverBlind, Overtaken


@pytest.mark.parametrize(
    ("why", "words"),
    [
        (Overtaken(3), "revision 3 stands already"),
        (Overtaken(1, "keep"), "revision 1 was decided: keep"),
        *((why, str(why)) for why in NeverBlind),
    ],
)
def test_why_something_is_late_is_a_fact_and_its_stored_words_stay(
    why: NeverBlind | Overtaken, words: str
) -> None:
    text = json.dumps({"item": "p-q1/eng_Latn", "task_key": "judging/eng_Latn/p-q1/1/r1", "why": words})
    read = Late.parse(text)
    assert (read.why, read.detail()) == (why, text)
    assert (read.never is None) == isinstance(why, Overtaken)


def test_other_words_are_no_reason() -> None:
    with pytest.raises(ValueError, match="does not say what"):
        Late.parse('{"item": "q/eng_Latn", "task_key": "k", "why": "because"}')
