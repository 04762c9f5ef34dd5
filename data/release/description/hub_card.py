"""`README.md`: a release's card on the Hugging Face Hub, with the head that the Hub and `datasets` read.

The card is made from the release's description alone, with a configuration for each language that names both
splits. Free text is written in the YAML head as JSON strings, which every YAML reader understands and no title can
break out of. Every number that tells of the data links to the file, or the place in the manifest, it comes from.
"""

from __future__ import annotations

import json

from data.languages import languages
from data.release.description.number_sources import NumberSource, of_campaign, of_file, of_items
from data.release.description.release_description import AuditCertificate, ReleaseDescription
from data.release.evaluation_tasks.task_names import group_name
from data.release.evidence_file import FILE as EVIDENCE_FILE
from data.release.evidence_file import KEY_COLUMNS, LEVELS
from data.release.item_columns import COLUMNS
from data.release.item_paths import parquet_path
from data.release.versions.changelog import FILE as CHANGELOG
from data.release.versions.changelog import plain

WISH = "The makers ask that nobody trains on these data. This is a request, not a term of the licence."
"""What a release says where its makers wish so."""

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def card_files(release: ReleaseDescription) -> dict[str, bytes]:
    """Return the card as a file of the release, by its path."""
    return {"README.md": card(release).encode()}


def card(release: ReleaseDescription) -> str:
    """Return the README of a release, with the YAML head that the Hub and `datasets` read: Markdown."""
    parts = [_head(release), _opening(release), _table(release)]
    if release.pending:
        parts.append(_pending(release))
    if release.quality:
        parts.append(_quality(release))
    if release.key_evidence:
        parts.append(_evidence(release))
    if release.certificate:
        parts.append(_audit(release.certificate))
    if release.errata or release.withdrawn:
        parts.append(_errata(release))
    parts += [_columns(), _loading(release), _evaluating(release), _making(release)]
    return "\n".join(parts)


def size_category(items: int) -> str:
    """Return the Hub's size category for a number of items.

    >>> [size_category(n) for n in (999, 1000, 109_800, 2_000_000)]
    ['n<1K', '1K<n<10K', '100K<n<1M', 'n>1M']
    """
    return next((name for limit, name in _SIZES if items < limit), "n>1M")


def _head(release: ReleaseDescription) -> str:
    lines = ["---", f"pretty_name: {_quoted(release.title)}", f"license: {_quoted(release.licence.lower())}"]
    # The Hub knows languages by their ISO 639 code, without the script; BCP 47 tags have a field of their own.
    codes = {one.code.split("_")[0] for one in release.languages}
    lines += ["language:", *(f"- {_quoted(code)}" for code in sorted(codes))]
    lines += ["language_bcp47:", *(f"- {_quoted(one.bcp47)}" for one in release.languages if one.bcp47)]
    lines += ["multilinguality:", f'- "{"multilingual" if len(release.languages) > 1 else "monolingual"}"']
    lines += ["task_categories:", '- "multiple-choice"', '- "question-answering"']
    lines += ["tags:", '- "benchmark"', '- "croissant"', '- "reading-comprehension"']
    lines += ["size_categories:", f"- {_quoted(size_category(release.items()))}"]
    lines += ["configs:"]
    for language in release.languages:
        lines += [f"- config_name: {_quoted(language.code)}", "  data_files:"]
        for split in release.splits:
            lines += [
                f'  - split: "{split.name}"',
                f"    path: {_quoted(parquet_path(split.name, language.code))}",
            ]
    return "\n".join([*lines, "---", ""])


def _opening(release: ReleaseDescription) -> str:
    test = release.splits[0]
    source = of_items(release, "test", release.languages[0].code)
    stands = ", ".join(
        f"{place} in {_linked(count, source)}" for place, count in sorted(test.correct_answers.items())
    )
    items, passages = _counted(test.items, "item", source), _counted(test.passages, "passage", source)
    languages = _counted(len(release.languages), "language", of_campaign("counts.languages"))
    every = _linked(test.items * len(release.languages), of_campaign("languages"))
    return f"""# {release.title}

Multiple-choice questions on short passages, to be answered from the passage alone.
Version {release.version} of {release.date}, licence {release.licence}.

In {languages}: {items} on {passages} in each, the same in the same order, {every} in all.
An item is a passage, a question and four answers of which one is correct.
By place, the correct answer is {stands} of the items of a language.
The questions were written in {_named(release, release.source_language)}; every translation renders one of them.
{_splits(release)}
Text of this release carries the line `{release.canary}`: leave what has it out of training data.
{WISH + chr(10) if release.no_training_wish else ""}"""


