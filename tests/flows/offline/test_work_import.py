"""Work and tables as files: out and back for every stage, and every mistake told at once with its line."""

import csv
import io
import json
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, time
from pathlib import Path
from time import monotonic
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import ImportRefused, UsageError
from data.exchange import csv_and_xlsx
from data.intake import xlsx_input
from data.ledger import tables
from data.ledger.events import Late
from data.output_files import NOTE
from flows.campaign_state import State
from flows.lead import lead_actions
from flows.ledger_views.lead_queries import queries_to_lead
from flows.offline.table_export import export_table
from flows.offline.work_export import export_work
from flows.offline.work_import import Imported, import_work
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
    return [dict(line.cells) for line in csv_and_xlsx.read(path)]


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
    assert small.state.events(Late).empty
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
    lead_actions.mend(
        small.state, "bakery", SWAHILI, ["Duka la mikate hufunguliwa mapema.", "Mikate huenda shuleni."]
    )
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
    assert list(queries_to_lead(small.state)["text"]) == ["Which hill?"]


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
        f"{file}, line 3: Your answer is missing: choose one, or say that the passage does not tell.",
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
        ("judging", {"recommend": "revise"}, "all criteria are met: say why in the comment."),
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
    lead_actions.reassign(small.state, "s1")
    key = f"translating/{SWAHILI}/{BOATS}/0/s1"
    assert small.state.tasks.set_index("task_key").loc[key, "closed"]
    assert small.submit(key) == 1
    small.advance()
    assert small.translation(BOATS, SWAHILI)["person"] == "s1", "what was submitted counts"

    (french,) = small.keys("translating", FRENCH, BAKERY)
    lead_actions.decide(small.state, BAKERY, "drop", "Too easy.")
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
        csv_and_xlsx.read(tmp_path / (name or "nothing.xlsx"))
    assert says in str(told.value)
    assert (name or "nothing.xlsx") in str(told.value)


def test_a_file_as_windows_saves_it(tmp_path: Path):
    (tmp_path / "a.jsonl").write_bytes('\ufeff{"a": "é\u2028"}\r\n\r\n{"a": "b"}\r\n'.encode())
    lines = csv_and_xlsx.read(tmp_path / "a.jsonl")
    assert [line.cells for line in lines] == [{"a": "é\u2028"}, {"a": "b"}]
    assert [line.place[-6:] for line in lines] == ["line 1", "line 3"]


def test_spreadsheets_change_no_text(tmp_path: Path):
    texts = ["=SUM(A1)", "+1", "0012", "1e5", "NA", "TRUE", "a\nb", "\u200fء", " x "]
    csv_and_xlsx.write(pd.DataFrame({"t": texts}), tmp_path / "t.xlsx")
    assert [line["t"] for line in lines_of(tmp_path / "t.xlsx")] == texts
    csv_and_xlsx.write(pd.DataFrame({"t": ["a\x08b"]}), tmp_path / "t.xlsx")
    assert lines_of(tmp_path / "t.xlsx") == [{"t": "a\x08b"}]
    with pytest.raises(UsageError, match=r"write \.parquet"):
        csv_and_xlsx.write(pd.DataFrame({"t": ["x" * 40_000]}), tmp_path / "long.xlsx")
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
    found = small.state.ledger.read(tables.ANNOTATIONS)
    found = found[found["task_key"] == key]
    assert list(found["kind"]) == ["submitted", "edited"]
    assert (found["updated_at"] > before).all()
    assert "masika" in found["result"].iloc[0]


# What a spreadsheet does -----------------------------------------------------------------------------------------


def by_hand(
    path: Path, state: State, person: str, change: Callable[[openpyxl.Workbook, dict[str, str]], None]
) -> str:
    """A person's exported work, filled in by `change`: the workbook, and the letter of each column."""
    export_work(state, person, str(path))
    book = openpyxl.load_workbook(path)
    letters = {str(cell.value): cell.column_letter for cell in book.active[1]}
    change(book, letters)
    book.save(path)
    return str(path)


def fill(book: openpyxl.Workbook, letters: dict[str, str], row: int = 2, **more: Any) -> None:
    question = str(book.active[f"{letters['task_key']}{row}"].value).split("/")[2]
    for name, value in {**good("translating", question, SWAHILI), **more}.items():
        book.active[f"{letters[name]}{row}"] = value


def test_every_exported_cell_is_text(tmp_path: Path):
    small = at("translating", tmp_path)
    export_work(small.state, "s1", str(tmp_path / "w.xlsx"))
    book = openpyxl.load_workbook(tmp_path / "w.xlsx")
    assert {cell.number_format for row in book.active.iter_rows() for cell in row} == {"@"}
    assert book.active.max_column == len(lines_of(tmp_path / "w.xlsx")[0]), "those to be filled in too"


