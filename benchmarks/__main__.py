"""All benchmarks of these folders, run one after another, and one table of all their measurements at the end.

python benchmarks
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from benchmarks.table import show  # noqa: E402


def main() -> None:
    lines = []
    for file in sorted(HERE.glob("*/*.py")):
        if file.parent.name != "large" and file.name not in ("team_server.py", "seeded_faults.py"):
            print(f"== {file.relative_to(HERE)}", flush=True)
            lines += runpy.run_path(str(file))["main"]()
            print(flush=True)
    show(lines)


if __name__ == "__main__":
    sys.argv = sys.argv[:1]
    main()
