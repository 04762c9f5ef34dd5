"""Short lists of words that give options away: negations, absolutes, hedges, and 'none of the above'.

They are short on purpose: the tokens layer by itself covers words that they miss, and every language without a
list. Keys are ISO 639-3 codes. A word that begins with `*` counts anywhere in the text, for languages written
without spaces or negating by syllables.
"""

from __future__ import annotations

import re

ALIASES = {
    "en": "eng", "de": "deu", "fr": "fra", "es": "spa", "it": "ita", "pt": "por", "nl": "nld", "ru": "rus",
    "pl": "pol", "id": "ind", "vi": "vie", "tr": "tur", "et": "est", "ekk": "est", "zh": "zho", "cmn": "zho",
    "ja": "jpn", "th": "tha", "ko": "kor", "ar": "arb", "ara": "arb", "hi": "hin", "ta": "tam", "ht": "hat",
    "qu": "quy", "quz": "quy", "que": "quy", "zsm": "ind", "ms": "ind",
}  # fmt: skip

NEGATIONS = {
    "eng": "no not never none nobody nothing nowhere neither nor cannot without *n't *n’t",
    "deu": "nicht kein keine keinen keiner keinem keines nie niemals niemand nichts weder ohne",
    "fra": "ne pas jamais aucun aucune rien personne ni sans *n'est *n’est *n'a *n’a",
    "spa": "no nunca jamás ningún ninguno ninguna nada nadie ni sin tampoco",
    "ita": "non mai nessuno nessuna nessun niente nulla né senza",
    "por": "não nunca jamais nenhum nenhuma nada ninguém nem sem",
    "nld": "niet geen nooit niemand niets noch zonder",
    "rus": "не нет ни никогда никто ничего ничто никакой без нельзя",
    "pol": "nie nigdy nikt nic żaden żadna żadne ani bez",
    "ind": "tidak bukan tak jangan tanpa belum",
    "vie": "không chưa chẳng đừng",
    "tur": "değil yok hiç hiçbir asla",
    "est": "ei mitte pole polnud ära ärge ilma",
    "zho": "*不 *没 *沒 *无 *無 *未",
    "jpn": "*ない *ません *なかった",
    "tha": "*ไม่ *มิได้",
    "kor": "*않 *못 *없 *아니",
    "arb": "لا لم لن ليس ليست ليسوا غير بدون",
    "hin": "नहीं न मत बिना",
    "tam": "*இல்லை *இல்லாமல்",
    "hat": "pa san anyen pèsonn janm",
    "quy": "mana ama",
}
ABSOLUTES = {
    "eng": "always never all every everyone everybody everything only none nobody nothing must impossible "
    "completely entirely absolutely totally",
    "deu": "immer nie niemals alle jeder jede jedes nur völlig ausschließlich unmöglich",
    "fra": "toujours jamais tous toutes tout chaque seulement uniquement impossible absolument",
    "spa": "siempre nunca jamás todos todas todo cada solo sólo solamente únicamente imposible",
    "ita": "sempre mai tutti tutte tutto ogni solo soltanto unicamente impossibile",
    "por": "sempre nunca jamais todos todas tudo cada só somente apenas impossível",
    "nld": "altijd nooit alle alles iedereen elke elk alleen onmogelijk",
    "rus": "всегда никогда все всё каждый только полностью невозможно",
    "pol": "zawsze nigdy wszyscy wszystkie każdy tylko wyłącznie",
    "ind": "selalu semua setiap hanya seluruh mustahil",
    "tur": "her hep daima asla hiçbir bütün tüm sadece yalnızca",
    "est": "alati kunagi kõik iga ainult",
    "zho": "*总是 *總是 *从不 *從不 *所有 *全部 *绝对 *絕對 *一定 每 只",
}
HEDGES = {
    "eng": "may might could can sometimes often usually probably perhaps possibly some most generally likely "
    "tends seems about approximately",
    "deu": "manchmal oft meist meistens vielleicht möglicherweise wahrscheinlich könnte könnten kann einige etwa",
    "fra": "parfois souvent peut peuvent pourrait généralement probablement certains certaines plusieurs environ",
    "spa": "veces quizá quizás puede pueden podría probablemente generalmente algunos algunas suele",
    "ita": "forse talvolta spesso può possono potrebbe probabilmente generalmente alcuni alcune circa",
    "por": "talvez vezes pode podem poderia provavelmente geralmente alguns algumas",
    "nld": "soms vaak misschien waarschijnlijk meestal kan kunnen sommige ongeveer",
    "rus": "иногда часто может возможно вероятно обычно некоторые около",
    "pol": "czasem czasami często może mogą zwykle prawdopodobnie niektórzy niektóre około",
    "ind": "mungkin kadang sering biasanya beberapa dapat bisa sekitar",
    "tur": "bazen belki genellikle muhtemelen bazı olabilir yaklaşık",
    "est": "mõnikord sageli võib võivad tavaliselt tõenäoliselt mõned umbes",
    "zho": "*可能 *也许 *也許 *有时 *有時 *通常 *大约 *大約 *一些 *往往",
}

