"""What other thresholds would change: flags compared, nothing stored."""

from dataclasses import dataclass

from schemas.flags import Flag, Rule
from schemas.period import Period


@dataclass(frozen=True)
class RuleInForce:
    """A rule as the workspace has it: (dotted name, value) of each parameter, as text."""

    rule: Rule
    enabled: bool
    parameters: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Difference:
    """One flag as today's rules see it and as the tried ones would; None: not flagged."""

    period: Period
    today: Flag | None
    tried: Flag | None

    @property
    def either(self) -> Flag:
        """The flag that there is: of the tried rules where both are."""
        flag = self.tried or self.today
        if flag is None:
            raise ValueError("a difference is of at least one flag")
        return flag
