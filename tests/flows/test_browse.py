import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, expect

from flows.browse import browse_release
from flows.cli.commands import main
from flows.release import release_campaign
from qc.reports.browse_site.site_files import ShownItem, ShownLanguage, ShownText, site_files
from tests.flows.small_campaign import BOATS, FRENCH, Small, at


@pytest.fixture
def small(tmp_path: Path) -> Small:
    small = at("accepted", tmp_path)
    release_campaign(small.address, "1.0.0", str(tmp_path / "release"))
    return small


def shard_of(site: Path, number: int = 1) -> dict[str, object]:
    text = (site / f"items-{number:05}.js").read_text("utf-8")
    content = json.loads(text.removeprefix(f"shard({number},").removesuffix(");\n"))
    return dict(content)


def test_a_site_has_every_item_and_what_became_of_it_and_nobody(small: Small, tmp_path: Path) -> None:
    site = tmp_path / "site"
    browse_release(str(tmp_path / "release"), str(site), small.address)
    item = shard_of(site)["items"][BOATS]  # type: ignore[index]
    facts = {code: dict(text[3]) for code, text in item["texts"].items()}
    assert facts["eng_Latn"]["answered blind"] == "2 of 2 chose the key"
    assert facts["eng_Latn"]["reviewed"] == "2 of 2 would keep it as it is"
    assert facts[FRENCH]["proofreader"] == "accepted the draft as it was"
    assert facts[FRENCH]["revisions"] == "2"
    everything = "\n".join(path.read_text("utf-8") for path in site.iterdir())
    codes = [person.code for person in small.state.campaign.people]
    assert not re.search(rf"\b({'|'.join(codes)})\b", everything)


def test_the_same_release_gives_the_same_site(small: Small, tmp_path: Path) -> None:
    for out in ("one", "two"):
        browse_release(str(tmp_path / "release"), str(tmp_path / out))
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / out).iterdir()} for out in ("one", "two"))
    assert one == two
    assert small.state.campaign.about.title.encode() in one["index.html"]


def test_a_folder_that_is_no_release_is_named(tmp_path: Path) -> None:
    said = CliRunner().invoke(main, ["browse", str(tmp_path), "--out", str(tmp_path / "site")])
    assert said.exit_code == 2
    assert str(tmp_path) in said.output
    assert not (tmp_path / "site").exists()


def test_items_of_a_passage_share_its_text_and_a_shard() -> None:
    codes = [f"l{number:02}_Latn" for number in range(120)]
    items = [
        ShownItem(
            f"p{passage}-q{question}", f"https://x.org/{passage}", "test", 1,
            {code: ShownText(f"passage {passage} in {code}", "?", ("a", "b", "c", "d")) for code in codes},
        )
        for passage in range(3)
        for question in (1, 2)
    ]  # fmt: skip
    files = site_files("T", "1.0.0", codes[0], [ShownLanguage(code, code, "", "ltr") for code in codes], items)
    shards = [name for name in files if name.startswith("items-")]
    assert len(shards) == 3
    first = json.loads(files[shards[0]].decode().removeprefix("shard(1,").removesuffix(");\n"))
    assert list(first["items"]) == ["p0-q1", "p0-q2"]
    assert len(first["passages"]) == 120


@pytest.mark.browser
def test_a_reader_chooses_languages_and_finds_items(small: Small, tmp_path: Path, browser: Browser) -> None:
    site = tmp_path / "site"
    browse_release(str(tmp_path / "release"), str(site), small.address)
    page = browser.new_page(viewport={"width": 390, "height": 844})
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{(site / 'index.html').as_uri()}#languages=eng_Latn")
    expect(page.locator("article")).to_have_count(1)
    page.get_by_text("Languages:").click()
    page.get_by_role("checkbox", name="French").check()
    expect(page.locator("article")).to_have_count(2)
    expect(page.locator("article .text").nth(1)).to_have_attribute("lang", re.compile("^fr"))
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#place")).to_contain_text(BOATS)
    expect(page.locator("article li.key").first).to_contain_text("In a hut on the hill")
    page.get_by_text("Items:").click()
    page.get_by_placeholder("Find in questions and ids").fill("bread")
    expect(page.locator("#item-list button")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert faults == []
    page.close()
