"""What a batch unlike the earlier ones meets on its way out, and the test mode."""

import sqlite3
from typing import Any

import pytest

from ministry import LOW, OPENING, PERIOD, Workspace
from postbox import Postbox

BY = ("--by", "Nguyễn Văn Duyệt")
ANYWAY = ("--anyway", "--because", "Đã hỏi lại Vụ")


def rows(workspace: Workspace, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(workspace.path / "dondoc.db") as database:
        found = database.execute(query).fetchall()
    database.close()
    return found


def page(workspace: Workspace) -> str:
    return (workspace.path / "reports" / PERIOD / "outbox.html").read_text("utf-8")


def test_a_batch_that_trips_a_wire_waits_for_a_reason(
    reported: Workspace, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported("deliver")
    postbox.taken.clear()
    monkeypatch.setenv("DONDOC_TRIPWIRES__DOMAINS", '["khac.vn"]')
    for _ in range(2):  # a second time is no other
        ran = reported("approve", PERIOD, *BY, "--kind", "urging", "--json")
        assert (ran.status, ran.json["approved"]) == (1, 0)
        assert "truong.dv02@ubdt.vn" in ran.err
        held = reported.outbox(state="held")
        assert {(r["kind"], r["unit"]) for r in held} == {("urging", LOW)}
        assert all("tên miền" in r["error"] for r in held)
    assert {r["state"] for r in reported.outbox("digest")} == {"draft"}
    assert "tên miền được phép" in page(reported)
    assert reported.done("deliver") == {}
    assert postbox.taken == []
    for wrong in (("--anyway",), ("--because", "Đã hỏi"), ("--anyway", "--because", " ")):
        assert reported("approve", PERIOD, *BY, *wrong).status == 2
    assert reported.outbox(state="approved") == []
    done = reported.done("approve", PERIOD, *BY, "--kind", "urging", *ANYWAY)
    assert done["approved"] == len(held)
    ((because, tripped),) = rows(
        reported, "select because, tripped from approval where not standing"
    )
    assert because == "Đã hỏi lại Vụ"
    assert "truong.dv02@ubdt.vn" in tripped
    assert reported.done("deliver") == {"sent": len(held)}


def test_a_standing_approval_runs_through_the_same_wires(
    opened: Workspace, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DONDOC_TRIPWIRES__MOST", "3")
    ran = opened("deliver", "--json", today=OPENING)
    assert (ran.status, ran.json) == (1, {"held": 4})
    assert postbox.taken == []
    assert all("4 thư" in r["error"] for r in opened.outbox(state="held"))
    assert opened.done("deliver", today=OPENING) == {}
    opened.done("approve", PERIOD, *BY, *ANYWAY, today=OPENING)
    assert opened.done("deliver", today=OPENING) == {"sent": 4}


def test_the_last_period_is_what_a_batch_is_compared_with(
    opened: Workspace, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DONDOC_TRIPWIRES__FEW", "0")
    monkeypatch.setenv("DONDOC_TRIPWIRES__TIMES", "1")
    assert opened.done("deliver", today=OPENING) == {"sent": 4}
    rows(opened, "update notice set period = '2021-09' where unit in ('DV01', 'DV02')")
    opened.done("open", PERIOD, today=OPENING)  # DV01 and DV02 anew: four again, two before
    assert opened("deliver", "--json", today=OPENING).json == {"held": 2}
    (reason,) = {r["error"] for r in opened.outbox(state="held")}
    assert "4 thư" in reason
    assert "2 thư" in reason


def test_in_test_mode_every_mail_goes_to_one_address_and_says_so(
    reported: Workspace, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DONDOC_MAIL__TEST_TO", "thu@ubdt.vn")
    reported.done("approve", PERIOD, *BY)
    reported("deliver")
    assert {one.recipients for one in postbox.taken} == {("thu@ubdt.vn",)}
    assert len(postbox.taken) == 11
    for one in postbox.taken:
        assert [a.addr_spec for a in one.mail["To"].addresses] == ["thu@ubdt.vn"]
        assert one.mail["Cc"] is None
        assert one.mail["Subject"].startswith("[THƯ THỬ] ")
        for kind in ("plain", "html"):
            body = one.mail.get_body((kind,))
            assert body is not None
            assert "@ubdt.vn. Nơi nhận: " in body.get_content()
    assert "chỉ gửi tới thu@ubdt.vn" in page(reported)
    for command in (("outbox",), ("deliver",), ("doctor",)):
        assert "chỉ gửi tới thu@ubdt.vn" in reported(*command).out.replace("\n", " ")
    reported.done("report", PERIOD)
    folder = reported.path / "reports"
    for made in (folder / "index.html", folder / PERIOD / "units" / f"{LOW}.html",
                 folder / PERIOD / f"bao-cao-{PERIOD}.html"):  # fmt: skip
        assert "chỉ gửi tới thu@ubdt.vn" in made.read_text("utf-8")
