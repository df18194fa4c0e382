"""Draws every document at its usual sizes into a folder, so that a person can look: `make looks`.

The sample's month is played as the commands play it, without a server and without mail leaving;
what no month of four units shows (forty activities, a thousand units) is made beside it. What the
machine lacks a program for is left out, and it says which.
"""

import base64
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

from openpyxl import load_workbook
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from sqlalchemy import select

import drafted
from boards import BODY, EXPECTED, OCTOBER, Shown
from ministry import run
from reports import mails
from reports.chart import alternative_text, progress_chart
from rules.adjustments import proposals
from schemas import tables
from schemas.board import State
from schemas.changes import Changes
from schemas.notices import Attachment
from tasks import archive, libreoffice, sample
from tasks.desk import Desk

WIDTHS_OF_MAILS, WIDTHS_OF_PAGES = (360, 800), (390, 1440)
SCHEMES = ("light", "dark")
DOTS = 70
"""Dots an inch of printed pages: an A4 page is 579 by 827 then."""
TALLEST = 8000
"""Pixels of a picture; a page that is longer is cut off there."""
HEAD = ("VP", "Vũ Đức Thắng", "Chánh Văn phòng", "chanhvanphong@ubdt.example", "Nhận bản tin")
"""A head who takes the digest, so that there is one of a unit to look at."""


def main(folder: Path) -> None:
    """Everything that this machine can draw."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        workspace = Path(scratch) / "ministry"
        _play(workspace)
        reports = workspace / "reports" / str(sample.story().period)
        messages, attached = _notices(workspace)
        _charts(folder, reports)
        _printed(folder, _word(reports), _books(workspace, reports, attached))
        with _browser(Path(scratch)) as browser:
            if browser:
                _mails(browser, folder, Path(scratch), messages | _thousand())
                _pages(browser, folder, reports)
    print(f"{len(list(folder.iterdir()))} pictures in {folder}")


def _play(workspace: Path) -> None:
    """The sample's month up to its drafts; one unit's head takes the digest."""
    story = sample.story()
    _done("init", workspace, "--sample")
    path = workspace / "registry.xlsx"
    book = load_workbook(path)
    book["Liên hệ"].append(HEAD)
    book.save(path)
    told = (str(story.period), "--workspace", workspace)
    _done("open", *told, "--today", story.opening)
    for day, arrivals in story.days():
        with Desk(workspace, day) as desk:
            for arrival in arrivals:
                sample.mail_in(desk, story, arrival)
        _done("collect", *told, "--today", day)
        _done("remind", "--workspace", workspace, "--today", day)
    _done("remind", "--workspace", workspace, "--today", story.deadline + timedelta(days=1))
    _done("report", *told, "--today", story.closing)


def _done(*arguments: object) -> None:
    ran = run(*arguments)
    assert ran.status < 2, ran.err


def _notices(workspace: Path) -> tuple[dict[str, str], dict[str, bytes]]:
    """The HTML of one mail of each kind, pictures inside, of the digest one for each reader; and
    the files that go with them."""
    notice = tables.notice.c
    with Desk(workspace, sample.story().closing) as desk, desk.engine.connect() as connection:
        rows = connection.execute(
            select(notice.kind, notice.unit, notice.html, notice.images, notice.attachments)
            .where(notice.period == str(sample.story().period))
            .order_by(notice.id)
        ).all()
        messages, attached = {}, {}
        for row in rows:
            name = f"{row.kind}-{row.unit or 'whole'}" if row.kind == "digest" else row.kind
            messages[name] = row.html
            for image, sha256, mime in row.images:
                content = archive.fetch(workspace, sha256)
                messages[name] = _inside(messages[name], image, mime, content)
            for file, sha256, _ in row.attachments:
                attached[f"{row.kind}-{file}"] = archive.fetch(workspace, sha256)
    return messages, attached


def _thousand() -> dict[str, str]:
    """The digest of a thousand units."""
    shown = Shown(1000)
    board = shown.board
    silent = tuple(u.code for u in board.units if u.state is not State.ACCEPTED)
    mail = mails.digest(
        BODY,
        board,
        shown.severities,
        Changes(newly_low=tuple(shown.severities), silent=silent),
        Attachment("chart.png", progress_chart(board, EXPECTED), "image/png"),
        alternative_text(board, EXPECTED),
        EXPECTED,
        ("tong-hop-2021-10.xlsx",),
        proposals(board.activities, OCTOBER, Fraction(5, 6), {"Đầu tư công": "15/11"}),
        "reports/2021-10/bao-cao-2021-10.html",
    )
    (chart,) = mail.images
    return {"digest-1000": _inside(mail.html, chart.name, chart.mime, chart.content)}


def _inside(html: str, image: str, mime: str, content: bytes) -> str:
    data = base64.b64encode(content).decode()
    return html.replace(f"cid:{image}", f"data:{mime};base64,{data}")


# --- what is printed ----------------------------------------------------------------------------


def _charts(folder: Path, reports: Path) -> None:
    for path in reports.glob("*.png"):
        shutil.copyfile(path, folder / f"chart-{path.name}")
    (folder / "chart-1000.png").write_bytes(progress_chart(Shown(1000).board, EXPECTED))


def _word(reports: Path) -> dict[str, bytes]:
    """The sample's Word files, and letters of the sizes that it has none of."""
    found = {path.stem: path.read_bytes() for path in sorted(reports.rglob("*.docx"))}
    return found | {
        "letter-1": drafted.urging(1),
        "letter-40": drafted.urging(40),
        "letter-long-name": drafted.urging(3, drafted.LONG),
        "letter-whole-unit": drafted.urging(0),
        "reminder-1": drafted.reminder(),
        "reminder-5": drafted.reminder(
            [f"Vụ Địa phương {n}" for n in ("I", "II", "III", "IV", "V")]
        ),
    }


