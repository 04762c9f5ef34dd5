"""Tasks for lm-evaluation-harness: one a language, and a group of them.

Its own Belebele tasks take few-shot examples from the test split. These name dev, and take its first ones, which
have four different keys. Paths are relative to the release's folder, from where the harness is started: its YAML
knows no other place. Where a release has no dev, examples are switched off: the harness would take them from test.
A language whose translators gave labels of its own has a second task that is scored by these.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from data.prompt_words import LETTERS, PromptWords
from data.release.description.release_description import ReleaseDescription
from data.release.evaluation_tasks.task_names import group_name, task_name, with_local_labels
from data.release.released_words import words_by_language

FOLDER = "tasks/lm_eval"


def lm_eval_files(about: ReleaseDescription) -> dict[str, bytes]:
    """Return the files of the tasks, by their path in the release."""
    group = group_name(about)
    names = [task_name(about, one.code) for one in about.languages]
    files = {f"{FOLDER}/_{group}.yaml": _group(group, names, about.version)}
    local = []
    for name, (code, words) in zip(names, words_by_language(about).items(), strict=True):
        files[f"{FOLDER}/{name}.yaml"] = _task(name, code, words, LETTERS, about)
        if words.labels != LETTERS:
            local.append(with_local_labels(name))
            files[f"{FOLDER}/{local[-1]}.yaml"] = _task(local[-1], code, words, words.labels, about)
    if local:
        beside = with_local_labels(group)
        files[f"{FOLDER}/_{beside}.yaml"] = _group(beside, local, about.version)
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


def _task(name: str, code: str, words: PromptWords, labels: Sequence[str], about: ReleaseDescription) -> str:
    dev = about.dev is not None
    options = "".join(f"{label}: {{{{mc_answer{place}}}}}\n" for place, label in enumerate(labels, 1))
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
        f"description: {_quoted(words.introduction(labels) + chr(10) * 2)}",
        f"doc_to_text: {_quoted(text)}",
        f"doc_to_choice: {json.dumps(labels, ensure_ascii=False)}",
        'doc_to_target: "{{correct_answer_num | int - 1}}"',
        f"target_delimiter: {_quoted(words.word_space)}",
        "should_decontaminate: true",
        'doc_to_decontamination_query: "{{question}}"',
        "metric_list:",
        "- metric: acc",
        "  aggregation: mean",
        "  higher_is_better: true",
        "metadata:",
        f"  version: {_quoted(about.version)}",
    ]
    return "\n".join([*lines, ""])


def _examples_from_dev() -> list[str]:
    return ["fewshot_split: dev", "fewshot_config:", "  sampler: first_n"]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
