"""Which photos a user means: paths, folders and patterns become a list of files."""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from operator import eq, ne
from pathlib import Path
from typing import overload

from facegpt.data.stores import ARCHIVES, Place, StoredPath, is_address, members_of, place_of, stored
from facegpt.errors import ImageError

#: Endings of the formats that `read_image` knows; only these are taken from a folder.
PHOTO_SUFFIXES = frozenset(
    [
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".webp", ".gif", ".tif", ".tiff"),
        *(".bmp", ".ppm", ".pgm", ".jp2", ".avif", ".heic", ".heif", ".hif", ".tga"),
    ]
)


class Photos(Sequence[Place]):
    """Photos of a batch, each once, in their order. Paths are kept as text, which takes a fifth of their memory."""

    def __init__(self, places: Iterable[str | StoredPath]) -> None:
        self._known = dict.fromkeys(places)
        self._places = list(self._known)

    @overload
    def __getitem__(self, index: int) -> Place: ...

    @overload
    def __getitem__(self, index: slice) -> Photos: ...

    def __getitem__(self, index: int | slice) -> Place | Photos:
        if isinstance(index, slice):
            return Photos(self._places[index])
        place = self._places[index]
        return place if isinstance(place, StoredPath) else Path(place)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, photo: object) -> bool:
        return (str(photo) if isinstance(photo, Path) else photo) in self._known

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(eq, self, other))

    def names(self) -> list[str]:
        """The last part of each one's path."""
        return [os.path.basename(place) if isinstance(place, str) else place.name for place in self._places]


def find_photos(sources: Iterable[str | Path], output: Place | None = None) -> Photos:
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
    return Photos(place for source in sources for place in _meant(source, output))


def _meant(source: str | Path, output: Place | None) -> Sequence[str | StoredPath]:
    """The photos that one path, folder, pattern or address means."""
    path, inside = Path(source), output if isinstance(output, Path) else None
    if is_address(str(source)) or (path.suffix.lower() in ARCHIVES and path.is_file()):
        return _photos_stored(source, output)
    if path.is_dir():
        if not (photos := _photos_below(path, inside)):
            raise ImageError(f"the folder '{path}' holds no photo")
        return photos
    if path.exists() or not glob.has_magic(str(source)):
        return [str(path)]
    matched: list[str] = []
    for match in sorted(map(Path, _matches(str(source)))):
        matched += _photos_below(match, inside) if match.is_dir() else [str(match)] * _is_photo(match)
    if not matched:
        raise ImageError(f"no photo matches '{source}'")
    return matched


def _photos_stored(source: str | Path, output: Place | None) -> Sequence[str | StoredPath]:
    """The photos of an address, or of an archive of this machine."""
    path = stored(place_of(str(source)))
    if path.suffix.lower() in PHOTO_SUFFIXES and not any(sign in path.name for sign in "*["):
        return [path]
    is_archive = path.suffix.lower() in ARCHIVES and path.exists()
    files = members_of(path) if is_archive else path.files()
    if files is None:
        return [path if is_address(str(source)) else str(source)]  # broken: reading it says so, in a row of its own
    records = {str(file)[: -len("/params.json")] for file in files if file.name == "params.json"}
    results = f"{output}/" if isinstance(output, StoredPath) else None
    photos = []
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


def _photos_below(folder: Path, output: Path | None) -> list[str]:
    results = _resolved(output) if output is not None else None
    if results is not None and _resolved(folder) not in results.parents:
        results = None  # the photos may well lie below the output folder
    return list(_walked(folder, results))


def _walked(folder: Path, results: Path | None) -> Iterator[str]:
    """The photos in a folder and below it, sorted by name; none of `results`, a folder without links."""
    folders, links, names = set[str](), set[str](), list[str]()
    holds_head = False
    try:
        with os.scandir(folder) as listed:
            for entry in listed:
                holds_head |= entry.name == "params.json"
                if entry.is_dir(follow_symlinks=False):
                    folders.add(entry.name)
                elif not _is_photo(entry):
                    continue
                elif entry.is_symlink():
                    links.add(entry.name)
                names.append(entry.name)
    except OSError:  # it may not be read
        return
    names.sort(key=os.path.normcase)
    start = "" if folder == Path() else os.path.join(folder, "")
    for name in names:
        path = folder / name if name in folders or name in links else None
        if name in folders:
            if not name.startswith(".") and (results is None or _resolved(folder / name) != results):
                yield from _walked(folder / name, results)
        elif not holds_head:
            is_result = path is not None and results is not None and results in _resolved(path).parents
            yield from [start + name] * (not is_result)


def _resolved(path: Path) -> Path:
    """The path without links; unlike Path.resolve it takes links that lead in a circle, on every Python."""
    return Path(os.path.realpath(path))


def _is_photo(file: Path | os.DirEntry[str]) -> bool:
    """Whether it is a file with a photo's name; hidden ones (thumbnails, ._resource forks) are left out.

    What a folder says of it (a DirEntry) saves asking the disk again.
    """
    if file.name.startswith(".") or os.path.splitext(file.name)[1].lower() not in PHOTO_SUFFIXES:
        return False
    try:
        return file.is_file()
    except OSError:  # links that lead in a circle
        return False


def output_names(photos: Sequence[Place]) -> list[str]:
    """Name of the output folder of each photo: its stem, made unique without regard to letter case.

    Photos of the same stem get their ending behind it, then a number, always in the same way for the same list, so
    that a batch finds its own results again.
    """
    ended = photos.names() if isinstance(photos, Photos) else [photo.name for photo in photos]
    stems = [os.path.splitext(name)[0] for name in ended]
    codes = sorted(hash(stem.lower()) for stem in stems)  # a million take less memory so than as a set of texts
    if all(map(ne, codes, codes[1:])):
        return stems
    names: list[str] = []
    taken: set[str] = set()
    count = Counter(stem.lower() for stem in stems)
    for stem, name in zip(stems, ended, strict=True):
        suffix = os.path.splitext(name)[1].lstrip(".").lower()
        unique = own = stem if count[stem.lower()] == 1 else f"{stem}_{suffix}"
        number = 2
        while unique.lower() in taken:
            unique, number = f"{own}_{number}", number + 1
        taken.add(unique.lower())
        names.append(unique)
    return names
