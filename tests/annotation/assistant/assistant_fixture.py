"""An assistant on a port of this machine, for tests that need one that a server can reach."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from annotation.labelstudio.assistant_passwords import Keyring

SECRET = "a-secret-of-nobody"
KEYRING = Keyring(SECRET)
OWN = KEYRING.own


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """Has an app answer while the block lasts; gives its address."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, access_log=False, log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    end = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive() and time.monotonic() < end
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)
