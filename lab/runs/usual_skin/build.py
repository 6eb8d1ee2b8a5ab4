"""What photos' skins have beyond the texture model: `python -m lab.runs.usual_skin.build`, usual_skin.npz.

Heads of the training half, `balanced`, without glasses, turned by less than TURN_DEG and without a beard: the
log of their skin over the model's own skin of the same person, less what a blur of WIDE texels leaves, its median over
people and both halves of the face. Brows are left out: they have shapes of their own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import facegpt
from facegpt.api import FaceGPT
from facegpt.appearance.over_skin.usual_skin import ASSET
from facegpt.appearance.prior import model_texture, prior_of
from facegpt.assets import FOLDER, register
from facegpt.conventions import linear_of_bytes
from facegpt.detail.observation import observe
from facegpt.detail.skin_window import HEIGHT, LEFT, SIDE, TOP, WIDTH, skin_window
from facegpt.render.texel_grids import shrunk
from facegpt.runtime.blur import gaussian_blur
from facegpt.runtime.progress import Progress
from facegpt_lab.evaluate.registry import optional_data
from facegpt_lab.evaluate.validation_photos import photos_of

#: Turn of a head, degrees, and belief in a beard, up to which a photo counts; visibility from which a texel does.
TURN_DEG, BEARD, SEEN = 18.0, 0.15, 0.2
#: SD of the blur that is taken off, texels; of people and halves of faces, how many a texel needs, and fades in from.
WIDE, FEWEST, FADES = 16.0, 20, 60
#: Texels around brows that count as brows, and over which the rim of what is known fades.
BROWS, RIM = 3.0, 6.0
#: Step in which logs are stored.
UNIT = 1 / 127
_FLOOR = 2e-3
_WINDOW = np.s_[TOP : TOP + HEIGHT, LEFT : LEFT + WIDTH]


def difference(model: FaceGPT, photo: NDArray[np.uint8]) -> NDArray[np.float32] | None:
    """Log of a photo's skin over the model's (HEIGHT, WIDTH, 3), nan where it is not seen; None where it tells none."""
    faces = model.reconstruct(photo, quality="balanced", glasses="none")
    if not faces or faces[0].photo_texture is None:
        return None
    face, hair = faces[0], faces[0].params.hair
    turn = np.degrees(np.arccos(np.clip(abs(np.asarray(face.params.pose.rotation)[2, 2]), 0, 1)))
    if turn > TURN_DEG or (hair is not None and max(hair.beard, hair.moustache) > BEARD):
        return None
    step = len(face.photo_texture) // SIDE
    skin = shrunk(linear_of_bytes(face.photo_texture[..., :3]), step) / step**2
    own = model_texture(model.head, face.params.albedo, SIDE)
    log = np.log(np.maximum(skin[_WINDOW], _FLOOR)) - np.log(np.maximum(own[_WINDOW], _FLOOR))
    params = face.params.replace(camera=face.params.camera.scaled(photo.shape[1] / face.params.camera.width))
    seen = (observe(model.head, photo, params).view.weight > SEEN)[..., None].astype(np.float32)  # type: ignore[arg-type]
    low = gaussian_blur(np.ascontiguousarray(log * seen, np.float32), WIDE)
    return np.where(seen > 0, log - low / np.maximum(gaussian_blur(seen, WIDE), 1e-3), np.nan).astype(np.float32)


def usual(model: FaceGPT, differences: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Their median over people and both halves (HEIGHT, WIDTH, 3), 0 on brows and where few are seen."""
    both = np.stack([*differences, *(one[:, ::-1] for one in differences)])
    count = np.isfinite(both[..., 0]).sum(0)
    known = (count >= FEWEST) & (skin_window(model.head).triangle >= 0)  # type: ignore[arg-type]
    median = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    median[known] = np.nanmedian(both[:, known], 0)
    brows = (prior_of(model.head, SIDE).brows[_WINDOW] > 0.02).astype(np.float32)
    kept = 1 - np.clip(3 * gaussian_blur(brows, BROWS), 0, 1)
    return median * (kept * np.clip(2 * gaussian_blur((count >= FADES).astype(np.float32), RIM) - 1, 0, 1))[..., None]


def store(log: NDArray[np.float32]) -> None:
    """Write one half of a log (HEIGHT, WIDTH, 3) that is its own mirror image, and its checksum."""
    half = np.rint((log + log[:, ::-1])[:, : WIDTH // 2] / 2 / UNIT).clip(-127, 127).astype(np.int8)
    np.savez_compressed(FOLDER / ASSET, half=half, unit=np.float32(UNIT), side=SIDE, top=TOP, left=LEFT)
    register(ASSET)


def main() -> None:
    """Measure, write, register, print."""
    model, found = facegpt.load(), []
    names = [name for name, _ in photos_of("training")]
    with Progress("photos", len(names)) as show:
        for k, name in enumerate(names):
            with Image.open(optional_data() / name) as opened:
                one = difference(model, np.asarray(opened.convert("RGB")))
            if one is not None:
                found.append(one)
            show(k + 1)
    log = usual(model, found)
    store(log)
    quantiles = np.quantile(log, (0.01, 0.05, 0.95, 0.99)).round(3)
    print(f"{len(found)} of {len(names)} people; quantiles of the log: {quantiles}")


if __name__ == "__main__":
    main()
