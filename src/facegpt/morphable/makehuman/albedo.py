"""The skin of the default head: a log-linear albedo model over its texture atlas, and how the skin shines.

log albedo = mean + Σ_a c_a · basis_a, in linear light (natural log), so that coefficients act like changes of pigment:
multiplicatively. Coefficients are whitened: N(0, I) is the population. Far from the mean some are bent, so that very
light skin stays skin (`amounts`), and beyond the mean's wrinkles every face gets lines of its own (ageing.py). Built by
lab/runs/albedo/build.py.
"""

from __future__ import annotations

import io
import math
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter
from torch import Tensor
from torch.nn import functional

from facegpt.assets import load_arrays
from facegpt.conventions import LINEAR_OF_BYTE
from facegpt.morphable.makehuman.ageing import Ageing
from facegpt.morphable.makehuman.iris_colours import HUES, STEPS, iris_plane
from facegpt.types import Array, AssetError, ShapeError

#: Number of albedo coefficients (A): 22 learnt, then those of NAMED.
ALBEDO_SIZE = 33
#: The coefficients that are painted, not learnt, by what more of them means.
NAMED = {
    **{
        "brow_lightness": 22,
        "freckles": 23,
        "lip_redness": 24,
        "scalp_hair": 25,
        "iris_brightness": 26,
        "iris_hue": 27,
    },
    **{"wrinkles": 28, "dark_circles": 29, "flush": 30, "redness": 31, "yellowness": 32},
}
ASSET = "makehuman_albedo.npz"
FORMAT = 2
#: Albedo never leaves this range: black pupils and white teeth lie inside it.
DARKEST, BRIGHTEST = 2e-3, 0.95
#: Side of the mean as stored, and of the finest texture: pores and strands are added to the former.
STORED, FINEST = 1024, 2048
#: The first coefficient runs from dark to light; above 0 it acts as LIGHT_REACH · (1 - exp(-c / LIGHT_REACH)).
LIGHT_REACH = 2.5
#: Towards both ends of the first coefficient log colour is added, from here to there, by the power BEND_POWER.
BEND_DARK, BEND_LIGHT, BEND_POWER = (-0.3, -3.0), (0.0, 3.0), 1.5
#: Depth of the deepest wrinkle for one SD, and height of the skin's relief (SD), mm.
WRINKLE_MM, PORE_MM = 0.11, 0.012
#: A coefficient that is stored with this as its least has none: skin may be green or blue.
NO_LEAST = -9.0
#: Log units of a line that nobody sees.
FAINT = 0.004
#: Heights above a brow's middle line between which brows differ from person to person, and over how many it ends, mm.
BROW_MM, BROW_FADE_MM = (-11.0, 11.0), 3.0


