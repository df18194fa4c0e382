"""The worked examples as they are laid out: what is given, and a formula for all that follows.

A formula speaks of cells: `{budget A.1}` is the cell of that result, the rest are the areas in
which `make_worked.py` lays out what is given. Lines and shortfalls are rounded up to whole đồng
(six decimals of triệu đồng); the rounding to nine decimals before it takes away what a double
adds of its own.

Marks as in the project's notes on the field: [S] read in a source, [K] known but not looked up,
[?] doubtful, [C] reckoned or chosen here. A practice of this product, no rule of law, is [P].
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

Decision = tuple[str, str, str, str, float, date | None, int]
"""Activity, unit, funding source, kind, triệu đồng, day, budget year."""

YEAR = 2021
_CELL = re.compile(r"\{([^}]+)\}")
_STEPS = ("plan ", "total ", "paid ")
RECURRENT, INVESTMENT, PROGRAMME, ODA = "Chi thường xuyên", "Đầu tư công", "CTMTQG", "ODA"


@dataclass(frozen=True)
class Example:
    """One example: a period, decisions on money, what was paid, and what follows."""

    title: str
    shows: str
    mark: str
    month: int
    ledger: Sequence[Decision]
    paid: Sequence[tuple[str, int, float]]
    formulas: dict[str, str]
    settings: dict[str, str] = field(default_factory=dict)
    years: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Activity -> the years in which it begins and ends, where the registry says so."""
    days_off: Sequence[date] = ()
    """Between Monday and Friday."""
    year: int = YEAR

    @property
    def results(self) -> dict[str, str]:
        """What -> its formula over cells; first the steps that the others speak of."""
        spoken_of = re.findall(_CELL, " ".join(self.formulas.values()))
        plans = [what.replace("total", "plan") for what in spoken_of if what.startswith("total")]
        steps = {what: _step(what) for what in (*plans, *spoken_of) if what.startswith(_STEPS)}
        formulas = steps | self.formulas
        place = {what: f"I${row}" for row, what in enumerate(formulas, 5)}
        return {
            what: re.sub(_CELL, lambda found: place[found[1]], formula)
            for what, formula in formulas.items()
        }


def given(code: str, amount: float, source: str = RECURRENT, year: int = YEAR) -> Decision:
    """An amount assigned for the year."""
    return (code, code.partition(".")[0], source, "Giao", amount, None, year)


def carried(code: str, amount: float, source: str = RECURRENT, year: int = YEAR) -> Decision:
    """An amount carried over from the year before."""
    return (code, code.partition(".")[0], source, "Chuyển nguồn", amount, None, year)


def moved(
    code: str, amount: float, day: date | None, source: str = RECURRENT, year: int = YEAR
) -> Decision:
    """An adjustment, and the day on which it was decided."""
    return (code, code.partition(".")[0], source, "Điều chỉnh", amount, day, year)


# --- what formulas are made of --------------------------------------------------------------------


def plan(code: str) -> str:
    """The cell of what is assigned, and adjusted by the period's last day or on no known day."""
    return f"{{plan {code}}}"


def total(code: str) -> str:
    """The cell of the plan and what was carried over."""
    return f"{{total {code}}}"


def paid(code: str, month: int | None = None) -> str:
    """The cell of what was disbursed from January to the end of the period, or of that month."""
    return f"{{paid {code} {month}}}" if month else f"{{paid {code}}}"


def _sum(code: str, kind: str, more: str = "") -> str:
    return f'SUMIFS(E$15:E$33,A$15:A$33,"{code}",D$15:D$33,"{kind}",G$15:G$33,A$5{more})'


def _step(what: str) -> str:
    """The formula of a cell that others speak of, over what is given."""
    told, code, *month = what.split(" ")
    if told == "paid":
        return f'SUMIFS(C$35:C$60,A$35:A$60,"{code}",B$35:B$60,{month[0] if month else "B$5"})'
    if told == "total":
        return f"{{plan {code}}}+{_sum(code, 'Chuyển nguồn')}"
    by_then, undated = ',F$15:F$33,"<="&C$5', ',F$15:F$33,"="'
    parts = [_sum(code, "Giao"), *(_sum(code, "Điều chỉnh", day) for day in (by_then, undated))]
    return "+".join(parts)


def line(share: str, of: str) -> str:
    """The least amount of whole đồng that is no less than a share of another."""
    return f"ROUNDUP(ROUND(({share})*{of},9),6)"


def short(share: str, of: str, disbursed: str) -> str:
    """What must be paid to stand on the line."""
    return f"ROUND({line(share, of)}-({disbursed}),6)"


def needed(of: str, disbursed: str, target: str = "0.95") -> str:
    """What each month from the next to December must pay to reach the year's target."""
    return f"ROUNDUP(ROUND(MAX(0,{target}*{of}-({disbursed}))/(12-B$5),9),6)"


