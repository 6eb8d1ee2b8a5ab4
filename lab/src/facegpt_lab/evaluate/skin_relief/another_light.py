"""Another light on people that our model cannot make: ICT heads with folds by another sculptor, path traced by Mitsuba.

A head is made of the photo in the first light. The photo in the second, from the same place and from another one, is
compared with what the head's skin predicts there: texture times the second light, which is estimated for the coarse
head as always. Errors are log ratios on seen skin, once as they are and once without what a blur of 8 mm leaves (tone,
and light misjudged). The true folds on the same coarse head tell how much a relief can be worth.

Four smiling people have plain folds and any light, so that these are worth little. Four others are lined: they frown,
their folds are half as deep again, and a small lamp lights them from one side, then from the other. There the share of
the true folds' gain that was reached says something, on all skin and where it is folded.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import map_coordinates

from facegpt.appearance.light import shading
from facegpt.appearance.texture import texture_from_photo, tone_from_photo
from facegpt.conventions import rotation_from_euler_deg, rotation_from_rotvec, srgb_to_linear
from facegpt.data.images import photo_of
from facegpt.detail.network import detail_network
from facegpt.detail.observation import Observation, observe, tone_of
from facegpt.detail.shading import MOST_FACTOR
from facegpt.detail.skin_window import HEIGHT, LEFT, SIDE, TOP, WIDTH, Maps, skin_window, unit
from facegpt.face import Face
from facegpt.fitting import fit_photo
from facegpt.morphable.base import head_vertices
from facegpt.morphable.normals import vertex_normals
from facegpt.reconstruct.photo import finished
from facegpt.reconstruct.seen_face import SeenFace
from facegpt.reconstruct.skin_detail import with_detail
from facegpt.render.base import AMBIENT_WHITE, Topology, View
from facegpt.runtime import registry
from facegpt.runtime.cache import cache_folder
from facegpt.types import Array, Camera, FaceParams, Pose
from facegpt_lab.evaluate.registry import Row, figure, optional_data
from facegpt_lab.evaluate.shared_networks import detector, head, whole_look
from facegpt_lab.synthesis.relief.other_folds import displaced, refined, sculpt
from facegpt_lab.synthesis.studio.ict_person import IctHead, IctPerson
from facegpt_lab.synthesis.studio.mitsuba_scene import LOOKS, Look, directions, random_look, render_photo

SIZE_PX, VERSION, DRAWN = 448, 4, 3
#: How far a head turns between the first photo and the one from another place, degrees: away from its first side.
TURN_DEG = 20.0
#: Paths a pixel and noise of the camera: little, for what is judged is fine.
SAMPLES, NOISE = 32, 0.004
#: Skin within this of the nose tip is sculpted, mm.
SCULPTED_MM = 95.0
#: Landmarks whose mean the head turns around: between the eyes, tip of the nose, chin.
TURNS_ABOUT = (27, 30, 8)
_FLOOR = 4e-3
#: Lined people: what their faces do, how much deeper their folds are, and where the lamp stands in the two lights,
#: degrees from the front; its brightness and spread, and that of the sky.
FROWN = {
    f"{unit}{side}": weight
    for unit, weight in (("browDown", 0.8), ("noseSneer", 0.3), ("eyeSquint", 0.5), ("mouthFrown", 0.4))
    for side in ("Left", "Right")
}
SMILE = {"mouthSmileLeft": 0.3, "mouthSmileRight": 0.3}
LINED_DEEPER, LAMPS_DEG, LAMP, LAMP_SPREAD, SKY = 1.5, (-45.0, 60.0), 20.0, 0.2, 0.12
#: A place is folded where the true folds turn its normal by more than this (sine).
FOLDED = 0.1


@dataclass(frozen=True)
class Relit:
    """Errors of one person in the second light by what was predicted: coarse, detailed, and with the true folds.

    Keys: "photo skin", "statistical skin" and "another view, photo skin". raw: as they are. fine: without tone.
    folds: the latter where skin is folded, nan where none is. lined: which kind of person it is.
    """

    raw: dict[str, tuple[float, ...]]
    fine: dict[str, tuple[float, ...]]
    folds: dict[str, tuple[float, ...]]
    lined: bool = False


def relit(person: tuple[int, bool]) -> Relit | None:
    """Judge person (number, whether lined); None where no face is found."""
    found = compare(*person)
    return None if found is None else found[0]


def relit_rows(told: Sequence[Relit | None]) -> list[Row]:
    """Figures over people in whom a face was found, plain ones and lined ones."""
    plain, lined = ([one for one in told if one is not None and one.lined is kind] for kind in (False, True))
    rows = []
    for skin in plain[0].fine if plain else ():
        for kind in ("fine", "raw"):
            coarse, detailed, true = np.array([getattr(relit, kind)[skin] for relit in plain]).mean(0)
            judged = (skin, kind) == ("photo skin", "fine")
            said = f"another light, {skin}, {'without tone' if kind == 'fine' else 'as it is'}"
            rows += [
                figure(f"{said}: error lower than coarse ({coarse:.3f})", 100 * (1 - detailed / coarse), "%",
                       at_least=15.0 if judged else None),
                figure(f"{said}: the same with the true folds", 100 * (1 - true / coarse), "%"),
            ]  # fmt: skip
    return rows + (lined_rows(lined) if lined else [])


def lined_rows(people: list[Relit]) -> list[Row]:
    """Figures over lined people in side light: what was gained, what the true folds gain, and the share reached.

    No share is told in folds: there the true ones lie a little beside where the fitted head has them.
    """
    rows = []
    for kind, where in (("fine", "all skin"), ("folds", "in folds")):
        for skin in ("photo skin", "another view, photo skin"):
            errors = np.array([getattr(relit, kind)[skin] for relit in people])
            coarse, detailed, true = np.nanmean(errors, axis=0)
            said = f"lined people in side light, {skin}, {where}"
            rows += [
                figure(f"{said}: error lower than coarse ({coarse:.3f})", 100 * (1 - detailed / coarse), "%"),
                figure(f"{said}: the same with the true folds", 100 * (1 - true / coarse), "%"),
            ]
            if kind == "fine" and true < coarse:
                rows.append(figure(f"{said}: share of that gain", 100 * (coarse - detailed) / (coarse - true), "%"))
    return rows


def photos(seed: int, lined: bool = False) -> tuple[NDArray[np.uint8], ...]:
    """The three photos of person number `seed`, made once (some 30 s): first and second light, and another view."""
    kind = "detail_lined" if lined else "detail_relit"
    file = cache_folder() / f"{kind}_v{VERSION}_{LOOKS}" / f"{seed:03d}.npz"
    if not file.is_file():
        print(f"making photos of person {seed} with Mitsuba, once", file=sys.stderr)
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part.npz")
        np.savez_compressed(part, *Sitter.drawn(seed, lined).photos())
        part.replace(file)
    with np.load(file, allow_pickle=False) as arrays:
        return tuple(arrays[f"arr_{k}"] for k in range(3))


@dataclass(frozen=True, eq=False)
class Sitter:
    """A sculpted person before a camera, and what draws the lights.

    Attributes:
        vertices: (V, 3) mm, folded. triangles: (F, 3). colours: (V, 3). smooth: (V, 3) normals without the folds.
        pose, camera: of the first two photos. middle: (3,) what the head turns around. rng: draws the lights.
        lined: whether a lamp lights it from the side.
    """

    vertices: Array
    triangles: NDArray[np.int32]
    colours: Array
    smooth: Array
    pose: Pose
    camera: Camera
    middle: Array
    rng: np.random.Generator
    lined: bool = False

    @staticmethod
    def drawn(seed: int, lined: bool = False) -> Sitter:
        """Person number `seed`; lined: frowning, with deep folds."""
        ict = IctHead(optional_data() / "ict_facekit.npz")
        rng = np.random.default_rng([DRAWN, 78 if lined else 77, seed])
        person = ict.person(rng.normal(0, 0.8, 100), FROWN if lined else SMILE, rng)
        vertices, triangles, colours, smooth = sculpted_person(ict, person, rng, LINED_DEEPER if lined else 1.0)
        rotation = rotation_from_euler_deg(rng.uniform(-18, 18), rng.normal(0, 5), rng.normal(0, 4))
        middle = person.landmarks68[list(TURNS_ABOUT)].mean(0)
        pose = Pose(rotation, np.array([0.0, 0.0, 900.0]) - rotation @ middle)
        camera = Camera(SIZE_PX * 0.62 * 900 / 150, ((SIZE_PX - 1) / 2, (SIZE_PX - 1) / 2), SIZE_PX, SIZE_PX)
        return Sitter(vertices, triangles, colours, smooth, pose, camera, middle, rng, lined)

    def photos(self) -> list[NDArray[np.uint8]]:
        """Both lights from the first place, and the second light from another one."""
        drawn = [side_look(degrees) if self.lined else random_look(self.rng) for degrees in LAMPS_DEG]
        looks = [replace(look, samples=SAMPLES, noise=NOISE) for look in drawn]
        turned = turn_of(self.pose) @ self.pose.rotation
        other = Pose(turned, np.array([0.0, 0.0, 900.0]) - turned @ self.middle)
        views = ((self.pose, looks[0]), (self.pose, looks[1]), (other, looks[1]))
        head = self.vertices, self.triangles, self.colours
        return [render_photo(*head, pose, self.camera, look, self.rng) for pose, look in views]

    def turned_normals(self) -> Maps:
        """By how much folds turn the normals that the first photo shows (H, W, 3), camera frame; 0 off the head."""
        corners = torch.from_numpy(np.ascontiguousarray(self.triangles, np.int32))
        topology = Topology(corners, torch.zeros(1, 2), torch.zeros_like(corners))
        camera = self.camera
        focal, principal = (torch.tensor([v], dtype=torch.float32) for v in (camera.focal_px, camera.principal_px))
        view = View(focal, principal, camera.height, camera.width)
        light = torch.zeros(1, 9, 3)
        light[0, 0] = AMBIENT_WHITE
        placed = torch.from_numpy(np.ascontiguousarray(self.pose.apply(self.vertices), np.float32))[None]
        with torch.no_grad():
            drawn = registry.load("render").render(placed, topology, torch.ones(1, 3, 4, 4), light, view)
        change = (vertex_normals(self.vertices, self.triangles) - unit(self.smooth)) @ self.pose.rotation.T
        triangle = drawn.triangle[0].numpy()
        corner = change[self.triangles[np.maximum(triangle, 0)]]
        seen = np.einsum("hwk,hwkc->hwc", drawn.barycentric[0].numpy(), corner)
        return np.where(triangle[..., None] >= 0, seen, 0).astype(np.float32)


def side_look(degrees: float) -> Look:
    """A dim grey sky and one small lamp, so many degrees to the side and 20 above the head."""
    side, up = np.radians(degrees), np.radians(20)
    lamp = np.array([np.sin(side) * np.cos(up), np.sin(up), np.cos(side) * np.cos(up)])
    light = SKY + LAMP * np.exp((directions(32, 64) @ lamp - 1) / LAMP_SPREAD**2)
    return Look(np.repeat(light[..., None], 3, -1).astype(np.float32))


def turn_of(pose: Pose) -> Array:
    """The rotation from the first place to the other one: towards the side that the first photo showed less of."""
    away = 1.0 if pose.rotation[0, 2] > 0 else -1.0
    return np.asarray(rotation_from_rotvec(np.array([0.0, away * np.radians(TURN_DEG), 0.0])))


def sculpted_person(
    ict: IctHead, person: IctPerson, rng: np.random.Generator, deeper: float = 1.0
) -> tuple[Array, NDArray[np.int32], Array, Array]:
    """A person without hair, its face cut fine and folded: vertices (V, 3) mm, triangles, colours, smooth normals."""
    count = len(ict.mean)
    triangles = person.triangles[(person.triangles < count).all(1)]
    near = np.linalg.norm(person.vertices[:count] - person.landmarks68[30], axis=1) < SCULPTED_MM
    outside = np.zeros(count, bool)
    outside[ict.face_vertices] = True
    chosen = (near & outside)[triangles].all(1)
    smooth = vertex_normals(person.vertices[:count], triangles)
    values = np.concatenate([person.colours[:count], smooth, (near & outside)[:, None]], 1)
    vertices, cut, values = refined(person.vertices[:count], triangles, values, chosen)
    amount = deeper * sculpt(vertices, cut, person.landmarks68, rng) * (values[:, 6] > 0.99)
    smooth = values[:, 3:6]
    return displaced(vertices, cut, smooth, amount), cut.astype(np.int32), values[:, :3], smooth


def compare(seed: int, lined: bool) -> tuple[Relit, Face] | None:
    """Make a head of a person's first photo and ask it for the others; None where no face is found."""
    first, second, third = photos(seed, lined)
    photo = photo_of(first)
    found = detector().detect(photo.pixels)
    if not found:
        return None
    dense = whole_look(photo.pixels, found[0])
    seen = SeenFace(photo, found[0], dense)
    fit = fit_photo(head(), found[0], photo.pixels, dense=dense)
    skin = texture_from_photo(photo.pixels, head(), fit.params, 1024, dense)
    plain = finished(head(), seen, fit, skin.albedo, skin.lighting, skin.texture)
    detailed = with_detail(plain, seen)
    relief = detailed.displacement
    assert relief is not None
    own = observe(head(), first, plain.params, dense)
    sitter = Sitter.drawn(seed, lined)
    true = on_skin(plain.params, sitter.turned_normals())
    without = delit(plain.texture, own, true, plain.params.lighting)
    skins = (window_of(plain.texture), window_of(detailed.texture), without)
    away = turned(plain.params, turn_of(sitter.pose))
    raw: dict[str, tuple[float, ...]] = {}
    fine: dict[str, tuple[float, ...]] = {}
    folds: dict[str, tuple[float, ...]] = {}
    folded = np.linalg.norm(true, axis=-1) > FOLDED
    for name, image, params in (
        ("photo skin", second, plain.params),
        ("statistical skin", second, plain.params),
        ("another view, photo skin", third, away),
    ):
        albedo, light = tone_from_photo(image, head(), params)
        other = observe(head(), image, params.replace(albedo=albedo, lighting=light), None if image is third else dense)
        change = true @ (params.pose.rotation @ plain.params.pose.rotation.T).T
        smooth, geometry = other.geometry.normal, other.geometry
        normals = (smooth, geometry.displaced_normal(relief), unit(smooth + change))
        worn = (other.expected,) * 3 if name == "statistical skin" else skins
        both = np.minimum(other.weight, own.weight)
        errors = [_errors(other, both, folded, s, n, light) for s, n in zip(worn, normals, strict=True)]
        raw[name], fine[name], folds[name] = (tuple(e[k] for e in errors) for k in range(3))
    return Relit(raw, fine, folds, lined), detailed


