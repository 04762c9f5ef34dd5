"""The pages' outer form: label configurations and guidelines as Label Studio takes them.

A page is one XML file in `annotation/stages/configs/`, in which `<Style/>`, `<Notices/>` and `<Query/>` stand for
what all pages
share: the style sheet, what the lead replied about the passage, and the question whether the source is wrong.
`<Fate/>` stands for what became of the work that was submitted on the page, `<Passages/>` for two passages side
by side, `<Help field="…"/>` and `<Found field="…"/>` for what stands beside a field, and `<Guide/>` for the
guideline in short: its first section that is a numbered list, so that there is one text of it. Only direction and
fonts depend on the language, and they are CSS on two classes, `target` for the language that is worked in and
`source` for the one it comes from; so the XML files stay what they are for every language.

Guidelines are Markdown that a lead may write: HTML in it is shown as text, pictures are not fetched, and a dollar
sign in the card does not start the name of a field. Which way they are written, their letters tell.

Whatever people or sources wrote is shown by Text tags with a value of `$field` alone: Label Studio shows those
letter by letter, HTML and dollar signs included. (Inside a longer value, `$5` would turn into `undefined`.)

Boxes start from `value="$field"`: what is not touched is submitted as it stands, and the boxes stay open to edit
(`transcription`) once Enter has put their text down. Text that was put down is also saved as a draft; what was
only typed is submitted, but is lost if the browser closes before.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from data.languages import canonical, languages

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

VERSION = 2
"""Of what the pages want to be given: open tasks of an earlier version are shown anew, with the rest."""

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
"""Fonts by script, where the browser's own choice among Noto's is often another or a poorer one."""

_NASTALIQ = frozenset({"urd_Arab", "kas_Arab"})
"""Read in nastaliq by habit, which hangs low and needs wide lines."""

_BOXES = (
    ".lsf-richtext__container",
    ".ant-input",
    ".lsf-textarea__region input",
    ".lsf-textarea__region textarea",
)
"""Where Label Studio shows text and where it takes it, before and after it was put down with Enter."""

_WIDE_LINES = frozenset(
    {"Arab", "Beng", "Deva", "Ethi", "Gujr", "Guru", "Khmr", "Knda", "Laoo"}
    | {"Mlym", "Mtei", "Mymr", "Orya", "Sinh", "Taml", "Telu", "Thai", "Tibt"}
)
"""Scripts whose letters carry signs above and below: what stands in a line needs room there."""


def config(name: str, language: str, source_language: str = "", *, feedback: bool = False) -> str:
    """A page's label configuration for the languages that it shows.

    Args:
        name: of the file in `annotation/stages/configs/`, without its ending.
        language: code of the language that is worked in.
        source_language: code of the language that is worked from; "" for the same one.
        feedback: whether there is a place for what the assistant says, on pages that know one.

    Returns:
        XML.
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
        r'<(Help|Found) field="(\w+)"/>',
        lambda use: _resource(f"stages/configs/{use[1].casefold()}.xml").strip().replace("FIELD", use[2]),
        page,
    )
    if "<Guide/>" in page:
        page = page.replace("<Guide/>", _card(guideline_text(name)))
    return page.replace("<Style/>", f"<Style>\n{style}</Style>")


@cache
def guideline_text(name: str) -> str:
    """One of our guidelines as it was written, Markdown."""
    return _resource(f"guidelines/{name}.md")


@cache
def guideline(text: str) -> str:
    """A guideline as HTML, for the field that Label Studio shows before the work begins.

    Label Studio keeps line breaks of the HTML on screen, so there are none in it.
    """
    html = str(_markdown().render(text))
    line = html.replace("\n", " ").replace("> <", "><").strip()
    return f'<div class="{" ".join(("guideline", *_turned(text)))}">{line}</div>'


def shows_guide(name: str) -> bool:
    """Whether the page of this name shows its guideline in short."""
    return "<Guide/>" in _resource(f"stages/configs/{name}.xml")


def guided(config: str, name: str, text: str) -> str:
    """A page's label configuration with another guideline in short than ours.

    Args:
        config: as `config` gave it.
        name: of the page.
        text: the guideline, Markdown.
    """
    return config.replace(_card(guideline_text(name)), _card(text)) if shows_guide(name) else config


