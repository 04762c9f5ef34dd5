"""How the layer gets into Label Studio: a middleware in front of every view, put there before anything is served.

A settings module of one's own would be the usual way, but Label Studio's settings import one another half way. So
Django is set up with Label Studio's settings, the list of middlewares is extended, and the application is made
after that.
"""

from __future__ import annotations

from django.conf import settings

BEHIND = "jwt_auth.middleware.JWTAuthenticationMiddleware"
"""The middleware after which ours stands: whoever asks is known there, and no view has run yet."""


def attach() -> None:
    """Put the layer in front of Label Studio's views; Django is set up, and the application not yet made."""
    ours = f"{__package__}.companion.Companion"
    if ours not in settings.MIDDLEWARE:
        place = settings.MIDDLEWARE.index(BEHIND) + 1
        settings.MIDDLEWARE = [*settings.MIDDLEWARE[:place], ours, *settings.MIDDLEWARE[place:]]
