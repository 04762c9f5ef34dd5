"""The files that describe a release: each made from the one description, none saying what it does not."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import yaml
from datasets import load_dataset
from lxml import etree

from data.errors import ReleaseRefused, UsageError
from data.prompt_words import PromptWords
from data.release.description.latex_tables import escaped
from data.release.description.release_description import (
    About,
    Agreement,
    Attribution,
    DraftQuality,
    ReleaseDescription,
    ReleasedPromptWords,
    WeakLanguage,
)
from data.release.evidence_file import ItemEvidence
from data.release.release_files import RenderedRelease, render
from data.release.released_words import words_of

LANGUAGES = ("arb_Arab", "eng_Latn", "tha_Thai")
TITLE = 'Wells: "deep" & #shallow <b>100 %</b> \\ $x_1^2~ {y}'

ABOUT = About(
    version="1.0.0",
    date=date(2026, 1, 31),
    title=TITLE,
    licence="CC-BY-SA-4.0",
    source_language="eng_Latn",
    checks=("four_options|v:1|count:4",),
    pending=(("ben_Beng", 2),),
    code_version="0.1.0",
    people={"authoring": 2, "reviewing": 7},
    names={"arb_Arab": "Modern Standard Arabic", "eng_Latn": "English", "tha_Thai": "Thai", "ben_Beng": "Bengali"},
    policies=("Translated with <the passage> & more in view.",),
    guidelines={"authoring": "# Write\n"},
    quality=(DraftQuality("arb_Arab", 9, 81.25, 12.5, (1.5, 0.5, 2.5), 0.5),),
    evidence=(ItemEvidence("w0-q1", "arb_Arab", 1, 1, None, None, "one"),),
    hub="wells-org/deep-wells",
    attributions=(Attribution("FLORES-200", "CC-BY-SA-4.0", "https://wells.invalid/flores"),),
    agreement=(Agreement("reviewing", "Krippendorff's alpha", 0.81, 0.7, 0.9),),
    prompt_words=(ReleasedPromptWords("tha_Thai", 1, {"passage_word": "เนื้อเรื่อง", "word_space": ""}, False),),
    weak_languages=(WeakLanguage("arb_Arab", "Its passages are near copies."),),
    native_languages={"arb_Arab": 9, "eng_Latn": 6, "tha_Thai": 1},
    no_training_wish=True,
)


def items(dev: bool = True) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "question_id": f"w{number}-q1",
                "language": language,
                "passage_id": f"w{number}",
                "question_number": 1,
                "revision": 1,
                "passage": f"{language}: well {number} is deep.",
                "question": "How deep?",
                "answers": [f"{number + place} m" for place in range(4)],
                "key": number % 4 + 1,
                "link": f"https://wells.invalid/{number}",
                "position": number,
                "order": [1, 2, 3, 4],
                "split": "dev" if number >= 4 else "test",
            }
            for language in LANGUAGES
            for number in range(8 if dev else 4)
        ]
    )


@pytest.fixture(scope="module")
def rendered() -> RenderedRelease:
    return render(items(), ABOUT)


@pytest.fixture(scope="module")
def folder(rendered: RenderedRelease, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("release") / "out"
    rendered.write(place)
    return place


def test_every_description_lies_in_the_folder(folder: Path) -> None:
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert there >= {
        "README.md", "croissant.json", "datasheet.html", "eval.yaml", "manifest.json", "SHA256SUMS",
        "figures/correct_answers.svg", "figures/families.svg", "figures/key_evidence.svg",
        "figures/passage_lengths.svg",
        "tables/agreement.tex", "tables/drafts.tex", "tables/key_evidence.tex", "tables/languages.tex",
        "tables/lengths.tex", "tables/people.tex", "tables/splits.tex",
        "tasks/inspect/deep_wells.py", "tasks/lighteval/deep_wells.py", "tasks/lm_eval/_deep_wells.yaml",
        *(f"tasks/lm_eval/deep_wells_{code}.yaml" for code in LANGUAGES),
    }  # fmt: skip


def test_descriptions_follow_from_the_manifest_alone(rendered: RenderedRelease) -> None:
    """Whoever has only the folder can make every description anew, but for the files that came after."""
    from data.release.release_files import DESCRIPTIONS

    held = ReleaseDescription.from_json(rendered.files["manifest.json"].decode())
    given = ("data/", "dev/", "jsonl/", "guidelines/", "key_evidence.parquet")
    held = replace(held, files={path: one for path, one in held.files.items() if path.startswith(given)})
    again: dict[str, bytes] = {}
    for describe in DESCRIPTIONS:
        again |= describe(held)
    assert again == {path: rendered.files[path] for path in again}
    assert len(again) > 15


@pytest.mark.parametrize("split", ["test", "dev"])
def test_datasets_loads_a_language_by_its_code(split: str, folder: Path, tmp_path: Path) -> None:
    loaded = load_dataset(str(folder), "tha_Thai", split=split, cache_dir=str(tmp_path))
    assert loaded["flores_passage"] == [
        f"tha_Thai: well {n} is deep." for n in range(*((4, 8), (0, 4))[split == "test"])
    ]


def test_pandas_and_duckdb_read_both_splits(folder: Path) -> None:
    assert len(pd.read_parquet(folder / "dev/eng_Latn.parquet")) == 4
    counted = duckdb.sql(f"select count(*), count(distinct item_id) from '{folder}/*/*.parquet'").fetchall()
    assert counted == [(24, 8)]


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.outside: list[str] = []
        self.directions: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        if tag == "a":
            self.found.append((has.get("href") or "", has.get("title") or ""))
        if tag in ("script", "link", "img", "iframe") or has.get("src"):
            self.outside.append(tag)
        if tag == "bdi":
            self.directions[has.get("lang") or ""] = has.get("dir") or ""


def test_data_sheet_links_every_number_and_needs_no_network(folder: Path) -> None:
    page = (folder / "datasheet.html").read_text()
    links = Links()
    links.feed(page)
    assert links.outside == []
    assert links.directions == {"arb-Arab": "rtl", "en": "ltr", "th": "ltr"}
    manifest = json.loads((folder / "manifest.json").read_text())
    inside = [(path, told) for path, told in links.found if not path.startswith(("https://", "#"))]
    assert all((folder / path).is_file() for path, _ in inside)
    for path, told in inside:
        if told.startswith("sha256 "):
            assert told == f"sha256 {manifest['files'][path]['sha256']}"
        elif told:
            place = told.removeprefix("manifest.json: ")
            assert re.split(r"[.\[]", place)[0] in manifest
    # A number that stands in a table without a link would be one of nobody knows where.
    assert not re.findall(r'<td class="r">[\d.,]+</td>', page.split('id="files"')[0])
    assert "<b>100 %</b>" not in page, "a title is text"


def test_card_links_every_number_that_tells_of_the_data(rendered: RenderedRelease) -> None:
    card = rendered.files["README.md"].decode().split("---\n", 2)[2]
    manifest = json.loads(rendered.files["manifest.json"])
    links = re.findall(r'\[[^\]]*\]\((\S+) "([^"]*)"\)', card)
    assert len(links) > 40
    for path, told in links:
        assert path in rendered.files
        if told.startswith("sha256 "):
            assert told == f"sha256 {manifest['files'][path]['sha256']}"
        else:
            held = manifest
            for part in re.findall(r"[\w-]+", told.removeprefix("manifest.json: ")):
                held = held[int(part)] if isinstance(held, list) else held[part]
    rest = re.sub(r'\[[^\]]*\]\(\S+ "[^"]*"\)', "", card.split("## Columns")[0])
    cells = [cell.strip() for line in rest.splitlines() if line.startswith("|") for cell in line.split("|")]
    assert not [cell for cell in cells if re.fullmatch(r"[\d.,]+ ?%?", cell)]
    opening = rest.partition("## Languages")[0].partition(ABOUT.licence)[2]
    opening = re.sub(r"`[^`]*`", "", opening)
    assert re.findall(r"\d+", opening) == ["1", "2", "3", "4"], "the places of the correct answer"


def test_figures_are_plain_svg(rendered: RenderedRelease) -> None:
    drawings = {path: data for path, data in rendered.files.items() if path.endswith(".svg")}
    assert len(drawings) == 4
    for data in drawings.values():
        root = etree.fromstring(data)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert not root.xpath("//@id") and not root.xpath("//@*[name()='xlink:href']")


def test_latex_sets_every_text_as_it_stands(rendered: RenderedRelease) -> None:
    tables = {path: data.decode() for path, data in rendered.files.items() if path.endswith(".tex")}
    assert len(tables) == 7
    for text in tables.values():
        body = re.sub(r"(?<!\\)%.*", "", text)
        assert body.count("{") - body.count(r"\{") == body.count("}") - body.count(r"\}")
        assert not re.search(r"(?<!\\)[#$_^~]", body)
        (columns,) = re.findall(r"\\begin\{(?:tabular|longtable)\}\{@\{\}(.+)@\{\}\}", body)
        lines = [line for line in body.splitlines() if line.endswith((r"\\", r"\\ "))]
        width = len(re.sub(r"\{.*?\}", "", columns))
        assert {len(re.findall(r"(?<!\\)&", line)) + 1 for line in lines} == {width}
    digest = rendered.description.files["data/arb_Arab.parquet"].sha256
    assert f"% data/arb_Arab.parquet sha256 {digest}" in tables["tables/languages.tex"]


def test_latex_escapes_what_latex_reads() -> None:
    assert escaped("a\\b{c}_d^e~f#g$h%i&j\nk") == (
        r"a\textbackslash{}b\{c\}\_d\textasciicircum{}e\textasciitilde{}f\#g\$h\%i\&j k"
    )


def test_few_people_are_merged_before_anything_is_written(rendered: RenderedRelease) -> None:
    assert rendered.description.native_languages == {"arb_Arab": 9, "other": 7}
    for path in ("README.md", "datasheet.html", "croissant.json", "manifest.json"):
        assert b"native_languages.tha_Thai" not in rendered.files[path]
    assert b"fewer than five" in rendered.files["README.md"]


def test_a_wish_against_training_is_a_request(rendered: RenderedRelease) -> None:
    wish = "This is a request, not a term of the licence."
    for path in ("README.md", "datasheet.html", "croissant.json"):
        assert wish in rendered.files[path].decode()
    without = render(items(), replace(ABOUT, no_training_wish=False)).files
    assert not [
        path for path in ("README.md", "datasheet.html", "croissant.json") if wish in without[path].decode()
    ]
    assert json.loads(rendered.files["croissant.json"])["license"] == "https://spdx.org/licenses/CC-BY-SA-4.0"


def test_people_are_looked_for_in_every_description() -> None:
    weak = replace(ABOUT, weak_languages=(WeakLanguage("arb_Arab", "Mina Okoye found copies."),))
    with pytest.raises(ReleaseRefused) as refused:
        render(items(), weak, ["Mina Okoye"])
    places = "\n".join(refused.value.problems)
    assert "datasheet.html, line" in places and "croissant.json, line" in places
    words = replace(
        ABOUT, prompt_words=(ReleasedPromptWords("tha_Thai", 1, {"passage_word": "Mina Okoye"}, False),)
    )
    with pytest.raises(ReleaseRefused) as refused:
        render(items(), words, ["Mina Okoye"])
    assert "tasks/lm_eval/deep_wells_tha_Thai.yaml" in "\n".join(refused.value.problems)


def test_tasks_name_dev_for_examples(rendered: RenderedRelease) -> None:
    task = yaml.safe_load(rendered.files["tasks/lm_eval/deep_wells_tha_Thai.yaml"])
    assert task["fewshot_split"] == "dev" and task["fewshot_config"] == {"sampler": "first_n"}
    assert task["dataset_kwargs"]["data_files"] == {"test": "data/tha_Thai.parquet", "dev": "dev/tha_Thai.parquet"}
    assert task["doc_to_text"].startswith("เนื้อเรื่อง:{{flores_passage}}\nQuestion:{{question}}\nA: ")
    assert task["target_delimiter"] == ""
    group = yaml.safe_load(rendered.files["tasks/lm_eval/_deep_wells.yaml"])
    assert group["task"] == [f"deep_wells_{code}" for code in LANGUAGES]
    for path in ("tasks/lighteval/deep_wells.py", "tasks/inspect/deep_wells.py"):
        compile(rendered.files[path], path, "exec")


def test_without_dev_tasks_ask_for_no_examples() -> None:
    files = render(items(dev=False), replace(ABOUT, evidence=())).files
    task = yaml.safe_load(files["tasks/lm_eval/deep_wells_eng_Latn.yaml"])
    assert task["num_fewshot"] == 0 and "fewshot_split" not in task
    assert b"DEV = False" in files["tasks/lighteval/deep_wells.py"]
    assert not [path for path in files if path.startswith("dev/")]


def test_the_hub_takes_the_benchmark(rendered: RenderedRelease) -> None:
    held = yaml.safe_load(rendered.files["eval.yaml"])
    assert (held["name"], held["evaluation_framework"]) == (TITLE, "inspect-ai")
    assert [(one["id"], one["config"], one["split"]) for one in held["tasks"]] == [
        (f"deep_wells_{code}", code, "test") for code in LANGUAGES
    ]
    assert b"hf/wells-org/deep-wells/deep_wells_arb_Arab" in rendered.files["eval.yaml"]
    assert b"hf/" not in render(items(), replace(ABOUT, hub=None)).files["eval.yaml"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"passage_word": "P{{x}}"}, "no place for braces"),
        ({"question_word": "Q\n"}, "one line"),
        ({"instruction": "Answer."}, r"has \{labels\} once"),
        ({"instruction": "{labels} {passage}"}, "braces stand for"),
        ({"option_labels": "A B C"}, "four different"),
        ({"option_labels": "A B C A"}, "four different"),
        ({"passsage_word": "P"}, "unknown passsage_word"),
    ],
)
def test_prompt_words_that_no_template_can_take_are_refused(words: dict[str, str], told: str) -> None:
    with pytest.raises(UsageError, match=f"(?s)fra_Latn.*{told}"):
        words_of("fra_Latn", words)
    about = replace(ABOUT, prompt_words=(ReleasedPromptWords("tha_Thai", 1, words, False),))
    with pytest.raises(ReleaseRefused):
        render(items(), about)


def test_words_that_a_translator_left_out_are_english() -> None:
    assert words_of("fra_Latn", {"passage_word": "Texte"}) == PromptWords(passage_word="Texte")
