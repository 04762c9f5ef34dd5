"""What the layer says and what it leans on in the front end, held against the script itself."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from annotation.labelstudio.layer_copy import place_layer

LAYER = Path(__file__).parents[3] / "annotation" / "layer"
SCRIPT = (LAYER / "companion.js").read_text("utf-8")
ALL_LEANS = re.search(r"const LEANS_ON = \[(.*?)\n  \];", SCRIPT, re.DOTALL)


def test_a_copy_says_all_of_it_in_each_language_without_our_libraries(tmp_path: Path) -> None:
    own = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Log in"\nmsgstr "Entrer"\n'
    (tmp_path / "words.fra_Latn.po").write_text(own + '\nmsgid "Sign up"\nmsgstr "{x}"\n', "utf-8")
    (problem,) = place_layer(tmp_path)
    assert problem.startswith(f"{tmp_path / 'words.fra_Latn.po'}: line 7: msgid “Sign up”: it has {{x}} where")
    asked = """
import json, sys
from belebele_layer.pages import messages
said = ["Log in", "Sign up", "Restore it"]
told = {tag: [messages.translated(one, tag) for one in said] for tag in (*messages.catalogues(), "sw")}
assert not {"babel", "data", "annotation"} & sys.modules.keys()
print(json.dumps([told, messages.direction_of("ar")]))
"""
    environment = {"PYTHONPATH": str(tmp_path), "PYTHONSAFEPATH": "1"}
    done = subprocess.run(
        [sys.executable, "-c", asked], cwd=tmp_path, env=environment, capture_output=True, check=True, timeout=60
    )
    told, direction = json.loads(done.stdout)
    assert told["fr"] == ["Entrer", "Créer un compte", "Le rétablir"]
    assert told["sw"] == ["Log in", "Sign up", "Restore it"]
    assert (told["ar"][2], direction) == ("استعده", "rtl")


def test_nothing_is_said_past_the_catalogues() -> None:
    """Sentences in quotes stand in gettext alone; the rest of what is quoted are names."""
    code = re.sub(r"/\*.*?\*/|//[^\n]*", "", SCRIPT, flags=re.DOTALL)
    code = re.sub(r'gettext\(\s*"[^"]+"', "gettext(", re.sub(r"`[^`]*`", "``", code))
    quoted = re.findall(r'"([^"\n]*)"', code)
    said = [text for text in quoted if re.match(r"[A-Z][a-z]+ [a-z]+ ", text)]
    assert said == []


def test_a_start_looks_for_everything_that_the_script_leans_on() -> None:
    from annotation.layer.pages.front_end import NAMES

    assert ALL_LEANS is not None
    named = re.findall(r'\["([\w.]+)"', ALL_LEANS[1])
    listed = re.findall(r'"(\w+)"', re.search(r"\.\.\.\[(.*?)\]", ALL_LEANS[1], re.DOTALL)[1])  # type: ignore[index]
    leaves = {name.rpartition(".")[2] for name in [*named, *listed]} - {"id", "on"}  # too short to be looked for
    assert len(leaves) > 25
    assert leaves <= set(NAMES)
    for name in NAMES:
        assert name.removeprefix("bottombar-") in SCRIPT, f"{name} is used nowhere"


def test_a_name_that_is_gone_is_named(tmp_path: Path) -> None:
    from annotation.layer.pages.front_end import missing

    (tmp_path / "main.js").write_text("var a={submitDraft:1,names:b.skipTasks}", "utf-8")
    (tmp_path / "2.js").write_text('c["next-task"]', "utf-8")
    wanted = ["submitDraft", "names", "skipTask", "next-task"]
    assert list(missing(tmp_path, wanted)) == ["skipTask in the front end"]
