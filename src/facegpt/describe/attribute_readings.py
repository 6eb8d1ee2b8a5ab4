"""A head read as the attributes of attributes.csv, each in standard deviations of adults.

Shape is measured on the neutral head's surface (shape_gauge.py), never by the model's named controls; skin and iris on
the albedo; hair, brows and beard on the record `Hair`. What has a population (shape, skin) is in its standard
deviations: half women, half men. What has none (hair) is in the steps of LABELS.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from facegpt import assets
from facegpt.describe.hair_readings import HAIR_ATTRIBUTES, read_hair
from facegpt.describe.landmark_measures import LANDMARK_MEASURES, landmark_measures
from facegpt.describe.shape.shape_gauge import PUBLISHED, SIDED_MEASURES, ShapeGauge
from facegpt.language.model.face_reading import FaceReading
from facegpt.language.targets import ATTRIBUTES, NETWORK_ATTRIBUTES
from facegpt.morphable.base import check_model
from facegpt.morphable.makehuman.attributes import ADULT_YEARS, YEARS_PER_SD, child_years
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.morphable.makehuman.local_shapes import shaped, unshaped
from facegpt.morphable.makehuman.skin import skin_read
from facegpt.morphable.measure import MEASURES
from facegpt.runtime.threads import one_thread
from facegpt.types import Array, AssetError, FaceParams

#: Attributes that are read off the albedo, by the same names.
SKIN_ATTRIBUTES = ("skin_lightness", "skin_redness", "freckles", "wrinkles", "iris_lightness")
#: Sums of other readings with these weights, divided by their own standard deviation. Heaviness begins with the prior's
#: axis of weight; a neck is heavy by what it is wider than a man's or woman's.
COMPOSED: dict[str, dict[str, float]] = {
    "nose_size": {"nose_width": 1.0, "nose_length": 1.0, "nose_protrusion": 1.0},
    "eye_size": {"eye_width": 1.0, "eye_height": 1.0},
    "heaviness": {"cheek_fullness": 1.0, "jawline_definition": -0.75, "jaw_squareness": 1.0, "chin_width": 0.5}
    | {"jaw_width": 0.5, "neck_width": 0.75, "masculinity": -0.9},
}
#: Attributes of the shape, in the order of attributes.csv.
SHAPE_ATTRIBUTES = tuple(n for n in ATTRIBUTES if n not in SKIN_ATTRIBUTES and n not in HAIR_ATTRIBUTES)
#: Published measures that no attribute is: an edit holds them as well. Names as in face.measure().
OTHER_MEASURES = tuple(n for n in MEASURES if n not in PUBLISHED.values() and n not in SIDED_MEASURES)
#: What a Gauge reads: attributes of the shape, the other measures, and distances between landmarks.
READINGS = SHAPE_ATTRIBUTES + OTHER_MEASURES + LANDMARK_MEASURES
#: Those of them that CALIBRATION holds, in its order. The others come from the column `points` of the table.
STORED = tuple(n for n in READINGS if n in NETWORK_ATTRIBUTES or n not in SHAPE_ATTRIBUTES)
#: Attributes that have no sign to the left or right: no linear form of the identity can give them.
EVEN = ("asymmetry", "nose_crookedness")
#: File of the calibration, made by lab/runs/decoder; heads that it is not of are calibrated when first read.
CALIBRATION = "attribute_readings.npz"
#: Raise it when what is measured changes.
READINGS_VERSION = 3
#: People by whom the readings are calibrated.
CALIBRATION_PEOPLE, CALIBRATION_SEED, _CHUNK = 1200, 20, 100


@dataclass(frozen=True, eq=False)
class Gauge:
    """Readings of the shape of one head model, S = len(READINGS).

    Attributes:
        model: the head model.
        shape: gives raw values in mm and degrees.
        mean, sd: (S,) of the raw values over adults (of COMPOSED: of the sum of their parts' readings).
        gradient: (S, I) and offset (S,): reading ≈ offset + gradient @ identity, by least squares over adults.
        r_squared: (S,) of that, on people of its own.
    """

    model: MakeHumanHead
    shape: ShapeGauge
    mean: Array
    sd: Array
    gradient: Array
    offset: Array
    r_squared: Array

    def read(self, identity: Array, moved: Array | None = None) -> Array:
        """Read identities (B, I): (B, S) standard deviations of adults. moved: (B, V, 3) mm on their vertices."""
        return (_compose(self.raw(identity, moved), self.mean, self.sd) - self.mean) / self.sd

    def raw(self, identity: Array, moved: Array | None = None) -> Array:
        """Measure identities (B, I), as `read`: (B, S) mm, degrees and ratios; of COMPOSED zeros."""
        return _raw(self.model, self.shape, identity, moved)

    def index(self, name: str) -> int:
        """The place of a name in READINGS."""
        return READINGS.index(name)


def _raw(model: MakeHumanHead, shape: ShapeGauge, identity: Array, moved: Array | None = None) -> Array:
    identity = np.asarray(identity, np.float64)
    rows = []
    for start in range(0, len(identity), _CHUNK):
        some = identity[start : start + _CHUNK]
        vertices = model.neutral_vertices(some)
        if moved is not None:
            vertices = vertices + moved[start : start + _CHUNK]
        values = shape.raw(vertices) | landmark_measures(model, vertices)
        values |= _axes(model, some)
        values |= {name: np.zeros(len(some)) for name in COMPOSED if name not in values}
        rows.append(np.stack([values[name] for name in READINGS], -1))
    return np.concatenate(rows)


def _axes(model: MakeHumanHead, identity: Array) -> dict[str, Array]:
    """Age, masculinity and heaviness of identities (B, I), the linear axes of the prior: SDs of adults.

    A child reads as the adult that it would be, but for its age.
    """
    axes = model.axes
    adults, steps, childlike = axes.adult(identity)
    younger = childlike * (ADULT_YEARS - child_years(steps)) / YEARS_PER_SD
    male = axes.male / np.linalg.norm(axes.male)
    return {"age": adults @ axes.age - younger, "masculinity": adults @ male, "heaviness": adults @ axes.heavy}


def man_probability(model: MakeHumanHead, masculinity: float) -> float:
    """The probability 0..1 that a head of this masculinity (SDs of all adults) is a man's, by Bayes' rule."""
    apart = float(np.linalg.norm(model.axes.male))
    odds = 2 * apart * masculinity / (1 - apart**2)
    return float(1 / (1 + np.exp(-np.clip(odds, -50, 50))))


def _compose(raw: Array, mean: Array, sd: Array) -> Array:
    """Add the readings of their parts to the columns of COMPOSED (B, S)."""
    composed = raw.copy()
    for name, parts in COMPOSED.items():
        columns = [SHAPE_ATTRIBUTES.index(part) for part in parts]
        readings = (raw[:, columns] - mean[columns]) / sd[columns]
        composed[:, SHAPE_ATTRIBUTES.index(name)] += readings @ np.array(list(parts.values()))
    return composed


@lru_cache(maxsize=12)
def gauge_of(model: MakeHumanHead) -> Gauge:
    """The readings of a head model, calibrated by people of its prior; the same object each time.

    Those of a head with local shapes read it with them; the population is that of the model without.
    """
    if (bare := unshaped(model)) is not model:
        return replace(gauge_of(bare), model=model)
    stored = _stored(model)
    shape = ShapeGauge(model)
    return Gauge(model, shape, **(calibrate(model) if stored is None else _with_table(shape, stored)))


def _with_table(shape: ShapeGauge, stored: dict[str, Array]) -> dict[str, Array]:
    """The stored calibration with what the table says how to measure, in the order of READINGS."""
    own = tuple(name for name in READINGS if name not in STORED)
    if own:
        people = shape.model.sample(CALIBRATION_PEOPLE, CALIBRATION_SEED).astype(np.float64)
        raw = shape.of_table(people)
        found = _calibrated(shape.model, people, np.stack([raw[name] for name in own], -1))
        stored = {name: np.concatenate([array, found[name]]) for name, array in stored.items()}
    order = [(*STORED, *own).index(name) for name in READINGS]
    return {name: array[order] for name, array in stored.items()}


def _stored(model: MakeHumanHead) -> dict[str, Array] | None:
    """Load the calibration that comes with the package, if it is of this very head."""
    try:
        arrays = assets.load_arrays(CALIBRATION)
    except AssetError:
        return None
    if str(arrays.pop("head")) != head_signature(model):
        return None
    return {name: array.astype(np.float64) for name, array in arrays.items()}


def head_signature(model: MakeHumanHead) -> str:
    """A sha256 of all of a head that its readings depend on, this version of them included."""
    digest = hashlib.sha256(f"{READINGS_VERSION} {STORED}".encode())
    for name in ("mean_vertices", "identity_basis", "landmark_weights", "male", "age", "heavy", "child"):
        digest.update(np.ascontiguousarray(model.arrays[name]).tobytes())
    return digest.hexdigest()


def calibrate(model: MakeHumanHead) -> dict[str, Array]:
    """Measure people of the prior: the arrays of a Gauge (some seconds)."""
    shape = ShapeGauge(model)
    people = model.sample(CALIBRATION_PEOPLE, CALIBRATION_SEED).astype(np.float64)
    raw = _raw(model, shape, people)
    found = _calibrated(model, people, _compose(raw, raw.mean(0), raw.std(0) + 1e-9))
    for name in ("gradient", "offset"):  # their gradient at the symmetric mean is zero
        found[name][[SHAPE_ATTRIBUTES.index(even) for even in EVEN]] = 0
    return found


def _calibrated(model: MakeHumanHead, people: Array, raw: Array) -> dict[str, Array]:
    """The arrays of a Gauge for raw values (B, S) of people (B, I)."""
    mean, sd = raw.mean(0), raw.std(0) + 1e-9
    readings = (raw - mean) / sd
    known = np.column_stack([people, np.ones(len(people))])
    fitted = np.linalg.lstsq(known, readings, rcond=None)[0]
    half = len(people) // 2
    first = np.linalg.lstsq(known[:half], readings[:half], rcond=None)[0]
    error = ((readings[half:] - known[half:] @ first) ** 2).mean(0)
    r_squared = 1 - error / readings[half:].var(0)
    odd = lopsided_directions(model)
    gradient = fitted[:-1].T
    gradient = gradient - gradient @ odd.T @ odd  # what it has along them is noise of the sample
    return {"mean": mean, "sd": sd, "gradient": gradient, "offset": fitted[-1], "r_squared": r_squared}


@lru_cache(maxsize=2)
def lopsided_directions(model: MakeHumanHead) -> Array:
    """Orthonormal rows (R, I): directions of identity that are antisymmetric, left against right."""
    basis = np.asarray(model.identity_basis, np.float64)[:, ::3]
    whole = np.asarray(model.identity_basis, np.float64)
    flipped = (whole[:, model.mirror] * (-1, 1, 1))[:, ::3]
    odd = ((basis - flipped) / 2).reshape(len(basis), -1)
    values, vectors = np.linalg.eigh(odd @ odd.T)
    largest = np.linalg.eigvalsh(basis.reshape(len(basis), -1) @ basis.reshape(len(basis), -1).T)[-1]
    return vectors[:, values > 1e-5 * largest].T


def read_attributes(model: MakeHumanHead, params: FaceParams, sex: str | None = None) -> Array:
    """Read a head: (K,) SDs of adults in the order of attributes.csv; 0 for hair that is not known.

    With a `sex` ("F" or "M"), masculinity is read within it; all else stays a reading among all adults.
    """
    return read_attributes_batch(model, [params], sex)[0]


@one_thread()
def read_attributes_batch(model: MakeHumanHead, faces: Sequence[FaceParams], sex: str | None = None) -> Array:
    """Read several heads at once: (B, K), see `read_attributes`."""
    for params in faces:
        check_model(model, params)
    if any(params.local for params in faces):
        read = [gauge_of(shaped(model, p.local)).read(np.asarray(p.identity)[None])[0] for p in faces]
        shape = np.stack(read)[:, : len(SHAPE_ATTRIBUTES)]
    else:
        shape = gauge_of(model).read(np.stack([p.identity for p in faces]))[:, : len(SHAPE_ATTRIBUTES)]
    readings = np.zeros((len(faces), len(ATTRIBUTES)))
    readings[:, [ATTRIBUTES.index(n) for n in SHAPE_ATTRIBUTES]] = shape
    for row, params in zip(readings, faces, strict=True):
        skin = skin_read(model.albedo, params.albedo)
        found = {name: skin[name] for name in SKIN_ATTRIBUTES}
        if params.hair is not None:
            found |= read_hair(params.hair)
        for name, value in found.items():
            row[ATTRIBUTES.index(name)] = value
    if sex is not None:
        masculinity = readings[:, ATTRIBUTES.index("masculinity")]
        readings[:, ATTRIBUTES.index("masculinity")] = masculinity_within(model, masculinity, sex)
    return readings


def masculinity_within(model: MakeHumanHead, masculinity: Array, sex: str) -> Array:
    """Masculinity in SDs of all adults as SDs of one sex ("F" or "M")."""
    half_step = float(np.linalg.norm(model.axes.male))
    sign = {"M": 1.0, "F": -1.0}[sex]
    return (masculinity - sign * half_step) / np.sqrt(1 - half_step**2)


def masculinity_among_all(model: MakeHumanHead, within: float, sex: str) -> float:
    """Invert `masculinity_within` for one number."""
    half_step = float(np.linalg.norm(model.axes.male))
    return {"M": 1.0, "F": -1.0}[sex] * half_step + within * float(np.sqrt(1 - half_step**2))


def read_face(model: MakeHumanHead, params: FaceParams) -> FaceReading:
    """Read all that can be said of one head by name."""
    known = np.array([params.hair is not None or name not in HAIR_ATTRIBUTES for name in ATTRIBUTES])
    attributes = read_attributes(model, params)
    return FaceReading(
        attributes=attributes,
        known=known,
        age_years=float(model.axes.age_years(params.identity)),
        man=man_probability(model, float(attributes[ATTRIBUTES.index("masculinity")])),
        expression=np.clip(np.asarray(params.expression, np.float64), 0, 1),
    )
