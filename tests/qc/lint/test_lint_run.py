"""What a lint makes of sets that are not like a campaign's, and what it sees between languages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from data.itemsets import SetFault
from qc.lint.key_positions import position_test
from qc.lint.lint_run import LintResult, lint

LONG = "The boat left the old harbour at seven in the morning, and nobody stood on the pier to see it go away {}."


def items(*lines: dict[str, Any]) -> pd.DataFrame:
    """Items that are right but for what is given, one after the other."""
    made = []
    for number, line in enumerate(lines):
        plain = {
            "item_id": f"i{number}",
            "language": "eng_Latn",
            "passage": LONG.format(number),
            "question": f"When did boat {number} leave the harbour?",
            "options": [f"{word} it was {number}" for word in ("dawn", "noon", "night", "never")],
            "key": number % 4,
            "place": f"a.jsonl, line {number + 1}",
        }
        made.append({**plain, **line})
    frame = pd.DataFrame(made)
    return frame.assign(
        group=frame["item_id"], keys=pd.Series([[key] if key >= 0 else [] for key in frame["key"]], dtype=object)
    )


def told(done: LintResult) -> list[tuple[str, str, str | None, str]]:
    return [(one.check, one.level, one.item_id, one.language) for one in done.flagged]


def test_labels_in_place_of_questions_are_not_read_as_text() -> None:
    xcopa = [
        {"item_id": f"i{n}", "language": code, "question": ("cause", "effect")[n % 2],
         "options": [f"{word} {n}", f"{word}{word} {n}"], "key": n % 2}
        for code, word in (("ita_Latn", "primo"), ("tam_Taml", "முதல்"))
        for n in range(40)
    ]  # fmt: skip
    done = lint(items(*xcopa), source_language="ita_Latn")
    assert done.labels
    assert done.usual == 2
    assert [one for one in told(done) if one[0] in ("wrong_script", "untranslated", "four_options")] == []


def test_a_set_without_a_usual_number_of_options_is_held_against_none() -> None:
    done = lint(items(*({"options": [f"{n} {m}" for m in range(2 + n % 3)], "key": 0} for n in range(12))))
    assert done.usual == 0
    assert [one for one in told(done) if one[0] == "four_options"] == []


def test_languages_may_be_judged_apart_and_in_any_order() -> None:
    """Also those that have no code, which are one part, and those that the set calls by two names of one."""
    lines = [
        {"language": called, "question": f"When did boat {n % 3} leave?  ", "options": ["dawn", "dawn", str(n)]}
        for called in ("eng_Latn", "English", "Klingon", "Na'vi", "swh_Latn")
        for n in range(4)
    ]
    asked: list[str] = []

    def backwards(work: Any, parts: Any, amount: int) -> Any:
        asked.extend(parts)
        assert amount == len(lines)
        yield from [(code, work(part)) for code, part in [*parts.items()][::-1]]

    here, apart = lint(items(*lines)), lint(items(*lines), each_language=backwards)
    assert asked == sorted({"eng_Latn", "", "swh_Latn"})
    assert here.findings == apart.findings
    assert len(here.flagged) > len(lines)
    assert here.covered == apart.covered


def test_a_campaigns_rules_are_its_own() -> None:
    plain = items({"question": "The boat left at"}, {}, {})
    assert told(lint(plain)) == []
    assert [one[0] for one in told(lint(plain, profile="campaign"))] == ["reads_like_question"]


def test_a_language_that_nobody_names_is_not_judged_by_its_script() -> None:
    done = lint(items({"language": ""}, {"language": ""}))
    for name in ("wrong_script", "language_identified", "passage_script"):
        assert (done.covered[name][""].judged, done.covered[name][""].unjudged) == (0, 2)
    assert {one.reason for one in done.findings if one.check == "wrong_script"} == {
        "it is not known which language this is; say --language"
    }


def test_the_same_question_with_other_options_is_noted_once_and_with_the_same_a_doubled_item() -> None:
    one = {"passage": LONG.format(0), "question": "When?"}
    first = {**one, "options": ["at dawn", "at noon", "at night", "never"], "key": 3}
    turned = {**one, "options": ["Never", "at night", "at noon", "at dawn"], "key": 3}
    version = {**one, "options": ["at dawn", "at noon", "at night", "in May"], "key": 3}
    (doubled,) = lint(items(first, one, turned)).flagged  # the second shares no option, so it is another item
    assert (doubled.check, doubled.level, doubled.item_id) == ("doubled_item", "error", "i2")
    assert doubled.reason == "is the item i0 once more, with another key"
    (again,) = lint(items(first, version)).flagged
    assert (again.check, again.level, again.item_id, again.score) == ("question_again", "note", "i1", 0.25)
    assert again.reason == "asks the same as i0, with 3 of 4 options the same"
    (again,) = lint(items({**first, "key": 0}, version)).flagged
    assert (again.level, again.score) == ("error", 0)
    assert again.reason.endswith("; what is right in one of them is wrong in the other")
    strict = lint(items(first, version), profile="campaign").flagged
    assert {(one.check, one.item_id) for one in strict if one.part == "question"} >= {
        ("duplicate_question", "i0"), ("duplicate_question", "i1")
    }  # fmt: skip
    assert "question_again" not in {one.check for one in strict}


def test_none_of_the_above_is_no_option_that_two_versions_of_a_question_share() -> None:
    one = {"passage": LONG.format(0), "question": "When?", "key": 0}
    plain = {**one, "options": ["at noon", "at night", "at dawn", "None of the above."]}
    other = {**one, "options": ["in May", "in June", "in July", "None of the above"], "key": 3}
    assert told(lint(items(plain, other))) == []


def test_doubled_spaces_in_a_passage_are_noted_once_and_layout_is_not() -> None:
    bad = {"passage": "The boat  left at seven. Nobody was there. "}
    found = lint(items(bad, bad)).flagged
    assert [(one.check, one.level, one.item_id, one.start, one.end, one.fix) for one in found] == [
        ("passage_spaces", "note", "i0", 8, 10, None),
        ("passage_spaces", "note", "i0", 42, 43, None),
    ]
    good = {"passage": "Mara: When?\n\n   Ivo: At seven.  Or “eight.”  No.\n\tMara:\tWell.\n"}
    assert told(lint(items(good))) == []


def test_what_the_reader_said_is_not_said_again() -> None:
    fault = SetFault(
        "a.jsonl, line 1", "i0", "eng_Latn", "answer", "answer_is_no_option", "the answer 9 names none"
    )
    done = lint(items({"key": -1}, {}), [fault])
    assert told(done) == [("answer_is_no_option", "error", "i0", "eng_Latn")]
    assert done.covered["key_in_range"]["eng_Latn"].flagged == 1


def test_keys_that_stand_in_one_place_are_noted_and_balanced_ones_are_not() -> None:
    first = lint(items(*({"key": 0} for _ in range(40))))
    assert [one for one in told(first) if one[0] == "key_positions"] == [
        ("key_positions", "note", None, "eng_Latn")
    ]
    assert told(lint(items(*({} for _ in range(40))))) == []
    few = lint(items(*({"key": 0} for _ in range(8))))
    assert few.covered["key_positions"]["eng_Latn"].unjudged == 1


def test_keys_by_lot_are_rarely_taken_for_uneven() -> None:
    lot = np.random.default_rng(5)
    p = [position_test((lot.integers(0, 4, 60) + 1).tolist(), [4] * 60, 500, seed) for seed in range(200)]
    assert sum(one <= 0.05 for one in p) <= 19  # of 200, at .05: 10, and 99.8 % of the time at most 19


BOATS = {"eng_Latn": "boat", "deu_Latn": "boot", "fra_Latn": "bateau", "ita_Latn": "barca"}


def parallel(*changes: dict[str, Any]) -> pd.DataFrame:
    """Six items in four languages; `changes` name `language`, `row` and what differs there."""
    lines = [
        {"item_id": f"i{n}", "language": code, "key": n % 4, "place": f"{code}.jsonl, line {n + 1}",
         "passage": f"{word} " * 30 + f"{n}00{n}.", "question": f"{word} {n}?",
         "options": [f"{word} {10 * n + m}" for m in range(4)]}
        for code, word in BOATS.items()
        for n in range(6)
    ]  # fmt: skip
    for change in changes:
        (at,) = [
            n for n, line in enumerate(lines)
            if (line["language"], line["item_id"]) == (change["language"], f"i{change['row']}")
        ]  # fmt: skip
        lines[at] |= {name: value for name, value in change.items() if name != "row"}
    return items(*lines)


def between(done: LintResult) -> set[tuple[str, str | None, str]]:
    names = {
        "missing_item",
        "key_differs",
        "moved_options",
        "passage_of_another",
        "borrowed_sentence",
        "copied_language",
    }
    return {(check, item, language) for check, _, item, language in told(done) if check in names}


def test_languages_that_agree_show_nothing_between_them() -> None:
    assert between(lint(parallel())) == set()
    assert between(lint(parallel(), source_language="eng_Latn")) == set()


def test_a_key_that_differs_is_told_of_the_language_that_stands_alone() -> None:
    done = lint(parallel({"language": "deu_Latn", "row": 2, "key": 3}))
    assert between(done) == {("key_differs", "i2", "deu_Latn")}


def test_the_source_is_right_whatever_the_others_say() -> None:
    change = [{"language": code, "row": 2, "key": 3} for code in ("deu_Latn", "fra_Latn", "ita_Latn")]
    done = lint(parallel(*change), source_language="eng_Latn")
    assert between(done) == {("key_differs", "i2", one["language"]) for one in change}
    assert between(lint(parallel(*change))) == {("key_differs", "i2", "eng_Latn")}


def test_options_that_changed_places_are_seen_by_their_numbers() -> None:
    turned = {"language": "fra_Latn", "row": 1, "options": ["bateau 11", "bateau 10", "bateau 12", "bateau 13"]}
    wrong = lint(parallel(turned))
    assert between(wrong) == {("moved_options", "i1", "fra_Latn")}
    right = lint(parallel({**turned, "key": 0}))
    (found,) = [one for one in right.flagged if one.check == "moved_options"]
    assert found.reason.endswith("and the key went with them")
    assert ("key_differs", "i1", "fra_Latn") not in between(right)


def test_a_passage_of_another_item_is_told_of_the_item_that_took_it() -> None:
    taken = {"language": "ita_Latn", "row": 4, "passage": "barca " * 30 + "1001."}
    assert between(lint(parallel(taken))) == {("passage_of_another", "i4", "ita_Latn")}


def test_a_language_that_is_a_copy_of_another_is_told_as_a_pair() -> None:
    lines = parallel()
    english = lines[lines["language"] == "eng_Latn"].reset_index(drop=True)
    copy = english.assign(language="por_Latn", place=[f"por.jsonl, line {n + 1}" for n in range(6)])
    done = lint(pd.concat([lines, copy], ignore_index=True))
    assert between(done) == {("copied_language", None, "eng_Latn+por_Latn")}
