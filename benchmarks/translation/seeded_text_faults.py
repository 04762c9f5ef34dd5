"""Faults of text planted in correct translations, and how many of them the checks of translated texts find.

    python benchmarks/translation/seeded_text_faults.py [--out FOLDER] [--languages arb_Arab,tha_Thai | --all]
        [--items 200]

The items are those of `benchmarks/translation/translation_checks.py`: sentences and clauses of FLORES-200 with
English as the source. One fault is planted in one text of an item, where the item has a text that can have it: a
number cannot be changed where there is none. The recall is the share of faults for which the check of that kind
flags the item; what it could not judge counts as not found. `wrong language` takes question and options of another
variety, which the confusable set does not hold, cut at about 170 characters; the identifier learned from dev, and is
tried on devtest. A row of the table is a language and a kind; a heat map lies beside it.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import regex

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.table import Line, show
from benchmarks.translation.seeded_faults import SPREAD, Row, written
from benchmarks.translation.translation_checks import DATA, SOURCE, flores, items_of_flores
from qc.check import Check
from qc.checks.structure_checks import distinct_options
from qc.checks.translation_checks import TRANSLATED_TEXT_SUITE, language_identified, numbers_kept, untranslated
from qc.checks.wording_checks import wrong_script
from qc.text.text_folding import SPACELESS, script_of
from qc.translation_models.varieties.variety_fit import VarietyFit, VarietyText, fit

ROOT = Path(__file__).resolve().parents[2]
DEV = 997
"""Sentences of FLORES's dev, which stand before those of devtest."""

CHARACTERS = 170

Item = dict[str, Any]
Plant = Callable[[Item, Item, random.Random], Item | None]
"""Makes a faulty copy of an item, given one on another passage; None if the item has no place for the fault."""


def _changed(
    item: Item, places: Sequence[int], draw: random.Random, change: Callable[[str], str | None]
) -> Item | None:
    """Change one of an item's texts: place 0 is the question, the options follow."""
    order = list(places)
    draw.shuffle(order)
    for place in order:
        texts = [item["question"], *item["answers"]]
        new = change(texts[place]) if place < len(texts) else None
        if new is not None and new != texts[place]:
            texts[place] = new
            return {**item, "question": texts[0], "answers": texts[1:]}
    return None


def _places(item: Item) -> range:
    return range(len(item["answers"]) + 1)


def _lookalike(item: Item, _: Item, draw: random.Random) -> Item | None:
    script = script_of(item["language"])
    pairs = {"Latn": ("aeopcx", "аеорсх"), "Cyrl": ("аеорсх", "aeopcx"), "Grek": ("οανυρ", "oavup")}
    if script not in pairs:
        return None
    mine, theirs = pairs[script]

    def change(text: str) -> str | None:
        inside = [
            at for at, letter in enumerate(text)
            if letter in mine and 0 < at < len(text) - 1 and text[at - 1].isalpha() and text[at + 1].isalpha()
        ]  # fmt: skip
        if not inside:
            return None
        at = draw.choice(inside)
        return text[:at] + theirs[mine.index(text[at])] + text[at + 1 :]

    return _changed(item, _places(item), draw, change)


def _foreign_word(item: Item, _: Item, draw: random.Random) -> Item | None:
    """Write a text in the letters of another script, one for one, as a wrong keyboard does."""
    letters = "абдефгхиклмнопрс" if script_of(item["language"]) == "Latn" else "abdefghiklmnoprs"

    def change(text: str) -> str | None:
        bare = regex.sub(r"\p{M}", "", unicodedata.normalize("NFD", text))
        return regex.sub(r"\p{L}", lambda found: letters[ord(found[0]) % 16], bare) if len(text) > 12 else None

    return _changed(item, _places(item), draw, change)


def _source_left(item: Item, _: Item, draw: random.Random) -> Item | None:
    sources = [item["source_question"], *item["source_answers"]]
    fitting = [place for place in _places(item) if len(sources[place].split()) > 2]
    if not fitting:
        return None
    place = draw.choice(fitting)
    texts = [item["question"], *item["answers"]]
    texts[place] = sources[place]
    return {**item, "question": texts[0], "answers": texts[1:]}


def _source_run(item: Item, _: Item, draw: random.Random) -> Item | None:
    sources = [item["source_question"], *item["source_answers"]]
    for place in draw.sample(list(_places(item)), len(_places(item))):
        words = sources[place].split()
        starts = [
            at for at in range(len(words) - 4)
            if all(word.isalpha() and word.islower() for word in words[at : at + 5])
        ]  # fmt: skip
        if starts:
            at = draw.choice(starts)
            texts = [item["question"], *item["answers"]]
            texts[place] = f"{' '.join(words[at : at + 5])} {texts[place]}"
            return {**item, "question": texts[0], "answers": texts[1:]}
    return None


def _blank(item: Item, _: Item, draw: random.Random) -> Item | None:
    return _changed(item, _places(item), draw, lambda _: draw.choice(["…", "-", "\u200b", "؟", "?"]))


