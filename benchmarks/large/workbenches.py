"""The workbenches of the large campaign on a real Label Studio, with the work that was done in them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from annotation.client import LabelStudio
from annotation.server import LocalLabelStudio, _environment, _python, install
from benchmarks.large.campaign import DONE, ID, SOURCE, Plan, works
from flows.publishing import config, guideline

PASSWORD = "a-password-of-nobody"
"""Of everybody who works on the large campaign."""


def fill(plan: Plan, local: LocalLabelStudio) -> None:
    """Make every workbench, and put the done work into the server's database."""
    with local, LabelStudio(local.url, local.token) as studio:
        done = [
            (work.task, work.number, work.annotation) for n in range(plan.languages) for work in works(plan, n)
        ]
        places = sorted({(task["stage"], task["language"], task["person"]) for task, _, _ in done})
        benches = {place: _open(studio, *place) for place in places}
    lines = [{"people": plan.numbers, "password": PASSWORD, "when": DONE.isoformat()}]
    mine: dict[int, list[object]] = {number: [] for number in benches.values()}
    for task, number, annotation in done:
        payload, result = json.loads(task["payload"]), json.loads(annotation["result"])
        account = plan.numbers[task["person"]]
        bench = benches[task["stage"], task["language"], task["person"]]
        mine[bench].append([number, task["task_key"], payload, account, result])
    lines += [{"project": project, "work": work} for project, work in mine.items()]
    secret = json.loads((local.data_dir / "secrets.json").read_text())["secret_key"]
    subprocess.run(
        [str(_python(install(local.state_dir, print))), "-P", str(Path(__file__).with_name("fill.py"))],
        input="\n".join(map(json.dumps, lines)),
        text=True,
        env=_environment(local.data_dir) | {"SECRET_KEY": secret},
        check=True,
    )


def _open(studio: LabelStudio, stage: str, language: str, person: str) -> int:
    title = f"{ID}/{stage}/{language}/{person}"
    return studio.open(title, config(stage, language, SOURCE), guideline(stage), f"{stage} in {language}").id
