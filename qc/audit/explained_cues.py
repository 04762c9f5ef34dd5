"""Groups of found cues by which of them explains which: the few shortcuts that stand behind many findings.

One shortcut appears in many guises. Where wrong options are often “none of the above”, correct options also seldom
recur in other items, seldom have “the”, and are least like the passage. So each found cue is tested again: is
anything left of it, given a leading cue? For a cue alone, the audit's statistic is a score test with equal chances
for all options of an item. Here the chances are those that a conditional logit (McFadden 1974) over the leading
cues gives the options, and the score is the efficient score (Rao 1948), so that a cue without anything new falls
to about 0.

Leaders are taken forward: the strongest cue first, then the strongest of what is left, until none of the others
would still be found at its layer's critical value. Each of the others is then listed under the leader that by
itself leaves least of it. Leaders are chosen by the findings, so this is descriptive and tests nothing: the found
cues and their p are fixed before it.

A rule is represented by its whole score: it leads with its picks, its opposite's picks and the standardised score.
So the longest explains the shortest. Rules that measure one thing in two ways (length in characters and in words)
are kin: they lead together and follow together, since a slightly better fit of one of them is no second shortcut.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qc.audit.audit_result import Effect, Explained, telling
from qc.audit.cues.heuristics import BALANCE, Named
from qc.audit.cues.tokenised_set import within
from qc.audit.cues.tokens import Tokens
from qc.audit.layers.score_test import given
from qc.set_statistics.cue_kinds import CueKind, CueName
from qc.set_statistics.language_results import LayerResult
from qc.set_statistics.layer_statistics import LayerName, LayerReading
from qc.set_statistics.options import Floats, Options

COMPARED = frozenset(
    {
        "common_words", "convergence", "divergence", "least_in_passage", "least_in_question", "least_like_passage",
        "least_like_question", "most_in_passage", "most_in_question", "most_like_passage", "most_like_question",
        "nearest", "odd_one_out", "rare_words", "recurring", "verbatim",
    }
)  # fmt: skip
"""Named heuristics that compare an option with other texts; the option alone does not show them to a writer."""

KIN: tuple[frozenset[str], ...] = (
    frozenset({"longest", "shortest", "most_words", "fewest_words"}),
    frozenset({"most_in_passage", "least_in_passage", "most_like_passage", "least_like_passage", "verbatim"}),
    frozenset({"most_in_question", "least_in_question", "most_like_question", "least_like_question"}),
    frozenset({"long_words", "short_words"}),
    frozenset({"common_words", "rare_words"}),
    frozenset({"nearest", "odd_one_out", "convergence", "divergence"}),
    frozenset({"only_number", "only_without_number", "only_year", "most_digits"}),
    frozenset({BALANCE.name, *(str(CueName(CueKind.PLACE, (str(place),))) for place in range(1, 11))}),
)
"""Named heuristics that measure one thing in several ways."""

_SAME = 0.1  # the |z| below which a kin cue measures the same as its leader

_STATISTICS = {"accuracy": 0, "difference": 1, "competency": 0}

Columns = Mapping[str, Floats]
"""By `layer/name`: a cue's values for the options of one language, (n options, c); its statistics' come first."""

Key = tuple[LayerName, str, bool]


@dataclass(frozen=True, eq=False)
class Seen:
    """One language: its options and the found cues' columns for them."""

    options: Options
    columns: Columns


def kin_of(layer: str, name: str) -> frozenset[str]:
    """Return the names of the rules that measure the same thing as one does, its own among them."""
    if layer != "heuristics":
        return frozenset({name})
    return next((kin for kin in KIN if name in kin), frozenset({name}))


