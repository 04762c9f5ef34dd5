"""The page on what an annotator reaches on a server with our layer, from the list that its door goes by.

The layer runs inside Label Studio and nothing of ours imports it, so its list is read from its file.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from reference.markdown import GENERATED, code, plain, table

ROUTES = Path(__file__).parents[2] / "annotation" / "layer" / "routes.py"

_INTRODUCTION = """\
# What an annotator reaches

On a server that [keeps accounts apart](../guides/servers.md#accounts-kept-apart) an account which is not the
lead's or the program's may do what stands here and nothing else. Routes have the names of Label Studio's table of
addresses. Every number in a path, a query or a body must be of a workbench where the account works; fields of a
query or a body that are not listed are refused, as is a body where none is named. Lists hold what is the account's
own.

"""


_PAGES = """
## Their own page, and the lead's

The layer answers an account about itself at these addresses. None of them names an account, so nobody else's page
could be asked for; a project must be one where the account works. Somebody who is not signed in is asked to log in
first.

"""


_OWN = """
## The program's own requests

The layer itself answers the lead's and the program's accounts at these addresses, and nobody else. Some it answers
only to an access token, so that no page in somebody's browser can ask.

"""

_WATCHED = """
## For monitoring

These two tell nothing of anybody's work. [What the metrics are](../guides/service.md#metrics).

"""


def routes() -> ModuleType:
    """Return the layer's list of routes."""
    name = "belebele_layer_routes"
    spec = importlib.util.spec_from_file_location(name, ROUTES)
    if spec is None or spec.loader is None:
        raise ImportError(str(ROUTES))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look there
    spec.loader.exec_module(module)
    return module


def page() -> str:
    """Return the page, in Markdown."""
    listed = routes()
    rows = [
        [
            code(one.name),
            ", ".join(one.methods),
            plain(one.purpose),
            ", ".join(f"{code(gap)}: {kind}" for gap, kind in one.path.items()),
            " ".join(map(code, sorted(one.query))),
            " ".join(map(code, sorted(one.body))),
        ]
        for one in listed.ROUTES
    ]
    open_to_all = "".join(f"- {code(name)}: {', '.join(methods)}\n" for name, methods in listed.ENTRANCES.items())
    files = "".join(f"- {code(pattern)}\n" for pattern in sorted(listed.FILES))
    pages = [
        [code(one.path), plain(one.purpose), " ".join(map(code, sorted(one.query)))] for one in listed.OWN_PAGES
    ]
    own = [
        [code(one.path), one.method, plain(one.purpose), "an access token" if one.by_token else "an account"]
        for one in listed.PROGRAM
    ]
    watched = [
        [
            code(one.path),
            one.method,
            plain(one.purpose),
            "their password, or an access token" if one.by_token else "nothing",
        ]
        for one in listed.WATCHED
    ]
    return (
        GENERATED
        + _INTRODUCTION
        + table(["route", "methods", "is", "in the path", "query", "body"], rows)
        + "\n## Without an account\n\nSigning up takes an invitation.\n\n"
        + open_to_all
        + "\nAnd the front end's own files, to be read:\n\n"
        + files
        + _PAGES
        + table(["address", "is", "query"], pages)
        + _OWN
        + table(["address", "method", "is for", "takes"], own)
        + _WATCHED
        + table(["address", "method", "is for", "takes"], watched)
    )
