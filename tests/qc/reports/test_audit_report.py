"""The report of an audit: what it says, that it says the same twice, and that nothing in an item can spoil it."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from jsonschema import Draft202012Validator
from statsmodels.stats.proportion import proportion_confint

from qc.audit.audit_result import (
    Across,
    Audit,
    Certificate,
    Effect,
    Explained,
    LanguageFacts,
    LayerFound,
    ModelClass,
    Parameters,
    SensitivityPoint,
    SetFacts,
    Solver,
    SolversFound,
)
from qc.reports.audit_report import contents, document, page, parquet, schema, terminal, written
from qc.reports.audit_report.audit_document import _histogram
from qc.reports.audit_report.audit_findings import findings, groups
from qc.reports.audit_report.audit_page import DRAWN, _shade
from qc.reports.report_page import ReportPage
from qc.reports.tables_and_figures.html_forms import tag
from qc.set_statistics.cue_kinds import CueName

RUBBISH = '<script>alert("1")</script> & $x^2$ {{ 7 * 7 }}'
TEXTS = {
    "eng_Latn": ("What did she find in the garden?", ["A coin from 1887", "A cat", "A hat", "None of the above"]),
    "arb_Arab": ("ماذا وجدت في الحديقة؟", ["عملة من عام 1887", "قطة", "قبعة", "لا شيء مما سبق"]),
    "tha_Thai": ("เธอพบอะไรในสวน", ["เหรียญจากปี 1887", "แมว", "หมวก", "ไม่มีข้อใดถูก"]),
}


CLASSES = {"heuristics": "named heuristics", "learners": "kernel ranker"}


def effect(name: str, language: str, accuracy: float | None, z: float, **more: Any) -> Effect:
    found = abs(z) > 4
    told: dict[str, Any] = {
        "layer": "heuristics",
        "kind": CueName.read(name).kind,
        "name": name,
        "statistic": "accuracy",
        "language": language,
        "says": f"the correct option is the {name.replace('_', ' ')}",
        "n": 900,
        "accuracy": accuracy,
        "chance": 0.25,
        "low": None if accuracy is None else accuracy - 0.03,
        "high": None if accuracy is None else accuracy + 0.03,
        "upper": None if accuracy is None else accuracy + 0.025,
        "size": None,
        "z": z,
        "p": 0.001 if found else 0.4,
        "adjusted": 0.001 if found else 0.7,
        "tested": True,
        "detected": found,
        "certified": None if accuracy is None else accuracy + 0.025 <= 0.3,
        "quantiles": (0.215, 0.222, 0.24, 0.25, 0.26, 0.278, 0.285),
        "examples": ("item-1", "item-0") if found else (),
    }
    return Effect(**(told | more))


def _of_language(language: str, strong: bool) -> list[Effect]:
    z = 6.0 if strong else 1.1
    rules = ["longest", "shortest", "most_like_passage", "most_like_question", "only_number", "none_of_above"]
    made = [effect(rules[0], language, 0.31 if strong else 0.262, z)]
    made += [effect(name, language, 0.25 + 0.004 * i, 0.3 * i) for i, name in enumerate(rules[1:])]
    paired = {"statistic": "difference", "size": 0.136, "size_low": 0.07, "size_high": 0.202}
    made.append(effect("longest", language, None, z - 0.5, says="it is longer", **paired))
    made.append(effect("position", language, None, 0.4, statistic="balance"))
    made.append(effect("brackets", language, 0.25, 0.0, quantiles=(0.25,) * 7))
    token: dict[str, Any] = {"layer": "tokens", "statistic": "competency", "quantiles": ()}
    token |= {"count": 40, "expected": 10.0}
    made.append(
        effect("token:never/never again", language, None, -z, keys=1, says="“never” is seldom correct", **token)
    )
    made.append(effect(f"token:{RUBBISH}", language, None, 2.0, keys=15, says="“x” is often correct", **token))
    learner: dict[str, Any] = {"layer": "learners"}
    learner["says"] = "a linear ranker that sees a part picks the correct option more often than chance"
    made.append(effect("options", language, 0.33 if strong else 0.26, z + 1, **learner))
    made.append(effect("question+options", language, 0.27, 1.4, **learner))
    made.append(effect("full", language, 0.41, 12.0, **(learner | {"tested": False, "detected": False})))
    return made


def _facts(language: str) -> LanguageFacts:
    cloud = ((1, 0.0, 0.25, 900), (1, 1.0, 0.25, 300), (12, 0.25, 0.25, 6), (40, 0.025, 0.25, 1))
    return LanguageFacts(language, 900, 488, 900, 0.25, {4: 900}, (230, 220, 225, 225), 4, 0.292, cloud)


def _items(languages: list[str]) -> pd.DataFrame:
    lines = []
    for language in languages:
        question, options = TEXTS.get(language, ("Which is it?", ["this", RUBBISH, "that", "neither"]))
        for number in range(4):
            lines.append(
                {
                    "item_id": f"item-{number}",
                    "language": language,
                    "group": f"passage-{number // 2}",
                    "question": question,
                    "options": options,
                    "key": number % 4,
                    "flagged": number < 2,
                    "cue_name": "longest" if number < 2 else "",
                    "cue": "the correct option is the longest" if number < 2 else "",
                    "pvi": 0.9 - 0.5 * number if number < 3 else math.nan,
                }
            )
    return pd.DataFrame(lines).sort_values(["language", "item_id"]).reset_index(drop=True)


def _sensitivity(language: str) -> tuple[SensitivityPoint, ...]:
    points = []
    for kind, words in (("lexical", "a word drawn by lot"), ("stylistic", "the longest option")):
        for layer in ("heuristics", "tokens"):
            for strength in (0.5, 0.75, 1.0):
                for coverage in (0.05, 0.1, 0.2, 0.4):
                    found = round(50 / (1 + math.exp(-30 * (coverage * strength - 0.1)))) / 50
                    low, high = proportion_confint(round(50 * found), 50, method="wilson")
                    accuracy = 0.25 + coverage * (strength - 0.25)
                    points.append(
                        SensitivityPoint(
                            layer, language, kind, words, coverage, strength, accuracy, found, 50, low, high
                        )
                    )
    return tuple(points)


def _certificates(effects: list[Effect]) -> tuple[Certificate, ...]:
    said = "For model class {} accuracy was {:.3f}."
    return tuple(
        Certificate(
            e.layer, CLASSES[e.layer], e.name, e.language, e.accuracy, e.upper, 0.3, e.upper <= 0.3, 0.96,
            said.format(e.name, e.accuracy),
        )
        for e in effects
        if e.accuracy is not None and e.upper is not None and e.name != "full"
    )  # fmt: skip


def example(languages: tuple[str, ...] = ("eng_Latn",), *, strong: bool = True, solvers: bool = False) -> Audit:
    """An audit as it could have been: the longest option, the word “never” and a learner give keys away."""
    effects = [one for language in languages for one in _of_language(language, strong)]
    found = [e for e in effects if e.detected]
    source = languages[0]
    across = [
        Across("heuristics", "longest", "the correct option is the longest", language, source, 900,
               0.31 + 0.02 * i, 0.31, 0.02 * i, 1.2 * i, 0.01, 0.02 if i > 2 else 0.6, i > 2)
        for i, language in enumerate(languages[1:], 1)
    ]  # fmt: skip
    items = _items(list(languages))
    if solvers:
        items = items.assign(
            difficulty=[-1.0, 0.5, 1.0, 2.5] * len(languages),
            suspect_key=[True, False, False, False] * len(languages),
            agree=5, strong=6, instead=2, harder=3.1,
            suspect_translation=[False, True, False, False] * len(languages),
            key_ratio=[2.4, -0.5, None, None] * len(languages),
            key_false=[0.04, 0.4, None, None] * len(languages),
            key_place=pd.array([1, 2, None, None] * len(languages), dtype="Int64"),
        )  # fmt: skip
    return Audit(
        facts=SetFacts("A small set", "ab" * 32, 900 * len(languages), 900, 900, tuple(map(_facts, languages))),
        parameters=Parameters(
            0.05, 0.05, 1000, 0, 10, ("heuristics", "tokens", "learners"),
            {"heuristics": 0.5, "tokens": 0.25, "learners": 0.25}, source if len(languages) > 1 else "", 2, "",
            {"numpy": "2.3", "belebele-maker": "0.1.0"},
        ),
        layers=tuple(
            LayerFound(name, 100, 0.05 * share, 3.9, 1000, True, 0.001, sum(e.layer == name for e in found))
            for name, share in (("heuristics", 0.5), ("tokens", 0.25), ("learners", 0.25))
        ),
        effects=tuple(effects),
        certificates=_certificates(effects),
        sensitivity=_sensitivity(source),
        across=tuple(across),
        solvers=SolversFound(
            tuple(Solver(f"solver {i}", source, 900, 0.9 - 0.1 * i, 2.0 - i) for i in range(3)), "rasch", 1, 1, 2,
            (), ("A dozen solvers do not support a second parameter.",),
        ) if solvers else None,
        items=items,
        notes=("These figures are an example.",),
        classes=tuple(
            ModelClass(name, layer, "found" if strong else "certified", (), 9, (900, 1350),
                       (f"Of {name}, the highest bound: …", "This is attempt 2 to certify this set."),
                       measured=layer != "learners")
            for layer, name in CLASSES.items()
        ),
        explained=(
            Explained("heuristics", "longest", True, 1, True, None),
            Explained("tokens", "token:never/never again", False, 1, False, -0.4),
            Explained("learners", "options", True, 0, False, 5.0),
        ) if strong else (),
        sensitive=("Had keys followed a word drawn by lot in 10\u00a0% of the items, …",),
    )  # fmt: skip


class _Tags(HTMLParser):
    """Notes what is opened and never closed, and what points outside."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.outside: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"meta", "br", "link", "img"}:
            self.open.append(tag)
        for name, value in attrs:
            if name in {"src", "href", "xlink:href"} and value and not value.startswith("#"):
                self.outside.append(value)
            if name == "id" and value:
                self.ids.append(value)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()


