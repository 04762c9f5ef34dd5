"""Two real Label Studio servers at once: who answers blind on one can reach no key, which lie on the other.

Everybody has an account on the servers on which they work and on no other, and acts in it as a browser would.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.local_server import LocalLabelStudio
from annotation.labelstudio.signed_in_user import SignedInUser
from annotation.stages import page_of
from data.campaign.contacts import set_contact
from data.environment import state_dir
from data.errors import CampaignError
from data.ledger.tables import Stage
from flows.advance import advance
from flows.ledger_views.current_items import kept_questions
from flows.reports.people_and_pay import people
from flows.reports.status import status
from tests.flows.small_campaign import BAKERY, BOATS, FRENCH, TEXTS, Small, at
from tests.flows.stages.test_disputes import FIELDS
from tests.labelstudio_fixture import PASSWORD

pytestmark = [pytest.mark.real_server, pytest.mark.slow]

ENGLISH = "eng_Latn"
NOTE = "zebrafinch: the passage denies it"
"""What authors say of wrong answers, and what stands nowhere else."""

TELLING = (NOTE, "correct answer", '"settles"', '"key"', '"order":[', '"mark"', '"own"', '"evidence"')
"""What the pages that show a key hold, and what tells where its author put it."""

HOST = "two-servers.example.org"
"""Of addresses that nobody else has on the usual server, which all tests share."""


@dataclass
class Pair:
    """The two servers, and everybody's accounts on them."""

    servers: Mapping[str, LabelStudio]
    stack: ExitStack
    accounts: dict[tuple[str, str], SignedInUser] = field(default_factory=dict)

    def visitor(self, person: str, server: str) -> SignedInUser:
        """A person in their account on a server; signs up there the first time."""
        if (person, server) not in self.accounts:
            at = self.servers[server]
            made = SignedInUser.sign_up(at.url, at.invitation(), f"{person}@{HOST}", PASSWORD)
            self.accounts[person, server] = self.stack.enter_context(made)
        return self.accounts[person, server]


