"""A campaign so small that a test can see all of it: two passages, one question each, two target languages.

Its people's work is taken in by file, through the validation that the servers' work goes through; so whatever
concerns no server is tested on a ledger alone. `at("kept", folder)` gives a campaign that has come so far: each
stage is played once a session and copied.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

import pandas as pd

from annotation.forms.review_criteria import CRITERIA
from annotation.labelstudio.client import LabelStudio
from data.campaign import new_campaign
from data.campaign.campaign import Campaign
from data.ledger import Ledger, tables
from data.ledger.tables import Stage
from flows.advance import advance
from flows.campaign_state import State
from flows.ledger_views.current_items import current_questions, current_translations
from flows.offline.work_import import import_work
from flows.progress import Progress
from flows.reports.lead_agenda import for_the_lead

BOATS, BAKERY = "boats-q1", "bakery-q1"
FRENCH, SWAHILI = "fra_Latn", "swh_Latn"

PASSAGES = {
    ("boats", "eng_Latn"): [
        "Amina mends boats beside the river.",
        "She learnt the work from her grandfather.",
        "In the rainy season the water rises, so she keeps her tools in a hut on the hill.",
    ],
    ("boats", FRENCH): [
        "Amina répare des bateaux au bord de la rivière.",
        "Elle a appris le métier auprès de son grand-père.",
        "À la saison des pluies l'eau monte, alors elle garde ses outils dans une cabane sur la colline.",
    ],
    ("boats", SWAHILI): [
        "Amina hutengeneza mashua kando ya mto.",
        "Alijifunza kazi hiyo kutoka kwa babu yake.",
        "Wakati wa masika maji hupanda, kwa hiyo huweka vifaa vyake katika kibanda kilicho juu ya kilima.",
    ],
    ("bakery", "eng_Latn"): [
        "The village bakery opens before sunrise.",
        "On market days the baker makes twice as much bread.",
        "What is left over goes to the school in the afternoon.",
    ],
    ("bakery", FRENCH): [
        "La boulangerie du village ouvre avant le lever du soleil.",
        "Les jours de marché, le boulanger fait deux fois plus de pain.",
        "Ce qui reste part à l'école l'après-midi.",
    ],
    ("bakery", SWAHILI): [
        "Duka la mikate la kijiji hufunguliwa kabla ya jua kuchomoza.",
        "Siku za soko mwokaji hutengeneza mikate maradufu.",
        "Mikate inayobaki hupelekwa shuleni alasiri.",
    ],
}

TEXTS: Mapping[tuple[str, str], Mapping[str, Any]] = {
    (BOATS, "eng_Latn"): {
        "question": "Where does Amina keep her tools in the rainy season?",
        "answers": [
            "In a hut on the hill",
            "Under the old bridge",
            "At her grandfather's house",
            "Inside the largest boat",
        ],
    },
    (BOATS, FRENCH): {
        "question": "Où Amina garde-t-elle ses outils à la saison des pluies ?",
        "answers": [
            "Dans une cabane sur la colline",
            "Sous le vieux pont",
            "Chez son grand-père",
            "Au fond du plus grand bateau",
        ],
    },
    (BOATS, SWAHILI): {
        "question": "Amina huweka wapi vifaa vyake wakati wa masika?",
        "answers": [
            "Katika kibanda juu ya kilima",
            "Chini ya daraja la zamani",
            "Nyumbani kwa babu yake",
            "Ndani ya mashua kubwa kabisa",
        ],
    },
    (BAKERY, "eng_Latn"): {
        "question": "Where does the bread go that is left over?",
        "answers": ["To the school", "To the market", "To the old mill", "To the hospital"],
    },
    (BAKERY, FRENCH): {
        "question": "Où part le pain qui reste à la fin de la journée ?",
        "answers": ["À l'école du village", "Au grand marché", "Au vieux moulin", "À l'hôpital voisin"],
    },
    (BAKERY, SWAHILI): {
        "question": "Mikate inayobaki hupelekwa wapi?",
        "answers": ["Shuleni kijijini", "Sokoni mjini", "Kwenye kinu cha zamani", "Hospitalini"],
    },
}
"""What a good author, and good translators, write; the key is always answer 1."""

PROMPT_WORDS: Mapping[str, Mapping[str, str]] = {
    FRENCH: {
        "passage_word": "Texte", "question_word": "Question", "answer_word": "Réponse", "option_labels": "A B C D",
        "colon": ":", "instruction": "Lisez le texte et choisissez la bonne réponse : {labels}.",
        "colon_space": "space", "word_space": "space", "sentence_space": "space",
    },
    SWAHILI: {
        "passage_word": "Kifungu", "question_word": "Swali", "answer_word": "Jibu", "option_labels": "A B C D",
        "colon": ":", "instruction": "Soma kifungu, kisha chagua jibu sahihi: {labels}.",
        "colon_space": "none", "word_space": "space", "sentence_space": "space",
    },
}  # fmt: skip
"""The words around an item, as columns of a work file."""

PEOPLE = """
[[people]]
code = "ana"
roles = ["authoring"]