def html(told: Any) -> str:
    return page(told).html


@cache
def shown(languages: tuple[str, ...], *, strong: bool = True, solvers: bool = False) -> str:
    """The page of an example; drawing is slow, so each is made once."""
    return reported(languages, strong=strong, solvers=solvers).html


@cache
def reported(languages: tuple[str, ...], *, strong: bool = True, solvers: bool = False) -> ReportPage:
    return page(document(example(languages, strong=strong, solvers=solvers)))


MANY = tuple(f"x{chr(97 + i // 26)}{chr(97 + i % 26)}_Latn" for i in range(122))


@pytest.mark.parametrize("languages", [("eng_Latn",), tuple(TEXTS), ("",), MANY[: DRAWN + 1]])
@pytest.mark.parametrize("strong", [True, False])
def test_document_keeps_its_schema(languages: tuple[str, ...], strong: bool) -> None:
    told = document(example(languages, strong=strong, solvers=strong))
    Draft202012Validator.check_schema(schema())
    assert [error.message for error in Draft202012Validator(schema()).iter_errors(told)] == []
    assert json.loads(written(told)) == told


def test_every_field_of_the_schema_has_a_line() -> None:
    def undescribed(node: Any, path: str) -> list[str]:
        if not isinstance(node, dict):
            return []
        missing = []
        for name, field in node.get("properties", {}).items():
            named = schema()["$defs"].get(field.get("$ref", "").rpartition("/")[2], {})
            if "description" not in field and "description" not in named:
                missing.append(f"{path}.{name}")
            missing += undescribed(field, f"{path}.{name}") + undescribed(field.get("items"), f"{path}.{name}[]")
        return missing

    every = undescribed(schema(), "")
    for name, definition in schema()["$defs"].items():
        every += undescribed(definition, name)
    assert every == []