def on_skin(params: FaceParams, picture: Maps) -> Maps:
    """What a picture (H, W, C) of the photo's size shows at each texel of a head's skin (HEIGHT, WIDTH, C)."""
    places = skin_window(head()).interpolate(params.pose.apply(head_vertices(head(), params)).astype(np.float32))
    inside = places[..., 2] > 1
    pixel = np.full((HEIGHT, WIDTH, 2), -10.0)
    pixel[inside] = params.camera.project(places[inside])
    planes = [map_coordinates(plane, [pixel[..., 1], pixel[..., 0]], order=1) for plane in np.moveaxis(picture, -1, 0)]
    return np.stack(planes, -1).astype(np.float32)


def delit(texture: NDArray[np.uint8], seen: Observation, change: Maps, light: Array) -> Maps:
    """The window of a texture, freed of the shading of normals that are turned by `change` (HEIGHT, WIDTH, 3)."""
    coarse = shading(seen.geometry.normal, light)
    factor = shading(unit(seen.geometry.normal + change), light) / np.maximum(coarse, 1e-4)
    return np.asarray(window_of(texture) / np.clip(factor, 1 / MOST_FACTOR, MOST_FACTOR), np.float32)


def turned(params: FaceParams, turn: Array) -> FaceParams:
    """A fitted head after a turn of the true one, around the same points of the face."""
    marks = params.pose.apply(head().embedding("ibug68")(head_vertices(head(), params)))
    middle = marks[list(TURNS_ABOUT)].mean(0)
    pose = params.pose
    return params.replace(pose=Pose(turn @ pose.rotation, turn @ (pose.translation - middle) + middle))


