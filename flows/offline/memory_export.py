"""Export of what an agency's programs start from: the translation memory and the glossary of a campaign."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import pandas as pd

from annotation.forms.sentence_alignment import aligned
from data.campaign import glossary
from data.campaign.memory_files import COLUMNS
from data.errors import UsageError
from data.exchange import csv_and_xlsx, tmx
from data.intake.xml_input import unheld
from data.language_tags import tag_of
from data.languages import languages_of
from data.output_files import Outputs
from flows.campaign_state import State, among
from flows.ledger_views.current_items import current_translations
from flows.ledger_views.translations.translation_memory import accepted_texts

TABLES = ("memory", "glossary")
"""What goes out beside the ledger's tables."""


def export(state: State, table: str, out: str, languages: Sequence[str] = ()) -> int:
    """Write the memory or the glossary to a file; return how many pairs of texts, or terms.

    Args:
        state: the campaign.
        table: memory or glossary.
        out: .tmx for a memory; a table (.csv, .xlsx, .parquet, .jsonl) for both.
        languages: codes of the target languages; all of the campaign's if empty.

    Raises:
        UsageError: a language that is not among the campaign's targets, no glossary, or another kind of file.
    """
    targets = state.campaign.languages.targets
    wanted = [one.code for one in languages_of(languages)] or list(targets)
    if strange := [code for code in wanted if code not in targets]:
        raise UsageError(f"{', '.join(strange)} is not among the campaign's languages: {', '.join(targets)}")
    file = Path(out)
    if table == "glossary":
        if file.suffix.lower() not in csv_and_xlsx.WRITTEN:
            raise UsageError(f"{file.name}: a glossary goes out as {', '.join(csv_and_xlsx.WRITTEN)}")
        frame = _terms(state, wanted)
        csv_and_xlsx.write(frame, file)
        return len(frame)
    if file.suffix.lower() not in (".tmx", *csv_and_xlsx.WRITTEN):
        raise UsageError(f"{file.name}: a memory goes out as .tmx, {', '.join(csv_and_xlsx.WRITTEN)}")
    pairs = list(dict.fromkeys(_pairs(state, wanted)))
    if file.suffix.lower() == ".tmx":
        source = tag_of(state.source_language)
        units = [
            tmx.MemoryUnit({source: was, tag_of(language): became}, origin)
            for language, was, became, origin in pairs
            if not unheld(was + became)
        ]
        Outputs.of_file(file, "export").write({file.name: tmx.written(units, source)})
        return len(units)
    csv_and_xlsx.write(pd.DataFrame(pairs, columns=[*COLUMNS, "origin"]), file)
    return len(pairs)


def _pairs(state: State, languages: Collection[str]) -> Iterator[tuple[str, str, str, str]]:
    """Yield (language, source, target, origin), first of accepted translations, then of passages.

    Of passages whose sentences were counted differently in two languages, only those that stand for each other one
    to one are taken.
    """
    now = current_translations(state)
    for language, question_id, was, became in accepted_texts(state, now[among(now["language"], languages)]):
        yield language, was, became, question_id
    passages = list(dict.fromkeys(state.passages["passage_id"]))
    for language in languages:
        texts = state.texts_of(passages, {state.source_language, language})
        for passage in passages:
            source, target = (texts.get((passage, code)) for code in (state.source_language, language))
            if source is None or target is None:
                continue
            ours, theirs = list(source["sentences"]), list(target["sentences"])
            for mine, other in aligned(ours, theirs):
                if len(mine) == len(other) == 1:
                    yield language, ours[mine.start], theirs[other.start], passage


def _terms(state: State, languages: Sequence[str]) -> pd.DataFrame:
    file = state.campaign.translation.glossary
    if not file:
        raise UsageError('the campaign has no glossary; name one: [translation] glossary = "glossary.csv"')
    terms = glossary.load(state.ledger.address, file).terms
    rows = [
        {glossary.TERM: term, **{code: words.get(code, "") for code in languages}} for term, words in terms.items()
    ]
    return pd.DataFrame(rows, columns=[glossary.TERM, *languages], dtype=str)
