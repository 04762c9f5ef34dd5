"""Sets that were broken at random, and what must hold however they are broken.

Each begins as one of the layouts, with a few items, and is then cut, mixed, retyped, mislabelled and sprinkled
with characters that files hold by accident. Whatever comes of it, reading either refuses with a named error or
accounts for every record: each is an item, or is named as one that cannot be read.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data.errors import BelebeleError
from data.itemsets import Columns, ItemSet, ItemSetError, read_set
from tests.data.itemsets.layout_files import WRITTEN, jsonl, made, plain, table

ITEMS = 9
_SPRINKLED = [
    *(b"\x00", b'"', b"'", b"\t", b"\n", b"\r", b"\r\n", b",", b";", b"\xff", b"\xef\xbb\xbf", b"\xe2\x80\xa8"),
    *(b"\\ud83d", b"\\u0000", b"{", b"}", b"[", b"]", b":", b"null", b"NaN", b"1e999", b"-1", b"  ", b"<", b"&x;"),
    *(b"\xc2\xa0", b"---\n", b"\\"),
]
_VALUES: list[Any] = [
    *(None, "", " ", 0, -1, 7, 2.5, True, [], {}, ["x"], {"text": ["a"], "label": ["A", "B"]}, "A", "Z", "10"),
    *("\u00a0", "x" * 300, [[]], [None, None], {"a": {"b": []}}, 10**30, ["p", "p"], "½", "٣", "²"),
    *(float("nan"), float("inf")),
]
_NAMES = ("", "text", "Question", "id", "language", "key", "x" * 60)
_SUFFIXES = (".json", ".jsonl", ".csv", ".tsv", ".txt", ".xml", ".parquet", ".arrow", ".ndjson")


def _flat(folder: Path, items: list[dict[str, Any]]) -> None:
    jsonl(folder / "set.jsonl", plain(items))


def _delimited(mark: str, suffix: str) -> Callable[[Path, list[dict[str, Any]]], None]:
    def write(folder: Path, items: list[dict[str, Any]]) -> None:
        rows = [["id", "passage", "question", "A", "B", "C", "D", "answer"]]
        rows += [
            [f"q{n}", x["passage"], x["question"], *x["options"], "ABCD"[x["key"]]] for n, x in enumerate(items)
        ]
        (folder / f"set{suffix}").write_text("\n".join(mark.join(row) for row in rows) + "\n", encoding="utf-8")

    return write


WRITERS: dict[str, Callable[[Path, list[dict[str, Any]]], None]] = {
    **{name: layout.write for name, layout in WRITTEN.items()},
    "JSON lines": _flat,
    "tabs": _delimited("\t", ".tsv"),
    "semicolons": _delimited(";", ".csv"),
}


def broken(folder: Path, draw: random.Random) -> str:
    """Writes a broken set to an empty folder; says which layout it was."""
    name = draw.choice(list(WRITERS))
    options = WRITTEN[name].options if name in WRITTEN else 4
    WRITERS[name](folder, made(options)[:ITEMS])
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    for _ in range(draw.choice([1, 1, 2, 3])):
        file = draw.choice(files)
        if file.exists():
            draw.choice([_bytes, _values, _lines, _bytes, _values, _file])(file, draw)
    return name


def _bytes(file: Path, draw: random.Random) -> None:
    data = bytearray(file.read_bytes())
    for _ in range(draw.choice([1, 1, 2, 5])):
        place = draw.randrange(len(data) + 1)
        match draw.randrange(4):
            case 0:
                data[place:place] = draw.choice(_SPRINKLED)
            case 1:
                del data[place : place + draw.choice([1, 1, 3, 40])]
            case 2:
                data[place : place + 1] = draw.choice(_SPRINKLED)
            case _:
                del data[draw.randrange(len(data) + 1) :]
    file.write_bytes(bytes(data))


def _lines(file: Path, draw: random.Random) -> None:
    lines = file.read_bytes().split(b"\n")
    match draw.randrange(4):
        case 0:
            draw.shuffle(lines)
        case 1:
            lines.insert(draw.randrange(len(lines)), draw.choice(lines))
        case 2:
            lines.pop(draw.randrange(len(lines)))
        case _:
            lines = [line + draw.choice([b"\r", b" ", b"\t", b",", b";"]) for line in lines]
    file.write_bytes(b"\n".join(lines))


def _values(file: Path, draw: random.Random) -> None:
    """Changes values, or names of columns, in what a file holds; what is no table or JSON is changed as bytes."""
    if file.suffix == ".parquet":
        try:
            records = pq.read_table(file).to_pylist()
            _change(records, draw)
            table(file, records)
        except (pa.ArrowException, OSError, OverflowError, AttributeError, TypeError, ValueError):
            _bytes(file, draw)  # parquet does not take every mixture, and was perhaps broken before
    elif file.suffix in (".json", ".jsonl", ".txt"):
        text = file.read_text(encoding="utf-8", errors="replace")
        try:
            whole = (
                [json.loads(text)] if file.suffix == ".json" else [json.loads(one) for one in text.splitlines()]
            )
        except ValueError:
            _bytes(file, draw)
            return
        _change(whole, draw)
        spelt = [json.dumps(one, ensure_ascii=draw.random() < 0.5) for one in whole]
        file.write_text("\n".join(spelt), encoding="utf-8", errors="surrogatepass")
    else:
        _bytes(file, draw)


def _change(value: Any, draw: random.Random) -> None:
    """Changes something within a value, at any depth."""
    held: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict | list):
            keys = list(one) if isinstance(one, dict) else list(range(len(one)))
            held += [(one, key) for key in keys]
            waiting += [one[key] for key in keys]
    for inside, key in draw.sample(held, min(len(held), draw.choice([1, 1, 2, 6]))):
        try:
            match draw.randrange(4) if isinstance(inside, dict) else 0:
                case 0:
                    inside[key] = draw.choice(_VALUES)
                case 1:
                    del inside[key]
                case 2:
                    inside[draw.choice(["", "text", "Question", "id", "language", "key", "x" * 60])] = inside.pop(
                        key
                    )
                case _:
                    inside[key] = [inside[key]]
        except (KeyError, IndexError):
            continue


def _file(file: Path, draw: random.Random) -> None:
    match draw.randrange(4):
        case 0:
            file.rename(file.with_suffix(draw.choice(_SUFFIXES)))
        case 1:
            name = draw.choice(["de", "fra_Latn", "part-test", "copy", "is_x"])
            file.with_name(f"{name}{file.suffix}").write_bytes(file.read_bytes())
        case 2:
            file.write_bytes(b"")
        case _:
            file.unlink()


COLUMNS: Sequence[Columns] = (
    Columns(),
    Columns(),
    Columns(),
    Columns(answer_from="0"),
    Columns(question="-", passage="-", id="-"),
    Columns(pair_rows=True),
    Columns(independent=True),
    Columns(language="eng_Latn"),
    Columns(language="{}.jsonl"),
    Columns(options=("options",), answer="answer", answer_from="letter"),
)
"""What a user may say of a broken set."""


def judged(folder: Path, columns: Columns) -> str:
    """Reads a set in both ways and looks whether everything is accounted for.

    Returns:
        "read", "named" (with faults) or "refused".

    Raises:
        AssertionError: an item is lost without a word.
    """
    try:
        lenient = read_set([str(folder)], columns, lenient=True)
    except ItemSetError as error:
        assert str(error).strip()
        try:
            read_set([str(folder)], columns)
        except ItemSetError:
            return "refused"
        raise AssertionError("what is refused leniently was read strictly") from None
    _accounted(folder, lenient)
    try:
        strict = read_set([str(folder)], columns)
    except BelebeleError:
        assert lenient.faults, "refused, and no fault is named"
        return "named"
    assert not lenient.faults, f"read, with faults: {lenient.faults[0]}"
    assert len(strict.items) == len(lenient.items)
    return "read"


def _accounted(folder: Path, found: ItemSet) -> None:
    """Every line of JSON lines and every row of a table is an item's, or is named."""
    items = found.items
    assert not items.duplicated(["language", "item_id"]).any()
    assert all((keys[0] if keys else -1) == key for keys, key in zip(items["keys"], items["key"], strict=True))
    assert all(
        0 <= place < len(options)
        for keys, options in zip(items["keys"], items["options"], strict=True)
        for place in keys
    )
    places = [*items["place"], *(fault.place for fault in found.faults)]
    said: dict[str, set[int]] = {}
    for place in places:
        if (told := re.fullmatch(r"(.*), (?:line|row|item) (\d+)(?:, question \d+)?", place)) is not None:
            said.setdefault(told[1], set()).add(int(told[2]))
    for name, numbers in said.items():
        file = Path(name)
        if file.suffix in (".jsonl", ".ndjson"):
            data = file.read_bytes()
            if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
                continue
            lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
            wanted = {n for n, line in enumerate(lines, start=1) if line.decode("utf-8", "replace").strip()}
        elif file.suffix == ".parquet":
            rows = pq.read_table(file).num_rows
            wanted = set(range(1, rows + 1))
            if "idx" in pq.read_schema(file).names and "paragraph" in pq.read_schema(file).names:
                continue  # a line holds one option
        else:
            continue
        assert wanted <= numbers, f"{name}: lost without a word: {sorted(wanted - numbers)[:5]}"
