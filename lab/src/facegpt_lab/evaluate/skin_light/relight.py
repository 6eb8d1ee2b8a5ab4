"""`facegpt eval relight`: a photo's skin under another light and beside the truth, on people of another head model.

ICT heads with painted skin, brows, lips, stubble and eyes, path traced by Mitsuba from one place in two lights. A head
is made of the first photo. Its skin times the light that explains the second photo best is compared with that photo;
and with the true albedo, which is known at each pixel. Where the light was left in the skin, both errors grow.
The eyes' irises are compared by colour alone (CIE a*, b*) and as they are. Needs the optional data and Mitsuba.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from facegpt.appearance.known_skin import light_on_skin
from facegpt.appearance.light import SHEEN, shading
from facegpt.appearance.texture import texture_from_photo
from facegpt.cielab import lab_from_linear
from facegpt.conventions import rotation_from_euler_deg, srgb_to_linear
from facegpt.encode.parts import parts
from facegpt.fitting import fit_photo
from facegpt.morphable.base import head_vertices
from facegpt.morphable.normals import vertex_normals
from facegpt.render.base import Topology, View
from facegpt.render.numba_cpu.renderer import NumbaRenderer
from facegpt.runtime.cache import cache_folder
from facegpt.types import Array, Camera, FaceParams, Pose
from facegpt_lab.evaluate.registry import Report, Row, figure, optional_data
from facegpt_lab.evaluate.shared_networks import detector, head, whole_look
from facegpt_lab.evaluate.skin_light.colour_difference import delta_e
from facegpt_lab.evaluate.skin_light.skin_border import border_step
from facegpt_lab.synthesis.studio.ict_person import IctHead
from facegpt_lab.synthesis.studio.mitsuba_scene import LOOKS, random_look, render_photo

COUNT, QUICK_COUNT, SIZE_PX, TEXTURE_PX, VERSION = 24, 4, 400, 1024, 1
#: Darker than this, linear, noise rules a logarithm.
_FLOOR = 8e-3


@dataclass(frozen=True)
class RelitPhotos:
    """One person, twice: photos (H, W, 3) uint8 in two lights, and the truth of each pixel.

    Attributes:
        first, second: the photos.
        albedo: (H, W, 3) linear. kind: (H, W) uint8: 0 nothing, 1 skin, 2 iris, 3 others (hair, teeth, sclera, pupil).
    """

    first: NDArray[np.uint8]
    second: NDArray[np.uint8]
    albedo: Array
    kind: NDArray[np.uint8]


@dataclass(frozen=True)
class Errors:
    """Of one person: log ratios of the relit skin and of its albedo (with and without one tone), irises, border."""

    relit: float
    albedo: float
    albedo_without_tone: float
    tone: float
    iris: float
    border: float
    skin_border: float


def photos(seed: int) -> RelitPhotos:
    """The photos of person number `seed`, made once (some 15 s)."""
    file = cache_folder() / f"relight_v{VERSION}_{LOOKS}" / f"{seed:03d}.npz"
    if not file.is_file():
        print(f"making photos of person {seed} with Mitsuba, once", file=sys.stderr)
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part.npz")
        np.savez_compressed(part, **vars(_made(seed)))
        part.replace(file)
    with np.load(file, allow_pickle=False) as arrays:
        return RelitPhotos(*(arrays[name] for name in RelitPhotos.__dataclass_fields__))


def _made(seed: int) -> RelitPhotos:
    ict = IctHead(optional_data() / "ict_facekit.npz")
    rng = np.random.default_rng([VERSION, 551, seed])
    smile = float(rng.uniform(0, 0.6))
    person = ict.person(rng.normal(0, 0.8, 100), {"mouthSmileLeft": smile, "mouthSmileRight": smile}, rng)
    rotation = rotation_from_euler_deg(rng.uniform(-30, 30), rng.normal(0, 6), rng.normal(0, 4))
    middle = person.landmarks68[[27, 30, 8]].mean(0)
    pose = Pose(rotation, np.array([0.0, 0.0, 900.0]) - rotation @ middle)
    camera = Camera(SIZE_PX * 0.62 * 900 / 150, ((SIZE_PX - 1) / 2,) * 2, SIZE_PX, SIZE_PX)
    looks = [random_look(rng) for _ in range(2)]
    parts = (person.vertices, person.triangles, person.colours, pose, camera)
    first, second = (render_photo(*parts, look, rng) for look in looks)
    drawn, number = _drawn_colours(person.vertices, person.triangles, person.colours, pose, camera)
    return RelitPhotos(first, second, drawn, _kinds(ict, person.triangles, person.colours)[number])


def _kinds(ict: IctHead, triangles: NDArray[np.int32], colours: Array) -> NDArray[np.uint8]:
    """What each triangle shows, and 0 for "no triangle" (number -1) at the end."""
    kind = np.full(len(triangles) + 1, 3, np.uint8)
    outside = np.zeros(int(triangles.max()) + 1, bool)
    outside[ict.face_vertices] = True
    kind[:-1][outside[triangles].all(1)] = 1
    balls = np.zeros(len(outside), bool)
    balls[np.unique(ict.triangles_of("iris_L", "iris_R"))] = True
    white, black = colours[triangles].min(-1).max(-1) > 0.4, colours[triangles].max(-1).min(-1) < 0.01
    plain = np.ptp(colours[triangles], axis=1).max(-1) < 1e-3
    kind[:-1][balls[triangles].all(1) & ~white & ~black & plain] = 2
    kind[-1] = 0
    return kind


def _drawn_colours(
    vertices: Array, triangles: NDArray[np.int32], colours: Array, pose: Pose, camera: Camera
) -> tuple[Array, NDArray[np.intp]]:
    """The colour (H, W, 3) and the triangle (H, W) that each pixel shows, -1 for none."""
    flat = torch.zeros(1, 3, 4, 4)
    topology = Topology(
        torch.from_numpy(np.ascontiguousarray(triangles, np.int32)),
        torch.zeros(1, 2),
        torch.zeros(len(triangles), 3, dtype=torch.int32),
    )
    view = View(torch.tensor([camera.focal_px]), torch.tensor([camera.principal_px]), camera.height, camera.width)
    placed = torch.from_numpy(np.ascontiguousarray(pose.apply(vertices), np.float32)[None])
    with torch.no_grad():
        drawn = NumbaRenderer(threads=1).render(placed, topology, flat, torch.zeros(1, 9, 3), view)
    number, corner = drawn.triangle[0].numpy().astype(np.intp), drawn.barycentric[0].numpy()
    shown = (np.asarray(colours)[triangles[np.maximum(number, 0)]] * corner[..., None]).sum(-2)
    return (shown * (number >= 0)[..., None]).astype(np.float32), number


def compare(pair: RelitPhotos) -> Errors | None:
    """Make a head of the first photo and ask it for the second; None where no face is found."""
    found = detector().detect(pair.first)
    if not found:
        return None
    dense = whole_look(pair.first, found[0])
    fit = fit_photo(head(), found[0], pair.first, dense=dense)
    skin = texture_from_photo(pair.first, head(), fit.params, TEXTURE_PX, dense, parts(pair.first, found[0].points))
    light = light_on_skin(pair.second, head(), fit.params, skin.texture, dense)
    borders = border_step(head(), skin), border_step(head(), skin, features=False)
    return errors_of(pair, fit.params, skin.texture, light, borders)


def errors_of(
    pair: RelitPhotos, params: FaceParams, texture: NDArray[np.uint8], light: Array, borders: tuple[float, float]
) -> Errors:
    """Compare a textured head with the truth where both show the outer skin of the face, and both irises."""
    albedo, normal, part = _drawn_head(params, texture)
    names = head().part_names
    skin = (part == names.index("skin")) & (pair.kind == 1)
    lit = (albedo[skin] + SHEEN) * shading(normal[skin], light)
    seen = srgb_to_linear(pair.second[skin] / 255.0)
    relit = np.abs(np.log(np.maximum(lit, _FLOOR) / np.maximum(seen, _FLOOR))).mean()
    ratio = np.log(np.maximum(albedo[skin], _FLOOR) / np.maximum(pair.albedo[skin], _FLOOR))
    tone = np.median(ratio, axis=0)
    own_eyes = np.isin(part, [k for k, name in enumerate(names) if name.endswith("_eye")]) & (pair.kind == 2)
    iris = np.nan
    if own_eyes.sum() >= 8:
        colours = (np.median(albedo[own_eyes], 0), np.median(pair.albedo[own_eyes], 0))
        iris = float(delta_e(*(lab_from_linear(colour) for colour in colours)))
    return Errors(
        float(relit), float(np.abs(ratio).mean()), float(np.abs(ratio - tone).mean()), float(np.abs(tone).mean()), iris,
        *borders,
    )  # fmt: skip


def _drawn_head(params: FaceParams, texture: NDArray[np.uint8]) -> tuple[Array, Array, NDArray[np.integer]]:
    """Albedo (H, W, 3) linear, normal (H, W, 3) in the camera frame, and part (H, W), -1 for none."""
    model, camera = head(), params.camera
    vertices = np.ascontiguousarray(params.pose.apply(head_vertices(model, params)), np.float32)
    solid = np.asarray(model.part) != model.part_names.index("lashes")
    topology = Topology(
        torch.from_numpy(np.ascontiguousarray(model.triangles[solid], np.int32)),
        torch.from_numpy(np.ascontiguousarray(model.uv, np.float32)),
        torch.from_numpy(np.ascontiguousarray(model.uv_triangles[solid], np.int32)),
    )
    view = View(torch.tensor([camera.focal_px]), torch.tensor([camera.principal_px]), camera.height, camera.width)
    planes = srgb_to_linear(texture[..., :3] / 255.0).transpose(2, 0, 1)
    white = np.zeros((9, 3), np.float32)
    white[0] = 1 / 0.28209479
    batch = (torch.from_numpy(np.ascontiguousarray(a, np.float32)[None]) for a in (vertices, planes, white))
    placed, colours, light = batch
    with torch.no_grad():
        drawn = NumbaRenderer(threads=1).render(placed, topology, colours, light, view)
    number, corner = drawn.triangle[0].numpy().astype(np.intp), drawn.barycentric[0].numpy()
    part = np.where(number >= 0, np.asarray(model.part)[solid].astype(int)[number], -1)
    smooth = vertex_normals(vertices, np.asarray(model.triangles))[model.triangles[solid][np.maximum(number, 0)]]
    normal = (smooth * corner[..., None]).sum(-2)
    return drawn.color[0].numpy(), normal / np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-6), part


def rows(found: list[Errors]) -> list[Row]:
    """Means over people."""

    def mean(name: str) -> float:
        return float(np.nanmean([getattr(one, name) for one in found]))

    names = ("border", "skin_border", "iris")
    border, bare, iris = (np.array([getattr(one, name) for one in found]) for name in names)
    return [
        figure("skin of one photo under the light of another: |log ratio|", mean("relit"), "1"),
        figure("albedo beside the truth: |log ratio|", mean("albedo"), "1"),
        figure("albedo beside the truth, one tone apart: |log ratio|", mean("albedo_without_tone"), "1"),
        figure("tone of the skin beside the truth: |log ratio|", mean("tone"), "1"),
        figure("irises beside the truth, median of people", float(np.nanmedian(iris)), "ΔE", at_most=10.0),
        figure("people whose irises are within 10 ΔE", float((iris[~np.isnan(iris)] <= 10).mean()), "share"),
        figure("heads whose colour steps by 2 ΔE or less at the photo's border", float((border <= 2).mean()), "share",
               at_least=0.95),
        figure("the same without lips, brows and lids, which have edges of their own", float((bare <= 2).mean()),
               "share", at_least=0.95),
    ]  # fmt: skip


def evaluate(quick: bool = False) -> Report:
    """Run the protocol."""
    count = QUICK_COUNT if quick else COUNT
    found = [errors for seed in range(count) if (errors := compare(photos(seed))) is not None]
    share = figure("photos in which the face was found", len(found) / count, "share")
    return Report(f"{count} people of another head model, path traced in two lights each", (share, *rows(found)))
