"""The door of the layer, on a real server: every route, every method, with the numbers of other people's things.

What is not one's own cannot be read, changed or found out, whoever asks; and people's pages still work.
"""

from __future__ import annotations

import dataclasses
import html
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect
from prometheus_client.parser import text_string_to_metric_families
from reference import server_access

from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.local_server import FIRST_USER, LocalLabelStudio
from annotation.labelstudio.server_layer import RunningLayer
from annotation.labelstudio.server_rules import _VERSION as VERSION
from annotation.labelstudio.signed_in_user import SignedInUser
from data.environment import state_dir
from data.errors import ServerUnreachable
from tests.chromium_fixture import open_task
from tests.metric_rules import broken_rules, families, listed
from tests.pages import PAGES

pytestmark = [pytest.mark.slow, pytest.mark.servers]

PASSWORD = "a-password-of-nobody"
LAYER = Path(__file__).parents[3] / "annotation" / "layer"
FORM = (
    '<View className="page"><Text name="t" value="$x"/>'
    '<TextArea name="a" toName="t" smartOnly="true" maxSubmissions="1" editable="true"/></View>'
)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
MINE, THEIRS = 1, 2
"""The numbers of what is one's own and of what is not: project, task, answer, draft, prediction, columns."""


@dataclass
class Place:
    """A server with the layer; what two annotators have on it."""

    server: LocalLabelStudio
    me: SignedInUser
    other: SignedInUser
    secrets: dict[str, str]
    pages: dict[int, dict[str, Any]] = dataclasses.field(default_factory=dict)

    @property
    def lead(self) -> dict[str, str]:
        return {"Authorization": f"Token {self.server.token}"}

    def as_lead(self, method: str, path: str, **how: Any) -> Any:
        answer = httpx.request(method, self.server.url + path, headers=self.lead, timeout=60, **how)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def audit(self) -> list[dict[str, Any]]:
        files = [self.server.data_dir / "layer" / f"{name}.jsonl" for name in ("audit", "refused")]
        texts = [file.read_text("utf-8") for file in files if file.exists()]
        return sorted(
            (json.loads(line) for text in texts for line in text.splitlines()), key=lambda one: one["at"]
        )


def answer_of(text: str) -> list[dict[str, Any]]:
    return [{"from_name": "a", "to_name": "t", "type": "textarea", "id": "z", "value": {"text": [text]}}]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("layered")
    with (
        LocalLabelStudio(state_dir(), data_dir=folder / "data") as server,
        LabelStudio(server.url, server.token) as studio,
    ):
        people = [
            SignedInUser.sign_up(server.url, studio.invitation(), f"{name}@people.example", PASSWORD)
            for name in ("me", "colleague")
        ]
        secrets = {"the lead's address": FIRST_USER, "the lead's token": server.token,
                   "a colleague's address": people[1].email}  # fmt: skip
        found = Place(server, *people, secrets)
        secrets["the invitation"] = found.as_lead("GET", "/api/invite")["token"]
        for whose, person in zip(("mine", "theirs"), people, strict=True):
            fill(found, studio, whose, person)
        yield found
        for person in people:
            person.close()


