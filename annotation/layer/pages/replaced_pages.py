"""Pages of the layer's own: signing up, logging in, and what somebody sees who went where they have no part.

Label Studio's sign-up page asks how people heard of it and offers its newsletter, and on a phone its picture lies
over the button with which one logs in. Ours stand in front of them among the templates, ask for an address and a
password, and send what Label Studio's own forms take.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.http import HttpResponse
from django.template import engines
from django.template.loader import render_to_string

from .messages import direction_of, language_of, translated

REPLACED = (
    "users/user_login.html",
    "users/user_signup.html",
    "users/new-ui/user_login.html",
    "users/new-ui/user_signup.html",
)
"""Label Studio's pages in whose place ours are shown."""

_TEMPLATES = Path(__file__).parent / "templates"


def gettext(text: str) -> str:
    """Mark a text for the catalogues; it is translated when it is shown."""
    return text


_SIGN_UP = {
    "title": gettext("Sign up"),
    "purpose": gettext("An account for your work here. Nothing is sent to this address."),
    "email": gettext("E-mail address"),
    "password": gettext("Password"),
    "rule": gettext("At least 8 characters."),
    "wrong_email": gettext("This address is not valid, or it already has an account: log in with it."),
    "wrong_password": gettext("This password is too short: at least 8 characters."),
    "create": gettext("Create the account"),
    "known": gettext("Already have an account?"),
    "log_in": gettext("Log in"),
}
_LOG_IN = {
    "title": gettext("Log in"),
    "purpose": gettext("With the address and the password that you chose when you signed up."),
    "email": gettext("E-mail address"),
    "password": gettext("Password"),
    "wrong": gettext("This address and this password do not belong together. If you forgot it, ask the lead."),
    "keep": gettext("Keep me logged in on this device"),
}
NOT_YOURS = gettext("This is not part of your work here. If you need it, ask the lead.")
_REFUSED = {
    "text": NOT_YOURS,
    "back": gettext("To your work"),
}


def replace_pages() -> None:
    """Put our templates in front of Label Studio's, some of which Django may have kept by now."""
    engine = engines["django"].engine
    engine.dirs.insert(0, str(_TEMPLATES))
    for loader in engine.template_loaders:
        loader.reset()


def words_of_sign_up(request: Any) -> dict[str, str]:
    """Return the words of the sign-up page in the language of who asks, and that language."""
    return _said(request, _SIGN_UP)


def words_of_log_in(request: Any) -> dict[str, str]:
    """Return the words of the page for logging in, as `words_of_sign_up` does."""
    return _said(request, _LOG_IN)


def refused(request: Any, status: int) -> Any:
    """Return the page for somebody who went where they have no part."""
    request.belebele_words = _said(request, _REFUSED)
    return HttpResponse(render_to_string("belebele/refused.html", {"request": request}), status=status)


def _said(request: Any, texts: dict[str, str]) -> dict[str, str]:
    language = language_of(request)
    said = {name: translated(text, language) for name, text in texts.items()}
    return {**said, "language": language, "direction": direction_of(language)}
