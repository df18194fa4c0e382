"""The report pages in a real browser: they search, sort, print, and ask nobody for anything."""

import base64
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from boards import BODY, PACE, Names, Shown
from reports import pages
from schemas.notices import Delivery
from schemas.pages import Line
from schemas.period import Period
from schemas.texts import catalogue

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
HOUSE = Path(__file__).parents[2]
AXE = (HOUSE / "tests" / "axe" / "axe.min.js").read_text("utf-8")
HOSTILE = (
    "<script>window.broken = 1</script><img src=x onerror='window.broken = 2'>{{ 7 * 7 }}"
    ' {% x %} =HYPERLINK("http://example.com") & "quoted" \'q\' </title></style></table>'
    " \u202e\u0000\u0007\u200f http://example.com/x.png " + "dài " * 100
)
COUNT = 20
MONTH, UNIT, OUTBOX, INDEX = (
    "2021-10/bao-cao-2021-10.html",
    "2021-10/units/DV0005.html",
    "2021-10/outbox.html",
    "index.html",
)
PAGES = (MONTH, UNIT, OUTBOX, INDEX)


def _write(folder: Path, shown: Shown) -> Path:
    mail = (
        f'<p style="color: #8a1c1c">Kính gửi</p><img alt="a" src="cid:chart.png"><p>{HOSTILE}</p>'
    )
    line = Line(
        Period(2021, 10),
        COUNT,
        58,
        12,
        shown.board.totals.budget_current,
        shown.board.totals.disbursed_to_date,
    )
    before = replace(line, period=Period(2020, 10))
    (folder / "2021-10" / "units").mkdir(parents=True)
    board = shown.board
    content = {
        MONTH: shown.month_page(),
        OUTBOX: shown.outbox_page(
            shown.notice(5, 5, html=mail),
            shown.notice(10, 10, Delivery.APPROVED, html=mail),
            shown.notice(15, 15, Delivery.SENT),
        ),
        INDEX: pages.index_page(
            BODY,
            [(line, MONTH), (before, "2020-10/bao-cao-2020-10.html")],
            shown.months(),
            PACE,
        ),
    }
    content |= {
        f"2021-10/units/{u.code}.html": shown.unit_page(n, board)
        for n, u in enumerate(board.units, 1)
    }
    for name, page in content.items():
        (folder / name).write_bytes(page)
    return folder


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A month of twenty units."""
    return _write(tmp_path_factory.mktemp("plain"), Shown(COUNT, each=2))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same month, its names written by somebody who means ill."""
    names = Names(
        HOSTILE.replace("{", "{{").replace("}", "}}") + " {n}",
        "Việc " + HOSTILE.replace("{", "{{").replace("}", "}}"),
        HOSTILE,
    )
    return _write(tmp_path_factory.mktemp("hostile"), Shown(COUNT, each=2, names=names))


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    if not (CHROMIUM and DRIVER):
        pytest.skip("chromium and chromium-driver are not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
        "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
        f"--user-data-dir={tmp_path_factory.mktemp('chromium')}",
    ):  # fmt: skip
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def see(browser: webdriver.Chrome) -> Iterator[Callable[..., webdriver.Chrome]]:
    """Opens a page, at a width, light or dark."""

    def open_(
        page: Path, width: int = 1280, scheme: str = "light", anchor: str = ""
    ) -> webdriver.Chrome:
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        browser.get(page.as_uri() + anchor)
        return browser

    yield open_
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def _shown(browser: webdriver.Chrome, section: str) -> list[str]:
    """The first cells of the rows that the section's first table shows."""
    rows = "[...document.querySelector(arguments[0] + ' table').tBodies[0].rows]"
    script = f"return {rows}.filter((r) => !r.hidden).map((r) => r.cells[0].textContent)"
    found: list[str] = browser.execute_script(script, section)
    return found


def _search(browser: webdriver.Chrome, section: str, text: str) -> list[str]:
    box = browser.find_element(By.CSS_SELECTOR, f"{section} input[type=search]")
    box.send_keys(Keys.CONTROL, "a")
    box.send_keys(text)
    return _shown(browser, section)


def _head(browser: webdriver.Chrome, section: str, label: str) -> WebElement:
    buttons = browser.find_elements(By.CSS_SELECTOR, f"{section} thead button")
    return next(b for b in buttons if b.text.partition("\n")[0].strip(" ↕↑↓\u00a0") == label)


