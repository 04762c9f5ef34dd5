"""`belebele audit`: files in, report and exit code out; stopped and resumed; what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

import flows.audit
from data.errors import UsageError
from flows.audit import Shelf, campaign_items, items_of, layers_of, source_of
from flows.cli.commands import main
from flows.ledger_views.current_items import kept_questions
from qc.audit.audit_request import Asked
from tests.flows.small_campaign import BAKERY, BOATS, FRENCH, SWAHILI, at
from tests.qc.audited import WORDS, keys_drawn, made

QUICK = ("--layers", "heuristics,tokens", "--permutations", "199")


def stored(items: pd.DataFrame, path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = items.rename(columns={"key": "answer"}).to_dict("records")
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return str(path)


def audit(*words: str) -> Result:
    return CliRunner().invoke(main, ["audit", *words])


def report(folder: Path) -> bytes:
    return (folder / "report.json").read_bytes()


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result, str]:
    """An audit of a set whose keys are mostly the longest option."""
    folder = tmp_path_factory.mktemp("audited")
    path = stored(made(100, longest=0.7), folder / "telling.jsonl")
    return folder / "out", audit(path, "--out", str(folder / "out"), *QUICK), path


def test_a_shortcut_is_found_named_and_written_down(found: tuple[Path, Result, str]) -> None:
    out, ran, _ = found
    assert ran.exit_code == 1, ran.output
    assert "a shortcut was found: an option that has the words “and also”" in ran.output.lower()
    assert "also seen as: most words" in " ".join(ran.output.lower().split())
    told = json.loads(report(out))
    assert told["verdict"]["detected"] is True
    items = pd.read_parquet(out / "items.parquet")
    assert len(items) == 100
    assert items["flagged"].sum() > 20
    assert items.loc[items["cue_name"] == "longest", "cue"].str.contains("longest").all()
    assert "<html" in (out / "report.html").read_text(encoding="utf-8")
    assert not (out / ".work").exists()


def test_a_set_without_one_passes_unless_a_certificate_is_required(tmp_path: Path) -> None:
    path = stored(keys_drawn(made(100), 4), tmp_path / "plain.jsonl")
    ran = audit(path, "--out", str(tmp_path / "out"), *QUICK)
    assert ran.exit_code == 0, ran.output
    ran = audit(path, "--out", str(tmp_path / "out"), *QUICK, "--require-certificate")  # 100 items cannot be
    assert ran.exit_code == 1, ran.output


def test_answers_of_solvers_to_a_set_of_one_language_need_not_name_it(tmp_path: Path) -> None:
    """And keys that the strongest contradict are ranked, where so few solvers flag none."""
    items = keys_drawn(made(100), 4).assign(language="fra_Latn")
    random = np.random.default_rng(0)
    wrong = items["item_id"].isin(items["item_id"].head(3))
    key = items["key"].to_numpy()
    lines = []
    for who, able in enumerate((0.97, 0.95, 0.93, 0.7, 0.6, 0.5)):
        right = (random.random(len(items)) < able) & ~(wrong & (who < 3))
        other = np.where(wrong & (who < 3), 1, random.integers(1, 4, len(items)))
        chosen = np.where(right, key, (key + other) % 4) + 1
        lines.append(pd.DataFrame({"solver": f"m{who}", "item_id": items["item_id"], "chosen": chosen}))
    pd.concat(lines).to_csv(tmp_path / "responses.csv", index=False)
    path = stored(items, tmp_path / "plain.jsonl")
    out = tmp_path / "out"
    ran = audit(path, "--out", str(out), *QUICK, "--responses", str(tmp_path / "responses.csv"))
    assert ran.exit_code == 0, ran.output
    assert "keys that strong solvers contradict" in " ".join(ran.output.split())
    told = json.loads(report(out))["solvers"]
    assert told["suspects"] == 0 and told["ranked"] >= 3
    assert {one["item_id"] for one in told["first"][:3]} == set(items["item_id"].head(3))
    listed = pd.read_parquet(out / "items.parquet").dropna(subset="key_place").sort_values("key_place")
    assert listed["item_id"].head(3).tolist() == [one["item_id"] for one in told["first"][:3]]
    assert "Keys to look at first" in (out / "report.html").read_text(encoding="utf-8")


def blind_answers(items: pd.DataFrame, path: Path, right: float) -> str:
    """Answers of a model that saw question and options only, of which a share is right beyond chance."""
    random = np.random.default_rng(3)
    drawn = random.integers(0, 4, len(items))
    chosen = np.where(random.random(len(items)) < right, items["key"], drawn) + 1
    told = pd.DataFrame({"solver": "m", "item_id": items["item_id"], "chosen": chosen})
    told.assign(inputs="question+options").to_csv(path, index=False)
    return str(path)


def test_right_answers_from_a_part_of_the_items_are_a_shortcut(tmp_path: Path) -> None:
    items = keys_drawn(made(100), 4)
    path = stored(items, tmp_path / "plain.jsonl")
    told = blind_answers(items, tmp_path / "blind.csv", 0.6)
    ran = audit(path, "--out", str(tmp_path / "out"), *QUICK, "--responses", told)
    assert ran.exit_code == 1, ran.output
    found = json.loads(report(tmp_path / "out"))
    (cue,) = [one for one in found["effects"] if one["name"] == "m (question+options)"]
    assert cue["detected"] and cue["accuracy"] > 0.6
    assert "solvers" not in found or found["solvers"] is None  # who sees a part tells nothing of keys
    assert "the pick of m (question+options)" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_blind_answers_by_chance_are_none_and_no_answer_is_no_pick(tmp_path: Path) -> None:
    items = keys_drawn(made(100), 4)
    path = stored(items, tmp_path / "plain.jsonl")
    told = blind_answers(items.head(90), tmp_path / "blind.csv", 0.0)
    ran = audit(path, "--out", str(tmp_path / "out"), *QUICK, "--responses", told)
    assert ran.exit_code == 0, ran.output
    found = json.loads(report(tmp_path / "out"))
    (cue,) = [one for one in found["effects"] if one["name"] == "m (question+options)"]
    assert not cue["detected"]


def test_again_and_in_another_order_it_is_the_same_to_the_byte(
    found: tuple[Path, Result, str], tmp_path: Path
) -> None:
    out, _, path = found
    mixed = tmp_path / "telling.jsonl"
    lines = Path(path).read_text(encoding="utf-8").splitlines(keepends=True)
    mixed.write_text("".join(lines[50:] + lines[:50][::-1]), encoding="utf-8")
    ran = audit(str(mixed), "--out", str(tmp_path / "out"), *QUICK)
    assert ran.exit_code == 1
    for name in ("report.json", "report.html", "items.parquet"):
        assert (tmp_path / "out" / name).read_bytes() == (out / name).read_bytes()


def test_a_stopped_audit_goes_on(
    found: tuple[Path, Result, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, _, path = found
    asked = Asked(layers=("heuristics", "tokens"), permutations=199)

    def stop(_words: str, done: int, _of: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        flows.audit.audit([path], str(tmp_path / "out"), asked, tell=stop)
    kept = sorted((tmp_path / "out/.work").iterdir())
    assert len(kept) == 2
    assert not (tmp_path / "out/report.json").exists()
    kept[0].write_bytes(kept[0].read_bytes()[:-5])  # as a crash of the machine could leave it
    (tmp_path / "out/.work/half.123").write_bytes(b"half")
    assert flows.audit.audit([path], str(tmp_path / "out"), asked).code == 1
    assert report(tmp_path / "out") == report(out)


def test_a_shelf_gives_back_what_is_whole(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "shelf")
    assert shelf.get("a") is None
    shelf.put("a", b"data")
    assert shelf.get("a") == b"data"
    (tmp_path / "shelf/a").write_bytes(b"")
    assert shelf.get("a") is None
    shelf.clear()
    assert not (tmp_path / "shelf").exists()


@pytest.mark.slow
def test_attempts_are_counted_and_told(tmp_path: Path) -> None:
    out = tmp_path / "out"

    def attempt(items: pd.DataFrame, *more: str) -> int:
        ran = audit(stored(items, tmp_path / "x.jsonl"), "--out", str(out), "--layers", "heuristics", *more)
        assert ran.exit_code in (0, 1), ran.output
        assert f"Attempt:      {json.loads(report(out))['parameters']['attempt']} in this folder" in ran.output
        return int(json.loads(report(out))["parameters"]["attempt"])

    few = ("--permutations", "99")
    first = made(40)
    assert attempt(first, *few) == 1
    assert attempt(first.iloc[::-1], *few) == 1  # the same set
    assert attempt(first, *few, "--margin", "0.1") == 2
    assert attempt(keys_drawn(first, 1), *few) == 3
    (out / "attempts.json").write_text("{")
    ran = audit(str(tmp_path / "x.jsonl"), "--out", str(out), "--layers", "heuristics", *few)
    assert ran.exit_code == 2
    assert "attempts.json is broken; it counts the audits of this set" in ran.output


def test_three_items_are_too_few(tmp_path: Path) -> None:
    ran = audit(stored(made(3, passages=3), tmp_path / "x.jsonl"), "--out", str(tmp_path / "out"))
    assert ran.exit_code == 2
    assert "too few items to judge: with n = 3 nothing above chance (25%) can be seen" in ran.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("--layers", "heuristic"),
            "--layers takes heuristics, tokens, learners, network, encoder, not heuristic",
        ),
        (("--alpha", "5"), "--alpha is a share between 0 and 1, not 5"),
        (("--layers", "encoder"), "an encoder takes both: --layers …,encoder and --encoder PATH"),
        (("--encoder", "nowhere"), "an encoder takes both"),
        (("--source-language", "eng_Latn"), "the set has no items in the source language 'eng_Latn'"),
        (("--permutations", "9"), "9 permutations can find nothing at alpha"),
        (("--question", "q"), "has no column 'q' (--question); its columns are"),
        (("--responses", "nowhere.csv"), "nowhere.csv"),
        (("--train-on", "nowhere.jsonl"), "nowhere.jsonl: there is no such file or folder"),
    ],
)
def test_what_cannot_be_meant_so_is_refused(tmp_path: Path, words: Sequence[str], said: str) -> None:
    ran = audit(stored(made(40), tmp_path / "x.jsonl"), "--out", str(tmp_path / "out"), *words)
    assert ran.exit_code == 2, ran.output
    assert said in ran.output
    assert "Traceback" not in ran.output


def test_out_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    ran = audit(stored(made(40), tmp_path / "x.jsonl"), "--out", str(tmp_path / "out"))
    assert ran.exit_code == 2
    assert "is a file; --out names a folder" in ran.output


def test_a_campaign_is_audited_by_what_it_has_kept(tmp_path: Path) -> None:
    small = at("accepted", tmp_path)
    items = campaign_items(small.state)
    assert sorted(zip(items["item_id"], items["language"], strict=True)) == sorted(
        (question, language) for question in (BOATS, BAKERY) for language in ("eng_Latn", FRENCH, SWAHILI)
    )
    kept = kept_questions(small.state).set_index("question_id")
    for line in items[items["language"] == "eng_Latn"].to_dict("records"):
        assert line["options"] == list(kept.loc[line["item_id"], "answers"])
        assert line["key"] == kept.loc[line["item_id"], "key"] - 1
    ran = audit(small.address, "--out", str(tmp_path / "out"))
    assert ran.exit_code == 2
    assert "too few items to judge: with n = 2" in ran.output
    with pytest.raises(UsageError, match="a campaign is audited alone"):
        items_of([small.address, "x.jsonl"])


def test_a_campaign_and_a_release_know_their_source_language(tmp_path: Path) -> None:
    small = at("accepted", tmp_path)
    assert source_of([small.address], {"eng_Latn", FRENCH}) == "eng_Latn"
    assert source_of([small.address], {FRENCH, SWAHILI}) == ""
    (tmp_path / "release").mkdir()
    (tmp_path / "release/manifest.json").write_text('{"source_language": "fra_Latn"}')
    assert source_of([str(tmp_path / "release")], {"eng_Latn", FRENCH}) == FRENCH
    assert source_of([str(tmp_path)], {"eng_Latn", FRENCH}) == ""


def test_a_campaign_without_anything_kept(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the campaign has kept no question yet"):
        campaign_items(at("authoring", tmp_path).state)


@pytest.mark.slow
def test_networks_and_encoders_are_effects_without_refits(tmp_path: Path) -> None:
    import torch
    from transformers import BertConfig, BertModel, BertTokenizer

    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]) + "\n")
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(0)
    shape = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 8}
    BertModel(BertConfig(vocab_size=5 + len(WORDS), max_position_embeddings=64, **shape)).save_pretrained(folder)
    path = stored(made(24), tmp_path / "x.jsonl")
    layers = ("--layers", "heuristics,network,encoder", "--encoder", str(folder), "--permutations", "99")
    ran = audit(path, "--out", str(tmp_path / "out"), *layers)
    assert ran.exit_code in (0, 1), ran.output
    told = json.loads(report(tmp_path / "out"))
    tested = {layer["name"]: (layer["tested"], layer["alpha"]) for layer in told["layers"]}
    assert tested == {"heuristics": (True, 0.05), "network": (False, 0.0), "encoder": (False, 0.0)}
    assert told["parameters"]["encoder"].startswith("tiny (")
    effects = [effect for effect in told["effects"] if effect["layer"] == "encoder"]
    assert len(effects) == 3
    assert all(effect["p"] is None and effect["upper"] > effect["accuracy"] for effect in effects)
    ran = audit(path, "--out", str(tmp_path / "out"), "--layers", "encoder", "--encoder", str(tmp_path))
    assert ran.exit_code == 2
    assert "there is no config.json in it" in ran.output


def test_layers_run_in_their_own_order() -> None:
    assert layers_of("tokens, heuristics") == ("heuristics", "tokens")


def test_a_set_whose_file_tells_a_language_is_asked_for_its_name(tmp_path: Path) -> None:
    """Of both commands, before the work, and in the report."""
    path = stored(keys_drawn(made(100), 4), tmp_path / "mine" / "eng.jsonl")
    heuristics = ["--layers", "heuristics", "--permutations", "19"]
    runs = [("audit", heuristics, ""), ("audit", heuristics, "My quizzes"), ("lint", [], ""), ("lint", [], "Mine")]
    for command, more, name in runs:
        words = [command, path, "--out", str(tmp_path / command), *more, *(["--name", name] if name else [])]
        ran = CliRunner().invoke(main, words)
        assert ran.exit_code in (0, 1), ran.output
        asked = "belebele: eng.jsonl tells a language, not which set it is" in ran.stderr
        assert (asked, "--name" in ran.stdout) == (not name, False)
        facts = json.loads(report(tmp_path / command))["facts"]
        assert (facts["name"], facts["named"]) == (name or "mine/eng.jsonl", bool(name))
        page = (tmp_path / command / "report.html").read_text(encoding="utf-8")
        assert ("<code>--name</code>" in page) == (not name)


def test_a_file_that_is_not_there_is_told_before_anything_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_text("question\n")
    looks = (
        "import sys; from flows.cli.commands import main; code = 0\n"
        "try: main(['audit', 'itmes.csv', '--out', 'audit'])\n"
        "except SystemExit as end: code = end.code\n"
        "print(code, [name for name in ('torch', 'matplotlib', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", looks], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout == "2 []\n"
    assert "itmes.csv: there is no such file or folder; did you mean items.csv?" in done.stderr
    assert not (tmp_path / "audit").exists()


# What is read, and what is refused -------------------------------------------------------------------------------


def lines(number: int, word: str, *, ids: bool = False) -> list[dict[str, object]]:
    """Items whose keys are the same in every language."""
    return [
        ({"id": n} if ids else {})
        | {
            "question": f"{word} what {n}?",
            "options": [f"{word} {n}{letter}" for letter in "pqrs"],
            "answer": n * n % 7 % 4,
        }
        for n in range(number)
    ]


def jsonl(path: Path, items: Sequence[object]) -> str:
    path.write_text("".join(json.dumps(one) + "\n" for one in items), encoding="utf-8")
    return str(path)


def test_languages_that_nothing_tells_are_refused_with_the_options_that_do(tmp_path: Path) -> None:
    files = [jsonl(tmp_path / f"part{n}.jsonl", lines(60, f"w{n}")) for n in range(3)]
    ran = audit(*files, "--out", str(tmp_path / "out"), *QUICK)
    assert ran.exit_code == 2, ran.output
    assert all(cure in ran.output for cure in ("--language", "--id", "--pair rows", "--independent"))
    assert not (tmp_path / "out/report.json").exists()
    said = audit(*files, "--language", "part{}.jsonl", "--pair", "rows", "--describe")
    assert said.exit_code == 0, said.output
    assert "60 different items in 180" in said.output
    said = audit(*files, "--independent", "--describe")
    assert said.exit_code == 0, said.output
    assert "items: 180" in said.output


def test_the_report_says_how_the_set_was_read(found: tuple[Path, Result, str]) -> None:
    _, ran, _ = found
    assert "Read as:      columns known by their names: passage = passage" in ran.output


def test_items_with_several_right_options_are_described_and_not_audited(tmp_path: Path) -> None:
    answers = [{"text": text, "isAnswer": n < 2} for n, text in enumerate("pqr")]
    asked = [{"question": f"What {n}?", "answers": answers, "idx": str(n)} for n in range(4)]
    data = [{"id": f"p{n}", "paragraph": {"text": f"Text {n}.", "questions": asked}} for n in range(10)]
    path = tmp_path / "multirc.json"
    path.write_text(json.dumps({"data": data}), encoding="utf-8")
    ran = audit(str(path), "--out", str(tmp_path / "out"), *QUICK)
    assert ran.exit_code == 2, ran.output
    assert "40 of 40 items have several right options" in ran.output
    assert "several may be right" in audit(str(path), "--describe").output


def test_a_language_whose_items_are_all_on_one_passage_is_refused(tmp_path: Path) -> None:
    items = [
        one | {"id": n, "language": "eng_Latn", "passage": f"Text {n // 2}."}
        for n, one in enumerate(lines(60, "w"))
    ]
    items += [one | {"language": "fra_Latn", "passage": "Texte."} for one in items[:2]]
    ran = audit(jsonl(tmp_path / "a.jsonl", items), "--out", str(tmp_path / "out"), "--layers", "heuristics")
    assert ran.exit_code == 2, ran.output
    assert "the 2 items of fra_Latn are all in one fold" in ran.output


def test_out_is_wanted_unless_a_set_is_only_described(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "a.jsonl", lines(60, "w", ids=True))
    ran = audit(path)
    assert ran.exit_code == 2
    assert "--out" in ran.output
