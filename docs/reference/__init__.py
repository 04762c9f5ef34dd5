"""The pages that are made from the code, each by a module of its own.

Definitions in the code (keys of campaign.toml, commands, checks, rules, tables) are read from it, so that no page
can contradict the program. `docs/conf.py` has the pages written before every build.
"""

from __future__ import annotations

from collections.abc import Callable

from reference import (
    campaign_toml,
    changelog,
    checks,
    commands,
    decisions,
    event_kinds,
    layouts,
    ledger,
    packages,
    rules,
    server_access,
)

GENERATED_PAGES: dict[str, Callable[[], str]] = {
    "reference/campaign-toml.md": campaign_toml.page,
    "reference/commands.md": commands.page,
    "reference/checks.md": checks.page,
    "reference/rules.md": rules.page,
    "reference/ledger.md": ledger.page,
    "reference/events.md": event_kinds.page,
    "reference/server-access.md": server_access.page,
    "reference/layouts.md": layouts.page,
    "reference/packages.md": packages.page,
    "decisions.md": decisions.page,
    "changelog.md": changelog.page,
}
"""The function that writes each page, by its path in `docs/`."""
