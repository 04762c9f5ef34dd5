"""Pango, Cairo and fontconfig as they lie on this machine, through cffi's bindings.

`pangocffi` and `pangocairocffi` bind what lays out and draws. They do not bind which file a font is from, which
glyphs a run has, nor a font map with fonts of our choice, so these few functions and records of the same libraries
are declared here. All of them are loaded when the first page is drawn: no other command needs them.
"""

from __future__ import annotations

import ctypes.util
import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any

from data.errors import UsageError

CURE = "pip install 'belebele-maker[render]', and on Debian or Ubuntu: apt-get install libpangocairo-1.0-0"

UNKNOWN_GLYPH = 0x10000000
"""Pango's flag of a glyph that no font has, to be drawn as a box."""

EMPTY_GLYPH = 0x0FFFFFFF
"""Pango's glyph for a character that shows nothing, such as a zero-width space."""

PANGO_UNITS = 1024
"""Pango's units in a pixel."""

_FONTCONFIG = """
typedef struct _FcConfig FcConfig;
typedef struct _FcPattern FcPattern;
typedef struct _FcObjectSet FcObjectSet;
typedef struct _FcCharSet FcCharSet;
typedef struct { int nfont; int sfont; FcPattern **fonts; } FcFontSet;
int FcGetVersion(void);
FcConfig *FcConfigCreate(void);
FcConfig *FcInitLoadConfigAndFonts(void);
void FcConfigDestroy(FcConfig *);
int FcConfigAppFontAddFile(FcConfig *, const char *);
FcPattern *FcPatternCreate(void);
void FcPatternDestroy(FcPattern *);
int FcPatternAddString(FcPattern *, const char *, const char *);
int FcPatternGetString(const FcPattern *, const char *, int, char **);
int FcPatternGetInteger(const FcPattern *, const char *, int, int *);
int FcPatternGetCharSet(const FcPattern *, const char *, int, FcCharSet **);
int FcCharSetHasChar(const FcCharSet *, uint32_t);
FcObjectSet *FcObjectSetCreate(void);
int FcObjectSetAdd(FcObjectSet *, const char *);
void FcObjectSetDestroy(FcObjectSet *);
FcFontSet *FcFontList(FcConfig *, FcPattern *, FcObjectSet *);
void FcFontSetDestroy(FcFontSet *);
"""

_PANGO = """
typedef struct { uint32_t glyph; int width; int x_offset; int y_offset; unsigned int attributes; } GlyphInfo;
typedef struct { int num_glyphs; GlyphInfo *glyphs; int *log_clusters; int space; } GlyphString;
typedef struct {
    void *shape_engine; void *lang_engine; void *font;
    uint8_t level; uint8_t gravity; uint8_t flags; uint8_t script; void *language; void *extra_attrs;
} Analysis;
typedef struct { int offset; int length; int num_chars; Analysis analysis; } Item;
typedef struct { Item *item; GlyphString *glyphs; } GlyphItem;
void pango_fc_font_map_set_config(void *, FcConfig *);
FcPattern *pango_fc_font_get_pattern(void *);
unsigned int pango_fc_font_get_glyph(void *, uint32_t);
void pango_context_set_round_glyph_positions(void *, int);
const char *hb_version_string(void);
void g_free(void *);
"""


@dataclass(frozen=True)
class Libraries:
    """The libraries, loaded.

    Attributes:
        ffi: makes and casts C's values.
        fontconfig: lists fonts.
        pangoft2: ties Pango's fonts to fontconfig's.
        pango: what pangocffi does not declare.
        harfbuzz: shapes; asked for its version only.
        glib: frees what Pango allocates.
        pangocffi: the binding of Pango.
        pangocairocffi: the binding of what draws Pango's layouts.
        cairocffi: the binding of Cairo.
    """

    ffi: Any
    fontconfig: Any
    pangoft2: Any
    pango: Any
    harfbuzz: Any
    glib: Any
    pangocffi: Any
    pangocairocffi: Any
    cairocffi: Any


@cache
def libraries() -> Libraries:
    """Return the libraries.

    Raises:
        UsageError: one of them, or a binding, is not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # the bindings leave their declarations' files open
            import cairocffi
            import cffi
            import pangocairocffi
            import pangocffi
    except (ImportError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise UsageError(f"pages cannot be drawn here ({reason}): {CURE}") from None
    ffi = cffi.FFI()
    ffi.cdef(_FONTCONFIG + _PANGO)
    return Libraries(
        ffi,
        _opened(ffi, "fontconfig", "libfontconfig.so.1"),
        _opened(ffi, "pangoft2-1.0", "libpangoft2-1.0.so.0"),
        _opened(ffi, "pango-1.0", "libpango-1.0.so.0"),
        _opened(ffi, "harfbuzz", "libharfbuzz.so.0"),
        _opened(ffi, "glib-2.0", "libglib-2.0.so.0"),
        pangocffi,
        pangocairocffi,
        cairocffi,
    )


def versions() -> dict[str, str]:
    """Return the version of everything that the bytes of a picture depend on, by name."""
    import importlib.metadata

    loaded = libraries()
    number = loaded.fontconfig.FcGetVersion()
    return {
        "cairo": loaded.cairocffi.cairo_version_string(),
        "fontconfig": f"{number // 10000}.{number // 100 % 100}.{number % 100}",
        "harfbuzz": loaded.ffi.string(loaded.harfbuzz.hb_version_string()).decode(),
        "pango": loaded.pangocffi.pango_version_string(),
        **{name: importlib.metadata.version(name) for name in ("icu4py", "numpy", "pillow", "pyarrow")},
    }


def _opened(ffi: Any, name: str, soname: str) -> Any:
    try:
        return ffi.dlopen(soname)
    except OSError as error:
        if (found := ctypes.util.find_library(name)) is None:  # looked for last, since that takes long
            raise UsageError(f"pages cannot be drawn here ({error}): {CURE}") from None
    return ffi.dlopen(found)
