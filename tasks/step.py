"""Decides whether a piece of a flow runs as a Prefect task or as the bare function."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def step(retries: int = 0, retry_delay: int = 0) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A Prefect task where a flow run is around, else the function itself.

    Prefect would start a server of its own for a task called outside a flow run (docs/decisions);
    asking `sys.modules` keeps Prefect unimported where nobody else needed it. `retry_delay` is in
    seconds; the bare function is tried once.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            context = sys.modules.get("prefect.context")
            if context is None or context.FlowRunContext.get() is None:
                return function(*args, **kwargs)
            from prefect import task  # noqa: PLC0415 - three seconds, and only here
            from prefect.cache_policies import NO_CACHE  # noqa: PLC0415

            def bare() -> R:  # with arguments it would look for results of other tasks in them all
                return function(*args, **kwargs)

            as_task: Callable[[], R] = task(
                name=function.__name__,
                retries=retries,
                retry_delay_seconds=retry_delay,
                cache_policy=NO_CACHE,
                persist_result=False,
            )(bare)
            return as_task()

        return call

    return decorate
