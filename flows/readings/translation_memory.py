"""What translators are reminded of: the glossary's terms in a text, and how like texts were translated before.

The memory is the campaign's own: questions and answers whose translation into that language was accepted. Nothing
of it is filled in anywhere; a person reads it beside the field. Texts that share enough words are looked at
closely, so that a thousand accepted items cost no more than a look-up for every word.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any

from annotation.forms.submitted_form import ITEM_FIELDS
from annotation.forms.terms import found, words
from data.campaign import glossary
from flows.readings.current_items import current_translations
from flows.state import State, among, by_key

LIKE = 0.8
"""How alike two texts must be, by difflib's ratio of what they share, for one to be remembered at the other."""

SHOWN = 3
"""Texts that are shown at a field at most."""

_NEAR = 0.5  # of the words shared, for a close look
_LOOKED_AT = 20


class Memory:
    """The glossary, and what was accepted, of a campaign, for the languages of some work.

    Args:
        state: the campaign.
        languages: codes of the languages that are worked in.

    Raises:
        CampaignError: the glossary is wrong.
    """

    def __init__(self, state: State, languages: Collection[str]) -> None:
        file = state.campaign.translation.glossary
        self._glossary = glossary.load(state.ledger.address, file) if file else glossary.Glossary({})
        self._state, self._languages = state, languages

    def help(self, language: str, question_id: str, texts: Mapping[str, str]) -> dict[str, dict[str, Any]]:
        """What stands beside each field, as `annotation.stages.translation_page.payload` takes it.

        Args:
            language: that is translated into.
            question_id: of the Question, whose own texts are not remembered at itself.
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
        now = now[(now["outcome"] == "keep") & ~now["stale"] & among(now["language"], self._languages)]
        if now.empty:
            return {}
        every = state.translation_texts(set(now["question_id"]))
        key = ["question_id", "language", "revision"]
        sources = by_key(state.questions, "question_id", "revision")
        known: dict[str, _Accepted] = defaultdict(_Accepted)
        for line in by_key(every.merge(now[key], on=key), *key).values():
            source = sources[line["question_id"], line["question_revision"]]
            for was, became in zip(_texts(source), _texts(line), strict=True):
                known[line["language"]].add(line["question_id"], was, became)
        return dict(known)


def _texts(line: Mapping[str, Any]) -> Iterator[str]:
    yield line["question"]
    yield from line["answers"]


class _Accepted:
    """Texts and their accepted translations, in one language."""

    def __init__(self) -> None:
        self._texts: list[tuple[str, str, str, int]] = []
        self._where: dict[str, list[int]] = defaultdict(list)

    def add(self, question_id: str, was: str, became: str) -> None:
        distinct = set(words(was))
        for word in distinct:
            self._where[word].append(len(self._texts))
        self._texts.append((question_id, was, became, len(distinct)))

    def like(self, text: str, terms: Collection[str], question_id: str) -> list[list[Any]]:
        """(source, translation, likeness) of the texts most like it, then of those that hold the same terms."""
        mine = set(words(text))
        shared = Counter(place for word in mine for place in self._where.get(word, ()))
        near = {}
        for place, count in shared.items():
            whose, _, _, distinct = self._texts[place]
            if whose != question_id and (share := 2 * count / (len(mine) + distinct)) >= _NEAR:
                near[place] = share
        scored: dict[tuple[str, str], float] = {}
        for place in sorted(near, key=lambda place: (-near[place], place))[:_LOOKED_AT]:
            _, was, became, _ = self._texts[place]
            alike = 1.0 if was == text else SequenceMatcher(None, text, was, autojunk=False).ratio()
            if alike >= LIKE:
                scored[was, became] = max(alike, scored.get((was, became), 0))
        best = [[*pair, round(alike, 2)] for pair, alike in sorted(scored.items(), key=lambda one: -one[1])]
        return best[:SHOWN] + self._with_terms(terms, question_id, set(scored))[: max(SHOWN - len(best), 0)]

    def _with_terms(self, terms: Collection[str], question_id: str, told: set[tuple[str, str]]) -> list[list[Any]]:
        holding = {}
        for term in terms:
            first = words(term)[:1]
            for place in self._where.get(first[0], ()) if first else ():
                whose, was, became, _ = self._texts[place]
                if whose != question_id and (was, became) not in told and found(was, [term]):
                    holding[was, became] = 0.0
        return [[*pair, alike] for pair, alike in holding.items()]


def fields(question: Mapping[str, Any], passage: str) -> dict[str, str]:
    """The source texts of a translator's page by name of the field, and the passage."""
    names = (box.name for box in ITEM_FIELDS)
    return {**dict(zip(names, _texts(question), strict=True)), "passage": passage}
