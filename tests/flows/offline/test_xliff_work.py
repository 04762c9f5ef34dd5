"""XLIFF out and back: translated by an independent program, and every mistake of a tired evening named."""

import json
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from translate.storage import xliff as toolkit

from annotation.forms.submitted_form import tidy
from data.errors import ImportRefused, UsageError
from data.exchange import xliff
from data.intake.xml_input import unheld
from data.ledger import tables
from flows.campaign_state import State
from flows.lead import lead_actions
from flows.ledger_views.lead_queries import queries_to_lead
from flows.offline.work_import import Imported, import_work
from flows.offline.xliff_export import export_xliff, sources_of
from tests.flows.small_campaign import BAKERY, BOATS, FRENCH, SWAHILI, TEXTS, Small, at

NS = {"x": xliff.NAMESPACE}
LETTERS = [f"answer{n}" for n in range(1, 5)]


def texts_of(question: str, language: str) -> dict[str, str]:
    text = TEXTS[question, language]
    return {"question": text["question"], **dict(zip(LETTERS, text["answers"], strict=True))}


def out(small: Small, person: str, folder: Path) -> list[Path]:
    """A person's work as their program sees it: unpacked."""
    packed = folder / f"{person}.zip"
    export_xliff(small.state, person, str(packed))
    target = folder / person
    with ZipFile(packed) as archive:
        archive.extractall(target)
    return sorted(target.iterdir())


def translated(file: Path, text_of: Callable[[str, str], str] | None = None, state: str = "translated") -> None:
    """Somebody translates a file in a program that knows nothing of ours."""
    store = toolkit.xlifffile.parsefile(str(file))
    assert store.units
    for unit in store.units:
        if not unit.istranslatable():
            assert "#passage" in unit.xmlelement.get("id")
            continue
        key, field = unit.xmlelement.get("id").split("#")
        _, language, question = key.split("/")[:3]
        given_text = text_of(key, field) if text_of else texts_of(question, language)[field]
        unit.target = given_text
        assert unit.target == given_text
        unit.xmlelement.find("x:target", NS).set("state", state)
    store.savefile(str(file))


def edited(file: Path, old: str, new: str, times: int = 1) -> None:
    text = file.read_text("utf-8")
    assert old in text, old
    file.write_text(text.replace(old, new, times), "utf-8")


def submitted(state: State) -> dict[str, dict[str, str]]:
    """The texts that came by file, by task."""
    rows = state.ledger.read(tables.ANNOTATIONS)
    return {
        key: {one["from_name"]: one["value"].get("text", [""])[0] for one in json.loads(result)}
        for key, result, server in zip(rows["task_key"], rows["result"], rows["server"], strict=True)
        if server == "file"
    }


def test_a_program_that_is_not_ours_translates_and_it_comes_back(tmp_path: Path):
    small = at("translating", tmp_path)
    files = out(small, "s1", tmp_path)
    assert [file.name for file in files] == [
        "swh_Latn-bakery-translating.xlf", "swh_Latn-boats-translating.xlf"
    ]  # fmt: skip
    store = toolkit.xlifffile.parsefile(str(files[1]))
    assert (store.getsourcelanguage(), store.gettargetlanguage()) == ("en", "sw")
    names = [unit.xmlelement.get("resname") for unit in store.units]
    assert names == ["passage"] * 3 + ["question", *LETTERS]
    assert "This is the correct answer." in store.units[4].getnotes()
    for file in files:
        translated(file)
    assert import_work(small.state, str(tmp_path / "s1")) == Imported(2)
    assert import_work(small.state, *map(str, files)) == Imported(unchanged=2)
    small.advance()
    for question in (BAKERY, BOATS):
        made = small.translation(question, SWAHILI)
        assert [made["question"], *made["answers"]] == list(texts_of(question, SWAHILI).values())


@pytest.mark.parametrize("suffix", [".xlf", ".zip", ".xliff"])
def test_each_way_out_comes_back(tmp_path: Path, suffix: str):
    small = at("translating", tmp_path)
    file = tmp_path / f"s1{suffix}"
    assert export_xliff(small.state, "s1", str(file)).lines == 2
    assert len(import_work(small.state, str(file)).unfinished) == 2, "nothing is translated yet"
    if suffix == ".zip":
        with ZipFile(file) as archive:
            inside = {name: archive.read(name) for name in archive.namelist()}
        with ZipFile(file, "w", ZIP_DEFLATED) as archive:
            for name, data in inside.items():
                (tmp_path / "one.xlf").write_bytes(data)
                translated(tmp_path / "one.xlf")
                archive.write(tmp_path / "one.xlf", f"back/{name}")
    else:
        document = etree.parse(file)
        assert len(document.findall(".//x:file", NS)) == 2
        translated(file)
    assert import_work(small.state, str(file)) == Imported(2)


