import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data import sources
from data.errors import MisalignedSource, MissingLanguage, SourceError, UsageError

LINKS = {"dev": ["u/a", "u/a", "u/b"], "devtest": ["u/c", "u/c"]}


def sentences(code, split, **changed):
    language, script, *variant = code.split("_")
    return [
        {
            "id": number,
            "iso_639_3": language,
            "iso_15924": script,
            "glottocode": variant[0] if variant else "none1234",
            "text": f" {code} {split} {number} ",
            "url": link,
            "domain": "wikinews",
            "topic": "sea",
            "last_updated": "1.0",
            **changed,
        }
        for number, link in enumerate(LINKS[split], start=1)
    ]


def write(folder, code, split, records=None, suffix="parquet"):
    records = sentences(code, split) if records is None else records
    file = folder / split / f"{code}.{suffix}"
    file.parent.mkdir(parents=True, exist_ok=True)
    if suffix == "parquet":
        pq.write_table(pa.Table.from_pylist(records), file)
    else:
        file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "flores_plus"
    for code in ("eng_Latn", "cmn_Hans", "apc_Arab_sout3123"):
        for split in ("dev", "devtest"):
            write(root, code, split, suffix="jsonl" if code == "cmn_Hans" else "parquet")
    write(root, "brx_Deva", "dev")
    write(root, "kaa_Latn", "devtest")
    return root


def test_codes_are_ours_and_a_language_with_one_split_keeps_its_places(folder):
    passages = sources.read("floresplus", str(folder))
    lines = passages.select(["language", "position", "split", "text"]).to_pylist()
    places = {}
    for line in lines:
        places.setdefault(line["language"], []).append((line["position"], line["split"]))
    both = [(0, "dev"), (1, "dev"), (2, "devtest")]
    assert places == {
        "ajp_Arab": both,
        "brx_Deva": both[:2],
        "eng_Latn": both,
        "kaa_Latn": both[2:],
        "zho_Hans": both,
    }
    assert list(places) == sorted(places)
    assert lines[0]["text"] == "apc_Arab_sout3123 dev 1 apc_Arab_sout3123 dev 2"
    assert passages["sentence_ids"][0].as_py() == [0, 1]
    assert passages["source"][0].as_py() == "floresplus"
    assert sources.available("floresplus", str(folder)) == list(places)


def test_a_language_alone_keeps_its_places_too(folder):
    assert sources.read("floresplus", str(folder), ["kaa_Latn"])["position"].to_pylist() == [2]


def test_either_code_asks_for_a_language(folder):
    ours = sources.read("floresplus", str(folder.parent), ["zho_Hans", "ajp_Arab"])
    assert ours.equals(sources.read("floresplus", str(folder), ["cmn_Hans", "apc_Arab_sout3123"]))


def test_a_language_newer_than_the_table_is_read(folder):
    write(folder, "qqq_Latn", "dev")
    assert sources.read("floresplus", str(folder), ["qqq_Latn"]).num_rows == 2


def test_sentences_are_put_in_the_order_of_their_ids(folder):
    write(folder, "fra_Latn", "dev", sentences("fra_Latn", "dev")[::-1])
    text = sources.read("floresplus", str(folder), ["fra_Latn"])["text"].to_pylist()
    assert text == ["fra_Latn dev 1 fra_Latn dev 2", "fra_Latn dev 3"]


@pytest.mark.parametrize(
    ("records", "kind", "told"),
    [
        (sentences("fra_Latn", "dev")[:2], MisalignedSource, "2 sentences, eng_Latn.parquet has 3"),
        (
            sentences("fra_Latn", "dev", url="u/z"),
            MisalignedSource,
            "sentence 1: from u/z, in eng_Latn.parquet from u/a",
        ),
        (sentences("deu_Latn", "dev"), SourceError, "iso_639_3 says deu, its name 'fra'"),
        ([{"id": 1, "text": "a"}], SourceError, "no column url; it has id, text"),
        (sentences("fra_Latn", "dev", text=None), SourceError, "column text has lines without a value"),
    ],
)
@pytest.mark.parametrize("suffix", ["parquet", "jsonl"])
def test_a_fault_is_named_with_its_file(folder, records, kind, told, suffix):
    write(folder, "fra_Latn", "dev", records, suffix)
    with pytest.raises(SourceError) as refused:
        sources.read("floresplus", str(folder))
    assert type(refused.value) is kind
    assert f"fra_Latn.{suffix}" in str(refused.value)
    assert told in str(refused.value)


def test_two_files_of_one_language_are_refused(folder):
    write(folder, "zho_Hans", "dev")
    with pytest.raises(SourceError, match=r"cmn_Hans.jsonl and dev/zho_Hans.parquet are the same language"):
        sources.read("floresplus", str(folder))


def test_a_language_that_is_not_there_is_refused(folder):
    with pytest.raises(MissingLanguage, match="fra_Latn \\(French\\)"):
        sources.read("floresplus", str(folder), ["fra_Latn"])
    with pytest.raises(UsageError, match="did you mean"):
        sources.read("floresplus", str(folder), ["fra_Lat"])


def test_what_is_no_parquet_is_refused(folder):
    (folder / "dev" / "fra_Latn.parquet").write_bytes(b"no")
    with pytest.raises(SourceError, match="cannot be read as parquet"):
        sources.read("floresplus", str(folder))
