"""Named controls of the default head: what people call parts of a face, as directions of the whitened identity.

Each control is a unit direction g of identity space: its reading g·z is N(0, 1) over adults, so a control is given in
standard deviations of the population (+2 is a nose wider than that of 98 % of people). Directions come from the
anthropometric measures (measure.py) and from MakeHuman's shape targets, projected on the prior by lab/runs/head.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from facegpt.types import Array, FaceGPTError

#: Control → (where its direction comes from, one sentence: what a positive value does).
CONTROLS: dict[str, tuple[str, str]] = {
    "face_width": ("measure:bizygomatic_breadth", "Makes the face wider at the cheekbones."),
    "face_length": ("measure:menton_sellion_length", "Makes the face longer from nose root to chin."),
    "jaw_width": ("measure:bigonial_breadth", "Sets the corners of the lower jaw further apart."),
    "forehead_width": ("measure:minimum_frontal_breadth", "Makes the forehead wider between the temples."),
    "head_width": ("measure:head_breadth", "Makes the skull wider above the ears."),
    "head_depth": ("measure:head_length", "Makes the skull longer from brow to back."),
    "head_size": ("measure:head_circumference", "Makes the whole skull bigger around."),
    "skull_height": ("measure:tragion_top_of_head", "Raises the top of the head above the ears."),
    "neck_thickness": ("measure:neck_circumference", "Makes the neck thicker."),
    "nose_width": ("measure:nose_breadth", "Makes the nose wider across the nostrils."),
    "nose_length": ("measure:nose_height_nasion_subnasale", "Makes the nose longer from root to base."),
    "nose_bridge_length": ("measure:nasal_bridge_length", "Makes the ridge of the nose longer."),
    "nose_protrusion": ("measure:nose_protrusion", "Lets the tip of the nose stand out further."),
    "nose_root_width": ("measure:nasal_root_breadth", "Makes the root of the nose between the eyes wider."),
    "nostril_base_width": ("measure:subnasal_width", "Makes the base of the nose above the lip wider."),
    "eye_distance": ("measure:interpupillary_distance", "Sets the eyes further apart."),
    "inner_eye_distance": ("measure:inner_canthal_distance", "Sets the inner corners of the eyes further apart."),
    "outer_eye_distance": ("measure:outer_canthal_distance", "Sets the outer corners of the eyes further apart."),
    "eye_width": ("measure:palpebral_fissure_length", "Makes the eye openings longer from corner to corner."),
    "mouth_width": ("measure:lip_length", "Makes the mouth wider."),
    "upper_lip_length": ("measure:upper_lip_height", "Makes the distance from nose to mouth longer."),
    "philtrum_length": ("measure:philtrum_length", "Makes the groove between nose and lip longer."),
    "upper_lip_fullness": ("measure:upper_vermilion_height", "Makes the red of the upper lip fuller."),
    "lower_lip_fullness": ("measure:lower_vermilion_height", "Makes the red of the lower lip fuller."),
    "ear_length": ("measure:ear_length", "Makes the ears longer."),
    "ear_protrusion": ("measure:ear_protrusion", "Lets the ears stand out from the head."),
    "head_oval": ("target:head-oval", "Gives the face an oval outline."),
    "head_round": ("target:head-round", "Gives the face a round outline."),
    "head_square": ("target:head-square", "Gives the face a square outline."),
    "head_rectangular": ("target:head-rectangular", "Gives the face a long, rectangular outline."),
    "head_triangular": ("target:head-triangular", "Widens the jaw and narrows the forehead."),
    "head_inverted_triangular": ("target:head-invertedtriangular", "Widens the forehead and narrows the jaw."),
    "head_diamond": ("target:head-diamond", "Widens the cheekbones, narrows forehead and jaw."),
    "back_of_head": ("target:head-back-scale-depth-decr-incr", "Lets the back of the head stand out."),
    "fullness": ("target:head-fat-decr-incr", "Makes cheeks, chin and neck fuller, as with more weight."),
    "forehead_height": ("target:forehead-scale-vert-decr-incr", "Makes the forehead higher."),
    "forehead_slope": ("target:forehead-trans-backward-forward", "Brings the forehead forward."),
    "forehead_bulge": ("target:forehead-nubian-decr-incr", "Rounds the forehead outwards."),
    "temple_fullness": ("target:forehead-temple-decr-incr", "Fills the temples."),
    "brow_height": ("target:eyebrows-trans-down-up", "Raises the eyebrows."),
    "brow_ridge": ("target:eyebrows-trans-backward-forward", "Brings the ridge of the brows forward."),
    "brow_angle": ("target:eyebrows-angle-down-up", "Raises the inner ends of the brows against the outer ends."),
    "eye_size": ("target:eye-scale-decr-incr", "Makes the eyes bigger."),
    "eye_height": ("target:eye-trans-down-up", "Sets the eyes higher in the face."),
    "eye_opening": ("target:eye-height2-decr-incr", "Opens the eyes wider in the middle."),
    "eye_inner_corner": ("target:eye-corner1-down-up", "Raises the inner corners of the eyes."),
    "eye_outer_corner": ("target:eye-corner2-down-up", "Raises the outer corners of the eyes, which slants them."),
    "eye_fold": ("target:eye-eyefold-concave-convex", "Fills the fold of the upper lid."),
    "eye_hood": ("target:eye-eyefold-down-up", "Raises the fold of the upper lid."),
    "epicanthus": ("target:eye-epicanthus-in-out", "Moves the fold at the inner corner of the eye outwards."),
    "eye_bags": ("target:eye-bag-decr-incr", "Makes bags under the eyes."),
    "eye_depth": ("target:eye-push1-in-out", "Brings the lids forward, out of deep sockets."),
    "nose_height_root": (
        "target:nose-greek-decr-incr",
        "Raises the root of the nose to a straight line with the brow.",
    ),
    "nose_hump": ("target:nose-hump-decr-incr", "Gives the ridge of the nose a hump."),
    "nose_curve": ("target:nose-curve-concave-convex", "Curves the ridge of the nose outwards."),
    "nose_tip_height": ("target:nose-point-down-up", "Turns the tip of the nose up."),
    "nose_tip_width": ("target:nose-point-width-decr-incr", "Makes the tip of the nose broader."),
    "nose_ridge_width": ("target:nose-width2-decr-incr", "Makes the ridge of the nose broader."),
    "nose_size": ("target:nose-volume-decr-incr", "Makes the whole nose bigger."),
    "nose_base": ("target:nose-base-down-up", "Raises the base of the nose."),
    "nostril_flare": ("target:nose-flaring-decr-incr", "Flares the wings of the nose."),
    "nostril_angle": ("target:nose-nostrils-angle-down-up", "Raises the wings of the nose."),
    "septum_angle": ("target:nose-septumangle-decr-incr", "Opens the angle between nose and upper lip."),
    "cheekbones": ("target:cheek-bones-decr-incr", "Makes the cheekbones more prominent."),
    "cheek_fullness": ("target:cheek-volume-decr-incr", "Fills the cheeks."),
    "cheek_height": ("target:cheek-trans-down-up", "Sets the cheeks higher."),
    "cheek_hollow": ("target:cheek-inner-decr-incr", "Fills the inner cheeks beside the nose."),
    "mouth_height": ("target:mouth-trans-down-up", "Sets the mouth higher in the face."),
    "mouth_forward": ("target:mouth-trans-backward-forward", "Brings the lips forward."),
    "mouth_corners": ("target:mouth-angles-down-up", "Turns the corners of the mouth up."),
    "upper_lip_volume": ("target:mouth-upperlip-volume-decr-incr", "Rounds the upper lip outwards."),
    "lower_lip_volume": ("target:mouth-lowerlip-volume-decr-incr", "Rounds the lower lip outwards."),
    "cupids_bow": ("target:mouth-cupidsbow-decr-incr", "Deepens the bow of the upper lip."),
    "philtrum_depth": ("target:mouth-philtrum-volume-decr-incr", "Fills the groove between nose and lip."),
    "laugh_lines": ("target:mouth-laugh-lines-in-out", "Smooths the folds from nose to mouth outwards."),
    "chin_length": ("target:chin-height-decr-incr", "Makes the chin longer."),
    "chin_width": ("target:chin-width-decr-incr", "Makes the chin wider."),
    "chin_prominence": ("target:chin-prominent-decr-incr", "Lets the chin stand out."),
    "chin_cleft": ("target:chin-cleft-decr-incr", "Puts a cleft in the chin."),
    "chin_pointed": ("target:chin-triangle", "Makes the chin pointed."),
    "jaw_forward": ("target:chin-prognathism-decr-incr", "Brings the lower jaw forward."),
    "jaw_drop": ("target:chin-jaw-drop-decr-incr", "Lowers the corners of the jaw."),
    "jaw_bones": ("target:chin-bones-decr-incr", "Makes the edge of the jaw bonier."),
    "double_chin": ("target:neck-double-decr-incr", "Fills the skin under the chin."),
    "ear_size": ("target:ear-scale-decr-incr", "Makes the ears bigger."),
    "ear_height": ("target:ear-trans-down-up", "Sets the ears higher."),
    "ear_lobes": ("target:ear-lobe-decr-incr", "Makes the ear lobes bigger."),
    "neck_length": ("target:neck-scale-vert-decr-incr", "Makes the neck longer."),
    "macro_african": ("macro:african", "Moves the face towards MakeHuman's macro of that name."),
    "macro_asian": ("macro:asian", "Moves the face towards MakeHuman's macro of that name."),
    "macro_caucasian": ("macro:caucasian", "Moves the face towards MakeHuman's macro of that name."),
}
#: Controls with this prefix steer heads from words; `Controls.read` leaves them out, so no photo is read by them.
STEERING_ONLY = "macro_"


class Controls:
    """Reads controls off identities and finds the identity that has given ones.

    Attributes:
        names: (K,). directions: (K, I) unit rows.
        within: (I, I) covariance of identity within a sex: a wider nose alone makes no man.
    """

    def __init__(self, names: tuple[str, ...], directions: NDArray, male: Array) -> None:
        """`male` (I,): half the step from the average woman to the average man."""
        self.names = names
        self.directions: Array = np.asarray(directions, np.float64)
        self.within: Array = np.eye(len(male)) - np.outer(male, male)

    def read(self, identity: Array) -> dict[str, float]:
        """Every control of one identity (I,) except the steering ones, in standard deviations of adults."""
        values = self.directions @ np.asarray(identity, np.float64)
        both = zip(self.names, values, strict=True)
        return {name: float(v) for name, v in both if not name.startswith(STEERING_ONLY)}

    def identity(self, wanted: Mapping[str, float], start: Array | None = None) -> Array:
        """The most probable identity (I,) that reads as `wanted`; with `start`, the nearest one to it.

        Near and probable are meant within a sex. Contradictory requests (ear size and ear length far apart) are met as
        well as a small noise allows.

        Raises:
            FaceGPTError: for a name that is no control.
        """
        unknown = sorted(set(wanted) - set(self.names))
        if unknown:
            raise FaceGPTError(f"unknown control '{unknown[0]}'; the {len(self.names)} names are in CONTROLS")
        origin = np.zeros(self.directions.shape[1]) if start is None else np.asarray(start, np.float64)
        rows = self.directions[[self.names.index(n) for n in wanted]]
        gap = np.array(list(wanted.values()), np.float64) - rows @ origin
        spread = self.within @ rows.T
        moved: Array = spread @ np.linalg.solve(rows @ spread + 1e-4 * np.eye(len(rows)), gap)
        return origin + moved
