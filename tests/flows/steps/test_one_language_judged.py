"""Judging one language reads no other one's translations, so that many languages cost as much each as few."""

import pyarrow.compute as pc

from data.ledger import tables
from flows.steps import checks_and_decisions
from tests.flows.small_campaign import FRENCH, at


def test_judging_one_language_reads_no_other(tmp_path, monkeypatch):
    state = at("proofreading", tmp_path / "campaign").state
    found = state.ledger.read(tables.TRANSLATIONS, None, pc.field("language") == FRENCH)
    assert 0 < len(found) < len(state.ledger.read(tables.TRANSLATIONS))
    read = []
    whole = type(state.ledger).read_arrow

    def noted(ledger, table, columns=None, where=None):
        content = whole(ledger, table, columns, where)
        if table is tables.TRANSLATIONS and "answers" in content.column_names:
            read.extend(content["language"].to_pylist())
        return content

    monkeypatch.setattr(type(state.ledger), "read_arrow", noted)
    wanted = found[["question_id", "language", "revision", "kind", "passage_id"]]
    near = checks_and_decisions._neighbourhood(state.fresh(), wanted)
    assert set(near["language"]) == {FRENCH}
    assert set(read) == {FRENCH}
