"""Where the eyes look: eyeball rotations from MediaPipe's iris points, in closed form.

The iris centre lies on a sphere about the eyeball's centre, so the ray through its image meets that sphere where the
eye looks. The eyeball's centre comes from the fitted head; what the fit left over at that eye's lids is taken off
first, because a millimetre there is five degrees of gaze.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

#: Eyes turn no further than this from straight ahead, degrees: sideways, up, down.
LIMIT_SIDE_DEG, LIMIT_UP_DEG, LIMIT_DOWN_DEG = 40.0, 30.0, 40.0
#: An eyeLook* unit of 1 stands for this turn, degrees.
LOOK_FULL_DEG = 30.0
#: What eyes that look straight ahead measure (median of 200 portraits, left eye: outwards, up), degrees. About 5°
#: of the first is anatomy: the optical axis points outwards of the line of sight. The rest is where our eyeballs sit.
STRAIGHT_SIDE_DEG, STRAIGHT_UP_DEG = 9.0, -5.7
#: What eyes that look straight ahead are told as (left eye: outwards, up), degrees: at look weights of 0 the app Live
#: Link Face has yaws of ±.0640 rad (.0634 to .0646) and pitches of .0195 rad (.0178 to .0216), by least squares over
#: 7,839 frames of two recordings. What is left of STRAIGHT_* after it is where our eyeballs sit, and nobody's gaze.
TOLD_SIDE_DEG, TOLD_UP_DEG = 3.67, -1.12
#: How much further eyes look aside than the detector's irises say of still pictures (14 people's heads drawn over their
#: photos).
ASIDE_OVER_TOLD = 1.1
#: Up and down irises hardly tell, degrees: what they say of eyes that look into the camera, beside the direction to it,
#: how much of a look beyond it, and their SD (8 drawn heads with 40 known gazes, 30 portraits).
AT_CAMERA_UP_DEG, TOLD_UP, TOLD_UP_SD_DEG = -4.6, 0.29, 3.0
#: SD of what they say to the side, and its growth per degree that the camera lies aside.
TOLD_SIDE_SD_DEG, TOLD_SIDE_GROWTH = 4.0, 0.35
#: Whoever is photographed looks into the camera so often, and else this far (SD) and at most so far above or below it.
AT_CAMERA, ELSEWHERE_DEG, FARTHEST_UP_DEG = 0.4, 14.0, 15.0
#: How much less eyes of photos point outwards than STRAIGHT_SIDE_DEG, degrees: heads of 26 photos looked past the
#: camera by it on both sides, to a detector that reads photo and head.
INWARDS_DEG = 2.2
#: SD of one eye's measured direction, and of the angle between the two eyes' directions beyond parallel, degrees.
MEASURED_SD_DEG, VERGENCE_SD_DEG = 4.0, 4.0


@dataclass(frozen=True)
class Eyeball:
    """One eye in the camera frame, at rest: centre (3,) mm, iris centre (3,) mm."""

    centre: Floats
    iris: Floats

    @property
    def radius(self) -> float:
        """Distance in mm from the centre to the middle of the iris."""
        return float(np.linalg.norm(self.iris - self.centre))


def look_direction(eye: Eyeball, iris_px: Floats, focal_px: float, principal_px: Floats) -> Floats:
    """The unit vector (3,), camera frame, from the eyeball's centre to the iris seen at a pixel (2,).

    Where the ray misses the sphere, the point of the sphere nearest to it is taken.
    """
    ray = np.array([*((iris_px - principal_px) / focal_px), 1.0])
    ray /= np.linalg.norm(ray)
    along = float(ray @ eye.centre)
    nearest = along * ray - eye.centre
    room = eye.radius**2 - float(nearest @ nearest)
    hit = nearest - np.sqrt(max(room, 0.0)) * ray
    return hit / np.linalg.norm(hit)


def _angles_deg(direction: Floats) -> Floats:
    """(side, up) in degrees of a head-frame direction; side is positive towards the subject's left."""
    return np.degrees([np.arctan2(direction[0], max(direction[2], 1e-3)), np.arcsin(np.clip(direction[1], -1, 1))])


def direction(angles_deg: Floats) -> Floats:
    """Invert `_angles_deg`."""
    side, up = np.radians(angles_deg)
    return np.array([np.sin(side) * np.cos(up), np.sin(up), np.cos(side) * np.cos(up)])


def combine(measured_deg: Floats, trust: Floats) -> Floats:
    """Blend both eyes' (2, 2) angles (side, up) with their trust (2,) in 0..1: eyes move together.

    Measured from straight ahead, the common direction is the weighted mean; the difference is kept as far as
    measurement noise allows beside the spread of real vergence, and vertically not at all. With no trust in either eye
    the result is straight ahead.
    """
    straight = np.array([[STRAIGHT_SIDE_DEG, STRAIGHT_UP_DEG], [-STRAIGHT_SIDE_DEG, STRAIGHT_UP_DEG]])
    total = float(trust.sum())
    if total < 1e-3:
        return straight
    measured_deg = measured_deg - straight
    common = trust @ measured_deg / total
    both = float(2 * trust.min() / max(trust.max(), 1e-9)) / 2
    keep = both * VERGENCE_SD_DEG**2 / (VERGENCE_SD_DEG**2 + 2 * MEASURED_SD_DEG**2)
    wide = float(abs(measured_deg[0, 0] - measured_deg[1, 0]))
    keep = max(keep, both * np.clip((wide - 12.0) / 12.0, 0.0, 1.0))  # eyes that plainly cross or diverge are believed
    half = 0.5 * keep * (measured_deg[0, 0] - measured_deg[1, 0])
    out = np.array([[common[0] + half, common[1]], [common[0] - half, common[1]]]) * min(1.0, total) + straight
    low, high = [-LIMIT_SIDE_DEG, -LIMIT_DOWN_DEG], [LIMIT_SIDE_DEG, LIMIT_UP_DEG]
    return np.clip(out, low, high)


