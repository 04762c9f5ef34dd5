from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from annotation.labelstudio.client import LabelStudio
from data.campaign.contacts import contacts_file, set_contact
from tests.flows.small_campaign import Small, at
from tests.mail_and_webhook_servers import Mailbox, mail_server

TRANSLATORS = ["t1", "t2", "s1"]
"""Who has something to translate in `small`."""


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with mail_server() as running:
        monkeypatch.setenv("BELEBELE_SMTP_URL", running.url)
        monkeypatch.setenv("BELEBELE_MAIL_FROM", "Our Bench <bench@example.org>")
        yield running


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, own_state: Path, studio: LabelStudio) -> Path:
    """A campaign that tells people, on a machine that names no channel; translators' work stands on the server."""
    small = at("translating", tmp_path_factory.mktemp("published"), f"n{uuid4().hex[:8]}")
    small.configure("[notify]\nenabled = false", "[notify]\nenabled = true")
    small.servers = {"main": studio}
    small.advance()
    return small.folder


@pytest.fixture
def small(published: Path, tmp_path: Path, studio: LabelStudio) -> Small:
    """It, with people's addresses. The work has just come: no channel has begun."""
    shutil.copytree(published, tmp_path / "campaign")
    found = Small(tmp_path / "campaign", {"main": studio})
    found.state.ledger.version()
    contacts_file(campaign_id(found)).unlink(missing_ok=True)
    for person in (*TRANSLATORS, "p1", "p2", "s2"):
        set_contact(campaign_id(found), person, f"{person}@example.org", person.upper())
    return found


def campaign_id(small: Small) -> str:
    return small.state.campaign.id
