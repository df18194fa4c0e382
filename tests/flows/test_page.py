"""`dondoc serve` as an officer uses it: Prefect's page in a real browser, form, run and table."""

import json
import shutil
import signal
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from ministry import PERIOD, Workspace
from tasks.deployments import declared
from tasks.server import free_port, own_password

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
Ask = Callable[[str, dict[str, Any]], list[dict[str, Any]]]
PATIENCE = 180
"""Seconds: a server, a worker and a run start on a busy machine."""


@pytest.fixture
def serving(reported: Workspace) -> Iterator[str]:
    """The page's address while `dondoc serve` runs as a process of its own, in a workspace that
    tells people apart."""
    port, settings = free_port(), reported.path / "dondoc.toml"
    people = '[access.people.thang]\nname = "Vũ Đức Thắng"\nroles = ["officer"]\n'
    settings.write_text(f"{settings.read_text('utf-8')}\n{people}", "utf-8")
    program = str(Path(sys.executable).with_name("dondoc"))
    command = [program, "serve", "--port", str(port), "--workspace", str(reported.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert f"http://127.0.0.1:{port}" in process.stdout.readline()
        password = own_password(reported.path)
        assert str(password) in process.stdout.readline()
        assert password.stat().st_mode & 0o777 == 0o600
        yield f"http://127.0.0.1:{port}"
        process.send_signal(signal.SIGTERM)
    assert not password.exists()


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    if not (CHROMIUM and DRIVER):
        pytest.skip("chromium and chromium-driver are not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
        "--disable-background-networking", "--disable-component-update",
        "--window-size=1300,1500", f"--user-data-dir={tmp_path / 'chromium'}",
    ):  # fmt: skip
        options.add_argument(argument)
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


def test_a_run_is_triggered_from_the_page_and_leaves_its_table(
    serving: str, browser: webdriver.Chrome, reported: Workspace
) -> None:
    password = own_password(reported.path).read_text()
    ask = partial(_asked, serving, password)
    deployments = {d["name"]: d for d in ask("deployments/filter", {})}
    assert deployments.keys() == {one["name"] for one in declared()}
    assert all(d["parameters"] == {"workspace": str(reported.path)} for d in deployments.values())

    report = deployments["monthly-report"]["id"]
    redrawn = (NoSuchElementException, StaleElementReferenceException)
    patient = WebDriverWait(browser, PATIENCE, ignored_exceptions=redrawn)
    browser.get(serving)
    patient.until(lambda b: b.find_element(By.CSS_SELECTOR, "input[type=password]"))
    browser.find_element(By.CSS_SELECTOR, "input[type=password]").send_keys(password, Keys.ENTER)
    patient.until(lambda b: "/login" not in b.current_url and "Runs" in _text(b))
    browser.get(f"{serving}/deployments/deployment/{report}/run")
    # the page draws itself bit by bit: the fields first, their descriptions later
    patient.until(lambda b: len(_fields(b)) > 1 and "ví dụ 2021-10" in _text(b))
    patient.until(_filled)
    # a page that is still drawing itself may swallow a click
    WebDriverWait(browser, PATIENCE, poll_frequency=10, ignored_exceptions=redrawn).until(
        lambda b: _by_hand(ask, report) or _submit(b)
    )

    run = _ended(ask, report, reported.path)
    assert run["state"]["type"] == "COMPLETED"
    assert run["parameters"]["period"] == PERIOD
    left = ask("artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run["id"]]}}})
    table = next(a for a in left if a["key"] == f"units-{PERIOD}")
    browser.get(f"{serving}/artifacts/artifact/{table['id']}")
    codes = reported.ministry.units
    patient.until(lambda b: all(c in _text(b) for c in codes))


def _text(browser: webdriver.Chrome) -> str:
    return browser.find_element(By.TAG_NAME, "body").text


def _fields(browser: webdriver.Chrome) -> list[WebElement]:
    return browser.find_elements(By.TAG_NAME, "textarea")


def _filled(browser: webdriver.Chrome) -> bool:
    """Whether the period stands in its field: what is typed too early is drawn over."""
    field = _fields(browser)[1]
    if field.get_attribute("value") == PERIOD:
        return True
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys(PERIOD)
    time.sleep(1)
    return _fields(browser)[1].get_attribute("value") == PERIOD


def _submit(browser: webdriver.Chrome) -> bool:
    for button in browser.find_elements(By.CSS_SELECTOR, "button[type=submit]"):
        button.click()
    return False


def _by_hand(ask: Ask, deployment: str) -> list[dict[str, Any]]:
    """The runs that the form made, the latest first."""
    wanted = {"deployments": {"id": {"any_": [deployment]}}, "sort": "EXPECTED_START_TIME_DESC"}
    runs = ask("flow_runs/filter", wanted)
    return [one for one in runs if not one["auto_scheduled"]]


def _ended(ask: Ask, deployment: str, workspace: Path) -> dict[str, Any]:
    """The run that the form made, as soon as it has ended."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        runs = _by_hand(ask, deployment)
        if runs and runs[0]["state"]["type"] in {"COMPLETED", "FAILED", "CRASHED"}:
            return runs[0]
        time.sleep(1)
    logs = "".join(log.read_text()[-3000:] for log in (workspace / ".prefect").glob("*.log"))
    raise AssertionError(f"the run has not ended: {[one['state'] for one in runs]}\n{logs}")


def _asked(page: str, password: str, what: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    authorized = f"Basic {b64encode(password.encode()).decode()}"
    headers = {"Content-Type": "application/json", "Authorization": authorized}
    request = Request(f"{page}/api/{what}", json.dumps(body).encode(), headers)
    with urlopen(request, timeout=30) as answer:
        found: list[dict[str, Any]] = json.load(answer)
    return found
