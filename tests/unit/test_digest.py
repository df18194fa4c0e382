"""The digest of a thousand units: as short as that of thirty, and it says what it leaves out."""

from decimal import Decimal
from fractions import Fraction

from boards import BODY, EXPECTED, OCTOBER, Shown
from reports import mails
from reports.chart import alternative_text, progress_chart
from rules.adjustments import proposals
from schemas.board import State
from schemas.changes import Changes, Revision
from schemas.notices import Attachment


def test_the_digest_of_a_thousand_units_stays_below_100_kb_with_its_picture() -> None:
    shown = Shown(1000)
    board, pace = shown.board, EXPECTED
    silent = tuple(u.code for u in board.units if u.state is not State.ACCEPTED)
    low = tuple(shown.severities)
    changed = Changes(
        newly_low=low, worse=low, better=low, recovered=low, silent=silent,
        revisions=tuple(
            Revision(code, f"{code}.1", OCTOBER.shift(-1), Decimal(360), Decimal(343))
            for code in low
        ),
    )  # fmt: skip
    chart = Attachment("chart.png", progress_chart(board, pace), "image/png")
    adjusting = proposals(board.activities, OCTOBER, Fraction(5, 6), {"ODA": "30/10"})
    mail = mails.digest(
        BODY, board, shown.severities, changed, chart, alternative_text(board, pace), pace,
        ("tong-hop-2021-10.xlsx",), adjusting, "reports/2021-10/bao-cao-2021-10.html",
    )  # fmt: skip
    assert len(mail.html.encode()) + len(chart.content) < 100_000
    assert len(mail.html.encode()) < 40_000
    more = {
        "đơn vị khác; danh sách đầy đủ": (len(low) - 10, len(silent) - 10),
        "đề xuất khác; danh sách đầy đủ": (len(adjusting.lines) - 10,),
        "số liệu khác của các kỳ trước đã sửa": (len(low) - 10,),
    }
    for part in (mail.text, mail.html):
        for words, counts in more.items():
            for count in counts:
                assert f"… và {count} {words}" in part