def test_units_are_found_with_and_without_marks(see: Any, plain: Path) -> None:
    browser = see(plain / MONTH)
    assert len(_shown(browser, "#don-vi")) == COUNT
    assert len(_search(browser, "#don-vi", "vung dan toc")) == COUNT
    assert len(_search(browser, "#don-vi", "vung dan toc dv0007")) == 1
    only = _search(browser, "#don-vi", "dv0007")
    assert len(only) == 1
    assert only[0].endswith("số 7")
    assert (
        browser.find_element(By.CSS_SELECTOR, "#don-vi output").text == f"Đang hiện 1/{COUNT} dòng"
    )
    assert (
        len(_search(browser, "#don-vi", "chờ xác định"))
        == len(_search(browser, "#don-vi", "cho xac dinh"))
        > 0
    )
    assert _search(browser, "#don-vi", "chớ xác định") == []  # marks that are typed are meant
    assert len(_search(browser, "#don-vi", Keys.BACKSPACE)) == COUNT


def test_a_table_sorts_by_figures_and_by_vietnamese_names(see: Any, plain: Path) -> None:
    browser = see(plain / MONTH)
    head = _head(browser, "#don-vi", "Tỷ lệ (giải ngân / dự toán)")
    rows = "[...document.querySelector('#don-vi table').tBodies[0].rows]"

    def rates() -> list[str]:
        head.send_keys(Keys.ENTER)
        found: list[str] = browser.execute_script(
            f"return {rows}.map((row) => row.cells[6].dataset.v)"
        )
        return found

    rising, falling = rates(), rates()
    figures = [float(v) for v in rising if v]
    assert figures == sorted(figures)
    assert [float(v) for v in falling if v] == figures[::-1]
    assert rising[-1] == falling[-1] == ""  # who has no rate stands last, either way
    assert (
        browser.execute_script("return document.querySelector('[aria-sort=descending]').cellIndex")
        == 6
    )

    script = """
      const rows = [...document.querySelector("#don-vi table").tBodies[0].rows].slice(0, 5);
      const names = ["Đông", "Dương", "Ấm", "Ân", "An"];
      names.forEach((name, n) => { rows[n].cells[0].textContent = name; });
    """
    browser.execute_script(script)
    _head(browser, "#don-vi", "Đơn vị").click()
    names = [n for n in _shown(browser, "#don-vi") if len(n) < 6]
    assert names == ["An", "Ấm", "Ân", "Dương", "Đông"]


def test_the_pages_lead_to_each_other(see: Any, plain: Path) -> None:
    browser = see(plain / MONTH)
    browser.find_element(By.CSS_SELECTOR, "#don-vi tbody a").click()
    assert browser.current_url.endswith("/units/DV0001.html")
    browser.find_element(By.PARTIAL_LINK_TEXT, "Báo cáo của kỳ").click()
    assert browser.current_url.endswith(f"{MONTH}#u-DV0001")
    assert browser.execute_script("return document.querySelector('tr:target').id") == "u-DV0001"
    dead = []
    for page in PAGES:
        for link in see(plain / page).find_elements(By.CSS_SELECTOR, "a[href]"):
            href = str(link.get_attribute("href")).removeprefix("file://")
            path, _, anchor = href.partition("#")
            beside = ("tong-hop", "tien-do", "quality", "2020-10", "DV.docx")
            if any(name in path for name in beside):
                continue
            if not Path(path).exists() or (
                anchor and f'id="{anchor}"' not in Path(path).read_text("utf-8")
            ):
                dead.append(href)
    assert not dead


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing(see: Any, plain: Path, page: str, scheme: str) -> None:
    browser = see(plain / page, scheme=scheme)
    browser.execute_script(
        "for (const part of document.querySelectorAll('details')) part.open = true"
    )
    browser.execute_script(AXE)
    found = browser.execute_async_script(
        "axe.run(document, {iframes: false}).then(arguments[arguments.length - 1])"
    )
    told = [(v["id"], [n["html"][:200] for n in v["nodes"][:3]]) for v in found["violations"]]
    assert not told
    assert len(found["passes"]) > 15


@pytest.mark.parametrize("folder", ["plain", "hostile"])
def test_nothing_is_asked_of_anybody_and_nothing_complains(
    see: Any, request: pytest.FixtureRequest, folder: str
) -> None:
    root: Path = request.getfixturevalue(folder)
    for page in PAGES:
        browser = see(root / page)
        browser.get_log("performance")
        browser.get_log("browser")
        browser.refresh()
        browser.execute_script(
            "for (const part of document.querySelectorAll('details')) part.open = true"
        )
        time.sleep(0.3)
        asked = [one["message"] for one in browser.get_log("performance")]
        urls = [m for m in asked if "Network.requestWillBeSent" in m and '"url":"data:' not in m]
        assert len(urls) == 1, page  # the file itself
        complaints = [one["message"] for one in browser.get_log("browser")]
        assert not [c for c in complaints if "sandboxed" not in c], page
        assert browser.execute_script("return window.broken") is None
        assert browser.execute_script("return document.scripts.length") == 1


