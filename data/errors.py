"""Every error that a user can cause or must act on, in one tree.

    BelebeleError                 says what is wrong, where, and the cure; shown without a traceback
    ├── UsageError                a command, option or name that makes no sense here
    ├── OutputFailed              a command's output cannot be written: a full disk, no permission
    ├── CampaignError             campaign.toml is wrong; lists every mistake
    ├── SourceError               a source of passages cannot be read; names file and line
    │   ├── MissingLanguage       a language that the source has no text for
    │   ├── MisalignedSource      files of different lengths, metadata too short
    │   └── BadEncoding           bytes that are not UTF-8
    ├── ItemSetError              a set of items to audit cannot be read; every mistake with file and line
    ├── LedgerError               the ledger cannot be read or written
    │   ├── LedgerMissing         there is no campaign at this address
    │   ├── LedgerDamaged         acknowledged data is gone or changed; says which, and the cure
    │   ├── CampaignBusy          another run holds the campaign; says who and since when
    │   └── LeaseLost             another run took the campaign over; this one must stop
    ├── ServerError               a server did not answer as it should
    │   ├── ServerUnreachable     no answer at all
    │   └── ServerRefused         the server refused (because of a wrong token, say)
    ├── ImportRefused             a file of submitted work has mistakes; lists every one
    ├── ReleaseRefused            a release cannot be made; lists the items that prevent it
    ├── ReleaseUnreadable         a folder is no release of ours, or one of its files cannot be read
    └── DemoFailed                the demo's outcome is not what its script expects; lists every difference

Bad *data* is a verdict, bad *use* is one of these, a bug is a crash.
"""

from __future__ import annotations

from collections.abc import Sequence


class BelebeleError(Exception):
    """Something that the person at the keyboard can correct; the message names it and the cure."""


class Listed(BelebeleError):
    """An error that collects every mistake before it is raised once.

    Args:
        summary: what could not be done, one line.
        problems: each mistake, one line, with its place and its cure.
    """

    MOST_TOLD: int | None = None
    """How many mistakes the message names; all by default."""

    def __init__(self, summary: str, problems: Sequence[str] = ()) -> None:
        self.summary = summary
        self.problems = tuple(problems)
        told = self.problems[: self.MOST_TOLD]
        more = len(self.problems) - len(told)
        rest = [f"  - and {more:,} more like these"] if more else []
        super().__init__("\n".join([summary, *(f"  - {problem}" for problem in told), *rest]))


class UsageError(BelebeleError):
    """Raised for a command, option or name that makes no sense here."""


class OutputFailed(BelebeleError):
    """Raised when a command's output cannot be written; names the place and the cure."""


class CampaignError(Listed):
    """Raised when campaign.toml is wrong."""


class SourceError(Listed):
    """Raised when a source of passages cannot be read; a wrong column makes a mistake in every line of it."""

    MOST_TOLD = 20


class MissingLanguage(SourceError):
    """Raised when the source has no text for a language."""


class MisalignedSource(SourceError):
    """Raised when files that should run in parallel do not."""


class BadEncoding(SourceError):
    """Raised for bytes that are not UTF-8."""


class ItemSetError(Listed):
    """Raised when a set of multiple-choice items cannot be read."""


class LedgerError(BelebeleError):
    """Raised when the ledger cannot be read or written."""


class LedgerMissing(LedgerError):
    """Raised when there is no campaign at this address."""


class LedgerDamaged(LedgerError):
    """Raised when data that was written and acknowledged is gone or changed."""


class CampaignBusy(LedgerError):
    """Raised when another run holds the campaign."""


class LeaseLost(LedgerError):
    """Raised when another run took the campaign over; this one must stop writing."""


class WorkerDied(BelebeleError):
    """Raised when a process that worked for this one was ended from outside."""


class ServerError(BelebeleError):
    """Raised when a server did not answer as it should."""


class ServerUnreachable(ServerError):
    """Raised when no answer came."""


class ServerRefused(ServerError):
    """Raised when the server understood and refused."""


class ImportRefused(Listed):
    """Raised when a file of submitted work has mistakes."""


class ReleaseRefused(Listed):
    """Raised when a release cannot be made yet."""


class ReleaseUnreadable(BelebeleError):
    """Raised when a folder is no release of ours, or one of its files cannot be read."""


class UploadFailed(BelebeleError):
    """Raised when a release could not be uploaded; what arrived is kept."""


class DemoFailed(Listed):
    """Raised when the demo's outcome is not what its script expects."""
