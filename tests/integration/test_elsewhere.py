"""What a month has done in other processes is understood there."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from ministry import OPENING, PERIOD, Workspace
from postbox import Postbox
from schemas.texts import speaking, spoken
from stage import BY
from tasks import ahead, crew, quality
from tasks.crew import UNDONE, Aside, Crew, Work, _Asked, _Task


def test_no_work_of_a_month_is_left_undone(
    opened: Workspace,
    reported_once: Workspace,
    postbox: Postbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is not is done here, and nobody notices but by the time that it takes."""
    works = set()

    def elsewhere(work: Work[Any, Any, Any], shared: Any, items: Sequence[Any]) -> Iterator[Any]:
        works.add(work.name)
        name, wording, *parts = _Task(work, shared).whole
        assert name.decode() == work.name
        hand = _Asked()
        with speaking(spoken()):
            hand.told(work, wording, iter(parts))
            answers = [hand.done(work.items.dump_json([item])) for item in items]
        getattr(hand._do, "close", int)()
        assert UNDONE not in answers, work.name
        for answer in answers:
            yield from work.results.validate_json(answer)

    def begun(
        _: object, work: Work[Any, Any, Any], shared: Any, item: Any, **__: float
    ) -> Callable[[], Any]:
        (result,) = elsewhere(work, shared, [item])
        return lambda: result

    monkeypatch.setattr(Crew, "stream", lambda _, *its, **__: elsewhere(*its))
    monkeypatch.setattr(Crew, "beside", begun)
    monkeypatch.setattr(Aside, "begin", begun)
    monkeypatch.setattr(quality, "imported", lambda: False)
    monkeypatch.setattr(crew, "SLICE", 2)
    monkeypatch.setattr(ahead, "AHEAD", 1)
    shutil.rmtree(opened.path / "forms")
    for file in sorted((reported_once.inbox / "done" / PERIOD).iterdir()):
        shutil.copy2(file, opened.inbox)
    opened.done("open", PERIOD, today=OPENING)
    opened.done("collect", PERIOD, today=OPENING)
    opened.done("report", PERIOD)
    opened.done("approve", PERIOD, *BY)
    assert opened.done("deliver")["sent"] == len(postbox.taken) > 1
    assert {name.rpartition(":")[2] for name in works} == {
        "BUILD", "COMPOSE", "FORM", "IMPORT", "LETTER", "MAILS", "READ", "SUMMARY",
        "UNIT_PAGE", "VALIDATE",
    }  # fmt: skip