def _books(workspace: Path, reports: Path, attached: Mapping[str, bytes]) -> dict[str, bytes]:
    """The summary, a blank form with all three sheets, and what was returned marked."""
    its = {path.stem: path.read_bytes() for path in reports.glob("*.xlsx")}
    its["registry"] = (workspace / "registry.xlsx").read_bytes()
    kinds = ("blank-form", "return")
    return its | {name: file for name, file in attached.items() if name.startswith(kinds)}


def _printed(folder: Path, word: Mapping[str, bytes], books: Mapping[str, bytes]) -> None:
    """Each page a picture: letters by Writer as `report` prints them, workbooks by Calc."""
    office, draw = libreoffice.installed(), shutil.which("pdftoppm")
    if not (office and draw):
        print("left out: letters and workbooks (LibreOffice and pdftoppm draw them)")
        return
    printed = {f"word-{name}": pdf for name, pdf in libreoffice.to_pdf(word).items()}
    printed |= {f"book-{name}": pdf for name, pdf in _calculated(office, books).items()}
    for name, pdf in printed.items():
        command = [draw, "-png", "-r", str(DOTS), "-", str(folder / name)]
        subprocess.run(command, input=pdf, check=True)
    for name in [f"word-{n}" for n in word] + [f"book-{n}" for n in books]:
        if name not in printed:
            print(f"left out: {name} (LibreOffice made no PDF of it)")


def _calculated(office: str, books: Mapping[str, bytes]) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as scratch:
        its = {name: Path(scratch) / f"{n}.xlsx" for n, name in enumerate(books)}
        for name, path in its.items():
            path.write_bytes(books[name])
        command = [office, f"-env:UserInstallation=file://{scratch}/profile", "--headless",
                   "--convert-to", "pdf:calc_pdf_Export", "--outdir", scratch,
                   *map(str, its.values())]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True)
        made = {name: path.with_suffix(".pdf") for name, path in its.items()}
        return {name: path.read_bytes() for name, path in made.items() if path.is_file()}


# --- what is read on a screen -------------------------------------------------------------------


@contextmanager
def _browser(scratch: Path) -> Iterator[webdriver.Chrome | None]:
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (program and driver):
        print("left out: mails and pages (chromium and chromium-driver draw them)")
        yield None
        return
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for argument in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars",
        "--disable-background-networking", f"--user-data-dir={scratch / 'chromium'}",
    ):  # fmt: skip
        options.add_argument(argument)
    browser = webdriver.Chrome(options=options, service=Service(driver))
    try:
        yield browser
    finally:
        browser.quit()


def _mails(
    browser: webdriver.Chrome, folder: Path, scratch: Path, messages: Mapping[str, str]
) -> None:
    for name, html in messages.items():
        path = scratch / f"{name}.html"
        path.write_text(html, "utf-8")
        _seen(browser, path, folder / f"mail-{name}", WIDTHS_OF_MAILS, SCHEMES)


def _pages(browser: webdriver.Chrome, folder: Path, reports: Path) -> None:
    period, (unit, *_) = reports.name, sample.story().low
    pages = {
        "month": reports / f"bao-cao-{period}.html",
        "unit": reports / "units" / f"{unit}.html",
        "outbox": reports / "outbox.html",
        "index": reports.parent / "index.html",
    }
    for name, path in pages.items():
        _seen(browser, path, folder / f"page-{name}", WIDTHS_OF_PAGES, SCHEMES)


def _seen(
    browser: webdriver.Chrome,
    path: Path,
    target: Path,
    widths: Sequence[int],
    schemes: Sequence[str],
) -> None:
    """A picture of the whole page at each width, light and dark."""
    for scheme in schemes:
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        for width in widths:
            size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
            browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
            browser.get(path.as_uri())
            for _ in range(2):  # what comes into view is laid out only then
                height = browser.execute_script("return document.documentElement.scrollHeight")
                size["height"] = min(height, TALLEST)
                browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
            picture = browser.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})["data"]
            wide = target.with_name(f"{target.name}-{width}-{scheme}.png")
            wide.write_bytes(base64.b64decode(picture))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
