"""The answers of key checks: who answered which text of an item blind, and whether they chose its key."""

from __future__ import annotations

from data.ledger.item_copy_ids import kind_of, original
from flows.campaign_state import State, ledger_view, moments
from qc.decisions.key_evidence import BlindAnswer

KEY_ANSWER = "key_answer"
"""The check name of these verdicts, which decide nothing by themselves."""

Item = tuple[str, str]
"""question_id and language."""


@ledger_view
def key_answers(state: State) -> dict[Item, dict[int, list[BlindAnswer]]]:
    """Return the answers by item and by the revision that was read, in the order of writing."""
    tasks = state.tasks
    done = tasks[tasks["done"] & (tasks["stage"] == "answering") & (tasks["language"] != state.source_language)]
    subjects = {original(copy) for copy in set(done["question_id"]) if kind_of(copy) == "key_check"}
    found: dict[Item, dict[int, list[BlindAnswer]]] = {}
    if not subjects:
        return found
    columns = ["subject", "language", "revision", "check", "judge", "score", "reason", "judged_at", "sequence"]
    said = state.verdicts_on(subjects, columns)
    said = said[said["check"] == KEY_ANSWER].sort_values(["sequence", "judged_at", "judge"], kind="stable")
    lines = zip(*(said[name] for name in columns[:3] + columns[4:7]), moments(said, "judged_at"), strict=True)
    for subject, language, revision, judge, score, reason, moment in lines:
        answer = BlindAnswer(judge, score == 1.0, reason or "", moment)
        found.setdefault((subject, language), {}).setdefault(int(revision), []).append(answer)
    return found
