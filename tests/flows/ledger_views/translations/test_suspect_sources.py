"""A fault that checks see in several languages is asked about once, at its source, and holds its drafts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from flows.cli.commands import main
from flows.ledger_views.translations.suspect_sources import suspect_sources
from flows.simulation.rehearsal.rehearsal import vouch_for_sources
from tests.flows import small_campaign
from tests.flows.small_campaign import BAKERY, BOATS, FRENCH, PASSAGES, SWAHILI, TEXTS, Small, at, item

GERMAN, INDONESIAN = "deu_Latn", "ind_Latn"
MORE = {
    ("boats", GERMAN): ["Amina flickt Boote am Fluss.", "Sie lernte es vom Großvater.",
                        "In der Regenzeit liegt ihr Werkzeug in einer Hütte auf dem Hügel."],
    ("boats", INDONESIAN): ["Amina memperbaiki perahu di tepi sungai.", "Ia belajar dari kakeknya.",
                            "Pada musim hujan ia menyimpan alatnya di pondok di atas bukit."],
    ("bakery", GERMAN): ["Die Bäckerei öffnet vor Sonnenaufgang.", "An Markttagen gibt es mehr Brot.",
                         "Der Rest geht am Nachmittag an die Schule."],
    ("bakery", INDONESIAN): ["Toko roti buka sebelum matahari terbit.", "Pada hari pasar ada lebih banyak roti.",
                             "Sisanya dibawa ke sekolah pada sore hari."],
}  # fmt: skip
RENDERED = {
    FRENCH: TEXTS[BOATS, FRENCH],
    SWAHILI: TEXTS[BOATS, SWAHILI],
    GERMAN: {
        "question": "Wo bewahrt Amina ihr Werkzeug in der Regenzeit auf?",
        "answers": ["In einer Hütte auf dem Hügel", "Unter der alten Brücke", "Beim Großvater", "Im größten Boot"],
    },
    INDONESIAN: {
        "question": "Di mana Amina menyimpan alatnya pada musim hujan?",
        "answers": ["Di pondok di atas bukit", "Di bawah jembatan tua", "Di rumah kakek", "Di perahu terbesar"],
    },
}
MIXED = "Аminа:"  # two of its letters are Cyrillic, as they may come with a copied name
PEOPLE = """
[[people]]
code = "d1"
roles = ["translating"]
languages = ["deu_Latn", "ind_Latn"]

[[people]]
code = "d2"
roles = ["proofreading"]
languages = ["deu_Latn", "ind_Latn"]
"""


@pytest.fixture(autouse=True)
def more_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    every = TEXTS | {(BOATS, language): text for language, text in RENDERED.items()}  # type: ignore[operator]
    monkeypatch.setattr(small_campaign, "TEXTS", every)


def four_languages(tmp_path: Path) -> Small:
    """A campaign whose questions are to be translated into four languages."""
    small = at("translating", tmp_path)
    lines = [
        {"passage_id": passage, "language": language, "sentences": sentences,
         "link": f"https://example.org/{passage}", "domain": "story", "topic": passage}
        for (passage, language), sentences in {**PASSAGES, **MORE}.items()
    ]  # fmt: skip
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    (small.folder / "passages.jsonl").write_text(text, "utf-8")
    small.configure('"swh_Latn",\n]', '"swh_Latn", "deu_Latn", "ind_Latn",\n]')
    small.configure('\n[[people]]\ncode = "ana"', PEOPLE + '\n[[people]]\ncode = "ana"')
    small.advance()
    return small


def draft(small: Small, languages: Sequence[str], before: str) -> None:
    """Translators render the question about boats, with something before it."""
    for language in languages:
        text = RENDERED[language]
        (key,) = small.keys("translating", language, BOATS)
        small.submit(key, **item(f"{before} {text['question']}".strip(), text["answers"]))
    small.advance()


@pytest.mark.slow
def test_a_fault_in_three_languages_points_at_the_source(tmp_path: Path) -> None:
    small = four_languages(tmp_path)
    draft(small, [FRENCH, GERMAN], MIXED)
    assert suspect_sources(small.state) == ()  # two translators may slip
    assert small.translation(BOATS, FRENCH)["rule"] == "check"  # what a check can be sure of goes back

    draft(small, [SWAHILI], MIXED)
    (found,) = {one.check: one for one in suspect_sources(small.state)}.values()
    assert (found.check, found.languages, found.judged) == ("mixed_script", (GERMAN, FRENCH, SWAHILI), 3)
    assert pd.isna(small.translation(BOATS, SWAHILI)["outcome"])
    asked = [point for point in small.agenda() if "may be at fault" in point]
    assert len(asked) == 1 and f"belebele decide {BOATS} keep|revise" in asked[0]
    draft(small, [INDONESIAN], "")  # waits as well, though nothing is wrong with it
    assert small.keys("proofreading", question=BOATS) == []
    small.submit(*small.keys("translating", FRENCH, BAKERY))
    small.advance()
    assert small.keys("proofreading", question=BAKERY)  # other items go on

    assert CliRunner().invoke(
        main, ["decide", small.address, BOATS, "keep", "--reason", "The name is right in the source."]
    ).exit_code == 0  # fmt: skip
    small.advance()
    assert not [point for point in small.agenda() if "may be at fault" in point]
    assert small.translation(BOATS, SWAHILI)["rule"] == "check"
    assert len(small.keys("proofreading", INDONESIAN, BOATS)) == 1
    draft(small, [FRENCH, SWAHILI], MIXED)  # again, and nobody is asked again
    assert suspect_sources(small.state) == ()


def test_the_lead_may_send_the_source_back(tmp_path: Path) -> None:
    small = four_languages(tmp_path)
    draft(small, [FRENCH, GERMAN, SWAHILI], MIXED)
    assert [one.check for one in suspect_sources(small.state)] == ["mixed_script"]
    assert vouch_for_sources(small.state) == 1  # as the lead of a rehearsal does, who would wait for ever
    assert suspect_sources(small.state) == ()
    said = ["decide", small.address, BOATS, "revise", "--reason", "The name is misspelt."]
    assert CliRunner().invoke(main, said).exit_code == 0
    small.advance()
    assert len(small.keys("authoring", question=BOATS)) == 1
    assert small.keys("translating", question=BOATS) == small.keys("proofreading", question=BOATS) == []
