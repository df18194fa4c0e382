"""Touches a local SMTP server of our own that keeps what it is given as files: the demo's mail."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tasks.server import free_port


class _Keep:
    """Writes each message it accepts to `folder/NNN-recipient.eml`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.count += 1
        name = f"{self.count:03d}-{envelope.rcpt_tos[0]}.eml".replace("/", "_")
        (self.folder / name).write_bytes(envelope.original_content or b"")
        return "250 kept"


@contextmanager
def catching(folder: Path) -> Iterator[dict[str, str]]:
    """A mail server on the loopback while the block runs; yields the settings that lead to it."""
    folder.mkdir(parents=True, exist_ok=True)
    controller = Controller(_Keep(folder), hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield {
            "DONDOC_MAIL__HOST": "127.0.0.1",
            "DONDOC_MAIL__PORT": str(controller.port),
            "DONDOC_MAIL__SECURITY": "none",
        }
    finally:
        controller.stop()
