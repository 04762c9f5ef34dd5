"""The sandbox: an empty folder, servers of its own, and accounts that mean nothing.

The demo and rehearsals play people on real servers. Nothing they do may reach a campaign's ledger, its servers or
the addresses of its people, so they get a state folder of their own, and no variable that names a server.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from annotation.labelstudio.annotation_server import AnnotationServer
from annotation.labelstudio.signed_in_user import SignedInUser
from data.campaign.contacts import set_contact
from data.environment import server_variables
from data.errors import UsageError
from data.intake import listed


@contextmanager
def room(folder: Path, mark: str, what: str, made: Sequence[str]) -> Iterator[Path]:
    """Provide an empty folder that belongs to one play alone for the duration of the block.

    Args:
        folder: a new one, or that of an earlier play of the same kind, which is replaced.
        mark: name of the file that marks a folder made by such a play; its owner locks it.
        what: what is played, one word: also the name of its command.
        made: names of the files and folders that such a play makes in it.

    Raises:
        UsageError: the folder holds something else, another one plays in it, or it cannot be written to.
    """
    if folder.exists() and (not folder.is_dir() or (not (folder / mark).exists() and any(folder.iterdir()))):
        raise UsageError(f"{folder} holds what no {what} made; name another folder: --out DIR")
    there = {one.name for one in folder.iterdir()} if folder.is_dir() else set()
    if strange := sorted(there - {mark, *made}):
        raise UsageError(
            f"{folder} holds {listed(strange)}, which no {what} made, and would be emptied: "
            "move that away, or name another folder: --out DIR"
        )
    with ExitStack() as stack:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            marked = stack.enter_context((folder / mark).open("a", encoding="utf-8"))
            fcntl.flock(marked, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for former in folder.iterdir():
                if former.is_dir():
                    shutil.rmtree(former)
                elif former.name != mark:
                    former.unlink()
        except BlockingIOError:
            raise UsageError(f"a {what} plays in {folder} already; name another folder: --out DIR") from None
        except OSError as error:
            raise UsageError(
                f"cannot write to {folder} ({error.strerror}); name another folder: --out DIR"
            ) from None
        yield folder.resolve()


@contextmanager
def apart(servers: Path) -> Iterator[None]:
    """Isolate servers and accounts from real ones for the duration of the block.

    Args:
        servers: the state folder to use.
    """
    before = dict(os.environ)
    assistant = ("BELEBELE_ASSISTANT_URL", "BELEBELE_ASSISTANT_SECRET")
    for name in (*server_variables("main"), "PREFECT_API_URL", *assistant):
        os.environ.pop(name, None)
    os.environ["BELEBELE_STATE_DIR"] = str(servers)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def sign_up(
    server: AnnotationServer, campaign_id: str, codes: Iterable[str], host: str, password: str
) -> Iterator[tuple[str, SignedInUser]]:
    """Make everybody an account at the invitation link, and record their addresses as the lead."""
    for code in codes:
        email = f"{code}@{host}"
        set_contact(campaign_id, code, email, "")
        yield code, SignedInUser.sign_up(server.url, server.invitation(f"{campaign_id}/{code}"), email, password)
