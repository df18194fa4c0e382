"""Who may do what: roles, the acts that need one, and why somebody was refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person of the workspace is."""

    CLERK = "clerk"
    OFFICER = "officer"
    LEADER = "leader"
    ADMIN = "admin"


class Act(StrEnum):
    """What needs a role where the workspace names its people."""

    APPROVE = "approve"
    EXCUSE = "excuse"
    ADJUST = "adjust"
    RELEASE = "release"
    RESTORE = "restore"


@dataclass(frozen=True)
class Refusal:
    """Why somebody may not: `access.REASON` of the texts, filled in with `facts`."""

    reason: str
    facts: Mapping[str, str]