def test_same_audit_same_bytes() -> None:
    first, second = document(example(tuple(TEXTS))), document(example(tuple(TEXTS)))
    assert written(first) == written(second)
    assert html(first) == shown(tuple(TEXTS))
    assert parquet(example().items) == parquet(example().items)


def test_page_is_made_from_what_report_json_holds() -> None:
    told = document(example(tuple(TEXTS), solvers=True))
    assert html(json.loads(written(told))) == shown(tuple(TEXTS), solvers=True)


def test_last_bits_do_not_reach_the_document() -> None:
    audit = example()
    effects = list(audit.effects)
    effects[0] = replace(effects[0], z=effects[0].z * (1 + 1e-12))
    assert written(document(replace(audit, effects=tuple(effects)))) == written(document(audit))


def test_numbers_that_do_not_exist_are_null() -> None:
    audit = example()
    effects = (replace(audit.effects[0], size=math.nan, upper=math.inf), *audit.effects[1:])
    told = document(replace(audit, effects=effects))["effects"][0]
    assert (told["size"], told["upper"]) == (None, None)


def test_language_without_code_is_und() -> None:
    told = document(example(("",)))
    assert told["facts"]["languages"][0]["language"] == "und"
    assert told["findings"][0]["examples"][0]["language"] == "und"
    assert 'lang=""' in html(told)


