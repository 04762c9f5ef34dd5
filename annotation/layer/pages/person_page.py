"""A person's own page, /me: everything that is open for them, what comes next, and what became of their work.

Counts are Label Studio's own and of this moment; the rest is what the program delivered (`kept_pages`). An account
for which nothing was delivered sees its workbenches as Label Studio names them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.formats import number_format

from . import messages
from .kept_pages import Page
from .open_work import Bench, Fate, benches, fates


def gettext(text: str) -> str:
    """Mark a text for the catalogues; it is translated when it is shown."""
    return text


_SAID = {
    "title": gettext("Your work"),
    "next": gettext("Next"),
    "start": gettext("Start"),
    "resume": gettext("Continue"),
    "key": gettext("or press Enter"),
    "nothing": gettext("Nothing is waiting for you."),
    "later": gettext("New work appears here by itself; keep this address."),
    "only_computer": gettext("What waits for you needs a computer"),
    "come_back": gettext("Open this same address on one. On a phone you can answer questions."),
    "computer": gettext("needs a computer"),
    "open": gettext("Open for you"),
    "finished": gettext("Nothing open at the moment"),
    "guidelines": gettext("Guidelines"),
    "list": gettext("All tasks"),
    "elsewhere": gettext("On other servers"),
    "fates": gettext("What became of your work"),
    "no_fates": gettext("Nothing has been decided so far."),
    "whole": gettext("How far it all is"),
    "pay": gettext("Hours and pay"),
    "pay_rule": gettext(
        "What counts on your invoice so far. Hours are measured while a page is open, at most half an hour a task."
    ),
    "hours": gettext("hours"),
    "account": gettext("Account"),
    "log_out": gettext("Log out"),
    "back": gettext("To your work"),
    "lead": gettext("The lead's page"),
}

_COUNT = gettext("{count} open")
_DONE = gettext("{count} done")

_DUE = gettext("due {date}")
_LATE = gettext("was due {date}")
_OF = gettext("{done} of {of}")
_WHOLE = {
    "questions": gettext("Questions accepted"),
    "translations": gettext("Translations accepted: {language}"),
}
_DECIDED = {
    "keep": gettext("{count} accepted"),
    "revise": gettext("{count} came back"),
    "drop": gettext("{count} dropped"),
}
_PIECES = {
    "questions": gettext("questions accepted"),
    "translations": gettext("translations accepted"),
    "proofread": gettext("translations proofread and accepted"),
    "guesses": gettext("guesses"),
    "answers": gettext("questions answered"),
    "judgements": gettext("questions judged"),
    "adjudications": gettext("disputes settled"),
    "prompt_words": gettext("sheets of words"),
    "quizzes": gettext("quizzes"),
    "trials": gettext("trial questions"),
}


@dataclass(frozen=True)
class Work:
    """A workbench as the page shows it."""

    project: int
    title: str
    colour: str
    open: int
    count: str
    done: str
    begun: bool
    due: str
    late: bool
    phone: bool
    share: int


class PersonPage:
    """One account's page.

    Args:
        delivered: the account's pages, one for each campaign.
        projects: the numbers of the projects where the account works.
        language: the browser's language, where nothing was delivered.
    """

    def __init__(self, delivered: list[Page], projects: frozenset[int], language: str) -> None:
        self._delivered = delivered
        self._projects = projects
        self.language = next((str(one["language"]) for one in delivered), language)
        self._own = {text: said for one in delivered for text, said in one.get("words", {}).items()}

    def said(self, text: str, **values: object) -> str:
        """Return a text in the person's language; the lead's own words win."""
        found = self._own.get(text) or messages.translated(text, self.language)
        return found.format(**values) if values else found

    def work(self) -> list[Work]:
        """Return the workbenches, those with open work first, by what is due first."""
        standing = benches(self._projects)
        told = {int(one["project"]): one for page in self._delivered for one in page["work"]}
        order = {number: place for place, number in enumerate([*told, *sorted(set(standing) - set(told))])}
        due = {number: str(told.get(number, {}).get("due", "")) or "9999" for number in standing}
        ordered = sorted(standing, key=lambda one: (not standing[one].open, due[one], order[one]))
        return [self._work(standing[number], told.get(number, {})) for number in ordered]

    def _work(self, bench: Bench, told: Mapping[str, Any]) -> Work:
        due = date.fromisoformat(told["due"]) if told.get("due") else None
        late = due is not None and bench.open > 0 and due < timezone.localdate()
        total = bench.open + bench.done
        return Work(
            bench.project,
            str(told.get("title") or bench.title),
            bench.colour if bench.colour != "#FFFFFF" else "",
            bench.open,
            self.said(_COUNT, count=self._number(bench.open)),
            self.said(_DONE, count=self._number(bench.done)),
            bench.begun > 0,
            self.said(_LATE if late else _DUE, date=due.isoformat()) if due and bench.open else "",
            late,
            bool(told.get("phone")),
            round(100 * bench.done / total) if total else 0,
        )

    def upcoming(self, without: int = 0, *, phone: bool = False) -> Work | None:
        """Return where the next piece of work is.

        Args:
            without: a workbench that comes last, since its own list has just ended.
            phone: whether it must be work that can be done on a phone.
        """
        found = [one for one in self.work() if one.open and (one.phone or not phone)]
        return min(found, key=lambda one: one.project == without, default=None)

    def words(self) -> dict[str, str]:
        """Return what the templates say, with their language and its direction."""
        said = {name: self.said(text) for name, text in _SAID.items()}
        return {**said, "language": self.language, "direction": messages.direction_of(self.language)}

    def facts(self) -> dict[str, Any]:
        """Return what the template shows."""
        work = self.work()
        opened = [one for one in work if one.open]
        return {
            "words": self.words(),
            "campaigns": [str(one["title"]) for one in self._delivered],
            "person": ", ".join(dict.fromkeys(str(one["person"]) for one in self._delivered)),
            "first": next(iter(opened), None),
            "first_on_phone": next((one for one in opened if one.phone), None),
            "open": opened,
            "finished": [one for one in work if not one.open and one.share],
            "elsewhere": [self._elsewhere(one) for page in self._delivered for one in page["elsewhere"]],
            "fates": self._fates(),
            "decided": list(self._decided()),
            "whole": [self._whole(one) for page in self._delivered for one in page["whole"] if one["of"]],
            "paid": list(self._paid()),
        }  # fmt: skip

    def _elsewhere(self, told: Mapping[str, Any]) -> dict[str, str]:
        count = self.said(_COUNT, count=self._number(told["open"])) if told["open"] else ""
        return {"url": str(told["url"]), "title": str(told["title"]), "count": count}

    def _fates(self) -> list[Fate]:
        return fates(self._projects)

    def _decided(self) -> Iterator[str]:
        for name, text in _DECIDED.items():
            count = sum(int(page["decided"].get(name, 0)) for page in self._delivered)
            if count:
                yield self.said(text, count=self._number(count))

    def _whole(self, told: Mapping[str, Any]) -> dict[str, Any]:
        done, of = int(told["done"]), int(told["of"])
        return {
            "says": self.said(_WHOLE[told["what"]], language=f"\u2068{told.get('language', '')}\u2069"),
            "count": self.said(_OF, done=self._number(done), of=self._number(of)),
            "share": round(100 * done / of) if of else 0,
        }

    def _paid(self) -> Iterator[tuple[str, str]]:
        for page in self._delivered:
            for one in page["paid"]:
                yield self._number(one["count"]), self.said(_PIECES.get(one["what"], one["what"]))
            if page["hours"]:
                yield number_format(page["hours"], 1), self.said(_SAID["hours"])

    @staticmethod
    def _number(count: int) -> str:
        return str(number_format(count, force_grouping=True))
