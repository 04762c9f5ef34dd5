"""The assistant as `belebele assistant` starts it, asked by who means no good, with the secret and without it.

What must hold whatever is sent: nobody without the secret is told anything, nothing crashes, the log grows by
nothing that a stranger chooses, and an author is answered meanwhile.
"""

from __future__ import annotations

import base64
import gzip
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from annotation.assistant import connection_limits
from annotation.assistant.assistant_app import LATE, LIMIT
from annotation.labelstudio.assistant_passwords import Keyring
from annotation.stages import authoring_page
from flows.services import assistant_process
from tests.flows.services.test_assistant_advice import assisted

SECRET = "a-secret-of-this-test"
OWN = Keyring(SECRET).own
BASIC = b"authorization: Basic " + base64.b64encode(f"{OWN.user}:{OWN.password}".encode()) + b"\r\n"
FIELDS = authoring_page.result(question="Where?", answers=["a hut", "a hut", "a boat", "a mill"], key=1)


@dataclass
class Attacked:
    """The process, where it listens, and what it has printed."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def author(self, result: object = FIELDS, key: str = "authoring/eng_Latn/boats-q1/0/ana") -> str:
        """What an author is told; asked again where a busy machine was late."""
        for _ in range(40):
            said = self._author(result, key)
            if said != LATE:
                break
        return said

    def _author(self, result: object, key: str) -> str:
        task = {"data": {"task_key": key, "sentences": ["Amina mends boats."]}}
        body = {"tasks": [task], "params": {"context": {"result": result}}}
        sent = json.dumps(body).encode()  # half a character too, as JSON may hold it
        answer = httpx.post(f"{self.url}/predict", content=sent, auth=OWN, timeout=20)
        assert answer.status_code == 200, answer.status_code
        return str(answer.json()["results"][0]["result"][0]["value"]["text"][0])

    def said_to(self, sent: bytes, *, waits: bool = False) -> bytes:
        """All that comes back to these bytes; who does not wait shuts the line after them."""
        at = httpx.URL(self.url)
        with socket.create_connection((at.host, at.port or 80), timeout=20) as line:
            line.sendall(sent)
            if not waits:
                line.shutdown(socket.SHUT_WR)
            told = b""
            try:
                while part := line.recv(65_536):
                    told += part
            except ConnectionResetError:
                pass
        return told

    def hold(self, sent: bytes) -> socket.socket:
        """A connection on which these bytes were sent and nothing more follows."""
        at = httpx.URL(self.url)
        line = socket.create_connection((at.host, at.port or 80), timeout=15)
        line.sendall(sent)
        return line


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    """The assistant of a campaign whose meter was trained."""
    folder = tmp_path_factory.mktemp("attacked")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BELEBELE_STATE_DIR", str(folder / "state"))
        patch.setenv(assistant_process.SECRET, SECRET)
        small = assisted(folder / "campaign")
        small.advance()
        log = folder / "log"
        words = [sys.executable, "-m", "flows.cli.commands", "assistant", small.address]
        with log.open("wb") as out, subprocess.Popen(words, stdout=out, stderr=out) as process:
            url = ""
            end = time.monotonic() + 60
            while not assistant_process.answers(url):
                assert process.poll() is None and time.monotonic() < end, log.read_text()
                time.sleep(0.1)
                url = assistant_process.noted(small.state.campaign, small.address)
            yield Attacked(process, url, log)
            assert process.poll() is None, log.read_text()
            process.terminate()
            assert process.wait(30) in (0, -15)
        said = log.read_text()
        assert len(said.splitlines()) == 1 and SECRET not in said and OWN.password not in said, said


STRANGE = {
    "no HTTP at all": b"\x16\x03\x01\x02\x00\x01\xfc\x03\x03",
    "no such method": b"FOO /health HTTP/1.1\r\nhost: a\r\n\r\n",
    "TRACE": b"TRACE / HTTP/1.1\r\nhost: a\r\n\r\n",
    "CONNECT": b"CONNECT example.org:443 HTTP/1.1\r\nhost: a\r\n\r\n",
    "HTTP/1.0": b"GET /health HTTP/1.0\r\n\r\n",
    "HTTP/9.9": b"GET /health HTTP/9.9\r\nhost: a\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "no host": b"GET /health HTTP/1.1\r\n\r\n",
    "a whole address": b"GET http://127.0.0.1/health HTTP/1.1\r\nhost: a\r\n\r\n",
    "up and out": b"GET /../../etc/passwd HTTP/1.1\r\nhost: a\r\n\r\n",
    "up and out, escaped": b"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nhost: a\r\n\r\n",
    "bytes in the path": b"GET /\xff\xfe\x00 HTTP/1.1\r\nhost: a\r\n\r\n",
    "half characters in the path": b"GET /%ff%c0%af HTTP/1.1\r\nhost: a\r\n\r\n",
    "NUL in a header": b"GET /health HTTP/1.1\r\nhost: a\x00b\r\n\r\n",
    "a header within a header": b"GET /health HTTP/1.1\r\nhost: a\r\nx: 1\r\n " + BASIC + b"\r\n",
    "a header in the path": b"GET /health%0d%0a" + BASIC.strip() + b" HTTP/1.1\r\nhost: a\r\n\r\n",
    "the secret in the path": f"GET /health?auth={OWN.password} HTTP/1.1\r\nhost: a\r\n\r\n".encode(),
    "the secret as a cookie": f"GET /health HTTP/1.1\r\nhost: a\r\ncookie: {OWN.password}\r\n\r\n".encode(),
    "a bearer": f"GET /health HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {OWN.password}\r\n\r\n".encode(),
    "no base64": b"GET /health HTTP/1.1\r\nhost: a\r\nauthorization: Basic ====\r\n\r\n",
    "another first": b"GET /health HTTP/1.1\r\nhost: a\r\nauthorization: Basic eA==\r\n" + BASIC + b"\r\n",
    "a websocket": b"GET / HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
                   b"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n",
    "h2c": b"GET / HTTP/1.1\r\nhost: a\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n",
    "a promise": b"POST /predict HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 9\r\n\r\n",
    "two lengths": b"POST /predict HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}",
    "a negative length": b"POST /predict HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n{}",
    "a length and parts": b"POST /predict HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n"
                          b"transfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /health HTTP/1.1\r\nhost: a\r\n\r\n",
    "endless parts": b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n" + b"1\r\n{\r\n" * 9_000,
    "a head without end": b"GET /health HTTP/1.1\r\n" + b"x: y\r\n" * 20_000,
    "many at once": b"GET /health HTTP/1.1\r\nhost: a\r\n\r\n" * 500,
}  # fmt: skip


@pytest.mark.parametrize("what", STRANGE)
def test_a_stranger_is_told_nothing_whatever_is_sent(what: str, attacked: Attacked) -> None:
    told = attacked.said_to(STRANGE[what])
    for answer in filter(None, told.split(b"HTTP/1.1 ")):
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"404 ") and body == b"", told[:300]
        assert {line.partition(b":")[0].lower() for line in head.split(b"\r\n")[1:]} <= {
            b"date", b"content-length", b"connection",
        }  # fmt: skip
    assert "Answers 1 and 2 are the same" in attacked.author()


def head(path: bytes, *more: bytes) -> bytes:
    return (
        b"POST " + path + b" HTTP/1.1\r\nhost: a\r\n" + BASIC + b"".join(line + b"\r\n" for line in more) + b"\r\n"
    )


def body(text: bytes, *more: bytes) -> bytes:
    return head(b"/predict", b"content-length: %d" % len(text), b"connection: close", *more) + text


def page(**more: Any) -> bytes:
    return json.dumps({"tasks": [{"data": more}], "params": {"context": {"result": FIELDS}}}).encode()


HOSTILE: dict[str, tuple[bytes, int | None]] = {
    "a bomb": (body(gzip.compress(b" " * 50_000_000), b"content-encoding: gzip"), 400),
    "nested lists": (body(b"[" * 100_000), 400),
    "nested objects": (body(b'{"params":' * 25_000), 400),
    "nested within": (body(b'{"params":{"context":{"result":[]}},"tasks":[{"data":{"task_key":' + b"[" * 900
                           + b"]" * 900 + b"}}]}"), 200),
    "a huge number": (body(b'{"params":{"context":{"result":[{"value":' + b"9" * 200_000 + b"}]}}}"), 400),
    "a huge exponent": (body(b'{"params":{"context":{"result":[1e999999]}}}'), 200),
    "no numbers": (body(b'{"params":{"context":{"result":[NaN,-Infinity]}}}'), 200),
    "NUL bytes": (body(b"\x00" * 1_000), 400),
    "no UTF-8": (body(b'{"params":{"context":{"result":["\xff\xfe"]}}}'), 400),
    "UTF-16": (body(page().decode().encode("utf-16")), 200),
    "longer than allowed": (head(b"/predict", b"content-length: %d" % (LIMIT + 1)), 413),
    "endless parts": (head(b"/predict", b"transfer-encoding: chunked") + b"ffff\r\n%65535s\r\n" % b"" * 6, 413),
    "too few bytes": (head(b"/predict", b"content-length: 99") + b"{", None),
    "too slow": (head(b"/predict", b"content-length: 99"), None),
    "no such thing": (head(b"/train", b"content-length: 0", b"connection: close"), 404),
    "a path within": (head(b"/predict/../health", b"content-length: 0", b"connection: close"), 404),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_who_has_the_secret_does_no_harm_either(what: str, attacked: Attacked) -> None:
    sent, status = HOSTILE[what]
    told = attacked.said_to(sent, waits=status == 200)
    if status is not None:
        assert told.startswith(b"HTTP/1.1 %d " % status), told[:200]
    assert b"Traceback" not in told
    assert "Answers 1 and 2 are the same" in attacked.author()


@pytest.mark.parametrize(
    "text", ["\ud83d", "a\x00b", "\u202e" * 500, "<script>", "x" * 5_000, "\n(Meter 00000000, "]
)
def test_texts_that_are_none_are_answered(text: str, attacked: Attacked) -> None:
    result = authoring_page.result(question=f"{text}?", answers=[text, text, "b", "c"], key=1)
    said = attacked.author(result, key=f"authoring/eng_Latn/{text * 9_000}"[:18_000])
    assert "Answers 1 and 2 are the same" in said


@pytest.mark.slow
def test_a_thousand_connections_that_say_nothing_keep_nobody_out(attacked: Attacked) -> None:
    """More than the assistant holds: who waits longest makes room."""
    begun = (b"", b"POST /predict HTTP/1.1\r\n", b"POST /predict HTTP/1.1\r\nhost: a\r\n" + BASIC, b"G")
    held = [attacked.hold(begun[n % len(begun)]) for n in range(min(900, 2 * connection_limits.MOST + 100))]
    try:
        for _ in range(3):
            assert "Answers 1 and 2 are the same" in attacked.author()
        for n in range(100):
            held.append(attacked.hold(begun[n % len(begun)]))
        assert "Answers 1 and 2 are the same" in attacked.author()
        held[-1].settimeout(3 * connection_limits.SECONDS)
        assert held[-1].recv(1) == b"", "nobody is waited for without end"
    except ConnectionResetError:
        pass  # as good
    finally:
        for line in held:
            line.close()


# By the description of the protocol ------------------------------------------------------------------------------

TEXT = {"type": "string"}
ENTRY = {
    "type": "object",
    "properties": {"from_name": {"enum": ["question", "answer_1", "key", "feedback"]}, "to_name": TEXT,
                   "value": {"type": "object", "properties": {"text": {"type": "array", "items": TEXT},
                                                              "choices": {"type": "array", "items": TEXT}}}},
}  # fmt: skip
ASKED = {
    "type": "object",
    "required": ["tasks", "params"],
    "properties": {
        "tasks": {"type": "array", "minItems": 1, "items": {
            "type": "object", "required": ["data"], "properties": {"data": {
                "type": "object",
                "properties": {"task_key": TEXT, "sentences": {"type": "array", "items": TEXT}}}}}},
        "params": {"type": "object", "required": ["context"], "properties": {"context": {
            "type": "object", "properties": {"result": {"type": "array", "items": ENTRY}}}}},
    },
}  # fmt: skip
TOLD = {"type": "object", "required": ["results"], "properties": {"results": {"type": "array"}}}


def answer(schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": "", "content": {"application/json": {"schema": schema}}}


def operation(schema: dict[str, Any], asked: dict[str, Any] | None = None) -> dict[str, Any]:
    refused = {str(status): {"description": ""} for status in (400, 404, 413)}
    told: dict[str, Any] = {"responses": {"200": answer(schema), **refused}}
    return told | (
        {"requestBody": {"required": True, "content": {"application/json": {"schema": asked}}}} if asked else {}
    )


def named(name: str) -> dict[str, Any]:
    return {"type": "object", "required": [name]}


DESCRIPTION = {
    "openapi": "3.0.3",
    "info": {"title": "assistant", "version": "1"},
    "paths": {
        "/health": {"get": operation(named("status"))},
        "/versions": {"get": operation(named("versions"))},
        "/setup": {"post": operation(named("model_version"), {"type": "object"})},
        "/webhook": {"post": operation({"type": "object"}, {"type": "object"})},
        "/predict": {"post": operation(TOLD, ASKED)},
    },
}
BOUNDED = settings(
    max_examples=25, deadline=None, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


def ask_all(attacked: Attacked, mode: str) -> None:
    """Ask every endpoint what its description allows ("positive"), or what it forbids ("negative")."""
    import schemathesis  # takes as long as a hundred tests, and every worker reads this file

    wanted = schemathesis.GenerationMode(mode)
    operations = [one.ok() for one in schemathesis.openapi.from_dict(DESCRIPTION).get_all_operations()]
    if wanted.is_negative:  # what takes nothing forbids nothing
        operations = [one for one in operations if one.method == "post"]
    assert operations
    for one in operations:
        cases = one.as_strategy(generation_mode=wanted)

        @BOUNDED
        @given(case=cases, known=st.booleans())
        def ask(case: schemathesis.Case, known: bool) -> None:
            auth = OWN if known else None
            got = case.call(base_url=attacked.url, auth=auth, timeout=20)
            if known:
                assert got.status_code in (200, 400, 404, 413), got.status_code
                if wanted.is_positive:
                    case.validate_response(got)
            else:
                assert (got.status_code, got.content) == (404, b"")

        ask()


def test_what_the_description_allows(attacked: Attacked) -> None:
    ask_all(attacked, "positive")


def test_what_the_description_forbids(attacked: Attacked) -> None:
    ask_all(attacked, "negative")
