"""`facegpt eval traits`: one-trait sentences, measured on the heads by two rulers that read no attribute.

Each sentence names one trait. The neutral heads of four seeds are measured and set against 40 heads of "a man", "a
woman" or "a person". Right: at least half a standard deviation to the named side. By distances between landmarks
(landmark_ruler.py), of which the product's solver aims at nine itself: what these show is that the solver reaches its
aim, and rows tell them from the others. By patches of the surface (surface_ruler.py), at which nothing aims.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray

from facegpt.api import FaceGPT, load
from facegpt.face import Face
from facegpt.runtime.progress import Progress
from facegpt_lab.evaluate.judges.landmark_ruler import AIMED_AT, landmark_distances
from facegpt_lab.evaluate.judges.paired import interval
from facegpt_lab.evaluate.judges.surface_ruler import Patches, patches_of, surface_measures
from facegpt_lab.evaluate.registry import Report, Row, figure
from facegpt_lab.evaluate.shared_networks import head

#: Heads that a sentence's are set against, seeds of each sentence; with --quick, where one sentence of so many is used.
PEOPLE, SEEDS, QUICK_PEOPLE, QUICK_SEEDS, QUICK_STEP = 40, range(100, 104), 12, range(100, 102), 4
#: Standard deviations among people of the sex that show a trait, and the share of measures that should show theirs.
SHOWN_SD, TARGET = 0.5, 0.85
#: Sentence, side, landmark distances and measures of the surface that should show it ("-": to the other side).
CASES = (
    ("a person with a wide face", 1, "face_width aspect- mesh_width", "face_breadth elongation-"),
    ("someone with a very narrow face", -1, "face_width aspect- mesh_width", "face_breadth elongation-"),
    ("a man with a long face", 1, "face_length aspect mesh_length", "face_height elongation"),
    ("a woman with a short face", -1, "face_length aspect mesh_length", "face_height elongation"),
    ("a woman with a round face", 1, "aspect- face_width", "roundness elongation-"),
    ("a guy with a thin face", -1, "face_width jaw_width", "face_breadth low_face_girth"),
    ("a man with a wide jaw", 1, "jaw_width jaw_share", "jaw_breadth jaw_share"),
    ("a woman with a narrow jaw", -1, "jaw_width jaw_share", "jaw_breadth jaw_share"),
    ("a man with a square jaw", 1, "low_jaw_share jaw_width chin_width", "jaw_share chin_breadth"),
    ("a man with a long chin", 1, "chin_height chin_distance", "chin_length"),
    ("a person with a short chin", -1, "chin_height chin_distance", "chin_length"),
    ("a pointy chin", -1, "chin_width low_jaw_share", "chin_breadth jaw_share"),
    ("a broad chin", 1, "chin_width", "chin_breadth"),
    ("a man with a receding chin", -1, "chin_to_nose chin_to_lip", "chin_before_brow chin_before_lips"),
    ("a woman with a prominent chin", 1, "chin_to_nose chin_to_lip", "chin_before_brow chin_before_lips"),
    ("a man with a big nose", 1, "nose_width nose_length nose_depth tip_depth", "nose_volume nose_area"),
    ("a woman with a small nose", -1, "nose_width nose_length nose_depth tip_depth", "nose_volume nose_area"),
    ("a person with a broad nose", 1, "nose_width nose_share", "nose_breadth nose_mean_breadth"),
    ("a woman with a narrow nose", -1, "nose_width nose_share", "nose_breadth nose_mean_breadth"),
    ("a man with a long nose", 1, "nose_length bridge_length", "nose_ridge nose_rise"),
    ("a short nose", -1, "nose_length bridge_length", "nose_ridge nose_rise"),
    ("a man with an upturned nose", 1, "tip_rise", "nose_base_tilt"),
    ("a drooping nose", -1, "tip_rise", "nose_base_tilt"),
    ("a flat nose", -1, "nose_depth tip_depth bridge_depth", "nose_relief nose_volume"),
    ("a girl with big eyes", 1, "eye_width eye_height", "eye_area"),
    ("a man with small eyes", -1, "eye_width eye_height", "eye_area"),
    ("a woman with wide-set eyes", 1, "eye_gap eye_gap_share", "eyes_apart"),
    ("a man with close-set eyes", -1, "eye_gap eye_gap_share", "eyes_apart"),
    ("upturned cat eyes", 1, "eye_tilt", "eye_slope"),
    ("downturned eyes", -1, "eye_tilt", "eye_slope"),
    ("a man with narrow eyes", -1, "eye_height eye_aspect", "eye_mean_opening eye_roundness"),
    ("a woman with high eyebrows", 1, "brow_height brow_gap", "brow_rise above_eyes_area"),
    ("a man with low eyebrows", -1, "brow_height brow_gap", "brow_rise above_eyes_area"),
    ("a woman with a wide mouth", 1, "mouth_width mouth_share", "mouth_breadth"),
    ("a man with a small mouth", -1, "mouth_width mouth_share", "mouth_breadth"),
    ("a woman with full lips", 1, "upper_lip lower_lip lips", "upper_lip_area lower_lip_area lips_height"),
    ("a man with thin lips", -1, "upper_lip lower_lip lips", "upper_lip_area lower_lip_area lips_height"),
    ("a long philtrum", 1, "philtrum", "nose_to_lip"),
    ("a short philtrum", -1, "philtrum", "nose_to_lip"),
    ("downturned mouth at rest", -1, "corners", "corners_rise"),
    ("a man with a high forehead", 1, "forehead_height", "forehead_area forehead_rise"),
    ("a woman with a low forehead", -1, "forehead_height", "forehead_area forehead_rise"),
    ("a broad forehead", 1, "forehead_width", "forehead_breadth forehead_area"),
    ("a narrow forehead", -1, "forehead_width", "forehead_breadth forehead_area"),
    ("a fat man", 1, "face_width jaw_width", "low_face_girth low_face_area neck_girth"),
    ("a skinny woman", -1, "face_width jaw_width", "low_face_girth low_face_area neck_girth"),
)
_MEN, _WOMEN = {"man", "guy"}, {"woman", "girl"}

Measures = Mapping[str, float]


@cache
def _patches() -> Patches:
    return patches_of(head())


def by_landmarks(face: Face) -> Measures:
    """Distances between landmarks of a head at rest."""
    rest = face.neutral()
    return landmark_distances(
        np.asarray(rest.landmarks("ibug68", space="head")), np.asarray(rest.landmarks("mediapipe478", space="head"))
    )


def by_surface(face: Face) -> Measures:
    """Measures of patches of a head at rest."""
    model, identity = head(), torch.as_tensor(face.params.identity)[None]
    with torch.no_grad():
        eyes = model.joint_centres(identity)[0, 2:].numpy()
    return surface_measures(_patches(), model.neutral_vertices(face.params.identity), eyes)


@dataclass(frozen=True)
class Shown:
    """One measure of one sentence: how far its heads are to the named side, SDs among people of the sex (S,)."""

    sentence: str
    ruler: str
    measure: str
    shift: NDArray[np.float64]

    @property
    def right(self) -> float:
        """Share of seeds that show the trait."""
        return float(np.mean(self.shift >= SHOWN_SD))


Ruler = Callable[[Face], Measures]
RULERS: dict[str, Ruler] = {"landmarks": by_landmarks, "surface": by_surface}


def sex_of(sentence: str) -> str:
    """The people that a sentence's heads are set against."""
    words = set(sentence.split())
    return "man" if words & _MEN else "woman" if words & _WOMEN else "person"


