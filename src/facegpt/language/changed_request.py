"""A request for a head with some of its traits or movements put otherwise."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.head_request import HeadRequest
from facegpt.language.targets import ATTRIBUTES


def no_change() -> HeadRequest:
    """A change that asks for nothing yet."""
    return HeadRequest(np.zeros(len(ATTRIBUTES)), np.zeros(len(ATTRIBUTES)), is_edit=True)


def with_traits(request: HeadRequest, degrees: Mapping[str, float], spread: float) -> HeadRequest:
    """A request with degrees (SDs) of some attributes; spread: how open each is in a new head, SDs."""
    means, spreads = np.array(request.attribute_mean, float), np.array(request.attribute_spread, float)
    for name, degree in degrees.items():
        row = ATTRIBUTES.index(name)
        means[row], spreads[row] = degree, 0.0 if request.is_edit else spread
    return replace(request, attribute_mean=means, attribute_spread=spreads)


def left_open(request: HeadRequest, names: Collection[str]) -> HeadRequest:
    """A request that says nothing of some attributes: they are as people are, or, in an edit, as they were."""
    return with_traits(request, dict.fromkeys(names, 0.0), 1.0)


def with_units(request: HeadRequest, weights: Mapping[str, float]) -> HeadRequest:
    """A request with the weights 0..1 of some movements, by ARKit's names."""
    all_weights, named = np.array(request.expression, float), np.array(request.expression_named, bool)
    for name, weight in weights.items():
        all_weights[ARKIT_NAMES.index(name)], named[ARKIT_NAMES.index(name)] = weight, True
    return replace(request, expression=all_weights, expression_named=named)


def scaled(request: HeadRequest, factor: float, of_expression: float | None = None) -> HeadRequest:
    """The same change again, weaker or stronger; millimetres likewise, expressions by a factor of their own."""
    goals = tuple(
        replace(goal, amount=goal.amount * factor) for goal in request.millimetres if goal.kind in ("change", "percent")
    )
    grown = (1.4 if factor >= 1 else 0.5) if of_expression is None else of_expression
    return replace(
        request,
        attribute_mean=np.asarray(request.attribute_mean) * factor,
        expression=np.clip(np.asarray(request.expression) * grown, 0, 1),
        intensity=float(np.clip(request.intensity * grown, 0.15, 1)),
        millimetres=goals,
        age_years=None,
        man=0.5,
        is_edit=True,
    )


def for_another(request: HeadRequest, share: float) -> HeadRequest:
    """A share of a change for somebody else, who gets its lengths, age and sex all the same."""
    same = {name: getattr(request, name) for name in ("millimetres", "age_years", "man")}
    return replace(scaled(request, share), **same)