def fill(place: Place, studio: LabelStudio, whose: str, person: SignedInUser) -> None:
    """A workbench with a task, an answer, a draft, a prediction and columns; each holds a text of its own."""
    words = {what: f"{what}-of-{whose}" for what in ("text", "key", "answer", "draft", "prediction", "columns")}
    bench = studio.open(f"c1/answering/eng_Latn/{whose}", FORM, f"guideline-of-{whose}", "")
    studio.push(bench, [("k1", {"x": words["text"], "key": words["key"]})])
    studio.admit({bench.id: [person.account]})
    (task,) = studio.tasks(bench)
    made = person.submit(task.id, answer_of(words["answer"]))
    draft = person._ask("POST", f"/api/tasks/{task.id}/drafts", body={"result": answer_of(words["draft"])})
    body = {"task": task.id, "result": answer_of(words["prediction"]), "project": bench.id}
    guess = place.as_lead("POST", "/api/predictions/", json=body)
    view = {"project": bench.id, "data": {"title": words["columns"], "type": "list", "target": "tasks"}}
    columns = person._ask("POST", "/api/dm/views/", body=view)
    number = MINE if whose == "mine" else THEIRS
    assert {bench.id, task.id, made, draft["id"], guess["id"], columns["id"]} == {number}
    page: dict[str, Any] = {
        "person": f"code-of-{whose}", "title": f"page-of-{whose}", "language": "en", "words": {},
        "work": [{"project": bench.id, "title": f"work-of-{whose}", "phone": True, "due": ""}],
        "elsewhere": [], "whole": [], "decided": {"keep": 1}, "paid": [], "hours": 0,
    }  # fmt: skip
    pages = {**place.pages, person.account: page}
    studio.put_person_pages("c1", f"seal-{whose}", pages, {person.account: page})
    place.pages = pages
    if whose == "theirs":
        shown = {"page": page["title"], "code": page["person"], "work": page["work"][0]["title"]}
        place.secrets |= {**words, **shown, "guideline": f"guideline-of-{whose}", "title": bench.title}
        studio.put_lead_page("c1", "Campaign one", "<!DOCTYPE html><p>page-of-the-lead</p>")
        place.secrets["the lead's page"] = "page-of-the-lead"


def everything(place: Place) -> Any:
    """All that others have, and all that the server is set to, as the lead sees it."""
    paths = [f"/api/projects/{THEIRS}/", f"/api/tasks/{THEIRS}/", f"/api/annotations/{THEIRS}/",
             f"/api/drafts/{THEIRS}/", f"/api/predictions/{THEIRS}/", f"/api/dm/views/?project={THEIRS}",
             "/api/webhooks/", "/api/jwt/settings", "/api/invite", "/api/session-policy/",
             "/api/organizations/1", f"/api/storages/export?project={THEIRS}", f"/api/ml?project={THEIRS}",
             "/belebele/members", "/belebele/pages?campaign=c1"]  # fmt: skip
    found = {path: place.as_lead("GET", path) for path in paths}
    projects = place.as_lead("GET", "/api/projects/?page_size=100")["results"]
    found["projects"] = sorted(one["title"] for one in projects)
    found["users"] = [
        {name: one[name] for name in ("id", "email", "first_name", "username")}
        for one in place.as_lead("GET", "/api/users/")
    ]
    return json.loads(re.sub(r'"created_ago": "[^"]*"', '"created_ago": ""', json.dumps(found)))


def address_table() -> list[dict[str, str]]:
    """Label Studio's own list of its addresses."""
    (table,) = state_dir().glob("label-studio-*/lib/python3.*/site-packages/label_studio/core/all_urls.json")
    found: list[dict[str, str]] = json.loads(table.read_text("utf-8"))
    return found


def own_addresses() -> tuple[tuple[Any, ...], ...]:
    """The layer's own addresses: the program's, people's, and those for monitoring."""
    routes = server_access.routes()
    return routes.PROGRAM, routes.OWN_PAGES, routes.WATCHED


def addresses(place: Place) -> list[str]:
    """Every address of the server, from its table of addresses and from its OpenAPI description."""
    known = [one["url"].replace("\\", "") for one in address_table()]
    known += [one.path for table in own_addresses() for one in table]
    described = place.as_lead("GET", "/docs/api/schema/json/")["paths"]
    return list(dict.fromkeys([*known, *(re.sub(r"\{(\w+)\}", r"<\1>", path) for path in described)]))


GAP = re.compile(r"<([^>]+)>")


