"""The words of a form: what its labels, buttons and messages say, in somebody's language.

What is submitted stays what it is in every language: a choice has an alias, which Label Studio stores in place of
its label. A choice without an alias (a letter, a number) is not translated. Passages, questions and answers keep
their own direction; everything that a page itself says follows the direction of its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from xml.sax.saxutils import escape

from annotation.words.catalogues import Words

_TAG = re.compile(r"<(Header|TextArea|Choices|Choice|Label)\b[^>]*>")
_SAID = {
    "Header": ("value",),
    "TextArea": ("placeholder", "requiredMessage"),
    "Choices": ("requiredMessage",),
    "Choice": ("value",),
    "Label": ("value",),
}
_ATTRIBUTE = re.compile(r'\b(value|placeholder|requiredMessage)="([^"]*)"')
_IN_STYLE = re.compile(r"(content: ')([^'\\]*[A-Za-z]{2}[^'\\]*)(')")
_GUIDE = re.compile(r'<View className="guide\b.*?</View>', re.DOTALL)
_ROOT = re.compile(r'<View className="(page\b[^"]*)">')


def sentences(form: str) -> Iterator[tuple[int, str]]:
    """Yield line and text of everything that a form, or the part of one, says."""
    found = [(at.start(), text) for at, _, text in _said(form)]
    found += [(at.start(), at[2]) for at in _IN_STYLE.finditer(form)]
    for start, text in sorted(found):
        yield form.count("\n", 0, start) + 1, text


def spoken(form: str, words: Words) -> str:
    """Return a form in these words, XML.

    Args:
        form: a label configuration, with the guideline's card, which is left as it is.
        words: to put it in.
    """
    if not words.texts:
        return form
    cards = _GUIDE.findall(form)
    form = _GUIDE.sub("\0", form)
    form = _TAG.sub(lambda tag: _translated(tag, words), form)
    form = _IN_STYLE.sub(lambda at: f"{at[1]}{_for_css(words(at[2]))}{at[3]}", form)
    way = " rtl-words" if words.direction == "rtl" else ""
    form = _ROOT.sub(lambda root: f'<View className="{root[1]}{way}">{_style(words)}', form, count=1)
    for card in cards:
        form = form.replace("\0", card, 1)
    return form


def _style(words: Words) -> str:
    """Return what tells the page and its companion the language of the words."""
    return f"\n  <Style>.page {{ --words: {words.tag}; --way: {words.direction}; }}</Style>"


def _said(form: str) -> Iterator[tuple[re.Match[str], str, str]]:
    """Yield each text of a form's tags: where its tag is, its attribute, and the text."""
    for tag in _TAG.finditer(form):
        if tag[1] == "Choice" and "alias=" not in tag[0]:
            continue
        for attribute in _ATTRIBUTE.finditer(tag[0]):
            text = unescape(attribute[2])
            if (
                attribute[1] in _SAID[tag[1]]
                and re.search("[A-Za-z]{2}", text)
                and not text.startswith(("$", "{{"))
            ):
                yield tag, attribute[1], text


def _translated(tag: re.Match[str], words: Words) -> str:
    written = tag[0]
    for _, name, text in _said(written):
        before = re.search(rf'\b{name}="([^"]*)"', written)
        assert before is not None
        said = escape(words(text), {'"': "&quot;"})
        written = written.replace(before[0], f'{name}="{said}"', 1)
    return written


def _for_css(text: str) -> str:
    """Escape a text for a string of CSS inside XML."""
    return "".join(f"\\{ord(sign):x} " if sign in "'\\<>&\n" else sign for sign in text)
