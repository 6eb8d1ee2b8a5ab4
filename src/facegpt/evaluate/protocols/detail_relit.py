"""Another light on people that our model cannot make: ICT heads with folds by another sculptor, path traced by Mitsuba.

A head is made of the photo in the first light. The photo in the second, from the same place, is compared with what the
head's skin predicts there: texture times the second light, which is estimated for the coarse head as always. Errors
are log ratios on seen skin, once as they are and once without what a blur of 8 mm leaves (tone, and light misjudged).
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.appearance.light import shading
from facegpt.appearance.texture import texture_from_photo, tone_from_photo
from facegpt.conventions import rotation_from_euler_deg, srgb_to_linear
from facegpt.data.images import photo_of
from facegpt.detail.network import detail_network
from facegpt.detail.observation import Observation, observe, tone_of
from facegpt.detail.skin_window import HEIGHT, LEFT, SIDE, TOP, WIDTH, Maps
from facegpt.evaluate.registry import Row, figure, optional_data
from facegpt.evaluate.shared_networks import detector, head, landmarker
from facegpt.face import Face
from facegpt.fitting import fit_photo
from facegpt.morphable.normals import vertex_normals
from facegpt.reconstruct.photo import SeenFace, finished
from facegpt.reconstruct.skin_detail import with_detail
from facegpt.runtime.cache import cache_folder
from facegpt.synthesis.relief.other_folds import displaced, refined, sculpt
from facegpt.synthesis.studio.ict_person import IctHead, IctPerson
from facegpt.synthesis.studio.mitsuba_scene import random_look, render_photo
from facegpt.types import Array, Camera, Pose

PEOPLE, SIZE_PX, VERSION = 4, 448, 3
#: Paths a pixel and noise of the camera: little, for what is judged is fine.
SAMPLES, NOISE = 32, 0.004
#: Skin within this of the nose tip is sculpted, mm.
SCULPTED_MM = 95.0
_FLOOR = 4e-3


@dataclass(frozen=True)
class Relit:
    """Errors of one person in the second light, by skin: "photo" texture or "statistical"; coarse and detailed."""

    raw: dict[str, tuple[float, float]]
    fine: dict[str, tuple[float, float]]


def relit_rows(sheet: Path | None, people: int = PEOPLE) -> list[Row]:
    """Figures over people in whom a face was found; sheet: file for pictures."""
    pairs = [photos(seed) for seed in range(people)]
    results = [found for pair in pairs if (found := compare(*pair)) is not None]
    if sheet is not None and results:
        draw_sheet([(pair, face) for pair, (_, face) in zip(pairs, results, strict=False)], sheet)
    rows = []
    for skin in ("photo", "statistical"):
        for kind in ("fine", "raw"):
            each = np.array([getattr(relit, kind)[skin] for relit, _ in results])
            coarse, detailed = each.mean(0)
            target = 15.0 if (skin, kind) == ("photo", "fine") else None
            said = f"another light, {skin} skin, {'without tone' if kind == 'fine' else 'as it is'}"
            rows.append(
                figure(f"{said}: error lower than coarse ({coarse:.3f})", 100 * (1 - detailed / coarse), "%",
                       at_least=target)
            )  # fmt: skip
    return rows


def photos(seed: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The two photos of person number `seed`, made once (some 20 s)."""
    file = cache_folder() / f"detail_relit_v{VERSION}" / f"{seed:03d}.npz"
    if not file.is_file():
        print(f"making photos of person {seed} with Mitsuba, once", file=sys.stderr)
        file.parent.mkdir(parents=True, exist_ok=True)
        first, second = _make(seed)
        part = file.with_suffix(".part.npz")
        np.savez_compressed(part, first=first, second=second)
        part.replace(file)
    with np.load(file, allow_pickle=False) as arrays:
        return arrays["first"], arrays["second"]


