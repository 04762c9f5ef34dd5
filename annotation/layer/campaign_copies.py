"""Which copy of each campaign works here: one alone may, so that two that do not know of each other are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .kept_file import KeptFile


@dataclass(frozen=True)
class Asked:
    """What a run of a copy asks.

    Attributes:
        campaign: the campaign's id.
        copy: the copy's id.
        follows: ids of copies that it was made from.
        run: the number of the run in the copy's ledger, which grows; 0 for one that only looks.
        token: of this asking, which may arrive twice.
        owner: the machine and process, for people to read.
        take: whether the copy takes the place of another that worked here last.
    """

    campaign: str
    copy: str
    follows: tuple[str, ...]
    run: int
    token: str
    owner: str
    take: bool

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Asked:
        """Read the body of a request.

        Raises:
            ValueError: something is missing or of another kind.
        """
        texts = [body.get(name) for name in ("campaign", "copy", "token", "owner")]
        follows, run, take = body.get("follows"), body.get("run"), body.get("take")
        if not all(isinstance(one, str) and one for one in texts) or not isinstance(take, bool):
            raise ValueError(body)
        if not isinstance(follows, list) or not isinstance(run, int) or isinstance(run, bool):
            raise ValueError(body)
        campaign, copy, token, owner = map(str, texts)
        return cls(campaign, copy, tuple(map(str, follows)), run, token, owner, take)


class CampaignCopies:
    """The copy of each campaign that worked here last, with its latest run.

    Args:
        folder: where the file is.
    """

    def __init__(self, folder: Path) -> None:
        self._file = KeptFile(folder / "copies.json")

    def ask(self, asked: Asked) -> dict[str, Any]:
        """Note a run, unless another copy worked here; return {"fits": …, "held": what was noted before}."""
        said: dict[str, Any] = {}

        def changed(noted: dict[str, Any]) -> dict[str, Any]:
            held = noted.get(asked.campaign)
            said.update(fits=_fits(asked, held), held=held)
            if not said["fits"] or not asked.run:
                return noted
            at = datetime.now(UTC).isoformat(timespec="seconds")
            now = {"copy": asked.copy, "run": asked.run, "token": asked.token, "owner": asked.owner, "at": at}
            return {**noted, asked.campaign: now}

        if asked.run:
            self._file.change(changed)
        else:
            changed(self._file.read())
        return said


def _fits(asked: Asked, held: Mapping[str, Any] | None) -> bool:
    if held is None or asked.take or held["token"] == asked.token:
        return True
    return held["copy"] in (asked.copy, *asked.follows) and (not asked.run or held["run"] < asked.run)
