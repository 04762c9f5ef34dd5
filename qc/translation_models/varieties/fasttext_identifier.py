"""Language identification by a fastText model in a local file, such as GlotLID's or OpenLID's.

Such a model knows more languages than a campaign's passages teach, and web text besides. Its labels are read in
whatever form they have: `__label__eng_Latn`, codes of ISO 639-3 or 639-1, macrolanguages. A label that stands for
several varieties speaks for all of them; one that stands for none that the program knows is unknown, and never
counts for a pass. What the model's word is worth in a language is told by the campaign's passages, as for ours:
how much more likely than any other the right label is on correct texts.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from math import log
from pathlib import Path
from typing import Any

from data.errors import UsageError
from data.languages import languages
from qc.translation_models.calibration import Calibration, HeldOutText, calibrate
from qc.translation_models.varieties.variety_fit import LENGTHS, LOTS, MOST, VarietyText, cut_texts

OPTION = "--lid-model"

VERSION = 2
"""A number that rises with every change that may change a score."""

_LEAST = 1e-9  # a probability below which differences say nothing
_TWO_LETTERS = (
    "af:afr ak:aka am:amh ar:ara as:asm ay:aym az:aze ba:bak be:bel bg:bul bm:bam bn:ben bo:bod bs:bos "
    "ca:cat cs:ces cy:cym da:dan de:deu dz:dzo ee:ewe el:ell en:eng eo:epo es:spa et:est eu:eus fa:fas "
    "fi:fin fj:fij fo:fao fr:fra ga:gle gd:gla gl:glg gn:grn gu:guj ha:hau he:heb hi:hin hr:hrv ht:hat "
    "hu:hun hy:hye id:ind ig:ibo is:isl it:ita ja:jpn jv:jav ka:kat kg:kon ki:kik kk:kaz km:khm kn:kan "
    "ko:kor ks:kas ku:kur ky:kir lb:ltz lg:lug li:lim ln:lin lo:lao lt:lit lv:lav mg:mlg mi:mri mk:mkd "
    "ml:mal mn:mon mr:mar ms:msa mt:mlt my:mya nb:nob ne:nep nl:nld nn:nno no:nor ny:nya oc:oci om:orm "
    "or:ori pa:pan pl:pol ps:pus pt:por qu:que rn:run ro:ron ru:rus rw:kin sa:san sc:srd sd:snd sg:sag "
    "sh:hbs si:sin sk:slk sl:slv sm:smo sn:sna so:som sq:sqi sr:srp ss:ssw st:sot su:sun sv:swe sw:swa "
    "ta:tam te:tel tg:tgk th:tha ti:tir tk:tuk tl:tgl tn:tsn tr:tur ts:tso tt:tat tw:twi ug:uig uk:ukr "
    "ur:urd uz:uzb vi:vie wo:wol xh:xho yi:yid yo:yor zh:zho zu:zul "
)
_ISO_639_1 = dict(pair.split(":") for pair in _TWO_LETTERS.split())
_MEMBERS = {
    "ara": "arb acm acq aeb ajp apc ars ary arz", "aze": "azj azb", "aym": "ayr", "aka": "aka twi", "cmn": "zho",
    "din": "dik", "ekk": "est", "fas": "pes prs", "fil": "tgl", "ful": "fuv", "gug": "grn", "hbs": "bos hrv srp",
    "kau": "knc", "kur": "kmr ckb", "lav": "lvs", "mlg": "plt", "mon": "khk", "msa": "zsm ind", "nep": "npi",
    "nor": "nob nno", "ori": "ory", "orm": "gaz", "pus": "pbt", "que": "quy", "sqi": "als", "swa": "swh",
    "uzb": "uzn", "yid": "ydd", "zho": "zho",
}  # fmt: skip
_SCRIPTS = {"Hani": ("Hans", "Hant"), "Kore": ("Hang",), "Cn": ("Hans",), "Tw": ("Hant",), "Hk": ("Hant",)}


@cache
def codes_of(label: str) -> frozenset[str]:
    """Return the codes of the varieties that a label stands for; none for an unknown one.

    >>> sorted(codes_of("__label__swh_Latn")), sorted(codes_of("__label__zh")), sorted(codes_of("xx"))
    (['swh_Latn'], ['zho_Hans', 'zho_Hant'], [])
    >>> sorted(codes_of("__label__cmn_Hani")) == sorted(codes_of("zh")), sorted(codes_of("__label__no"))
    (True, ['nno_Latn', 'nob_Latn'])
    """
    first, *rest = re.split(r"[_-]", label.removeprefix("__label__"))
    own = _ISO_639_1.get(first.lower(), first.lower())
    wanted = {own, *_MEMBERS.get(own, "").split()}
    scripts = {one for part in rest for one in _SCRIPTS.get(part.capitalize(), (part.capitalize(),))}
    found = set()
    for code, known in languages().items():
        names = {one.partition("_")[0] for one in (code, *known.aliases)}
        if names & wanted and (not scripts or known.script in scripts or code[4:8] in scripts):
            found.add(code)
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class LabelReading:
    """What a model takes a text for.

    Attributes:
        score: log of how much more likely the expected variety is than any that may not be taken for it; NaN where
            the model has no label for the expected one.
        label: the likeliest label, without its mark.
        known: whether that label stands for varieties that the program knows.
    """

    score: float
    label: str
    known: bool


class FastTextIdentifier:
    """A fastText model.

    Args:
        file: the model, `.bin` or `.ftz`.

    Attributes:
        digest: of the file, in hexadecimal.

    Raises:
        UsageError: it cannot be read, its labels are no languages, or no package for fastText is installed.
    """

    def __init__(self, file: str) -> None:
        self.digest = file_digest(file)
        if find_spec("fasttext") is None:
            raise UsageError(f"{OPTION}: fastText is not installed; run: pip install 'belebele-maker[fasttext]'")
        import fasttext

        try:
            self._model: Any = fasttext.load_model(str(file))
        except (ValueError, RuntimeError, MemoryError) as error:  # raised for a file of another format
            raise UsageError(f"{OPTION} {file}: fastText cannot open it: {error}") from error
        try:
            self._model.predict("a")
        except (ValueError, RuntimeError) as error:  # word vectors without labels
            raise UsageError(f"{OPTION} {file}: it labels no texts: {error}") from error
        labels, _ = self._model.predict("a", k=-1, threshold=-1.0)
        self.languages = frozenset().union(*map(codes_of, labels))
        if not self.languages:
            raise UsageError(
                f"{OPTION} {file}: none of its labels ({labels[0]}, …) is a language that is known here"
            )

    def read(self, text: str, language: str, alike: frozenset[str]) -> LabelReading:
        """Read a text that should be in a language.

        Args:
            text: the text.
            language: the code that it should have.
            alike: the codes that may be taken for it, itself among them.
        """
        labels, chances = self._model.predict(" ".join(text.split()), k=-1, threshold=-1.0)
        own = other = 0.0
        for label, chance in zip(labels, map(float, chances), strict=True):
            if codes_of(label) & alike:
                own += chance
            else:
                other = max(other, chance)
        best = labels[0] if labels else ""
        score = log(max(own, _LEAST)) - log(max(other, _LEAST)) if language in self.languages else float("nan")
        return LabelReading(score, best.removeprefix("__label__"), bool(best) and bool(codes_of(best)))


def file_digest(file: str) -> str:
    """Return the SHA-256 of a model's file.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        with Path(file).open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise UsageError(f"{OPTION} {file}: {error.strerror}; give a fastText model's file") from error