def filled(address: str, number: int) -> str:
    """An address with numbers and words in its gaps."""
    gaps = {"format": "json", "drf_format_suffix:format": ".json", "str:entity_name": "task",
            "str:action_id": "next_task"}  # fmt: skip

    def gap(found: re.Match[str]) -> str:
        return gaps.get(found[1], "x" if "path" in found[1] else str(number))

    return GAP.sub(gap, address)


BODY = {
    "project": THEIRS, "task": THEIRS, "annotation": THEIRS, "view": THEIRS, "tabID": THEIRS, "draft_id": THEIRS,
    "parent_annotation": THEIRS, "parent_prediction": THEIRS, "completed_by": 3, "user": 3, "id": THEIRS,
    "ids": [THEIRS], "projects": {str(THEIRS): [2]}, "result": [], "title": "overwritten",
    "data": {"x": "overwritten"},
    "email": "new@people.example", "password": PASSWORD, "url": "http://127.0.0.1:1", "is_superuser": True,
    "selectedItems": {"all": True, "excluded": []},
}  # fmt: skip


BULK = {
    "project": THEIRS, "projects": {str(THEIRS): {"since": "", "after": 0}}, "add": {"k9": {"x": "overwritten"}},
    "change": {"k1": {"x": "overwritten"}}, "numbers": {}, "settled": True,
}  # fmt: skip
"""What reads and changes everything of others at the layer's own addresses."""


def told(place: Place, answers: Iterable[tuple[str, httpx.Response]]) -> dict[str, str]:
    """What was found out: secret to where."""
    found: dict[str, str] = {}
    for where, answer in answers:
        text = answer.text + json.dumps(dict(answer.headers))
        for what, secret in place.secrets.items():
            if secret in text:
                found.setdefault(what, f"{where} ({answer.status_code})")
    return found


class Walk:
    """Asks one server for many things as somebody."""

    def __init__(self, place: Place, who: SignedInUser | None) -> None:
        cookies = dict(who._http.cookies) if who else {}
        self._http = httpx.Client(
            base_url=place.server.url, cookies=cookies, timeout=60, headers={"Referer": place.server.url},
            limits=httpx.Limits(max_keepalive_connections=0),
        )  # fmt: skip
        self.asked = 0
        self.let = 0

    def __call__(self, method: str, path: str, **how: Any) -> tuple[str, httpx.Response]:
        answer = self._http.request(method, path, **how)
        self.asked += 1
        self.let += answer.is_success
        return f"{method} {path} {sorted(how)}", answer

    def everywhere(self, place: Place) -> Iterator[tuple[str, httpx.Response]]:
        """Every address and method: others' numbers in the path; then one's own there, theirs beside it."""
        for address in addresses(place):
            if address.startswith(("/logout", "/admin", "/static")):
                continue
            for method in METHODS:
                yield self(method, filled(address, THEIRS))
                beside = {"params": {"project": THEIRS, "task": THEIRS, "view": THEIRS, "id": THEIRS}}
                if method != "GET":
                    beside["json"] = BULK if address.startswith("/belebele/") else BODY
                yield self(method, filled(address, MINE), **beside)

    def allowed(self) -> Iterator[tuple[str, httpx.Response]]:
        """What annotators may do, with one field after the other that names something of others."""
        table = server_access.routes()
        named = {one["name"]: one["url"].replace("\\", "") for one in address_table()}
        for route in table.ROUTES:
            if route.name == "logout":
                continue
            own = dict.fromkeys(route.one_of[:1], MINE)
            path = filled(named[route.name], MINE)
            foreign = [
                named[route.name].replace(f"<{gap}>", str(THEIRS)) for gap in GAP.findall(named[route.name])
            ]
            for method in route.methods:
                for other in foreign:
                    yield self(method, filled(other, MINE), params=own)
                for field in sorted({*table.NUMBERS, "updated_by", "id", "ids"}):
                    number = 3 if field in ("completed_by", "updated_by", "user") else THEIRS
                    yield self(method, path, params={**own, field: number})
                    yield self(method, path, params=own, json={field: number})
                twice = [*own.items(), ("project", MINE), ("project", THEIRS)]
                yield self(method, path, params=twice)
                yield self(method, path, params=own, data={"project": str(THEIRS), "task": str(THEIRS)})
                yield self(method, path, params=own, files={"project": (None, str(THEIRS))})


