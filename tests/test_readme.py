"""Every command in README and on the pages of docs/ runs as it stands there; README's counts and picture hold.

Words in capitals stand for something of the reader's and are put in here. A command that nothing runs fails in
`tests.test_pages`.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import tomllib
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from annotation.labelstudio.local_server import install
from data.environment import state_dir
from data.ledger import detail, tables
from data.ledger.events import Late
from data.sample import load
from flows.cli.commands import main
from flows.ledger_views.lead_queries import queries_to_lead
from flows.offline.work_export import export_work
from flows.release import release_campaign
from tests.data.sources.test_flores200 import HEADER, packed
from tests.flows.small_campaign import BAKERY, BOATS, FRENCH, Small, at, good
from tests.pages import PAGES, ROOT, block_with, blocks, lines_of, named_commands, table_of_commands
from tests.qc.audited import made

README = PAGES["README.md"]
CAMPAIGN = "docs/guides/campaign.md"
TABLE = table_of_commands(CAMPAIGN)
NAMED = ("BELEBELE_LABEL_STUDIO_URL", "BELEBELE_LABEL_STUDIO_TOKEN", "PREFECT_API_URL")


def environment(folder: Path) -> dict[str, str]:
    """As a newcomer's, with `belebele` on the path and a state folder of their own."""
    state = folder / "state"
    state.mkdir(exist_ok=True)
    home = install(state_dir(), print)
    if not (state / home.name).exists():
        (state / home.name).symlink_to(home)
    kept = {name: value for name, value in os.environ.items() if name not in NAMED}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {**kept, "PATH": path, "BELEBELE_STATE_DIR": str(state), "COLUMNS": "200"}


def run(line: str, folder: Path, status: int = 0) -> str:
    ran = subprocess.run(["bash", "-c", line], cwd=folder, env=environment(folder), capture_output=True, text=True)
    assert ran.returncode == status, f"{line}\n{ran.stdout}{ran.stderr}"
    assert "Traceback" not in ran.stderr
    return ran.stdout + ran.stderr


# What is said ----------------------------------------------------------------------------------------------------


def test_the_counts_are_those_of_the_sample() -> None:
    sample = load()
    passages = len({passage.passage_id for passage in sample.passages})
    told = (
        f"{passages} passages in {len(sample.translations) + 1} languages, {len(sample.people)} scripted people "
        f"and their {len(sample.faults)} faults"
    )
    assert told in " ".join(README.split())


def test_the_picture_is_on_the_first_screen_and_fits() -> None:
    picture = blocks("README.md")[0]
    assert "proofreading" in picture
    assert README.index("make demo") < 3000
    assert len(README[: README.index("make test")].splitlines()) <= 32
    rows = picture.splitlines()
    assert max(map(len, rows)) <= 120
    assert all(unicodedata.east_asian_width(c) in "NNaAHW" and not unicodedata.combining(c) for c in picture)
    (top,) = [row for row in rows if "┌" in row]
    middle, bottom = rows[rows.index(top) + 1], rows[rows.index(top) + 2]
    boxes = [(found.start(), found.end() - 1) for found in re.finditer("┌─+┐", top)]
    assert len(boxes) == 6
    for left, right in boxes:
        assert (bottom[left], bottom[right]) == ("└", "┘")
        assert (middle[left], middle[right]) == ("│", "│")
        assert set(bottom[left + 1 : right]) <= {"─", "┬"}
    for row, below in pairwise(rows):  # no line ends in the air
        for place, mark in enumerate(row):
            if mark in "┬┤┌┐▲" or (mark == "│" and row is not middle):
                assert below[place : place + 1] in set("│▼└┘┤├"), (row, place)


# What is done ----------------------------------------------------------------------------------------------------


@pytest.fixture
def newcomer(tmp_path: Path) -> Path:
    """A folder with the sources that the README speaks of, in small."""
    codes = ("eng_Latn", "fra_Latn", "arb_Arab", "swh_Latn")
    texts = {(p.language, p.passage_id): p.sentences for p in load().passages}
    files = {}
    for split, passage in (("dev", "sample-01"), ("devtest", "sample-02")):
        count = len(texts["eng_Latn", passage])
        files[f"flores200_dataset/metadata_{split}.tsv"] = HEADER + f"u/{passage}\tnews\tsea\tno\tno\n" * count
        for code in codes:
            sentences = texts.get((code, passage), tuple(f"Phrase {n} de {passage}." for n in range(count)))
            files[f"flores200_dataset/{split}/{code}.{split}"] = "".join(f"{s}\n" for s in sentences)
    packed(tmp_path / "flores200_dataset.tar.gz", files)
    columns = ("domain", "topic", "split")
    (tmp_path / "passages.jsonl").write_text(
        "".join(
            json.dumps({"passage_id": "wells", "language": code, "text": text, **dict.fromkeys(columns, "dev")})
            + "\n"
            for code, text in (("eng_Latn", "The well is deep."), ("fra_Latn", "Le puits est profond."))
        )
    )
    return tmp_path


