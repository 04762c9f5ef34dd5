"""Every error that a user can cause or must act on, in one tree.

    BelebeleError                 says what is wrong, where, and the cure; shown without a traceback
    ├── UsageError                a command, option or name that cannot be meant so
    ├── OutputFailed              what a command was to write cannot be written: a full disk, no rights
    ├── CampaignError             campaign.toml is wrong; every mistake at once
    ├── SourceError               a source of passages cannot be read; names file and line
    │   ├── MissingLanguage       a language that the source has no text for
    │   ├── MisalignedSource      files of different lengths, metadata too short
    │   └── BadEncoding           bytes that are not UTF-8
    ├── ItemSetError              a set of items to audit cannot be read; every mistake with file and line
    ├── LedgerError               the ledger cannot be read or written
    │   ├── LedgerMissing         there is no campaign at this address
    │   ├── LedgerDamaged         what was written and acknowledged is gone or changed; says what, and the cure
    │   ├── CampaignBusy          another run holds the campaign; says who and since when
    │   └── LeaseLost             another run took the campaign over; this one must stop
    ├── ServerError               a server did not answer as it should
    │   ├── ServerUnreachable     no answer at all
    │   └── ServerRefused         an answer that says no (a wrong token, say)
    ├── ImportRefused             a file of submitted work holds mistakes; every one listed
    ├── ReleaseRefused            a release cannot be made; lists the items that stand in its way
    └── DemoFailed                the demo did not become what its script expects; every difference

Bad *data* is a verdict, bad *use* is one of these, a bug is a crash.
"""

from __future__ import annotations

from collections.abc import Sequence


class BelebeleError(Exception):
    """Something that the person at the keyboard can mend; the message names it and the cure."""


class Listed(BelebeleError):
    """An error that collects every mistake before it is raised once.

    Args:
        summary: what could not be done, one line.
        problems: each mistake, one line, with its place and its cure.
    """

    def __init__(self, summary: str, problems: Sequence[str] = ()) -> None:
        self.summary = summary
        self.problems = tuple(problems)
        super().__init__("\n".join([summary, *(f"  - {p}" for p in self.problems)]))


class UsageError(BelebeleError):
    """A command, option or name that cannot be meant so."""


class OutputFailed(BelebeleError):
    """What a command was to write cannot be written; names the place and the cure."""


class CampaignError(Listed):
    """campaign.toml is wrong."""


class SourceError(Listed):
    """A source of passages cannot be read."""


class MissingLanguage(SourceError):
    """A language that the source has no text for."""


class MisalignedSource(SourceError):
    """Files that should run in parallel do not."""


class BadEncoding(SourceError):
    """Bytes that are not UTF-8."""


class ItemSetError(Listed):
    """A set of multiple-choice items cannot be read."""


class LedgerError(BelebeleError):
    """The ledger cannot be read or written."""


class LedgerMissing(LedgerError):
    """There is no campaign at this address."""


class LedgerDamaged(LedgerError):
    """What was written and acknowledged is gone, or is not as it was."""


class CampaignBusy(LedgerError):
    """Another run holds the campaign."""


class LeaseLost(LedgerError):
    """Another run took the campaign over; this one must stop writing."""


class ServerError(BelebeleError):
    """A server did not answer as it should."""


class ServerUnreachable(ServerError):
    """No answer at all."""


class ServerRefused(ServerError):
    """The server understood and said no."""


class ImportRefused(Listed):
    """A file of submitted work holds mistakes."""


class ReleaseRefused(Listed):
    """A release cannot be made yet."""


class DemoFailed(Listed):
    """The demo did not become what its script expects."""
