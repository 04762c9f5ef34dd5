"""The script that one would write in a notebook to see whether there is work to do: all tables, all workbenches.

python benchmarks/large/plain.py CAMPAIGN LABEL_STUDIO TOKEN
"""

from __future__ import annotations

import json
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pandas as pd
from deltalake import DeltaTable


def main(campaign: str, url: str, token: str) -> None:
    tables = {
        path.name: DeltaTable(str(path)).to_pandas().drop_duplicates("event_id")
        for path in sorted(Path(campaign, "ledger").iterdir())
        if (path / "_delta_log").is_dir()
    }
    texts = [tables["questions"].assign(language="eng_Latn"), tables["translations"]]
    items = pd.concat(texts).sort_values("revision").drop_duplicates(["question_id", "language"], keep="last")
    key = ["question_id", "language", "revision"]
    decided = items.merge(tables["decisions"].rename(columns={"subject": "question_id"}), on=key, how="left")
    found = 0
    for title in sorted(set(tables["annotations"]["workbench"])):
        (project,) = asked(f"{url}/api/projects/?title={title}", token)["results"]
        found += asked(f"{url}/api/projects/{project['id']}/", token)["total_annotations_number"]
    new = found - len(tables["annotations"])
    print(f"{decided['outcome'].isna().sum()} undecided, {new} new annotations")


def asked(url: str, token: str) -> Any:
    with urllib.request.urlopen(
        urllib.request.Request(url, headers={"Authorization": f"Token {token}"})
    ) as answer:
        return json.load(answer)


if __name__ == "__main__":
    main(*sys.argv[1:])
