"""Where Prefect's server may listen, without starting one."""

from pathlib import Path

import pytest

from ministry import Workspace, run
from schemas.errors import DondocError
from schemas.listening import Listening
from tasks.server import _bound_beyond, free_port, listening, server


@pytest.mark.parametrize(
    ("host", "beyond", "api"),
    [
        ("127.0.0.1", False, "http://127.0.0.1:4200/api"),
        ("localhost", False, "http://localhost:4200/api"),
        ("::1", False, "http://[::1]:4200/api"),
        ("0.0.0.0", True, "http://127.0.0.1:4200/api"),  # noqa: S104
        ("::", True, "http://[::1]:4200/api"),
        ("10.1.2.3", True, "http://10.1.2.3:4200/api"),
        ("dondoc.ubdt.vn", True, "http://dondoc.ubdt.vn:4200/api"),
    ],
)
def test_what_others_can_reach(host: str, beyond: bool, api: str) -> None:
    where = Listening(host)
    assert (where.beyond, where.api) == (beyond, api)


@pytest.mark.parametrize(
    ("host", "page", "origin"),
    [
        ("127.0.0.1", "", "http://127.0.0.1:4200,http://localhost:4200"),
        ("::1", "", "http://[::1]:4200,http://localhost:4200"),
        ("localhost", "", "http://localhost:4200"),
        ("127.0.0.1", "https://dondoc.ubdt.vn", "https://dondoc.ubdt.vn"),
        ("10.1.2.3", "https://ubdt.vn:8443/dondoc", "https://ubdt.vn:8443"),
    ],
)
def test_the_origin_is_that_of_what_people_open(host: str, page: str, origin: str) -> None:
    assert Listening(host, page=page).origins == origin


@pytest.mark.parametrize("page", ["", "http://dondoc.ubdt.vn"])
def test_a_server_for_others_wants_tls(opened: Workspace, page: str) -> None:
    where = Listening("0.0.0.0", free_port(), page)  # noqa: S104
    with pytest.raises(DondocError, match="--url https://"), server(opened.path, where):
        pass
    assert not (opened.path / ".prefect" / "server.json").exists()


def test_serve_refuses_in_one_sentence(opened: Workspace) -> None:
    ran = run("serve", "--workspace", opened.path, "--host", "0.0.0.0")  # noqa: S104
    assert (ran.status, ran.out) == (2, "")
    assert len(ran.err.splitlines()) == 1
    assert "--url https://" in ran.err


def test_a_server_of_another_machine_is_seen_by_its_address(tmp_path: Path) -> None:
    assert listening(tmp_path, "https://dondoc.ubdt.vn/api").behind_tls
    plain = listening(tmp_path, "http://dondoc.ubdt.vn:4200/api")
    assert plain.beyond
    assert not plain.behind_tls
    assert not listening(tmp_path, f"http://127.0.0.1:{free_port()}/api").beyond


def test_a_port_that_all_can_reach_is_known() -> None:
    import socket  # noqa: PLC0415

    for host, beyond in (("127.0.0.1", False), ("0.0.0.0", True)):  # noqa: S104
        with socket.create_server((host, 0)) as listener:
            assert _bound_beyond(listener.getsockname()[1]) is beyond
