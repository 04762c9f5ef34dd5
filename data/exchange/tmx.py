"""TMX 1.4b: translation memories, as translators' programs keep and exchange them.

A unit holds the same text in several languages. What a program marks within a text (`bpt`, `ph` and the like) is
markup of a document that we do not have, so its unit is passed over and counted; `hi` only points at a part of the
text and is taken off.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from data.intake import Unreadable, shown, xml_input
from data.intake.xml_input import Element

VERSIONS = ("1.4", "1.3", "1.2", "1.1")
"""The versions that are read; 1.4b calls itself 1.4."""


@dataclass(frozen=True)
class MemoryUnit:
    """The same text in several languages.

    Attributes:
        texts: by BCP 47 tag, at least two.
        origin: where it comes from; "" if that is not told.
        line: where it stands in the file that it was read from.
    """

    texts: Mapping[str, str]
    origin: str = ""
    line: int = 0


@dataclass
class Memory:
    """What a TMX file holds.

    Attributes:
        units: in the file's order.
        marked_up: how many units were passed over because their text holds a document's markup.
        single: how many have their text in fewer than two languages.
    """

    units: list[MemoryUnit] = field(default_factory=list)
    marked_up: int = 0
    single: int = 0


def written(units: Iterable[MemoryUnit], source_language: str) -> bytes:
    """Return a TMX 1.4b document; texts must not hold what `xml_input.unheld` finds.

    Args:
        units: what it is to hold.
        source_language: BCP 47 tag of the language that all units have.
    """
    from lxml import etree

    top = etree.Element("tmx", {"version": "1.4"})
    etree.SubElement(top, "header", {
        "creationtool": "belebele-maker", "creationtoolversion": "1", "segtype": "sentence", "o-tmf": "belebele",
        "adminlang": "en", "srclang": source_language, "datatype": "plaintext",
    })  # fmt: skip
    body = etree.SubElement(top, "body")
    for unit in units:
        made = etree.SubElement(body, "tu")
        if unit.origin:
            etree.SubElement(made, "prop", {"type": "x-origin"}).text = unit.origin
        for tag, text in unit.texts.items():
            variant = etree.SubElement(made, "tuv", {f"{{{xml_input.XML_NAMESPACE}}}lang": tag})
            etree.SubElement(variant, "seg").text = text
        made.tail = "\n"
    body.text = "\n"
    return bytes(etree.tostring(top, xml_declaration=True, encoding="UTF-8"))


def read(data: bytes) -> Memory:
    """Return what a TMX document holds.

    Raises:
        Unreadable: it is not XML, not TMX, or TMX of another version.
    """
    top = xml_input.root(data, dtd_named=True)
    if top.name != "tmx":
        raise Unreadable(f"is no TMX but <{shown(top.name, 40)[1:-1]}>; name a .tmx or .csv file", top.line)
    version = top.attributes.get("version", "")
    if version.rstrip("b") not in VERSIONS:
        raise Unreadable(f"is TMX {shown(version, 20)}, and 1.4 is taken; save it as TMX 1.4", top.line)
    found = Memory()
    for body in top.named("body"):
        for unit in body.named("tu"):
            _take(found, unit)
    return found


def _take(found: Memory, unit: Element) -> None:
    texts: dict[str, str] = {}
    for variant in unit.named("tuv"):
        tag = variant.attributes.get("xml:lang") or variant.attributes.get("lang", "")
        for segment in variant.named("seg"):
            if any(one.name != "hi" for one in _within(segment)):
                found.marked_up += 1
                return
            texts.setdefault(tag, segment.text)
    if len(texts) < 2:
        found.single += 1
        return
    origin = next((one.text for one in unit.named("prop") if one.attributes.get("type") == "x-origin"), "")
    found.units.append(MemoryUnit(texts, origin.strip(), unit.line))


def _within(element: Element) -> Iterable[Element]:
    for one in element.elements:
        yield one
        yield from _within(one)
