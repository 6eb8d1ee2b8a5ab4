"""The skin of the default head: a log-linear albedo model over its texture atlas, and how the skin shines.

log albedo = mean + Σ_a c_a · basis_a, in linear light (natural log), so that coefficients act like changes of pigment:
multiplicatively. Coefficients are whitened: N(0, I) is the population. Far from the mean some are bent, so that very
light skin stays skin (`amounts`), and beyond the mean's wrinkles every face gets lines of its own (ageing.py). Built by
lab/runs/albedo/build.py.
"""

from __future__ import annotations

import io
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

from facegpt.assets import load_arrays
from facegpt.conventions import LINEAR_OF_BYTE
from facegpt.morphable.makehuman.ageing import Ageing
from facegpt.morphable.makehuman.iris_colours import HUES, STEPS, iris_plane
from facegpt.morphable.makehuman.planes import Values, enlarged, grown, library_of, like, shrunk, sized
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
_LIMITS = float(np.log(DARKEST)), float(np.log(BRIGHTEST))
#: The log of the linear light of each byte of sRGB, within these.
_LOG_OF_BYTE: NDArray[np.float32] = np.log(np.clip(LINEAR_OF_BYTE, DARKEST, BRIGHTEST))
_HUES, _STEPS = HUES.astype(np.float32), STEPS.astype(np.float32)
#: Heights above a brow's middle line between which brows differ from person to person, and over how many it ends, mm.
BROW_MM, BROW_FADE_MM = (-11.0, 11.0), 3.0
#: SD of the blur that evens the outline of the lips, texels of the stored regions, and how steep their edge is then.
LIPS_BLUR, LIPS_STEEP = 1.2, 2.4
#: Pieces in which the basis is unpacked for one head: each fits into a processor's own memory.
_PIECES = 24


