"""`eval.yaml`: with it the Hub shows a data set as a benchmark, and Inspect runs it by the Hub's name.

The Hub's format takes columns as they are: a target that is a number would be counted from nought, and no column
holds a letter. So the options are numbered as `correct_answer_num` numbers them, and the number is what is scored.
There are no few-shot examples in this format.
"""

from __future__ import annotations

import json

from data.prompt_words import PromptWords
from data.release.description.release_description import ReleaseDescription
from data.release.evaluation_tasks.task_names import task_name
from data.release.released_words import words_by_language

FILE = "eval.yaml"

_NUMBERS = ("1", "2", "3", "4")
_ANSWER = (
    "The last line of your response should be 'ANSWER: NUMBER' (without quotes), NUMBER being one of 1, 2, 3, 4."
)
_PATTERN = r"(?i)ANSWER\s*:\s*([1-4])(?!\d)"


def benchmark_files(about: ReleaseDescription) -> dict[str, bytes]:
    """Return the benchmark's description for the Hub as a file of the release, by its path."""
    lines = [f"name: {_quoted(about.title)}", f"description: {_quoted(_description(about))}"]
    lines += ["evaluation_framework: inspect-ai", "tasks:"]
    for code, words in words_by_language(about).items():
        lines += [
            f"- id: {task_name(about, code)}",
            f"  config: {_quoted(code)}",
            "  split: test",
            "  field_spec:",
            "    input: question",
            "    target: correct_answer_num",
            "    metadata: [item_id, flores_passage, mc_answer1, mc_answer2, mc_answer3, mc_answer4]",
            "  solvers:",
            "  - name: prompt_template",
            "    args:",
            f"      template: {_quoted(_template(words))}",
            "  - name: generate",
            "  scorers:",
            "  - name: pattern",
            "    args:",
            f"      pattern: {_quoted(_PATTERN)}",
        ]
    if about.hub:
        lines.insert(0, f"# inspect eval hf/{about.hub}/{task_name(about, about.languages[0].code)} --model MODEL")
    return {FILE: "\n".join([*lines, ""]).encode()}


def _description(about: ReleaseDescription) -> str:
    number = len(about.languages)
    return (
        "Questions with four options on short passages, to be answered from the passage alone, in "
        f"{number} language{'' if number == 1 else 's'}, the same items in each. Version {about.version}."
    )


def _template(words: PromptWords) -> str:
    options = "".join(f"{number}) {{mc_answer{number}}}\n" for number in _NUMBERS)
    return (
        f"{words.introduction(_NUMBERS)}\n{_ANSWER}\n\n"
        f"{words.before(words.passage_word)}{{flores_passage}}\n{words.before(words.question_word)}{{prompt}}\n{options}"
    ).rstrip("\n")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
