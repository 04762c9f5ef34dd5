"""The rules of Label Studio's own process: what an account cannot have it ask for, and cannot take from us."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from annotation.labelstudio import local_server
from annotation.labelstudio.client import LabelStudio, Workbench
from annotation.labelstudio.local_server import FIRST_USER, LocalLabelStudio, admit
from annotation.labelstudio.signed_in_user import SignedInUser
from data.environment import state_dir
from data.errors import ServerUnreachable

pytestmark = pytest.mark.real_server


class Service:
    """Something else that answers on this machine, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, bytes]] = []
        self.elsewhere = ""  # where it sends whoever asks
        service = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                service.asked.append((self.path, body))
                if service.elsewhere:
                    self.send_response(307)
                    self.send_header("Location", service.elsewhere + self.path)
                    self.end_headers()
                    return
                said = json.dumps(
                    {"model_version": "v", "status": "UP", "data": {"x": "of this machine"}}
                ).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            do_POST = do_GET  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.port = self._http.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    @contextmanager
    def stands(self) -> Iterator[Service]:
        thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._http.shutdown()
            self._http.server_close()


@pytest.fixture
def services(label_studio: LocalLabelStudio) -> Iterator[tuple[Service, Service]]:
    """Any service of this machine, and one that is admitted as an assistant."""
    with ExitStack() as stack:
        other, assistant = stack.enter_context(Service().stands()), stack.enter_context(Service().stands())
        admit(label_studio.data_dir, "of-a-test", assistant.url)
        yield other, assistant
        admit(label_studio.data_dir, "of-a-test", "")


@pytest.fixture
def bench(studio: LabelStudio, campaign_id: str) -> Workbench:
    return studio.open(f"{campaign_id}/authoring/eng_Latn/w1", '<View><Text name="t" value="$x"/></View>', "", "")


@pytest.fixture
def eve(visitor: Callable[[str], SignedInUser]) -> Callable[..., httpx.Response]:
    """Somebody with an account, who asks for whatever they like."""
    http = visitor("eve")._http

    def asks(method: str, path: str, **how: object) -> httpx.Response:
        return http.request(method, path, headers={"Referer": str(http.base_url)}, **how)  # type: ignore[arg-type]

    return asks


def test_no_account_has_the_server_read_this_machines_services(
    eve: Callable[..., httpx.Response], bench: Workbench, services: tuple[Service, Service]
) -> None:
    other, assistant = services
    for place in (other.url, f"http://localhost:{other.port}", f"http://[::1]:{other.port}",
                  f"http://127.1:{other.port}", f"http://0:{other.port}", f"http://user@127.0.0.1:{other.port}",
                  assistant.url, f"{assistant.url}@127.0.0.1:{other.port}"):  # fmt: skip
        imported = eve("POST", f"/api/projects/{bench.id}/import", data={"url": f"{place}/tasks.json"})
        hooked = eve("POST", "/api/webhooks/", json={"url": f"{place}/hook", "project": bench.id})
        stored = eve("POST", "/api/storages/s3/validate", json={
            "project": bench.id, "bucket": "b", "s3_endpoint": place, "aws_access_key_id": "a",
            "aws_secret_access_key": "b"})  # fmt: skip
        assert {imported.status_code, hooked.status_code, stored.status_code} <= {400, 403, 500}, place
        assert "of this machine" not in imported.text
    for place in (other.url, f"http://localhost:{other.port}", f"http://localhost:{assistant.port}",
                  f"http://127.1:{assistant.port}", f"{assistant.url}@127.0.0.1:{other.port}",
                  f"{assistant.url}0", "ftp://127.0.0.1", "http://[", ""):  # fmt: skip
        added = eve("POST", "/api/ml/", json={"url": place, "project": bench.id, "is_interactive": True})
        assert added.status_code in (400, 403), place
    assert other.asked == [] and assistant.asked == []


def test_an_assistant_that_is_admitted_is_asked_and_gets_nobodys_token(
    eve: Callable[..., httpx.Response],
    label_studio: LocalLabelStudio,
    bench: Workbench,
    services: tuple[Service, Service],
) -> None:
    other, assistant = services
    added = eve("POST", "/api/ml/", json={"url": assistant.url, "project": bench.id, "is_interactive": True})
    assert (added.status_code, added.json().get("state")) == (201, "CO"), added.text
    setups = [json.loads(body) for path, body in assistant.asked if path == "/setup"]
    assert setups and {one["access_token"] for one in setups} == {""}
    assert label_studio.token not in str(assistant.asked)
    assert eve("GET", "/api/webhooks/", params={"project": bench.id}).json() == []

    assistant.elsewhere = other.url  # and sends whoever asks to somebody else
    number = added.json()["id"]
    assert eve("GET", f"/api/ml/{number}").json()["state"] == "DI"
    moved = eve("PATCH", f"/api/ml/{number}", json={"url": other.url, "project": bench.id})
    assert moved.status_code == 403
    assert other.asked == []

    admit(label_studio.data_dir, "of-a-test", "")  # it is no assistant any more
    assistant.asked.clear()
    assert eve("GET", f"/api/ml/{number}").json()["state"] == "DI"
    assert assistant.asked == []


def test_no_account_shuts_the_program_out(
    eve: Callable[..., httpx.Response], label_studio: LocalLabelStudio, studio: LabelStudio
) -> None:
    first = next(one for one in eve("GET", "/api/users/").json() if one["email"] == FIRST_USER)
    off = {"legacy_api_tokens_enabled": False, "api_tokens_enabled": False}
    assert eve("POST", "/api/jwt/settings", json=off).json()["legacy_api_tokens_enabled"] is True
    for meddled in ({"active_organization": None}, {"is_active": False}, {"email": "eve@example.com"}):
        eve("PATCH", f"/api/users/{first['id']}/", json=meddled)
    for path in (f"/api/users/{first['id']}/", f"/api/organizations/1/memberships/{first['id']}/"):
        assert eve("DELETE", path).status_code == 403
    assert studio.check()
    assert FIRST_USER in studio.accounts()
    assert "somebody switched access tokens off" in label_studio.log.read_text()
    eve("POST", "/api/jwt/settings", json={"api_tokens_enabled": True})


