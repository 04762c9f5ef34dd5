"""Two close varieties are made up here: the second changes some letters of the first's words."""

import random

import pandas as pd
import pytest

from qc.lint.set_items import lint_items
from qc.lint.variety_checks import near_variety

SIGNS = {
    "Arab": ("بتجدرسشعفقكلمنه", {"ت": "ط", "ج": "چ", "ر": "غ", "ل": "ن"}, "acm_Arab", "arb_Arab"),
    "Deva": (
        ["कि", "गा", "तु", "ने", "मो", "रे", "ली", "सा", "हु", "जी"],
        {"कि": "खि", "मो": "बो", "सा": "हा"}, "awa_Deva", "hin_Deva",
    ),
    "Latn": ("abdefgiklmnorst", {"a": "o", "k": "g", "t": "d", "s": "z"}, "bos_Latn", "hrv_Latn"),
}  # fmt: skip


def _text(draw, signs, words):
    return " ".join("".join(draw.choice(signs) for _ in range(draw.randint(3, 7))) for _ in range(words))


def _other(text, changes):
    for one, into in changes.items():
        text = text.replace(one, into)
    return text


def _set(script, copied=0.0, alike=False, count=24):
    """A set in two varieties, of which the first has this share of its items from the second."""
    signs, changes, mine, theirs = SIGNS[script]
    draw = random.Random(0)
    lines = []
    for number in range(count):
        passage, question = _text(draw, signs, 40), _text(draw, signs, 10)
        options = [_text(draw, signs, 3) for _ in range(4)]
        for code in (mine, theirs):
            changed = code == mine
            kept = changed and (alike or number < copied * count)
            turned = [_other(one, changes) if changed and not kept else one for one in [question, *options]]
            lines.append(
                {
                    "item_id": f"i{number}", "language": code, "place": f"{code}.jsonl, line {number + 1}",
                    "passage": _other(passage, changes) if changed and not alike else passage,
                    "question": turned[0], "options": turned[1:], "key": number % 4,
                }
            )  # fmt: skip
    return lint_items(pd.DataFrame(lines), "")


@pytest.mark.parametrize("script", SIGNS)
def test_a_variety_whose_items_are_the_standards_is_told(script):
    *_, mine, theirs = SIGNS[script]
    line = near_variety(_set(script, copied=1.0)).iloc[0]
    assert line["subject"] == f"{mine}+{theirs}" and line["flagged"]
    assert f"of those of {mine} read like {theirs}" in line["reason"]
    assert near_variety(_set(script, copied=0.6)).iloc[0]["flagged"]


@pytest.mark.parametrize("script", SIGNS)
def test_close_varieties_that_were_translated_apart_pass(script):
    assert list(near_variety(_set(script))["flagged"]) == [False]


def test_what_cannot_be_told_is_not_judged():
    found = near_variety(_set("Arab", alike=True))
    assert found["flagged"].isna().all() and "as good as copies" in found["reason"].iloc[0]
    assert near_variety(_set("Arab", copied=1.0, count=8)).empty  # too few items
    assert near_variety(_set("Arab", copied=1.0).assign(passage="")).empty  # nothing to hold them against
