"""A campaign in an object store: as on a disk, against a real S3 protocol."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
from moto.server import ThreadedMotoServer

from data import storage
from data.campaign.campaign import Campaign
from data.campaign.new_campaign import init, template
from data.errors import CampaignBusy, LeaseLost, LedgerError, LedgerMissing, UsageError
from data.ledger import Ledger
from data.ledger.tables import EVENTS, TABLES

TEXT = template(id="wells", title="Wells — آبار", source="parallel", path="/p.jsonl", languages=["arb_Arab"])


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


@pytest.fixture
def address(server: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    monkeypatch.setenv("AWS_ENDPOINT_URL", server)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    bucket = request.node.name.replace("_", "-")[:60]
    boto3.client("s3", endpoint_url=server, region_name="us-east-1").create_bucket(Bucket=bucket)
    return f"s3://{bucket}/campaigns/wells"


def event(subject: object) -> dict[str, str]:
    return {"kind": "query", "subject": str(subject), "language": "", "detail": ""}


def test_a_whole_life(address: str) -> None:
    with pytest.raises(LedgerMissing):
        Campaign.load(address)
    with pytest.raises(LedgerMissing):
        Ledger(address).read(EVENTS)
    init(address, TEXT)
    campaign = Campaign.load(f"{address}/")
    assert (campaign.id, campaign.about.title) == ("wells", "Wells — آبار")
    with Ledger(address).lease() as ledger:
        assert ledger.append(EVENTS, [event(1), event(2)]) == 2
        ledger.append(EVENTS, [event(2)])
        with pytest.raises(CampaignBusy), Ledger(address).lease():
            pass
    assert sorted(Ledger(address).read(EVENTS)["subject"]) == ["1", "2"]
    with pytest.raises(UsageError, match="is a campaign already"):
        init(address, TEXT)


def test_campaign_toml_is_replaced_whole(address: str) -> None:
    assert not storage.exists(address, "campaign.toml")
    storage.write_text(address, "campaign.toml", "long " * 100)
    storage.write_text(address, "campaign.toml", "short")
    assert storage.exists(address, "campaign.toml")
    assert storage.read_text(address, "campaign.toml") == "short"
    with pytest.raises(FileNotFoundError):
        storage.read_text(address, "other.toml")


def test_an_address_of_no_known_kind() -> None:
    with pytest.raises(UsageError, match="no address of a known kind"):
        Campaign.load("gopher://wells")


def test_a_bucket_that_is_not_there_is_named(address: str) -> None:
    for act in (lambda at: init(at, TEXT), lambda at: Campaign.load(at), lambda at: Ledger(at).read(EVENTS)):
        with pytest.raises(LedgerError, match="no-such-bucket"):
            act("s3://no-such-bucket/wells")


def test_appends_at_once_lose_nothing(address: str) -> None:
    Ledger.create(address)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: Ledger(address).append(EVENTS, [event(n)]), range(12)))
    assert sorted(map(int, Ledger(address).read(EVENTS)["subject"])) == list(range(12))


def test_of_racing_leases_exactly_one_holds(address: str) -> None:
    Ledger.create(address)
    leases = [Ledger(address).lease(f"elsewhere:{n}") for n in range(4)]

    def enter(n: int) -> int | None:
        try:
            leases[n].__enter__()
        except CampaignBusy:
            return None
        return n

    with ThreadPoolExecutor(4) as pool:
        got = [n for n in pool.map(enter, range(4)) if n is not None]
    assert len(got) == 1
    leases[got[0]].__exit__(None, None, None)


def test_who_was_taken_over_cannot_write(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Ledger.create(address)
    with Ledger(address).lease("elsewhere:1") as old:
        monkeypatch.setattr("data.ledger.lease.is_dead", lambda *_: True)
        with Ledger(address).lease("new") as new:
            new.append(EVENTS, [event("new")])
            with pytest.raises(LeaseLost):
                old.append(EVENTS, [event("old")])
    assert list(Ledger(address).read(EVENTS)["subject"]) == ["new"]
    assert len(Ledger(address).read(TABLES["leases"])) == 3  # two taken, the new one given back


def test_where_the_tables_stand_is_known_without_opening_them(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger.create(address)
    ledger.append(EVENTS, [event(1)])
    known = Ledger(address).standing()
    assert set(known) == set(TABLES) - {"leases"}
    with monkeypatch.context() as patch:
        patch.setattr("data.ledger.store.DeltaTable", None)
        assert Ledger(address).standing({name: tuple(one) for name, one in known.items()}) == known
    ledger.append(EVENTS, [event(2)])
    now = Ledger(address).standing(known)
    assert {name for name in now if now[name] != known[name]} == {"events"}
    entry = f"{1:020}.json"
    text = storage.read_text(f"{address}/ledger/checks/_delta_log", f"{0:020}.json")
    storage.write_text(f"{address}/ledger/checks/_delta_log", f"{0:020}.json", f"{text} ")
    assert Ledger(address).standing(now)["checks"] != now["checks"], "another entry under the same number"
    assert not storage.facts(f"{address}/ledger/checks/_delta_log", entry)


def test_a_folder_of_guidelines(address: str) -> None:
    """As a campaign names it: below its own address, or by an address of its own."""
    with pytest.raises(FileNotFoundError):
        storage.names(storage.within(address, "guidelines"))
    storage.write_text(f"{address}/guidelines", "authoring.md", "آبار")
    storage.write_text(f"{address}/guidelines/old", "judging.md", "x")
    for where in ("guidelines", f"{address}/guidelines/"):
        there = storage.within(address, where)
        assert storage.names(there) == ["authoring.md", "old/"]
        assert storage.read_text(there, "authoring.md") == "آبار"
