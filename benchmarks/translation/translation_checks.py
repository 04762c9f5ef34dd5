"""False alarms of the checks of translated texts, on translations by people: FLORES-200 and XCOPA.

Each document of FLORES becomes items in each of its languages, with English as the source: whole sentences as
questions and options, and clauses as options where source and translation have as many. The passage beside them is
the next document, so that no text excuses itself. XCOPA has no English; there Italian stands for the source. With
`--read CHECK` the flagged texts are written out, to be looked at.

python benchmarks/translation/translation_checks.py [--read CHECK] [LANGUAGE …]
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tarfile
import time
from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.table import Line, show
from data.ledger.tables import ITEMS
from qc.checks.translation_checks import TRANSLATED_TEXT_SUITE

DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"
SOURCE = "eng_Latn"
XCOPA = {
    "et": "est_Latn", "ht": "hat_Latn", "id": "ind_Latn", "it": "ita_Latn", "qu": "quy_Latn", "sw": "swh_Latn",
    "ta": "tam_Taml", "th": "tha_Thai", "tr": "tur_Latn", "vi": "vie_Latn", "zh": "zho_Hans",
}  # fmt: skip
_MARKS = frozenset('()（）[]「」『』“”„«»"《》')
_CLAUSE = re.compile(r"[,،、，;；፣]\s*")


def flores(wanted: frozenset[str] = frozenset()) -> tuple[dict[str, list[str]], list[str]]:
    """Return the sentences by language, and the document (its address) of each."""
    texts: dict[str, list[str]] = defaultdict(list)
    addresses: list[str] = []
    with tarfile.open(DATA / "flores200_dataset.tar.gz") as archive:
        members = {one.name.removeprefix("./"): one for one in archive.getmembers() if one.isfile()}
        for split in ("dev", "devtest"):
            for name in sorted(members):
                code, _, ending = name.rpartition("/")[2].partition(".")
                if ending == split and (not wanted or code in wanted | {SOURCE}):
                    texts[code] += _read(archive, members[name]).splitlines()
            meta = next(name for name in members if name.endswith(f"metadata_{split}.tsv"))
            addresses += [line.split("\t")[0] for line in _read(archive, members[meta]).splitlines()[1:]]
    return texts, addresses


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    file = archive.extractfile(member)
    assert file is not None
    return file.read().decode("utf-8")


def items_of_flores(sentences: list[str], english: list[str], addresses: list[str], code: str) -> pd.DataFrame:
    """Return items whose texts are those of FLORES: four sentences or clauses of a document and its neighbour."""
    documents = [list(rows) for _, rows in groupby(range(len(addresses)), key=addresses.__getitem__)]
    lines = []
    for number, rows in enumerate(documents):
        beside = documents[(number + 1) % len(documents)]
        passage = " ".join(sentences[row].strip() for row in beside)
        for row in rows:
            pairs = [
                (sentences[other].strip(), english[other].strip()) for other in rows if row < other <= row + 2
            ]
            mine, theirs = (_CLAUSE.split(text[row].strip()) for text in (sentences, english))
            if len(mine) == len(theirs) > 1 and not _MARKS & {*sentences[row], *english[row]}:
                pairs += list(zip(mine, theirs, strict=True))
            pairs = [pair for pair in pairs if all(pair)][:4]
            lines.append(
                _item(f"{number}", f"d{row}", code, passage, (sentences[row].strip(), english[row].strip()), pairs)
            )
    return _frame(lines)


def items_of_xcopa() -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield XCOPA's items of each language but Italian, which stands for the source."""
    read: dict[str, dict[Any, dict[str, Any]]] = {}
    for name in XCOPA:
        for split in ("val", "test"):
            for line in (DATA / "xcopa" / name / f"{split}.{name}.jsonl").read_text("utf-8").splitlines():
                one = json.loads(line)
                read.setdefault(name, {})[split, one["idx"]] = one
    for name, code in XCOPA.items():
        if name == "it":
            continue
        lines = []
        for key, one in read[name].items():
            of = read["it"].get(key)
            if of is not None:
                pairs = [(one[choice], of[choice]) for choice in ("choice1", "choice2")]
                lines.append(
                    _item(f"{key}", f"{key}", code, "", (one["premise"], of["premise"]), pairs, "ita_Latn")
                )
        yield code, _frame(lines)


def _item(
    passage_id: str, name: str, code: str, passage: str, question: tuple[str, str], options: list[tuple[str, str]],
    source: str = SOURCE,
) -> dict[str, Any]:  # fmt: skip
    return {
        "question_id": name, "language": code, "kind": "draft", "passage_id": passage_id, "question_number": 1,
        "revision": 1, "passage": passage, "question": question[0], "answers": [one for one, _ in options],
        "key": 1, "domain": "", "topic": "", "source_language": source, "source_question": question[1],
        "source_answers": [of for _, of in options], "draft_question": None, "draft_answers": None,
    }  # fmt: skip


def _frame(lines: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(lines, columns=list(ITEMS.names))


def main() -> list[Line]:
    """Print false alarms by check and language, and the time that an item takes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--read", default="")
    parser.add_argument("--shown", type=int, default=6)
    parser.add_argument("languages", nargs="*")
    asked = parser.parse_args()
    texts, addresses = flores(frozenset(asked.languages))
    english = texts.pop(SOURCE)
    sets = [
        (code, "FLORES", items_of_flores(some, english, addresses, code)) for code, some in sorted(texts.items())
    ]
    sets += [(code, "XCOPA", items) for code, items in items_of_xcopa() if not asked.languages]
    flags: dict[str, dict[tuple[str, str], tuple[int, int, int]]] = defaultdict(dict)
    seconds: dict[str, float] = defaultdict(float)
    count = 0
    for code, where, items in sets:
        count += len(items)
        for check in TRANSLATED_TEXT_SUITE:
            began = time.process_time()
            found = check(items)
            seconds[check.name] += time.process_time() - began
            flagged = found["flagged"].eq(True).fillna(False)
            flags[check.name][where, code] = int(flagged.sum()), int(found["flagged"].isna().sum()), len(items)
            if check.name in asked.read.split(","):
                for row in list(found.index[flagged])[: asked.shown]:
                    print(f"{check.name} {code} {where} {items['question_id'][row]}: {found['reason'][row]}")
    print(f"{count} items, {len(sets)} languages and sets")
    for name, by in flags.items():
        shares = {key: flagged / of for key, (flagged, _, of) in by.items() if of}
        worst = sorted(shares, key=lambda key: -shares[key])[:8]
        total, nulls, of = (sum(one[n] for one in by.values()) for n in range(3))
        print(
            f"{name:22} {total:6} flagged ({total / of:.3%}), {nulls / of:.2%} not judged, "
            f"{sum(not share for share in shares.values())} sets without; "
            f"{seconds[name] / count * 1e6:.0f} µs; worst: "
            + ", ".join(f"{key[1]} {shares[key]:.1%}" for key in worst if shares[key])
        )
    whole = sum(seconds.values()) / count
    return [Line("all checks of translated texts, an item", whole), Line("of 109,800 items", 109_800 * whole)]


if __name__ == "__main__":
    show(main())