@pytest.mark.parametrize("languages", [("eng_Latn",), tuple(TEXTS), MANY])
def test_page_is_whole_and_needs_nothing_else(languages: tuple[str, ...]) -> None:
    tags = _Tags()
    made = shown(languages, solvers=True)
    tags.feed(made)
    assert tags.open == []
    beside = {f"paper/{name}" for name in reported(languages, solvers=True).files()} - {"paper/texts.tex"}
    assert set(tags.outside) == beside, "its links lead to the files beside it, and nowhere else"
    assert len(tags.outside) == len(beside)
    assert "@import" not in made and "url(http" not in made
    assert {"found", "certificate", "cues", "tokens", "learners", "sensitivity", "items", "method"} <= set(
        tags.ids
    )


def test_nothing_in_an_item_can_spoil_the_page() -> None:
    audit = example()
    spoilt = audit.items.assign(question=RUBBISH, options=[[RUBBISH, "b"]] * len(audit.items), key=0)
    made = html(document(replace(audit, items=spoilt)))
    assert RUBBISH not in made
    assert "&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt; &amp; $x^2$ {{ 7 * 7 }}" in made
    assert made.count("<script") == 1  # our own


def test_items_carry_their_language_and_direction() -> None:
    made = html(document(example(("arb_Arab",))))
    assert '<li dir="auto" lang="arb-Arab" class="key">قطة</li>' in made
    assert (tag("zho_Hans"), tag("und")) == ("zho-Hans", "")


def test_findings_put_languages_and_statistics_together() -> None:
    told = findings(example(tuple(TEXTS)).detected)
    longest = next(one for one in told if one.strongest.name == "longest")
    assert longest.languages == sorted(TEXTS)
    assert {one.statistic for one in longest.effects} == {"accuracy", "difference"}
    assert longest.strongest.accuracy == 0.31
    assert [one.strongest.name for one in told] == ["longest", "token:never/never again", "options"]
    assert [(one.group, one.leads) for one in told] == [(1, True), (2, True), (0, False)]


def test_findings_quote_the_items_that_they_name() -> None:
    told = document(example())["findings"]
    longest = next(one for one in told if one["effect"]["name"] == "longest")
    assert [one["item_id"] for one in longest["examples"]] == ["item-1", "item-0"]
    assert longest["examples"][0]["options"][longest["examples"][0]["key"]] == "A cat"


def test_histogram_of_pvi_counts_every_scored_item() -> None:
    told = document(example())["items"]
    bins = told["pvi"]["eng_Latn"]
    assert sum(bins["counts"]) == 3
    assert len(bins["counts"]) <= 40
    assert [one["item_id"] for one in told["given_away"]] == ["item-0", "item-1"]


def test_scores_that_tell_nothing_are_said_and_not_drawn() -> None:
    audit = example()
    made = html(document(replace(audit, items=audit.items.assign(pvi=0.0))))
    assert "the learner gains nothing on any key" in made
    assert "gains nothing on any key" not in shown(("eng_Latn",))


