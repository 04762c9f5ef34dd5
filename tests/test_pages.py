"""What README, CONTRIBUTING and every page of docs/ say is so: links, commands, options, variables, files.

What is to be typed is run: each page's commands by the test that `RUN_BY` names, which fails if they do not work.
"""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from pathlib import Path
from pkgutil import resolve_name

import pytest
from reference import GENERATED_PAGES, campaign_toml, checks, commands, decisions, event_kinds, ledger, packages

from annotation.stages import PAGES as STAGE_PAGES
from data.campaign import settings
from data.campaign.campaign import Campaign
from data.campaign.renamed_keys import NEW_NAMES
from data.itemsets.own_layout import own_layout
from data.ledger import tables
from data.ledger.events import KINDS
from flows.cli.commands import main
from flows.simulation.rehearsal import worker_profiles
from flows.vision.stage_files import read_stages
from tests.pages import FILES, PAGES, ROOT, blocks, lines_of, named_commands

every_page = pytest.mark.parametrize("page", PAGES)

RUN_BY = {
    "make demo": "tests/flows/simulation/demo/test_demo.py",
    "make test": ".ci/run",
    "make check": ".ci/run",
    ".venv/bin/python -m pytest tests/qc/checks/test_structure_checks.py": ".ci/run",
    "pip install .": "tests/test_readme.py",
    "pip install 'belebele-maker[render]'": ".ci/run",
    "apt-get install libpangocairo-1.0-0": ".ci/run",
    "belebele render mybench-1.0.0": "tests/flows/rendering/test_rendered_sets.py",
    "belebele init": "tests/test_readme.py",
    "belebele up mybench": "tests/test_readme.py",
    "belebele check mybench": "tests/test_readme.py",
    "belebele advance mybench": "tests/test_readme.py",
    "belebele links mybench": "tests/test_readme.py",
    "belebele status mybench": "tests/test_readme.py",
    "belebele release mybench": "tests/test_readme.py",
    "belebele verify mybench": "tests/data/release/versions/test_release_difference.py",
    "belebele diff mybench": "tests/data/release/versions/test_release_difference.py",
    "belebele read pages": "tests/flows/reading/test_image_reading.py",
    "belebele audit items.parquet": "tests/test_readme.py",
    "belebele audit mybench-1.0.0": "tests/flows/test_release_certificate.py",
    "belebele publish mybench-1.0.0": "tests/flows/publication/test_publication.py",
    "belebele browse mybench-1.0.0": "tests/flows/test_browse.py",
    "belebele lint set": "tests/flows/lint/test_linted_sets.py",
    "belebele assemble": "tests/flows/training_set/test_assembly.py",
    "belebele contamination": "tests/flows/contamination/test_contamination_passport.py",
    "belebele patch mybench": "tests/flows/patches/test_patches.py",
    "belebele explain mybench": "tests/flows/reports/history/test_item_history.py",
    "belebele export mybench": "tests/test_readme.py",
    "belebele backup mybench": "tests/flows/backup/test_backup.py",
    "belebele restore ": "tests/flows/backup/test_backup.py",
    "belebele check drill/mybench": "tests/flows/backup/test_drill.py",
    "belebele up drill/mybench": "tests/flows/backup/test_drill.py",
    "export BELEBELE_STATE_DIR=": "tests/flows/backup/test_drill.py",
    "belebele import mybench": "tests/test_readme.py",
    "belebele vision --describe": "tests/flows/vision/test_vision_training.py",
    "belebele vision --train": "tests/flows/vision/test_vision_training.py",
    "python benchmarks/vision/throughput.py": "tests/test_benchmarks.py",
    "belebele rehearse mybench": "tests/flows/simulation/rehearsal/test_rehearsal.py",
}
"""What runs the commands of a page, by how they begin."""

RUN_AS_A_WHOLE = {
    "docs/tutorial.md": "tests/test_readme.py",
    "docs/guides/team-server.md": "tests/flows/services/test_team_server.py",
    "docs/guides/service.md": "tests/flows/services/test_service_files.py",
}
_FENCED = re.compile(r"^```.*\n(?:.*\n)*?^```$", re.MULTILINE)
PICTURE = "passages │ ───► │ questions"


@every_page
def test_what_is_to_be_typed_is_run(page: str) -> None:
    whole = RUN_AS_A_WHOLE.get(page)
    if whole:
        assert (ROOT / whole).exists()
        return
    for block in blocks(page):
        if PICTURE in block:
            continue
        for line in block.splitlines():
            words = line.split("#")[0].strip()
            (test,) = {test for begins, test in RUN_BY.items() if words.startswith(begins)}
            assert (ROOT / test).exists(), test


@every_page
def test_links_lead_somewhere(page: str) -> None:
    generated = {ROOT / "docs" / name for name in GENERATED_PAGES}
    for target, place in re.findall(r"\]\((?!https?://)([^)#]*)(?:#([^)]*))?\)", PAGES[page]):
        found = (FILES[page].parent / target).resolve() if target else FILES[page]
        assert found.exists() or found in generated, target
        if place and found.exists():
            titles = re.findall(r"^#+ (.+)$", found.read_text("utf-8"), re.MULTILINE)
            assert place in {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}, place