@pytest.mark.parametrize(
    ("value", "format_", "taken"),
    [
        (220, "General", "220"),
        (0.5, "0%", "50%"),
        (0.07, "0%", "7%"),
        ("In 2009_x000D_\nby a baker", "General", "In 2009\nby a baker"),
        ("_x005F_x0041_", "@", "_x0041_"),
        ("=1+1", "formula", None),
        (datetime(2026, 5, 9), "d-mmm", None),
        (time(12, 30), "h:mm", None),
        (1 / 3, "# ?/?", None),
        (0.125, "0.0%", None),
        (3000, "#,##0", None),
        (3.5, "General", None),
        (1.234567890123457e19, "General", None),
        (True, "General", None),
        ("#NAME?", "General", None),
    ],
)
def test_what_a_spreadsheet_made_of_a_cell(tmp_path: Path, value: Any, format_: str, taken: str | None):
    book = openpyxl.Workbook()
    book.active.append(["task_key", "answer1", "note"])
    book.active.append(["k", value, datetime(2026, 5, 9)])
    if format_ != "formula":
        book.active["B2"].number_format = format_
        if value != "#NAME?":
            book.active["B2"].data_type = "s" if isinstance(value, str) else book.active["B2"].data_type
    book.save(tmp_path / "w.xlsx")
    (line,) = csv_and_xlsx.read(tmp_path / "w.xlsx")
    assert line.at("answer1") == f"{tmp_path / 'w.xlsx'}, sheet 'Sheet', cell B2"
    if taken is None:
        assert isinstance(line.cells["answer1"], csv_and_xlsx.Changed)
    else:
        assert str(line.cells["answer1"]).replace("\r\n", "\n") == taken


def test_a_changed_cell_is_refused_with_its_sheet_cell_and_value(tmp_path: Path):
    small = at("translating", tmp_path)

    def change(book: openpyxl.Workbook, letters: dict[str, str]) -> None:
        fill(book, letters, answer1=datetime(2026, 5, 9), answer2=True)
        book.active["AZ1"], book.active["AZ2"] = "my notes", datetime(2026, 5, 9)  # nobody's business

    file = by_hand(tmp_path / "w.xlsx", small.state, "s1", change)
    with pytest.raises(ImportRefused) as told:
        import_work(small.state, file)
    letter = openpyxl.load_workbook(file).active
    at_ = {str(cell.value): cell.column_letter for cell in letter[1]}
    cure = "which is not what was typed; format the cell as text and type it again"
    assert told.value.problems == (
        f"{file}, sheet 'Sheet1', cell {at_['answer1']}2: answer1 is 2026-05-09 00:00:00 (a date or time), {cure}",
        f"{file}, sheet 'Sheet1', cell {at_['answer2']}2: answer2 is TRUE (a truth value, shown in the language "
        f"of the program), {cure}",
    )


def _second_sheet(book: openpyxl.Workbook, letters: dict[str, str], state: str = "visible") -> None:
    copy = book.copy_worksheet(book.active)
    copy.title, copy.sheet_state = "Copy", state