@pytest.mark.parametrize(("scale", "width"), [(0.01, 0.005), (1.0, 0.2), (30.0, 2.0)])
def test_histograms_have_round_bins_and_lose_nothing(scale: float, width: float) -> None:
    values = np.random.default_rng(1).normal(0, scale, 2000)
    bins = _histogram(values.tolist())
    assert bins is not None
    assert np.diff(bins["edges"])[0] == pytest.approx(width)
    assert sum(bins["counts"]) == len(values)
    inner = np.histogram(values, bins["edges"])[0]
    assert bins["counts"][1:-1].tolist() == inner[1:-1].tolist()


def test_suspects_say_what_solvers_chose() -> None:
    told = document(example(solvers=True))["solvers"]
    assert [one["item_id"] for one in told["suspect"]] == ["item-0"]
    assert told["suspect"][0]["says"] == "5 of 6 strong solvers chose option 3"
    assert [one["item_id"] for one in told["differential"]] == ["item-1"]


def test_keys_to_look_at_are_ranked_whether_or_not_any_is_flagged() -> None:
    audit = example(solvers=True)
    calm = replace(audit, items=audit.items.assign(suspect_key=False))
    told = document(calm)
    ranked = told["solvers"]["first"]
    assert not told["solvers"]["suspect"]
    assert [(one["place"], one["item_id"], one["instead"]) for one in ranked] == [
        (1, "item-0", 2),
        (2, "item-1", 2),
    ]
    shown = html(told)
    assert "Keys to look at first" in shown and ">250<" in shown and ">40\u00a0%<" in shown
    assert "probability that" in shown.partition("Keys to look at first")[2].partition("Neither is the ")[2]
    line = next(line for line in terminal(told, "out") if line.startswith("Look at:"))
    assert "2 keys that strong solvers contradict" in line
    assert "among the first 2, 40\u00a0% are expected to be right after all" in line
    assert not any(line.startswith("Look at:") for line in terminal(document(example()), "out"))


def test_an_interval_that_there_is_not_is_not_drawn() -> None:
    """What is found by likelihood alone has no accuracy, nor has an interval at a rate that cannot be bounded."""
    audit = example(("eng_Latn", "fra_Latn"))
    effects = tuple(replace(one, low=None, high=None) for one in audit.effects)
    bare = tuple(replace(one, accuracy=None) for one in effects)
    for changed in (effects, bare):
        assert "– to –" not in html(document(replace(audit, effects=changed)))


def test_an_interval_too_wide_to_tell_is_said_to_be_so() -> None:
    audit = example()
    told = document(replace(audit, effects=tuple(replace(one, low=0.18, high=1.0) for one in audit.effects)))
    made = html(told)
    assert "18.0\u00a0% to 100.0\u00a0%, too few to tell)" in made, "in the text"
    assert "Too few to tell: the interval covers more than half" in made, "below the table"
    assert "too few to tell" not in shown(("eng_Latn",))


def test_verdict_names_what_was_found() -> None:
    verdict = document(example())["verdict"]
    assert verdict["detected"] is True
    assert verdict["sentence"].replace("\xa0", " ") == (
        "A shortcut was found: the correct option is the longest (31.0 % right, chance 25.0 %). A model gets "
        "33.0 % right from options only."
    )
    assert verdict["counts"] == {"named": 1, "tokens": 1, "models": 1, "groups": 1}
    assert verdict["found"][0].replace("\xa0", " ") == (
        "The correct option is the longest: 31.0 % right, chance is 25.0 % (adjusted p = .001). Also seen as: "
        "“never” / “never again” (seldom)."
    )
    assert verdict["found"][1].replace("\xa0", " ") == (
        "1 trained model was found besides; the best, from options only: 33.0 % right, chance is 25.0 % "
        "(adjusted p = .001). The leading cues do not explain all of it: beyond them z = 5.0 (options only)."
    )
    assert len(verdict["found"]) == 2


def test_what_leading_cues_explain_is_said_so() -> None:
    audit = example()
    less = tuple(replace(one, given=1.0) if one.group == 0 else one for one in audit.explained)
    assert document(replace(audit, explained=less))["verdict"]["found"][1].endswith("The leading cues explain it.")
    apart = tuple(
        replace(one, group=2, leads=True, given=-5.5) if one.layer == "tokens" else one for one in audit.explained
    )
    told = document(replace(audit, explained=apart))
    assert told["verdict"]["sentence"].startswith(
        "Two shortcuts were found that do not explain each other; the first"
    )
    assert "given those above, z&nbsp;=&nbsp;−5.5" in html(told)