@dataclass(frozen=True)
class CalibratedIdentifier:
    """A model with its lines.

    Attributes:
        model: the model.
        confusable: for each variety in a set, all varieties of the set, as our own identification found them.
        lines: by language.
    """

    model: FastTextIdentifier
    confusable: Mapping[str, frozenset[str]]
    lines: Mapping[str, Calibration]

    def alike(self, language: str) -> frozenset[str]:
        """Return the varieties that may be taken for one."""
        return self.confusable.get(language, frozenset()) | {language}

    def flags(self, text: str, language: str) -> tuple[bool | None, LabelReading]:
        """Return whether a text is doubted, None if that cannot be told, and what it was taken for."""
        reading = self.model.read(text, language, self.alike(language))
        line = self.lines.get(language)
        threshold = None if line is None else line.threshold(language, len(text))
        if threshold is None or not reading.known or reading.score != reading.score:
            return None, reading
        return reading.score < threshold and reading.score < 0, reading


def drawn(
    model: FastTextIdentifier,
    language: str,
    texts: Iterable[VarietyText],
    alike: frozenset[str],
    rate: float,
) -> Calibration:
    """Draw a language's lines from its passages.

    Args:
        model: the model, which is taken not to have learned these texts by heart.
        language: the language.
        texts: its sentences, document after document.
        alike: the varieties that may be taken for it.
        rate: the share of correct texts that may be flagged.
    """
    some: Sequence[VarietyText] = sorted(texts, key=lambda one: one.document)
    documents = len({one.document for one in some})
    held_out = [
        HeldOutText(model.read(text, language, alike).score, language, len(text), one.document)
        for length in (LENGTHS if language in model.languages else ())
        for one, text in cut_texts(some, length, LOTS * MOST)
    ]
    said = f"{len(some)} sentences of {documents} documents"
    return calibrate("fasttext_identified", held_out, rate, fitted_on=said)
