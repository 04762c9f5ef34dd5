import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from data.errors import ReleaseRefused, UploadFailed, UsageError
from data.release.release_folder import SIGNATURE, SUMS
from flows.cli.commands import main
from flows.publication.publication import publish_release
from flows.publication.upload_targets import _Store
from flows.release import release_campaign
from tests.flows.publication.hub_fake import TOKEN, HubFake, by_xet, hub_fake
from tests.flows.small_campaign import Small, at
from tests.object_store_fixture import object_store

pytestmark = pytest.mark.filterwarnings(
    "ignore:Use 'content=:DeprecationWarning"
)  # how the Hub's own client sends

REASON = "A pilot of two items, which no audit can certify."
TO = "hf://datasets/owner/wells"


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Releases 1.0.0, 1.1.0 and `bare`, one without a certificate, of a small campaign."""
    place = tmp_path_factory.mktemp("released")
    small: Small = at("accepted", place)
    release_campaign(
        small.address, "1.0.0", str(place / "one"), languages=["eng_Latn", "fra_Latn"], uncertified=REASON
    )
    release_campaign(small.address, "1.1.0", str(place / "two"), uncertified=REASON)
    release_campaign(small.address, "1.0.0", str(place / "bare"))
    return place


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubFake]:
    with hub_fake() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        monkeypatch.setattr("huggingface_hub._commit_api.is_xet_available", lambda: False)
        yield hub


@pytest.fixture
def xet(hub: HubFake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[HubFake]:
    """A Hub that takes large files by Xet, as the public one does, and a client without a cache."""
    from huggingface_hub.utils._xet import abort_xet_session

    monkeypatch.setattr("huggingface_hub._commit_api.is_xet_available", lambda: True)
    monkeypatch.setenv("HF_XET_CACHE", str(tmp_path / "xet"))
    monkeypatch.setenv("HF_XET_CLIENT_RETRY_MAX_ATTEMPTS", "1")
    abort_xet_session()
    yield hub
    abort_xet_session()


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """A place of the test's own in an object store, which outlives the test."""
    with object_store(monkeypatch) as address:
        yield f"{address}/{tmp_path.name}/wells"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_without_go_nothing_is_sent(released: Path, hub: HubFake) -> None:
    said = CliRunner().invoke(main, ["publish", str(released / "one"), "--to", TO])
    assert said.exit_code == 0, said.output
    assert "to send it, add --go" in said.output
    assert set(hub.asked) <= {"tree", "resolve"}
    assert hub.files == {}


def test_a_release_is_one_commit_and_the_next_sends_what_differs(released: Path, hub: HubFake) -> None:
    done = publish_release(str(released / "one"), TO, go=True)
    assert hub.files["owner/wells"] == contents(released / "one")
    assert hub.commits == ["Release 1.0.0"]
    assert done.place.endswith(f"/commit/{'d' * 40}")
    again = publish_release(str(released / "one"), TO, go=True)
    assert again.send == ()
    later = publish_release(str(released / "two"), TO, go=True, since=str(released / "one"))
    assert later.before == "1.0.0"
    assert "swh_Latn" in " ".join(later.changes)
    assert not [path for path in later.send if path.startswith("guidelines/authoring")]
    assert hub.files["owner/wells"] == contents(released / "two")


def test_a_broken_upload_shows_nothing_and_is_resumed(released: Path, hub: HubFake) -> None:
    sums = dict(line.split("  ")[::-1] for line in (released / "one" / SUMS).read_text().splitlines())
    hub.refuse = {sums["data/fra_Latn.parquet"]}
    with pytest.raises(UploadFailed, match="run the same command again"):
        publish_release(str(released / "one"), TO, go=True)
    assert hub.files["owner/wells"] == {}
    hub.refuse, sent = set(), hub.asked["large"]
    publish_release(str(released / "one"), TO, go=True)
    assert hub.files["owner/wells"] == contents(released / "one")
    large = sum(path.endswith(".parquet") for path in contents(released / "one"))
    assert hub.asked["large"] - sent <= large


def test_by_xet_a_broken_upload_shows_nothing_and_is_resumed(released: Path, xet: HubFake) -> None:
    sums = dict(line.split("  ")[::-1] for line in (released / "one" / SUMS).read_text().splitlines())
    xet.refuse_blocks = True
    with pytest.raises(UploadFailed, match="run the same command again"):
        publish_release(str(released / "one"), TO, go=True)
    assert (xet.files["owner/wells"], xet.commits, xet.blocks) == ({}, [], {})
    xet.refuse_blocks = False
    publish_release(str(released / "one"), TO, go=True)
    expected = {
        path: by_xet(sums[path]) if path.endswith(".parquet") else data
        for path, data in contents(released / "one").items()
    }
    assert xet.files["owner/wells"] == expected
    assert xet.blocks and xet.asked["large"] == 0
    sent = xet.asked["block"]
    assert publish_release(str(released / "one"), TO, go=True).send == ()
    assert xet.asked["block"] == sent