def test_guises_stand_under_their_leader() -> None:
    audit = example()
    told = groups(findings(audit.detected, audit.explained))
    assert {number: [one.strongest.name for one in of] for number, of in told.items()} == {
        1: ["longest", "token:never/never again"],
        0: ["options"],
    }
    made = html(document(audit))
    assert made.count('<article class="finding">') == 2
    assert "also seen as" in made and "What trained models make of all cues together" in made


def test_paired_tests_show_their_effect_size() -> None:
    made = shown(("eng_Latn",))
    assert '<td class="n">0.14</td><td class="n">0.07 to 0.20</td>' in made
    told = document(example())["effects"]
    pair = next(one for one in told if (one["name"], one["statistic"]) == ("longest", "difference"))
    assert (pair["size"], pair["size_low"], pair["size_high"]) == (0.136, 0.07, 0.202)


def test_sensitivity_has_its_own_section() -> None:
    made = shown(("eng_Latn",))
    section = made[made.index('<h2 id="sensitivity">') : made.index('<h2 id="items">')]
    assert "Had keys followed a word drawn by lot" in section
    assert made.count("Had keys followed a word drawn by lot") == 1
    assert "Not measured: kernel ranker" in section


def test_tests_of_their_own_are_told_besides() -> None:
    found = document(example(("eng_Latn", "deu_Latn", "fra_Latn", "ita_Latn"), solvers=True))["verdict"]["found"]
    assert found[-2].replace("\xa0", " ") == (
        "Translation brought in, against English, in Italian: the correct option is the longest (+6.0 points, "
        "adjusted p = .020)."
    )
    assert found[-1] == "By solvers’ answers: 1 suspect key and 1 suspect translation."


def test_one_shortcut_is_said_as_one() -> None:
    audit = example()
    alone = [e if e.name == "longest" or not e.detected else replace(e, detected=False) for e in audit.effects]
    layers = tuple(replace(one, detected=int(one.name == "heuristics")) for one in audit.layers)
    told = document(replace(audit, effects=tuple(alone), layers=layers))["verdict"]["sentence"]
    assert told.startswith("A shortcut was found: the correct option is the longest (31.0")


def test_nothing_detected_is_never_no_shortcut() -> None:
    certified = example(strong=False)
    bare = replace(certified, certificates=(), classes=())
    failing = replace(
        certified,
        certificates=tuple(replace(one, passed=False) for one in certified.certificates),
        classes=tuple(replace(one, verdict="not certified") for one in certified.classes),
    )
    for audit in (certified, bare, failing):
        told = document(audit)
        words = "\n".join([*terminal(told, "report.html"), html(told)])
        assert "No shortcut was detected at the family-wise level of 5\xa0%" in words
        assert not re.search(r"\bno shortcuts?\b(?! was detected)", words, re.IGNORECASE)
    assert "certified to stay within 5 points of chance" in document(certified)["verdict"]["sentence"]
    assert "does not mean that there is none" in document(bare)["verdict"]["sentence"]
    assert "named heuristics and kernel ranker could not be certified" in document(failing)["verdict"]["sentence"]
    assert document(certified)["verdict"]["excluded"][0].startswith("Named heuristics: every bound lies within 5")
    assert document(failing)["verdict"]["open"][0].startswith(
        "Named heuristics: 7 of 7 bounds do not lie within 5"
    )
    assert document(failing)["verdict"]["excluded"] == []
    assert document(bare)["verdict"]["certified"] is None


@pytest.mark.parametrize("languages", [("eng_Latn",), tuple(TEXTS), MANY])
def test_terminal_is_short_and_says_where(languages: tuple[str, ...]) -> None:
    lines = terminal(document(example(languages)), "out/report.html")
    assert len(lines) <= 15
    assert lines[-1] == "Report:       out/report.html"
    assert lines[0] == "A small set: 900 items" + (f" in {len(languages)} languages" if languages[1:] else "")
    assert any(line.startswith("Not excluded:") for line in lines)
    assert any("more data or pretrained knowledge" in line for line in lines)


