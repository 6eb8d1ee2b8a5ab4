"""What the language model read in a text: the request for a head, and what is asked. Decoded from the face head."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from facegpt.language.accepted_emotions import likeliest_emotion
from facegpt.language.head_request import MILLIMETRE_KINDS, HeadRequest, MillimetreGoal
from facegpt.language.numbers import NumberSpan
from facegpt.language.reading.attribute_network import CHANGED_FROM, joined_attributes
from facegpt.language.reading.changes import Changes
from facegpt.language.reading.feelings import is_doubted, joined_feelings
from facegpt.language.reading.movements import Moved
from facegpt.language.targets import ASKABLE, ATTRIBUTES, CLASSES, EMOTIONS, MEASURES_SPOKEN, typical_mm
from facegpt.types import Array

if TYPE_CHECKING:
    from facegpt.language.model.face_head import FaceHeadOutput

#: SDs: what "not big" means, and how far a degree said in words can be off at least.
_RULED_OUT_MEAN, _RULED_OUT_SPREAD = 0.6, 0.5
_AVERAGE_SPREAD, _LEAST_SPREAD, _MOST_SPREAD = 0.3, 0.2, 0.8
_SMALLEST_DEGREE, _LARGEST_DEGREE = 0.4, 3.0
#: Probabilities that an attribute is named, and the share of its degree that is then shown: a doubtful one errs little.
_DOUBT, _DOUBTED_SHARE = (0.05, 0.2), (0.5, 1.0)
_LOW, _HIGH = CLASSES.index("low"), CLASSES.index("high")
#: Probability of both sides of an attribute from which the words ask for both.
_BOTH_SIDES = 0.2
#: Two attributes that are compared have degrees of about .75 that are known well; one whose sides are nearer than this
#: (log odds) may change its side. Chosen on held-out comparisons (docs/language-data.md).
_COMPARED_DEGREE, _COMPARED_SPREAD, _SURE_OF_A_SIDE = 1.1, 0.4, 2.0
_YOUNGEST, _OLDEST = 1.0, 100.0
#: Probability from which a number is the age, and what the network's years must be apart to go beyond it ("pushing
#: seventy", "about fifty").
_IS_THE_AGE, _RANGE_OF_YEARS = 0.5, 4.0
#: Probability of any emotion below which words are taken for none, and below which one of them must be this likely.
#: Of held-out sentences that name or cause an emotion 5 of 150 are below; of 37 vague wishes ("make it pop") 14 of 17
#: that were read as an emotion are.
_FELT, _SURELY_FELT, _ONE_FEELING = 0.97, 0.998, 0.45
#: The same of what is only doubted, which another network may bear out (strengths_network.BORNE_OUT).
_LIKELY_FELT = 0.9
#: A number is about several measures ("both lips 1 mm thicker") only if their log odds are as near as this.
_AS_MUCH_MEANT = 2.0
_PLAUSIBLE_MM = (0.0, 1000.0)
#: Probability from which a number is a face's measure whatever words of hair stand near it ("ear length 66 mm"): of
#: numbers that are lengths of hair none of 47 had it, of others four fifths.
_SURELY_MEASURED = 0.95


@dataclass(frozen=True)
class Reading:
    """What was read in the last turn of a conversation.

    Attributes:
        request: for the head that is made or changed.
        asks: names (targets.ASKABLE) that the answer to a question must speak of, the surest first.
        ask_probability: of every name of ASKABLE.
        tells_face: gives `face_probability`. face_from: the calibrated threshold of it.
        decline: whether a part of the question asks what a face cannot show.
        emotion_probability: that the text speaks of any emotion. doubted_emotion: the likeliest one where it is not
            sure enough for the request, "" where there is none.
        intensity: 0..1 of the emotion, 0 where there is none.
        attribute_probability: (K,) that each attribute is named.
        measured: mm that the words give and that surely are about measures of the face.
        torn: attributes that the words ask for on both sides ("a fat, very thin woman").
        tells_states: gives `states`; None where there are none.
        spans: first character of each token of the text, and the one after its last; () where words were left out.
    """

    request: HeadRequest
    asks: tuple[str, ...] = ()
    ask_probability: dict[str, float] = field(default_factory=dict)
    tells_face: Callable[[], float] = float
    face_from: float = 1.0
    decline: bool = False
    emotion_probability: float = 0.0
    doubted_emotion: str = ""
    intensity: float = 0.0
    attribute_probability: Array = field(default_factory=lambda: np.zeros(len(ATTRIBUTES)))
    measured: frozenset[float] = frozenset()
    torn: tuple[str, ...] = ()
    tells_states: Callable[[], Array] | None = None
    spans: tuple[tuple[int, int], ...] = ()

    @cached_property
    def face_probability(self) -> float:
        """That the answer should have a face; made when first asked for."""
        return self.tells_face()

    @property
    def wants_face(self) -> bool:
        """Whether that is above the calibrated threshold."""
        return self.face_probability >= self.face_from

    @cached_property
    def states(self) -> Array | None:
        """(tokens, layers, D) hidden states of the text's tokens and of the template behind it.

        For small networks of language/dialogue; made when first asked for. None where the model is another than they
        learnt from, or a face came with the text.
        """
        return None if self.tells_states is None else self.tells_states()


def decode_reading(
    out: FaceHeadOutput,
    row: int,
    numbers: Sequence[NumberSpan],
    thresholds: Mapping[str, float],
    is_edit: bool,
    tells_face: Callable[[], float],
    numbers_before: int = 0,
    feelings: Array | None = None,
    changes: Changes | None = None,
) -> Reading:
    """The Reading that the logits of one text give.

    Args:
        out: of the face head.
        row: which text of the batch.
        numbers: of this text, in order.
        thresholds: probabilities from which something counts as said (config.THRESHOLDS).
        is_edit: whether the attributes are changes.
        tells_face: gives the probability of the answer having a face.
        numbers_before: how many numbers the texts before it in the batch have.
        feelings: (E,) log-probabilities of EMOTIONS by the reader of feelings, which joins the head; None without it.
        changes: what a small network says of a turn that changes a head, which joins the head.
    """
    changes = changes or Changes()
    classes, size = _softmax(_numpy(out.attribute_class[row])), _numpy(out.attribute_size[row])
    named_from = thresholds["changed" if is_edit else "named"]
    if changes.asked is not None:
        classes, size = joined_attributes(classes, size, changes.asked, changes.spoken_of)
        named_from = CHANGED_FROM
    mean, spread = attribute_request(classes, size, _numpy(out.attribute_spread[row]), named_from, is_edit)
    weights, units = _moved(out, row).shown(thresholds["unit"])
    felt = np.exp(joined_feelings(_numpy(out.emotion[row].log_softmax(0)), feelings))
    moves = bool((units & (weights > 0)).any())
    emotion, intensity = _emotion(felt, _numpy(out.intensity[row]), thresholds["emotion"], moves)
    man = _softmax(_numpy(out.sex[row]))
    asks = _sigmoid(_numpy(out.asks[row]))
    request = HeadRequest(
        attribute_mean=_of_all(mean, 0.0),
        attribute_spread=_of_all(spread, 0.0 if is_edit else 1.0),
        man=float(man[2] / (man[0] + man[2])) if 1 - man[1] >= thresholds["sex"] else 0.5,
        age_years=_age(out, row, numbers, numbers_before, thresholds["age"]),
        expression=weights,
        expression_named=units,
        emotion=emotion,
        intensity=intensity,
        millimetres=tuple(_millimetres(out, numbers, numbers_before, thresholds["number"])),
        is_edit=is_edit,
        keeps=is_edit and bool(_sigmoid(_numpy(out.keep[row])) >= thresholds["keep"]),
    )
    order = np.argsort(-asks)
    return Reading(
        request,
        asks=tuple(ASKABLE[k] for k in order if asks[k] >= thresholds["ask"]),
        ask_probability=dict(zip(ASKABLE, map(float, asks), strict=True)),
        tells_face=tells_face,
        face_from=thresholds["face"],
        decline=bool(_sigmoid(_numpy(out.decline[row])) >= thresholds["decline"]),
        emotion_probability=float(1 - felt[0]),
        doubted_emotion=_doubted(felt) if not emotion else "",
        intensity=intensity,
        measured=_surely_measured(out, numbers, numbers_before),
        torn=_torn(classes),
        attribute_probability=_of_all(1 - classes[:, 0], 0.0),
    )


def feelings_doubted(out: FaceHeadOutput, thresholds: Mapping[str, float]) -> bool:
    """Whether the reader of feelings has a say in the only text of a batch; arguments as of `decode_reading`."""
    weights, units = _moved(out, 0).shown(thresholds["unit"])
    return is_doubted(_numpy(out.emotion[0].log_softmax(0)), bool((units & (weights > 0)).any()))


def _moved(out: FaceHeadOutput, row: int) -> Moved:
    return Moved(*(_numpy(each[row]) for each in (out.gate, out.at_rest, out.weight)))


def _of_all(of_network: Array, others: float) -> Array:
    """(K,) from what the network says of the attributes that it knows; of all others the same."""
    return np.concatenate([of_network, np.full(len(ATTRIBUTES) - len(of_network), others)])


def attribute_request(
    probability: Array, size: Array, log_spread: Array, named_from: float, is_edit: bool
) -> tuple[Array, Array]:
    """Mean (K,) and spread (K,) in SDs.

    What is named takes its likeliest side and degree. What is open is the prior's N(0, 1), or no change in an edit.

    Args:
        probability: (K, classes).
        size: (K,) degrees, SDs.
        log_spread: (K,) how far each may be off, log SDs.
        named_from: the probability from which an attribute is named.
        is_edit: whether the degrees are changes.
    """
    named = 1 - probability[:, 0] >= named_from
    side = probability[:, 1:].argmax(1) + 1 if is_edit else opposed(probability, size, log_spread, named)
    degree = np.clip(size, _SMALLEST_DEGREE, _LARGEST_DEGREE)
    degree = degree * np.interp(1 - probability[:, 0], _DOUBT, _DOUBTED_SHARE)
    sure = np.clip(np.exp(log_spread), _LEAST_SPREAD, _MOST_SPREAD)
    means = np.stack(
        [0 * degree, -degree, 0 * degree, degree, 0 * degree - _RULED_OUT_MEAN, 0 * degree + _RULED_OUT_MEAN]
    )
    spreads = np.stack([np.ones_like(degree), sure, np.full_like(degree, _AVERAGE_SPREAD), sure])
    spreads = np.concatenate([spreads, np.full((len(CLASSES) - 4, len(degree)), _RULED_OUT_SPREAD)])
    every = np.arange(len(degree))
    mean = np.where(named, means[side, every], 0.0)
    spread = np.where(named, spreads[side, every], 1.0)
    if is_edit:  # "not bigger" asks for no change
        mean = np.where(side >= 4, 0.0, mean)
        spread = np.zeros_like(spread)
    return mean, spread


def opposed(probability: Array, size: Array, log_spread: Array, named: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The likeliest side (K,) of each attribute, as places in CLASSES, where those of a comparison are told together.

    "Less forehead than chin" puts the two on opposite sides, by about as much; each told alone, both may come out low.
    Of two that look so and came out alike, the one that is less sure of it changes its side, if it is not sure.

    Args:
        probability: (K, classes).
        size: (K,) degrees, SDs.
        log_spread: (K,) how far each may be off, log SDs.
        named: (K,) which are named.
    """
    side = probability[:, 1:].argmax(1) + 1
    like = (size <= _COMPARED_DEGREE) & (log_spread <= np.log(_COMPARED_SPREAD))
    pair = np.flatnonzero(named & ((side == _LOW) | (side == _HIGH)) & like)
    if len(pair) != 2 or side[pair[0]] != side[pair[1]]:
        return side
    mine = side[pair[0]]
    other = _LOW + _HIGH - mine
    surely = np.log((probability[pair, mine] + 1e-9) / (probability[pair, other] + 1e-9))
    if surely.min() < _SURE_OF_A_SIDE:
        side[pair[surely.argmin()]] = other
    return side


