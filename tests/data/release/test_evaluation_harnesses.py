"""A release in the programs that read it: their printed accuracy is what a hand counts in their logs.

Each harness runs in an environment of its own, without a network, on a tiny model with random weights.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from data.release.description.release_description import About, ReleasedPromptWords
from data.release.release_files import write_release
from tests.harnesses.environments import commands, run

pytestmark = pytest.mark.slow

HERE = Path(__file__).parents[2] / "harnesses"
LANGUAGES = ("arb_Arab", "eng_Latn", "tha_Thai")
TEST, DEV = 8, 4
SHOTS = 2
GROUP = "deep_wells"
LOCAL = "deep_wells_local_labels"

ABOUT = About(
    version="1.0.0",
    date=date(2026, 1, 31),
    title='Wells: "deep" & #shallow {} %',
    licence="CC-BY-SA-4.0",
    source_language="eng_Latn",
    hub="wells-org/deep-wells",
    names={"arb_Arab": "Modern Standard Arabic", "eng_Latn": "English", "tha_Thai": "Thai"},
    prompt_words=(
        ReleasedPromptWords(
            "tha_Thai",
            1,
            {
                "passage_word": "เนื้อเรื่อง",
                "question_word": "คำถาม",
                "answer_word": "คำตอบ",
                "word_space": "",
                "option_labels": "ก ข ค ง",
                "instruction": "อ่านเนื้อเรื่องแล้วตอบด้วย {labels}",
            },
            False,
        ),
    ),
)


def items() -> pd.DataFrame:
    """Items whose texts have all that a template could trip over; the keys of dev are all different."""
    lines = []
    for language in LANGUAGES:
        for number in range(TEST + DEV):
            split = "test" if number < TEST else "dev"
            lines.append(
                {
                    "question_id": f"w{number:02d}-q1",
                    "language": language,
                    "passage_id": f"w{number:02d}",
                    "question_number": 1,
                    "revision": 1,
                    "passage": f'{language} {split} well {number}: {{deep}} {{{{x}}}} 100 % "of" it \\n.',
                    "question": f"{language}: how deep is well {number}?",
                    "answers": [f"{number + place} m" for place in range(4)],
                    "key": (number * (1 if split == "dev" else 3)) % 4 + 1,
                    "link": f"https://wells.invalid/{number}",
                    "position": number,
                    "order": [1, 2, 3, 4],
                    "split": split,
                }
            )
    return pd.DataFrame(lines)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("harnesses")


@pytest.fixture(scope="module")
def release(place: Path) -> Path:
    write_release(items(), ABOUT, place / "release")
    return place / "release"


@pytest.fixture(scope="module")
def model(place: Path) -> Path:
    run("inspect_ai", "python", HERE / "tiny_model.py", place / "model", cwd=place)
    return place / "model"


def keys(release: Path, language: str) -> list[int]:
    """The places of the correct answers in test, from 0, in the order of the file."""
    return [
        int(one) - 1
        for one in pq.read_table(release / f"data/{language}.parquet")["correct_answer_num"].to_pylist()
    ]


def share(right: list[bool]) -> float:
    return sum(right) / len(right)


def test_croissant_holds_the_records_that_parquet_holds(release: Path, place: Path) -> None:
    told = run("readers", "python", HERE / "croissant_records.py", release / "croissant.json", cwd=place)
    found = json.loads(told.splitlines()[-1])
    assert (found["errors"], found["warnings"]) == ([], [])
    assert set(found["records"]) == {f"{split}/{code}" for split in ("test", "dev") for code in LANGUAGES}
    for name, records in found["records"].items():
        split, code = name.split("/")
        folder = {"test": "data", "dev": "dev"}[split]
        assert records == pq.read_table(release / f"{folder}/{code}.parquet").to_pylist()


def test_croissant_knows_a_file_that_was_changed(release: Path, place: Path) -> None:
    shutil.copytree(release, place / "changed")
    file = place / "changed/data/eng_Latn.parquet"
    pq.write_table(pq.read_table(file).slice(1), file)
    with pytest.raises(AssertionError, match="not identical"):
        run("readers", "python", HERE / "croissant_records.py", place / "changed/croissant.json", cwd=place)


def test_polars_reads_it(release: Path, place: Path) -> None:
    code = "import polars; print(polars.read_parquet('release/data/*.parquet')['item_id'].len())"
    assert run("readers", "python", "-c", code, cwd=place).split() == [str(len(LANGUAGES) * TEST)]


def test_lm_evaluation_harness(release: Path, model: Path, place: Path) -> None:
    """The group, the harness's own Belebele task on the JSON lines, and a task of a release without dev.

    One run for all, since most of its time is its start. Of the release without dev only the task is taken: its
    items lie where those of this release do.
    """
    tasks = place / "lm_eval_tasks"
    shutil.copytree(release / "tasks/lm_eval", tasks)
    alone = items()
    write_release(alone[alone["split"] == "test"], replace(ABOUT, hub=None, title="Test alone"), place / "alone")
    shutil.copy(place / "alone/tasks/lm_eval/test_alone_eng_Latn.yaml", tasks)
    stock = next((commands("lm_eval").parent / "lib").glob("python*/site-packages/lm_eval/tasks/belebele"))
    (tasks / "stock.yaml").write_text(
        f"include: {stock}/belebele_eng_Latn.yaml\ntask: stock_belebele\ndataset_path: json\ndataset_name: null\n"
        "dataset_kwargs:\n  data_files:\n    test: jsonl/test/eng_Latn.jsonl\n"
    )
    told = run(
        "lm_eval", "lm_eval", "run", "--model", "hf", "--model_args", f"pretrained={model}", "--device", "cpu",
        "--include_path", tasks, "--tasks", f"{GROUP},{LOCAL},stock_belebele,test_alone_eng_Latn",
        "--num_fewshot", str(SHOTS), "--output_path", place / "lm_eval", "--log_samples",
        cwd=release, HF_HOME=str(place / "hub"),
    )  # fmt: skip
    picks: list[int] = []
    rights: list[bool] = []
    for code in LANGUAGES:
        (log,) = (place / "lm_eval").rglob(f"samples_{GROUP}_{code}_2*.jsonl")
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        assert len(lines) == TEST
        right = []
        for line in lines:
            scores = [float(one[0]) for one in line["filtered_resps"]]
            pick = scores.index(max(scores))
            right.append(pick == int(line["doc"]["correct_answer_num"]) - 1)
            picks.append(pick)
            prompt = line["arguments"]["gen_args_0"]["arg_0"]
            assert re.findall(r"(test|dev) well", prompt) == ["dev"] * SHOTS + ["test"]
            assert [f"{code} dev well {TEST + shot}" in prompt for shot in range(SHOTS)] == [True] * SHOTS
        assert printed(told, f"{GROUP}_{code}") == pytest.approx(share(right), abs=5e-5)
        rights += right
    assert printed(told, GROUP) == pytest.approx(share(rights), abs=5e-5)
    assert len({*picks}) > 1, "a model that always picks the same place tests nothing"
    (log,) = (place / "lm_eval").rglob("samples_stock_belebele_*.jsonl")
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert sorted(int(line["target"]) for line in lines) == sorted(keys(release, "eng_Latn"))
    assert printed(told, "stock_belebele") == pytest.approx(share([line["acc"] == 1 for line in lines]), abs=5e-5)
    (log,) = (place / "lm_eval").rglob("samples_deep_wells_tha_Thai_local_labels_*.jsonl")
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    right = []
    for line in lines:
        scores = [float(one[0]) for one in line["filtered_resps"]]
        right.append(scores.index(max(scores)) == int(line["doc"]["correct_answer_num"]) - 1)
        asked = [line["arguments"][f"gen_args_{place}"] for place in range(4)]
        assert [one["arg_1"] for one in asked] == ["ก", "ข", "ค", "ง"]
        assert "อ่านเนื้อเรื่องแล้วตอบด้วย ก/ข/ค/ง" in asked[0]["arg_0"] and "\nค: " in asked[0]["arg_0"]
    assert len(right) == TEST
    assert printed(told, "deep_wells_tha_Thai_local_labels") == pytest.approx(share(right), abs=5e-5)
    # The harness would take examples from test, with the evaluated item and its key among them.
    (log,) = (place / "lm_eval").rglob("samples_test_alone_eng_Latn_*.jsonl")
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert {line["arguments"]["gen_args_0"]["arg_0"].count("test well") for line in lines} == {1}


def printed(table: str, task: str) -> float:
    """The accuracy that lm-evaluation-harness printed for a task."""
    (line, *_) = [line for line in table.splitlines() if re.match(rf"\|\s*-?\s*{task}\s*\|", line)]
    cells = [cell.strip() for cell in line.split("|")]
    return float(cells[cells.index("acc") + 2])


def test_lighteval(release: Path, model: Path, place: Path) -> None:
    told = run(
        "lighteval", "lighteval", "accelerate", f"model_name={model},device=cpu",
        f"{GROUP}|{SHOTS},{LOCAL}|{SHOTS}",
        "--custom-tasks", release / f"tasks/lighteval/{GROUP}.py", "--output-dir", place / "lighteval",
        "--save-details", cwd=place,
    )  # fmt: skip
    averages, picks = [], set[int]()
    for code in LANGUAGES:
        (file,) = (place / "lighteval/details").rglob(f"details_{GROUP}:{code}|*.parquet")
        lines = pq.read_table(file).to_pylist()
        assert len(lines) == TEST
        expected = keys(release, code)
        right = []
        for line in lines:
            scores = line["model_response"]["logprobs"]
            pick = scores.index(max(scores))
            picks.add(pick)
            right.append(pick == expected[int(line["doc"]["id"])])
            shots = [re.findall(r"(test|dev) well (\d+)", one["query"]) for one in line["doc"]["fewshot_samples"]]
            assert shots == [[("dev", str(TEST + shot))] for shot in range(SHOTS)]
        (value,) = re.findall(rf"\|{GROUP}:{code}:{SHOTS}\s*\|[^|]*\|acc\s*\|\s*([\d.]+)\|", told)
        assert float(value) == pytest.approx(share(right), abs=5e-5)
        averages.append(share(right))
    (value,) = re.findall(rf"\|{GROUP}:_average:{SHOTS}\s*\|[^|]*\|acc\s*\|\s*([\d.]+)\|", told)
    assert float(value) == pytest.approx(sum(averages) / len(averages), abs=5e-5)
    assert len(picks) > 1, "a model that always picks the same place tests nothing"
    (file,) = (place / "lighteval/details").rglob(f"details_{LOCAL}|*.parquet")
    right = []
    for line in pq.read_table(file).to_pylist():
        scores = line["model_response"]["logprobs"]
        expected = keys(release, "tha_Thai")[int(line["doc"]["id"])]
        right.append(scores.index(max(scores)) == expected)
        assert line["doc"]["choices"] == ["ก", "ข", "ค", "ง"] and line["doc"]["gold_index"] == expected
        assert "อ่านเนื้อเรื่องแล้วตอบด้วย ก/ข/ค/ง" in line["doc"]["query"] and "\nค: " in line["doc"]["query"]
    assert len(right) == TEST
    (value,) = re.findall(rf"\|{LOCAL}:{SHOTS}\s*\|[^|]*\|acc\s*\|\s*([\d.]+)\|", told)
    assert float(value) == pytest.approx(share(right), abs=5e-5)


@pytest.fixture
def on_the_hub(release: Path, place: Path) -> Iterator[None]:
    """The release where the Hub's library keeps what it fetched, and where `datasets` finds it by its name."""
    held = place / "hub/hub/datasets--wells-org--deep-wells"
    (held / "refs").mkdir(parents=True)
    (held / "refs/main").write_text("0" * 40)
    (held / f"snapshots/{'0' * 40}").mkdir(parents=True)
    shutil.copy(release / "eval.yaml", held / f"snapshots/{'0' * 40}/eval.yaml")
    (place / "wells-org").mkdir()
    (place / "wells-org/deep-wells").symlink_to(release)
    yield
    (place / "wells-org/deep-wells").unlink()


