"""Pages speak each person's language, what the lead has corrected wins, and no task is made anew for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotation.labelstudio.client import LabelStudio
from data.ledger.events import TaskPublished, details_of
from data.ledger.tables import EVENTS
from flows.reports import preflight_check
from flows.workbenches.workbench_pages import WorkbenchPages
from tests.flows.small_campaign import BOATS, Small, at

HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'


@pytest.fixture
def small(tmp_path: Path, studio: LabelStudio, campaign_id: str) -> Small:
    campaign = at("answering", tmp_path, campaign_id)
    campaign.servers = {"main": studio}
    return campaign


def reviewer(small: Small) -> str:
    return str(small.open("answering", question=BOATS)["person"].iloc[0])


def speaking(small: Small, code: str) -> str:
    """The campaign, with the pages of one of its reviewers in a language; returns who it is."""
    person = reviewer(small)
    small.configure(f'code = "{person}"', f'code = "{person}"\npage_language = "{code}"')
    return person


def test_other_words_change_the_page_once_and_no_task_is_made_anew(small: Small, studio: LabelStudio) -> None:
    def there() -> dict[str, tuple[int, object]]:
        benches = studio.workbenches(f"{small.state.campaign.id}/").values()
        return {task.key: (task.id, task.data["about"]) for bench in benches for task in studio.tasks(bench)}

    small.advance()
    before, tasks = there(), set(small.state.tasks["task_key"])
    assert {about for _, about in before.values()} == {"Passage"}
    english = [one.words for one in details_of(small.state.events(TaskPublished), TaskPublished)]
    assert english and set(english) == {None}
    person = speaking(small, "arb_Arab")
    mine = set(small.keys("answering", person=person))
    small.advance()
    after = there()
    assert {key: number for key, (number, _) in after.items()} == {key: n for key, (n, _) in before.items()}
    assert {key for key, (_, about) in after.items() if about == "النص"} == mine
    assert set(small.state.tasks["task_key"]) == tasks
    assert {small.shown(key)["about"] for key in mine} == {"Passage"}, "the ledger keeps English"
    events = len(small.state.ledger.read(EVENTS, ["event_id"]))
    assert small.advance().idle
    assert there() == after and len(small.state.ledger.read(EVENTS, ["event_id"])) == events


def test_the_lead_s_words_win_and_a_broken_one_is_told_and_stays_english(small: Small) -> None:
    folder = small.folder / "guidelines"
    folder.mkdir()
    file = folder / "words.fra_Latn.po"
    broken = 'msgid "Sure"\nmsgstr "Sûr et certain"\n\nmsgid "Comment"\nmsgstr "{0} mot"\n'
    file.write_text(HEAD + broken + '\nmsgid "Of old"\nmsgstr "Jadis"\n', "utf-8")
    small.configure('# folder = "guidelines"', 'folder = "guidelines"')
    person = speaking(small, "fra_Latn")
    told = [one for one in small.advance().problems if "words.fra_Latn.po" in one]
    assert "words.fra_Latn.po: line 7: msgid “Comment”: it has {0} where English has no place" in told[0]
    assert "no page says 1 message of it, as “Of old”" in told[1]
    title = small.state.campaign.workbench_title("answering", "eng_Latn", person)
    form, _, listed, _ = WorkbenchPages(small.state).of(title)
    assert '<Choice value="Sûr et certain" alias="sure"' in form
    assert '<Header value="Commentaire" size="5"/>' in form, "ours, where the lead's cannot be shown"
    assert listed.endswith("Répondre à l’aveugle en English")
    found = [str(one) for one in preflight_check.examine(small.address)]
    assert any("msgid “Comment”" in one for one in found)
    assert not any("no native speaker has checked" in one for one in found), "the lead has a file for it"
    file.unlink()
    (folder / "judging.md").write_text("# Judge well\n", "utf-8")
    assert any("pages in French" in str(one) for one in preflight_check.examine(small.address))
    small.advance()
    assert '<Choice value="Sûr" alias="sure"' in WorkbenchPages(small.state).of(title)[0]
