"""The channels that this machine's environment names: servers, addresses and passwords are in no campaign."""

from __future__ import annotations

import os

from data.environment import secret_variable
from data.errors import UsageError
from flows.channels.channel import Channel
from flows.channels.chat import Chat
from flows.channels.mail_server import MailServer
from flows.channels.webhook import Webhook

SMTP_URL, SMTP_PASSWORD, MAIL_FROM = "BELEBELE_SMTP_URL", "BELEBELE_SMTP_PASSWORD", "BELEBELE_MAIL_FROM"
WEBHOOK_URL, WEBHOOK_SECRET = "BELEBELE_WEBHOOK_URL", "BELEBELE_WEBHOOK_SECRET"
CHAT_URLS = "BELEBELE_CHAT_URLS"

NONE_NAMED = (
    f"no channel is named on this machine: set {SMTP_URL} and {MAIL_FROM} for mail, {WEBHOOK_URL} and "
    f"{WEBHOOK_SECRET} for a webhook, or {CHAT_URLS} for chats"
)
"""What to say where messages are wanted and none can leave."""


def configured_channels() -> dict[str, Channel]:
    """Return the channels that are named, by name.

    Raises:
        UsageError: one is named wrongly.
    """
    found: list[Channel] = []
    if url := os.environ.get(SMTP_URL, ""):
        found.append(MailServer.named(url, os.environ.get(SMTP_PASSWORD, ""), os.environ.get(MAIL_FROM, "")))
    if url := os.environ.get(WEBHOOK_URL, ""):
        found.append(Webhook.named(url, secret_variable(WEBHOOK_SECRET)))
    if urls := os.environ.get(CHAT_URLS, "").split():
        found.append(Chat(tuple(urls)))
    return {one.name: one for one in found}


def channels_or_trouble() -> tuple[dict[str, Channel], list[str]]:
    """Return the channels, and what is wrong with how they are named, in sentences."""
    try:
        return configured_channels(), []
    except UsageError as error:
        return {}, [str(error)]
