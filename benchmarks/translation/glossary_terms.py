"""False alarms of `terms_kept` on correct translations, by glossaries that are made of other correct ones.

    python benchmarks/translation/glossary_terms.py [--languages deu_Latn,… | --all] [--read N]

FLORES-200's documents are dealt into two halves. In one, English names (words with a capital within sentences,
never without) and frequent nouns (words that mostly follow an article or *of*) are given the target word that
goes with them most, as a glossary is made from a memory; a term is taken if nine in ten of its sentences, four
at least, have that word. In the other half each sentence is an item's question, and the real check judges it.
FLORES's translators knew no glossary: where they took another word, the check is right to say so, and the
figure is an upper bound. A row is a language: terms, sentences with a term, what share of them is flagged and
not judged, and the share of flags where the sentence has a word that begins like the rendering (its first two
letters), which are likelier the check's own faults. With `--read` so many flagged sentences are printed, to be
looked at.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from annotation.forms.glossary_matching import found
from benchmarks.table import Line, show
from benchmarks.translation.translation_checks import DATA, SOURCE, flores
from data.ledger.tables import ITEMS
from qc.checks.term_checks import GlossaryTerms, terms_kept
from qc.text.text_folding import fold
from qc.text.words import words

LANGUAGES = (
    "deu_Latn", "fin_Latn", "arb_Arab", "swh_Latn", "hin_Deva", "tha_Thai", "jpn_Jpan", "rus_Cyrl", "tur_Latn",
    "zho_Hans", "spa_Latn", "heb_Hebr", "khm_Khmr", "vie_Latn",
)  # fmt: skip
LEAST, SHARE = 4, 0.9
"""Fewest sentences of a term, and the share of them that its rendering stands in."""

_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]+")
_BEFORE_NOUNS = frozenset({"the", "a", "an", "of", "this", "these", "its", "their", "his", "her"})


def source_terms(sentences: Sequence[str]) -> dict[str, list[int]]:
    """Return names, but for those that are words too, and frequent nouns, with the places of their sentences."""
    places: dict[str, list[int]] = defaultdict(list)
    small: Counter[str] = Counter()
    marked: Counter[str] = Counter()
    for at, sentence in enumerate(sentences):
        parts = _WORD.findall(sentence)
        for before, word in zip(["", *parts], parts, strict=False):
            small[word] += word.islower()
            marked[word] += before.lower() in _BEFORE_NOUNS if word.islower() else bool(before)
            if len(word) > 3 and places[word][-1:] != [at]:
                places[word].append(at)
    return {
        word: some
        for word, some in places.items()
        if len(some) >= LEAST and (
            marked[word] >= 0.5 * small[word] if word.islower() else not small[word.lower()] and marked[word]
        )
    }  # fmt: skip


def learned(terms: Mapping[str, Sequence[int]], targets: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the renderings of those terms that have one."""
    of = [{fold(word) for word in words(text)} for text in targets]
    every = Counter(word for some in of for word in some)
    renderings: dict[str, tuple[str, ...]] = {}
    for term, places in terms.items():
        beside = Counter(word for at in places for word in of[at])
        able = [(2 * count / (len(places) + every[word]), word) for word, count in beside.items()
                if count >= max(LEAST, SHARE * len(places))]  # fmt: skip
        if able and max(able)[0] >= 0.5:
            renderings[term] = (max(able)[1],)
    return renderings


def items_of(code: str, sources: Sequence[str], targets: Sequence[str]) -> pd.DataFrame:
    """Return sentences as the questions of items without options."""
    count = len(sources)
    told: dict[str, Sequence[object]] = {
        "question_id": [str(number) for number in range(count)], "passage_id": [""] * count,
        "passage": [""] * count, "language": [code] * count, "source_language": [SOURCE] * count,
        "kind": ["proofread"] * count, "question": targets, "source_question": sources,
        "answers": [[]] * count, "source_answers": [[]] * count,
    }  # fmt: skip
    return pd.DataFrame({name: told.get(name, [None] * count) for name in dict.fromkeys([*ITEMS, *told])})


def measured(
    code: str, texts: Mapping[str, Sequence[str]], halves: Sequence[int], read: int
) -> tuple[object, ...]:
    """Return the row of a language."""
    first, second = ([at for at, half in enumerate(halves) if half == which] for which in (0, 1))
    sources, targets = texts[SOURCE], texts[code]
    places = {at: place for place, at in enumerate(first)}
    terms = {
        term: here
        for term, some in source_terms(sources).items()
        if len(here := [places[at] for at in some if at in places]) >= LEAST
    }
    renderings = learned(terms, [targets[at] for at in first])
    glossary = {code: GlossaryTerms(renderings, partial(found, terms=tuple(renderings)))}
    items = items_of(code, [sources[at] for at in second], [targets[at] for at in second])
    judged = terms_kept(items, glossary=glossary)
    asked = judged["applicable"].astype(bool)
    flagged = judged["flagged"].eq(True).fillna(False) & asked
    close = 0
    for place in flagged[flagged].index:
        text, source = str(items["question"][place]), str(items["source_question"][place])
        lost = [one for term in glossary[code].in_text(source) for one in renderings[term]
                if glossary[code].stands(term, text, code) is False]  # fmt: skip
        close += any(fold(word)[:2] == one[:2] for one in lost for word in words(text))
        if read > 0:
            print("   ", judged["reason"][place], "|", text)
            read -= 1
    count = int(asked.sum())
    unjudged = int((judged["flagged"].isna() & asked).sum())
    share = [round(number / max(1, count), 3) for number in (int(flagged.sum()), unjudged)]
    return code, len(renderings), count, *share, round(close / max(1, int(flagged.sum())), 2)


def main() -> list[Line]:
    """Print what is flagged, by language."""
    asked = argparse.ArgumentParser(description="False alarms of terms_kept")
    asked.add_argument("--languages", default=",".join(LANGUAGES))
    asked.add_argument("--all", action="store_true", help="every language of FLORES-200")
    asked.add_argument("--read", type=int, default=0, help="print so many flagged sentences of each")
    given = asked.parse_args()
    if not (DATA / "flores200_dataset.tar.gz").exists():
        print(f"left out: there is no {DATA / 'flores200_dataset.tar.gz'}")
        return []
    began = time.perf_counter()
    named = given.languages.split(",")
    texts, addresses = flores(frozenset() if given.all else frozenset(named))
    documents = sorted(set(addresses))
    random.Random(0).shuffle(documents)
    half = {name: place % 2 for place, name in enumerate(documents)}
    print("language, terms, sentences with one, flagged, not judged, of the flags with a word that begins alike")
    for code in sorted({*texts} - {SOURCE}) if given.all else named:
        print(*measured(code, texts, [half[one] for one in addresses], given.read), flush=True)
    return [Line("terms in languages", time.perf_counter() - began)]


if __name__ == "__main__":
    show(main())
