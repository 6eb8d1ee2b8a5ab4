"""Whether somebody wears glasses, and where rims and lenses are: what a small network of our own says of a face.

It looks through an upright window about the eyes, of a size in mm, and knows wires and frames that are worn low
(lab/runs/eyewear/README.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegpt.assets import asset_path
from facegpt.detect.geometry import align, posed_in_image, upright_roll_rad
from facegpt.detect.windows import Photo, Window, read_grid
from facegpt.runtime.start.kept_networks import open_kept
from facegpt.types import Array, AssetError

ASSET = "networks/eyewear.onnx"
#: Side of the window, mm; its pixels, rows of which `ROWS` are looked at; how far its middle lies below the eyes, mm.
SIDE_MM, WIDTH_PX, ROWS, BELOW_MM = 172.0, 192, slice(32, 160), 15.0
MEAN_COLOUR, SD_COLOUR = 0.45, 0.25
EYE_CORNERS = (33, 263)
#: Log odds from which glasses are sure, and below which there are none: between the 15 wearers (8.2 and more) and the
#: 133 others (-2.9 and less) of the training half of the CC0 photos.
SURE, NONE = 2.5, -2.0


@dataclass(frozen=True, eq=False)
class Eyewear:
    """What is before the eyes of a face.

    Attributes:
        worn: log odds that glasses are worn.
        rims, lenses: (WIDTH_PX, WIDTH_PX) 0..1 of the window: belief in rims, bridge and temples, and in what lies
            within the rims, these included.
        window: of the photo.
    """

    worn: float
    rims: NDArray[np.float32]
    lenses: NDArray[np.float32]
    window: Window

    def read(self, plane: NDArray[np.float32], window: Window, side: int) -> NDArray[np.float32]:
        """`rims` or `lenses` at side × side pixels of another window of the photo; 0 outside of what was seen."""
        back = np.linalg.inv(self.window.of_pixels(WIDTH_PX)[:, :2])
        to_own = back @ window.of_pixels(side)
        to_own[:, 2] -= back @ self.window.of_pixels(WIDTH_PX)[:, 2]
        out = np.empty((side, side), np.float32)
        read_grid(np.ascontiguousarray(plane), to_own, out)
        return out


def eyewear_window(points: Array) -> Window:
    """The upright window about the eyes of MediaPipe's points (478, 2 or 3), px."""
    scale = align(points)[1] if points.shape[1] > 2 else posed_in_image(points)[1]
    roll = upright_roll_rad(points)
    middle = points[list(EYE_CORNERS), :2].mean(0)
    middle = middle + scale * BELOW_MM * np.array([-np.sin(roll), np.cos(roll)])
    return Window(float(middle[0]), float(middle[1]), SIDE_MM * scale, roll)


def eyewear(image: NDArray[np.uint8] | Photo, points: Array, device: str = "cpu") -> Eyewear:
    """Look at one face of an sRGB photo (H, W, 3) uint8; points (478, 2 or 3) of its detection, px."""
    window = eyewear_window(points)
    crop = Photo.of(image).crop(window, WIDTH_PX)[None, :, ROWS]
    maps, worn = _session(device).run(None, {"image": ((crop - MEAN_COLOUR) / SD_COLOUR).astype(np.float32)})
    whole = np.zeros((2, WIDTH_PX, WIDTH_PX), np.float32)
    whole[:, ROWS] = 1 / (1 + np.exp(-maps[0]))
    return Eyewear(float(worn[0]), whole[0], whole[1], window)


@lru_cache(maxsize=2)
def _session(device: str):  # type: ignore[no-untyped-def]
    file = asset_path(ASSET)
    try:
        return open_kept(file, 1, device)
    except Exception as error:  # onnxruntime raises many kinds, all of its own
        raise AssetError(f"the network '{file}' cannot be loaded ({error})") from None
