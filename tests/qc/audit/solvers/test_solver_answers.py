"""What solvers' answers say: planted wrong keys and mistranslations, difficulty, silence at the floor."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import betabinom, norm

from data.errors import UsageError
from qc.audit.solvers import rasch_model, solver_answers
from qc.audit.solvers.suspect_keys import Answered, Difficulties, ratios
from qc.set_statistics.options import Floats, Options


class World:
    """Solvers of known ability on items of known difficulty; some keys and translations are wrong."""

    def __init__(
        self,
        *,
        count: int = 400,
        persons: int = 20,
        languages: str = "abc",
        seed: int = 0,
        wrong: float = 0.03,
        floor: Collection[str] = (),
        guess: float = 0.25,
    ) -> None:
        random = np.random.default_rng(seed)
        self.difficulty, correct = random.normal(0, 1, count), random.integers(0, 4, count)
        pull = np.cumsum(random.dirichlet([1, 1, 1], count), axis=1)[:, :2]
        self.bad_key = random.random(count) < wrong
        self.mistranslated = {code: (random.random(count) < wrong) & (code != "a") for code in languages}
        told = np.where(self.bad_key, (correct + random.integers(1, 4, count)) % 4, correct)
        ids = [f"i{line:04}" for line in range(count)]
        self.ability = random.normal(1, 1, persons)
        self.options, lines = {}, []
        for code in languages:
            here = self.difficulty + random.normal(0, 0.3, count) + 4 * self.mistranslated[code]
            ability = self.ability - 0.4 * (code != "a") - 50 * (code in floor)
            right = random.random((persons, count)) < guess + (1 - guess) * expit(ability[:, None] - here)
            other = (random.random((persons, count))[..., None] > pull).sum(axis=-1) + 1
            chosen = np.where(right, correct, (correct + other) % 4)
            groups = [f"g{line // 2:04}" for line in range(count)]
            frame = pd.DataFrame(
                {"item_id": ids, "language": code, "group": groups, "passage": "", "question": ""}
            )
            self.options[code] = Options.of(frame.assign(options=[list("wxyz")] * count, key=told))
            lines += [
                pd.DataFrame(
                    {"solver": f"s{person:03}", "item_id": ids, "language": code, "chosen": chosen[person]}
                )
                for person in range(persons)
            ]
        self.responses = pd.concat(lines, ignore_index=True)

    def heard(self) -> solver_answers.Agreement:
        return solver_answers.agreement(solver_answers.answers(self.responses, self.options))


def flags(
    found: solver_answers.Agreement, code: str, column: str
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    lines = found.items[found.items["language"] == code].sort_values("item_id")
    return np.asarray(lines[column].fillna(False).to_numpy(bool))


def test_where_nothing_can_be_flagged_keys_are_ranked() -> None:
    """Six solvers flag no key at q <= .05; the list of what three strong ones agree on begins with wrong keys."""
    right, expected, is_false, held = [], [], [], []
    for seed in range(6):
        world = World(seed=seed, persons=6, languages="a", count=600)
        lines = world.heard().items.sort_values("item_id", ignore_index=True)
        assert not lines["suspect_key"].fillna(False).any()
        listed = lines[lines["key_place"].notna()].sort_values("key_place")
        assert listed["key_place"].tolist() == list(range(1, len(listed) + 1))
        assert listed["key_ratio"].is_monotonic_decreasing and (listed["agree"] >= 3).all()
        unlisted = lines[lines["key_place"].isna()]
        assert unlisted[["key_ratio", "key_false"]].isna().all(axis=None)
        assert not ((unlisted["agree"] >= 3) & (unlisted["strong"] < 6) & (unlisted["solved"] < 0.4)).any()
        bad = world.bad_key[listed.index]
        right.append(bad[:5].mean())
        expected.append(listed["key_false"].iloc[-1])
        is_false.append(1 - bad.mean())
        held.append(bad.sum() / world.bad_key.sum())
    assert np.mean(right) >= 0.85 and np.mean(held) >= 0.5
    assert 0 <= np.mean(expected) - np.mean(is_false) <= 0.25, "what is expected errs on the safe side"


def test_an_attractive_distractor_is_no_wrong_key() -> None:
    """The same four answers: of the able they speak against the key, of the weak they do not."""
    random = np.random.default_rng(0)
    count, key = 200, np.zeros(200, np.int64)
    chosen = np.where(
        random.random((9, count)) < np.linspace(0.95, 0.4, 9)[:, None], 0, 1 + random.integers(0, 3, (9, count))
    )
    chosen[:, 0] = [1] * 4 + [0] * 5  # the able say 1
    chosen[:, 1] = [0] * 5 + [1] * 4  # the weak do
    frame = pd.DataFrame(
        {"item_id": [f"i{n:03}" for n in range(count)], "language": "", "group": "", "passage": "", "question": ""}
    )
    options = Options.of(frame.assign(options=[list("wxyz")] * count, key=key))
    instead = np.full(count, -1)
    instead[:2] = 1
    ability = np.array([3, 2.5, 2, 1.6, 1.2, 0.8, 0.4, 0, -0.4])
    ((ratio, doubt),) = ratios([Answered(options, chosen, ability, instead)], Difficulties(1, 0, 1))
    assert ratio[0] > 1 and ratio[1] < -1
    assert doubt[0] < 0.5 and doubt[1] > 0.99
    assert np.isnan(ratio[2:]).all() and np.isnan(doubt[2:]).all()


def test_wrong_keys_are_found_at_the_stated_rate() -> None:
    """Of 20 solvers (7 strong): six in ten of the wrong keys, nine in ten of the first ranks, few good ones."""
    hits, ranked, false, called = [], [], 0, 0
    for seed in range(5):
        world = World(seed=seed)
        found = world.heard()
        for code in world.options:
            suspect = flags(found, code, "suspect_key")
            hits.append(suspect[world.bad_key].mean())
            called, false = called + suspect.sum(), false + (suspect & ~world.bad_key).sum()
            lines = found.items[found.items["language"] == code].sort_values("item_id")
            first = (lines["key_rank"] <= 8).fillna(False).to_numpy(bool)
            ranked.append(world.bad_key[first].mean())
    assert np.mean(hits) >= 0.6
    assert np.mean(ranked) >= 0.8
    assert false / called <= 0.12


def test_the_option_that_strong_solvers_prefer_is_named() -> None:
    world = World(count=60, wrong=0)
    one = world.options["a"].items.iloc[0]
    easy = world.responses["item_id"].eq(one["item_id"]) & world.responses["language"].eq("a")
    world.responses.loc[easy, "chosen"] = (one["key"] + 2) % 4
    line = world.heard().items.query("language == 'a'").iloc[0]
    assert (line["strong"], line["agree"], line["instead"]) == (7, 7, (one["key"] + 2) % 4)
    assert line["suspect_key"]


def test_mistranslations_are_found_at_the_stated_rate() -> None:
    """Of 60 solvers: seven in ten; of the first eight ranks nearly all; sound translations hardly ever."""
    hits, ranked, false, called = [], [], 0, 0
    for seed in range(3):
        world = World(seed=seed, persons=60, wrong=0.04)
        found = world.heard()
        for code in "bc":
            bad = world.mistranslated[code]
            suspect = flags(found, code, "suspect_translation")
            hits.append(suspect[bad & ~world.bad_key].mean())
            called, false = called + suspect.sum(), false + (suspect & ~bad).sum()
            lines = found.items[found.items["language"] == code].sort_values("item_id")
            ranked.append(bad[(lines["harder_rank"] <= 8).fillna(False).to_numpy(bool)].mean())
    assert np.mean(hits) >= 0.65
    assert np.mean(ranked) >= 0.9
    assert false / called <= 0.1


def test_sound_sets_raise_no_alarm() -> None:
    found = World(wrong=0, persons=30).heard().items
    assert found["suspect_key"].sum() <= 2
    assert found["suspect_translation"].sum() <= 2


def test_a_language_at_the_floor_is_null() -> None:
    found = World(floor={"c"}).heard()
    assert found.silent == ("c",)
    lines = found.items[found.items["language"] == "c"]
    assert lines[["difficulty", "harder", "key_p", "suspect_translation", "suspect_key"]].isna().all(axis=None)
    assert found.items[found.items["language"] == "a"]["harder"].notna().all()
    nobody = World(count=40, languages="ab", floor={"a", "b"}).heard()
    assert nobody.model == "none" and nobody.items["difficulty"].isna().all()


def test_one_language_and_two_solvers_say_little_and_say_so() -> None:
    found = World(languages="a", persons=2).heard()
    assert found.items["key_p"].isna().all() and found.items["harder"].isna().all()
    assert any("it takes 3 strong solvers" in note for note in found.notes)
    assert any("it takes two languages" in note for note in found.notes)
    assert any("2PL" in note for note in found.notes)


def _answered(
    persons: int, items: int, *, slopes: Floats | None = None
) -> tuple[rasch_model.Table, Floats, Floats]:
    random = np.random.default_rng(1)
    ability, difficulty = random.normal(0.5, 1, persons), random.normal(0, 1.2, items)
    slope = np.ones(items) if slopes is None else slopes
    right = (random.random((persons, items)) < expit(slope * (ability[:, None] - difficulty))).astype(float)
    right[random.random(right.shape) < 0.1] = np.nan
    names = tuple(map(str, range(persons)))
    return rasch_model.Table(names, tuple(map(str, range(items))), right, persons), ability, difficulty


def test_rasch_regains_difficulties_and_knows_its_error() -> None:
    table, ability, difficulty = _answered(100, 300)
    fitted = rasch_model.fit(table)
    off = fitted.difficulty - difficulty - (fitted.difficulty - difficulty).mean()
    assert fitted.model == "rasch" and fitted.discrimination == {}
    assert np.corrcoef(fitted.difficulty, difficulty)[0, 1] > 0.97
    assert np.corrcoef(fitted.ability, ability)[0, 1] > 0.97
    assert np.mean(np.abs(off / fitted.error) < 1.96) == pytest.approx(0.95, abs=0.03)


def test_a_dozen_solvers_are_shrunken() -> None:
    table, _, difficulty = _answered(12, 300)
    fitted = rasch_model.fit(table)
    assert fitted.difficulty.std() < difficulty.std()
    raw = -np.log((np.nansum(table.right, axis=0) + 0.5) / (np.nansum(1 - table.right, axis=0) + 0.5))
    both = [
        np.mean((guess - guess.mean() - difficulty + difficulty.mean()) ** 2) for guess in (fitted.difficulty, raw)
    ]
    assert both[0] < both[1]


def test_the_rasch_fit_is_the_summit_of_its_posterior() -> None:
    """scipy finds no better point from there, at the priors that were learned."""
    table, _, _ = _answered(8, 15)
    fitted = rasch_model.fit(table)
    known = ~np.isnan(table.right)

    def loss(difficulty: Floats) -> float:
        shown = expit(fitted.ability[:, None] - difficulty)
        likelihood = np.where(table.right == 1, np.log(shown), np.log1p(-shown))
        return float(-likelihood[known].sum() + (difficulty**2).sum() / (2 * fitted.spread**2))

    best = minimize(loss, fitted.difficulty, method="BFGS").x
    assert fitted.difficulty == pytest.approx(best, abs=2e-3)


def test_slopes_are_fitted_from_200_solvers_on() -> None:
    slopes = np.exp(np.random.default_rng(2).normal(0, 0.4, 60))
    table, _, difficulty = _answered(400, 60, slopes=slopes)
    fitted = rasch_model.fit(table)
    assert fitted.model == "2pl"
    assert np.corrcoef(fitted.slope, slopes)[0, 1] > 0.85
    assert np.corrcoef(fitted.difficulty, difficulty)[0, 1] > 0.97
    assert len(fitted.discrimination) == 60
    few = rasch_model.Table(table.persons, table.items, table.right, 199)
    assert rasch_model.fit(few).model == "rasch"


def test_harder_is_standard_normal_where_nothing_is_wrong() -> None:
    table, _, _ = _answered(60, 500)
    deviates = rasch_model.harder(rasch_model.fit(table), slice(0, 20))
    assert abs(deviates.mean()) < 0.15 and deviates.std() == pytest.approx(1, abs=0.15)
    assert (norm.sf(deviates) < 0.01).mean() < 0.025


def test_the_null_of_agreement_is_learned_from_its_lower_half() -> None:
    random = np.random.default_rng(0)
    hits = betabinom.rvs(10, 0.5, 4.5, size=4000, random_state=random)
    hits[:80] = 10
    a, b = solver_answers._null_of_agreement(np.full(4000, 10), hits)
    assert betabinom.sf(7, 10, a, b) == pytest.approx(betabinom.sf(7, 10, 0.5, 4.5), rel=0.5)


def test_responses_must_fit_the_set() -> None:
    world = World(count=4, persons=2, languages="a")
    for change, said in (
        ({"language": "z"}, "language 'z', which the set does not have; it has 'a'"),
        ({"item_id": "i9"}, "name an item that the set does not have; the first: solver 's000', item 'i9'"),
        ({"chosen": 4}, "name an option that the item does not have.*chosen 5"),
    ):
        with pytest.raises(UsageError, match=said):
            solver_answers.answers(world.responses.assign(**change), world.options)
