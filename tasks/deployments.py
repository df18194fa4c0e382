"""Registers the deployments of prefect.yaml with a running server, bound to one workspace."""

from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).resolve().parent.parent


def declared() -> list[dict[str, Any]]:
    """The deployments as prefect.yaml declares them."""
    text = (REPOSITORY / "prefect.yaml").read_text(encoding="utf-8")
    deployments: list[dict[str, Any]] = yaml.safe_load(text)["deployments"]
    return deployments


def register(workspace: Path) -> None:
    """Create or update each deployment on the server that PREFECT_API_URL names.

    `prefect deploy --all` would do, but with Prefect 3.8.8 it stops after the first deployment
    (its client asks for workers with an empty limit, which its own server refuses).
    """
    from prefect import Flow  # noqa: PLC0415 - reads the environment when it is imported
    from prefect.client.schemas.objects import ConcurrencyLimitConfig  # noqa: PLC0415
    from prefect.schedules import Cron  # noqa: PLC0415

    for one in declared():
        flow = Flow.from_source(source=str(REPOSITORY), entrypoint=one["entrypoint"])
        deployment = flow.to_deployment(  # type: ignore[union-attr]
            name=one["name"],
            description=one["description"],
            parameters={"workspace": str(workspace)},
            schedules=[Cron(s.pop("cron"), **s) for s in one.get("schedules", ())],
            concurrency_limit=ConcurrencyLimitConfig(**one["concurrency_limit"]),
        )
        deployment.apply(work_pool_name=one["work_pool"]["name"])  # type: ignore[union-attr]