class AlbedoModel:
    """Evaluates the texture model. All textures share one atlas: row 0 is v = 1, as in conventions.py.

    Attributes:
        mean_log: (3, H, W) float32, log of linear RGB as stored (1024).
        basis: (A, 3, h, w) float32, log units per standard deviation, at a quarter of the size.
        fine: (K, H, W) float32, what the components `fine_of` (K,) add above the basis' resolution, times `fine_colour`
            (K, 3).
        least: (A,) float32, below which a coefficient does nothing more (no skin has fewer than no freckles).
        bend: (2, 3) float32, log colour that very dark and very light skin adds, where `tone` (h, w) is 1.
        iris: (h, w) float32, about 1 on irises, where their hue bends (iris_colours.py).
        opacity: (H, W) float32 in [0, 1].
        photo_mask: (h, w) float32 in [0, 1]: where a photo may paint (the face; not scalp, ears, neck, eyes, mouth).
        residual_sd: (h, w, 2) float32, log units: SD of real skin around the model in brightness and in colour.
        regions: (h, w) uint8, bits: 1 cheeks, 2 forehead, 4 nose, 8 lips, 16 irises.
        ageing: what age draws on a face, for coefficients above the mean's wrinkles.
        male: (A,) float32, half the step from women's to men's average skin.
        growth: where hair grows and which way, for groom.py: hair_density (3, h, w) uint8 of beard, moustache, scalp;
            hair_flow (2, h, w), texture units per mm; texel_area (h, w) mm²; brow (2, h, w), place and mm above.
    """

    def __init__(self, arrays: dict[str, NDArray]):
        if int(arrays["format"]) != FORMAT:
            raise AssetError(
                f"{ASSET} has format {int(arrays['format'])}, this version reads {FORMAT}; reinstall facegpt"
            )
        picture = np.asarray(Image.open(io.BytesIO(arrays["mean_png"].tobytes())).convert("RGBA"))
        logs = np.log(np.clip(LINEAR_OF_BYTE, DARKEST, BRIGHTEST))
        self.mean_log = torch.from_numpy(logs[np.ascontiguousarray(picture[..., :3].transpose(2, 0, 1))])
        self.opacity: Array = (picture[..., 3] / 255.0).astype(np.float32)
        self.basis = _scaled(arrays["basis"], arrays["basis_scale"])
        self.fine = _scaled(arrays["fine"], arrays["fine_scale"])
        self.fine_of = torch.from_numpy(arrays["fine_of"].astype(np.int64))
        self.fine_colour = torch.from_numpy(arrays["fine_colour"].astype(np.float32))
        least = arrays["least"].astype(np.float32)
        self.least = torch.from_numpy(np.where(least <= NO_LEAST, -np.inf, least))
        self.bend = torch.from_numpy(arrays["bend"].astype(np.float32))
        tone = self.basis[0].mean(0)
        self.tone = tone / tone[torch.from_numpy(arrays["photo_mask"] > 200)].median()
        hue = self.basis[NAMED["iris_hue"]].permute(1, 2, 0).numpy()
        self.iris = torch.from_numpy(iris_plane(hue).astype(np.float32))
        self.photo_mask: Array = arrays["photo_mask"].astype(np.float32) / 255.0
        self.residual_sd: Array = arrays["residual_sd"].astype(np.float32) / 255.0
        self.regions: NDArray[np.uint8] = arrays["regions"]
        self.ageing = Ageing(arrays["age_planes"], arrays["age_scale"])
        self.male: Array = arrays["male"].astype(np.float32)
        self.growth: dict[str, NDArray] = {
            name: arrays[name] for name in ("hair_density", "hair_flow", "texel_area", "brow")
        }
        self._roughness: Array = arrays["roughness"].astype(np.float32) / 255.0
        self._levels: dict[tuple[str, int], Tensor] = {}

    @staticmethod
    def load() -> AlbedoModel:
        """Load the albedo of the default head; the same object each time."""
        return _load()

    @property
    def size(self) -> int:
        """Side of the finest texture in texels."""
        return FINEST

    @property
    def beards(self) -> NDArray[np.float32]:
        """(h, w) 0..1, how densely beards and moustaches grow."""
        return np.asarray(self.growth["hair_density"][:2]).max(0).astype(np.float32) / 255.0

    @property
    def brows(self) -> NDArray[np.float32]:
        """(h, w) 0..1, where brows grow, thick and thin, high and low, and the skin about them."""
        above = np.asarray(self.growth["brow"][1], np.float32)
        return np.clip(np.minimum(above - BROW_MM[0], BROW_MM[1] - above) / BROW_FADE_MM, 0, 1)

    @property
    def lips(self) -> NDArray[np.float32]:
        """(h, w) 1 on the red of the lips, else 0."""
        return (np.asarray(self.regions) & 8 > 0).astype(np.float32)

    def mean_at(self, size: int) -> Tensor:
        """Mean_log (3, size, size) at a power-of-two size up to `self.size`; pores are drawn above STORED."""
        if size < 1 or size > FINEST or FINEST % size:
            raise ShapeError(f"texture size {size} must divide {FINEST}")
        if size == STORED:
            return self.mean_log
        if ("mean", size) not in self._levels:
            mean = _shrunk(self.mean_log.exp(), size).log() if size <= STORED else _grown(self.mean_log, size)
            if size > STORED:
                mean = mean + 2.5 * torch.from_numpy(self._relief(size))
            self._levels["mean", size] = mean
        return self._levels["mean", size]

    def amounts(self, albedo: Tensor) -> Tensor:
        """Bend coefficients (B, A): light skin saturates, and features do not go below none."""
        light = albedo[:, :1]
        bent = LIGHT_REACH * (1 - torch.exp(-light.clamp(min=0) / LIGHT_REACH)) + light.clamp(max=0)
        return torch.cat([bent, torch.maximum(albedo[:, 1:], self.least[1:].to(albedo))], 1)

    def change(self, albedo: Tensor, size: int | None = None) -> Tensor:
        """The log change (B, 3, h, w) from the mean, of coefficients (B, A): as large as the basis, or as `size`."""
        basis, tone, iris = self._planes_at(self.basis.shape[-1] if size is None else size)
        flat = self.amounts(albedo) @ basis.reshape(ALBEDO_SIZE, -1)
        light = albedo[:, 0]
        ends = torch.stack([(light - near) / (far - near) for near, far in (BEND_DARK, BEND_LIGHT)], 1)
        colour = ends.clamp(min=0) ** BEND_POWER @ self.bend
        above = (albedo[:, NAMED["iris_hue"], None] - torch.from_numpy(HUES).to(albedo)).clamp(min=0)
        hue = above @ torch.from_numpy(STEPS).to(albedo)
        return flat.reshape(-1, *basis.shape[1:]) + colour[:, :, None, None] * tone + hue[:, :, None, None] * iris

    def _planes_at(self, size: int) -> tuple[Tensor, Tensor, Tensor]:
        """The basis (A, 3, size, size), the tone's plane and the irises', averaged once: a change is linear in them."""
        step = self.basis.shape[-1] // size
        if step == 1:
            return self.basis, self.tone, self.iris
        if ("basis", size) not in self._levels:
            self._levels["basis", size] = functional.avg_pool2d(self.basis, step)
            self._levels["tone", size] = functional.avg_pool2d(self.tone[None], step)[0]
            self._levels["iris", size] = functional.avg_pool2d(self.iris[None], step)[0]
        return self._levels["basis", size], self._levels["tone", size], self._levels["iris", size]

    def texture(self, albedo: Tensor, size: int = 512) -> Tensor:
        """Evaluate (B, A) whitened coefficients → (B, 3, size, size) linear RGB within [0, 1], differentiable."""
        if albedo.ndim != 2 or albedo.shape[1] != ALBEDO_SIZE:
            raise ShapeError(f"albedo must be (B, {ALBEDO_SIZE}), not {tuple(albedo.shape)}")
        mean = self.mean_at(size)
        albedo = albedo.to(mean.dtype)
        own = self.basis.shape[-1]
        change = self.change(albedo, min(size, own))
        if size > own:
            change = functional.interpolate(change, (size, size), mode="bilinear", align_corners=False)
            colours = self.amounts(albedo)[:, self.fine_of, None] * self.fine_colour
            change = change + torch.einsum("bkc,khw->bchw", colours, self._fine_at(size))
        aged = self.ageing.change(albedo, albedo[:, NAMED["wrinkles"]], size)
        if aged is not None:
            change = change + aged
        return (mean[None] + change).clamp(math.log(DARKEST), math.log(BRIGHTEST)).exp()

    def roughness(self, size: int = 1024) -> NDArray[np.float32]:
        """The roughness (size, size) in 0..1 as glTF means it: 0 a mirror, 1 chalk."""
        rough = _sized(torch.from_numpy(self._roughness)[None], size)[0]
        if size >= STORED:
            rough = rough + 2.5 * torch.from_numpy(self._relief(size))
        return rough.clamp(0.04, 1).numpy()

    def height_mm(self, albedo: Array, size: int = 1024) -> NDArray[np.float32]:
        """The relief (size, size) of the skin over the mesh in mm, pores and wrinkles, for coefficients (A,)."""
        line = self._levels.get(("line", size))
        if line is None:
            k = int((self.fine_of == NAMED["wrinkles"]).nonzero()[0, 0])
            colour = self.fine_colour[k]
            coarse = self.basis[NAMED["wrinkles"]].mean(0, keepdim=True) / colour.mean()
            line = self._levels["line", size] = _sized(coarse, size)[0] + torch.from_numpy(self.line_plane(size))
        person = torch.as_tensor(np.asarray(albedo, np.float32))[None]
        amount = float(self.amounts(person)[0, NAMED["wrinkles"]])
        depth = WRINKLE_MM * (amount - float(self.least[NAMED["wrinkles"]]))
        own = self.ageing.height_mm(person, person[:, NAMED["wrinkles"]], size)
        return (PORE_MM / _RELIEF_SD * self._relief(size) - depth * line.numpy() + own).astype(np.float32)

    def fine_lines(self, size: int) -> tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.float32]]:
        """The fine lines of the wrinkles at a size: flat texels (N,), the colour (3,), and log units a SD (N,)."""
        k = int((self.fine_of == NAMED["wrinkles"]).nonzero()[0, 0])
        plane = self.line_plane(size).reshape(-1)
        where = np.flatnonzero(np.abs(plane) > FAINT)
        return where, self.fine_colour[k].numpy(), plane[where]

    def line_plane(self, size: int) -> NDArray[np.float32]:
        """The fine lines of the wrinkles (size, size), log units a SD."""
        key = ("lines", size)
        if key not in self._levels:
            k = int((self.fine_of == NAMED["wrinkles"]).nonzero()[0, 0])
            self._levels[key] = _sized(self.fine[k : k + 1], size)[0]
        return self._levels[key].numpy()

    def _fine_at(self, size: int) -> Tensor:
        if ("fine", size) not in self._levels:
            self._levels["fine", size] = _sized(self.fine, size)
        return self._levels["fine", size]

    def _relief(self, size: int) -> NDArray[np.float32]:
        """Draw pores and the fine lines between them (size, size), SD about _RELIEF_SD, 0 on what is not skin."""
        key = ("relief", size)
        if key not in self._levels:
            finest = _pores(FINEST)
            strength = np.where(self.tone.numpy() > 0.3, 1.0, 0.0) * (1 - 0.6 * ((self.regions & 8) > 0))
            strength = gaussian_filter(strength.astype(np.float32), 1.5)
            relief = _sized(torch.from_numpy(finest)[None], size)[0] * _sized(torch.from_numpy(strength)[None], size)[0]
            self._levels[key] = relief
        return self._levels[key].numpy()


