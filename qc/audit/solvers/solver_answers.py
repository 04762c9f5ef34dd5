"""Findings from the answers of solvers (people or models): suspect keys, difficulty, mistranslations.

A solver's answers are compared with the keys, so nothing here belongs to the shortcut test. There are three
questions. First, a key is suspect where strong solvers agree on one wrong option: how often they do so by chance
is learned from the items where at most half of them do. That is a test, and with few solvers it can flag none. So
wherever three strong solvers agree, the items are also ranked, by how much likelier the answers are if that option
is right (`qc.audit.solvers.suspect_keys`). Second, the difficulty of an item comes from a Rasch model
(`qc.audit.solvers.rasch_model`), shrunken, because a dozen solvers say little of one item. Third, a translation is
suspect where an item is harder in one language than its difficulty elsewhere predicts; a language whose solvers do
not clearly beat chance says nothing of its items.

A strong solver is in the top third by accuracy on the other items of the language, so that no item votes for its
judges.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.stats import betabinom, false_discovery_control, norm

from data.errors import UsageError
from qc.audit.solvers import rasch_model
from qc.audit.solvers.suspect_keys import Answered, ratios
from qc.set_statistics.options import Floats, Ints, Options

LEAST_STRONG = 3
"""The least number of strong solvers whose agreement means anything."""

CLEARLY = 0.05
"""The least distance above chance of the lower bound of a language's accuracy for its items to be judged."""


@dataclass(frozen=True, eq=False)
class Answers:
    """The answers to one language's items.

    Attributes:
        options: the items.
        solvers: (s,) names, sorted.
        chosen: (s, n items): the chosen option, counted from 0; -1 where there is no answer.
    """

    options: Options
    solvers: tuple[str, ...]
    chosen: Ints

    @property
    def answered(self) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """Whether each solver answered each item, (s, n items)."""
        return np.asarray(self.chosen >= 0)

    @property
    def right(self) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """Whether each solver chose the key of each item, (s, n items)."""
        return np.asarray(self.chosen == self.options.items["key"].to_numpy(np.int64))


@dataclass(frozen=True, eq=False)
class Agreement:
    """The findings from solvers' answers.

    Attributes:
        solvers: solver, language, n, accuracy, ability (logits).
        items: one line per item and language: item_id, language, `answers`, `solved` (share), `difficulty`
            (logits, shrunken, over all languages), `difficulty_error` (its standard deviation), `strong` (how many
            strong solvers answered), `agree` (how many of them on the wrong option that most of them chose),
            `instead` (that option, from 0; -1 if none), `key_p`, `key_q` (after Benjamini and Hochberg 1995, over
            all lines), `key_rank` (within the language), `suspect_key`, `key_ratio` (log10 of how many times
            likelier the answers are if that option is right than if the key is; null unless three strong solvers
            chose it and no more chose another one), `key_place` (in the list of these, over all languages),
            `key_false` (the share of false ones expected among the list down to here), `harder` (a standardised
            residual; positive: harder here than elsewhere), `harder_p`, `harder_q`, `harder_rank`,
            `suspect_translation`.
            Values that could not be judged are null and have no rank.
        model: `rasch`, `2pl` or `none` (every language is at the floor).
        discrimination: per item_id, with `2pl` only.
        silent: languages at the floor.
        notes: limitations, in words.
    """

    solvers: pd.DataFrame
    items: pd.DataFrame
    model: str
    discrimination: Mapping[str, float]
    silent: tuple[str, ...]
    notes: tuple[str, ...]


