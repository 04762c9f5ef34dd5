"""Descriptive results beside the tests: the items one by one, languages side by side, solvers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from qc.audit.audit_result import Across, Parameters, Solver, SolversFound
from qc.audit.solvers.solver_answers import agreement, answers
from qc.set_statistics.language_results import LayerResult
from qc.set_statistics.layer_statistics import LayerName
from qc.set_statistics.options import Floats, Options
from qc.set_statistics.translation_cues import CueWorth, brought_in

HALF = 0.5
_BASE = ["item_id", "language", "group", "question", "options", "key"]


def items(
    given: pd.DataFrame, works: Mapping[LayerName, Mapping[str, LayerResult]], names: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Return one line per item and language with every score, sorted by language and item_id.

    An item is flagged by a learner that never saw it. Where no learner ran, an item is flagged in which a single
    cue that the set was found to follow gives half the information.

    Args:
        given: the items.
        works: the results by layer and language.
        names: by language, the result of `qc.audit.cues.cue_names.names`.
    """
    extra = [name for name in ("domain", "topic") if name in given.columns]
    frame = given[[*_BASE, *extra]].sort_values(["language", "item_id"], ignore_index=True)
    scored = [{code: work.items for code, work in of.items()} for of in works.values()]
    for by_language in [*scored, names]:
        told = pd.concat([one.assign(language=code) for code, one in by_language.items()], ignore_index=True)
        new = [name for name in told.columns if name not in frame.columns]
        if new:
            frame = frame.merge(told[["item_id", "language", *new]], on=["item_id", "language"], how="left")
    if "flagged" not in frame.columns:
        know = np.log2(frame["options"].map(len).to_numpy(float))
        return frame.assign(flagged=frame["bits"].to_numpy(float) >= HALF * know)
    unnamed = frame["flagged"] & (frame["cue"] == "")
    frame.loc[unnamed, "cue"] = [
        f"No single cue that has a name: a learner that sees {sees} finds the correct option by many small ones"
        for sees in frame.loc[unnamed, "sees"]
    ]
    return frame


def across(
    works: Mapping[LayerName, Mapping[str, LayerResult]], options: Mapping[str, Options], asked: Parameters
) -> tuple[tuple[Across, ...], list[str]]:
    """Return the comparison of every cue of single items with the source language, and notes on its limits."""
    if len(options) < 2:
        return (), []
    if not asked.source_language:
        return (), ["Languages were not compared: name the one that was translated from (--source-language)."]
    shared = [(layer, name) for layer, of in works.items() for name in _shared(of)]
    if not shared:
        return (), []
    told = {
        code: CueWorth(
            one,
            [f"{layer}/{name}" for layer, name in shared],
            np.column_stack([_earned(works[layer][code], name) for layer, name in shared]),
        )
        for code, one in options.items()
    }
    by_name = {f"{layer}/{name}": (layer, name, _says(works[layer], name)) for layer, name in shared}
    found = []
    for cue in brought_in(told, asked.source_language, permutations=asked.permutations, seed=asked.seed):
        layer, name, says = by_name[cue.cue]
        found.append(
            Across(
                layer=layer,
                name=name,
                says=says,
                language=cue.language,
                source=cue.source,
                n=cue.items,
                here=cue.here,
                there=cue.there,
                difference=cue.difference,
                z=cue.z,
                p=cue.p,
                adjusted=cue.adjusted,
                detected=cue.adjusted <= asked.alpha,
            )
        )
    return tuple(found), []


def _earned(work: LayerResult, name: str) -> Floats:
    return np.asarray(work.earned[:, work.names.index(name)])


def _says(of: Mapping[str, LayerResult], name: str) -> str:
    cues = (cue for work in of.values() for cue in work.reading.cues)
    return next((cue.says for cue in cues if cue.name == name and cue.statistic == "accuracy"), "")


def _shared(of: Mapping[str, LayerResult]) -> list[str]:
    """Return the cues of single items that a layer has in all languages."""
    first = next(iter(of.values()))
    return [name for name in first.names if all(name in work.names for work in of.values())]


def solvers(
    responses: pd.DataFrame | None, options: Mapping[str, Options]
) -> tuple[SolversFound | None, pd.DataFrame | None]:
    """Return the findings from solvers' answers, on the set and on its items one by one."""
    if responses is None:
        return None, None
    found = agreement(answers(responses, options))
    flags = found.items
    told = SolversFound(
        solvers=tuple(
            Solver(str(name), str(code), int(n), float(accuracy), None if pd.isna(ability) else float(ability))
            for name, code, n, accuracy, ability in found.solvers[
                ["solver", "language", "n", "accuracy", "ability"]
            ].itertuples(index=False)
        ),
        model=found.model,
        suspects=int(flags["suspect_key"].fillna(False).sum()),
        jumps=int(flags["suspect_translation"].fillna(False).sum()),
        ranked=int(flags["key_place"].notna().sum()),
        silent=found.silent,
        notes=found.notes,
    )
    return told, flags
