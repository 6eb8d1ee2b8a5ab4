"""Validation photos: how much of their light a relief explains, whether the head stays the person, and the time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from facegpt.appearance.light import estimate_light, shading
from facegpt.appearance.skin_tones import SkinTones
from facegpt.appearance.texture import texture_from_photo
from facegpt.conventions import rotation_from_euler_deg
from facegpt.data.download import sha256_of
from facegpt.data.images import photo_of
from facegpt.detail.explained_light import Stiffness, explained
from facegpt.detail.from_photo import skin_trust, trusted
from facegpt.detail.network import detail_network
from facegpt.detail.observation import Observation, observe
from facegpt.detail.relief_network import LARGEST_MM
from facegpt.detail.skin_window import HEIGHT, WIDTH, Maps
from facegpt.face import Face
from facegpt.fitting import fit_photo
from facegpt.fitting.mediapipe_points import MEDIAPIPE_68
from facegpt.reconstruct.photo import finished
from facegpt.reconstruct.seen_face import SeenFace
from facegpt.reconstruct.skin_detail import with_detail
from facegpt.render.lighting import default_studio_lighting, sh_basis
from facegpt.types import Array, FaceGPTError
from facegpt_lab.evaluate.judges.likeness import describe_head, describe_photo
from facegpt_lab.evaluate.registry import Row, figure, optional_data
from facegpt_lab.evaluate.shared_networks import detector, head, whole_look
from facegpt_lab.evaluate.validation_photos import read_photo

#: A relief that may take whatever shape explains the light: no skin looks so, but none explains more.
FREE = Stiffness(smooth=0.01, folded=0.01, size=0.001, hollow=1.0, steps=60)
#: Darker than this, linear, noise rules a logarithm.
_FLOOR = 4e-3


@dataclass(frozen=True)
class Looked:
    """What one validation photo says, each without and with detail.

    Attributes:
        errors: photometric, in the light that was fitted; the third is that of a relief which may explain all it can.
        relit: in a light that was fitted again to each skin.
        apart: identity distances. seconds: of balanced fitting, and that detail adds, one core.
    """

    errors: tuple[float, float, float]
    relit: tuple[float, float]
    apart: tuple[float, float]
    seconds: tuple[float, float]


def look(name: str) -> Looked | None:
    """Fit a photo and compare its light on the skin with and without detail; None where no face is found."""
    photo = photo_of(read_photo(name))
    found = detector().detect(photo.pixels)
    if not found:
        return None
    dense = whole_look(photo.pixels, found[0])
    seen = SeenFace(photo, found[0], dense)
    started = time.process_time()
    fit = fit_photo(head(), found[0], photo.pixels, dense=dense)
    fitted = time.process_time()
    skin = texture_from_photo(photo.pixels, head(), fit.params, 1024, dense, seen.parts)
    face = finished(head(), seen, fit, skin.albedo, skin.lighting, skin.texture)
    begun = time.process_time()
    detailed = with_detail(face, seen)
    seconds = fitted - started, time.process_time() - begun
    observation = observe(head(), photo.pixels, face.params, dense, seen.parts)
    assert detailed.displacement is not None
    reliefs = np.zeros((HEIGHT, WIDTH), np.float32), detailed.displacement
    mask = detail_network().mask.numpy()
    free = np.clip(explained(observation, reliefs[0], trusted(observation, mask), FREE) * mask, -LARGEST_MM, LARGEST_MM)
    errors = [photometric(observation, d, face.params.lighting) for d in (*reliefs, free)]
    again = [photometric(observation, d, light_again(observation, d)) for d in reliefs]
    own = describe_photo(photo.pixels, found[0].points[list(MEDIAPIPE_68), :2])
    apart = [float(np.linalg.norm(describe_head(each) - own, axis=1).mean()) for each in (face, _baked(detailed))]
    return Looked((errors[0], errors[1], errors[2]), (again[0], again[1]), (apart[0], apart[1]), seconds)


def _baked(face: Face) -> Face:
    """The head with its relief's light in its texture, for judges that draw without detail."""
    lit = face.lit(rotation_from_euler_deg(0.0), default_studio_lighting())
    return replace(face, photo_texture=lit.texture, detail=None)


def photometric(seen: Observation, displacement: Maps, lighting: Array) -> float:
    """Mean |log ratio| of the photo to the statistical albedo in a light, on skin that is seen."""
    where = _judged_skin(seen)
    if not where.any():
        return float("nan")
    light = shading(seen.geometry.displaced_normal(displacement)[where], lighting)
    ratio = np.maximum(seen.colour[where], _FLOOR) / np.maximum(seen.expected[where] * light, _FLOOR)
    return float(np.abs(np.log(ratio)).mean())


def light_again(seen: Observation, displacement: Maps) -> Array:
    """The light (9, 3) that best explains a photo on skin with a relief, its albedo given."""
    where = _judged_skin(seen)
    albedo = np.log(np.maximum(seen.expected[where], _FLOOR))
    normals = seen.geometry.displaced_normal(displacement)[where]
    none = SkinTones(np.zeros((0, *albedo.shape)))
    return estimate_light(seen.colour[where], sh_basis(normals), albedo, none, np.ones(len(albedo))).lighting


def _judged_skin(seen: Observation) -> np.ndarray:
    mask = detail_network().mask.numpy()
    return (seen.weight > 0.5) & (mask > 0.5) & (skin_trust(seen, mask) > 0.5)


def photo_rows(faces: Sequence[Looked | None]) -> list[Row]:
    """Sum up the photos."""
    told = [f for f in faces if f is not None and np.isfinite(f.errors[0])]
    if not told:
        raise FaceGPTError("none of the validation photos shows a face that could be fitted")
    errors, relit, apart = (np.array([getattr(f, name) for f in told]) for name in ("errors", "relit", "apart"))
    (coarse, detailed, free), (again, both), (before, after) = (each.mean(0) for each in (errors, relit, apart))
    fit, added = np.median([f.seconds for f in told], axis=0)  # a process's first photo pays for its start
    worse = [100 * float((each[:, 1] > each[:, 0] + slack).mean()) for each, slack in ((errors, 0), (apart, 0.02))]
    said = "validation photos"
    return [
        figure(f"{said}: photometric error lower than coarse ({coarse:.3f})", 100 * (1 - detailed / coarse), "%",
               at_least=25),
        figure(f"{said}: ceiling, a relief free to explain every shade, marks too", 100 * (1 - free / coarse), "%"),
        figure(f"{said}: the same, light fitted again to each ({again:.3f})", 100 * (1 - both / again), "%"),
        figure(f"{said}: light fitted again with the relief, beside coarse as fitted", 100 * (1 - both / coarse), "%"),
        figure(f"{said}: made worse by detail", worse[0], "%", at_most=0),
        figure(f"{said}: identity distance changed (from {before:.3f})", after - before, "", at_most=0.005),
        figure(f"{said}: identity distance more than .02 longer", worse[1], "%"),
        figure("time that detail adds, over that of balanced fitting, medians", added / fit, "ratio", at_most=1.0),
        figure("time that detail adds, one core, median", added, "s"),
    ]  # fmt: skip


def identify(name: str) -> str:
    """Name of a photo by its content."""
    return f"{name} {sha256_of(optional_data() / name)}"
