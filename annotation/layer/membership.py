"""Who works where: the accounts of each workbench, in a file that the program's `advance` keeps.

A project that is not in it is nobody's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from .kept_file import KeptFile


class Membership:
    """The accounts of each workbench.

    Args:
        folder: where the file is.
    """

    def __init__(self, folder: Path) -> None:
        self._file = KeptFile(folder / "members.json")

    def all(self) -> dict[int, frozenset[int]]:
        """Return the accounts of every workbench, by project."""
        return {int(project): frozenset(ones) for project, ones in self._file.read().items()}

    def accounts(self, project: int) -> frozenset[int]:
        """Return the numbers of the accounts that work there."""
        return frozenset(self._file.read().get(str(project), ()))

    def projects(self, account: int) -> frozenset[int]:
        """Return the numbers of the projects where an account works."""
        return frozenset(int(project) for project, ones in self._file.read().items() if account in ones)

    def write(self, projects: Mapping[int, Sequence[int]]) -> None:
        """Set the accounts of these projects; those of others stay as they are."""
        new = {str(project): sorted(set(ones)) for project, ones in projects.items()}
        self._file.change(lambda held: {project: ones for project, ones in {**held, **new}.items() if ones})
