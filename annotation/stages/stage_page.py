"""The record that describes a stage's page; each page module ends in one, and `PAGES` lists them.

Code that shows, publishes, reads or exports work uses the record of its stage and names no stage, so a new stage
is a new module and one entry in that list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from annotation.forms import label_configuration
from annotation.forms.submitted_form import Reading
from annotation.forms.work_file_columns import Sheet
from annotation.guidelines.quiz import Quiz
from data.ledger.tables import Stage

Payload = Mapping[str, Any]
"""What a task shows, as stored in the ledger."""


@dataclass(frozen=True)
class PageSetting:
    """What a page is made for.

    Attributes:
        language: the language being worked in.
        source_language: the language being worked from.
        feedback: whether to leave a place for the assistant's comments, on pages that have one.
        quiz: what the quiz page shows; None for our own quiz.
    """

    language: str
    source_language: str
    feedback: bool = False
    quiz: Quiz | None = None


@dataclass(frozen=True)
class StagePage:
    """What people see and submit at one stage.

    Attributes:
        stage: the stage.
        title: title of its workbench in Label Studio's lists; `{}` stands for the language.
        colour: of the workbench there, as #RRGGBB.
        listed: the task fields shown in the workbench's list.
        configuration: returns the label configuration, XML.
        read: reads a submission, from Label Studio's result list and the task's payload.
        refill: returns what a page starts from when it comes back with a submission, valid or not, from its result
            and what it was made on.
        result: the inverse of `read`: makes the result list from the stage's fields (none for an empty
            page), the task's payload, and the query ("" for none).
        sheet: how the work is done in a file.
        more: returns what the page shows besides the payload, computed each time; None if the payload is all.
        blind: whether the page must not reveal which answer is right, or anything that makes it likely.
        shows_key: whether it reveals that: an author's page once it was submitted, other pages from the start.
        shows_siblings: whether it shows the other questions on its passage, as they stand.
    """

    stage: Stage
    title: str
    colour: str
    listed: tuple[str, ...]
    configuration: Callable[[PageSetting], str]
    read: Callable[[object, Payload], Reading]
    refill: Callable[[object, Payload], dict[str, object]]
    result: Callable[[Mapping[str, Any], Payload, str], list[dict[str, Any]]]
    sheet: Sheet
    more: Callable[[Payload], dict[str, object]] | None = None
    blind: bool = False
    shows_key: bool = False
    shows_siblings: bool = False

    @property
    def version(self) -> int | None:
        """The version of the page's form, so that tasks with an older one are refreshed."""
        return label_configuration.VERSION if self.more else None

    def config(
        self, language: str, source_language: str, *, feedback: bool = False, quiz: Quiz | None = None
    ) -> str:
        """Return the label configuration with our guideline, XML; arguments as for `PageSetting`."""
        return self.configuration(PageSetting(language, source_language, feedback, quiz))

    def on_server(self, payload: Payload) -> Payload:
        """Return the part of a payload that goes on a server: for a blind page all but the order of answers.

        Many authors write the right answer first, and any account can open the data of a task.
        """
        return {name: value for name, value in payload.items() if name != "order"} if self.blind else payload

    def extra_fields(self, payload: Payload) -> dict[str, object]:
        """Return what the page needs besides the payload stored in the ledger."""
        return self.more(payload) if self.more else {}
