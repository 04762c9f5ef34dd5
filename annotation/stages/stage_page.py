"""What a stage's page is, in one record; each page module ends in its own, and `annotation.stages.PAGES` has all.

Whoever shows, publishes, reads or exports work asks the record of its stage and knows no stage by name, so a new
stage is a new module and an entry in that list.
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
"""What a task shows, as it rests in the ledger."""


@dataclass(frozen=True)
class PageSetting:
    """What a page is made for.

    Attributes:
        language: that is worked in.
        source_language: that is worked from.
        feedback: whether there is a place for the assistant's words, on pages that know one.
        quiz: that the quiz's page shows; ours for None.
    """

    language: str
    source_language: str
    feedback: bool = False
    quiz: Quiz | None = None


@dataclass(frozen=True)
class StagePage:
    """What people see and hand in at one stage.

    Attributes:
        stage: whose page it is.
        title: what its workbench is called in Label Studio's lists; `{}` stands for the language.
        colour: of the workbench there, as #RRGGBB.
        listed: the fields of a task that stand in the workbench's list.
        configuration: the label configuration, XML.
        read: what a submission says, from Label Studio's result list and the task's payload.
        refill: what a page starts from that comes back with a submission, valid or not.
        result: the reverse of `read`: the result list for the stage's fields (none at all for an empty page), the
            task's payload, and the query ("" for none).
        sheet: how the work is done in a file.
        more: what the page shows besides the payload, made anew from it each time; None where the payload is all.
        blind: whether the page must not tell which answer is right, nor what makes that likely.
        shows_key: whether it tells that: the author's own from its submission on, others from the beginning.
    """

    stage: Stage
    title: str
    colour: str
    listed: tuple[str, ...]
    configuration: Callable[[PageSetting], str]
    read: Callable[[object, Payload], Reading]
    refill: Callable[[object], dict[str, object]]
    result: Callable[[Mapping[str, Any], Payload, str], list[dict[str, Any]]]
    sheet: Sheet
    more: Callable[[Payload], dict[str, object]] | None = None
    blind: bool = False
    shows_key: bool = False

    @property
    def version(self) -> int | None:
        """Which form of the page a task is shown with, where one that shows an older form is renewed."""
        return label_configuration.VERSION if self.more else None

    def config(
        self, language: str, source_language: str, *, feedback: bool = False, quiz: Quiz | None = None
    ) -> str:
        """The label configuration with our guideline, XML; arguments as of `PageSetting`."""
        return self.configuration(PageSetting(language, source_language, feedback, quiz))

    def on_server(self, payload: Payload) -> Payload:
        """What of a payload stands on a server: of a blind one all but the order its author put the answers in.

        Many authors write the right answer first, and whoever has an account can open the data of a task.
        """
        return {name: value for name, value in payload.items() if name != "order"} if self.blind else payload

    def shown(self, payload: Payload) -> dict[str, object]:
        """What the page needs besides the payload that rests in the ledger."""
        return self.more(payload) if self.more else {}