def test_a_proofreader_accepts_corrects_and_returns(tmp_path: Path):
    small = at("proofreading", tmp_path)
    bakery, boats = out(small, "s2", tmp_path)
    store = toolkit.xlifffile.parsefile(str(boats))
    assert store.units[4].target == TEXTS[BOATS, SWAHILI]["answers"][0], "the draft stands there"
    assert {len(import_work(small.state, str(boats)).unfinished)} == {1}
    translated(boats, state="final")
    translated(bakery, lambda _, field: "Shuleni" if field == "answer1" else texts_of(BAKERY, SWAHILI)[field])
    with pytest.raises(ImportRefused, match="What was wrong is missing"):
        import_work(small.state, str(bakery))
    store = toolkit.xlifffile.parsefile(str(bakery))
    store.units[4].addnote("mistranslation/major: the wrong school", origin="reviewer")
    store.savefile(str(bakery))
    assert import_work(small.state, str(tmp_path / "s2")) == Imported(2)
    small.advance()
    assert small.translation(BAKERY, SWAHILI)["answers"][0] == "Shuleni"
    rows = small.state.translation_texts({BAKERY})
    assert [list(errors) for errors in rows["errors"] if errors is not None and len(errors)] == [
        ["mistranslation/major"]
    ]
    assert small.translation(BOATS, SWAHILI)["kind"] == "proofread"


def test_notes_return_a_draft_and_ask_the_lead(tmp_path: Path):
    small = at("proofreading", tmp_path)
    bakery, boats = out(small, "s2", tmp_path)
    edited(boats, "</target>", '</target><note from="me">return: Too literal. style/minor</note>', 5)
    edited(bakery, "</target>", '</target><note from="me">Query: Which school?</note>', 5)
    assert import_work(small.state, str(boats), str(bakery)).pieces == 2
    small.advance()
    assert list(queries_to_lead(small.state)["text"]) == ["Which school?"]
    export_xliff(small.state, "s1", str(tmp_path / "back.xlf"))
    assert "Too literal." in (tmp_path / "back.xlf").read_text("utf-8")


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).filter(
    lambda text: tidy(text) == text and text and not unheld(text)
)


@pytest.fixture(scope="module")
def translating(tmp_path_factory: pytest.TempPathFactory) -> tuple[Small, Path, bytes]:
    folder = tmp_path_factory.mktemp("xliff")
    small = at("translating", folder)
    _, boats = out(small, "s1", folder)
    return small, boats, boats.read_bytes()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(texts, min_size=5, max_size=5))
def test_five_texts_survive_code_point_for_code_point(translating: tuple[Small, Path, bytes], five: list[str]):
    small, file, content = translating
    file.write_bytes(content)
    by_field = dict(zip(["question", *LETTERS], five, strict=True))
    translated(file, lambda _, field: by_field[field])
    state = small.state
    import_work(state, str(file))
    rows = small.state.ledger.read(tables.ANNOTATIONS)
    came = json.loads(rows[rows["server"] == "file"].sort_values("sequence")["result"].iloc[-1])
    assert [one["value"]["text"][0] for one in came] == five


