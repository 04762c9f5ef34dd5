import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from data.errors import ReleaseRefused, UsageError
from data.itemsets import read_set
from data.release.description.release_description import ReleaseDescription
from flows.cli.commands import main
from flows.release import release_campaign
from qc.audit.audit_run import content
from qc.reports.audit_report.audit_document import FORMAT
from tests.flows.small_campaign import Small, at
from tests.flows.test_stored_ledger import address  # noqa: F401 - a fixture

QUICK = ("--layers", "heuristics", "--permutations", "99")


@pytest.fixture
def small(tmp_path: Path) -> Small:
    small = at("accepted", tmp_path)
    release_campaign(small.address, "0.9.0", str(tmp_path / "draft"))
    return small


def report(place: Path, *, certified: bool, digest: str = "") -> str:
    """The part of an audit's report.json that is read; two items are too few for a real audit."""
    whole = {
        "format": FORMAT,
        "facts": {"digest": digest or content(read_set([str(place / "draft" / "data")]).items)},
        "parameters": {"margin": 0.05, "attempt": 2},
        "verdict": {
            "certified": certified, "detected": False, "sentence": "Nothing was found.",
            "excluded": ["No rule of thumb is right in more than 30 %."], "open": ["Others may be."],
        },
    }  # fmt: skip
    (place / "report.json").write_text(json.dumps(whole), "utf-8")
    return str(place / "report.json")


def test_a_release_prints_what_its_audit_certifies(small: Small, tmp_path: Path) -> None:
    release_campaign(small.address, "1.0.0", str(tmp_path / "out"), audit=report(tmp_path, certified=True))
    described = ReleaseDescription.from_json((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert described.certificate
    assert (described.certificate.certified, described.certificate.attempt) == (True, 2)
    for file in ("README.md", "datasheet.html"):
        assert "No rule of thumb is right in more than 30 %." in (tmp_path / "out" / file).read_text("utf-8")


def test_an_audit_of_other_items_is_refused(small: Small, tmp_path: Path) -> None:
    with pytest.raises(ReleaseRefused, match="about other items"):
        release_campaign(
            small.address, "1.0.0", str(tmp_path / "out"), audit=report(tmp_path, certified=True, digest="0" * 64)
        )
    assert not (tmp_path / "out").exists()
    (tmp_path / "other.json").write_text("[]")
    with pytest.raises(UsageError, match=r"no report\.json"):
        release_campaign(small.address, "1.0.0", str(tmp_path / "out"), audit=str(tmp_path / "other.json"))


@pytest.mark.slow
def test_the_report_of_a_real_audit_is_about_the_items_of_the_release_that_it_read(
    address: str,  # noqa: F811
    tmp_path: Path,
) -> None:
    draft, out = tmp_path / "draft", tmp_path / "out"
    release_campaign(address, "1.0.0", str(draft))
    for folder in (draft, draft / "data"):
        said = CliRunner().invoke(main, ["audit", str(folder), "--out", str(tmp_path / "audit"), *QUICK])
        assert said.exit_code in (0, 1), said.output
        release_campaign(address, "1.0.0", str(out), audit=str(tmp_path / "audit/report.json"))
        described = ReleaseDescription.from_json((out / "manifest.json").read_text("utf-8"))
        shown = json.loads((tmp_path / "audit/report.json").read_text("utf-8"))["verdict"]
        assert described.certificate
        assert described.certificate.sentence == shown["sentence"]
        assert described.certificate.left_open == tuple(shown["open"])
        shutil.rmtree(out)


def test_a_reason_stands_on_the_card(small: Small, tmp_path: Path) -> None:
    release_campaign(small.address, "1.0.0", str(tmp_path / "out"), uncertified=" A pilot. ")
    assert "makers' reason: A pilot.\n" in (tmp_path / "out" / "README.md").read_text("utf-8")
