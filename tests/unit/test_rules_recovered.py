"""Good news: low last month, not now; never counted as grave."""

from figures import course, figure

from rules.judge import judge
from rules.rollup import calls_for_letter
from schemas.board import ActivityFigure
from schemas.evidence import Evidence
from schemas.flags import Flag, FlagSeverity, Matter, gravest
from schemas.settings import Rules


def unit(disbursed: int, budget: int = 1000) -> list[ActivityFigure]:
    return [figure("A", "A.1", budget, disbursed)]


def praised(evidence: Evidence) -> list[Flag]:
    return [f for f in judge(evidence, Rules()) if f.rule == "recovered"]


def test_low_then_well() -> None:
    (flag,) = praised(course([], [], unit(150), unit(300)))
    assert (flag.unit, flag.activity, flag.matter) == ("A", None, Matter.PRAISE)
    assert (flag.actual, flag.expected, flag.shortfall) == (0.3, None, None)
    assert gravest([flag]) is None
    assert not calls_for_letter([flag])


def test_watched_is_recovered_and_low_is_not() -> None:
    assert len(praised(course([], [], unit(150), unit(240)))) == 1  # nine tenths of 0.2667
    assert praised(course([], [], unit(150), unit(239))) == []


def test_who_was_not_low_or_did_not_report_has_nothing_to_recover_from() -> None:
    assert praised(course([], [], unit(200), unit(300))) == []
    assert praised(course([], [], [], unit(300))) == []
    assert praised(course([], [], unit(5, budget=49), unit(40, budget=49))) == []  # small
    assert praised(course([], [], unit(150), [figure("B", "B.1", 9, 9)])) == []
    assert praised(course([], [], unit(150), unit(0, budget=0))) == []  # taken away


def test_good_news_beside_a_watch_is_as_grave_as_the_watch() -> None:
    flags = judge(course([], [], unit(150), unit(250)), Rules())
    assert gravest(flags) is FlagSeverity.WATCH
    assert {f.rule for f in flags} == {"below-pace", "recovered"}
