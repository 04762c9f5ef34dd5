"""What was learned on this machine and saved, so that it is learned once: whole and packed, or not at all.

It rests under `BELEBELE_STATE_DIR` and may be thrown away at any time. A file has the digest of its content before
it, so that half of one is never read.
"""

from __future__ import annotations

import hashlib
import pickle
import sys

import pyarrow as pa

from data.environment import fits_dir
from data.storage import write_bytes

_FORM = 3  # of what is saved
_MARK = 32  # bytes of the digest before a saved model
_SIZE = 8  # bytes of the model's size, unpacked, after the digest
_CODEC = "zstd"


def versions() -> tuple[object, ...]:
    """Return all besides what was learned from on which the content of a saved model depends."""
    import numpy
    import scipy

    return _FORM, sys.version_info[:2], numpy.__version__, scipy.__version__


def saved_model(name: str) -> object:
    """Return what this machine saved whole under this name; None if there is nothing."""
    file = fits_dir() / name
    if not file.is_file():
        return None
    content = memoryview(file.read_bytes())
    mark, packed = content[:_MARK], content[_MARK:]
    if hashlib.sha256(packed).digest() != mark:
        return None
    size = int.from_bytes(packed[:_SIZE], "little")
    return pickle.loads(pa.decompress(pa.py_buffer(packed[_SIZE:]), size, _CODEC))


def save_model(name: str, learned: object) -> None:
    """Save what was learned under this name, atomically."""
    written = pickle.dumps(learned, protocol=5)
    packed = len(written).to_bytes(_SIZE, "little") + pa.compress(written, _CODEC, asbytes=True)
    write_bytes(str(fits_dir()), name, hashlib.sha256(packed).digest() + packed, mode=0o600)
