"""Files by address: object stores, archives and whatever else fsspec knows (s3://, gs://, memory://, .zip, .tar).

A StoredPath has the few methods of `Path` that batches need, so that a job holds either. What is written goes to a
local folder first (`staged`) and is sent when it is whole. fsspec, an extra, is imported at the first use.

Addresses may hold keys and tokens: a StoredPath shows itself without them, and so does every message.
"""

from __future__ import annotations

import contextlib
import posixpath
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from facegpt.errors import FaceGPTError, ImageError
from facegpt.runtime.extras import check_installed, needed

#: Endings of archives whose members are photos, and fsspec's names for them.
ARCHIVES = {".zip": "zip", ".tar": "tar"}
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
#: Web addresses of single photos are refused elsewhere: nothing is downloaded unasked.
_WEB = ("http://", "https://")


def is_address(text: str) -> bool:
    """Whether a text is the address of a store, and no path of this machine."""
    return bool(_ADDRESS.match(text)) and not text.lower().startswith(_WEB)


def place_of(text: str) -> Place:
    """What a user means by a path or an address."""
    return StoredPath(text) if is_address(text) else Path(text)


def stored(place: Place) -> StoredPath:
    """A place as an address: a path of this machine as file://…."""
    return StoredPath(f"file://{place.resolve()}") if isinstance(place, Path) else place


def members_of(archive: Place) -> list[StoredPath] | None:
    """An archive's files; None where their list cannot be read. Raises FaceGPTError if fsspec is not installed."""
    check_installed("fsspec", "reading archives")
    try:
        return stored(archive).files()
    except FaceGPTError:
        return None


def refuse_archive(place: Place) -> None:
    """Say of an archive whether it is broken or stands where one photo is wanted. Raises ImageError."""
    if place.suffix.lower() not in ARCHIVES or not place.exists():
        return
    if members_of(place) is None:
        raise ImageError(f"'{place}' is a broken archive: the list of its files cannot be read; fetch it again")
    raise ImageError(f"'{place}' is an archive, not a photo; take the photos out of it")