def answers(responses: pd.DataFrame, options: Mapping[str, Options]) -> dict[str, Answers]:
    """Arrange responses beside the items of every language.

    Args:
        responses: `data.itemsets.solver_responses.COLUMNS`; `chosen` counts from 0, -1 for no answer. If the set
            has one language and the set or the responses do not name it, the responses belong to it.
        options: per language.

    Raises:
        UsageError: a response to an item, in a language or of an option that the set does not have.
    """
    by_language: dict[str, Answers] = {}
    only = _unsaid(responses["language"], options)
    for code, part in responses.groupby("language", sort=True):
        language = str(code) if only is None else only
        if language not in options:
            raise UsageError(
                f"the responses speak of language {language!r}, which the set does not have;"
                f" it has {', '.join(sorted(map(repr, options)))}"
            )
        own = options[language]
        line = pd.Index(own.items["item_id"]).get_indexer(pd.Index(part["item_id"]))
        _refuse(part, line < 0, "an item that the set does not have")
        chosen = part["chosen"].to_numpy(np.int64)
        _refuse(part, chosen >= own.sizes[line], "an option that the item does not have")
        names, row = np.unique(part["solver"].to_numpy(str), return_inverse=True)
        table = np.full((len(names), len(own)), -1, np.int64)
        table[row, line] = chosen
        by_language[language] = Answers(own, tuple(map(str, names)), table)
    return by_language


def _unsaid(said: pd.Series, options: Mapping[str, Options]) -> str | None:
    """Return the one language of all, where the responses or the set do not name it; None where both do."""
    named = set(said)
    if len(options) != 1 or len(named) != 1 or not ({""} & (named | set(options))):
        return None
    return next(iter(options))


def _refuse(part: pd.DataFrame, wrong: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], what: str) -> None:
    if wrong.any():
        first = part[wrong].iloc[0]
        raise UsageError(
            f"{int(wrong.sum())} responses name {what}; the first: solver {first['solver']!r}, item"
            f" {first['item_id']!r}, language {first['language']!r}, chosen {int(first['chosen']) + 1}"
        )


def agreement(told: Mapping[str, Answers], *, rate: float = 0.05) -> Agreement:
    """Return the findings from the answers of all languages.

    Args:
        told: per language, as `answers` returns them.
        rate: the expected share of false alarms among suspects (Benjamini and Hochberg 1995).
    """
    silent = tuple(language for language, own in told.items() if _at_floor(own))
    heard = {language: own for language, own in told.items() if language not in silent}
    fit = rasch_model.fit(_stacked(heard)) if heard else None
    parts, solvers, notes = [], [], list(fit.notes) if fit else []
    end, heard_of = 0, []
    for language, own in told.items():
        start, end = end, end + (0 if language in silent else len(own.solvers))
        rows = slice(start, end)
        parts.append(_judged(language, own, fit, rows))
        if fit and end > start:
            heard_of.append(Answered(own.options, own.chosen, fit.ability[rows], _agreed_on(own, parts[-1])))
        solvers.append(_solvers(language, own, fit.ability[rows] if fit and end > start else np.nan))
    items = _listed(pd.concat(parts, ignore_index=True), heard_of, fit)
    for kind, flag in (("key", "suspect_key"), ("harder", "suspect_translation")):
        judged = items[f"{kind}_p"].notna().to_numpy()
        values = np.full(len(items), np.nan)
        if judged.any():
            values[judged] = false_discovery_control(items.loc[judged, f"{kind}_p"].to_numpy(float))
        items[f"{kind}_q"] = values
        items[flag] = pd.array(values <= rate, dtype="boolean")
        items.loc[~judged, flag] = pd.NA
        items[f"{kind}_rank"] = items.groupby("language")[f"{kind}_p"].rank(method="min").astype("Int64")
    if silent:
        notes.append(f"At the floor, so that nothing is said of their items: {', '.join(silent)}.")
    if not items["strong"].ge(LEAST_STRONG).any():
        notes.append(f"Keys cannot be judged: it takes {LEAST_STRONG} strong solvers (the top third) an item.")
    if len(heard) < 2:
        notes.append("Translations cannot be judged: it takes two languages whose solvers beat chance.")
    return Agreement(
        solvers=pd.concat(solvers, ignore_index=True),
        items=items,
        model=fit.model if fit else "none",
        discrimination=fit.discrimination if fit else {},
        silent=silent,
        notes=tuple(notes),
    )


