"""Which photos a user means: paths, folders and patterns become a list of files."""

from __future__ import annotations

import glob
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from facegpt.types import ImageError

#: Endings of the formats that `read_image` knows; only these are taken from a folder.
PHOTO_SUFFIXES = frozenset(
    [
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".webp", ".gif", ".tif", ".tiff"),
        *(".bmp", ".ppm", ".pgm", ".jp2", ".avif", ".heic", ".heif", ".hif", ".tga"),
    ]
)


def find_photos(sources: Iterable[str | Path], output: Path | None = None) -> list[Path]:
    """List the photos meant by paths, folders and patterns, each once, in the order given.

    A path is taken as it is, whether or not it exists: reading it tells what is wrong. A folder gives the photos in
    it and below it, sorted by name. A pattern (`*`, `?`, `[…]`, `**`) is for shells that leave it unexpanded.

    Args:
        sources: paths, folders and patterns.
        output: folder that results go to. What lies there, or beside a params.json, is a result and no photo.

    Raises:
        ImageError: if a folder holds no photo or a pattern matches none.
    """
    found: dict[Path, None] = {}
    for source in sources:
        path = Path(source)
        if path.is_dir():
            photos = _photos_below(path, output)
            if not photos:
                raise ImageError(f"the folder '{path}' holds no photo")
        elif not path.exists() and glob.has_magic(str(source)):
            photos = []
            for match in sorted(map(Path, glob.glob(str(source), recursive=True))):
                photos += _photos_below(match, output) if match.is_dir() else [match] * _is_photo(Path(match.name))
            if not photos:
                raise ImageError(f"no photo matches '{source}'")
        else:
            photos = [path]
        found.update(dict.fromkeys(photos))
    return list(found)


def _photos_below(folder: Path, output: Path | None) -> list[Path]:
    results = output.resolve() if output is not None else None
    if results is not None and folder.resolve() not in results.parents:
        results = None  # the photos may well lie below the output folder
    photos = []
    for path in sorted(folder.rglob("*")):
        is_result = results in path.resolve().parents or (path.parent / "params.json").exists()
        if _is_photo(path.relative_to(folder)) and path.is_file() and not is_result:
            photos.append(path)
    return photos


def _is_photo(name: Path) -> bool:
    """Tell photos from other files by name; hidden ones (thumbnails, ._resource forks) are left out."""
    return name.suffix.lower() in PHOTO_SUFFIXES and not any(part.startswith(".") for part in name.parts)


def output_names(photos: list[Path]) -> list[str]:
    """Give each photo the name of its output folder: its stem, made unique without regard to letter case.

    Photos of the same stem get their ending behind it, then a number, always in the same way for the same list, so
    that a batch finds its own results again.
    """
    names: list[str] = []
    taken: set[str] = set()
    count = Counter(photo.stem.lower() for photo in photos)
    for photo in photos:
        name = photo.stem if count[photo.stem.lower()] == 1 else f"{photo.stem}_{photo.suffix.lstrip('.').lower()}"
        unique, number = name, 2
        while unique.lower() in taken:
            unique, number = f"{name}_{number}", number + 1
        taken.add(unique.lower())
        names.append(unique)
    return names
