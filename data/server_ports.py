"""The ports of servers on this machine, kept over restarts because people keep their links."""

from __future__ import annotations

import ipaddress
import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"
"""The address that only this machine can reach."""

EVERYWHERE = "0.0.0.0"
"""The address that stands for all of the machine's addresses when a server listens on it."""


def kept_port(note: Path, host: str) -> tuple[int, int | None]:
    """Return a free port on this host: the one noted when the server last ran, or another.

    Args:
        note: the file that `note_port` wrote, if it exists.
        host: the address that the server listens on.

    Returns:
        The port; and the noted one, if it is now taken.
    """
    former = int(note.read_text("utf-8")) if note.exists() else None
    if former is None:
        return free_port(host), None
    return (former, None) if is_free(former, host) else (free_port(host), former)


def note_port(note: Path, port: int) -> None:
    """Record the port of a server."""
    note.write_text(str(port), "utf-8")


def free_port(host: str = LOOPBACK) -> int:
    """Return a port that nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Return whether a server could listen on this port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def reachable(host: str) -> str:
    """Return the address at which others reach a server that listens on this host.

    If it listens on all addresses, that is the one from which the machine connects to others.
    """
    if host != EVERYWHERE:
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: it only chooses the address to connect from
        except OSError:  # a machine without a network
            return LOOPBACK
        return str(probe.getsockname()[0])


def is_local(host: str) -> bool:
    """Return whether no other machine can reach this host.

    >>> is_local("127.0.0.1"), is_local("localhost"), is_local("0.0.0.0"), is_local("::1")
    (True, True, True, True)
    >>> is_local("label.example.org"), is_local("10.0.0.7")
    (False, False)
    """
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
