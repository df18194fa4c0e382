"""A file of another format goes back as an .xlsx, is corrected there, and is accepted."""

import subprocess
import tempfile
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from test_outbox import attachments, emptied

from ministry import CLOSING, DEADLINE, DISBURSED, MONEY, PERIOD, Workspace
from postbox import Postbox
from reports.returned import ERROR, LIST


def saved_as(path: Path, form: str) -> Path:
    """The workbook saved by LibreOffice in another format, in its stead."""
    with tempfile.TemporaryDirectory() as scratch:
        command = ["soffice", f"-env:UserInstallation=file://{scratch}/profile", "--headless"]
        command += ["--convert-to", form, "--outdir", scratch, str(path)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        path.unlink()
        return Path(scratch, f"{path.stem}.{form}").rename(path.with_suffix(f".{form}"))


@pytest.mark.parametrize("form", ["xls", "ods"])
def test_it_is_converted_corrected_and_accepted(
    opened: Workspace, postbox: Postbox, form: str
) -> None:
    emptied(opened, postbox)
    saved_as(opened.submit("DV01", "Báo cáo.xlsx", DV01_1={DISBURSED: "khoảng 500"}), form)
    (taken,) = opened("collect", PERIOD, "--json", today=DEADLINE).json
    assert (taken["file"], taken["state"]) == (f"Báo cáo.{form}", "returned")
    (cell,) = {f["cell"] for f in taken["findings"] if f["severity"] == "error"}
    opened.done("deliver", today=DEADLINE)
    (mail,) = postbox.to("nop.dv01@ubdt.vn")
    ((name, content),) = attachments(mail).items()
    assert name == "Báo cáo.xlsx"
    text = mail.get_body(("plain",))
    assert text is not None
    assert "bản đã chuyển sang dạng .xlsx" in text.get_content()
    book = load_workbook(BytesIO(content))
    assert book.sheetnames[0] == LIST
    assert book[MONEY][cell].value == "khoảng 500"
    assert book[MONEY][cell].fill.fgColor.rgb == ERROR.replace("#", "FF")

    book[MONEY][cell] = 500
    book.save(opened.inbox / name)
    (again,) = opened("collect", PERIOD, "--json", today=CLOSING).json
    assert (again["unit"], again["state"]) == ("DV01", "accepted"), again["findings"]


def test_what_is_an_xlsx_under_the_name_of_an_xls_goes_back_in_place(
    opened: Workspace, postbox: Postbox
) -> None:
    emptied(opened, postbox)
    opened.submit("DV01", "Báo cáo.xls", DV01_1={DISBURSED: "?"})
    opened("collect", PERIOD, today=DEADLINE)
    opened.done("deliver", today=DEADLINE)
    (mail,) = postbox.to("nop.dv01@ubdt.vn")
    ((name, content),) = attachments(mail).items()
    assert name == "Báo cáo.xlsx"
    text = mail.get_body(("plain",))
    assert text is not None
    assert "chuyển sang" not in text.get_content()
    book = load_workbook(BytesIO(content))
    assert book[MONEY].protection.sheet  # its own, with all that was in it