_DOTTED = frozenset({"tur_Latn", "azj_Latn", "crh_Latn"})  # İ is the capital of i, and I of ı


def _same_option(item: Item, _: Item, draw: random.Random) -> Item | None:
    if len(item["answers"]) < 2:
        return None
    one, other = draw.sample(range(len(item["answers"])), 2)
    text = item["answers"][one].replace(" ", "\u00a0")
    capitals = text.replace("i", "İ").upper() if item["language"] in _DOTTED else text.upper()
    changed = draw.choice([text, capitals, unicodedata.normalize("NFD", text), f"{text} "])
    return _changed(item, [other + 1], draw, lambda _: changed)


def _doubled(item: Item, _: Item, draw: random.Random) -> Item | None:
    if script_of(item["language"]) in SPACELESS:
        return None

    def change(text: str) -> str | None:
        words = list(regex.finditer(r"(?<!\S)[\p{Ll}\p{Lo}\p{M}]{3,}(?!\S)", text))
        if not words:
            return None
        word = draw.choice(words)
        return f"{text[: word.end()]} {word[0]}{text[word.end() :]}"

    return _changed(item, _places(item), draw, change)


def _twice(item: Item, _: Item, draw: random.Random) -> Item | None:
    return _changed(item, _places(item), draw, lambda text: f"{text} {text}" if len(text) > 24 else None)


def _cut_at_comma(item: Item, _: Item, draw: random.Random) -> Item | None:
    def change(text: str) -> str | None:
        found = list(re.finditer(r"[,،、，;؛፣]", text))
        return text[: draw.choice(found).end()] if found else None

    return _changed(item, _places(item), draw, change)


def _half_bracket(item: Item, _: Item, draw: random.Random) -> Item | None:
    parted = script_of(item["language"]) not in SPACELESS

    def change(text: str) -> str | None:
        at = draw.randrange(len(text)) if len(text) > 8 else 0
        while at and parted and not text[at - 1].isspace():
            at -= 1
        return f"{text[:at]}({text[at:]}" if at else None

    return _changed(item, _places(item), draw, change)


def _half_quote(item: Item, _: Item, draw: random.Random) -> Item | None:
    marks = set('"“”„«»')
    return _changed(item, _places(item), draw, lambda text: None if marks & set(text) else f"“{text}")


def _digit(item: Item, _: Item, draw: random.Random) -> Item | None:
    sources = [item["source_question"], *item["source_answers"]]

    def change(text: str) -> str | None:
        numbers = list(re.finditer(r"(?<![\d.,])\d{3,}(?![\d.,])", text))
        if not numbers:
            return None
        number = draw.choice(numbers)
        at = draw.randrange(number.start() + 1, number.end())
        digit = unicodedata.digit(text[at])
        other = chr(ord(text[at]) - digit + (digit + draw.randint(1, 9)) % 10)
        return text[:at] + other + text[at + 1 :]

    fitting = [place for place in _places(item) if re.search(r"\d{3}", sources[place])]
    return _changed(item, fitting, draw, change)


_STOPS = ".。।።۔။។"


def _full_stop(item: Item, _: Item, draw: random.Random) -> Item | None:
    """Give a text the full stop of another script."""
    mark = "." if script_of(item["language"]) in ("Deva", "Beng", "Hans", "Hant", "Jpan", "Ethi", "Khmr") else "।"
    return _changed(
        item, _places(item), draw, lambda text: text[:-1] + mark if text[-1:] in set(_STOPS) - {mark} else None
    )


def _question_of_another(item: Item, other: Item, _: random.Random) -> Item | None:
    return {**item, "question": other["question"]}


KINDS: dict[str, tuple[str, Plant]] = {
    "lookalike letter": ("mixed_script", _lookalike),
    "another script": ("wrong_script", _foreign_word),
    "source left": ("untranslated", _source_left),
    "five source words": ("source_words_left", _source_run),
    "blank": ("blank_text", _blank),
    "option twice": ("distinct_options", _same_option),
    "word twice": ("doubled_words", _doubled),
    "text twice": ("repeated_text", _twice),
    "cut at a comma": ("cut_short", _cut_at_comma),
    "half a bracket": ("unpaired_brackets", _half_bracket),
    "half a quotation": ("unpaired_quotes", _half_quote),
    "digit changed": ("digits_kept", _digit),
    "digit changed, noted": ("numbers_kept", _digit),
    "foreign full stop": ("end_marks", _full_stop),
    "another's question": ("text_of_another_item", _question_of_another),
}