def below_pace(expected: str, of: str, disbursed: str) -> str:
    """Below half of the line, below nine tenths, below."""
    steps = [("critical", f"0.5*({expected})"), ("low", f"0.9*({expected})"), ("watch", expected)]
    formula = '"-"'
    for severity, share in reversed(steps):
        formula = f'IF(({disbursed})<{line(share, of)},"{severity}",{formula})'
    return formula


def percent(rate: str) -> str:
    """As it is printed: two decimals, halves up."""
    return f"ROUND(100*({rate}),2)"


OCTOBER = "0.6+(0.95-0.6)*1/3"
"""Between the third quarter's target and the year's."""
_B, _P = "{budget A.1}", paid("A.1")


def _of_one(code: str = "A.1", budget: str | None = None) -> dict[str, str]:
    """Budget, rate and print of one activity."""
    return {
        f"budget {code}": budget or total(code),
        f"rate {code}": f"({paid(code)})/{{budget {code}}}",
        f"printed {code}": percent(f"{{rate {code}}}"),
    }


def _pace(expected: str, code: str = "A.1") -> dict[str, str]:
    """The flag below the pace of one activity, with all its figures."""
    of, disbursed = f"{{budget {code}}}", paid(code)
    return {
        f"severity {code} below-pace": below_pace(expected, of, disbursed),
        f"expected {code} below-pace": expected,
        f"shortfall {code} below-pace": short(expected, of, disbursed),
        f"needed {code} below-pace": needed(of, disbursed),
    }


def _grade(expected: str, code: str) -> dict[str, str]:
    """Only how grave it is below the pace: there may be no flag."""
    of = f"{{budget {code}}}"
    return {f"severity {code} below-pace": below_pace(expected, of, paid(code))}


# --- the right denominator ------------------------------------------------------------------------

