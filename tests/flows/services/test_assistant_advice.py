"""The assistant in a campaign: what it knows, what it says, what is recorded, and who asks it."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from starlette.responses import JSONResponse
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from annotation.assistant.assistant_app import Asked, app, read
from annotation.forms.submitted_form import FEEDBACK
from annotation.labelstudio.assistant_passwords import Credentials, Keyring
from annotation.labelstudio.client import LabelStudio, Workbench
from annotation.labelstudio.local_server import LocalLabelStudio, admit
from annotation.labelstudio.signed_in_user import SignedInUser
from annotation.stages import authoring_page
from data.campaign.campaign import Campaign
from data.errors import UsageError
from data.ledger import tables
from data.ledger.events import Feedback
from flows.advance import idle_progress
from flows.cli.commands import main
from flows.inspection import webhooks
from flows.reports import preflight_check
from flows.reports.people_and_pay import meter_effect
from flows.reports.status import status
from flows.services import assistant_advice, assistant_process
from tests.annotation.assistant.assistant_fixture import SECRET, serving
from tests.flows.small_campaign import BAKERY, BOATS, TEXTS, Small, begin

WORDS = (
    "boat", "river", "hill", "tool", "bread", "oven", "town", "rain", "market", "school", "mill", "key", "old",
    "new", "long", "red",
)  # fmt: skip
OFF, ON = "[assistant]\nenabled = false", "[assistant]\nenabled = true"


def pool(folder: Path, count: int = 120, cue: str = "seldom") -> None:
    """Items whose wrong options hold a word; the meter learns it."""
    draw = random.Random(0)
    lines = []
    for n in range(count):
        options = [" ".join(draw.sample(WORDS, 4)) for _ in range(4)]
        key = draw.randrange(4)
        options = [text if k == key else f"{text} {cue}" for k, text in enumerate(options)]
        lines.append({"id": f"i{n}", "passage": f"p{n}", "question": "Where?", "options": options, "answer": key})
    (folder / "pool.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")


def assisted(folder: Path, campaign_id: str = "small", more: str = "") -> Small:
    small = begin(folder, campaign_id)
    pool(folder)
    small.configure(OFF, ON)
    small.configure('train_on = ""', 'train_on = "pool.jsonl"' + more)
    return small


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Small:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))
    for name in (assistant_process.SECRET, assistant_process.URL):
        monkeypatch.delenv(name, raising=False)
    return assisted(tmp_path / "campaign")


def asked(small: Small, key: str, **fields: object) -> Asked:
    """What the page of a task asks when it is filled in like this."""
    text = TEXTS[BOATS, "eng_Latn"]
    result = authoring_page.result(
        **{"question": text["question"], "answers": text["answers"], "key": 1, **fields}
    )  # type: ignore[arg-type]
    data = {"task_key": key, **small.shown(key)}
    found = read({"tasks": [{"data": data}], "params": {"context": {"result": result}}})
    assert found is not None
    return found


def judge(small: Small) -> assistant_advice.Judge:
    campaign = Campaign.load(small.address)
    return assistant_advice.Judge(campaign, assistant_advice.home(campaign, small.address))


def test_advance_trains_the_meter_and_pages_are_told_what_it_reads(small: Small) -> None:
    small.advance()
    (key,) = small.keys("authoring", question=BOATS)
    answer = judge(small)
    assert len(answer.version()) == 8
    text = TEXTS[BOATS, "eng_Latn"]["answers"]
    said, first = answer(asked(small, key, answers=text))
    assert any(
        "Without the passage, the correct answer is picked with" in one and "(chance 25 %)" in one for one in said
    )
    assert said[-1].startswith(f"(Meter {answer.version()}, trained on 120 questions;")
    said, second = answer(asked(small, key, answers=[text[0], *(f"{one} seldom" for one in text[1:])]))
    assert second > first
    assert any("up since your last change" in one for one in said)
    again, third = answer(asked(small, key, answers=[text[0], *(f"{one} seldom" for one in text[1:])]))
    assert (again, third) == (said, second)  # what did not change moved nothing
    said, _ = answer(asked(small, key, answers=text))
    assert any("down since your last change" in one for one in said)


def test_a_running_assistant_takes_a_new_model_and_new_questions(small: Small) -> None:
    small.advance()
    (key,) = small.keys("authoring", question=BAKERY)
    answer = judge(small)
    before = answer.version()
    assert not answer.refresh()
    small.submit(*small.keys("authoring", question=BOATS))
    pool(small.folder, 130)
    small.advance()
    assert answer.refresh()
    assert answer.version() not in (before, "none")
    said, _ = answer(asked(small, key))
    assert any(one.startswith("A question that was written before is 100 % the same") for one in said)


def test_without_a_model_it_says_so_and_looks_at_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))
    small = begin(tmp_path / "campaign")
    small.configure(OFF, ON)
    small.advance()
    (key,) = small.keys("authoring", question=BOATS)
    said, _ = judge(small)(asked(small, key, answers=["a hut", "a hut", "a boat", "a house"]))
    assert "Answers 1 and 2 are the same: “a hut”." in said
    assert said[-1] == "The shortcut meter has no model yet: it learns from 100 questions."


def test_the_meter_is_shown_on_a_share_of_the_questions(small: Small) -> None:
    campaign = Campaign.parse(
        small.folder.joinpath("campaign.toml").read_text().replace("meter_share = 1.0", "meter_share = 0.3")
    )
    shares = sum(assistant_advice.is_meter_shown(campaign, f"p{n}-q1") for n in range(2000)) / 2000
    assert 0.26 < shares < 0.34
    assert assistant_advice.is_meter_shown(Campaign.load(small.address), "p1-q1")


def test_what_the_meter_says_of_each_question_is_recorded_once(small: Small) -> None:
    small.advance()
    small.submit(*small.keys("authoring"))
    small.advance()
    small.advance()
    events = small.state.events(Feedback)
    facts = [json.loads(text) for text in events["detail"]]
    assert sorted(one["question_id"] for one in facts) == [BAKERY, BOATS]
    assert all(one["drawn"] and one["shown"] == "" and one["model"] for one in facts)
    assert all(0 < one["probability"] < 1 for one in facts)
    found = status(small.state)["meter"]
    assert found["shown"]["questions"] == 2 and 0 < found["shown"]["probability"] < 1
    assert found["hidden"] == {"questions": 0, "probability": None}
    assert found["difference"] is found["low"] is found["high"] is None
    assert "where it was shown (2)" in meter_effect.effect_in_words(found)


def test_what_the_page_showed_is_recorded_too(small: Small) -> None:
    small.advance()
    (key,) = small.keys("authoring", question=BOATS)
    said, probability = judge(small)(asked(small, key))
    task = small.state.tasks.set_index("task_key").loc[key].to_dict()
    text = TEXTS[BOATS, "eng_Latn"]
    fields = {"question": text["question"], "answers": text["answers"], "key": 1}
    meter = assistant_advice.held_meter(assistant_advice.home(small.state.campaign, small.address))
    made = assistant_advice.feedback_record(small.state, task, fields, "\n".join(said), meter)
    assert made.shown == made.model == judge(small).version()
    assert made.probability == pytest.approx(probability, abs=1e-4)
    assert made.shown_probability == pytest.approx(probability, abs=0.006)


def compared(small: Small, *arms: tuple[bool, float, list[float]], again: int = 0) -> meter_effect.MeterEffect:
    """The effect by questions of arms (drawn, share, probabilities), the first of which are submitted again."""
    for edit in (False, True):
        rows = [
            Feedback(
                question_id=f"p{which}-q{n}", revision=0, drawn=drawn, share=share, shown="",
                shown_probability=None, model="", probability=0.99 if edit else value,
            ).row(f"{which}-{n}-{edit}", "eng_Latn")
            for which, (drawn, share, values) in enumerate(arms) for n, value in enumerate(values)
            if not edit or n < again
        ]  # fmt: skip
        small.state.ledger.append(tables.EVENTS, rows)
    return meter_effect.effect(small.state)


def test_the_effect_is_the_difference_of_the_arms_with_welchs_interval(small: Small) -> None:
    small.advance()
    draw = random.Random(1)
    shown, hidden = ([draw.gauss(mean, 0.1) for _ in range(n)] for mean, n in ((0.3, 40), (0.4, 30)))
    found = compared(small, (True, 0.6, shown), (False, 0.6, hidden), again=20)
    assert (found.shown.questions, found.hidden.questions) == (40, 30), "an edit is no other question"
    means = CompareMeans(DescrStatsW(shown), DescrStatsW(hidden))
    assert (found.low, found.high) == pytest.approx(means.tconfint_diff(usevar="unequal"))
    assert found.difference == pytest.approx(sum(shown) / 40 - sum(hidden) / 30)
    assert "where it was shown (40)" in meter_effect.effect_in_words(status(small.state)["meter"])


def test_questions_of_another_share_are_not_compared(small: Small) -> None:
    """All of the later ones were shown it, and are better: that is no effect of the meter."""
    small.advance()
    shown, hidden, later = [0.4, 0.5] * 10, [0.5, 0.4] * 10, [0.1, 0.2] * 30
    found = compared(small, (True, 0.5, shown), (False, 0.5, hidden), (True, 1.0, later))
    assert (found.shown.questions, found.hidden.questions) == (20, 20)
    assert found.difference == pytest.approx(0)


def test_too_few_of_an_arm_are_not_compared(small: Small) -> None:
    small.advance()
    found = compared(small, (True, 0.5, [0.4, 0.5] * 10), (False, 0.5, [0.4] * 9))
    assert (found.hidden.questions, found.difference, found.low, found.high) == (9, None, None, None)


def test_the_secret_is_made_once_for_its_owner_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path))
    monkeypatch.delenv(assistant_process.SECRET, raising=False)
    made = assistant_process.secret()
    assert len(made) > 30 and assistant_process.secret() == made
    file = tmp_path / "assistant" / "secret"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in file.parent.iterdir()] == ["secret"]
    monkeypatch.setenv(assistant_process.SECRET, "short")
    with pytest.raises(UsageError, match="16 or more"):
        assistant_process.secret()


def test_a_campaign_that_wants_none_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))
    small = begin(tmp_path / "campaign")
    small.advance()
    small.submit(*small.keys("authoring"))
    small.advance()
    assert small.state.events(Feedback).empty and not (tmp_path / "state" / "assistant").exists()
    assert status(small.state)["meter"] == {}
    told = CliRunner().invoke(main, ["assistant", small.address])
    assert told.exit_code == 2 and "enabled = true below [assistant]" in told.output


def test_the_command_answers_until_it_is_ended_and_takes_the_same_port_again(small: Small) -> None:
    small.advance()
    folder = assistant_advice.home(small.state.campaign, small.address)
    addresses = []
    for _ in range(2):
        words = [sys.executable, "-m", "flows.cli.commands", "assistant", small.address]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
            assert process.stdout is not None
            said = process.stdout.readline()
            assert assistant_process.secret() not in said
            addresses.append(assistant_process.address_of(small.state.campaign, small.address))
            assert addresses[-1] in said, said
            assert until_healthy(f"{addresses[-1]}/health")
            assert httpx.get(f"{addresses[-1]}/health").status_code == 404
            process.terminate()
            rest = process.stdout.read()
            assert assistant_process.secret() not in rest and "Traceback" not in rest, rest
    assert addresses[0] == addresses[1]
    assert assistant_process.secret() not in (folder / assistant_process.NOTE).read_text()


def until_healthy(url: str) -> bool:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            return httpx.get(url, auth=Keyring(assistant_process.secret()).own).status_code == 200
        except httpx.ConnectError:
            time.sleep(0.1)
    return False


@pytest.mark.real_server
def test_workbenches_ask_the_assistant_once_it_answers_and_none_when_it_is_wanted_no_more(
    studio: LabelStudio,
    label_studio: LocalLabelStudio,
    visitor: Callable[[str], SignedInUser],
    campaign_id: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv(assistant_process.SECRET, SECRET)
    small = assisted(tmp_path / "campaign", campaign_id)
    small.servers = {"main": studio}
    keys = assistant_process.keyring(small.state.campaign, small.address)
    monkeypatch.setenv(assistant_process.URL, "http://127.0.0.1:9")
    assert any("does not answer" in one for one in small.advance().problems)
    with serving(app(keys, judge(small), lambda: "v1")) as address:
        admit(label_studio.data_dir, "of-a-test", address)
        monkeypatch.setenv(assistant_process.URL, address)
        assert small.advance().problems == []
        benches = [
            bench for title, bench in studio.workbenches(f"{campaign_id}/").items() if "/authoring/" in title
        ]
        assert benches
        assert not any(studio.assist(bench, address, keys.of(bench.title, 1)) for bench in benches)  # they do ask
        for bench in benches:  # who has an account reads all of this
            ask = partial(httpx.get, params={"project": bench.id}, auth=studio._wire._signature)
            shown = ask(f"{studio.url}/api/ml/").text
            assert SECRET not in shown and keys.of(bench.title, 1).password not in shown
            assert ask(f"{studio.url}/api/webhooks/").json() == []
        assert small.advance().idle
        (task, *_) = studio.tasks(benches[0])
        text = TEXTS[BOATS, "eng_Latn"]
        ana = visitor("ana")
        assistant = ana.assistant(benches[0].id)
        assert assistant is not None
        typed = authoring_page.result(question=text["question"], answers=text["answers"], key=1)
        (found,) = ana.ask(assistant, task.id, typed) or [{}]
        assert ana.ask(assistant, task.id, [*typed, found]) is None, "the page shows it already"
        assert found["from_name"] == FEEDBACK and "Without the passage" in found["value"]["text"][0]
        entered = [*authoring_page.result(question=text["question"], answers=text["answers"], key=1,
                                     notes=["", "x", "y", "z"], evidence=[1]), found]  # fmt: skip
        ana.submit(task.id, entered)
    ana.submit(studio.tasks(benches[-1])[-1].id, entered)  # the assistant is gone, and that stops nobody
    small.configure(ON, OFF)
    small.advance()
    assert not any(studio.assist(bench, "") for bench in benches)
    assert ana.assistant(benches[0].id) is None


@pytest.mark.slow
@pytest.mark.real_server
def test_who_has_pages_ask_somebody_else_is_told_of_and_has_a_password_that_opens_nothing(
    studio: LabelStudio,
    label_studio: LocalLabelStudio,
    visitor: Callable[[str], SignedInUser],
    campaign_id: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv(assistant_process.SECRET, SECRET)
    small = assisted(tmp_path / "campaign", campaign_id)
    small.servers = {"main": studio}
    campaign = small.state.campaign
    small.advance()
    eve = visitor("eve")._http
    leaked: list[str] = []

    async def evil(scope: Any, receive: Any, send: Any) -> None:
        leaked.extend(value.decode() for name, value in scope["headers"] if name == b"authorization")
        await JSONResponse({"status": "UP", "model_version": "v1"})(scope, receive, send)

    def asks(method: str, path: str, **body: object) -> Any:
        sent = eve.request(method, f"/api/ml{path}", json=body or None, headers={"Referer": studio.url})
        assert sent.is_success, sent.text
        return sent

    keys = assistant_process.keyring(campaign, small.address)
    with serving(app(keys, judge(small), lambda: "v1")) as address, serving(evil) as elsewhere:
        for name, place in (("a", address), ("b", elsewhere)):
            admit(label_studio.data_dir, name, place)
        monkeypatch.setenv(assistant_process.URL, address)
        assert small.advance().problems == []
        first, other = (
            bench for title, bench in studio.workbenches(f"{campaign_id}/").items() if "/auth" in title
        )

        def opens(credentials: Credentials) -> bool:
            return httpx.get(f"{address}/health", auth=credentials).status_code == 200

        def moved(number: int) -> None:
            asks("PATCH", f"/{number}", url=elsewhere, project=first.id, auth_method="BASIC_AUTH",
                 basic_auth_user="x", basic_auth_pass="")  # fmt: skip

        def added(_: int) -> None:
            asks("POST", "", url=elsewhere, project=first.id, is_interactive=True)

        def deleted(number: int) -> None:
            asks("DELETE", f"/{number}")

        for generation, meddle in enumerate((moved, added, deleted), start=1):
            meddle(studio.backends(first)[0].id)
            assert idle_progress(small.address, small.servers) is None
            (told,) = small.advance().problems
            assert first.title in told and "another password" in told
            assert (elsewhere in told) == (meddle is not deleted)
            (now,) = studio.backends(first)
            assert now.asks(address, *told_of(keys, first, generation + 1))
            assert opens(keys.of(first.title, generation + 1))
            assert not opens(keys.of(first.title, generation)), "what it asked with before is worth nothing"
            assert small.advance().idle and idle_progress(small.address, small.servers) is not None
        assert leaked, "the server hands the password to whatever address it is told"
        assert not any(httpx.get(f"{address}/health", headers={"authorization": one}).is_success for one in leaked)
        assert keys.latest(other.title) == 1 and opens(keys.of(other.title, 1)), "the others keep theirs"
        assert any(f"what {first.title} asks, 3 times, last to {elsewhere}" in one.text for one in
                   preflight_check._redirected(small.state))  # fmt: skip
    assert small.advance().problems == [], "an assistant that is down was changed by nobody"


@pytest.mark.real_server
def test_a_webhook_of_somebody_else_is_told_once_and_stays(
    studio: LabelStudio, visitor: Callable[[str], SignedInUser], campaign_id: str, tmp_path: Path
) -> None:
    small = begin(tmp_path / "campaign", campaign_id)
    small.servers = {"main": studio}
    assert small.advance().problems == [] and idle_progress(small.address, small.servers) is not None
    eve, url = visitor("eve")._http, "https://198.51.99.1/collect"
    title, bench = next(iter(studio.workbenches(f"{campaign_id}/").items()))
    for one in (bench.id, studio.open(f"{campaign_id}x/authoring/eng_Latn/ana", "<View/>", "", "").id):
        body = {"url": url, "project": one, "send_payload": True, "send_for_all_actions": True, "is_active": True}
        eve.post("/api/webhooks/", json=body, headers={"Referer": studio.url}).raise_for_status()
    assert idle_progress(small.address, small.servers) is None
    (told,) = small.advance().problems
    assert title in told and url in told and "not yours" in told
    assert small.advance().problems == [] and idle_progress(small.address, small.servers) is not None
    standing = studio.workbenches(f"{campaign_id}/")
    assert [one.sentence() for one in webhooks.campaign_webhooks("main", studio, standing)] == [told]
    for hook in studio.webhooks():
        if hook.url == url:
            eve.delete(f"/api/webhooks/{hook.id}/", headers={"Referer": studio.url}).raise_for_status()


def told_of(keys: Keyring, bench: Workbench, generation: int) -> tuple[str, str]:
    credentials = keys.of(bench.title, generation)
    return credentials.user, credentials.seal
