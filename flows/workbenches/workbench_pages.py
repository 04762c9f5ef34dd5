"""The pages of each workbench: its form, its guideline, and its name in Label Studio's lists.

They follow from the campaign and the guideline in force. The ledger records the seal of the intended page and the
seal of what the server made of it, so that other people's changes can be told from ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

import pandas as pd

from annotation.forms import label_configuration
from annotation.guidelines.quiz import Quiz
from annotation.labelstudio.annotation_server import AnnotationServer
from annotation.labelstudio.client import Workbench
from annotation.labelstudio.workbenches.content_seals import differing, of_pages, project_fields
from annotation.stages import page_of
from annotation.words.catalogues import Words
from annotation.words.form_words import spoken
from annotation.words.task_words import in_words
from data.ledger.events import Altered, Page, by_subject
from data.ledger.tables import Row, Stage
from data.ledger.task_keys import WorkbenchTitle
from flows.campaign_state import State
from flows.ledger_views.lead_queries import notices_on
from flows.ledger_views.sibling_questions import siblings
from flows.ledger_views.words_in_force import words_for
from flows.stages.qualification_tasks import quizzes_before
from flows.workbenches import guideline_versions, outcome_cards
from flows.workbenches.placed_workbenches import place
from flows.workbenches.stage_titles import stage_title


class WorkbenchPages:
    """The pages of a campaign's workbenches, as they should be and as last published."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._forms: dict[tuple[str, str, str], tuple[str, str]] = {}
        self._said: dict[tuple[str, str], str] = {}

    @cached_property
    def noted(self) -> dict[str, Page]:
        """The latest record of each workbench, by title."""
        return by_subject(self._state.events(Page), Page)

    @cached_property
    def _quiz_before(self) -> Callable[[str], Quiz]:
        return quizzes_before(self._state)

    def of(self, title: str) -> tuple[str, str, str, str]:
        """Return a workbench's configuration, guideline, description and colour, for `LabelStudio.open`."""
        place = WorkbenchTitle.parse(title)
        stage, language, person = place.stage, place.language, place.person
        page = page_of(stage)
        words = words_for(self._state, person)
        form, guideline = self._form(stage, language, person if stage == "qualifying" else "")
        title = stage_title(stage, language, words)
        # The list cuts off the end of a long title.
        return self._spoken(form, words), guideline, f"{person} · {title}", page.colour

    def _spoken(self, form: str, words: Words) -> str:
        """Return a form in somebody's words; each once for all who have them."""
        if (form, words.version) not in self._said:
            self._said[form, words.version] = spoken(form, words)
        return self._said[form, words.version]

    def _form(self, stage: Stage, language: str, person: str) -> tuple[str, str]:
        if (stage, language, person) not in self._forms:
            state = self._state
            text, _ = guideline_versions.guideline_shown(state, stage, language)
            quiz = self._quiz_before(person) if person else None
            feedback = state.campaign.assistant.enabled
            form = page_of(stage).config(language, state.source_language, feedback=feedback, quiz=quiz)
            self._forms[stage, language, person] = (
                label_configuration.guided(form, stage, text),
                label_configuration.guideline(text),
            )
        return self._forms[stage, language, person]

    def seal(self, title: str) -> str:
        """Return the seal of what a workbench should show."""
        return of_pages(project_fields(*self.of(title)))

    def is_right(self, title: str, served: str) -> bool:
        """Whether a workbench with this seal shows what it should."""
        wanted, note = self.seal(title), self.noted.get(title)
        return served == wanted or (note is not None and (wanted, served) == (note.wanted, note.served))

    def is_kept(self, title: str, served: str) -> bool:
        """Whether it does, and the ledger says so."""
        note = self.noted.get(title)
        return note is not None and note.wanted == self.seal(title) and self.is_right(title, served)

    def is_altered(self, title: str, served: str) -> bool:
        """Whether somebody changed a workbench with this seal: it is not what we published."""
        note = self.noted.get(title)
        return note is not None and served not in (note.wanted, note.served) and not self.is_right(title, served)

    def open(
        self, servers: Mapping[str, AnnotationServer], name: str, title: str, standing: Workbench | None
    ) -> tuple[Workbench, list[Row]]:
        """Open the workbench of this title, created or corrected if need be.

        Args:
            servers: by name.
            name: of its server.
            title: the workbench's.
            standing: the workbench as it was listed; None if it was not there.

        Returns:
            The workbench as it stands now, and the rows to record.
        """
        server = servers[name]
        workbench = server.open(title, *self.of(title), standing=standing)
        wanted, note = self.seal(title), self.noted.get(title)
        rows = [] if standing else [place(name, workbench)]
        number = note.number + 1 if note else 1  # so that A→B→A stays three events
        if note is not None and workbench.before and self.is_altered(title, workbench.before):
            times = int((self._state.events(Altered)["subject"] == title).sum())
            if standing is None or not self.is_altered(title, standing.seal):  # changed since it was listed
                times += 1
                what = differing(note.served, workbench.before)
                rows.append(Altered(name, title, what, times, [], lasts=True).row(title))
            there = server.submissions([workbench], full=True).submissions
            righted = max((one.updated_at for one in there), default=None)
            last = righted.isoformat() if righted else ""
            return workbench, [*rows, Page(wanted, workbench.seal, number, righted=last, altered=times).row(title)]
        if note is None or (note.wanted, note.served) != (wanted, workbench.seal):
            rows.append(Page(wanted, workbench.seal, number).row(title))
        return workbench, rows


# What a task shows -----------------------------------------------------------------------------------------


def task_data(state: State, tasks: pd.DataFrame) -> dict[str, dict[str, object]]:
    """Return what each task shows now: its payload, replies, sibling questions, and the outcome of done work."""
    payloads = state.payloads_of(set(tasks["task_key"]))
    ended = outcome_cards.cards(state, set(tasks["task_key"][tasks["done"]]))
    found = {}
    words = {person: words_for(state, person) for person in set(tasks["person"])}
    columns = (tasks[name] for name in ("task_key", "passage_id", "stage", "question_id", "person"))
    for key, passage, stage, subject, person in zip(*columns, strict=True):
        page = page_of(stage)
        payload = page.on_server(payloads[key])
        nothing = {} if page.blind else outcome_cards.NOTHING
        beside: dict[str, object] = {"notices": notices_on(state, passage, stage)}
        if page.shows_siblings:
            beside["siblings"] = siblings(state, passage, subject)
        shown = {**nothing, **payload, **page.extra_fields(payload), **beside, **ended.get(key, {})}
        found[key] = in_words(shown, words[person])
    return found
