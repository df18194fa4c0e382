"""What is asked of many rows is asked in pieces that a database takes."""

from tasks.database import batched


def test_every_number_is_in_one_piece_in_order() -> None:
    assert [[*some] for some in batched([5, 3, 1, 4, 2], size=2)] == [[1, 2], [3, 4], [5]]
    assert list(batched([])) == []
    assert max(len(some) for some in batched(range(120_000))) < 65_535
