"""Files of past figures: every line, or why not."""

import csv
from decimal import Decimal
from unicodedata import normalize

import pytest

from rules.past import LARGEST, past_figures

HEAD = "year,month,unit,activity,source,budget,disbursed_to_date\n"


def told(*lines: str) -> list[str]:
    figures, wrong = past_figures((HEAD + "".join(f"{line}\n" for line in lines)).encode())
    assert len(figures) + len(wrong) >= len(lines)
    return wrong


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_figures_as_spreadsheets_save_them(encoding: str, end: str, delimiter: str) -> None:
    lines = ["budget,disbursed_to_date,Year,month,unit,activity,source",
             "1000.5,250.123457,2020,3,VP,VP.01,Đầu tư công", "", "7,8,2020,12,TTTT,,"]  # fmt: skip
    content = end.join(lines).replace(",", delimiter).encode(encoding)
    (first, second), wrong = past_figures(content)
    assert wrong == []
    assert first.key == (2020, 3, "VP", "VP.01", "Đầu tư công")
    assert (first.budget, first.disbursed_to_date) == (Decimal("1000.5"), Decimal("250.123457"))
    assert (first.line, second.line) == (2, 4)
    assert second.key == (2020, 12, "TTTT", "", "")


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("1999,1,A,,,1,1", "year"),
        ("2101,1,A,,,1,1", "year"),
        ("²020,1,A,,,1,1", "year"),
        ("2020,0,A,,,1,1", "month"),
        ("2020,14,A,,,1,1", "month"),
        ("2020,1,,,,1,1", "unit"),
        ("2020,1,A,,,-1,1", "budget"),
        ("2020,1,A,,,x,1", "budget"),
        ("2020,1,A,,,nan,1", "budget"),
        (f"2020,1,A,,,{LARGEST},1", "budget"),
        ("2020,1,A,,,1,", "disbursed_to_date"),
        ('2020,1,A,,,1,"1,5"', "disbursed_to_date"),
        ("2020,1,A,,,1", "thiếu ô"),
        ("2020,1,A,,,1,1,1", "thừa ô"),
    ],
)
def test_a_wrong_line_is_named(line: str, word: str) -> None:
    (sentence,) = told("2020,2,A,,,1,1", line)
    assert sentence.startswith("dòng 3: ")
    assert word in sentence


def test_the_edges_are_right() -> None:
    assert told("2000,1,A,,,0,0", "2100,12,A,,,1,2", f"2020,1,A,,,{LARGEST - 1},0") == []


def test_the_same_figure_twice_and_a_whole_beside_its_parts_are_named() -> None:
    assert told("2020,1,A,,,1,1", "2020,1,A,,,1,1") == ["dòng 3: trùng với dòng 2"]
    (mixed,) = told("2020,1,A,,,1,1", "2020,1,A,A.1,,1,1")
    assert mixed.startswith("dòng 2 và 3: ")
    assert told("2020,1,A,,,1,1", "2020,2,A,A.1,,1,1", "2020,1,B,B.1,,1,1") == []
    (mixed,) = told("2020,1,A,,,3,3", "2020,1,A,,ODA,1,1", "2020,1,A,,CTMTQG,2,2")
    assert mixed.startswith("dòng 2, 3 và 4: ")
    assert told("2020,1,A,,ODA,1,1", "2020,1,A,A.1,CTMTQG,2,2") == []  # each source its own way


def test_a_code_and_a_source_are_one_however_they_are_written() -> None:
    wanted = (2020, 1, "Sở Y tế", "A", "Đầu tư công")
    for unit, source in (
        ("Sở  Y tế", "đầu tư CÔNG"),
        (normalize("NFD", "Sở Y tế"), "Đầu tư công "),
    ):
        (figure,), wrong = past_figures(f"{HEAD}2020,1,{unit},A,{source},1,1".encode())
        assert (figure.key, wrong) == (wanted, [])
    bare = "".join(f"2020,{n},A,,{s},1,1\n" for n, s in enumerate(("dau tu cong", "ODA", ""), 1))
    figures, wrong = past_figures((HEAD + bare).encode())
    assert ([one.source for one in figures], wrong) == (["Đầu tư công", "ODA", ""], [])


