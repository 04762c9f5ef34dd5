"""What a set is called after its files, and when its name is asked for."""

from pathlib import Path

import pytest

from data.itemsets.set_name import SetName, Told, set_name


@pytest.mark.parametrize(
    ("path", "name", "told"),
    [
        ("mine/eng.jsonl", "mine/eng.jsonl", Told.LANGUAGE),
        ("mine/eng_Latn.parquet", "mine/eng_Latn.parquet", Told.LANGUAGE),
        ("mine/english.csv", "mine/english.csv", Told.LANGUAGE),
        ("mine/zh-Hans.csv", "mine/zh-Hans.csv", Told.LANGUAGE),
        ("mine/test_eng.jsonl", "mine/test_eng.jsonl", Told.LANGUAGE),
        ("xcopa/it/test.it.jsonl", "xcopa/it/test.it.jsonl", Told.LANGUAGE),
        ("mine/train_data.jsonl", "mine/train_data.jsonl", Told.COMMON),
        ("mine/data/test-00000-of-00002.parquet", "mine/data/test-00000-of-00002.parquet", Told.COMMON),
        ("mine/my-bench.parquet", "my-bench.parquet", Told.SET),
        ("mine/mybench-1.0.0", "mybench-1.0.0", Told.SET),
        ("mine/mc_test.jsonl", "mc_test.jsonl", Told.SET),
        ("mine/is_hard.jsonl", "is_hard.jsonl", Told.SET),
        ("mine/eng.reading.jsonl", "eng.reading.jsonl", Told.SET),
    ],
)
def test_a_language_or_a_split_is_no_name_and_gets_its_folders(
    tmp_path: Path, path: str, name: str, told: Told
) -> None:
    assert set_name([str(tmp_path / path)]) == SetName(name, told)


def test_several_files_are_called_after_their_folder(tmp_path: Path) -> None:
    def called(folder: str) -> SetName:
        (tmp_path / folder).mkdir(parents=True)
        return set_name([str(tmp_path / folder / f"{code}.jsonl") for code in ("eng", "fra")])

    assert called("quizzes") == SetName("quizzes")
    assert called("quizzes/data") == SetName("quizzes/data", Told.COMMON)
    assert set_name(["s3://bucket/mybench/"]) == SetName("mybench")


def test_a_request_says_what_is_missing_and_by_which_option() -> None:
    said = SetName("mine/eng.jsonl", Told.LANGUAGE).request("--name NAME")
    assert said == (
        "eng.jsonl tells a language, not which set it is, so it is called “mine/eng.jsonl” here; "
        "say its name with --name NAME"
    )
    assert SetName("test.jsonl", Told.COMMON).request("--name NAME").startswith("test.jsonl may be any set's, so ")
    assert SetName("mine").request("--name NAME") == ""
