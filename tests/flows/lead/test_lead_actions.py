"""What the lead does: decides in any state, takes work away, changes campaign.toml, knows who is who."""

from pathlib import Path

import pytest

from data.errors import CampaignError, UsageError
from data.ledger import tables
from data.ledger.events import CampaignChanged
from flows.lead import lead_actions
from flows.ledger_views.current_items import kept_questions
from tests.flows.small_campaign import BAKERY, BOATS, FRENCH, SWAHILI, TEXTS, at

ENGLISH = "eng_Latn"


@pytest.fixture(autouse=True)
def _own_contacts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))


# Decisions ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["answering", "judging", "translating", "proofreading", "accepted"])
@pytest.mark.parametrize("outcome", ["keep", "revise", "drop"])
def test_the_leads_word_stands_in_every_state_of_a_question(tmp_path: Path, stage: str, outcome: str):
    small = at(stage, tmp_path)
    lead_actions.decide(small.state, BOATS, outcome, "Because.")  # type: ignore[arg-type]
    small.advance()
    assert small.question(BOATS)["outcome"] == outcome
    stages = set(small.open(question=BOATS)["stage"])
    later = {"translating": {"translating"}, "proofreading": {"proofreading"}, "accepted": set()}
    assert stages == {"revise": {"authoring"}, "drop": set(), "keep": later.get(stage, {"translating"})}[outcome]
    if outcome == "revise":
        assert small.shown(small.keys("authoring")[0])["findings"] == ["Because."]
    assert set(small.open(question=BAKERY)["stage"]) == ({stage} - {"accepted"}), "nothing else is touched"
    assert small.advance().idle


@pytest.mark.parametrize("stage", ["proofreading", "accepted"])
@pytest.mark.parametrize("outcome", ["keep", "revise"])
def test_the_leads_word_stands_in_every_state_of_a_translation(tmp_path: Path, stage: str, outcome: str):
    small = at(stage, tmp_path)
    lead_actions.decide(small.state, f"{BOATS}/{SWAHILI}", outcome, "Because.")  # type: ignore[arg-type]
    small.advance()
    assert small.translation(BOATS, SWAHILI)["outcome"] == outcome
    assert set(small.open(language=SWAHILI, question=BOATS)["stage"]) == (
        {"translating"} if outcome == "revise" else set()
    )
    if outcome == "revise":
        shown = small.shown(small.keys("translating", SWAHILI)[0])
        assert shown["findings"] == ["Because."]
        assert shown["question"] == TEXTS[BOATS, SWAHILI]["question"]
    assert set(small.open(language=FRENCH)["stage"]) == ({stage} - {"accepted"})


def test_a_question_that_was_sent_back_and_is_kept_after_all(tmp_path: Path):
    small = at("judging", tmp_path)
    lead_actions.decide(small.state, BOATS, "revise", "Hm.")
    small.advance()
    author = small.keys("authoring")[0]
    lead_actions.decide(small.state, BOATS, "keep", "It is right.")
    assert small.keys("authoring") == []
    small.submit(author, question="Where, then, does Amina keep her tools?")
    small.advance()
    assert small.question(BOATS)["revision"] == 1, "what the author sent in after that is late"
    assert "revision 1 was decided: keep" in small.agenda()[0]
    assert set(small.open(question=BOATS)["stage"]) == {"translating"}


def test_to_and_fro_are_decisions_of_their_own(tmp_path: Path):
    small = at("accepted", tmp_path)
    for outcome in ("drop", "keep", "drop", "keep"):
        lead_actions.decide(small.state, BOATS, outcome, "I changed my mind.")  # type: ignore[arg-type]
        assert small.question(BOATS)["outcome"] == outcome
    assert len(kept_questions(small.state)) == 2
    assert small.advance().idle


def test_a_new_reason_reaches_the_author(tmp_path: Path):
    small = at("judging", tmp_path)
    for reason in ("Hm.", "Say which rains."):
        lead_actions.decide(small.state, BOATS, "revise", reason)
        small.advance()
    assert small.keys("authoring") == [f"authoring/{ENGLISH}/{BOATS}/1/ana/2"]
    assert small.shown(small.keys("authoring")[0])["findings"] == ["Say which rains."]


@pytest.mark.parametrize(
    ("item", "outcome", "says"),
    [
        (f"{BOATS}/{SWAHILI}", "drop", f"Drop the question: belebele decide {BOATS} drop"),
        ("boats-q2", "keep", f"there is no item 'boats-q2'; near: {BOATS}"),
        (f"{BOATS}/deu_Latn", "keep", "'deu_Latn' is no language of this campaign; it has eng_Latn, "),
        (f"{BOATS}/swahili", "keep", "'swahili' is no language of this campaign"),
    ],
)
def test_decisions_that_cannot_be_meant(tmp_path: Path, item: str, outcome: str, says: str):
    small = at("accepted", tmp_path)
    before = small.state.ledger.version()
    with pytest.raises(UsageError) as told:
        lead_actions.decide(small.state, item, outcome, "Because.")  # type: ignore[arg-type]
    assert says in str(told.value)
    assert small.state.ledger.version() == before


