"""A run of every check of a profile over a set: the findings with their places, and the coverage of each check.

The campaign's checks run unchanged on the set's items, in the form that they expect. Verdicts are corrected here
only for what the checks cannot know: that a set has labels in place of questions, that a language is not named, or
that items may have any number of options.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

import pandas as pd

from data.dealt_languages import EachLanguage, one_after_another
from data.itemsets import FaultKind, SetFault
from qc.check import Check, Span, Suite
from qc.check_run import Parameters
from qc.checks.structure_checks import duplicate_question, four_options, key_in_range
from qc.lint.finding import LEVELS, Coverage, Covered, Finding, Level, Profile, place_order
from qc.lint.learned_resources import LEARNED_SUITE, Learned
from qc.lint.profiles import (
    NEED_LANGUAGE,
    READ_QUESTION,
    level_of_check,
    level_of_finding,
    parameters_of,
    suite_of,
)
from qc.lint.set_items import labelled, lint_items, usual_options
from qc.lint.text_findings import LanguageParts, judged_by_language, text_findings
from qc.set_statistics.expected_flags import FalseAlarms, measured

_LAYOUT = str.maketrans("\n\r\t", "   ")
"""Separators of paragraphs and turns of dialogue, as spaces: a set's passage, unlike a source's, may have them."""

LanguageJudge = Callable[[Mapping[str, pd.DataFrame]], Iterable[tuple[str, Mapping[str, pd.DataFrame]]]]
"""Judges the items of each language by `LEARNED_SUITE`, and gives by language the findings of each check."""

LintListener = Callable[[str, int, int], None]
"""A listener that is told which check runs, how many are done, and how many there are."""

_TWINS: Mapping[FaultKind, Check] = {
    "no_options": four_options, "option_count": four_options, "empty_option": four_options,
    "no_answer": key_in_range, "answer_is_no_option": key_in_range, "answer_is_two_options": key_in_range,
}  # fmt: skip
"""The faults found by the reader of the files, each with the check that would repeat it in less detail."""


@dataclass(frozen=True)
class LintResult:
    """The result of a lint of a set.

    Attributes:
        items: as `qc.lint.set_items.lint_items` makes them.
        findings: faults and cases that could not be judged, by place in the files.
        covered: how many items were judged, by check and language.
        suite: the checks that ran.
        levels: the levels of checks by name, including those of the files' reader.
        usual: the number of options that items have; 0 if it differs.
        labels: whether labels stand in place of questions.
        source_language: as the set calls it; "" if the user named none.
        profile: the profile that was asked for.
        false_alarms: the share of correct items that a check flags, by check and language, where it is known.
    """

    items: pd.DataFrame
    findings: tuple[Finding, ...]
    covered: Covered
    suite: Suite
    levels: Mapping[str, Level]
    usual: int
    labels: bool
    source_language: str
    profile: Profile
    false_alarms: Mapping[tuple[str, str], FalseAlarms]

    @property
    def flagged(self) -> tuple[Finding, ...]:
        """The faults, without the cases that could not be judged."""
        return tuple(one for one in self.findings if one.flagged)

    @property
    def gaps(self) -> int:
        """The number of cases that a check could not judge."""
        return sum(one.unjudged for languages in self.covered.values() for one in languages.values())


def lint(
    items: pd.DataFrame,
    faults: Sequence[SetFault] = (),
    *,
    profile: Profile = "any",
    source_language: str = "",
    digits: tuple[str, ...] = (),
    learned: Learned | None = None,
    by_language: LanguageJudge | None = None,
    each_language: EachLanguage = one_after_another,
    tell: LintListener = lambda _words, _done, _of: None,
) -> LintResult:
    """Judge a set.

    Args:
        items: as `data.itemsets.read_set` gives them.
        faults: the faults that the reader of the files found.
        profile: `any` for anybody's set, `campaign` to add the campaign's own rules.
        source_language: as the set calls it; "" if it is unknown, and then nothing is compared with a source.
        digits: languages and systems of digits in turn, as `declared_digits` takes them.
        learned: what learned checks judge by; without it they do not judge, or are left out.
        by_language: judges by what was learned about each language, in place of this process.
        each_language: judges the languages by the other checks of their texts, in place of this process.
        tell: is told of progress.
    """
    table = lint_items(items, source_language)
    suite = suite_of(profile, digits=bool(digits), learned=learned.suite if learned else ())
    usual = usual_options(table) if len(table) else 0
    labels = labelled(table) if len(table) else False
    desk = _Desk(table, labels, usual if profile == "any" else 4, faults, learned, by_language)
    parameters = parameters_of(profile, usual, digits)
    by_text = desk.apart(suite)
    if len(table):
        tell("texts", 0, len(suite))
        desk.judge_texts(by_text, parameters, each_language)
    rest = [check for check in suite if check not in by_text]
    for done, check in enumerate(rest if len(table) else (), len(by_text)):
        tell(check.name, done, len(suite))
        desk.judge(check, parameters)
    levels: dict[str, Level] = {check.name: level_of_check(check) for check in suite}
    found = [*map(_of_reading, faults), *desk.findings]
    return LintResult(
        table,
        tuple(sorted(found, key=_order)),
        desk.covered,
        suite,
        {**dict.fromkeys((fault.kind for fault in faults), "error"), **levels},
        usual,
        desk.labels,
        source_language,
        profile,
        _false_alarms(suite, table, learned),
    )


def _false_alarms(
    suite: Suite, table: pd.DataFrame, learned: Learned | None
) -> Mapping[tuple[str, str], FalseAlarms]:
    """Return what is known, by check and language as the set calls it."""
    found = {}
    for called, code in dict(zip(table["called"], table["language"], strict=True)).items():
        for check in suite:
            known = learned.false_alarms(check.name, code) if learned else None
            if (known := known or measured(check.name)) is not None:
                found[check.name, str(called)] = known
    return found


def _of_reading(fault: SetFault) -> Finding:
    part = "item" if fault.part == "answer" else fault.part
    return Finding(
        item_id=fault.item_id or None,
        language=fault.language,
        check=fault.kind,
        version=0,
        part=part if fault.item_id else None,
        start=None,
        end=None,
        level="error",
        flagged=True,
        score=0.0,
        reason=fault.what,
        fix=None,
        place=fault.place,
        text=fault.what,
    )


def _order(one: Finding) -> tuple[object, ...]:
    where = place_order(one.place), one.item_id or "", one.language
    return (*where, LEVELS.index(one.level), one.check, one.part or "", one.start or 0, one.reason)


def _here(
    learned: Learned | None, parts: Mapping[str, pd.DataFrame]
) -> Iterator[tuple[str, Mapping[str, pd.DataFrame]]]:
    for called, part in parts.items():
        yield called, (learned or Learned({}, {})).findings(part)


class _Desk:
    """A desk that runs checks one after the other and turns their verdicts into findings."""

    def __init__(
        self, table: pd.DataFrame, labels: bool, usual: int, faults: Sequence[SetFault], learned: Learned | None,
        by_language: LanguageJudge | None,
    ) -> None:  # fmt: skip
        self._learned = learned
        self._judge_languages = by_language or partial(_here, learned)
        self._by_what_was_learned: dict[str, Mapping[str, pd.DataFrame]] = {}
        self._told = {(_TWINS[one.kind].name, one.item_id, one.language) for one in faults if one.kind in _TWINS}
        self.labels = labels
        self.findings: list[Finding] = []
        self.covered: dict[str, dict[str, Coverage]] = {}
        self._table = table
        self._unlabelled = table.assign(question="")
        self._usual = usual
        self._lines: list[dict[str, Any]] = table.to_dict("records")  # type: ignore[assignment]
        self._places: dict[str, dict[str, str]] = defaultdict(dict)
        for line in self._lines:
            self._places[line["question_id"]].setdefault(line["kind"], line["place"])
        self._called = sorted({str(one) for one in table["called"]})

    def apart(self, suite: Suite) -> Suite:
        """Return the checks of a suite that judge language by language; coverage is told in the suite's order."""
        resources = self._learned.resources if self._learned else {}
        if len(self._table):
            self.covered = {one.name: {called: Coverage() for called in self._called} for one in suite}
        return tuple(
            one for one in suite
            if judged_by_language(one, resources) and (one is not four_options or self._usual)
        )  # fmt: skip

    def judge_texts(self, checks: Suite, parameters: Parameters, each_language: EachLanguage) -> None:
        """Run checks language by language."""
        parts = LanguageParts(self._table)
        work = partial(text_findings, frozenset(one.name for one in checks), parameters, self.labels)
        for code, found in each_language(work, parts, len(self._table)):
            lines = [self._lines[row] for row in parts.rows[code]]
            for check in checks:
                self._items(check, found[check.name], lines, self.covered[check.name])

    def judge(self, check: Check, parameters: Parameters) -> None:
        """Run one check."""
        covered = self.covered[check.name]
        resources = self._learned.resources if self._learned else {}
        bound = check.bind(parameters.get(check.name, {}))
        bound |= {name: resources.get(name) for name in check.resources}
        if check is four_options and not self._usual:
            self._by_count(check, covered)
        elif check.scope == "item":
            table = self._unlabelled if self.labels and check.name in READ_QUESTION else self._table
            if check in LEARNED_SUITE:
                self._by_language(check, table, covered)
            else:
                self._items(check, check(table, **bound), self._lines, covered)
        elif check.scope == "passage":
            self._passages(check, bound, covered)
        else:
            self._others(check, check(self._table, **bound), covered)

    def _by_language(self, check: Check, table: pd.DataFrame, covered: dict[str, Coverage]) -> None:
        """Judge language by language, since what is learned about all of them does not fit into memory."""
        rows_of = {str(called): rows for called, rows in table.groupby("called").indices.items()}
        if not self._by_what_was_learned:
            parts = {called: table.iloc[rows].reset_index(drop=True) for called, rows in rows_of.items()}
            self._by_what_was_learned = dict(self._judge_languages(parts))
        for called, rows in rows_of.items():
            found = self._by_what_was_learned[called][check.name]
            self._items(check, found, [self._lines[row] for row in rows], covered)

    def _by_count(self, check: Check, covered: dict[str, Coverage]) -> None:
        """Judge each item by its own number of options, since there is no usual number to compare it with."""
        for count, rows in self._table.groupby(self._table["answers"].map(len)).indices.items():
            part = self._table.iloc[rows]
            self._items(check, check(part, count=int(str(count))), [self._lines[row] for row in rows], covered)

    def _items(
        self, check: Check, found: pd.DataFrame, lines: Sequence[dict[str, Any]], covered: dict[str, Coverage]
    ) -> None:
        spans = found["spans"] if "spans" in found else [()] * len(found)
        applicable = found["applicable"] if "applicable" in found else [True] * len(found)
        columns = zip(lines, found["flagged"], found["score"], found["reason"], spans, applicable, strict=True)
        for line, flag, score, reason, places, fits in columns:
            self._verdict(check, line, flag, score, reason, places, fits, covered[line["called"]])

    def _verdict(
        self, check: Check, line: dict[str, Any], flag: Any, score: float, reason: str,
        places: Sequence[Span], applicable: bool, count: Coverage,
    ) -> None:  # fmt: skip
        flagged = None if flag is pd.NA else bool(flag)
        if self.labels and flagged and check is four_options:  # in a set with labels no question is asked
            places = [span for span in places if span.part != "question"]
            flagged, reason = bool(places), "; ".join(span.reason for span in places)
        if check is duplicate_question and flagged and score == 0:  # its options are the same: `doubled_item`
            flagged = False
        if check.name in NEED_LANGUAGE and not line["language"]:
            flagged, places, reason = None, (), "it is not known which language this is; say --language"
        count.add(flagged, applicable=applicable)
        told = (check.name, line["question_id"], line["called"]) in self._told
        if applicable and flagged is not False and not told:
            self._tell(check, line, flagged, score, reason, places)

    def _tell(
        self, check: Check, line: dict[str, Any], flagged: bool | None, score: float, reason: str,
        places: Sequence[Span],
    ) -> None:  # fmt: skip
        for span in places if flagged and places else [None]:
            part = span.part if span else "item"
            self.findings.append(
                Finding(
                    item_id=line["question_id"], language=line["called"], check=check.name, version=check.version,
                    part=part, start=span.start if span else None, end=span.end if span else None,
                    level=level_of_finding(check, line, span, score), flagged=flagged,
                    score=None if math.isnan(score) or flagged is None else score,
                    reason=span.reason if span else reason, fix=span.fix if span else None,
                    place=line["place"], text=text_of(line, part),
                )
            )  # fmt: skip

    def _passages(self, check: Check, bound: Mapping[str, object], covered: dict[str, Coverage]) -> None:
        first: dict[tuple[str, str], dict[str, Any]] = {}
        for line in self._lines:
            if line["passage"].strip():
                first.setdefault((line["passage_id"], line["called"]), line)
        for called in self._called:
            own = [line for (_, code), line in first.items() if code == called]
            if not own:
                covered[called].not_applicable += len({line["passage_id"] for line in self._lines})
                continue
            table = pd.DataFrame(
                {
                    "passage_id": [line["question_id"] for line in own],
                    "language": [line["language"] for line in own],
                    "text": [line["passage"].translate(_LAYOUT) for line in own],
                }
            )
            found = check(table, **bound)
            spans = found["spans"] if "spans" in found else [()] * len(found)
            told = {
                name: (flag, score, reason, places or (Span("passage", reason),))
                for name, flag, score, reason, places in zip(
                    found["subject"], found["flagged"], found["score"], found["reason"], spans, strict=True
                )
            }
            for line in own:
                verdict = told.get(line["question_id"], (False, 1.0, "", ()))
                self._verdict(check, line, *verdict, True, covered[called])

    def _others(self, check: Check, found: pd.DataFrame, covered: dict[str, Coverage]) -> None:
        """Add findings about one language, two languages or the whole set, and about missing items."""
        judged: dict[str, int] = defaultdict(int)
        for subject, called, flag, score, reason in zip(
            *(found[name] for name in ("subject", "language", "flagged", "score", "reason")), strict=True
        ):
            flagged = None if flag is pd.NA else bool(flag)
            of = called.split("+") if check.scope == "pair" else [called] if called else self._called
            for one in of:
                judged[one] += 1
                covered[one].add(flagged)
            if flagged is not False:
                item = subject if check.scope == "language" else None
                self.findings.append(
                    Finding(
                        item_id=item or None, language=called, check=check.name, version=check.version,
                        part="item" if item else None, start=None, end=None, level=level_of_check(check),
                        flagged=flagged, score=None if math.isnan(score) or flagged is None else score,
                        reason=reason, fix=None, place=self._nearest(item) if item else "", text="",
                    )
                )  # fmt: skip
        for called in self._called:
            if not judged[called]:
                covered[called].add(None, applicable=False)

    def _nearest(self, item: str) -> str:
        """Return the place of the item in another language, in the source language if there is one."""
        places = self._places.get(item, {})
        return places.get("source") or next(iter(places.values()), "")


def text_of(line: Mapping[str, Any], part: str) -> str:
    """Return the text of a part of an item; for the whole item, all its texts.

    Args:
        line: a line of the items that `qc.lint.set_items.lint_items` makes.
        part: as `qc.lint.finding.Finding` names it.
    """
    if part.startswith("option_"):
        number = int(part.removeprefix("option_"))
        return str(line["answers"][number - 1]) if number <= len(line["answers"]) else ""
    if part in ("passage", "question"):
        return str(line[part])
    return "\n".join(chain([line["passage"], line["question"]], line["answers"], map(str, line["keys"])))
