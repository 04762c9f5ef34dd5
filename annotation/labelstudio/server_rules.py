"""Code that runs in Label Studio's own process before it serves: five rules for which it has no setting.

It is run by path, in Label Studio's environment, so it imports nothing of ours; gunicorn uses the same file as its
configuration. It is written for the version that `label-studio-constraints.txt` pins: if something that a rule
hooks into is missing, the server does not start.

1. **This machine's services stay closed.** Label Studio bans local addresses (imports by address, webhooks,
   storages, ML backends, redirects, names that resolve to them) but ignores ports: a lead who lets it call an
   assistant on this machine would let every account read every service there. So the bans stay on, and only ML
   backends may use the addresses listed in a file, by scheme, host and port.
2. **No access token is given away.** Whoever adds an ML backend, and any account may, is sent the access token of
   the workbench's creator. Under this rule nobody is.
3. **The program keeps its access.** Its account works with a token that any account of the organisation could
   disable for everybody. The switch is locked while the server runs; what was changed earlier, or by hand, is
   restored at the start: password, token, membership.
4. **Nothing is changed without a trace.** Some of the task list's actions rewrite tasks or answers so that the
   server notes neither when nor by whom, or move an answer to another task. Only those that delete are left.
5. **Nothing is sent elsewhere.** A storage gets a copy of everything that is submitted, and no list of projects
   shows it. Only an administrator sets one.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

ADMITTED = "BELEBELE_ADMITTED"
"""Variable: the file with the addresses that ML backends may use, a JSON object of name to address."""

LAYER = "BELEBELE_LAYER"
"""Variable: the folder of our layer inside Label Studio, which it loads; unset for none."""

TOLD = "belebele: "
"""Prefix of lines in the server's log that the lead should see."""

_VERSION = "1.23.2"

_ACTIONS = frozenset(
    {
        "retrieve_tasks_predictions",
        "delete_tasks",
        "delete_tasks_annotations",
        "delete_tasks_predictions",
        "next_task",
    }
)
"""Actions of the task list that stay: what they do, the server notes, or it is gone for all to see."""


def serve() -> None:
    """Run Label Studio's command line under the rules; with `start`, end when our end of its input closes."""
    if "start" in sys.argv:
        threading.Thread(target=_end_as_orphan, daemon=True).start()
    server = _module("label_studio.server")
    set_up = _held(server, "_setup_env")
    create_user = _held(server, "_create_user")

    def _setup_env() -> None:
        set_up()
        keep_rules()
        if os.environ.get(LAYER):  # gunicorn is given its application, belebele_layer.wsgi, instead
            _held(_module("belebele_layer.attachment"), "attach")()

    def _create_user(*arguments: Any) -> Any:
        return let_in(create_user(*arguments))

    server._setup_env, server._create_user = _setup_env, _create_user
    server.main()


def post_worker_init(_worker: object) -> None:
    """Apply the rules in a gunicorn worker, once Label Studio is loaded there."""
    keep_rules()


def keep_rules() -> None:
    """Apply the rules, after Django is set up and before anything is served."""
    _admit_backends()
    _withhold_tokens()
    _keep_traces()
    _keep_in()
    if os.environ.get("LABEL_STUDIO_USER_TOKEN"):  # set only for an account that we made
        _keep_let_in()


def _admit_backends() -> None:
    serializers, connector = _module("ml.serializers"), _module("ml.api_connector")
    validate = _held(serializers, "validate_upload_url")
    session = _held(connector, "BaseHTTPAPI", "create_session")
    adapter = _held(connector, "HTTPAdapter")
    parse = _held(_module("core.utils.io"), "parse_url")
    if not _held(_module("django.conf"), "settings", "ML_BLOCK_LOCAL_IP"):
        return  # the owner of this server lets it call any address

    def place(url: str) -> tuple[str | None, str | None, int | None, str | None]:
        parts = parse(url)
        return parts.scheme, parts.host, parts.port, parts.auth

    def is_admitted(url: str) -> bool:
        try:
            return place(url) in map(place, admitted())
        except ValueError:  # not an address
            return False

    def validate_upload_url(url: str, block_local_urls: bool = True) -> None:
        if not is_admitted(url):
            validate(url, block_local_urls=block_local_urls)

    def create_session(self: Any) -> Any:
        made = session(self)
        for url in admitted():
            made.mount(f"{url.rstrip('/')}/", adapter(max_retries=self._max_retries))
        return made

    # It would add a webhook that sends the backend every submission, which the ban on local webhooks would refuse.
    models, signals = _module("ml.models"), _module("django.db.models.signals")
    signals.post_save.disconnect(_held(models, "create_ml_webhook"), sender=_held(models, "MLBackend"))
    serializers.validate_upload_url = validate_upload_url
    connector.BaseHTTPAPI.create_session = create_session


def admitted() -> list[str]:
    """Return the addresses that ML backends may use in spite of the bans."""
    file = Path(os.environ.get(ADMITTED) or os.devnull)
    return [str(url) for url in json.loads(file.read_text("utf-8") or "{}").values()] if file.exists() else []


def _withhold_tokens() -> None:
    connector = _module("ml.api_connector")
    ask = _held(connector, "MLApi", "_request")

    def _request(self: Any, url_suffix: str, request: Any = None, *more: Any, **named: Any) -> Any:
        if isinstance(request, dict) and "access_token" in request:
            request = {**request, "access_token": ""}
        return ask(self, url_suffix, request, *more, **named)

    connector.MLApi._request = _request