_RELIEF_SD = 0.02


def _pores(size: int) -> NDArray[np.float32]:
    """Draw seamless skin grain (size, size): dark dots a few texels wide, and softer undulation."""
    rng = np.random.default_rng(2048)
    white = rng.standard_normal((size, size), np.float32)
    small, middle, wide = (gaussian_filter(white, sigma, mode="wrap", truncate=3) for sigma in (0.9, 1.8, 3.6))
    grain = (small - middle) / (small - middle).std()
    dots = -np.maximum(-grain - 0.9, 0)  # only the hollows
    soft = (middle - wide) / (middle - wide).std()
    mixed = 1.2 * dots + 0.35 * grain + 0.5 * soft
    return (_RELIEF_SD * (mixed - mixed.mean()) / mixed.std()).astype(np.float32)


def _scaled(values: NDArray, scale: NDArray) -> Tensor:
    """Undo the quantisation to int8: (N, ...) times one scale each."""
    factor = torch.from_numpy(scale.astype(np.float32))
    return torch.from_numpy(values.astype(np.float32)).mul_(factor.reshape(-1, *[1] * (values.ndim - 1)))


def _sized(planes: Tensor, size: int) -> Tensor:
    """Resize planes (C, H, H) to (C, size, size): averages when it shrinks, bilinear when it grows."""
    return _shrunk(planes, size) if size <= planes.shape[-1] else _grown(planes, size, "bilinear")


def _shrunk(planes: Tensor, size: int) -> Tensor:
    """Means of planes (C, H, H) as (C, size, size); the planes themselves where they are as large."""
    return planes if size == planes.shape[-1] else functional.avg_pool2d(planes[None], planes.shape[-1] // size)[0]


def _grown(planes: Tensor, size: int, mode: str = "bicubic") -> Tensor:
    return functional.interpolate(planes[None], (size, size), mode=mode, align_corners=False)[0]


def towards_ends(light: Array | float) -> NDArray[np.float64]:
    """How far first coefficients (N,) are towards the dark and the light end, which have hues of their own: (N, 2)."""
    shares = [(np.asarray(light, np.float64) - near) / (far - near) for near, far in (BEND_DARK, BEND_LIGHT)]
    return np.asarray(np.maximum(np.stack(shares, -1), 0) ** BEND_POWER)


@lru_cache(maxsize=1)
def _load() -> AlbedoModel:
    return AlbedoModel(load_arrays(ASSET))
