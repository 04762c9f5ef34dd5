"""What the program says in a task's data is put into words; what people wrote is not looked at."""

from __future__ import annotations

import pytest

from annotation.stages import adjudication_page, judging_page
from annotation.stages.adjudication_page import Review
from annotation.words.catalogues import Words, words_in
from annotation.words.task_words import in_words, said

FRENCH = words_in(["fra_Latn"])


def judged(comment: str, guess: int | None) -> str:
    shown = judging_page.payload(
        sentences=["One."], question="Yes", answers=list("abcd"), key=1, choice=0, sure=False,
        comment=comment, guess=guess, evidence=[1],
    )  # fmt: skip
    found = in_words(shown, FRENCH)
    assert (found["question"], found["sentences"]) == ("Yes", ["One."])
    assert found["place"].startswith("Jugez d’après le passage seul. Selon l’auteur")
    assert [one["mark"] for one in found["answers"]] == ["bonne réponse", "", "", ""]
    return str(found["own"])


@pytest.mark.parametrize("comment", ["Yes", "I am not sure; You wrote: Style", "{first} {0} ligne\nNo", ""])
@pytest.mark.parametrize("guess", [None, 3])
def test_a_sentence_with_values_is_put_together_anew(comment: str, guess: int | None) -> None:
    own = judged(comment, guess)
    assert own.startswith("Avant de voir la clé, vous avez choisi que le passage ne permet pas")
    assert comment in own and ("vous aviez deviné la réponse 3." in own) == (guess is not None)


def test_the_table_of_reviews_is_put_into_words() -> None:
    reviews = [Review(2, True, "Yes", {"wording": False}, "keep", "Style"), Review(0, False)]
    shown = adjudication_page.payload(
        sentences=["One."], question="Q", answers=list("abcd"), key=1, reviews=reviews, last_round=True
    )
    found = in_words(shown, FRENCH)
    assert [line["says"] for line in found["lines"][:3]] == ["Relecteur", "Réponse à l’aveugle", "En était sûr"]
    assert [found["lines"][1][of] for of in "ab"] == ["2", "aucune"]
    assert found["lines"][1]["differs"] == "écart"
    assert found["answers"][1]["by"] == "choisie par A"
    assert found["remarks"] == [
        {"who": "Relecteur A, en répondant à l’aveugle", "text": "Yes"},
        {"who": "Relecteur A, en jugeant", "text": "Style"},
    ]
    assert found["rounds"].startswith("Cette question a été renvoyée")


def test_a_text_that_no_sentence_made_stays_as_it_is() -> None:
    assert said("a check's own sentence: {x}", FRENCH) == "a check's own sentence: {x}"
    data = {"question": "Yes", "place": "Health · Other", "about": "Passage"}
    assert in_words(data, FRENCH) == {**data, "about": "Passage"}
    assert in_words(data, Words()) == data