def _splits(release: ReleaseDescription) -> str:
    if release.dev is None:
        return "There is one split, `test`: use it to evaluate, never to train."
    source = of_items(release, "dev", release.languages[0].code)
    items, passages = (
        _counted(release.dev.items, "item", source),
        _counted(release.dev.passages, "passage", source),
    )
    return (
        "Use the split `test` to evaluate, never to train.\n"
        f"The split `dev` holds {items} more in each language, on {passages} that `test` does not have: take\n"
        "few-shot examples from it. No item ever changes sides."
    )


def _table(release: ReleaseDescription) -> str:
    lines = [
        "## Languages",
        "",
        "Counts and lengths (means, in characters) are of the file of `test` that a line links to.",
        "",
        "| code | language | BCP 47 | ISO 639-3 | Glottocode | items | passages | passage | question | answer |",
        "| --- | --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for one in release.languages:
        test = one.splits["test"]
        names = " | ".join(name or "–" for name in (one.bcp47, one.iso639_3, one.glottocode))
        source = of_items(release, "test", one.code)
        lengths = " | ".join(
            _linked(n, source, "{:.1f}") for n in (test.passage_length, test.question_length, test.answer_length)
        )
        counts = f"{_linked(test.items, source)} | {_linked(test.passages, source)}"
        lines.append(f"| `{one.code}` | {one.name} | {names} | {counts} | {lengths} |")
    return "\n".join([*lines, ""])


def _pending(release: ReleaseDescription) -> str:
    lines = ["## Pending languages", "", "Not in this version; what each still lacks:", ""]
    lines += ["| code | language | items missing |", "| --- | --- | ---: |"]
    lines += [
        f"| `{one.code}` | {one.name} | {_linked(one.missing, of_campaign(f'pending[{place}]'))} |"
        for place, one in enumerate(release.pending)
    ]
    return "\n".join([*lines, ""])


def _quality(release: ReleaseDescription) -> str:
    lines = [
        "## Translations",
        "",
        "Drafts of these items as their proofreaders found them. What was found was mended, and what was missed",
        "does not show here. chrF and TER (medians) compare the draft with the proofread text: 100 and 0 for the",
        "same. The error score is MQM's (minor 1, major 5, critical 25 points) per 100 words of the source, with",
        "a 95 % interval clustered by passage, from eight passages on. Fewer than five drafts give no figure: –.",
        "",
        "| code | language | drafts | accepted as they were | chrF | TER | error score |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for place, one in enumerate(release.quality):
        source = of_campaign(f"quality[{place}]")
        value, low, high = one.error_score
        reach = ""
        if low is not None and high is not None:
            reach = f" ({_linked(low, source, '{:.1f}')} to {_linked(high, source, '{:.1f}')})"
        figures = [
            _linked(one.drafts, source),
            "–" if one.as_is is None else _linked(one.as_is, source, "{:.0%}"),
            *("–" if rate is None else _linked(rate, source, "{:.1f}") for rate in (one.chrf, one.ter)),
            "–" if value is None else f"{_linked(value, source, '{:.1f}')}{reach}",
        ]
        name = release.names.get(one.language, one.language)
        lines.append(f"| `{one.language}` | {name} | {' | '.join(figures)} |")
    return "\n".join([*lines, ""])


def _evidence(release: ReleaseDescription) -> str:
    lines = [
        "## Key evidence",
        "",
        "A sample of the translated items was answered blind, in their language, by people who had neither",
        f"translated nor proofread them. What they found stands in `{EVIDENCE_FILE}`, a line for each item and",
        "language. It is about the keys: how often people are right on these items cannot be read from it.",
        "",
        f"| code | language | {' | '.join(LEVELS)} |",
        f"| --- | --- | {' | '.join('---:' for _ in LEVELS)} |",
    ]
    source = of_file(release, EVIDENCE_FILE) if EVIDENCE_FILE in release.files else of_campaign("key_evidence")
    for one in release.key_evidence:
        numbers = " | ".join(_linked(one.levels.get(level, 0), source) for level in LEVELS)
        lines.append(f"| `{one.language}` | {release.names.get(one.language, one.language)} | {numbers} |")
    lines += ["", "| column | holds |", "| --- | --- |"]
    lines += [f"| `{name}` | {holds} |" for name, _, holds in KEY_COLUMNS]
    return "\n".join([*lines, ""])


def _audit(certificate: AuditCertificate) -> str:
    lines = ["## Audit", ""]
    if certificate.sentence:
        lines += [certificate.sentence, ""]
        lines += [f"- Excluded: {one}" for one in certificate.excluded]
        lines += [f"- Not excluded: {one}" for one in certificate.left_open]
        lines += ["", f"The audit's report.json has the SHA-256 `{certificate.report_sha256}`.", ""]
    if certificate.reason:
        lines += [f"Released without a certificate. The makers' reason: {certificate.reason}", ""]
    return "\n".join(lines)


def _errata(release: ReleaseDescription) -> str:
    lines = ["## Corrections", "", f"What was wrong in earlier versions, and whom we thank: `{CHANGELOG}`.", ""]
    if release.errata:
        items = len({one.item_id for one in release.errata})
        source = of_campaign("errata")
        errors = _counted(len(release.errata), "reported error", source)
        lines += [f"{errors} in {_counted(items, 'item', source)} corrected.", ""]
    if release.withdrawn:
        lines += ["Withdrawn items, whose ids are never used again:", ""]
        lines += ["| item | split | since | reason |", "| --- | --- | --- | --- |"]
        lines += [
            f"| `{one.item_id}` | {one.split} | {one.version} | {plain(one.reason)} |" for one in release.withdrawn
        ]
        lines.append("")
    return "\n".join(lines)


def _columns() -> str:
    lines = ["## Columns", "", "| column | holds |", "| --- | --- |"]
    return "\n".join([*lines, *(f"| `{name}` | {holds} |" for name, holds in COLUMNS), ""])


def _loading(release: ReleaseDescription) -> str:
    language = release.languages[0].code
    return f"""## Loading

From the release's folder, in pandas:

```python
import pandas as pd

items = pd.read_parquet("data/{language}.parquet")
```

in DuckDB, all languages at once:

```python
import duckdb

duckdb.sql("select dialect, count(*) from 'data/*.parquet' group by dialect order by dialect").show()
```

in `datasets`, which wants the folder by its full name:

```python
from pathlib import Path

from datasets import load_dataset

items = load_dataset(str(Path.cwd()), "{language}", split="test")
```
"""


def _evaluating(release: ReleaseDescription) -> str:
    group = group_name(release)
    shots = 4 if release.dev else 0
    examples = (
        "Few-shot examples come from `dev`, its first ones in order: the first four have four different keys."
        if release.dev
        else "This release has no split for few-shot examples, and the tasks take none from `test`."
    )
    return f"""## Evaluating

`tasks/` has ready-made tasks, one for each language (`{group}_{release.languages[0].code}`) and one over all of
them (`{group}`). {examples} Answers are scored by the letters A to D.

lm-evaluation-harness, from the release's folder:

```
lm_eval run --model hf --model_args pretrained=MODEL --include_path tasks/lm_eval --tasks {group} \\
  --num_fewshot {shots}
```

lighteval:

```
lighteval accelerate "model_name=MODEL" "{group}|{shots}" --custom-tasks tasks/lighteval/{group}.py
```

Inspect:

```
inspect eval tasks/inspect/{group}.py@{group} --model MODEL -T fewshot={shots}
```

`eval.yaml` describes the same tasks to the Hugging Face Hub, without examples and scored by the numbers 1 to 4.
Code that reads Belebele's JSON lines reads those in `jsonl/`.
"""


def _making(release: ReleaseDescription) -> str:
    lines = [
        "## Making",
        "",
        "`manifest.json` lists every file of this release with its size and SHA-256, `SHA256SUMS` for",
        "`sha256sum -c`. `jsonl/` holds the same items as JSON lines with the keys of Belebele's own files,",
        "`croissant.json` the metadata for programs, `datasheet.html` the same facts with plots, `tables/` tables",
        "for a paper in LaTeX.",
    ]
    if release.homepage:
        lines += ["", f"More about it: <{release.homepage}>"]
    if release.attributions:
        lines += ["", "The passages come from:", ""]
        lines += [f"- [{one.name}]({one.url}), {one.licence}" for one in release.attributions]
    if release.policies:
        lines += ["", *(f"- {policy}" for policy in release.policies)]
    if release.people:
        did = ", ".join(
            f"{_linked(n, of_campaign(f'people.{stage}'))} {stage}" for stage, n in sorted(release.people.items())
        )
        lines += ["", f"People at work: {did}. The release names none of them."]
    if release.native_languages:
        spoken = ", ".join(
            f"{_linked(n, of_campaign(f'native_languages.{code}'))} {release.names.get(code, code)}"
            for code, n in sorted(release.native_languages.items())
        )
        lines += [
            "",
            f"Languages that they grew up with, as far as recorded; fewer than five are merged: {spoken}.",
        ]
    if release.guidelines:
        lines += ["", "What they were asked to do, each in their stage, stands in `guidelines/`."]
    if release.checks:
        lines += ["", "Every item was judged by these checks:", ""]
        lines += [f"- `{signature}`" for signature in release.checks]
    return "\n".join([*lines, ""])


def _named(release: ReleaseDescription, code: str) -> str:
    known = languages().get(code)  # the source language need not be among the released ones
    name = release.names.get(code) or (known.name if known else "")
    return f"{name} (`{code}`)" if name else f"`{code}`"


def _linked(number: float, source: NumberSource, form: str = "{:,}") -> str:
    return f'[{form.format(number)}]({source.path} "{source.told}")'


def _counted(number: int, noun: str, source: NumberSource) -> str:
    return f"{_linked(number, source)} {noun}{'' if number == 1 else 's'}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