def _make(seed: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    ict = IctHead(optional_data() / "ict_facekit.npz")
    rng = np.random.default_rng([VERSION, 77, seed])
    person = ict.person(rng.normal(0, 0.8, 100), {"mouthSmileLeft": 0.3, "mouthSmileRight": 0.3}, rng)
    vertices, triangles, colours = sculpted_person(ict, person, rng)
    rotation = rotation_from_euler_deg(rng.uniform(-18, 18), rng.normal(0, 5), rng.normal(0, 4))
    focal = SIZE_PX * 0.62 * 900 / 150
    middle = person.landmarks68[[27, 30, 8]].mean(0)
    pose = Pose(rotation, np.array([0.0, 0.0, 900.0]) - rotation @ middle)
    camera = Camera(focal, ((SIZE_PX - 1) / 2, (SIZE_PX - 1) / 2), SIZE_PX, SIZE_PX)
    looks = [replace(random_look(rng), samples=SAMPLES, noise=NOISE) for _ in range(2)]
    made = [render_photo(vertices, triangles, colours, pose, camera, look, rng) for look in looks]
    return made[0], made[1]


def sculpted_person(
    ict: IctHead, person: IctPerson, rng: np.random.Generator
) -> tuple[Array, NDArray[np.int32], Array]:
    """A person without hair, its face cut fine and folded: vertices (V, 3) mm, triangles, colours."""
    count = len(ict.mean)
    triangles = person.triangles[(person.triangles < count).all(1)]
    near = np.linalg.norm(person.vertices[:count] - person.landmarks68[30], axis=1) < SCULPTED_MM
    outside = np.zeros(count, bool)
    outside[ict.face_vertices] = True
    chosen = (near & outside)[triangles].all(1)
    smooth = vertex_normals(person.vertices[:count], triangles)
    values = np.concatenate([person.colours[:count], smooth, (near & outside)[:, None]], 1)
    vertices, cut, values = refined(person.vertices[:count], triangles, values, chosen)
    amount = sculpt(vertices, cut, person.landmarks68, rng) * (values[:, 6] > 0.99)
    return displaced(vertices, cut, values[:, 3:6], amount), cut.astype(np.int32), values[:, :3]


def compare(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> tuple[Relit, Face] | None:
    """Make a head of the first photo and ask it for the second; None where no face is found."""
    photo = photo_of(first)
    found = detector().detect(photo.pixels)
    if not found:
        return None
    dense = landmarker().predict(photo.pixels, found[0])
    seen = SeenFace(photo, found[0], dense)
    fit = fit_photo(head(), found[0], photo.pixels, dense=dense)
    skin = texture_from_photo(photo.pixels, head(), fit.params, 1024, dense)
    plain = finished(head(), seen, fit, skin.albedo, skin.lighting, skin.texture)
    detailed = with_detail(plain, seen)
    albedo, light = tone_from_photo(second, head(), plain.params)
    other = observe(head(), second, plain.params.replace(albedo=albedo, lighting=light), dense)
    relief = detailed.displacement
    assert relief is not None
    none = np.zeros_like(relief)
    raw, fine = {}, {}
    for name, skins in {
        "photo": (window_of(plain.texture), window_of(detailed.texture)),
        "statistical": (other.expected, other.expected),
    }.items():
        pairs = [_errors(other, s, d, light) for s, d in zip(skins, (none, relief), strict=True)]
        raw[name], fine[name] = (pairs[0][0], pairs[1][0]), (pairs[0][1], pairs[1][1])
    return Relit(raw, fine), detailed


def window_of(texture: NDArray[np.uint8]) -> Maps:
    """The window of a texture (S, S, 4) uint8 sRGB in linear light (HEIGHT, WIDTH, 3)."""
    small = Image.fromarray(texture[..., :3]).resize((SIDE, SIDE), Image.Resampling.BOX)
    return srgb_to_linear(np.asarray(small)[TOP : TOP + HEIGHT, LEFT : LEFT + WIDTH] / 255.0)


def _errors(seen: Observation, skin: Maps, displacement: Maps, light: Array) -> tuple[float, float]:
    """Mean |log ratio| of a photo to skin in a light, as it is and without tone."""
    mask = detail_network().mask.numpy() * (seen.weight > 0.5)
    lit = shading(seen.geometry.displaced_normal(displacement), light)
    ratio = np.log(np.maximum(seen.colour, _FLOOR) / np.maximum(skin * lit, _FLOOR)) * (mask > 0.5)[..., None]
    without = ratio - tone_of(ratio.astype(np.float32), mask)
    return float(np.abs(ratio[mask > 0.5]).mean()), float(np.abs(without[mask > 0.5]).mean())


def draw_sheet(shown: list[tuple[tuple[NDArray[np.uint8], NDArray[np.uint8]], Face]], path: Path) -> None:
    """Both photos, and the head of the first without and with detail."""
    rows = []
    for (first, second), face in shown:
        heads = [each.render(SIZE_PX)[..., :3] for each in (face.with_detail(0.0), face)]
        rows.append(np.hstack([first, second, *heads]))
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.vstack(rows)).save(path)
