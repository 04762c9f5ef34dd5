"""A released item is reported to be wrong: it becomes work, is corrected, and a later release tells of it."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from data.campaign import contacts
from data.errors import ImportRefused, ReleaseRefused, UsageError
from data.ledger.events import ErratumReleased, ErrorReported, ItemWithdrawn
from data.ledger.references import dangling
from data.release.description.release_description import ReleaseDescription
from flows.cli.commands import main
from flows.lead import lead_actions
from flows.ledger_views.current_items import revision_rounds, selected_questions
from flows.ledger_views.patches.error_reports import error_reports, withdrawals
from flows.patches.patch_requests import PatchRequest, patch, patch_all
from flows.patches.patch_standing import PatchStage, patch_standings
from flows.release import release_campaign
from tests.flows.small_campaign import BAKERY, BOATS, FRENCH, SWAHILI, TEXTS, Small, at, item
from tests.pages import lines_of

BRIDGE = "“Sous le vieux pont” should be “Sous le pont de bois”."
CODES = ("ana", "ben", "r1", "r2", "r3", "t1", "t2", "p1", "p2", "s1", "s2")


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("released")
    release_campaign(at("accepted", folder).address, "1.0.0", str(folder / "one"))
    return folder


@pytest.fixture
def small(released: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Small:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))
    shutil.copytree(released, tmp_path / "r")
    small = Small(tmp_path / "r" / "campaign")
    small.state.ledger.version()
    return small


def out(small: Small, name: str) -> Path:
    return small.folder.parent / name


def ran(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def release(small: Small, version: str, name: str, since: str = "one") -> ReleaseDescription:
    release_campaign(small.address, version, str(out(small, name)), since=str(out(small, since)))
    return ReleaseDescription.from_json((out(small, name) / "manifest.json").read_text())


def stages(small: Small) -> list[PatchStage]:
    return [one.stage for one in patch_standings(small.state)]


def bridge(small: Small, **more: str) -> None:
    patch(small.state, PatchRequest(BOATS, "French", BRIDGE, "option_2", **more))


def corrected(small: Small) -> None:
    """The French translator mends option 2, and a proofreader accepts it."""
    small.advance()
    answers = [*TEXTS[BOATS, FRENCH]["answers"]]
    answers[1] = "Sous le pont de bois"
    small.submit(*small.keys("translating"), **item(TEXTS[BOATS, FRENCH]["question"], answers))
    small.advance()
    small.submit(*small.keys("proofreading"))
    small.advance()


def test_an_error_in_one_language_comes_out_as_a_patch(small: Small) -> None:
    bridge(small, reported_by="Lena K.", url="https://example.org/issues/7")
    assert stages(small) == [PatchStage.NEW]
    before = small.translation(BOATS, FRENCH)
    reader = before["person"]
    small.advance()
    (key,) = small.keys()
    assert key.startswith(f"translating/{FRENCH}/{BOATS}")
    assert any(BRIDGE in finding for finding in small.shown(key)["findings"]), "who mends it reads what was said"
    assert "Lena" not in json.dumps(small.shown(key))
    assert stages(small) == [PatchStage.WORK]
    with pytest.raises(ReleaseRefused, match=f"{BOATS} in {FRENCH} is not accepted"):
        release(small, "1.0.1", "two")  # instead of leaving out the whole language
    corrected(small)
    assert small.translation(BOATS, FRENCH)["person"] != reader, (
        "somebody proofreads it who did not miss it before"
    )
    assert stages(small) == [PatchStage.ACCEPTED]
    with pytest.raises(ReleaseRefused, match=r"it is a patch change, so give 1\.0\.1"):
        release(small, "1.0.0", "two")
    (erratum,) = release(small, "1.0.1", "two").errata
    assert (erratum.version, erratum.item_id, erratum.part) == ("1.0.1", BOATS, "mc_answer2")
    assert (erratum.error, erratum.credit) == (BRIDGE, "Lena K.")
    (change,) = erratum.changes
    assert (change.language, change.field) == (FRENCH, "mc_answer2")
    assert (change.old, change.new) == ("Sous le vieux pont", "Sous le pont de bois")
    log = (out(small, "two") / "CHANGELOG.md").read_text()
    assert "Reported by Lena K. See <https://example.org/issues/7>." in log
    assert "## Corrections" in (out(small, "two") / "README.md").read_text()
    assert stages(small) == [PatchStage.RELEASED]
    told = ran("diff", out(small, "one"), out(small, "two"))
    assert (
        f"{BOATS} in {FRENCH}, mc_answer2: Sous le vieux pont → Sous le pont de bois (reported: {BRIDGE})"
        in told.output
    )
    assert ran("verify", out(small, "two")).exit_code == 0
    assert not dangling(small.state.ledger)
    later = release(small, "1.0.2", "three", since="two")
    assert [one.version for one in later.errata] == ["1.0.1"], "a later release says since when"


def test_without_errors_a_release_has_no_changelog(small: Small) -> None:
    manifest = json.loads((out(small, "one") / "manifest.json").read_text())
    assert not {"errata", "withdrawn", "CHANGELOG.md"} & {*manifest, *manifest["files"]}


@pytest.mark.slow
def test_an_error_in_the_source_goes_through_every_language(small: Small) -> None:
    patch(small.state, PatchRequest(BOATS, error="The question should say “wet season”."))
    small.advance()
    (key,) = small.keys()
    assert key.startswith(f"authoring/eng_Latn/{BOATS}")
    mended = "Where does Amina keep her tools in the wet season?"
    source = {**item(mended, TEXTS[BOATS, "eng_Latn"]["answers"]), "key": "1", "evidence": "1"}
    small.submit(key, **source)
    small.play(lambda state: not state.tasks["open"].any())
    assert revision_rounds(small.state) == {}, "a report uses up nobody's rounds"
    (erratum,) = release(small, "1.0.1", "two").errata
    assert {(change.language, change.new) for change in erratum.changes} == {("eng_Latn", mended)}
    assert small.translation(BOATS, SWAHILI)["question_revision"] == 2


def test_a_wrong_key_is_for_the_lead_and_a_major_version(small: Small) -> None:
    patch(small.state, PatchRequest(BOATS, error="Answer 3 is right too.", part="key"))
    small.advance()
    assert not small.keys()
    (line,) = [one for one in small.agenda() if "Answer 3 is right too." in one]
    assert "2 of 2 chose it blind in eng_Latn" in line
    assert stages(small) == [PatchStage.LEAD]
    with pytest.raises(ReleaseRefused, match="reported to be wrong, and nobody has answered"):
        release(small, "1.0.1", "two")
    lead_actions.decide(small.state, BOATS, "revise", "make answer 3 the key")
    small.advance()
    small.submit(*small.keys("authoring"), key="3", note1="Sentence 3.", note3="")
    small.advance()
    small.submit(*small.keys("answering"), choice=3)
    small.play(lambda state: not state.tasks["open"].any())
    with pytest.raises(ReleaseRefused, match=r"it is a major change, so give 2\.0\.0"):
        release(small, "1.0.1", "two")
    (erratum,) = release(small, "2.0.0", "two").errata
    assert {(one.language, one.field, one.old, one.new) for one in erratum.changes} == {
        (code, "correct_answer_num", "1", "3") for code in ("eng_Latn", FRENCH, SWAHILI)
    }
    assert "(reported: Answer 3 is right too.)" in ran("diff", out(small, "one"), out(small, "two")).output


def test_what_the_lead_keeps_is_no_erratum(small: Small) -> None:
    patch(small.state, PatchRequest(BOATS, error="Answer 3 is right too.", part="key"))
    lead_actions.decide(small.state, BOATS, "keep", "sentence 3 says hut")
    small.advance()
    assert not small.keys()
    assert stages(small) == [PatchStage.KEPT]
    with pytest.raises(UsageError, match="and you kept it: sentence 3 says hut"):
        patch(small.state, PatchRequest(BOATS, error="Answer 3 is right too.", part="key"))
    assert release(small, "1.0.1", "two").errata == ()


@pytest.mark.slow
def test_a_passage_is_mended_by_the_lead(small: Small) -> None:
    said = "“rivière” is misspelt."
    patch(small.state, PatchRequest(BOATS, FRENCH, said, "passage"))
    small.advance()
    assert not small.keys()
    (line,) = [one for one in small.agenda() if said in one]
    assert f"belebele mend boats {FRENCH} FILE" in line
    sentences = ["Amina répare des barques.", "Elle a appris le métier.", "Elle garde ses outils sur la colline."]
    lead_actions.mend(small.state, "boats", FRENCH, sentences)
    small.play(lambda state: not state.tasks["open"].any())
    (erratum,) = release(small, "1.0.1", "two").errata
    assert [(one.field, one.new) for one in erratum.changes] == [("flores_passage", " ".join(sentences))]


def test_a_withdrawn_item_stays_listed_and_never_comes_back(small: Small) -> None:
    patch(small.state, PatchRequest(BAKERY, withdraw="It hurts bakers.", reported_by="A baker"))
    assert release(small, "2.0.0", "at-once").splits[0].items == 1, "before any advance"
    small.advance()
    assert small.question(BAKERY)[["outcome", "rule"]].tolist() == ["drop", "withdrawn"]
    with pytest.raises(UsageError, match="what was withdrawn never comes back"):
        lead_actions.decide(small.state, BAKERY, "keep", "it is fine")
    with pytest.raises(UsageError, match="is withdrawn, for good"):
        patch(small.state, PatchRequest(BAKERY, error="A letter is missing."))
    with pytest.raises(ReleaseRefused, match=r"it is a major change, so give 2\.0\.0"):
        release(small, "1.0.1", "two")
    (gone,) = release(small, "2.0.0", "two").withdrawn
    assert (gone.item_id, gone.version, gone.split, gone.reason, gone.credit) == (
        BAKERY, "2.0.0", "test", "It hurts bakers.", "A baker",
    )  # fmt: skip
    assert release(small, "2.1.0", "three", since="two").withdrawn == (gone,)
    told = ran("diff", out(small, "one"), out(small, "three")).output
    assert f"{BAKERY} withdrawn: It hurts bakers." in told
    assert f"| `{BAKERY}` | test | 2.0.0 | It hurts bakers. |" in (out(small, "three") / "README.md").read_text()
    assert f"withdrawn since 2.0.0: {BAKERY}" in ran("patch", small.address).output
    assert "withdrawn since release 2.0.0: It hurts bakers." in ran("explain", small.address, BAKERY).output
    assert ran("browse", out(small, "three"), "--out", out(small, "site")).exit_code == 0
    page = (out(small, "site") / "index.html").read_text()
    assert f"<dt>{BAKERY}</dt>" in page
    assert "since 2.0.0: It hurts bakers." in page


def test_what_was_dropped_by_other_means_is_listed_without_the_reason(small: Small) -> None:
    lead_actions.decide(small.state, BAKERY, "drop", "t1 says that it hurts bakers")
    small.advance()
    (gone,) = release(small, "2.0.0", "two").withdrawn
    assert (gone.item_id, gone.reason) == (BAKERY, "dropped after its release")


def test_nothing_of_people_leaves(small: Small) -> None:
    contacts.set_contact("small", "t1", "t1@example.org", "Marie Dupont")
    for who in ("Marie Dupont", "marie dupont (t1)", "T1", "lena@example.org"):
        with pytest.raises(UsageError, match="--reported-by"):
            bridge(small, reported_by=who)
    with pytest.raises(UsageError, match="--error holds the name or address"):
        patch(small.state, PatchRequest(BOATS, FRENCH, "Marie Dupont forgot the bridge."))
    assert small.state.events(ErrorReported).empty
    bridge(small, reported_by="Lena Meier")
    contacts.set_contact("small", "p1", "p1@example.org", "Lena Meier")  # who begins to work here afterwards
    corrected(small)
    (erratum,) = release(small, "1.0.1", "two").errata
    assert erratum.credit == ""
    bridge(small, reported_by="lenam")
    for path in out(small, "two").rglob("*.*"):
        assert b"Lena Meier" not in path.read_bytes(), path
    texts = [path.read_text() for path in (out(small, "two") / name for name in ("CHANGELOG.md", "manifest.json"))]
    assert not any(f'"{code}"' in text or f" {code} " in text for text in texts for code in CODES)


def test_the_same_words_change_the_credit(small: Small) -> None:
    bridge(small, reported_by="Lena")
    bridge(small, reported_by="Lena")
    assert len(small.state.events(ErrorReported)) == 1
    bridge(small, reported_by="lenam")
    corrected(small)
    bridge(small)
    bridge(small, reported_by="lenam")
    assert stages(small) == [PatchStage.ACCEPTED]
    (erratum,) = release(small, "1.0.1", "two").errata
    assert erratum.credit == "lenam"


def test_a_second_report_reaches_who_already_has_the_work(small: Small) -> None:
    bridge(small)
    small.advance()
    patch(small.state, PatchRequest(BOATS, FRENCH, "“bateau” should be “barque”.", "option_4"))
    small.advance()
    (key,) = small.keys("translating")
    said = " ".join(small.shown(key)["findings"])
    assert BRIDGE in said
    assert "“bateau” should be “barque”." in said


@pytest.mark.slow
def test_a_chosen_set_is_not_chosen_anew_for_a_patch(small: Small, tmp_path: Path) -> None:
    small.configure('policy = "all_kept"', 'policy = "command"')
    assert ran("select", small.address, "--size", "2").exit_code == 0
    release(small, "1.0.1", "chosen")
    patch(small.state, PatchRequest(BOATS, error="The question should say “wet season”."))
    small.play(lambda state: not state.tasks["open"].any())
    patch(small.state, PatchRequest(BAKERY, withdraw="It hurts bakers."))
    small.advance()
    made = release(small, "2.0.0", "two", since="chosen")
    assert (made.items(), len(made.withdrawn)) == (3, 1)
    assert not [one for one in small.agenda() if "select" in one]


def test_what_was_withdrawn_is_not_chosen_before_the_next_advance(small: Small) -> None:
    small.configure('policy = "all_kept"', 'policy = "command"')
    patch(small.state, PatchRequest(BAKERY, withdraw="It hurts bakers."))
    assert ran("status", small.address).exit_code == 0
    assert "1 question is kept" in ran("select", small.address, "--size", "2").output
    assert ran("select", small.address, "--size", "1").exit_code == 0
    assert selected_questions(small.state)["question_id"].tolist() == [BOATS]


def test_what_makes_no_sense_is_refused(small: Small) -> None:
    for request, why in (
        (PatchRequest("boats-q9", error="x is y"), "did you mean 'boats-q1'"),
        (PatchRequest(BOATS, "German", "x is y"), "is none of the campaign's"),
        (PatchRequest(BOATS, error="…"), "say what is wrong"),
        (PatchRequest(BOATS, error="x is y", part="title"), "--part cannot be 'title'"),
        (PatchRequest(BOATS, error="x is y", url="example.org"), "--url must be an address"),
        (PatchRequest(BOATS, "French", withdraw="x is y"), "in every language or in none"),
        (PatchRequest(BOATS, error="x is y", withdraw="x is y"), "give --withdraw with its reason, or --error"),
    ):
        with pytest.raises(UsageError, match=why):
            patch(small.state, request)
    with pytest.raises(UsageError, match="is in no release so far"):
        fresh = small.folder.parent / "fresh"
        patch(at("accepted", fresh).state, PatchRequest(BOATS, error="x is y"))
    assert small.state.events(ErrorReported).empty
    assert small.state.events(ItemWithdrawn).empty
    assert small.state.events(ErratumReleased).empty


def test_the_commands_of_the_guide(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(small.folder.parent)
    for line in lines_of("docs/guides/corrections.md", "belebele patch"):
        done = ran(*shlex.split(line.replace("mybench", "campaign"))[1:])
        assert (done.exit_code, done.stderr) == (0, ""), line
    assert [one.credit for one in error_reports(small.state)] == ["Lena K."]
    assert [one.reason for one in withdrawals(small.state).values()] == [
        "Its passage was published with another text."
    ]


def test_a_table_of_errors_is_taken_in_whole_or_not_at_all(small: Small) -> None:
    file = small.folder / "errors.csv"
    lines = [
        "item,language,part,error,reported_by",
        f"{BOATS},French,option_2,{BRIDGE},Lena",
        f"{BAKERY},,,Too easy to guess.,",
    ]
    file.write_text("\n".join([*lines, "nothing-q1,,,x is y,"]))
    with pytest.raises(ImportRefused, match="nothing-q1"):
        patch_all(small.state, str(file))
    assert small.state.events(ErrorReported).empty
    file.write_text("\n".join(lines))
    dry = ran("patch", small.address, "--file", file, "--dry-run")
    assert dry.output.count("would be recorded") == 2
    assert small.state.events(ErrorReported).empty
    assert ran("patch", small.address, "--file", file).exit_code == 0
    assert ran("patch", small.address, BOATS, "--error").exit_code == 2
    facts = json.loads(ran("patch", small.address, "--json").output)
    assert [(one["question_id"], one["language"], one["stage"]) for one in facts["patches"]] == [
        (BOATS, FRENCH, "waits for advance"), (BAKERY, "eng_Latn", "waits for advance"),
    ]  # fmt: skip
    assert "Patches:" in ran("status", small.address).output
