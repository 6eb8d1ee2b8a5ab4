"""A take on disk while it grows: one record a face and frame, appended as it is found, and a manifest beside it.

Whatever ends the work, all whole frames up to there stay: a half-written end is cut off when the work goes on.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.hair.accessories import accessories_from_json, accessories_to_json
from facegpt.runtime.arrays import read_arrays
from facegpt.runtime.atomic_files import make_folder, remove, write_bytes, write_text
from facegpt.types import FaceGPTError
from facegpt.video import habits
from facegpt.video.clip import ClipInfo
from facegpt.video.observation import RECORD, View
from facegpt.video.people import KnownPerson, Person

FRAMES, MANIFEST, PEOPLE = "frames.bin", "take.json", "people.npz"
FORMAT, VERSION = "facegpt-take", 2
#: The first bytes of FRAMES: the format, its version and the length of a record.
_MAGIC = b"FGTAKE%02d" % VERSION + RECORD.itemsize.to_bytes(8, "little")
#: Files are told apart by their size and these many bytes of their beginning and end.
_PRINT_BYTES = 1 << 16


@dataclass(frozen=True)
class Manifest:
    """What a take was made from.

    Attributes:
        source: the clip as the user named it. fingerprint: of the file, "" for streams.
        settings: what the result depends on. info: of the clip. view: how it was read.
        state: "tracking", "stopped" or "done". frames: frames that were looked at. skipped: damaged ones left out.
    """

    source: str
    fingerprint: str
    settings: dict[str, Any]
    info: ClipInfo
    view: View
    state: str = "tracking"
    frames: int = 0
    skipped: int = 0

    def same_work(self, other: Manifest) -> bool:
        """Whether both are of the same clip with the same settings."""
        return (self.fingerprint, self.settings) == (other.fingerprint, other.settings) and self.fingerprint != ""


class TakeFiles:
    """The record file, the manifest and the people of a take in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = make_folder(folder)
        self._file: Any = None

    def __enter__(self) -> TakeFiles:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def begin(self) -> None:
        """Start an empty record file."""
        remove(self.folder / PEOPLE)
        write_bytes(self.folder / FRAMES, _MAGIC)
        self._file = _appended(self.folder / FRAMES)

    def go_on(self) -> NDArray[np.void]:
        """Open the record file behind its last whole frame, and give what it holds."""
        rows = self.records()
        path = self.folder / FRAMES
        os.truncate(path, len(_MAGIC) + len(rows) * RECORD.itemsize)
        self._file = _appended(path)
        return rows

    def append(self, frame: int, time_s: float, rows: list[NDArray[np.void]]) -> None:
        """Write one frame: its faces, or that it shows none."""
        out = np.zeros(max(1, len(rows)), RECORD)
        out["frame"], out["time_s"], out["track_id"] = frame, time_s, -1
        for k, row in enumerate(rows):
            out[k] = row
        out["faces"] = len(out)
        data = memoryview(out.tobytes())
        try:
            while data:
                data = data[self._file.write(data) :]
        except OSError as error:
            raise FaceGPTError(f"cannot write '{self.folder / FRAMES}' ({error.strerror}); make room") from None

    def records(self) -> NDArray[np.void]:
        """All whole frames of the record file. Raises FaceGPTError if it is of another kind."""
        path = self.folder / FRAMES
        try:
            data = path.read_bytes()
        except OSError as error:
            raise FaceGPTError(f"cannot read '{path}' ({error.strerror})") from None
        if data[: len(_MAGIC)] != _MAGIC:
            raise FaceGPTError(f"'{path}' holds no frames of this version of facegpt; delete the folder and try again")
        whole = (len(data) - len(_MAGIC)) // RECORD.itemsize
        rows = np.frombuffer(data, RECORD, whole, len(_MAGIC)).copy()
        if len(rows) and (rows["frame"] == rows["frame"][-1]).sum() < rows["faces"][-1]:
            rows = rows[rows["frame"] != rows["frame"][-1]]
        return rows

    def write_manifest(self, manifest: Manifest) -> None:
        """Write the manifest, whole or not at all."""
        document = {"format": FORMAT, "version": VERSION, **asdict(manifest)}
        write_text(self.folder / MANIFEST, json.dumps(document, indent=1) + "\n")

    def manifest(self) -> Manifest | None:
        """The manifest, or None where there is none that can be read."""
        try:
            found = json.loads((self.folder / MANIFEST).read_text("utf-8"))
            if found.pop("format") != FORMAT or found.pop("version") != VERSION:
                return None
            info, view = ClipInfo(**found.pop("info")), View(**found.pop("view"))
            return Manifest(info=info, view=view, **found)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write_people(self, people: list[Person], textures: dict[int, NDArray[np.uint8]]) -> None:
        """Write the heads of all people."""
        import io

        arrays: dict[str, Any] = {"numbers": np.array([person.number for person in people], np.int64)}
        for person in people:
            start = f"p{person.number}_"
            arrays[start + "identity"] = np.asarray(person.identity, np.float64)
            arrays[start + "focal_px"] = np.array(np.nan if person.focal_px is None else person.focal_px)
            if person.habits is not None:
                arrays[start + "habits"] = habits.stored(person.habits)
            if person.places is not None:
                arrays[start + "places"] = person.places
            if person.known is not None:
                arrays["known"] = np.array(person.number)
            arrays[start + "descriptors"] = np.asarray(person.descriptors, np.float32).reshape(-1, 128)
            for name in ("albedo", "lighting"):
                if getattr(person, name) is not None:
                    arrays[start + name] = np.asarray(getattr(person, name), np.float32)
            arrays[start + "wears"] = np.array(json.dumps(accessories_to_json(person.accessories)))
            if person.number in textures:
                arrays[start + "texture"] = textures[person.number]
        data = io.BytesIO()
        np.savez_compressed(data, **arrays)
        write_bytes(self.folder / PEOPLE, data.getvalue())

    def people(self, known: KnownPerson | None = None) -> tuple[list[Person], dict[int, NDArray[np.uint8]]]:
        """The people and the textures of their skin. Their heads are frozen: frames rest on them.

        known: who the take was made with, if there was somebody.
        """
        people, textures = [], {}
        try:
            arrays = read_arrays(self.folder / PEOPLE)
            for number in arrays["numbers"].tolist():
                start = f"p{number}_"
                focal = float(arrays[start + "focal_px"])
                looks: dict[str, Any] = {name: arrays.get(start + name) for name in ("albedo", "lighting")}
                looks["habits"] = habits.restored(arrays.get(start + "habits"))
                looks["places"] = arrays.get(start + "places")
                descriptors = list(arrays[start + "descriptors"])
                identity = arrays[start + "identity"]
                focal_px = None if np.isnan(focal) else focal
                own = known if "known" in arrays and int(arrays["known"]) == number else None
                frozen = len(identity) > 0
                wears = json.loads(str(arrays[start + "wears"]))
                looks["accessories"] = accessories_from_json(wears, str(self.folder / PEOPLE))
                people.append(Person(number, descriptors, [], identity, focal_px, **looks, frozen=frozen, known=own))
                if start + "texture" in arrays:
                    textures[number] = arrays[start + "texture"]
        except (OSError, ValueError, KeyError) as error:
            raise FaceGPTError(
                f"'{self.folder / PEOPLE}' is damaged ({error}); delete the folder and try again"
            ) from None
        return people, textures


def _appended(path: Path) -> Any:
    """A file to append to, unbuffered: on a full disk nothing is left that closing would try to write again."""
    return open(path, "ab", buffering=0)


def fingerprint(source: str | int) -> str:
    """What tells a file from others without reading all of it; "" for streams and cameras."""
    import hashlib

    path = Path(str(source))
    if isinstance(source, int) or source == "-" or not path.exists():
        return ""
    digest = hashlib.sha256()
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    for file in files:
        if file.is_file():
            size = file.stat().st_size
            digest.update(f"{file.name if path.is_dir() else ''}:{size};".encode())
            if not path.is_dir():
                with file.open("rb") as data:
                    digest.update(data.read(_PRINT_BYTES))
                    data.seek(max(0, size - _PRINT_BYTES))
                    digest.update(data.read(_PRINT_BYTES))
    return digest.hexdigest()
