"""`belebele contamination`: leaks are found whichever form they have, and what no probe could see is said."""

import gzip
import json
import re
import shlex
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from data.release.canary import canary
from data.release.description.release_description import About
from data.release.release_files import write_release
from flows.cli.commands import main
from tests.pages import ROOT, lines_of

STORY = {
    "eng_Latn": "Amina mends wooden boats at the old harbour behind the market, where her father taught her to "
    "steam planks over a fire of driftwood until they bend, and to seal every seam with cotton and warm pitch.",
    "fra_Latn": "Amina répare des bateaux en bois au vieux port derrière le marché, où son père lui a appris à "
    "passer des planches à la vapeur sur un feu de bois flotté jusqu'à ce qu'elles plient, puis à les calfater.",
    "jpn_Jpan": "アミナは市場の裏にある古い港で木の船を直している。父は流木の火の上で板を蒸して曲げる方法と、"
    "すべての継ぎ目を綿と温かい松脂でふさぐ方法を彼女に教えてくれた。雨の季節の前には毎日忙しい。",
}
BREAD = {
    "eng_Latn": "The baker opens her little shop at five in the morning, sells out of everything by nine, and "
    "then sleeps through the heat of the day in the room above until her sister calls her for supper.",
    "fra_Latn": "La boulangère ouvre sa petite boutique à cinq heures du matin, vend tout avant neuf heures, puis "
    "dort pendant la chaleur du jour dans la chambre du dessus jusqu'à ce que sa soeur l'appelle pour dîner.",
    "jpn_Jpan": "パン屋は朝五時に小さな店を開け、九時までにすべて売り切り、それから妹が夕食に呼ぶまで、"
    "暑い昼の間は二階の部屋で眠っている。日曜日には海辺を散歩して、古い友人たちと話をする。",
}


def release(folder: Path, title: str = "Boats") -> Path:
    items = [
        {
            "question_id": name, "language": language, "passage_id": name, "question_number": 1, "revision": 1,
            "passage": texts[language], "link": f"https://example.org/{name}", "position": position, "key": 2,
            "question": f"How does the woman {name} close all of the many seams ({language})?",
            "answers": ["with a rope", "by pouring warm pitch over cotton that her sister spun", "with nails",
                        "not at all"],
            "order": [1, 2, 3, 4],
        }
        for language in STORY
        for position, (name, texts) in enumerate((("boats", STORY), ("bread", BREAD)))
    ]  # fmt: skip
    write_release(pd.DataFrame(items), About("1.0.0", date(2026, 11, 30), title, "CC0-1.0", "eng_Latn"), folder)
    return folder


def look(tmp_path: Path, *corpora: Path, ngram: int = 13) -> Result:
    folder = tmp_path / "release"
    words = [word for one in corpora for word in ("--corpus", str(one))]
    if not folder.exists():
        release(folder)
    return CliRunner().invoke(
        main, ["contamination", str(folder), *words, "--out", str(tmp_path / "out"), "--ngram", str(ngram)]
    )


def leaks(tmp_path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (tmp_path / "out" / "leaks.jsonl").read_text().splitlines()]


def kinds(tmp_path: Path) -> set[tuple[object, ...]]:
    return {(one["item_id"], one["language"], one["field"], one["kind"]) for one in leaks(tmp_path)}


PART = " ".join(STORY["eng_Latn"].split()[6:22])
CHANGED = " ".join("really" if n % 9 == 5 else word for n, word in enumerate(STORY["eng_Latn"].split()))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (STORY["eng_Latn"].upper(), {("boats", "eng_Latn", "passage", "exact")}),
        (f"I read: {PART} and more.", {("boats", "eng_Latn", "passage", "ngram")}),
        (CHANGED, {("boats", "eng_Latn", "passage", "near")}),
        (f"知人の話によると、{STORY['jpn_Jpan'][3:60]}", {("boats", "jpn_Jpan", "passage", "ngram")}),
        (
            "Quiz: by pouring warm pitch over cotton that her sister spun!",
            {(name, language, "option_2", "exact") for name in ("boats", "bread") for language in STORY},
        ),
        ("How does the baker close her shop at nine in the morning?", set()),
    ],
    ids=["whole", "part", "changed", "without spaces", "an option", "nothing"],
)
def test_a_leak_is_found_in_whichever_form(tmp_path: Path, text: str, found: set[tuple[str, ...]]) -> None:
    filler = "Nobody knew what the weather would bring on that day in the hills.\n\n"
    (tmp_path / "corpus.txt").write_text(filler * 30 + text + "\n\n" + filler * 3)
    done = look(tmp_path, tmp_path / "corpus.txt")
    assert done.exit_code == (1 if found else 0), done.output
    assert kinds(tmp_path) == found
    assert {one["place"] for one in leaks(tmp_path)} == ({"line 61"} if found else set())