def measured(items: pd.DataFrame, count: int) -> Iterator[Row]:
    """Yield the recall of each kind in one language, and the false alarms of its check on the clean items."""
    more = (untranslated, wrong_script, distinct_options, numbers_kept)
    checks = {one.name: one for one in (*TRANSLATED_TEXT_SUITE, *more)}
    lines: list[Item] = [{str(name): value for name, value in line.items()} for line in items.to_dict("records")]
    code = str(items["language"].iloc[0])
    clean = {name: _flagged(check(items)) for name, check in checks.items()}
    for kind, (name, plant) in KINDS.items():
        draw = random.Random(f"{code} {kind}")
        faulty, places = list(lines), []
        for place in draw.sample(range(0, len(lines), 2), (len(lines) + 1) // 2):
            other = lines[(place + len(lines) // 4 * 2 + 1) % len(lines) | 1]  # lines that stay as they are
            planted = plant(lines[place], other, draw)
            if planted is not None and not clean[name].iloc[place]:
                faulty[place] = planted
                places.append(place)
            if len(places) == count:
                break
        yield _row(
            code, kind, checks[name], pd.DataFrame(faulty, columns=list(items.columns)), places, clean[name]
        )


def _flagged(found: pd.DataFrame) -> pd.Series[bool]:
    return found["flagged"].eq(True).fillna(False).astype(bool)


def _row(
    code: str, kind: str, check: Check, faulty: pd.DataFrame, places: Sequence[int], clean: pd.Series[bool]
) -> Row:
    found = check(faulty).iloc[list(places)]
    return {
        "corpus": "FLORES", "language": code, "words": "", "kind": kind, "rate": 0.0,
        "recall": round(float(_flagged(found).mean()), 4) if len(places) >= 20 else None,
        "false_alarms": round(float(clean.mean()), 5), "clean": len(clean), "planted": len(places),
        "not_judged": int(found["flagged"].isna().sum()),
    }  # fmt: skip


def wrong_language(
    code: str, texts: dict[str, list[str]], addresses: Sequence[str], learned: VarietyFit, count: int
) -> Row:
    """Return the recall for items that are in another variety, outside of the confusable set."""
    draw = random.Random(code)
    within = learned.confusable.get(code, frozenset({code}))
    others = [one for one in learned.identifier.languages if one not in within]
    lines = []
    for place in draw.sample(range(DEV, len(addresses) - 3), count):
        other = draw.choice(others)
        for language in (code, other):
            whole = " ".join(texts[language][place : place + 3])[:CHARACTERS]
            cut = whole.rpartition(" ")[0] or whole
            lines.append({"language": code, "question": cut, "answers": [], "is": language})
    items = pd.DataFrame(lines)
    found = language_identified(items.drop(columns="is"), varieties=learned)
    flagged, unjudged = _flagged(found), found["flagged"].isna()
    own = items["is"] == code
    return {
        "corpus": "FLORES", "language": code, "words": "", "kind": "wrong language", "rate": 0.0,
        "recall": round(float(flagged[~own].mean()), 4),
        "false_alarms": round(float(flagged[own].mean()), 5),
        "clean": int(own.sum()), "planted": int((~own).sum()), "not_judged": int(unjudged[~own].sum()),
    }  # fmt: skip


def main() -> list[Line]:
    """Print and write the recall of planted faults."""
    asked = argparse.ArgumentParser(description="Recall of planted faults of text")
    asked.add_argument("--out", default=str(ROOT / "build" / "seeded_text_faults"))
    asked.add_argument("--languages", default=",".join(SPREAD))
    asked.add_argument("--all", action="store_true", help="every language of FLORES-200")
    asked.add_argument("--items", type=int, default=200, help="faults of a kind in a language")
    given = asked.parse_args()
    if not (DATA / "flores200_dataset.tar.gz").exists():
        print(f"left out: there is no {DATA / 'flores200_dataset.tar.gz'}")
        return []
    began = time.perf_counter()
    texts, addresses = flores()
    wanted = sorted({*texts} - {SOURCE}) if given.all else given.languages.split(",")
    learned = fit(
        [
            VarietyText(code, addresses[row], text)
            for code, some in texts.items()
            for row, text in enumerate(some[:DEV])
        ],
        0.01,
        fitted_on="FLORES-200 dev",
    )
    rows: list[Row] = []
    for code in wanted:
        items = items_of_flores(texts[code], texts[SOURCE], addresses, code)
        rows += measured(items, given.items)
        rows.append(wrong_language(code, texts, addresses, learned, given.items))
    written(
        rows,
        Path(given.out),
        "seeded_text_faults",
        "recall of planted faults of text; grey: too few places for them",
    )
    table = pd.DataFrame(rows)
    for kind, some in table.groupby("kind", sort=False):
        told = some.dropna(subset="recall")
        whole = (told["recall"] * told["planted"]).sum() / max(1, told["planted"].sum())
        worst = told.nsmallest(4, "recall")
        print(
            f"{kind:20} {len(told):3} languages, {int(told['planted'].sum()):6} planted, found {whole:.4f}, "
            f"not judged {int(told['not_judged'].sum())}, false alarms {some['false_alarms'].mean():.3%}; least: "
            + ", ".join(
                f"{code} {found:.2f}" for code, found in zip(worst["language"], worst["recall"], strict=True)
            )
        )
    print(f"table and heat map: {given.out}")
    return [Line(f"faults planted in {len(wanted)} languages", time.perf_counter() - began)]


if __name__ == "__main__":
    show(main())
