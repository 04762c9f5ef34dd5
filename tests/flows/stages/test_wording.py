import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from annotation.stages import wording_page
from data.errors import ImportRefused
from data.ledger.references import dangling
from data.prompt_words import NO_BREAK_SPACE
from flows.ledger_views.translations.worded_prompts import proofread_prompt_words, worded_prompts
from flows.offline.work_export import export_work
from flows.release import release_campaign
from flows.reports.lead_agenda import for_the_lead
from flows.reports.people_and_pay.invoices import invoices
from tests.flows.small_campaign import FRENCH, PROMPT_WORDS, SWAHILI, Small, at


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Small]:
    small = at("authoring", tmp_path)
    small.configure("prompt_words = false", "prompt_words = true")
    small.advance()
    return small


def wording(small: Small, language: str = FRENCH) -> str:
    (key,) = small.keys("wording", language)
    return key


def test_a_translator_writes_the_words_and_a_proofreader_reads_them(small: Small) -> None:
    assert [key.rpartition("/")[2] for key in small.keys("wording")] == ["t1", "s1"]
    small.submit(wording(small))
    small.advance()
    assert proofread_prompt_words(small.state) == {}, "nobody has read them yet"
    assert wording(small).endswith("/1/p1")
    shown = small.shown(wording(small))
    assert shown["passage_word"] == "Texte"
    assert shown["colon"] == ":"
    assert shown["drafted"][1] == f"Texte{NO_BREAK_SPACE}: …"
    small.submit(wording(small), passage_word="Passage")
    small.advance()
    words = proofread_prompt_words(small.state)[FRENCH]
    assert (words.passage_word, words.question_word, words.colon) == ("Passage", "Question", f"{NO_BREAK_SPACE}:")
    assert words.labels == ("A", "B", "C", "D")
    assert small.keys("wording", FRENCH) == []
    assert [one.person for one in worded_prompts(small.state)[FRENCH].values()] == ["t1", "p1"]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"instruction": "Choisissez."}, "has {labels} once"),
        ({"instruction": "{labels} ou {lettres}."}, "braces stand for {labels} alone"),
        ({"option_labels": "A B C"}, "four different ones"),
        ({"option_labels": "A a B C"}, "four different ones"),
        ({"colon_space": ""}, "Whether a space stands before the colon is missing"),
        ({"question_word": "x" * 61}, "at most 60 characters"),
    ],
)
def test_words_that_no_prompt_could_use_come_back(fields: dict[str, str], says: str) -> None:
    page = wording_page.payload(language=FRENCH)
    filled = {**dict(PROMPT_WORDS[FRENCH]), **fields}
    result = [
        {"from_name": name, "value": {"choices" if name.endswith("_space") else "text": [text]}}
        for name, text in filled.items()
        if text
    ]
    reading = wording_page.read(result, page)
    assert reading.fields is None
    assert says in " ".join(reading.problems)
    assert wording_page.refill(result, page)["answer_word"] == "Réponse", "what was right stays"


def test_what_a_file_gets_wrong_is_named(small: Small) -> None:
    with pytest.raises(ImportRefused, match=r"has \{labels\} once"):
        small.submit(wording(small), instruction="Choisissez.")


def test_nothing_waits_for_the_words_and_a_campaign_without_them_has_no_such_work(tmp_path: Path) -> None:
    small = at("authoring", tmp_path)
    small.advance()
    assert small.keys("wording") == []
    assert not set(small.state.campaign.roles_for("wording"))


def test_a_translator_who_declines_is_heard_and_nothing_is_recorded(small: Small) -> None:
    key = wording(small)
    small.submit(key, query="Which form of address does the campaign want?")
    small.advance()
    assert worded_prompts(small.state) == {}
    assert "form of address" in " ".join(str(point) for point in for_the_lead(small.state))


def test_an_earlier_campaign_goes_on_without_a_new_line(tmp_path: Path) -> None:
    small = at("authoring", tmp_path)
    before = small.state.ledger.version()
    small.advance()
    assert small.state.ledger.version() == before


def test_words_of_a_language_without_spaces(small: Small) -> None:
    small.submit(wording(small, SWAHILI), colon="：", word_space="none", sentence_space="none")
    small.advance()
    words = worded_prompts(small.state)[SWAHILI][1].words
    assert (words["colon"], words["word_space"], words["sentence_space"]) == ("：", "", "")
    assert set(words) == set(PROMPT_WORDS[SWAHILI]) - {"colon_space"}


def test_the_page_is_a_row_of_a_work_file(small: Small) -> None:
    out = small.folder / "out.jsonl"
    export_work(small.state, "t1", str(out))
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    (row,) = [row for row in rows if row["task_key"] == wording(small)]
    assert {"passage_word", "instruction", "word_space"} <= set(row)


def test_a_release_has_the_words_that_were_read_and_english_ones_marked(tmp_path: Path) -> None:
    small = at("accepted", tmp_path)
    small.configure("prompt_words = false", "prompt_words = true")
    small.advance()
    for _ in range(2):
        small.submit(wording(small))
        small.advance()
    release_campaign(small.address, "1.0.0", str(tmp_path / "release"))
    manifest = json.loads((tmp_path / "release" / "manifest.json").read_text("utf-8"))
    words = {one["language"]: one for one in manifest["prompt_words"]}
    assert words[FRENCH]["words"]["answer_word"] == "Réponse"
    assert (words[FRENCH]["revision"], words[FRENCH]["english"]) == (2, False)
    assert words[SWAHILI]["words"]["answer_word"] == "Answer"
    assert (words[SWAHILI]["revision"], words[SWAHILI]["english"]) == (0, True)
    assert not words["eng_Latn"]["english"]


def test_the_words_are_invoiced_and_none_of_their_marks_hangs(small: Small) -> None:
    for _ in range(2):
        small.submit(wording(small))
        small.advance()
    bills = invoices(small.state)
    assert (bills["t1"]["items"]["prompt_words"], bills["p1"]["items"]["prompt_words"]) == (1, 1)
    assert dangling(small.state.ledger) == []
