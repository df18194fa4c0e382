"""A month of any size for the pages: its board and what stands beside it, the same each time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from reports import pages
from reports.pages.month import Judged
from rules.adjustments import proposals
from schemas.board import ActivityFigure, Board, Since, State, Totals, UnitStatus
from schemas.changes import Changes
from schemas.explanation import Explanation, Origin
from schemas.findings import Finding, Severity
from schemas.flags import Flag, FlagSeverity
from schemas.notices import Address, Attachment, Delivery, NoticeKind
from schemas.pages import Envelope, Month, Notice
from schemas.period import Period
from schemas.registry import Budget, Denominator, Entry, LedgerRow
from schemas.settings import Body
from schemas.submission import Received

OCTOBER, DEADLINE = Period(2021, 10), date(2021, 11, 5)
BODY = Body(name="Ủy ban Dân tộc", finance="Vụ Kế hoạch - Tài chính")
PACE = [min(n, 12) / 12 for n in range(1, 14)]
EXPECTED = PACE[9]
SOURCES = ("Chi thường xuyên", "Đầu tư công", "CTMTQG", "ODA")
NO_CHANGES = Changes()
STATES = (State.MISSING, State.RETURNED, State.HELD)
GRAVITY = (FlagSeverity.WATCH, FlagSeverity.LOW, FlagSeverity.CRITICAL)


@dataclass(frozen=True)
class Names:
    """What people typed: where nothing hostile is meant, as a ministry calls its own."""

    unit: str = "Trung tâm Nghiên cứu và Phát triển vùng dân tộc thiểu số số {n}"
    activity: str = "Nhiệm vụ {n} về hỗ trợ phát triển kinh tế - xã hội vùng đồng bào dân tộc"
    words: str = "Chờ thẩm định hồ sơ"


@dataclass(frozen=True)
class Shown:
    """A month of `count` units: every fifth is low, every ninth silent."""

    count: int
    each: int = 5
    names: Names = field(default_factory=Names)

    @property
    def board(self) -> Board:
        units = tuple(self._unit(n) for n in range(1, self.count + 1))
        accepted = {u.code for u in units if u.state is State.ACCEPTED}
        its = tuple(
            a for n in range(1, self.count + 1) for a in self._activities(n) if a.unit in accepted
        )
        paid = sum((a.disbursed for a in its), Decimal(0))
        budget = sum((a.budget.denominator for a in its), Decimal(0))
        rest = sum((u.budget_current for u in units if u.code not in accepted), Decimal(0))
        totals = Totals(budget, paid, rest)
        since = Since(totals.rate, 0.61, len(accepted))
        return Board(OCTOBER, DEADLINE, totals, units, its, since)

    @staticmethod
    def code(n: int) -> str:
        return f"DV{n:04d}"

    def _rate(self, n: int) -> Decimal:
        return Decimal("0.21") if n % 5 == 0 else Decimal("0.71") + Decimal(n % 250) / 1000

    def _activities(self, n: int) -> list[ActivityFigure]:
        return [
            ActivityFigure(
                unit=self.code(n),
                code=f"{self.code(n)}.{k}",
                name=self.names.activity.format(n=k),
                source=SOURCES[(n + k) % 4],
                budget=Budget(
                    Decimal(1000 + n + k),
                    Decimal(150) if k == 1 else Decimal(0),
                    Decimal("-12.5") if k == 2 else Decimal(0),
                    Denominator.PLAN if (n + k) % 4 == 1 else Denominator.TOTAL,
                ),
                disbursed=((1000 + n + k) * self._rate(n)).quantize(Decimal("0.000001")),
                last_month=Decimal(300 + k),
                estimate=Decimal(1000 + n),
                proposal=Decimal(-40 if n % 4 else 55) if k == 3 and n % 2 else None,
                difficulty=self.names.words if n % 5 == 0 else None,
                solution=self.names.words if n % 5 == 0 else None,
            )
            for k in range(1, self.each + 1)
        ]

    def _flags(self, n: int) -> list[Flag]:
        if n % 5:
            return []
        activities: list[str | None] = [None, f"{self.code(n)}.1", f"{self.code(n)}.2"]
        return [
            Flag(
                self.code(n),
                activity,
                "below-pace",
                "1",
                GRAVITY[(n + k) % 3],
                float(self._rate(n)),
                EXPECTED,
                Decimal("612.345678"),
                Decimal("398.1"),
                small=False,
                parameters=(("below_pace.low", "0.9"),),
            )
            for k, activity in enumerate(activities)
        ]

    def findings(self, n: int) -> tuple[Finding, ...]:
        file = f"{self.code(n)}-2021-10.xlsx"
        message = f"“Giải ngân lũy kế” ghi “{self.names.words}”; hãy nhập lại số đúng."
        error = Finding("not-a-number", Severity.ERROR, message, file, "Giải ngân", "G8")
        warning = Finding("unchanged", Severity.WARNING, message, file, "Giải ngân", "G9")
        return (error, warning) if n % 10 == 0 else (warning,) if n % 3 == 0 else ()

    def _unit(self, n: int) -> UnitStatus:
        its = self._activities(n)
        silent = n % 9 == 8
        return UnitStatus(
            self.code(n),
            self.names.unit.format(n=n),
            STATES[n % 3] if silent else State.ACCEPTED,
            n % 7 == 0 or silent,
            sum((a.budget.denominator for a in its), Decimal(0)),
            None if silent else sum((a.disbursed for a in its), Decimal(0)),
            self.findings(n),
            () if silent else tuple(self._flags(n)),
        )

    @property
    def severities(self) -> Mapping[str, FlagSeverity]:
        return {
            u.code: max((f.severity for f in u.flags), key=GRAVITY.index)
            for u in self.board.units
            if any(f.severity is not FlagSeverity.WATCH for f in u.flags)
        }

    def months(self, *, last_year: bool = True) -> list[Month]:
        this = [Month(2021, m, Decimal(1000), Decimal(60 * m)) for m in range(1, 11)]
        last = [Month(2020, m, Decimal(900), Decimal(72 * m)) for m in range(1, 13)]
        return [*last, *this] if last_year else this

    def versions(self, n: int) -> list[Received]:
        if n % 9 == 8 and STATES[n % 3] is State.MISSING:
            return []
        digest = f"{n:064x}"
        file = f"{self.code(n)}-2021-10.xlsx"
        unit = self.code(n)
        last = Received(
            unit,
            2,
            file,
            digest,
            DEADLINE,
            self._unit(n).state,
            stands=n % 9 != 8,
            findings=self.findings(n),
        )
        first = Received(
            unit, 1, file, digest, date(2021, 11, 3), State.RETURNED, stands=False,
            findings=self.findings(10 * n),
        )  # fmt: skip
        return [first, last] if n % 10 == 0 else [last]

    def told(self, n: int) -> list[Explanation]:
        return [
            Explanation(
                unit=self.code(n),
                activity=a.code if k else None,
                name=a.name if k else self.names.unit.format(n=n),
                source=a.source if k else None,
                budget_current=a.budget.current,
                disbursed_to_date=a.disbursed,
                plan=a.budget.plan,
                denominator=a.budget.denominator,
                judged_by=a.budget.judged_by if k else None,
                registry="ab" * 32,
                flags=tuple(f for f in self._flags(n) if f.activity == (a.code if k else None)),
                decisions=(
                    LedgerRow(2021, a.code, Entry.ASSIGNED, Decimal(1000), None, "9/QĐ-UBDT", 7),
                ),
                disbursed_origin=Origin("a.xlsx", "cd" * 32, "Giải ngân", f"G{8 + k}", 1),
            )
            for k, a in enumerate([self._activities(n)[0], *self._activities(n)])
        ]

    def notice(
        self, number: int, n: int, state: Delivery = Delivery.DRAFT, html: str = "<p>Kính gửi</p>"
    ) -> Notice:
        mailbox = f"thutruong.{self.code(n).lower()}@ubdt.vn"
        return Notice(
            id=number,
            kind=NoticeKind.URGING,
            unit=self.code(n),
            subject=f"Đôn đốc giải ngân {self.names.unit.format(n=n)}",
            to=(Address("Trần Văn Trưởng", mailbox),),
            cc=(),
            due=date(2021, 11, 10),
            envelopes=(Envelope(mailbox, state, None),),
            attachments=("DV.docx",),
            html="" if state is Delivery.SENT else html,
            images=(Attachment("chart.png", b"\x89PNG", "image/png"),),
        )

    # --- the pages --------------------------------------------------------------------------------

    def month_page(self, changes: Changes = NO_CHANGES, board: Board | None = None) -> bytes:
        board = board or self.board
        versions = {self.code(n): self.versions(n) for n in range(1, self.count + 1)}
        judged = Judged(self.severities, changes, PACE)
        files = ["tong-hop-2021-10.xlsx", "tien-do-2021-10.png", "quality/index.html"]
        adjusting = proposals(board.activities, OCTOBER, Fraction(10, 12), {"Đầu tư công": "15/11"})
        return pages.month_page(BODY, board, judged, self.months(), versions, files, adjusting)

    def unit_page(
        self, n: int, board: Board | None = None, unit: UnitStatus | None = None
    ) -> bytes:
        its = self._activities(n)
        return pages.unit_page(
            BODY,
            board or self.board,
            unit or self._unit(n),
            its,
            {a.code: a.name for a in its},
            PACE,
            self.months(last_year=False),
            self.versions(n),
            self.told(n),
            [self.notice(n, n)],
        )

    def outbox_page(self, *notices: Notice) -> bytes:
        names = {u.code: u.name for u in self.board.units}
        unit_pages = {code: f"units/{code}.html" for code in names}
        files = {"DV.docx": "DV.docx"}
        return b"".join(pages.outbox_page(BODY, OCTOBER, notices, names, files, unit_pages))
