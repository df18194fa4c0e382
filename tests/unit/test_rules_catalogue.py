"""Every rule declares itself: parameters that exist, and words for each."""

import pytest

from reports.explained import parameter
from rules.catalogue import RULES
from schemas.flags import Matter, Rule
from schemas.settings import Rules
from schemas.texts import say, under

each = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


@each
def test_a_rule_has_a_switch_words_and_parameters_with_an_origin(rule: Rule) -> None:
    assert getattr(Rules(), rule.name.replace("-", "_")).enabled
    assert {"title", "sentence", "formula"} <= set(under(f"flag.{rule.name}"))
    for name in rule.parameters:
        told = parameter(name, Rules().value(name))
        assert f"rules.{name}; {say(f'parameter.{name}.origin')}" in told
        assert say("explain.set") in parameter(name, "khác")


def test_only_money_makes_letters() -> None:
    beside = {rule.name for rule in RULES if rule.matter is not Matter.MONEY}
    assert beside == {
        "estimate-implausible",
        "milestone-overdue",
        "adjustment-pending",
        "promise-broken",
        "recovered",
    }


def test_the_catalogue_is_complete() -> None:
    assert {rule.name for rule in RULES} == set(under("flag"))
