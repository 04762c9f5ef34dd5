"""Tasks for lm-evaluation-harness: one a language, and a group of them.

Its own Belebele tasks take few-shot examples from the test split. These name dev, and take its first ones, which
have four different keys. Paths are relative to the release's folder, from where the harness is started: its YAML
knows no other place. Where a release has no dev, examples are switched off: the harness would take them from test.
"""

from __future__ import annotations

import json

from data.prompt_words import LETTERS, PromptWords
from data.release.description.release_description import ReleaseDescription
from data.release.evaluation_tasks.task_names import group_name, task_name
from data.release.released_words import words_by_language

FOLDER = "tasks/lm_eval"


def lm_eval_files(about: ReleaseDescription) -> dict[str, bytes]:
    """Return the files of the tasks, by their path in the release."""
    group = group_name(about)
    names = [task_name(about, one.code) for one in about.languages]
    files = {f"{FOLDER}/_{group}.yaml": _group(group, names, about.version)}
    for name, (code, words) in zip(names, words_by_language(about).items(), strict=True):
        files[f"{FOLDER}/{name}.yaml"] = _task(name, code, words, about.dev is not None, about.version)
    return {path: text.encode() for path, text in files.items()}


def _group(group: str, names: list[str], version: str) -> str:
    lines = [
        "# From the release's folder: lm_eval run --include_path tasks/lm_eval --tasks " + group,
        f"group: {group}",
        "task:",
        *(f"- {name}" for name in names),
        "aggregate_metric_list:",
        "- metric: acc",
        "  weight_by_size: true",
        "metadata:",
        f"  version: {_quoted(version)}",
    ]
    return "\n".join([*lines, ""])


def _task(name: str, code: str, words: PromptWords, dev: bool, version: str) -> str:
    options = "".join(f"{label}: {{{{mc_answer{place}}}}}\n" for place, label in enumerate(LETTERS, 1))
    text = (
        f"{words.before(words.passage_word)}{{{{flores_passage}}}}\n"
        f"{words.before(words.question_word)}{{{{question}}}}\n"
        f"{options}{words.answer_word}{words.colon}"
    )
    lines = [
        f"task: {name}",
        "dataset_path: parquet",
        "dataset_kwargs:",
        "  data_files:",
        f"    test: data/{code}.parquet",
        *([f"    dev: dev/{code}.parquet"] if dev else []),
        "test_split: test",
        *(_examples_from_dev() if dev else ["num_fewshot: 0  # this release has no dev to take examples from"]),
        "output_type: multiple_choice",
        f"description: {_quoted(words.introduction() + chr(10) * 2)}",
        f"doc_to_text: {_quoted(text)}",
        f"doc_to_choice: {json.dumps(LETTERS)}",
        'doc_to_target: "{{correct_answer_num | int - 1}}"',
        f"target_delimiter: {_quoted(words.word_space)}",
        "should_decontaminate: true",
        'doc_to_decontamination_query: "{{question}}"',
        "metric_list:",
        "- metric: acc",
        "  aggregation: mean",
        "  higher_is_better: true",
        "metadata:",
        f"  version: {_quoted(version)}",
    ]
    return "\n".join([*lines, ""])


def _examples_from_dev() -> list[str]:
    return ["fewshot_split: dev", "fewshot_config:", "  sampler: first_n"]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