def shown_by(
    case: tuple[str, int, str, str], heads: Sequence[Mapping[str, Measures]], people: Sequence[Mapping[str, Measures]]
) -> list[Shown]:
    """Judge one sentence: heads and people are measured by each ruler."""
    sentence, side, *names = case
    found = []
    for ruler, measures in zip(RULERS, names, strict=True):
        for name in measures.split():
            bare, sign = name.rstrip("-"), -side if name.endswith("-") else side
            usual = np.array([one[ruler][bare] for one in people])
            seen = np.array([one[ruler][bare] for one in heads])
            found.append(Shown(sentence, ruler, bare, sign * (seen - usual.mean()) / usual.std()))
    return found


def measure_all(model: FaceGPT, quick: bool) -> list[Shown]:
    """Make and measure all heads."""
    cases, seeds, count = (CASES[::QUICK_STEP], QUICK_SEEDS, QUICK_PEOPLE) if quick else (CASES, SEEDS, PEOPLE)
    found: list[Shown] = []

    def measured(text: str, seed: int) -> Mapping[str, Measures]:
        face = model.imagine(text, seed=seed)
        return {name: ruler(face) for name, ruler in RULERS.items()}

    with Progress("sentences", len(cases)) as show:
        people: dict[str, list[Mapping[str, Measures]]] = {}
        for done, case in enumerate(cases, 1):
            who = sex_of(case[0])
            if who not in people:
                people[who] = [measured(f"a {who}", seed) for seed in range(count)]
            found += shown_by(case, [measured(case[0], seed) for seed in seeds], people[who])
            show(done)
    return found


def rows(shown: Sequence[Shown]) -> list[Row]:
    """The share of measures that show the named trait, by ruler, with intervals over sentences; each sentence's."""
    landmarks = [one for one in shown if one.ruler == "landmarks"]
    out: list[Row] = []
    for name, group in (
        (
            "surface: breadths, areas, volumes of patches, at which nothing aims",
            [s for s in shown if s.ruler == "surface"],
        ),
        ("landmarks: distances that the solver does not aim at", [s for s in landmarks if s.measure not in AIMED_AT]),
        ("landmarks: distances that the solver aims at", [s for s in landmarks if s.measure in AIMED_AT]),
        ("landmarks, all distances", landmarks),
    ):
        if group:
            text = f"{name}: show the trait by {SHOWN_SD} SD, of {len(group)}"
            out.append(figure(text, float(np.mean([one.right for one in group])), "share", at_least=TARGET))
            out += over_sentences(text, group)
    for ruler in RULERS:
        for sentence in dict.fromkeys(one.sentence for one in shown):
            own = [one.shift.mean() for one in shown if one.sentence == sentence and one.ruler == ruler]
            out.append(figure(f"{ruler}, “{sentence}”: mean shift to the named side", float(np.mean(own)), "SD"))
    return out


def over_sentences(name: str, group: Sequence[Shown]) -> list[Row]:
    """The interval of the share of right measures, over sentences: those of one sentence stand or fall together."""
    names = list(dict.fromkeys(one.sentence for one in group))
    right = np.array([sum(one.right for one in group if one.sentence == name) for name in names])
    count = np.array([sum(one.sentence == name for one in group) for name in names])
    return interval(name, lambda picks: float(right[picks].sum() / count[picks].sum()), len(names), "share")


def evaluate(quick: bool = False) -> Report:
    """Measure the heads of one-trait sentences by both rulers."""
    shown = measure_all(load(), quick)
    sentences, seeds = len({one.sentence for one in shown}), len(shown[0].shift)
    data = (
        f"{sentences} one-trait sentences written for this, {seeds} seeds each, against "
        f"{QUICK_PEOPLE if quick else PEOPLE} heads of the sex; the product's solver aims at "
        f"{len(AIMED_AT)} of the landmark distances, at none of the surface"
    )
    return Report(data, tuple(rows(shown)))
