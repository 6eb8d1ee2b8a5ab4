"""Data files of the laboratory, checked as those of the product are (facegpt.assets). What they are: README.md here."""

from __future__ import annotations

from pathlib import Path

from numpy.typing import NDArray

from facegpt import assets

FOLDER = Path(__file__).parent
#: Which portraits and photos are learnt from and which only validate.
PHOTO_SPLIT = FOLDER / "photo_split.csv"
#: Outlines of the headwear of the wearers among those that are learnt from, drawn by hand, px of the photo.
HEADWEAR_OUTLINES = FOLDER / "headwear_outlines.json"
#: Outlines of the hands before and beside faces among them, and of what they hold, drawn by hand, px of the photo.
HAND_OUTLINES = FOLDER / "hand_outlines.json"


def load_arrays(name: str) -> dict[str, NDArray]:
    """Load every array of an .npz data file, checked. Raises AssetError as `facegpt.assets.asset_path`."""
    return assets.load_arrays(name, FOLDER)


def register(name: str) -> str:
    """Write the sha256 of a freshly built data file into the list, and give it. For build scripts only."""
    return assets.register(name, FOLDER)
