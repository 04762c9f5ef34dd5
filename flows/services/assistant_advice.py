"""The assistant of a campaign: what it knows, what it says, and how the workbenches come to ask it.

What it knows rests in the state folder of the machine that it runs on: the questions that there are, and the
shortcut meter, trained on them or, as long as they are few, on a pool that campaign.toml names. `advance` brings
both up to date; each file appears as a whole, and a running assistant takes the new one within seconds, without a
pause. The meter is shown for a share of the questions only, drawn by a digest of the question, so that its effect
can be measured: what it would have said of each is recorded, shown or not.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from annotation.assistant.assistant_app import Asked
from data import storage
from data.campaign.campaign import Campaign
from data.environment import state_dir
from data.itemsets import read as read_items
from data.ledger.events import Feedback
from data.ledger.tables import digest
from data.ledger.task_keys import TaskKey
from flows.readings.current_items import current_questions
from flows.state import State
from qc.feedback import shortcut_meter as metering
from qc.feedback.author_feedback import Written, noticed, read_by
from qc.feedback.meter_reading import about_meter, metered, shown_reading
from qc.feedback.shortcut_meter import Meter
from qc.feedback.similar_questions import Likeness

METER, KNOWN = "meter.npz", "known.json"
GROWTH = 1.1
"""The meter is trained anew when there are so many times the questions that it learnt from."""

_REMEMBERED = 5_000  # tasks whose last reading is remembered, for 'since your last change'


def home(campaign: Campaign, address: str) -> Path:
    """The folder in which this machine keeps what the assistant of a campaign knows; made if missing."""
    folder = state_dir() / "assistant" / f"{campaign.id}-{digest(storage.absolute(address))[:8]}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def drawn(campaign: Campaign, question_id: str) -> bool:
    """Whether the meter is shown on a question, all its revisions: a share of them, the same on every machine."""
    place = int(digest("meter", campaign.id, question_id)[:8], 16) / 2**32
    return place < campaign.assistant.meter_share


def held_meter(folder: Path) -> Meter | None:
    """The meter that rests in the folder; None if there is none yet."""
    file = folder / METER
    return metering.parse(file.read_bytes()) if file.exists() else None


class Judge:
    """Answers what pages ask: made once, brought up to date while it answers.

    Args:
        campaign: as it is.
        folder: where what it knows rests; see `home`.
    """

    def __init__(self, campaign: Campaign, folder: Path) -> None:
        self._campaign, self._folder = campaign, folder
        self._stamps: tuple[object, ...] = ()
        self._known: tuple[Meter | None, Likeness] = (None, Likeness())
        self._last: OrderedDict[str, tuple[str, float, float | None]] = OrderedDict()
        self._lock = threading.Lock()
        self.refresh()

    def refresh(self) -> bool:
        """Take what has changed in the folder since the last look; whether anything had."""
        files = [self._folder / name for name in (METER, KNOWN)]
        stamps = tuple((file.stat().st_mtime_ns, file.stat().st_ino) if file.exists() else None for file in files)
        if stamps == self._stamps:
            return False
        known = json.loads(files[1].read_text("utf-8")) if files[1].exists() else []
        self._known = held_meter(self._folder), Likeness([(subject, text) for subject, text in known])
        self._stamps = stamps
        return True

    def version(self) -> str:
        """Of the meter, eight digits of its digest; "none" while there is none."""
        meter, _ = self._known
        return meter.version[:8] if meter else "none"

    def __call__(self, asked: Asked) -> tuple[list[str], float]:
        """What is to be said, one sentence each, and the meter's probability where it is shown."""
        meter, likeness = self._known  # one look: another thread may put new ones there
        written = _written(self._campaign, asked)
        said = noticed(written, likeness, self._campaign.checks)
        score = 0.0
        if drawn(self._campaign, written.question_id):
            more, score = self._metered(meter, written, f"{asked.workbench} {asked.task_key}")
            said += more
        return said or ["Nothing was noticed."], score

    def _metered(self, meter: Meter | None, written: Written, key: str) -> tuple[list[str], float]:
        if meter is None:
            least = self._campaign.assistant.min_training_questions
            return [f"The shortcut meter has no model yet: it learns from {least} questions."], 0.0
        read = read_by(meter, written)
        if read is None:
            return [], 0.0
        before = self._before(key, digest(meter.version, written.question, written.answers, written.key), read)
        about = about_meter(meter.version, meter.items, meter.accuracy)
        return [metered(read, len(written.answers), before), about], read.probability

    def _before(self, key: str, content: str, read: metering.Read) -> float | None:
        """The probability before the last change of this task's question; None if there was none."""
        with self._lock:
            last = self._last.pop(key, None)
            before = None if last is None else last[2] if last[0] == content else last[1]
            self._last[key] = (content, read.probability, before)
            while len(self._last) > _REMEMBERED:
                self._last.popitem(last=False)
        return before