def test_the_walk_finds_what_is_there_to_find(place: Place) -> None:
    """As the lead, who may see everything."""
    walk = Walk(place, None)
    walk._http.headers.update(place.lead)
    kinds = ("projects", "tasks", "annotations", "drafts", "predictions", "dm/views", "users")
    answers = [walk("GET", f"/api/{kind}/{THEIRS}/") for kind in kinds]
    answers += [walk("GET", path) for path in ("/api/invite", "/api/current-user/token", "/api/users/", "/lead")]
    theirs = Walk(place, place.other)
    answers += [theirs("GET", "/me"), theirs("GET", f"/me/guidelines?project={THEIRS}")]
    assert set(told(place, answers)) == set(place.secrets)


@pytest.mark.parametrize("who", ["another annotator", "nobody"])
def test_no_route_tells_or_changes_what_is_others(place: Place, who: str) -> None:
    before = everything(place)
    walk = Walk(place, place.me if who == "another annotator" else None)
    assert told(place, walk.everywhere(place)) == {}
    assert told(place, walk.allowed()) == {}
    assert everything(place) == before
    print(f"{who}: {walk.asked} requests, {walk.let} of them answered, 0 with anything of others")
    assert walk.asked > 3000
    assert bool(walk.let) and walk.let < walk.asked / 2


def test_the_layers_own_addresses_answer_the_program_alone(place: Place) -> None:
    """A browser in which the lead is signed in cannot be made to give or take tasks: that takes the token."""
    own = server_access.routes().PROGRAM
    before = everything(place)
    with SignedInUser.sign_up(place.server.url, "/user/login/", FIRST_USER, place.server.password) as lead:
        for who, statuses in ((place.me, {403}), (None, {403}), (lead, {200, 403})):
            walk = Walk(place, who)
            answers = {one.path: walk(one.method, one.path, json=BULK)[1] for one in own if one.handler != "admit"}
            assert told(place, [item for item in answers.items() if who is not lead]) == {}
            assert {answer.status_code for answer in answers.values()} == statuses
            assert {path for path, answer in answers.items() if answer.status_code == 403} >= {
                one.path for one in own if one.by_token
            }
    assert everything(place) == before
    asked = [one for one in own if one.by_token]
    paths = ["copy", "tasks", "changes", "pages", "pages", "lead"]
    assert [one.path for one in asked] == [f"/belebele/{path}" for path in paths]
    body = {"project": MINE, "add": {}, "change": {"k1": {"x": "new"}}, "numbers": {}, "settled": True}
    assert list(place.as_lead("PUT", "/belebele/tasks", json=body)["changed"]) == ["k1"]
    *_, noted = [one for one in place.audit() if one["path"] == "/belebele/tasks" and one["outcome"] == "changed"]
    assert (noted["account"], noted["projects"], noted["tasks"], noted["added"]) == (1, [MINE], 1, 0)


def test_anybody_learns_whether_the_server_works_and_nothing_else(place: Place) -> None:
    for who in (None, place.me):
        asked = Walk(place, who)("GET", "/belebele/health")[1]
        assert (asked.status_code, asked.json()) == (200, {"status": "ok"})
    told = place.as_lead("GET", "/belebele/health")
    assert told == {"status": "ok", "layer": 3, "label_studio": VERSION}
    assert Walk(place, None)("POST", "/belebele/health")[1].status_code == 405