MEDDLED = """
UPDATE jwt_auth_jwtsettings SET legacy_api_tokens_enabled = 0;
UPDATE authtoken_token SET key = 'another' || user_id;
UPDATE htx_user SET is_active = 0, is_superuser = 0, password = 'x', active_organization_id = NULL;
UPDATE organizations_organizationmember SET deleted_at = '2026-01-01';
"""
"""What somebody who was let in did before this program kept the account, or who can write the database."""


def test_a_start_takes_the_programs_access_back_and_says_so(
    label_studio: LocalLabelStudio, tmp_path: Path
) -> None:
    token = label_studio.token
    (tmp_path / "secrets.json").write_text((label_studio.data_dir / "secrets.json").read_text())
    folders = (label_studio.data_dir, tmp_path)
    running, database = (sqlite3.connect(folder / "label_studio.sqlite3") for folder in folders)
    with closing(running), closing(database):
        running.backup(database)
        database.executescript(MEDDLED)
    told: list[str] = []
    with LocalLabelStudio(state_dir(), data_dir=tmp_path, tell=told.append, layer=False) as again:
        assert again.token == token
        with LabelStudio(again.url, again.token) as studio:
            assert studio.check()
            SignedInUser.sign_up(again.url, studio.invitation(), FIRST_USER, again.password).close()
    (said,) = told
    assert said.startswith("the program was kept out of Label Studio, which is put right: ")
    for what in ("switched off", "password", "removed from its organisation", "token had been changed"):
        assert what in said


def test_a_label_studio_without_what_the_rules_hold_on_to_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "server_rules.py"
    other.write_text(
        Path(local_server.server_rules.__file__).read_text().replace('"create_session"', '"make_session"')
    )
    monkeypatch.setattr(local_server, "_SERVER_RULES", other)
    with pytest.raises(ServerUnreachable, match=r"has no ml\.api_connector\.BaseHTTPAPI\.make_session.*1\.23\.2"):
        LocalLabelStudio(state_dir(), data_dir=tmp_path / "data", layer=False).start()


def test_no_account_rewrites_answers_or_tasks_without_a_trace(
    eve: Callable[..., httpx.Response],
    visitor: Callable[[str], SignedInUser],
    studio: LabelStudio,
    campaign_id: str,
) -> None:
    """`rename_labels` keeps an answer's time, `add_data_field` a task's, `remove_duplicates` moves an answer."""
    form = (
        '<View><Text name="t" value="$x"/><Choices name="c" toName="t"><Choice value="1"/><Choice value="2"/>'
        "</Choices></View>"
    )
    bench = studio.open(f"{campaign_id}/answering/eng_Latn/w1", form, "", "")
    studio.push(bench, [("k1", {"x": "one"}), ("k2", {"x": "two"})])
    (first, second), person = studio.tasks(bench), visitor("w1")
    answer = [{"from_name": "c", "to_name": "t", "type": "choices", "id": "z", "value": {"choices": ["1"]}}]
    person.submit(first.id, answer)
    before = [person._ask("GET", f"/api/tasks/{task.id}/") for task in (first, second)]
    for name, how in {
        "rename_labels": {"control_tag": "c", "old_label_name": "1", "new_label_name": "2"},
        "add_data_field": {"value_name": "x", "value_type": "String", "value": "three"},
        "remove_duplicates": {},
        "propagate_annotations": {"source_annotation_id": before[0]["annotations"][0]["id"]},
        "predictions_to_annotations": {},
        "cache_labels": {"control_tag": "c"},
    }.items():
        body = {**how, "selectedItems": {"all": True, "excluded": []}}
        done = eve("POST", "/api/dm/actions/", params={"project": bench.id, "id": name}, json=body)
        assert not done.is_success, name
    assert [person._ask("GET", f"/api/tasks/{task.id}/") for task in (first, second)] == before
    listed = eve("GET", "/api/dm/actions/", params={"project": bench.id}).json()
    assert {"delete_tasks", "delete_tasks_annotations"} <= {one["id"] for one in listed}


def test_no_account_has_what_is_submitted_copied_elsewhere(
    eve: Callable[..., httpx.Response], studio: LabelStudio, bench: Workbench, label_studio: LocalLabelStudio
) -> None:
    """A storage at an address that the bans let through would get every submission, and no list would show it."""
    for kind in ("s3", "gcs", "azure", "redis"):
        for place in (
            f"{kind}/",
            f"export/{kind}",
            f"{kind}/validate",
            f"export/{kind}/validate",
            f"{kind}/files",
        ):
            added = eve(
                "POST", f"/api/storages/{place}", json={"project": bench.id, "bucket": "b", "container": "c"}
            )
            assert added.status_code == 403, (place, added.text)
            assert "only an administrator" in added.text
    for place in ("", "export"):
        assert eve("GET", f"/api/storages/{place}", params={"project": bench.id}).json() == []
    mine = {"project": bench.id, "bucket": "b", "s3_endpoint": "x"}
    signed = {"Authorization": f"Token {label_studio.token}"}
    lead = httpx.post(f"{studio.url}/api/storages/export/s3/validate", json=mine, headers=signed)
    assert "only an administrator" not in lead.text, "the lead may"
