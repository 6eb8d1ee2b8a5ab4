"""What the grammar of a sentence settles, by rule: denials, comparisons, sides, strength, "keep the rest".

The network and the n-gram classifier weigh words; scope and comparison are matters of grammar that a few rules get
right where they apply. `read_grammar` finds what the rules are sure of, `overrule` lets it take precedence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.emotion_units import NEUTRAL
from facegpt.language.head_request import HeadRequest
from facegpt.language.patterns import joined, regex
from facegpt.language.reading.expression_rules.feelings import settled_emotion
from facegpt.language.reading.expression_rules.sides import MOVEMENTS, Sided, find_sides
from facegpt.language.reading.expression_rules.strength import intensity_of, intensity_of_words, strength_of
from facegpt.language.reading.expression_rules.units import find_units
from facegpt.language.reading.ngrams.ages import find_age
from facegpt.language.reading.ngrams.classifier import K, load_ngram_classifier
from facegpt.language.reading.ngrams.word_tables import feelings_of
from facegpt.language.reading.normalise import normalised
from facegpt.language.reading.rules.averages import find_averages
from facegpt.language.reading.rules.comparisons import Compared, find_comparisons
from facegpt.language.reading.rules.complaints import find_complaints
from facegpt.language.reading.rules.denials import Denied, find_denials
from facegpt.language.reading.rules.keeps import keeps_the_rest, kept_attributes
from facegpt.language.reading.rules.measures import corrected, with_bounds
from facegpt.language.reading.rules.phrases import clauses, parts_in
from facegpt.language.reading.rules.repairs import find_asked, find_named, find_repairs
from facegpt.language.reading.rules.sex_rules import probability_of_man
from facegpt.language.reading.text_reading import Reading
from facegpt.language.targets import ATTRIBUTES, PLAIN_INTENSITY

#: What a denial leaves: mean and spread, SDs; of a litotes and of an explicit average.
RULED_OUT, RULED_OUT_SPREAD, OPPOSITE_SPREAD, AVERAGE_SPREAD = 0.7, 0.5, 0.25, 0.3
#: Log odds from which the rest of a text says a trait as well.
_STATED = -0.5
#: A weight below this beside a plain one-sided movement is not meant.
_ECHO = 0.45
#: A change in SDs below which a reading counts as faint.
_FAINT = 0.95
#: Characters of a text that the rules look at: in a long one, scope across sentences is not for them.
LONGEST_TEXT = 4000
_PEOPLE = joined(r"""
    (?:wom[ae]n|m[ae]n|girl|boy|lady|bloke|guy|male|female|gentleman|brother|sister|king|queen|prince|princess|mother|
    father|actress|actor|bride|dad|mum|mom|son|daughter)
""")
#: Words by which somebody looks another age than they are.
_OTHER_AGE = regex(r"""
    \b(?:look\w*|younger|older|boyish|girlish|youthful|baby[- ]?fac\w+|face of|pass(?:es)? for|
    years? (?:on|off|younger|older)|preserved|(?:aged|ages|ageing|aging) |spring chicken|kind to|haggard|worn|
    weather\w*|fresh-faced|for (?:his|her|their|a) (?:age|years|\d\d)|(?:his|her|their) age|does not show|life has|
    more on|reads|drink)
""")
#: Words by which an edit asks for the other sex, or may.
_NEW_SEX = regex(rf"""
    \b(?:as|into|to|be|becomes?|were|is|like|but|now|for|him|her|it|them|this|that) (?:an? |
    the )?(?:[\w-]+ ){{0,2}}?{_PEOPLE}\b(?! (?:again|does|did|has|had|is|was|will|would))|\b{_PEOPLE}[\s-]+version\b|
    \b(?:gender|sex)\b|^\W*(?:an? |the )?(?!same)(?:\w+ )?{_PEOPLE}(?= instead|\s*[.,;:!?]|\s*$)|\b(?:sister|brother)\b|
    \b(?:he|she)[\s-]+(?:instead|version)
""")
_MOVES = re.compile(
    r"\b(?:smil|grin|smirk|frown|scowl|laugh|cry|sob|wink|squint|pout|sneer|snarl|beam|star)\w*|\bteary\b"
)
_FAINT_SMILE = regex(r"""
    \b(?:barely|hardly|scarcely|almost|not quite) (?:\w+ )?smil\w+|
    \b(?:ghost|hint|trace|shadow|suggestion|beginnings?) of a (?:smile|grin|smirk)|
    \b(?:faint|slight|tiny|small|thin|little|half)(?:est)? (?:\w+ )?(?:smile|grin|smirk)
""")
_BIG_SMILE = regex(r"""
    \b(?:huge|enormous|massive|giant|big|broad|wide|ear to ear|beaming|toothy|cheshire)\b (?:\w+ ){0,2}(?:smile|grin)|
    \b(?:smil|grinn?)\w* (?:\w+ )?(?:broadly|widely|from ear to ear|ear to ear|like (?:a|the) cheshire)