def _written(campaign: Campaign, asked: Asked) -> Written:
    key = asked.fields.get("key", "")
    return Written(
        question_id=_slot(asked.task_key),
        language=campaign.source.language,
        sentences=asked.sentences,
        question=asked.fields.get("question", ""),
        answers=tuple(asked.fields.get(f"answer_{n}", "") for n in range(1, 5)),
        key=int(key) - 1 if key in ("1", "2", "3", "4") else None,
    )


def _slot(task_key: str) -> str:
    """The question that a page says it is about; "" of a page that shows no task of ours: it is like no other."""
    try:
        return TaskKey.parse(task_key).shown
    except ValueError:
        return ""


def refresh(state: State) -> bool:
    """Bring what the assistant knows up to date with the ledger; whether anything was written."""
    if not state.campaign.assistant.enabled:
        return False
    folder = home(state.campaign, state.ledger.address)
    text, wanted = _known(state, folder), _wanted(state, folder)
    if text is not None:
        storage.write_text(str(folder), KNOWN, text, mode=0o600)
    if wanted is not None:
        storage.write_bytes(str(folder), METER, metering.train(*wanted).packed(), mode=0o600)
    return text is not None or wanted is not None


def is_fresh(state: State) -> bool:
    """Whether `refresh` would find nothing to do."""
    folder = home(state.campaign, state.ledger.address)
    return _known(state, folder) is None and _wanted(state, folder) is None


def _known(state: State, folder: Path) -> str | None:
    """The questions that there are, as they are to rest in the folder; None if they do."""
    questions = current_questions(state)
    known = questions[["question_id", "question"]].sort_values("question_id").to_numpy().tolist()
    text, file = json.dumps(known, ensure_ascii=False), folder / KNOWN
    return None if file.exists() and file.read_text("utf-8") == text else text


def _wanted(state: State, folder: Path) -> tuple[list[metering.Item], str] | None:
    """What a meter is to be trained on now, and its version; None if the one that there is will do."""
    settings = state.campaign.assistant
    live = current_questions(state)
    live = live[live["outcome"].fillna("") != "drop"]
    held = held_meter(folder)
    own = len(live) >= settings.min_training_questions
    if not own and not settings.train_on:
        return None
    if own and held and held.version.endswith("own") and len(live) < GROWTH * held.items:
        return None
    if own:
        named = {"answers": "options", "passage_id": "group"}
        frame = live.sort_values("question_id").rename(columns=named).assign(key=live["key"] - 1)
    else:
        frame = read_items([_pool(state)])
    items = metering.items_of(frame)
    version = digest(metering.FORMAT, [(one.question, one.options, one.key, one.group) for one in items])
    version += "own" if own else "pool"
    if held and held.version == version:
        return None
    return items, version


def _pool(state: State) -> str:
    named = state.campaign.assistant.train_on
    return named if storage.is_remote(state.ledger.address) else str(Path(state.ledger.address, named))


def recorded(
    state: State, task: Mapping[str, Any], fields: Mapping[str, Any], said: str, meter: Meter | None
) -> Feedback:
    """What is recorded of an authoring submission that counts.

    Args:
        state: the campaign.
        task: whose work it is.
        fields: the question as it was read.
        said: what the page showed when it was submitted; "" for nothing.
        meter: as it is now; what reads the question has seen nothing of its passage.
    """
    seen = shown_reading(said)
    item = Written(
        task["question_id"], task["language"], (), fields["question"], tuple(fields["answers"]), fields["key"] - 1
    )
    read = read_by(meter, item) if meter else None
    return Feedback(
        question_id=task["question_id"],
        revision=int(task["revision"]),
        drawn=drawn(state.campaign, task["question_id"]),
        share=state.campaign.assistant.meter_share,
        shown=seen.version if seen else "",
        shown_probability=seen.probability if seen else None,
        model=meter.version[:8] if meter else "",
        probability=round(read.probability, 4) if read else None,
    )