HIDDEN: dict[str, tuple[Callable[[openpyxl.Workbook, dict[str, str]], None], str]] = {
    "the same task on two sheets": (
        _second_sheet, "row 2: task {key} stands at {file}, sheet 'Sheet1', row 2 already",
    ),
    "a hidden sheet": (
        lambda b, c: _second_sheet(b, c, "hidden"), "sheet 'Copy', row 2: sheet 'Copy' is hidden and",
    ),
    "a hidden row": (
        lambda b, _: setattr(b.active.row_dimensions[2], "hidden", True), "row 2: the row is hidden and holds",
    ),
    "a hidden column": (
        lambda b, c: setattr(b.active.column_dimensions[c["answer1"]], "hidden", True),
        "2: the column answer1 is hidden and holds filled-in work",
    ),
    "a column twice": (
        lambda b, _: b.active.__setitem__("AZ1", "answer1"),
        "the column 'answer1' stands there twice ({letter}1 and AZ1)",
    ),
    "the same task in two rows": (
        lambda b, c: [b.active.__setitem__(f"{x}9", b.active[f"{x}2"].value) for x in c.values()] and None,
        "row 9: task {key} stands in row 2 already; keep one of the two",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", HIDDEN)
def test_nothing_hidden_or_doubled_wins(tmp_path: Path, kind: str):
    small = at("translating", tmp_path)
    seen: dict[str, str] = {}
    before = len(small.state.annotations)

    def change(book: openpyxl.Workbook, letters: dict[str, str]) -> None:
        fill(book, letters)
        seen.update(key=str(book.active[f"{letters['task_key']}2"].value), letter=letters["answer1"])
        HIDDEN[kind][0](book, letters)

    file = by_hand(tmp_path / "w.xlsx", small.state, "s1", change)
    with pytest.raises(ImportRefused) as told:
        import_work(small.state, file)
    assert any(HIDDEN[kind][1].format(file=file, **seen) in problem for problem in told.value.problems), told.value
    assert len(small.state.annotations) == before, "nothing was taken in"


def test_other_sheets_and_helper_columns_do_no_harm(tmp_path: Path):
    small = at("translating", tmp_path)

    def change(book: openpyxl.Workbook, letters: dict[str, str]) -> None:
        fill(book, letters)
        book.create_sheet("Notes", 0).append(["What I asked", datetime(2026, 5, 9)])
        book["Notes"].append(["Nothing"])
        book["Sheet1"].column_dimensions[letters["task_key"]].hidden = True

    file = by_hand(tmp_path / "w.xlsx", small.state, "s1", change)
    assert import_work(small.state, file) == Imported(1, empty=1, strange=1)


def test_several_files_count_as_one(tmp_path: Path):
    small = at("translating", tmp_path)
    for name in ("a.xlsx", "b.xlsx"):
        by_hand(tmp_path / name, small.state, "s1", fill)
    with pytest.raises(ImportRefused, match=r"b.xlsx, sheet 'Sheet1', row 2: task .* stands at .*a.xlsx, sheet"):
        import_work(small.state, str(tmp_path / "a.xlsx"), str(tmp_path / "b.xlsx"))
    export_work(small.state, "t1", str(tmp_path / "c.csv"))
    assert import_work(small.state, str(tmp_path / "a.xlsx"), str(tmp_path / "c.csv")) == Imported(1, empty=2)


def test_work_of_another_campaign_or_another_state_is_refused(tmp_path: Path):
    pilot, small = at("translating", tmp_path / "pilot"), at("translating", tmp_path / "real", "other")
    file = by_hand(tmp_path / "w.xlsx", pilot.state, "s1", fill)
    with pytest.raises(ImportRefused) as told:
        import_work(small.state, file)
    (problem,) = told.value.problems
    assert "exported from the campaign 'small/" in problem
    assert "and this one is 'other/" in problem
    lines = lines_of(tmp_path / "w.xlsx")
    write(tmp_path / "w.jsonl", [{**lines[0], "revision": "0-00000000"}])
    with pytest.raises(ImportRefused, match="shows something else here than when this file was written"):
        import_work(pilot.state, str(tmp_path / "w.jsonl"))
    with pytest.raises(ImportRefused, match="there is no column task_key; it has a, b"):
        write(tmp_path / "n.jsonl", [{"a": "1", "b": "2"}])
        import_work(pilot.state, str(tmp_path / "n.jsonl"))


def test_an_import_says_what_became_of_every_line():
    assert str(Imported()) == "0 pieces of work taken in: there is no line in it"
    assert str(Imported(unchanged=2, empty=1)) == (
        "0 pieces of work taken in; 2 lines as they were taken in before, 1 line not filled in"
    )
    assert str(Imported(1, closed=1)) == "1 piece of work taken in; 1 line on work that is not open any more"


ODD = st.text(alphabet=st.sampled_from("=+-@\t\r\n'\"ab;, _x0041é"), max_size=8)


@given(st.lists(st.tuples(ODD, ODD), min_size=1, max_size=4), st.sampled_from([".csv", ".xlsx", ".parquet"]))
@settings(deadline=None, max_examples=60)
def test_any_text_comes_back_exactly_and_no_spreadsheet_runs_it(rows: list[tuple[str, str]], suffix: str):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"t{suffix}"
        csv_and_xlsx.write(pd.DataFrame([{"k": "k", "a": a, "'b": b} for a, b in rows]), file)
        assert [(line.cells["a"], line.cells["'b"]) for line in csv_and_xlsx.read(file)] == rows
        if suffix == ".csv":
            for row in csv.reader(io.StringIO(file.read_text("utf-8-sig"), newline="")):
                assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


def test_an_apostrophe_of_the_text_stays(tmp_path: Path):
    (tmp_path / "w.csv").write_text("k,a\nk,'-ing' form\n", encoding="utf-8")
    assert lines_of(tmp_path / "w.csv") == [{"k": "k", "a": "'-ing' form"}]


def test_a_sheet_whose_last_row_holds_a_cell_and_a_workbook_of_gigabytes(tmp_path: Path):
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "task_key", "x"
    book.save(tmp_path / "last.xlsx")
    began = monotonic()
    assert [line.place[-7:] for line in csv_and_xlsx.read(tmp_path / "last.xlsx")] == ["1048576"]
    assert monotonic() - began < 5
    with ZipFile(tmp_path / "last.xlsx", "a", ZIP_DEFLATED) as parts:
        parts.writestr("xl/media/image1.bin", bytes(xlsx_input.UNPACKED + 1))
    with pytest.raises(
        ImportRefused, match=r"last.xlsx: is 134,2\d\d,\d\d\d bytes unpacked, and at most 134,217,728"
    ):
        csv_and_xlsx.read(tmp_path / "last.xlsx")


def test_an_empty_table_is_an_empty_file(tmp_path: Path):
    small = at("authoring", tmp_path)
    assert export_table(small.state, "translations", str(tmp_path / "t.jsonl")) == 0
    assert (tmp_path / "t.jsonl").read_bytes() == b""
    assert csv_and_xlsx.read(tmp_path / "t.jsonl") == []


def test_an_export_overwrites_nobodys_file(tmp_path: Path):
    small = at("authoring", tmp_path)
    file = tmp_path / "passages.csv"
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="no belebele export wrote it; nothing is overwritten"):
        export_table(small.state, "passages", str(file))
    assert file.read_text("utf-8") == "mine"
    file.unlink()
    assert (
        export_table(small.state, "passages", str(file)) == export_table(small.state, "passages", str(file)) == 6
    )
