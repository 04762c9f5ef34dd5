"""The wheel holds everything that is ours, and works beside a stranger's `data` folder."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("data", "annotation", "qc", "flows")
CACHES = shutil.ignore_patterns("__pycache__", ".*")


def run(*command: str | Path, cwd: Path) -> str:
    ran = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our wheel, made from our source archive, made from a copy: a build leaves traces where it runs."""
    source = tmp_path_factory.mktemp("source")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, source / package, ignore=CACHES)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    run(sys.executable, "-m", "build", "--no-isolation", cwd=source)
    (made,) = (source / "dist").glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of a new environment with our wheel in it.

    What we depend on comes from the environment of this test: that it can be installed is shown by `make install`.
    """
    home = tmp_path_factory.mktemp("elsewhere")
    run(sys.executable, "-m", "uv", "venv", "--quiet", "--python", sys.executable, "env", cwd=home)
    python = home / "env/bin/python"
    run(sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-deps", "--python", python, wheel, cwd=home)
    packages = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=home).strip())
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home / "env/bin"


@pytest.fixture
def strange(tmp_path: Path) -> Path:
    """A folder whose own packages have our names and must never be imported."""
    for package in PACKAGES:
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text(f"raise ImportError('a stranger named {package}')\n")
    return tmp_path


def test_the_wheel_holds_every_file_of_ours(wheel: Path) -> None:
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    ours = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file()
        and not any(p == "__pycache__" or p.startswith(".") for p in path.relative_to(ROOT).parts)
    }
    assert sorted(ours - held) == []
    assert sorted(held - ours) == []


@pytest.mark.parametrize(
    "pattern",
    [
        "data/languages.csv",
        "data/sample/passages.jsonl",
        "data/sample/LICENSE.md",
        "annotation/labelstudio/label-studio-constraints.txt",
        "annotation/stages/configs/*.xml",
        "annotation/guidelines/*.md",
        "*.dist-info/licenses/LICENSE",
    ],
)
def test_the_wheel_holds_what_the_program_reads(wheel: Path, pattern: str) -> None:
    assert any(Path(name).match(pattern) for name in zipfile.ZipFile(wheel).namelist())


def test_the_command_starts_beside_a_strangers_packages(installed: Path, strange: Path) -> None:
    assert "Usage: belebele" in run(installed / "belebele", "--help", cwd=strange)
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert version in run(installed / "belebele", "--version", cwd=strange)


def test_the_command_works_beside_a_strangers_packages(
    installed: Path, strange: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (strange / "wells.jsonl").write_text(
        '{"passage_id": "wells", "language": "eng_Latn", "text": "The well is deep."}\n', encoding="utf-8"
    )
    told = run(
        installed / "belebele",
        "passages",
        "wells.jsonl",
        "--source",
        "parallel",
        "--out",
        "p.parquet",
        cwd=strange,
    )
    assert "1 passages" in told
    assert (strange / "p.parquet").stat().st_size
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(strange / "state"))
    begin = ("init", "mybench", "--source", "parallel", "--path", "wells.jsonl")
    assert "belebele check mybench" in run(installed / "belebele", *begin, cwd=strange)
    assert "Questions" in run(installed / "belebele", "status", "mybench", cwd=strange)


def test_packages_come_from_the_wheel(installed: Path, strange: Path) -> None:
    said = run(
        installed / "python", "-P", "-c",
        "import data.release.release_files, annotation.labelstudio.client, qc.decisions.rule_table, "
        "flows.advance as f; "
        "print(f.__file__)",
        cwd=strange,
    )  # fmt: skip
    assert Path(said.strip()).is_relative_to(installed.parent)


def test_help_loads_nothing_heavy() -> None:
    heavy = {"pandas", "pyarrow", "prefect", "deltalake", "label_studio_sdk", "sacrebleu", "httpx", "pydantic"}
    said = run(sys.executable, "-c", "import sys, flows.cli.commands; print(*sys.modules)", cwd=ROOT)
    assert heavy & set(said.split()) == set()
