"""TMX: what we write an independent library reads, and what others write we read, or name what is wrong."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from translate.storage import tmx as toolkit

from data.exchange import tmx
from data.intake import Unreadable
from data.intake.xml_input import unheld

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(
    lambda text: text.strip() and not unheld(text)
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=4))
def test_an_independent_library_reads_what_we_write(pairs: list[tuple[str, str]]):
    data = tmx.written([tmx.MemoryUnit({"en": was, "ar": became}, "boats") for was, became in pairs], "en")
    store = toolkit.tmxfile.parsestring(data)
    assert [unit.source for unit in store.units] == [was for was, _ in pairs]
    assert [unit.target for unit in store.units] == [became for _, became in pairs]
    read = tmx.read(data)
    assert [(one.texts["en"], one.texts["ar"], one.origin) for one in read.units] == [
        (was, became, "boats") for was, became in pairs
    ]


def test_what_an_independent_library_writes_we_read(tmp_path: Path):
    store = toolkit.tmxfile()
    store.addtranslation("Under the old bridge", "en", "Sous le vieux pont", "fr")
    store.savefile(str(tmp_path / "m.tmx"))
    assert b'<!DOCTYPE tmx SYSTEM "tmx14.dtd">' in (tmp_path / "m.tmx").read_bytes()
    (unit,) = tmx.read((tmp_path / "m.tmx").read_bytes()).units
    assert dict(unit.texts) == {"en": "Under the old bridge", "fr": "Sous le vieux pont"}


def test_markup_and_lone_texts_are_passed_over_and_counted():
    read = tmx.read(
        b"<tmx version='1.4b'><body>"
        b"<tu><tuv xml:lang='en'><seg>A <bpt i='1'>{b}</bpt>b</seg></tuv>"
        b"<tuv xml:lang='fr'><seg>x</seg></tuv></tu>"
        b"<tu><tuv xml:lang='en'><seg>A</seg></tuv></tu>"
        b"<tu><tuv lang='en'><seg>A <hi>b</hi></seg></tuv><tuv lang='fr'><seg>x</seg></tuv></tu></body></tmx>"
    )
    assert (read.marked_up, read.single, [dict(one.texts) for one in read.units]) == (
        1, 1, [{"en": "A b", "fr": "x"}]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"<xliff version='1.2'/>", "is no TMX but <xliff>"),
        (b"<tmx version='2.0'/>", "is TMX '2.0', and 1.4 is taken"),
        (b"<!DOCTYPE tmx [<!ENTITY a 'b'>]><tmx version='1.4'/>", "has a DTD"),
        (b"language,source,target\n", "is no XML from here on"),
    ],
)
def test_what_is_not_taken(data: bytes, says: str):
    with pytest.raises(Unreadable) as told:
        tmx.read(data)
    assert says in told.value.what
