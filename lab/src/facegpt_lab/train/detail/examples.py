"""Examples with known relief: a photo of a sculpted head, seen through a fit that is a little wrong."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy.ndimage import map_coordinates

from facegpt.appearance.texture import tone_from_photo
from facegpt.conventions import ARKIT_NAMES, rotation_from_rotvec
from facegpt.detail.fold_groups import GROUPS
from facegpt.detail.observation import CHANNELS, Observation, observe
from facegpt.detail.skin_window import HEIGHT, WIDTH, Maps
from facegpt.morphable.base import head_vertices
from facegpt.morphable.makehuman.albedo import NAMED
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.morphable.makehuman.skin import skin_sample
from facegpt.render.base import Renderer
from facegpt.runtime import registry
from facegpt.types import Array, Camera, FaceParams, Pose
from facegpt_lab.synthesis.relief.canvas import Canvas, smooth_noise
from facegpt_lab.synthesis.relief.folds import bumps, creases, sculpted, warped
from facegpt_lab.synthesis.relief.level_lines import level_lines
from facegpt_lab.synthesis.relief.marks import painted_marks
from facegpt_lab.synthesis.relief.relief_photo import ReliefPhoto, draw_lamps, draw_view, relief_photo
from facegpt_lab.synthesis.studio.expression import draw_expression
from facegpt_lab.synthesis.studio.studio_head import studio_head

#: Channels of an observation that are stored; the last two are places.
STORED = CHANNELS - 2


@dataclass(frozen=True, eq=False)
class Example:
    """What the network is taught: the observation of a photo, and the relief (HEIGHT, WIDTH) mm where it shows it."""

    observation: Observation
    relief: Maps
    photo: ReliefPhoto


@dataclass(frozen=True)
class Studio:
    """What examples are made with: the head, its canvas and a renderer."""

    model: MakeHumanHead
    canvas: Canvas
    renderer: Renderer

    @staticmethod
    def ready() -> Studio:
        """The default head with the default renderer."""
        model = studio_head().model
        return Studio(model, Canvas(model), registry.load("render"))

    @cached_property
    def open_to_light(self) -> Array:
        """(V,) share of the light from around that reaches each vertex of the head."""
        return studio_head().open

    def example(self, seed: int, relief: Maps | None = None, marks: Maps | None = None) -> Example:
        """Example number `seed`: the same for the same seed, but with another relief or other marks if given."""
        rng = np.random.default_rng([7, seed])
        params = self.person(rng)
        lamps = draw_lamps(rng)
        own, painted = self.relief(rng), painted_marks(self.canvas, rng)
        relief, marks = own if relief is None else relief, painted if marks is None else marks
        photo = relief_photo(self.model, self.renderer, params, relief, marks, self.open_to_light, lamps, rng)
        return self.seen(photo, rng)

    def person(self, rng: np.random.Generator) -> FaceParams:
        """Draw a person, an expression, a view; the light is left open."""
        return self.aged_person(rng)[0]

    def aged_person(self, rng: np.random.Generator) -> tuple[FaceParams, float]:
        """Draw a person, an expression, a view; and the person's age in years."""
        pose, camera = draw_view(rng)
        age, sex = float(rng.uniform(16, 85)), str(rng.choice(["F", "M"]))
        seed = int(rng.integers(2**31))
        albedo = skin_sample(self.model.albedo, 1, seed, sex)[0]
        albedo[NAMED["wrinkles"]] = -3.0  # none painted: here they are relief
        params = FaceParams(
            model_id=self.model.model_id,
            identity=self.model.sample(1, seed, sex, age)[0],
            expression=draw_expression(rng),
            joints=np.zeros((self.model.sizes.joints, 3), np.float32),
            pose=pose,
            albedo=albedo,
            lighting=np.zeros((9, 3), np.float32),
            camera=camera,
        )
        return params, age

    def relief(self, rng: np.random.Generator) -> Maps:
        """Draw the relief of a skin: folds from none to deep, creases, bumps, fine crepe."""
        level = rng.uniform(0, 1.3)
        strengths = {name: float(np.clip(rng.uniform(0, 1.2) * level, 0, 1.2)) for name in GROUPS}
        relief = sculpted(self.canvas, rng, strengths)
        relief += creases(self.canvas, rng, int(rng.integers(0, 9))) + bumps(self.canvas, rng, int(rng.integers(0, 10)))
        grain = smooth_noise(rng, (rng.uniform(0.8, 2.0), rng.uniform(0.8, 2.0)))
        return (relief + rng.uniform(0, 0.012) * grain + rng.uniform(0, 0.03) * smooth_noise(rng, 6.0)).astype(
            np.float32
        )

    def other_relief(self, rng: np.random.Generator) -> Maps:
        """Draw folds that run anywhere, upon half of them those of a face, out of place and up to twice as deep."""
        lines = level_lines(rng)
        if rng.random() < 0.5:
            return lines + np.float32(0.012) * smooth_noise(rng, 1.2)
        return lines + warped(self.relief(rng) * np.float32(rng.uniform(0.7, 2.0)), rng, rng.uniform(0, 6))

    def seen(self, photo: ReliefPhoto, rng: np.random.Generator) -> Example:
        """Look at a photo through a fit that is off by some tenths of a SD and a degree."""
        wrong = disturbed(self.model, photo.params, rng)
        albedo, lighting = tone_from_photo(photo.image, self.model, wrong)
        observation = observe(self.model, photo.image, wrong.replace(albedo=albedo, lighting=lighting))
        return Example(observation, relief_under(self.model, photo, wrong), photo)


