"""The pool of skins that synthetic pictures are painted with: textures of the default head's atlas, made once.

Statistical skins with painted brows and beards come from the albedo model; textures unwrapped from photos join them
where there is a file of them (`photo_skins.npz`: textures (N, S, S, 3) uint8 sRGB, delit). The pool lies in the
cache folder; every process maps the same file.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from facegpt.conventions import linear_to_srgb
from facegpt.morphable.makehuman.albedo import AlbedoModel
from facegpt.morphable.makehuman.painted_hair import groom_texture
from facegpt.morphable.makehuman.skin import skin_sample
from facegpt.runtime.cache import cache_folder
from facegpt.types import AssetError, Hair
from facegpt_lab.synthesis.studio.scene import HAIR_COLOURS, HAIR_SHARES, PhotoScene

#: Side of a skin, texels; how many statistical ones; changed whenever they are drawn otherwise.
SIDE, COUNT, VERSION = 256, 240, 4
#: Share of pictures that wear a skin of a photo, where there are any.
FROM_PHOTOS = 0.55


@dataclass(frozen=True, eq=False)
class SkinPool:
    """Skins ready to paint with.

    Attributes:
        textures: (N, S, S, 3) uint8 sRGB, the statistical ones first. made: how many of them are statistical.
        albedo: (N, A) coefficients; those of photos are what is known of them, or 0.
        hair: (N, 3) linear colour of brows and beard, NaN where unknown. beard: (N,) 0..1. cropped: (N,) bool.
    """

    textures: NDArray[np.uint8]
    made: int
    albedo: NDArray[np.float32]
    hair: NDArray[np.float32]
    beard: NDArray[np.float32]
    cropped: NDArray[np.bool_]

    def index(self, place: float) -> int:
        """The skin at a place 0..1: from photos for the last FROM_PHOTOS of the range, if there are any."""
        photos = len(self.textures) - self.made
        if photos == 0:
            return min(int(place * self.made), self.made - 1)
        bound = 1 - FROM_PHOTOS
        if place < bound:
            return min(int(place / bound * self.made), self.made - 1)
        return self.made + min(int((place - bound) / FROM_PHOTOS * photos), photos - 1)

    @cached_property
    def brightness(self) -> NDArray[np.float32]:
        """Mean sRGB value 0..255 (N,) of the middle of each skin's face."""
        quarter = SIDE // 4
        return self.textures[:, quarter:-quarter:4, quarter:-quarter:4].mean((1, 2, 3), dtype=np.float32)


#: Mean sRGB value of the face below which hair and eyes are dark.
DARK_SKIN = 105.0


def matched(scene: PhotoScene, pool: SkinPool) -> PhotoScene:
    """Let hair and irises of a scene go with its skin: the brows' colour mostly, dark ones on dark skin."""
    skin = pool.index(scene.skin.first)
    hair, eyes = scene.hair, scene.eyes
    known = pool.hair[skin]
    if scene.hair.as_brows and np.isfinite(known).all():
        hair = replace(hair, colour=(float(known[0]), float(known[1]), float(known[2])))
    elif pool.brightness[skin] < DARK_SKIN and scene.hair.as_brows:
        dim = min(1.0, 0.02 / max(hair.colour[0], 1e-3))
        hair = replace(hair, colour=(hair.colour[0] * dim, hair.colour[1] * dim, hair.colour[2] * dim))
    if pool.brightness[skin] < DARK_SKIN:
        eyes = replace(eyes, iris=(0.030, 0.015, 0.008))
    return replace(scene, hair=hair, eyes=eyes)


def skin_pool(photos: str = "", count: int = COUNT) -> SkinPool:
    """Open the pool, made first if need be (a minute).

    photos: file of unwrapped skins, "" for none. count: of statistical skins, even.
    """
    return _opened(cache_folder() / f"studio_skins_{VERSION}_{count}_{SIDE}", photos, count)


@lru_cache(maxsize=4)
def _opened(folder: Path, photos: str, count: int) -> SkinPool:
    """The pool of a folder: a test with a cache of its own does not get that of an earlier one."""
    if not (folder / "textures.npy").exists():
        _make(folder, count)
    textures = np.load(folder / "textures.npy", mmap_mode="r")
    fields = {name: np.load(folder / f"{name}.npy") for name in ("albedo", "hair", "beard", "cropped")}
    if not photos:
        return SkinPool(textures, len(textures), **fields)
    found = _photo_textures(Path(photos))
    joined = {name: np.concatenate([fields[name], found[name]]) for name in fields}
    return SkinPool(np.concatenate([textures, found["textures"]]), len(textures), **joined)


