"""The part of the Hugging Face Hub that an upload speaks to, on this machine, with a memory of every request."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit

TOKEN = "hf_a-token-of-nobody"


def by_xet(sha256: str) -> bytes:
    """Return what the fake shows of a file that came by Xet: it only keeps the blocks."""
    return f"by Xet: {sha256}".encode()


class HubFake:
    """A Hub with one owner, whose data sets are in `files`.

    Attributes:
        files: bytes by path, for each data set's id.
        asked: how many requests of each kind came.
        commits: the message of each commit.
        refuse: SHA-256 of large files that are refused when they are sent.
        blocks: by Xet's hash, the blocks of chunks ("xorbs") that arrived; files are rebuilt from them.
        refuse_blocks: whether these are refused.
        told: SHA-256 of the files that an upload by Xet has told of ("shards"), which are then known.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.files: dict[str, dict[str, bytes]] = {}
        self.asked: Counter[str] = Counter()
        self.commits: list[str] = []
        self.refuse: set[str] = set()
        self.large: dict[str, bytes] = {}
        self.blocks: dict[str, bytes] = {}
        self.refuse_blocks = False
        self.told = b""


class _Handler(BaseHTTPRequestHandler):
    hub: HubFake
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        return

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _send(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _json(self, value: Any, status: int = 200) -> None:
        self._send(status, json.dumps(value).encode(), Content_Type="application/json")

    def _may_write(self) -> bool:
        if self.headers.get("Authorization") == f"Bearer {TOKEN}":
            return True
        self._json({"error": "Invalid username or password."}, 401)
        return False

    def do_GET(self) -> None:
        parts = unquote(urlsplit(self.path).path).strip("/").split("/")
        if parts[:2] == ["api", "datasets"] and "tree" in parts:
            self.hub.asked["tree"] += 1
            name = "/".join(parts[2:4])
            if name not in self.hub.files:
                self._send(404, b"{}", X_Error_Code="RepoNotFound")
                return
            listed = [
                {"type": "file", "path": path, "size": len(data), "oid": hashlib.sha1(data).hexdigest()}
                for path, data in sorted(self.hub.files[name].items())
            ]
            self._json(listed)
        elif parts[:1] == ["datasets"] and "resolve" in parts:
            self.hub.asked["resolve"] += 1
            name, path = "/".join(parts[1:3]), "/".join(parts[5:])
            data = self.hub.files.get(name, {}).get(path)
            if data is None:
                self._send(404, b"", X_Error_Code="EntryNotFound" if name in self.hub.files else "RepoNotFound")
                return
            digest = hashlib.sha256(data).hexdigest()
            self._send(200, data, ETag=f'"{digest}"', X_Repo_Commit="c" * 40)
        elif "xet-write-token" in parts:
            self.hub.asked["token"] += 1
            if self._may_write():
                self._json({"accessToken": "xet", "exp": int(time.time()) + 3600, "casUrl": self.hub.address})
        else:
            self._send(404)

    do_HEAD = do_GET  # noqa: N815

    def do_POST(self) -> None:
        body, path = self._body(), unquote(urlsplit(self.path).path).strip("/")
        parts = path.split("/")
        if path == "api/validate-yaml":
            self._json({"errors": [], "warnings": []})
        elif parts[0] in ("v1", "v2"):
            self._xet(parts, body)
        elif not self._may_write():
            return
        elif path == "api/repos/create":
            asked = json.loads(body)
            name = f"{asked['organization']}/{asked['name']}"
            self.hub.asked["create"] += 1
            there = name in self.hub.files
            self.hub.files.setdefault(name, {})
            self._json({"url": f"{self.hub.address}/datasets/{name}", "id": "1"}, 409 if there else 200)
        elif "preupload" in parts:
            self.hub.asked["preupload"] += 1
            wanted = json.loads(body)["files"]
            self._json(
                {
                    "files": [
                        {
                            "path": one["path"],
                            "uploadMode": "lfs" if one["path"].endswith(".parquet") else "regular",
                            "shouldIgnore": False,
                        }
                        for one in wanted
                    ]
                }
            )
        elif path.endswith("info/lfs/objects/batch"):
            self.hub.asked["batch"] += 1
            objects = [
                {**one}
                if one["oid"] in self.hub.large
                else {**one, "actions": {"upload": {"href": f"{self.hub.address}/large/{one['oid']}"}}}
                for one in json.loads(body)["objects"]
            ]
            self._json({"transfer": "basic", "objects": objects})
        elif "commit" in parts:
            self._commit("/".join(parts[2:4]), body)
        else:
            self._send(404)

    def _xet(self, parts: list[str], body: bytes) -> None:
        """Answer what Xet's storage is asked for: https://huggingface.co/docs/xet/api."""
        if parts[0] == "v2":
            self._send(404)  # a server of before; the client then asks by the first version
        elif parts[1] == "xorbs":
            self.hub.asked["block"] += 1
            if self.hub.refuse_blocks:
                self._send(403, b"refused")
                return
            new = parts[3] not in self.hub.blocks
            self.hub.blocks[parts[3]] = body
            self._json({"was_inserted": new})
        elif parts[1] == "shards":
            self.hub.asked["shard"] += 1
            self.hub.told += body
            self._json({"result": 1})
        else:
            self._send(404)

    def do_PUT(self) -> None:
        body, oid = self._body(), self.path.rpartition("/")[2]
        self.hub.asked["large"] += 1
        if oid in self.hub.refuse:
            self._send(403, b"refused")
            return
        assert hashlib.sha256(body).hexdigest() == oid
        self.hub.large[oid] = body
        self._send(200)

    def _large(self, oid: str) -> bytes:
        if oid in self.hub.large:
            return self.hub.large[oid]
        told = b"".join(bytes.fromhex(oid[at : at + 16])[::-1] for at in range(0, 64, 16))  # as Xet writes hashes
        assert told in self.hub.told, "the commit names a file that never arrived"
        return by_xet(oid)

    def _commit(self, name: str, body: bytes) -> None:
        lines = [json.loads(line) for line in body.decode().splitlines()]
        files = self.hub.files[name]
        for line in lines:
            value = line["value"]
            if line["key"] == "header":
                self.hub.commits.append(value["summary"])
            elif line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                files[value["path"]] = self._large(value["oid"])
            elif line["key"] == "deletedFile":
                del files[value["path"]]
        self.hub.asked["commit"] += 1
        url = f"{self.hub.address}/datasets/{name}/commit/{'d' * 40}"
        self._json({"success": True, "commitOid": "d" * 40, "commitUrl": url})


@contextmanager
def hub_fake() -> Iterator[HubFake]:
    """Run one on a free port."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    handler.hub = HubFake(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield handler.hub  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()
