"""How many correct items the learned checks flag, each and all together, on documents not learned from.

    python benchmarks/translation/clean_items.py [--languages arb_Arab,hin_Deva,...] [--parts 2]

A fifth of FLORES-200's documents at a time is left out, and a campaign's fit, its lines and all that is learned
are made from the others; `--parts 5` leaves each document out once. An item's question is a sentence of a left-out
document, its options are four cuts of one size, of one document where it has enough, and its passage is the rest
of the question's document. All are correct, so what is flagged is a false alarm: `allowed` is the check's share of
the 5 % that all together may flag, `flagged` what it flagged of the items that it judged, with the interval by
documents, `judged` the share of items that it could judge.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.table import Line, show
from data import sources
from flows.calibrations.calibrations_in_force import meaning_rates, rate_of, share_of_each
from flows.calibrations.learned_meanings import parallel_pairs
from qc.check import Check
from qc.checks.meaning_checks import MEANING_SUITE
from qc.checks.name_checks import names_kept
from qc.checks.translation_checks import language_identified
from qc.set_statistics.clustered_shares import clustered_interval
from qc.translation_models import name_spelling
from qc.translation_models.calibration import FALSE_ALARMS
from qc.translation_models.meaning.bitext_side import SourceSide
from qc.translation_models.meaning.meaning_model import SIZES, MeaningModel, Rates, pseudo_items, size_of
from qc.translation_models.meaning.parallel_cuts import ParallelText, parallel_cuts
from qc.translation_models.name_spelling import NameSpelling, source_names
from qc.translation_models.varieties.variety_fit import VarietyFit, VarietyText, fit

ROOT = Path(__file__).resolve().parents[2]
SOURCE = "eng_Latn"
PARTS = 5
LANGUAGES = (
    "amh_Ethi", "arb_Arab", "ell_Grek", "fin_Latn", "heb_Hebr", "hin_Deva", "jpn_Jpan", "kor_Hang", "rus_Cyrl",
    "swh_Latn", "tam_Taml", "tha_Thai", "vie_Latn", "zho_Hans",
)  # fmt: skip
CHECKS: tuple[Check, ...] = (language_identified, *MEANING_SUITE, names_kept)

Texts = Sequence[ParallelText]


def clean_items(language: str, sentences: Texts, cuts: Texts, left_out: set[str]) -> pd.DataFrame:
    """Return correct items of these documents, columns of `data.ledger.tables.ITEMS`."""
    of_document: dict[str, list[ParallelText]] = defaultdict(list)
    for one in sentences:
        if one.document in left_out:
            of_document[one.document].append(one)
    asked = random.Random(0)
    rows: list[dict[str, object]] = []
    for size in range(len(SIZES)):
        of_size = [one for one in [*cuts, *sentences] if one.document in left_out and size_of(one.source) == size]
        for places in pseudo_items(of_size, draws=1) if len(of_size) >= 8 else []:
            options = [of_size[place] for place in places]
            document = options[0].document
            question = asked.choice(of_document[document])
            rest = [one.target for one in of_document[document] if one is not question]
            rows.append(
                {
                    "question_id": f"{document}-q{len(rows)}", "language": language, "kind": "draft",
                    "passage_id": document, "question_number": 1, "revision": 1, "passage": " ".join(rest),
                    "question": question.target, "answers": [one.target for one in options], "key": 1,
                    "domain": "", "topic": "", "source_language": SOURCE, "source_question": question.source,
                    "source_answers": [one.source for one in options], "draft_question": None,
                    "draft_answers": None,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def known_names(language: str, sentences: Texts, left_out: set[str]) -> NameSpelling:
    """Return what the other documents teach about names, with the names of those left out."""
    told = name_spelling.learned(
        language,
        [one for one in sentences if one.document not in left_out],
        rate_of("names_kept", share_of_each()),
    )
    named: dict[str, frozenset[str]] = defaultdict(frozenset)
    for one in sentences:
        if one.document in left_out:
            named[one.document] |= source_names(one.source)
    return replace(told, names=named)


def flags(items: pd.DataFrame, model: MeaningModel, names: NameSpelling, varieties: VarietyFit) -> pd.DataFrame:
    """Return the flags of each check by item, null where it could not judge, with the item's document."""
    language = model.language
    given: Mapping[str, Mapping[str, object]] = {
        language_identified.name: {"varieties": varieties}, names_kept.name: {"names": {language: names}},
    }  # fmt: skip
    found = {
        one.name: one(items, **given.get(one.name, {"meanings": {language: model}}))["flagged"].to_list()
        for one in CHECKS
    }
    return pd.DataFrame(found).astype("boolean").assign(document=items["passage_id"].to_list())


