"""The drill: a machine is lost in the middle of the work, and another goes on from its backup.

On a real Label Studio, with our layer, that people write on while it is saved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.local_server import LocalLabelStudio
from annotation.labelstudio.signed_in_user import SignedInUser
from data.environment import state_dir
from data.errors import UsageError
from flows.advance import advance
from flows.backup.backup_run import back_up
from flows.backup.kept_places import own_label_studio
from flows.backup.restore_run import restore
from flows.cli.commands import main
from tests.flows.play import Company, begin, meaning, perform, submission
from tests.labelstudio_fixture import PASSWORD, signing_up

pytestmark = [pytest.mark.slow, pytest.mark.servers]

HALF = "I had only begun to write"


@contextmanager
def machine(environments: Path, folder: Path, patch: pytest.MonkeyPatch) -> Iterator[LabelStudio]:
    """A machine with this state folder: its Label Studio is up."""
    patch.setenv("BELEBELE_STATE_DIR", str(folder))
    with (
        LocalLabelStudio(environments, data_dir=own_label_studio()) as server,
        LabelStudio(server.url, server.token) as studio,
    ):
        yield studio


def go_on(studio: LabelStudio, company: Company) -> None:
    """Play to the end."""
    assert perform(company, lambda: advance(company.address, {"main": studio}))


def drafts_of(person: SignedInUser, task: int) -> list[object]:
    found = person._ask("GET", f"/api/tasks/{task}/")
    return [draft["result"] for draft in found["drafts"]]


def test_a_lost_machine_is_replaced_in_the_middle_of_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environments = state_dir()
    with machine(environments, tmp_path / "one", monkeypatch) as studio, signing_up(studio) as visitor:
        company = begin(tmp_path / "campaign", studio, visitor)
        advance(company.address, {"main": studio})
        title = company.campaign.workbench_title("authoring", "eng_Latn", "w1")
        first, *_ = visitor("w1").open_tasks(title)
        half = [{**one, "value": {"text": [HALF]}} for one in submission(first)[:1]]
        visitor("w1")._ask("POST", f"/api/tasks/{first.id}/drafts", body={"result": half})
        told = meaning(company.state())
        made = back_up(company.address, tmp_path / "kept")
        submitted_later = company.work()  # what comes after the backup is lost with the machine
        assert submitted_later

    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "two"))
    moved = Company(str(tmp_path / "moved"), visitor)
    restore(made.folder, moved.address)
    assert meaning(moved.state()) == told

    with machine(environments, tmp_path / "two", monkeypatch) as studio, signing_in(studio) as visitor:
        moved.people = visitor
        again, *_ = visitor("w1").open_tasks(title)
        assert again.key == first.key
        assert HALF in str(drafts_of(visitor("w1"), again.id))
        assert advance(moved.address, {"main": studio}, full=True).idle
        assert meaning(moved.state()) == told
        with pytest.raises(UsageError, match="another copy of this campaign works there"):
            advance(company.address, {"main": studio})
        checked = CliRunner().invoke(main, ["check", moved.address, "--deep"])
        assert "as they were written" in checked.stdout
        go_on(studio, moved)
        files = moved.release()

    with machine(environments, tmp_path / "one", monkeypatch) as studio, signing_in(studio) as visitor:
        company.people = visitor
        go_on(studio, company)
        assert company.release() == files, "the machine that was not lost after all gives another release"


@contextmanager
def signing_in(studio: LabelStudio) -> Iterator[Callable[[str], SignedInUser]]:
    """Name → that person, with the password that they had."""
    known: dict[str, SignedInUser] = {}

    def of(name: str) -> SignedInUser:
        if name not in known:
            known[name] = SignedInUser.sign_up(studio.url, "/user/login/", f"{name}@example.org", PASSWORD)
        return known[name]

    yield of
    for person in known.values():
        person.close()
