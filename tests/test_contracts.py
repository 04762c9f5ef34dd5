"""The import contracts hold, and each of them fails when it is broken."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("data", "annotation", "qc", "flows")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [str(command), "--no-logo", "--no-cache", "--config", "pyproject.toml"],
        cwd=folder,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """Our packages with empty modules, and a few imports that keep every contract."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        for module in (ROOT / package).rglob("*.py"):
            (tmp_path / module.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / module.relative_to(ROOT)).touch()
    (tmp_path / "annotation/labelstudio/http_connection.py").write_text("import httpx\nimport label_studio_sdk\n")
    (tmp_path / "annotation/labelstudio/client.py").write_text("import annotation.labelstudio.http_connection\n")
    (tmp_path / "flows/advance.py").write_text(
        "import prefect\nimport annotation.labelstudio.client\nimport qc\nimport data\n"
    )
    (tmp_path / "annotation/stages/authoring_page.py").write_text("import data.ledger.tables\n")
    (tmp_path / "qc/models/ranker.py").write_text("import torch\nimport transformers\n")
    (tmp_path / "qc/audit/layers/available_layers.py").write_text("import qc.models.ranker\n")
    return tmp_path


def test_ours_are_kept() -> None:
    ran = lint(ROOT)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_a_sound_layout_passes(sound: Path) -> None:
    ran = lint(sound)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize(
    ("module", "imports", "contract"),
    [
        ("data/ledger/tables.py", "qc", "flows > (annotation | qc) > data"),
        ("qc/decisions/rule_table.py", "annotation", "flows > (annotation | qc) > data"),
        ("annotation/stages/authoring_page.py", "qc", "flows > (annotation | qc) > data"),
        ("qc/decisions/rule_table.py", "flows", "flows > (annotation | qc) > data"),
        ("annotation/stages/authoring_page.py", "prefect", "prefect belongs to flows"),
        ("data/ledger/tables.py", "prefect", "prefect belongs to flows"),
        (
            "annotation/stages/authoring_page.py",
            "label_studio_sdk",
            "label_studio_sdk belongs to annotation.labelstudio.http_connection",
        ),
        (
            "annotation/labelstudio/client.py",
            "label_studio_sdk",
            "label_studio_sdk belongs to annotation.labelstudio.http_connection",
        ),
        (
            "flows/reports/status.py",
            "label_studio_sdk.client",
            "label_studio_sdk belongs to annotation.labelstudio.http_connection",
        ),
        ("qc/decisions/rule_table.py", "httpx", "data and qc speak to no server"),
        ("annotation/layer/door.py", "data.errors", "the layer runs without us, in Label Studio"),
        ("annotation/labelstudio/client.py", "django", "nothing of ours imports the layer, nor Django"),
        ("flows/advance.py", "annotation.layer.routes", "nothing of ours imports the layer, nor Django"),
        ("qc/set_statistics/item_scores.py", "torch", "torch and transformers belong to qc.models"),
        ("flows/reports/status.py", "transformers", "torch and transformers belong to qc.models"),
        ("qc/checks/wording_checks.py", "qc.models.ranker", "checks and the workbenches do without the models"),
        ("qc/models/ridge.py", "qc.audit.audit_result", "qc's floors"),
        ("qc/set_statistics/options.py", "qc.models.ridge", "qc's floors"),
        ("flows/campaign_state.py", "flows.ledger_views.current_items", "flows' floors"),
        ("flows/deployments.py", "flows.flow_runs", "flows' floors"),
        ("flows/steps/collection.py", "flows.advance", "flows' floors"),
        ("flows/assignment/due_work.py", "flows.steps.task_opening", "flows' floors"),
        ("flows/inspection/alterations.py", "flows.steps.collection", "flows' floors"),
        ("annotation/stages/authoring_page.py", "qc.audit", "flows > (annotation | qc) > data"),
    ],
)
def test_a_broken_contract_is_found(module: str, imports: str, contract: str, sound: Path) -> None:
    (sound / module).write_text(f"import {imports}\n")
    ran = lint(sound)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    broken = [line for line in ran.stdout.splitlines() if " BROKEN" in line]
    assert [line.startswith(contract) for line in broken] == [True]
