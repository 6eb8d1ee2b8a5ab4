"""Pictures of a finished head: from any side, in any light, on any ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageColor

from facegpt.bust.worn import shirt_of
from facegpt.conventions import rotation_from_euler_deg
from facegpt.export.bundle import FileOptions
from facegpt.export.folder import Drawn
from facegpt.face.doubt import doubt_picture
from facegpt.face.looking import from_elsewhere, was_fitted
from facegpt.face.rounded import rounded_with
from facegpt.render import plots
from facegpt.render.default_view import SIZE_PX as OWN_IMAGE_SIZE
from facegpt.render.default_view import default_view
from facegpt.render.lighting import (
    FALL,
    RISE,
    SIDE_LAMPS,
    default_studio_lighting,
    lighting_from_lamps,
    lighting_from_sky,
)
from facegpt.types import Array, Camera, FaceGPTError, Pose

if TYPE_CHECKING:
    from facegpt.face import Face

_SIDES = zip(("left", "above", "right"), SIDE_LAMPS, strict=True)
#: Strength of the light that comes from all sides. Photographers expose for faces: skin, its sheen apart, is about 1.6
#: times as bright in photos as its albedo, whichever tone it has.
EVEN = 1.6
#: Lights by name: a studio's three lamps, from all sides alike, one lamp from the image's left, above, its right.
LIGHTS = {
    "studio": default_studio_lighting(),
    "even": lighting_from_sky(EVEN, RISE, FALL),
    **{name: lighting_from_lamps((lamp,), (0.12,) * 3) for name, lamp in _SIDES},
}
#: Distances of the camera that a head is drawn from, mm.
NEAREST_MM, FARTHEST_MM = 250.0, 100_000.0
#: Distances between which a head is drawn as its photo shows it: nearer ones are misread, farther ones look the same.
LIKE_PHOTO_MM = (400.0, 4000.0)
#: An overlay's head that is larger than this, pixels, has one sample a pixel (`plots.draw_hairs_over`).
FINE_PX = 500
#: Side of the texture of pictures that compare relief, texels.
SIDES_TEXTURE = 512


def alone(
    face: Face,
    size: int,
    yaw_deg: float | None,
    pitch_deg: float | None,
    background: str | tuple[int, int, int] | NDArray[np.uint8] | None,
    light: str | ArrayLike | None,
    distance_mm: float | None,
) -> NDArray[np.uint8]:
    """Draw a head with what it wears: (size, size, 4) uint8 sRGB. For the arguments see `Face.render`.

    Raises:
        FaceGPTError: for a light or a background that there is not, a distance or an angle out of range.
    """
    distance_mm = usual_distance_mm(face) if distance_mm is None else distance_mm
    if not NEAREST_MM <= distance_mm <= FARTHEST_MM:
        raise FaceGPTError(f"distance_mm is {NEAREST_MM:.0f} to {FARTHEST_MM:.0f}, not {distance_mm:g}")
    if not np.isfinite([yaw_deg or 0.0, pitch_deg or 0.0]).all():
        raise FaceGPTError("yaw_deg and pitch_deg are numbers, or None for the head as its photo shows it")
    rotation = np.asarray(face.params.pose.rotation)
    if yaw_deg is not None or pitch_deg is not None:
        rotation = rotation_from_euler_deg(yaw_deg or 0.0, pitch_deg or 0.0)
        face = from_elsewhere(face)
    lighting, sheen = _lighting(face, light), isinstance(light, str) and light == "photo" and face.photo is not None
    lit, worn = rounded_with(face.lit(rotation, lighting), (*face.proxies, *shirt_of(face.model, face.params)))
    drawn = plots.draw_alone(lit, rotation, size, worn, face.renderer, lighting, distance_mm, sheen)
    return drawn if background is None else laid_on_ground(drawn, background)


def usual_distance_mm(face: Face) -> float:
    """How far from the middle of a head its pictures are taken, mm.

    A head from a photo has the breadth that its photo shows from the distance that was found with it: from farther off
    it would look broader, from nearer slimmer, and an error of the distance would come out as another face. Frames of a
    clip, whose distance changes all the time, and heads without a photo are drawn from one distance.
    """
    if face.track_id is not None or not was_fitted(face):
        return plots.DISTANCE_MM
    depths = face.vertices("camera")[:, 2]
    return float(np.clip((depths.min() + depths.max()) / 2, *LIKE_PHOTO_MM))


def own_view(face: Face) -> tuple[Pose, Camera]:
    """The view of a head that was changed, so that its photo shows it no longer: turned and as far away as there."""
    return default_view(np.asarray(face.params.pose.rotation), usual_distance_mm(face))


def from_sides(face: Face, size: int) -> Image.Image:
    """The bare head in light from the left, from above and from the right: with its relief, and below without."""
    small = np.asarray(Image.fromarray(face.texture).resize((SIDES_TEXTURE, SIDES_TEXTURE), Image.Resampling.BOX))
    pose, both = face.params.pose, (face, face.with_detail(0.0))
    skins = [each.relief_light(small, pose.rotation) for each in both]
    if skins[0].smooth and not face.detail.photographed().any():  # type: ignore[union-attr]
        first = plots.lit_from_sides(face.mesh, [skins[0].lit], pose, size, face.renderer)
        return Image.fromarray(np.vstack([first, first]))
    return Image.fromarray(plots.lit_from_sides(face.mesh, [each.lit for each in skins], pose, size, face.renderer))


def all_in_one(face: Face) -> Image.Image:
    """One picture: the photo around the face, the head over it, and the head alone."""
    drawn = plots.on_background(face.render(OWN_IMAGE_SIZE, None, None))
    if face.photo is None:
        return Image.fromarray(drawn)
    shown = [around(face, face.photo)[0], face.overlay(), drawn]
    return Image.fromarray(plots.side_by_side(shown, OWN_IMAGE_SIZE))


def drawn_for_folder(face: Face, options: FileOptions, size: int) -> Drawn:
    """The pictures that the folder of a head has. size: side of its preview, pixels."""
    return Drawn(
        plots.on_background(face.render(size)),
        face.overlay() if face.photo is not None else None,
        None if face.detail is None else np.asarray(face.plot_detail()),
        doubt_asked(face, options),
    )


def doubt_asked(face: Face, options: FileOptions) -> NDArray[np.uint8] | None:
    """The picture of a head's doubt if the options ask for it and it is known (face/doubt.py)."""
    return doubt_picture(face) if options.doubt and face.doubt.covariance is not None else None


