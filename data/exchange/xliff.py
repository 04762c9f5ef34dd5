"""XLIFF 1.2: texts on their way to a translator's program and back.

Only what every program keeps is relied on: the units' ids, their texts and states. Marks that a program sets in a
text are taken off where they do not change it (`mrk`, `g`), and segments are joined again; every other tag stands
for something that our texts cannot hold, so its unit is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from data.intake import Unreadable, shown, xml_input
from data.intake.xml_input import Element
from data.language_tags import language_of_tag

NAMESPACE = "urn:oasis:names:tc:xliff:document:1.2"

TOOL = "belebele-maker"
"""Who wrote a note or file, as the attributes `from` and `product-name` say."""

DONE = ("translated", "final", "signed-off")
"""The states of a target that count as finished."""

_NAMESPACES = (NAMESPACE, "urn:oasis:names:tc:xliff:document:1.1", "")
_FIT_FOR_TEXT = ("g", "mrk")
_UNSPACED = frozenset({"Hans", "Hant", "Jpan", "Thai", "Khmr", "Laoo", "Mymr", "Tibt"})
_INDENT = re.compile(r"\s*\n[ \t]*")


@dataclass(frozen=True)
class Match:
    """An earlier translation of a similar text, for `alt-trans`: likeness from 0 to 1."""

    source: str
    target: str
    likeness: float
    origin: str = ""


@dataclass(frozen=True)
class Unit:
    """A text to be translated, or shown.

    Attributes:
        id: unique in the file.
        source: the text in the source language.
        target: its translation; "" if there is none.
        state: of the target; "" if none is given.
        name: of the field.
        mark: of the revision; programs may drop it.
        notes: for people. Of a file that came back: those that we did not write.
        matches: earlier translations, going out only.
        line: where it stands in a file that came back.
        problem: why its target cannot be taken; "" if it can.
        tagged: whether tags were taken off the target.
        lacking: whether a segment of it has no text yet.
    """

    id: str
    source: str
    target: str = ""
    state: str = ""
    name: str = ""
    mark: str = ""
    notes: tuple[str, ...] = ()
    matches: tuple[Match, ...] = ()
    line: int = 0
    problem: str = ""
    tagged: bool = False
    lacking: bool = False


@dataclass(frozen=True)
class Group:
    """Units that belong together; context is not to be translated."""

    id: str
    units: tuple[Unit, ...]
    notes: tuple[str, ...] = ()
    context: bool = False


@dataclass(frozen=True)
class Document:
    """One `file` of an XLIFF document.

    Attributes:
        original: what it is about.
        source_language: BCP 47; "" if none is given.
        target_language: BCP 47; "" if none is given.
        campaign: the mark of who sent it; "" if none is given.
        notes: for people, going out only.
        groups: going out only.
        units: of a file that came back, in order, those of context included.
    """

    original: str
    source_language: str
    target_language: str
    campaign: str = ""
    notes: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()
    units: tuple[Unit, ...] = field(default=())


def written(documents: Sequence[Document]) -> bytes:
    """Return an XLIFF 1.2 document with these files; texts must not hold what `xml_input.unheld` finds."""
    from lxml import etree

    def add(parent: object, name: str, text: str | None = None, **attributes: str) -> object:
        given = {key.replace("_", "-"): value for key, value in attributes.items() if value}
        made = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}", given)
        made.text = text
        return made

    def note(parent: object, text: str) -> None:
        add(parent, "note", text, **{"from": TOOL})

    def unit(parent: object, one: Unit, context: bool) -> None:
        made = add(parent, "trans-unit", id=one.id, resname=one.name, extradata=one.mark)
        made.set(f"{{{xml_input.XML_NAMESPACE}}}space", "preserve")  # type: ignore[attr-defined]
        if context:
            made.set("translate", "no")  # type: ignore[attr-defined]
        add(made, "source", one.source)
        add(made, "target", one.target, state=one.state)
        for text in one.notes:
            note(made, text)
        for match in one.matches:
            alike = f"{match.likeness:.0%}" if match.likeness else ""
            alternative = add(made, "alt-trans", match_quality=alike, origin=match.origin)
            add(alternative, "source", match.source)
            add(alternative, "target", match.target)

    top = etree.Element(f"{{{NAMESPACE}}}xliff", {"version": "1.2"}, nsmap={None: NAMESPACE})
    for one in documents:
        file = add(
            top, "file", original=one.original, source_language=one.source_language,
            target_language=one.target_language, datatype="plaintext", product_name=TOOL,
            product_version=one.campaign,
        )  # fmt: skip
        header = add(file, "header")
        for text in one.notes:
            note(header, text)
        body = add(file, "body")
        for group in one.groups:
            made = add(body, "group", id=group.id)
            if group.context:
                made.set("translate", "no")  # type: ignore[attr-defined]
            for text in group.notes:
                note(made, text)
            for text_unit in group.units:
                unit(made, text_unit, group.context)
    _indent(top, 0)
    return bytes(etree.tostring(top, xml_declaration=True, encoding="UTF-8"))


def spaced(tag: str) -> bool:
    """Return whether a space belongs between two sentences in the language of a BCP 47 tag.

    >>> spaced("fr"), spaced("ja"), spaced("zh-Hant")
    (True, False, False)
    """
    known = language_of_tag(tag) if tag else None
    return known is None or known.script not in _UNSPACED


def read(data: bytes) -> list[Document]:
    """Return the files of an XLIFF document that came back.

    Raises:
        Unreadable: it is not XML, not XLIFF, or XLIFF of another version.
    """
    top = xml_input.root(data)
    if top.name != "xliff":
        raise Unreadable(f"is no XLIFF but <{shown(top.name, 40)[1:-1]}>; give the .xlf file", top.line)
    version = top.attributes.get("version", "")
    if top.namespace not in _NAMESPACES or version not in ("1.2", "1.1"):
        given = f"XLIFF {version}" if version else "XLIFF without a version"
        raise Unreadable(f"is {shown(given, 40)[1:-1]}, and XLIFF 1.2 is taken; save it as XLIFF 1.2", top.line)
    files = top.named("file")
    if not files:
        raise Unreadable("holds no <file>; give the .xlf file as it went out, translated", top.line)
    return [_document(one) for one in files]


def _document(file: Element) -> Document:
    given = file.attributes.get
    with_spaces = spaced(given("target-language", ""))
    return Document(
        given("original", ""), given("source-language", ""), given("target-language", ""),
        given("product-version", "") if given("product-name") == TOOL else "",
        units=tuple(_unit(one, with_spaces, notes) for body in file.named("body") for one, notes in _units(body)),
    )  # fmt: skip


def _units(parent: Element, above: tuple[str, ...] = ()) -> Iterator[tuple[Element, tuple[str, ...]]]:
    """Yield the units within a body or group, each with the notes of the groups around it."""
    for one in parent.named("trans-unit", "group"):
        if one.name == "group":
            yield from _units(one, (*above, *_notes(one)))
        else:
            yield one, above


def _notes(parent: Element) -> tuple[str, ...]:
    """Return the notes that somebody else wrote."""
    texts = [(one.attributes.get("from", ""), one.text.strip()) for one in parent.named("note")]
    return tuple(text for whose, text in texts if text and whose != TOOL)


def _unit(unit: Element, with_spaces: bool, above: tuple[str, ...]) -> Unit:
    sources, targets = unit.named("source"), unit.named("target")
    made = Unit(
        unit.attributes.get("id", ""), _Text(sources[0]).joined("", {}) if sources else "",
        name=unit.attributes.get("resname", ""), mark=unit.attributes.get("extradata", ""),
        notes=(*_notes(unit), *above), line=unit.line,
    )  # fmt: skip
    if len(targets) > 1:
        return replace(made, problem=f"has {len(targets)} targets; keep one")
    if not targets:
        return made
    found = _Text(targets[0])
    split = [_Text(one) for one in unit.named("seg-source")]
    between = split[0].gaps(made.source) if split and with_spaces else {}
    filled = {mid for mid, text in found.segments if text.strip()}
    wanted = {mid for one in split for mid, text in one.segments if text.strip()} | {
        mid for mid, _ in found.segments
    }
    strange = (
        f"holds the tag <{found.strange}>, which no text of ours can hold; take it out" if found.strange else ""
    )
    return replace(
        made,
        target=found.joined(" " if with_spaces else "", between),
        # approved is the older way to say that a text is final
        state=targets[0].attributes.get("state", "final" if unit.attributes.get("approved") == "yes" else ""),
        problem=strange,
        tagged=found.tagged,
        lacking=bool(found.segments) and not wanted <= filled,
    )


class _Text:
    """The content of a source or target: pieces of text, each with the segment that it belongs to.

    Attributes:
        pieces: (segment's number, or None between segments; text).
        strange: the first tag that is not taken; "" if there is none.
        tagged: whether tags were taken off.
    """

    def __init__(self, element: Element) -> None:
        self.pieces: list[tuple[str | None, str]] = []
        self.strange = ""
        self.tagged = False
        self._take(element, None)

    @property
    def segments(self) -> list[tuple[str, str]]:
        """Number and text of each segment."""
        return [(mid, text) for mid, text in self.pieces if mid is not None]

    def gaps(self, whole: str) -> dict[tuple[str, str], str]:
        """Return what stands between two neighbouring segments, by their numbers.

        Args:
            whole: the text that was split; what stands between the segments themselves may be a program's indent.
        """
        found: dict[tuple[str, str], str] = {}
        place, before = 0, ""
        for number, (mid, text) in enumerate(self.segments):
            start = whole.find(text, place)
            if start < 0:
                return {}
            if number:
                found[before, mid] = whole[place:start]
            place, before = start + len(text), mid
        return found

    def joined(self, space: str, between: dict[tuple[str, str], str]) -> str:
        """Return the whole text.

        Args:
            space: what belongs between segments of which nothing else is known.
            between: what stands between the source's segments.
        """
        text, before, gap = "", None, ""
        for mid, piece in self.pieces:
            if mid is None:
                gap += piece
                continue
            if before is not None:
                known = between.get((before, mid), space)
                if (not gap or _INDENT.fullmatch(gap)) and gap != known:
                    touching = not text[-1:].isspace() and not piece[:1].isspace()
                    gap = known if touching and known.isspace() else ""
            text, before, gap = text + gap + piece, mid, ""
        return text + gap

    def _take(self, element: Element, segment: str | None) -> None:
        for one in element.content:
            if isinstance(one, str):
                self._add(segment, one)
            elif one.name == "mrk" and one.attributes.get("mtype") == "seg" and segment is None:
                mid = one.attributes.get("mid", str(len(self.pieces)))
                self.pieces.append((mid, ""))
                self._take(one, mid)
                self.pieces.append((None, ""))
            elif one.name in _FIT_FOR_TEXT:
                self.tagged = True
                self._take(one, segment)
            elif one.name == "x" and one.attributes.get("ctype") == "lb":
                self._add(segment, "\n")
            else:
                self.strange = self.strange or one.name

    def _add(self, segment: str | None, text: str) -> None:
        if self.pieces and self.pieces[-1][0] == segment:
            self.pieces[-1] = (segment, self.pieces[-1][1] + text)
        else:
            self.pieces.append((segment, text))


def _indent(node: object, depth: int) -> None:
    """Break lines between elements, but never within a text."""
    children = list(node)  # type: ignore[call-overload]
    if not children:
        return
    node.text = "\n" + " " * (depth + 1)  # type: ignore[attr-defined]
    for child in children:
        _indent(child, depth + 1)
        child.tail = "\n" + " " * (depth + 1)
    children[-1].tail = "\n" + " " * depth