def test_a_stale_item_is_decided_once_its_people_had_it_again(tmp_path: Path):
    small = at("accepted", tmp_path)
    lead_actions.mend(small.state, "boats", ENGLISH, ["Amina mends boats."])
    with pytest.raises(UsageError, match="comes back to its people"):
        lead_actions.decide(small.state, BOATS, "keep", "It holds.")
    lead_actions.decide(small.state, BOATS, "drop", "It does not hold.")
    small.advance()
    assert small.keys(question=BOATS) == []


# People ------------------------------------------------------------------------------------------------------


def test_open_work_goes_to_somebody_else_and_what_was_submitted_stays(tmp_path: Path):
    small = at("translating", tmp_path)
    (mine,) = [key for key in small.keys("translating", FRENCH) if key.endswith("t1")]
    other = BAKERY if BOATS in mine else BOATS
    small.submit(*small.keys("translating", FRENCH, other))
    small.advance()
    assert lead_actions.reassign(small.state, "t1") == 1
    small.advance()
    (now,) = small.keys("translating", FRENCH)
    assert now == mine.replace("t1", "t2")
    assert small.translation(other, FRENCH)["person"] == "t2"
    lead_actions.reassign(small.state, "t2")
    small.advance()
    assert small.keys("translating", FRENCH) == []
    assert small.agenda() == [
        f"nobody is left for translating in {FRENCH}: 1 wait ({now.split('/')[2]}) → "
        "give somebody else the role translating in campaign.toml"
    ]


def test_the_lead_gives_work_to_one_person(tmp_path: Path):
    small = at("answering", tmp_path)
    (other,) = {"r1", "r2", "r3"} - set(small.open(question=BOATS)["person"])
    first = small.open(question=BOATS)["person"].iloc[0]
    lead_actions.reassign(small.state, first, other)
    small.advance()
    assert other in set(small.open(question=BOATS)["person"])
    assert first not in set(small.open()["person"])


def test_who_skipped_can_be_asked_again_by_name(tmp_path: Path):
    small = at("translating", tmp_path)
    for person, heir in (("t1", "t2"), ("t2", "t1"), ("t1", "t2")):
        lead_actions.reassign(small.state, person, heir)
        small.advance()
        assert set(small.open(language=FRENCH)["person"]) == {heir}


@pytest.mark.parametrize(
    ("person", "to", "says"),
    [
        ("t3", "", "nobody is called 't3'; near: t"),
        ("t1", "t3", "no person 't3'"),
        ("t1", "t1", "t1 has it already"),
        ("t1", "s1", f"s1 does not do translating in {FRENCH}: give s1 the role in campaign.toml first"),
    ],
)
def test_people_whom_nobody_can_mean(tmp_path: Path, person: str, to: str, says: str):
    small = at("translating", tmp_path)
    with pytest.raises(UsageError) as told:
        lead_actions.reassign(small.state, person, to)
    assert says in str(told.value)


def test_somebody_with_open_work_is_removed_after_it_was_given_away(tmp_path: Path):
    small = at("translating", tmp_path)
    entry = '[[people]]\ncode = "t1"\nroles = ["translating"]\nlanguages = ["fra_Latn"]\n'
    small.configure(entry, "")
    with pytest.raises(CampaignError) as told:
        small.advance()
    assert told.value.problems == (
        f"t1 was removed, but has 1 open in translating {FRENCH}: put it back, run: belebele reassign t1, "
        "then change campaign.toml",
    )
    assert len(small.state.events(CampaignChanged)) == 1
    lead_actions.reassign(small.state, "t1")
    small.advance()
    assert set(small.open(language=FRENCH)["person"]) == {"t2"}
    assert len(small.state.events(CampaignChanged)) == 2
    assert small.advance().idle
    assert len(small.state.events(CampaignChanged)) == 2


def test_a_language_with_open_work_is_removed_after_its_work_was_taken_away(tmp_path: Path):
    small = at("translating", tmp_path)
    people = '[[people]]\ncode = "s1"\nroles = ["translating"]\nlanguages = ["swh_Latn"]\n'
    more = '[[people]]\ncode = "s2"\nroles = ["proofreading"]\nlanguages = ["swh_Latn"]\n'
    small.configure(f"\n{people}\n{more}", "")
    small.configure('"fra_Latn", "swh_Latn"', '"fra_Latn"')
    with pytest.raises(CampaignError, match=f"language {SWAHILI} was removed, but work in it is open with s1"):
        small.advance()
    assert lead_actions.reassign(small.state, "s1") == 2
    small.advance()
    assert set(small.open()["language"]) == {FRENCH}


