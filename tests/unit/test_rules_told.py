"""What a flag tells beside its rates: each fact by its name, which the sentences speak of."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from figures import course, figure

from rules import (
    adjustment_pending,
    below_average,
    below_target,
    estimate_implausible,
    milestone_overdue,
    promise_broken,
    unlikely_to_finish,
)
from rules.case import Case, cases
from rules.judge import judge
from rules.promise_broken import LONGEST
from schemas.board import ActivityFigure
from schemas.evidence import Evidence, Milestone
from schemas.flags import FlagSeverity
from schemas.forecast import Method, Outlook
from schemas.forms import CHOICES
from schemas.settings import BelowAverage, Rules

NOT, DOING, DONE = CHOICES
RULES = Rules()


def units(evidence: Evidence) -> Case:
    return cases(evidence, RULES)[0]


def activities(evidence: Evidence) -> Case:
    return cases(evidence, RULES)[1]


def with_milestones(last: list[Milestone], *now: Milestone, paid: int = 10) -> Case:
    evidence = course(*[[figure("A", "A.1", 100, paid)]] * 2, last_years={"A.1": 2021})
    one, other = evidence.months
    months = (replace(one, milestones=tuple(last)), replace(other, milestones=now))
    return activities(replace(evidence, months=months))


def test_a_deliverable_and_how_many_more() -> None:
    works = [
        Milestone("A", "A.1", f"A.1-{n}", "strategy", date(2021, 2, n), completion=Decimal(40))
        for n in (9, 3, 5)
    ]
    found = milestone_overdue.flagged(with_milestones([], *works), RULES)
    assert found["facts"].loc[0] == (
        ("part", "A.1-3"), ("due_day", "2021-02-03"), ("done_rate", "0.4"), ("more", "2"),
    )  # fmt: skip


def test_a_step_of_a_project_and_what_was_paid_before_acceptance() -> None:
    steps = (("acceptance", DONE), ("handover", DOING), ("settlement", NOT))
    late = Milestone("A", "A.1", "A.1", "it", date(2021, 2, 28), steps)
    assert milestone_overdue.flagged(with_milestones([], late), RULES)["facts"].loc[0] == (
        ("variant", "step"), ("part", "A.1"), ("due_day", "2021-02-28"), ("step", "Bàn giao"),
        ("state", DOING), ("more", "0"),
    )  # fmt: skip
    open_end = replace(late, due=None, steps=(("acceptance", NOT), *steps[1:]))
    paid = milestone_overdue.flagged(with_milestones([], open_end, paid=100), RULES)
    assert paid["facts"].loc[0] == (("variant", "unaccepted"), ("part", "A.1"), ("more", "0"))


def says(words: str, paid: int = 10) -> list[ActivityFigure]:
    return [replace(figure("A", "A.1", 100, paid), solution=words)]


@pytest.mark.parametrize("more", [-1, 0, 1, 30])
def test_a_promise_is_quoted_up_to_its_length_in_whole_words(more: int) -> None:
    start = "Xong trước ngày 20/02/2021,  "
    words = " ".join(start.split()) + " " + "x " * LONGEST
    words = words[: LONGEST + more].strip().ljust(LONGEST + more, "y")
    found = promise_broken.flagged(activities(course(says(words), says(words))), RULES)
    told = dict(found["facts"].loc[0])
    assert list(told) == ["promised_day", "said"]
    assert told["promised_day"] == "2021-02-20"
    if more <= 0:
        assert told["said"] == words
    else:
        assert told["said"] == words[:LONGEST].rsplit(" ", 1)[0] + " …"
        assert len(told["said"]) > LONGEST - 5


@pytest.mark.parametrize(("completion", "broken"), [(99, True), (100, False), (None, True)])
def test_a_promise_on_what_is_not_done(completion: int | None, broken: bool) -> None:
    words = "Xong trước ngày 20/02/2021"
    done = None if completion is None else Decimal(completion)
    one = Milestone("A", "A.1", "A.1", "strategy", None, completion=done, solution=words)
    found = promise_broken.flagged(with_milestones([one], one), RULES)
    assert len(found) == broken


def test_the_average_of_a_kind_and_of_a_source() -> None:
    figures = [figure(u, u, 100, paid) for u, paid in zip("ABC", (90, 80, 10), strict=True)]
    case = units(course(figures, kinds=dict.fromkeys("ABC", "Vụ")))
    by_kind = Rules(below_average=BelowAverage(scopes=("kind",)))
    assert below_average.flagged(case, by_kind)["facts"].loc[2] == (
        ("variant", "kind"), ("scope", "Vụ"), ("others_rate", "0.85"),
        ("all_disbursed_amount", "180.000000"), ("all_budget_amount", "300.000000"),
    )  # fmt: skip
    by_source = Rules(below_average=BelowAverage(scopes=("source",)))
    assert below_average.flagged(case, by_source)["facts"].loc[2] == (
        ("variant", "source"), ("scope", "ODA"), ("others_rate", "0.85"),
        ("all_disbursed_amount", "180.000000"), ("all_budget_amount", "300.000000"),
        ("budget_amount", "100.000000"), ("disbursed_amount", "10.000000"),
    )  # fmt: skip


def test_of_two_averages_the_graver_and_of_equals_the_one_that_asks_for_more() -> None:
    """A is under its body's average and, further, under that of its kind."""
    paid = {"A": 40, "B": 90, "C": 95, "D": 10, "E": 20, "F": 60}
    figures = [figure(u, u, 100, p) for u, p in paid.items()]
    kinds = dict(zip("ABCDEF", "xxxyyy", strict=True))
    case = units(course(figures, kinds=kinds))
    for scopes in (("body", "kind"), ("kind", "body")):
        rules = Rules.model_validate({"below_average": {"scopes": scopes}})
        found = below_average.flagged(case, rules)
        assert found["expected"].loc[0] == Fraction(225, 300)  # watch by both, 52.5 more by this
        assert found["severity"].loc[0] is FlagSeverity.WATCH
        assert found["expected"].loc[3] == Fraction(315, 600)  # low by both, the body asks for more
        assert found["severity"].loc[3] is FlagSeverity.LOW


