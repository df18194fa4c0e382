"""The report page at size: bytes, time to render, and how soon Chromium shows and searches it.

`python benchmarks/page.py [UNITS] [ROUNDS]`: 1,000 units of five activities, 3 rounds by default.
Rendering is told in seconds of this process' own, the browser's in seconds that pass.
"""

import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

HOUSE = Path(__file__).parents[1]
sys.path[:0] = [str(HOUSE), str(HOUSE / "tests")]

from selenium import webdriver  # noqa: E402
from selenium.webdriver.chrome.service import Service  # noqa: E402

from boards import Shown  # noqa: E402

SEARCH = """
const input = document.querySelector("input[type=search]");
const rows = [...document.querySelector("#don-vi table").tBodies[0].rows];
const began = performance.now();
input.value = arguments[0];
input.dispatchEvent(new Event("input"));
document.body.offsetHeight;
return [performance.now() - began, rows.filter((row) => !row.hidden).length];
"""
SORT = """
const began = performance.now();
document.querySelectorAll("#don-vi thead button")[6].click();
document.body.offsetHeight;
return performance.now() - began;
"""
OPENED = "return performance.getEntriesByType('navigation')[0].loadEventEnd"


def _browser() -> webdriver.Chrome:
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu"):
        options.add_argument(argument)
    return webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))


def main(units: int = 1000, rounds: int = 3) -> None:
    """Prints the table."""
    shown = Shown(units)
    board = shown.board
    shown.unit_page(1, board)  # templates compile once
    began = time.process_time()
    page = shown.month_page()
    of_month = time.process_time() - began
    began = time.process_time()
    sizes = [len(shown.unit_page(n, board)) for n in range(1, units + 1)]
    of_units = time.process_time() - began
    opened, searched, sorted_ = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "page.html")
        path.write_bytes(page)
        browser = _browser()
        for _ in range(rounds):
            browser.get(path.as_uri())
            opened.append(browser.execute_script(OPENED))
            took, found = browser.execute_script(SEARCH, f"so {units}")
            again, _ = browser.execute_script(SEARCH, "trung tam")
            searched += [took, again]
            sorted_.append(browser.execute_script(SORT))
        browser.quit()
    facts = {
        "units": f"{units} ({len(board.activities)} activities)",
        "size of the page": f"{len(page) / 1e6:.2f} MB",
        "size of a unit's page": f"{statistics.median(sizes) / 1e3:.0f} kB (median)",
        "rendering the page": f"{of_month:.2f} s",
        "rendering all units": f"{of_units:.2f} s",
        "opened in Chromium": f"{statistics.median(opened) / 1e3:.2f} s (median of {rounds})",
        "a search": f"{max(searched) / 1e3:.2f} s (worst; the last found {found})",
        "a sort": f"{max(sorted_) / 1e3:.2f} s (worst)",
    }
    for what, figure in facts.items():
        sys.stdout.write(f"{what:24}{figure}\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
