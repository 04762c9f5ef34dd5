"""The workbenches of the large campaign on a real Label Studio, with the work that was done in them."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from annotation.forms import label_configuration
from annotation.labelstudio.client import LabelStudio, Mark
from annotation.labelstudio.local_server import LocalLabelStudio, _environment, _python, install
from annotation.labelstudio.signed_in_user import SignedInUser
from annotation.stages import page_of, translation_page
from benchmarks.large.campaign import DONE, ID, SOURCE, Plan, works
from data.campaign.campaign import Campaign
from data.ledger import Ledger
from data.ledger.tables import Stage
from flows.campaign_state import State
from flows.inspection import uncollected_submissions
from flows.steps.collection import _Marks

PASSWORD = "a-password-of-nobody"
"""The password of everybody who works on the large campaign."""


def fill(plan: Plan, local: LocalLabelStudio) -> None:
    """Make every workbench, and put the done work into the server's database."""
    with local, LabelStudio(local.url, local.token) as studio:
        done = [
            (work.task, work.number, work.annotation) for n in range(plan.languages) for work in works(plan, n)
        ]
        places = sorted({(task["stage"], task["language"], task["person"]) for task, _, _ in done})
        benches = {place: _open(studio, *place) for place in places}
    lines: list[dict[str, object]] = [{"people": plan.numbers, "password": PASSWORD, "when": DONE.isoformat()}]
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


def mark_as_read(address: str, studio: LabelStudio) -> None:
    """Mark every workbench as read just now, as the advance did that collected the last of the work."""
    campaign, ledger = Campaign.load(address), Ledger(address)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    benches = studio.workbenches(f"{campaign.id}/").values()
    marks = {one.title: Mark(now, one.tasks, one.annotations, one.made.isoformat()) for one in benches}
    events = len(State(campaign, ledger).annotations)
    _Marks(ledger, studio.url).write(marks, events, uncollected_submissions.submission_counts({}, benches))


def work_once(plan: Plan, studio: LabelStudio) -> None:
    """Do one open task as a translator: the first who has one and writes in Latin letters."""
    result = translation_page.result(
        question="Where does the river turn?", answers=["east", "west", "south", "north"]
    )
    for number, language in enumerate(plan.targets, start=1):
        if language.endswith("_Latn"):
            email = f"t{number}@example.org"
            title = f"{ID}/translating/{language}/t{number}"
            invitation = studio.invitation(f"{ID}/t{number}")
            with SignedInUser.sign_up(studio.url, invitation, email, PASSWORD) as user:
                studio.admit({bench.id: [user.account] for bench in studio.workbenches(title).values()})
                for task in user.open_tasks(title):
                    user.submit(task.id, result)
                    return
    raise LookupError("every task is done; remove the campaign's folder, and it is made anew")


def _open(studio: LabelStudio, stage: Stage, language: str, person: str) -> int:
    title = f"{ID}/{stage}/{language}/{person}"
    told = label_configuration.guideline(label_configuration.guideline_text(stage))
    return studio.open(title, page_of(stage).config(language, SOURCE), told, f"{stage} in {language}").id
