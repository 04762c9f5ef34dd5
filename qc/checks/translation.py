"""Checks that hold a translated item against what it was made from: the source item, and the draft if proofread.

They catch what a proofreader may read over, and judge no style. Where a check has nothing to compare (a source
item, a draft without a predecessor) it passes with the reason: an answer of 'could not judge' would call for a
person to look at something that is not there.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import pandas as pd
from langdetect.detector_factory import DetectorFactory
from langdetect.lang_detect_exception import LangDetectException
from sacrebleu.metrics import CHRF, TER

from data.languages import canonical
from qc.check import Suite, check, findings
from qc.checks.wording import quoted, texts
from qc.folding import ascii_digits, fold, script_of

SOURCE_ITEM = "a source item: nothing to compare"

_LANGDETECT = {
    "af": "afr_Latn", "ar": "arb_Arab acm_Arab acq_Arab aeb_Arab ajp_Arab apc_Arab ars_Arab ary_Arab arz_Arab",
    "bg": "bul_Cyrl", "bn": "ben_Beng", "ca": "cat_Latn", "cs": "ces_Latn", "cy": "cym_Latn", "da": "dan_Latn",
    "de": "deu_Latn", "el": "ell_Grek", "en": "eng_Latn", "es": "spa_Latn", "et": "est_Latn",
    "fa": "pes_Arab prs_Arab", "fi": "fin_Latn", "fr": "fra_Latn", "gu": "guj_Gujr", "he": "heb_Hebr",
    "hi": "hin_Deva", "hr": "hrv_Latn", "hu": "hun_Latn", "id": "ind_Latn", "it": "ita_Latn", "ja": "jpn_Jpan",
    "kn": "kan_Knda", "ko": "kor_Hang", "lt": "lit_Latn", "lv": "lvs_Latn", "mk": "mkd_Cyrl", "ml": "mal_Mlym",
    "mr": "mar_Deva", "ne": "npi_Deva", "nl": "nld_Latn", "no": "nob_Latn nno_Latn", "pa": "pan_Guru",
    "pl": "pol_Latn", "pt": "por_Latn", "ro": "ron_Latn", "ru": "rus_Cyrl", "sk": "slk_Latn", "sl": "slv_Latn",
    "so": "som_Latn", "sq": "als_Latn", "sv": "swe_Latn", "sw": "swh_Latn", "ta": "tam_Taml", "te": "tel_Telu",
    "th": "tha_Thai", "tl": "tgl_Latn", "tr": "tur_Latn", "uk": "ukr_Cyrl", "ur": "urd_Arab", "vi": "vie_Latn",
    "zh-cn": "zho_Hans", "zh-tw": "zho_Hant",
}  # fmt: skip
"""langdetect's languages and the FLORES-200 codes of what it calls so."""

KNOWN = MappingProxyType({code: name for name, codes in _LANGDETECT.items() for code in codes.split()})