ADJUSTED = Example(
    "Assigned and adjusted",
    "Law on the State Budget 83/2015/QH13, article 53: a level-I unit moves estimates between its "
    "units within the total; the rate divides by what stands after it",
    "K",
    10,
    [
        given("A.1", 1000),
        moved("A.1", 250.5, date(2021, 6, 15)),
        moved("A.1", -100, date(2021, 9, 1)),
    ],
    [("A.1", 10, 690.3)],
    _of_one() | _pace(OCTOBER),
)
DECIDED_LATER = Example(
    "An adjustment decided after the period's end",
    "The current budget counts decisions dated on or before the period's last day",
    "P",
    10,
    [given("A.1", 1000), moved("A.1", -400, date(2021, 11, 1))],
    [("A.1", 10, 600)],
    _of_one() | _pace(OCTOBER),
)
DECIDED_THAT_DAY = Example(
    "An adjustment decided on the period's last day",
    "The same line from its other side: 31 October counts in October",
    "P",
    10,
    [given("A.1", 1000), moved("A.1", -400, date(2021, 10, 31))],
    [("A.1", 10, 600)],
    _of_one() | _grade(OCTOBER, "A.1"),
)
UNDATED = Example(
    "An adjustment whose day nobody wrote down",
    "An adjustment without a date counts from the year's beginning",
    "P",
    4,
    [given("A.1", 500), moved("A.1", 100, None), moved("A.1", 50, date(2021, 5, 1))],
    [("A.1", 4, 150)],
    _of_one() | _pace("0.2+(0.4-0.2)*1/3"),
)
CARRIED = Example(
    "Carried over, judged on the total plan",
    "Chuyển nguồn: Law 83/2015/QH13, article 64; Decree 163/2016/NĐ-CP, article 43. Carried-over "
    "money may be spent, so the total plan divides",
    "K",
    10,
    [given("A.1", 800), carried("A.1", 200), moved("A.1", -50, date(2021, 8, 2))],
    [("A.1", 10, 640)],
    _of_one() | _pace(OCTOBER),
)
CARRIED_BY_PLAN = Example(
    "The same, judged on the plan of the year",
    "The same decisions and the same paid amount; only the setting of the source is another",
    "P",
    10,
    [given("A.1", 800), carried("A.1", 200), moved("A.1", -50, date(2021, 8, 2))],
    [("A.1", 10, 640)],
    _of_one(budget=plan("A.1")) | _grade(OCTOBER, "A.1"),
    {"denominators.Chi thường xuyên": "plan"},
)
_AUGUST_2025 = [given("A.1", 884600, INVESTMENT, 2025), carried("A.1", 140400, INVESTMENT, 2025)]
BY_PRIME_MINISTER = Example(
    "One paid amount, two true rates: on the Prime Minister's plan",
    "31/8/2025: 409.174,5 tỷ đồng were 46,3 % of the plan assigned (884.600 tỷ). Here a tỷ is "
    "written as a triệu: rates do not know the difference",
    "S: Nhân Dân and VietnamPlus, 9/2025",
    8,
    _AUGUST_2025,
    [("A.1", 8, 409174.5)],
    _of_one(budget=plan("A.1")) | {"printed-1 A.1": "ROUND(100*{rate A.1},1)"},
    {"denominators.Đầu tư công": "plan"},
    year=2025,
)
BY_TOTAL = Example(
    "One paid amount, two true rates: on the total plan",
    "31/8/2025: the same amount was 39,9 % of the total plan. The printed sources name the rate, "
    "not that plan: 140.400 tỷ on top is chosen here to come to it",
    "S: Nhân Dân, 9/2025; the amount on top: C",
    8,
    _AUGUST_2025,
    [("A.1", 8, 409174.5)],
    _of_one() | {"printed-1 A.1": "ROUND(100*{rate A.1},1)"},
    year=2025,
)
TWO_SOURCES = Example(
    "Public investment and recurrent money side by side",
    "Law on Public Investment 39/2019/QH14, article 68: an investment plan may be paid until 31 "
    "January of the next year, so ministries judge it by the plan of the year, and recurrent money "
    "by all that may be spent",
    "K",
    10,
    [
        given("A.1", 400, RECURRENT),
        carried("A.1", 100, RECURRENT),
        given("A.2", 600, INVESTMENT),
        carried("A.2", 300, INVESTMENT),
    ],
    [("A.1", 10, 350), ("A.2", 10, 480)],
    _of_one("A.1")
    | _of_one("A.2", plan("A.2"))
    | {
        "source-rate Chi thường xuyên": "{rate A.1}",
        "source-rate Đầu tư công": "{rate A.2}",
        "unit-budget A": "{budget A.1}+{budget A.2}",
        "unit-rate A": f"({paid('A.1')}+{paid('A.2')})/{{unit-budget A}}",
        "unit-printed A": percent("{unit-rate A}"),
    }
    | _grade(OCTOBER, "A.1")
    | _grade(OCTOBER, "A.2"),
    {"denominators.Đầu tư công": "plan"},
)
NO_BUDGET = Example(
    "Nothing assigned",
    "A plan of nothing has no rate: “không xác định”, neither 0 nor 100",
    "C: domain notes, section 4 (plan = 0, no rate)",
    10,
    [given("A.2", 100)],
    [("A.1", 10, 0), ("A.2", 10, 80)],
    {
        "budget A.1": total("A.1"),
        "rate A.1": 'IF({budget A.1}>0,0,"-")',
        "severity A.1 no-disbursement": '"-"',
        "severity A.1 below-pace": '"-"',
        "unit-rate A": f"({paid('A.2')})/({total('A.2')})",
    },
)
TO_ZERO = Example(
    "Adjusted down to zero",
    "What was spent before all was taken away is no rate of nothing; no flag either",
    "P",
    10,
    [given("A.1", 300), moved("A.1", -300, date(2021, 9, 30)), given("A.2", 100)],
    [("A.1", 9, 5), ("A.1", 10, 5), ("A.2", 10, 71.666666)],
    {
        "budget A.1": total("A.1"),
        "rate A.1": 'IF({budget A.1}>0,5/{budget A.1},"-")',
        "severity A.1 below-pace": '"-"',
        "unit-budget A": f"{total('A.2')}",
        "unit-rate A": f"({paid('A.1')}+{paid('A.2')})/{{unit-budget A}}",
        "budget A.2": total("A.2"),
    }
    | _pace(OCTOBER, "A.2"),
)
BELOW_ZERO = Example(
    "Adjusted below zero",
    "A negative budget (a decision typed twice) has no rate and no flag, and lowers the unit's sum",
    "P",
    10,
    [
        given("A.1", 100),
        moved("A.1", -60, None),
        moved("A.1", -60, date(2021, 3, 1)),
        given("A.2", 120),
    ],
    [("A.1", 10, 0), ("A.2", 10, 90)],
    {
        "budget A.1": total("A.1"),
        "rate A.1": 'IF({budget A.1}>0,0,"-")',
        "severity A.1 no-disbursement": '"-"',
        "unit-budget A": f"{total('A.1')}+{total('A.2')}",
        "unit-rate A": f"({paid('A.2')})/{{unit-budget A}}",
        "unit-printed A": percent("{unit-rate A}"),
    },
)
ENDED = Example(
    "Ended the year before, ended this year, begun this year, begun later",
    "An activity is reported on from the year in which it begins to the year in which it ends",
    "P",
    10,
    [given("A.1", 100), given("A.2", 200), given("A.3", 400), given("A.4", 800)],
    [("A.1", 10, 1), ("A.2", 10, 150), ("A.3", 10, 300), ("A.4", 10, 1)],
    {
        "reported A.1": 'IF(AND(E$8<=A$5,A$5<=F$8),"yes","no")',
        "reported A.2": 'IF(AND(E$9<=A$5,A$5<=F$9),"yes","no")',
        "reported A.3": 'IF(AND(E$10<=A$5,A$5<=F$10),"yes","no")',
        "reported A.4": 'IF(AND(E$11<=A$5,A$5<=F$11),"yes","no")',
        "unit-budget A": f"{total('A.2')}+{total('A.3')}",
        "unit-rate A": f"({paid('A.2')}+{paid('A.3')})/{{unit-budget A}}",
        "unit-printed A": percent("{unit-rate A}"),
    },
    years={"A.1": (2018, 2020), "A.2": (2018, 2021), "A.3": (2021, 2023), "A.4": (2022, 2024)},
)
ANOTHER_YEAR = Example(
    "Decisions of other years",
    "Each budget year stands by itself: what was adjusted in the year before is no part of it",
    "K",
    1,
    [
        given("A.1", 300, year=2020),
        moved("A.1", -40, date(2020, 12, 30), year=2020),
        given("A.1", 240),
        moved("A.1", -12.5, date(2021, 1, 31)),
        given("A.1", 500, year=2022),
    ],
    [("A.1", 1, 16.1)],
    _of_one(),
)