def over(face: Face, picture: NDArray[np.uint8], camera: Camera) -> NDArray[np.uint8]:
    """Draw a head in its photo's place, pose and light over a picture (H, W, 3) whose camera is given."""
    p, sheen = face.params, face.photo is not None
    lit, told = face.lit(p.pose.rotation, p.lighting), (face.proxies, face.renderer, FINE_PX, sheen)
    return plots.draw_over(lit, p.pose, camera, p.lighting, picture, 1.0, *told)


def around(face: Face, photo: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], Camera]:
    """The part of its photo around a head, reduced for the screen, and the camera of these pixels."""
    camera = face.params.camera.scaled(photo.shape[1] / face.params.camera.width)
    return plots.crop_for_overlay(face.mesh, face.params.pose, camera, photo)


def _lighting(face: Face, light: str | ArrayLike | None) -> Array:
    """(9, 3) of a light by name, of the photo, or as it is given."""
    if light is None or isinstance(light, str):
        known = {**LIGHTS, "photo": np.asarray(face.params.lighting, np.float32)}
        if (light or "studio") not in known:
            raise FaceGPTError(f"there is no light '{light}'; there are: {', '.join(known)}, and coefficients (9, 3)")
        return known[light or "studio"]
    given = np.asarray(light, np.float32)
    if given.shape != (9, 3) or not np.isfinite(given).all():
        raise FaceGPTError("a light is a name or (9, 3) spherical-harmonic coefficients, linear RGB (render/base.py)")
    return given


def laid_on_ground(
    drawn: NDArray[np.uint8], background: str | tuple[int, int, int] | NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """The picture on a ground, opaque: "grey" (a soft one), a colour, or a picture of its own size."""
    if isinstance(background, str) and background == "grey":
        laid = plots.on_background(drawn)
    else:
        laid = plots.lay_on(drawn, _ground(background, len(drawn)))
    return np.dstack([laid, np.full(laid.shape[:2], 255, np.uint8)])


def _ground(background: str | tuple[int, int, int] | NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """(size, size, 3) of a colour by name or "#rrggbb", of (r, g, b), or of a picture."""
    if isinstance(background, str):
        try:
            background = ImageColor.getrgb(background)[:3]
        except ValueError:
            raise FaceGPTError(f"there is no colour '{background}'; write a name, '#rrggbb' or 'grey'") from None
    given = np.asarray(background)
    if given.shape not in ((3,), (size, size, 3)) or given.min() < 0 or given.max() > 255:
        raise FaceGPTError(f"a background is a colour, or a picture ({size}, {size}, 3), 0 to 255")
    return np.ascontiguousarray(np.broadcast_to(given, (size, size, 3)).astype(np.uint8))