def test_a_source_that_is_none_is_refused_with_the_nearest() -> None:
    assert told("2020,1,A,,Đầu tư côg,1,1") == [
        "dòng 2: source “Đầu tư côg” không phải nguồn vốn đã biết (gần nhất: Đầu tư công)"
    ]
    (other,) = told("2020,1,A,,Quỹ,1,1")
    assert "(Chi thường xuyên; Đầu tư công; CTMTQG; ODA)" in other


def test_lines_may_end_as_on_old_macs() -> None:
    (one,), wrong = past_figures(f"{HEAD}2020,1,A,,,2,1\n".replace("\n", "\r").encode())
    assert (one.key, one.line, wrong) == ((2020, 1, "A", "", ""), 2, [])


def test_a_decimal_comma_is_read_where_a_semicolon_parts_the_cells() -> None:
    """And then points part thousands in the whole file; without any comma they are decimals."""
    lines = "2020;1;A;;;1.234,5;1.234\n2020;2;A;;;1234,25;1234.5\n2020;3;A;;;1.234.567;0,5\n"
    figures, wrong = past_figures((HEAD.replace(",", ";") + lines).encode())
    assert wrong == []
    assert [(str(one.budget), str(one.disbursed_to_date)) for one in figures] == [
        ("1234.500000", "1234.000000"),
        ("1234.250000", "1234.500000"),
        ("1234567.000000", "0.500000"),
    ]
    (point,), _ = past_figures(f"{HEAD}2020,1,A,,,1.234,1".replace(",", ";").encode())
    assert str(point.budget) == "1.234000"
    assert "phải là số" in told('2020,1,A,,,"1.234,5",1')[0]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "thiếu cột year"),
        (b"year,month,unit\n", "disbursed_to_date"),
        (HEAD.encode() + b"2020,1,A\xff,,,1,1", "UTF-8"),
    ],
)
def test_a_file_that_is_none_says_what_it_lacks(content: bytes, word: str) -> None:
    figures, (sentence,) = past_figures(content)
    assert figures == []
    assert word in sentence


def test_every_wrong_line_is_told_with_all_that_is_wrong_in_it() -> None:
    long = "9" * 30
    wrong = (
        f"year “{long[:20]}” phải là số từ 2000 đến 2100; month “0” phải là số từ 1 đến 13; "
        "unit để trống; budget “x_1” phải là số không âm, ví dụ 1234.5"
    )
    assert told(f"{long},0,,,,x_1,1", "2020,1,A,,,1,1,1", "2020,1,A,,,1", "2020,1,A,,,1_0,1") == [
        f"dòng 2: {wrong}",
        "dòng 3: thừa ô",
        "dòng 4: thiếu ô",
        "dòng 5: budget “1_0” phải là số không âm, ví dụ 1234.5",
    ]
    (sentence,) = told(f"2020,1,A,,,{'x' * 21},1")
    assert f"“{'x' * 20}”" in sentence


def test_a_head_is_needed_and_told_of_as_it_must_be() -> None:
    for content in (b"", b"year,month,unit,activity,source\n"):
        figures, (sentence,) = past_figures(content)
        assert figures == []
        assert sentence.endswith(f"các cột: {HEAD.strip().replace(',', ', ')}")
    assert sentence.startswith("dòng 1: thiếu cột budget, disbursed_to_date; ")


def test_a_comma_in_the_head_makes_a_comma_the_delimiter_whatever_stands_below() -> None:
    content = (
        HEAD.replace("unit", "unit;x", 1).replace("year", "unit,year", 1) + "A;B,2020,1,,,,1,1\n"
    )
    assert past_figures(content.encode())[0][0].unit == "A;B"


@pytest.mark.parametrize("lines", [0, 1, 2])
def test_bytes_that_are_no_text_are_named_by_their_line(lines: int) -> None:
    content = HEAD.encode() + b"2020,1,A,,,1,1\n" * lines + b"2020,1,\xff,,,1,1\n"
    figures, wrong = past_figures(content)
    assert (figures, [sentence.partition(":")[0] for sentence in wrong]) == (
        [],
        [f"dòng {lines + 2}"],
    )


def test_what_the_reader_of_csv_refuses_is_named_by_its_line() -> None:
    limit = csv.field_size_limit(131_072)  # whoever read a file before may have raised it
    try:
        wrong = told("2020,1,A,,,1,1", f'2020,1,"{"x" * 200_000}",,,1,1')
    finally:
        csv.field_size_limit(limit)
    assert wrong[-1].startswith("dòng 3: field larger")
