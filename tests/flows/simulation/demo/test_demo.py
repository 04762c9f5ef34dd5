"""`belebele demo`: played once on real servers, then everything that should have become of it is looked for.

What is expected stands in data/sample/fates.toml. A comparison that cannot fail shows nothing, so every
expectation is spoilt once, on what the program found.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import datasets
import duckdb
import jsonschema
import pandas as pd
import pytest

from annotation.labelstudio.local_server import install
from data.campaign.campaign import Campaign
from data.environment import state_dir
from data.ledger import Ledger
from data.ledger.events import Feedback
from data.release.description.release_description import ReleaseDescription
from data.release.release_content import content_of_folder
from data.release.versions.release_difference import difference
from data.sample import Fate, ScriptedFault, load
from flows.campaign_state import State
from flows.ledger_views.posed_copies import plants_by_id
from flows.reports.people_and_pay import people
from flows.simulation.demo.demo import MARK
from flows.simulation.demo.expected_outcomes import DemoOutcome, ItemOutcome, demo_outcome, differences
from qc.reports.people_report import schema

pytestmark = [pytest.mark.servers, pytest.mark.slow]

SAMPLE = load()
BELEBELE = Path(sys.executable).with_name("belebele")


@dataclass(frozen=True)
class Played:
    """A demo that was played: where, and what it printed."""

    folder: Path
    said: str

    @property
    def demo(self) -> Path:
        return self.folder / "demo"

    def items(self, language: str, *folders: str) -> pd.DataFrame:
        """The items of the test split, or of these folders."""
        parts = [self.demo / "release" / folder / f"{language}.parquet" for folder in folders or ("data",)]
        return pd.concat([pd.read_parquet(part) for part in parts], ignore_index=True)


def demo(folder: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a demo to its end, at 80 columns, without a terminal."""
    install(state_dir(), print)
    return subprocess.run(
        [BELEBELE, "demo", *words],
        cwd=folder,
        env={**os.environ, "COLUMNS": "80"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("somewhere")
    # As a former demo left it; and variables that name servers, which a demo must leave in peace.
    (folder / "demo" / "release" / "data").mkdir(parents=True)
    (folder / "demo" / MARK).touch()
    (folder / "demo" / "release" / "data" / "old.parquet").touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BELEBELE_LABEL_STUDIO_URL", "http://127.0.0.1:9")
        patch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
        patch.setenv("BELEBELE_ASSISTANT_URL", "http://127.0.0.1:9")
        ran = demo(folder)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stderr == "", "a log where nobody wants one"
    return Played(folder, ran.stdout)


@pytest.fixture(scope="session")
def found(played: Played) -> DemoOutcome:
    address = str(played.demo / "campaign")
    state = State(Campaign.load(address), Ledger(address))
    said = {(one.question, one.draft): one.said for one in SAMPLE.told if one.said in in_line(played.said)}
    return demo_outcome(state, people.people_facts(state), said)


@pytest.fixture(scope="session")
def became(found: DemoOutcome) -> Mapping[tuple[str, str], ItemOutcome]:
    return found.became


def in_line(said: str) -> str:
    """What was printed, without the line ends of 80 columns."""
    return " ".join(said.split())


# What became of it -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", SAMPLE.faults, ids=lambda fault: fault.name)
def test_every_fault_was_found_and_met_its_fate(
    fault: ScriptedFault, became: Mapping[tuple[str, str], ItemOutcome]
) -> None:
    item = became[fault.question, fault.language]
    assert item.fate == fault.fate
    assert set(fault.found_by) <= item.found_by


@pytest.mark.parametrize("fate", SAMPLE.fates, ids=lambda fate: fate.question)
def test_every_question_met_its_fate(fate: Fate, became: Mapping[tuple[str, str], ItemOutcome]) -> None:
    item = became[fate.question, "eng_Latn"]
    assert (item.fate == "dropped") == (fate.outcome == "drop")
    assert "undecided" not in item.fate
    assert item.revisions == fate.revisions


def test_nothing_else_came_back(became: Mapping[tuple[str, str], ItemOutcome]) -> None:
    planted = {(fault.question, fault.language) for fault in SAMPLE.faults}
    planted |= {(report.question, report.language) for report in SAMPLE.reporting}  # after the release
    assert {item for item, what in became.items() if what.fate != "kept"} == planted


def test_the_comparison_is_content(found: DemoOutcome) -> None:
    assert differences(SAMPLE, found) == []


@pytest.mark.parametrize("number", range(len(SAMPLE.faults)), ids=[fault.name for fault in SAMPLE.faults])
@pytest.mark.parametrize("spoilt", ["fate", "found_by"])
def test_a_spoilt_fault_is_noticed(number: int, spoilt: str, found: DemoOutcome) -> None:
    fault = SAMPLE.faults[number]
    if spoilt == "fate":
        wrong = replace(fault, fate="dropped" if fault.fate != "dropped" else "revised then kept")
    else:
        wrong = replace(fault, found_by=(*fault.found_by, "long_question"))
    faults = (*SAMPLE.faults[:number], wrong, *SAMPLE.faults[number + 1 :])
    (told,) = differences(replace(SAMPLE, faults=faults), found)
    assert fault.name in told
    assert (f"{fault.fate}, not {wrong.fate}" if spoilt == "fate" else "not found by long_question") in told


@pytest.mark.parametrize("number", range(len(SAMPLE.fates)), ids=[fate.question for fate in SAMPLE.fates])
@pytest.mark.parametrize("spoilt", ["outcome", "revisions"])
def test_a_spoilt_fate_is_noticed(number: int, spoilt: str, found: DemoOutcome) -> None:
    fate = SAMPLE.fates[number]
    if spoilt == "outcome":
        wrong = replace(fate, outcome="keep" if fate.outcome == "drop" else "drop")
    else:
        wrong = replace(fate, revisions=fate.revisions + 1)
    fates = (*SAMPLE.fates[:number], wrong, *SAMPLE.fates[number + 1 :])
    (told,) = differences(replace(SAMPLE, fates=fates), found)
    assert told.startswith(f"{fate.question}: ")


@pytest.mark.parametrize("item", [(f.question, f.language) for f in SAMPLE.faults], ids="/".join)
def test_what_is_missing_is_noticed(item: tuple[str, str], found: DemoOutcome) -> None:
    without = {where: what for where, what in found.became.items() if where != item}
    assert any("nothing was submitted" in told for told in differences(SAMPLE, replace(found, became=without)))


SPOILT = {
    "qualified": {"attempts": 5},
    "settled": {"end": "drop"},
    "told": {"said": "Never said."},
    "measured": {"met": 99},
}


@pytest.mark.parametrize(
    ("kind", "number"), [(kind, n) for kind in SPOILT for n in range(len(getattr(SAMPLE, kind)))]
)
def test_a_spoilt_expectation_of_the_people_is_noticed(kind: str, number: int, found: DemoOutcome) -> None:
    lines = list(getattr(SAMPLE, kind))
    lines[number] = replace(lines[number], **SPOILT[kind])
    (told,) = differences(replace(SAMPLE, **{kind: tuple(lines)}), found)
    assert any(str(value) in told for value in SPOILT[kind].values())


def test_what_the_assistant_still_says_and_a_dispute_that_nobody_expected_are_noticed(found: DemoOutcome) -> None:
    (words,) = SAMPLE.told
    kept = replace(found, told={(words.question, words.draft): (words.said, words.said)})
    assert "which must say something else" in " ".join(differences(SAMPLE, kept))
    (told,) = differences(replace(SAMPLE, settled=SAMPLE.settled[1:]), found)
    assert SAMPLE.settled[0].question in told and "not expected" in told
    (told,) = differences(SAMPLE, replace(found, quizzes={**found.quizzes, "w1": 0}))
    assert told.startswith("w1: does not pass the quiz")


# The people ------------------------------------------------------------------------------------------------------


def test_everything_that_concerns_people_took_place(found: DemoOutcome, played: Played) -> None:
    state = State(Campaign.load(str(played.demo / "campaign")), Ledger(str(played.demo / "campaign")))
    assert set(state.tasks["stage"]) >= {"qualifying", "guessing", "adjudicating"}
    assert {end for _, end in found.settled.values()} == {"keep", "revise", "outvoted"}
    assert {facts.kind for facts in plants_by_id(state).values()} == {"cue", "unanswerable", "wrong_key"}
    assert not state.tasks["open"].any()
    shown = [json.loads(text)["shown"] for text in state.events(Feedback)["detail"]]
    assert shown[0] == "" and any(shown), "the meter came when there were twenty questions"


def test_the_report_on_the_people_is_written_and_its_main_lines_told(played: Played) -> None:
    document = json.loads((played.demo / "people" / "people.json").read_text())
    jsonschema.validate(document, schema())
    page = (played.demo / "people" / "people.html").read_text()
    assert 'id="readers"' in page and 'href="invoices.html"' in page
    assert "Accepted texts." in (played.demo / "people" / "invoices.html").read_text()
    assert (played.demo / "people" / "paper" / "agreement.tex").is_file()
    told = f" {in_line(played.said.partition('The people')[2])}"
    measures = document["measures"]
    assert measures["remaining"]["share"] is not None and document["accuracy"][0]["right"]["low"] is not None
    for label in ("agreement", "guesses", "plants", "remaining", "readers"):
        assert f" {label} " in told
    assert "people/people.html" in told


def test_no_plant_is_in_the_release(played: Played) -> None:
    address = str(played.demo / "campaign")
    planted = plants_by_id(State(Campaign.load(address), Ledger(address)))
    items = played.items("eng_Latn", "data", "dev")
    released = {answer for n in range(1, 5) for answer in items[f"mc_answer{n}"]}
    written = {answer for slot in SAMPLE.slots for draft in slot.drafts for answer in draft.answers}
    made = {answer for facts in planted.values() for answer in facts.answers} - written
    assert made, "a cue is told by a new answer"
    assert not made & released
    texts = [path.read_text() for path in (played.demo / "release").rglob("*") if path.suffix in (".md", ".json")]
    assert texts and not any(plant in text for plant in planted for text in texts)


# The release -----------------------------------------------------------------------------------------------------

KEPT = [fate.question for fate in SAMPLE.fates if fate.outcome == "keep"]
LANGUAGES = sorted({"eng_Latn", *SAMPLE.translations})


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_release_holds_the_corrected_texts(language: str, played: Played) -> None:
    """The same items in the same order everywhere, and in each language what the script means it to end with."""
    items = played.items(language, "data", "dev")
    assert list(items["item_id"]) == list(played.items("eng_Latn", "data", "dev")["item_id"])
    assert list(items["correct_answer_num"]) == list(played.items("eng_Latn", "data", "dev")["correct_answer_num"])
    passages = {p.passage_id: " ".join(p.sentences) for p in SAMPLE.passages if p.language == language}
    for item in items.to_dict("records"):
        question = item["item_id"]
        slot = SAMPLE.questions[question]
        last = slot.drafts[-1]
        text = last if language == "eng_Latn" else SAMPLE.renderings[language, question]
        proofread = [
            work
            for work in SAMPLE.proofreading
            if (work.language, work.question, work.outcome) == (language, question, "corrected")
        ]
        wanted = (
            proofread[-1].question_text if proofread and proofread[-1].question_text else text.question,
            proofread[-1].answers if proofread and proofread[-1].answers else text.answers,
        )
        assert item["question"] == wanted[0]
        shown = [item[f"mc_answer{n}"] for n in range(1, 5)]
        assert sorted(shown) == sorted(wanted[1])
        assert shown[int(item["correct_answer_num"]) - 1] == wanted[1][last.key - 1]
        assert item["flores_passage"] == passages[slot.passage_id]
        assert (item["dialect"], item["question_number"]) == (language, slot.question_number)


def test_it_has_a_dev_split_on_passages_of_its_own(played: Played) -> None:
    test, dev = (played.items("eng_Latn", folder) for folder in ("data", "dev"))
    assert len(dev) == 4
    assert sorted(dev["correct_answer_num"]) == ["1", "2", "3", "4"]
    assert dev["link"].nunique() == 4
    assert not set(test["link"]) & set(dev["link"])
    passages = {SAMPLE.questions[item].passage_id for item in dev["item_id"]}
    apart = set(KEPT) - {*test["item_id"], *dev["item_id"]}
    assert len(KEPT) == 23
    assert {SAMPLE.questions[item].passage_id for item in apart} <= passages, "what else is kept is released"


def test_nothing_else_looks_like_the_release(played: Played) -> None:
    found = sorted(str(path.relative_to(played.demo)) for path in played.demo.rglob("data/*.parquet"))
    assert found == [f"{folder}/data/{code}.parquet" for folder in ("corrected", "release") for code in LANGUAGES]


def test_what_a_reader_reports_comes_out_as_a_patch(played: Played) -> None:
    (report,) = SAMPLE.reporting
    assert in_line(report.error) in in_line(played.said)
    found = difference(*(content_of_folder(played.demo / name) for name in ("release", "corrected")))
    (change,) = found.changes
    assert (change.item_id, change.language, change.field) == (report.question, report.language, report.part)
    assert (found.old_version, found.new_version) == ("1.0.0", "1.0.1")
    manifest = (played.demo / "corrected" / "manifest.json").read_text()
    (erratum,) = ReleaseDescription.from_json(manifest).errata
    assert (erratum.item_id, erratum.error, erratum.credit) == (report.question, report.error, report.credit)
    assert report.credit in (played.demo / "corrected" / "CHANGELOG.md").read_text()


def test_what_it_says_of_opening_the_release_works(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(played.folder)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(played.folder / "cache"))
    lines = played.said.split("Open it in Python:\n")[1].splitlines()[:3]
    in_pandas, in_duckdb, in_datasets = (
        eval(line, {"pandas": pd, "duckdb": duckdb, "datasets": datasets}) for line in lines
    )
    tested = list(played.items("eng_Latn")["item_id"])
    assert list(in_pandas["item_id"]) == tested
    assert in_duckdb.count("*").fetchall() == [(len(tested) * 8,)]
    assert in_datasets["item_id"] == tested
    assert set(in_datasets["dialect"]) == {"swh_Latn"}


def test_prefect_has_seen_it(played: Played) -> None:
    with sqlite3.connect(played.demo / "servers" / "prefect" / "prefect.db") as database:
        keys = {key for (key,) in database.execute("SELECT key FROM artifact")}
        runs = dict(database.execute("SELECT name, count(*) FROM flow_run GROUP BY name"))
        (last,) = database.execute(
            "SELECT data FROM artifact WHERE key = 'progress-demo' ORDER BY created DESC LIMIT 1"
        )
    assert {"advance-demo", "progress-demo", "workbenches-demo", "release-demo"} <= keys
    assert [runs[f"release {one} of {played.demo}/campaign"] for one in ("1.0.0", "1.0.1")] == [1, 1]
    assert runs[f"advance {played.demo}/campaign"] >= 12
    assert {line["open"] for line in json.loads(json.loads(last[0]))} == {0}


# What it looks like ----------------------------------------------------------------------------------------------


def test_it_is_readable_at_80_columns(played: Played) -> None:
    lines = played.said.split("Open it in Python:")[0].splitlines()
    assert max(map(len, lines)) <= 80
    assert not any("\n\n\n" in played.said or "\x1b" in line for line in lines)


def test_it_tells_of_everybody_and_every_fault(played: Played) -> None:
    for person in SAMPLE.people:
        assert f" {person.code} " in played.said, person
    for fault in SAMPLE.faults:
        assert f"  {fault.name} " in played.said
        assert f"  {fault.question} {fault.language}" in played.said
    assert played.said.count("✓") == len(SAMPLE.faults)
    assert "✗" not in played.said
    for query in SAMPLE.queries:
        assert query.text.split()[-1] in played.said


# Where it may play -----------------------------------------------------------------------------------------------


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("all my work")
    refused = demo(tmp_path, "--out", "thesis")
    assert refused.returncode == 2
    assert "holds what no demo made" in refused.stderr
    assert (tmp_path / "thesis" / "chapter.txt").read_text() == "all my work"


@pytest.mark.parametrize("out", ["/proc/none/demo", "file/demo"])
def test_a_folder_that_cannot_be_written(out: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refused = demo(tmp_path, "--out", out)
    assert refused.returncode == 2
    assert "name another folder" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_stopped_midway_it_leaves_nothing_running_and_the_next_one_may_begin(tmp_path: Path) -> None:
    said = tmp_path / "said"
    with said.open("w") as out:
        process = subprocess.Popen(
            [BELEBELE, "demo", "--out", "stage"], cwd=tmp_path, stdout=out, stderr=out, start_new_session=True
        )
    end = time.monotonic() + 240
    while "Round 1" not in said.read_text() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.2)
    beside = demo(tmp_path, "--out", "stage")
    assert "a demo plays in stage already" in beside.stderr
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(60) == 130
    assert said.read_text().endswith("stopped; the next demo begins anew\n"), said.read_text()
    mark = str(tmp_path).encode()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            assert mark not in (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes(), entry
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
