import re
import unicodedata
from enum import StrEnum
from pathlib import Path

import pytest

from schemas.board import State
from schemas.findings import Severity
from schemas.flags import FlagSeverity
from schemas.forms import FORMS
from schemas.notices import Delivery, NoticeKind
from schemas.texts import catalogue, fields, say, shipped, under

HOUSE = Path(__file__).parents[2]

COMMON = {"label", "code", "name", "value", "limit", "sheet"}
SPECIAL = {
    "not-a-choice": {"choices"},
    "read-as-number": {"meant"},
    "unit-in-cell": {"meant"},
    "swapped-number": {"meant"},
    "share-or-percent": {"meant"},
    "read-as-date": {"meant"},
    "serial-date": {"meant"},
    "month-only": {"meant"},
    "doubtful-date": {"meant"},
    "legacy-font": {"meant"},
    "other-label": {"written"},
    "month-in-label": {"written", "month"},
    "two-columns": {"cells"},
    "tables-beside": {"cells"},
    "year-in-label": {"written", "year"},
    "two-money-units": {"units"},
    "unknown-money-unit": {"unit_of_money"},
    "other-table": {"row"},
    "read-as-choice": {"meant", "choices"},
    "unit-of-money": {"factor"},
    "unit-converted": {"unit_of_money"},
    "not-a-workbook": {"kind"},
    "closing-or-january": {"day", "january", "closing", "text", "other"},
    "other-period": {"shown", "asked"},
    "units-disagree": {"first", "second"},
    "periods-disagree": {"first", "second"},
    "split-file": {"units"},
    "altered-signature": {"what"},
    "duplicate-activity": {"place"},
    "repeated-row": {"place"},
    "plan-moved": {"last"},
    "plan-of-another": {"other", "unit"},
    "plans-exchanged": {"other", "unit"},
    "jump-beyond-left": {"rise"},
    "surge": {"rise"},
    "same-as-another": {"other", "place"},
    "transposed-digits": {"meant"},
    "column-again": {"count", "total", "cells"},
    "more-findings": {"count"},
    "too-many": {"what"},
}
REGISTRY = {"value", "code", "name", "choices"}
DECIDED = {"decision", "activity", "year", "amount", "day", "by", "row", "other", "other_day"}
FLAG = {"actual", "expected", "shortfall"}
FACTS = {"due_day", "origin", "scope", "foretold_rate", "high_rate", "months", "estimate_amount"}
FACTS |= {"needed_amount", "best_amount", "before_amount", "part", "done_rate", "step", "state"}
FACTS |= {"proposal_amount", "since_day", "stopped_amount", "promised_day", "said"}


ALL = {key: forms[0] for key, forms in shipped("vi").sentences.items()}


def test_fields_are_put_in_as_they_are() -> None:
    said = say("mail.subject", body="{x} <b>", text="%s", unused=1)
    assert said == "[{x} <b>] %s"


@pytest.mark.parametrize("key", ["finding.no-such", "no-such", "finding", "state.held.more", ""])
def test_what_is_no_sentence_raises(key: str) -> None:
    with pytest.raises(KeyError):
        say(key)


def test_a_missing_field_raises() -> None:
    with pytest.raises(KeyError, match="unit"):
        say("mail.greeting")


@pytest.mark.parametrize("rule", under("finding"))
def test_every_finding_renders_with_its_documented_fields(rule: str) -> None:
    named = COMMON | SPECIAL.get(rule, set())
    said = say(f"finding.{rule}", **{field: f"<{field}>" for field in named})
    assert "{" not in said
    assert SPECIAL.get(rule, set()) <= fields(ALL[f"finding.{rule}"])
    assert re.search(r"[;,].* hãy ", said), "a finding names the remedy"


@pytest.mark.parametrize("rule", under("registry"))
def test_every_registry_finding_renders_with_its_documented_fields(rule: str) -> None:
    said = say(f"registry.{rule}", **{field: field for field in REGISTRY | DECIDED})
    assert re.search(r"[;,].* hãy ", said)


@pytest.mark.parametrize("rule", under("flag"))
def test_every_flag_has_a_title_and_a_sentence(rule: str) -> None:
    assert not fields(ALL[f"flag.{rule}.title"])
    sentences = [key for key in under(f"flag.{rule}") if key.startswith("sent")]
    assert all(fields(ALL[f"flag.{rule}.{key}"]) <= FLAG | FACTS for key in sentences)


def test_every_word_of_the_code_has_a_vietnamese_one() -> None:
    words: dict[str, list[StrEnum]] = {
        "state": [*State],
        "notice": [*NoticeKind],
        "delivery": [*Delivery],
        "severity": [*Severity, *FlagSeverity],
    }
    for table, of_code in words.items():
        assert set(under(table)) == {str(word) for word in of_code}


def test_every_check_of_a_form_has_its_sentence() -> None:
    assert {check.rule for form in FORMS for check in form.checks} <= set(under("finding"))


def test_every_sentence_that_the_code_names_exists() -> None:
    files = [
        path
        for room in ("flows", "tasks", "rules", "reports", "schemas")
        for path in (HOUSE / room).rglob("*")
        if path.suffix in {".py", ".html", ".txt"}
    ]
    named = {
        (key, path.name)
        for path in [HOUSE / "dondoc.py", *files]
        for key in re.findall(r'\bsay\(\s*"([\w.-]+)"', path.read_text(encoding="utf-8"))
    }
    assert len(named) > 100
    assert not {one for one in named if one[0] not in ALL}


def test_the_catalogue_is_clean_vietnamese() -> None:
    assert unicodedata.is_normalized("NFC", catalogue("vi").read_text(encoding="utf-8"))
    for key, sentence in ALL.items():
        assert sentence == " ".join(sentence.split()), key
        assert '"' not in sentence, f"{key}: Vietnamese quotes are “ ”"
        assert not re.search(r" [,;:.?!](?!xlsx|venv)", sentence), key


def test_every_finding_has_a_short_name() -> None:
    assert set(under("check")) == set(under("finding"))
