"""The Hugging Face dataset card of a release, its README.

The card is made only from the facts in the files beside it, because Belebele's own README counted its languages by
hand and miscounted. Free text is written in the YAML head as JSON strings, which every YAML reader understands and
no title can break out of.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from data.release.evidence_file import ItemEvidence, evidence_section

LICENCE = re.compile(r"[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*")
"""A licence's SPDX identifier; the Hub wants the same in lower case."""

COLUMNS: tuple[tuple[str, str], ...] = (
    ("item_id", "the item's identity: the same in every language and in every later version"),
    ("link", "where the passage comes from"),
    ("question_number", "the question's number on its passage; with the passage a key, alone none"),
    ("flores_passage", "the passage to read"),
    ("question", "the question on it"),
    ("mc_answer1", "the first answer as shown"),
    ("mc_answer2", "the second answer"),
    ("mc_answer3", "the third answer"),
    ("mc_answer4", "the fourth answer"),
    ("correct_answer_num", "which answer is correct: `1`, `2`, `3` or `4`, a string"),
    ("dialect", "the language's code"),
    ("ds", "the date of the release, a string"),
)
"""The columns of every file of a release, in order, each with its meaning."""

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


@dataclass(frozen=True)
class DraftQuality:
    """What proofreaders found in one language's drafts; a figure is None where too few drafts tell it.

    Attributes:
        language: its code.
        drafts: how many were proofread.
        chrf: median, of the draft against the proofread text.
        ter: median.
        error_score: MQM's points per 100 words of the source: value, and its 95 % interval.
        as_is: share of drafts that were accepted as they were.
    """

    language: str
    drafts: int
    chrf: float | None
    ter: float | None
    error_score: tuple[float | None, float | None, float | None]
    as_is: float | None


@dataclass(frozen=True)
class About:
    """A release's description of itself; nothing in it depends on when or where it is made.

    Attributes:
        version: three numbers, "1.0.0".
        date: the release's date, part of every item.
        title: the campaign's title.
        licence: of the released data, an SPDX identifier such as "CC-BY-SA-4.0".
        source_language: code of the language that the questions were written in.
        checks: signatures of all checks that judged the items.
        pending: languages of the campaign that are not in this release, each with the number of items it lacks.
        code_version: of the program that made the release.
        people: number of people by what they did, such as "authors" to 3. Numbers only: a release names nobody.
        policies: the campaign's policies, one sentence each.
        homepage: where readers learn more, "" for nowhere.
        names: English names of languages by code; a code without one is used as its own name.
        guidelines: the guidelines that people worked by, Markdown by stage.
        quality: what proofreaders found in drafts, by language; empty where the card is not to say it.
        evidence: what is known of the keys of translated items; empty where nobody was to check them.
        ours: lines of guidelines that come with the program, so that nobody who works here wrote them.
    """

    version: str
    date: date
    title: str
    licence: str
    source_language: str
    checks: Sequence[str] = ()
    pending: Sequence[tuple[str, int]] = ()
    code_version: str = ""
    people: Mapping[str, int] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    policies: Sequence[str] = ()
    homepage: str = ""
    guidelines: Mapping[str, str] = field(default_factory=dict)
    quality: Sequence[DraftQuality] = ()
    evidence: Sequence[ItemEvidence] = ()
    ours: frozenset[str] = frozenset()


@dataclass(frozen=True)
class LanguageCounts:
    """How much of one language a release holds; lengths are means in characters."""

    language: str
    items: int
    passages: int
    passage_length: float
    question_length: float
    answer_length: float


def card(about: About, languages: Sequence[LanguageCounts], keys: Mapping[str, int]) -> str:
    """Return the README of a release, with the YAML head that the Hub and `datasets` read.

    Args:
        about: the release's description of itself.
        languages: counts of every language in the release, at least one.
        keys: how often each answer, "1" to "4", is the correct one.

    Returns:
        Markdown, ending in a newline.
    """
    parts = [_head(about, languages), _opening(about, languages, keys), _table(about, languages)]
    if about.pending:
        parts.append(_pending(about))
    if about.quality:
        parts.append(_quality(about))
    if about.evidence:
        parts.append(evidence_section(about.evidence, about.names))
    parts += [_columns(), _loading(languages[0].language), _making(about)]
    return "\n".join(parts)


def size_category(items: int) -> str:
    """Return the Hub's size category for a number of items.

    >>> [size_category(n) for n in (999, 1000, 109_800, 2_000_000)]
    ['n<1K', '1K<n<10K', '100K<n<1M', 'n>1M']
    """
    return next((name for limit, name in _SIZES if items < limit), "n>1M")


