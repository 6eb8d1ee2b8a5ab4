"""Pose, age, hair and what covers a face, as small records."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facegpt.conventions import euler_deg_from_rotation, linear_to_srgb
from facegpt.describe.colours_of_heads import hair_name
from facegpt.face import Face
from facegpt.hair.whiskers import hair_colour
from facegpt.types import Array, Hair

#: How far ages lie off at most in nine of ten faces, in SDs of the reading (lab/runs/compare/ages.py).
NINE_OF_TEN = 1.645
#: Relative SD of a distance whose focal length is a guess.
FOCAL_GUESS_SD = 0.25
#: Ages that are told at least, years.
LEAST_YEARS = 0.0


@dataclass(frozen=True, eq=False)
class HeadPose:
    """How a head is turned and where it is.

    Attributes:
        yaw_deg: to the subject's left. pitch_deg: chin down. roll_deg: top of the head to the right of the picture.
        distance_mm: from the camera to between the ears. distance_sd_mm: its SD.
        focal_px: that this was reckoned with, pixels of the whole photo. focal_known: whether the file told it: a
            guessed one makes all distances longer or shorter.
        rotation, translation: (3, 3) and (3,) mm, head → camera.
    """

    yaw_deg: float
    pitch_deg: float
    roll_deg: float
    distance_mm: float
    distance_sd_mm: float
    focal_px: float
    focal_known: bool
    rotation: Array
    translation: Array


@dataclass(frozen=True)
class AgeRange:
    """How old a face looks: `years`, and the interval `low` to `high` that holds nine of ten; all years."""

    years: float
    low: float
    high: float


@dataclass(frozen=True)
class HairColour:
    """Name and sRGB 0..255 of hair by white light, how much of it is grey, 0..1; sure: the photo has colours."""

    name: str
    srgb: tuple[int, int, int]
    grey: float
    sure: bool = True


@dataclass(frozen=True)
class Occlusions:
    """What covers a face.

    Attributes:
        glasses, dark_glasses, headwear, hand: whether they are seen; a "hand" is any thing before the face that is
            neither glasses nor headwear.
        covered: share of the face's points before which there is hair or a thing. hidden: the same with what the head
            itself hides.
    """

    glasses: bool
    dark_glasses: bool
    headwear: bool
    hand: bool
    covered: float
    hidden: float


def pose_of(face: Face, focal_known: bool) -> HeadPose:
    """How the head of a fitted face is turned and how far away it is."""
    pose = face.params.pose
    away = float(np.linalg.norm(pose.translation))
    relative = np.hypot(face.scale_sd or 0.0, 0.0 if focal_known else FOCAL_GUESS_SD)
    turned = euler_deg_from_rotation(pose.rotation)
    return HeadPose(
        *turned,
        away,
        float(away * relative),
        float(face.params.camera.focal_px),
        focal_known,
        np.asarray(pose.rotation),
        np.asarray(pose.translation),
    )


def age_of(face: Face) -> AgeRange | None:
    """How old a face looks; None for head models that do not tell."""
    if not hasattr(face.model, "attributes"):
        return None
    years, sd = face.attributes["age_years"], face.attribute_sd["age_years"]
    return AgeRange(years, max(years - NINE_OF_TEN * sd, LEAST_YEARS), years + NINE_OF_TEN * sd)


def hair_colour_of(hair: Hair | None, sure: bool = True) -> HairColour | None:
    """The colour of hair; None for none. sure: whether the photo has colours."""
    if hair is None or hair.style == "bald":
        return None
    colour = hair_colour(hair)
    red, green, blue = np.rint(255 * linear_to_srgb(np.clip(colour, 0, 1))).astype(int)
    return HairColour(hair_name(colour), (int(red), int(green), int(blue)), float(hair.grey), sure)
