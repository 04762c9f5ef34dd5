"""The work of `belebele lint`: read a set, run every check on it, write the report.

`qc.lint` judges; this module is the input and output: files and campaigns in, files and an exit code out. The
files are read before any import that takes seconds, so that a mistake in a name is reported at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data import sources
from data.errors import UsageError
from data.itemsets import Columns, ItemSet, files_of, read_set
from data.itemsets.set_name import Told
from data.output_files import Outputs
from flows.calibrations.model_paths import ModelPaths
from flows.lint.set_mends import refuse_unwritable, write_mended
from flows.set_titles import set_title

if TYPE_CHECKING:
    from qc.lint.finding import Level, Profile
    from qc.lint.lint_run import LintResult

FILES = ("findings.parquet", "report.json", "report.html", "baseline.jsonl")
MENDS = "mends.jsonl"


@dataclass(frozen=True)
class Linted:
    """A finished lint.

    Attributes:
        result: its findings.
        facts: the report as plain data.
        lines: the report's lines for a terminal.
        code: 0 if no finding reached the asked severity; 1 if one did, or if a required judgement is missing.
    """

    result: LintResult
    facts: dict[str, Any]
    lines: tuple[str, ...]
    code: int


@dataclass(frozen=True)
class Asked:
    """The user's request for a lint.

    Attributes:
        source_language: the language that the others were translated from, as the user calls it; "" for none.
        severity: the least level of a finding that makes the lint fail.
        profile: `any` or `campaign`.
        digits: languages and systems of digits, `fas=arabext`, as the user wrote them.
        require_judged: whether to fail if something could not be judged.
        baseline: a file of accepted findings; "" for none.
        fix: where to write the set with its certain mends; "" for nowhere.
        calibration: a source of parallel passages that learned checks learn from; "" for none.
        models: models from elsewhere that judge beside what these teach.
    """

    source_language: str = ""
    severity: Level = "error"
    profile: Profile = "any"
    digits: tuple[str, ...] = ()
    require_judged: bool = False
    baseline: str = ""
    fix: str = ""
    calibration: str = ""
    models: ModelPaths = field(default_factory=ModelPaths)


LintListener = Callable[[str, int, int], None]


def lint(
    paths: Sequence[str],
    out: str,
    asked: Asked,
    *,
    columns: Columns | None = None,
    name: str = "",
    tell: LintListener = lambda _words, _done, _of: None,
) -> Linted:
    """Lint files or a campaign and write findings.parquet, report.json, report.html and baseline.jsonl.

    Args:
        paths: files and folders of one set, or one campaign.
        out: the folder to write to.
        asked: the user's request.
        columns: the names of the files' columns.
        name: the set's name; by default the file's or the folder's.
        tell: is told of progress.

    Raises:
        ItemSetError: nothing in the files can be read.
        UsageError: the request cannot be fulfilled, or `out` holds files that no lint wrote.
        OutputFailed: the disk refuses.
    """
    campaign = _campaign_among(paths)
    inputs = [] if campaign else files_of(paths)
    outputs = Outputs.of_folder(out, "lint", [*inputs, *filter(None, [asked.baseline])])
    outputs.check([*FILES, *([MENDS] if asked.fix else [])])
    if asked.calibration:
        sources.guess(asked.calibration)  # a mistake in its name is reported at once
    if not asked.calibration and (option := next(asked.models.options(), "")):
        raise UsageError(
            f"{option} judges by what correct texts give, so it takes --calibration PASSAGES beside it"
        )
    asked.models.digests()  # so is one in a model's
    if asked.fix and campaign:
        raise UsageError("--fix mends files, and a campaign is none; its texts are mended where people work")
    if asked.fix:
        refuse_unwritable(asked.fix, inputs)
    tell("reading", 0, 1)
    read = _of_campaign(paths) if campaign else read_set(paths, columns, lenient=True)
    # The imports from here on take a while; mistakes that show without them have been reported.
    from flows.audit import source_of
    from flows.runners.worker_processes import in_each_language
    from qc.lint.baseline import read_baseline, written
    from qc.lint.certain_mends import certain_mends
    from qc.lint.lint_run import lint as judge
    from qc.lint.set_items import code_of
    from qc.reports import lint_report

    accepted = read_baseline(Path(asked.baseline)) if asked.baseline else frozenset()
    called = sorted(set(read.items["language"])) if len(read.items) else []
    source = _called(asked.source_language, called) if asked.source_language else source_of(paths, {*called})
    learned = None
    if asked.calibration:
        from flows.lint.lint_calibration import LearnedHere, learned_from

        tell("learning", 0, 1)
        codes = tuple(code for code in map(code_of, called) if code)
        taught = asked.calibration, codes, code_of(source), asked.models
        learned = LearnedHere(*taught, learned_from(*taught))
    result = judge(
        read.items,
        read.faults,
        profile=asked.profile,
        source_language=source,
        digits=_digits(asked.digits, called),
        learned=learned.learned if learned else None,
        by_language=learned.judged if learned else None,
        each_language=in_each_language,
        tell=tell,
    )
    mended = write_mended(asked.fix, inputs, certain_mends(result)) if asked.fix else None
    set_called = set_title(paths, name)
    document = lint_report.document(
        result,
        name=set_called.text,
        named=set_called.told is Told.SET,
        described=read.described,
        severity=asked.severity,
        require_judged=asked.require_judged,
        accepted=accepted,
        mends=[asdict(mend) for mend in mended.mends] if mended else (),
    )
    new = [one for one in result.findings if not one.flagged or one.known_as not in accepted]
    files = {
        "findings.parquet": lint_report.parquet(new),
        "report.html": lint_report.page(document).encode("utf-8", "surrogatepass"),
        "report.json": lint_report.written(document),
        "baseline.jsonl": written(result.findings),
    }
    outputs.write(files | ({MENDS: mended.listed} if mended else {}))
    lines = [
        *lint_report.finding_lines(new, asked.severity),
        *lint_report.summary_lines(new, result.covered),
        *lint_report.chance_lines(document["checks"]),
        document["verdict"]["sentence"],
        *([mended.sentence] if mended else []),
        f"Report: {out}",
    ]
    return Linted(result, document, tuple(lines), 1 if document["verdict"]["failed"] else 0)


def _campaign_among(paths: Sequence[str]) -> bool:
    from data import storage
    from data.campaign import FILE

    campaigns = [path for path in paths if "://" in path or storage.exists(path, FILE)]
    if campaigns and len(paths) > 1:
        raise UsageError(f"{campaigns[0]} is a campaign, and a campaign is linted alone")
    return bool(campaigns)


def _of_campaign(paths: Sequence[str]) -> ItemSet:
    import pandas as pd

    from flows.audit import items_of

    items = items_of(paths)
    return ItemSet(items.assign(place="", keys=pd.Series([[key] for key in items["key"]], dtype=object)))


def _called(given: str, there: Sequence[str]) -> str:
    """Return the set's name for a language that the user names.

    Raises:
        UsageError: the set has no such language.
    """
    from qc.lint.set_items import code_of

    if given in there:
        return given
    same = [one for one in there if code_of(given) and code_of(one) == code_of(given)]
    if len(same) == 1:
        return same[0]
    named = ", ".join(one or "(none)" for one in there[:20]) or "none"
    raise UsageError(f"the set has no language {given!r}; its languages are {named}")


def _digits(given: Sequence[str], there: Sequence[str]) -> tuple[str, ...]:
    """Return languages and systems in turn, from `fas=arabext`.

    Raises:
        UsageError: the set does not have the language, or the system is unknown.
    """
    from qc.lint.set_checks import SYSTEMS

    found: list[str] = []
    for one in given:
        language, _, system = one.partition("=")
        if system not in SYSTEMS:
            raise UsageError(
                f"--digits takes LANGUAGE=SYSTEM, a system being one of {', '.join(SYSTEMS)}; not {one!r}"
            )
        found += [_called(language, there), system]
    return tuple(found)
