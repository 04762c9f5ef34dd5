"""Pages get to servers with our layer: what differs, once, and nothing stays of whoever is not wanted any more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.fake import FakeLabelStudio
from annotation.labelstudio.signed_in_user import SignedInUser
from data.campaign.contacts import set_contact
from data.errors import ServerError
from flows.advance import idle_progress
from flows.reports.lead_page.lead_page_file import deliver_page, keep_page
from tests.flows.small_campaign import Small, at
from tests.labelstudio_fixture import PASSWORD

PEOPLE = ("ana", "r1", "r2", "r3")


@pytest.fixture
def stack(own_state: Path) -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return at("answering", tmp_path / "campaign")


def server(stack: ExitStack, small: Small, *, layer: bool = True) -> FakeLabelStudio:
    """A server where some of the campaign's people have signed up."""
    fake = stack.enter_context(FakeLabelStudio(layer=layer))
    studio = stack.enter_context(LabelStudio(fake.url, fake.token))
    small.servers = {"main": studio}
    for person in PEOPLE:
        set_contact("small", person, f"{person}@example.org")
        SignedInUser.sign_up(studio.url, studio.invitation(), f"{person}@example.org", PASSWORD).close()
    return fake


def pages(fake: FakeLabelStudio) -> dict[str, dict[str, Any]]:
    """The pages on a server, by the person that they say."""
    held = fake._endpoints.own_pages.of_people.get("small", {"pages": {}})["pages"]
    return {page["person"]: page for page in held.values()}


def test_everybody_with_an_account_has_a_page_after_an_advance(small: Small, stack: ExitStack) -> None:
    fake = server(stack, small)
    assert small.advance().problems == []
    found = pages(fake)
    assert set(found) == set(PEOPLE)
    (bench,) = small.servers["main"].workbenches("small/answering/eng_Latn/r1").values()
    assert [one["project"] for one in found["r1"]["work"]] == [bench.id]
    assert idle_progress(small.address, small.servers) is not None, "there is nothing more to do"


def test_only_pages_that_differ_are_sent_and_an_idle_advance_sends_none(
    small: Small, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    server(stack, small)
    small.advance()
    sent: list[int] = []
    put = LabelStudio.put_person_pages

    def noted(self: LabelStudio, campaign: str, seal: str, accounts: Any, changed: Any) -> None:
        sent.append(len(changed))
        put(self, campaign, seal, accounts, changed)

    monkeypatch.setattr(LabelStudio, "put_person_pages", noted)
    small.advance()
    assert sent == []
    small.configure('code = "r1"', 'code = "r1"\npage_language = "fra_Latn"')
    small.advance()
    assert sent == [1]


def test_whoever_is_not_of_the_campaign_any_more_has_no_page(small: Small, stack: ExitStack) -> None:
    fake = server(stack, small)
    small.advance()
    small.submit(*small.keys("answering", person="r3"))
    small.advance()
    for key in small.keys(person="r3"):
        small.submit(key)
    small.configure('[[people]]\ncode = "r3"\nroles = ["reviewing"]\n', "")
    small.advance()
    assert set(pages(fake)) == {*PEOPLE} - {"r3"}


def test_a_server_that_fails_gets_its_pages_from_the_next_advance(
    small: Small, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = server(stack, small)

    def down(*_: object) -> None:
        raise ServerError("the line is dead")

    with monkeypatch.context() as broken:
        broken.setattr(LabelStudio, "put_person_pages", down)
        assert small.advance().problems == ["the line is dead"]
    assert pages(fake) == {}
    assert idle_progress(small.address, small.servers) is None, "a look sees what is missing"
    assert small.advance().problems == []
    assert set(pages(fake)) == set(PEOPLE)


def test_a_bare_server_is_sent_nothing(small: Small, stack: ExitStack) -> None:
    fake = server(stack, small, layer=False)
    assert small.advance().problems == []
    assert fake._endpoints.own_pages.of_people == {}
    assert idle_progress(small.address, small.servers) is not None


def test_the_leads_page_goes_to_the_default_server(
    small: Small, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = server(stack, small)
    monkeypatch.setattr("flows.reports.lead_page.lead_page_file.servers_of", lambda _: small.servers)
    keep_page(small.address)
    assert deliver_page(small.address) == []
    held = fake._endpoints.own_pages.of_lead["small"]
    assert held["title"] == "Small" and held["html"].startswith("<!")
    fake.stop()
    (problem,) = deliver_page(small.address)
    assert "does not answer" in problem
