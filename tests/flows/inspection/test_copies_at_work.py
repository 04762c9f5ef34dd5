"""Two copies of a campaign on one Label Studio: the one that would undo the other's work is stopped, and told."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.fake.listener import FakeLabelStudio
from annotation.layer.campaign_copies import Asked, CampaignCopies
from data.errors import UsageError
from data.ledger import Ledger, ledger_format
from flows.advance import advance, idle_progress, preview
from flows.backup.backup_run import back_up
from flows.backup.restore_run import restore
from flows.cli.commands import main
from flows.progress import Progress
from tests.flows.small_campaign import Small, at


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return at("authoring", tmp_path)


@pytest.fixture
def studio() -> Iterator[LabelStudio]:
    with FakeLabelStudio(layer=True) as fake, LabelStudio(fake.url, fake.token) as studio:
        yield studio


def ran(address: str, studio: LabelStudio) -> Progress:
    return advance(address, {"main": studio})


def elsewhere(address: str, studio: LabelStudio) -> None:
    for run in (advance, preview, idle_progress):
        with pytest.raises(UsageError, match=r"'main' at http\S+: another copy .* Stop one of .*--take-over"):
            run(address, {"main": studio})


def copied(small: Small, folder: Path, *, by_backup: bool) -> str:
    if not by_backup:
        shutil.copytree(small.address, folder)
    else:
        restore(back_up(small.address, folder.parent / "kept").folder, str(folder), server=False)
    return str(folder)


def test_a_restored_campaign_goes_on_and_the_one_that_comes_back_is_told(
    small: Small, studio: LabelStudio, tmp_path: Path
) -> None:
    ran(small.address, studio)
    ran(small.address, studio)
    new = copied(small, tmp_path / "new", by_backup=True)
    assert ran(new, studio).problems == []
    elsewhere(small.address, studio)
    assert ran(new, studio).problems == []
    again = copied(Small(Path(new)), tmp_path / "again", by_backup=True)
    ran(again, studio)  # the third follows the second as the second followed the first
    elsewhere(new, studio)


def test_a_copy_from_before_the_others_last_run_is_told(small: Small, studio: LabelStudio, tmp_path: Path) -> None:
    ran(small.address, studio)
    new = copied(small, tmp_path / "new", by_backup=True)
    for _ in range(3):
        ran(small.address, studio)
    with pytest.raises(UsageError, match="another copy"):
        ran(new, studio)
    assert ran(small.address, studio).problems == []


def test_two_copies_of_a_folder_are_told_by_the_count_of_their_runs(
    small: Small, studio: LabelStudio, tmp_path: Path
) -> None:
    ran(small.address, studio)
    copy = copied(small, tmp_path / "copy", by_backup=False)
    ran(small.address, studio)
    with pytest.raises(UsageError, match="another copy"):
        ran(copy, studio)


def test_another_campaign_of_the_same_name_is_told(small: Small, studio: LabelStudio, tmp_path: Path) -> None:
    ran(small.address, studio)
    (tmp_path / "b").mkdir()
    other = at("authoring", tmp_path / "b")
    ledger_format.note(other.address, copy=ledger_format.Copy("another"))
    for _ in range(2):
        with Ledger(other.address).lease():
            pass
    elsewhere(other.address, studio)


def test_the_lead_puts_one_in_the_place_of_the_other(
    small: Small, studio: LabelStudio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BELEBELE_LABEL_STUDIO_URL", studio.url)
    monkeypatch.setenv("BELEBELE_LABEL_STUDIO_TOKEN", studio._wire._token)
    ran(small.address, studio)
    new = copied(small, tmp_path / "new", by_backup=True)
    for _ in range(3):
        ran(small.address, studio)
    run = CliRunner().invoke
    said = run(main, ["advance", new])
    assert said.exit_code == 2 and f"belebele advance {new} --take-over" in said.stderr
    assert run(main, ["advance", new, "--take-over", "--dry-run"]).exit_code == 2
    said = run(main, ["advance", new, "--take-over"])
    assert said.exit_code == 0 and "is this copy's now" in said.output
    assert run(main, ["advance", new]).exit_code == 0
    elsewhere(small.address, studio)


def test_a_server_without_our_layer_keeps_no_note(small: Small, tmp_path: Path) -> None:
    with FakeLabelStudio() as fake, LabelStudio(fake.url, fake.token) as studio:
        ran(small.address, studio)
        assert ran(copied(small, tmp_path / "copy", by_backup=False), studio).problems == []


def asked(copy: str, run: int, *follows: str, token: str = "", take: bool = False) -> Asked:
    body = {"campaign": "mine", "copy": copy, "follows": list(follows), "run": run, "owner": "house/a1:12",
            "token": token or f"{copy}{run}", "take": take}  # fmt: skip
    return Asked.parse(body)


def test_what_the_layer_answers(tmp_path: Path) -> None:
    copies = CampaignCopies(tmp_path)

    def fits(*given: object, **named: object) -> bool:
        return bool(copies.ask(asked(*given, **named))["fits"])  # type: ignore[arg-type]

    assert fits("a", 0) and fits("b", 0), "nobody has worked there"
    assert fits("a", 3)
    assert fits("a", 3, token="a3"), "an answer that was lost is asked for again"
    assert not fits("a", 3, token="other")
    assert not fits("a", 2) and fits("a", 4)
    assert not fits("b", 9) and not fits("b", 0)
    assert not fits("b", 4, "a") and fits("b", 0, "a") and fits("b", 5, "a")
    assert not fits("a", 6) and not fits("a", 0)
    assert fits("a", 6, take=True) and not fits("b", 7, "c")
    assert CampaignCopies(tmp_path).ask(asked("a", 7))["held"]["owner"] == "house/a1:12"


@pytest.mark.parametrize(
    ("field", "value"), [("copy", ""), ("copy", 3), ("follows", "a"), ("run", "3"), ("run", True), ("take", 1)]
)
def test_what_the_layer_does_not_take(field: str, value: object) -> None:
    body = {"campaign": "mine", "copy": "a", "follows": [], "run": 1, "owner": "o", "token": "t", "take": False}
    assert Asked.parse(body).run == 1
    with pytest.raises(ValueError, match="mine"):
        Asked.parse({**body, field: value})
