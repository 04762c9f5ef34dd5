"""In continuous integration a skipped test is a failed one.

A test skips where something that it needs is missing: Chromium, the shared data. At a desk that is fine and said
loudly; where `.ci/run` installs everything first, a skip means that nobody looked.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import TypeVar

import pytest

collect_ignore = ["annotation/layer"]  # it needs Django, which only Label Studio's environment has

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that skipped, failed."""
    return _strict((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A module that skipped as a whole, failed."""
    return _strict((yield))


def _strict(report: Report) -> Report:
    expected = hasattr(report, "wasxfail")
    if os.environ.get("CI") == "true" and report.skipped and not expected:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{reason}\n(CI=true: install what is missing; a skip does not pass here)"
    return report