def _head(about: About, languages: Sequence[LanguageCounts]) -> str:
    lines = ["---", f"pretty_name: {_quoted(about.title)}", f"license: {_quoted(about.licence.lower())}"]
    # The Hub knows languages by their ISO 639 code, without the script.
    lines += ["language:", *(f"- {_quoted(c)}" for c in sorted({n.language.split("_")[0] for n in languages}))]
    lines += ["task_categories:", '- "multiple-choice"', '- "question-answering"']
    lines += ["size_categories:", f"- {_quoted(size_category(sum(n.items for n in languages)))}"]
    lines += ["configs:"]
    for counts in languages:
        lines += [
            f"- config_name: {_quoted(counts.language)}",
            "  data_files:",
            '  - split: "test"',
            f"    path: {_quoted(f'data/{counts.language}.parquet')}",
        ]
    return "\n".join([*lines, "---", ""])


def _opening(about: About, languages: Sequence[LanguageCounts], keys: Mapping[str, int]) -> str:
    stands = ", ".join(f"{place} in {count:,}" for place, count in sorted(keys.items()))
    items, passages = _counted(languages[0].items, "item"), _counted(languages[0].passages, "passage")
    tongues, total = _counted(len(languages), "language"), sum(n.items for n in languages)
    return f"""# {about.title}

Multiple-choice questions on short passages, to be answered from the passage alone.
Version {about.version} of {about.date.isoformat()}, licence {about.licence}.

In {tongues}: {items} on {passages} in each, the same in the same order, {total:,} in all.
An item is a passage, a question and four answers of which one is correct.
By place, the correct answer is {stands} of the items of a language.
The questions were written in {_named(about, about.source_language)}; every translation renders one of them.
There is one split, `test`: use it to evaluate, never to train.
"""


def _table(about: About, languages: Sequence[LanguageCounts]) -> str:
    lines = [
        "## Languages",
        "",
        "Lengths are means, in characters.",
        "",
        "| code | language | items | passages | passage | question | answer |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for n in languages:
        lengths = f"{n.passage_length:.1f} | {n.question_length:.1f} | {n.answer_length:.1f}"
        name = about.names.get(n.language, n.language)
        lines.append(f"| `{n.language}` | {name} | {n.items:,} | {n.passages:,} | {lengths} |")
    return "\n".join([*lines, ""])


def _pending(about: About) -> str:
    lines = ["## Pending languages", "", "Not in this version; what each still lacks:", ""]
    lines += ["| code | language | items missing |", "| --- | --- | ---: |"]
    lines += [f"| `{code}` | {about.names.get(code, code)} | {n:,} |" for code, n in sorted(about.pending)]
    return "\n".join([*lines, ""])


def _quality(about: About) -> str:
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
    for one in about.quality:
        value, low, high = one.error_score
        reach = "" if low is None or high is None else f" ({low:.1f} to {high:.1f})"
        figures = [
            "–" if one.as_is is None else f"{one.as_is:.0%}",
            *("–" if rate is None else f"{rate:.1f}" for rate in (one.chrf, one.ter)),
            "–" if value is None else f"{value:.1f}{reach}",
        ]
        name = about.names.get(one.language, one.language)
        lines.append(f"| `{one.language}` | {name} | {one.drafts:,} | {' | '.join(figures)} |")
    return "\n".join([*lines, ""])


def _columns() -> str:
    lines = ["## Columns", "", "| column | holds |", "| --- | --- |"]
    return "\n".join([*lines, *(f"| `{name}` | {holds} |" for name, holds in COLUMNS), ""])


def _loading(language: str) -> str:
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


def _making(about: About) -> str:
    lines = ["## Making", "", "`manifest.json` lists every file of this release with its size and SHA-256."]
    if about.homepage:
        lines += ["", f"More about it: <{about.homepage}>"]
    if about.policies:
        lines += ["", *(f"- {policy}" for policy in about.policies)]
    if about.people:
        did = ", ".join(f"{n:,} {role}" for role, n in sorted(about.people.items()))
        lines += ["", f"People at work: {did}. The release names none of them."]
    if about.guidelines:
        lines += ["", "What they were asked to do, each in their stage, stands in `guidelines/`."]
    if about.checks:
        lines += ["", "Every item was judged by these checks:", ""]
        lines += [f"- `{signature}`" for signature in sorted(about.checks)]
    return "\n".join([*lines, ""])


def _named(about: About, code: str) -> str:
    return f"{about.names[code]} (`{code}`)" if code in about.names else f"`{code}`"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
