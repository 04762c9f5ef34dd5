"""The profiles of lint: the checks that each runs, their parameters, and the levels of their findings.

A finding is an error if the check can be sure of it, a warning if a trained model makes it, and otherwise a note.
If a check is sure of some findings only (two equal options, but not two that differ in a sign), the place of the
fault decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data.languages import script_share
from qc.check import Check, Span, Suite
from qc.check_run import Parameters
from qc.checks.completeness_checks import cut_short, doubled_words
from qc.checks.foreign_letter_checks import mixed_script, source_words_left
from qc.checks.identification_checks import fasttext_identified
from qc.checks.punctuation_checks import end_marks, unpaired_brackets, unpaired_quotes
from qc.checks.rendering_checks import one_rendering, reused_rendering, text_of_another_item
from qc.checks.source_checks import passage_characters, passage_quotes, passage_script
from qc.checks.structure_checks import (
    STRUCTURE_SUITE,
    all_of_the_above,
    contained_option,
    distinct_options,
    duplicate_question,
)
from qc.checks.translation_checks import (
    TRANSLATED_TEXT_SUITE,
    TRANSLATION_SUITE,
    edit_rates,
    language_identified,
    numbers_kept,
    untranslated,
)
from qc.checks.wording_checks import length_bounds, reads_like_question, wrong_script
from qc.lint.finding import Level, Profile
from qc.lint.language_checks import LANGUAGE_SUITE, copied_language, passage_length
from qc.lint.learned_resources import LEARNED_SUITE
from qc.lint.option_likeness import level_of
from qc.lint.set_checks import SET_SUITE, declared_digits, key_positions, passage_spaces, question_again
from qc.lint.variety_checks import near_variety
from qc.text.text_folding import fold, script_of

FOREIGN = 0.2
"""A question or passage with a smaller share of letters in its language's script is surely in another language."""

HOUSE_RULES: Suite = (reads_like_question, length_bounds, duplicate_question, all_of_the_above)
"""Rules that a campaign sets its authors, and that other sets have not promised to keep."""

PASSAGE_SUITE: Suite = (passage_characters, passage_script, passage_quotes)

LEARNED = frozenset({language_identified.name, fasttext_identified.name})

JUDGEMENTS = frozenset(
    {
        contained_option.name,
        numbers_kept.name,
        cut_short.name,
        end_marks.name,
        doubled_words.name,
        source_words_left.name,
        reused_rendering.name,
        one_rendering.name,
        text_of_another_item.name,
        unpaired_brackets.name,
        unpaired_quotes.name,
        passage_length.name,
        passage_spaces.name,
        copied_language.name,
        near_variety.name,
        key_positions.name,
        length_bounds.name,
        reads_like_question.name,
        all_of_the_above.name,
        *(check.name for check in LEARNED_SUITE),
    }
)
"""Checks whose flags a person should look at, since the text may be right."""

NEED_LANGUAGE = frozenset(
    {
        wrong_script.name,
        mixed_script.name,
        passage_script.name,
        language_identified.name,
        fasttext_identified.name,
        reads_like_question.name,
        length_bounds.name,
        all_of_the_above.name,
    }
)
"""Checks that cannot judge a text in an unknown language."""


READ_QUESTION = (
    NEED_LANGUAGE
    | {untranslated.name, numbers_kept.name, duplicate_question.name, question_again.name}
    | {check.name for check in (*TRANSLATED_TEXT_SUITE, *LEARNED_SUITE)}
)
"""Checks that read the question as a text: a label in its place is not shown to them."""


def suite_of(profile: Profile, *, digits: bool = False, learned: Suite = ()) -> Suite:
    """Return the checks of a profile, in the order in which reports list them.

    Args:
        profile: `any` leaves out the house rules; of questions that are asked twice it notes the versions.
        digits: whether systems of digits were declared.
        learned: the checks that have something to judge by, as `qc.lint.learned_resources` tells.
    """
    every = (*STRUCTURE_SUITE, *TRANSLATION_SUITE, *learned)
    own = tuple(one for one in every if one is not edit_rates)
    kept = tuple(one for one in own if profile == "campaign" or one not in HOUSE_RULES)
    of_set = tuple(one for one in SET_SUITE if profile == "any" or one is not question_again)
    return (*kept, *((declared_digits,) if digits else ()), *PASSAGE_SUITE, *of_set, *LANGUAGE_SUITE, near_variety)


def level_of_check(check: Check) -> Level:
    """Return the level of a check's findings, unless the place of the fault changes it."""
    return "warning" if check.name in LEARNED else "note" if check.name in JUDGEMENTS else "error"


def level_of_finding(check: Check, item: Mapping[str, Any], span: Span | None, score: float) -> Level:
    """Return the level of one finding.

    Args:
        check: the check that made it.
        item: the item's line, as `qc.lint.set_items.lint_items` makes it.
        span: the place of the fault.
        score: the verdict's score.
    """
    part = span.part if span else "item"
    if check is distinct_options:
        same: dict[str, list[int]] = {}
        for place, text in enumerate(item["answers"]):
            same.setdefault("".join(fold(text).split()), []).append(place)
        return level_of(item["answers"], [group for group in same.values() if len(group) > 1])
    if check in (duplicate_question, question_again) and score > 0:  # many sets ask twice on purpose
        return "note"
    if check is untranslated and part != "question":  # names, units and formulas stay as they are
        return "note"
    if check in (wrong_script, passage_script):  # a Chinese question may hold a long name in Latin letters
        text = item[part] if part in ("question", "passage") else ""
        return "error" if script_share(text, script_of(item["language"])) < FOREIGN else "note"
    return level_of_check(check)


def parameters_of(profile: Profile, usual: int, digits: tuple[str, ...]) -> Parameters:
    """Return the parameters that replace the checks' defaults for a set.

    Args:
        profile: under `campaign` an item has four options.
        usual: the number of options that the set's items have; 0 if it differs.
        digits: languages and systems in turn, as `declared_digits` takes them.
    """
    found: dict[str, Mapping[str, object]] = {}
    if profile == "any" and usual:
        found["four_options"] = {"count": usual}
    if digits:
        found[declared_digits.name] = {"systems": digits}
    return found
