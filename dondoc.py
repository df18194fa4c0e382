"""The front door: the command line. Nothing but calls into flows/, and what a person reads."""

import gc
import os
import sys
import traceback
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from itertools import chain
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated, Any

from cyclopts import App, CycloptsError, Parameter
from rich.console import Console

from schemas.board import Look, State
from schemas.errors import DondocError, SourceError
from schemas.listening import Listening
from schemas.notices import Delivery, NoticeKind
from schemas.period import Period
from schemas.secrets import OTHERS
from schemas.settings import file_of, load
from schemas.texts import say

DONE, NEEDS_A_PERSON, REFUSED = 0, 1, 2
SELDOM = 100_000
"""New objects after which Python looks for rings of them; its 700 take a sixth of a month's time,
and next to nothing of ours lies in a ring."""

app = App(name="dondoc", help="Khép sổ tháng của một bộ: thu báo cáo, kiểm tra, đôn đốc, tổng hợp.")


@Parameter(name="*")
@dataclass(frozen=True)
class Common:
    """What every command takes."""

    workspace: Annotated[Path, Parameter(help="Thư mục vùng làm việc.")] = Path()
    json: Annotated[bool, Parameter(help="In JSON cho máy đọc.", negative="")] = False
    today: Annotated[date | None, Parameter(help="Ngày làm việc, dạng NĂM-THÁNG-NGÀY.")] = None


HERE = Common()
Late = Annotated[bool, Parameter(help="Vẫn gửi dù đã quá muộn so với kỳ.", negative="")]


def _say(*lines: Any) -> None:
    console = Console(soft_wrap=True, highlight=False, markup=False)
    for line in lines:
        console.print(_plainly(line) if isinstance(line, str) else line)


def _plainly(line: str) -> str:
    """Without what would steer the terminal; file and sheet names come from strangers."""
    return "".join(c if c.isprintable() else " " for c in line)


def _print(common: Common, answer: Any, lines: Iterable[Any]) -> None:
    """The machine's answer alone on stdout, or a person's."""
    if common.json:
        from reports.contract import written  # noqa: PLC0415

        sys.stdout.write(f"{written(answer)}\n")
    else:
        _say(*lines)


def _run(flow: str, common: Common, **parameters: Any) -> Any:
    """A real flow run where a Prefect server runs, else the same function plainly."""
    from tasks.server import prepare, relied_on  # noqa: PLC0415

    workspace = common.workspace.resolve()
    file_of(workspace)  # which is there before Prefect makes its folder beside it
    url = prepare(workspace)
    with _working(), relied_on(url):
        entry = getattr(import_module(f"flows.{flow}"), flow)
        run = entry if url else entry.fn
        return run(workspace=workspace, today=common.today, **parameters)


def _working() -> AbstractContextManager[Any]:
    """A sign of life on a terminal while long work goes on; nothing where nobody looks."""
    console = Console(stderr=True)
    return console.status(say("console.working")) if console.is_terminal else nullcontext()


def _test_mode(common: Common) -> list[str]:
    """What a person must know who reads of mails in test mode."""
    address = load(common.workspace).mail.test_to
    return [say("page.test-mode", address=address)] if address else []


def _period(text: str | None) -> str:
    return str(Period.parse(text)) if text else ""


@app.command
def init(directory: Path, /, *, sample: bool = False) -> int:
    """Tạo vùng làm việc mới tại DIRECTORY; với --sample: vùng làm việc mẫu.

    Parameters
    ----------
    directory
        Thư mục sẽ tạo.
    sample
        Dùng dữ liệu mẫu (số liệu giả định).
    """
    from flows.create import create  # noqa: PLC0415

    create(directory, sample=sample)
    _say(say("console.created", folder=directory), say("console.created-next", folder=directory))
    return DONE


@app.command
def demo(directory: Path = Path("demo"), /) -> int:
    """Chạy trọn một tháng trên dữ liệu mẫu, thư gửi vào máy chủ thử nghiệm trên máy này.

    Parameters
    ----------
    directory
        Thư mục sẽ tạo cho dữ liệu mẫu.
    """
    from flows.demo import demo as play  # noqa: PLC0415
    from reports import console  # noqa: PLC0415

    month, mails = play(directory, lambda line: _say(f"· {line}"))
    where = {
        "mails": directory / "mail",
        "forms": directory / "forms" / str(month.period),
        "reports": directory / "reports" / str(month.period),
        "letters": directory / "reports" / str(month.period) / "letters",
        "page": directory / "reports" / str(month.period) / f"bao-cao-{month.period}.html",
    }
    _say("", *console.board(month), "")
    _say(*(say(f"console.demo.{key}", path=path, count=mails) for key, path in where.items()))
    _say(say("console.demo.next", folder=directory, period=month.period))
    return DONE


