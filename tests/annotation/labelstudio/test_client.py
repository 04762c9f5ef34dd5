import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from annotation.labelstudio.client import LabelStudio, Mark, Workbench
from annotation.labelstudio.local_server import LocalLabelStudio
from annotation.labelstudio.signed_in_user import SignedInUser
from data.errors import ServerError, ServerRefused, ServerUnreachable, UsageError
from tests.faulty_line import FaultyLine

pytestmark = pytest.mark.both_servers

CONFIG = '<View><Text name="t" value="$text"/><TextArea name="q" toName="t"/></View>'
TASKS = [(f"authoring/eng_Latn/p1-q{n}/1/w1", {"text": f"Passage {n}"}) for n in (1, 2, 3)]
KEYS = [key for key, _ in TASKS]


def answer(text: str) -> list[dict[str, object]]:
    return [{"from_name": "q", "to_name": "t", "type": "textarea", "value": {"text": [text]}}]


def texts(found) -> list[str]:
    return [one.result[0]["value"]["text"][0] for one in found.submissions]


@pytest.fixture
def bench(studio: LabelStudio, campaign_id: str) -> Workbench:
    title = f"{campaign_id}/authoring/eng_Latn/w1"
    workbench = studio.open(title, CONFIG, "<p>Write.</p>", "authoring")
    studio.push(workbench, TASKS)
    return workbench


@pytest.fixture
def line(label_studio: LocalLabelStudio) -> Iterator[FaultyLine]:
    with FaultyLine(label_studio.url) as faulty:
        yield faulty


def again(studio: LabelStudio, bench: Workbench, marks: dict[str, Mark] | None = None, **how):
    fresh = studio.workbenches(bench.title)[bench.title]
    return studio.submissions([fresh], marks, **how)


def quiet(mark: Mark, seconds: int = 61) -> Mark:
    """As if the reading that made the mark had been so long ago: what it overlaps with is over."""
    since = datetime.fromisoformat(mark.since) + timedelta(seconds=seconds)
    return mark._replace(since=since.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))


def test_what_the_server_says_of_itself(studio: LabelStudio, visitor: Callable[[str], SignedInUser]):
    ann = visitor("ann")
    assert studio.check() == "1.23.2"
    assert studio.accounts()["ann@example.org"].startswith(f"{ann.account} of 20")
    assert studio.invitation().startswith(f"{studio.url}/user/signup/?token=")


def test_a_workbench_is_made_once_and_found_by_its_title(studio: LabelStudio, campaign_id: str):
    title = f"{campaign_id}/judging/swh_Latn/r1"
    first = studio.open(title, CONFIG, "<p>Judge “this” & that.</p>", "judging")
    assert studio.open(title, CONFIG, "<p>Judge “this” & that.</p>", "judging") == first
    assert studio.workbenches(f"{campaign_id}/") == {title: first}
    assert studio.workbenches(f"{campaign_id}/judging/arb") == {}


def test_settings_that_somebody_changed_are_put_back(label_studio: LocalLabelStudio, studio: LabelStudio, bench):
    token = {"Authorization": f"Token {label_studio.token}"}
    address = f"{studio.url}/api/projects/{bench.id}/"
    meddled = {
        "sampling": "Uniform sampling", "maximum_annotations": 3, "skip_queue": "REQUEUE_FOR_ME",
        "show_skip_button": False, "show_instruction": False, "color": "#000000",
    }  # fmt: skip
    httpx.patch(address, json=meddled, headers=token).raise_for_status()
    studio.open(bench.title, CONFIG, "<p>Write.</p>", "authoring", "#2E7D4F")
    held = httpx.get(address, headers=token).json()
    assert {name: held[name] for name in meddled} == {
        "sampling": "Sequential sampling", "maximum_annotations": 1, "skip_queue": "IGNORE_SKIPPED",
        "show_skip_button": True, "show_instruction": True, "color": "#2E7D4F",
    }  # fmt: skip