class AlbedoModel:
    """Evaluates the texture model. All textures share one atlas: row 0 is v = 1, as in conventions.py.

    Coefficients may be an array or a tensor; what is made of them is of the same kind, of tensors differentiable.

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
        self._stored = {name: arrays[name] for name in ("mean_png", "basis", "basis_scale", "fine", "fine_scale")}
        self.fine_of: NDArray[np.int64] = arrays["fine_of"].astype(np.int64)
        self.fine_colour: Array = arrays["fine_colour"].astype(np.float32)
        least = arrays["least"].astype(np.float32)
        self.least: Array = np.where(least <= NO_LEAST, np.float32(-np.inf), least)
        self.bend: Array = arrays["bend"].astype(np.float32)
        tone = self._component(0).mean(0)
        face = np.sort(tone[arrays["photo_mask"] > 200])
        self.tone: Array = tone / face[(len(face) - 1) // 2]
        self.iris: Array = iris_plane(self._component(NAMED["iris_hue"]).transpose(1, 2, 0)).astype(np.float32)
        self.photo_mask: Array = arrays["photo_mask"].astype(np.float32) / 255.0
        self.residual_sd: Array = arrays["residual_sd"].astype(np.float32) / 255.0
        self.regions: NDArray[np.uint8] = arrays["regions"]
        self.ageing = Ageing(arrays["age_planes"], arrays["age_scale"])
        self.male: Array = arrays["male"].astype(np.float32)
        self.growth: dict[str, NDArray] = {
            name: arrays[name] for name in ("hair_density", "hair_flow", "texel_area", "brow")
        }
        self._roughness: Array = arrays["roughness"].astype(np.float32) / 255.0
        self._levels: dict[tuple[str, int], NDArray[np.float32]] = {}

    @cached_property
    def _picture(self) -> NDArray[np.uint8]:
        return np.asarray(Image.open(io.BytesIO(self._stored["mean_png"].tobytes())).convert("RGBA"))

    @cached_property
    def mean_log(self) -> NDArray[np.float32]:
        """See the class; these large arrays are made when something asks for them: most photos don't."""
        return self._read_by(_LOG_OF_BYTE)

    def _read_by(self, table: NDArray[np.float32]) -> NDArray[np.float32]:
        """The stored picture (3, H, W) with each byte read in a table."""
        return table.take(np.ascontiguousarray(self._picture[..., :3].transpose(2, 0, 1)))

    @cached_property
    def opacity(self) -> NDArray[np.float32]:
        """See the class."""
        return (self._picture[..., 3] / 255.0).astype(np.float32)

    @cached_property
    def basis(self) -> NDArray[np.float32]:
        """See the class."""
        return _scaled(self._stored["basis"], self._stored["basis_scale"])

    @cached_property
    def fine(self) -> NDArray[np.float32]:
        """See the class."""
        return _scaled(self._stored["fine"], self._stored["fine_scale"])

    def _component(self, number: int) -> NDArray[np.float32]:
        """One (3, h, w) of the basis, without the others."""
        return _scaled(self._stored["basis"][number], self._stored["basis_scale"][number])

    def basis_at(self, size: int) -> NDArray[np.float32]:
        """The basis averaged to (A, 3, size, size), without the whole of it."""
        return np.stack([shrunk(self._component(number), size) for number in range(ALBEDO_SIZE)])

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
        """(h, w) 1 on the red of the lips, else 0, with a soft edge: hard texels would be seen as saw teeth."""
        red = (np.asarray(self.regions) & 8 > 0).astype(np.float32)
        return np.clip((gaussian_filter(red, LIPS_BLUR) - 0.5) * LIPS_STEEP + 0.5, 0, 1)

    def mean_at(self, size: int) -> NDArray[np.float32]:
        """Mean_log (3, size, size) at a power-of-two size up to `self.size`; pores are drawn above STORED."""
        if size < 1 or size > FINEST or FINEST % size:
            raise ShapeError(f"texture size {size} must divide {FINEST}")
        if size == STORED:
            return self.mean_log
        if ("mean", size) not in self._levels:
            if size <= STORED:
                mean = np.log(shrunk(self._read_by(np.exp(_LOG_OF_BYTE)), size))
            else:
                mean = grown(self.mean_log, size, cubic=True) + np.float32(2.5) * self._relief(size)
            self._levels["mean", size] = mean
        return self._levels["mean", size]

    def amounts(self, albedo: Values) -> Values:
        """Bend coefficients (B, A): light skin saturates, and features do not go below none."""
        of, light = library_of(albedo), albedo[:, :1]
        bent = LIGHT_REACH * (1 - of.exp(-of.clip(light, 0, None) / LIGHT_REACH)) + of.clip(light, None, 0)
        return of.concatenate([bent, of.maximum(albedo[:, 1:], like(self.least[1:], albedo))], 1)

    def change(self, albedo: Values, size: int | None = None) -> Values:
        """The log change (B, 3, h, w) from the mean, of coefficients (B, A): as large as the basis, or as `size`."""
        of, size = library_of(albedo), self._side if size is None else size
        tone, iris = (like(plane, albedo) for plane in self._bent_at(size))
        if of is np and len(albedo) == 1 and size == self._side:
            mixed = self._mixed(np.asarray(self.amounts(albedo)[0]))[None]
        else:
            mixed = self.amounts(albedo) @ like(self._basis_at(size), albedo).reshape(ALBEDO_SIZE, -1)
        light = albedo[:, 0]
        ends = of.stack([(light - near) / (far - near) for near, far in (BEND_DARK, BEND_LIGHT)], 1)
        colour = of.clip(ends, 0, None) ** BEND_POWER @ like(self.bend, albedo)
        above = of.clip(albedo[:, NAMED["iris_hue"], None] - like(_HUES, albedo), 0, None)
        hue = above @ like(_STEPS, albedo)
        return mixed.reshape(-1, 3, size, size) + colour[:, :, None, None] * tone + hue[:, :, None, None] * iris

    def _basis_at(self, size: int) -> NDArray[np.float32]:
        """The basis (A, 3, size, size), averaged once: a change is linear in it."""
        if ("basis", size) not in self._levels:
            self._levels["basis", size] = self.basis if size == self._side else self.basis_at(size)
        return self._levels["basis", size]

    def _bent_at(self, size: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The tone's plane and the irises' (size, size), averaged once."""
        if ("tone", size) not in self._levels:
            self._levels["tone", size], self._levels["iris", size] = shrunk(self.tone, size), shrunk(self.iris, size)
        return self._levels["tone", size], self._levels["iris", size]

    def _mixed(self, amounts: Array) -> NDArray[np.float32]:
        """The sum (3, h, w) of so much (A,) of each component, which are unpacked piece by piece."""
        stored = self._stored["basis"]
        weights = (amounts * self._stored["basis_scale"]).astype(np.float32)
        pieces = np.array_split(stored.reshape(len(stored), -1), _PIECES, axis=1)
        mixed = [weights @ piece.astype(np.float32) for piece in pieces]
        return np.concatenate(mixed).reshape(stored.shape[1:])

    def texture(self, albedo: Values, size: int = 512) -> Values:
        """Evaluate (B, A) whitened coefficients → (B, 3, size, size) linear RGB within [0, 1]."""
        if albedo.ndim != 2 or albedo.shape[1] != ALBEDO_SIZE:
            raise ShapeError(f"albedo must be (B, {ALBEDO_SIZE}), not {tuple(albedo.shape)}")
        of = library_of(albedo)
        albedo = albedo.astype(np.float32) if of is np else albedo.float()
        own = self._side
        change = self.change(albedo, min(size, own))
        if size > own:
            change = enlarged(change, size)
            colours = self.amounts(albedo)[:, self.fine_of, None] * like(self.fine_colour, albedo)
            fine = like(self._fine_at(size), albedo).reshape(len(self.fine_of), -1)
            change = change + (of.swapaxes(colours, 1, 2) @ fine).reshape(-1, 3, size, size)
        aged = self.ageing.change(albedo, albedo[:, NAMED["wrinkles"]], size)
        if aged is not None:
            change = change + aged
        return of.exp(of.clip(like(self.mean_at(size), albedo) + change, *_LIMITS))

    def roughness(self, size: int = 1024) -> NDArray[np.float32]:
        """The roughness (size, size) in 0..1 as glTF means it: 0 a mirror, 1 chalk."""
        rough = sized(self._roughness, size)
        if size >= STORED:
            rough = rough + np.float32(2.5) * self._relief(size)
        return np.clip(rough, 0.04, 1)

    def height_mm(self, albedo: Array, size: int = 1024) -> NDArray[np.float32]:
        """The relief (size, size) of the skin over the mesh in mm, pores and wrinkles, for coefficients (A,)."""
        line = self._levels.get(("line", size))
        if line is None:
            coarse = self._component(NAMED["wrinkles"]).mean(0) / self._line_colour.mean()
            line = self._levels["line", size] = sized(coarse, size) + self.line_plane(size)
        person = np.asarray(albedo, np.float32)[None]
        amount = float(self.amounts(person)[0, NAMED["wrinkles"]])
        depth = WRINKLE_MM * (amount - float(self.least[NAMED["wrinkles"]]))
        own = self.ageing.height_mm(person, person[:, NAMED["wrinkles"]], size)
        return (PORE_MM / _RELIEF_SD * self._relief(size) - depth * line + own).astype(np.float32)

    def fine_lines(self, size: int) -> tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.float32]]:
        """The fine lines of the wrinkles at a size: flat texels (N,), the colour (3,), and log units a SD (N,)."""
        plane = self.line_plane(size).reshape(-1)
        where = np.flatnonzero(np.abs(plane) > FAINT)
        return where, self._line_colour, plane[where]

    def line_plane(self, size: int) -> NDArray[np.float32]:
        """The fine lines of the wrinkles (size, size), log units a SD."""
        key = ("lines", size)
        if key not in self._levels:
            own = np.flatnonzero(self.fine_of == NAMED["wrinkles"])[:1]
            plane = _scaled(self._stored["fine"][own], self._stored["fine_scale"][own])[0]
            self._levels[key] = sized(plane, size)
        return self._levels[key]

    @property
    def _side(self) -> int:
        """Side of the basis."""
        return int(self._stored["basis"].shape[-1])

    @property
    def _line_colour(self) -> NDArray[np.float32]:
        return np.asarray(self.fine_colour[self.fine_of == NAMED["wrinkles"]][0])

    def _fine_at(self, size: int) -> NDArray[np.float32]:
        if ("fine", size) not in self._levels:
            fine = self.fine if size == STORED else _scaled(self._stored["fine"], self._stored["fine_scale"])
            self._levels["fine", size] = sized(fine, size)
        return self._levels["fine", size]

    def _relief(self, size: int) -> NDArray[np.float32]:
        """Draw pores and the fine lines between them (size, size), SD about _RELIEF_SD, 0 on what is not skin."""
        key = ("relief", size)
        if key not in self._levels:
            strength = np.where(self.tone > 0.3, 1.0, 0.0) * (1 - 0.6 * ((self.regions & 8) > 0))
            strength = gaussian_filter(strength.astype(np.float32), 1.5)
            self._levels[key] = sized(_pores(FINEST), size) * sized(strength, size)
        return self._levels[key]


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


def _scaled(values: NDArray, scale: NDArray) -> NDArray[np.float32]:
    """Undo the quantisation to int8: (N, ...) times one scale each, or (...) times one."""
    found: NDArray[np.float32] = values.astype(np.float32)
    found *= scale.astype(np.float32).reshape(*scale.shape, *[1] * (values.ndim - scale.ndim))
    return found


def towards_ends(light: Array | float) -> NDArray[np.float64]:
    """How far first coefficients (N,) are towards the dark and the light end, which have hues of their own: (N, 2)."""
    shares = [(np.asarray(light, np.float64) - near) / (far - near) for near, far in (BEND_DARK, BEND_LIGHT)]
    return np.asarray(np.maximum(np.stack(shares, -1), 0) ** BEND_POWER)


@lru_cache(maxsize=1)
def _load() -> AlbedoModel:
    return AlbedoModel(load_arrays(ASSET))
