from pathlib import Path

import pytest

from data.campaign.glossary import load, parse
from data.errors import CampaignError


def test_terms_and_their_renderings_by_language() -> None:
    found = parse("\ufeffterm,fra_Latn,arb_Arab\noven,four,فرن\n\n harbour ,port,\n")
    assert found.of("fra_Latn") == {"oven": "four", "harbour": "port"}
    assert found.of("arb_Arab") == {"oven": "فرن"}
    assert found.of("swh_Latn") == {}


def test_every_mistake_is_told_with_its_line() -> None:
    with pytest.raises(CampaignError) as told:
        parse("term,fra_Latn,xyz_Latn\noven,four\n,port,x\noven,four,y\nOven,four,z\n", "g.csv")
    assert "g.csv" in str(told.value)
    problems = told.value.problems
    assert "xyz_Latn" in problems[1]
    assert (problems[0], *problems[2:]) == (
        "line 2: has 2 fields and the header 3; quote the fields",
        "line 3: the term is empty; write it, or take the line out",
        "line 5: 'Oven' stands in line 4 already; keep one",
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "line 1: there is no column 'term'"),
        ("oven,four\n", "line 1: there is no column 'term'"),
        ("term,fra_Latn,fra_Latn\n", "line 1: the column 'fra_Latn' stands there 2 times (2, 3)"),
        ('term,fra_Latn\n"oven,four\n', "no CSV"),
    ],
)
def test_what_is_no_glossary_is_refused(text: str, says: str) -> None:
    with pytest.raises(CampaignError) as told:
        parse(text)
    assert any(says in problem for problem in told.value.problems)


def test_a_file_that_is_missing_or_in_another_encoding_is_told(tmp_path: Path) -> None:
    with pytest.raises(CampaignError) as told:
        load(str(tmp_path), "glossary.csv")
    assert "no such file" in told.value.problems[0]
    (tmp_path / "g.csv").write_bytes("term,fra_Latn\noven,four\nmill,mou\xeflin".encode("latin-1"))
    with pytest.raises(CampaignError) as told:
        load(str(tmp_path), "g.csv")
    assert told.value.problems == ("line 3: byte 32 (0xef) is not UTF-8; save the file as UTF-8",)
