"""Label configurations and guidelines in the form that Label Studio takes.

Each page is one XML file in `annotation/stages/configs/`. Placeholders stand for what all pages share: `<Style/>`
for the style sheet, `<Notices/>` for the lead's replies about the passage, and `<Query/>` for the question whether
the source is wrong. `<Fate/>` stands for what became of the work submitted on the page, `<Passages/>` for two
passages side by side, `<Help field="…"/>` and `<Found field="…"/>` for the text beside a field,
`<Doubts field="…"/>` for findings that can be answered there, `<Mark field="…"/>` and `<Marked field="…"/>` for
marking where an error is and saying what it is, and `<Guide/>` for the guideline in short: its first
section that is a numbered list, so that its text exists once. Only direction, fonts and the language's tag
(`--language`, for the companion script) depend on the language. They are CSS on two classes, `target` for the
language being worked in and `source` for the language being worked from, so the XML files are the same for every
language.

Guidelines are Markdown that a lead may write: HTML in it is shown as text, pictures are not fetched, and a dollar
sign in the card does not start a field name. Their direction is taken from their letters.

Text written by people or sources is shown by Text tags whose value is `$field` alone: Label Studio shows those
letter by letter, HTML and dollar signs included. (Inside a longer value, `$5` would turn into `undefined`.)

Boxes start from `value="$field"`: an untouched box is submitted as it stands, and boxes stay editable
(`transcription`) after Enter has committed their text. Committed text is also saved as a draft; text that was only
typed is submitted, but lost if the browser closes first.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from data.languages import TALL_SCRIPTS, canonical, direction_of, is_nastaliq, languages, script_named

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

VERSION = 6
"""Version of the data that pages need: open tasks of an earlier version are refreshed with the missing fields."""

_FONTS = {
    "Arab": "Noto Naskh Arabic",
    "Hebr": "Noto Sans Hebrew",
    "Hans": "Noto Sans CJK SC",
    "Hant": "Noto Sans CJK TC",
    "Jpan": "Noto Sans CJK JP",
    "Hang": "Noto Sans CJK KR",
    "Kore": "Noto Sans CJK KR",
    "Deva": "Noto Sans Devanagari",
    "Beng": "Noto Sans Bengali",
    "Ethi": "Noto Sans Ethiopic",
    "Tibt": "Noto Serif Tibetan",
    "Mymr": "Noto Sans Myanmar",
    "Olck": "Noto Sans Ol Chiki",
    "Tfng": "Noto Sans Tifinagh",
    "Nkoo": "Noto Sans NKo",
}
"""Fonts by script, for scripts where the browser's own choice among the Noto fonts is often wrong or poor."""

_BOXES = (
    ".lsf-richtext__container",
    ".ant-input",
    ".lsf-textarea__region input",
    ".lsf-textarea__region textarea",
)
"""Where Label Studio shows and accepts text, before and after it is committed with Enter."""


def config(name: str, language: str, source_language: str = "", *, feedback: bool = False) -> str:
    """Return a page's label configuration for the languages that it shows, as XML.

    Args:
        name: of the file in `annotation/stages/configs/`, without its ending.
        language: code of the language being worked in.
        source_language: code of the language being worked from; "" if it is the same one.
        feedback: whether to leave a place for the assistant's comments, on pages that have one.
    """
    style = "\n".join(
        [
            _face("target", language),
            _face("source", source_language or language),
            _resource("stages/configs/page.css"),
        ]
    )
    page = _resource(f"stages/configs/{name}.xml")
    page = page.replace("<Feedback/>\n", _resource("stages/configs/feedback.xml") if feedback else "")
    for tag in ("Notices", "Query", "Fate", "Passages"):
        page = page.replace(f"<{tag}/>", _resource(f"stages/configs/{tag.casefold()}.xml").strip())
    page = re.sub(
        r'<(Help|Found|Doubts|Mark|Marked) field="(\w+)"/>',
        lambda use: _at_field(_resource(f"stages/configs/{use[1].casefold()}.xml").strip(), use[2]),
        page,
    )
    if "<Guide/>" in page:
        page = page.replace("<Guide/>", _card(guideline_text(name)))
    return page.replace("<Style/>", f"<Style>\n{style}</Style>")


def _at_field(part: str, field: str) -> str:
    label = field.replace("_", " ").capitalize()
    return part.replace("FIELD", field).replace("LABEL", label).replace("KEY", _MARK_KEYS.get(field, ""))


_MARK_KEYS = dict(zip(("question", "answer_1", "answer_2", "answer_3", "answer_4"),
                      ("shift+q", "shift+w", "shift+e", "shift+r", "shift+t"), strict=True))  # fmt: skip
"""The keys that begin a mark, by field: letters, since some keyboards need Shift for a digit alone."""


@cache
def guideline_text(name: str) -> str:
    """Return one of our guidelines as Markdown."""
    return _resource(f"guidelines/{name}.md")


