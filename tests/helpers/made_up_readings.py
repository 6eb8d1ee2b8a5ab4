"""Made-up readings and a decoder that does what it is told, for the tests of FaceGPT-Bench's scoring."""

from __future__ import annotations

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.targets import ATTRIBUTES
from facegpt.morphable.measure import MEASURES
from facegpt_lab.evaluate.judges.score_labels import Case, Population, Shown, score
from facegpt_lab.evaluate.protocols.words.text_system import Heads, Scored
from facegpt_lab.synthesis.texts.corpus import Record

MM = dict.fromkeys(MEASURES, 30.0)
PEOPLE = Population(np.zeros(62), np.ones(62), np.zeros(62), MM, dict.fromkeys(MEASURES, 2.0))


def shown(z: dict | None = None, expression: dict | None = None, mm: dict | None = None, age: float = 40) -> Shown:
    readings, weights = np.zeros(len(ATTRIBUTES)), np.zeros(len(ARKIT_NAMES))
    for name, value in (z or {}).items():
        readings[ATTRIBUTES.index(name)] = value
    for name, value in (expression or {}).items():
        weights[ARKIT_NAMES.index(name)] = value
    return Shown(readings, weights, MM | (mm or {}), age)


def record(labels: dict, words: str = "…", task: str = "imagine", category: str = "explicit_attribute") -> Record:
    return Record("x", words, task, category, "plain", labels)


def scored(labels: dict, *heads: Shown) -> Scored:
    return Scored(record(labels), [score(Case(labels, head, PEOPLE)) for head in heads])


def obedient_heads(head) -> Heads:
    from stand_in_words import imagine as person

    def imagine(model, request, seed):
        params = person(model, request, seed)
        noise = np.random.default_rng(seed).standard_normal(len(ATTRIBUTES)) * request.attribute_spread
        man = request.man if request.man in (0.0, 1.0) else seed % 2
        READ[id(params.identity)] = request.attribute_mean + noise
        READ[id(params.identity)][ATTRIBUTES.index("masculinity")] = 2 * man - 1
        KEPT.append(params)
        return params

    def change(model, params, request, seed):
        weights = np.where(request.expression_named, request.expression, params.expression)
        changed = params.replace(expression=weights, identity=params.identity.copy())
        READ[id(changed.identity)] = READ[id(params.identity)] + request.attribute_mean
        KEPT.append(changed)
        return changed

    return Heads(head, imagine, change, lambda model, params: READ[id(params.identity)], lambda model, params: None)


READ: dict[int, np.ndarray] = {}
KEPT: list = []
