"""A cue's name and its kind agree, whoever makes the cue; a stored name is read back as it was written."""

from __future__ import annotations

from typing import get_args

from qc.audit.cues import heuristics, tokens
from qc.audit.layers import conditional_logit
from qc.models import encoder, network, ranker
from qc.models.features import PARTS, InputName
from qc.set_statistics.cue_kinds import PARTIAL_INPUTS, WHOLE_INPUT, CueKind, CueName
from qc.set_statistics.options import Options
from tests.qc.audited import made


def test_every_cue_of_every_layer_has_the_kind_that_its_name_says() -> None:
    options = Options.of(made(40))
    cues = [
        *heuristics.prepare(options).cues,
        *tokens.prepare(options).cues,
        *conditional_logit.CUES,
        *ranker.cues_of(get_args(InputName), "a ranker"),
    ]
    for cue in cues:
        told = CueName.read(cue.name)
        assert told.kind is cue.kind and str(told) == cue.name, cue.name
    assert {cue.kind for cue in cues} == set(CueKind)


def test_the_inputs_of_learners_are_those_that_names_know() -> None:
    assert set(PARTS) == {*PARTIAL_INPUTS, WHOLE_INPUT}
    partial = {CueName.read(name).kind for name in (*ranker.TESTED, *encoder.INPUTS, *network.INPUTS)}
    assert partial == {CueKind.INPUTS}
    assert {CueName.read(name).kind for name in ranker.YARDSTICK} == {CueKind.YARDSTICK}