@pytest.mark.parametrize("kind", ["jsonl", "jsonl.gz", "parquet", "csv", "tsv", "json", "txt.gz"])
def test_every_kind_of_file_is_read(tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"corpus.{kind}"
    lines = pd.DataFrame([{"nr": n, "notes": "nothing of note", "body": "a text " * 30} for n in range(700)])
    lines.loc[650, "notes"] = f"seen before: {PART}"
    match kind:
        case "jsonl" | "jsonl.gz":
            lines.to_json(file, orient="records", lines=True, compression="infer")
        case "parquet":
            lines.to_parquet(file)
        case "csv" | "tsv":
            lines.to_csv(file, index=False, sep="\t" if kind == "tsv" else ",")
        case "json":
            lines.to_json(file, orient="records")
        case "txt.gz":
            with gzip.open(file, "wt") as opened:
                opened.write("\n\n".join(lines["notes"] + " " + lines["body"]))
    done = look(tmp_path, file)
    assert done.exit_code == 1, done.output
    (leak,) = leaks(tmp_path)
    assert (leak["item_id"], leak["kind"], leak["words"]) == ("boats", "ngram", 16)
    place = {"parquet": "row 651", "csv": "line 652", "tsv": "line 652", "json": "item 651", "txt.gz": "line 1301"}
    assert leak["place"] == place.get(kind, "line 651")


def test_a_leak_is_followed_by_ids_into_languages_that_the_release_lacks(tmp_path: Path) -> None:
    relatives = tmp_path / "relatives"
    for language, text in {**STORY, "deu_Latn": "Amina repariert am alten Hafen hölzerne Boote."}.items():
        first = text.split(". ")[0] if language == "eng_Latn" else "Ein ganz anderer Satz."
        (relatives / language).mkdir(parents=True)
        rows = [(n, "travel", first if n == 7 else f"sentence {n} of the {language} file") for n in range(20)]
        frame = pd.DataFrame(rows, columns=["index_id", "category", "text"])
        frame.to_csv(relatives / language / "train.tsv", sep="\t", index=False)
    done = look(tmp_path, relatives)
    assert done.exit_code == 1, done.output
    found = {(one["item_id"], one["language"], one["kind"]) for one in leaks(tmp_path)}
    assert found == {("boats", "eng_Latn", "exact")} | {
        ("boats", language, "id") for language in ("fra_Latn", "jpn_Jpan", "deu_Latn")
    }
    assert all("index_id 7" in str(one["excerpt"]) for one in leaks(tmp_path) if one["kind"] == "id")


def test_links_and_the_canary_give_copies_away(tmp_path: Path) -> None:
    lines = [{"URL": "https://example.org/bread", "text": "..."}, {"text": canary("Boats")}, {"text": canary("x")}]
    (tmp_path / "corpus.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert look(tmp_path, tmp_path / "corpus.jsonl").exit_code == 1
    assert kinds(tmp_path) == {("bread", "", "item", "id"), ("", "", "release", "canary")}


def test_the_passport_says_what_a_probe_is_blind_to(tmp_path: Path) -> None:
    (tmp_path / "corpus.txt").write_text(PART)
    assert look(tmp_path, tmp_path / "corpus.txt").exit_code == 1
    passport = pd.read_parquet(tmp_path / "out" / "passport.parquet").set_index(["item_id", "language"])
    boats = passport.loc[("boats", "eng_Latn")]
    assert (boats["question_words"], boats["key_words"], boats["options_words"]) == (12, 10, 10)
    assert (boats["passage_seen"], boats["question_seen"], boats["key_seen"]) == (True, False, False)
    assert list(boats["leaked_fields"]) == ["passage"]
    assert list(passport.loc[("boats", "fra_Latn")]["leaked_fields"]) == []
    assert passport["leaked_in_any_language"].tolist().count(True) == 3
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert {line["words"]: line["key"] for line in report["seen"]}[8] == 1
    assert "What a probe could see" in (tmp_path / "out" / "report.html").read_text()


def test_broken_lines_are_named_and_the_rest_is_searched(tmp_path: Path) -> None:
    file = tmp_path / "corpus.jsonl"
    file.write_bytes(b'{"text": \n{"text": "\xff"}\n' + json.dumps({"text": PART}).encode() + b"\n")
    done = look(tmp_path, file)
    assert done.exit_code == 1
    assert f"{file}, line 1: invalid JSON" in done.output
    assert f"{file}, line 2: byte" in done.output
    assert leaks(tmp_path)[0]["place"] == "line 3"


def test_a_text_without_line_ends_is_read_in_parts_that_overlap(tmp_path: Path) -> None:
    for before in (65_400, 65_500, 131_000):
        (tmp_path / "corpus.txt").write_text("word " * (before // 5) + STORY["eng_Latn"] + " word" * 30_000)
        assert look(tmp_path, tmp_path / "corpus.txt").exit_code == 1
        assert ("boats", "eng_Latn", "passage", "exact") in kinds(tmp_path), before


def test_places_of_one_text_are_counted_and_a_few_listed(tmp_path: Path) -> None:
    (tmp_path / "corpus.txt").write_text(f"{PART}\n\n" * 50)
    done = look(tmp_path, tmp_path / "corpus.txt")
    assert (len(leaks(tmp_path)), "50 records, 50 leaks" in done.output) == (5, True), done.output


def test_same_corpora_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"{PART}\n\n{CHANGED}")
    (tmp_path / "b.txt").write_text(STORY["fra_Latn"])
    bytes_of = []
    for order in ([tmp_path / "a.txt", tmp_path / "b.txt"], [tmp_path / "b.txt", tmp_path / "a.txt"]):
        look(tmp_path, *order)
        bytes_of.append([file.read_bytes() for file in sorted((tmp_path / "out").glob("[!.]*"))])
    assert bytes_of[0] == bytes_of[1]


def test_any_set_of_questions_can_be_looked_for(tmp_path: Path) -> None:
    item = {
        "passage": STORY["eng_Latn"],
        "question": "Why?",
        "options": ["with a rope", "with pitch"],
        "answer": "with pitch",
    }
    (tmp_path / "set.jsonl").write_text(json.dumps(item) + "\n")
    (tmp_path / "corpus.txt").write_text(STORY["eng_Latn"])
    words = ["contamination", str(tmp_path / "set.jsonl"), "--corpus", str(tmp_path / "corpus.txt")]
    done = CliRunner().invoke(main, [*words, "--out", str(tmp_path / "out")])
    assert (done.exit_code, len(leaks(tmp_path))) == (1, 1), done.output


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("corpus.parquet", b"PAR1 no more"),
        ("corpus.txt.gz", gzip.compress(b"text " * 900, mtime=0)[:20] + b"\x00" * 30),
        ("corpus.txt", "text".encode("utf-16")),
        ("corpus.json", b'{"a": '),
        ("corpus.jsonl", b"no json\n" * 2000),
        ("corpus.csv", b"\xff\xfe\xff"),
    ],
)
def test_a_corpus_of_which_nothing_can_be_read_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    done = look(tmp_path, tmp_path / name)
    assert (done.exit_code, f"{tmp_path / name}" in done.stderr) == (2, True), done.output
    assert not (tmp_path / "out").exists()


def test_mistakes_are_named(tmp_path: Path) -> None:
    (tmp_path / "corpus.doc").write_text("x")
    done = look(tmp_path, tmp_path / "corpus.doc")
    assert (done.exit_code, "there are no texts that are read" in done.output) == (2, True)
    done = look(tmp_path, tmp_path / "corpsu.txt")
    assert (done.exit_code, "there is no such file or folder" in done.output) == (2, True)


def test_the_guide_does_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (line,) = lines_of("docs/guides/contamination.md", "belebele contamination")
    guide = (ROOT / "docs" / "guides" / "contamination.md").read_text()
    monkeypatch.chdir(tmp_path)
    release(Path("mybench-1.0.0"))
    for folder, text in (("corpora", PART), ("sib200", "Nothing.")):
        Path(folder).mkdir()
        (Path(folder) / "train.txt").write_text(text)
    done = CliRunner().invoke(main, shlex.split(line)[1:])
    assert done.exit_code == 1, done.output
    named = re.findall(r"^\| `(.+?)` ?(?:, `(.+?)` )?\|", guide, re.MULTILINE)
    assert {one for pair in named for one in pair if one} >= {"passport.parquet", "leaks.jsonl"}
    assert {file.name for file in Path("passport").iterdir() if file.name[0] != "."} == {
        "passport.parquet", "leaks.jsonl", "report.html", "report.json",
    }  # fmt: skip
