import tarfile
import unicodedata
from collections import Counter
from math import isnan

import langcodes
import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from data.errors import UsageError
from data.languages import canonical, language, languages, named, script_share, script_shares

ROMANISED = {"ben_Latn", "hin_Latn", "npi_Latn", "sin_Latn", "urd_Latn"}


def test_the_table_has_belebeles_languages_and_floress():
    every = languages().values()
    assert sum(one.flores200 for one in every) == 204
    assert sum(one.belebele for one in every) == 122
    assert {one.code for one in every if one.belebele and not one.flores200} == ROMANISED
    per_code = Counter(one.code.split("_")[0] for one in every if one.belebele)
    assert len(per_code) == 115
    assert {code for code, count in per_code.items() if count == 2} == {
        "arb", "ben", "hin", "npi", "sin", "urd", "zho",
    }  # fmt: skip


def test_codes_and_aliases_are_names_of_one_language_each():
    every = languages().values()
    names = [name for one in every for name in (one.code, *one.aliases)]
    assert len(names) == len(set(names))
    assert [one.code for one in every] == sorted(one.code for one in every)
    assert len({one.name for one in every}) == len(languages())
    for one in every:
        assert regex.fullmatch(r"[a-z]{3}_[A-Z][a-z]{3}(_[a-z]{4}\d{4})?", one.code)
        assert one.code.split("_")[1] == one.script
        assert one.direction == ("rtl" if one.script in {"Arab", "Hebr", "Nkoo"} else "ltr")
        assert one.name and one.family


def test_direction_and_script_are_those_of_the_autonym():
    for one in languages().values():
        letters = [character for character in one.autonym if character.isalpha()]
        if letters:
            right_to_left = unicodedata.bidirectional(letters[0]) in {"R", "AL"}
            assert right_to_left == (one.direction == "rtl"), one
            assert script_share(one.autonym, one.script) == 1, one


def test_every_flores_file_is_a_language_and_is_written_in_its_script(shared_data):
    seen = set()
    with tarfile.open(shared_data / "flores200_dataset.tar.gz", "r|*") as archive:
        for member in archive:
            if member.name.endswith(".devtest"):
                one = language(member.name.rpartition("/")[2].removesuffix(".devtest"))
                text = archive.extractfile(member).read().decode()
                assert script_share(text, one.script) > 0.9, one.code
                seen.add(one.code)
    assert seen == {one.code for one in languages().values() if one.flores200}


@pytest.mark.parametrize(
    ("alias", "code"),
    [
        ("cmn_Hans", "zho_Hans"),
        ("ekk_Latn", "est_Latn"),
        ("fil_Latn", "tgl_Latn"),
        ("gug_Latn", "grn_Latn"),
        ("apc_Arab_nort3139", "apc_Arab"),
        ("apc_Arab_sout3123", "ajp_Arab"),
        ("eng_Latn", "eng_Latn"),
    ],
)
def test_an_alias_is_resolved(alias, code):
    assert language(alias).code == canonical(alias) == code


@pytest.mark.parametrize(
    ("wrong", "near"),
    [
        ("eng_latn", "eng_Latn (English)"),
        ("Swahili", "swh_Latn (Swahili)"),
        ("farsi", "pes_Arab (Western Persian) or prs_Arab (Dari)? To see more: belebele languages farsi"),
        ("old farsi", "belebele languages"),
        ("zzz", "all of them: belebele languages"),
    ],
)
def test_an_unknown_language_is_refused_with_what_is_near(wrong, near):
    with pytest.raises(UsageError) as refused:
        language(wrong)
    assert repr(wrong) in str(refused.value)
    assert near in str(refused.value)


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("farsi", ["pes_Arab", "prs_Arab"]),
        ("mandarin", ["zho_Hans", "zho_Hant"]),
        ("kiswahili", ["swh_Latn"]),
        ("Filipino", ["tgl_Latn"]),
        ("burmese", ["mya_Mymr"]),
        ("moldovan", ["ron_Latn"]),
        ("cantonese", ["yue_Hant"]),
        ("فارسی", ["pes_Arab"]),
        ("deutsch", ["deu_Latn"]),
        ("Francais", ["fra_Latn"]),
        ("fr", ["fra_Latn"]),
        ("pt-BR", ["por_Latn"]),
        ("zh-CN", ["zho_Hans", "zho_Hant", "wuu_Hans", "yue_Hant"]),
        ("eng_latn", ["eng_Latn"]),
        ("swahilli", ["swh_Latn"]),
        ("moldavan", ["ron_Latn"]),
        ("vietnamees", ["vie_Latn"]),
        ("qqqqqq", []),
    ],
)
def test_a_language_is_found_by_what_people_call_it(words, codes):
    assert [one.code for one in named(words).languages] == codes


