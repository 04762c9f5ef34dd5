"""The description of a release: everything that its card, its data sheet and its metadata can say, in one record.

A release is described once: counts are computed from its items, facts come from its campaign, and every file that
describes it is made from this record alone. `manifest.json` holds the record, so whoever has only the folder can
make every description anew. Belebele's own README counted its languages by hand and miscounted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal, Self, get_args

from data.release.canary import canary
from data.release.evidence_file import ItemEvidence
from data.release.versions.errata import Erratum, WithdrawnItem, errata_in, withdrawn_in

FORMAT = "belebele-release/2"
"""Part of every manifest; distinguishes a release of ours from any other folder."""

Split = Literal["test", "dev"]

SPLITS: tuple[Split, ...] = get_args(Split)


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
class Attribution:
    """A work that a release is made of, as its licence wants it named."""

    name: str
    licence: str
    url: str


@dataclass(frozen=True)
class Agreement:
    """How far people agreed at one stage, beyond chance.

    Attributes:
        stage: of the work.
        measure: the coefficient's name.
        value: the coefficient.
        low: the lower end of its 95 % interval; None where it cannot be told.
        high: the upper end.
    """

    stage: str
    measure: str
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class ReleasedPromptWords:
    """The words around an item in one language of a release.

    Attributes:
        language: its code.
        revision: of the words; 0 where nobody has translated them.
        words: text by the names of `data.prompt_words.PromptWords`.
        english: whether they stand in English because nobody has translated them.
    """

    language: str
    revision: int
    words: Mapping[str, str]
    english: bool


@dataclass(frozen=True)
class KeyEvidenceCounts:
    """How many translated items of a language have which evidence of their keys, by level."""

    language: str
    levels: Mapping[str, int]


@dataclass(frozen=True)
class AuditCertificate:
    """What an audit of the test split says, or why the release goes out without a certificate.

    Attributes:
        certified: whether no class of models that was tried exceeds chance and the margin.
        reason: why there is no certificate, in the lead's words; "" where none is needed or given.
        sentence: the audit's verdict in a sentence; "" without an audit.
        excluded: what the audit excludes, a sentence each.
        left_open: what it does not exclude.
        margin: how far from chance a certified class may be.
        attempt: the number of the audit among those of this set; each weakens what a certificate says.
        report_sha256: of the audit's report.json.
    """

    certified: bool
    reason: str = ""
    sentence: str = ""
    excluded: tuple[str, ...] = ()
    left_open: tuple[str, ...] = ()
    margin: float | None = None
    attempt: int | None = None
    report_sha256: str | None = None


@dataclass(frozen=True)
class WeakLanguage:
    """A language of which a weakness is known, and what it is."""

    language: str
    weakness: str


@dataclass(frozen=True)
class About:
    """What a campaign knows of its release; nothing in it depends on when or where the release is made.

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
        hub: the data set's id on the Hugging Face Hub, "owner/name"; None before it has one.
        attributions: the works that the passages come from.
        agreement: how far people agreed.
        prompt_words: the words around items, by language; empty where there are none.
        certificate: what an audit says of the test split, or why there is none; None where nothing is said.
        weak_languages: languages with a known weakness.
        native_languages: number of people at work by the codes of the languages that they grew up with.
        no_training_wish: whether the makers ask that nobody trains on the data.
        errata: what was wrong in earlier versions and was corrected.
        withdrawn: the items that earlier versions have and this one has no more.
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
    hub: str | None = None
    attributions: Sequence[Attribution] = ()
    agreement: Sequence[Agreement] = ()
    prompt_words: Sequence[ReleasedPromptWords] = ()
    certificate: AuditCertificate | None = None
    weak_languages: Sequence[WeakLanguage] = ()
    native_languages: Mapping[str, int] = field(default_factory=dict)
    no_training_wish: bool = False
    errata: Sequence[Erratum] = ()
    withdrawn: Sequence[WithdrawnItem] = ()


