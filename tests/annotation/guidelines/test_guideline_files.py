"""A lead's own guidelines and quiz: what replaces what, what is refused, and what a page makes of hostile text."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from annotation.forms import label_configuration
from annotation.guidelines import guideline_files
from annotation.guidelines.quiz import Quiz, explained, parse
from annotation.stages import qualification_page
from annotation.stages.authoring_page import config as authoring_page
from data.campaign import new_campaign
from data.campaign.campaign import Campaign
from data.errors import CampaignError, UsageError

SHORT = (
    "# Écrire\n\n## En bref\n\n1. Lisez *tout*.\n2. Posez une question\n   qui vaut 5 $.\n\n"
    "## Le reste\n\n1. Non.\n"
)
QUESTION = """
[[questions]]
name = "{name}"
asks = "{asks}"
options = ["a", "b", "c", "d"]
right = 2
explains = "Parce que."
"""


def quiz_text(count: int) -> str:
    questions = (QUESTION.format(name=f"q{n}", asks=f"Question {n} ?") for n in range(1, count + 1))
    return 'sentences = ["Le bac était arrêté."]\n' + "".join(questions)


def campaign(folder: str = "g", more: str = "") -> Campaign:
    text = new_campaign.template(
        id="c", title="T", source="parallel", path="p", languages=["fra_Latn", "zho_Hans"]
    )
    return Campaign.parse(text.replace("# folder =", f'folder = "{folder}" #') + more)


def made(tmp_path: Path, **files: str) -> Path:
    (tmp_path / "g").mkdir(exist_ok=True)
    for name, text in files.items():
        (tmp_path / "g" / name).write_text(text, "utf-8")
    return tmp_path


def mistakes(tmp_path: Path, **files: str) -> list[str]:
    with pytest.raises(CampaignError) as error:
        guideline_files.load(str(made(tmp_path, **files)), campaign())
    return list(error.value.problems)


def test_a_folder_replaces_ours_file_by_file_and_language_by_language(tmp_path: Path) -> None:
    files = {"authoring.md": SHORT, "translating.md": SHORT, "translating.fra_Latn.md": SHORT + "Vous.\n"}
    found = guideline_files.load(str(made(tmp_path, **files)), campaign())
    assert found.texts["authoring"] == found.texts["translating"] == SHORT
    assert found.texts["translating.fra_Latn"].endswith("Vous.\n")
    assert found.texts["judging"] == guideline_files.ours().texts["judging"]
    assert found.quiz == guideline_files.ours().quiz
    assert set(found.own) == set(files)


def test_without_a_folder_all_is_ours(tmp_path: Path) -> None:
    text = new_campaign.template(id="c", title="T", source="parallel", path="p", languages=["fra_Latn"])
    asks = text.replace("prompt_words = false", "prompt_words = true")
    assert guideline_files.load(str(tmp_path), Campaign.parse(asks)) == guideline_files.ours()
    left = guideline_files.load(str(tmp_path), Campaign.parse(text)).texts
    assert set(guideline_files.ours().texts) - set(left) == {"wording"}


def test_our_files_can_be_had_and_are_a_good_folder(tmp_path: Path) -> None:
    guideline_files.write_ours(str(tmp_path / "g"))
    found = guideline_files.load(str(tmp_path), campaign())
    assert found.texts == guideline_files.ours().texts
    assert found.quiz == guideline_files.ours().quiz
    guideline_files.write_ours(str(tmp_path / "g"))
    (tmp_path / "g" / "judging.md").write_text("Mine.", encoding="utf-8")
    with pytest.raises(UsageError, match=r"judging.md was changed since .* nothing is overwritten"):
        guideline_files.write_ours(str(tmp_path / "g"))


def test_every_mistake_of_a_folder_is_told_at_once(tmp_path: Path) -> None:
    made(tmp_path)
    (tmp_path / "g" / "judging.md").write_bytes(b"fine\n\xff\n")
    (tmp_path / "g" / "old").mkdir()
    (tmp_path / "g" / ".DS_Store").write_bytes(b"\xff")
    found = mistakes(
        tmp_path,
        **{
            "autoring.md": SHORT, "authoring.md": "# Rien\n\n1. pas sous un titre\n",
            "authoring.eng_Latn.md": SHORT,
            "translating.swh_Latn.md": SHORT, "proofreading.fra_Latn.md": "  \n", "guessing.md": "a\nb\x00c\n",
            "translating.md": "x" * (guideline_files.LONGEST + 1),
            "quiz.toml": quiz_text(2).replace("right = 2", "", 1),
        },
    )  # fmt: skip
    told = "\n".join(found)
    for words in [
        "autoring.md: no page shows a file of this name; did you mean 'authoring.md'?",
        "authoring.md: nothing is in short",
        "authoring.eng_Latn.md: authoring is worked in one language only; call it authoring.md",
        "translating.swh_Latn.md: swh_Latn is no language of this campaign (eng_Latn, fra_Latn, zho_Hans)",
        "proofreading.fra_Latn.md: line 1: the file is empty",
        "guessing.md: line 2: the character U+0000",
        f"translating.md: {guideline_files.LONGEST + 1} characters",
        "judging.md: line 2: not UTF-8",
        "old/: a folder",
        "quiz.toml: line 3: 'q1' does not say which option is right",
    ]:
        assert words in told
    assert len(found) == 11, "translating.md is not in short either; .DS_Store is nobody's"


def test_a_folder_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(CampaignError, match="no such folder"):
        guideline_files.load(str(tmp_path), campaign("elsewhere"))


def test_two_files_for_one_language_are_a_mistake(tmp_path: Path) -> None:
    files = {"translating.cmn_Hans.md": SHORT, "translating.zho_Hans.md": SHORT}
    assert "for the same language" in "".join(mistakes(tmp_path, **files))


def test_nobodys_address_may_stand_in_a_guideline(tmp_path: Path) -> None:
    folder = made(tmp_path, **{"guessing.md": "Ask\nANA@example.org.\n"})
    with pytest.raises(CampaignError, match=r"guessing.md: line 2: the name or address") as error:
        guideline_files.load(str(folder), campaign(), ["ana@example.org"])
    assert "example" not in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('["a", "b", "c", "d"]', '["a", "b", "c"]', "line 6: 'q1' has 3 options: write 4 texts"),
        ('["a", "b", "c", "d"]', '["a", "b", "c", "A "]', "line 6: two options of 'q1' are the same"),
        ("right = 2", "right = 5", "line 7: right of 'q1' is 5"),
        ("right = 2", "right = true", "line 7: right of 'q1' is True"),
        ("right = 2", 'right = "b"', "line 7: right of 'q1' is 'b'"),
        ("right = 2\n", "", "line 3: 'q1' does not say which option is right"),
        ('explains = "Parce que."', 'explains = ""', "line 8: 'q1' has no explains"),
        ("explains", "explain", "no such key 'explain'; did you mean 'explains'?"),
        ('name = "q2"', 'name = "q1"', "line 11: question 1 is called 'q1' too"),
        ("Question 2 ?", "question  1 ?", "line 12: question 1 asks the same"),
        ("sentences", "sentence", "there is no such key 'sentence'; did you mean 'sentences'?"),
        ('["Le bac était arrêté."]', "[]", "line 1: sentences must be a list of texts"),
        ("right = 2", "right = = 2", "line 7, column"),
    ],
)
def test_what_is_wrong_with_a_quiz_is_told_with_its_line(old: str, new: str, says: str) -> None:
    quiz, found = parse(quiz_text(2).replace(old, new, 1))
    assert quiz is None
    assert says in "\n".join(found)


@pytest.mark.parametrize(
    ("count", "bar", "fits"), [(4, 0.8, False), (5, 0.8, True), (2, 1.0, True), (1, 0.0, True), (9, 0.9, False)]
)
def test_a_bar_below_one_leaves_room_for_one_mistake(count: int, bar: float, fits: bool) -> None:
    quiz, found = parse(quiz_text(count), bar)
    assert (quiz is not None) == fits
    assert fits or f"{count} questions are too few for the bar of {bar:.0%}" in found[0]


def test_a_quiz_survives_the_ledger() -> None:
    quiz, _ = parse(quiz_text(3))
    assert quiz is not None
    assert Quiz.of(quiz.as_data()) == quiz
    assert Quiz.of(quiz.as_data()).version == quiz.version
    assert explained(quiz, ["q2", "gone"]) == ["“Question 2 ?”: Parce que."]


def test_the_card_is_the_first_section_that_is_a_numbered_list() -> None:
    assert label_configuration.in_short(SHORT) == ("En bref", "Lisez tout.", "Posez une question qui vaut 5 $.")
    assert label_configuration.in_short("## A\n\ntext\n\n## B\n\n1. one\n   - sub\n2. `two` <b>\n")[1:] == (
        "one",
        "two <b>",
    )
    assert label_configuration.in_short("## A\n\n- one\n") == ()


def test_a_card_takes_the_place_of_ours() -> None:
    ours = authoring_page("eng_Latn")
    theirs = label_configuration.guided(ours, "authoring", SHORT)
    assert "Lisez tout." in theirs
    assert "Read the whole passage" not in theirs
    assert label_configuration.guided(ours, "authoring", guideline_files.ours().texts["authoring"]) == ours


HOSTILE = (
    "# <script>alert(1)</script> $question\n\n"
    "## En <b>bref</b>\n\n1. $question \"]]> <Style/> {{idx}} & 'x'\n2. ![p](https://example.org/p.png)\n\n"
    "[a](javascript:alert(1)) <img src=x onerror=alert(1)>\n\n<View>\n</View>\n"
)


def test_hostile_markdown_is_text() -> None:
    html = label_configuration.guideline(HOSTILE)
    assert not re.search(r"<(script|img|b|View|Style)\b", html)
    assert "javascript:" not in re.sub(r">[^<]*<", "><", html)
    config = label_configuration.guided(authoring_page("eng_Latn"), "authoring", HOSTILE)
    root = ElementTree.fromstring(config)
    (card,) = (node for node in root.iter("View") if node.get("className") == "guide")
    values = [node.get("value", "") for node in card]
    assert values[0] == "En <b>bref</b>"
    assert values[1].replace("\N{WORD JOINER}", "") == "$question \"]]> <Style/> {{idx}} & 'x'"
    assert not re.search(r"\$\w", values[1]), "no field of the task is put there"


def test_right_to_left_is_seen_by_the_letters() -> None:
    arabic = "# كتابة سؤال\n\n## باختصار\n\n1. اقرأ النص كله (API).\n"
    assert label_configuration.guideline(arabic).startswith('<div class="guideline rtl">')
    assert 'className="guide rtl"' in label_configuration.guided(authoring_page("eng_Latn"), "authoring", arabic)
    quiz, _ = parse(quiz_text(5).replace("Question", "ما الخطأ في هذا السؤال"))
    assert quiz is not None
    assert ".page .target { direction: rtl" in qualification_page.config(quiz, "eng_Latn")
    assert ".page .target { direction: ltr" in qualification_page.config(guideline_files.ours().quiz, "arb_Arab")