def test_what_people_typed_is_shown_as_text(see: Any, hostile: Path) -> None:
    browser = see(hostile / MONTH)
    name = browser.execute_script("return document.querySelector('#don-vi tbody a').textContent")
    for part in (
        "<script>window.broken = 1</script>",
        "{{ 7 * 7 }}",
        '=HYPERLINK("http',
        "& \"quoted\" 'q' </title>",
    ):
        assert part in name
    assert not [c for c in name if not c.isprintable()]
    assert (
        browser.execute_script("return document.querySelectorAll('img, iframe, link').length") == 0
    )
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 1280


@pytest.mark.parametrize("width", [320, 1440, 3840])
def test_no_page_is_wider_than_its_window(see: Any, hostile: Path, width: int) -> None:
    for page in PAGES:
        browser = see(hostile / page, width)
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width, page


def test_dark_is_dark(see: Any, plain: Path) -> None:
    ground = "return getComputedStyle(document.body).backgroundColor"
    light = see(plain / MONTH).execute_script(ground)
    dark = see(plain / MONTH, scheme="dark").execute_script(ground)
    brightness = [sum(map(int, c.strip("rgb()").split(","))) for c in (light, dark)]
    assert brightness[0] > 600
    assert brightness[1] < 150


def test_a_page_prints_with_what_was_folded(see: Any, plain: Path) -> None:
    browser = see(plain / MONTH)
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    assert base64.b64decode(printed["data"]).startswith(b"%PDF")
    browser.execute_script("dispatchEvent(new Event('beforeprint'))")
    opened = "return [...document.querySelectorAll('details')].map((d) => d.open)"
    assert all(browser.execute_script(opened))
    browser.execute_script("dispatchEvent(new Event('afterprint'))")
    assert not any(browser.execute_script(opened))


def test_without_its_script_a_page_shows_everything(see: Any, plain: Path) -> None:
    browser = see(plain / INDEX)
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get((plain / MONTH).as_uri())
        main = browser.find_element(By.TAG_NAME, "main")
        assert len(main.find_elements(By.CSS_SELECTOR, "#don-vi tbody tr")) == COUNT
        assert not browser.find_elements(By.TAG_NAME, "button")
        assert not any(
            one.is_displayed() for one in browser.find_elements(By.CSS_SELECTOR, ".find")
        )
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_a_mail_is_shown_as_it_will_leave_and_runs_nothing(see: Any, hostile: Path) -> None:
    browser = see(hostile / OUTBOX, anchor="#thu-5")
    frame = browser.find_element(By.CSS_SELECTOR, "#thu-5 iframe")
    assert frame.is_displayed()  # the link has opened what was folded
    assert frame.get_attribute("sandbox") == ""
    assert "thutruong.dv0005@ubdt.vn" in browser.find_element(By.ID, "thu-5").text
    browser.switch_to.frame(frame)
    WebDriverWait(browser, 10).until(
        lambda b: "Kính gửi" in b.find_element(By.TAG_NAME, "body").text
    )
    assert (
        browser.find_element(By.TAG_NAME, "p").value_of_css_property("color")
        == "rgba(138, 28, 28, 1)"
    )
    picture = browser.find_element(By.CSS_SELECTOR, "img[alt=a]").get_attribute("src")
    assert str(picture).startswith("data:image/png;base64,")
    browser.switch_to.default_content()
    assert len(browser.find_elements(By.CSS_SELECTOR, "#tat-ca tbody tr")) == 3


def test_every_letter_is_set_in_the_bundled_typeface(see: Any, plain: Path) -> None:
    vietnamese = "ăâđêôơưĂÂĐÊÔƠƯ" + "".join(map(chr, range(0x1EA0, 0x1EFA)))
    said = catalogue("vi").read_text("utf-8")
    letters = "".join(sorted({c for c in vietnamese + said if c.isprintable()}))
    browser = see(plain / MONTH)
    script = """
      document.body.innerHTML = "<p id=letters></p><p><span>00000</span><br><span>11111</span></p>";
      document.getElementById("letters").textContent = arguments[0];
      arguments[1](document.fonts.ready.then(() => true));
    """
    browser.execute_async_script(script, letters)
    for command in ("DOM.enable", "CSS.enable"):
        browser.execute_cdp_cmd(command, {})
    root = browser.execute_cdp_cmd("DOM.getDocument", {})["root"]["nodeId"]
    node = browser.execute_cdp_cmd("DOM.querySelector", {"nodeId": root, "selector": "#letters"})[
        "nodeId"
    ]
    fonts = browser.execute_cdp_cmd("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    assert [(font["familyName"], font["isCustomFont"]) for font in fonts] == [("Noto Sans", True)]
    zeros, ones = (span.size["width"] for span in browser.find_elements(By.TAG_NAME, "span"))
    assert zeros == ones  # columns of money align
    licence = (HOUSE / "reports" / "fonts" / "OFL.txt").read_text("utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