def test_too_few_items_are_said_to_be_too_few() -> None:
    audit = example(strong=False)
    facts = replace(_facts("eng_Latn"), items=3, smallest=math.inf)
    assert "Too few items to judge" in html(
        document(replace(audit, facts=replace(audit.facts, languages=(facts,))))
    )


def test_a_layer_that_was_not_tested_is_said_to_be_so() -> None:
    audit = example(strong=False)
    untested = LayerFound("network", 3, 0.0, None, 0, False, None, 0, "without refits of its own")
    told = document(replace(audit, layers=(*audit.layers, untested)))
    assert any("not tested" in one and "without refits" in one for one in told["verdict"]["open"])
    assert "not tested" in html(told)


def test_a_report_is_three_files(tmp_path: Any) -> None:
    audit = example(tuple(TEXTS))
    told, files, paper = contents(audit)
    assert {"forest.svg", "layers.tex", "layers.csv"} <= set(paper)
    assert sorted(files) == ["items.parquet", "report.html", "report.json"]
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    assert json.loads((tmp_path / "report.json").read_text("utf-8")) == told
    back = pq.read_table(tmp_path / "items.parquet").to_pandas()
    assert back["item_id"].tolist() == audit.items["item_id"].tolist()
    assert back["cue"].tolist() == audit.items["cue"].tolist()


def test_a_hundred_and_twenty_two_languages_stay_small() -> None:
    made = shown(MANY, solvers=True)
    assert len(made.encode()) < 2_000_000


@pytest.mark.parametrize(("difference", "shade"), [(0.0, "z"), (0.019, "z"), (0.05, "p1"), (-0.3, "m5")])
def test_shades_say_direction_and_size(difference: float, shade: str) -> None:
    assert _shade(difference) == shade


@pytest.mark.parametrize("languages", [("eng_Latn",), tuple(TEXTS), MANY[: DRAWN + 1]])
def test_tables_and_figures_are_numbered_and_referred_to(languages: tuple[str, ...]) -> None:
    made = shown(languages, solvers=languages == ("eng_Latn",))
    for kind, element in (("Table", "table"), ("Figure", "figure")):
        numbers = re.findall(rf'<b class="label"[^>]*>{kind} (\d+)\.</b>', made)
        assert numbers == [str(n) for n in range(1, len(re.findall(f"<{element}[ >]", made)) + 1)], (
            "none without one"
        )
    known = dict(re.findall(r'<b class="label" id="(n-[a-z-]+)">((?:Table|Figure) \d+)\.</b>', made))
    references = re.findall(r'<a href="#(n-[a-z-]+)">([^<]+)</a>', made)
    assert {"n-layers", "n-forest", "n-trained"} & {name for name, _ in references}
    assert all(known[name] == told for name, told in references)
    assert not re.search("[\ue000\ue001]", made)


def _cells(made: str) -> list[str]:
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", made, re.S)]


def test_a_number_stands_wherever_one_is_due() -> None:
    """Also of what was found by another statistic than its accuracy, which has no accuracy of its own."""
    audit = example()
    likely = effect("logit", "eng_Latn", None, 5.0, statistic="likelihood")
    picked = effect("logit", "eng_Latn", 0.29, 2.0, adjusted=0.2)
    ranker = effect("most_words", "eng_Latn", None, 4.5, statistic="difference", size=0.2)
    barely = effect("most_words", "eng_Latn", 0.27, 1.0)
    more = (
        *audit.explained,
        Explained("heuristics", "logit", True, 0, False, 2.0),
        Explained("heuristics", "most_words", True, 1, False, None),
    )
    extended = replace(audit, effects=(*audit.effects, likely, picked, ranker, barely), explained=more)
    made = html(document(extended))
    assert "– to –" not in made
    assert {"–", "– to –"} & set(_cells(made)) == set()
    assert "26.0\xa0% to 32.0\xa0%" in made, "the model's accuracy, which was not found by itself"
    assert "(27.0\xa0%)" in made, "the rule's accuracy, which only the paired test found"
    assert "p by accuracy" in made and "p by likelihood" in made
    assert "One model has several p, since several things were tested of it" in made
