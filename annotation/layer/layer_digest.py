"""The digest of the layer's files: by it the program tells whether a server runs the layer that it came with."""

from __future__ import annotations

import hashlib
from pathlib import Path


def own_digest() -> str:
    """Return the SHA-256 of the layer's files, names and contents, but for what is made of them when it is copied.

    That is Python's bytecode, and the catalogues, in which a lead's words have a say.
    The same as `annotation.labelstudio.server_layer.layer_digest` makes of the program's own folder.
    """
    folder = Path(__file__).parent
    found = hashlib.sha256()
    for path in sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()):
        if "__pycache__" not in path and not path.endswith(".mo"):
            content = hashlib.sha256((folder / path).read_bytes()).hexdigest()
            found.update(f"{path} {content}\n".encode())
    return found.hexdigest()
