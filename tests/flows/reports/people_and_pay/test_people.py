"""`belebele people` on a ledger whose contents are known, and on a small campaign played as anybody plays it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from annotation.forms.review_criteria import CRITERIA
from data.campaign.contacts import PSEUDONYM_KEY
from data.ledger import tables
from data.output_files import NOTE
from flows.campaign_state import State
from flows.cli.commands import main
from flows.ledger_views.current_items import kept_questions
from flows.ledger_views.people.agreement_labels import first_two, labelled, latest_verdicts
from flows.ledger_views.people.task_times import hours
from flows.reports.finished_work import added
from flows.reports.people_and_pay import people
from flows.workbenches import guideline_versions
from qc.reports.people_report import people_page, schema
from tests.flows import small_campaign
from tests.flows.crowd import AUTHORS, EXPERTS, HANDS, SKILL, crowd
from tests.flows.small_campaign import BAKERY, BOATS, FRENCH, Small


@pytest.fixture(scope="module", autouse=True)
def own_state_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BELEBELE_STATE_DIR", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(scope="module")
def wells(tmp_path_factory: pytest.TempPathFactory) -> State:
    return crowd(tmp_path_factory.mktemp("wells") / "campaign")


@pytest.fixture(scope="module")
def told(wells: State) -> dict[str, Any]:
    return people.people_facts(wells)


def html(told: dict[str, Any]) -> str:
    """The pages, one after the other."""
    pages = [people_page.page(told, people.pseudonymous(told)).html]
    if not told["outside"]:
        pages += [people_page.invoice_page(told).html, people_page.look_page(told)]
    return "\n".join(pages)


def about(told: dict[str, Any], code: str) -> dict[str, Any]:
    return next(one for one in told["people"] if one["person"] == code)


def asked(told: dict[str, Any], question: str, language: str = "eng_Latn") -> dict[str, Any]:
    return next(one for one in told["agreement"] if (one["question"], one["language"]) == (question, language))


# What is said of everybody ---------------------------------------------------------------------------------------


def test_document_keeps_its_schema(told: dict[str, Any], wells: State) -> None:
    jsonschema.validate(told, schema())
    jsonschema.validate(people.people_facts(wells, for_outside=True), schema())
    assert told == people.people_facts(wells.fresh())


def test_agreement_is_of_the_first_two(told: dict[str, Any]) -> None:
    one = asked(told, "recommendation")
    assert (one["units"], one["passages"], one["people"], one["level"]) == (60, 30, 6, "ordinal")
    assert sum(one["labels"].values()) == 120
    assert one["alpha"]["low"] < one["alpha"]["value"] < one["alpha"]["high"]
    alone = asked(told, "proofreading", FRENCH)
    assert alone["units"] == 0 and alone["read_by_one"] > 30 and alone["alpha"]["value"] is None
    assert asked(told, "rubric_inoffensive")["alpha"]["low"] is None  # hardly ever unmet


def test_fresh_people_are_right_as_often_as_they_were_made(told: dict[str, Any]) -> None:
    (one,) = told["accuracy"]
    assert (one["people"], one["answers"], one["items"]) == (6, 48, 24)
    assert one["right"]["low"] < 0.9 < one["right"]["high"]


def test_who_hurries_and_who_brings_text_along_is_named(told: dict[str, Any]) -> None:
    paces = {code: {line["unusual"] for line in about(told, code)["work"]} for code in SKILL}
    assert paces["r6"] == {"fast"} and paces["r5"] == {"slow"} and paces["r2"] == {""}
    written = {code: [line for line in about(told, code)["work"] if line["texts"]] for code in AUTHORS}
    at_once = {code: lines[0]["at_once"] for code, lines in written.items()}
    assert at_once == {"wanda": 0, "wim": 0, "wendy": 5}


def test_a_pace_is_compared_with_that_of_others_who_did_the_same(told: dict[str, Any], wells: State) -> None:
    lines = {code: {(line["stage"], line["copy"]): line for line in about(told, code)["work"]} for code in
             (*SKILL, *EXPERTS, "h1")}  # fmt: skip
    assert set(lines["h1"]) == {("answering", "baseline")}
    assert set(lines["xena"]) == {("answering", "recheck"), ("judging", "recheck"), ("adjudicating", None)}
    seconds = wells.annotations.set_index("task_key")["seconds"]
    done = wells.tasks[(wells.tasks["stage"] == "answering") & (wells.tasks["person"] != "r2")]
    others = done[done["person"].isin(list(SKILL))]  # and neither readers nor experts, who are on the same pages
    assert len(others) < len(done)
    here = lines["r2"]["answering", None]
    assert here["others"] == pytest.approx(np.exp(np.median(np.log(others["task_key"].map(seconds)))), rel=1e-4)
    mine = wells.tasks[(wells.tasks["stage"] == "answering") & (wells.tasks["person"] == "r2")]
    assert here["done"] == len(mine), "plants and trials that are read are with the reviews"


def test_trial_questions_are_told_apart_from_questions(told: dict[str, Any]) -> None:
    lines = {(line["stage"], line["copy"]): line for line in about(told, "wim")["work"]}
    assert (lines["authoring", None]["done"], lines["authoring", "trial"]["done"]) == (20, 2)
    assert (lines["authoring", None]["at_once"], lines["authoring", "trial"]["at_once"]) == (0, 2)
    assert (lines["authoring", None]["decided"], lines["authoring", "trial"]["decided"]) == (20, 0)


def test_invoices_count_each_accepted_item_once(told: dict[str, Any], wells: State) -> None:
    kept = len(kept_questions(wells))
    translator, proofreader = HANDS[FRENCH]
    assert sum(about(told, code)["invoice"]["items"]["questions"] for code in AUTHORS) == kept
    written = about(told, translator)["invoice"]["items"]
    assert (written["translations"], written["source_words"]) == (kept, 25 * kept)
    assert about(told, proofreader)["invoice"]["items"]["proofread"] == kept
    tandem = next(line for line in told["agencies"] if line["agency"] == "Tandem")
    assert (tandem["people"], tandem["invoice"]["items"]["translations"]) == (4, 2 * kept)


def test_drafts_are_told_by_language_and_translator(told: dict[str, Any], wells: State) -> None:
    translator, proofreader = HANDS[FRENCH]
    french = next(line for line in told["quality"] if line["language"] == FRENCH)
    (mine,) = about(told, translator)["translated"]
    assert (french["translators"], french["proofreaders"], french["drafts"]) == (1, 1, mine["drafts"])
    read = wells.translations
    read = read[(read["kind"] == "proofread") & (read["language"] == FRENCH)]
    assert mine["drafts"] == len(read.drop_duplicates(["question_id", "draft_revision"])) and not mine["few"]
    assert mine["graded"] + mine["ungraded"] == mine["drafts"]
    assert about(told, proofreader)["translated"] == []
    assert ("without named errors" in html(told)) == bool(mine["ungraded"])
    assert '<h2 id="translations">' in html(told)


def test_keys_that_were_checked_are_told_and_are_no_accuracy(told: dict[str, Any], wells: State) -> None:
    kept = len(kept_questions(wells))
    french, swahili = told["keys"]
    counts = {name: french[name] for name in ("drawn", "unread", "one", "two", "disputed", "outdated")}
    assert counts == {"drawn": kept, "unread": kept - 12, "one": 11, "two": 0, "disputed": 1, "outdated": 0}
    assert (swahili["unread"], swahili["nobody"]) == (kept, kept), "two people made all of it"
    assert [one["language"] for one in told["accuracy"]] == ["eng_Latn"]
    assert f"12 of {kept} drawn were answered blind, 1 disputed" in html(told)


def test_what_people_said_of_findings_is_counted(tmp_path: Path) -> None:
    small = small_campaign.at("translating", tmp_path)
    (key,) = small.keys("translating", FRENCH, BOATS)
    small.submit(key, answer4="Au fond du bateau (😀")
    small.advance()
    small.submit(*small.keys("proofreading", FRENCH, BOATS), about_findings="1 usual")
    small.advance()
    told = people.people_facts(small.state)
    jsonschema.validate(told, schema())
    (line,) = [one for one in told["findings"] if one["check"] == "unpaired_brackets"]
    assert line == {
        "language": FRENCH, "check": "unpaired_brackets", "flagged": 1,
        "dismissed": 1, "contested": 0, "mended": 0, "why": {"usual": 1},
    }  # fmt: skip
    assert "unpaired_brackets" in html(told) and "usual 1" in html(told)
    outside = people.people_facts(small.state, for_outside=True)
    assert outside["findings"] == [], "fewer than three people work in this language"


def test_guidelines_and_background(told: dict[str, Any]) -> None:
    versions = [(line["stage"], line["number"]) for line in told["guidelines"]]
    assert versions == [("qualifying", 1), ("authoring", 1), ("authoring", 2), ("answering", 1), ("judging", 1)]
    assert told["background"]["consent"] == 20 and told["background"]["native"]["eng_Latn"] == 3


def test_hours_are_those_of_all_work(wells: State, told: dict[str, Any]) -> None:
    summed = {one["person"]: sum(line["hours"] for line in one["work"]) for one in told["people"]}
    assert hours(wells) == pytest.approx({who: n for who, n in summed.items() if n}, rel=1e-4)


# For outside -----------------------------------------------------------------------------------------------------


def test_outside_tells_no_code_no_agency_no_small_group(wells: State) -> None:
    inside = people.people_facts(wells)
    told = people.people_facts(wells, for_outside=True)
    text = json.dumps(told) + html(told)
    for word in [
        *AUTHORS,
        *EXPERTS,
        *(code for pair in HANDS.values() for code in pair),
        "Tandem",
        "Wells &amp; Co",
        "Wells & Co",
    ]:
        assert not re.search(rf"\b{word}\b", text), word
    assert not re.search(r">\s*[rh][1-6]\b", html(told).partition("<body>")[2])
    assert {one["person"] for one in told["people"]} & {one["person"] for one in inside["people"]} == set()
    work = {(line["stage"], line["copy"]) for one in told["people"] for line in one["work"]}
    assert work == {  # two translate, two proofread, two judge anew
        ("qualifying", None), ("authoring", None), ("authoring", "trial"), ("guessing", None),
        ("answering", None), ("answering", "baseline"), ("judging", None),
    }  # fmt: skip
    assert all(one["invoice"] is None for one in told["people"])
    assert all(line["language"] is None for one in told["people"] for line in one["work"])
    assert told["background"]["native"] == {"eng_Latn": 3, "other": 4}
    again = people.people_facts(wells, for_outside=True)
    assert again == told


def test_two_machines_with_the_same_key_write_the_same_report(
    wells: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, key = wells.ledger.address, "not-to-be-seen-anywhere-7"
    alone = people.people_facts(wells, for_outside=True)
    assert alone["pseudonyms"] == "machine"
    monkeypatch.setenv(PSEUDONYM_KEY, key)
    one = CliRunner().invoke(main, ["people", address, "--outside", "--out", str(tmp_path / "one")])
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "another machine"))
    two = CliRunner().invoke(main, ["people", address, "--outside", "--out", str(tmp_path / "two")])
    assert "made with a key that was given" in " ".join(one.output.split())
    for name in ("people.json", "people.html"):
        written = (tmp_path / "one" / name).read_text("utf-8")
        assert written == (tmp_path / "two" / name).read_text("utf-8")
        assert key not in written
    told = json.loads((tmp_path / "one" / "people.json").read_text("utf-8"))
    assert told["pseudonyms"] == "environment"
    assert {one["person"] for one in told["people"]}.isdisjoint(one["person"] for one in alone["people"])
    assert key not in one.output + two.output
    assert not list((tmp_path / "another machine").rglob("*.key"))
    for file in Path(address).rglob("*"):
        assert not file.is_file() or key.encode() not in file.read_bytes()
    monkeypatch.setenv(PSEUDONYM_KEY, "short")
    refused = CliRunner().invoke(main, ["people", address, "--outside"])
    assert refused.exit_code == 2 and PSEUDONYM_KEY in refused.output and "16 or more" in refused.output


def test_no_code_is_in_a_file_for_a_paper(wells: State) -> None:
    told = people.people_facts(wells)
    made = people_page.page(told, people.pseudonymous(told)).files()
    assert {"reviewers.tex", "reviewers.csv", "work.csv", "hours.svg", "pace.csv"} <= set(made)
    codes = [one["person"] for one in told["people"]] + ["Tandem", "Wells & Co"]
    for name, content in made.items():
        if not name.endswith(".pdf"):
            for code in codes:
                assert not re.search(rf"(?<![\w-]){re.escape(code)}(?![\w-])", content.decode()), (name, code)
    assert "r6" in invoice_csv(told) and "Tandem" in invoice_csv(told), "an invoice names them"


def invoice_csv(told: dict[str, Any]) -> str:
    return "".join(content.decode() for content in people_page.invoice_page(told).files().values())


# The page and the terminal ---------------------------------------------------------------------------------------


def test_page_stands_alone_and_is_the_same_again(told: dict[str, Any]) -> None:
    made = html(told)
    assert made == html(json.loads(json.dumps(told)))
    beside = r"#|paper/|invoices/|people\.html|invoices\.html|worth-a-look\.html"
    assert not re.search(rf'(?:src|href)="(?!{beside})', made)
    assert not re.search(r"url\((?!#)", made) and "<script" not in made
    for words in ("Wells of the plain", "Krippendorff", "r6", "faster than typing", "Tandem"):
        assert words in made


def test_what_people_named_shows_as_text(told: dict[str, Any]) -> None:
    evil = json.loads(json.dumps(told))
    evil["campaign"]["title"] = "<script>alert(1)</script>"
    evil["people"][0]["agency"] = '"><img src=x onerror=alert(1)>'
    made = html(evil)
    assert "<script" not in made and "<img" not in made


def test_command(wells: State, tmp_path: Path) -> None:
    address = wells.ledger.address
    shown = CliRunner().invoke(main, ["people", address, "--out", str(tmp_path / "report")])
    assert shown.exit_code == 0, shown.output
    for words in (
        "Agreement of the first two", "r6 is fast in answering", "To invoice", "48 answers",
        "Consent is recorded of 20 of 21 people", "authoring 2 (",
    ):  # fmt: skip
        assert words in shown.output, words
    pages = ["people.html", "invoices.html", "worth-a-look.html"]
    names = sorted([NOTE, "people.json", "paper", "invoices", *pages])
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == names
    for page in pages:
        for link in re.findall(r'href="([^"#]+)', (tmp_path / "report" / page).read_text("utf-8")):
            assert (tmp_path / "report" / link).is_file(), link
    as_json = CliRunner().invoke(main, ["people", address, "--json"])
    assert json.loads(as_json.output) == json.loads((tmp_path / "report" / "people.json").read_text("utf-8"))
    (tmp_path / "file").write_text("")
    refused = CliRunner().invoke(main, ["people", address, "--out", str(tmp_path / "file")])
    assert refused.exit_code == 2 and "--out names a folder" in refused.output


# The real course -------------------------------------------------------------------------------------------------


def test_nothing_was_done_yet(tmp_path: Path) -> None:
    small = small_campaign.begin(tmp_path / "new")
    told = people.people_facts(small.state)
    jsonschema.validate(told, schema())
    assert told["agreement"] == [] and told["as_of"] is None
    assert "nothing can be said of agreement" in html(told)
    shown = CliRunner().invoke(main, ["people", small.address])
    assert shown.exit_code == 0 and "nothing can be said" in shown.output


def test_small_campaign_by_hand(tmp_path: Path) -> None:
    """Blind answers by identity: of two questions one pair agrees; a third person, asked later, does not count."""
    small = small_campaign.at("answering", tmp_path)
    first, second = small.keys("answering", question=BOATS)
    small.submit(first, choice=1)
    small.submit(second, choice=3)
    for key in small.keys("answering", question=BAKERY):
        small.submit(key, choice=2)
    small.advance()
    small.submit(*small.keys("judging"), recommend="revise", comment="Too easy.")
    small.advance()
    state = small.state
    labels = labelled(state, latest_verdicts(state))
    blind = labels[labels["check"] == "blind_answer"].sort_values(["subject", "first"])
    assert blind["label"].tolist() == [2, 2, 1, 3]
    one = next(line for line in people.people_facts(state)["agreement"] if line["question"] == "blind_answer")
    assert (one["units"], one["percent"]["value"], one["percent"]["low"]) == (2, 0.5, None)
    assert len(labels) == 4 * (2 + len(CRITERIA))


def test_of_three_readers_the_first_two_count(tmp_path: Path) -> None:
    small = small_campaign.at("answering", tmp_path)
    small.submit(*small.keys("answering"))
    small.advance()
    state = small.state
    labels = labelled(state, latest_verdicts(state))
    later = labels["first"].max() + 1
    third = labels[labels["judge"] == labels["judge"].iloc[0]].assign(judge="zoe", first=later, label=4)
    both = first_two(pd.concat([third, labels]))
    assert "zoe" not in set(both["judge"]) and len(both) == len(labels)


def test_a_revised_question_is_invoiced_to_the_author_of_what_was_accepted(tmp_path: Path) -> None:
    small: Small = small_campaign.at("accepted", tmp_path)
    told = people.people_facts(small.state)
    counts = {one["person"]: one["invoice"]["items"] for one in told["people"]}
    assert sum(one["questions"] for one in counts.values()) == 2
    assert (
        sum(one["translations"] for one in counts.values())
        == 4
        == sum(one["proofread"] for one in counts.values())
    )
    assert sum(one["judgements"] for one in counts.values()) == 4


def test_characters_that_the_page_did_not_show() -> None:
    assert added("the old mill", "the old water mill") == 6
    assert added("abc", "") == 0


def test_guideline_versions_are_recorded_once_each_time(tmp_path: Path) -> None:
    small = small_campaign.begin(tmp_path / "new")
    small.configure("# folder = ", "folder = ")
    (small.folder / "guidelines").mkdir()
    for text in ("first", "first", "second", "first"):
        (small.folder / "guidelines" / "guessing.md").write_text(text, "utf-8")
        assert guideline_versions.read_guidelines(small.state, small.address) == []
    small.state.ledger.append(
        tables.EVENTS,
        [{"kind": "guided", "subject": "t", "language": "", "detail": json.dumps(
            {"versions": [tables.digest("first"), tables.digest("second")], "number": 1})}],
    )  # fmt: skip
    assert [line["number"] for line in people.guidelines(small.state)] == [1, 2, 3], "and none that nobody saw"
