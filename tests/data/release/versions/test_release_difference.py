"""What is told of two releases, and of one whose files were touched."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from data.errors import ReleaseUnreadable, UsageError
from data.itemsets import read
from data.release.release_content import content_of_folder
from data.release.release_files import render, write_release
from data.release.release_signature import signature_of
from data.release.release_verification import verification
from data.release.versions.release_difference import ReleaseDifference, difference, says_less
from flows.cli.commands import main
from tests.data.release.small_release import ABOUT, halved, made, written

FORMAT_1 = Path(__file__).parents[3] / "stored" / "release-0.1.tar.xz"


def ran(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def old(tmp_path: Path) -> Path:
    write_release(halved(), ABOUT, tmp_path / "old")
    return tmp_path / "old"


@pytest.fixture
def format_1(tmp_path: Path) -> Path:
    with tarfile.open(FORMAT_1) as archive:
        archive.extractall(tmp_path / "then", filter="data")
    return tmp_path / "then"


def since(old: Path, items: pd.DataFrame, **about: Any) -> ReleaseDifference:
    new = old.with_name("new")
    write_release(items, replace(ABOUT, version="9.0.0", **about), new)
    return difference(content_of_folder(old), content_of_folder(new))


def with_(at: int, **columns: Any) -> pd.DataFrame:
    items = halved()
    for column, value in columns.items():
        items.at[at, column] = value
    return items


def both(at: int, **columns: Any) -> pd.DataFrame:
    """The items with one of them changed in both languages."""
    items = with_(at, **columns)
    for column, value in columns.items():
        items.at[at + 3, column] = value
    return items


def test_nothing_but_version_and_date(old: Path) -> None:
    found = since(old, halved(), date=ABOUT.date.replace(year=2027), checks=())
    assert (found.step, found.demanded_version) == ("none", "1.0.0")
    told = ran("diff", old, old.with_name("new"))
    assert (told.exit_code, told.output) == (0, "the same items: 1.0.0 and 9.0.0\n")


def test_a_mended_text_is_a_patch(old: Path) -> None:
    found = since(old, with_(1, question="How deep now?"))
    assert (found.step, found.demanded_version) == ("patch", "1.0.1")
    (change,) = found.changes
    assert (change.item_id, change.split, change.language, change.field) == (
        "wells-b-q2", "test", "eng_Latn", "question",
    )  # fmt: skip
    assert (change.old, change.new) == ("eng_Latn wells-b-q2: how deep?", "How deep now?")


def test_another_licence_is_a_patch(old: Path) -> None:
    found = since(old, halved(), licence="CC-BY-4.0")
    assert found.facts == (("licence", "CC0-1.0", "CC-BY-4.0"),)
    assert found.step == "patch"


def test_more_items_or_languages_are_a_minor_version(old: Path) -> None:
    assert since(old, halved(("eng_Latn", "arb_Arab", "fra_Latn"))).languages_added == ("fra_Latn",)
    more = pd.concat([halved(), halved()[lambda lines: lines["question_id"] == "wells-b-q2"].assign(
        question_id="wells-c-q1", passage_id="wells-c", link="https://c.invalid", position=2)])  # fmt: skip
    shutil.rmtree(old.with_name("new"))
    found = since(old, more)
    assert found.items_added == (("test", "wells-c-q1"),)
    assert (found.step, found.demanded_version) == ("minor", "1.1.0")


@pytest.mark.parametrize(
    ("items", "fact"),
    [
        (both(2, key=1), lambda found: {one.item_id for one in found.keys_changed} == {"wells-a-q1"}),
        (both(2, order=[1, 2, 3, 4]), lambda found: {one.field for one in found.keys_changed} >= {"order"}),
        (halved().drop(index=[1, 4]), lambda found: found.items_removed == (("test", "wells-b-q2"),)),
        (halved(("eng_Latn",)), lambda found: found.languages_removed == ("arb_Arab",)),
        (made(), lambda found: found.items_moved == ("wells-a-q1",)),
    ],
    ids=["key", "order", "item removed", "language removed", "item moved"],
)
def test_what_breaks_results_is_a_major_version(old: Path, items: pd.DataFrame, fact: Any) -> None:
    found = since(old, items)
    assert fact(found)
    assert (found.step, found.demanded_version) == ("major", "2.0.0")


def test_another_column_or_order_is_a_major_version(old: Path) -> None:
    new = shutil.copytree(old, old.with_name("new"))
    file = new / "data" / "eng_Latn.parquet"
    table = pq.read_table(file)
    pq.write_table(table.take([1, 0]), file)
    assert difference(content_of_folder(old), content_of_folder(new)).schema == ("items stand in another order",)
    number = table.schema.get_field_index("question_number")
    for one in (new / "data").glob("*.parquet"), (new / "dev").glob("*.parquet"):
        for path in one:
            lines = pq.read_table(path)
            pq.write_table(lines.set_column(number, "question_number", lines[2].cast(pa.int32())), path)
    found = difference(content_of_folder(old), content_of_folder(new))
    assert "column question_number is int32, and was int64" in found.schema
    assert found.step == "major"


def test_the_command_tells_each_change(old: Path) -> None:
    since(old, both(2, key=1))
    told = ran("diff", old, old.with_name("new"))
    assert told.exit_code == 1
    assert told.output.splitlines() == [
        "1 key changed: wells-a-q1",
        "wells-a-q1 in arb_Arab, correct_answer_num: 1 → 2",
        "wells-a-q1 in eng_Latn, correct_answer_num: 1 → 2",
        "1.0.0 → 9.0.0: a major change, which demands 2.0.0 at least",
    ]
    facts = json.loads(ran("diff", old, old.with_name("new"), "--json").output)
    assert (facts["step"], facts["demanded_version"]) == ("major", "2.0.0")
    assert facts["keys_changed"] == ["wells-a-q1"]
    assert facts["changes"][0]["field"] == "correct_answer_num"


def test_a_release_of_the_first_format_is_read(old: Path, format_1: Path) -> None:
    assert ran("verify", format_1).exit_code == 0
    items = read([str(format_1)])
    assert len(items) == 23 * 8 and items["language"].nunique() == 8
    same = ran("diff", format_1, format_1)
    assert (same.exit_code, same.output) == (0, "the same items: 1.0.0 and 1.0.0\n")
    found = difference(content_of_folder(format_1), content_of_folder(old))
    assert "the format is belebele-release/2, and was belebele-release/1" in found.schema
    (format_1 / "data" / "eng_Latn.parquet").write_bytes(b"half")
    assert verification(format_1).changed == ("data/eng_Latn.parquet",)
    assert ran("diff", format_1, old).exit_code == 2


def test_versions_are_compared_by_number() -> None:
    assert says_less("1.9.0", "1.10.0")
    assert not says_less("2.0.0", "2.0.0")


# verify ----------------------------------------------------------------------------------------------------------


def listed(folder: Path) -> int:
    """How many files the manifest names."""
    return len(json.loads((folder / "manifest.json").read_text())["files"])


def test_a_whole_release(old: Path) -> None:
    told = ran("verify", old)
    assert (told.exit_code, told.output) == (0, f"release 1.0.0 is whole: {listed(old)} files, not signed\n")


@pytest.mark.parametrize(
    ("touch", "said"),
    [
        (lambda at: (at / "data/eng_Latn.parquet").unlink(), "missing: data/eng_Latn.parquet"),
        (lambda at: (at / "jsonl/dev/eng_Latn.jsonl").write_text("{}"), "changed: jsonl/dev/eng_Latn.jsonl"),
        (lambda at: (at / "data/x.parquet").write_text(""), "added: data/x.parquet"),
        (lambda at: (at / "SHA256SUMS").unlink(), "missing: SHA256SUMS"),
        (lambda at: (at / "SHA256SUMS").write_text("nothing"), "changed: SHA256SUMS"),
        (
            lambda at: (at / "manifest.json").write_text(
                (at / "manifest.json").read_text().replace("CC0-1.0", "CC-BY-4.0")
            ),
            "changed: manifest.json",
        ),
    ],
    ids=["missing", "changed", "added", "sums missing", "sums changed", "manifest changed"],
)
def test_what_was_touched_is_named(old: Path, touch: Any, said: str) -> None:
    touch(old)
    told = ran("verify", old)
    assert told.exit_code == 1
    assert told.output.splitlines()[0] == said
    assert json.loads(ran("verify", old, "--json").output)["whole"] is False


@pytest.mark.parametrize("manifest", [None, "{}", "[]", "\x00", '{"format": "belebele-release/2", "files": 1}'])
def test_what_is_no_release_is_unreadable(tmp_path: Path, manifest: str | None) -> None:
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest)
    for command in (("verify", tmp_path), ("diff", tmp_path, tmp_path), ("verify", tmp_path / "nowhere")):
        told = ran(*command)
        assert told.exit_code == 2, told.output
        assert "release of ours" in told.output or "is no folder" in told.output


def test_a_broken_file_of_items_is_unreadable(old: Path) -> None:
    (old / "dev" / "eng_Latn.parquet").write_bytes(b"PAR1")
    with pytest.raises(ReleaseUnreadable, match=r"dev/eng_Latn\.parquet is no parquet file"):
        content_of_folder(old)


# Signatures ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    for name in ("lead", "other"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(folder / name)]
        subprocess.run(command, check=True)
        public = (folder / f"{name}.pub").read_text()
        (folder / f"{name}.signers").write_text(f'{name} namespaces="belebele-release" {public}')
    return folder


def test_a_signature_is_checked_and_nothing_else_differs_by_it(tmp_path: Path, keys: Path) -> None:
    render(halved(), ABOUT).write(tmp_path / "plain")
    render(halved(), ABOUT).signed(keys / "lead").write(tmp_path / "signed")
    files = written(tmp_path / "signed")
    assert files.pop("manifest.json.sig").startswith(b"-----BEGIN SSH SIGNATURE-----")
    assert files == written(tmp_path / "plain")
    assert ran("verify", tmp_path / "signed").output.endswith("--allowed-signers tells\n")
    good = ran("verify", tmp_path / "signed", "--allowed-signers", keys / "lead.signers")
    assert (good.exit_code, good.output) == (
        0,
        f"release 1.0.0 is whole: {listed(tmp_path / 'signed')} files, signed by lead\n",
    )
    other = ran("verify", tmp_path / "signed", "--allowed-signers", keys / "other.signers")
    assert other.exit_code == 1
    unsigned = ran("verify", tmp_path / "plain", "--allowed-signers", keys / "lead.signers")
    assert unsigned.exit_code == 2
    assert "is not signed" in unsigned.output


def test_a_release_can_be_signed_later_and_stays_as_it_is(tmp_path: Path, keys: Path) -> None:
    render(halved(), ABOUT).write(tmp_path / "out")
    before = (tmp_path / "out").stat().st_ino
    render(halved(), ABOUT).signed(keys / "lead").write(tmp_path / "out")
    render(halved(), ABOUT).write(tmp_path / "out")
    assert (tmp_path / "out").stat().st_ino == before
    assert verification(tmp_path / "out", keys / "lead.signers").signature == "good"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    write_release(halved(), replace(ABOUT, version="1.0.1"), tmp_path / "out")
    assert verification(tmp_path / "out").signature == "none", "a signature is of one version"


def test_a_manifest_changed_after_it_was_signed_is_found(tmp_path: Path, keys: Path) -> None:
    render(halved(), ABOUT).signed(keys / "lead").write(tmp_path)
    sums = tmp_path / "SHA256SUMS"
    former = (tmp_path / "manifest.json").read_bytes()
    changed = former.replace(b"CC0-1.0", b"CC0-2.0")
    (tmp_path / "manifest.json").write_bytes(changed)
    digests = [hashlib.sha256(one).hexdigest() for one in (former, changed)]
    sums.write_text(sums.read_text().replace(*digests))
    assert ran("verify", tmp_path).exit_code == 0, "whoever changes all of it is caught by the signature alone"
    assert ran("verify", tmp_path, "--allowed-signers", keys / "lead.signers").exit_code == 1


def test_what_lacks_for_a_signature_is_said(tmp_path: Path, keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="there is no key"):
        signature_of(b"{}", tmp_path / "nokey")
    (tmp_path / "nokey").write_text("no key")
    with pytest.raises(UsageError, match="ssh-keygen does not sign with"):
        signature_of(b"{}", tmp_path / "nokey")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="ssh-keygen, which is not here"):
        signature_of(b"{}", keys / "lead")
