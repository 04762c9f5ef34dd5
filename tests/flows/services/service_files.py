"""The files of docs/guides/service, put to work in a folder of a test."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from flows.services.child_processes import wait_for

FILES = Path(__file__).resolve().parents[3] / "docs" / "guides" / "service"


def program(name: str, package: str) -> str:
    """The path of a program of Debian's, without which a test is skipped."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if not found:
        pytest.skip(f"{name} is not installed here. On Debian or Ubuntu: apt-get install {package}")
    return found


def nginx(folder: Path, put: Mapping[str, str]) -> list[str]:
    """Write nginx's settings with a certificate into a folder; the command that reads them.

    Args:
        folder: a new one.
        put: what stands in our file, to what is to stand there.
    """
    command = program("nginx", "nginx-light")
    folder.mkdir()
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    text = (FILES / "label-studio.nginx").read_text("utf-8")
    given = {"/etc/ssl/label.example.org.pem": certificate, "/etc/ssl/label.example.org.key": key, **put}
    for before, after in given.items():
        assert before in text, before
        text = text.replace(before, str(after))
    (folder / "label-studio.conf").write_text(text, "utf-8")
    user = "user root;" if os.getuid() == 0 else ""  # static files lie where only their owner reads
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = (
        f"{user} pid {folder}/pid; error_log {folder}/error.log; events {{}} daemon off;"
        f"http {{ access_log off; include /etc/nginx/mime.types; {places} include {folder}/label-studio.conf; }}"
    )
    (folder / "nginx.conf").write_text(whole, "utf-8")
    return [command, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]


@contextmanager
def nginx_running(folder: Path, put: Mapping[str, str], url: str) -> Iterator[Path]:
    """Have nginx run while the block lasts; its certificate."""
    command = nginx(folder, put)
    certificate = folder / "certificate.pem"
    with (folder / "out.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:

        def answers() -> bool:
            try:
                return (
                    httpx.get(
                        f"{url}/health", verify=ssl.create_default_context(cafile=certificate), timeout=30
                    ).status_code
                    == 200
                )
            except httpx.TransportError:
                return False

        wait_for(answers, process, "nginx", folder / "out.log")
        yield certificate
    finally:
        process.terminate()
        process.wait(20)