def test_what_programs_do_to_texts(tmp_path: Path):
    """Inner spaces, U+2028, sequences that are not normalised, emoji, segments, and marks."""
    small = at("translating", tmp_path)
    _, boats = out(small, "s1", tmp_path)
    (key,) = small.keys("translating", SWAHILI, BOATS)
    given_texts = dict(zip(["question", *LETTERS], [
        "a  b\u2028c", "e\u0301 \u00e9", "👩🏽‍🚀 \u200fא", "x\ny\tz", "\ufb01\u00a0&<>\"'"
    ], strict=True))  # fmt: skip
    translated(boats, lambda _, field: given_texts[field])
    assert import_work(small.state, str(boats)).pieces == 1
    assert list(submitted(small.state)[key].values()) == list(given_texts.values())

    source = TEXTS[BOATS, "eng_Latn"]["answers"][0]  # In a hut on the hill
    head = f"<source>{source}</source><seg-source><mrk mtype='seg' mid='1'>In a hut</mrk> " \
        "<mrk mtype='seg' mid='2'>on the hill</mrk></seg-source>"  # fmt: skip
    for target, whole in {
        "<mrk mtype='seg' mid='1'>Katika</mrk> <mrk mtype='seg' mid='2'>kilima</mrk>": "Katika kilima",
        "<mrk mtype='seg' mid='1'>Katika</mrk><mrk mtype='seg' mid='2'>kilima</mrk>": "Katika kilima",
        "\n  <mrk mtype='seg' mid='1'>Katika</mrk>\n  <mrk mtype='seg' mid='2'>kilima</mrk>\n": "Katika kilima",
        "<mrk mtype='seg' mid='1'>Katika </mrk><mrk mtype='seg' mid='2'>kilima</mrk>": "Katika kilima",
        "<g id='1'>Kat<mrk mtype='term'>ika</mrk></g> juu": "Katika juu",
    }.items():
        document = xliff.read(
            f"<xliff version='1.2'><file target-language='sw'><body><trans-unit id='a'>{head}"
            f"<target state='final'>{target}</target></trans-unit></body></file></xliff>".encode()
        )
        (unit,) = document[0].units
        assert (tidy(unit.target), unit.problem, unit.lacking) == (whole, "", False), target
        if "seg" in target:
            half = target.replace("kilima", "")
            (unit,) = xliff.read(
                f"<xliff version='1.2'><file target-language='sw'><body><trans-unit id='a'>{head}"
                f"<target state='final'>{half}</target></trans-unit></body></file></xliff>".encode()
            )[0].units
            assert unit.lacking
    (unit,) = xliff.read(
        "<xliff version='1.2'><file target-language='ja'><body><trans-unit id='a'><source>One. Two.</source>"
        "<seg-source><mrk mtype='seg' mid='1'>One.</mrk> <mrk mtype='seg' mid='2'>Two.</mrk></seg-source>"
        "<target><mrk mtype='seg' mid='1'>一。</mrk><mrk mtype='seg' mid='2'>二。</mrk></target></trans-unit>"
        "</body></file></xliff>".encode()
    )[0].units
    assert unit.target == "一。二。", "no space where the language writes none"


def test_units_that_a_program_split_are_one_text_again(tmp_path: Path):
    small = at("translating", tmp_path)
    _, boats = out(small, "s1", tmp_path)
    translated(boats)
    (key,) = small.keys("translating", SWAHILI, BOATS)
    document = etree.parse(boats)
    (unit,) = document.xpath("//x:trans-unit[@id=$id]", id=f"{key}#answer1", namespaces=NS)
    parent = unit.getparent()
    for number, (was, became) in enumerate([("In a hut", "Katika kibanda"), ("on the hill", "juu ya kilima")]):
        piece = etree.fromstring(etree.tostring(unit))
        piece.set("id", f"{key}#answer1.{number + 1}")
        piece.find("x:source", NS).text, piece.find("x:target", NS).text = was, became
        parent.insert(parent.index(unit), piece)
    parent.remove(unit)
    document.write(boats, encoding="UTF-8", xml_declaration=True)
    assert import_work(small.state, str(boats)).pieces == 1
    assert submitted(small.state)[key]["answer_1"] == "Katika kibanda juu ya kilima"


def test_a_stale_question_is_refused_and_only_that_one(tmp_path: Path):
    small = at("translating", tmp_path)
    bakery, boats = out(small, "s1", tmp_path)
    for file in (bakery, boats):
        translated(file)
    (key,) = small.keys("translating", SWAHILI, BOATS)
    edited(boats, 'extradata="0-', 'extradata="7-', 5)
    told = import_work(small.state, str(tmp_path / "s1"))
    assert (told.pieces, len(told.refused)) == (1, 1)
    assert str(boats) in told.refused[0]
    assert "shows something else here than when this file was written" in told.refused[0]
    assert key in told.refused[0]
    edited(boats, 'extradata="7-', 'lost="', 5)
    edited(boats, TEXTS[BOATS, "eng_Latn"]["answers"][1], "Under the new bridge")
    with pytest.raises(ImportRefused, match="'Under the new bridge' here and 'Under the old bridge' now"):
        import_work(small.state, str(boats))