# --- sums -----------------------------------------------------------------------------------------

ROLL_UP = Example(
    "A unit is the sum of its activities",
    "Sums of exact amounts, the rate from the sums: never the mean of rates",
    "P",
    9,
    [
        given("A.1", 100.1),
        given("A.2", 0.2, PROGRAMME),
        given("A.3", 1200.7, ODA),
        moved("A.3", -0.000001, date(2021, 9, 30), ODA),
    ],
    [("A.1", 9, 99.9), ("A.2", 9, 0), ("A.3", 9, 500.333333)],
    {
        "unit-budget A": f"ROUND({total('A.1')}+{total('A.2')}+{total('A.3')},6)",
        "unit-rate A": f"({paid('A.1')}+{paid('A.2')}+{paid('A.3')})/{{unit-budget A}}",
        "unit-printed A": percent("{unit-rate A}"),
        "severity A below-pace": below_pace(
            "0.6", "{unit-budget A}", f"{paid('A.1')}+{paid('A.2')}+{paid('A.3')}"
        ),
        "shortfall A below-pace": short(
            "0.6", "{unit-budget A}", f"{paid('A.1')}+{paid('A.2')}+{paid('A.3')}"
        ),
        "source-rate CTMTQG": f"({paid('A.2')})/({total('A.2')})",
        "source-rate ODA": f"ROUND(({paid('A.3')})/({total('A.3')}),12)",
    },
)
_UNEQUAL = [given("A.1", 1000), given("B.1", 100), given("C.1", 100)]
_UNEQUAL_PAID = [("A.1", 10, 880), ("B.1", 10, 60), ("C.1", 10, 20)]
_AVERAGE = f"({paid('A.1')}+{paid('B.1')}+{paid('C.1')})/SUM(E$15:E$17)"


def _below_average(code: str, share: str = "0.5") -> str:
    rate = f"({paid(code)})/({total(code)})"
    return f'IF({rate}<{share}*{{body-rate}},"low",IF({rate}<{{body-rate}},"watch","-"))'


AVERAGE = Example(
    "The body's average is weighted by money",
    "“Bình quân chung”: all that was paid over all plans (80 %), not the mean of the rates (56 %). "
    "The Ministry of Finance lists who stands below it. Who pays raises the average too: on it "
    "stands who reaches that of the others",
    "S: xe.today 11/2025, VietNamNet 9/2022 (below average: 39 of 51)",
    10,
    _UNEQUAL,
    _UNEQUAL_PAID,
    {
        "body-rate": _AVERAGE,
        "body-printed": percent("{body-rate}"),
        "severity A below-average": _below_average("A.1"),
        "severity B below-average": _below_average("B.1"),
        "severity C below-average": _below_average("C.1"),
        "shortfall B below-average": short(
            f"({paid('A.1')}+{paid('C.1')})/1100", "100", paid("B.1")
        ),
        "shortfall C below-average": short(
            f"({paid('A.1')}+{paid('B.1')})/1100", "100", paid("C.1")
        ),
    },
)
AT_AVERAGE = Example(
    "On the average, one đồng below it, half of it, one đồng below half",
    "The lines of below-average, each from both sides: below 1 `watch`, below 0.5 `low`",
    "P",
    2,
    [given(f"{unit}.1", 100) for unit in "ABCDE"],
    [
        ("A.1", 2, 40),
        ("B.1", 2, 39.999999),
        ("C.1", 2, 20),
        ("D.1", 2, 19.999999),
        ("E.1", 2, 80.000002),
    ],
    {
        "body-rate": f"({'+'.join(paid(f'{unit}.1') for unit in 'ABCDE')})/SUM(E$15:E$19)",
        "severity A below-average": _below_average("A.1"),
        "severity B below-average": _below_average("B.1"),
        "severity C below-average": _below_average("C.1"),
        "severity D below-average": _below_average("D.1"),
        "severity E below-average": _below_average("E.1"),
        "shortfall B below-average": short(
            f"({'+'.join(paid(f'{unit}.1') for unit in 'ACDE')})/400", "100", paid("B.1")
        ),
    },
)
FEW_PEERS = Example(
    "Two units make no average",
    "An average is compared with from three units that have a budget (setting below_average.peers)",
    "P",
    2,
    [given("A.1", 100), given("B.1", 100)],
    [("A.1", 2, 10), ("B.1", 2, 90), ("C.1", 2, 0)],
    {
        "body-rate": f"({paid('A.1')}+{paid('B.1')})/SUM(E$15:E$16)",
        "severity A below-average": '"-"',
        "severity B below-average": '"-"',
    },
)

