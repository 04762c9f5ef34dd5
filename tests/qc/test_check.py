import pandas as pd
import pytest

from data.errors import UsageError
from qc.check import check, findings

TABLE = pd.DataFrame({"n": [1, 5, None]}, index=[10, 20, 30])


@check(scope="item", version=3)
def small(items: pd.DataFrame, *, most: int = 4, share: float = 0.5, names: tuple[str, ...] = ("a", "b")):
    """The number is small.

    More text that reports do not show.
    """
    return findings(items, [None if pd.isna(n) else n > most for n in items["n"]], "too large")


@check(scope="item")
def by_model(items: pd.DataFrame, *, model, least: float = 0.0):
    """A model likes it."""
    return findings(items, [False] * len(items), score=[model(n) for n in items["n"]])


def test_a_check_knows_itself():
    assert (small.name, small.version, small.scope) == ("small", 3, "item")
    assert small.description == "The number is small."
    assert dict(small.parameters) == {"most": 4, "share": 0.5, "names": ("a", "b")}
    assert by_model.resources == ("model",)
    assert dict(by_model.parameters) == {"least": 0.0}


def test_signature_is_readable_and_follows_parameters():
    assert small.signature() == "small|v:3|most:4|names:a,b|share:0.5"
    assert small.signature({"most": 9}) == "small|v:3|most:9|names:a,b|share:0.5"
    assert small.signature({"share": 1, "names": ["x"]}) == "small|v:3|most:4|names:x|share:1.0"
    assert by_model.signature() == "by_model|v:1|least:0.0"


def test_findings_have_three_answers():
    found = small(TABLE)
    assert found.index.tolist() == [10, 20, 30]
    assert found["flagged"].tolist() == [False, True, pd.NA]
    assert found["score"].fillna(-1).tolist() == [1.0, 0.0, -1]
    assert small(TABLE, most=6)["flagged"].tolist() == [False, False, pd.NA]


def test_an_empty_table_has_no_findings():
    found = small(TABLE.iloc[:0])
    assert found.empty
    assert list(found.columns) == ["score", "flagged", "reason"]


def test_resources_come_by_name():
    assert by_model(TABLE.iloc[:2], model=lambda n: n / 10)["score"].tolist() == [0.1, 0.5]
    with pytest.raises(UsageError, match="by_model needs model"):
        by_model(TABLE)


def test_unknown_and_wrong_parameters_are_named():
    with pytest.raises(UsageError, match=r"check small has no parameter 'mots'; it knows: most, names, share"):
        small(TABLE, mots=3)
    with pytest.raises(UsageError, match=r"most must be int like 4, not str 'three'"):
        small.signature({"most": "three"})
    with pytest.raises(UsageError, match=r"most must be int like 4, not bool True"):
        small.bind({"most": True})


GOOD = {"score": [1.0] * 3, "flagged": pd.array([False] * 3, dtype="boolean"), "reason": [""] * 3}


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        (lambda good: [1, 2, 3], "must return a DataFrame, not list"),
        (lambda good: good.drop(columns="reason"), "reason missing"),
        (lambda good: good.reset_index(drop=True), "one finding per item"),
        (lambda good: good.iloc[:2], "one finding per item"),
        (lambda good: good.assign(flagged=[True, False, True]), "dtype 'boolean', not bool"),
        (lambda good: good.assign(score=[0.5, 1.5, 0.0]), "between 0 and 1"),
        (lambda good: good.assign(score=["a", "b", "c"]), "between 0 and 1"),
        (lambda good: good.assign(reason=["", None, ""]), "reason must be text"),
    ],
)
def test_a_check_that_returns_something_else_is_a_bug(spoilt, said):
    @check(scope="item")
    def odd(items):
        """Odd."""
        return spoilt(pd.DataFrame(GOOD, index=items.index))

    with pytest.raises(TypeError, match=f"check odd.*{said}"):
        odd(TABLE)


def test_other_scopes_name_their_subject():
    @check(scope="set")
    def whole(items):
        """The whole set."""
        return pd.DataFrame(GOOD).iloc[:1]

    with pytest.raises(TypeError, match="subject, language missing"):
        whole(TABLE)


def test_a_check_needs_a_docstring_and_a_known_scope():
    with pytest.raises(ValueError, match="needs a docstring"):

        @check(scope="item")
        def silent(items):
            return findings(items, [])

    with pytest.raises(ValueError, match="scope must be one of"):
        check(scope="planet")  # type: ignore[arg-type]