def test_the_list_of_tasks_is_arranged_once(label_studio: LocalLabelStudio, studio: LabelStudio, bench: Workbench):
    def views() -> list[dict[str, object]]:
        token = {"Authorization": f"Token {label_studio.token}"}
        return httpx.get(f"{studio.url}/api/dm/views/?project={bench.id}", headers=token).json()

    studio.arrange(bench, ["text"], ["text", "order", "findings"])
    (first,) = views()
    assert first["data"]["hiddenColumns"]["explore"][:3] == [
        "tasks:data.findings", "tasks:data.order", "tasks:data.task_key",
    ]  # fmt: skip
    studio.arrange(bench, ["order"], ["text", "order", "findings"])
    assert views() == [first]


def test_pages_are_brought_up_to_date_when_they_differ_and_only_then(
    label_studio: LocalLabelStudio, line: FaultyLine, campaign_id: str
):
    studio = LabelStudio(line.url, label_studio.token)
    title = f"{campaign_id}/judging/swh_Latn/r1"
    for config, guideline, changes in [
        (CONFIG, "<table><tr><td>A & B</td></tr></table>", 0),
        (f"\n{CONFIG}\n", "<table><tr><td>A & B</td></tr></table>", 0),
        (CONFIG, "<p>New.</p>", 1),
        (CONFIG.replace("<View>", '<View className="x">'), "<p>New.</p>", 1),
    ]:
        line.seen.clear()
        studio.open(title, config, guideline, "judging")
        assert [method for method, _, _ in line.seen].count("PATCH") == changes
    held = httpx.get(
        f"{line.url}/api/projects/",
        params={"title": title},
        headers={"Authorization": f"Token {label_studio.token}"},
    ).json()["results"][0]
    assert "New." in held["expert_instruction"]
    assert 'className="x"' in held["label_config"]
    studio.close()


@pytest.mark.parametrize("title", ["ab", "c/authoring/eng_Latn/" + "w" * 30])
def test_a_title_that_label_studio_would_refuse(studio: LabelStudio, title: str):
    with pytest.raises(UsageError, match=r"campaign\.toml"):
        studio.open(title, CONFIG, "", "")


def test_tasks_are_pushed_once(studio: LabelStudio, bench: Workbench):
    assert studio.push(bench, TASKS).pushed == 0
    more = ("authoring/eng_Latn/p2-q1/1/w1", {"text": "Passage 4"})
    pushed = studio.push(bench, [*TASKS, more])
    assert (pushed.there, pushed.added, pushed.pushed) == (tuple(KEYS), (more[0],), 1)
    assert [task.key for task in studio.tasks(bench)] == [*KEYS, more[0]]
    assert studio.workbenches(bench.title)[bench.title].tasks == 4


def test_what_a_task_shows_changes_without_a_new_task(studio: LabelStudio, bench: Workbench):
    before = studio.tasks(bench)
    assert list(
        studio.update(bench, {KEYS[1]: {"text": "Passage 2, mended"}, KEYS[0]: {"text": "Passage 1"}})
    ) == [KEYS[1]]
    after = studio.tasks(bench)
    assert [task.id for task in after] == [task.id for task in before]
    assert after[1].data == {"task_key": KEYS[1], "text": "Passage 2, mended"}


