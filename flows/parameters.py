"""The types that the flows' parameters share; what each means is in the flows' docstrings, which
Prefect shows beside the fields of its form."""

from typing import Annotated

from pydantic import Field

from schemas.period import PATTERN

PeriodText = Annotated[str, Field(pattern=f"^({PATTERN})?$")]
"""A period as a person types it, `YYYY-MM`, or nothing: a plain field in Prefect's form."""