@every_page
def test_files_and_modules_that_are_named_are_there(page: str) -> None:
    for name in re.findall(r"(?<!/)\b(?:tests|benchmarks|docs|data|annotation|qc|flows)/[\w/.-]+\w", PAGES[page]):
        if "CODE" not in name:  # a word in capitals stands for something of the reader's
            assert (ROOT / name).exists() or name.removeprefix("docs/") in GENERATED_PAGES, name
    for name in re.findall(r"`((?:data|annotation|qc|flows)\.[\w.]+)`", PAGES[page]):
        assert resolve_name(name), name


@every_page
def test_variables_are_the_ones_that_are_read(page: str) -> None:
    code = "".join(path.read_text("utf-8") for name in ("data", "flows") for path in (ROOT / name).rglob("*.py"))
    for name in re.findall(r"`((?:BELEBELE|PREFECT)_[A-Z_]+)`", PAGES[page]):
        known = name if name in code else re.sub(r"_(NAME|AGENCY)$", "", name)
        assert known in code, name


@every_page
def test_make_targets_exist_and_do_their_own_set_up(page: str) -> None:
    rules = dict(re.findall(r"^([a-z-]+): (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = [line.split()[1] for line in lines_of(page, "make")] + re.findall(r"`make ([a-z-]+)`", PAGES[page])
    if page == "README.md":
        assert {"demo", "test", "check", "test-slow", "bench", "docs", "fix"} <= set(named)
    for target in named:
        assert rules[target] == ("$(UV)" if target == "pins" else "$(READY)"), target


@every_page
def test_every_command_and_option_exists(page: str) -> None:
    for words in named_commands(page):
        name, *rest = words.split()[1:]
        command = main.commands[name]
        options = {option for parameter in command.params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", " ".join(rest))) <= options, words


def test_commands_are_found_on_the_pages() -> None:
    """So that the test before holds for more than nothing."""
    assert sum(len(named_commands(page)) for page in PAGES) > 80
    assert {words.split()[1] for page in PAGES for words in named_commands(page)} >= {*main.commands} - {"demo"}


@every_page
def test_lines_are_not_wider_than_a_screen(page: str) -> None:
    prose = _FENCED.sub("", PAGES[page])
    wide = [line for line in prose.splitlines() if len(line) > 123 and not line.startswith("|")]
    assert wide == []


def test_readme_is_short() -> None:
    assert len(PAGES["README.md"].splitlines()) <= 150


@every_page
def test_nothing_of_one_machine_stands_on_it(page: str) -> None:
    """A path of somebody's machine, or the address of a place where packages come from."""
    assert re.findall(r"/(?:home|root|work|tmp)/|https?://(?:pypi|files)\S*", PAGES[page]) == []


# Files that are shown --------------------------------------------------------------------------------------------

SMALLEST = """
[campaign]
id = "x"
title = "X"
[source]
kind = "parallel"
path = "x.jsonl"
[languages]
targets = ["fra_Latn", "spa_Latn", "quy_Latn"]
"""


@every_page
def test_settings_that_are_shown_are_taken(page: str, tmp_path: Path) -> None:
    for block in blocks(page, "toml"):
        if page == "docs/guides/sets.md":
            (tmp_path / "own.toml").write_text(block, encoding="utf-8")
            assert own_layout(str(tmp_path / "own.toml")).answer_from == "letter"
        elif page == "docs/guides/rehearsal.md":
            assert worker_profiles.parse(block).power == 0.9
        elif page == "docs/guides/visual-model.md":
            (tmp_path / "stages.toml").write_text(block, encoding="utf-8")
            assert [stage.number for stage in read_stages(str(tmp_path / "stages.toml"))] == [3]
        else:
            Campaign.parse(SMALLEST + block)


@every_page
def test_tables_of_campaign_toml_and_their_keys_exist(page: str) -> None:
    known = {name: set(part.model_fields) for name, part in campaign_toml.parts()}
    for name in re.findall(r"`\[+(\w+)\]+", PAGES[page]):
        assert name in known, name
    for name, key in re.findall(r"`(\w+)\.(\w+)(?: = [^`]*)?`", PAGES[page]):
        if name in known and key not in ("toml", "csv", "jsonl"):
            assert key in known[name], (name, key)


def test_columns_that_are_filled_in_offline_are_named() -> None:
    page = PAGES["docs/guides/offline.md"]
    rows = dict(re.findall(r"^\| (\w+) \| (.+) \|$", page, re.MULTILINE))
    columns = {one.stage: one.sheet.columns for one in STAGE_PAGES}
    assert set(rows) >= {stage for stage, names in columns.items() if names}
    for stage, said in rows.items():
        for name in re.findall(r"`(\w+)`", said):
            assert name in columns[stage], (stage, name)


def test_the_check_that_is_shown_is_one() -> None:
    """The example for those who write a check judges as it says."""
    import pandas as pd

    from qc.check import check, findings

    (example,) = blocks("CONTRIBUTING.md", "python")
    names: dict[str, object] = {"pd": pd, "check": check, "findings": findings}
    exec(example, names)
    made = names["no_shouting"]
    items = pd.DataFrame({"answers": [["ONE", "two"], ["SHOUT", "two"]]})
    assert list(made(items)["flagged"]) == [False, True]  # type: ignore[operator]


# The reference ---------------------------------------------------------------------------------------------------


def test_every_key_of_campaign_toml_is_explained() -> None:
    page = campaign_toml.page()
    for name, part in campaign_toml.parts():
        section = page.partition(f"\n## [{name}]" if name != "people" else "\n## [[people]]")[2].partition(
            "\n## "
        )[0]
        for key in part.model_fields if name != "checks" else ():
            (row,) = re.findall(rf"^\| `{key}` \| (.+) \|$", section, re.MULTILINE)
            assert all(cell.strip() for cell in re.split(r"(?<!\\)\|", row)), row


def test_old_names_of_keys_are_listed() -> None:
    listed = campaign_toml.page().partition("\n## Old names of keys\n")[2]
    for name, keys in NEW_NAMES.items():
        for old, new in keys.items():
            assert re.search(rf"^\| `\[+{name}\]+` \| `{old}` \| `{new}` \|$", listed, re.MULTILINE), (name, old)


def test_a_key_without_a_meaning_ends_the_build() -> None:
    class Part(settings.Part):
        """[new]: a table."""

        silent: int = 1

    with pytest.raises(ValueError, match=r"new\.silent"):
        campaign_toml.section("new", Part, {})


def test_every_command_has_its_section() -> None:
    page = commands.page()
    for name, command in main.commands.items():
        section = page.partition(f"\n## belebele {name}\n")[2].partition("\n## ")[0]
        for option in command.params:
            if option.param_type_name == "option":
                assert f"`{', '.join(option.opts)}" in section, (name, option.opts)


def test_every_check_is_listed_with_its_parameters() -> None:
    page, found = checks.page(), [check for listed in checks.found().values() for check in listed]
    assert len(found) > 20
    for check in found:
        section = page.partition(f"\n### {check.name}\n")[2].partition("\n###")[0]
        assert f"Version {check.version}." in section
        for parameter in check.parameters:
            assert re.search(rf"^\| `{parameter}` \| `[^`]+` \| \S.+ \|$", section, re.MULTILINE), (
                check.name,
                parameter,
            )


def test_every_table_and_column_is_listed() -> None:
    page = ledger.page()
    for name, table in tables.TABLES.items():
        section = page.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        assert section.strip()[0] != "|", f"nothing says what {name} holds"
        for column in set(table.schema.names) - tables.LEDGERS_OWN:
            assert f"| `{column}` |" in section


def test_every_module_is_on_the_map_and_every_room_in_the_architecture() -> None:
    page, rooms = packages.page(), PAGES["docs/architecture.md"]
    for package in packages.PACKAGES:
        (row,) = re.findall(rf"^\| `{package}` \| .+ \| (.+) \|$", rooms, re.MULTILINE)
        named = set(re.findall(r"\w+", re.sub(r"\([^)]*\)", "", row)))
        inside = {file.parent.name for file in (ROOT / package).glob("*/__init__.py")}
        assert named == inside, package
        for file in (ROOT / package).rglob("*.py"):
            section = page.partition(f"# {file.parent.relative_to(ROOT)}\n")[2].partition("\n##")[0]
            assert file.name == "__init__.py" or re.search(rf"^\| `{file.name}` \| \S", section, re.MULTILINE), (
                file
            )


def test_every_kind_of_event_is_listed_with_its_facts() -> None:
    page = event_kinds.page()
    for name, kind in KINDS.items():
        section = page.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        assert section.strip(), name
        listed = re.findall(r"^- `(\w+)`: \S", section, re.MULTILINE)
        assert not listed or set(listed) == {one.name for one in dataclasses.fields(kind)}, name


def test_every_decision_is_in_the_index_twice() -> None:
    text = (ROOT / "DECISIONS.md").read_text("utf-8")
    index = decisions.page().partition("(decision-")[0]
    for _, title in decisions.headings(text):
        assert index.count(f"[{title}](#decision-") == 2, title


# The site --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("sphinx")
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "--fail-on-warning",
        "--keep-going",
        "--quiet",
        "-d",
        tmp_path / "trees",
    ]
    ran = subprocess.run([*command, "docs", tmp_path / "site"], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    pages = {str(file.relative_to(tmp_path / "site")) for file in (tmp_path / "site").rglob("*.html")}
    wanted = {*GENERATED_PAGES, *(name.removeprefix("docs/") for name in PAGES if name.startswith("docs/"))}
    assert {name.replace(".md", ".html") for name in wanted} <= pages
    for name in pages:  # it can be read without a network
        text = (tmp_path / "site" / name).read_text("utf-8")
        assert re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=\"(?:https?:)?//[^\"]+", text) == [], name