# --- how it is printed ----------------------------------------------------------------------------

HALVES = Example(
    "Halves are printed upwards",
    "45,675 % is 45,68 % and 0,125 % is 0,13 %; Spain's treasury prints its halves the same way "
    "(tests/data/published)",
    "C",
    2,
    [given("A.1", 1000), given("A.2", 800), given("A.3", 3), given("A.4", 7)],
    [("A.1", 2, 456.75), ("A.2", 2, 1), ("A.3", 2, 2), ("A.4", 2, 7.35)],
    _of_one("A.1") | _of_one("A.2") | _of_one("A.3") | _of_one("A.4"),
)
OVERSPENT = Example(
    "Paid more than the plan of the year",
    "Ministries end above 100 % where the first estimate divides (annex 07/CKTC-NSNN, 2011-2014): "
    "printed as it is, never flagged",
    "S: Ministry of Finance, annex 07/CKTC-NSNN",
    12,
    [given("A.1", 226200), given("B.1", 100)],
    [("A.1", 12, 248300.55), ("B.1", 12, 95)],
    _of_one() | _grade("0.95", "A.1") | _of_one("B.1") | _grade("0.95", "B.1"),
)

# --- the pace -------------------------------------------------------------------------------------

THIRD_QUARTER = Example(
    "60 % by the end of the third quarter",
    "Resolution 63/NQ-CP of 29/6/2021: at least 60 % by the end of September",
    "K",
    9,
    [given("A.1", 500), given("B.1", 500)],
    [("A.1", 9, 300), ("B.1", 9, 299.999999)],
    _of_one("A.1") | _of_one("B.1") | _grade("0.6", "A.1") | _pace("0.6", "B.1"),
)
BETWEEN_QUARTERS = Example(
    "Between two quarters' targets",
    "May is two steps of three from 20 % to 40 %: a third and no exact decimal; asked for is "
    "rounded up to whole đồng",
    "P",
    5,
    [given("A.1", 100)],
    [("A.1", 5, 20)],
    _of_one() | _pace("0.2+(0.4-0.2)*2/3"),
)
LINEAR = Example(
    "The linear pace",
    "pace.name = linear: a twelfth of the year each month",
    "P",
    5,
    [given("A.1", 100), given("B.1", 120)],
    [("A.1", 5, 41.666666), ("B.1", 5, 50)],
    _of_one("A.1") | _pace("5/12", "A.1") | _of_one("B.1") | _grade("5/12", "B.1"),
    {"pace.name": "linear"},
)
TOO_EARLY = Example(
    "Before the first quarter is over nobody is behind",
    "Estimates are still being allocated in January and February (setting from_month)",
    "P",
    2,
    [given("A.1", 100)],
    [("A.1", 2, 0)],
    _of_one()
    | {"severity A.1 no-disbursement": '"-"', "severity A.1 below-pace": '"-"', "letter A": '"no"'},
)
FIRST_JUDGED = Example(
    "March is judged",
    "The same as of March: nothing paid of a budget that exists is `critical`, once",
    "P",
    3,
    [given("A.1", 100)],
    [("A.1", 3, 0)],
    _of_one()
    | {
        "severity A.1 no-disbursement": f'IF(AND({_B}>0,{_P}=0),"critical","-")',
        "expected A.1 no-disbursement": "0.2",
        "shortfall A.1 no-disbursement": short("0.2", _B, _P),
        "needed A.1 no-disbursement": needed(_B, _P),
        "severity A.1 below-pace": '"-"',
        "letter A": '"yes"',
    },
)
ONE_DONG = Example(
    "One đồng was paid",
    "Who has paid one đồng has begun: behind the pace, no longer untouched",
    "P",
    3,
    [given("A.1", 100)],
    [("A.1", 3, 0.000001)],
    {"budget A.1": total("A.1"), "severity A.1 no-disbursement": '"-"'} | _pace("0.2"),
)
PACE_LINES = Example(
    "The three lines below the pace, each from both sides",
    "On 60 % nothing, a đồng below it `watch`; on 54 % `watch`, below `low`; on 30 % `low`, below "
    "`critical`. Half of the line is what the press calls “rất thấp”",
    "C: domain notes, section 4",
    9,
    [given(f"A.{n}", 1000) for n in range(1, 7)],
    [
        ("A.1", 9, 600),
        ("A.2", 9, 599.999999),
        ("A.3", 9, 540),
        ("A.4", 9, 539.999999),
        ("A.5", 9, 300),
        ("A.6", 9, 299.999999),
    ],
    {f"budget A.{n}": total(f"A.{n}") for n in range(1, 7)}
    | {k: v for n in range(1, 7) for k, v in _grade("0.6", f"A.{n}").items()}
    | {
        f"shortfall A.{n} below-pace": short("0.6", f"{{budget A.{n}}}", paid(f"A.{n}"))
        for n in range(2, 7)
    },
)
THIRDS = Example(
    "The line falls between two đồng",
    "43/60 of 100 is 71,666666…: 71.666.666 đồng are below it, 71.666.667 are not",
    "P",
    10,
    [given("A.1", 100), given("A.2", 100)],
    [("A.1", 10, 71.666666), ("A.2", 10, 71.666667)],
    _of_one("A.1") | _pace(OCTOBER, "A.1") | _of_one("A.2") | _grade(OCTOBER, "A.2"),
)
CLEARED = Example(
    "The shortfall, paid, clears the flag",
    "B has paid what A is short of, and C one đồng less than that",
    "P",
    11,
    [given("A.1", 77.7), given("B.1", 77.7), given("C.1", 77.7)],
    [("A.1", 11, 50), ("B.1", 11, 64.75), ("C.1", 11, 64.749999)],
    _of_one("A.1")
    | _of_one("B.1")
    | _of_one("C.1")
    | _pace("0.6+(0.95-0.6)*2/3", "A.1")
    | _grade("0.6+(0.95-0.6)*2/3", "B.1")
    | _pace("0.6+(0.95-0.6)*2/3", "C.1"),
)