def test_every_name_finds_its_language_and_says_whether_it_was_guessed():
    for one in languages().values():
        for name in filter(None, (one.code, one.name, one.autonym, *one.also)):
            assert one in named(name).languages, name
            assert not named(name).guessed
    assert named("swahilli").guessed
    assert len(named().languages) == len(languages())


@pytest.mark.parametrize(
    ("text", "script", "share"),
    [
        ("abcд", "Latn", 0.75),
        ("123, 45 %", "Latn", float("nan")),
        ("हिन्दी 12", "Deva", 1.0),
        ("東京タワーへ", "Jpan", 1.0),
        ("한국어 漢字", "Kore", 1.0),
        ("한국어 漢字", "Hang", 0.6),
        ("汉字ab", "Hans", 0.5),
        ("é", "Latn", 1.0),
    ],
)
def test_script_share(text, script, share):
    found = script_share(text, script)
    assert found == pytest.approx(share) or (isnan(found) and isnan(share))


@given(st.lists(st.text()), st.sampled_from(["Latn", "Arab", "Jpan", "Deva"]))
def test_script_shares_are_those_of_each_text(texts, script):
    assert script_shares(texts, script) == pytest.approx(
        [script_share(text, script) for text in texts], nan_ok=True
    )


@given(st.text(), st.sampled_from(["Latn", "Arab", "Jpan", "Deva"]))
def test_script_share_is_a_share_whatever_the_text(text, script):
    share = script_share(text, script)
    assert isnan(share) or 0 <= share <= 1


def test_a_tag_has_its_script_unless_the_registry_suppresses_it():
    """Held against langcodes, which carries IANA's registry of subtags."""
    for one in languages().values():
        tag = langcodes.Language.get(one.bcp47, normalize=False)
        assert tag.is_valid(), one.bcp47
        assert tag.simplify_script() == tag, f"{one.bcp47} names a script that goes without saying"
        told = tag.script or langcodes.Language.get(tag.language, normalize=False).assume_script().script
        assert told == one.script, f"{one.bcp47} does not tell {one.script}"


def test_every_language_is_named_as_the_field_names_it():
    every = languages().values()
    for one in every:
        assert regex.fullmatch(r"[a-z]{3}", one.iso639_3), one
        assert regex.fullmatch(r"[a-z]{4}\d{4}", one.glottocode), one
        assert one.glottocode == one.variant or not one.variant, one
        assert regex.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-x-[a-z]{4}\d{4})?", one.bcp47), one
    assert len({one.bcp47 for one in every}) == len(every)
    assert len({(one.glottocode, one.script) for one in every}) == len(every)
    assert {one.code for one in every if one.iso639_3 != one.code[:3]} == {
        "ajp_Arab", "aka_Latn", "est_Latn", "grn_Latn", "kon_Latn", "tgl_Latn", "tzm_Tfng", "zho_Hans", "zho_Hant",
    }, "those that FLORES+ has renamed"  # fmt: skip
    # Spot checks against Glottolog and the IANA registry of subtags.
    named_so = {one.code: (one.bcp47, one.iso639_3, one.glottocode) for one in every}
    assert named_so["eng_Latn"] == ("en", "eng", "stan1293")
    assert named_so["zho_Hans"] == ("zh-Hans", "cmn", "beij1234")
    assert named_so["est_Latn"] == ("et", "ekk", "esto1258")
    assert named_so["ajp_Arab"] == ("apc-Arab-x-sout3123", "apc", "sout3123")
    assert named_so["hin_Latn"] == ("hi-Latn", "hin", "hind1269")
    assert named_so["arb_Arab"] == ("arb-Arab", "arb", "stan1318")