def window_of(texture: NDArray[np.uint8]) -> Maps:
    """The window of a texture (S, S, 4) uint8 sRGB in linear light (HEIGHT, WIDTH, 3)."""
    small = Image.fromarray(texture[..., :3]).resize((SIDE, SIDE), Image.Resampling.BOX)
    return srgb_to_linear(np.asarray(small)[TOP : TOP + HEIGHT, LEFT : LEFT + WIDTH] / 255.0)


def _errors(
    seen: Observation, weight: Maps, folded: NDArray[np.bool_], skin: Maps, normals: Maps, light: Array
) -> tuple[float, float, float]:
    """Mean |log ratio| of a photo to skin in a light: as it is, without tone, and the latter where it is folded."""
    mask = detail_network().mask.numpy() * (weight > 0.5)
    inside = mask > 0.5
    lit = shading(normals, light)
    ratio = np.log(np.maximum(seen.colour, _FLOOR) / np.maximum(skin * lit, _FLOOR)) * inside[..., None]
    without = np.abs(ratio - tone_of(ratio.astype(np.float32), mask))
    deep = inside & folded
    in_folds = float(without[deep].mean()) if deep.any() else float("nan")
    return float(np.abs(ratio[inside]).mean()), float(without[inside].mean()), in_folds


def draw_sheet(people: Sequence[tuple[int, bool]], path: Path) -> None:
    """Draw the photos of people (number, whether lined), and the head of the first without and with detail."""
    rows = []
    for seed, lined in people:
        found = compare(seed, lined)
        if found is not None:
            heads = [each.render(SIZE_PX)[..., :3] for each in (found[1].with_detail(0.0), found[1])]
            rows.append(np.hstack([*photos(seed, lined), *heads]))
    if rows:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.vstack(rows)).save(path)