@app.command(name="open")
def open_(period: str | None = None, /, *, late: Late = False, common: Common = HERE) -> int:
    """Mở kỳ báo cáo PERIOD (không nêu: kỳ vừa kết thúc): lập biểu mẫu của từng đơn vị và soạn thư
    gửi kèm."""
    opened = _run("open_period", common, period=_period(period), late=late)
    folder = {one: common.workspace / "forms" / str(one.period) for one in opened}
    answers = [
        {
            "period": str(one.period),
            "forms": [
                {"unit": code, "file": str(folder[one] / f"{code}.xlsx")} for code in one.units
            ],
            "unreachable": one.unreachable,
            "too_late": one.too_late,
        }
        for one in opened
    ]
    lines = [
        say("console.opened", period=one.period, count=len(one.units), folder=folder[one])
        for one in opened
    ]
    _print(common, answers[0] if period else answers, lines)
    if unreachable := dict.fromkeys(code for one in opened for code in one.unreachable):
        return _warn(say("console.unreachable", units=", ".join(unreachable)))
    late_ones = [str(one.period) for one in opened if one.too_late]
    return _warn(say("console.late-draft", period=", ".join(late_ones))) if late_ones else DONE


@app.command
def collect(period: str | None = None, /, *, common: Common = HERE) -> int:
    """Thu và kiểm tra các tệp trong inbox/, soạn thư trả lời từng đơn vị."""
    from reports import console, contract  # noqa: PLC0415

    failed: SourceError | None = None
    try:
        taken = _run("collect", common, period=_period(period))
    except SourceError as error:
        taken, failed = error.taken, error
    lines = [say("console.collected", count=len(taken)), *console.submissions(taken)]
    _print(common, contract.submissions(taken), lines)
    if failed:
        raise failed
    counts = {state: sum(one.state is state for one in taken) for state in State}
    if counts[State.RETURNED] or counts[State.HELD]:
        return _warn(say("console.needs", **counts))
    return DONE


@app.command
def inspect(file: Path, /, *, period: str | None = None, common: Common = HERE) -> int:
    """Xem trước tệp FILE sẽ được hiểu thế nào; không lưu gì, không gửi gì.

    Parameters
    ----------
    file
        Tệp cần xem, ở bất kỳ đâu.
    period
        Kỳ của tệp không tự ghi kỳ báo cáo.
    """
    from flows.examine import examine  # noqa: PLC0415
    from reports import inspected  # noqa: PLC0415

    with _working():
        found = examine(common.workspace, file, _period(period), common.today)
    _print(common, inspected.answer(found), inspected.lines(found))
    return DONE if inspected.accepted(found) else _warn(say("inspect.not-yet"))


@app.command
def status(period: str, /, *, common: Common = HERE) -> int:
    """Tình hình từng đơn vị trong kỳ PERIOD: tình trạng, tỷ lệ giải ngân, cảnh báo.

    Parameters
    ----------
    period
        Tháng (2021-10), kỳ chỉnh lý quyết toán (2021-13), quý (2021-Q3), sáu tháng (2021-H1),
        chín tháng (2021-9M) hoặc cả năm (2021).
    """
    from flows.ask import status as ask  # noqa: PLC0415
    from reports import console, contract  # noqa: PLC0415

    found, held, waiting, back = ask(common.workspace, period, common.today)
    answer: Any = None
    if common.json:  # at a thousand units each takes a while, the table too
        answer = contract.look(found) if isinstance(found, Look) else contract.board(found)
    board = console.look(found) if isinstance(found, Look) else console.board(found)
    below = (console.held(held), console.in_quarantine(waiting), console.came_back(back))
    _print(common, answer, chain(board, *below))
    return DONE


quarantine = App(
    name="quarantine", help="Tệp gửi qua thư từ người không có trong danh sách liên hệ."
)
app.command(quarantine)


