"""Memory and glossary out and in, and a brought memory beside the translator's field."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from translate.storage import tmx as toolkit

from data.campaign import glossary, memory_files
from data.errors import CampaignError, UsageError
from flows.cli.commands import main
from flows.offline import memory_export
from flows.reports.preflight_check import examine
from tests.flows.small_campaign import BOATS, FRENCH, PASSAGES, SWAHILI, TEXTS, Small, at, begin

ENGLISH = "eng_Latn"


def test_the_memory_goes_out_and_comes_back(tmp_path: Path):
    small = at("accepted", tmp_path)
    wanted = {
        (FRENCH, was, became)
        for (question, language), text in TEXTS.items()
        if language == FRENCH
        for was, became in zip(
            [TEXTS[question, ENGLISH]["question"], *TEXTS[question, ENGLISH]["answers"]],
            [text["question"], *text["answers"]],
            strict=True,
        )
    } | {
        (FRENCH, was, became)
        for passage in ("boats", "bakery")
        for was, became in zip(PASSAGES[passage, ENGLISH], PASSAGES[passage, FRENCH], strict=True)
    }
    for suffix in (".tmx", ".csv"):
        out = small.folder / f"memory{suffix}"
        assert memory_export.export(small.state, "memory", str(out), ["fra_Latn"]) == len(wanted)
        back = memory_files.load(small.address, [out.name], ENGLISH, [FRENCH, SWAHILI])
        assert {(one.language, one.source, one.target) for one in back} == wanted
        assert {one.origin for one in back} == {BOATS, "bakery-q1", "boats", "bakery"}
    store = toolkit.tmxfile.parsefile(str(small.folder / "memory.tmx"))
    assert {(FRENCH, unit.source, unit.target) for unit in store.units} == wanted
    both = memory_export.export(small.state, "memory", str(small.folder / "all.tmx"))
    assert both == 2 * len(wanted)


def test_the_glossary_goes_out_and_comes_back(tmp_path: Path):
    small = at("translating", tmp_path)
    with pytest.raises(UsageError, match="the campaign has no glossary; name one"):
        memory_export.export(small.state, "glossary", str(tmp_path / "g.csv"))
    with pytest.raises(UsageError, match=r"m\.docx: a memory goes out as \.tmx, \.parquet, \.csv"):
        memory_export.export(small.state, "memory", str(tmp_path / "m.docx"))
    given = 'term,fra_Latn,swh_Latn\nboat,bateau,mashua\n"-5°, cold",froid,\n=old,vieux,zamani\n'
    (small.folder / "glossary.csv").write_text(given, "utf-8")
    small.configure('# glossary = "glossary.csv"', 'glossary = "glossary.csv"')
    assert memory_export.export(small.state, "glossary", str(small.folder / "out.csv")) == 3
    before, after = (glossary.load(small.address, name) for name in ("glossary.csv", "out.csv"))
    assert before == after
    assert memory_export.export(small.state, "glossary", str(small.folder / "out.csv"), [SWAHILI]) == 3
    assert glossary.load(small.address, "out.csv").of(SWAHILI) == before.of(SWAHILI)
    assert glossary.load(small.address, "out.csv").of(FRENCH) == {}


def reaches_translation(small: Small) -> dict[str, object]:
    small.play(lambda state: bool((state.tasks["stage"] == "translating").any()))
    (key,) = small.keys("translating", FRENCH, BOATS)
    return dict(small.shown(key)["help"])


def test_a_brought_memory_stands_beside_the_field_with_its_origin(tmp_path: Path):
    small = begin(tmp_path)
    (small.folder / "agency.csv").write_text(
        "language,source,target\nfr-CA,Under the old bridge,Sous le vieux pont\nde,In a hut on the hill,Hütte\n",
        "utf-8",
    )
    store = toolkit.tmxfile()
    store.addtranslation("In a hut on the hills", "en", "Dans une hutte", "fr")
    store.savefile(str(small.folder / "agency.tmx"))
    small.configure('# memory = ["memory.tmx"]', 'memory = ["agency.csv", "agency.tmx"]')
    said = [str(one) for one in examine(small.address)]
    assert any("the translation memory agency.csv has 1 texts in 1 of the 2 languages" in one for one in said)
    shown = reaches_translation(small)
    assert shown["answer_2"]["memory"] == [["Under the old bridge", "Sous le vieux pont", 1.0, "agency.csv"]]
    ((was, became, alike, origin),) = shown["answer_1"]["memory"]
    assert (was, became, origin) == ("In a hut on the hills", "Dans une hutte", "agency.tmx")
    assert 0.9 < alike < 1


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("m.tmx", b"<xliff/>", "m.tmx, line 1: is no TMX but <xliff>"),
        (
            "m.csv",
            b"term,fra_Latn\n",
            "m.csv, line 1: has no column language, source, target, only term, fra_Latn",
        ),
        ("m.csv", b"language,source,target\nklingon,a,b\n", "m.csv, line 2: no language is called 'klingon'"),
        ("m.xlsx", b"x", "m.xlsx: is neither .tmx nor .csv"),
        ("m.tmx", None, "no such file at"),
    ],
)
def test_memories_that_cannot_be_used(tmp_path: Path, name: str, content: bytes | None, says: str):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(CampaignError) as told:
        memory_files.load(str(tmp_path), [name], ENGLISH, [FRENCH])
    assert says in str(told.value)


def say(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, list(words))
    return result.exit_code, result.output


def test_the_commands(tmp_path: Path):
    small = at("translating", tmp_path)
    out = tmp_path / "s1.zip"
    code, told = say("export", small.address, "s1", "--work", "--out", str(out))
    assert (code, told) == (0, f"2 questions written to {out}.\n")
    code, told = say("import", small.address, str(out))
    assert code == 0
    assert told.startswith("0 pieces of work taken in; 2 lines unfinished.\n")
    assert f"unfinished: {out}, swh_Latn-bakery-translating.xlf, line " in told
    code, told = say("import", small.address, str(out), "--json")
    assert len(json.loads(told)["unfinished"]) == 2
    (tmp_path / "a.xlf").write_text('<xliff version="2.0"/>', "utf-8")
    code, told = say("import", small.address, str(tmp_path / "a.xlf"))
    assert code == 2
    assert "save it as XLIFF 1.2" in told
    code, told = say("import", small.address, str(tmp_path / "a.xlf"), str(out))
    assert code in (1, 2)
    code, told = say(
        "export", small.address, "memory", "--out", str(tmp_path / "m.tmx"), "--languages", "fra_Latn"
    )
    assert (code, told) == (0, f"6 lines written to {tmp_path / 'm.tmx'}.\n")
    code, told = say(
        "export", small.address, "memory", "--out", str(tmp_path / "m.tmx"), "--languages", "deu_Latn"
    )
    assert code == 2
    assert "deu_Latn is not among the campaign's languages" in told
    code, told = say(
        "export", small.address, "questions", "--out", str(tmp_path / "q.csv"), "--languages", "fra_Latn"
    )
    assert code == 2
    assert "--languages is for memory and glossary" in told
