"""How likely jewellery is at an ear and at the neck, as a small network sees it in windows of a size in mm.

Each window is cut into cells of 3.3 mm; the network is told the colours, what the parts network believes of each cell,
and where it lies. The surest cells near the lobe, or below the chin, tell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.detect.windows import Photo, Window
from facegpt.encode.parts import BACKGROUND, BEARD, CLOTHES, EAR, HAIR, HAT, SKIN, FaceParts, parts_window
from facegpt.morphable.base import head_vertices
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.reconstruct.left_out.jewellery_network import FIRST_PX, STEP_PX, cells, jewellery_network
from facegpt.types import Array, FaceParams

PX_PER_MM = 1.2
#: From which log odds on a necklace is spoken of: 1.5 % of bare necks have more by the fall-off of the training half's,
#: left out of its training (1 of 113, and 3 of 116 of the validation half).
NECKLACE = 3.48
#: Parts whose beliefs are told of a cell, together.
GROUPS = ((SKIN, EAR), (HAIR, BEARD), (BACKGROUND,), (CLOTHES, HAT))


@dataclass(frozen=True)
class Frame:
    """A window: its width and height, px; where the lobe or the chin lies in it, mm; how many cells tell.

    near_mm: what is looked at: so far to both sides of that place, from so far below it to so far (below is positive).
    """

    width_px: int
    height_px: int
    at_mm: tuple[float, float]
    near_mm: tuple[float, float, float]
    telling: int

    @property
    def side_mm(self) -> float:
        """The window's width."""
        return self.width_px / PX_PER_MM

    def places(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """How far cells (h, w) are to the right of and below the lobe or chin, mm."""
        x, y = (
            (STEP_PX * np.arange(cells(length)) + FIRST_PX - 0.5) / PX_PER_MM
            for length in (self.width_px, self.height_px)
        )
        across, down = np.meshgrid(x - self.at_mm[0], y - self.at_mm[1])
        return across, down

    def near(self) -> NDArray[np.bool_]:
        """The cells (h, w) that are looked at."""
        across, down = self.places()
        side, low, high = self.near_mm
        return (np.abs(across) < side) & (down > low) & (down < high)


EAR_FRAME = Frame(96, 96, (34.0, 34.0), (16.0, -16.0, 44.0), 4)
NECK_FRAME = Frame(216, 96, (90.0, 16 / PX_PER_MM), (75.0, 5.0, 90.0), 12)


def odds_at_ear(photo: Photo, parts: FaceParts, window: Window) -> float:
    """The network's log odds of something at the ear of a window of EAR_FRAME."""
    return float(opinions_at_ear(photo, parts, window).mean())


def opinions_at_ear(photo: Photo, parts: FaceParts, window: Window) -> NDArray[np.float64]:
    """Log odds (N,) by each of the networks, which were taught by other photos each."""
    odds = _seen(photo, parts, window, EAR_FRAME, "ear")
    surest = np.sort(odds[:, EAR_FRAME.near()], axis=1)[:, -EAR_FRAME.telling :]
    return np.asarray(np.log(np.exp(surest).mean(1)), np.float64)


def odds_at_neck(photo: Photo, model: MakeHumanHead, params: FaceParams, parts: FaceParts) -> float:
    """The network's log odds of a necklace; -inf where the photo shows too little of the neck.

    params: of the head, in pixels of the photo.
    """
    if parts.points is None:
        return -np.inf
    window = neck_window(model, params, parts.points)
    near = NECK_FRAME.near() & inside(photo, window, NECK_FRAME)
    if near.sum() < NECK_FRAME.telling:
        return -np.inf
    odds = _seen(photo, parts, window, NECK_FRAME, "neck")
    return float(np.sort(odds[:, near], axis=1)[:, -NECK_FRAME.telling :].mean())


def neck_window(model: MakeHumanHead, params: FaceParams, points: Array) -> Window:
    """The window below the chin, upright by the eye line."""
    chin = model.landmarks.points(head_vertices(model, params))[[model.landmarks.row["menton"]]]
    in_camera = params.pose.apply(chin)
    at, scale = params.camera.project(in_camera)[0], params.camera.focal_px / float(in_camera[0, 2])
    window = Window(float(at[0]), float(at[1]), NECK_FRAME.side_mm * scale, parts_window(points).roll_rad)
    return window.with_middle_at(np.array(NECK_FRAME.at_mm) / NECK_FRAME.side_mm)


def told_places(frame: Frame) -> NDArray[np.float64]:
    """What the network is told of where cells lie: (3, h, w)."""
    across, down = frame.places()
    if frame is EAR_FRAME:
        return np.stack([np.exp(-((across / 10) ** 2)), np.tanh(down / 15), np.exp(-(((down - 5) / 12) ** 2))])
    return np.stack([(across / 50) ** 2, np.tanh(down / 30) - 0.5, np.exp(-(((down - 50) / 25) ** 2))])


def _seen(photo: Photo, parts: FaceParts, window: Window, frame: Frame, where: str) -> NDArray[np.float32]:
    """Log odds (N, h, w) of each cell of a window."""
    crop = 255 * np.clip(photo.crop(window, frame.width_px, repeat_border=True)[:, : frame.height_px], 0, 1)
    at = places_in(window, frame)
    beliefs = parts.at(at.reshape(-1, 2)).reshape(*at.shape[:2], -1)
    around = [2 * beliefs[..., list(group)].sum(-1) - 0.5 for group in GROUPS]
    inputs = {
        "colours": np.floor(crop)[None].astype(np.float32),
        "around": np.stack([*around, *told_places(frame)])[None],
    }
    inputs["around"] = inputs["around"].astype(np.float32)
    found: NDArray[np.float32] = jewellery_network(where).run(None, inputs)[0][0]
    return found


def places_in(window: Window, frame: Frame) -> Array:
    """The middles (h, w, 2) of a window's cells, pixels of the photo."""
    x, y = (
        (STEP_PX * np.arange(cells(length)) + FIRST_PX) / frame.width_px for length in (frame.width_px, frame.height_px)
    )
    return window.to_photo(np.stack(np.meshgrid(x, y), -1))


def inside(photo: Photo, window: Window, frame: Frame) -> NDArray[np.bool_]:
    """Which cells (h, w) of a window the photo has."""
    at = places_in(window, frame)
    return np.asarray((at > 0).all(-1) & (at[..., 0] < photo.width - 1) & (at[..., 1] < photo.height - 1))
