"""Where each person works: addresses that lead there, and invitations for who has no account yet."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest
from click.testing import CliRunner

from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.local_server import LocalLabelStudio
from annotation.labelstudio.signed_in_user import SignedInUser
from data.campaign.contacts import set_contact
from data.errors import UsageError
from flows.advance import advance
from flows.cli.commands import main
from flows.reports.workbench_links import links
from tests.flows.play import Company

DEAD = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def town(company: Callable[..., Company], studio: LabelStudio) -> Company:
    """Two authors have a passage each; the rest has nothing to do yet."""
    begun = company()
    set_contact(begun.campaign.id, "p1", "nobody-yet@example.org", "")
    advance(begun.address, {"main": studio})
    return begun


def test_everybody_is_led_to_their_own_work(
    town: Company, studio: LabelStudio, visitor: Callable[[str], SignedInUser]
):
    found, problems = links(town.state(), {"main": studio})
    assert problems == []
    authors = {link.person: link for link in found if link.what == "Write questions in English"}
    assert {code: (link.open, link.submitted) for code, link in authors.items()} == {"w1": (1, 0), "w2": (1, 0)}
    for code, link in authors.items():
        number = int(link.url.split("/")[-2])
        bench = studio.workbenches(town.campaign.workbench_title("authoring", "eng_Latn", code))
        assert [one.id for one in bench.values()] == [number]
        assert link.url == f"{studio.url}/projects/{number}/data"


def test_who_has_no_account_is_invited(town: Company, studio: LabelStudio):
    found, _ = links(town.state(), {"main": studio})
    (invited,) = [link for link in found if link.what == "sign up"]
    assert (invited.person, invited.email) == ("p1", "nobody-yet@example.org")
    assert httpx.get(invited.url, timeout=30).status_code == 200


def test_one_person_only_and_never_a_wrong_one(town: Company, studio: LabelStudio):
    found, _ = links(town.state(), {"main": studio}, "w2")
    assert {link.person for link in found} == {"w2"}
    with pytest.raises(UsageError, match="no person 'w3'; did you mean"):
        links(town.state(), {"main": studio}, "w3")


def test_a_dead_server_costs_its_own_lines_only(town: Company, studio: LabelStudio):
    dead = LabelStudio(DEAD, "0" * 40, name="blind", timeout=1)
    campaign = town.campaign
    split = campaign.model_copy(update={"servers": campaign.servers.model_copy(update={"answering": "blind"})})
    state = town.state()
    state.campaign = split
    found, problems = links(state, {"main": studio, "blind": dead})
    assert {link.server for link in found} == {"main"}
    assert {"w1", "w2", "p1"} == {link.person for link in found}
    assert len(problems) == 1 and DEAD in problems[0]


def test_what_a_lead_reads(town: Company, label_studio: LocalLabelStudio, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BELEBELE_LABEL_STUDIO_URL", label_studio.url)
    monkeypatch.setenv("BELEBELE_LABEL_STUDIO_TOKEN", label_studio.token)
    said = CliRunner().invoke(main, ["links", town.address])
    assert said.exit_code == 0
    first, second, third, *rest = said.stdout.splitlines()
    assert [line.split()[0] for line in (first, second, third)] == ["w1", "w2", "p1"]
    assert "Write questions in English  " in first and "1 open" in first and "/projects/" in first
    assert "sign up" in third and "/user/signup/" in third
    (warning,) = rest
    cure = f"start it with belebele up {town.address} --host "
    assert f"only this machine reaches these addresses on 'main': {cure}" in warning
    told = json.loads(CliRunner().invoke(main, ["links", town.address, "--person", "p1", "--json"]).stdout)
    assert told["only_this_machine"] == ["main"]
    assert [(link["person"], link["email"]) for link in told["links"]] == [("p1", "nobody-yet@example.org")]
    assert CliRunner().invoke(main, ["links", town.address, "--person", "nobody"]).exit_code == 2