def test_metrics_are_for_whoever_has_their_password_and_name_nobody(place: Place) -> None:
    password = (place.server.data_dir / "layer" / "metrics_password").read_text()
    file = place.server.data_dir / "layer" / "metrics_password"
    assert (len(password) > 40, file.stat().st_mode & 0o777) == (True, 0o600)
    path, url = "/belebele/metrics", f"{place.server.url}/belebele/metrics"
    with SignedInUser.sign_up(place.server.url, "/user/login/", FIRST_USER, place.server.password) as lead:
        refused = [Walk(place, who)("GET", path)[1] for who in (None, place.me, lead)]
    refused += [httpx.get(url, auth=("belebele", guess)) for guess in ("", "x", password[:-1], place.server.token)]
    refused.append(httpx.get(url, auth=("metrics", password)))
    assert {answer.status_code for answer in refused} == {401}
    pages = [httpx.get(url, auth=("belebele", password)), httpx.get(url, headers=place.lead)]
    for page in pages:
        assert page.status_code == 200
        assert broken_rules(page.text) == []
        in_guide = listed(PAGES["docs/guides/service.md"])
        assert families(page.text) == {name: of for name, of in in_guide.items() if "_layer_" in name}
        assert told(place, [("metrics", page)]) == {}
        assert place.me.email not in page.text
    assert {httpx.get(place.server.url + where, auth=("belebele", password)).status_code
            for where in ("/belebele/members", "/api/users/")} == {401, 403}, "it opens nothing else"  # fmt: skip


def test_metrics_count_work_requests_and_refusals(place: Place) -> None:
    def now() -> dict[tuple[str, str], float]:
        page = httpx.get(f"{place.server.url}/belebele/metrics", headers=place.lead).text
        return {
            (sample.name.removeprefix("belebele_layer_"), " ".join(sample.labels.values())): sample.value
            for family in text_string_to_metric_families(page)
            for sample in family.samples
        }

    before = now()
    assert before["tasks", "answering"] == 2
    assert before["submissions", "answering"] == 2
    assert before["drafts", "answering"] >= 1
    assert before["tasks", "other"] == 0
    assert before["accounts", ""] >= 3
    assert before["ailments", ""] == 0
    Walk(place, place.me)("GET", f"/api/tasks/{THEIRS}/")
    Walk(place, None)("DELETE", "/api/tasks/1/")
    after = now()
    grown = {key: after[key] - before[key] for key in after if after[key] != before[key]}
    assert grown["refused_total", "annotator"] == 1
    assert grown["refused_total", "nobody"] == 1
    assert grown["requests_total", "GET 4xx"] == 1
    assert grown["requests_total", "DELETE 4xx"] == 1
    assert grown["requests_total", "GET 2xx"] == 1, "the look before"
    assert after["request_duration_seconds_count", ""] - before["request_duration_seconds_count", ""] == 3
    assert after["request_duration_seconds_bucket", "+Inf"] == after["request_duration_seconds_count", ""]
    assert grown["request_duration_seconds_sum", ""] > 0


def test_why_a_task_was_skipped_is_told_to_the_program(place: Place) -> None:
    """In the words that the page offers: a name that somebody types there must not get on from here."""
    with LabelStudio(place.server.url, place.server.token) as studio:
        for said, told_as in (("no time", "no time"), ("ask Tim Berners", "another reason")):
            made = place.me.skip(MINE, said)
            assert studio.skip_reasons() == {(MINE, str(place.me.account)): told_as}
            place.as_lead("DELETE", f"/api/annotations/{made}/")
        assert studio.layer() == RunningLayer(3, own=True)


