"""A fit of the variety identifier to a campaign's passages, with the lines below which it doubts a text.

Documents are dealt into lots. Each lot is scored by an identifier that learned from the others, so no text is
judged by what has seen it, and these scores calibrate the identifier that learned from all. Two things are asked
of a text that should be in a variety: does another variety explain it better (`margin`), and is it like that
variety at all (`familiarity`; if not, it may be in a language that the campaign does not have: none of these).
Varieties that the identifier takes for each other among correct texts form a confusable set, and a margin within
the set is no evidence.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from data.ledger.tables import canonical_json, digest
from data.storage import write_bytes
from qc.translation_models.calibration import Calibration, HeldOutText, calibrate
from qc.translation_models.held_out_scores import LEAST_TEXTS
from qc.translation_models.varieties.variety_identifier import (
    Floats,
    VarietyCounts,
    VarietyIdentifier,
    counted,
    together,
)

VERSION = 2
"""A number that rises with every change that may change a score."""

LOTS = 3

MUTUAL = 0.03
"""Varieties are confusable from this share of texts on, the mean of both directions."""

LARGEST_SET = 8

LINES = 2
"""Questions that a text is asked, which share what may be flagged: the margin and the familiarity."""

LENGTHS = (25, 60, 125, 280)
"""Characters at which held-out texts are cut: one length in each class that an item's texts have."""

MOST = 160
"""Most texts of a variety and lot that are scored at each length, spread evenly over the lot."""

NONE_OF_THESE = ""
"""The answer for a text that is in no variety of the fit."""


@dataclass(frozen=True, slots=True)
class VarietyText:
    """A sentence of a passage in one variety.

    Attributes:
        language: the variety.
        document: the document that it is from, the same in all varieties.
        text: the sentence.
    """

    language: str
    document: str
    text: str


@dataclass(frozen=True, slots=True)
class VarietyReading:
    """What a text reads like, beside the variety that it should be in.

    Attributes:
        flagged: whether it is doubted; None if that cannot be told.
        best: the variety that explains it best; `NONE_OF_THESE` if it is like none.
        score: how far it is above the lines, in [0, 1]; .5 at the line; NaN if there is none.
    """

    flagged: bool | None
    best: str
    score: float


@dataclass(frozen=True, eq=False)
class VarietyFit:
    """An identifier and its lines.

    Attributes:
        identifier: learned from all texts.
        counts: what it learned.
        confusable: for each variety in a set, all varieties of the set.
        margin: lines for the evidence against the best variety outside the set.
        familiarity: lines for the evidence for the variety itself.
        digest: of the texts and of everything else that it follows from.
    """

    identifier: VarietyIdentifier
    counts: VarietyCounts
    confusable: Mapping[str, frozenset[str]]
    margin: Calibration
    familiarity: Calibration
    digest: str

    @property
    def calibrations(self) -> tuple[Calibration, ...]:
        """The calibrations, for the record."""
        return self.margin, self.familiarity

    def read(self, texts: Sequence[str], languages: Sequence[str]) -> list[VarietyReading]:
        """Judge texts against the varieties that they should be in.

        Args:
            texts: the texts.
            languages: the expected variety of each.
        """
        scores = self.identifier.scores(texts)
        return [self._reading(*one) for one in zip(scores, texts, languages, strict=True)]

    def _reading(self, scores: Floats, text: str, language: str) -> VarietyReading:
        best = self._best(scores, len(text))
        place = self.identifier.place.get(language)
        if place is None:
            return VarietyReading(None, best, float("nan"))
        asked = (
            (self.margin, _margin(scores, place, self._outside(language))),
            (self.familiarity, float(scores[place])),
        )
        lines = [(score, line) for one, score in asked if (line := one.threshold(language, len(text))) is not None]
        if not lines:
            return VarietyReading(None, best, float("nan"))
        above = min(score - line for score, line in lines)
        return VarietyReading(above < 0, best, float(1 / (1 + np.exp(-4 * above))))

    def _outside(self, language: str) -> npt.NDArray[np.bool_]:
        within = self.confusable.get(language, frozenset({language}))
        return np.array([one not in within for one in self.identifier.languages])

    def _best(self, scores: Floats, characters: int) -> str:
        """Return the best variety; none if the text is less like it than its own texts are."""
        if not len(scores):
            return NONE_OF_THESE
        name = self.identifier.languages[int(scores.argmax())]
        return NONE_OF_THESE if self.familiarity.flags(float(scores.max()), name, characters) else name

    def save(self, folder: Path) -> None:
        """Write it to `<folder>/<digest>.npz`, atomically."""
        meta = {
            "languages": self.counts.languages,
            "confusable": {name: sorted(some) for name, some in self.confusable.items()},
            "margin": self.margin.plain(),
            "familiarity": self.familiarity.plain(),
        }
        written = io.BytesIO()
        counts = self.counts
        facts = np.frombuffer(canonical_json(meta).encode(), np.uint8)
        np.savez(written, meta=facts, numbers=counts.numbers, counts=counts.counts, sizes=counts.sizes)
        write_bytes(str(folder), f"{self.digest}.npz", written.getvalue(), mode=0o600)

    @staticmethod
    def load(folder: Path, digest: str) -> VarietyFit | None:
        """Return a saved fit; None if it is not there, or no longer whole."""
        try:
            written = (folder / f"{digest}.npz").read_bytes()
            with np.load(io.BytesIO(written)) as arrays:
                meta = json.loads(arrays["meta"].tobytes())
                counts = VarietyCounts(
                    tuple(meta["languages"]), arrays["numbers"], arrays["counts"], arrays["sizes"]
                )
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):  # rebuilt by whoever asks
            return None
        margin, familiarity = (Calibration.read(json.dumps(meta[name])) for name in ("margin", "familiarity"))
        sets = {name: frozenset(some) for name, some in meta["confusable"].items()}
        return VarietyFit(VarietyIdentifier(counts), counts, sets, margin, familiarity, digest)