def _photo_textures(path: Path) -> dict[str, NDArray]:
    if not path.is_file():
        raise AssetError(f"the file of photo skins {path} is missing; leave the setting out to go without")
    with np.load(path, allow_pickle=False) as arrays:
        names = set(arrays.files)
        key = "textures" if "textures" in names else arrays.files[0]
        textures = arrays[key]
        albedo = arrays["albedo"].astype(np.float32) if "albedo" in names else np.zeros((len(textures), 33), np.float32)
    if textures.ndim != 4 or textures.shape[1:] != (SIDE, SIDE, 3) or textures.dtype != np.uint8:
        raise AssetError(f"{path} must hold textures (N, {SIDE}, {SIDE}, 3) uint8, not {textures.shape}")
    count = len(textures)
    return {
        "textures": textures,
        "albedo": albedo,
        "hair": np.full((count, 3), np.nan, np.float32),
        "beard": np.zeros(count, np.float32),
        "cropped": np.zeros(count, bool),
    }


def _make(folder: Path, count: int) -> None:
    """Paint the statistical skins into a folder, all or nothing; processes that come at once all paint the same."""
    model = AlbedoModel.load()
    albedo = _skins(model, count)
    looks = skin_looks(count)
    textures = np.empty((count, SIDE, SIDE, 3), np.uint8)
    for k, look in enumerate(looks):
        with torch.no_grad():
            skin = model.texture(torch.from_numpy(albedo[k : k + 1]), 2 * SIDE)[0].permute(1, 2, 0).numpy()
        fine = groom_texture(np.ascontiguousarray(skin), look)
        small = fine.reshape(SIDE, 2, SIDE, 2, 3).mean((1, 3))
        textures[k] = np.round(linear_to_srgb(np.clip(small, 0, 1)) * 255)
    hair = np.array([look.colour for look in looks], np.float32)
    beard = np.array([look.beard for look in looks], np.float32)
    cropped = np.array([look.style == "cropped" for look in looks])
    _save(folder, textures=textures, albedo=albedo.astype(np.float32), hair=hair, beard=beard, cropped=cropped)


def _skins(model: AlbedoModel, count: int) -> NDArray[np.float32]:
    """Coefficients (count, A) of the statistical skins: women, then men."""
    return np.concatenate([skin_sample(model, count // 2, 11, "F"), skin_sample(model, count // 2, 12, "M")])


@lru_cache(maxsize=2)
def skin_looks(count: int = COUNT) -> tuple[Hair, ...]:
    """What grows on each statistical skin of a pool of `count`."""
    albedo, rng, male = _skins(AlbedoModel.load(), count), np.random.default_rng(3), np.arange(count) >= count // 2
    cropped = rng.random(count) < np.where(male, 0.22, 0.05)
    return tuple(_growth(rng, bool(male[k]), float(albedo[k, 0]), bool(cropped[k])) for k in range(count))


def _growth(rng: np.random.Generator, male: bool, lightness: float, cropped: bool) -> Hair:
    """Draw brows, beard and cropped hair for a skin; dark skin (lightness in SDs) goes with dark hair."""
    choices = 2 if lightness < -0.2 else len(HAIR_COLOURS)
    shares = np.array(HAIR_SHARES[:choices]) / sum(HAIR_SHARES[:choices])
    colour = np.array(HAIR_COLOURS[rng.choice(choices, p=shares)]) * np.exp(rng.normal(0, 0.2))
    bearded = male and rng.random() < 0.6
    beard = rng.choice([0.15, 0.3, 0.6, 1.0]) if bearded else 0.0
    moustache = beard * rng.uniform(0.5, 1.2) if bearded and rng.random() < 0.8 else 0.0
    if male and rng.random() < 0.06:
        moustache = rng.uniform(0.3, 1.0)
    return Hair(
        style="cropped" if cropped else "bald",
        colour=(float(colour[0]), float(colour[1]), float(colour[2])),
        grey=float(rng.random() < 0.15) * float(rng.uniform(0.2, 0.9)),
        beard=float(beard),
        moustache=float(moustache),
        brow_thickness=float(np.round(rng.normal(0.5 * male, 1.0) * 2) / 2),
        brow_arch=float(rng.normal(0, 0.8)),
    )


def _save(folder: Path, **arrays: NDArray) -> None:
    """Write arrays so that no reader sees half of one; the textures last, since they say that all is there."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in sorted(arrays, key=lambda n: n == "textures"):
        partial = folder / f"{name}.{os.getpid()}.npy"
        np.save(partial, arrays[name])
        os.replace(partial, folder / f"{name}.npy")
