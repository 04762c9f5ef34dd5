"""Error answers, in Label Studio's words."""

from __future__ import annotations

from uuid import uuid4

VERSION = "1.23.2"
"""The imitated release, which is the one that `label-studio-constraints.txt` pins."""


class Refused(Exception):
    """Raised when a request is refused.

    Args:
        status: HTTP status.
        detail: what is wrong.
        fields: field → what is wrong with it.
    """

    def __init__(self, status: int, detail: str, fields: dict[str, list[str]] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.fields = fields

    def body(self) -> dict[str, object]:
        """Return the answer's body."""
        body = {
            "id": str(uuid4()), "status_code": self.status, "version": VERSION, "detail": self.detail,
            "exc_info": None,
        }  # fmt: skip
        return {**body, "validation_errors": self.fields} if self.fields else body


def missing(kind: str) -> Refused:
    """Return the refusal for a project, task or annotation that does not exist."""
    return Refused(404, f"No {kind} matches the given query.")


def invalid(field: str, problem: str) -> Refused:
    """Return the refusal for an invalid field."""
    return Refused(400, "Validation error", {field: [problem]})
