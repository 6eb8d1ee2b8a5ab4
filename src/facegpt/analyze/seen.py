"""What is seen on one face of a photo: found by the networks and the fit of `reconstruct`, each when asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from PIL import Image

from facegpt.analyze import picture, record
from facegpt.analyze.action_units import action_units, sided_units
from facegpt.analyze.conditions import CONDITIONS, conditions_of
from facegpt.analyze.gaze import EyeGaze, gaze_of
from facegpt.analyze.label_map import LabelMap, label_map
from facegpt.analyze.looks import AgeRange, HairColour, HeadPose, Occlusions, age_of, hair_colour_of, pose_of
from facegpt.describe.expression import Expression, expression_of
from facegpt.describe.scene import Scene, scene_of
from facegpt.face import Face
from facegpt.reconstruct.glasses import with_glasses
from facegpt.reconstruct.hair import with_hair
from facegpt.reconstruct.seen_face import SeenFace
from facegpt.types import Array, DensePoints, IdentityBelief

#: The sets of `Seen.points` and how many points each has.
POINT_SETS = {"mediapipe478": 478, "ibug68": 68}


@dataclass(frozen=True, eq=False)
class Seen:
    """What is seen on one face. Units and frames: conventions.py; pixels are those of the whole photo.

    Attributes:
        observation: what the detector and the networks say of it. face: the head fitted to it ("fast", bald).
    """

    observation: SeenFace = field(repr=False)
    face: Face = field(repr=False)

    def __repr__(self) -> str:
        x0, y0, x1, y1 = np.rint(self.box).astype(int)
        said = f"{self.expression.name}, about {self.age.years:.0f} years" if self.age else self.expression.name
        return f"<Seen {x1 - x0} × {y1 - y0} px at ({x0}, {y0}), yaw {self.pose.yaw_deg:.0f}°, {said}>"

    @property
    def box(self) -> Array:
        """(4,) x0 y0 x1 y1: the box around the face's points."""
        return self.face.box

    @property
    def confidence(self) -> float:
        """0..1, the detector's belief that this is a face."""
        return float(self.observation.detection.confidence)

    @cached_property
    def points(self) -> dict[str, Array]:
        """The "mediapipe478" (478, 2) and the "ibug68" (68, 2) points in the photo: those of the fitted head."""
        return {name: self.face.landmarks(name) for name in POINT_SETS}

    @cached_property
    def visibility(self) -> dict[str, Array]:
        """How likely each point is seen, hidden by no thing and not by the head: 0..1; {} if nothing tells."""
        return self._of_points("visible")

    @cached_property
    def point_sd(self) -> dict[str, Array]:
        """SD of each point as the network of dense landmarks sees it, pixels: (478,) and (68,); {} if nothing tells."""
        return {name: sigma / self.observation.photo.scale for name, sigma in self._of_points("sigma_px").items()}

    def _of_points(self, name: str) -> dict[str, Array]:
        dense, start = self.observation.dense, 0
        if not isinstance(dense, DensePoints):
            return {}
        found = {}
        for points, count in POINT_SETS.items():
            found[points] = np.asarray(getattr(dense, name)[start : start + count], float)
            start += count
        return found

    @cached_property
    def pose(self) -> HeadPose:
        """How the head is turned and how far away it is."""
        return pose_of(self.face, self.observation.photo.focal_px is not None)

    @property
    def blendshapes(self) -> dict[str, float]:
        """The 52 ARKit names with their weights, 0..1."""
        return self.face.blendshapes

    @cached_property
    def units(self) -> dict[str, float]:
        """Action units of FACS: 'AU12' → 0..1 (analyze/action_units.py)."""
        return action_units(self.blendshapes)

    @cached_property
    def sided_units(self) -> dict[str, dict[str, float]]:
        """The action units that have two sides: 'AU12' → {"left": 0..1, "right": 0..1}."""
        return sided_units(self.blendshapes)

    @cached_property
    def expression(self) -> Expression:
        """Which emotion the face shows, and how sure that is; neutral when nothing is sure."""
        return expression_of(self.blendshapes)

    @cached_property
    def gaze(self) -> dict[str, EyeGaze]:
        """Where the "left" and the "right" eye look, how far each is open and whether it is seen."""
        return gaze_of(self.face, self.visibility.get("mediapipe478"), self.occlusions.dark_glasses)

    @property
    def eye_openness(self) -> dict[str, float]:
        """How far the "left" and the "right" eye are open: 0 closed, 1 as at rest."""
        return {side: 1 - self.blendshapes[f"eyeBlink{side.title()}"] for side in ("left", "right")}

    @cached_property
    def age(self) -> AgeRange | None:
        """How old the face looks; None for head models that do not tell."""
        return age_of(self.face)

    @property
    def masculinity(self) -> float | None:
        """0..1, how masculine the face looks by its shape; None for head models that do not tell."""
        return self.face.attributes["masculinity"] if hasattr(self.face.model, "attributes") else None

    @property
    def skin_lightness(self) -> float | None:
        """CIE L* of the skin by white light, whatever the photo's light; None for heads that do not tell."""
        return self.face.attributes["skin_lightness"] if hasattr(self.face.model, "attributes") else None

    @property
    def beard(self) -> float | None:
        """How much of a beard it wears: 0 none, 0.3 stubble, 1 a full one; None if nothing tells."""
        return None if self._belief is None else self._belief.beard

    @cached_property
    def embedding(self) -> Array | None:
        """(128,) unit vector of the recognition network, alike for photos of one person; None if nothing tells.

        To compare two faces take `FaceGPT.compare`, which knows what small, blurred and turned faces do to it.
        """
        descriptor = None if self._belief is None else self._belief.descriptor
        return None if descriptor is None else descriptor / np.linalg.norm(descriptor)

    @cached_property
    def parts(self) -> LabelMap | None:
        """What each pixel around the face shows, by name; None without the network of parts."""
        found, photo = self.observation.parts, self.observation.photo
        if found is None:
            return None
        points = (self.points["mediapipe478"] + 0.5) * photo.scale - 0.5
        return label_map(found, points, (photo.pixels.shape[1], photo.pixels.shape[0]), photo.scale)

    @cached_property
    def dressed(self) -> Face:
        """The head with the hair and the glasses of the photo."""
        return with_glasses(with_hair(self.face, self.observation, "auto", "fast"), self.observation, "auto")

    @cached_property
    def hair_colour(self) -> HairColour | None:
        """Colour of the hair by name; None where none is seen."""
        return hair_colour_of(self.dressed.params.hair, self.scene is None or self.scene.has_colour)

    @cached_property
    def occlusions(self) -> Occlusions:
        """What covers the face: glasses, dark glasses, headwear, a hand or another thing."""
        worn, hidden = self.dressed.params.worn, self.conditions
        scene, kind = self.scene or Scene(), "none" if worn is None else worn.glasses
        headwear = worn is not None and worn.headwear
        shares = hidden["covered"], hidden["hidden"]
        return Occlusions(kind != "none" or scene.glasses, kind == "dark", headwear, scene.covered > 0, *shares)

    @cached_property
    def scene(self) -> Scene | None:
        """Clothes, backdrop, light and sharpness (describe/scene.py); None without the network of parts."""
        seen, found = self.observation, self.observation.parts
        if found is None:
            return None
        size = self.face.params.camera.width, self.face.params.camera.height
        return scene_of(seen.photo.pixels, found, seen.detection.box, size, [other.box for other in seen.others])

    @cached_property
    def conditions(self) -> dict[str, float]:
        """Size, sharpness, turn and what is hidden (analyze/conditions.py): how much such a picture can say."""
        return dict(zip(CONDITIONS, map(float, conditions_of(self.observation)), strict=True))

    @property
    def sharpness(self) -> float:
        """Fine detail beside coarse light and dark; below 0.035 a face is soft (describe/scene.py)."""
        return self.conditions["sharpness"]

    @property
    def _belief(self) -> IdentityBelief | None:
        dense = self.observation.dense
        return dense.belief if isinstance(dense, DensePoints) else None

    def to_dict(self, points: bool = True) -> dict[str, Any]:
        """All of it as numbers, words and lists, ready for JSON. points: with the points and their visibility."""
        return record.record_of(self, points)

    def row(self) -> dict[str, Any]:
        """One row of a table: the same in flat columns, without points."""
        return record.row_of(record.record_of(self, points=False))

    def plot(self) -> Image.Image:
        """A picture: the photo around the face with box, points, gaze and parts, and beside it what is seen."""
        return picture.plotted(self)
