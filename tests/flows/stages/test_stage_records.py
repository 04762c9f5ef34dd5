import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import annotation.stages
import flows.stages
from data.ledger import tables

ROOT = Path(__file__).resolve().parents[3]

ALLOWED = {
    ("flows/simulation/demo/narration.py", "STORY"),  # what is told of people's work, copies among it
    ("flows/simulation/demo/sample_submissions.py", ""),  # what the people of the demo hand in
    ("flows/simulation/rehearsal/simulated_workers.py", ""),  # what simulated people hand in
    ("flows/simulation/rehearsal/worker_profiles.py", "KIND"),  # by role, some of which are called as stages are
}


def tables_by_stage(source: str) -> Iterator[tuple[str, int]]:
    """Mappings that are keyed by three stages or more, by the name that they are assigned to ("" for none)."""
    tree = ast.parse(source)
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            names[id(node.value)] = getattr(target, "id", "")
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            keys = {key.value for key in node.keys if isinstance(key, ast.Constant)}
        elif isinstance(node, ast.Match):
            cases = [part for case in node.cases for part in ast.walk(case.pattern)]
            keys = {
                part.value.value
                for part in cases
                if isinstance(part, ast.MatchValue) and isinstance(part.value, ast.Constant)
            }
        else:
            continue
        if len(keys & set(tables.STAGES)) >= 3:
            yield names.get(id(node), ""), node.lineno


def test_a_table_by_stage_is_seen() -> None:
    assert list(tables_by_stage("A = {'authoring': 1, 'guessing': 2, 'judging': 3}")) == [("A", 1)]
    assert list(tables_by_stage("A = {'authoring': 1, 'guessing': 2}")) == []
    asked = "match stage:\n case 'authoring' | 'guessing':\n  pass\n case 'judging':\n  pass"
    assert list(tables_by_stage(asked)) == [("", 1)]


def test_every_stage_has_one_page_and_one_work_in_the_order_of_the_ledger() -> None:
    assert tuple(page.stage for page in annotation.stages.PAGES) == tables.STAGES
    assert tuple(work.stage for work in flows.stages.STAGES) == tables.STAGES


def test_a_stage_is_one_module_in_each_half_and_nothing_else_lies_there() -> None:
    for room, record, name in (("annotation", "stage_page", "PAGE"), ("flows", "stage_work", "WORK")):
        modules = {path.stem for path in (ROOT / room / "stages").glob("*.py")} - {"__init__", record}
        ends = [getattr(import_module(f"{room}.stages.{module}"), name).stage for module in sorted(modules)]
        assert sorted(ends) == sorted(tables.STAGES)


def test_facts_of_stages_stand_in_no_other_table() -> None:
    found = {
        (str(path.relative_to(ROOT)), name)
        for room in ("annotation", "flows")
        for path in sorted((ROOT / room).rglob("*.py"))
        for name, _ in tables_by_stage(path.read_text())
    }
    assert found == ALLOWED
