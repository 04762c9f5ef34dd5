"""The glossary in a campaign: what the check finds by it, and what it says of where that comes from."""

from pathlib import Path

from data.ledger import tables
from flows.ledger_views.translations.glossary_terms import NO_TERMS, campaign_terms
from tests.flows.small_campaign import BOATS, FRENCH, TEXTS, at

OPTIONS = list(TEXTS[BOATS, FRENCH]["answers"])


def with_glossary(folder: Path, text: str):
    small = at("translating", folder)
    address = Path(small.state.ledger.address)
    (address / "glossary.csv").write_text(text, "utf-8")
    file = address / "campaign.toml"
    said = file.read_text("utf-8")
    before, table, after = said.partition("\n[translation]\n")
    assert table and "\nglossary" not in after
    file.write_text(f'{before}{table}glossary = "glossary.csv"\n{after}', "utf-8")
    return small


def test_a_term_rendered_otherwise_is_noted_and_names_its_glossary(tmp_path: Path):
    small = at("translating", tmp_path / "plain")
    assert campaign_terms(small.state) is NO_TERMS
    source = small.question(BOATS)
    term = max(str(source["answers"][1]).split(), key=len).strip(".,")
    small = with_glossary(tmp_path / "with", f"term,fra_Latn\n{term},zwyxq | qwxyz\n")
    small.submit(*small.keys("translating", FRENCH, BOATS))
    small.advance()
    verdicts = small.state.verdicts_on({BOATS})
    (found,) = verdicts[verdicts["check"].eq("terms_kept") & verdicts["language"].eq(FRENCH)].to_dict("records")
    assert found["flagged"] is True and f"“{term}”" in found["reason"] and "“zwyxq” or “qwxyz”" in found["reason"]
    assert found["origin"] == campaign_terms(small.state).digest != ""
    places = small.state.ledger.read_arrow(tables.FINDINGS).to_pylist()
    assert "option_2" in {one["part"] for one in places if one["verdict"] == found["event_id"]}
    assert small.keys("proofreading", FRENCH, BOATS), "a note, which sends nothing back"