def test_a_target_and_who_set_it() -> None:
    months = [[figure("A", "A.1", 100, 30)]] * 9
    rules = Rules.model_validate({"below_pace": {"enabled": False}})
    found = below_target.flagged(activities(course(*months)), rules)
    assert found["facts"].loc[0] == (
        ("due_day", "2021-09-30"), ("origin", "mục tiêu của Chính phủ đến hết quý III"),
    )  # fmt: skip


def test_what_is_foretold() -> None:
    evidence = course(*[[figure("A", "A.1", 100, 30)]] * 9)

    def facts(high: float | None) -> object:
        outlook = Outlook(0.6, Method.COMBINED, 4, None if high is None else 0.5, high)
        now = replace(evidence.now, outlooks={"A": outlook})
        case = units(replace(evidence, months=(*evidence.months[:-1], now)))
        return unlikely_to_finish.flagged(case, RULES)["facts"].loc[0]

    how = ("method", "combined"), ("years", "4")
    assert facts(0.7) == (
        ("foretold_rate", "0.6"), ("low_rate", "0.5"), ("high_rate", "0.7"), *how,
    )  # fmt: skip
    assert facts(None) == (("variant", "without-interval"), ("foretold_rate", "0.6"), *how)


def test_an_estimate_and_a_proposal() -> None:
    def month(paid: int, estimate: int, proposal: int | None = None) -> list[ActivityFigure]:
        one = figure("A", "A.1", 1000, paid)
        asked = None if proposal is None else Decimal(proposal)
        return [replace(one, estimate=Decimal(estimate), proposal=asked)]

    steady = [month(10 * n, 900) for n in range(1, 10)]
    reach = estimate_implausible.flagged(activities(course(*steady)), RULES)
    assert reach["facts"].loc[0] == (
        ("estimate_amount", "900"), ("needed_amount", "270.000000"), ("best_amount", "10.000000"),
    )  # fmt: skip
    changed = activities(course(month(500, 500), month(500, 801)))
    assert estimate_implausible.flagged(changed, RULES)["facts"].loc[0][-2:] == (
        ("before_amount", "500"), ("estimate_amount", "801"),
    )  # fmt: skip
    still = estimate_implausible.flagged(activities(course(*[month(0, 900)] * 9)), RULES)
    assert still["facts"].loc[0][0] == ("variant", "nothing")
    assert "best_amount" not in dict(still["facts"].loc[0])
    pending = activities(course(month(1, 900, -5), month(2, 900, -7)))
    assert adjustment_pending.flagged(pending, RULES)["facts"].loc[0] == (
        ("proposal_amount", "-7"), ("since_day", "2021-01-31"),
    )  # fmt: skip


def test_a_run_tells_its_length_and_what_the_most_demanding_flag_asks_for() -> None:
    """Low below the pace and, asking for more, below a target: the run asks for the more."""
    months = [[figure("A", "A.1", 1000, paid)] for paid in (10, 20, 100, 110, 120)]
    target = {"month": 3, "share": "0.9", "origin": "Quyết định 1/QĐ-BX"}
    rules = Rules.model_validate({"below_target": {"targets": [target]}})
    flags = {f.rule: f for f in judge(course(*months), rules) if f.activity}
    run, pace, most = flags["repeat"], flags["below-pace"], flags["below-target"]
    assert (run.severity, run.facts) == (FlagSeverity.CRITICAL, (("months", "3"),))
    assert (run.asked, run.expected, run.actual) == (most.asked, most.expected, most.actual)
    assert pace.asked < run.asked