@quarantine.command(name="list")
def quarantine_list(*, common: Common = HERE) -> int:
    """Các tệp đang bị cách ly: chưa được đọc, chờ cán bộ xem xét."""
    from flows.ask import quarantined  # noqa: PLC0415
    from reports import console  # noqa: PLC0415

    waiting = quarantined(common.workspace)
    _print(common, [vars(one) for one in waiting], console.quarantine(waiting))
    return DONE


@quarantine.command(name="release")
def quarantine_release(number: int, /, *more: int, by: str, common: Common = HERE) -> int:
    """Cho qua các tệp có số nêu ra; lần thu tiếp theo sẽ đọc các tệp này.

    Parameters
    ----------
    number
        Số của tệp trong danh sách.
    more
        Số của các tệp khác.
    by
        Họ tên người cho qua.
    """
    count = _run("release", common, numbers=[number, *more], by=by)
    _print(common, {"released": count}, [say("console.released", count=count)])
    return DONE


@app.command
def report(period: str | None = None, /, *, late: Late = False, common: Common = HERE) -> int:
    """Lập báo cáo tháng của kỳ PERIOD (không nêu: kỳ đến hạn mà chưa lập), soạn thư đôn đốc và bản
    tin chờ phê duyệt."""
    from reports import console, contract  # noqa: PLC0415

    reports = _run("monthly_report", common, period=_period(period), late=late)
    answers = [
        {
            "period": str(made.board.period),
            "drafts": made.drafts,
            "documents": [str(path) for path in (*made.paths, *made.letters.paths)],
            "flags": [
                {"unit": unit.code} | contract.flag(flag)
                for unit in made.board.units
                for flag in unit.flags
            ],
        }
        for made in reports
    ]
    lines = [line for made in reports for line in console.report(made)]
    _print(common, answers[0] if period else answers, lines or [say("console.no-report-due")])
    return DONE


@app.command
def remind(*, common: Common = HERE) -> int:
    """Soạn thư nhắc đến hạn trong ngày, cho mọi kỳ đang mở."""
    count = _run("remind", common)
    _print(common, {"drafts": count}, [say("console.reminded", count=count)])
    return DONE


@app.command
def outbox(period: str | None = None, /, *, common: Common = HERE) -> int:
    """Hộp thư đi: dự thảo, đã duyệt, đã gửi, của một kỳ hoặc tất cả."""
    from flows.ask import outbox as ask  # noqa: PLC0415
    from reports import console  # noqa: PLC0415

    rows = ask(common.workspace, period)
    _print(common, rows, [*console.outbox(rows), *_test_mode(common)])
    return DONE


@app.command
def approve(
    period: str,
    /,
    *,
    by: str,
    kind: NoticeKind | None = None,
    unit: str | None = None,
    again: Annotated[bool, Parameter(negative="")] = False,
    anyway: Annotated[bool, Parameter(negative="")] = False,
    because: str = "",
    common: Common = HERE,
) -> int:
    """Phê duyệt các dự thảo của kỳ PERIOD; chỉ văn bản đã phê duyệt mới được gửi.

    Parameters
    ----------
    by
        Họ tên người phê duyệt.
    kind
        Chỉ loại văn bản này.
    unit
        Chỉ văn bản gửi đơn vị này.
    again
        Cho gửi lại thư đã bị từ chối hoặc trả về, khi đã khắc phục nguyên nhân; không phê duyệt thư
        nào khác.
    anyway
        Vẫn phê duyệt dù thư khác thường so với kỳ trước; phải ghi lý do bằng --because.
    because
        Lý do vẫn phê duyệt, được lưu cùng phê duyệt.
    """
    released = _run(
        "approve",
        common,
        period=_period(period),
        by=by,
        kind=kind,
        unit=unit or "",
        again=again,
        anyway=anyway,
        because=because,
    )
    answer = {"period": period, "approved": released.count, "tripped": list(released.tripped)}
    if released.tripped:
        _print(common, answer, ())
        key = "console.tripped-again" if again else "console.tripped"
        return _warn(say(key, reasons=" ".join(released.tripped)))
    nothing = "console.nothing-again" if again else "console.nothing-to-approve"
    key = "console.approved" if released.count else nothing
    _print(common, answer, [say(key, count=released.count), *_test_mode(common)])
    return DONE