def columns_of(named: Named, tokens: Tokens, found: Iterable[tuple[LayerName, str]]) -> dict[str, Floats]:
    """Return the columns of the found rules, their kin and the found tokens for a language's options.

    Args:
        named: the named heuristics of the language.
        tokens: its tokens.
        found: layer and name; those that the language does not have are skipped.

    Returns:
        For a rule: the credits of picking by it, its score standardised within the item, and its opposite's
        credits. For a token: 1 where an option contains it. For the balance of places: 1 in each place. float32.
    """
    made: dict[str, Floats] = {}
    rules = {rule.name: place for place, rule in enumerate(named.rules)}
    standing = {cue.name: place for place, cue in enumerate(tokens.cues)}
    for layer, name in sorted({(of, kin) for of, one in found for kin in kin_of(of, one)}):
        if layer == "heuristics" and name in rules:
            own = named.rules[rules[name]]
            alike = [place for place, rule in enumerate(named.rules) if rule.score is own.score]
            alike.sort(key=lambda place: named.rules[place] is not own)
            credits = named.options.credits(named.scores[:, alike])
            standardised = within(named.options, named.scores[:, alike[0]])
            columns = np.column_stack([credits[:, 0], standardised, credits[:, 1:]])
        elif layer == "heuristics" and name == BALANCE.name:
            columns = np.eye(int(named.options.sizes.max()))[named.options.place]
        elif layer == "tokens" and name in standing:
            columns = np.asarray(tokens.presence[:, [standing[name]]].todense())
        else:
            continue
        made[f"{layer}/{name}"] = columns.astype(np.float32)
    return made


def model_columns(works: Mapping[LayerName, LayerResult], options: Options) -> dict[str, Floats]:
    """Return trained models' scores of a language's options, scaled to spread by chance as under permuted keys."""
    made: dict[str, Floats] = {}
    for layer, work in works.items():
        for place, name in enumerate(work.scored):
            made[f"{layer}/{name}"] = work.scores[:, [place]] * np.float32(1 / _wider(work.reading, name, options))
    return made


def _wider(reading: LayerReading, name: str, options: Options) -> float:
    """Return the spread of a cross-fitted model's accuracy over permuted keys, in times chance; at least 1."""
    binomial = float(np.sqrt(np.sum(1 / options.sizes * (1 - 1 / options.sizes)))) / len(options)
    spreads = [s for cue, s in zip(reading.cues, reading.spread, strict=True) if cue.name == name]
    return max(1.0, *(float(spread) / binomial for spread in spreads))


def explained(
    detected: Iterable[Effect], seen: Mapping[str, Seen], critical: Mapping[LayerName, float]
) -> tuple[Explained, ...]:
    """Group the found cues, each group with its leader.

    Args:
        detected: the effects that were found.
        seen: the languages' options and columns.
        critical: for each layer, the value that |z| must exceed.

    Returns:
        One for every layer, name and sign among the effects: by group, the leader first; models last.
    """
    found: dict[Key, list[Effect]] = {}
    for effect in detected:
        found.setdefault((effect.layer, effect.name, effect.z > 0), []).append(effect)
    cues = {key: told for key, told in sorted(found.items()) if not told[0].kind.is_model}
    asked = _Asked(seen, cues)
    leaders: tuple[Key, ...] = ()
    entered: dict[Key, float | None] = {}
    while left := [key for key in cues if key not in entered]:
        strength = {key: asked.strongest(key, leaders) for key in left}
        found_still = [key for key in left if not leaders or abs(strength[key]) > critical[key[0]]]
        if not found_still:
            break
        best = max(found_still, key=lambda key: (abs(strength[key]) * _plainness(cues[key][0]), key))
        entered[best] = asked.shown(best, leaders) if leaders else None
        leaders = (*leaders, best)
    told = [Explained(*key, group=place, leads=True, given=entered[key]) for place, key in enumerate(leaders, 1)]
    families: dict[tuple[str, frozenset[str]], list[Key]] = {}
    for key in cues:
        if key not in entered:
            families.setdefault((key[0], kin_of(*key[:2])), []).append(key)
    for (_, kin), family in families.items():
        head = max(family, key=lambda one: (abs(asked.strongest(one, ())), one))
        by = min(leaders, key=lambda leader: (abs(asked.strongest(head, (leader,))), leaders.index(leader)))
        for key in family:
            same = by[1] in kin and abs(asked.strongest(key, (by,))) < _SAME
            rest = None if same else asked.shown(key, leaders)
            told.append(Explained(*key, group=leaders.index(by) + 1, leads=False, given=rest))
    models = _Asked(seen, {key: of for key, of in sorted(found.items()) if of[0].kind.is_model})
    models.signs = asked.signs
    told += [
        Explained(*key, group=0, leads=False, given=models.shown(key, leaders) if leaders else None)
        for key in models.cues
    ]
    return tuple(sorted(told, key=lambda one: (one.group == 0, one.group, not one.leads, one.layer, one.name)))


