"""Work and tables as files: out and back for every stage, and every mistake told at once with its line."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from data import nouns
from data.errors import ImportRefused, UsageError
from data.outputs import NOTE
from flows import lead, sheets
from flows.files import Imported, export_table, export_work, import_work
from tests.flows.small_campaign import BAKERY, BOATS, FRENCH, SWAHILI, TEXTS, Small, at, good

STAGES = ["authoring", "answering", "judging", "translating", "proofreading"]


def write(path: Path, lines: list[dict[str, str]]) -> None:
    frame = pd.DataFrame(lines)
    if path.suffix == ".xlsx":
        frame.to_excel(path, index=False)
    elif path.suffix == ".csv":
        frame.to_csv(path, index=False, sep=";", encoding="utf-8-sig", lineterminator="\r\n")  # as in Paris
    elif path.suffix in (".tsv", ".txt"):
        frame.to_csv(path, index=False, sep="\t", encoding="utf-16" if path.suffix == ".txt" else "utf-8")
    elif path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\n", "utf-8")


def lines_of(path: Path) -> list[dict[str, str]]:
    return [dict(line.cells) for line in sheets.read(path)]


@pytest.mark.parametrize(
    ("stage", "suffix"),
    [
        ("authoring", ".xlsx"),
        ("authoring", ".jsonl"),
        ("answering", ".csv"),
        ("answering", ".xlsx"),
        ("judging", ".parquet"),
        ("judging", ".xlsx"),
        ("translating", ".xlsx"),
        ("translating", ".csv"),
        ("proofreading", ".jsonl"),
        ("proofreading", ".xlsx"),
    ],
)
def test_work_goes_out_and_comes_back(tmp_path: Path, stage: str, suffix: str):
    """As a person fills it in who sees the file and nothing else, in each format that work goes out in."""
    small = at(stage, tmp_path)
    people = sorted(set(small.open()["person"]))
    for person in people:
        file = tmp_path / f"{person}{suffix}"
        assert export_work(small.state, person, str(file)) == len(small.keys(person=person))
        lines = lines_of(file)
        assert [line["task_key"] for line in lines] == list(small.open(person=person)["task_key"])
        for line in lines:
            question = line["task_key"].split("/")[2]
            work = good(stage, question, line["language"])
            if stage == "answering":
                right = TEXTS[question, "eng_Latn"]["answers"][0]
                (shown,) = [text for text in line["shown_options"].split("\n") if text.endswith(right)]
                work["choice"] = shown[0].casefold()
            assert set(work) <= set(line), "every column is there to be filled in"
            line |= work
        write(file, lines)
        assert import_work(small.state, str(file)) == Imported(len(lines))
        assert import_work(small.state, str(file)) == Imported(unchanged=len(lines)), (
            "the same file again does no harm"
        )
    told = small.advance()
    assert told.opened == (0 if stage == "proofreading" else 4)
    assert small.keys(stage) == []
    assert small.state.events("late").empty
    if stage == "answering":
        verdicts = small.state.verdicts_on({BOATS, BAKERY})
        assert list(verdicts["flagged"][verdicts["check"] == "blind_answer"]) == [False] * 4


def test_a_blind_file_tells_no_key_and_no_identities(tmp_path: Path):
    small = at("answering", tmp_path)
    person = small.open()["person"].iloc[0]
    export_work(small.state, person, str(tmp_path / "work.jsonl"))
    line = lines_of(tmp_path / "work.jsonl")[0]
    shown = {name: text for name, text in line.items() if name.startswith("shown_")}
    assert set(shown) == {
        "shown_about", "shown_place", "shown_notices", "shown_findings", "shown_sentences", "shown_question",
        "shown_options", "shown_comment",
    }  # fmt: skip
    assert [text[:3] for text in shown["shown_options"].split("\n")] == ["A. ", "B. ", "C. ", "D. "]


def test_what_came_back_goes_out_with_what_was_found_and_what_was_written(tmp_path: Path):
    small = at("proofreading", tmp_path)
    (key,) = small.keys("proofreading", SWAHILI, BOATS)
    small.submit(key, outcome="return", comment="Too literal.")
    small.advance()
    lead.mend(small.state, "bakery", SWAHILI, ["Duka la mikate hufunguliwa mapema.", "Mikate huenda shuleni."])
    small.advance()
    export_work(small.state, "s1", str(tmp_path / "s1.xlsx"))
    bakery, boats = sorted(lines_of(tmp_path / "s1.xlsx"), key=lambda line: line["task_key"])
    assert "Too literal." in boats["shown_findings"]
    assert boats["shown_answer_2"] == TEXTS[BOATS, SWAHILI]["answers"][1]
    assert bakery["shown_changes"].startswith("Passage: Duka la mikate [-la kijiji -]hufunguliwa [-")
    assert boats["question"] == bakery["question"] == ""


def test_lines_left_empty_are_left_for_later(tmp_path: Path):
    small = at("translating", tmp_path)
    export_work(small.state, "s1", str(tmp_path / "s1.jsonl"))
    assert import_work(small.state, str(tmp_path / "s1.jsonl")) == Imported(empty=2)
    lines = lines_of(tmp_path / "s1.jsonl")
    lines[0] |= good("translating", lines[0]["task_key"].split("/")[2], SWAHILI)
    write(tmp_path / "s1.jsonl", [{}, *lines])
    assert import_work(small.state, str(tmp_path / "s1.jsonl")) == Imported(1, empty=1)


def test_a_query_comes_back_by_file_too(tmp_path: Path):
    small = at("translating", tmp_path)
    (key,) = small.keys("translating", SWAHILI, BOATS)
    write(tmp_path / "q.jsonl", [{"task_key": key, "query": "Which hill?"}])
    assert import_work(small.state, str(tmp_path / "q.jsonl")).pieces == 1
    small.advance()
    assert list(small.state.queries["text"]) == ["Which hill?"]


def test_every_mistake_is_told_at_once_with_line_value_and_cure(tmp_path: Path):
    small = at("answering", tmp_path)
    first, second, third = small.keys()[:3]
    file = tmp_path / "work.jsonl"
    write(file, [
        {"task_key": first, "choice": "E", "sure": "maybe"},
        {"task_key": "answering/eng_Latn/nothing/1/r1", "choice": "A"},
        {"task_key": second, "comment": "Hm."},
        {"choice": "A"},
        {"task_key": third, "choice": "A", "sure": "yes"},
        {"task_key": third, "choice": "B", "sure": "yes"},
    ])  # fmt: skip
    with pytest.raises(ImportRefused) as told:
        import_work(small.state, str(file))
    assert str(told.value).startswith(f"{file} was not taken in")
    assert told.value.problems == (
        f"{file}, line 1: choice cannot be 'E': write one of a, b, c, d, none",
        f"{file}, line 1: sure cannot be 'maybe': write one of yes, no",
        f"{file}, line 2: there is no task 'answering/eng_Latn/nothing/1/r1'; "
        "the column task_key must stay as it was exported",
        f"{file}, line 3: Your answer is missing: choose one, or that the passage does not tell.",
        f"{file}, line 3: How sure you are is missing: say whether you are sure.",
        f"{file}, line 4: there is no task ''; the column task_key must stay as it was exported",
        f"{file}, line 6: task {third} stands in line 5 already; keep one of the two",
    )
    assert small.state.annotations["task_key"].isin([first, second, third]).sum() == 0, "nothing was taken in"


@pytest.mark.parametrize(
    ("stage", "fields", "says"),
    [
        ("authoring", {"key": "5"}, "key cannot be '5': write one of 1, 2, 3, 4"),
        ("authoring", {"key": "2.5"}, "key cannot be '2.5'"),
        ("authoring", {"key": ""}, "The correct answer is missing: mark which answer is correct."),
        ("authoring", {"note3": ""}, "Why answer 3 is tempting and wrong is missing: say it."),
        ("authoring", {"evidence": ""}, "The evidence is missing: mark the sentences of the passage that settle"),
        (
            "authoring",
            {"evidence": "two"},
            "evidence cannot be 'two': write the numbers of the sentences that settle",
        ),
        ("authoring", {"evidence": "1; 9"}, "“the evidence” cannot be '9': choose one of 1, 2"),
        ("proofreading", {"outcome": "return", "comment": "No.", "errors": ""}, "What was wrong is missing: mark"),
        (
            "proofreading",
            {"outcome": "return", "comment": "No.", "errors": "style"},
            "errors cannot be 'style': ",
        ),
        ("judging", {"rubric_wording": "perhaps"}, "rubric_wording cannot be 'perhaps': write one of yes, no"),
        ("judging", {"rubric_wording": ""}, "is missing: answer yes or no."),
        ("judging", {"recommend": "revise"}, "all criteria are fulfilled: say why in the comment."),
        ("translating", {"answer4": " "}, "Answer 4 is missing: write it."),
        ("proofreading", {"outcome": "ok"}, "outcome cannot be 'ok': write one of accept, corrected, return"),
        ("proofreading", {"outcome": "return"}, "You return it without a comment"),
    ],
)
def test_the_same_validation_as_on_the_pages(tmp_path: Path, stage: str, fields: dict[str, str], says: str):
    small = at(stage, tmp_path)
    with pytest.raises(ImportRefused) as told:
        small.submit(small.keys()[0], **fields)
    assert len(told.value.problems) == 1
    assert says in told.value.problems[0]


@pytest.mark.parametrize("key", ["2", 2, 2.0, "2.0"])
def test_numbers_as_spreadsheets_write_them(tmp_path: Path, key: object):
    small = at("authoring", tmp_path)
    assert small.submit(small.keys()[0], key=key, note1="No.") == 1
    small.advance()
    assert list(small.state.questions["key"]) == [2]


def test_work_for_a_task_that_was_closed_meanwhile(tmp_path: Path):
    small = at("translating", tmp_path)
    lead.reassign(small.state, "s1")
    key = f"translating/{SWAHILI}/{BOATS}/0/s1"
    assert small.state.tasks.set_index("task_key").loc[key, "closed"]
    assert small.submit(key) == 1
    small.advance()
    assert small.translation(BOATS, SWAHILI)["person"] == "s1", "what was submitted counts"

    (french,) = small.keys("translating", FRENCH, BAKERY)
    lead.decide(small.state, BAKERY, "drop", "Too easy.")
    small.advance()
    small.submit(french)
    small.submit(f"authoring/eng_Latn/{BAKERY}/0/{small.question(BAKERY)['person']}", question="Where to, then?")
    small.advance()
    assert small.question(BAKERY)["outcome"] == "drop", "and what was dropped stays dropped"
    assert small.keys(question=BAKERY) == []


@pytest.mark.parametrize(
    ("name", "content", "error", "says"),
    [
        ("a.jsonl", b"{\n[1]\n", ImportRefused, "line 2: not an object {…} but a list ([1])"),
        (
            "a.jsonl",
            b'{}\n{"task_key": "\xff"}',
            ImportRefused,
            "line 2: byte 17 (0xff) is not UTF-8",
        ),
        ("a.xlsx", b"no spreadsheet", ImportRefused, "save it as .xlsx again"),
        ("a.xlsx", b"", ImportRefused, "save it as .xlsx again"),
        ("a.ods", b"task_key", UsageError, "work comes as .xlsx, .csv, "),
        ("", b"", UsageError, "there is no file"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, name: str, content: bytes, error: type[Exception], says: str):
    if name:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(error) as told:
        sheets.read(tmp_path / (name or "nothing.xlsx"))
    assert says in str(told.value)
    assert (name or "nothing.xlsx") in str(told.value)


def test_a_file_as_windows_saves_it(tmp_path: Path):
    (tmp_path / "a.jsonl").write_bytes('\ufeff{"a": "é\u2028"}\r\n\r\n{"a": "b"}\r\n'.encode())
    lines = sheets.read(tmp_path / "a.jsonl")
    assert [line.cells for line in lines] == [{"a": "é\u2028"}, {"a": "b"}]
    assert [line.place[-6:] for line in lines] == ["line 1", "line 3"]


def test_spreadsheets_change_no_text(tmp_path: Path):
    texts = ["=SUM(A1)", "+1", "0012", "1e5", "NA", "TRUE", "a\nb", "\u200fء", " x "]
    sheets.write(pd.DataFrame({"t": texts}), tmp_path / "t.xlsx")
    assert [line["t"] for line in lines_of(tmp_path / "t.xlsx")] == texts
    sheets.write(pd.DataFrame({"t": ["a\x08b"]}), tmp_path / "t.xlsx")
    assert lines_of(tmp_path / "t.xlsx") == [{"t": "a\x08b"}]
    with pytest.raises(UsageError, match=r"write \.parquet"):
        sheets.write(pd.DataFrame({"t": ["x" * 40_000]}), tmp_path / "long.xlsx")
    assert not (tmp_path / "long.xlsx").exists()


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".jsonl", ".xlsx"])
def test_tables_go_out(tmp_path: Path, suffix: str):
    small = at("accepted", tmp_path)
    out = tmp_path / f"questions{suffix}"
    assert export_table(small.state, "questions", str(out)) == 2
    assert out.stat().st_size > 0
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == [NOTE]
    read = {".parquet": pd.read_parquet, ".csv": pd.read_csv, ".xlsx": pd.read_excel}.get(suffix)
    frame = read(out) if read else pd.read_json(out, lines=True)
    assert sorted(frame["question_id"]) == [BAKERY, BOATS]
    answers = frame.set_index("question_id")["answers"][BOATS]
    wanted = TEXTS[BOATS, "eng_Latn"]["answers"]
    assert (answers.split("\n") if isinstance(answers, str) else list(answers)) == wanted


@pytest.mark.parametrize(
    ("what", "out", "says"),
    [
        ("question", "q.csv", "there is no table 'question'; the ledger has passages, "),
        ("questions", "q.txt", "must end in .parquet, .csv, .jsonl or .xlsx"),
        ("questions", "nowhere/q.csv", "there is no folder"),
        ("questions", "folder.csv", "is a folder; name a file"),
    ],
)
def test_tables_that_cannot_go_out(tmp_path: Path, what: str, out: str, says: str):
    small = at("authoring", tmp_path)
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(UsageError, match=says):
        export_table(small.state, what, str(tmp_path / out))


def test_people_without_open_work(tmp_path: Path):
    small = at("authoring", tmp_path)
    with pytest.raises(UsageError, match="s1 has no open work"):
        export_work(small.state, "s1", str(tmp_path / "w.jsonl"))
    with pytest.raises(UsageError, match="no person 'anna'"):
        export_work(small.state, "anna", str(tmp_path / "w.jsonl"))


def test_what_a_file_said_first_is_kept(tmp_path: Path):
    small: Small = at("translating", tmp_path)
    before = datetime.now(UTC)
    (key,) = small.keys("translating", SWAHILI, BOATS)
    small.submit(key)
    small.submit(key, question="Amina huweka wapi vifaa vyake?")
    found = small.state.ledger.read(nouns.ANNOTATIONS)
    found = found[found["task_key"] == key]
    assert list(found["kind"]) == ["submitted", "edited"]
    assert (found["updated_at"] > before).all()
    assert "masika" in found["result"].iloc[0]