# --- amounts --------------------------------------------------------------------------------------

SMALL = Example(
    "A small amount never makes a letter",
    "Below 50 triệu đồng (setting small_amount) a flag is shown; 50 is not below 50",
    "P",
    10,
    [given("A.1", 49.999999), given("B.1", 50)],
    [("A.1", 10, 1), ("B.1", 10, 1)],
    {
        "budget A.1": total("A.1"),
        "budget B.1": total("B.1"),
        "small A.1 below-pace": 'IF({budget A.1}<50,"yes","no")',
        "small B.1 below-pace": 'IF({budget B.1}<50,"yes","no")',
        "letter A": 'IF({budget A.1}<50,"no","yes")',
        "letter B": 'IF({budget B.1}<50,"no","yes")',
    }
    | _grade(OCTOBER, "A.1")
    | _grade(OCTOBER, "B.1"),
)
WATCH_ONLY = Example(
    "Watched, not urged",
    "`watch` alone is no reason for a letter, whatever the amount; `low` is",
    "P",
    9,
    [given("A.1", 1000), given("B.1", 1000)],
    [("A.1", 9, 540), ("B.1", 9, 539.999999)],
    {"budget A.1": total("A.1"), "budget B.1": total("B.1")}
    | _grade("0.6", "A.1")
    | _grade("0.6", "B.1")
    | {"letter A": '"no"', "letter B": '"yes"'},
)
NEEDED = Example(
    "What each month must still pay",
    "Up to 95 % of the budget by December, in equal parts, each rounded up to whole đồng",
    "K: the Government's line for the year, 95 %",
    5,
    [given("A.1", 100), given("B.1", 100)],
    [("A.1", 5, 12.5), ("B.1", 5, 33.333333)],
    _of_one("A.1") | _pace("0.2+(0.4-0.2)*2/3", "A.1") | _of_one("B.1"),
)
DECEMBER = Example(
    "No month is left",
    "At the end of December nothing can be asked for each month: the cell is empty",
    "P",
    12,
    [given("A.1", 100)],
    [("A.1", 12, 50)],
    _of_one()
    | {
        "severity A.1 below-pace": below_pace("0.95", _B, _P),
        "shortfall A.1 below-pace": short("0.95", _B, _P),
        "needed A.1 below-pace": 'IF(B$5<12,0,"-")',
    },
)

