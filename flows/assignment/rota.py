"""Who gets which work: by passage, evenly, never one's own, never more than somebody takes.

The passage is the unit, because reading it is the cost: whoever has a passage in a stage and language keeps it
for every question and every round, until they skip it or the lead reassigns them. New passages go to whoever has
the least; of authors who have equally many, to whoever has the least of the passage's domain, or turns would give
one of them all the news and another all the travel. Ties go by the order in campaign.toml, so the same ledger
gives the same assignment.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from types import MappingProxyType

from data.campaign.settings import ROLE_OF, Person, Role
from data.ledger.tables import Stage

Place = tuple[str, str, str]
"""Stage, language, passage_id."""


class Rota:
    """Picks people for passages and remembers what it picked.

    Args:
        people_for: role, language -> those who may do it, in campaign.toml's order.
        handed_out: (stage, language, passage_id, person) of every task that was not closed, oldest first.
        barred: (stage, language, passage_id, person) that skipped it or were reassigned away from it.
        preferred: the person to whom the lead gave a place by name; also beyond what they take.
        domains: of passages, by passage_id.
    """

    def __init__(
        self,
        people_for: Callable[[Role, str], list[Person]],
        handed_out: Iterable[tuple[str, str, str, str]],
        barred: Collection[tuple[str, str, str, str]],
        preferred: Mapping[Place, str],
        domains: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._domains = domains
        self._kinds: Counter[tuple[str, str, str, str]] = Counter()
        self._people_for = people_for
        self._barred = set(barred)
        self._preferred = preferred
        self._holders: dict[Place, list[str]] = defaultdict(list)
        self._load: Counter[tuple[str, str, str]] = Counter()
        for stage, language, passage_id, person in handed_out:
            self._take((stage, language, passage_id), person)

    def pick(
        self,
        stage: Stage,
        language: str,
        passage_id: str,
        count: int,
        never: Collection[str],
        last: Collection[str] = (),
        role: Role | None = None,
    ) -> list[str]:
        """The people for a place: those who hold it already first, then the least loaded.

        Args:
            stage: the stage.
            language: the language worked in.
            passage_id: the passage.
            count: how many people are wanted.
            never: codes that must not get it, because the work judged there is their own, say.
            last: codes that should get it only when there is nobody else, because they saw the key, say.
            role: whose work it is; by default that of the stage.

        Returns:
            At most `count` codes; fewer when there are not enough people.
        """
        place = (stage, language, passage_id)
        wish = self._preferred.get(place)
        held = self._holders[place]
        able = [
            person.code
            for person in self._people_for(role or ROLE_OF[stage], language)
            if person.code not in never
            and (*place, person.code) not in self._barred
            and (person.code in (*held, wish) or self._takes(person, role or ROLE_OF[stage], stage, language))
        ]
        order = {code: rank for rank, code in enumerate(able)}
        ranked = sorted(
            able,
            key=lambda code: (
                code != wish, code in last, code not in held, self._load[stage, language, code],
                self._of_kind(stage, language, passage_id, code), order[code],
            ),
        )  # fmt: skip
        chosen = ranked[:count]
        for code in chosen:
            if code not in held:
                self._take(place, code)
        return chosen

    def may(self, stage: Stage, language: str, passage_id: str, person: str) -> bool:
        """Whether somebody has the role of a stage and was not turned away from this place."""
        able = {one.code for one in self._people_for(ROLE_OF[stage], language)}
        return person in able and (stage, language, passage_id, person) not in self._barred

    def _takes(self, person: Person, role: Role, stage: Stage, language: str) -> bool:
        """Whether somebody takes one more passage of this stage and language."""
        return self._load[stage, language, person.code] < (person.max_passages or {}).get(role, math.inf)

    def _of_kind(self, stage: Stage, language: str, passage_id: str, person: str) -> int:
        """How many passages of this one's domain an author has; of other stages none is counted."""
        if stage != "authoring":
            return 0
        return self._kinds[stage, language, self._domains.get(passage_id, ""), person]

    def _take(self, place: Place, person: str) -> None:
        if person not in self._holders[place]:
            self._holders[place].append(person)
            self._load[place[0], place[1], person] += 1
            self._kinds[place[0], place[1], self._domains.get(place[2], ""), person] += 1
