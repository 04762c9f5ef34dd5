"""The names of a release's tasks in harnesses: one of the group, and with a language's code one of each task."""

from __future__ import annotations

import re
import unicodedata

from data.release.description.release_description import ReleaseDescription


def group_name(about: ReleaseDescription) -> str:
    """Return the name of the group: the Hub's, without its owner, or the title's, as a Python name.

    Harnesses separate names by commas, bars, colons and points, and the file of tasks is imported by this name.

    >>> as_name("org/My-Bench 2.0")
    'my_bench_2_0'
    >>> as_name("2000 Brunnen"), as_name("მანიშნებელი")
    ('set_2000_brunnen', 'reading_set')
    """
    return as_name(about.hub or about.title)


def as_name(text: str) -> str:
    """Return a name that every harness takes: small letters of ASCII, digits and underscores."""
    plain = unicodedata.normalize("NFKD", text.rpartition("/")[2]).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    if not name:
        return "reading_set"
    return f"set_{name}" if name[0].isdigit() else name


def task_name(about: ReleaseDescription, code: str) -> str:
    """Return the name of one language's task."""
    return f"{group_name(about)}_{code}"


def with_local_labels(name: str) -> str:
    """Return the name of the task, or group, whose options have the labels of their language, not A to D."""
    return f"{name}_local_labels"