@app.command
def deliver(
    period: str | None = None,
    /,
    *,
    late: Late = False,
    retry: Annotated[bool, Parameter(negative="")] = False,
    common: Common = HERE,
) -> int:
    """Gửi các văn bản đã phê duyệt, mỗi văn bản một lần.

    Parameters
    ----------
    retry
        Gửi lại ngay những thư chưa gửi được, không gửi thư nào khác.
    """
    from reports import console  # noqa: PLC0415

    outcomes = _run("deliver", common, period=_period(period), late=late, retry=retry)
    _print(common, dict(outcomes), [console.outcomes(outcomes), *_test_mode(common)])
    return DONE if set(outcomes) <= {Delivery.SENT} else _warn(console.outcomes(outcomes))


adjust = App(name="adjust", help="Điều chỉnh dự toán: bảng đề xuất của các đơn vị, ghi quyết định.")
app.command(adjust)


@adjust.default
def adjust_decide(
    period: str,
    activity: str,
    amount: Annotated[str, Parameter(allow_leading_hyphen=True)],
    /,
    *,
    decision: str,
    day: date,
    by: str,
    anyway: Annotated[bool, Parameter(negative="")] = False,
    common: Common = HERE,
) -> int:
    """Ghi một quyết định điều chỉnh đã ban hành vào dự toán của năm; ghi lại thì không thêm gì.

    Parameters
    ----------
    period
        Kỳ báo cáo có đề xuất; quyết định tính vào các kỳ kết thúc từ ngày quyết định.
    activity
        Mã nhiệm vụ.
    amount
        Số tiền, triệu đồng; điều chỉnh giảm thì ghi số âm, ví dụ -300 hoặc -1.234,5.
    decision
        Số văn bản của quyết định, ví dụ 1234/QĐ-UBDT.
    day
        Ngày ký quyết định, dạng NĂM-THÁNG-NGÀY.
    by
        Họ tên người ghi.
    anyway
        Vẫn ghi dù dự toán còn ít hơn số đã giải ngân hoặc dưới 0.
    """
    from reports import adjusting, contract  # noqa: PLC0415

    made = _run(
        "adjust",
        common,
        period=_period(period),
        activity=activity,
        amount=amount,
        decision=decision,
        day=day,
        by=by,
        anyway=anyway,
    )
    _print(common, contract.adjusted(made), adjusting.decided(made))
    return DONE


@adjust.command(name="list")
def adjust_list(period: str, /, *, common: Common = HERE) -> int:
    """Đề xuất điều chỉnh của các đơn vị trong kỳ PERIOD, cân đối, các quyết định đã có."""
    from flows.ask import proposals as ask  # noqa: PLC0415
    from reports import adjusting, contract  # noqa: PLC0415

    found, rows = ask(common.workspace, period, common.today)
    _print(common, contract.proposals(found, rows), adjusting.listed(found, rows))
    return DONE


excuse = App(name="excuse", help="Lý do chậm đã được chấp nhận: cảnh báo vẫn hiện, không đôn đốc.")
app.command(excuse)


@excuse.default
def excuse_record(
    period: str,
    unit: str,
    activity: str | None = None,
    /,
    *,
    until: date,
    because: str,
    by: str,
    rule: str | None = None,
    common: Common = HERE,
) -> int:
    """Ghi lý do chậm của đơn vị UNIT; cảnh báo vẫn hiện kèm lý do, nhưng không đôn đốc đến hạn nêu.

    Parameters
    ----------
    period
        Kỳ báo cáo đầu tiên áp dụng.
    unit
        Mã đơn vị.
    activity
        Mã nhiệm vụ; để trống: cả đơn vị.
    until
        Áp dụng cho các kỳ có ngày cuối kỳ không sau ngày này; ghi ngày sớm hơn để chấm dứt.
    because
        Lý do, như sẽ ghi trong báo cáo.
    by
        Họ tên người ghi.
    rule
        Chỉ quy tắc này, ví dụ below-pace.
    """
    from reports import console, contract  # noqa: PLC0415

    made = _run(
        "excuse",
        common,
        period=_period(period),
        unit=unit,
        activity=activity or "",
        rule=rule or "",
        until=until,
        because=because,
        by=by,
    )
    _print(common, contract.excuse(made), console.recorded_excuse(made))
    return DONE


