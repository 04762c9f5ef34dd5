"""The sample campaign is complete, says the same in every language, and holds the planted faults and no others."""

import dataclasses
import re
import shutil
import unicodedata
from collections import Counter
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pandas as pd
import pytest

from data import sample, sources
from data.errors import SourceError
from data.languages import script_share
from data.ledger.tables import ITEMS
from qc.check_run import run
from qc.checks.source_checks import SOURCE_SUITE
from qc.checks.structure_checks import STRUCTURE_SUITE
from qc.checks.translation_checks import TRANSLATION_SUITE

TARGETS = ["amh_Ethi", "arb_Arab", "ben_Beng", "hin_Deva", "rus_Cyrl", "swh_Latn", "zho_Hans"]
TEXTS = sample.load()
KEPT = [fate.question for fate in TEXTS.fates if fate.outcome == "keep"]
FOLDER = Path(str(files("data.sample")))


def digits(text: str) -> Counter[str]:
    plain = "".join(str(unicodedata.decimal(c)) if unicodedata.decimal(c, None) is not None else c for c in text)
    return Counter(re.findall(r"\d+", plain))


def last_draft(question: str) -> sample.Draft:
    return TEXTS.questions[question].drafts[-1]


# Completeness ----------------------------------------------------------------------------------------------------


def test_twelve_passages_in_eight_languages_through_our_own_source() -> None:
    table = sources.read("parallel", FOLDER / "passages.jsonl", ["eng_Latn", *TARGETS]).to_pandas()
    assert table["passage_id"].nunique() == 12
    assert table.groupby("passage_id")["language"].nunique().eq(8).all()
    assert table["topic"].nunique() >= 10
    counts = table.assign(n=table["sentences"].map(len)).groupby("passage_id")["n"]
    assert counts.nunique().eq(1).all(), "as many sentences in every language"
    assert counts.max().between(3, 5).all()


def test_every_kept_question_has_every_translation_and_nothing_else_has_one() -> None:
    assert len(TEXTS.slots) == 24
    assert len(KEPT) >= 22
    assert sorted(TEXTS.translations) == TARGETS
    assert set(TEXTS.renderings) == {(language, question) for language in TARGETS for question in KEPT}
    assert all(len(set(text.answers)) == 4 for text in TEXTS.renderings.values())


def test_fates_cover_every_question_and_follow_from_its_drafts() -> None:
    assert [fate.question for fate in TEXTS.fates] == [slot.question for slot in TEXTS.slots]
    for fate in TEXTS.fates:
        assert fate.revisions == len(TEXTS.questions[fate.question].drafts), fate
        assert fate.outcome == "keep" or fate.revisions == 3, "two rounds"
    assert sum(fate.revisions == 1 for fate in TEXTS.fates) >= 17


def test_fates_agree_with_the_faults() -> None:
    fates = {fate.question: fate for fate in TEXTS.fates}
    for fault in TEXTS.faults:
        assert (fault.fate == "dropped") == (fates[fault.question].outcome == "drop"), fault
        if fault.language == "eng_Latn":
            assert fates[fault.question].revisions > 1, fault
    troubled = {fault.question for fault in TEXTS.faults if fault.language == "eng_Latn"}
    assert troubled == {fate.question for fate in TEXTS.fates if fate.revisions > 1}


def test_keys_are_spread() -> None:
    assert Counter(slot.drafts[-1].key for slot in TEXTS.slots) == {1: 6, 2: 6, 3: 6, 4: 6}


def test_notes_stand_at_distractors_only() -> None:
    for slot in TEXTS.slots:
        for draft in slot.drafts:
            assert [bool(note) for note in draft.notes] == [n != draft.key for n in range(1, 5)], slot.question


def test_keys_are_not_given_away_by_length() -> None:
    longest = [max(range(4), key=lambda n: len(d.answers[n])) + 1 == d.key for d in map(last_draft, KEPT)]
    shortest = [min(range(4), key=lambda n: len(d.answers[n])) + 1 == d.key for d in map(last_draft, KEPT)]
    assert sum(longest) <= 9
    assert sum(shortest) <= 9


