import io
import tarfile

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from data import sources
from data.errors import BadEncoding, MisalignedSource, MissingLanguage, SourceError, UsageError
from data.sources.passage_assembly import SCHEMA

HEADER = "URL\tdomain\ttopic\thas_image\thas_hyperlink\n"
FILES = {
    "dev/eng_Latn.dev": "One. \n Two.\nThree.\n",
    "dev/fra_Latn.dev": "Un.\nDeux.\nTrois.\n",
    "devtest/eng_Latn.devtest": "Four.\nFive.\n",
    "devtest/fra_Latn.devtest": "Quatre.\nCinq.\n",
    "metadata_dev.tsv": HEADER + "u/a\tnews\tsea\tno\tno\n" * 2 + "u/b\tbooks\tsky\tno\tno\n",
    "metadata_devtest.tsv": HEADER + "u/c\ttravel\tland\tno\tno\n" * 2,
}


@pytest.fixture
def folder(tmp_path):
    return lay_out(tmp_path / "flores200_dataset", FILES)


def lay_out(folder, files):
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def packed(path, files):
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content.encode())
            archive.addfile(info, io.BytesIO(content.encode()))
    return path


def test_sentences_of_one_link_become_one_passage(folder):
    passages = sources.read("flores200", str(folder))
    assert passages.schema == SCHEMA
    assert passages["language"].to_pylist() == ["eng_Latn"] * 3 + ["fra_Latn"] * 3
    assert passages["text"].to_pylist() == [
        "One. Two.",
        "Three.",
        "Four. Five.",
        "Un. Deux.",
        "Trois.",
        "Quatre. Cinq.",
    ]
    assert passages["sentences"][0].as_py() == ["One.", "Two."]
    assert passages["sentence_ids"].to_pylist()[:3] == [[0, 1], [2], [0, 1]]
    assert passages["split"].to_pylist()[:3] == ["dev", "dev", "devtest"]
    assert passages["domain"].to_pylist()[:3] == ["news", "books", "travel"]
    assert passages["position"].to_pylist() == [0, 1, 2] * 2
    assert passages["passage_id"].to_pylist()[:3] == passages["passage_id"].to_pylist()[3:]


@pytest.mark.parametrize("name", ["f.tar", "f.tar.gz"])
def test_the_archive_gives_the_same_whatever_the_order_of_its_members(folder, tmp_path, name):
    backwards = {f"flores200_dataset/{file}": FILES[file] for file in sorted(FILES, reverse=True)}
    archive = packed(tmp_path / name, backwards)
    assert sources.read("flores200", str(archive)).equals(sources.read("flores200", str(folder)))
    assert sources.available("flores200", str(archive)) == ["eng_Latn", "fra_Latn"]


def test_the_folder_around_it_will_do_and_languages_are_sorted_and_taken_once(folder):
    asked = sources.read("flores200", str(folder.parent), ["fra_Latn", "eng_Latn", "fra_Latn"])
    assert asked.equals(sources.read("flores200", str(folder)))


def test_a_file_without_a_last_line_end_has_all_its_lines(folder):
    (folder / "dev/fra_Latn.dev").write_text("Un.\r\nDeux.\r\nTrois.")
    assert sources.read("flores200", str(folder), ["fra_Latn"])["text"].to_pylist()[:2] == ["Un. Deux.", "Trois."]