@pytest.mark.usefixtures("on_the_hub")
def test_inspect(release: Path, model: Path, place: Path) -> None:
    """Its group by the file of tasks, and one language by the benchmark's name on the Hub."""
    run(
        "inspect_ai", "inspect", "eval", release / f"tasks/inspect/{GROUP}.py@{GROUP}",
        release / f"tasks/inspect/{GROUP}.py@{LOCAL}", f"hf/wells-org/deep-wells/{GROUP}_eng_Latn",
        "--model", "hf/local", "-M", f"model_path={model}", "-M", "device=cpu", "--temperature", "20",
        "-T", f"fewshot={SHOTS}", "--max-tokens", "1", "--seed", "7", "--log-format", "json",
        "--log-dir", place / "inspect", "--display", "plain", cwd=place, INSPECT_DISABLE_MODEL_INFO_LOOKUP="1",
    )  # fmt: skip
    logs = [json.loads(file.read_text()) for file in (place / "inspect").glob("*.json")]
    (ours,) = [log for log in logs if log["eval"]["task"] == GROUP]
    (labelled,) = [log for log in logs if log["eval"]["task"] == LOCAL]
    (hub,) = [log for log in logs if log["eval"]["task"] not in (GROUP, LOCAL)]
    answered = 0
    by_language: dict[str, list[bool]] = {code: [] for code in LANGUAGES}
    for sample in ours["samples"]:
        code, _, number = sample["id"].rpartition("-")
        said = re.fullmatch(r"ANSWER: ([ABCD])\s*", sample["output"]["choices"][0]["message"]["content"])
        answered += said is not None
        by_language[code].append(bool(said) and "ABCD".index(said[1]) == keys(release, code)[int(number) - 1])
        assert re.findall(r"(test|dev) well", sample["input"]) == ["dev"] * SHOTS + ["test"]
    assert {len(right) for right in by_language.values()} == {TEST}
    assert answered > len(ours["samples"]) // 4, "a model that says nothing tests nothing"
    metrics = {name: one["value"] for name, one in ours["results"]["scores"][0]["metrics"].items()}
    assert metrics["accuracy"] == pytest.approx(share([one for right in by_language.values() for one in right]))
    assert {code: metrics[code] for code in LANGUAGES} == pytest.approx(
        {code: share(right) for code, right in by_language.items()}
    )
    right = []
    for sample in hub["samples"]:
        said = re.fullmatch(r"ANSWER: ([1-4])\s*", sample["output"]["choices"][0]["message"]["content"])
        right.append(bool(said) and said[1] == sample["target"])
        asked = next(one["content"] for one in sample["messages"] if one["role"] == "user")
        assert "eng_Latn test well" in asked and "{deep} {{x}} 100 %" in asked
    assert len(right) == TEST
    assert hub["results"]["scores"][0]["metrics"]["accuracy"]["value"] == pytest.approx(share(right))
    right, answered = [], 0
    for sample in labelled["samples"]:
        said = re.fullmatch(r"ANSWER: ([กขคง])\s*", sample["output"]["choices"][0]["message"]["content"])
        answered += said is not None
        expected = keys(release, "tha_Thai")[int(sample["id"].rpartition("-")[2]) - 1]
        right.append(bool(said) and "กขคง".index(said[1]) == expected)
        assert "อ่านเนื้อเรื่องแล้วตอบด้วย ก/ข/ค/ง" in sample["input"] and "\nค) " in sample["input"]
        assert re.findall(r"(test|dev) well", sample["input"]) == ["dev"] * SHOTS + ["test"]
        assert len(re.findall(r"^ANSWER: [กขคง]$", sample["input"], re.MULTILINE)) == SHOTS
    assert len(right) == TEST and answered, "a model that says nothing tests nothing"
    assert labelled["results"]["scores"][0]["metrics"]["accuracy"]["value"] == pytest.approx(share(right))