# The same in every language --------------------------------------------------------------------------------------


def test_every_text_is_in_its_script() -> None:
    for passage in TEXTS.passages:
        for sentence in passage.sentences:
            assert script_share(sentence, passage.language[4:]) > 0.95, sentence
    for (language, question), text in TEXTS.renderings.items():
        assert script_share(" ".join([text.question, *text.answers]), language[4:]) > 0.95, (language, question)


def test_figures_agree_in_every_language() -> None:
    sentences = {(p.passage_id, p.language): p.sentences for p in TEXTS.passages}
    for (passage_id, language), translated in sentences.items():
        allowed = digits(" ".join(sentences[passage_id, "eng_Latn"]))
        assert not digits(" ".join(translated)) - allowed, (passage_id, language)
    for (language, question), text in TEXTS.renderings.items():
        source = last_draft(question)
        assert digits(text.question) == digits(source.question), (language, question)
        for original, answer in zip(source.answers, text.answers, strict=True):
            assert digits(answer) == digits(original), (language, question)


@pytest.mark.parametrize("file", sorted(FOLDER.rglob("*.jsonl")), ids=lambda file: file.name)
def test_texts_are_clean(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert text == unicodedata.normalize("NFC", text)
    assert text.endswith("}\n")
    assert not re.search(r"\\u|[ \t]+$|(?<!\")\s\"[,}\]]", text, re.MULTILINE), (
        "escaped letters or trailing spaces"
    )


# People ----------------------------------------------------------------------------------------------------------


def test_people_suffice_for_every_stage_and_language() -> None:
    able = Counter((role, language) for p in TEXTS.people for role in p.roles for language in p.languages)
    assert able["authoring", "eng_Latn"] == able["baseline", "eng_Latn"] == 3
    assert able["reviewing", "eng_Latn"] == 5, "two for a question, a third for a dispute, some for a plant"
    assert able["adjudicating", "eng_Latn"] == 2, "who settled a dispute does not judge it anew"
    assert all(able[role, language] == 1 for role in ("translating", "proofreading") for language in TARGETS)
    assert len({person.code for person in TEXTS.people}) == len(TEXTS.people)


def test_defaults_are_filled_in() -> None:
    assert TEXTS.answer("sample-01-q1", 1, "first").choice == 3, "the key"
    assert TEXTS.answer("sample-09-q2", 1, "second").choice == 2, "not the key that the author marked"
    assert TEXTS.answer("sample-06-q2", 1, "second").choice == 2, "only the first is told otherwise"
    assert TEXTS.judge("sample-01-q1", 1, "second").recommend == "keep"
    assert TEXTS.judge("sample-06-q2", 3, "first").not_fulfilled == ("one_right", "distractors_wrong")
    assert TEXTS.judge("sample-06-q2", 3, "r1", "third").recommend == "keep", "both are the first two"
    assert TEXTS.judge("sample-08-q2", 1, "r1", "third").recommend == "revise"
    assert TEXTS.answer("sample-12-q2", 1, "b3").choice == 3, "by their code"
    assert TEXTS.answer("sample-12-q2", 1, "b1").choice == 2
    assert TEXTS.guess("sample-01-q1", 1, "r3", "first").choice == 1, "the longest"
    assert TEXTS.guess("sample-02-q1", 1, "r4", "second").why == "sense"
    assert TEXTS.adjudicate("sample-08-q2", 1).decision == "revise"
    assert TEXTS.adjudicate("sample-01-q1", 1).decision == "keep"
    assert TEXTS.quiz("w1", 1).wrong and not TEXTS.quiz("w1", 2).wrong
    assert not TEXTS.sees("r3", "cue")
    assert TEXTS.sees("r3", "wrong_key") and TEXTS.sees("r1", "cue")
    first, final = TEXTS.assist("sample-04-q2", 2), TEXTS.draft("sample-04-q2", 2)
    assert first is not None and first.answers[3] != final.answers[3]
    assert (first.question, first.key) == (final.question, final.key)
    assert TEXTS.assist("sample-04-q2", 1) is None
    planted, mended = (TEXTS.translate("rus_Cyrl", "sample-07-q2", attempt) for attempt in (1, 2))
    assert planted.answers is not None and "clearer" in planted.answers[2]
    assert mended.answers == TEXTS.renderings["rus_Cyrl", "sample-07-q2"].answers
    assert planted.question_text == mended.question_text
    assert TEXTS.proofread("zho_Hans", "sample-01-q2", 1).outcome == "return"
    assert TEXTS.proofread("zho_Hans", "sample-01-q2", 2).outcome == "accept"
    asked = TEXTS.query("translating", "amh_Ethi", "sample-10-q1", 1)
    assert asked is not None and asked.reply
    assert TEXTS.query("translating", "amh_Ethi", "sample-10-q1", 2) is None


def test_a_draft_that_was_not_written_is_a_named_mistake() -> None:
    with pytest.raises(KeyError, match="sample-01-q1 has 1 drafts"):
        TEXTS.draft("sample-01-q1", 2)


def test_corrections_end_in_the_good_text() -> None:
    corrected = [work for work in TEXTS.proofreading if work.outcome == "corrected"]
    assert corrected
    for work in corrected:
        good = TEXTS.renderings[work.language, work.question]
        done = TEXTS.proofread(work.language, work.question, work.attempt)
        assert (done.question_text, done.answers) == (good.question, good.answers)
        draft = TEXTS.translate(work.language, work.question, work.attempt)
        assert (draft.question_text, draft.answers) != (good.question, good.answers), "something to correct"


# What the checks find --------------------------------------------------------------------------------------------


def item(question: str, language: str, number: int, text: str, answers: tuple[str, ...]) -> dict[str, object]:
    slot = TEXTS.questions[question]
    drafts = slot.drafts
    passage = next(p for p in TEXTS.passages if (p.passage_id, p.language) == (slot.passage_id, language))
    source = drafts[-1] if language != "eng_Latn" else None
    return {
        "question_id": question,
        "language": language,
        "kind": "draft" if source else "source",
        "passage_id": slot.passage_id,
        "question_number": slot.question_number,
        "revision": number,
        "passage": " ".join(passage.sentences),
        "question": text,
        "answers": list(answers),
        "key": drafts[number - 1].key if source is None else source.key,
        "domain": passage.domain,
        "topic": passage.topic,
        "source_language": "eng_Latn",
        "source_question": source.question if source else None,
        "source_answers": list(source.answers) if source else None,
        "draft_question": None,
        "draft_answers": None,
    }


def flags(lines: list[dict[str, object]]) -> set[tuple[str, str, str]]:
    """Every (question, language, check) that is flagged."""
    items = pd.DataFrame(lines, columns=list(ITEMS.names)).astype({"key": "Int32", "revision": "int32"})
    suite = (*STRUCTURE_SUITE, *TRANSLATION_SUITE)
    found = run(suite, items, now=datetime(2026, 1, 1, tzinfo=UTC), resources={"varieties": None}).frame
    found = found[found["flagged"].eq(True).fillna(False)]
    return set(zip(found["subject"], found["language"], found["check"], strict=True))


def test_good_texts_pass_every_check() -> None:
    lines = [item(q, "eng_Latn", len(TEXTS.questions[q].drafts), *_text(last_draft(q))) for q in KEPT]
    lines += [
        item(q, language, 1, text.question, text.answers) for (language, q), text in TEXTS.renderings.items()
    ]
    assert flags(lines) == set()


def test_every_draft_that_checks_should_not_find_passes_them() -> None:
    lines = [
        item(slot.question, "eng_Latn", n, *_text(draft))
        for slot in TEXTS.slots
        for n, draft in enumerate(slot.drafts[:-1], start=1)
    ]
    planted = [fault for fault in TEXTS.faults if fault.language == "eng_Latn"]
    names = {check.name for check in STRUCTURE_SUITE}
    wanted = {(f.question, f.language, check) for f in planted for check in f.found_by if check in names}
    found = set().union(*(flags([line]) for line in lines))
    assert found == wanted
    assert {check for _, _, check in wanted} == {"distinct_options", "all_of_the_above", "quote_debris"}


def test_planted_translations_are_found_by_what_should_find_them() -> None:
    names = {check.name for check in (*STRUCTURE_SUITE, *TRANSLATION_SUITE)}
    for fault in TEXTS.faults:
        if fault.language == "eng_Latn":
            continue
        work = TEXTS.translate(fault.language, fault.question, 1)
        assert work.question_text is not None and work.answers is not None
        found = {
            check
            for _, _, check in flags([item(fault.question, fault.language, 1, work.question_text, work.answers)])
        }
        wanted = {check for check in fault.found_by if check in names}
        assert wanted <= found, fault
        assert wanted or not found, f"{fault.name} is for a person to find; {found} found it"


def test_passages_pass_the_source_checks() -> None:
    passages = sources.read("parallel", FOLDER / "passages.jsonl", None).to_pandas().assign(revision=1)
    found = run(SOURCE_SUITE, passages, now=datetime(2026, 1, 1, tzinfo=UTC)).frame
    flagged = found[found["flagged"].eq(True).fillna(False)]
    assert flagged.empty, flagged[["subject", "language", "check", "reason"]].to_string()


def _text(draft: sample.Draft) -> tuple[str, tuple[str, ...]]:
    return draft.question, draft.answers


# Mistakes in the files -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("passages.jsonl", '"link"', '"url"', r"passages\.jsonl, line 1: link: Field required"),
        ("questions.jsonl", '"key": 1', '"key": 5', r"questions\.jsonl, line 2: drafts\.0\.key: .*not 5"),
        ("translations/rus_Cyrl.jsonl", "{", "[", r"rus_Cyrl\.jsonl, line 1: the line: Invalid JSON"),
        ("translations/rus_Cyrl.jsonl", "sample-01", "sample-99", r"rus_Cyrl\.jsonl, line 1: there is no"),
        ("script.toml", "seconds = 410", 'seconds = "long"', r"script\.toml, line \d+: seconds: .*not \"long\""),
        ("script.toml", "draft = 3", "draft = 4", r"script\.toml, line \d+: sample-06-q2 has 3 drafts, not 4"),
        ("script.toml", "[[queries]]\nstage", "[[query]]\nstage", r"script\.toml, line \d+: there is no .*query"),
        ("script.toml", 'seconds = 410\n', "", r"script\.toml, line \d+: seconds: Field required"),
        ("script.toml", 'person = "w1"', 'person = "w9"', r"script\.toml, line \d+: there is no person w9"),
        ("script.toml", 'reviewer = "b3"', 'reviewer = "b9"', r"script\.toml, line \d+: b9 is neither first, "),
        ("script.toml", 'kind = "cue"', 'kind = "trap"', r"script\.toml, line \d+: kind: .*not \"trap\""),
        ("fates.toml", 'name = "cues missed"', 'name = "luck"', r"fates\.toml, line \d+: name: .*not \"luck\""),
        ("fates.toml", 'person = "w3"', 'person = "w2"', r"fates\.toml, line \d+: this stands twice in \[\[qual"),
        ("fates.toml", 'question = "sample-03-q2"', 'question = "x"', r"fates\.toml, line \d+: there is no .* x"),
        ("fates.toml", 'outcome = "drop"', 'outcome = "lost"', r"fates\.toml, line \d+: outcome: .*not \"lost\""),
        ("fates.toml", "[[fates]]\nquestion", "[[fates\nquestion", r"fates\.toml: .*line \d+"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_file_and_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, old: str, new: str, said: str
) -> None:
    shutil.copytree(FOLDER, tmp_path / "sample")
    spoilt = tmp_path / "sample" / file
    text = spoilt.read_text(encoding="utf-8")
    assert old in text
    spoilt.write_text(text.replace(old, new, 1), encoding="utf-8")
    monkeypatch.setattr(sample, "files", lambda package: tmp_path / "sample")
    with pytest.raises(SourceError, match=said):
        sample.load()


def test_what_was_loaded_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        TEXTS.fates[0].outcome = "drop"  # type: ignore[misc]