""")


@dataclass(frozen=True)
class RuleReading:
    """What the rules found.

    Attributes:
        denials, comparisons, sides: see their modules.
        looks: the text without what is denied, for the n-gram classifier; the text itself where nothing is.
        stated: attribute → signed degree that the rest of the text states; only where something is denied or compared.
        intensity: of the feeling, 0..1, where words say it.
        strengths: stem of a blendshape → weight 0..1, where adverbs say it of a movement of both sides.
        units: blendshape → weight 0..1 of movements named exactly or put to rest.
        text: what was said. feels: whether a word of feeling is in it.
        keeps: whether the words say that the rest stays.
        kept: attributes of parts that stay by name ("keep the brow where it is").
        complaints: attribute → signed change that puts right what an edit complains of ("the chin is too small").
        asked: attribute → side that one clause of an edit asks for by itself.
        named: attributes that the clauses of an edit name by their wordings.
        other_age: whether somebody looks younger or older than the years that are given.
        new_sex, new_age: whether an edit may change the sex or the years; "his" alone asks for neither.
    """

    denials: tuple[Denied, ...] = ()
    comparisons: tuple[Compared, ...] = ()
    sides: Sided = field(default_factory=Sided)
    looks: str = ""
    stated: dict[str, float] = field(default_factory=dict)
    intensity: float | None = None
    strengths: dict[str, float] = field(default_factory=dict)
    units: dict[str, float] = field(default_factory=dict)
    text: str = ""
    feels: bool = False
    keeps: bool = False
    kept: tuple[str, ...] = ()
    complaints: dict[str, float] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    named: frozenset[str] = frozenset()
    other_age: bool = True
    new_sex: bool = True
    new_age: bool = True


def read_grammar(text: str, is_edit: bool = False) -> RuleReading:
    """Find what the rules are sure of in one text."""
    if len(text) > LONGEST_TEXT:
        return RuleReading(looks=text, text=text)
    words = normalised(text)
    denials = () if is_edit else (*find_denials(words), *find_averages(words))
    comparisons = tuple(find_comparisons(words))
    denied = [(each.start, each.end) for each in denials]
    rest = _without(words, [*denied, *((each.start, each.end) for each in comparisons)])
    unsaid = _without(words, denied)
    return RuleReading(
        denials,
        comparisons,
        find_sides(words),
        looks=unsaid if denials else text,
        stated=_stated(rest) if denials or comparisons else {},
        intensity=_intensity(words),
        strengths=_strengths(words),
        units=find_units(words),
        text=text,
        feels=any(feelings_of(word) for word in re.findall(r"[a-z]+", words)),
        keeps=is_edit and keeps_the_rest(words),
        kept=kept_attributes(words) if is_edit else (),
        complaints=find_complaints(words) | find_repairs(words) if is_edit else {},
        asked=find_asked(words) if is_edit else {},
        named=find_named(words) if is_edit else frozenset(),
        other_age=bool(_OTHER_AGE.search(words)),
        new_sex=not is_edit or bool(_NEW_SEX.search(words)),
        new_age=not is_edit or find_age(text) is not None,
    )


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    """Blank out parts of a text."""
    for start, end in spans:
        text = text[:start] + "," + " " * max(end - start - 1, 0) + text[end:]
    return text


def _stated(text: str) -> dict[str, float]:
    """The attributes that a text states by its wordings: name → signed degree."""
    evidence = load_ngram_classifier().read(text)
    odds = np.maximum(evidence.high, evidence.low)
    side = np.where(evidence.high >= evidence.low, 1.0, -1.0)
    return {ATTRIBUTES[k]: float(side[k] * evidence.degree[k]) for k in range(K) if odds[k] > _STATED}


def _intensity(text: str) -> float | None:
    """Find the strength of the feeling in the clauses that speak of it."""
    about = [text[a:b] for a, b in clauses(text)]
    felt = [c for c in about if _MOVES.search(c) or any(feelings_of(w) for w in re.findall(r"[a-z]+", c))]
    strengths = [intensity_of_words(c) if _is_about_shape(c) else intensity_of(c) for c in felt]
    said = [found for found in strengths if found is not None]
    if said:
        return max(said, key=lambda found: abs(found - 0.7))
    return None if parts_in(text) else intensity_of(text)


def _is_about_shape(clause: str) -> bool:
    """Whether a clause is about looks ("a huge nose and sad eyes"), not about a feeling alone."""
    return bool(parts_in(clause)) and not _MOVES.search(clause)


def _strengths(text: str) -> dict[str, float]:
    """Find how strong the movements of both sides are where adverbs say it."""
    found: dict[str, float] = {}
    if _FAINT_SMILE.search(text):
        found["mouthSmile"] = 0.35
    elif _BIG_SMILE.search(text):
        found["mouthSmile"] = 1.0
    for start, end in clauses(text):
        clause = text[start:end]
        if re.search(r"\b(?:left|right|one|other|not|no|without)\b", clause):
            continue
        stem, weight = next(((s, w) for s, pattern, w in MOVEMENTS if re.search(pattern, clause)), ("", 0.0))
        strong = strength_of(clause, weight)
        if stem and strong != weight:
            found.setdefault(stem, strong)
    return found


# Precedence over what was read by weight


def overrule(reading: Reading, said: RuleReading) -> Reading:
    """Let the rules take precedence where they are sure."""
    request = reading.request
    request = _overruled_looks(request, said)
    request = _overruled_movements(request, said)
    if request.is_edit:
        request = _overruled_person(request, said)
    else:
        man, numbers = probability_of_man(request, normalised(said.text)), with_bounds(said.text, request.millimetres)
        request = replace(request, man=man, millimetres=numbers)
    if request.emotion not in ("", NEUTRAL):
        read = request.intensity if reading.request.emotion not in ("", NEUTRAL) else PLAIN_INTENSITY
        request = replace(request, intensity=read if said.intensity is None else said.intensity)
    return replace(reading, request=request, intensity=request.intensity if request.emotion else 0.0)


def _overruled_looks(request: HeadRequest, said: RuleReading) -> HeadRequest:
    mean, spread = np.array(request.attribute_mean, float), np.array(request.attribute_spread, float)
    for denied in said.denials:
        k = ATTRIBUTES.index(denied.attribute)
        stated = said.stated.get(denied.attribute, 0.0)
        if stated * denied.side < 0:  # "not short, it is long"
            mean[k], spread[k] = (mean[k], spread[k]) if mean[k] * stated > 0 else (stated, OPPOSITE_SPREAD)
        elif stated * denied.side > 0 and not denied.degree:  # both are said: the network may know better
            continue
        elif denied.side == 0:
            mean[k], spread[k] = 0.0, AVERAGE_SPREAD
        elif denied.degree:
            mean[k], spread[k] = denied.degree, OPPOSITE_SPREAD
        else:
            mean[k], spread[k] = -denied.side * RULED_OUT, RULED_OUT_SPREAD
    if request.age_years is not None and not request.is_edit and not said.other_age:  # the years say it
        mean[ATTRIBUTES.index("age")], spread[ATTRIBUTES.index("age")] = 0.0, 1.0
    pairs = []
    for each in said.comparisons:
        pairs.append((each.more, each.less))
        for name, side in ((each.more, 1), (each.less, -1)):
            k = ATTRIBUTES.index(name)
            if mean[k] * side < 0 and said.stated.get(name, 0.0) * side >= 0:
                mean[k], spread[k] = 0.0, 0.0 if request.is_edit else 1.0
    return replace(request, attribute_mean=mean, attribute_spread=spread, relations=tuple(pairs))


def _overruled_person(request: HeadRequest, said: RuleReading) -> HeadRequest:
    """Put right what an edit complains of; leave sex and years alone where the words only speak of them."""
    mean = np.array(request.attribute_mean, float)
    for name, side in said.asked.items():
        mean[ATTRIBUTES.index(name)] = side * abs(mean[ATTRIBUTES.index(name)])
    for name, change in said.complaints.items():
        k = ATTRIBUTES.index(name)
        mean[k] = mean[k] if mean[k] * change > 0 else change
    years = request.age_years if said.new_age else None
    if years is not None:
        mean[ATTRIBUTES.index("age")] = 0.0  # the years say it
    mean[[ATTRIBUTES.index(name) for name in said.kept]] = 0.0
    if said.keeps:  # a faint reading that no wording bears out is not asked for
        borne = np.isin(ATTRIBUTES, [*said.named, *said.complaints, *said.asked])
        faint = ~borne & (np.abs(mean) < _FAINT)
        other = bool(np.any(mean[~faint])) or bool(request.millimetres) or bool(np.any(request.expression_named))
        mean = np.where(faint, 0.0, mean) if other else mean
    man = request.man if said.new_sex else 0.5
    numbers = corrected(said.text, request.millimetres)
    return replace(request, attribute_mean=mean, age_years=years, man=man, keeps=said.keeps, millimetres=numbers)


def _overruled_movements(request: HeadRequest, said: RuleReading) -> HeadRequest:
    weights, named = np.array(request.expression, float), np.array(request.expression_named, bool)
    for stem, weight in said.strengths.items():
        for k, name in enumerate(ARKIT_NAMES):
            if name in (stem, stem + "Left", stem + "Right") and (named[k] or stem == "mouthSmile"):
                weights[k], named[k] = weight, True
    for name, weight in (said.sides.weights | said.units).items():
        if name in ARKIT_NAMES:
            weights[ARKIT_NAMES.index(name)], named[ARKIT_NAMES.index(name)] = weight, True
    emotion = settled_emotion(said.text, request.emotion)
    if said.sides.weights and not said.feels:  # what is read faintly beside a plain movement is its echo
        echo = named & (weights < _ECHO) & (weights > 0) & ~np.isin(ARKIT_NAMES, list(said.sides.weights))
        weights, named = np.where(echo, 0.0, weights), named & ~echo
    if said.sides.weights and not said.feels and emotion not in ("", NEUTRAL):
        emotion = ""  # a raised corner is no feeling yet
    return replace(request, expression=weights, expression_named=named, emotion=emotion)