@excuse.command(name="list")
def excuse_list(period: str | None = None, /, *, common: Common = HERE) -> int:
    """Các lý do chậm đã ghi; nêu PERIOD: chỉ những lý do áp dụng cho kỳ đó."""
    from flows.ask import excuses as ask  # noqa: PLC0415
    from reports import console, contract  # noqa: PLC0415

    found = ask(common.workspace, period)
    _print(common, [contract.excuse(one) for one in found], console.excuses(found))
    return DONE


@app.command
def explain(
    period: str,
    unit: str,
    activity: str | None = None,
    /,
    *,
    now: Annotated[bool | None, Parameter(negative="--reported")] = None,
    common: Common = HERE,
) -> int:
    """Nguồn gốc từng con số và cảnh báo của đơn vị UNIT, đến tận ô của tệp đã gửi.

    Parameters
    ----------
    period
        Kỳ báo cáo.
    unit
        Mã đơn vị.
    activity
        Mã nhiệm vụ; để trống: cả đơn vị.
    now
        Theo số liệu, dự toán và quy tắc hiện nay; --reported: như báo cáo của kỳ đã lập. Không
        nêu: như báo cáo đã lập, cho đến khi đơn vị gửi số liệu khác.
    """
    from flows.ask import explain as ask  # noqa: PLC0415
    from reports import contract, explained  # noqa: PLC0415

    found, differ = ask(common.workspace, period, unit, activity, common.today, now=now)
    of = Period.parse(period)
    lines = [*explained.explanations(found, of)]
    if differ:
        lines += ["", say(f"explain.differs-{'reported' if found[0].reported_at else 'now'}")]
    _print(common, [contract.explanation(one, of) for one in found], lines)
    return DONE


@app.command
def reproduce(period: str, /, *, into: Path | None = None, common: Common = HERE) -> int:
    """Dựng lại báo cáo đã lập của kỳ PERIOD từ dữ liệu lưu trữ và đối chiếu từng byte.

    Registry, quy tắc, thiết lập, báo cáo nộp lại về sau không làm thay đổi kết quả. Mã thoát 1:
    có tài liệu hoặc số liệu khác.

    Parameters
    ----------
    period
        Kỳ báo cáo đã lập.
    into
        Thư mục để ghi các tài liệu dựng lại, ví dụ khi bản đã lập bị mất.
    """
    from flows.ask import reproduce as ask  # noqa: PLC0415
    from reports import reproduced  # noqa: PLC0415

    with _working():
        found = ask(common.workspace, period, into)
    lines = [*reproduced.lines(found)]
    if into:
        lines.append(say("console.written", path=into))
    _print(common, reproduced.plain(found), lines)
    return DONE if found.identical else _warn(say("reproduce.not-identical", period=period))


rules = App(name="rules", help="Quy tắc cảnh báo: xem, và thử trên các kỳ đã có trước khi dùng.")
app.command(rules)


@rules.command(name="list")
def rules_list(*, common: Common = HERE) -> int:
    """Các quy tắc, tham số đang dùng và nguồn của từng tham số."""
    from flows.ask import rules as ask  # noqa: PLC0415
    from reports import trial  # noqa: PLC0415

    found = ask(common.workspace)
    _print(common, trial.plain_rules(found), trial.rules(found))
    return DONE


@rules.command(name="try")
def rules_try(
    *periods: str,
    change: Annotated[tuple[str, ...], Parameter(name="--set", negative="")] = (),
    common: Common = HERE,
) -> int:
    """Thử quy tắc trên các kỳ PERIODS: cảnh báo nào sẽ thêm, bớt, đổi; không lưu gì.

    Không nêu --set: mọi cảnh báo theo quy tắc hiện nay, kể cả của kỳ chỉ có số liệu đã nạp.

    Parameters
    ----------
    periods
        Các kỳ báo cáo, ví dụ 2021-09 2021-10.
    change
        Thiết lập muốn thử, ví dụ below_pace.low=0.8; có thể nêu nhiều lần.
    """
    from flows.ask import try_rules  # noqa: PLC0415
    from reports import trial  # noqa: PLC0415

    if not periods:
        raise DondocError(say("trial.no-period"))
    found = try_rules(common.workspace, periods, change)
    _print(common, trial.plain_differences(found), trial.differences(found, change))
    return DONE