def test_what_people_did_is_collected(
    studio: LabelStudio, bench: Workbench, visitor: Callable[[str], SignedInUser]
):
    ann, ben = visitor("ann"), visitor("ben")
    one, two, three = ann.open_tasks(bench.title)
    assert (one.key, one.data["text"]) == (KEYS[0], "Passage 1")
    first = ann.submit(one.id, answer("Why?"), seconds=12.5)
    ann.skip(two.id)
    ben.submit(three.id, answer("How?"))
    assert ann.open_tasks(bench.title) == []

    found = again(studio, bench)
    who = studio.accounts()
    assert [(s.task_key, s.kind, s.account) for s in found.submissions] == [
        (KEYS[0], "submitted", who[ann.email]),
        (KEYS[1], "skipped", who[ann.email]),
        (KEYS[2], "submitted", who[ben.email]),
    ]
    assert found.submissions[0].result[0]["value"] == {"text": ["Why?"]}
    assert (found.submissions[0].annotation_id, found.submissions[0].seconds) == (first, 12.5)
    assert abs(found.submissions[0].updated_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert [task.annotations for task in found.touched] == [(s.annotation_id,) for s in found.submissions]
    assert found.complete == {bench.title}
    assert "example.org" not in repr(found)
    assert studio.workbenches(bench.title)[bench.title].annotations == 3


def test_only_what_changed_is_collected_again(
    studio: LabelStudio, bench: Workbench, visitor: Callable[[str], SignedInUser]
):
    ann = visitor("ann")
    one, two, _ = ann.open_tasks(bench.title)
    first, second = ann.submit(one.id, answer("Why?")), ann.submit(two.id, answer("How?"))
    marks = again(studio, bench).marks
    marks = json.loads(json.dumps(marks))
    marks = {title: Mark(*mark) for title, mark in marks.items()}
    assert len(again(studio, bench, marks).submissions) == 2, "what is younger than a minute comes again"

    before = {bench.title: quiet(marks[bench.title])}
    time.sleep(1.1)  # servers tell the time in whole seconds
    ann.edit(first, answer("Why not?"))
    edited = again(studio, bench, before)
    assert texts(edited) == ["Why not?"]
    assert edited.complete == frozenset()

    ann.delete(second)
    gone = again(studio, bench, before)
    assert [(task.task_key, task.annotations) for task in gone.touched] == [(KEYS[0], (first,)), (KEYS[1], ())]

    calm = {bench.title: _calm(studio, bench)}
    assert again(studio, bench, calm).marks == {}, "nobody was active and the counts stand still"
    assert len(again(studio, bench, calm, full=True).submissions) == 1


def _calm(studio: LabelStudio, bench: Workbench) -> Mark:
    """The mark of a reading before which nobody had done anything for a while."""
    time.sleep(2.1)  # servers tell the time in whole seconds
    return quiet(again(studio, bench).marks[bench.title], 60)


def test_work_that_scripts_write_is_not_lost(
    studio: LabelStudio, bench: Workbench, visitor: Callable[[str], SignedInUser], label_studio: LocalLabelStudio
):
    ann = visitor("ann")
    first = ann.submit(ann.open_tasks(bench.title)[0].id, answer("Why?"))
    mark = _calm(studio, bench)
    token = {"Authorization": f"Token {label_studio.token}"}
    httpx.patch(
        f"{studio.url}/api/annotations/{first}/", json={"result": answer("Why not?")}, headers=token
    ).raise_for_status()
    stale = mark._replace(since="2020-01-01T00:00:00.000000Z")
    assert texts(again(studio, bench, {bench.title: stale})) == ["Why not?"]

    assert again(studio, bench, {bench.title: mark}).submissions == (), "an edit by token is not seen at once …"
    httpx.delete(f"{studio.url}/api/annotations/{first}/", headers=token).raise_for_status()
    assert set(again(studio, bench, {bench.title: mark}).marks) == {bench.title}, "… but a change of counts is"


def test_a_task_that_vanished_shows(studio: LabelStudio, bench: Workbench, visitor: Callable[[str], SignedInUser]):
    ann = visitor("ann")
    one, two, _ = ann.open_tasks(bench.title)
    ann.submit(one.id, answer("Why?"))
    ann.submit(two.id, answer("How?"))
    mark = again(studio, bench).marks[bench.title]
    ann._ask("DELETE", f"/api/tasks/{one.id}/")
    found = again(studio, bench, {bench.title: mark})
    assert found.complete == {bench.title}
    assert [task.task_key for task in found.touched] == KEYS[1:]


def test_only_untouched_tasks_are_removed(
    studio: LabelStudio, bench: Workbench, visitor: Callable[[str], SignedInUser]
):
    ann = visitor("ann")
    one, two, _ = ann.open_tasks(bench.title)
    ann.submit(one.id, answer("Why?"))
    ann.skip(two.id)
    assert studio.remove(bench, [*KEYS, "authoring/eng_Latn/unknown/1/w1"]) == [KEYS[2]]
    assert [task.key for task in studio.tasks(bench)] == KEYS[:2]
    assert studio.remove(bench, []) == []
    assert studio.remove(bench, KEYS) == []
    assert len(studio.tasks(bench)) == 2


def _raw(studio: LabelStudio, token: str, method: str, path: str, body: object) -> httpx.Response:
    done = httpx.request(method, studio.url + path, json=body, headers={"Authorization": f"Token {token}"})
    return done.raise_for_status()


def test_of_doubles_the_first_counts_and_work_is_never_thrown_away(
    studio: LabelStudio, bench: Workbench, visitor: Callable[[str], SignedInUser], label_studio: LocalLabelStudio
):
    token = label_studio.token
    doubled = [{"data": {"text": "again", "task_key": key}} for key in KEYS]
    _raw(studio, token, "POST", f"/api/projects/{bench.id}/import", doubled)
    extra = [task.id for task in studio.tasks(bench)][3:]
    ann = visitor("ann")
    ann.submit(extra[0], answer("Why?"))
    ann._ask("POST", f"/api/tasks/{extra[1]}/drafts", body={"result": answer("Ho"), "lead_time": 1})
    pushed = studio.push(bench, TASKS)
    assert (pushed.pushed, pushed.doubles) == (0, (extra[0], extra[1]))
    assert len(studio.tasks(bench)) == 5

    for _ in range(2):
        _raw(studio, token, "POST", "/api/projects/", {"title": bench.title, "label_config": CONFIG})
    twins = sorted(p.workbench.id for p in studio._projects.titled(bench.title))
    _raw(studio, token, "POST", f"/api/projects/{twins[2]}/import", doubled)
    third = [task.id for task in studio.tasks(Workbench(twins[2], bench.title, 0, 0, bench.made))]
    ann.submit(third[0], answer("Why?"))
    looked = studio.workbenches(bench.title, tidy=False)[bench.title]
    assert (looked.id, looked.doubles) == (bench.id, tuple(twins[1:])), "a look alone removes nothing"
    assert studio.workbenches(bench.title)[bench.title].doubles == (twins[2],)
    assert studio.open(bench.title, CONFIG, "<p>Write.</p>", "authoring").id == bench.id
    assert sorted(p.workbench.id for p in studio._projects.titled(bench.title)) == [bench.id, twins[2]]


def test_accounts_are_asked_for_once_and_again_when_somebody_signed_up_meanwhile(
    label_studio: LocalLabelStudio,
    studio: LabelStudio,
    line: FaultyLine,
    bench: Workbench,
    visitor: Callable[[str], SignedInUser],
):
    ann = visitor("ann")
    one, two, _ = ann.open_tasks(bench.title)
    ann.submit(one.id, answer("Why?"))
    with LabelStudio(line.url, label_studio.token) as other:
        marks = again(other, bench).marks
        line.seen.clear()
        assert [s.account for s in again(other, bench, marks).submissions] == [studio.accounts()[ann.email]]
        assert _asked(line, "/api/users/") == 1

        newcomers: list[SignedInUser] = []

        def spoil(_: str, path: str) -> str:
            if path.startswith("/api/tasks/") and not newcomers:
                newcomers.append(visitor(f"late{bench.id}"))
                newcomers[0].submit(two.id, answer("How?"))
            return ""

        line.spoil = spoil
        line.seen.clear()
        found = again(other, bench, marks)
    who = studio.accounts()
    assert [s.account for s in found.submissions] == [who[ann.email], who[newcomers[0].email]]
    assert _asked(line, "/api/users/") == 2


def _asked(line: FaultyLine, path: str) -> int:
    return sum(seen.startswith(path) for _, seen, _ in line.seen)


@pytest.mark.parametrize("fault", ["down", "lost", "500", "refused", "garbage", "slow"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_bad_line_neither_loses_nor_doubles(
    label_studio: LocalLabelStudio, line: FaultyLine, campaign_id: str, method: str, fault: str
):
    """Every second request of the method goes wrong; the outcome is the same as without."""
    studio = LabelStudio(line.url, label_studio.token)
    asked = []

    def spoil(verb: str, path: str) -> str:
        asked.extend([path] if verb == method else [])
        return fault if verb == method and len(asked) % 2 else ""

    line.spoil = spoil
    title = f"{campaign_id}/authoring/eng_Latn/w1"
    workbench = studio.open(title, CONFIG, "<p>Write.</p>", "authoring")
    assert studio.push(workbench, TASKS).pushed == 3
    assert [task.key for task in studio.tasks(workbench)] == KEYS
    assert set(studio.workbenches(title)) == {title}
    assert len(studio._projects.titled(title)) == 1
    studio.close()


@pytest.mark.parametrize(
    ("fault", "error", "says"),
    [
        ("down", ServerUnreachable, "belebele up"),
        ("500", ServerError, "look into its log"),
        ("garbage", ServerError, "is it a Label Studio"),
    ],
)
def test_a_line_that_stays_bad_is_a_named_error(
    label_studio: LocalLabelStudio, line: FaultyLine, fault: str, error, says: str
):
    line.spoil = lambda method, path: fault
    with LabelStudio(line.url, label_studio.token, name="kigali") as studio, pytest.raises(error) as told:
        studio.workbenches("c/")
    assert says in str(told.value)
    assert "'kigali'" in str(told.value)
    assert line.url in str(told.value)
    assert label_studio.token not in str(told.value)


def test_a_wrong_token_is_refused_at_once(label_studio: LocalLabelStudio, line: FaultyLine):
    wrong = "0" * 40
    with LabelStudio(line.url, wrong) as studio, pytest.raises(ServerRefused, match="valid one") as told:
        studio.check()
    assert len(line.seen) == 1
    assert wrong not in str(told.value)
    assert "switch Legacy Tokens on" in str(told.value), "an account may have turned them off for everybody"


def test_a_personal_token_is_as_good(label_studio: LocalLabelStudio, studio: LabelStudio):
    token = {"Authorization": f"Token {label_studio.token}"}
    personal = httpx.post(f"{studio.url}/api/token/", headers=token).raise_for_status().json()["token"]
    with LabelStudio(studio.url, personal) as other:
        assert other.check() == "1.23.2"
        other._wire._signature.text = "Bearer of-an-hour-ago"
        assert other.accounts() == studio.accounts()
    with LabelStudio(studio.url, "a.b.c") as other, pytest.raises(ServerRefused, match="personal access token"):
        other.check()


@pytest.mark.parametrize(
    ("url", "token"),
    [("localhost:8080", "t"), ("http://x:y", "t"), ("http://", "t"), ("http://localhost", " "), ("http://x", "é")],
)
def test_an_address_or_token_that_cannot_be_meant(url: str, token: str):
    with pytest.raises(UsageError):
        LabelStudio(url, token)


def test_a_visitor_who_comes_back_logs_in(studio: LabelStudio, visitor: Callable[[str], SignedInUser]):
    ann = visitor("ann")
    with SignedInUser.sign_up(studio.url, studio.invitation(), "ann@example.org", "a-password-of-nobody") as back:
        assert back.account == ann.account
    with pytest.raises(ServerRefused, match="neither signs"):
        SignedInUser.sign_up(studio.url, studio.invitation(), "ann@example.org", "a-wrong-password")


def test_a_visitor_tries_again_while_the_server_fails(line: FaultyLine, studio: LabelStudio, campaign_id: str):
    failing = {("POST", "/user/signup/"): "500", ("GET", "/api/current-user/whoami"): "refused"}
    line.spoil = lambda method, path: failing.pop((method, path.partition("?")[0]), "")
    invitation, email = studio.invitation().replace(studio.url, line.url), f"{campaign_id}@example.org"
    with SignedInUser.sign_up(line.url, invitation, email, "a-password-of-nobody") as visitor:
        assert not failing
        assert studio.accounts()[email].startswith(f"{visitor.account} of 20")
        line.spoil = lambda method, path: "refused" if method == "POST" else ""
        with pytest.raises(ServerError, match="503"):
            visitor.submit(1, answer("Which?"))
        assert [method for method, path, _ in line.seen if path.endswith("/annotations/")] == ["POST"]  # sent once


def test_lists_of_several_pages_come_whole(studio: LabelStudio, campaign_id: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("annotation.labelstudio.workbenches.workbench_projects._PAGE", 2)
    monkeypatch.setattr("annotation.labelstudio.workbenches.workbench_tasks._TASK_PAGE", 2)
    monkeypatch.setattr("annotation.labelstudio.workbenches.workbench_tasks._CHUNK", 2)
    for language in ("arb_Arab", "eng_Latn", "swh_Latn"):
        bench = studio.open(f"{campaign_id}/authoring/{language}/w1", CONFIG, "", "")
        assert studio.push(bench, TASKS).pushed == 3
        assert [task.key for task in studio.tasks(bench)] == KEYS
    benches = studio.workbenches(f"{campaign_id}/")
    assert [bench.tasks for bench in benches.values()] == [3, 3, 3]
    assert [task.task_key for task in studio.submissions(benches.values()).touched] == KEYS * 3
