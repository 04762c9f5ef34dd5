"""Pango and Noto's fonts, for tests that draw: skipped where they are missing, which CI counts as a failure."""

from __future__ import annotations

import pytest

from data.errors import UsageError


@pytest.fixture(scope="session", autouse=True)
def pango() -> None:
    """What pages are drawn with."""
    from data.images.installed_fonts import families, installed

    try:
        missing = {one.package for one in families() if one.name not in installed()}
    except UsageError as error:
        pytest.skip(str(error))
    if missing:
        pytest.skip(f"no fonts to draw with: apt-get install {' '.join(sorted(missing))}")