def _torn(probability: Array) -> tuple[str, ...]:
    """The attributes of which both sides are about as likely, from probabilities (K, classes)."""
    sides = probability[:, [_LOW, _HIGH]]
    return tuple(ATTRIBUTES[k] for k in np.flatnonzero(sides.min(1) > _BOTH_SIDES))


def _emotion(probability: Array, intensity: Array, said_from: float, moves: bool) -> tuple[str, float]:
    """The emotion that words name surely, or that movements which they name as well bear out, and its strength."""
    anything = 1 - probability[0]
    sure = anything >= _FELT and (anything >= _SURELY_FELT or probability[1:].max() >= _ONE_FEELING)
    if anything < said_from or not (sure or moves):
        return "", 0.0
    name = EMOTIONS[likeliest_emotion(probability)]
    return name, 0.0 if name == "neutral" else float(_sigmoid(intensity))


def _doubted(probability: Array) -> str:
    """The likeliest emotion of words that likely name or cause one, "" where they don't."""
    return EMOTIONS[likeliest_emotion(probability)] if 1 - probability[0] >= _LIKELY_FELT else ""


def _age(
    out: FaceHeadOutput, row: int, numbers: Sequence[NumberSpan], before: int, said_from: float
) -> tuple[float, float] | None:
    """The years that the network reads, about the number that it takes for them."""
    logits = _numpy(out.age[row])
    years = _years_written(out, numbers, before)
    if _sigmoid(logits[0]) < said_from and years is None:
        return None
    low, high = np.clip(np.sort(logits[1:3] * 100.0), _YOUNGEST, _OLDEST)
    if years is None:
        return float(low), float(high)
    if high - low < _RANGE_OF_YEARS:
        return years, years
    return min(years, float(round(low))), max(years, float(round(high)))


