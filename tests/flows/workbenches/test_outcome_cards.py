"""What people are told of their work, and what translators are reminded of."""

from pathlib import Path

import pytest

from data.errors import CampaignError
from flows.campaign_state import among
from flows.ledger_views.current_items import current_questions
from flows.ledger_views.translations.translation_memory import Memory
from flows.workbenches import outcome_cards, workbench_pages
from tests.flows.small_campaign import BAKERY, BOATS, FRENCH, SWAHILI, TEXTS, Small, at

ENGLISH = "eng_Latn"


def fate(small: Small, key: str) -> dict[str, object]:
    state = small.state
    assert key in outcome_cards.marks(state)
    return outcome_cards.cards(state, {key})[key]


@pytest.mark.slow
def test_an_author_is_told_what_came_of_a_question_and_of_its_revision(tmp_path: Path) -> None:
    small = at("judging", tmp_path)
    first, second = small.keys("judging", question=BOATS)
    assert not outcome_cards.marks(small.state)
    small.submit(first, rubric_wording="no", recommend="revise", comment="‘Tools’ is vague.")
    small.submit(second, recommend="revise", comment="Which tools?")
    small.advance()
    (back,) = small.keys("authoring", question=BOATS)
    was = f"authoring/{ENGLISH}/{BOATS}/0/{back.split('/')[4]}"
    told = fate(small, was)
    said = {line["happened"]: line["said"] for line in told["fates"]}  # type: ignore[attr-defined]
    assert "It came back" in said
    assert {said["Reviewer 1 recommended"], said["Reviewer 2 recommended"]} == {
        "revise: ‘Tools’ is vague.", "revise: Which tools?",
    }  # fmt: skip
    assert "question and answers are correct, natural and clear" in {*said.values()}
    assert not any(code in str(told) for code in ("r1", "r2", "r3")), "a reviewer's code is nobody's business"
    before = outcome_cards.marks(small.state)[was]

    small.submit(back, question="Where does Amina keep her saws in the rainy season?")
    small.play(lambda state: bool(current_questions(state)["outcome"].eq("keep").all()))
    told = fate(small, was)
    assert outcome_cards.marks(small.state)[was] != before
    assert told["fates"][-1] == {"happened": "It was revised, and the revised question: kept", "said": ""}  # type: ignore[index]
    changed = [(part["removed"], part["added"]) for part in told["fate_changes"] if not part["same"]]  # type: ignore[attr-defined]
    assert changed == [("tools", "saws")]
    assert fate(small, back)["fate"] == "kept: Where does Amina keep her saws in the rainy season?"


def test_a_translator_is_told_what_was_corrected_and_not_what_was_accepted(tmp_path: Path) -> None:
    small = at("proofreading", tmp_path)
    (corrected,) = small.keys("proofreading", SWAHILI, BOATS)
    (accepted,) = small.keys("proofreading", SWAHILI, BAKERY)
    answers = {f"answer{n}": text for n, text in enumerate(TEXTS[BOATS, SWAHILI]["answers"], start=1)}
    small.submit(
        corrected, outcome="corrected", question=TEXTS[BOATS, SWAHILI]["question"],
        **{**answers, "answer2": "Chini ya daraja kuukuu"}, comment="Older.",
        errors="style/minor, terminology/major",
    )  # fmt: skip
    small.submit(accepted)
    small.advance()
    draft = f"translating/{SWAHILI}/{BOATS}/0/s1"
    told_of = {key for key in outcome_cards.marks(small.state) if not key.startswith("authoring")}
    assert told_of == {draft, corrected}
    for key, title in ((draft, "What a proofreader said and changed"), (corrected, "What you changed")):
        told = fate(small, key)
        assert told["fate_title"] == title
        assert told["fates"][0]["said"] == "corrected: Older. (terminology, major, style, minor)"  # type: ignore[index]
        assert [part["added"] for part in told["fate_changes"] if part["added"]] == ["kuukuu"]  # type: ignore[attr-defined]
    now = small.translation(BOATS, SWAHILI)
    assert list(now["errors"]) == ["terminology/major", "style/minor"]
    assert list(small.translation(BAKERY, SWAHILI)["errors"]) == []


def test_what_a_page_shows_of_done_and_open_work(tmp_path: Path) -> None:
    small = at("translating", tmp_path)
    state = small.state
    tasks = state.tasks[among(state.tasks["stage"], ["authoring", "translating"])].assign(fate="")
    shown = workbench_pages.task_data(state, tasks)
    done = [data for key, data in shown.items() if key.startswith("authoring")]
    assert all(data["fate"].startswith("kept: ") for data in done)  # type: ignore[attr-defined]
    assert all(data["evidence_choices"] for data in done)
    assert all(data["fates"] == [] for key, data in shown.items() if key.startswith("translating"))


def test_glossary_and_memory_stand_beside_the_field(tmp_path: Path) -> None:
    small = at("translating", tmp_path)
    small.configure('# glossary = "glossary.csv"', 'glossary = "g.csv"')
    (Path(small.address) / "g.csv").write_text(
        "term,fra_Latn,swh_Latn\nbridge,pont,daraja\nboat,bateau,\n", "utf-8"
    )
    small.submit(*small.keys("translating", SWAHILI, BOATS))
    small.advance()
    (key,) = small.keys("proofreading", SWAHILI, BOATS)
    assert small.shown(key)["help"] == {"answer_2": {"terms": [["bridge", "daraja"]], "memory": []}}

    small.submit(key)
    small.advance()
    memory = Memory(small.state, {SWAHILI})
    texts = {"answer_1": "Under the old bridge", "answer_2": "Under the old bridges", "answer_3": "By the bridge"}
    pair = ["Under the old bridge", "Chini ya daraja la zamani"]
    terms = [["bridge", "daraja"]]
    assert memory.help(SWAHILI, BAKERY, texts) == {
        "answer_1": {"terms": terms, "memory": [[*pair, 1.0]]},
        "answer_2": {"terms": terms, "memory": [[*pair, 0.98]]},
        "answer_3": {"terms": terms, "memory": [[*pair, 0.0]]},
    }
    assert memory.help(SWAHILI, BOATS, {"question": "Under the old arch"}) == {}, "its own texts are no help"
    assert memory.help(FRENCH, BAKERY, {"question": "Under the old arch"}) == {}, "nothing is accepted in French"


def test_a_wrong_glossary_stops_the_run_with_its_line(tmp_path: Path) -> None:
    small = at("translating", tmp_path)
    small.configure('# glossary = "glossary.csv"', 'glossary = "g.csv"')
    (Path(small.address) / "g.csv").write_text("word,fra_Latn\n", "utf-8")
    small.submit(*small.keys("translating", SWAHILI, BOATS))
    with pytest.raises(CampaignError, match=r"g\.csv"):
        small.advance()