def _plainness(effect: Effect) -> float:
    """Return how readily a cue leads: of two much alike, the one that an author can see and mend is first."""
    if effect.kind.is_token:
        return 0.6 if effect.kind is CueKind.CHARACTERS else 0.9
    return 0.7 if effect.name in COMPARED else 1.0


class _Asked:
    """The remainders of found cues, computed when asked for and kept."""

    def __init__(self, seen: Mapping[str, Seen], cues: Mapping[Key, Sequence[Effect]]) -> None:
        self.seen, self.cues = seen, cues
        self._known: dict[tuple[str, tuple[Key, ...]], dict[tuple[Key, str], float]] = {}
        self._leaders: tuple[Key, ...] = ()
        self._here: dict[str, tuple[Key, ...]] = {}
        self._found: dict[str, list[tuple[Key, Effect]]] = {language: [] for language in seen}
        for key, effects in cues.items():
            for effect in effects:
                self._found[effect.language].append((key, effect))
        self.signs: dict[tuple[str, Key], bool] = {}
        for language, one in seen.items():
            for key, effects in cues.items():
                columns = one.columns.get(f"{key[0]}/{key[1]}")
                if columns is not None:
                    self.signs[language, key] = self._same(one.options, columns, key, effects)

    @staticmethod
    def _same(options: Options, columns: Floats, key: Key, effects: Sequence[Effect]) -> bool:
        """Whether a cue has the same sign in a language as where it was found most clearly."""
        statistic = max(effects, key=lambda effect: abs(effect.z)).statistic
        if statistic == "balance":
            return True
        place = min(_STATISTICS.get(statistic, 0), columns.shape[1] - 1)
        return bool((given(options, columns[:, [place]], columns[:, :0])[0] > 0) == key[2])

    def shown(self, key: Key, leaders: tuple[Key, ...]) -> float:
        """Return what is left of a cue in the language and by the statistic with which a report presents it."""
        effect = telling(self.cues[key])
        return round(self._left(effect.language, leaders)[key, effect.statistic], 6) + 0.0  # no -1e-17

    def strongest(self, key: Key, leaders: tuple[Key, ...]) -> float:
        """Return what is left of a cue where most is left, over its languages and statistics."""
        values = [self._left(effect.language, leaders)[key, effect.statistic] for effect in self.cues[key]]
        return max(values, key=abs)

    def _left(self, language: str, leaders: tuple[Key, ...]) -> dict[tuple[Key, str], float]:
        if leaders is not self._leaders:
            self._leaders, self._here = leaders, {}
        if language not in self._here:
            self._here[language] = tuple(one for one in leaders if self.signs.get((language, one)))
        here = self._here[language]
        if (language, here) not in self._known:
            self._known[language, here] = self._asked(self.seen[language], language, here)
        return self._known[language, here]

    def _asked(self, one: Seen, language: str, leaders: Sequence[Key]) -> dict[tuple[Key, str], float]:
        none = np.zeros((len(one.options.item_of), 0), np.float32)
        names = sorted({f"{layer}/{kin}" for layer, name, _ in leaders for kin in kin_of(layer, name)})
        controls = np.column_stack([none, *(one.columns[name] for name in names if name in one.columns)])
        asked: list[tuple[tuple[Key, str], Floats]] = []
        for key, effect in self._found[language]:
            columns = one.columns[f"{key[0]}/{key[1]}"]
            place = min(_STATISTICS.get(effect.statistic, 0), columns.shape[1] - 1)
            chosen = columns if effect.statistic == "balance" else columns[:, [place]]
            asked.append(((key, effect.statistic), chosen))
        if not asked:
            return {}
        values = iter(given(one.options, np.column_stack([columns for _, columns in asked]), controls).tolist())
        return {name: max((next(values) for _ in range(columns.shape[1])), key=abs) for name, columns in asked}