def test_a_campaign_that_changes_there_and_back_is_recorded_each_time(tmp_path: Path):
    small = at("authoring", tmp_path)
    for before, now in (
        ("wanted_questions = 900", "wanted_questions = 800"),
        ("wanted_questions = 800", "wanted_questions = 900"),
    ):
        small.configure(before, now)
        for _ in range(2):
            small.advance()
    hashes = list(small.state.events(CampaignChanged)["subject"])
    assert len(hashes) == 3
    assert hashes[0] == hashes[2] != hashes[1]


def test_fewer_questions_than_before_leave_nobody_with_needless_work(tmp_path: Path):
    small = at("authoring", tmp_path)
    small.configure("# passages = 100", "passages = 1")
    small.advance()
    assert len(small.keys()) == 1


def test_an_author_never_reviews_any_revision_of_their_own(tmp_path: Path):
    small = at("authoring", tmp_path)
    for code in ("ana", "ben"):
        roles = f'code = "{code}"\nroles = ["authoring"'
        small.configure(roles, f'{roles}, "reviewing"')
    for code in ("r1", "r2"):
        small.configure(f'[[people]]\ncode = "{code}"\nroles = ["reviewing"]\n', "")
    small.submit(f"authoring/{ENGLISH}/{BOATS}/0/ana", answer2="In a hut on the hill")
    small.advance()
    lead_actions.reassign(small.state, "ana", "ben")
    small.advance()
    small.submit(f"authoring/{ENGLISH}/{BOATS}/1/ben")
    small.advance()
    assert set(small.open("answering", question=BOATS)["person"]) == {"r3"}
    assert any(line.startswith("nobody is left for answering") for line in small.agenda())


# Passages, queries, contacts ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("passage", "language", "sentences", "says"),
    [
        ("boat", ENGLISH, ["One."], "there is no passage 'boat' in eng_Latn; near: boats"),
        ("boats", "deu_Latn", ["Eins."], "'deu_Latn' is no language of this campaign"),
        ("boats", ENGLISH, [" ", ""], "the mended text is empty"),
    ],
)
def test_passages_that_cannot_be_mended_so(
    tmp_path: Path, passage: str, language: str, sentences: list[str], says: str
):
    small = at("authoring", tmp_path)
    with pytest.raises(UsageError, match=says):
        lead_actions.mend(small.state, passage, language, sentences)


def test_mending_there_and_back(tmp_path: Path):
    small = at("authoring", tmp_path)
    former = list(small.state.texts_of({"boats"}, {ENGLISH})["boats", ENGLISH]["sentences"])
    for revision, sentences in ((2, ["Amina mends boats."]), (3, former)):
        assert lead_actions.mend(small.state, "boats", ENGLISH, sentences) == revision
        small.advance()
    assert small.shown(small.keys(question=BOATS)[0])["sentences"] == former
    with pytest.raises(UsageError, match="reads like that already"):
        lead_actions.mend(small.state, "boats", ENGLISH, former)


def test_answers_to_nothing(tmp_path: Path):
    with pytest.raises(UsageError, match="there is no query 'abc'; belebele status lists them"):
        lead_actions.answer(at("authoring", tmp_path).state, "abc", "Yes.")


def test_late_edits_that_are_none(tmp_path: Path):
    with pytest.raises(UsageError, match="no late edits begin with 'abc'; belebele status lists them"):
        lead_actions.accept_late(at("authoring", tmp_path).state, "abc")


def test_a_persons_name_is_noted_and_erased(tmp_path: Path):
    small = at("authoring", tmp_path)
    note = {"email": "ana@example.org", "name": "Ana", "forget": False}
    assert "signs up as ana@example.org" in lead_actions.contact(small.state, "ana", **note)
    assert "erased" in lead_actions.contact(small.state, "ana", email="", name="", forget=True)
    assert "nothing is known of ana" in lead_actions.contact(small.state, "ana", email="", name="", forget=True)
    with pytest.raises(UsageError, match="--email ADDRESS"):
        lead_actions.contact(small.state, "ana", email="", name="Ana", forget=False)
    with pytest.raises(UsageError, match="no person 'anna'"):
        lead_actions.contact(small.state, "anna", **note)
    for table in tables.TABLES.values():
        assert "ana@example.org" not in small.state.ledger.read(table).to_csv()
