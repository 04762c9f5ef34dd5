"""The translation memory: glossary terms in a text, and how similar texts were translated before.

The memory is the campaign's own, questions and answers whose translation into the language was accepted, and the
files that its lead names. Nothing is filled in from it; a person reads it beside the field. Only texts that share
enough words are compared closely, so that a thousand accepted items cost no more than a look-up for every word.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any

import pandas as pd

from annotation.forms.glossary_matching import found, words
from annotation.forms.submitted_form import ITEM_FIELDS
from data.campaign import glossary, memory_files
from flows.campaign_state import State, among, by_key
from flows.ledger_views.current_items import current_translations

LIKE = 0.8
"""The least similarity of two texts, difflib's ratio, at which one is shown for the other."""

SHOWN = 3
"""The most texts shown at a field."""

_NEAR = 0.5  # share of common words that warrants a close comparison
_LOOKED_AT = 20


class Memory:
    """The glossary, the accepted translations and the brought memories of a campaign, for some languages.

    Args:
        state: the campaign.
        languages: codes of the target languages.

    Raises:
        CampaignError: the glossary or a memory is wrong.
    """

    def __init__(self, state: State, languages: Collection[str]) -> None:
        translation, address = state.campaign.translation, state.ledger.address
        file = translation.glossary
        self._glossary = glossary.load(address, file) if file else glossary.Glossary({})
        self._brought = memory_files.load(address, translation.memory, state.source_language, languages)
        self._state, self._languages = state, languages

    def help(self, language: str, question_id: str, texts: Mapping[str, str]) -> dict[str, dict[str, Any]]:
        """Return the help beside each field, as `annotation.stages.translation_page.payload` takes it.

        Args:
            language: the target language.
            question_id: of the Question; its own texts are not shown.
            texts: source text by name of the field.

        Returns:
            By field `terms` and `memory`; fields with neither are left out.
        """
        rendered = self._glossary.of(language)
        helped = {}
        for name, text in texts.items():
            terms = list(dict.fromkeys(term for _, _, term in found(text, rendered)))
            known = self._accepted.get(language)
            memory = known.like(text, terms, question_id) if known and name != "passage" else []
            if terms or memory:
                helped[name] = {"terms": [[term, rendered[term]] for term in terms], "memory": memory}
        return helped

    @cached_property
    def _accepted(self) -> dict[str, _Accepted]:
        state = self._state
        now = current_translations(state)
        now = now[among(now["language"], self._languages)]
        known: dict[str, _Accepted] = defaultdict(_Accepted)
        for language, question_id, was, became in accepted_texts(state, now):
            known[language].add(question_id, was, became)
        for segment in self._brought:
            known[segment.language].add("", segment.source, segment.target, segment.origin)
        return dict(known)


def accepted_texts(state: State, translations: pd.DataFrame) -> Iterator[tuple[str, str, str, str]]:
    """Yield (language, question_id, source, translation) of each text of the accepted ones among translations.

    Args:
        state: the campaign.
        translations: some of `current_translations`.
    """
    kept = translations[(translations["outcome"] == "keep") & ~translations["stale"]]
    if kept.empty:
        return
    every = state.translation_texts(set(kept["question_id"]))
    key = ["question_id", "language", "revision"]
    sources = by_key(state.questions, "question_id", "revision")
    for line in by_key(every.merge(kept[key], on=key), *key).values():
        source = sources[line["question_id"], line["question_revision"]]
        for was, became in zip(_texts(source), _texts(line), strict=True):
            yield line["language"], line["question_id"], was, became


def _texts(line: Mapping[str, Any]) -> Iterator[str]:
    yield line["question"]
    yield from line["answers"]


class _Accepted:
    """Texts and their accepted translations, in one language."""

    def __init__(self) -> None:
        self._texts: list[tuple[str, str, str, str, int]] = []
        self._where: dict[str, list[int]] = defaultdict(list)

    def add(self, question_id: str, was: str, became: str, origin: str = "") -> None:
        distinct = set(words(was))
        for word in distinct:
            self._where[word].append(len(self._texts))
        self._texts.append((question_id, was, became, origin, len(distinct)))

    def like(self, text: str, terms: Collection[str], question_id: str) -> list[list[Any]]:
        """Return (source, translation, similarity) of the most similar texts, then of those with the same
        terms; a fourth value names the file of those that were brought.
        """
        mine = set(words(text))
        shared = Counter(place for word in mine for place in self._where.get(word, ()))
        near = {}
        for place, count in shared.items():
            whose, _, _, _, distinct = self._texts[place]
            if (not whose or whose != question_id) and (share := 2 * count / (len(mine) + distinct)) >= _NEAR:
                near[place] = share
        scored: dict[tuple[str, str], float] = {}
        origins: dict[tuple[str, str], str] = {}
        for place in sorted(near, key=lambda place: (-near[place], place))[:_LOOKED_AT]:
            _, was, became, origin, _ = self._texts[place]
            alike = 1.0 if was == text else SequenceMatcher(None, text, was, autojunk=False).ratio()
            if alike >= LIKE:
                scored[was, became] = max(alike, scored.get((was, became), 0))
                origins.setdefault((was, became), origin)
        ranked = sorted(scored.items(), key=lambda one: -one[1])
        best = [[*pair, round(alike, 2), *filter(None, [origins[pair]])] for pair, alike in ranked]
        return best[:SHOWN] + self._with_terms(terms, question_id, set(scored))[: max(SHOWN - len(best), 0)]

    def _with_terms(
        self, terms: Collection[str], question_id: str, listed: set[tuple[str, str]]
    ) -> list[list[Any]]:
        holding: dict[tuple[str, str], str] = {}
        for term in terms:
            first = words(term)[:1]
            for place in self._where.get(first[0], ()) if first else ():
                whose, was, became, origin, _ = self._texts[place]
                strange = not whose or whose != question_id
                if strange and (was, became) not in listed and found(was, [term]):
                    holding.setdefault((was, became), origin)
        return [[*pair, 0.0, *filter(None, [origin])] for pair, origin in holding.items()]


def fields(question: Mapping[str, Any], passage: str) -> dict[str, str]:
    """Return the source texts of a translator's page by name of the field, and the passage."""
    names = (box.name for box in ITEM_FIELDS)
    return {**dict(zip(names, _texts(question), strict=True)), "passage": passage}
