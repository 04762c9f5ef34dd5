"""Answers rescored: what a change of a release does to the accuracy of solvers who answered it before.

Whoever has published a number wants to know whether it still holds. The answers that solvers gave to the former
release are scored by both, on the items of the test split that both have, so that the difference is paired: nobody
answers anew. A choice is the option that was chosen, wherever it stands now. Intervals are percentiles of a
bootstrap over passages, since the questions on one passage are not independent (Field & Welsh 2007).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.errors import UsageError
from data.release.item_columns import ANSWERS
from data.release.release_content import ReleaseContent

_DRAWS = 2000
_SEED = 13


@dataclass(frozen=True)
class RescoredAnswers:
    """One solver's accuracy in one language before and after.

    Attributes:
        solver: its name.
        language: code of the language.
        items: number of items that it answered and both releases have.
        gone: number of items that it answered and the later release does not have.
        old: share of right answers by the former release.
        new: share of right answers by the later one.
        low: lower end of the 95 % interval of new minus old.
        high: upper end.
    """

    solver: str
    language: str
    items: int
    gone: int
    old: float
    new: float
    low: float
    high: float

    @property
    def words(self) -> str:
        """The accuracy before and after, in one line."""
        whose = f"{self.solver} in {self.language}"
        if not self.items:
            return f"{whose}: none of its {self.gone} items is left"
        gone = f"; {self.gone} it answered are gone" if self.gone else ""
        change = f"{self.new - self.old:+.1%}, 95 % interval {self.low:+.1%} to {self.high:+.1%}"
        return f"{whose}: {self.old:.1%} → {self.new:.1%} right of {self.items} items ({change}){gone}"


def rescored_answers(old: ReleaseContent, new: ReleaseContent, answers: pd.DataFrame) -> list[RescoredAnswers]:
    """Return every solver's accuracy by two releases.

    Args:
        old: the release that was answered.
        new: the later one.
        answers: columns of `data.itemsets.solver_responses.COLUMNS`; without a language where there is only one.

    Raises:
        UsageError: no answer is to an item of the former release's test split.
    """
    codes = sorted(set(old.items["language"]))
    if len(codes) == 1:
        answers = answers.assign(language=answers["language"].replace("", codes[0]))
    key = ["language", "item_id"]
    before, now = (one.items[one.items["split"] == "test"] for one in (old, new))
    met = answers.merge(before, on=key)
    if met.empty:
        raise UsageError(
            f"no answer is to an item of {old.version}: item_id and language must be as there, such as "
            f"{before['item_id'].iloc[0]} and {codes[0]}"
        )
    met["was_right"] = met["chosen"] + 1 == met["correct_answer_num"].astype(int)
    both = met.merge(now[[*key, "correct_answer_num", *ANSWERS]], on=key, how="left", suffixes=("", "_now"))
    both["is_right"] = [_is_right(line) for line in both.to_dict("records")]
    return list(_by_solver(both))


def _is_right(line: dict[object, object]) -> bool:
    """Return whether the chosen option is the correct one of the later release."""
    chosen, key = line["chosen"], line["correct_answer_num_now"]
    if not isinstance(chosen, int) or chosen not in range(len(ANSWERS)) or not isinstance(key, str):
        return False
    former, present = ([str(line[f"{name}{end}"]) for name in ANSWERS] for end in ("", "_now"))
    turned = sorted(former) == sorted(present)  # a reworded option stands where it stood
    place = present.index(former[chosen]) if turned else chosen
    return place + 1 == int(key)


def _by_solver(both: pd.DataFrame) -> Iterator[RescoredAnswers]:
    for (solver, language), every in both.groupby(["solver", "language"], sort=True):
        lines = every[every["correct_answer_num_now"].notna()]
        low, high = _interval(lines)
        yield RescoredAnswers(
            solver=str(solver),
            language=str(language),
            items=len(lines),
            gone=len(every) - len(lines),
            old=float(lines["was_right"].mean()) if len(lines) else float("nan"),
            new=float(lines["is_right"].mean()) if len(lines) else float("nan"),
            low=low,
            high=high,
        )


def _interval(lines: pd.DataFrame) -> tuple[float, float]:
    """Return the 95 % interval of the difference between both shares, by passage."""
    if lines.empty:
        return float("nan"), float("nan")
    gained = lines["is_right"].astype(int) - lines["was_right"].astype(int)
    passages = lines["link"].where(lines["link"] != "", lines["flores_passage"])
    sums = gained.groupby(passages).agg(["sum", "size"]).to_numpy(float)
    drawn = np.random.default_rng(_SEED).integers(0, len(sums), size=(_DRAWS, len(sums)))
    totals = sums[drawn].sum(axis=1)
    low, high = np.percentile(totals[:, 0] / totals[:, 1], [2.5, 97.5])
    return float(low), float(high)
