"""`croissant.json`: the release for programs, in MLCommons' Croissant 1.1 with its RAI vocabulary 1.0.

Data search engines and reviewers of data tracks read it; with it a loader finds every record. There is a set of
records for each split and language, `test/fra_Latn`, not one over all files of a split: loaders check the digest
of a file that a set names, and of none that a pattern finds. The files' provenance is told in PROV. What people
wish about the use of the data is told as words, since a licence that forbids further terms leaves no room for one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from data.release.description.hub_card import WISH
from data.release.description.release_description import ReleaseDescription
from data.release.evidence_file import FILE as EVIDENCE_FILE
from data.release.evidence_file import KEY_COLUMNS
from data.release.item_columns import COLUMNS, SCHEMA
from data.release.item_paths import parquet_path

FILE = "croissant.json"

Node = dict[str, Any]

_CONTEXT: Node = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "prov": "http://www.w3.org/ns/prov#",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""The vocabulary's own context, with PROV beside it."""

_CONFORMS = ("http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0")

_TYPES = {"string": "sc:Text", "int64": "sc:Integer", "double": "sc:Float"}

_MEDIA = {"parquet": "application/x-parquet", "jsonl": "application/jsonlines", "md": "text/markdown"}

_PURPOSES = {"test": "to evaluate with", "dev": "to take few-shot examples from"}


def croissant_files(release: ReleaseDescription) -> dict[str, bytes]:
    """Return the metadata as a file of the release, by its path."""
    return {FILE: (json.dumps(metadata(release), indent=1, ensure_ascii=False) + "\n").encode()}


def metadata(release: ReleaseDescription) -> Node:
    """Return the metadata as JSON-LD."""
    node: Node = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": list(_CONFORMS),
        "name": release.title,
        "description": _description(release),
        "version": release.version,
        "datePublished": release.date,
        "license": f"https://spdx.org/licenses/{release.licence}",
        "creator": {"@type": "Organization", "name": f"The contributors to {release.title}"},
        "inLanguage": [one.bcp47 or one.code for one in release.languages],
        "isLiveDataset": False,
        "keywords": ["benchmark", "evaluation", "multilingual", "multiple choice", "reading comprehension"],
        "citeAs": f"{release.title}, version {release.version}, {release.date[:4]}",
    }
    if url := _url(release):
        node["url"] = url
    if release.attributions:
        node["prov:wasDerivedFrom"] = [
            {"@id": one.url, "@type": "prov:Entity", "prov:label": f"{one.name} ({one.licence})"}
            for one in release.attributions
        ]
    if release.no_training_wish:
        node["usageInfo"] = {"@type": "CreativeWork", "name": "A request of the makers", "text": WISH}
    return {**node, **_responsibility(release), **_resources(release)}


def _url(release: ReleaseDescription) -> str:
    return release.homepage or (f"https://huggingface.co/datasets/{release.hub}" if release.hub else "")


def _description(release: ReleaseDescription) -> str:
    parts = [f"{one.items:,} items on {one.passages:,} passages in {one.name}" for one in release.splits]
    number = len(release.languages)
    return (
        "Questions with four options on short passages, to be answered from the passage alone, in "
        f"{number:,} language{'' if number == 1 else 's'}, the same items in each: {'; '.join(parts)}."
    )


def _responsibility(release: ReleaseDescription) -> Node:
    """Return the RAI fields; what is not known is left out, not made up."""
    people = ", ".join(f"{stage} {number:,}" for stage, number in sorted(release.people.items()))
    native = ", ".join(f"{code} {number:,}" for code, number in sorted(release.native_languages.items()))
    agreement = [
        f"{one.stage}: {one.measure} {one.value:.2f}"
        + ("" if one.low is None or one.high is None else f" (95 % interval {one.low:.2f} to {one.high:.2f})")
        for one in release.agreement
    ]
    weak = [f"{one.language}: {one.weakness}" for one in release.weak_languages]
    facts: Node = {
        "rai:dataCollection": "Passages come from parallel sources; people wrote questions on them, others "
        "answered and judged these blind, and others translated and proofread them.",
        "rai:dataCollectionType": ["Manual Human Curator", "Manual Human Annotator"],
        "rai:dataAnnotationProtocol": list(release.policies),
        "rai:dataAnnotationPlatform": ["Label Studio"],
        "rai:dataAnnotationAnalysis": agreement,
        "rai:annotatorDemographics": [
            *([f"People at work, by stage: {people}"] if people else []),
            *([f"Languages that they grew up with, fewer than five merged: {native}"] if native else []),
        ],
        "rai:machineAnnotationTools": [f"belebele-maker {release.made_with.get('belebele', '')}".strip()]
        + [f"check {signature}" for signature in release.checks],
        "rai:dataUseCases": ["Evaluation of reading comprehension; not for training."],
        "rai:dataBiases": weak,
        "rai:dataLimitations": [f"{one.name} ({one.code}) is not in this version." for one in release.pending],
        "rai:personalSensitiveInformation": ["Nobody who worked on the data is named in it."],
        "rai:dataReleaseMaintenancePlan": "Versions are semantic: texts mended, items or languages added, keys or "
        "columns changed. No item ever changes sides between the splits.",
    }
    return {name: value for name, value in facts.items() if value}


def _resources(release: ReleaseDescription) -> Node:
    files = [_file(path, release) for path in sorted(release.files) if path.rpartition(".")[2] in _MEDIA]
    columns = [(name, _TYPES[str(SCHEMA.field(name).type)], meaning) for name, meaning in COLUMNS]
    records = []
    for split in release.splits:
        purpose = _PURPOSES[split.name]
        for one in release.languages:
            path = parquet_path(split.name, one.code)
            described = f"The items of the split {split.name}, {purpose}, in {one.name}."
            records.append(_record_set(f"{split.name}/{one.code}", described, columns, path))
    if EVIDENCE_FILE in release.files:
        columns = [(name, _TYPES[str(kind)], meaning) for name, kind, meaning in KEY_COLUMNS]
        described = "What is known of the keys of translated items."
        records.append(_record_set("key_evidence", described, columns, EVIDENCE_FILE))
    return {"distribution": files, "recordSet": records}


def _file(path: str, release: ReleaseDescription) -> Node:
    held = release.files[path]
    return {
        "@type": "cr:FileObject",
        "@id": path,
        "name": path,
        "contentUrl": path,
        "contentSize": f"{held.bytes} B",
        "encodingFormat": _MEDIA[path.rpartition(".")[2]],
        "sha256": held.sha256,
    }


def _record_set(name: str, described: str, columns: Sequence[tuple[str, str, str]], path: str) -> Node:
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": described,
        "key": [{"@id": f"{name}/item_id"}, {"@id": f"{name}/dialect"}],
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{name}/{column}",
                "name": column,
                "description": meaning,
                "dataType": kind,
                "source": {"fileObject": {"@id": path}, "extract": {"column": column}},
            }
            for column, kind, meaning in columns
        ],
    }