[[people]]
code = "ben"
roles = ["authoring"]

[[people]]
code = "r1"
roles = ["reviewing"]

[[people]]
code = "r2"
roles = ["reviewing"]

[[people]]
code = "r3"
roles = ["reviewing"]

[[people]]
code = "t1"
roles = ["translating"]
languages = ["fra_Latn"]

[[people]]
code = "t2"
roles = ["translating"]
languages = ["fra_Latn"]

[[people]]
code = "p1"
roles = ["proofreading"]
languages = ["fra_Latn"]

[[people]]
code = "p2"
roles = ["proofreading"]
languages = ["fra_Latn"]

[[people]]
code = "s1"
roles = ["translating"]
languages = ["swh_Latn"]

[[people]]
code = "s2"
roles = ["proofreading"]
languages = ["swh_Latn"]
"""


def good(stage: str, question: str, language: str) -> dict[str, Any]:
    """What somebody submits who finds no fault, as the columns of an offline file."""
    match stage:
        case "authoring":
            text = TEXTS[question, language]
            notes = {f"note{n}": f"Sentence {n} says otherwise." for n in (2, 3, 4)}
            return {**item(text["question"], text["answers"]), "key": "1", "evidence": "1", **notes}
        case "guessing":
            return {"choice": 2, "why": "blind"}
        case "adjudicating":
            return {"decision": "keep", "reason": "Sentence 1 settles it."}
        case "answering":
            return {"choice": 1, "sure": "yes"}  # an identity, not a letter: `Small.submit` knows the order
        case "judging":
            return {**{f"rubric_{name}": "yes" for name in CRITERIA}, "recommend": "keep"}
        case "translating":
            text = TEXTS[question, language]
            return item(text["question"], text["answers"])
        case "wording":
            return PROMPT_WORDS[language]
        case _:
            return {"outcome": "accept"}


def item(question: str, answers: list[str]) -> dict[str, str]:
    """A question and its answers as columns."""
    return {"question": question, **{f"answer{n}": text for n, text in enumerate(answers, start=1)}}


def _work(key: str, shown: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    stage, language, question = key.split("/")[:3]
    if fields.get("query"):
        return dict(fields)
    work = {**good(stage, question, language), **fields}
    if work.get("outcome") in ("corrected", "return"):
        work = {"errors": "style/minor", **work}
    if stage in ("guessing", "answering") and isinstance(work["choice"], int):
        letter = "ABCD"[shown["order"].index(work["choice"])] if work["choice"] else "none"
        work["choice"] = letter
    return work


class Small:
    """The campaign, and what a test does with it."""

    def __init__(self, folder: Path, servers: Mapping[str, LabelStudio] | None = None, address: str = "") -> None:
        self.folder = folder
        self.address = address or str(folder)
        self.servers = servers or {}

    @property
    def state(self) -> State:
        """Where it stands now."""
        return State(Campaign.load(self.address), Ledger(self.address))

    def advance(self) -> Progress:
        """One advance."""
        return advance(self.address, self.servers)

    def open(self, stage: str = "", language: str = "", question: str = "", person: str = "") -> pd.DataFrame:
        """The open tasks, of one stage, language, question or person."""
        tasks = self.state.tasks
        tasks = tasks[tasks["open"]]
        for column, value in {
            "stage": stage, "language": language, "question_id": question, "person": person,
        }.items():  # fmt: skip
            tasks = tasks[tasks[column] == value] if value else tasks
        return tasks

    def keys(self, stage: str = "", language: str = "", question: str = "", person: str = "") -> list[str]:
        """The keys of the open tasks, sorted."""
        return sorted(self.open(stage, language, question, person)["task_key"])

    def shown(self, key: str) -> dict[str, Any]:
        """What a task shows."""
        return self.state.payloads_of({key})[key]

    def submit(self, *keys: str, **fields: Any) -> int:
        """Somebody does tasks by file, well but for the columns given; with a query, those columns alone.

        Returns:
            How many pieces of work were taken in.
        """
        shown = self.state.payloads_of(set(keys))
        lines = [{"task_key": key, **_work(key, shown[key], fields)} for key in keys]
        file = self.folder / "work.jsonl"
        file.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), "utf-8")
        return import_work(self.state, str(file)).pieces

    def play(self, until: Callable[[State], bool], most: int = 12) -> None:
        """Everybody does well whatever is open, until something holds."""
        for _ in range(most):
            self.advance()
            if until(self.state):
                return
            self.submit(*self.keys())
        raise AssertionError(f"not reached in {most} rounds")

    def question(self, question: str) -> pd.Series:
        """The latest revision of a question with its decision."""
        now = current_questions(self.state)
        return now[now["question_id"] == question].iloc[0]

    def translation(self, question: str, language: str) -> pd.Series:
        """The latest revision of a translation with its decision, and its text."""
        state = self.state
        now = current_translations(state)
        now = now[(now["question_id"] == question) & (now["language"] == language)]
        texts = state.translation_texts({question})[["language", "revision", "question", "answers"]]
        return now.merge(texts, on=["language", "revision"]).iloc[0]

    def agenda(self) -> list[str]:
        """What waits for the lead."""
        return [str(point) for point in for_the_lead(self.state)]

    def configure(self, old: str, new: str) -> None:
        """Change campaign.toml."""
        file = self.folder / "campaign.toml"
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")


def begin(folder: Path, campaign_id: str = "small", address: str = "") -> Small:
    """A campaign that nothing was done in yet.

    Args:
        folder: a new one, for the source and for work on its way.
        campaign_id: stands in its workbenches' titles.
        address: where the campaign is to be; in the folder by default.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        {"passage_id": passage, "language": language, "sentences": sentences,
         "link": f"https://example.org/{passage}", "domain": "story", "topic": passage}
        for (passage, language), sentences in PASSAGES.items()
    ]  # fmt: skip
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    (folder / "passages.jsonl").write_text(text, "utf-8")
    toml = new_campaign.template(
        id=campaign_id, title="Small", source="parallel", languages=[FRENCH, SWAHILI],
        path=str(folder / "passages.jsonl") if address else "passages.jsonl",
    )  # fmt: skip
    toml = toml.replace("questions_per_passage = 2", "questions_per_passage = 1")
    new_campaign.init(address or str(folder), toml.replace("dev = 40", "dev = 0") + PEOPLE)
    return Small(folder, address=address)