_NONE = (
    r"(?:none|neither|not any) (?:of )?(?:the |these |those )?(?:above|these|those|them|options|choices|answers)",
    "none$",
    r"keine? (?:der (?:genannten|obigen|antworten|aussagen|oben)|von diesen|davon)",
    "nichts davon",
    r"aucune? (?:de ces|des (?:réponses|propositions|options)|d'entre|d entre|de celles)",
    r"ningun[ao] de (?:las|los|estas|estos) (?:anteriores|respuestas|opciones|anteriore)",
    r"nessun[ao] (?:delle|dei|di) (?:precedenti|risposte|queste|questi)",
    r"nenhum[ao]? d[aeo]s? (?:anteriores|alternativas|respostas|opções|acima)",
    "geen van (?:de )?bovenstaande",
    r"ни один из (?:перечисленных|вышеперечисленных|вариантов|ответов)",
    r"ничего из (?:перечисленного|вышеперечисленного)",
    r"żadn[ea] z (?:powyższych|odpowiedzi)",
    r"tidak ada .*(?:di atas|benar)",
    "(?:yukarıdakilerin )?hiçbiri$",
    "ükski (?:neist|eelnevatest|ülaltoodutest)",
    "以上[都皆均]?[不非没沒]",
    "ไม่มีข้อใด",
)
_ALL = (
    r"(?:all|both|any) (?:of )?(?:the (?:above|options|answers|choices)|these$|above)",
    "all$",
    "(?:both )?a and b$",
    r"alle (?:der |die )?(?:genannten|oben|obigen|antworten)",
    "alles davon",
    "toutes? (?:ces réponses|les réponses|les propositions)",
    r"tod[ao]s l[ao]s (?:anteriores|respuestas|opciones)",
    "tutte le (?:precedenti|risposte)",
    r"tod[ao]s as (?:anteriores|alternativas|respostas)",
    "al het bovenstaande",
    "все (?:из )?(?:перечисленн|вышеперечисленн)",
    "wszystkie (?:powyższe|odpowiedzi)",
    r"semua .*(?:di atas|benar)",
    "(?:yukarıdakilerin )?hepsi$",
    "kõik (?:eelnevad|ülaltoodud)",
    "以上[都皆均]?[是对對正]",
    "ถูกทุกข้อ",
)
NONE_OF_ABOVE = re.compile(f"^(?:{'|'.join(_NONE)})")
ALL_OF_ABOVE = re.compile(f"^(?:{'|'.join(_ALL)})")
"""Both are matched against folded texts and are the same for every language."""


def code_of(language: str) -> str:
    """Return the ISO 639-3 code that the lists use."""
    return ALIASES.get(language, language)


def finder(listed: str) -> re.Pattern[str]:
    """Return a pattern that finds any listed word in a text whose every word has one space on either side."""
    inside = [re.escape(one[1:]) for one in listed.split() if one.startswith("*")]
    whole = [re.escape(one) for one in listed.split() if not one.startswith("*")]
    return re.compile("|".join([*inside, *([f" (?:{'|'.join(whole)}) "] if whole else [])]))
