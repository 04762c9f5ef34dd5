"""The assistant's protocol: what it answers to whom, and that garbage, size and slowness do it no harm."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from annotation.assistant.assistant_app import BROKEN, LATE, LIMIT, Asked, app, read
from annotation.forms.submitted_form import FEEDBACK, feedback
from annotation.labelstudio.assistant_passwords import USER
from annotation.stages import authoring_page
from tests.annotation.assistant.assistant_fixture import KEYRING, OWN, SECRET, serving
from tests.metric_rules import broken_rules

FIELDS = authoring_page.result(question="Why?", answers=["a", "b", "c", "d"], key=2)
BASIC = b"Basic " + base64.b64encode(f"{OWN.user}:{OWN.password}".encode())
DATA = {"task_key": "authoring/eng_Latn/boats-q1/0/ana", "sentences": ["One.", "Two."]}


def request(result: object = FIELDS, data: object = DATA) -> dict[str, Any]:
    return {"tasks": [{"id": 1, "data": data}], "project": "1.2", "params": {"context": {"result": result}}}


def echo(asked: Asked) -> tuple[list[str], float]:
    if "crash" in asked.fields.get("question", ""):
        raise KeyError("a bug")
    time.sleep(0.6 if "slow" in asked.fields.get("question", "") else 0)
    return [f"{len(asked.sentences)} sentences", f"key {asked.fields.get('key', 'none')}"], 0.5


@pytest.fixture(scope="module")
def client() -> TestClient:
    client = TestClient(app(KEYRING, echo, lambda: "v7"), raise_server_exceptions=True)
    client.auth = OWN
    return client


def said(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.status_code
    (told,) = answer.json()["results"]
    assert told["model_version"] == "v7"
    return told["result"]


def test_it_speaks_what_label_studio_asks_for(client: TestClient) -> None:
    assert client.get("/health").json()["status"] == "UP"
    assert client.get("/versions").json() == {"versions": ["v7"]}
    setup = {"project": "1.2", "schema": "<View/>", "access_token": "not ours to keep"}
    assert client.post("/setup", json=setup).json() == {"model_version": "v7"}
    assert client.post("/webhook", json={"action": "ANNOTATION_CREATED"}).json() == {}


def test_metrics_are_for_the_program_alone_and_count_what_was_asked() -> None:
    client = TestClient(app(KEYRING, echo, lambda: "v7"), raise_server_exceptions=True)

    def now() -> dict[tuple[str, str], float]:
        page = client.get("/metrics", auth=OWN)
        assert page.status_code == 200
        assert broken_rules(page.text) == []
        assert "boats" not in page.text and "Why?" not in page.text
        return {
            (sample.name.removeprefix("belebele_assistant_"), " ".join(sample.labels.values())): sample.value
            for family in text_string_to_metric_families(page.text)
            for sample in family.samples
        }

    before = now()
    assert client.get("/metrics").status_code == 404, "a stranger does not learn that there are any"
    assert client.get("/metrics", auth=KEYRING.of("c/authoring/eng_Latn/ana", 1)).status_code == 404
    assert client.post("/metrics", auth=OWN).status_code == 404
    for question in ("Why?", "slow", "crash"):
        fields = authoring_page.result(question=question, answers=["a", "b", "c", "d"], key=2)
        assert client.post("/predict", json=request(result=fields), auth=OWN).status_code == 200
    client.get("/nowhere", auth=OWN)
    after = now()
    grown = {
        key: after[key] - before.get(key, 0)
        for key in after
        if key[0]
        in ("requests_total", "late_answers_total", "failed_answers_total", "answer_duration_seconds_count")
    }
    assert grown == {
        ("requests_total", "4xx stranger"): 1, ("requests_total", "4xx metrics"): 2,
        ("requests_total", "2xx predict"): 3, ("requests_total", "4xx other"): 1,
        ("requests_total", "2xx metrics"): 1,
        ("late_answers_total", ""): 1, ("failed_answers_total", ""): 1, ("answer_duration_seconds_count", ""): 3,
    }  # fmt: skip
    assert after["meter_is_trained", ""] == 1
    assert after["process_start_time_seconds", ""] > 0


def test_what_it_says_is_one_text_of_the_feedback_field(client: TestClient) -> None:
    (entry,) = said(client.post("/predict", json=request()))
    assert (entry["from_name"], entry["to_name"], entry["type"]) == (FEEDBACK, "about", "textarea")
    assert entry["value"] == {"text": ["2 sentences\nkey 2"]}
    assert feedback([*FIELDS, entry]) == "2 sentences\nkey 2"
    assert authoring_page.read([*FIELDS, entry], {}) == authoring_page.read(FIELDS, {})


def test_a_page_that_nothing_is_written_on_gets_nothing(client: TestClient) -> None:
    assert said(client.post("/predict", json=request(result=[]))) is None
    batch = {"tasks": [{"data": DATA}], "params": {"context": None}}
    assert client.post("/predict", json=batch).json() == {"results": []}


def test_boxes_that_were_filled_before_are_read_until_something_else_is_put_down() -> None:
    former = {"question": "Old?", "answers": list("abcd"), "key": 3, "notes": ["", "x", "", ""]}
    data = {**DATA, **authoring_page.payload(sentences=["One."], number=1, former=former)}
    asked = read(request(result=authoring_page.result(question="New?"), data=data))
    assert asked is not None
    assert asked.fields["question"] == "New?"
    assert (asked.fields["answer_4"], asked.fields["key"], asked.fields["note_2"]) == ("d", "3", "x")


@pytest.mark.parametrize("path", ["", "/", "/health", "/predict", "/setup", "/versions", "/webhook", "/%ff%fe"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(
    "given", [None, b"", b"Basic", b"Bearer x", b"Basic \xff\xfe", (USER, OWN.password[:-1]),
              (USER, f"{OWN.password}x"),
              (USER, OWN.password.upper()), ("", OWN.password), (OWN.password, ""), (USER, SECRET),
              ("t#1", OWN.password), ("t#0", KEYRING.of("t", 0).password), ("t#", KEYRING._password("t#")),
              ("other", KEYRING._password("other"))]
)  # fmt: skip
def test_a_stranger_is_told_nothing(path: str, method: str, given: object, client: TestClient) -> None:
    stranger = TestClient(client.app, headers={"authorization": given} if isinstance(given, bytes) else {})  # type: ignore[dict-item]
    stranger.auth = given if isinstance(given, tuple) else None
    answer = stranger.request(method, f"http://testserver{path}", content=b"{}")
    assert answer.status_code == 404 and answer.content == b""
    assert not {"www-authenticate", "allow", "server"} & set(answer.headers)


@pytest.mark.parametrize("path", ["/train", "/predict/more", "//predict", "/Predict"])
def test_there_is_nothing_else(path: str, client: TestClient) -> None:
    answer = client.post(f"http://testserver{path}", json=request())
    assert answer.status_code == 404 and answer.content == b""


def test_what_the_page_shows_already_is_not_sent_again(client: TestClient) -> None:
    (entry,) = said(client.post("/predict", json=request()))
    assert said(client.post("/predict", json=request([*FIELDS, entry]))) is None
    other = authoring_page.result(question="Why?", key=3)
    assert said(client.post("/predict", json=request([*other, entry])))[0]["value"] == {
        "text": ["2 sentences\nkey 3"]
    }


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "HEAD"])
def test_other_ways_of_asking_are_none(method: str, client: TestClient) -> None:
    assert client.request(method, "/predict").status_code == 404


def test_what_is_too_long_is_refused_whether_it_says_so_or_not(client: TestClient) -> None:
    assert client.post("/predict", content=b" " * (LIMIT + 1)).status_code == 413

    def parts() -> Iterator[bytes]:
        for _ in range(LIMIT // 1000 + 2):
            yield b" " * 1000

    assert client.post("/predict", content=parts()).status_code == 413
    lying = client.post("/predict", content=b"{}", headers={"content-length": "9" * 30})
    assert lying.status_code == 413


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"1", b"null", b"{", b"\xff", b"[" * 100_000, b'{"params": 3}',
             b'{"params": {"context": 1}}', b'{"tasks": [3], "params": {"context": {"result": []}}}', b"1" * 9_000]
)  # fmt: skip
def test_what_is_no_request_is_refused(body: bytes, client: TestClient) -> None:
    assert client.post("/predict", content=body).status_code == 400


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["from_name", "value", "text", "choices", "data", "sentences", "keys", "selected",
                         "result", "task_key", "question", "answer_1"]) | st.text(max_size=8), inner, max_size=5),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.one_of(
        anything,
        st.builds(request, result=st.lists(anything, max_size=4), data=anything),
        st.fixed_dictionaries({"tasks": anything, "params": anything}),
        st.fixed_dictionaries({"tasks": anything, "params": st.fixed_dictionaries({"context": anything})}),
    )
)
def test_garbage_is_answered_or_refused_and_never_a_crash(body: Any, client: TestClient) -> None:
    answer = client.post("/predict", content=json.dumps(body).encode())
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        json.loads(answer.content)


def test_a_slow_judge_is_not_waited_for_and_a_broken_one_stops_nobody(client: TestClient) -> None:
    began = time.monotonic()
    (entry,) = said(client.post("/predict", json=request(authoring_page.result(question="slow"))))
    assert entry["value"]["text"] == [LATE]
    assert time.monotonic() - began < 0.55
    (entry,) = said(client.post("/predict", json=request(authoring_page.result(question="crash"))))
    assert entry["value"]["text"] == [BROKEN]


def test_slow_and_broken_connections_leave_the_others_alone() -> None:
    import socket

    with serving(app(KEYRING, echo, lambda: "v7")) as address:
        url = httpx.URL(address)
        held, begun = [], b"host: a\r\nauthorization: " + BASIC + b"\r\ncontent-length: 9000\r\n\r\n{"
        for line in (b"", b"POST /", b"POST /x/predict HTTP/1.1\r\nhost: a\r\ncontent-length: 9000\r\n\r\n{",
                     b"POST /predict HTTP/1.1\r\n" + begun,
                     b"\x16\x03\x01\x02\x00", b"GET / HTTP/9.9\r\n\r\n"):  # fmt: skip
            for _ in range(5):
                held.append(socket.create_connection((url.host, url.port)))
                held[-1].sendall(line)
        threading.Event().wait(0.2)
        for connection in held[::2]:
            connection.close()
        (entry,) = said(httpx.post(f"{address}/predict", json=request(), auth=OWN, timeout=10))
        assert "2 sentences" in entry["value"]["text"][0]
        for connection in held[1::2]:
            connection.close()
