"""How the layer gets into Label Studio: middlewares in front of every view, put there before anything is served.

A settings module of one's own would be the usual way, but Label Studio's settings import one another half way. So
Django is set up with Label Studio's settings, the list of middlewares is extended, and the application is made
after that.
"""

from __future__ import annotations

from django.conf import settings

from . import internals, narrowed_permissions
from .pages import replaced_pages

_OURS = tuple(
    f"{__package__}.{one}"
    for one in (
        "monitoring.measures.Measures",
        "program_requests.ProgramRequests",
        "pages.own_pages.OwnPages",
        "companion.Companion",
        "door.Door",
    )
)


def attach() -> None:
    """Put the layer in front of Label Studio's views; Django is set up, and the application not yet made.

    Raises:
        OtherLabelStudio: this Label Studio lacks something that the layer leans on.
    """
    internals.check()
    settings.DISABLE_SIGNUP_WITHOUT_LINK = True
    narrowed_permissions.restrict()
    replaced_pages.replace_pages()
    place = settings.MIDDLEWARE.index(internals.BEHIND) + 1
    settings.MIDDLEWARE = [*settings.MIDDLEWARE[:place], *_OURS, *settings.MIDDLEWARE[place:]]