def test_the_package_installs(tmp_path: Path) -> None:
    """`pip install .`, into an environment that has the dependencies already; test_packaging tries the wheel."""
    (line,) = lines_of("README.md", "pip")
    assert line == "pip install ."
    copied = tmp_path / "clone"
    copied.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "data", "annotation", "qc", "flows"):
        (copied / name).symlink_to(ROOT / name)
    install_it = "-m uv pip install --quiet --no-deps --no-build-isolation --target ../there"
    run(f"{shlex.quote(sys.executable)} {install_it} .", copied)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    module = project["scripts"]["belebele"].partition(":")[0]
    assert (tmp_path / "there" / f"{module.replace('.', '/')}.py").exists()


@contextmanager
def standing(line: str, folder: Path) -> Iterator[None]:
    """Have `belebele up` run while the block lasts, as in a terminal of its own."""
    log = folder / "up.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            ["bash", "-c", f"exec {line}"],
            cwd=folder,
            env=environment(folder),
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        end = time.monotonic() + 240
        while "Ctrl-C" not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.2)
        yield
    finally:
        os.killpg(process.pid, signal.SIGINT)
        status = process.wait(60)
    assert status == 0, log.read_text()


@pytest.mark.slow
@pytest.mark.servers
def test_a_campaign_of_ones_own(newcomer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (begin,) = [line for line in block_with("README.md", "pip install .") if line.startswith("belebele")]
    assert "belebele check mybench" in run(begin, newcomer)
    campaign = newcomer / "mybench" / "campaign.toml"
    people = re.compile(r"^# (?=\[\[people\]\]|code =|roles =|languages = )", re.MULTILINE)
    campaign.write_text(people.sub("", campaign.read_text()))  # the two people who stand there as comments
    (up,) = block_with("README.md", "Ctrl-C stops")
    check, advance, links, status, release = block_with("README.md", "belebele advance")
    with standing(up, newcomer):
        assert "Label Studio 1." in run(check, newcomer)
        assert "opened 4 tasks on the servers" in run(advance, newcomer)
        said = run(links, newcomer).splitlines()
        assert ["/user/signup/" in line for line in said[:2]] == [True, False]
        assert "ana" in run(status, newcomer)
        assert "there is nothing to release" in run(release, newcomer, status=2)  # nothing is written yet
        monkeypatch.chdir(newcomer)
        for name, value in environment(newcomer).items():
            monkeypatch.setenv(name, value)
        for name in NAMED:
            monkeypatch.delenv(name, raising=False)
        walk_through_the_tutorial(up, newcomer)


def walk_through_the_tutorial(up: str, folder: Path) -> None:
    """What it says to type is typed, what it says to fill in is filled in, what it shows is said.

    Its servers are those that stand already.
    """
    pieces = re.findall(r"^```(text)?\n((?:.*\n)*?)```$|((?:^\|.*\n)+)", PAGES["docs/tutorial.md"], re.MULTILINE)
    assert len(pieces) > 20
    said, file = "", ""
    for shows, block, table in pieces:
        if table:
            fill_in(folder / file, dict(re.findall(r"^\| `(.+)` \| (.+) \|$", table, re.MULTILINE)))
        elif shows:
            for line in block.splitlines():
                assert line in said.splitlines(), said
        elif block.strip() == up.replace("mybench", "wells"):
            continue
        else:
            assert "belebele up" not in block
            said = (
                run(block, folder)
                if "<<" in block
                else "".join(typed(line, folder) for line in block.splitlines())
            )
            file = next(iter(re.findall(r"--out (\S+\.xlsx)", block)), file)


def typed(line: str, folder: Path) -> str:
    """What a line says; a command of ours is run in this process, which saves a start of Python each time."""
    if not line.startswith("belebele "):
        return run(line, folder)
    done = CliRunner().invoke(main, shlex.split(line)[1:])
    assert done.exit_code == 0, f"{line}\n{done.output}"
    return done.output


def fill_in(file: Path, work: dict[str, str]) -> None:
    """Write into the one line of a workbook of work, as a person does who reads the tutorial's table."""
    book = openpyxl.load_workbook(file)
    sheet = book.active
    assert sheet is not None and sheet.max_row == 2
    columns = {str(cell.value): cell.column for cell in sheet[1]}
    for name, words in work.items():
        if letter_of := re.fullmatch(r"the letter before \*(.+)\*", words):
            shown = str(sheet.cell(2, columns["shown_options"]).value)
            (words,) = [line[0] for line in shown.splitlines() if line[3:] == letter_of[1]]
        meant = [column for column in columns if column.startswith(name.removesuffix("…"))]
        for column in meant if name.endswith("…") else [name]:
            sheet.cell(2, columns[column]).value = words
    book.save(file)


@pytest.fixture
def accepted(tmp_path: Path) -> Small:
    """A campaign called mybench, in which all was done well."""
    small = at("accepted", tmp_path)
    small.folder.rename(tmp_path / "mybench")
    return Small(tmp_path / "mybench")


def test_a_release(accepted: Small) -> None:
    release, _ = lines_of("docs/guides/release.md", "belebele release")  # the other has a report
    assert "2 items in 3 languages" in run(release, accepted.folder.parent)
    assert (accepted.folder.parent / "mybench-1.0.0" / "data" / "swh_Latn.parquet").exists()


def test_the_guide_begins_as_readme_does() -> None:
    """So that its commands are run with README's."""
    ours = [words for words in lines_of(CAMPAIGN, "belebele") if "parallel" not in words]
    assert ours == lines_of("README.md", "belebele")


def test_work_by_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for `advance`, which is run with README's."""
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))
    small = at("authoring", tmp_path)
    small.folder.rename(tmp_path / "mybench")
    monkeypatch.chdir(tmp_path)
    out, back, advance, *_, table = lines_of("docs/guides/offline.md", "belebele")
    assert advance == "belebele advance mybench"

    def said(line: str) -> str:
        done = CliRunner().invoke(main, shlex.split(line)[1:])
        assert (done.exit_code, done.stderr) == (0, ""), line
        return done.stdout

    assert "1 line written to ana.xlsx" in said(out)
    (key,) = Small(tmp_path / "mybench").keys(person="ana")
    work = good("authoring", key.split("/")[2], "eng_Latn")
    fill_in(tmp_path / "ana.xlsx", work)
    assert "1 piece of work taken in" in said(back)
    assert "verdicts.parquet" in said(table)