@cache
def in_short(text: str) -> tuple[str, ...]:
    r"""The first section of a guideline that begins with a numbered list: its heading, then the list's points.

    >>> in_short("# Écrire\n\n## En bref\n\n1. Lisez *tout*.\n2. Écrivez.")
    ('En bref', 'Lisez tout.', 'Écrivez.')
    """
    tokens = _markdown().parse(text)
    for at, token in enumerate(tokens[:-3]):
        if token.type == "heading_open" and token.tag == "h2" and tokens[at + 3].type == "ordered_list_open":
            return (_plain(tokens[at + 1]), *_points(tokens[at + 3 :]))
    return ()


def _points(tokens: list[Token]) -> list[str]:
    """The points of the list that begins here, without what is listed below a point."""
    points: list[list[str]] = []
    for token in tokens:
        if token.type == "ordered_list_close" and token.level == tokens[0].level:
            break
        if token.type == "list_item_open" and token.level == tokens[0].level + 1:
            points.append([])
        elif token.type == "inline" and token.level == tokens[0].level + 3:
            points[-1].append(_plain(token))
    return [" ".join(point) for point in points]


def _plain(inline: Token) -> str:
    """The words of a line, without what marks them."""
    said = (" " if one.type in ("softbreak", "hardbreak") else one.content for one in inline.children or ())
    return " ".join("".join(said).split())


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt  # who shows no guideline does without

    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def _card(text: str) -> str:
    """The guideline in short, as a card: a heading, and one point a line."""
    lines = [one.replace("$", "$\N{WORD JOINER}") for one in in_short(text)]
    headers = "\n".join(f'    <Header value={quoteattr(line)} size="5"/>' for line in lines)
    return f'<View className="{" ".join(("guide", *_turned(text)))}">\n{headers}\n  </View>'


def _turned(text: str) -> tuple[str, ...]:
    return ("rtl",) if reads(text) == "rtl" else ()


def reads(text: str) -> str:
    """Which way a text is written, by most of its letters.

    >>> reads("اكتب سؤالا (API)"), reads("Write."), reads("")
    ('rtl', 'ltr', 'ltr')
    """
    kinds = [unicodedata.bidirectional(one) for one in text]
    right = sum(kind in ("R", "AL") for kind in kinds)
    return "rtl" if right > kinds.count("L") else "ltr"


def direction(language: str) -> str:
    """Which way a language is written: "ltr" or "rtl"; of an unknown code, what its script tells.

    >>> direction("arb_Arab"), direction("xyz_Hebr"), direction("eng_Latn")
    ('rtl', 'rtl', 'ltr')
    """
    known = languages().get(canonical(language))
    if known is not None:
        return known.direction
    return (
        "rtl"
        if any(one.direction == "rtl" for one in languages().values() if one.script == script(language))
        else "ltr"
    )


def script(language: str) -> str:
    """The script in a language's code, "" if it names none.

    >>> script("zho_Hant"), script("eng")
    ('Hant', '')
    """
    return canonical(language).partition("_")[2][:4]


def _face(role: str, language: str) -> str:
    nastaliq = canonical(language) in _NASTALIQ
    first = "Noto Nastaliq Urdu" if nastaliq else _FONTS.get(script(language), "")
    fonts = ", ".join(f"'{font}'" for font in dict.fromkeys([first, "Noto Sans", "Noto Sans Arabic"]) if font)
    height = "2.4" if nastaliq else "1.85" if script(language) in _WIDE_LINES else "1.7"
    scale = "1.15" if script(language) == "Arab" else "1"  # Arabic letters are small for their size
    inner = (f".page .source .{role} {box}" for box in _BOXES if role == "target")  # a rendering beside a source
    where = ", ".join([*(f".page .{role} {box}" for box in _BOXES), *inner])
    return (
        f".page .{role} {{ direction: {direction(language)}; --scale: {scale}; }}\n"
        f"{where} {{ direction: {direction(language)}; text-align: start; line-height: {height};"
        f" font-family: {fonts}, system-ui, sans-serif !important; }}"
    )


@cache
def _resource(path: str) -> str:
    return files("annotation").joinpath(path).read_text(encoding="utf-8")