# --- stalled --------------------------------------------------------------------------------------


def _course(code: str, *figures: float | None) -> list[tuple[str, int, float]]:
    return [(code, month, f) for month, f in enumerate(figures, 1) if f is not None]


_MAY = "0.2+(0.4-0.2)*2/3"
"""The pace by the end of May."""
STALLED = Example(
    "Two still months are watched, three are low",
    "Of three equal figures two months are without a rise; expected is the pace, and short what is "
    "short of it",
    "P",
    5,
    [given("A.1", 100), given("B.1", 100), given("C.1", 100)],
    [
        *_course("A.1", 5, 10, 30, 30, 30),
        *_course("B.1", 5, 30, 30, 30, 30),
        *_course("C.1", 5, 10, 20, 30, 30),
    ],
    {
        "severity A.1 stalled": f"IF(AND({paid('A.1', 3)}={paid('A.1', 5)},"
        f'{paid("A.1", 2)}<{paid("A.1", 3)}),"watch","?")',
        "expected A.1 stalled": _MAY,
        "shortfall A.1 stalled": short(_MAY, "100", paid("A.1")),
        "severity B.1 stalled": f'IF({paid("B.1", 2)}={paid("B.1", 5)},"low","?")',
        "expected B.1 stalled": _MAY,
        "shortfall B.1 stalled": short(_MAY, "100", paid("B.1")),
        "severity C.1 stalled": f'IF({paid("C.1", 3)}<{paid("C.1", 4)},"-","?")',
    },
)
GAP = Example(
    "A month that nobody reported ends the count",
    "A did not report March: it may have risen before April. B fell, and a fall is no rise",
    "P",
    5,
    [given("A.1", 100), given("B.1", 100)],
    [*_course("A.1", 30, 30, None, 30, 30), *_course("B.1", 10, 32, 31, 31, 30)],
    {
        "severity A.1 stalled": f'IF({paid("A.1", 3)}=0,"-","low")',
        "severity B.1 stalled": f'IF({paid("B.1", 5)}<={paid("B.1", 2)},"low","-")',
        "expected B.1 stalled": _MAY,
        "shortfall B.1 stalled": short(_MAY, "100", paid("B.1")),
    },
)
STALLED_AHEAD = Example(
    "Stalled ahead of the pace, at the year's target, a đồng below it",
    "Who has reached 95 % may stand still; who is ahead of the pace is watched only",
    "P",
    6,
    [given("A.1", 100), given("B.1", 100), given("C.1", 100)],
    [
        *_course("A.1", 40, 40, 40, 40, 40, 40),
        *_course("B.1", 95, 95, 95, 95, 95, 95),
        *_course("C.1", *[94.999999] * 6),
    ],
    {
        "severity A.1 stalled": 'IF(40<0.4*100,"low","watch")',
        "expected A.1 stalled": "0.4",
        "shortfall A.1 stalled": 'IF(40<0.4*100,40-0.4*100,"-")',
        "severity B.1 stalled": 'IF(95<0.95*100,"watch","-")',
        "severity C.1 stalled": 'IF(94.999999<0.95*100,"watch","-")',
        "expected C.1 stalled": "0.4",
        "shortfall C.1 stalled": 'IF(94.999999<0.4*100,40-94.999999,"-")',
    },
)

CAME_BACK = Example(
    "Stalled, and money came back",
    "300 in March, 200 now: two months without a rise; short is what is short of the pace",
    "P",
    5,
    [given("A.1", 1000)],
    _course("A.1", 50, 100, 300, 250, 200),
    {
        "severity A.1 stalled": f'IF({paid("A.1", 5)}<={paid("A.1", 3)},"watch","-")',
        "expected A.1 stalled": _MAY,
        "shortfall A.1 stalled": short(_MAY, "1000", paid("A.1")),
    },
)

# --- targets, runs, good news ---------------------------------------------------------------------


def _below_target(code: str, target: str) -> dict[str, str]:
    of, disbursed = f"{{budget {code}}}", paid(code)
    return {f"severity {code} below-target": below_pace(target, of, disbursed)}


