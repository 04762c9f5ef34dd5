"""The advice of a campaign's assistant: what it knows, and what it says to authors.

Its knowledge is kept in the state folder of its machine: the existing questions, and the shortcut meter, trained
on them or, while they are few, on a pool that campaign.toml names. `advance` brings both up to date; each file is
replaced atomically, and a running assistant takes the new one within seconds, without a pause. The meter is shown
for a share of the questions only, drawn by a digest of the question, so that its effect can be measured: its
reading of each question is recorded, shown or not.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from annotation.assistant.assistant_app import UNTRAINED, Asked
from data import storage
from data.campaign.campaign import Campaign
from data.environment import state_dir
from data.itemsets import read as read_items
from data.ledger.events import Feedback
from data.ledger.tables import digest
from data.ledger.task_keys import TaskKey
from flows.campaign_state import State
from flows.ledger_views.current_items import current_questions
from qc.feedback import shortcut_meter as metering
from qc.feedback.author_feedback import DraftQuestion, noticed, read_by
from qc.feedback.meter_reading import about_meter, metered, shown_reading
from qc.feedback.shortcut_meter import Meter
from qc.feedback.similar_questions import SimilarityIndex

METER, KNOWN = "meter.npz", "known.json"
GROWTH = 1.1
"""The meter is retrained when the number of questions has grown by this factor."""

_REMEMBERED = 5_000  # tasks whose last reading is kept, for 'since your last change'


def home(campaign: Campaign, address: str) -> Path:
    """Return this machine's folder for the assistant's knowledge of a campaign; create it if missing."""
    folder = state_dir() / "assistant" / f"{campaign.id}-{digest(storage.absolute(address))[:8]}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def is_meter_shown(campaign: Campaign, question_id: str) -> bool:
    """Whether the meter is shown for all revisions of a question; the same on every machine."""
    place = int(digest("meter", campaign.id, question_id)[:8], 16) / 2**32
    return place < campaign.assistant.meter_share


def held_meter(folder: Path) -> Meter | None:
    """Return the meter in the folder; None if there is none yet."""
    file = folder / METER
    return metering.parse(file.read_bytes()) if file.exists() else None


class Judge:
    """Answers the pages' requests; created once and refreshed while it runs.

    Args:
        campaign: as it is.
        folder: of its knowledge; see `home`.
    """

    def __init__(self, campaign: Campaign, folder: Path) -> None:
        self._campaign, self._folder = campaign, folder
        self._stamps: tuple[object, ...] = ()
        self._known: tuple[Meter | None, SimilarityIndex] = (None, SimilarityIndex())
        self._last: OrderedDict[str, tuple[str, float, float | None]] = OrderedDict()
        self._lock = threading.Lock()
        self.refresh()

    def refresh(self) -> bool:
        """Load what changed in the folder since the last look; return whether anything had."""
        files = [self._folder / name for name in (METER, KNOWN)]
        stamps = tuple((file.stat().st_mtime_ns, file.stat().st_ino) if file.exists() else None for file in files)
        if stamps == self._stamps:
            return False
        known = json.loads(files[1].read_text("utf-8")) if files[1].exists() else []
        self._known = held_meter(self._folder), SimilarityIndex([(subject, text) for subject, text in known])
        self._stamps = stamps
        return True

    def version(self) -> str:
        """The meter's version, eight digits of its digest; `UNTRAINED` while there is none."""
        meter, _ = self._known
        return meter.version[:8] if meter else UNTRAINED

    def __call__(self, asked: Asked) -> tuple[list[str], float]:
        """Return the advice, one sentence each, and the meter's probability where it is shown."""
        meter, likeness = self._known  # read once: another thread may replace them
        written = _written(self._campaign, asked)
        said = noticed(written, likeness, self._campaign.checks)
        score = 0.0
        if is_meter_shown(self._campaign, written.question_id):
            more, score = self._metered(meter, written, f"{asked.workbench} {asked.task_key}")
            said += more
        return said or ["Nothing was noticed."], score

    def _metered(self, meter: Meter | None, written: DraftQuestion, key: str) -> tuple[list[str], float]:
        if meter is None:
            least = self._campaign.assistant.min_training_questions
            return [f"The shortcut meter has no model yet: it learns from {least} questions."], 0.0
        read = read_by(meter, written)
        if read is None:
            return [], 0.0
        before = self._before(key, digest(meter.version, written.question, written.answers, written.key), read)
        about = about_meter(meter.version, meter.items, meter.accuracy)
        return [metered(read, len(written.answers), before), about], read.probability

    def _before(self, key: str, content: str, read: metering.MeterReading) -> float | None:
        """Return the probability before the last change of this task's question; None if there was none."""
        with self._lock:
            last = self._last.pop(key, None)
            before = None if last is None else last[2] if last[0] == content else last[1]
            self._last[key] = (content, read.probability, before)
            while len(self._last) > _REMEMBERED:
                self._last.popitem(last=False)
        return before


def _written(campaign: Campaign, asked: Asked) -> DraftQuestion:
    key = asked.fields.get("key", "")
    return DraftQuestion(
        question_id=_slot(asked.task_key),
        language=campaign.source.language,
        sentences=asked.sentences,
        question=asked.fields.get("question", ""),
        answers=tuple(asked.fields.get(f"answer_{n}", "") for n in range(1, 5)),
        key=int(key) - 1 if key in ("1", "2", "3", "4") else None,
    )


def _slot(task_key: str) -> str:
    """Return the question that a page says it is about; "" for a page that shows no task of ours."""
    try:
        return TaskKey.parse(task_key).shown
    except ValueError:
        return ""


def refresh(state: State) -> bool:
    """Bring the assistant's knowledge up to date with the ledger; return whether anything was written."""
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
    """Return the existing questions as they should be stored in the folder; None if they are."""
    questions = current_questions(state)
    known = questions[["question_id", "question"]].sort_values("question_id").to_numpy().tolist()
    text, file = json.dumps(known, ensure_ascii=False), folder / KNOWN
    return None if file.exists() and file.read_text("utf-8") == text else text


def _wanted(state: State, folder: Path) -> tuple[list[metering.Item], str] | None:
    """Return what to train a meter on now, and its version; None if the current one will do."""
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


def feedback_record(
    state: State, task: Mapping[str, Any], fields: Mapping[str, Any], said: str, meter: Meter | None
) -> Feedback:
    """Return what is recorded of an authoring submission that counts.

    Args:
        state: the campaign.
        task: the task of the submission.
        fields: the question as it was read.
        said: the advice on the page when it was submitted; "" for none.
        meter: the current one; the part of it that reads the question was trained without its passage.
    """
    seen = shown_reading(said)
    item = DraftQuestion(
        task["question_id"], task["language"], (), fields["question"], tuple(fields["answers"]), fields["key"] - 1
    )
    read = read_by(meter, item) if meter else None
    return Feedback(
        question_id=task["question_id"],
        revision=int(task["revision"]),
        drawn=is_meter_shown(state.campaign, task["question_id"]),
        share=state.campaign.assistant.meter_share,
        shown=seen.version if seen else "",
        shown_probability=seen.probability if seen else None,
        model=meter.version[:8] if meter else "",
        probability=round(read.probability, 4) if read else None,
    )
