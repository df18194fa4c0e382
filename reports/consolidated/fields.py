"""Declares the fields that the template of the consolidated report may use;
docs/mau-bao-cao.vi.md explains each."""

from reports.letters.fields import Kind

TABLES = (
    "silent", "units", "sources", "months", "low", "reasons", "it", "it-troubles", "strategy",
    "strategy-troubles", "adjustments", "balances",
)  # fmt: skip
"""The tables that have a number, in their order; `_` stands for `-` in a field's name."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORK = "group number code name"
_TROUBLES = _names(f"{_WORK} difficulty solution")
_PARAGRAPHS = (
    "reporting", "overall", "by_unit", "by_source", "by_month", "low_said", "it_said",
    "strategy_said", "adjusting_said", "proposals", "parameters",
)  # fmt: skip

CONSOLIDATED = Kind(
    "bao-cao-tong-hop.docx",
    _names(
        "superior body body_caps finance place date number symbol year period last_day "
        "addressee leader signer kept span chart_alt total_budget total_disbursed "
        "total_rate total_last_month total_last_year total_estimate"
    )
    | {f"table_{name.replace('-', '_')}" for name in TABLES},
    {
        **dict.fromkeys(("addressees",), _names("text")),
        **dict.fromkeys(("grounds", "signature", "recipients", *_PARAGRAPHS), frozenset()),
        "silent": _names("number name state budget"),
        "units": _names("number name budget disbursed rate last_month last_year"),
        "sources": _names("number name basis budget disbursed rate last_month"),
        "months": _names("month units disbursed within rate expected gap last_year"),
        "low": _names(
            f"{_WORK} budget disbursed rate expected shortfall warning difficulty solution"
        ),
        "it": _names(f"{_WORK} product acceptance handover settlement value"),
        "it_troubles": _TROUBLES,
        "strategy": _names(f"{_WORK} product due completion legal workshops"),
        "strategy_troubles": _TROUBLES,
        "adjustments": _names(f"{_WORK} source budget rate amount doubt"),
        "balances": _names("number name given asked left bold"),
        "activities": _names(f"{_WORK} source budget disbursed rate estimate proposal"),
        "flags": _names("group number name warning severity said rule"),
    },
)
