"""XML documents from other programs: without a DTD, without entities, and nothing is loaded from anywhere.

A DTD can make a small file unfold to gigabytes and can name files and addresses to be read, and no format that we
take needs one. So a document with a DTD is refused before it is parsed. Only where the programs of a format name
its DTD by habit, as those of TMX do, the bare name is passed over: it is taken out, and nothing is looked up. The
encodings are those of text files: UTF-8, or UTF-16 with its byte-order mark; another one that is declared is
refused rather than guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from data.intake.text_files import decoded
from data.intake.texts import Unreadable, fault_of, shown

LARGEST_XML = 1 << 26
"""The most bytes of one document: a memory of two hundred thousand texts."""

MOST_TAGS = 2_000_000
"""The most tags of one document; each takes some seven hundred bytes of memory, however few it has in the file."""

DEEPEST_XML = 60
"""The deepest nesting of elements: groups within groups, and tags within tags."""

XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"

_UNHELD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_DECLARED = re.compile(r"<\?xml\s[^>]*?encoding\s*=\s*[\"']([^\"']*)[\"']")
_DTD = re.compile(r"(?:\s|<\?.*?\?>|<!--.*?-->)*<!DOCTYPE", re.DOTALL)
_BARE_DTD = re.compile(
    r"(?:\s|<\?.*?\?>|<!--.*?-->)*(<!DOCTYPE\s+[\w:.-]+\s*(?:(?:SYSTEM|PUBLIC)(?:\s+(?:\"[^\"]*\"|'[^']*'))+)?\s*>)",
    re.DOTALL,
)
_TAKEN_ENCODINGS = ("utf-8", "utf8", "us-ascii", "ascii", "utf-16", "utf-16le", "utf-16be", "utf16")


@dataclass(frozen=True)
class Element:
    """An element of a document.

    Attributes:
        name: its local name.
        namespace: its namespace; "" for none.
        attributes: by local name; `xml:space` and `xml:lang` keep their prefix, those of other namespaces are left
            out.
        line: where it begins, counted from 1.
        content: its texts and elements, in order; comments and processing instructions are left out.
    """

    name: str
    namespace: str
    attributes: Mapping[str, str]
    line: int
    content: tuple[Element | str, ...]

    @property
    def elements(self) -> Iterator[Element]:
        """The elements directly within it."""
        return (one for one in self.content if isinstance(one, Element))

    def named(self, *names: str) -> list[Element]:
        """Return the elements directly within it that have one of these names, in its own namespace."""
        return [one for one in self.elements if one.name in names and one.namespace == self.namespace]

    @property
    def text(self) -> str:
        """All text within it, code point for code point."""
        return "".join(one if isinstance(one, str) else one.text for one in self.content)


def unheld(text: str) -> str:
    r"""Return the first character of a text that no XML document can hold; "" if there is none.

    >>> unheld("a\x08b"), unheld("a\u2028\U0001f600")
    ('\x08', '')
    """
    found = _UNHELD.search(text)
    return found[0] if found else ""


def root(data: bytes, *, dtd_named: bool = False) -> Element:
    """Return the outermost element of a document.

    Args:
        data: the document.
        dtd_named: whether it may name a DTD, without declaring anything itself.

    Raises:
        Unreadable: it is not XML, has a DTD, is too large or too deeply nested, or is in another encoding.
    """
    from lxml import etree

    if len(data) > LARGEST_XML:
        raise Unreadable(f"is {len(data):,} bytes large, and at most {LARGEST_XML:,} are taken; split it")
    if data[:4] == b"PK\x03\x04":
        raise Unreadable("is a ZIP archive or a workbook and no XML; name it .zip or .xlsx, as what it is")
    text = decoded(data)
    if not text.strip():
        raise Unreadable("is empty")
    if (tags := text.count("<")) > MOST_TAGS:
        raise Unreadable(f"holds {tags:,} tags, and at most {MOST_TAGS:,} are taken; split it")
    declared = _DECLARED.match(text)
    if declared and declared[1].lower() not in _TAKEN_ENCODINGS:
        raise Unreadable(f"is in the encoding {shown(declared[1], 30)}; save it as UTF-8", 1)
    if dtd_named and (bare := _BARE_DTD.match(text)):
        start, end = bare.span(1)
        text = text[:start] + "\n" * text.count("\n", start, end) + text[end:]
    if _DTD.match(text):
        raise Unreadable("has a DTD (<!DOCTYPE …>), which is not taken; save it without one", _line_of_dtd(text))
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        found = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        told = shown(str(error.msg or "it is broken"), 120)[1:-1]
        raise Unreadable(f"is no XML from here on: {told}; save it again", error.lineno or 0) from None
    return _element(found, 1)


def _line_of_dtd(text: str) -> int:
    return text.count("\n", 0, text.index("<!DOCTYPE")) + 1


def _element(node: object, depth: int) -> Element:
    from lxml import etree

    line = int(node.sourceline or 0)  # type: ignore[attr-defined]
    if depth > DEEPEST_XML:
        raise Unreadable(f"is nested more than {DEEPEST_XML} deep", line)
    name = etree.QName(node)
    content: list[Element | str] = [_text(node.text, line)] if node.text else []  # type: ignore[attr-defined]
    for child in node:  # type: ignore[attr-defined]
        if not isinstance(child.tag, str):
            raise Unreadable(f"holds the entity {shown(str(child.text), 30)}; write the character itself", line)
        content.append(_element(child, depth + 1))
        if child.tail:
            content.append(_text(child.tail, line))
    return Element(name.localname, name.namespace or "", _attributes(node, line), line, tuple(content))


def _attributes(node: object, line: int) -> dict[str, str]:
    from lxml import etree

    found = {}
    for key, value in node.attrib.items():  # type: ignore[attr-defined]
        name = etree.QName(key)
        if name.namespace in (None, XML_NAMESPACE):
            prefix = "xml:" if name.namespace else ""
            found[f"{prefix}{name.localname}"] = _text(value, line)
    return found


def _text(text: str, line: int) -> str:
    if wrong := fault_of(text):
        raise Unreadable(f"holds a text that {wrong}", line)
    return text
