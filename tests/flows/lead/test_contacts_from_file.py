"""A table of addresses is taken whole or not at all, and each wrong line is named."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from data.campaign.contacts import Contact, contacts, contacts_file, set_contact
from data.errors import ImportRefused
from flows.cli.commands import main
from flows.lead.contacts_from_file import contacts_from_file
from tests.flows.small_campaign import Small, at


@pytest.fixture
def small(tmp_path: Path, own_state: Path) -> Small:
    contacts_file("small").unlink(missing_ok=True)  # another test's
    return at("authoring", tmp_path)


def table(tmp_path: Path, text: str) -> str:
    (tmp_path / "people.csv").write_text(text, encoding="utf-8")
    return str(tmp_path / "people.csv")


def test_everybody_is_noted_at_once(small: Small, tmp_path: Path) -> None:
    one, other = [person.code for person in small.state.campaign.people][:2]
    file = table(tmp_path, f"Code,E-Mail,Name\n{one},Ana@Example.org,Ana Łoś\n{other},ben@example.org,\n")
    assert contacts_from_file(small.state, file) == 2
    assert contacts("small") == {one: Contact("ana@example.org", "Ana Łoś"), other: Contact("ben@example.org")}
    assert contacts_from_file(small.state, file) == 0
    ran = CliRunner().invoke(main, ["contact", small.address, "--file", file])
    assert (ran.exit_code, ran.output.split(";")[0]) == (0, "0 contacts noted")


def test_a_workbook_does_as_well(small: Small, tmp_path: Path) -> None:
    code = small.state.campaign.people[0].code
    pd.DataFrame({"person": [code], "email": ["ana@example.org"]}).to_excel(tmp_path / "p.xlsx", index=False)
    assert contacts_from_file(small.state, str(tmp_path / "p.xlsx")) == 1


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("nobody,x@example.org,", r"line 2: there is no 'nobody' among the people"),
        ("{0},at example.org,", r"line 2: 'at example.org' is no e-mail address"),
        ("{0},a@example.org,\n{0},b@example.org,", r"line 3: {0} has another address further up, a@example.org"),
        ("{0},a@example.org,\n{1},A@example.org,", r"a@example.org is the address of {0} and {1}"),
        ("{1},kept@example.org,", r"kept@example.org is the address of {2} and {1}"),
        ("{0},a@example.org,Ana\n{0},a@example.org,Anna", r"line 3: {0} stands further up too"),
        (",,Ana", r"line 2: has neither a person nor an address"),
    ],
)
def test_one_wrong_line_and_nothing_is_noted(small: Small, tmp_path: Path, lines: str, told: str) -> None:
    codes = [person.code for person in small.state.campaign.people][:3]
    set_contact("small", codes[2], "kept@example.org")
    before = contacts("small")
    with pytest.raises(ImportRefused, match="was not taken in") as refused:
        contacts_from_file(small.state, table(tmp_path, "person,email,name\n" + lines.format(*codes) + "\n"))
    assert told.format(*codes) in str(refused.value)
    assert contacts("small") == before


def test_a_table_without_names_leaves_the_known_ones(small: Small, tmp_path: Path) -> None:
    code = small.state.campaign.people[0].code
    set_contact("small", code, "old@example.org", "Ana")
    assert contacts_from_file(small.state, table(tmp_path, f"person,email\n{code},new@example.org\n")) == 1
    assert contacts("small")[code] == Contact("new@example.org", "Ana")


def test_two_columns_for_one_thing_are_refused(small: Small, tmp_path: Path) -> None:
    code = small.state.campaign.people[0].code
    with pytest.raises(ImportRefused, match="line 2: two columns say the email"):
        contacts_from_file(
            small.state, table(tmp_path, f"person,email,e-mail\n{code},a@example.org,b@example.org\n")
        )


def test_a_column_that_nobody_knows_is_named(small: Small, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="there is no column 'telephone'; there are person, email, name"):
        contacts_from_file(small.state, table(tmp_path, "person,email,telephone\nw1,a@example.org,7\n"))


@pytest.mark.parametrize("words", [[], ["--file", "x.csv", "--forget"], ["w1", "--file", "x.csv"]])
def test_one_person_or_one_table(small: Small, words: list[str]) -> None:
    ran = CliRunner().invoke(main, ["contact", small.address, *words])
    assert ran.exit_code == 2
