"""The rota: assigns work by passage, evenly, within each person's limits, and never a person's own.

The passage is the unit because reading it is the cost: whoever has a passage in a stage and language keeps it for
every question and round until they skip it or the lead reassigns them. A new passage goes to the person with the
fewest. Among authors with equally many it goes to the one with the fewest of the passage's domain; turn-taking
alone could give one author all the news and another all the travel. Ties follow the order in campaign.toml, so the
same ledger gives the same assignment.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import MappingProxyType

from data.campaign.settings import ROLE_OF, Person, Role
from data.ledger.tables import Stage

Place = tuple[str, str, str]
"""Stage, language, passage_id."""


class Rota:
    """Picks people for passages and remembers its picks.

    Args:
        people_for: role, language -> those who may do it, in campaign.toml's order.
        handed_out: (stage, language, passage_id, person) of every task that was not closed, oldest first.
        barred: (stage, language, passage_id, person) that skipped it or were reassigned away from it.
        preferred: the person to whom the lead gave a place by name, even beyond their limit.
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
        roles: Sequence[Role] = (),
    ) -> list[str]:
        """Pick the people for a place: those who hold it already, then the least loaded.

        Args:
            stage: the stage.
            language: the language worked in.
            passage_id: the passage.
            count: how many people are wanted.
            never: codes that must not get it, for example because they would judge their own work.
            last: codes that get it only if there is nobody else, for example because they saw the key.
            roles: the roles of which any may do the work; by default that of the stage.

        Returns:
            At most `count` codes; fewer when there are not enough people.
        """
        place = (stage, language, passage_id)
        wish = self._preferred.get(place)
        held = self._holders[place]
        asked = roles or (ROLE_OF[stage],)
        people = {person.code: person for role in asked for person in self._people_for(role, language)}
        able = [
            code
            for code, person in people.items()
            if code not in never
            and (*place, code) not in self._barred
            and (code in (*held, wish) or self._takes(person, asked, stage, language))
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
        """Whether a person has the role of a stage and was not turned away from this place."""
        able = {one.code for one in self._people_for(ROLE_OF[stage], language)}
        return person in able and (stage, language, passage_id, person) not in self._barred

    def _takes(self, person: Person, roles: Sequence[Role], stage: Stage, language: str) -> bool:
        """Whether a person takes one more passage of this stage and language, by the least of their limits."""
        limits = [(person.max_passages or {}).get(role, math.inf) for role in roles if role in person.roles]
        return self._load[stage, language, person.code] < min(limits, default=math.inf)

    def _of_kind(self, stage: Stage, language: str, passage_id: str, person: str) -> int:
        """Return how many passages of this one's domain an author has; 0 in other stages."""
        if stage != "authoring":
            return 0
        return self._kinds[stage, language, self._domains.get(passage_id, ""), person]

    def _take(self, place: Place, person: str) -> None:
        if person not in self._holders[place]:
            self._holders[place].append(person)
            self._load[place[0], place[1], person] += 1
            self._kinds[place[0], place[1], self._domains.get(place[2], ""), person] += 1
