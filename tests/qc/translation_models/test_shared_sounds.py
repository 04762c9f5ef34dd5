"""Names and numbers are heard across scripts, words that nobody ever met too."""

import numpy as np
import pytest

from qc.translation_models.shared_sounds import UNITS, rarity, sounds


def shared(source: str, target: str) -> float:
    one, other = sounds([source, target])
    weights = rarity(np.zeros(UNITS, np.int64), np.zeros(UNITS, np.int64), 100)
    return float((one.multiply(weights) @ other.T).toarray()[0, 0])


@pytest.mark.parametrize(
    ("source", "same", "other"),
    [
        ("President Kennedy", "الرئيس كينيدي", "الرئيس تشرشل"),
        ("President Kennedy", "राष्ट्रपति केनेडी", "राष्ट्रपति ओबामा"),
        ("Camille Saint-Saëns", "Камиль Сен-Санс", "Вольфганг Моцарт"),
        ("Helsinki in winter", "talvinen Helsinki", "talvinen Oulu"),
        ("36 mm by 24 mm", "३६ मिमी गुणा २४ मिमी", "१२ मिमी गुणा ५ मिमी"),
        ("in 1945", "в ١٩٤٥", "в ١٩٣٩"),
        ("President Kennedy", "ケネディ大統領", "オバマ大統領"),
    ],
)
def test_what_sounds_alike_or_counts_the_same(source: str, same: str, other: str) -> None:
    assert shared(source, same) > shared(source, other)


def test_what_is_rare_in_both_languages_counts_most() -> None:
    common = np.zeros(UNITS, np.int64)
    common[7] = 100
    weights = rarity(common, np.zeros(UNITS, np.int64), 100)
    assert weights[7] == 0 < weights[8]


def test_texts_without_consonants_or_numbers_share_nothing() -> None:
    assert sounds(["", "肯尼迪总统", "!?"]).nnz == 0
    assert shared("一二三", "肯尼迪总统") == 0
