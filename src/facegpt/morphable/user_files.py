"""Head models whose files only the user may supply: where each comes from, which file was added, and how it is found.

A file is checked once when it is added and remembered with its size, time and sha256 in the cache folder. The
environment variable FACEGPT_<NAME>_MODEL (as FACEGPT_FLAME_MODEL) names a file for one run instead.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facegpt.runtime.atomic_files import make_folder, write_text
from facegpt.runtime.cache import cache_folder
from facegpt.types import AssetError, FaceGPTError

if TYPE_CHECKING:
    from facegpt.morphable.head_file import HeadFile

#: The file in the cache folder that says which files were added.
REMEMBERED = "user_heads.json"


@dataclass(frozen=True)
class UserHead:
    """A head model that is not shipped.

    Attributes:
        name: of its entry point. title: as its authors call it.
        licence: what the user must heed, in a sentence. source: where it is to be had.
        file: what to add, in words.
    """

    name: str
    title: str
    licence: str
    source: str
    file: str

    @property
    def variable(self) -> str:
        """The environment variable that names its file."""
        return f"FACEGPT_{self.name.upper()}_MODEL"

    def read(self, path: Path) -> HeadFile:
        """Read a file of this model with the loader of its name. Raises AssetError for any other file."""
        loader = importlib.import_module(f"facegpt.morphable.{self.name}")
        found: HeadFile = loader.read(path)
        return found


USER_HEADS: dict[str, UserHead] = {
    head.name: head
    for head in (
        UserHead(
            "ict",
            "ICT-FaceKit",
            "MIT: free for any use, with its copyright notice",
            "https://github.com/ICT-VGL/ICT-FaceKit",
            "the folder FaceXModel of that repository, or an ict_facekit.npz made of it",
        ),
        UserHead(
            "gnm",
            "GNM Head",
            "Apache-2.0: free for any use, with its licence and notices",
            "https://huggingface.co/google/gnm-v3",
            "gnm_head.npz",
        ),
        UserHead(
            "flame",
            "FLAME",
            "that of the copy you downloaded: FLAME 2020 and 2023 are for research only, FLAME 2023 Open is CC BY 4.0",
            "https://flame.is.tue.mpg.de",
            "generic_model.pkl or flame2023.pkl, or the same arrays as .npz",
        ),
        UserHead(
            "bfm",
            "Basel Face Model",
            "of the University of Basel: research only, no passing on",
            "https://faces.dmi.unibas.ch/bfm",
            "01_MorphableModel.mat (2009), model2017-1_*.h5 or model2019_*.h5",
        ),
    )
}


def find_user_head(name: str) -> UserHead:
    """Look up a head model that the user supplies. Raises FaceGPTError with the names there are."""
    if name not in USER_HEADS:
        raise FaceGPTError(f"there is no head model '{name}' to add a file for; there are: {', '.join(USER_HEADS)}")
    return USER_HEADS[name]


def add_file(name: str, path: str | Path) -> HeadFile:
    """Check the user's file of a head model and remember it; what was read of it is given back.

    Raises:
        FaceGPTError: if there is no such model.
        AssetError: if the file is missing, damaged or of another format.
    """
    head, path = find_user_head(name), Path(path).expanduser().resolve()
    if not path.exists():
        raise AssetError(f"there is no file '{path}'")
    found = head.read(path)
    entry = {"path": str(path), "model_id": found.model_id, **_stamp(path), "sha256": _sha256(path)}
    write_text(
        make_folder(cache_folder()) / REMEMBERED, json.dumps({**remembered(), name: entry}, indent=2, sort_keys=True)
    )
    return found


def remembered() -> dict[str, dict[str, Any]]:
    """What was added, by name: path, model_id, size, time_ns, sha256; {} when nothing was."""
    try:
        told = json.loads((cache_folder() / REMEMBERED).read_text("utf-8"))
        return {name: dict(told[name]) for name in USER_HEADS if isinstance(told.get(name), dict)}
    except (OSError, ValueError, AttributeError):
        return {}


def user_file(name: str) -> Path:
    """Path of the file of a head model: that of the environment variable, else the one that was added.

    Raises:
        AssetError: if there is none, it is gone, or it changed since it was added: the sentence says what to do.
    """
    head = find_user_head(name)
    if told := os.environ.get(head.variable):
        if not Path(told).exists():
            raise AssetError(f"{head.variable} names '{told}', which does not exist")
        return Path(told)
    entry = remembered().get(name)
    again = f"facegpt models add {name} PATH"
    if entry is None:
        raise AssetError(
            f"{head.title} is not part of facegpt: get {head.file} from {head.source} and tell where it lies with "
            f"`{again}` (licence: {head.licence})"
        )
    path = Path(str(entry.get("path")))
    if not path.exists():
        raise AssetError(f"the file of {head.title}, '{path}', is no longer there; add it again: `{again}`")
    stamp = _stamp(path)
    if any(entry.get(key) != value for key, value in stamp.items()) and _sha256(path) != entry.get("sha256"):
        raise AssetError(f"the file of {head.title}, '{path}', has changed since it was added; add it again: `{again}`")
    return path


def statuses() -> list[dict[str, Any]]:
    """What `facegpt models list` shows of each: name, title, licence, path, and status (ok, not added, or worse)."""
    rows = []
    for head in USER_HEADS.values():
        entry = remembered().get(head.name, {})
        path = os.environ.get(head.variable) or entry.get("path", "")
        try:
            user_file(head.name)
            status = "ok"
        except AssetError:
            status = "missing or changed" if path else "not added"
        rows.append({"name": head.name, "title": head.title, "licence": head.licence, "path": path, "status": status})
    return rows


def _files(path: Path) -> list[Path]:
    return sorted(path.glob("*.obj")) if path.is_dir() else [path]


def _stamp(path: Path) -> dict[str, int]:
    """Size and latest time of a file, or of the OBJ files in a folder."""
    stats = [file.stat() for file in _files(path)]
    return {"size": sum(s.st_size for s in stats), "time_ns": max((s.st_mtime_ns for s in stats), default=0)}


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    for file in _files(path):
        with open(file, "rb") as data:
            while block := data.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
