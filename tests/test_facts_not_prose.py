"""Parts of the program pass facts to each other, and never look for words in a sentence that another part made."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
TAKE_APART = {
    "startswith", "endswith", "split", "splitlines", "partition", "rpartition", "removeprefix", "removesuffix",
    "contains", "match", "fullmatch", "search", "sub", "findall", "extract", "replace",
}  # fmt: skip
SENTENCES = ("reason", "waiting_for", "awaited", "says", "detail']", "finding")
WRITE_AND_READ = {
    "data/ledger/events/submission_events.py",
    "data/ledger/human_verdicts.py",
    "data/ledger/task_reason.py",
    "qc/decisions/decision_reason.py",
    "qc/text/edit_rates.py",
}
"""The modules that write such a text and read it, side by side."""
SHOWN_ONLY = {
    "annotation/stages/translation_page.py": "a finding stands beside the answer that its words name",
    "flows/reports/source_faults.py": "a full stop less, where a list follows",
    "qc/decisions/standing_verdicts.py": "the marks less that somebody's comment begins with",
    "qc/feedback/author_feedback.py": "options are called answers on the author's page",
    "qc/reports/audit_report/language_tables.py": "the subject less, under a heading that says it",
}
"""Where words are looked at to show them in a better place or form; nothing is decided by it."""


def taken_apart(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in TAKE_APART:
            pattern = node.args if node.func.attr in ("match", "fullmatch", "search", "sub", "findall") else []
            about = " ".join(map(ast.unparse, [node.func.value, *pattern]))
            if any(word in about for word in SENTENCES):
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}")
    return found


def test_no_part_looks_for_words_in_what_another_says() -> None:
    found = [
        line
        for package in ("data", "annotation", "qc", "flows")
        for path in sorted((ROOT / package).rglob("*.py"))
        if str(path.relative_to(ROOT)) not in WRITE_AND_READ | SHOWN_ONLY.keys()
        for line in taken_apart(path)
    ]
    assert found == []


def test_no_cue_or_model_is_told_by_its_name() -> None:
    rooms = ("qc/audit", "qc/set_statistics", "qc/reports/audit_report", "qc/models")
    paths = [path for room in rooms for path in (ROOT / room).rglob("*.py")]
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}"
        for path in sorted(paths)
        if path.name != "cue_kinds.py"  # writes names and reads them
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in TAKE_APART
        if node.func.attr != "replace"  # a dataclass's too
        if re.search(r"\b(name|cue|model|picks|against)\b", ast.unparse(node.func.value))
    ]
    assert found == []


def test_what_is_let_through_is_there() -> None:
    for name in WRITE_AND_READ | SHOWN_ONLY.keys():
        assert (ROOT / name).exists(), name
    assert all(taken_apart(ROOT / name) for name in SHOWN_ONLY), "what needs no leave any more needs no line"