def measured(by_language: Mapping[str, Texts], parts: int) -> Iterator[pd.DataFrame]:
    """Yield the flags of each left-out part and language, with column `language`."""
    documents = sorted({one.document for some in by_language.values() for one in some})
    random.Random(1).shuffle(documents)
    cuts = {code: parallel_cuts(some) for code, some in by_language.items()}
    rates = Rates(**meaning_rates(share_of_each()))
    for part in range(parts):
        left_out = set(documents[part * len(documents) // PARTS : (part + 1) * len(documents) // PARTS])
        texts = [
            VarietyText(code, one.document, one.target)
            for code, some in by_language.items()
            for one in some
            if one.document not in left_out
        ]
        varieties = fit(texts, share_of_each(), fitted_on="four fifths of the documents")
        side: SourceSide | None = None
        for code, some in by_language.items():
            seen = [one for one in some if one.document not in left_out]
            model = MeaningModel(code, seen, rates=rates, source=side, source_language=SOURCE)
            side = model.source
            items = clean_items(code, some, cuts[code], left_out)
            yield flags(items, model, known_names(code, some, left_out), varieties).assign(language=code)


def rows(found: pd.DataFrame) -> Iterator[tuple[str, str, float, float, float, float, float]]:
    """Yield language, check, allowed, flagged, low, high, judged; all languages and checks together last."""
    share = share_of_each()
    names = [one.name for one in CHECKS]
    allowed = dict.fromkeys(names, share) | {"all": FALSE_ALARMS}
    found = found.assign(all=found[names].fillna(False).any(axis=1))
    for language, some in [*found.groupby("language"), ("all languages", found)]:
        for name in allowed:
            told = some[some[name].notna()]
            if len(told):
                interval = clustered_interval(told[name].astype(bool).to_list(), told["document"].to_list())
                yield str(language), name, allowed[name], *interval, len(told) / len(some)


def main() -> list[Line]:
    """Print the table."""
    asked = argparse.ArgumentParser(description="False alarms of all learned checks on correct items")
    asked.add_argument("--languages", default=",".join(LANGUAGES))
    asked.add_argument("--parts", type=int, default=2, choices=range(1, PARTS + 1))
    given = asked.parse_args()
    shared = Path(os.environ.get("BELEBELE_SHARED_DATA", ROOT.parent / "shared" / "data"))
    archive = shared / "flores200_dataset.tar.gz"
    if not archive.exists():
        print(f"left out: there is no {archive}; set BELEBELE_SHARED_DATA to the folder that holds it")
        return []
    began = time.perf_counter()
    codes = given.languages.split(",")
    passages = sources.read("flores200", str(archive), [SOURCE, *codes]).to_pandas()
    by_language = {code: parallel_pairs(passages, SOURCE, code) for code in codes}
    found = pd.concat(measured(by_language, given.parts), ignore_index=True)
    print(f"{'language':14} {'check':20} {'allowed':>8} {'flagged':>8}  {'interval':15} {'judged':>7}")
    for language, check, allowed, flagged, low, high, judged in rows(found):
        print(f"{language:14} {check:20} {allowed:8.4f} {flagged:8.4f}  {low:.4f} to {high:.4f} {judged:7.3f}")
    return [Line(f"{len(found)} correct items in {len(codes)} languages", time.perf_counter() - began)]


if __name__ == "__main__":
    show(main())