@rules.command(name="backtest")
def rules_backtest(
    *years: int,
    change: Annotated[tuple[str, ...], Parameter(name="--set", negative="")] = (),
    chart: Path | None = None,
    common: Common = HERE,
) -> int:
    """Thử quy tắc trên mọi tháng đã có số liệu: cảnh báo báo trước kết quả cả năm đến đâu.

    Parameters
    ----------
    years
        Chỉ các năm này; không nêu: mọi năm.
    change
        Thiết lập muốn so với hiện nay, ví dụ below_pace.low=0.8; có thể nêu nhiều lần.
    chart
        Tệp PNG để ghi biểu đồ.
    """
    from flows.ask import backtest as ask  # noqa: PLC0415
    from reports import backtest  # noqa: PLC0415

    with _working():
        today, tried = ask(common.workspace, years, change, chart)
    lines = [*backtest.lines(today, tried, change)]
    if chart:
        lines.append(say("console.written", path=chart))
    _print(common, backtest.plain(today, tried), lines)
    return DONE


history = App(name="history", help="Số liệu các năm, các tháng trước không có tệp báo cáo.")
app.command(history)


@history.command(name="import")
def history_import(file: Path, /, *, common: Common = HERE) -> int:
    """Nạp tệp CSV FILE; sai dòng nào thì nêu dòng đó và không nạp gì.

    Parameters
    ----------
    file
        Các cột: year, month, unit, activity, source, budget, disbursed_to_date (triệu đồng).
    """
    from flows.history import history as take  # noqa: PLC0415

    made = take(common.workspace, file, common.today)
    lines = [say("console.imported", **vars(made))]
    if made.strangers:
        shown = ", ".join(made.strangers[:10]) + ("…" if len(made.strangers) > 10 else "")
        lines.append(say("console.strangers", count=len(made.strangers), units=shown))
    _print(common, vars(made), lines)
    return DONE


@app.command
def forecast(period: str, /, *, common: Common = HERE) -> int:
    """Dự báo tỷ lệ giải ngân cả năm của từng đơn vị, theo số liệu đến hết kỳ PERIOD."""
    from flows.ask import forecast as ask  # noqa: PLC0415
    from reports import console, contract  # noqa: PLC0415

    lines = ask(common.workspace, period, common.today)
    shown = console.forecasts(Period.parse(period), lines)
    _print(common, contract.forecasts(_period(period), lines), shown)
    return DONE


@app.command
def texts(*, common: Common = HERE) -> int:
    """Chép câu chữ và mẫu thư vào vùng làm việc để sửa; bản đã có thì giữ nguyên."""
    from flows.export_texts import export_texts  # noqa: PLC0415

    written, left = export_texts(common.workspace)
    answer = {"written": [*map(str, written)], "left": [*map(str, left)]}
    lines = [
        say("texts.written", count=len(written), folder=common.workspace),
        *(say("texts.left", path=path) for path in left),
        say("texts.next"),
    ]
    _print(common, answer, lines)
    return DONE


@app.command
def serve(
    *, port: int = 4200, host: str = "127.0.0.1", url: str = "", common: Common = HERE
) -> int:
    """Chạy máy chủ Prefect, tiến trình thực thi và các lịch trên máy này cho đến khi dừng.

    Parameters
    ----------
    port
        Cổng của trang điều khiển trên máy này.
    host
        Địa chỉ mạng để lắng nghe; ngoài 127.0.0.1 thì phải có --url https://.
    url
        Địa chỉ trang mà người dùng mở, khi đứng sau một máy chủ web có TLS.
    """
    from flows.serve import serve as keep  # noqa: PLC0415

    listen = Listening(host, port, url.rstrip("/"))
    keep(common.workspace, listen, _serving)
    return DONE


def _serving(running: Any) -> None:
    """Where its page is, and what that asks for."""
    key = f"console.page-{running.asks}"
    _say(say("console.serving", url=running.page), say(key, file=running.password))


@app.command
def doctor(*, common: Common = HERE) -> int:
    """Kiểm tra thiết lập, cơ sở dữ liệu, đăng nhập thư, đồng hồ, lịch; nêu cách khắc phục."""
    from flows.doctor import doctor as examine  # noqa: PLC0415
    from reports import console  # noqa: PLC0415

    checks = examine(common.workspace, common.today)
    _print(common, [vars(one) for one in checks], console.checks(checks))
    wrong = sum(one.ok is False for one in checks)
    return _warn(say("doctor.summary", count=wrong)) if wrong else DONE