def test_everybody_finds_their_own_page_and_no_others(place: Place) -> None:
    """The address names nobody: it is the account that is asked about, and the lead's page is the lead's."""
    mine, theirs = Walk(place, place.me), Walk(place, place.other)
    for walk, own, other in ((mine, "mine", "theirs"), (theirs, "theirs", "mine")):
        for path in ("/me", "/", "/projects/", "/projects"):
            answer = walk._http.get(path, follow_redirects=True)
            assert (answer.status_code, str(answer.url)) == (200, f"{place.server.url}/me"), path
            assert f"work-of-{own}" in answer.text and f"-of-{other}" not in answer.text
        assert "script-src 'nonce-" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
    for path in (f"/me/guidelines?project={THEIRS}", f"/me/open?project={THEIRS}", "/lead", "/lead?campaign=c1",
                 "/me?account=3", "/me/guidelines", "/me/open?project=x"):  # fmt: skip
        assert mine("GET", path)[1].status_code == 403, path
    assert "guideline-of-mine" in mine("GET", f"/me/guidelines?project={MINE}")[1].text
    assert mine("POST", "/me")[1].status_code == 405
    nobody = Walk(place, None)
    for path in ("/me", "/me/next", "/lead"):
        where = nobody("GET", path)[1].headers["Location"]
        assert where == f"/user/login/?next={path}"
    assert "page-of-the-lead" in httpx.get(f"{place.server.url}/lead", headers=place.lead).text
    with SignedInUser.sign_up(place.server.url, "/user/login/", FIRST_USER, place.server.password) as lead:
        assert Walk(place, lead)("GET", "/projects/")[1].status_code == 200, "the lead's own pages stay"


def test_what_waits_is_counted_as_it_is_now_and_comes_next(place: Place) -> None:
    """Whatever was delivered: a task that was just done waits no more; the workbench just emptied comes last."""
    with LabelStudio(place.server.url, place.server.token) as studio:
        bench = studio.open("c1/judging/eng_Latn/mine", FORM, "guideline-of-mine", "mine · Judge")
        studio.push(bench, [("j1", {"x": "one"}), ("j2", {"x": "two"})])
        studio.admit({bench.id: [place.me.account]})
        first, second = studio.tasks(bench)
        walk = Walk(place, place.me)
        assert walk("GET", f"/me/open?project={bench.id}")[1].json() == {"open": 2}
        assert walk("GET", "/me/next")[1].headers["Location"] == f"/projects/{bench.id}/data?labeling=1"
        assert walk("GET", f"/me/next?after={bench.id}")[1].headers["Location"] == "/me"
        assert walk("GET", "/me/next?phone=1")[1].headers["Location"] == "/me", "nobody said that it fits one"
        place.me.submit(first.id, answer_of("done"))
        place.me.skip(second.id, "no time")
        assert walk("GET", f"/me/open?project={bench.id}")[1].json() == {"open": 0}
        assert walk("GET", "/me/next")[1].headers["Location"] == "/me"
        assert "Judge" in walk("GET", "/me")[1].text, "a workbench of which nothing was delivered has its own name"
        fate = {"x": "one", "fate": "kept: why?", "fates": [{"happened": "It was kept", "said": "<b>clear</b>"}]}
        place.as_lead("PATCH", f"/api/tasks/{first.id}/", json={"data": fate})
        text = walk("GET", "/me")[1].text
        assert "kept: <bdi>why?</bdi>" in text and "&lt;b&gt;clear&lt;/b&gt;" in text and "<b>clear" not in text
        assert "why?" not in Walk(place, place.other)("GET", "/me")[1].text


def test_nobody_works_as_somebody_else(place: Place) -> None:
    http = Walk(place, place.me)
    own = f"/api/tasks/{MINE}/annotations/"
    for field in (
        {"completed_by": 3},
        {"completed_by": 1},
        {"updated_by": 3},
        {"task": THEIRS},
        {"project": THEIRS},
    ):
        assert http("POST", own, json={"result": [], **field})[1].status_code == 403, field
        assert http("PATCH", f"/api/annotations/{MINE}/", json={"result": [], **field})[1].status_code == 403, (
            field
        )
    made = http("POST", own, json={"result": [], "completed_by": place.me.account})[1]
    assert made.status_code == 201 and made.json()["completed_by"] == place.me.account