@pytest.fixture(scope="module")
def pair(studio: LabelStudio, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """The usual server as main, and another one."""
    data = tmp_path_factory.mktemp("apart") / "data"
    with ExitStack() as stack:
        other = stack.enter_context(LocalLabelStudio(state_dir(), data_dir=data, tell=print))
        apart = stack.enter_context(LabelStudio(other.url, other.token, name="apart"))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("BELEBELE_STATE_DIR", str(tmp_path_factory.mktemp("state")))
        yield Pair({"main": studio, "apart": apart}, stack)


def split(pair: Pair, small: Small, servers: str, people: str) -> Small:
    """The campaign with its stages and people on these servers."""
    small.configure('default = "main"', f'default = "main"\n{servers}')
    file = small.folder / "campaign.toml"
    file.write_text(file.read_text("utf-8") + people, "utf-8")
    small.servers = pair.servers
    now = small.state.campaign
    for person in now.people:
        set_contact(now.id, person.code, f"{person.code}@{HOST}")
    return small


def measured(small: Small) -> None:
    """All accepted questions are judged anew, and answered by fresh people."""
    small.configure("[recheck]\nrecheck_share = 0.0", "[recheck]\nrecheck_share = 1.0")
    small.configure("[baseline]\nitems = 0", "[baseline]\nitems = 2")


def work(pair: Pair, small: Small, stage: Stage, person: str = "") -> dict[str, str]:
    """Everybody, or one, does what they have of a stage in English, on its page; the server of each by person."""
    done = {}
    now = small.state.campaign
    for key in small.keys(stage, ENGLISH, person=person):
        subject, who = key.split("/")[2], key.split("/")[4]
        server = now.server_for(stage, who)
        visitor = pair.visitor(who, server)
        there = visitor.open_tasks(now.workbench_title(stage, ENGLISH, who))
        task = next(task for task in there if task.key == key)
        said: dict[str, Any] = {**FIELDS[stage]}
        if stage == "authoring":
            said |= {**TEXTS[subject, ENGLISH], "notes": ["", NOTE, NOTE, NOTE]}
        visitor.submit(task.id, page_of(stage).result(said, task.data, ""), 40.0)
        done[who] = server
    return done


def reach(visitor: SignedInUser, campaign_id: str) -> tuple[set[str], str]:
    """What somebody can read of a campaign on a server: the stages, and all that the server says."""
    told: list[str] = []

    def read(path: str, **query: Any) -> Any:
        answer = visitor._send("GET", path, query=query)
        told.append(answer.text)
        return answer.json() if answer.is_success and "json" in answer.headers["Content-Type"] else None

    listed = read("/api/projects/", page_size=100, title=f"{campaign_id}/")["results"]
    for number in (project["id"] for project in listed):
        for path in ("/api/ml/", "/api/webhooks/", "/api/predictions/", "/api/dm/views/", "/api/storages/"):
            read(path, project=number)
        for path in ("", "/exports/", "/file-uploads", "/summary/"):
            read(f"/api/projects/{number}{path}")
        for kind in ("JSON", "CSV"):
            read(f"/api/projects/{number}/export", exportType=kind, download_all_tasks="true")
        read(f"/projects/{number}/data")
        for task in read("/api/tasks/", project=number, fields="all", page_size=500)["tasks"]:
            for path in ("", "/annotations/", "/drafts"):
                assert read(f"/api/tasks/{task['id']}{path}") is not None
    read("/api/users/")
    read("/api/organizations/")
    return {project["title"].split("/")[1] for project in listed}, "\n".join(told)


def blind(visitor: SignedInUser, campaign_id: str) -> set[str]:
    """The stages that somebody can reach, where nothing tells a key."""
    stages, everything = reach(visitor, campaign_id)
    plain = everything.replace('\\"', '"').replace('": ', '":')
    found = {what for what in TELLING if what in plain}
    assert not found, f"{visitor.email} can read {found}"
    assert TEXTS[BOATS, ENGLISH]["question"] in plain, "nothing was looked at"
    return stages


def test_reviewers_answer_where_no_key_is_until_they_have(pair: Pair, tmp_path: Path, campaign_id: str) -> None:
    """Two work apart from the authors stage by stage, one because of her agency."""
    small = at("authoring", tmp_path, campaign_id)
    small.configure('code = "r2"\nroles', 'code = "r2"\nagency = "An agency"\nroles')
    servers = 'answering = "apart"\njudging = "apart"\nagencies = { "An agency" = "apart" }'
    more = '[[people]]\ncode = "x1"\nroles = ["adjudicating"]\n[[people]]\ncode = "b1"\nroles = ["baseline"]\n'
    split(pair, small, servers, more)
    small.advance()
    assert set(work(pair, small, "authoring").values()) == {"main"}
    small.advance()
    with pytest.raises(AssertionError, match="can read"):
        blind(pair.visitor("ana", "main"), campaign_id)
    readers = sorted({key.rpartition("/")[2] for key in small.keys("answering")})
    for person in readers:
        assert blind(pair.visitor(person, "apart"), campaign_id) == {"answering"}
    assert work(pair, small, "answering") == dict.fromkeys(readers, "apart")
    small.advance()
    assert work(pair, small, "judging") == dict.fromkeys(readers, "apart")
    told = status(small.state)["exposure"]["blind_answers"]
    assert told == {"given": 4, "in_reach": 0, "by_authors": 0, "by_others": 0, "kept_apart": 0}

    # an expert and a fresh reader work where reviewers have judged: that they looked there cannot be ruled out
    measured(small)
    assert small.advance().decisions == {"keep": 2}
    assert set(work(pair, small, "answering")) == {"x1", "b1"}
    small.advance()
    told = status(small.state)["exposure"]["blind_answers"]
    assert told == {"given": 8, "in_reach": 4, "by_authors": 0, "by_others": 4, "kept_apart": 0}


AGENCY = """
[[people]]
code = "x1"
roles = ["adjudicating"]
agency = "An agency"

[[people]]
code = "b1"
roles = ["baseline"]
agency = "An agency"
"""


def test_rechecks_and_the_baseline_of_an_agency_with_a_server_of_its_own(
    pair: Pair, tmp_path: Path, campaign_id: str
) -> None:
    """The expert's judging pages, which show keys, wait until the fresh reader on the same server has answered."""
    small = at("translating", tmp_path, campaign_id)
    measured(small)
    split(pair, small, 'agencies = { "An agency" = "apart" }', AGENCY)
    small.advance()
    assert {key.rpartition("/")[2] for key in small.keys("answering")} == {"x1", "b1"}
    assert small.keys("translating", FRENCH), "whose pages on the other server show every key"
    reader = pair.visitor("b1", "apart")
    assert blind(reader, campaign_id) == {"answering"}
    assert work(pair, small, "answering", "x1") == {"x1": "apart"}
    small.advance()
    assert small.keys("judging") == [], "the reader has not answered yet"
    assert blind(reader, campaign_id) == {"answering"}
    assert work(pair, small, "answering") == {"b1": "apart"}
    small.advance()
    assert work(pair, small, "judging") == {"x1": "apart"}
    small.advance()

    told = status(small.state)
    assert told["exposure"]["blind_answers"] == {
        "given": 4,
        "in_reach": 0,
        "by_authors": 0,
        "by_others": 0,
        "kept_apart": 0,
    }
    again = told["measured"]["recheck"]
    assert (again["drawn"], again["judged"], again["objected"]) == (2, 2, 0)
    assert told["measured"]["baseline"] == {ENGLISH: {"wanted": 2, "given": 2}}
    page = people.people_facts(small.state)
    assert page["measures"]["recheck"]["judged"] == 2
    (accuracy,) = page["accuracy"]
    assert (accuracy["answers"], accuracy["people"], accuracy["right"]["value"]) == (2, 1, 1.0)
    ours = {line["person"]: line for line in page["people"]}
    assert {ours[code]["agency"] for code in ("x1", "b1")} == {"An agency"}
    assert {line["stage"] for line in ours["x1"]["work"]} == {"answering", "judging"}
    assert set(kept_questions(small.state)["question_id"]) == {BOATS, BAKERY}


def test_two_names_for_one_server_are_refused(pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = at("translating", tmp_path)
    small.configure('default = "main"', 'default = "main"\nanswering = "apart"')
    for name in ("", "_APART"):
        monkeypatch.setenv(f"BELEBELE_LABEL_STUDIO_URL{name}", f"{pair.servers['main'].url}/")
        monkeypatch.setenv(f"BELEBELE_LABEL_STUDIO_TOKEN{name}", "a" * 40)
    with pytest.raises(CampaignError) as refused:
        advance(small.address)
    assert "'main' and 'apart' are both at" in refused.value.problems[0]
