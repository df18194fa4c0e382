"""What a workspace changes of our wording: taken where it fits, refused by name where not."""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from babel.numbers import format_decimal, format_percent

from reports.numbers import money, percent
from schemas.errors import SettingsError
from schemas.settings import Settings
from schemas.texts import LANGUAGES, catalogue, fields, say, shipped, speak, worded
from tasks.wording import export, shipped_templates, wording

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    speak(shipped("vi"))


def own(workspace: Path, key: str, sentence: str, language: str = "vi") -> Path:
    file = workspace / "texts" / f"{language}.po"
    file.parent.mkdir(exist_ok=True)
    file.write_text(f'{HEAD}msgid "{key}"\nmsgstr "{sentence}"\n', encoding="utf-8")
    return workspace


def test_an_own_sentence_takes_the_place_of_ours(tmp_path: Path) -> None:
    speak(worded(own(tmp_path, "mail.greeting", "Trân trọng kính gửi {unit}"), "vi"))
    assert say("mail.greeting", unit="Văn phòng") == "Trân trọng kính gửi Văn phòng"
    assert say("mail.regards") == shipped("vi").sentences["mail.regards"][0]


@pytest.mark.parametrize(
    ("key", "sentence", "told"),
    [
        ("mail.greeting", "Kính gửi {untt}", "{untt}” (gần nhất: unit)"),
        ("mail.greetng", "Kính gửi", "mail.greetng” (gần nhất: mail.greeting)"),
        ("mail.greeting", "Kính gửi {unit", "ngoặc nhọn"),
        ("mail.greeting", "{unit.__class__}", "unit.__class__"),
        ("mail.greeting", "{unit!r:>{width}}", "{width}"),
        ("mail.greeting", "{0}", "{0}"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(
    tmp_path: Path, key: str, sentence: str, told: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        worded(own(tmp_path, key, sentence), "vi")
    assert told in str(refused.value)
    assert "texts/vi.po" in str(refused.value)


def test_a_damaged_catalogue_is_refused(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    for content in (b'msgid "mail.greeting"\nmsgstr "open\n', b"\xff\xfe", b"<html>"):
        (tmp_path / "texts" / "vi.po").write_bytes(content)
        with pytest.raises(SettingsError, match=r"texts/vi\.po"):
            worded(tmp_path, "vi")


def test_own_templates_are_tried_before_they_are_used(tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    ours = shipped_templates()["receipt.txt"].decode()
    (folder / "receipt.txt").write_text(f"{ours}\nThêm một câu. {{{{ title }}}}", encoding="utf-8")
    assert wording(tmp_path, Settings()).templates == folder
    for source, told in (
        ("{{ titel }}", "“titel” (gần nhất: title)"),
        ("{% if %}", "dòng 1"),
    ):
        (folder / "receipt.txt").write_text(source, encoding="utf-8")
        with pytest.raises(SettingsError) as refused:
            wording(tmp_path, Settings())
        assert told in str(refused.value)
    (folder / "receipt.txt").rename(folder / "reciept.txt")
    with pytest.raises(SettingsError, match=r"gần nhất: receipt\.txt"):
        wording(tmp_path, Settings())


def test_what_is_exported_says_the_same_and_is_never_overwritten(tmp_path: Path) -> None:
    written, left = export(tmp_path, "vi")
    assert {path.name for path in written} == {"vi.po", *shipped_templates()}
    assert not left
    found = wording(tmp_path, Settings())
    assert found.sentences == shipped("vi").sentences
    changed = tmp_path / "templates" / "receipt.txt"
    changed.write_text("của tôi", encoding="utf-8")
    again, left = export(tmp_path, "vi")
    assert not again
    assert changed in left
    assert changed.read_text(encoding="utf-8") == "của tôi"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("amount", ["0", "12.5", "1234567.891", "-1234.5", "999", "1000"])
def test_numbers_have_the_signs_of_cldr(language: str, amount: str) -> None:
    speak(shipped(language))
    number = Decimal(amount)
    assert money(number) == format_decimal(number, "#,##0.######", locale=language)
    rate = float(number) / 1000
    assert percent(rate) == format_percent(Decimal(str(rate)), "#,##0.00%", locale=language)


def test_both_languages_say_the_same_things() -> None:
    ours, theirs = shipped("vi").sentences, shipped("en").sentences
    assert ours.keys() == theirs.keys()
    for key, forms in theirs.items():
        assert {name for one in forms for name in fields(one)} <= fields(ours[key][0]) | {"count"}
        bare = re.sub(r"\{\w+\}|\W|\d", "", ours[key][0])
        alike = (
            key in {"explain.registry", "explain.further-registry"}
            or key.endswith(".formula")
            or key.startswith(("letter.", "consolidated."))
        )
        assert alike or not bare or forms != ours[key], f"{key} is not translated"


def test_no_sentence_stands_in_a_template() -> None:
    """What a template says between its tags comes from the catalogue or from the facts."""
    for name, content in shipped_templates().items():
        if not name.endswith((".html", ".txt")):
            continue
        source = content.decode()
        said = re.sub(
            r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}|<style>.*?</style>|<[^>]*>", " ", source, flags=re.S
        )
        assert not re.search(r"[^\W\d_]{2,}", re.sub(r"&\w+;", " ", said)), (name, said)


def test_plural_forms_follow_the_number(tmp_path: Path) -> None:
    file = tmp_path / "texts" / "en.po"
    file.parent.mkdir()
    entry = 'msgid "mail.regards"\nmsgid_plural "mail.regards"\n'
    entry += 'msgstr[0] "One unit"\nmsgstr[1] "{count} units"\n'
    plural = (
        HEAD.rstrip("\n")
        + '\n"Language: en\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
    )
    file.write_text(plural + entry, encoding="utf-8")
    with pytest.raises(SettingsError, match="count"):
        worded(tmp_path, "en")  # that sentence has no count
    assert catalogue("en").is_file()


MANY = {"tripwire.most", "tripwire.times", "layout.more", "doctor.server", "doctor.fonts"}
"""What is never said of one."""


def test_one_is_not_said_as_many_in_english() -> None:
    speak(shipped("en"))
    report = {"finance": "Finance", "period": "05/2022"}
    assert ": 1 error must be corrected." in say("mail.return.sentence", count=1, **report)
    assert ": 2 errors must be corrected." in say("mail.return.sentence", count=2, **report)
    counted = re.compile(r"\{count\} (?:\w+ ){0,2}?\w+s\b")
    alike = {
        key
        for key, forms in shipped("en").sentences.items()
        if not key.startswith(("letter.", "consolidated."))
        and len(forms) == 1
        and counted.search(forms[0])
    }
    assert alike == MANY