def test_work_in_a_translators_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))
    small = at("translating", tmp_path)
    (small.folder / "glossary.csv").write_text("term,fra_Latn\nboat,bateau\n", "utf-8")
    small.configure('# glossary = "glossary.csv"', 'glossary = "glossary.csv"')
    small.folder.rename(tmp_path / "mybench")
    monkeypatch.chdir(tmp_path)
    _, _, _, out, back, memory, glossary, _ = lines_of("docs/guides/offline.md", "belebele")
    for line, says in (
        (out, "2 questions written to tom.zip"),
        (back, "0 pieces of work taken in; 2 lines unfinished"),
        (memory, "6 lines written to memory.tmx"),
        (glossary, "1 line written to glossary.csv"),
    ):
        done = CliRunner().invoke(main, shlex.split(line.replace(" tom ", " s1 "))[1:])
        assert (done.exit_code, done.stderr) == (0, ""), line
        assert says in done.stdout


def test_passages_of_ones_own(newcomer: Path) -> None:
    (begin,) = [line for line in lines_of(CAMPAIGN, "belebele init") if "parallel" in line]
    assert "2 languages, questions in English" in run(begin, newcomer)


def test_finding_languages_and_writing_passages(newcomer: Path) -> None:
    languages, passages = (
        next(words for words in named_commands(CAMPAIGN) if name in words)
        for name in ("languages WORDS", "passages PATH")
    )
    assert "swh_Latn" in run(languages.replace("WORDS", "swahili"), newcomer)
    assert "8 passages written" in run(passages.replace("PATH", "flores200_dataset.tar.gz"), newcomer)
    assert (newcomer / "passages.parquet").exists()


def test_guidelines_to_change(newcomer: Path) -> None:
    (words,) = named_commands("docs/guides/guidelines.md")[:1]
    assert "quiz.toml written to guidelines" in run(words, newcomer)
    assert (newcomer / "guidelines" / "authoring.md").exists()


@pytest.mark.slow
def test_an_audit(tmp_path: Path) -> None:
    """Of a set whose keys are mostly the longest option."""
    (line,) = lines_of("docs/guides/audit.md", "belebele audit")
    made(60, longest=0.9).rename(columns={"key": "answer"}).to_parquet(tmp_path / "items.parquet")
    said = run(f"{line} --permutations 199 --layers heuristics,tokens", tmp_path, status=1)
    assert "longest" in said
    written = {file.name for file in (tmp_path / "audit").iterdir()}
    assert {"report.html", "report.json", "items.parquet"} <= written