def test_a_passage_that_was_mended_meanwhile_makes_its_questions_stale(tmp_path: Path):
    small = at("proofreading", tmp_path)
    out(small, "s2", tmp_path)
    lead_actions.mend(
        small.state, "boats", SWAHILI, ["Amina hutengeneza mashua.", "Alijifunza.", "Wakati wa masika."]
    )
    small.advance()
    for file in (tmp_path / "s2").iterdir():
        translated(file, state="signed-off")
    told = import_work(small.state, str(tmp_path / "s2"))
    assert (told.pieces, len(told.refused)) == (1, 1)
    assert "/boats-q1/" in told.refused[0]
    assert "is out of date: the passage was changed since this file was written; export" in told.refused[0]


def test_a_source_passage_that_was_mended_meanwhile_makes_its_questions_stale(tmp_path: Path):
    small = at("translating", tmp_path)
    out(small, "s1", tmp_path)
    text = small.state.texts_of({"boats"}, {"eng_Latn"})["boats", "eng_Latn"]
    mended = [*list(text["sentences"])[:-1], "She sold the last one in spring."]
    lead_actions.mend(small.state, "boats", "eng_Latn", mended)
    for file in (tmp_path / "s1").iterdir():
        translated(file)
    told = import_work(small.state, str(tmp_path / "s1"))
    assert (told.pieces, len(told.refused)) == (1, 1)
    assert "/boats-q1/" in told.refused[0]
    assert "is out of date: the source passage was changed since this file was written" in told.refused[0]


def test_a_changed_passage_has_no_effect_and_a_word(tmp_path: Path):
    small = at("translating", tmp_path)
    _, boats = out(small, "s1", tmp_path)
    translated(boats)
    edited(boats, "Alijifunza kazi hiyo", "Alijua kazi hiyo")
    told = import_work(small.state, str(boats))
    assert told.pieces == 1
    assert told.remarks[0].startswith(f"{boats}: the passage was changed, which has no effect;")


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("needs-translation", "not marked as translated (needs-translation)"),
        ("new", "(new)"),
        ("needs-review-translation", "(needs-review-translation)"),
        ("x-done", "(x-done)"),
    ],
)
def test_what_is_not_done_is_left(tmp_path: Path, state: str, says: str):
    small = at("translating", tmp_path)
    _, boats = out(small, "s1", tmp_path)
    translated(boats, state=state)
    told = import_work(small.state, str(boats))
    assert told.pieces == 0
    assert says in told.unfinished[0]
    translated(boats)
    edited(boats, 'state="translated"', f'state="{state}"')
    told = import_work(small.state, str(boats))
    assert told.pieces == 0, "four of five are not enough"
    assert "question not marked as translated" in told.unfinished[0]


def broken(what: str, file: Path) -> None:
    text = file.read_text("utf-8")
    match what:
        case "workbook":
            with ZipFile(file, "w") as archive:
                archive.writestr("xl/workbook.xml", "<workbook/>")
        case "2.0":
            file.write_text('<xliff version="2.0" xmlns="urn:oasis:names:tc:xliff:document:2.0"/>', "utf-8")
        case "dtd":
            file.write_text(
                '<!-- x -->\n<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>\n<a>&b;</a>', "utf-8"
            )
        case "entity":
            edited(file, "<target", "&nbsp;<target")
        case "half":
            file.write_text(text[: len(text) // 2], "utf-8")
        case "html":
            file.write_text("<html><body>Sign in</body></html>", "utf-8")
        case "empty":
            file.write_text("", "utf-8")
        case "latin":
            file.write_bytes(text.replace("UTF-8", "windows-1252").encode("utf-8"))
        case "deep":
            file.write_text("<xliff version='1.2'>" + "<g>" * 200 + "</g>" * 200 + "</xliff>", "utf-8")
        case "language":
            edited(file, 'target-language="sw"', 'target-language="fr-FR"')
        case "tag":
            edited(file, 'state="translated">', 'state="translated"><ph id="1">%s</ph>')
        case "id":
            edited(file, "#question", "#1")
        case "twice":
            edited(file, "#answer2", "#answer1")
        case "unknown":
            edited(file, f"/{BOATS}/", "/nothing/", 9)
        case "empty target":
            edited(file, ">Chini ya daraja la zamani<", "><")
        case "campaign":
            edited(file, 'product-version="small/', 'product-version="other/')


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("workbook", "is a ZIP archive or a workbook and no XML; name it .zip or .xlsx"),
        ("2.0", "line 1: is XLIFF 2.0, and XLIFF 1.2 is taken; save it as XLIFF 1.2"),
        ("dtd", "line 2: has a DTD (<!DOCTYPE …>), which is not taken"),
        ("entity", "is no XML from here on: Entity 'nbsp' not defined"),
        ("half", "is no XML from here on"),
        ("html", "is no XLIFF but <html>"),
        ("empty", "is empty"),
        ("latin", "line 1: is in the encoding 'windows-1252'; save it as UTF-8"),
        ("deep", "is nested more than 60 deep"),
        ("language", "is in swh_Latn, and the file's target language is 'fr-FR'"),
        ("tag", "holds the tag <ph>, which no text of ours can hold; take it out"),
        ("id", "#1' is none of ours; ids must stay as they were exported"),
        ("twice", "#answer1 stands there twice; keep one"),
        ("unknown", "there is no task 'translating/swh_Latn/nothing/"),
        ("campaign", "this work was exported from the campaign 'other/"),
    ],
)
def test_a_tired_user_is_told_file_place_value_and_cure(tmp_path: Path, what: str, says: str):
    small = at("translating", tmp_path)
    bakery, boats = out(small, "s1", tmp_path)
    translated(bakery)
    translated(boats)
    broken(what, boats)
    told = import_work(small.state, str(bakery), str(boats))
    assert told.pieces == 1, "the other file is taken in all the same"
    assert any(says in one for one in told.refused), told.refused
    assert all(str(boats) in one for one in told.refused)


