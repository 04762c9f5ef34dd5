from __future__ import annotations

import socket
from pathlib import Path

from data.server_ports import EVERYWHERE, LOOPBACK, free_port, is_free, kept_port, note_port, reachable


def test_a_port_stays_while_it_is_free(tmp_path: Path) -> None:
    note = tmp_path / "port"
    port, taken = kept_port(note, LOOPBACK)
    assert taken is None
    note_port(note, port)
    assert kept_port(note, LOOPBACK) == (port, None)
    with socket.create_server((LOOPBACK, port)):
        other, taken = kept_port(note, LOOPBACK)
        assert taken == port != other
        assert not is_free(port) and is_free(other)
    assert kept_port(note, LOOPBACK) == (port, None), "free again, and nobody stood elsewhere meanwhile"


def test_others_reach_a_server_that_listens_everywhere(tmp_path: Path) -> None:
    address = reachable(EVERYWHERE)
    assert address != EVERYWHERE
    with socket.create_server((EVERYWHERE, free_port(EVERYWHERE))) as server:
        socket.create_connection((address, server.getsockname()[1]), timeout=5).close()
    assert reachable("label.example.org") == "label.example.org"
