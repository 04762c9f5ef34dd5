"""campaign.toml: what it means, every mistake at once, how it starts and how it may change."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import storage
from data.campaign.campaign import Campaign, compare
from data.campaign.new_campaign import init, template
from data.campaign.settings import Person
from data.campaign.toml_mistakes import cron_problem
from data.environment import server_variables, state_dir
from data.errors import CampaignError, LedgerError, LedgerMissing, UsageError
from data.intake.toml_lines import key_lines, line_of
from data.ledger import Ledger
from data.ledger.tables import EVENTS, STAGES

GOOD = """\
[campaign]
id = "wells"
title = "Wells"

[source]
kind = "parallel"
path = "passages.jsonl"

[languages]
targets = ["fra_Latn", "arb_Arab"]

[[people]]
code = "ana"
roles = ["authoring", "reviewing"]

[[people]]
code = "ben"
roles = ["reviewing", "translating"]
languages = ["eng_Latn", "fra_Latn"]

[[people]]
code = "cleo"
roles = ["reviewing", "proofreading"]
languages = ["eng_Latn", "fra_Latn", "arb_Arab"]
"""


def good(*changes: tuple[str, str]) -> Campaign:
    return Campaign.parse(changed(*changes))


def changed(*changes: tuple[str, str]) -> str:
    text = GOOD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def mistakes(text: str) -> list[str]:
    with pytest.raises(CampaignError) as caught:
        Campaign.parse(text)
    return list(caught.value.problems)


def open_work(*pieces: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(pieces, columns=["stage", "language", "person"])


def test_defaults() -> None:
    campaign = good()
    assert (campaign.id, campaign.about.licence, campaign.source.language) == ("wells", "CC-BY-SA-4.0", "eng_Latn")
    assert (campaign.questions.questions_per_passage, campaign.questions.answers_per_question) == (2, 4)
    assert campaign.questions.wanted_questions == 900
    assert (campaign.review.reviewers, campaign.review.max_returns, campaign.translation.max_returns) == (2, 2, 2)
    assert (campaign.translation.pivot, campaign.translation.machine_drafts) == ("eng_Latn", False)
    assert (campaign.schedule.cron, campaign.schedule.timezone) == ("*/15 * * * *", "UTC")
    assert campaign.selection.policy == "all_kept"
    assert campaign.text_languages == ("eng_Latn", "fra_Latn", "arb_Arab")
    assert campaign.person("ana").languages == ("eng_Latn",)


def test_defaults_that_follow_the_source_language() -> None:
    campaign = good(('path = "passages.jsonl"', 'path = "x"\nlanguage = "spa_Latn"'), ('"eng_Latn", ', ""))
    assert campaign.translation.pivot == "spa_Latn"
    assert campaign.person("ana").languages == ("spa_Latn",)


def test_aliases_become_codes() -> None:
    campaign = good(('["fra_Latn", "arb_Arab"]', '["fra_Latn", "arb_Arab", "cmn_Hans"]'))
    assert campaign.languages.targets[2] == "zho_Hans"


@pytest.mark.parametrize(
    ("role", "language", "codes"),
    [
        ("authoring", "eng_Latn", ["ana"]),
        ("reviewing", "eng_Latn", ["ana", "ben", "cleo"]),
        ("translating", "fra_Latn", ["ben"]),
        ("translating", "arb_Arab", []),
    ],
)
def test_people_for(role: str, language: str, codes: list[str]) -> None:
    assert [person.code for person in good().people_for(role, language)] == codes  # type: ignore[arg-type]


def test_person_names_the_near_one() -> None:
    with pytest.raises(UsageError, match="did you mean 'cleo'"):
        good().person("clea")


def test_as_many_reviewers_are_allowed_as_are_wanted() -> None:
    assert Campaign.parse(GOOD + "[review]\nmax_reviewers = 5\n").review.max_reviewers == 5
    (found,) = mistakes(GOOD + "[review]\nreviewers = 3\nmax_reviewers = 2\n")
    assert found.endswith("review.max_reviewers: 2 is less than reviewers (3); raise it, or leave it out")


def test_a_partner_has_a_server_of_its_own() -> None:
    text = GOOD + '[servers]\nanswering = "blind"\nagencies = { Linguae = "lin" }\n'
    (found,) = mistakes(text)
    assert "servers.agencies.Linguae: 'Linguae' is nobody's agency" in found
    named = text.replace('code = "ben"', 'code = "ben"\nagency = "Linguae"')
    campaign = Campaign.parse(named)
    assert {campaign.server_for(stage, "ben") for stage in STAGES} == {"lin"}
    assert campaign.server_for("answering", "ana") == campaign.server_for("answering") == "blind"
    assert campaign.server_names() == ["main", "blind", "lin"]
    assert campaign.servers_for(campaign.person("ben")) == ["lin"]


def test_nobody_needs_an_account_where_they_do_not_work() -> None:
    campaign = Campaign.parse(GOOD + '[servers]\nanswering = "blind"\n')
    servers = {person.code: (person.roles, campaign.servers_for(person)) for person in campaign.people}
    for roles, names in servers.values():
        assert ("blind" in names) == ("reviewing" in roles)
        assert "main" in names  # judging is there
    fresh = campaign.person("ana").model_copy(update={"roles": ("baseline",)})
    assert campaign.servers_for(fresh) == ["blind"]


def test_servers() -> None:
    campaign = Campaign.parse(GOOD + '[servers]\ndefault = "main"\nanswering = "blind"\n')
    assert campaign.server_for("answering") == "blind"
    assert campaign.server_for("judging") == "main"
    assert campaign.server_names() == ["main", "blind"]
    assert server_variables("blind") == ("BELEBELE_LABEL_STUDIO_URL_BLIND", "BELEBELE_LABEL_STUDIO_TOKEN_BLIND")


def test_a_relative_source_starts_at_the_campaign() -> None:
    assert good().source_path("/campaigns/wells") == "/campaigns/wells/passages.jsonl"
    assert good(("passages.jsonl", "/data/p.jsonl")).source_path("/campaigns/wells") == "/data/p.jsonl"


def test_check_parameters_are_kept_as_they_are() -> None:
    campaign = Campaign.parse(GOOD + '[checks.length]\nlow = 3\nratio = 1.5\nwords = ["a"]\n')
    assert campaign.checks == {"length": {"low": 3, "ratio": 1.5, "words": ["a"]}}


def test_hash_is_of_the_meaning() -> None:
    same = GOOD.replace(
        'id = "wells"\ntitle = "Wells"', 'title = "Wells" # named\nid = "wells"\nlicence = "CC-BY-SA-4.0"'
    )
    assert Campaign.parse(same).hash == good().hash
    assert good(('title = "Wells"', 'title = "Well"')).hash != good().hash


def test_a_campaign_from_before_releases_had_a_dev_split_is_as_it_was() -> None:
    before = good()
    assert before.release.dev == 0
    assert good(("[languages]", "[release]\ndev = 0\n\n[languages]")).hash == before.hash
    assert "release" not in json.loads(before.to_json()) and "hub" not in before.to_json()
    now = good(
        ("[languages]", "[release]\ndev = 40\n\n[languages]"), ('title = "Wells"', 'title = "Wells"\nhub = "a/b"')
    )
    assert now.hash != before.hash
    assert Campaign.from_json(now.to_json()) == now
    (said,) = mistakes(changed(('title = "Wells"', 'title = "Wells"\nhub = "wells"')))
    assert "campaign.hub" in said


def test_json_round_trip() -> None:
    campaign = Campaign.parse(GOOD + "[checks.length]\nlow = 3\n")
    again = Campaign.from_json(campaign.to_json())
    assert again == campaign
    assert again.hash == campaign.hash
    assert json.loads(campaign.to_json())["campaign"]["id"] == "wells"


MISTAKES = {
    # what is changed: (old, new, the whole line that must come of it)
    "id": ('"wells"', '"Wells 2"', "line 2, campaign.id: 'Wells 2' cannot be used; use 1 to 12 of a-z, 0-9 and -"),
    "type": ('"Wells"', "3", "line 3, campaign.title: is 3, and must be a text in quotes"),
    "kind": (
        '"parallel"',
        '"flores"',
        "line 6, source.kind: 'flores' is none of flores200, floresplus, parallel; did you mean 'flores200'?",
    ),
    "doubled": (
        '"fra_Latn", "arb_Arab"]\n',
        '"fra_Latn", # first\n  "arb_Arab",\n  "fra_Latn"]\n',
        "line 12, languages.targets: fra_Latn is listed twice; remove one",
    ),
    "source": (
        '["fra_Latn", "arb_Arab"]\n',
        '["fra_Latn", "arb_Arab", "eng_Latn"]\n',
        "line 10, languages.targets: eng_Latn is the source language; remove it here",
    ),
    "person": ('"ben"', '"ana"', "line 17, people[ana].code: 'ana' stands for two people; give one another code"),
    "code": (
        '"ben"',
        '"Ben!"',
        "line 17, people[Ben!].code: 'Ben!' cannot be used; use 1 to 10 of a-z, 0-9 and -",
    ),
    "role": (
        '"translating"',
        '"translator"',
        "line 18, people[ben].roles: 'translator' is none of authoring, reviewing, adjudicating, translating, "
        "proofreading, baseline; did you mean 'translating'?",
    ),
    "no role": (
        '["reviewing", "translating"]',
        "[]",
        "line 18, people[ben].roles: is empty; "
        "give at least one of authoring, reviewing, adjudicating, translating, proofreading, baseline",
    ),
    "baseline and more": (
        '["reviewing", "translating"]',
        '["reviewing", "baseline"]',
        "line 18, people[ben].roles: baseline goes with no other role: who answers frozen items must not have "
        "seen them",
    ),
    "their language": (
        'languages = ["eng_Latn", "fra_Latn"]',
        'languages = ["eng_Latn", "swe_Latn"]',
        "line 19, people[ben].languages: swe_Latn is not among the campaign's languages; "
        "add it to languages.targets",
    ),
    "e-mail": (
        'code = "ben"',
        'code = "ben"\nemail = "ben@example.org"',
        "line 18, people[ben].email: names and addresses of people never stand here; "
        "keep them with: belebele contact PERSON",
    ),
    "key": (
        "kind =",
        'langauge = "eng_Latn"\nkind =',
        "line 6, source.langauge: there is no such key; did you mean 'language'?; known: kind, path, language",
    ),
    "missing": (
        'path = "passages.jsonl"\n',
        "",
        "line 5, source.path: is missing; belebele init writes a campaign.toml with every key explained",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_name_line_key_and_cure(name: str) -> None:
    old, new, said = MISTAKES[name]
    assert mistakes(changed((old, new))) == [said]


MORE = {
    "[questions]\nquestions_per_passage = 10": "questions.questions_per_passage: is 10, and must be at most 9",
    "[questions]\nwanted_questions = 0": "questions.wanted_questions: is 0, and must be at least 1",
    "[questions]\nwanted_questions = true": "questions.wanted_questions: is true, and must be a whole number",
    "[questions]\nanswers_per_question = 5": "questions.answers_per_question: is 5, and must be 4: "
    "forms and release hold four answers",
    "[translation]\nmachine_drafts = 1": "translation.machine_drafts: is 1, and must be true or false",
    "[translation]\npivot = 'swe_Latn'": "translation.pivot: every text is translated from eng_Latn; write "
    "eng_Latn, or [translation.pivot] with a line for each language that has another one beside it, as "
    'quy_Latn = "swe_Latn"',
    "[translation]\npivot = 3": "translation.pivot: is 3, neither a language nor a table of them; write "
    '[translation.pivot] with lines such as quy_Latn = "spa_Latn"',
    "[translation.pivot]\nfra_Latn = 'fra_Latn'": "translation.pivot.fra_Latn: fra_Latn cannot be its own pivot; "
    "name another language, or remove the line",
    "[translation.pivot]\nfra_Latn = 'eng_Latn'": "translation.pivot.fra_Latn: eng_Latn is the source language, "
    "which every translator sees; remove the line",
    "[translation.pivot]\nfra_Latn = 'swe_Latn'": "translation.pivot.fra_Latn: its pivot swe_Latn is not in "
    "languages.targets; add it there, or name another",
    "[translation.pivot]\nswe_Latn = 'fra_Latn'": "translation.pivot.swe_Latn: swe_Latn is not in "
    "languages.targets; add it there, or remove the line",
    "[selection]\npolicy = 'commands'": "selection.policy: 'commands' is none of all_kept, command; "
    "did you mean 'command'?",
    "[selection]\ncue_margin = 'wide'": 'selection.cue_margin: is "wide", and must be a number',
    "[selection]\nquotas = 3": "selection.quotas: is no table of tables; write [selection.quotas.domain] "
    "with lines such as wikinews = 0.4 (a share) or = 300 (a count)",
    "[selection]\nquotas = {domain = {news = 1.5}}": "selection.quotas: domain.news is 1.5, neither a share "
    "(0.0 to 1.0) nor a count; write [selection.quotas.domain] with lines such as wikinews = 0.4 (a share) or "
    "= 300 (a count)",
    "[schedule]\ntimezone = 'Mars/Base'": "schedule.timezone: 'Mars/Base' is no time zone; "
    'write one such as "UTC" or "Africa/Nairobi"',
    "[servers]\ndefault = 'My server'": "servers.default: 'My server' cannot be used; "
    "use a-z, 0-9 and _, at most 20 characters",
    "[checks.length]\nsince = 2026-01-01": "checks.length.since: is 2026-01-01, and must be a number, "
    "a text in quotes, true, false, or a list or table of them",
}


@pytest.mark.parametrize("text", MORE)
def test_more_mistakes(text: str) -> None:
    line = GOOD.count("\n") + 2
    assert mistakes(GOOD + text) == [f"line {line}, {MORE[text]}"]


def test_an_unknown_language_names_the_near_ones() -> None:
    (said,) = mistakes(changed(('"arb_Arab"]\n\n', '"amh_Ethy"]\n\n'), (', "arb_Arab"]\n', "]\n")))
    assert said.startswith("line 10, languages.targets: ")
    assert "amh_Ethi" in said


def test_every_mistake_at_once_in_the_order_of_the_file() -> None:
    text = changed(
        *[(old, new) for name, (old, new, _) in MISTAKES.items() if name in ("id", "kind", "role", "doubled")]
    )
    found = mistakes(text + "[reviews]\noverlap = 2\n")
    assert [said.split(":")[0] for said in found] == [
        "line 2, campaign.id",
        "line 6, source.kind",
        "line 12, languages.targets",
        "line 20, people[ben].roles",
        "line 29, reviews",
    ]
    assert "did you mean 'review'?" in found[-1]


def test_a_title_that_the_server_would_refuse() -> None:
    text = changed(('"arb_Arab"]\n', '"arb_Arab", "cat_Latn_vale1252"]\n'), ('"wells"', '"wells-of-202"'))
    (said,) = mistakes(text.replace('"cleo"', '"cleopatra1"'))
    assert said == (
        "line 22, people[cleopatra1].code: its workbench 'wells-of-202/proofreading/cat_Latn_vale1252/cleopatra1' "
        "has 54 characters, 50 are allowed; shorten the code"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[campaign]\nid = wells\n", "line 2, column 6: Invalid value"),
        ("[campaign\n", "line 1, column 10: Expected ']' at the end of a table declaration"),
        ("a = 1\na = 2\n", "line 2, column 6: Cannot overwrite a value"),
    ],
)
def test_what_is_not_toml(text: str, said: str) -> None:
    assert mistakes(text) == [said]


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(max_size=9)
        | st.sampled_from(["eng_Latn", "ana", "fra_Latn"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "campaign",
                        "source",
                        "languages",
                        "people",
                        "targets",
                        "code",
                        "roles",
                        "language",
                        "pivot",
                        "id",
                    ]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_whatever_stands_there_is_a_campaign_or_a_named_error(anything: object) -> None:
    content = anything if isinstance(anything, dict) else {"people": anything}
    with pytest.raises(CampaignError):
        Campaign.from_json(json.dumps(content))


@pytest.mark.parametrize(
    "cron",
    ["* * * * *", "*/15 * * * *", "0 6-18/2 * * mon-fri", "5,35 0 1 jan,jul 0", "0 0 * * 7", "0 */4 1-15 * *"],
)
def test_good_crons(cron: str) -> None:
    assert cron_problem(cron) is None


@pytest.mark.parametrize(
    ("cron", "said"),
    [
        ("* * * *", "'* * * *' has 4 fields"),
        ("@daily", "'@daily' has 1 fields"),
        ("60 * * * *", "'60' is no minute (0 to 59)"),
        ("* 6-2 * * *", "'6-2' is no hour (0 to 23)"),
        ("* * 0 * *", "'0' is no day (1 to 31)"),
        ("* * * juno *", "'juno' is no month (1 to 12)"),
        ("*/0 * * * *", "'*/0' is no minute (0 to 59)"),
        ("1, * * * *", "'' is no minute (0 to 59)"),
    ],
)
def test_bad_crons(cron: str, said: str) -> None:
    assert cron_problem(cron) == said


def test_gaps_are_named_and_stop_nothing() -> None:
    assert good().gaps() == ["arb_Arab: nobody translates"]
    assert (
        Campaign.parse(GOOD + "[review]\nreviewers = 3\n")
        .gaps()[0]
        .startswith("2 can review the questions of ana, 3")
    )


@pytest.mark.parametrize(
    ("old", "new", "gap"),
    [
        ('["authoring", "reviewing"]', '["reviewing"]', "nobody writes questions"),
        ('["reviewing", "proofreading"]', '["proofreading"]', "1 can review the questions of ana, 2 are wanted"),
        ('["reviewing", "proofreading"]', '["reviewing"]', "fra_Latn: nobody proofreads"),
        (
            '["reviewing", "proofreading"]',
            '["reviewing", "proofreading", "translating"]',
            "arb_Arab: cleo is the only proofreader, and nobody proofreads their own work",
        ),
    ],
)
def test_gaps(old: str, new: str, gap: str) -> None:
    assert any(said.startswith(gap) for said in good((old, new)).gaps())


def test_many_languages_without_people_are_one_gap() -> None:
    codes = ["arb_Arab", "fra_Latn", "swh_Latn", "rus_Cyrl", "zho_Hans", "amh_Ethi", "ben_Beng"]
    listed = ", ".join(codes[:5])
    text = template(id="c", title="c", source="parallel", path="p", languages=codes)
    assert Campaign.parse(text).gaps()[-2:] == [
        f"7 languages: nobody translates ({listed} and 2 more)",
        f"7 languages: nobody proofreads ({listed} and 2 more)",
    ]


def test_load(tmp_path: Path) -> None:
    with pytest.raises(LedgerMissing, match="belebele init"):
        Campaign.load(str(tmp_path))
    with pytest.raises(LedgerMissing):
        Campaign.load(str(tmp_path / "nowhere"))
    file = tmp_path / "campaign.toml"
    file.write_text(GOOD)
    assert Campaign.load(f"{tmp_path}/") == good()
    file.write_bytes("\ufeff".encode() + GOOD.encode().replace(b"\n", b"\r\n"))
    assert Campaign.load(str(tmp_path)) == good()
    file.write_bytes(GOOD.encode().replace(b"Wells", b"W\xe4lls"))
    with pytest.raises(CampaignError, match="line 3: not UTF-8"):
        Campaign.load(str(tmp_path))
    with pytest.raises(LedgerMissing):
        Campaign.load(str(file))
    file.unlink()
    file.mkdir()
    with pytest.raises(LedgerError, match="cannot read"):
        Campaign.load(str(tmp_path))


# how it starts


def made(**given: object) -> str:
    facts = {"id": "wells", "title": "Wells", "source": "parallel", "path": "p.jsonl", "languages": ["fra_Latn"]}
    return template(**{**facts, **given})  # type: ignore[arg-type]


def test_template_comes_back_as_it_was_meant() -> None:
    people = [
        Person(code="ana", roles=("authoring",), languages=("eng_Latn",)),
        Person(code="ben", roles=("translating", "proofreading"), languages=("fra_Latn",), agency="Blue"),
    ]
    campaign = Campaign.parse(made(languages=["eng_Latn", "fra_Latn", "arb_Arab", "fra_Latn"], people=people))
    assert campaign.languages.targets == ("fra_Latn", "arb_Arab")
    assert campaign.people == tuple(people)
    assert Campaign.parse(made()).people == ()
    assert Campaign.parse(made(languages=[])).languages.targets == ()


def test_background_and_consent_of_people() -> None:
    ana, ben = (
        '[[people]]\ncode = "ana"\nroles = ["authoring"]\n',
        '[[people]]\ncode = "ben"\nroles = ["reviewing"]\n',
    )
    told = Campaign.parse(made() + ana + 'native_languages = ["eng_Latn"]\nconsent_date = 2026-11-01\n' + ben)
    assert told.person("ana").native_languages == ("eng_Latn",)
    assert str(told.person("ana").consent_date) == "2026-11-01"
    assert told == Campaign.from_json(told.to_json())
    assert told == Campaign.parse(
        made() + ana + 'native_languages = ["eng_Latn"]\nconsent_date = "2026-11-01"\n' + ben
    )
    assert [line.partition(":")[0] for line in told.unrecorded()] == [
        "no consent is recorded of ben",
        "no native language is recorded of ben",
    ]
    assert Campaign.parse(made() + ana + ben).unrecorded() == []  # nobody's: then nobody asks for it
    with pytest.raises(CampaignError, match="is no date"):
        Campaign.parse(made() + ana + 'consent_date = "1.11.2026"\n')


def test_template_explains_every_key() -> None:
    text = made()
    for name, section in Campaign.model_fields.items():
        keys = getattr(section.annotation, "model_fields", {}) if name != "people" else Person.model_fields
        for key in [section.alias or name, *keys]:
            assert key in text, key


@given(st.text(min_size=1, alphabet=st.characters(exclude_categories=("Cs",), exclude_characters="\0")))
def test_template_bears_any_title_and_path(text: str) -> None:
    campaign = Campaign.parse(made(title=text, path=text))
    assert (campaign.about.title, campaign.source.path) == (text, text)


def test_template_refuses_what_could_not_stand() -> None:
    with pytest.raises(UsageError):
        made(languages=["xxx_Xxxx"])
    with pytest.raises(CampaignError, match="use 1 to 12"):
        made(id="Wells of 2026")


def test_init(tmp_path: Path) -> None:
    address = str(tmp_path / "new" / "wells")
    ledger = init(address, made())
    assert ledger.read(EVENTS).empty
    assert Campaign.load(address).id == "wells"
    with pytest.raises(UsageError, match=r'is a campaign already \("wells"\)'):
        init(address, made(id="other"))
    assert Campaign.load(address).id == "wells"


def test_init_completes_an_interrupted_one(tmp_path: Path) -> None:
    Ledger.create(str(tmp_path))
    init(str(tmp_path), made())
    assert Campaign.load(str(tmp_path)).id == "wells"


def test_init_does_not_bury_work(tmp_path: Path) -> None:
    ledger = init(str(tmp_path), made())
    ledger.append(EVENTS, [{"kind": "campaign_changed", "subject": "x", "language": "", "detail": "{}"}])
    (tmp_path / "campaign.toml").unlink()
    with pytest.raises(UsageError, match="with work in it"):
        init(str(tmp_path), made())


def test_init_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerError, match="file"):
        init(str(tmp_path / "file"), made())


def test_init_refuses_a_wrong_text_before_it_writes(tmp_path: Path) -> None:
    with pytest.raises(CampaignError):
        init(str(tmp_path / "x"), made().replace("[source]", "[sauce]"))
    assert not (tmp_path / "x").exists()


# how it may change


def test_a_change_that_harms_nothing() -> None:
    new = good(('title = "Wells"', 'title = "Well"'), ('"arb_Arab"]\n\n[[', '"arb_Arab", "deu_Latn"]\n\n[['))
    assert compare(good(), new, open_work(("translating", "fra_Latn", "ben"))) == []


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('id = "wells"', 'id = "well"', "campaign.id was 'wells' and is now 'well'"),
        ('kind = "parallel"', 'kind = "flores200"', "source.kind was"),
    ],
)
def test_what_cannot_change_once_begun(old: str, new: str, key: str) -> None:
    (said,) = compare(good(), good((old, new)), open_work())
    assert said.startswith(key)
    assert "belebele init" in said
    assert compare(good(), good((old, new)), open_work(), begun=False) == []


def test_another_source_language_cannot_be_meant() -> None:
    swapped = GOOD.replace("eng_Latn", "TMP").replace("fra_Latn", "eng_Latn").replace("TMP", "fra_Latn")
    new = Campaign.parse(
        swapped.replace('path = "passages.jsonl"', 'path = "passages.jsonl"\nlanguage = "fra_Latn"')
    )
    assert [said.split(" ")[0] for said in compare(good(), new, open_work())] == ["source.language"]


def test_a_person_with_open_work_stays() -> None:
    start, end = GOOD.index('[[people]]\ncode = "ben"'), GOOD.index('[[people]]\ncode = "cleo"')
    new = Campaign.parse(GOOD[:start] + GOOD[end:])
    assert compare(good(), new, open_work(("answering", "eng_Latn", "cleo"))) == []
    assert compare(good(), new, open_work(*[("answering", "eng_Latn", "ben")] * 3)) == [
        "ben was removed, but has 3 open in answering eng_Latn: put it back, run: belebele reassign ben, "
        "then change campaign.toml"
    ]


def test_a_role_with_open_work_stays() -> None:
    new = good(('["reviewing", "translating"]', '["reviewing"]'))
    assert compare(good(), new, open_work(("answering", "eng_Latn", "ben"))) == []
    (said,) = compare(good(), new, open_work(("translating", "fra_Latn", "ben")))
    assert said.startswith("ben no longer does this in fra_Latn, but has 1 open in translating fra_Latn")


def test_a_language_with_open_work_stays() -> None:
    new = Campaign.parse(GOOD.replace('"fra_Latn", "arb_Arab"]', '"arb_Arab"]').replace(', "fra_Latn"]', "]"))
    assert compare(good(), new, open_work(("answering", "eng_Latn", "ben"))) == []
    (said,) = compare(good(), new, open_work(*[("translating", "fra_Latn", "ben")] * 2))
    assert said.startswith("language fra_Latn was removed, but work in it is open with ben (2)")


# places and files


def test_key_lines() -> None:
    text = 'top = 1\n[a] # x\n"b" = """\n[not] = a\nkey = 1\n"""\nc.d = [\n  [1],\n]\n[[p]]\nx = 1\n[[p]]\nx = 2\n'
    lines = key_lines(text)
    assert lines[("top",)] == 1
    assert lines[("a",)] == 2
    assert lines[("a", "b")] == 3
    assert lines[("a", "c", "d")] == 7
    assert lines[("p", 0, "x")] == 11
    assert lines[("p", 1, "x")] == 13
    assert ("not",) not in lines
    assert ("a", "key") not in lines


def test_line_of_what_does_not_stand_there() -> None:
    assert line_of("[a]\nb = 1\n", ("a", "c")) == 1
    assert line_of("[a]\n", ("z",)) is None


def test_write_text_replaces_whole_files(tmp_path: Path) -> None:
    folder = str(tmp_path / "made")
    assert not storage.exists(folder, "x.toml")
    storage.write_text(folder, "x.toml", "née\r\n")
    storage.write_text(folder, "x.toml", "né\n", mode=0o600)
    assert storage.read_text(folder, "x.toml") == "né\n"
    assert [p.name for p in Path(folder).iterdir()] == ["x.toml"]
    assert (Path(folder) / "x.toml").stat().st_mode & 0o777 == 0o600


def test_a_write_that_fails_leaves_the_old_text(tmp_path: Path) -> None:
    storage.write_text(str(tmp_path), "x.toml", "old")
    with pytest.raises(UnicodeEncodeError):
        storage.write_text(str(tmp_path), "x.toml", "new \ud800")
    assert storage.read_text(str(tmp_path), "x.toml") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["x.toml"]


def test_state_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "own"))
    assert state_dir() == tmp_path / "own"
    assert (tmp_path / "own").stat().st_mode & 0o777 == 0o700 & ~_umask()
    monkeypatch.delenv("BELEBELE_STATE_DIR")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    assert state_dir() == tmp_path / "xdg" / "belebele"
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert state_dir() == tmp_path / "home" / ".local" / "state" / "belebele"


def _umask() -> int:
    now = os.umask(0)
    os.umask(now)
    return now


def test_how_much_somebody_takes_is_a_number_or_one_for_each_role() -> None:
    ben = 'roles = ["reviewing", "translating"]'
    of_all = Campaign.parse(changed((ben, f"{ben}\nmax_passages = 40"))).person("ben")
    assert of_all.max_passages is not None
    assert of_all.max_passages["reviewing"] == of_all.max_passages["translating"] == 40
    of_one = Campaign.parse(changed((ben, f"{ben}\nmax_passages = {{ reviewing = 3 }}"))).person("ben")
    assert of_one.max_passages == {"reviewing": 3}
    for wrong, said in {
        "0": "is 0, and must be a whole number of at least 1",
        "{ writing = 3 }": "'writing' is no role",
        '"many"': "is 'many', neither a number of passages nor a table of them by role",
    }.items():
        (line,) = mistakes(changed((ben, f"{ben}\nmax_passages = {wrong}")))
        assert said in line
        assert "write max_passages = 40, or max_passages = { authoring = 40, reviewing = 60 }" in line


def test_what_somebody_takes_is_written_into_a_new_campaign() -> None:
    taker = Person(code="ana", roles=("authoring",), max_passages={"authoring": 2})
    text = template(id="c", title="c", source="parallel", path="p", languages=["fra_Latn"], people=[taker])
    assert Campaign.parse(text).person("ana").max_passages == {"authoring": 2}


def test_more_trials_cannot_be_kept_than_are_written() -> None:
    bar = "[qualification]\nrequired = true\ntrials = 1\nmin_kept_trials = 2\n\n[[people]]"
    (line,) = mistakes(GOOD.replace("[[people]]", bar, 1))
    assert "min_kept_trials is 2, but 1 trial questions are written: lower it, or raise trials" in line