def test_a_token_of_an_annotator_opens_nothing(place: Place) -> None:
    tokens = {one["id"]: one for one in place.as_lead("GET", "/api/users/")}
    assert place.me.account in tokens
    answer = place.me._http.get("/api/current-user/token")
    assert answer.status_code == 403


def test_an_invitation_is_one_persons_and_serves_once(place: Place) -> None:
    def sign_up(way: str, email: str) -> tuple[int, str]:
        with httpx.Client(base_url=place.server.url, timeout=60) as http:
            page = http.get(way)
            form = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
            action = re.search(r'action="([^"]+)"', page.text)
            said = {"email": email, "password": PASSWORD, "allow_newsletters": "true",
                    "csrfmiddlewaretoken": form[1] if form else ""}  # fmt: skip
            to = html.unescape(action[1]) if action else way  # what a browser does: it drops the invitation
            answer = http.post(to, data=said, headers={"Referer": place.server.url})
            return answer.status_code, page.text

    token = place.secrets["the invitation"]
    with LabelStudio(place.server.url, place.server.token) as studio:
        good = studio.invitation("c1/r9").removeprefix(place.server.url)
        for way in ("", "?token=", "?token=guessed", f"?token={token}", f"?token={token}&person=c1/r9&seal=0",
                    good.replace("r9", "r8").partition("user/signup/")[2]):  # fmt: skip
            assert sign_up(f"/user/signup/{way}", "stranger@people.example")[0] == 403, way
        status, page = sign_up(good, "somebody@people.example")
        assert status == 302
        asked = re.findall(r'<(?:input|select|textarea)[^>]* name="(\w+)"', page)
        assert asked == ["csrfmiddlewaretoken", "email", "password"], "nothing about newsletters"
        made = next(
            one for one in place.as_lead("GET", "/api/users/") if one["email"] == "somebody@people.example"
        )
        assert made["allow_newsletters"] is False
        assert studio.invited()[made["id"]] == "c1/r9"
        assert sign_up(good, "stranger@people.example")[0] == 403, "it was used"
    assert "stranger@people.example" not in {one["email"] for one in place.as_lead("GET", "/api/users/")}


@pytest.mark.browser
def test_somebody_signs_up_in_their_language(place: Place, browser: Browser) -> None:
    with LabelStudio(place.server.url, place.server.token) as studio:
        way = studio.invitation("c1/r7")
    context = browser.new_context(locale="ar-EG")
    page = context.new_page()
    page.goto(way)
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.get_by_role("heading")).to_have_text("إنشاء حساب")
    expect(page.get_by_label("عنوان البريد الإلكتروني")).to_be_focused()
    page.keyboard.type(place.other.email)
    page.get_by_label("كلمة المرور").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="له حساب من قبل")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    if folder := os.environ.get("BELEBELE_SHOTS"):
        page.screenshot(path=Path(folder) / "sign-up-ar.png")
    page.get_by_label("عنوان البريد الإلكتروني").fill("r7@people.example")
    page.get_by_label("كلمة المرور").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/user/signup" not in url)
    page.goto(f"{place.server.url}/projects/{THEIRS}/data")
    expect(page.get_by_role("link")).to_have_attribute("href", "/me")
    expect(page.locator("html")).to_have_attribute("lang", "ar")
    context.close()


def test_what_the_lead_changes_and_what_is_refused_is_noted(place: Place) -> None:
    place.as_lead("PATCH", f"/api/projects/{MINE}/", json={"description": "a word in a body"})
    place.me._http.get(f"/api/tasks/{THEIRS}/")
    lines = place.audit()
    changed = [one for one in lines if one["path"] == f"/api/projects/{MINE}/" and one["outcome"] == "changed"]
    assert changed[-1] == {**changed[-1], "account": 1, "method": "PATCH", "status": 200}
    refused = [one for one in lines if one["path"] == f"/api/tasks/{THEIRS}/" and one["outcome"] == "refused"]
    assert (refused[-1]["account"], refused[-1]["why"]) == (place.me.account, f"task {THEIRS} is not theirs")
    assert "a word in a body" not in json.dumps(lines)
    assert place.server.token not in json.dumps(lines)


