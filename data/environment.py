"""The `BELEBELE_*` environment variables: servers' addresses, secrets, and this machine's state folder."""

from __future__ import annotations

import os
import re
from pathlib import Path

from data.errors import UsageError

ASSISTANT_URL = "BELEBELE_ASSISTANT_URL"
"""The variable for the address at which Label Studio reaches the assistant."""


def server_variables(name: str) -> tuple[str, str]:
    """Return the names of the environment variables that hold a server's address and its token.

    >>> server_variables("main")
    ('BELEBELE_LABEL_STUDIO_URL', 'BELEBELE_LABEL_STUDIO_TOKEN')
    >>> server_variables("agency")
    ('BELEBELE_LABEL_STUDIO_URL_AGENCY', 'BELEBELE_LABEL_STUDIO_TOKEN_AGENCY')
    """
    end = "" if name == "main" else f"_{name.upper()}"
    return f"BELEBELE_LABEL_STUDIO_URL{end}", f"BELEBELE_LABEL_STUDIO_TOKEN{end}"


def secret_variable(name: str) -> str:
    """Return a secret from the environment; "" if it is not set.

    Raises:
        UsageError: it can be guessed, or has characters that not every password may have.
    """
    given = os.environ.get(name, "")
    if given and not re.fullmatch(r"[A-Za-z0-9_-]{16,200}", given):
        raise UsageError(f"{name} must be 16 or more letters, digits, - and _ (at most 200): choose another")
    return given


def fits_dir() -> Path:
    """Return the folder of what learned checks learned on this machine; it may be thrown away at any time."""
    folder = state_dir() / "fits"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def state_dir() -> Path:
    """Return the folder for state that belongs to no campaign's address: servers' data, locks, contacts.

    It is `BELEBELE_STATE_DIR` if set, else `belebele` below `XDG_STATE_HOME` or `~/.local/state`; created if
    missing, accessible to its owner only.

    Raises:
        UsageError: it cannot be created or written to.
    """
    if own := os.environ.get("BELEBELE_STATE_DIR"):
        folder = Path(own).expanduser()
    else:
        folder = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "belebele"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        why = f"cannot make {folder} ({error.strerror}); name another with BELEBELE_STATE_DIR"
        raise UsageError(why) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"{folder} cannot be written to; name another folder with BELEBELE_STATE_DIR")
    return folder