@dataclass(frozen=True)
class SplitCounts:
    """How much of one language a split holds; lengths are means in characters.

    Attributes:
        items: number of items.
        passages: number of passages.
        passage_length: of a passage.
        question_length: of a question.
        answer_length: of an answer.
    """

    items: int
    passages: int
    passage_length: float
    question_length: float
    answer_length: float


@dataclass(frozen=True)
class ReleasedLanguage:
    """One language of a release, named in every way that the field names languages.

    Attributes:
        code: FLORES-200's code.
        name: in English.
        bcp47: its BCP 47 tag; None for a code that is not in our table.
        iso639_3: its ISO 639-3 code; None as above.
        script: its ISO 15924 code; "" as above.
        glottocode: Glottolog's code of the variety; None as above.
        family: the family that reports group it by; "" as above.
        direction: of its script.
        splits: what each split holds of it, by the split's name.
    """

    code: str
    name: str
    bcp47: str | None
    iso639_3: str | None
    script: str
    glottocode: str | None
    family: str
    direction: str
    splits: Mapping[str, SplitCounts]


@dataclass(frozen=True)
class PendingLanguage:
    """A language of the campaign that is not in this release, and how many items it lacks."""

    code: str
    name: str
    missing: int


@dataclass(frozen=True)
class ReleasedSplit:
    """A split of a release, the same in every language.

    Attributes:
        name: `test` or `dev`.
        items: number of items in each language.
        passages: number of passages.
        correct_answers: how often each place, "1" to "4", holds the correct answer.
    """

    name: str
    items: int
    passages: int
    correct_answers: Mapping[str, int]


@dataclass(frozen=True)
class File:
    """One file of a release."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class ReleaseDescription:
    """A release as it is described.

    Attributes:
        hub: the data set's id on the Hugging Face Hub; None before it has one.
        title: what the release is called.
        version: three numbers.
        date: the release's date, as in every item (YYYY-MM-DD).
        licence: SPDX identifier of the data's licence.
        attributions: the works that the passages come from.
        homepage: where readers learn more; "" for nowhere.
        source_language: code of the language that the questions were written in.
        languages: every language, in the order of codes.
        splits: every split that has items; `test` first.
        pending: the languages that are not in this release.
        prompt_words: the words around items, by language; empty where there are none.
        policies: how it was made, one sentence each.
        checks: signatures of the checks that judged the items.
        guidelines: the stages whose guidelines lie in `guidelines/`.
        people: number of people by stage.
        agreement: how far people agreed.
        certificate: what an audit says of the test split, or why there is none; None where nothing is said.
        key_evidence: what is known of the keys of translated items, by language.
        quality: what proofreaders found in drafts, by language.
        weak_languages: languages with a known weakness.
        native_languages: number of people at work by the codes of the languages that they grew up with; fewer than
            five are merged into `other`, or left out.
        no_training_wish: whether the makers ask that nobody trains on the data. A request: the licence of what
            they built on may forbid further terms.
        files: the files by path. In `manifest.json` every file but itself and SHA256SUMS; while descriptions are
            made, those that hold data and guidelines.
        made_with: versions of the programs that wrote it.
        errata: what was wrong in earlier versions and was corrected. `manifest.json` has this and the next only
            where there are any.
        withdrawn: the items that earlier versions have and this one has no more.
    """

    hub: str | None
    title: str
    version: str
    date: str
    licence: str
    attributions: tuple[Attribution, ...]
    homepage: str
    source_language: str
    languages: tuple[ReleasedLanguage, ...]
    splits: tuple[ReleasedSplit, ...]
    pending: tuple[PendingLanguage, ...]
    prompt_words: tuple[ReleasedPromptWords, ...]
    policies: tuple[str, ...]
    checks: tuple[str, ...]
    guidelines: tuple[str, ...]
    people: Mapping[str, int]
    agreement: tuple[Agreement, ...]
    certificate: AuditCertificate | None
    key_evidence: tuple[KeyEvidenceCounts, ...]
    quality: tuple[DraftQuality, ...]
    weak_languages: tuple[WeakLanguage, ...]
    native_languages: Mapping[str, int]
    no_training_wish: bool
    files: Mapping[str, File]
    made_with: Mapping[str, str]
    errata: tuple[Erratum, ...] = ()
    withdrawn: tuple[WithdrawnItem, ...] = ()

    @property
    def dev(self) -> ReleasedSplit | None:
        """The development split; None for a release without one."""
        return next((one for one in self.splits if one.name == "dev"), None)

    @property
    def canary(self) -> str:
        """The line by which a copy of the release is known (`data.release.canary`)."""
        return canary(self.hub or self.title)

    @property
    def names(self) -> dict[str, str]:
        """English names by code, of released and of pending languages."""
        released = {one.code: one.name for one in self.languages}
        return released | {one.code: one.name for one in self.pending}

    def items(self) -> int:
        """Return the number of items in all languages and splits."""
        return len(self.languages) * sum(one.items for one in self.splits)

    def to_json(self) -> str:
        """Return the record as `manifest.json` holds it: JSON with sorted keys, indented by two spaces."""
        facts = asdict(self)
        languages = {one.pop("code"): one for one in facts.pop("languages")}
        splits = {one.pop("name"): one for one in facts.pop("splits")}
        for name in ("errata", "withdrawn"):
            if not facts[name]:
                del facts[name]
        counts = {"languages": len(languages), "items": self.items()}
        content = {"format": FORMAT, "counts": counts, "languages": languages, "splits": splits, **facts}
        return json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote.

        Raises:
            ValueError: the text is no description of this format.
        """
        content = json.loads(text)
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise ValueError(f"no description in the format {FORMAT}")
        try:
            return cls(**_read(content))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"no description in the format {FORMAT}: {error}") from None


