"""The explanations in one of our files beside its code: remarks behind a line, and strings under assignments.

The reference is made from them, so that a column or a key is explained in one place, its definition.
"""

from __future__ import annotations

import ast
import inspect
import io
import tokenize
from collections.abc import Callable
from itertools import pairwise
from types import ModuleType


def remarks(text: str) -> Callable[[int], str]:
    r"""Return a function from a line's number to its remark: the comment behind it, else those just above it.

    >>> said = remarks("a = 1  # one\n# two,\n# really\nb = 2\nc = 3\n")
    >>> said(1), said(4), said(5)
    ('one', 'two, really', '')
    """
    behind: dict[int, str] = {}
    alone: dict[int, str] = {}
    lines = text.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            words = token.string.lstrip("#").strip()
            (behind if lines[row - 1][:column].strip() else alone)[row] = words

    def about(line: int) -> str:
        if line in behind:
            return behind[line]
        above: list[str] = []
        while (line := line - 1) in alone:
            above.insert(0, alone[line])
        return " ".join(above)

    return about


def documented(module: ModuleType) -> dict[str, str]:
    """Return the strings directly under assignments of a module, by the assigned name."""
    found = {}
    for before, after in pairwise(ast.parse(inspect.getsource(module)).body):
        match before, after:
            case (
                ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(words))),
            ):
                found[name] = inspect.cleandoc(words)
    return found