def gaze_angles_deg(
    eyes: tuple[Eyeball, Eyeball],
    iris_px: Floats,
    rotation: Floats,
    focal_px: float,
    principal_px: Floats,
    trust: Floats,
    still: bool = False,
) -> Floats:
    """Measure both eyes' gaze: (2, 2) degrees, left then right eye, (side, up) in the head frame.

    iris_px is (2, 2), trust (2,) falls to 0 for a closed eye; rotation is head → camera. still: of a picture that
    stands for itself, the detector's habits are taken off; frames of clips keep them, each like the last.
    """
    measured = np.stack(
        [
            _angles_deg(rotation.T @ look_direction(eye, seen, focal_px, principal_px))
            for eye, seen in zip(eyes, iris_px, strict=True)
        ]
    )
    if not still:
        return combine(measured, trust)
    seen = min(1.0, float(trust.sum()))
    told = straight_deg() + np.array([ASIDE_OVER_TOLD, 1.0]) * (measured - straight_deg())
    found = combine(told, trust) + seen * np.array([[-INWARDS_DEG, 0.0], [INWARDS_DEG, 0.0]])
    return found + seen * (_into_the_camera(found.mean(0), camera_deg(eyes, rotation)) - found.mean(0))


def camera_deg(eyes: tuple[Eyeball, Eyeball], rotation: Floats) -> Floats:
    """The direction (side, up) in degrees, head frame, from between the eyes to the camera."""
    middle = eyes[0].centre + eyes[1].centre
    return _angles_deg(-rotation.T @ middle / np.linalg.norm(middle))


def _into_the_camera(told: Floats, camera: Floats) -> Floats:
    """Where eyes look, (side, up) degrees, that are told to look somewhere, with the camera in a direction (2,).

    Bayes' rule for two kinds of looks: into the camera, and anywhere.
    """
    off = told - camera - np.array([0.0, AT_CAMERA_UP_DEG])
    sd = np.array([np.hypot(TOLD_SIDE_SD_DEG, TOLD_SIDE_GROWTH * camera[0]), TOLD_UP_SD_DEG])
    wide = np.hypot(sd, ELSEWHERE_DEG * np.array([1.0, TOLD_UP]))
    likelihoods = wide / sd * np.exp(-0.5 * (off / sd) ** 2 * (1 - (sd / wide) ** 2))
    odds = AT_CAMERA / (1 - AT_CAMERA) * float(np.prod(likelihoods))
    up = off[1] * TOLD_UP * ELSEWHERE_DEG**2 / wide[1] ** 2
    elsewhere = np.array([off[0], np.clip(up, -FARTHEST_UP_DEG, FARTHEST_UP_DEG)])
    return camera + elsewhere / (1 + odds)


def eye_rotvec(rest_direction: Floats, angles_deg: Floats) -> Floats:
    """The shortest turn of an eye from rest to (side, up): a rotation vector (3,) in radians, head frame."""
    rest = rest_direction / np.linalg.norm(rest_direction)
    wanted = direction(angles_deg)
    (a, b, c), (x, y, z) = rest, wanted
    axis = np.array([b * z - c * y, c * x - a * z, a * y - b * x])  # np.cross takes twenty times as long
    length = float(np.linalg.norm(axis))
    if length < 1e-9:
        return np.zeros(3)
    return axis / length * np.arctan2(length, float(rest @ wanted))


def straight_deg(told: bool = False) -> Floats:
    """What (2, 2) eyes that look straight ahead measure, or are told as: left and right eye, (side, up)."""
    side, up = (TOLD_SIDE_DEG, TOLD_UP_DEG) if told else (STRAIGHT_SIDE_DEG, STRAIGHT_UP_DEG)
    return np.array([[side, up], [-side, up]])


def told_deg(measured: ArrayLike) -> Floats:
    """Measured gaze (…, 2, 2) as files and programs are told it: a head's own eyeballs are taken out."""
    return np.asarray(measured, np.float64) - straight_deg() + straight_deg(told=True)


def measured_deg(told: ArrayLike) -> Floats:
    """Invert `told_deg`."""
    return np.asarray(told, np.float64) - straight_deg(told=True) + straight_deg()


def look_weights(angles_deg: Floats) -> dict[str, float]:
    """The eyeLook* weights that go with both eyes' angles (2, 2): 1 stands for 30° from straight ahead."""
    out = {}
    for name, (side, up), outward in (("Left", angles_deg[0], 1.0), ("Right", angles_deg[1], -1.0)):
        outs, ups = (side * outward - STRAIGHT_SIDE_DEG) / LOOK_FULL_DEG, (up - STRAIGHT_UP_DEG) / LOOK_FULL_DEG
        for unit, value in (("Out", outs), ("In", -outs), ("Up", ups), ("Down", -ups)):
            out[f"eyeLook{unit}{name}"] = min(max(float(value), 0.0), 1.0)
    return out