def _read(content: Mapping[str, Any]) -> dict[str, Any]:
    plain = (
        "hub", "title", "version", "date", "licence", "homepage", "source_language", "people",
        "made_with", "native_languages", "no_training_wish",
    )  # fmt: skip
    languages = (
        ReleasedLanguage(
            code=code,
            splits={name: SplitCounts(**counts) for name, counts in facts["splits"].items()},
            **{name: value for name, value in facts.items() if name != "splits"},
        )
        for code, facts in sorted(content["languages"].items())
    )
    order = {name: place for place, name in enumerate(SPLITS)}
    splits = sorted(content["splits"].items(), key=lambda one: order[one[0]])
    return {
        **{name: content[name] for name in plain},
        "languages": tuple(languages),
        "splits": tuple(ReleasedSplit(name=name, **facts) for name, facts in splits),
        **{name: tuple(content[name]) for name in ("policies", "checks", "guidelines")},
        "attributions": tuple(Attribution(**one) for one in content["attributions"]),
        "pending": tuple(PendingLanguage(**one) for one in content["pending"]),
        "prompt_words": tuple(ReleasedPromptWords(**one) for one in content["prompt_words"]),
        "agreement": tuple(Agreement(**one) for one in content["agreement"]),
        "key_evidence": tuple(KeyEvidenceCounts(**one) for one in content["key_evidence"]),
        "quality": tuple(
            DraftQuality(**{**one, "error_score": tuple(one["error_score"])}) for one in content["quality"]
        ),
        "weak_languages": tuple(WeakLanguage(**one) for one in content["weak_languages"]),
        "certificate": _certificate(content["certificate"]),
        "errata": errata_in(content),
        "withdrawn": withdrawn_in(content),
        "files": {path: File(**facts) for path, facts in content["files"].items()},
    }


def _certificate(facts: Mapping[str, Any] | None) -> AuditCertificate | None:
    if facts is None:
        return None
    lists = {name: tuple(facts[name]) for name in ("excluded", "left_open")}
    return AuditCertificate(**{**facts, **lists})