@pytest.mark.parametrize(
    ("file", "content", "kind", "told"),
    [
        ("dev/fra_Latn.dev", None, MissingLanguage, "dev/fra_Latn.dev: missing"),
        ("dev/fra_Latn.dev", "Un.\nDeux.\n", MisalignedSource, "dev/fra_Latn.dev, line 3: the file has 2 lines"),
        ("dev/fra_Latn.dev", b"Un.\nDeux\xff.\nTrois.\n", BadEncoding, "dev/fra_Latn.dev, line 2: byte 8 (0xff)"),
        (
            "metadata_dev.tsv",
            HEADER + "u/a\tn\ts\tno\tno\n",
            MisalignedSource,
            "metadata_dev.tsv, line 3: too short",
        ),
        ("metadata_dev.tsv", None, SourceError, "metadata_dev.tsv: missing"),
        ("metadata_dev.tsv", HEADER + "u/a\tn\n" * 3, SourceError, "metadata_dev.tsv, line 2: 2 of 5 fields"),
        ("metadata_dev.tsv", HEADER + "\tn\ts\tno\tno\n" * 3, SourceError, "metadata_dev.tsv, line 2: no URL"),
        ("metadata_dev.tsv", "URL\tdomain\nu/a\tnews\n", SourceError, "line 1: the header has no topic"),
        (
            "metadata_dev.tsv",
            HEADER + "u/a\tn\ts\tno\tno\nu/b\tn\ts\tno\tno\nu/a\tn\ts\tno\tno\n",
            SourceError,
            "u/a: stands in 2 places",
        ),
        ("metadata_devtest.tsv", HEADER + "u/a\tn\ts\tno\tno\n" * 2, SourceError, "u/a: stands in 2 places"),
    ],
)
def test_a_fault_is_named_with_its_file_and_line(folder, file, content, kind, told):
    (folder / file).unlink()
    if content is not None:
        lay_out(folder, {file: content})
    # a third language, so that it is plain which of the files is the odd one
    lay_out(folder, {"dev/deu_Latn.dev": "a\nb\nc\n", "devtest/deu_Latn.devtest": "a\nb\n"})
    with pytest.raises(SourceError) as refused:
        sources.read("flores200", str(folder))
    assert type(refused.value) is kind
    assert told in str(refused.value)


def test_all_faults_are_told_at_once(folder):
    lay_out(folder, {"dev/fra_Latn.dev": b"\xff\n", "devtest/eng_Latn.devtest": b"ok\n\xc3\n"})
    with pytest.raises(BadEncoding) as refused:
        sources.read("flores200", str(folder))
    assert len(refused.value.problems) == 2


@pytest.mark.parametrize("code", ["ben_Latn", "hin_Latn", "npi_Latn", "sin_Latn", "urd_Latn"])
def test_languages_without_text_are_refused_with_the_cure(folder, code):
    with pytest.raises(MissingLanguage, match=rf"{code} .*parallel"):
        sources.read("flores200", str(folder), ["eng_Latn", code])


def test_an_unknown_language_is_refused(folder):
    with pytest.raises(UsageError, match="did you mean fra_Latn"):
        sources.read("flores200", str(folder), ["fra_Latm"])


@pytest.mark.parametrize("name", ["../dev/eng_Latn.dev", "/etc/passwd", "a/../../b"])
def test_an_archive_whose_path_escapes_is_refused(tmp_path, name):
    archive = packed(tmp_path / "f.tar.gz", {**FILES, name: "x\n"})
    with pytest.raises(SourceError, match="outside"):
        sources.read("flores200", str(archive))


def test_a_damaged_archive_is_refused(tmp_path, folder):
    archive = packed(tmp_path / "f.tar.gz", {**FILES, "big.bin": "".join(map(str, range(50_000)))})
    archive.write_bytes(archive.read_bytes()[:300])
    with pytest.raises(SourceError, match="cannot be read as a tar archive"):
        sources.read("flores200", str(archive))
    (tmp_path / "g.tar.gz").write_bytes(b"not a tar")
    with pytest.raises(SourceError, match="cannot be read as a tar archive"):
        sources.read("flores200", str(tmp_path / "g.tar.gz"))


def test_a_folder_of_something_else_is_refused(tmp_path):
    with pytest.raises(SourceError, match="is not FLORES-200"):
        sources.read("flores200", str(tmp_path))


def test_the_real_one_gives_562_passages_in_204_languages(shared_data):
    passages = sources.read("flores200", str(shared_data / "flores200_dataset.tar.gz"))
    passages.validate(full=True)
    assert passages.num_rows == 562 * 204
    counts = pc.value_counts(passages["language"]).to_pylist()
    assert len(counts) == 204
    assert {one["counts"] for one in counts} == {562}
    assert pc.count_distinct(passages["passage_id"]).as_py() == 562
    sizes = pc.value_counts(pc.list_value_length(passages.slice(0, 562)["sentences"])).to_pylist()
    assert {one["values"]: one["counts"] for one in sizes} == {1: 1, 2: 102, 3: 184, 4: 135, 5: 132, 6: 7, 10: 1}
    order = passages["passage_id"].combine_chunks()
    assert all(order.slice(start, 562).equals(order.slice(0, 562)) for start in range(0, len(order), 562))
    assert isinstance(passages, pa.Table)
