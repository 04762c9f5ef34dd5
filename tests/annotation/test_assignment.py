"""Assignment by passage: sticky, even, never one's own."""

from annotation.assignment import Rota
from data.campaign import Person

ANA, BEN, CLEO = (
    Person(code=code, roles=("reviewing",), languages=("eng_Latn",)) for code in ("ana", "ben", "cleo")
)


def rota(handed_out=(), barred=(), preferred=None):
    return Rota(lambda role, language: [ANA, BEN, CLEO], handed_out, barred, preferred or {})


def test_passages_are_spread_evenly_in_the_order_of_the_file():
    picks = rota()
    assert [picks.pick("answering", "eng_Latn", p, 1, ()) for p in ("p1", "p2", "p3", "p4")] == [
        ["ana"], ["ben"], ["cleo"], ["ana"],
    ]  # fmt: skip


def test_whoever_has_a_passage_gets_its_second_question():
    picks = rota(handed_out=[("answering", "eng_Latn", "p1", "cleo")])
    assert picks.pick("answering", "eng_Latn", "p1", 2, ()) == ["cleo", "ana"]


def test_nobody_reviews_their_own_work():
    assert rota().pick("answering", "eng_Latn", "p1", 3, {"ana"}) == ["ben", "cleo"]


def test_who_skipped_a_passage_does_not_get_it_again():
    picks = rota(barred=[("answering", "eng_Latn", "p1", "ana")])
    assert picks.pick("answering", "eng_Latn", "p1", 1, ()) == ["ben"]
    assert picks.pick("answering", "eng_Latn", "p2", 1, ()) == ["ana"]


def test_the_leads_wish_comes_first():
    picks = rota(preferred={("answering", "eng_Latn", "p1"): "cleo"})
    assert picks.pick("answering", "eng_Latn", "p1", 1, ()) == ["cleo"]


def test_who_saw_the_key_is_asked_last():
    picks = rota(handed_out=[("answering", "eng_Latn", "p1", "ana"), ("answering", "eng_Latn", "p1", "ben")])
    assert picks.pick("answering", "eng_Latn", "p1", 2, (), last={"ana"}) == ["ben", "cleo"]
    assert picks.pick("answering", "eng_Latn", "p1", 2, {"ben"}, last={"ana"}) == ["cleo", "ana"]
