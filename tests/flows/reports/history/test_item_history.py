"""`belebele explain`: everything that happened to an item is told, in order, and nobody is named."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from data.campaign.contacts import set_contact
from flows.cli.commands import main
from flows.release import release_campaign
from flows.reports.history.item_history import item_history
from tests.flows.small_campaign import BOATS, FRENCH, Small, at
from tests.pages import lines_of

NAME, EMAIL = "Maria Engström", "maria@example.org"
TOKEN = "0123456789abcdef0123456789abcdef01234567"
SIGNED = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbmEifQ.c2lnbmF0dXJl"
LINK = "https://studio.example.org/user/signup/?token=abc"
SAID = f"Ask {NAME} ({EMAIL}, other@example.com) or r2: {LINK} {TOKEN} {SIGNED}"


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))


def explain(*words: object) -> Result:
    return CliRunner().invoke(main, ["explain", *map(str, words)])


def test_the_whole_way_of_an_item_is_told_in_order(tmp_path: Path) -> None:
    small = at("accepted", tmp_path)
    history = item_history(small.state, BOATS, FRENCH)
    kinds = [(step.kind, step.stage, step.language) for step in history.steps]
    source = "eng_Latn"
    way = [
        ("passage", None, source), ("handed_out", "authoring", source), ("submitted", "authoring", source),
        ("question", "authoring", source), ("checked", None, source), ("handed_out", "answering", source),
        ("submitted", "answering", source), ("judged", None, source), ("handed_out", "judging", source),
        ("decided", None, source), ("handed_out", "translating", FRENCH), ("translation", "translating", FRENCH),
        ("handed_out", "proofreading", FRENCH), ("translation", "proofreading", FRENCH), ("decided", None, FRENCH),
    ]  # fmt: skip
    places = [kinds.index(one) for one in way]
    assert places == sorted(places)
    assert [step.sequence for step in history.steps] == sorted(step.sequence for step in history.steps)
    assert {language: one["outcome"] for language, one in history.standing.items()} == {
        "eng_Latn": "keep", FRENCH: "keep",
    }  # fmt: skip
    assert {step.language for step in item_history(small.state, BOATS).steps} == {"eng_Latn", FRENCH, "swh_Latn"}


def test_every_submission_and_verdict_on_it_is_among_them(tmp_path: Path) -> None:
    small = at("accepted", tmp_path)
    steps = item_history(small.state, BOATS).steps
    tasks = small.state.tasks
    mine = tasks[tasks["question_id"] == BOATS]
    assert sum(step.kind == "handed_out" for step in steps) == len(mine)
    submitted = small.state.annotations["task_key"].isin(mine["task_key"])
    assert sum(step.kind == "submitted" for step in steps) == submitted.sum()
    verdicts = small.state.verdicts_on([BOATS])
    told = [step for step in steps if step.kind in ("judged", "flagged")]
    told_together = sum(
        len(step.facts["passed"]) + len(step.facts["could_not_judge"]) for step in steps if step.kind == "checked"
    )
    assert len(told) + told_together == len(verdicts)


def test_nobody_is_named_by_name_address_token_link_or_code(tmp_path: Path) -> None:
    small = at("judging", tmp_path)
    set_contact("small", "r1", EMAIL, NAME)
    first, second = small.keys("judging", "eng_Latn", BOATS)
    small.submit(first, recommend="revise", comment=SAID)
    small.submit(second, query=SAID.replace(NAME, "somebody"))
    small.advance()
    for words in ((), ("--json",)):
        done = explain(small.address, BOATS, *words)
        assert done.exit_code == 0, done.output
        assert "A line that named a person was taken out here" in done.stdout
        assert "Ask somebody (…, …) or P-" in done.stdout
        assert words or " objects" in done.stdout
        for secret in (NAME, "Maria", "Engström", EMAIL, "other@", "example.com", LINK, "signup", TOKEN, SIGNED):
            assert secret not in done.stdout, secret
        told = json.loads(done.stdout) if words else {}
        people = {step.get("who") for step in told.get("steps", [])} - {None, "check", "rules", "lead"}
        assert all(one.startswith("P-") for one in people)
        for code in ("ana", "r1", "r2", "r3"):
            assert f"/{code}" not in done.stdout
            assert f'"{code}"' not in done.stdout
            assert f" {code}:" not in done.stdout


def test_a_person_has_the_pseudonym_that_the_people_report_gives(tmp_path: Path) -> None:
    from data.campaign.contacts import pseudonyms

    small = at("accepted", tmp_path)
    codes = pseudonyms("small", {person.code for person in small.state.campaign.people})
    question = next(step for step in item_history(small.state, BOATS).steps if step.kind == "question")
    assert question.who == codes["ana"]


@pytest.mark.parametrize(
    ("language", "found"),
    [("fra_Latn", FRENCH), ("French", FRENCH), ("français", FRENCH), ("fr", FRENCH), ("swahili", "swh_Latn")],
)
def test_languages_are_known_by_any_name(tmp_path: Path, language: str, found: str) -> None:
    small = at("accepted", tmp_path)
    assert item_history(small.state, BOATS, language).languages == ("eng_Latn", found)


def test_what_is_not_there_suggests_what_is(tmp_path: Path) -> None:
    small = at("accepted", tmp_path)
    done = explain(small.address, "boat-q1")
    assert (done.exit_code, "did you mean boats-q1" in done.stderr) == (2, True), done.stderr
    done = explain(small.address, BOATS, "Klingon")
    assert (done.exit_code, "is none of the campaign's: eng_Latn" in done.stderr) == (2, True), done.stderr
    assert explain(small.address, "BOATS-q1").exit_code == 0
    assert explain(small.address, "boats").stdout == explain(small.address, BOATS).stdout


def test_the_terminal_says_it_in_words(tmp_path: Path) -> None:
    small = at("accepted", tmp_path)
    (line,) = lines_of("docs/guides/item-history.md", "belebele explain")
    said = explain(*line.replace("mybench", small.address).split()[2:]).stdout
    assert said.startswith("boats-q1: English, French\n")
    assert "* 1. In a hut on the hill" in said
    assert "[French] decided by the rules, revision 2: keep (rule: accepted)" in said
    assert said.endswith("Now, in French: revision 2, keep\n")
    assert ": counted" in said


def test_the_stages_of_a_small_campaign_change_what_is_told(tmp_path: Path) -> None:
    small: Small = at("answering", tmp_path)
    before = item_history(small.state, BOATS)
    assert "decided" not in {step.kind for step in before.steps}
    assert before.standing["eng_Latn"]["outcome"] is None


def test_the_side_that_a_release_gave_an_item_is_told(tmp_path: Path) -> None:
    small = at("accepted", tmp_path)
    release_campaign(small.address, "1.0.0", str(tmp_path / "release"))
    told = CliRunner().invoke(main, ["explain", small.address, "boats-q1"])
    assert "put into the split test of the release, for good" in told.output