TARGET = Example(
    "The Government's target, where no pace judges: its three lines from both sides",
    "Resolution 63/NQ-CP: 60 % by the end of the third quarter; in October it still is the last "
    "target that was due",
    "K",
    10,
    [given(f"A.{n}", 1000) for n in range(1, 7)],
    [
        ("A.1", 10, 600),
        ("A.2", 10, 599.999999),
        ("A.3", 10, 540),
        ("A.4", 10, 539.999999),
        ("A.5", 10, 300),
        ("A.6", 10, 299.999999),
    ],
    {f"budget A.{n}": total(f"A.{n}") for n in range(1, 7)}
    | {k: v for n in range(1, 7) for k, v in _below_target(f"A.{n}", "0.6").items()}
    | {"shortfall A.6 below-target": short("0.6", "{budget A.6}", paid("A.6"))},
    {"below_pace.enabled": "false"},
)
TARGET_AND_PACE = Example(
    "A target that asks for no more than the pace",
    "One line, one flag: in October 2021 the pace asks for 71,67 %, the last target for 60 %",
    "P",
    10,
    [given("A.1", 1000)],
    [("A.1", 10, 500)],
    _of_one() | _pace(OCTOBER) | {"severity A.1 below-target": f'IF({OCTOBER}>=0.6,"-","?")'},
)


def _low(month: int, expected: str, code: str) -> str:
    return f"{paid(code, month)}<{line(f'0.9*({expected})', '1000')}"


_RUN = [("0.4+(0.6-0.4)*2/3", 8), ("0.6", 9), (OCTOBER, 10)]
RUN = Example(
    "Low for three months running",
    "One step graver than this month alone; B was only watched in September, so its run is broken",
    "P",
    10,
    [given("A.1", 1000), given("B.1", 1000)],
    [
        *[("A.1", 8, 400), ("A.1", 9, 500), ("A.1", 10, 600)],
        *[("B.1", 8, 400), ("B.1", 9, 540), ("B.1", 10, 600)],
    ],
    {
        f"severity {code} repeat": "IF(AND("
        + ",".join(_low(month, expected, code) for expected, month in _RUN)
        + '),"critical","-")'
        for code in ("A.1", "B.1")
    }
    | {"shortfall A.1 repeat": short(OCTOBER, "1000", paid("A.1"))},
)
RECOVERED = Example(
    "Recovered",
    "Low in September and no longer: praised, though still a little behind the pace. B stays low, "
    "C never was",
    "P",
    10,
    [given("A.1", 1000), given("B.1", 1000), given("C.1", 1000)],
    [
        *[("A.1", 9, 300), ("A.1", 10, 700)],
        *[("B.1", 9, 300), ("B.1", 10, 600)],
        *[("C.1", 9, 600), ("C.1", 10, 800)],
    ],
    {
        f"severity {unit} recovered": f"IF(AND({_low(9, '0.6', f'{unit}.1')},"
        f'NOT({_low(10, OCTOBER, f"{unit}.1")})),"watch","-")'
        for unit in "ABC"
    },
)

# --- the calendar ---------------------------------------------------------------------------------


def _deadline(title: str, shows: str, year: int, month: int, *days_off: date) -> Example:
    return Example(
        title,
        shows,
        "K: Labour Code 45/2019/QH14, articles 111 and 112; the days: domain notes, section 6",
        month,
        [given("A.1", 100, year=year)],
        [("A.1", month, 100)],
        {"deadline": "WORKDAY(C$5,5,E$35:E$45)"},
        days_off=days_off,
        year=year,
    )


DEADLINE = _deadline(
    "The fifth working day after the period's end",
    "October 2021 ends on a Sunday: Monday to Friday, 05/11/2021",
    2021,
    10,
)
DEADLINE_TET = _deadline(
    "A deadline over the lunar new year",
    "January 2022: 31/01 to 04/02 are Tết, so the count begins on 07/02",
    2022,
    1,
    *(date(2022, 2, day) for day in range(1, 5)),
)
DEADLINE_APRIL = _deadline(
    "A deadline after Reunification and Labour Day",
    "April 2021: Saturday 01/5 is given back on Monday 03/5",
    2021,
    4,
    date(2021, 4, 30),
    date(2021, 5, 3),
)


EXAMPLES: tuple[Example, ...] = (
    ADJUSTED, DECIDED_LATER, DECIDED_THAT_DAY, UNDATED, CARRIED, CARRIED_BY_PLAN, BY_PRIME_MINISTER,
    BY_TOTAL, TWO_SOURCES, NO_BUDGET, TO_ZERO, BELOW_ZERO, ENDED, ANOTHER_YEAR, ROLL_UP, AVERAGE,
    AT_AVERAGE, FEW_PEERS, HALVES, OVERSPENT, THIRD_QUARTER, BETWEEN_QUARTERS, LINEAR, TOO_EARLY,
    FIRST_JUDGED, ONE_DONG, PACE_LINES, THIRDS, CLEARED, SMALL, WATCH_ONLY, NEEDED, DECEMBER,
    STALLED, GAP, STALLED_AHEAD, CAME_BACK, TARGET, TARGET_AND_PACE, RUN, RECOVERED, DEADLINE,
    DEADLINE_TET, DEADLINE_APRIL,
)  # fmt: skip