@cache
def guideline(text: str) -> str:
    """Return a guideline as HTML, for the field that Label Studio shows before the work begins.

    Label Studio shows line breaks of the HTML on screen, so the result has none.
    """
    html = str(_markdown().render(text))
    line = html.replace("\n", " ").replace("> <", "><").strip()
    return f'<div class="{" ".join(("guideline", *_turned(text)))}">{line}</div>'


def shows_guide(name: str) -> bool:
    """Return whether the page of this name shows its guideline in short."""
    return "<Guide/>" in _resource(f"stages/configs/{name}.xml")


def fits_phone(name: str) -> bool:
    """Return whether the work of this page can be done on a phone."""
    return 'className="page phone' in _resource(f"stages/configs/{name}.xml")


def guided(config: str, name: str, text: str) -> str:
    """Return a page's label configuration with the card of the lead's guideline in place of ours.

    Args:
        config: as `config` returns it.
        name: of the page.
        text: the lead's guideline, Markdown.
    """
    return config.replace(_card(guideline_text(name)), _card(text)) if shows_guide(name) else config


@cache
def in_short(text: str) -> tuple[str, ...]:
    r"""Return the heading and the points of a guideline's first section that begins with a numbered list.

    >>> in_short("# Écrire\n\n## En bref\n\n1. Lisez *tout*.\n2. Écrivez.")
    ('En bref', 'Lisez tout.', 'Écrivez.')
    """
    tokens = _markdown().parse(text)
    for at, token in enumerate(tokens[:-3]):
        if token.type == "heading_open" and token.tag == "h2" and tokens[at + 3].type == "ordered_list_open":
            return (_words_of(tokens[at + 1]), *_points(tokens[at + 3 :]))
    return ()


def _points(tokens: list[Token]) -> list[str]:
    """Return the points of the list that begins here, without lists nested below a point."""
    points: list[list[str]] = []
    for token in tokens:
        if token.type == "ordered_list_close" and token.level == tokens[0].level:
            break
        if token.type == "list_item_open" and token.level == tokens[0].level + 1:
            points.append([])
        elif token.type == "inline" and token.level == tokens[0].level + 3:
            points[-1].append(_words_of(token))
    return [" ".join(point) for point in points]


def _words_of(inline: Token) -> str:
    """Return the words of a line without their markup."""
    words = (" " if one.type in ("softbreak", "hardbreak") else one.content for one in inline.children or ())
    return " ".join("".join(words).split())


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt  # who shows no guideline does without

    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def _card(text: str) -> str:
    """Render the guideline in short as a card: a heading, then one point per line."""
    from xml.sax.saxutils import quoteattr  # brings a client for the web along

    lines = [one.replace("$", "$\N{WORD JOINER}") for one in in_short(text)]
    headers = "\n".join(f'    <Header value={quoteattr(line)} size="5"/>' for line in lines)
    return f'<View className="{" ".join(("guide", *_turned(text)))}">\n{headers}\n  </View>'


def _turned(text: str) -> tuple[str, ...]:
    return ("rtl",) if reads(text) == "rtl" else ()


def isolated(text: str) -> str:
    """Return a text as it may stand in a sentence that is read the other way, its last full stop included.

    >>> [hex(ord(sign)) for sign in isolated("نعم.") if sign not in "نعم."], isolated("Yes.")
    (['0x2068', '0x2069'], 'Yes.')
    """
    return f"\u2068{text}\u2069" if reads(text) == "rtl" else text


def reads(text: str) -> str:
    """Return the direction of a text, "ltr" or "rtl", by the majority of its letters.

    >>> reads("اكتب سؤالا (API)"), reads("Write."), reads("")
    ('rtl', 'ltr', 'ltr')
    """
    kinds = [unicodedata.bidirectional(one) for one in text]
    right = sum(kind in ("R", "AL") for kind in kinds)
    return "rtl" if right > kinds.count("L") else "ltr"


def _tag(code: str) -> str:
    """Return a language's BCP 47 tag, also of a code that no table has."""
    known = languages().get(canonical(code))
    return known.bcp47 if known else code.replace("_", "-")


def _face(role: str, language: str) -> str:
    nastaliq = is_nastaliq(language)
    first = "Noto Nastaliq Urdu" if nastaliq else _FONTS.get(script_named(language), "")
    fonts = ", ".join(f"'{font}'" for font in dict.fromkeys([first, "Noto Sans", "Noto Sans Arabic"]) if font)
    height = "2.4" if nastaliq else "1.85" if script_named(language) in TALL_SCRIPTS else "1.7"
    scale = "1.15" if script_named(language) == "Arab" else "1"  # Arabic letters are small for their size
    inner = (f".page .source .{role} {box}" for box in _BOXES if role == "target")  # a rendering beside a source
    where = ", ".join([*(f".page .{role} {box}" for box in _BOXES), *inner])
    return (
        f".page .{role} {{ direction: {direction_of(language)}; --language: {_tag(language)};"
        f" --scale: {scale}; }}\n"
        f"{where} {{ direction: {direction_of(language)}; text-align: start; line-height: {height};"
        f" font-family: {fonts}, system-ui, sans-serif !important; }}"
    )


@cache
def _resource(path: str) -> str:
    return files("annotation").joinpath(path).read_text(encoding="utf-8")
