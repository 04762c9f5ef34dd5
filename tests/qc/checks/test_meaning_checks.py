"""A language is made up here: every source word has a word in it, and sentences run the other way round."""

import random
from functools import cache

import numpy as np
import pandas as pd
import pytest

from qc.checks.meaning_checks import MEANING_SUITE, option_meaning, options_swapped, usual_length
from qc.translation_models.meaning.meaning_model import MeaningModel, Rates, order_margin, pseudo_items, size_of
from qc.translation_models.meaning.parallel_cuts import ParallelText, parallel_cuts, pieces

ALPHABETS = {
    "arb_Arab": ("بتجدرسشعفقكلمنه", " ", "،"),
    "hin_Deva": (["कि", "गा", "तु", "ने", "मो", "रे", "ली", "सा", "हु", "जी"], " ", ","),
    "tha_Thai": (["กา", "นี", "ปู", "เม", "รา", "ลี", "สู", "มา", "ตี", "ดู"], "", ","),
}
RATES = Rates(options_swapped=0.005, option_meaning=0.005, usual_length=0.005)


@cache
def _vocabulary(code):
    draw = random.Random(code)
    signs = ALPHABETS[code][0]
    letters = "bcdfgklmnprstvz"
    own = sorted(
        {
            "".join(draw.choice(letters) + draw.choice("aeiou") for _ in range(draw.randint(2, 4)))
            for _ in range(90)
        }
    )
    least = 6 // len(signs[0]) - 1
    other: list[str] = []
    while len(other) < len(own):
        word = "".join(draw.choice(signs) for _ in range(draw.randint(least, least + 1)))
        if word not in other:
            other.append(word)
    return dict(zip(own, other, strict=True))


def _rendered(code, text):
    _, space, comma = ALPHABETS[code]
    known = _vocabulary(code)
    return f"{comma} ".join(
        space.join(known[word] for word in reversed(part.split())) for part in text.split(", ")
    )


def _sentences(code, count=320):
    draw = random.Random(1)
    own = list(_vocabulary(code))
    made = []
    for number in range(count):
        text = ", ".join(" ".join(draw.sample(own, 5)) for _ in range(2))
        made.append(ParallelText(text, _rendered(code, text), f"d{number // 4}"))
    return made


@pytest.fixture(scope="module")
def meanings():
    return {code: MeaningModel(code, _sentences(code), rates=RATES) for code in ALPHABETS}


@pytest.fixture(scope="module")
def sources():
    def drawn(code):
        draw = random.Random(7)
        return [" ".join(draw.sample(list(_vocabulary(code)), 5)) for _ in range(4)]

    return drawn


def _line(code, source, target, **more):
    question = source[0] + ", " + source[1]
    return {
        "language": code, "kind": "draft", "passage_id": "new", "question": _rendered(code, question),
        "answers": target, "source_question": question, "source_answers": source, "key": 2, **more,
    }  # fmt: skip


def _table(items, code, source, target, **more):
    return items(_line(code, source, target, **more))


def _only(found):
    flag = found["flagged"].iloc[0]
    return None if pd.isna(flag) else bool(flag)


def test_sound_translations_pass_but_for_as_many_as_the_rates_allow(meanings, items):
    flagged = {check.name: [] for check in MEANING_SUITE}
    for code in ALPHABETS:
        draw = random.Random(7)
        own = list(_vocabulary(code))
        sound = [[" ".join(draw.sample(own, 5)) for _ in range(4)] for _ in range(100)]
        table = items(
            *(
                _line(code, texts, [_rendered(code, text) for text in texts], passage_id=f"d{number % 80}")
                for number, texts in enumerate(sound)  # about passages that other folds have seen
            )
        )
        for check in MEANING_SUITE:
            flagged[check.name] += check(table, meanings=meanings)["flagged"].dropna().tolist()
    allowed = {
        "options_swapped": RATES.options_swapped, "option_meaning": 4 * RATES.option_meaning,
        "usual_length": 5 * RATES.usual_length,
    }  # fmt: skip
    for name, rate in allowed.items():
        assert len(flagged[name]) >= 290  # some options are of a length with too few correct texts
        assert np.mean(flagged[name]) <= 1.5 * rate, name  # nine of 300 where six are allowed


@pytest.mark.parametrize("code", ALPHABETS)
def test_swapped_options_are_named_and_the_key_among_them(code, meanings, items, sources):
    source = sources(code)
    right = [_rendered(code, text) for text in source]
    found = options_swapped(
        _table(items, code, source, [right[2], right[1], right[0], right[3]]), meanings=meanings
    )
    assert found["reason"].tolist() == ["options 1, 3 look out of order"]
    assert [(span.part, span.reason) for span in found["spans"].iloc[0]] == [
        ("option_1", "fits the source's option 3"),
        ("option_3", "fits the source's option 1"),
    ]
    (swapped,) = found["score"]
    (stands,) = options_swapped(_table(items, code, source, right), meanings=meanings)["score"]
    assert swapped < 0.5 < stands, "the score says which order fits better"
    with_key = _table(items, code, source, [right[1], right[0], right[2], right[3]])
    assert options_swapped(with_key, meanings=meanings)["reason"].tolist() == [
        "options 1, 2 look out of order; the key is among them"
    ]