@app.command
def watch(*, common: Common = HERE) -> int:
    """Mọi việc có chạy theo kế hoạch không; ghi watch.json, watch.txt và gửi thư báo hằng ngày."""
    from reports import watched  # noqa: PLC0415

    found = _run("watch", common)
    _print(common, watched.answer(found), watched.lines(found))
    return _warn(watched.verdict(found)) if found.lapses else DONE


@app.command
def verify(*, head: str | None = None, common: Common = HERE) -> int:
    """Kiểm tra kho lưu trữ, cơ sở dữ liệu và nhật ký có còn đúng như khi ghi; nêu chỗ hỏng.

    Parameters
    ----------
    head
        Mã của một dòng nhật ký đã ghi lại ở nơi khác; báo nếu nhật ký không còn dòng đó.
    """
    from flows.ask import verify as ask  # noqa: PLC0415
    from reports import console, contract  # noqa: PLC0415

    with _working():
        found = ask(common.workspace, head)
    _print(common, contract.verified(found), console.verified(found))
    return _warn(say("verify.summary", count=len(found.damages))) if found.damages else DONE


@app.command
def backup(file: Path, /, *, common: Common = HERE) -> int:
    """Sao lưu vùng làm việc vào một tệp FILE, kể cả khi đang có người làm việc.

    Parameters
    ----------
    file
        Tệp sẽ ghi; mã SHA-256 ghi ở tệp FILE.sha256 bên cạnh.
    """
    from flows.backup import backup as keep  # noqa: PLC0415

    with _working():
        made = keep(common.workspace, file, common.today)
    answer = vars(made) | {"file": str(made.file)}
    _print(common, answer, [say("backup.made", **vars(made))])
    return DONE


@app.command
def restore(
    file: Path,
    directory: Path,
    /,
    *,
    by: str = "",
    sha256: str | None = None,
    today: date | None = None,
    as_json: Annotated[
        bool, Parameter(name="--json", help="In JSON cho máy đọc.", negative="")
    ] = False,
) -> int:
    """Khôi phục bản sao lưu FILE vào thư mục trống DIRECTORY, rồi kiểm tra như dondoc verify.

    Parameters
    ----------
    file
        Tệp do dondoc backup ghi.
    directory
        Thư mục mới hoặc còn trống.
    by
        Họ tên người khôi phục.
    sha256
        Mã SHA-256 của tệp, khi không có tệp FILE.sha256 bên cạnh.
    today
        Ngày làm việc, dạng NĂM-THÁNG-NGÀY.
    """
    from flows.restore import restore as bring_back  # noqa: PLC0415
    from reports import console, contract  # noqa: PLC0415

    with _working():
        made = bring_back(file, directory, by, sha256, today)
    answer = contract.restored(made)
    _print(Common(json=as_json), answer, console.restored(made))
    count = len(made.verified.damages)
    if count:
        return _warn(say("verify.summary", count=count))
    return _warn(say("restore.approve-again", count=made.held)) if made.held else DONE


def _warn(sentence: str) -> int:
    """Status 1: done, with something that needs a person, who hears of it on stderr."""
    sys.stderr.write(sentence + "\n")
    return NEEDS_A_PERSON


def main() -> None:
    """The console script: exit status 0 done, 1 needs a person, 2 refused with one sentence. What
    it writes, and whatever it starts, is its owner's alone."""
    before = os.umask(OTHERS)
    gc.set_threshold(SELDOM)
    try:
        status = app(exit_on_error=False, print_error=False, result_action="return_value")
    except DondocError as error:
        status = _refuse(str(error))
    except CycloptsError as error:
        status = _refuse(say("console.usage", error=error))
    except KeyboardInterrupt:
        status = REFUSED
    except Exception as error:  # the last border: a fault of ours, told as one sentence
        with NamedTemporaryFile("w", prefix="dondoc-", suffix=".log", delete=False) as trace:
            traceback.print_exc(file=trace)
        status = _refuse(say("console.fault", kind=type(error).__name__, trace=trace.name))
    finally:
        os.umask(before)
    sys.exit(status or DONE)


def _refuse(sentence: str) -> int:
    sys.stderr.write(" ".join(sentence.split()) + "\n")
    return REFUSED


if __name__ == "__main__":
    main()
