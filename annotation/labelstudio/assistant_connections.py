"""The assistant that a workbench's pages ask, and the webhooks to which a server sends events."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import TYPE_CHECKING

from annotation.labelstudio.assistant_passwords import Credentials
from annotation.labelstudio.server_records import (
    Backend,
    Webhook,
    Workbench,
    backends,
    webhooks,
)

if TYPE_CHECKING:
    from annotation.labelstudio.http_connection import Wire


class AssistantConnections:
    """The connections of a server's workbenches to the assistant, and the server's webhooks.

    Args:
        wire: the connection to the server.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def backends(self, workbench: Workbench) -> tuple[Backend, ...]:
        """Return the assistants that a workbench's pages may ask, by id. The server checks each when asked."""
        asked = f"the assistant of workbench {workbench.title!r}"
        return self._wire.ask(partial(self._wire.sdk.ml.list, project=workbench.id), asked, backends)[0]

    def assist(self, workbench: Workbench, address: str, credentials: Credentials | None = None) -> bool:
        """Connect a workbench to this assistant alone; arguments as for `LabelStudio.assist`."""
        asked = f"the assistant of workbench {workbench.title!r}"
        user, password, seal = (*credentials, credentials.seal) if credentials else ("", "", "")
        held = self.backends(workbench)
        kept = next((one for one in held if address and one.asks(address, user, seal)), None)
        for one in held:
            if one != kept:
                self._wire.write(partial(self._wire.sdk.ml.delete, one.id), f"{asked} removed")
        if address and kept is None:
            create = partial(
                self._wire.sdk.ml.create, url=address, project=workbench.id, title="assistant",
                is_interactive=True, description=seal, auth_method="BASIC_AUTH", basic_auth_user=user,
                basic_auth_pass=password,
            )  # fmt: skip
            self._wire.write(create, asked)
        changed = bool(address and kept is None) or len(held) > (kept is not None)
        if changed:
            self._unhook(workbench, {one.url for one in held} | {address})
        return changed

    def webhooks(self) -> tuple[Webhook, ...]:
        """Return the addresses to which the server sends its workbenches' events, by id."""
        return self._wire.ask(self._wire.sdk.webhooks.list, "what it sends elsewhere", webhooks)[0]

    def _unhook(self, workbench: Workbench, addresses: Collection[str]) -> None:
        """Remove the webhook that the server adds with an assistant, which would send it every submission."""
        asked = f"what workbench {workbench.title!r} sends elsewhere"
        ends = {f"{address.rstrip('/')}/webhook" for address in addresses if address}
        hooks, _ = self._wire.ask(
            partial(self._wire.sdk.webhooks.list, project=str(workbench.id)), asked, webhooks
        )
        for hook in hooks:
            if hook.url in ends:
                self._wire.write(partial(self._wire.sdk.webhooks.delete, hook.id), f"{asked} removed")
