"""Reads the messages of a batch, holds them against their approval and composes them: a piece ahead
of the sending, and beside it where there are many."""

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

from pydantic import PlainSerializer, PlainValidator

from schemas.notices import Message
from tasks import outbox
from tasks.composing import Composed, composed, letterhead
from tasks.crew import Work
from tasks.desk import Desk

AHEAD = 64
"""Messages that are read and composed ahead."""
EACH = 0.001
"""Seconds that it takes for one."""
LARGE = 2**20
"""Characters from which on a mail is composed in its turn: what is composed ahead is in memory."""

Made = tuple[outbox.Ready, Composed | None]
"""A message and its mail; none where that is too large to be made ahead."""


class _Maker:
    """Reads and composes what lies in a workspace's outbox; in another process with settings and a
    database connection of its own."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._logged, self._head = desk, outbox.Logged(), letterhead(desk.settings)

    def told(self) -> str:
        """Of it, what travels: the workspace."""
        return str(self._desk.workspace)

    @classmethod
    def heard(cls, workspace: str) -> "_Maker":
        """The same in another process."""
        return cls(Desk(Path(workspace), only_look=True))

    def ahead(self, messages: Sequence[int]) -> list[Made]:
        """These messages, by number, in the order of drafting."""
        made = ((its, self._composed(one)) for its, one in self._read(messages))
        return [(its, mail if len(mail.content) < LARGE else None) for its, mail in made]

    def one(self, message: int) -> tuple[outbox.Ready, Composed]:
        """One, however large."""
        ((its, one),) = self._read([message])
        return its, self._composed(one)

    def _read(self, messages: Sequence[int]) -> list[tuple[outbox.Ready, Message]]:
        return outbox.read(self._desk, messages, self._logged)

    def _composed(self, message: Message) -> Composed:
        return composed(self._desk.workspace, self._head, message)


MAILS = Work[_Maker, list[int], list[Made]](
    "tasks.ahead:MAILS",
    lambda maker: maker.ahead,
    shared=Annotated[_Maker, PlainValidator(_Maker.heard), PlainSerializer(_Maker.told)],
    item=list[int],
    result=list[Made],
)


class Letters:
    """The messages of a batch in their order, a piece ahead of the one that is being sent: a claim
    holds against what was read, so that nothing leaves that changed since."""

    def __init__(self, desk: Desk, numbers: Sequence[int]) -> None:
        """`numbers` in the order in which they leave."""
        self._crew, self._maker = desk.crew, _Maker(desk)
        size = 1 if desk.settings.mail.per_minute else AHEAD  # else the last would be read long ago
        self._pieces = deque(list(numbers[at : at + size]) for at in range(0, len(numbers), size))
        self._here: deque[Made] = deque()
        # the first by this process: another takes a while to start
        self._coming: Callable[[], list[Made]] = partial(self._maker.ahead, self._piece())
        self.left = len(numbers)

    @property
    def at_hand(self) -> bool:
        """Whether the next one is composed."""
        return bool(self._here) and self._here[0][1] is not None

    def next(self) -> tuple[outbox.Ready, Composed]:
        """The next one, which is no longer left."""
        if not self._here:
            self._here.extend(self._coming())
            left = EACH * sum(map(len, self._pieces))
            self._coming = self._crew.beside(MAILS, self._maker, self._piece(), seconds=left)
        its, mail = self._here.popleft()
        self.left -= 1
        return (its, mail) if mail else self._maker.one(its.message)

    def _piece(self) -> list[int]:
        """The next ones that nobody has begun with."""
        return self._pieces.popleft() if self._pieces else []
