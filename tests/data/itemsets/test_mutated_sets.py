"""Sets broken at random: refused by name, or every item accounted for; a larger run is in `benchmarks`."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner

from flows.cli.commands import main
from tests.data.itemsets.layout_files import made, plain, table
from tests.data.itemsets.mutated_sets import COLUMNS, broken, judged


@pytest.mark.parametrize("part", range(10))
def test_broken_sets_are_refused_or_accounted_for(part: int, tmp_path: Path) -> None:
    outcomes = set()
    for place in range(25):
        draw = random.Random(f"suite {part} {place}")
        folder = tmp_path / str(place)
        folder.mkdir()
        broken(folder, draw)
        outcomes.add(judged(folder, draw.choice(COLUMNS)))
    assert len(outcomes) > 1


def test_whole_commands_end_with_a_code_that_says_what_happened(tmp_path: Path) -> None:
    for place in range(12):
        folder = tmp_path / str(place)
        folder.mkdir()
        broken(folder, random.Random(f"command {place}"))
        ran = CliRunner().invoke(main, ["audit", str(folder), "--describe"])
        assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
        assert ran.exit_code in (0, 2)


READ = """
import random, sys
from pathlib import Path
from data.intake import Unreadable, arrow_stream, parquet

file = Path(sys.argv[1])
whole = file.read_bytes()
read = parquet.rows if file.suffix == ".parquet" else arrow_stream.rows
refused = 0
for place in range(400):
    draw = random.Random(place)
    data = bytearray(whole)
    low = 0 if file.suffix == ".arrow" else len(whole) - int.from_bytes(whole[-8:-4], "little") - 8
    for _ in range(draw.choice([1, 1, 2, 4])):
        data[draw.randrange(low, len(data) - 8)] = draw.randrange(256)
    file.write_bytes(bytes(data))
    try:
        read(file)
    except Unreadable:
        refused += 1
print(refused)
"""


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_a_broken_binary_file_cannot_end_the_program(kind: str, tmp_path: Path) -> None:
    file = tmp_path / f"a.{kind}"
    if kind == "parquet":
        table(file, plain(made())[:9])
    else:
        held = pa.Table.from_pylist(plain(made())[:9])
        with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_stream(sink, held.schema) as out:
            out.write_table(held, max_chunksize=4)
    ran = subprocess.run([sys.executable, "-c", READ, str(file)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-500:]
    assert int(ran.stdout) > 20