@pytest.mark.browser
def test_people_work_on_their_pages_and_the_door_refuses_none_of_it(place: Place, browser: Browser) -> None:
    with LabelStudio(place.server.url, place.server.token) as studio:
        bench = studio.open("c1/translating/eng_Latn/mine", FORM, "guideline-of-mine", "")
        studio.push(bench, [(f"t{n}", {"x": f"sentence {n}"}) for n in range(2)])
        studio.admit({bench.id: [place.me.account]})
        first = studio.tasks(bench)[0].id
    seen = len(place.audit())
    context = browser.new_context(base_url=place.server.url)
    page = context.new_page()
    page.goto("/user/login/")
    page.fill("#email", place.me.email)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.goto("/projects/", wait_until="networkidle")
    assert page.url == f"{place.server.url}/me"
    expect(page.get_by_role("link", name="c1/translating/eng_Latn/mine")).to_be_visible()
    expect(page.get_by_text("c1/answering/eng_Latn/theirs")).to_have_count(0)
    page.goto(f"/projects/{bench.id}/data", wait_until="networkidle")
    expect(page.get_by_text("sentence 1").first).to_be_visible()
    open_task(page, f"/projects/{bench.id}/data?task={first}")
    box = page.locator('[name="a"][data-testid="textarea-input"]')
    box.click()
    page.keyboard.type("A translation")
    page.keyboard.press("Shift+Enter")
    page.wait_for_timeout(7_000)  # a draft is saved by itself after some seconds
    page.get_by_test_id("bottombar-submit-button").click()
    expect(page.get_by_test_id("bottombar-update-button")).to_be_visible()
    page.goto(f"/projects/{bench.id}/data?labeling=1", wait_until="networkidle")
    expect(page.locator(".page").get_by_text("sentence 1")).to_be_visible()
    page.goto("/user/account", wait_until="networkidle")
    context.close()
    tokens = "/api/jwt/settings"  # which the page of an account asks for; an annotator has none
    refused = [one for one in place.audit()[seen:] if one["outcome"] == "refused" and one["path"] != tokens]
    assert {(one["method"], one["path"], one["why"]) for one in refused} == set()


def test_a_label_studio_without_what_the_layer_leans_on_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after an upgrade: its version and all that is missing are named, names, addresses and pages alike."""
    other = tmp_path / "layer"
    shutil.copytree(LAYER, other)
    for name, here, wanted in [
        ("internals.py", 'VERSION = "', 'VERSION = "9'),
        ("internals.py", '"ProjectMixin.has_permission"', '"ProjectMixin.has_leave"'),
        ("routes.py", '"tasks:api:task-drafts"', '"tasks:api:task-sketches"'),
        ("pages/replaced_pages.py", '"users/user_signup.html"', '"users/user_welcome.html"'),
        ("pages/front_end.py", '"pauseAutosave"', '"pauseAutosaving"'),
    ]:
        text = (other / name).read_text("utf-8")
        assert here in text
        (other / name).write_text(text.replace(here, wanted), "utf-8")
    monkeypatch.setattr("annotation.labelstudio.layer_copy._LAYER", other)
    named = (
        r"(?s)has version 1\.\d+.*no projects\.mixins\.ProjectMixin\.has_leave"
        r".*no address named tasks:api:task-sketches.*no page users/user_welcome\.html"
        r".*no pauseAutosaving in the front end.*docs/guides/team-server\.md"
    )
    with pytest.raises(ServerUnreachable, match=named):
        LocalLabelStudio(state_dir(), data_dir=tmp_path / "data").start()