def _years_written(out: FaceHeadOutput, numbers: Sequence[NumberSpan], before: int) -> float | None:
    """The number that is likeliest the age; None where none is."""
    asked = _sigmoid(_numpy(out.number_years[before : before + len(numbers)]))
    found = [
        (float(p), number.value)
        for p, number in zip(asked, numbers, strict=True)
        if p >= _IS_THE_AGE and number.unit in ("", "years") and _YOUNGEST <= number.value <= _OLDEST
    ]
    return max(found)[1] if found else None


def _millimetres(
    out: FaceHeadOutput, numbers: Sequence[NumberSpan], before: int, asked_from: float
) -> list[MillimetreGoal]:
    """Join what the network says of each number (measures, kind, sign) with its amount as the text gives it."""
    goals = []
    for k, number in enumerate(numbers):
        if number.unit == "years":
            continue
        logits = _numpy(out.number_measure[before + k])
        about = np.where(logits >= logits.max() - _AS_MUCH_MEANT, _sigmoid(logits), 0.0)
        kind = _kind(_numpy(out.number_kind[before + k]), number)
        positive = float(out.number_sign[before + k]) > 0
        for measure in np.flatnonzero(about >= asked_from):
            typical = 0.0 if kind in ("change", "percent") else typical_mm(MEASURES_SPOKEN[measure])
            amount = number.amount_for(typical, kind == "percent")
            if not _PLAUSIBLE_MM[0] < amount < _PLAUSIBLE_MM[1]:
                continue
            less = kind in ("change", "percent") and (number.sign < 0 or (number.sign == 0 and not positive))
            goals.append(MillimetreGoal(MEASURES_SPOKEN[measure], kind, -amount if less else amount))
    return goals


def _surely_measured(out: FaceHeadOutput, numbers: Sequence[NumberSpan], before: int) -> frozenset[float]:
    about = _sigmoid(_numpy(out.number_measure[before : before + len(numbers)])).max(1, initial=0.0)
    surely = zip(about >= _SURELY_MEASURED, numbers, strict=True)
    return frozenset(round(abs(number.value), 3) for sure, number in surely if sure and number.unit == "mm")


def _kind(logits: Array, number: NumberSpan) -> str:
    """Pick the likeliest kind that the number's unit allows: a percent sign is always a share."""
    logits = logits.copy()
    percent = MILLIMETRE_KINDS.index("percent")
    if number.unit == "percent":
        return "percent"
    if number.unit == "mm":
        logits[percent] = -np.inf
    return MILLIMETRE_KINDS[int(logits.argmax())]


def _numpy(tensor: object) -> Array:
    return tensor.detach().float().cpu().numpy()  # type: ignore[attr-defined]


def _sigmoid(x: Array) -> Array:
    return 1.0 / (1.0 + np.exp(-np.clip(x, -60.0, 60.0)))


def _softmax(x: Array) -> Array:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)