def _agreed_on(own: Answers, judged: pd.DataFrame) -> Ints:
    """Return the wrong option chosen most by strong solvers, if by three or more; else -1; (n items,)."""
    right = _strong_choices(own)[own.options.keys]
    agree = judged["agree"].to_numpy(np.int64)
    return np.where((agree >= LEAST_STRONG) & (agree >= right), judged["instead"].to_numpy(np.int64), -1)


def _listed(items: pd.DataFrame, heard_of: Sequence[Answered], fit: rasch_model.Fit | None) -> pd.DataFrame:
    """Return the items with their place in the list of keys to look at."""
    told = ratios(heard_of, rasch_model.typical(fit)) if fit and heard_of else []
    ratio, doubt = np.full(len(items), np.nan), np.full(len(items), np.nan)
    for one, values in zip(heard_of, told, strict=True):
        lines = np.flatnonzero(items["language"] == one.options.items["language"].iloc[0])
        ratio[lines], doubt[lines] = values
    listed = np.flatnonzero(~np.isnan(ratio))
    order = listed[np.lexsort((listed, -ratio[listed]))]
    place, false = np.full(len(items), np.nan), np.full(len(items), np.nan)
    place[order] = np.arange(1, len(order) + 1)
    false[order] = np.cumsum(doubt[order]) / place[order]
    return items.assign(key_ratio=ratio, key_place=pd.array(place, dtype="Int64"), key_false=false)


def _stacked(told: Mapping[str, Answers]) -> rasch_model.Table:
    """Return the solvers of all languages as persons, in rows; columns are items, whatever their language."""
    every = sorted({item for own in told.values() for item in own.options.items["item_id"]})
    column = {item: index for index, item in enumerate(every)}
    rows = sum(len(own.solvers) for own in told.values())
    right = np.full((rows, len(every)), np.nan)
    start = 0
    for own in told.values():
        at = [column[item] for item in own.options.items["item_id"]]
        right[start : start + len(own.solvers), at] = np.where(own.answered, own.right, np.nan)
        start += len(own.solvers)
    names = tuple(f"{language}\x00{name}" for language, own in told.items() for name in own.solvers)
    different = len({name for own in told.values() for name in own.solvers})
    return rasch_model.Table(names, tuple(every), right, different)


def _at_floor(own: Answers) -> bool:
    """Whether the solvers of a language do not clearly beat chance, with items as the units of sampling."""
    answered = own.answered.sum(axis=0)
    right = (own.right & own.answered).sum(axis=0)
    used = answered > 0
    if used.sum() < 2:
        return True
    luck = float((answered / own.options.sizes).sum() / answered.sum())
    accuracy = right.sum() / answered.sum()
    residual = right - accuracy * answered  # a ratio's linearised variance, items being drawn
    error = math.sqrt(float((residual**2).sum()) * used.sum() / (used.sum() - 1)) / answered.sum()
    return bool(accuracy - float(norm.isf(0.05)) * error <= luck + CLEARLY)


def _solvers(language: str, own: Answers, ability: Floats | float) -> pd.DataFrame:
    count = own.answered.sum(axis=1)
    right = (own.right & own.answered).sum(axis=1)
    return pd.DataFrame(
        {
            "solver": own.solvers,
            "language": language,
            "n": count,
            "accuracy": right / np.maximum(count, 1),
            "ability": ability,
        }
    )