def _keep_traces() -> None:
    _module("data_manager.actions")  # registers them
    actions = _held(_module("django.conf"), "settings", "DATA_MANAGER_ACTIONS")
    if missing := sorted(_ACTIONS.difference(actions)):
        raise SystemExit(_other(f"no action {', '.join(missing)}"))
    for name in sorted(set(actions).difference(_ACTIONS)):
        del actions[name]


def _keep_in() -> None:
    view, denied = (
        _held(_module(f"rest_framework.{module}"), name)
        for module, name in (("views", "APIView"), ("exceptions", "PermissionDenied"))
    )
    storages = _module("io_storages.api")
    for name in ("ImportStorageListAPI", "ExportStorageListAPI", "StorageValidateAPI"):
        _held(storages, name)

    def kept(begin: Any) -> Any:
        def initial(self: Any, request: Any, *more: Any, **named: Any) -> None:
            begin(self, request, *more, **named)
            if request.method not in ("GET", "HEAD", "OPTIONS") and not request.user.is_superuser:
                raise denied("only an administrator of this server sets storages")

        return initial

    for one in vars(storages).values():  # the pages of each kind of storage inherit from these
        if isinstance(one, type) and issubclass(one, view) and one.__module__ == storages.__name__:
            one.initial = kept(one.initial)  # type: ignore[attr-defined]


def _keep_let_in() -> None:
    settings, user = _held(_module("jwt_auth.models"), "JWTSettings"), _held(_module("users.models"), "User")
    saved = _held(_module("django.db.models.signals"), "pre_save")
    first = os.environ.get("LABEL_STUDIO_USERNAME", "").lower()

    def tokens_stay(instance: Any, **_: object) -> None:
        if instance.legacy_api_tokens_enabled:
            return
        instance.legacy_api_tokens_enabled = True
        if settings.objects.filter(pk=instance.pk, legacy_api_tokens_enabled=True).exists():  # otherwise it is new
            _tell("somebody switched access tokens off, with which the program works; they stay on")

    def account_stays(instance: Any, **_: object) -> None:
        if instance.pk and instance.email.lower() == first:
            before = user.objects.filter(pk=instance.pk).values("is_active", "active_organization_id").first()
            if before and before["is_active"] and not instance.is_active:
                instance.is_active = True
                _tell("somebody switched the program's account off; it stays on")
            if before and before["active_organization_id"] and not instance.active_organization_id:
                instance.active_organization_id = before["active_organization_id"]
                _tell("somebody took the program's account out of its organisation; it stays there")

    saved.connect(tokens_stay, sender=settings, weak=False)
    saved.connect(account_stays, sender=user, weak=False)


def let_in(user: Any) -> Any:
    """Restore the access of the program's account, report what was changed, and return the account.

    Args:
        user: the account, in the organisation that it belongs to.
    """
    token, password = (os.environ.get(f"LABEL_STUDIO_{name}", "") for name in ("USER_TOKEN", "PASSWORD"))
    if not user or not token:
        return user
    tokens = _held(_module("rest_framework.authtoken.models"), "Token")
    members = _held(_module("organizations.models"), "OrganizationMember")
    settings = _held(_module("jwt_auth.models"), "JWTSettings")
    organisation = user.active_organization
    wrong: list[str] = []
    if not (user.is_active and user.is_staff and user.is_superuser):
        user.is_active = user.is_staff = user.is_superuser = True
        wrong.append("its account was switched off or lost its rights")
    if not user.check_password(password):
        user.set_password(password)
        wrong.append("its password had been changed")
    if wrong:
        user.save()
    if members.objects.filter(user=user, organization=organisation, deleted_at__isnull=False).update(
        deleted_at=None
    ):
        wrong.append("it had been removed from its organisation")
    if not tokens.objects.filter(user=user, key=token).exists():
        tokens.objects.filter(user=user).delete()
        tokens.objects.filter(key=token).delete()
        tokens.objects.create(user=user, key=token)
        wrong.append("its access token had been changed")
    held, _ = settings.objects.get_or_create(organization=organisation)
    if not held.legacy_api_tokens_enabled:
        settings.objects.filter(pk=held.pk).update(legacy_api_tokens_enabled=True)
        wrong.append("access tokens had been switched off")
    if wrong:
        _tell(f"the program was kept out of Label Studio, which is put right: {'; '.join(wrong)}")
    return user


def _end_as_orphan() -> None:
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(5)
    os._exit(1)


def _tell(what: str) -> None:
    print(f"{TOLD}{what}", flush=True)


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise SystemExit(_other(f"no {name} ({error})")) from error


def _held(place: Any, *names: str) -> Any:
    """Return the attribute reached by these names, one inside the other.

    Raises:
        SystemExit: it is missing, so the rules are not written for this Label Studio.
    """
    found = place
    for name in names:
        if not hasattr(found, name):
            raise SystemExit(_other(f"no {'.'.join([getattr(place, '__name__', ''), *names])}"))
        found = getattr(found, name)
    return found


def _other(what: str) -> str:
    return (
        f"{TOLD}this Label Studio has {what}, which keeps services of this machine shut and tokens private, so it "
        f"is not started. Install the version that belebele was written for, {_VERSION} "
        "(annotation/labelstudio/label-studio-constraints.txt)."
    )


if __name__ == "__main__":
    serve()
