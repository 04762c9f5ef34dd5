"""Assignment by passage: sticky, even, never one's own."""

from data.campaign.settings import Person
from flows.assignment.rota import Rota

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


def authors(most=None):
    return [
        Person(code=code, roles=("authoring",), languages=("eng_Latn",), max_passages=most)
        for code in ("ana", "ben")
    ]


def test_nobody_gets_more_passages_than_they_take():
    picks = Rota(
        lambda role, language: authors({"authoring": 1}), (), (), {("authoring", "eng_Latn", "p4"): "ana"}
    )
    assert [picks.pick("authoring", "eng_Latn", p, 1, ()) for p in ("p1", "p2", "p3")] == [["ana"], ["ben"], []]
    assert picks.pick("authoring", "eng_Latn", "p1", 1, ()) == ["ana"], "what they have they keep"
    assert picks.pick("authoring", "eng_Latn", "p4", 1, ()) == ["ana"], "the lead's word goes beyond"


def test_a_number_for_one_role_says_nothing_of_another():
    picks = Rota(lambda role, language: authors({"reviewing": 1}), (), (), {})
    assert [picks.pick("authoring", "eng_Latn", p, 2, ()) for p in ("p1", "p2")] == [["ana", "ben"]] * 2


def test_domains_are_spread_over_authors():
    domains = {"p1": "news", "p2": "travel", "p3": "news", "p4": "travel"}
    picks = Rota(lambda role, language: authors(), (), (), {}, domains)
    got = {p: picks.pick("authoring", "eng_Latn", p, 1, ())[0] for p in domains}
    assert got == {"p1": "ana", "p2": "ben", "p3": "ben", "p4": "ana"}
