"""BCP 47 tags: every language has its own, and each leads back to it."""

from data.language_tags import language_of_tag, tag_of
from data.languages import languages


def test_every_language_has_its_own_tag_and_each_leads_back():
    tags = {code: tag_of(code) for code in languages()}
    assert len(set(tags.values())) == len(tags)
    assert {code: known.code for code, tag in tags.items() if (known := language_of_tag(tag))} == {
        code: code for code in tags
    }
    assert [tags[code] for code in ("eng_Latn", "zho_Hans", "zho_Hant", "khm_Khmr", "jpn_Jpan")] == [
        "en", "zh-Hans", "zh-Hant", "km", "ja"
    ]  # fmt: skip
