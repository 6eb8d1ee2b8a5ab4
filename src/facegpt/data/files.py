"""Which photos a user means: paths, folders and patterns become a list of files."""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from facegpt.data.stores import ARCHIVES, Place, StoredPath, is_address, is_broken_archive, place_of, stored
from facegpt.errors import ImageError

#: Endings of the formats that `read_image` knows; only these are taken from a folder.
PHOTO_SUFFIXES = frozenset(
    [
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".webp", ".gif", ".tif", ".tiff"),
        *(".bmp", ".ppm", ".pgm", ".jp2", ".avif", ".heic", ".heif", ".hif", ".tga"),
    ]
)


def find_photos(sources: Iterable[str | Path], output: Place | None = None) -> list[Place]:
    """List the photos meant by paths, folders and patterns, each once, in the order given.

    A path is taken as it is, whether or not it exists: reading it tells what is wrong. A folder gives the photos in
    it and below it, sorted by name; linked folders in it are not entered, and what is no file (a pipe, a socket, a
    device, a link to nothing) is left out. A pattern (`*`, `?`, `[…]`, `**`) is for shells that leave it unexpanded.
    An address (s3://…, data/stores.py) is a photo, a folder, a pattern or an archive of a store; a .zip or .tar gives
    the photos inside, and one that is damaged stands for itself.

    Args:
        sources: paths, folders and patterns.
        output: folder that results go to. What lies there, or beside a params.json, is a result and no photo.

    Raises:
        ImageError: if a folder holds no photo or a pattern matches none.
    """
    found: dict[Place, None] = {}
    photos: Sequence[Place]
    for source in sources:
        path = Path(source)
        if is_address(str(source)) or (path.suffix.lower() in ARCHIVES and path.is_file()):
            photos = _photos_stored(source, output)
        elif path.is_dir():
            photos = _photos_below(path, output if isinstance(output, Path) else None)
            if not photos:
                raise ImageError(f"the folder '{path}' holds no photo")
        elif not path.exists() and glob.has_magic(str(source)):
            matched: list[Path] = []
            for match in sorted(map(Path, _matches(str(source)))):
                inside = output if isinstance(output, Path) else None
                matched += _photos_below(match, inside) if match.is_dir() else [match] * _is_photo(match, match.name)
            if not matched:
                raise ImageError(f"no photo matches '{source}'")
            photos = matched
        else:
            photos = [path]
        found.update(dict.fromkeys(photos))
    return list(found)


def _photos_stored(source: str | Path, output: Place | None) -> list[Place]:
    """The photos of an address, or of an archive of this machine."""
    given = place_of(str(source))
    path = stored(given)
    if path.suffix.lower() in PHOTO_SUFFIXES and not any(sign in path.name for sign in "*["):
        return [path]
    if path.suffix.lower() in ARCHIVES and path.exists() and is_broken_archive(path):
        return [given]  # reading it says so, in a row of its own
    files = path.files()
    records = {str(file)[: -len("/params.json")] for file in files if file.name == "params.json"}
    results = f"{output}/" if isinstance(output, StoredPath) else None
    photos: list[Place] = []
    for file in files:
        hidden = any(part.startswith(".") for part in str(file).split("/")[2:])
        is_result = str(file).rpartition("/")[0] in records or (results and str(file).startswith(results))
        if file.suffix.lower() in PHOTO_SUFFIXES and not hidden and not is_result:
            photos.append(file)
    if not photos:
        raise ImageError(f"'{path}' holds no photo")
    return photos


def _matches(pattern: str) -> set[str]:
    """What a pattern means; unlike in the module glob, `**` enters no linked folders, as links may lead in a circle."""
    parts = Path(pattern).parts
    if "**" not in parts:
        return set(glob.glob(pattern))
    before, after = parts[: parts.index("**")], parts[parts.index("**") + 1 :] or ("*",)
    found: set[str] = set()
    for start in glob.glob(str(Path(*before))):
        for folder, inside, _ in os.walk(start):
            inside[:] = [name for name in inside if not name.startswith(".")]
            found |= _matches(str(Path(glob.escape(folder), *after)))
    return {name for name in found if not (os.path.islink(name) and os.path.isdir(name))}


def _photos_below(folder: Path, output: Path | None) -> list[Path]:
    results = _resolved(output) if output is not None else None
    if results is not None and _resolved(folder) not in results.parents:
        results = None  # the photos may well lie below the output folder
    return list(_walked(folder, results))


def _walked(folder: Path, results: Path | None) -> Iterator[Path]:
    """The photos in a folder and below it, sorted by name; none of `results`, a folder without links."""
    try:
        with os.scandir(folder) as listed:
            entries = sorted(listed, key=lambda entry: os.path.normcase(entry.name))
    except OSError:  # it may not be read
        return
    holds_head = any(entry.name == "params.json" for entry in entries)
    for entry in entries:
        path = folder / entry.name
        if entry.is_dir(follow_symlinks=False):
            if not entry.name.startswith(".") and (results is None or _resolved(path) != results):
                yield from _walked(path, results)
        elif not holds_head and _is_photo(path, entry.name, entry):
            is_result = results is not None and entry.is_symlink() and results in _resolved(path).parents
            yield from [path] * (not is_result)


def _resolved(path: Path) -> Path:
    """The path without links; unlike Path.resolve it takes links that lead in a circle, on every Python."""
    return Path(os.path.realpath(path))


def _is_photo(path: Path, name: str, listed: os.DirEntry[str] | None = None) -> bool:
    """Whether `path` is a file with a photo's name; hidden ones (thumbnails, ._resource forks) are left out.

    listed: what the folder says of it, which saves asking the disk again.
    """
    if name.startswith(".") or os.path.splitext(name)[1].lower() not in PHOTO_SUFFIXES:
        return False
    try:
        return path.is_file() if listed is None else listed.is_file()
    except OSError:  # links that lead in a circle
        return False


def output_names(photos: Sequence[Place]) -> list[str]:
    """Name of the output folder of each photo: its stem, made unique without regard to letter case.

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