@pytest.mark.parametrize("code", ALPHABETS)
def test_an_option_of_another_item_is_found(code, meanings, items, sources):
    source = sources(code)
    target = [_rendered(code, text) for text in source]
    used = set(" ".join(source).split())
    target[2] = _rendered(code, " ".join([word for word in _vocabulary(code) if word not in used][:5]))
    found = option_meaning(_table(items, code, source, target), meanings=meanings)
    assert _only(found) is True
    assert [span.part for span in found["spans"].iloc[0]] == ["option_3"]


def test_a_text_far_too_long_or_short_is_found(meanings, items, sources):
    source = sources("arb_Arab")
    target = [_rendered("arb_Arab", text) for text in source]
    target[0], target[3] = " ".join(target), target[3][:6]
    found = usual_length(_table(items, "arb_Arab", source, target), meanings=meanings)
    assert "option_4" in [span.part for span in found["spans"].iloc[0]]
    assert "option 4 is unusually short for its source" in found["reason"].iloc[0]


@pytest.mark.parametrize("learned", [{}, None])
def test_nothing_is_judged_without_a_model(items, sources, learned):
    source = sources("arb_Arab")
    table = _table(items, "arb_Arab", source, [_rendered("arb_Arab", text) for text in source])
    for check in (options_swapped, option_meaning, usual_length):  # and negation_kept, where something is negated
        found = check(table, meanings=learned)
        assert _only(found) is None
        assert found["reason"].tolist() == ["nothing was learned about arb_Arab; a reader must judge it"]


def test_nothing_is_judged_at_lengths_without_correct_texts(meanings, items, sources):
    source = [" ".join([text] * 12) for text in sources("arb_Arab")]
    table = _table(items, "arb_Arab", source, [_rendered("arb_Arab", text) for text in source])
    assert [_only(check(table, meanings=meanings)) for check in MEANING_SUITE] == [None, None, None, False]


def test_a_source_item_has_nothing_to_compare(items, meanings):
    for check in MEANING_SUITE:
        found = check(items({}), meanings=meanings)
        assert (_only(found), found["applicable"].tolist()) == (False, [False])


def test_equal_options_are_not_out_of_order(meanings, items, sources):
    source = sources("arb_Arab")
    source[1] = source[0]
    table = _table(items, "arb_Arab", source, [_rendered("arb_Arab", text) for text in source])
    assert _only(options_swapped(table, meanings=meanings)) is False


def test_a_text_is_judged_by_a_fold_that_did_not_see_its_document():
    sentences = _sentences("arb_Arab")
    once = [ParallelText(f"{one.source} qqqq", f"{one.target} طططط", "d0") for one in sentences[:4]]
    model = MeaningModel("arb_Arab", [*once, *sentences[4:]], rates=RATES, folds=2)

    def told_apart(document):
        right, wrong = (model.scores(["qqqq"], [text], document)[0, 0] for text in ("طططط", "ظظظظ"))
        return right - wrong

    assert told_apart("d0") == 0
    assert any(told_apart(f"d{number}") > 1 for number in range(1, 12))


def test_most_fitting_order():
    scores = np.array([[0.0, 5, 0], [5, 0, 0], [0, 0, 1.0]])
    assert order_margin(scores) == (10.0, (1, 0, 2))
    assert order_margin(np.eye(8))[0] == -2.0  # many options: swaps of two only


def test_pieces_that_render_each_other_are_kept():
    sentences = _sentences("arb_Arab")
    cuts = parallel_cuts(sentences)
    right = {(one.source, one.target) for one in cuts if _rendered("arb_Arab", one.source) == one.target}
    assert len(cuts) > len(sentences)
    assert len(right) >= 0.98 * len({(one.source, one.target) for one in cuts})
    turned = [
        ParallelText(one.source, "، ".join(reversed(one.target.split("، "))), one.document) for one in sentences
    ]
    assert len(parallel_cuts(turned)) < 0.1 * len(cuts)


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("في عام ١٬٩٦٩، غادر القارب.", ["في عام ١٬٩٦٩", "غادر القارب"]),
        ("小船在七点离开，没有人。", ["小船在七点离开", "没有人"]),
        ("नाव सात बजे निकली। कोई नहीं था।", ["नाव सात बजे निकली", "कोई नहीं था"]),
        ("တံတား၊ လှေ။", ["တံတား", "လှေ"]),
        ("…", []),
    ],
)
def test_pieces_in_any_script(text, cut):
    assert pieces(text) == cut


def test_items_are_made_of_one_document_as_far_as_it_goes():
    texts = [ParallelText(f"text {n}", f"{n}", f"d{n // 4}") for n in range(16)]
    for item in pseudo_items(texts, 4, 2):
        assert len({texts[place].document for place in item}) == 1
    assert size_of("one two three") == 1