def fit_digest(texts: Iterable[VarietyText], rate: float) -> str:
    """Return the digest of the fit that `fit` makes of these texts, in whatever order they come."""
    lines = sorted((one.language, one.document, one.text) for one in texts)
    return digest("varieties", VERSION, rate, lines)


def fit(texts: Sequence[VarietyText], rate: float, *, fitted_on: str) -> VarietyFit:
    """Fit the identifier to parallel texts, and calibrate it.

    Args:
        texts: sentences of at least one variety.
        rate: the share of correct texts that may be doubted.
        fitted_on: what the texts are, in words.
    """
    texts = sorted(texts, key=lambda one: (one.language, one.document))
    languages = sorted({one.language for one in texts})
    documents = sorted({one.document for one in texts}, key=lambda name: digest("lot", name))
    lot_of = {name: number % LOTS for number, name in enumerate(documents)}
    lots: list[dict[str, list[VarietyText]]] = [{name: [] for name in languages} for _ in range(LOTS)]
    for one in texts:
        lots[lot_of[one.document]][one.language].append(one)
    parts = [counted([(name, [one.text for one in some]) for name, some in lot.items()]) for lot in lots]
    held_out = [_held_out(parts, lots, number) for number in range(LOTS)]
    confusable = confusable_sets(languages, np.sum([one.confusion for one in held_out], axis=0))
    outside = {
        name: np.array([one not in confusable.get(name, {name}) for one in languages]) for name in languages
    }
    margins, familiarities = [], []
    for lot in held_out:
        for row, (place, characters, document) in zip(lot.scores, lot.about, strict=True):
            name = languages[place]
            margins.append(HeldOutText(_margin(row, place, outside[name]), name, characters, document))
            familiarities.append(HeldOutText(float(row[place]), name, characters, document))
    counts = together(parts)
    return VarietyFit(
        VarietyIdentifier(counts),
        counts,
        confusable,
        calibrate("language_identified: margin", margins, rate / LINES, fitted_on=fitted_on),
        calibrate("language_identified: familiarity", familiarities, rate / LINES, fitted_on=fitted_on),
        fit_digest(texts, rate),
    )


@dataclass(frozen=True)
class _HeldOut:
    scores: Floats
    about: list[tuple[int, int, str]]
    """The variety's place, the text's length, its document."""
    confusion: npt.NDArray[np.float64]


def _held_out(
    parts: Sequence[VarietyCounts], lots: Sequence[Mapping[str, Sequence[VarietyText]]], lot: int
) -> _HeldOut:
    """Score the texts of one lot by what was learned from the others."""
    identifier = VarietyIdentifier(together([part for number, part in enumerate(parts) if number != lot]))
    about: list[tuple[int, int, str]] = []
    pieces: list[str] = []
    whole: list[bool] = []
    for place, some in enumerate(lots[lot].values()):
        for length in LENGTHS:
            for one, text in cut_texts(some, length):
                about.append((place, len(text), one.document))
                pieces.append(text)
                whole.append(length == LENGTHS[2])
    scores = identifier.scores(pieces)
    size = len(identifier.languages)
    confusion = np.zeros((size, size))
    places = np.array([place for place, _, _ in about], dtype=np.int64)[whole]
    np.add.at(confusion, (places, scores[whole].argmax(axis=1) if len(places) else places), 1)
    return _HeldOut(scores, about, confusion)


def cut_texts(texts: Sequence[VarietyText], length: int, most: int = MOST) -> Iterable[tuple[VarietyText, str]]:
    """Yield each text at about this length: cut where a word ends, or with the next of its document.

    Args:
        texts: sentences of one variety, document after document.
        length: in characters.
        most: roughly how many are yielded, spread evenly over the texts.
    """
    step = max(1, len(texts) // most)
    for number, one in enumerate(texts):
        if number % step:
            continue
        text, after = one.text, number + 1
        while len(text) < length and after < len(texts) and texts[after].document == one.document:
            text, after = f"{text}\n{texts[after].text}", after + 1
        if len(text) > length:
            text = text[:length].rpartition(" ")[0] or text[:length]
        if text.strip():
            yield one, text


def _margin(scores: Floats, place: int, outside: npt.NDArray[np.bool_]) -> float:
    """Return the evidence for a variety against the best one outside its set; NaN if there is none."""
    return float(scores[place] - scores[outside].max()) if outside.any() else float("nan")


def confusable_sets(languages: Sequence[str], confusion: npt.NDArray[np.float64]) -> dict[str, frozenset[str]]:
    """Return, for each variety in a set, the whole set: grown from the pair most confused, up to `LARGEST_SET`.

    Args:
        languages: the varieties.
        confusion: how many texts of a variety (lines) were read as each (columns).
    """
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    mutual = (shares + shares.T) / 2
    pairs = [(one, other) for one in range(len(languages)) for other in range(one)]
    found: dict[int, frozenset[int]] = {}
    for one, other in sorted(pairs, key=lambda pair: (-mutual[pair], pair)):
        if mutual[one, other] < MUTUAL:
            break
        both = found.get(one, frozenset({one})) | found.get(other, frozenset({other}))
        if len(both) <= LARGEST_SET:
            found.update(dict.fromkeys(both, both))
    return {languages[one]: frozenset(languages[other] for other in some) for one, some in found.items()}


def enough(texts_by_language: Mapping[str, int]) -> bool:
    """Return whether any variety has as many texts as a line needs."""
    return len(texts_by_language) > 1 and max(texts_by_language.values(), default=0) >= LEAST_TEXTS
