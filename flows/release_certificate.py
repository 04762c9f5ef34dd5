"""What a release says of its audit: a certificate of the very items that it has, or why there is none."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from data.errors import ReleaseRefused, UsageError
from data.itemsets import read_set
from data.release.description.release_description import AuditCertificate
from data.release.item_paths import FOLDERS
from qc.audit.audit_run import content
from qc.reports.audit_report.audit_document import FORMAT


def release_certificate(files: Mapping[str, bytes], report: str, reason: str) -> AuditCertificate | None:
    """Return what a release says of its audit; None where nothing was asked for.

    Args:
        files: the release's, by path.
        report: report.json of an audit of a release's folder with the same items; "" for none.
        reason: why the release goes out without a certificate, in the lead's words; "" for none.

    Raises:
        UsageError: the report cannot be read, or is of no audit.
        ReleaseRefused: it is about other items.
    """
    reason = reason.strip()
    if not report:
        return AuditCertificate(certified=False, reason=reason) if reason else None
    try:
        raw = Path(report).read_bytes()
        audited = json.loads(raw)
        digest, verdict = audited["facts"]["digest"], audited["verdict"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise UsageError(f"{report} is no report.json of belebele audit") from None
    if audited.get("format") != FORMAT:
        raise UsageError(f"{report} has the format {audited.get('format')!r}; audit again with this version")
    if digest != _digest(files):
        raise ReleaseRefused(
            f"the audit in {report} is about other items than the release's test split; release without --audit "
            "to a folder of its own, audit that (belebele audit FOLDER --out DIR), and release again"
        )
    return AuditCertificate(
        certified=bool(verdict["certified"]),
        reason=reason,
        sentence=verdict["sentence"],
        excluded=tuple(verdict["excluded"]),
        left_open=tuple(verdict["open"]),
        margin=audited["parameters"].get("margin"),
        attempt=audited["parameters"].get("attempt"),
        report_sha256=hashlib.sha256(raw).hexdigest(),
    )


def _digest(files: Mapping[str, bytes]) -> str:
    """Return the digest of the test split as an audit of its files has it."""
    with tempfile.TemporaryDirectory() as folder:
        for path, data in files.items():
            if path.startswith(f"{FOLDERS['test']}/"):
                Path(folder, Path(path).name).write_bytes(data)
        return content(read_set([folder]).items)