def test_a_set_is_described(tmp_path: Path) -> None:
    (line,) = lines_of("docs/guides/sets.md", "belebele audit")
    made(60).rename(columns={"key": "answer"}).to_parquet(tmp_path / "items.parquet")
    said = run(line, tmp_path)
    assert "answers: a number counted from 0" in said
    assert said.count("  question  ") == 3
    assert not (tmp_path / "audit").exists()


@pytest.mark.parametrize("here", [True, False], ids=["here", "named"])
@pytest.mark.parametrize("words", TABLE, ids=lambda words: words.split()[1])
def test_the_leads_commands(words: str, here: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each as the table has it: on the current folder, and on a campaign that is named."""
    name = words.split()[1]
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))
    small = at("accepted" if name in ("accept", "patch") else "translating", tmp_path)
    monkeypatch.chdir(small.folder if here else tmp_path)
    line = filled(words, name, small, "" if here else "campaign")
    done = CliRunner().invoke(main, shlex.split(line)[1:])
    assert (done.exit_code, done.stderr) == (0, ""), line
    assert done.stdout.strip()


def test_the_table_is_whole() -> None:
    assert len({words.split()[1] for words in TABLE}) == 18


def filled(words: str, name: str, small: Small, campaign: str) -> str:
    """A line of the table with what a lead would put for the words in capitals."""
    meant = {
        "[CAMPAIGN]": campaign,
        "PERSON --email": "ana --email",
        "ADDRESS": "ana@example.org",
        r"keep\|revise\|drop": "revise",
        "ITEM": BOATS,
    }
    if name == "answer":
        key = small.keys("translating", FRENCH, BAKERY)[0]
        small.submit(key, query="Is the market on Friday?")
        small.advance()
        meant |= {"QUERY": queries_to_lead(small.state)["query"].iloc[0], "TEXT": "'Yes, on Friday.'"}
    elif name == "mend":
        (small.folder.parent / "better.txt").write_text("Amina mends boats.\nShe learnt it early.\n")
        meant |= {"PASSAGE": "boats", "LANGUAGE": "eng_Latn", "FILE": str(small.folder.parent / "better.txt")}
    elif name == "reassign":
        meant |= {"[--to PERSON]": "--to t2", "PERSON": "t1"}
    elif name == "notify":
        meant |= {"PEOPLE": "all"}
    elif name == "qualify":
        meant |= {"PERSON": "ana"}
    elif name == "accept":
        small.submit(f"authoring/eng_Latn/{BOATS}/0/ana", question="Where, then, does Amina keep her tools?")
        small.advance()
        meant |= {"WHAT": small.state.events(Late)["subject"].iloc[0][:8]}
    elif name == "reject":
        account = {"server": "main", "account": "7 of then"}
        claim = {"kind": "account_claimed", "subject": "ana", "language": "", "detail": detail(account)}
        small.state.ledger.append(tables.EVENTS, [claim])
        meant |= {"WHAT": "7@main"}
    elif name == "select":
        meant |= {"--size N": "--size 2"}
    elif name == "patch":
        release_campaign(small.address, "1.0.0", str(small.folder.parent / "released"))
        meant |= {"LANGUAGE": FRENCH}
    elif name == "people":
        meant |= {"--out DIR": "--out report"}
    elif name == "baseline":
        meant |= {"--items N": "--items 2"}
    elif name == "plant":
        (small.folder.parent / "plants.jsonl").write_text(f'{{"question_id": "{BOATS}", "kind": "sound"}}\n')
        meant |= {"FILE": str(small.folder.parent / "plants.jsonl")}
    elif name == "export":
        meant |= {"TABLE": "events", "FILE": "events.csv"}
    elif name == "import":
        offline = small.folder.parent / "work.xlsx"
        export_work(small.state, "s1", str(offline))
        meant |= {"FILE": str(offline)}
    meant |= {"TEXT": meant.get("TEXT", "'Say which rains.'")}
    for word, put in meant.items():
        words = words.replace(word, put)
    assert not re.search(r"[A-Z]{4,}|\[", words.replace(str(small.folder.parent), "")), words
    return words


def test_forgetting_a_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))
    small = at("translating", tmp_path)
    for words in ("--email ana@example.org", "--forget"):
        done = CliRunner().invoke(main, ["contact", small.address, "ana", *words.split()])
    assert "erased" in done.stdout
