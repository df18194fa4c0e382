"""A batch that is unlike the earlier ones, on each side of each line."""

from decimal import Decimal
from fractions import Fraction

import pytest

from rules.tripwires import Extent, Letter, tripped
from schemas.settings import Tripwires

WIRES = Tripwires(times=Decimal(2), share=Decimal(2), few=5, most=30)


def letters(count: int, first: int = 1) -> list[Letter]:
    return [Letter(n, f"nop{n}@ubdt.vn", f"content {n}") for n in range(first, first + count)]


def keys(
    count: int,
    earlier: Extent | None = None,
    *,
    before: int = 0,
    share: Fraction | None = None,
    wires: Tripwires = WIRES,
) -> list[str]:
    found = tripped(letters(count), letters(before, 1000), share, earlier, wires)
    for one in found:
        assert one.letters == tuple(range(1, count + 1))
    return [one.key for one in found]


@pytest.mark.parametrize(("count", "crossed"), [(20, []), (21, ["times"])])
def test_more_than_so_many_times_the_last_periods_letters(count: int, crossed: list[str]) -> None:
    assert keys(count, Extent(10)) == crossed
    assert keys(count - 8, Extent(10), before=8) == crossed  # what left already counts


@pytest.mark.parametrize(("count", "crossed"), [(5, []), (6, ["times"])])
def test_a_small_batch_is_not_compared(count: int, crossed: list[str]) -> None:
    assert keys(count, Extent(1)) == crossed


@pytest.mark.parametrize(("count", "crossed"), [(30, []), (31, ["most"])])
def test_without_an_earlier_period_only_the_absolute_limit_counts(
    count: int, crossed: list[str]
) -> None:
    assert keys(count, share=Fraction(1)) == crossed
    assert keys(count, Extent(30)) == crossed


@pytest.mark.parametrize(
    ("now", "crossed"), [(Fraction(39, 100), []), (Fraction(40, 100), ["share"])]
)
def test_twice_the_share_of_flagged_units(now: Fraction, crossed: list[str]) -> None:
    assert keys(10, Extent(10, Fraction(20, 100)), share=now) == crossed
    assert keys(5, Extent(5, Fraction(20, 100)), share=now) == []
    assert keys(10, Extent(10, Fraction(0)), share=now) == []  # nothing to be twice of


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("a@ubdt.vn", True),
        ("a@UBDT.vn", True),
        ("a@vp.ubdt.vn", True),
        ("a@xubdt.vn", False),
        ("a@ubdt.vn.khac.com", False),
        ("ubdt.vn@khac.com", False),
        ('"a@ubdt.vn"@khac.com', False),
    ],
)
def test_only_what_lies_outside_the_domains_is_held(address: str, inside: bool) -> None:
    wires = Tripwires(domains=("@ubdt.vn",))
    batch = [Letter(1, "b@ubdt.vn", "x"), Letter(2, address, "y")]
    found = tripped(batch, (), None, None, wires)
    assert [one.letters for one in found] == ([] if inside else [(2,)])
    assert tripped(batch, (), None, None, Tripwires()) == []


def test_the_same_letter_twice_to_one_address() -> None:
    one, same, other = Letter(1, "a@x.vn", "x"), Letter(2, "A@x.vn", "x"), Letter(3, "a@x.vn", "y")
    (within,) = tripped([one, same, other], (), None, None, WIRES)
    assert (within.key, within.letters) == ("twice", (2,))
    (against,) = tripped([same, other], [one], None, None, WIRES)
    assert (against.key, against.letters) == ("twice", (2,))
    assert tripped([one, other], (), None, None, WIRES) == []


def test_many_addresses_are_counted_and_three_named() -> None:
    (found,) = tripped(letters(4), (), None, None, Tripwires(domains=("khac.vn",)))
    assert found.facts == {
        "count": 4,
        "addresses": "nop1@ubdt.vn, nop2@ubdt.vn, nop3@ubdt.vn, …",
    }
    (found,) = tripped(letters(3), (), None, None, Tripwires(domains=("khac.vn",)))
    assert found.facts["addresses"] == "nop1@ubdt.vn, nop2@ubdt.vn, nop3@ubdt.vn"
