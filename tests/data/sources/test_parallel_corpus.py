import json
import os
import re

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import sources
from data.errors import BadEncoding, MisalignedSource, MissingLanguage, SourceError, UsageError
from data.output_files import NOTE
from data.sources.passage_assembly import passage_id


def write(file, *records):
    lines = [record if isinstance(record, bytes) else json.dumps(record).encode() for record in records]
    file.write_bytes(b"\n".join(lines) + b"\n")
    return str(file)


def said(code, name, text, **more):
    return {"language": code, "passage_id": name, "text": text, **more}


def test_passages_come_in_the_order_of_their_first_record(tmp_path):
    path = write(
        tmp_path / "p.jsonl",
        {"language": "fra_Latn", "passage_id": "b", "sentences": ["Un. ", " Deux."], "domain": "sea"},
        said("eng_Latn", "b", " One. Two.\n"),
        said("eng_Latn", "a", "Three."),
        said("fra_Latn", "a", "Trois.", split="dev"),
    )
    passages = sources.read("parallel", path)
    assert passages.select(["language", "passage_id", "position", "text", "domain", "split"]).to_pylist() == [
        {
            "language": "eng_Latn",
            "passage_id": "b",
            "position": 0,
            "text": "One. Two.",
            "domain": "sea",
            "split": "",
        },
        {"language": "eng_Latn", "passage_id": "a", "position": 1, "text": "Three.", "domain": "", "split": "dev"},
        {
            "language": "fra_Latn",
            "passage_id": "b",
            "position": 0,
            "text": "Un. Deux.",
            "domain": "sea",
            "split": "",
        },
        {"language": "fra_Latn", "passage_id": "a", "position": 1, "text": "Trois.", "domain": "", "split": "dev"},
    ]
    assert passages["sentence_ids"].to_pylist() == [[0], [0], [0, 1], [0]]
    assert sources.available("parallel", path) == ["eng_Latn", "fra_Latn"]


def test_a_link_names_a_passage_too(tmp_path):
    path = write(tmp_path / "p.jsonl", {"language": "eng_Latn", "link": "u/a", "text": "One."})
    passages = sources.read("parallel", path)
    assert passages["passage_id"].to_pylist() == [passage_id("parallel", "u/a")]
    assert passages["link"].to_pylist() == ["u/a"]


def test_what_was_written_can_be_read_again_with_another_language_beside_it(tmp_path):
    path = write(
        tmp_path / "p.jsonl", said("eng_Latn", "a", "One.", link="u/a"), said("eng_Latn", "b", "Two.", link="u/b")
    )
    folder = tmp_path / "more"
    folder.mkdir()
    assert sources.write_passages(path, str(folder / "all.parquet")) == 2
    write(
        folder / "hin.jsonl", *({"language": "hin_Latn", "link": link, "text": "Ek."} for link in ("u/b", "u/a"))
    )
    both = sources.read("parallel", str(folder))
    assert both["language"].to_pylist() == ["eng_Latn"] * 2 + ["hin_Latn"] * 2
    assert both["passage_id"].to_pylist() == ["a", "b"] * 2


@pytest.mark.parametrize(
    ("record", "kind", "told"),
    [
        (
            b'{"language": "eng_Latn"',
            SourceError,
            "line 2: invalid JSON, Expecting ',' delimiter at character 24",
        ),
        (b'{"text": "\xff"}', BadEncoding, "p.jsonl, line 2: byte {} (0xff)"),
        (b"[1]", SourceError, "p.jsonl, line 2: not an object {…} but a list"),
        ({"passage_id": "b", "text": "x"}, SourceError, "line 2: no `language`; the record has passage_id, text"),
        ({"language": "eng_Latn", "text": "x"}, SourceError, "line 2: neither `passage_id` nor `link`"),
        ({"language": "eng_Latn", "passage_id": "b"}, SourceError, "line 2: neither `text` nor `sentences`"),
        (said("eng_Lat", "b", "x"), SourceError, "line 2: no language is called 'eng_Lat'; did you mean eng_Latn"),
        (said("eng_Latn", "a", "x"), SourceError, "passage a in eng_Latn was given already at p.jsonl, line 1"),
        (said("eng_Latn", "a/b", "x"), SourceError, "passage_id 'a/b' may hold letters"),
        (said("fra_Latn", "a", "x", link="u/z"), SourceError, "link of passage a is 'u/z', but elsewhere 'u/a'"),
        (said("eng_Latn", "b", "x", sentences=["y"]), SourceError, "`text` and `sentences` differ"),
        (said("eng_Latn", "b", "x", sentences="y"), SourceError, "`sentences` must be a list of texts"),
        (said("fra_Latn", "b", "x"), MisalignedSource, "eng_Latn: 1 of 2 passages are missing: b"),
    ],
)
def test_a_fault_is_named_with_its_file_and_line(tmp_path, record, kind, told):
    first = said("eng_Latn", "a", "One.", link="u/a")
    path = write(tmp_path / "p.jsonl", first, record)
    with pytest.raises(SourceError) as refused:
        sources.read("parallel", path)
    assert type(refused.value) is kind
    assert told.replace("{}", str(len(json.dumps(first)) + 11)) in str(refused.value)


