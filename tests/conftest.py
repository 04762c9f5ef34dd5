import gc
import os
import signal
from pathlib import Path

import pytest

from tests import run_folder


def pytest_configure() -> None:
    """A shell makes what it starts in the background deaf to Ctrl-C, and what that starts; some tests press it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: the garbage collector need not look at it each time."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def shared_by_all_workers(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What one worker makes there, such as a campaign to copy, no other makes again."""
    base = tmp_path_factory.getbasetemp()
    run_folder.SHARED = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of texts that are not ours: BELEBELE_SHARED_DATA, or ../shared/data beside the checkout."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("BELEBELE_SHARED_DATA", beside))
    if not folder.is_dir():
        told = f"no texts to test with at {folder}; set BELEBELE_SHARED_DATA to the folder that holds them"
        if os.environ.get("CI") == "true":
            pytest.fail(told)
        pytest.skip(told)
    return folder
