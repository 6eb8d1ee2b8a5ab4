"""Pictures of the studio with a finer label for every pixel, framed as the network of parts sees faces.

S is SIDE, the network's input. Labels are numbers of `synthesis/studio/materials.THING_NAMES`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facegpt.morphable.makehuman.painted_hair import groom_texture
from facegpt.render.numba_cpu.shade import fill_buffers
from facegpt.runtime.progress import Progress
from facegpt.types import FaceGPTError, Hair
from facegpt_lab.synthesis.studio.assembly import Stage, assemble
from facegpt_lab.synthesis.studio.backdrop import paint_backdrop
from facegpt_lab.synthesis.studio.camera import develop
from facegpt_lab.synthesis.studio.draw import SUPERSAMPLE, Radiance, build_stage, render_stage
from facegpt_lab.synthesis.studio.materials import BARE, BEARD, GLASSES, HAIR, HAND, HAT, OCCLUDER, SKIN
from facegpt_lab.synthesis.studio.scene import PhotoScene, draw_scene
from facegpt_lab.synthesis.studio.skins import SIDE as SKIN_SIDE
from facegpt_lab.synthesis.studio.skins import SkinPool, matched, skin_looks, skin_pool
from facegpt_lab.train.parts.grown_hair import bareheaded, with_grown_hair

#: Side of a picture, px, and of its window over the longer side of the box around the detector's face points.
SIDE, SIDE_OVER_BOX = 192, 2.4
#: SD of the window's log size and of its shift (sides). How much darker painted hairs make a skin that is labelled;
#: how much grown hair covers of a pixel that is.
SIZE_SD, SHIFT_SD, PAINTED, COVERED = 0.08, 0.03, 0.05, 0.5


@dataclass(frozen=True, eq=False)
class PartPictures:
    """N pictures: image (N, S, S, 3) uint8 sRGB and label (N, S, S) uint8."""

    image: NDArray[np.uint8]
    label: NDArray[np.uint8]

    @classmethod
    def load(cls, path: Path) -> PartPictures:
        """Read the file of `write_pictures`."""
        if not path.is_file():
            raise FaceGPTError(f"there are no pictures '{path}'; make them with lab/runs/parts/train.py")
        with np.load(path, allow_pickle=False) as arrays:
            return cls(arrays["image"], arrays["label"])


def write_pictures(seeds: Iterable[int], path: Path, grown: bool = False) -> PartPictures:
    """Make the pictures of some numbers (`labelled_picture`) and write them to one file."""
    numbers, made = list(seeds), []
    with Progress("pictures", len(numbers)) as show:
        for done, seed in enumerate(numbers, 1):
            made.append(labelled_picture(seed, grown))
            show(done)
    image, label = (np.stack(column) for column in zip(*made, strict=True))
    part = path.with_suffix(".part.npz")
    np.savez(part, image=image, label=label)
    os.replace(part, path)
    return PartPictures(image, label)


def labelled_picture(seed: int, grown: bool = False) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The picture of a number (S, S, 3) and what each of its pixels shows (S, S).

    grown: the person has no hat, and hair that grows from a groom (`grown_hair`).
    """
    pool, rng = skin_pool(), np.random.default_rng([seed, 23])
    scene = draw_scene(seed, "crop", SIDE)
    shift = rng.normal(0, SHIFT_SD, 2)
    margin = SIDE_OVER_BOX / 1.4 * float(np.exp(rng.normal(0, SIZE_SD)))
    framing = replace(scene.framing, margin=margin, shift=(float(shift[0]), float(shift[1])))
    framing = replace(framing, distance_mm=max(framing.distance_mm, 450.0))
    scene = matched(replace(scene, framing=framing), pool)
    scene = bareheaded(scene) if grown else scene
    stage = build_stage(scene, "crop", SIDE)
    fine, blur = int(SIDE * SUPERSAMPLE), scene.lens.defocus_px * SUPERSAMPLE
    backdrop = np.ascontiguousarray(paint_backdrop(scene.backdrop, fine, "", blur))
    seen = render_stage(scene, stage, backdrop, pool)
    rows = np.floor((np.arange(SIDE) + 0.5) * SUPERSAMPLE).astype(int)
    things, light = thing_map(scene, stage, seen, pool)[np.ix_(rows, rows)], seen.light
    if grown:
        light, cover = with_grown_hair(light, seen.nearest[np.ix_(rows, rows)], scene, stage, rng)
        things[cover > COVERED] = HAIR
    return develop(light, scene.lens, seen.level, np.random.default_rng([seed, 11])), things


def thing_map(scene: PhotoScene, stage: Stage, seen: Radiance, pool: SkinPool) -> NDArray[np.uint8]:
    """What each pixel of a drawn stage shows (h, w), dark lenses and hairs painted on the skin included."""
    mesh, side = assemble(stage), len(seen.index)
    there = seen.index >= 0
    things = np.where(there, mesh.thing[seen.index], 0).astype(np.uint8)
    things[(seen.part == OCCLUDER) & ~np.isin(things, (GLASSES, HAT, HAND))] = GLASSES  # dark lenses
    painted = _painted(pool.index(scene.skin.first))
    if painted is None:
        return things
    fine = stage.camera.scaled(SUPERSAMPLE)
    intrinsics = np.array([fine.focal_px, *fine.principal_px], np.float32)
    unused = np.empty((side, side), np.float32), np.empty((side, side, 3), np.float32)
    places, weights = np.empty((side, side, 2), np.float32), np.empty((side, side, 3), np.float32)
    corners = np.arange(3 * len(mesh.triangles), dtype=np.uint32).reshape(-1, 3)
    uv = mesh.corner_uv.reshape(-1, 2)
    fill_buffers(
        *(mesh.vertices, mesh.normals, mesh.triangles, uv, corners, intrinsics),
        *(seen.index, *unused, places, weights, 0, side),
    )
    skin = there & (things == BARE) & (mesh.material[seen.index] == SKIN)
    column, row = (
        np.clip((at * SKIN_SIDE).astype(int), 0, SKIN_SIDE - 1) for at in (places[..., 0], 1 - places[..., 1])
    )
    there = painted[row, column]
    return np.where(skin & (there > 0), there, things).astype(np.uint8)


@lru_cache(maxsize=512)
def _painted(skin: int) -> NDArray[np.uint8] | None:
    """Where a skin of the pool has a beard or cropped hair painted on it: (SKIN_SIDE, SKIN_SIDE), None for nowhere."""
    look = skin_looks()[skin]
    out = np.zeros((SKIN_SIDE, SKIN_SIDE), np.uint8)
    for thing, own in (
        (BEARD, Hair("bald", (0.0, 0.0, 0.0), 0.0, look.beard, look.moustache)),
        (HAIR, Hair("cropped" if look.style == "cropped" else "bald", (0.0, 0.0, 0.0))),
    ):
        if own.style == "cropped" or own.beard or own.moustache:
            out[_darker_where(own) > PAINTED] = thing
    return out if out.any() else None


def _darker_where(look: Hair) -> NDArray[np.floating]:
    """How much light black hairs of a look take from a white skin, smoothed over a texel's neighbours."""
    from scipy.ndimage import gaussian_filter

    white = np.ones((SKIN_SIDE, SKIN_SIDE, 3), np.float32)
    bare = Hair("bald", (0.0, 0.0, 0.0))
    taken = (groom_texture(white, bare) - groom_texture(white, look))[..., 1]
    return gaussian_filter(taken, 1.5)