def test_utf_16_is_taken(tmp_path: Path):
    small = at("translating", tmp_path)
    _, boats = out(small, "s1", tmp_path)
    translated(boats)
    boats.write_bytes(boats.read_text("utf-8").replace("UTF-8", "UTF-16").encode("utf-16"))
    assert import_work(small.state, str(boats)) == Imported(1)


def test_two_files_for_one_passage(tmp_path: Path):
    small = at("translating", tmp_path)
    bakery, boats = out(small, "s1", tmp_path)
    for file in (bakery, boats):
        translated(file)
    (boats.parent / "boats (copy).xlf").write_bytes(boats.read_bytes())
    told = import_work(small.state, str(boats.parent))
    assert told.pieces == 1
    assert "stands there twice" in told.refused[0]
    assert "boats (copy).xlf, line" in told.refused[0]


def archive_of(kind: str, file: Path) -> None:
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        match kind:
            case "traversal":
                archive.writestr("../../a.xlf", "<xliff/>")
            case "windows":
                archive.writestr("C:\\a.xlf", "<xliff/>")
            case "bomb":
                with archive.open("a.xlf", "w", force_zip64=True) as member:
                    for _ in range(150):
                        member.write(bytes(1 << 20))
            case "others":
                archive.writestr("notes.docx", "x")
            case "mac":
                archive.writestr("__MACOSX/._a.xlf", "x")


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("nothing", "holds no .xlf or .xliff file (it is empty)"),
        ("others", "holds no .xlf or .xliff file (only notes.docx)"),
        ("mac", "holds no .xlf or .xliff file (it is empty)"),
        ("traversal", "holds the name '../../a.xlf', which leads out of the archive"),
        ("windows", "which leads out of the archive"),
        ("bomb", "unpacks to more than 134,217,728 bytes; split it"),
        ("text", "is no ZIP archive that can be read"),
    ],
)
def test_archives_that_are_not_taken(tmp_path: Path, kind: str, says: str):
    small = at("translating", tmp_path)
    file = tmp_path / "a.zip"
    archive_of(kind, file)
    if kind == "text":
        file.write_text("no archive", "utf-8")
    with pytest.raises(ImportRefused) as told:
        import_work(small.state, str(file))
    assert says in str(told.value)
    assert str(file) in str(told.value)


def test_folders_without_files(tmp_path: Path):
    small = at("translating", tmp_path)
    (tmp_path / "none").mkdir()
    with pytest.raises(UsageError, match=r"holds no \.xlf"):
        import_work(small.state, str(tmp_path / "none"))
    with pytest.raises(UsageError, match="there is no file"):
        import_work(small.state, str(tmp_path / "none.xlf"))


def test_work_that_xliff_cannot_hold_is_named(tmp_path: Path):
    small = at("translating", tmp_path)
    with pytest.raises(UsageError, match="s2 has no open work"):
        export_xliff(small.state, "s2", str(tmp_path / "a.zip"))
    authoring = at("authoring", tmp_path / "b")
    with pytest.raises(UsageError, match="which XLIFF cannot hold: write"):
        export_xliff(authoring.state, "ana", str(tmp_path / "a.zip"))
    (key,) = small.keys("translating", FRENCH, BOATS)
    assert sources_of(small.shown(key))["answer1"] == "In a hut on the hill"
