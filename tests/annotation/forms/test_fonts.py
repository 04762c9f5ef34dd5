"""Every script of the language table can be read on a desk with Debian's fonts-noto-core and fonts-noto-cjk."""

import shutil
import subprocess
import unicodedata

import pytest

from annotation.forms import label_configuration
from data.languages import languages


@pytest.fixture(scope="module")
def families() -> set[str]:
    if shutil.which("fc-list") is None:
        pytest.skip("fc-list is not there: install fontconfig")
    said = subprocess.run(["fc-list", ":", "family"], capture_output=True, text=True, check=True).stdout
    found = {family for line in said.splitlines() for family in line.split(",")}
    if not {"Noto Sans", "Noto Sans CJK JP"} <= found:
        pytest.skip("fonts-noto-core and fonts-noto-cjk are not installed")
    return found


def test_every_font_that_a_page_names_is_there(families: set[str]) -> None:
    named = {*label_configuration._FONTS.values(), "Noto Nastaliq Urdu", "Noto Sans Arabic"}
    assert not named - families


def test_every_script_has_a_font_with_all_letters_of_its_languages_own_names(families: set[str]) -> None:
    letters: dict[str, set[str]] = {}
    for one in languages().values():
        own = (c for c in one.autonym if unicodedata.category(c)[0] in "LM")
        letters.setdefault(one.script, set()).update(own)
    without = set()
    for script, found in letters.items():
        assert found, f"no language in {script} has a name of its own"
        wanted = " ".join(f"{ord(c):x}" for c in sorted(found))
        said = subprocess.run(
            ["fc-list", f":charset={wanted}", "family"], capture_output=True, text=True, check=True
        ).stdout
        if "Noto" not in said:
            without.add(script)
    assert without == set()