def _judged(language: str, own: Answers, fit: rasch_model.Fit | None, rows: slice) -> pd.DataFrame:
    """Return one language's lines; `rows` are its persons in the fit, none where it is at the floor."""
    items = own.options.items["item_id"]
    unknown = np.full(len(items), np.nan)
    difficulty, error, harder = unknown, unknown, unknown
    strong, agree, instead, key_p = suspects(own)
    if fit and rows.stop > rows.start:
        at = np.array([fit.place[item] for item in items])
        difficulty, error, harder = fit.difficulty[at], fit.error[at], rasch_model.harder(fit, rows)[at]
    else:  # nobody is strong where nobody beats chance
        key_p = unknown
    answered = own.answered.sum(axis=0)
    solved = np.full(len(items), np.nan)
    np.divide((own.right & own.answered).sum(axis=0), answered, out=solved, where=answered > 0)
    return pd.DataFrame(
        {
            "item_id": items,
            "language": language,
            "answers": answered,
            "solved": solved,
            "difficulty": difficulty,
            "difficulty_error": error,
            "strong": strong,
            "agree": agree,
            "instead": instead,
            "key_p": key_p,
            "harder": harder,
            "harder_p": norm.sf(harder),
        }
    )


def suspects(own: Answers) -> tuple[Ints, Ints, Ints, Floats]:
    """Find items where strong solvers agree on one wrong option.

    The number of solvers who choose a wrong option by error alone is a beta-binomial, fitted to the counts at or
    below half of the strong solvers (an empirical null, Efron 2004), so that wrong keys do not make it expect many
    of them. An item's p is its tail at the wrong option most chosen, times the number of wrong options.

    Returns:
        Per item: how many strong solvers answered; how many of them chose that option; the option (-1: none); p
        (NaN with fewer than `LEAST_STRONG` strong solvers).
    """
    options, counts = own.options, _strong_choices(own)
    strong = options.per_item(counts.astype(float)).astype(np.int64)
    wrong = counts.copy()
    wrong[options.keys] = -1
    agree = np.maximum.reduceat(wrong, options.starts)
    leading = np.flatnonzero(wrong == agree[options.item_of])
    first = leading[np.unique(options.item_of[leading], return_index=True)[1]]
    instead = np.where(agree > 0, options.place[first], -1)
    judged = strong >= LEAST_STRONG
    p = np.full(len(options), np.nan)
    if judged.any():
        used = (wrong >= 0) & judged[options.item_of]
        a, b = _null_of_agreement(strong[options.item_of][used], wrong[used])
        tail = betabinom.sf(agree[judged] - 1, strong[judged], a, b)
        p[judged] = np.minimum(1.0, tail * (options.sizes[judged] - 1))
    return strong, agree, instead, p


def _null_of_agreement(tries: Ints, hits: Ints) -> tuple[float, float]:
    """Return the parameters of a beta-binomial, fitted to hits at or below half of the tries, truncated there.

    With a weak prior on a + b (log-normal around 5), because three solvers alone cannot determine it.
    """
    low = hits <= tries // 2
    pairs, count = np.unique(np.column_stack([tries[low], hits[low]]), axis=0, return_counts=True)
    number, hit = pairs[:, 0], pairs[:, 1]

    def loss(parameters: Floats) -> float:
        a, b = np.exp(parameters)
        kept = betabinom.logpmf(hit, number, a, b) - betabinom.logcdf(number // 2, number, a, b)
        return float(-(count * kept).sum() + (np.log(a + b) - np.log(5)) ** 2 / 2)

    found = minimize(loss, np.log([0.5, 4.5]), method="Nelder-Mead", bounds=[(-6, 6), (-6, 6)])
    a, b = np.exp(found.x)
    return float(a), float(b)


def _strong_choices(own: Answers) -> Ints:
    """Return the number of strong solvers who chose each option, (n options,)."""
    answered, right = own.answered, own.right & own.answered
    count, total = answered.sum(axis=1, keepdims=True), right.sum(axis=1, keepdims=True)
    others = (total - right) / np.maximum(count - answered, 1)
    others = np.where(answered, others, -1.0)
    best = max(LEAST_STRONG, math.ceil(len(own.solvers) / 3))
    rank = np.argsort(np.argsort(-others, axis=0, kind="stable"), axis=0, kind="stable")
    strong = (rank < best) & answered
    counts = np.zeros(len(own.options.item_of), np.int64)
    np.add.at(counts, (own.options.starts + own.chosen)[strong], 1)
    return counts
