"""A folder that all workers of a test run share, for what is made once and copied; set by tests/conftest.py."""

from pathlib import Path

SHARED: Path | None = None