def test_of_a_mistake_in_every_line_twenty_are_told(tmp_path):
    path = write(tmp_path / "p.jsonl", *({"language": "eng_Latn", "text": f"{n}"} for n in range(1234)))
    with pytest.raises(SourceError) as refused:
        sources.read("parallel", path)
    assert len(refused.value.problems) == 1234
    lines = str(refused.value).splitlines()
    assert len(lines) == 22 and "line 20: neither" in lines[20]
    assert lines[21] == "  - and 1,214 more like these"


def test_a_link_of_two_passages_does_not_name_one(tmp_path):
    path = write(
        tmp_path / "p.jsonl",
        said("eng_Latn", "a", "One.", link="u/a"),
        said("eng_Latn", "b", "Two.", link="u/a"),
        {"language": "fra_Latn", "link": "u/a", "text": "Un."},
    )
    with pytest.raises(SourceError, match="line 3: u/a is the link of a and b; say which"):
        sources.read("parallel", path)


def test_a_wanted_language_that_is_not_there_is_refused(tmp_path):
    path = write(tmp_path / "p.jsonl", said("eng_Latn", "a", "One."))
    with pytest.raises(MissingLanguage, match="fra_Latn: no passage"):
        sources.read("parallel", path, ["fra_Latn"])
    with pytest.raises(SourceError, match="there is no record in it"):
        sources.read("parallel", write(tmp_path / "empty.jsonl"))


@given(
    st.lists(
        st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), min_size=1), min_size=1, max_size=5
    )
)
def test_any_text_survives(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("any") / "p.jsonl"
    write(path, *(said("eng_Latn", f"p{n}", text) for n, text in enumerate(texts)))
    assert sources.read("parallel", str(path))["text"].to_pylist() == [text.strip() for text in texts]


def test_the_written_file_has_its_columns_and_appears_whole(tmp_path):
    path = write(tmp_path / "p.jsonl", said("fra_Latn", "a", "Un."), said("eng_Latn", "a", "One."))
    out = tmp_path / "out.parquet"
    assert sources.write_passages(path, str(out), ["eng_Latn"]) == 1
    assert pq.read_table(out).column_names == list(sources.COLUMNS)
    with pytest.raises(SourceError):
        sources.write_passages(write(tmp_path / "bad.jsonl", b"{"), str(out))
    assert pq.read_table(out).num_rows == 1
    assert sorted(file.name for file in tmp_path.iterdir()) == [NOTE, "bad.jsonl", "out.parquet", "p.jsonl"]


@pytest.mark.parametrize(
    ("source", "out", "told"),
    [
        ("p.jsonl", "out.csv", "call the file"),
        ("p.jsonl", "none/out.parquet", "make it first"),
        ("nothing", "out.parquet", "there is nothing at"),
        ("p.txt", "out.parquet", "does not look like a source"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path, source, out, told):
    write(tmp_path / "p.jsonl", said("eng_Latn", "a", "One."))
    (tmp_path / "p.txt").touch()
    with pytest.raises(UsageError, match=told):
        sources.write_passages(str(tmp_path / source), str(tmp_path / out))


def test_a_kind_is_guessed_from_the_files(tmp_path):
    plus, plain = tmp_path / "x" / "plus", tmp_path / "plain" / "inner"
    (plus / "dev").mkdir(parents=True)
    (plus / "dev" / "eng_Latn.jsonl").touch()
    (plain / "dev").mkdir(parents=True)
    (plain / "metadata_dev.tsv").touch()
    (tmp_path / "p.jsonl").touch()
    (tmp_path / "f.tar.gz").touch()
    guesses = {str(path): sources.guess(str(path)) for path in (plus, plus.parent, plain, plain.parent)}
    assert list(guesses.values()) == ["floresplus", "floresplus", "flores200", "flores200"]
    assert sources.guess(str(tmp_path / "p.jsonl")) == "parallel"
    assert sources.guess(str(tmp_path / "f.tar.gz")) == "flores200"
    with pytest.raises(UsageError, match="must be one of flores200, floresplus, parallel"):
        sources.read("flores", str(tmp_path))


def test_the_fingerprint_follows_files_and_languages(tmp_path):
    file = tmp_path / "p.jsonl"
    path = write(file, said("eng_Latn", "a", "One."))
    first = sources.fingerprint("parallel", path, ["eng_Latn", "cmn_Hans"])
    assert first == sources.fingerprint("parallel", path, ["zho_Hans", "eng_Latn"])
    assert first != sources.fingerprint("parallel", path, ["eng_Latn"])
    assert first != sources.fingerprint("parallel", path)
    os.utime(file, ns=(0, 0))
    assert first != sources.fingerprint("parallel", path, ["eng_Latn", "cmn_Hans"])
    assert re.fullmatch("[0-9a-f]{32}", first)