def at(stage: str, folder: Path, campaign_id: str = "small") -> Small:
    """A campaign in which everything has come so far, and no further, all done well.

    Args:
        stage: what is open: authoring, answering, judging, translating, proofreading; or "accepted" for nothing.
        folder: a new one.
        campaign_id: its own where it meets others on a server.
    """
    shutil.copytree(_played(stage), folder / "campaign")
    small = Small(folder / "campaign")
    small.state.ledger.version()  # every table is looked at once, so that the copy is no copy any more
    if campaign_id != "small":
        small.configure('id = "small"', f'id = "{campaign_id}"')
        campaign = Campaign.load(small.address)
        small.state.ledger.append(
            tables.EVENTS,
            [
                {
                    "kind": "campaign_changed",
                    "subject": campaign.hash,
                    "language": "1",
                    "detail": campaign.to_json(),
                }
            ],
        )
    return small


@cache
def _place() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="small-campaign-")


@cache
def _played(stage: str) -> Path:
    order = ["authoring", "answering", "judging", "translating", "proofreading", "accepted"]
    folder = Path(_place().name) / stage
    if stage == "authoring":
        begin(folder).advance()
        return folder
    before = cast("Stage", order[order.index(stage) - 1])
    shutil.copytree(_played(before), folder)
    small = Small(folder)
    small.submit(*small.keys(before))
    small.advance()
    return folder
