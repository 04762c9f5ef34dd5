"""An object store for tests: a real S3 protocol on this machine, with keys and address in the environment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import pytest
from moto.server import ThreadedMotoServer

BUCKET = "bench"


@contextmanager
def object_store(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A store with an empty bucket for the block; its address, as `s3://bench`."""
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    try:
        client().create_bucket(Bucket=BUCKET)
        yield f"s3://{BUCKET}"
    finally:
        moto.stop()


def client() -> boto3.client:  # type: ignore[valid-type]
    """A client of the store that is up."""
    return boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"])


def stored_names() -> list[str]:
    """The names of everything in the bucket, without the marks of folders."""
    found = client().list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return [one["Key"] for one in found if not one["Key"].endswith("/")]