@dataclass(frozen=True, order=True, repr=False)
class StoredPath:
    """A file or folder of a store.

    Attributes:
        address: as fsspec takes it, "s3://bucket/photos/anna.jpg" or "zip://anna.jpg::s3://bucket/photos.zip". It may
            hold secrets: print the StoredPath instead.
    """

    address: str = field(repr=False)

    def __str__(self) -> str:
        return "::".join(_without_secrets(part) for part in self.address.split("::"))

    def __repr__(self) -> str:
        return f"StoredPath('{self}')"

    def __truediv__(self, name: str | Path) -> StoredPath:
        first, *others = self.address.split("::")
        bare, mark, query = first.partition("?")
        return StoredPath("::".join([f"{bare.rstrip('/')}/{name}{mark}{query}" if str(name) else first, *others]))

    @property
    def name(self) -> str:
        """The last part of its path."""
        return posixpath.basename(self.address.partition("::")[0].partition("?")[0].rstrip("/"))

    @property
    def stem(self) -> str:
        """Its name without the ending."""
        return posixpath.splitext(self.name)[0]

    @property
    def suffix(self) -> str:
        """The ending of its name, with the dot."""
        return posixpath.splitext(self.name)[1]

    def resolve(self) -> StoredPath:
        """Itself: an address means the same on every machine."""
        return self

    def is_file(self) -> bool:
        """Whether it is there and no folder. Raises FaceGPTError if the store cannot be asked."""
        with self._told():
            return bool(self._system.isfile(self._key))

    def exists(self) -> bool:
        """Whether it is there. Raises FaceGPTError if the store cannot be asked."""
        with self._told():
            return bool(self._system.exists(self._key))

    def open(self, mode: str = "rb") -> IO[bytes]:
        """The file, opened to be read. Raises FaceGPTError."""
        with self._told():
            opened: IO[bytes] = self._system.open(self._key, mode)
            return opened

    def read_bytes(self) -> bytes:
        """All of the file. Raises FaceGPTError."""
        with self._told():
            data: bytes = self._system.cat_file(self._key)
            return data

    def read_text(self, encoding: str = "utf-8") -> str:
        """All of the file as text. Raises FaceGPTError."""
        return self.read_bytes().decode(encoding)

    def write_bytes(self, data: bytes) -> None:
        """Store a file; an object store shows it when it is whole. Raises FaceGPTError."""
        with self._told("written"):
            self._system.makedirs(posixpath.dirname(self._key), exist_ok=True)
            self._system.pipe_file(self._key, data)

    def unlink(self, missing_ok: bool = False) -> None:
        """Delete the file. Raises FaceGPTError."""
        with self._told("deleted"):
            if not missing_ok or self._system.exists(self._key):
                self._system.rm_file(self._key)

    def files(self) -> list[StoredPath]:
        """All files in it and below it, or of a pattern, by name; of an archive its members. Raises FaceGPTError."""
        if self.suffix.lower() in ARCHIVES:
            members = StoredPath(f"{ARCHIVES[self.suffix.lower()]}://::{self.address}")
            return members.files()
        with self._told():
            key = self._key
            found = self._system.glob(key) if any(sign in key for sign in "*[") else self._system.find(key)
        first, *others = self.address.split("::")
        bare, mark, query = first.partition("?")
        start = bare[: bare.rfind(key)] if key and key in bare else bare.partition("://")[0] + "://"
        return sorted(StoredPath("::".join([f"{start}{name}{mark}{query}", *others])) for name in found)

    def send(self, folder: Path, last: str | None = None) -> None:
        """Store all files below a local folder under this address, the one named `last` after all others."""
        files = sorted((file for file in folder.rglob("*") if file.is_file()), key=lambda file: file.name == last)
        for file in files:
            (self / file.relative_to(folder).as_posix()).write_bytes(file.read_bytes())

    @property
    def _system(self) -> Any:
        return _system_of(self.address)[0]

    @property
    def _key(self) -> str:
        return _system_of(self.address)[1]

    @contextlib.contextmanager
    def _told(self, what: str = "read") -> Iterator[None]:
        """What goes wrong as a sentence; the store's own words are left out, as they may hold secrets."""
        try:
            yield
        except FaceGPTError:
            raise
        except FileNotFoundError:
            raise FaceGPTError(f"there is no file '{self}'") from None
        except PermissionError:
            raise FaceGPTError(f"'{self}' may not be {what} (no permission); check the credentials") from None
        except ImportError as error:
            package = f" (it needs {error.name})" if error.name else ""
            raise FaceGPTError(
                f"fsspec has no driver for '{self}'{package}; install it: s3fs, gcsfs, adlfs …"
            ) from None
        except Exception as error:
            raise FaceGPTError(f"'{self}' cannot be {what} ({type(error).__name__})") from None


#: Where a photo lies or results go.
Place = Path | StoredPath


@lru_cache(maxsize=64)
def _archive(chain: str) -> Any:
    """The file system of an archive, whose list of members is read once."""
    return needed("fsspec", "reading and writing addresses").core.url_to_fs(chain)[0]


def _system_of(address: str) -> tuple[Any, str]:
    """The fsspec file system of an address, and the file's name in it."""
    fsspec = needed("fsspec", "reading and writing addresses")
    first, *others = address.split("::")
    scheme, _, inside = first.partition("://")
    if others and scheme in ARCHIVES.values():
        return _archive("::".join([f"{scheme}://", *others])), inside
    system, key = fsspec.core.url_to_fs(address)
    return system, str(key)


def _without_secrets(part: str) -> str:
    """One link of an address without the user, the password and what follows "?" and "#"."""
    scheme, mark, rest = part.partition("://")
    rest = re.split(r"[?#]", rest, maxsplit=1)[0]
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host.rpartition('@')[2]}{slash}{path}" if mark else rest


@contextlib.contextmanager
def staged(folder: Place, last: str | None = None) -> Iterator[Path]:
    """A local folder to write into: the folder itself, or one that is sent to its address when the context is left.

    last: name of the file that is sent after all others, which says that they are complete.

    Raises:
        FaceGPTError: if the store does not take it.
    """
    if isinstance(folder, Path):
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="facegpt-") as local:
        yield Path(local)
        folder.send(Path(local), last)


@contextlib.contextmanager
def fetched(file: Place) -> Iterator[Path]:
    """A local copy of a file under its own name, for what reads only paths; a local file itself.

    Raises:
        FaceGPTError: if it cannot be read.
    """
    if isinstance(file, Path):
        yield file
        return
    with tempfile.TemporaryDirectory(prefix="facegpt-") as local:
        copy = Path(local) / (file.name or "file")
        copy.write_bytes(file.read_bytes())
        yield copy
