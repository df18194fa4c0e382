"""Columns of choices: exact however written, by another word with an info, or a finding."""

from unicodedata import normalize

import pytest

from rules.columns import meanings
from rules.numbers import fold
from schemas.findings import Severity
from schemas.forms import DISBURSEMENT, FORMS, IT
from schemas.reading import Problem
from schemas.synonyms import choices

ACCEPTANCE = IT["acceptance"]
SOURCE = DISBURSEMENT["source"]


@pytest.mark.parametrize(
    "written",
    [
        *("Đã hoàn thành", "đã  HOÀN thành ", "Đã hoàn\u00a0thành", "Ðã hoàn thành"),
        normalize("NFD", "Đã hoàn thành"),
    ],
)
def test_a_choice_is_known_however_it_is_written(written: str) -> None:
    assert meanings([written], ACCEPTANCE) == [("Đã hoàn thành", None)]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("CHƯA NGHIỆM THU", "Chưa"),
        ("chưa thực hiện", "Chưa"),
        ("đang làm", "Đang thực hiện"),
        ("đã xong", "Đã hoàn thành"),
        ("hoàn thành", "Đã hoàn thành"),
        ("Đã nghiệm thu", "Đã hoàn thành"),
    ],
)
def test_another_word_for_a_choice_is_taken_and_told(written: str, meant: str) -> None:
    told = Problem("read-as-choice", written, Severity.INFO, meant)
    assert meanings([written], ACCEPTANCE) == [(meant, told)]


@pytest.mark.parametrize(
    "written", ["x", "Có", "Đã bàn giao", "chưa hoàn thành", "không", 1.0, True, "50%"]
)
def test_what_may_mean_several_is_no_choice(written: object) -> None:
    ((meant, told),) = meanings([written], ACCEPTANCE)
    assert meant is None
    assert told is not None
    assert (told.rule, told.severity) == ("not-a-choice", Severity.ERROR)


def test_words_count_only_where_their_choice_is_offered() -> None:
    assert meanings(["vốn ODA"], SOURCE)[0][0] == "ODA"
    assert meanings(["chưa", "xong"], SOURCE) == [
        (None, Problem("not-a-choice", words)) for words in ("chưa", "xong")
    ]
    assert meanings(["", "-", None], SOURCE) == [(None, None)] * 3


def test_every_other_word_names_one_choice_of_a_form_and_one_alone() -> None:
    fields = [field for form in FORMS for field in form.fields if field.choices]
    assert set(choices()) <= {choice for field in fields for choice in field.choices}
    for field in fields:
        named = [
            fold(words.replace("{label}", field.label))
            for choice in field.choices
            for words in (choice, *choices().get(choice, ()))
        ]
        assert len(named) == len(set(named)), field.label