def test_a_hub_that_cannot_be_reached_is_said(released: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda _: None)
    said = CliRunner().invoke(main, ["publish", str(released / "one"), "--to", TO])
    assert said.exit_code == 2, said.output
    assert f"{TO} cannot be looked at" in said.output


def test_no_token_is_said_and_none_is_ever_shown(
    released: Path, hub: HubFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    said = CliRunner().invoke(main, ["publish", str(released / "one"), "--to", TO, "--go"])
    assert said.exit_code == 2
    assert "hf_wrong" not in said.output
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(UsageError, match="HF_TOKEN"):
        publish_release(str(released / "one"), TO, go=True)


def test_a_release_without_a_certificate_goes_nowhere(released: Path, tmp_path: Path) -> None:
    with pytest.raises(ReleaseRefused, match="--uncertified REASON"):
        publish_release(str(released / "bare"), str(tmp_path / "there"), go=True)
    assert REASON in (released / "one" / "manifest.json").read_text("utf-8")


def test_a_signature_follows_its_manifest(released: Path, hub: HubFake, bucket: str, tmp_path: Path) -> None:
    """It stands in no list of sums, and an old one beside a new manifest would be a wrong one."""
    for name in ("one", "two"):
        signed = tmp_path / name
        shutil.copytree(released / name, signed)
        (signed / SIGNATURE).write_text(f"a signature of {name}")
        for to in (TO, bucket):
            publish_release(str(signed), to, go=True)
    store = _Store(bucket)
    assert store.read(SIGNATURE) == hub.files["owner/wells"][SIGNATURE] == b"a signature of two"


def test_what_was_half_replaced_is_sent_again(
    released: Path, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also by the release that was there before: the note comes before the file."""
    publish_release(str(released / "one"), bucket, go=True)
    noted, replaced = _Store._note, []

    def dies(store: _Store, arrived: dict[str, str]) -> None:
        replaced.append(arrived)
        if len(replaced) == 2:  # the first file has been replaced, and nobody knows
            raise OSError("the power is out")
        noted(store, arrived)

    monkeypatch.setattr(_Store, "_note", dies)
    with pytest.raises(UploadFailed):
        publish_release(str(released / "two"), bucket, go=True)
    monkeypatch.setattr(_Store, "_note", noted)
    publish_release(str(released / "one"), bucket, go=True)
    store = _Store(bucket)
    assert {path: store.read(path) for path in store.files()} == contents(released / "one")


def test_a_folder_gets_it_whole_and_a_version_once(released: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    publish_release(str(released / "one"), str(there), go=True)
    assert contents(there) == contents(released / "one")
    publish_release(str(released / "two"), str(there), go=True)
    assert contents(there) == contents(released / "two")
    strange = tmp_path / "strange"
    strange.mkdir()
    (strange / "thesis.txt").write_text("mine")
    with pytest.raises(ReleaseRefused, match="something else"):
        publish_release(str(released / "one"), str(strange), go=True)
    assert contents(strange) == {"thesis.txt": b"mine"}


def test_a_changed_folder_is_not_published(released: Path, tmp_path: Path) -> None:
    publish_release(str(released / "one"), str(tmp_path / "copy"), go=True)
    (tmp_path / "copy" / "README.md").write_text("Trust me.")
    with pytest.raises(ReleaseRefused, match="not as it was released") as refused:
        publish_release(str(tmp_path / "copy"), str(tmp_path / "there"), go=True)
    assert "README.md" in str(refused.value)


def test_an_object_store_goes_on_where_it_broke_off(
    released: Path, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []

    def dies(path: str, *_: int) -> None:
        sent.append(path)
        if len(sent) == 3:
            raise OSError("the cable is out")

    with pytest.raises(UploadFailed, match="the cable is out"):
        publish_release(str(released / "one"), bucket, go=True, tell=dies)
    assert _Store(bucket).read("manifest.json") == b""
    done = publish_release(str(released / "one"), bucket, go=True)
    assert not set(done.send) & set(sent)
    store = _Store(bucket)
    assert {path: store.read(path) for path in store.files()} == contents(released / "one")
    later = publish_release(str(released / "two"), bucket, go=True)
    assert later.before == "1.0.0"
    assert {path: store.read(path) for path in store.files()} == contents(released / "two")


def test_the_result_is_data_too(released: Path, tmp_path: Path) -> None:
    said = CliRunner().invoke(main, ["publish", str(released / "one"), "--to", str(tmp_path / "x"), "--json"])
    assert json.loads(said.output)["version"] == "1.0.0"
    assert not (tmp_path / "x").exists()