def stored_example(path: Path, seen: Observation, wanted: Maps) -> None:
    """Write what the network is to see, and what goes with it (HEIGHT, WIDTH): (STORED + 1, HEIGHT, WIDTH) float16."""
    stacked = np.concatenate([seen.channels[:STORED], wanted[None]]).astype(np.float16)
    part = path.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as file:
        np.save(file, stacked)
    part.replace(path)


def disturbed(model: MakeHumanHead, params: FaceParams, rng: np.random.Generator) -> FaceParams:
    """A fit with errors: identity, expression and pose, the face still in its place."""
    identity = params.identity + rng.normal(0, 0.25, len(params.identity)).astype(np.float32)
    expression = np.clip(params.expression + rng.normal(0, 0.04, len(ARKIT_NAMES)), 0, 1).astype(np.float32)
    wrong = params.replace(identity=identity, expression=expression)
    turn = rotation_from_rotvec(rng.normal(0, np.radians(1.0), 3)) @ params.pose.rotation
    marks = model.embedding("ibug68")
    before = params.pose.apply(marks(head_vertices(model, params))).mean(0)
    after = (marks(head_vertices(model, wrong)) @ turn.T).mean(0)
    return wrong.replace(pose=Pose(turn, before - after + rng.normal(0, 0.3, 3) * [1, 1, 4]))


def relief_under(model: MakeHumanHead, photo: ReliefPhoto, params: FaceParams) -> Maps:
    """The relief (HEIGHT, WIDTH) that a photo shows where a fit puts each texel of the skin; 0 where it shows none."""
    from facegpt.detail.skin_window import skin_window

    window = skin_window(model)
    places = window.interpolate(params.pose.apply(head_vertices(model, params)).astype(np.float32))
    camera: Camera = params.camera
    inside = places[..., 2] > 1
    pixel = np.zeros((HEIGHT, WIDTH, 2))
    pixel[inside] = camera.project(places[inside])
    texel = [map_coordinates(photo.texel[..., k], [pixel[..., 1], pixel[..., 0]], order=1, cval=np.nan) for k in (0, 1)]
    known = inside & np.isfinite(texel[0]) & np.isfinite(texel[1])
    relief = map_coordinates(photo.relief, [np.where(known, t, 0) for t in texel], order=1, mode="nearest")
    return np.where(known, relief, 0).astype(np.float32)
