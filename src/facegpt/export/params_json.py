"""params.json: all parameters of one face as readable numbers that load back exactly.

Numbers are the shortest decimals that give the same float32 again, so a loaded face has the same vertices bit by bit.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.bust.shirt_json import shirt_from_json, shirt_to_json
from facegpt.conventions import ARKIT_NAMES
from facegpt.glasses.glasses_json import glasses_from_json, glasses_to_json
from facegpt.hair.groom import groom_from_json, groom_to_json
from facegpt.hair.locks import locks_from_json
from facegpt.hair.photo_view import view_to_json
from facegpt.hair.whiskers import SERIES, SHAPES
from facegpt.models.files import load_head
from facegpt.morphable.base import MorphableModel, check_model
from facegpt.morphable.makehuman.local_shapes import local_from_json
from facegpt.runtime.atomic_files import write_text
from facegpt.types import (
    GLASSES_KINDS,
    Array,
    Camera,
    FaceGPTError,
    FaceParams,
    Hair,
    IdentityDoubt,
    Pose,
    ShapeError,
    SkinSeen,
    Worn,
)
from facegpt.wear.headwear_json import headwear_from_json, headwear_to_json

FORMAT, VERSION = "facegpt-params", 1
#: The fields of Hair that are single numbers.
HAIR_AMOUNTS = ("grey", "beard", "moustache", "brow_thickness", "brow_arch")
#: The same and a series, written only where they are not usual: files of plain hair stay as they were.
HAIR_EXTRAS = ("highlights", "roots", "temples", "beard_mm", "brow_bridge", "beard_cover")
COLOURS_BESIDE = ("highlight_colour", "brow_colour", "beard_colour")
#: What a number may be, farther out than any head that is fitted or made of words: what lies beyond is a slip of the
#: hand, and would be a head of several metres, or a picture that fits into no memory.
BOUNDS = {
    **dict.fromkeys(("identity", "albedo", "brow_thickness", "brow_arch"), (-30.0, 30.0)),
    "identity_sd": (0.0, 2.0),
    "identity_covariance": (-4.0, 4.0),
    "expression": (-1.0, 2.0),
    "joints_rotvec_rad": (-2 * np.pi, 2 * np.pi),
    "pose_translation_mm": (-1e7, 1e7),
    "lighting_sh9_rgb": (-1e3, 1e3),
    "camera_focal_px": (-np.inf, 1e8),
    "camera_principal_px": (-1e7, 1e7),
    **dict.fromkeys((f"{key}_linear_rgb" for key in ("colour", *COLOURS_BESIDE)), (0.0, 1.0)),
    **dict.fromkeys((*HAIR_AMOUNTS[:3], "highlights", "roots", "temples", "brow_bridge", "beard_cover"), (0.0, 1.0)),
    "beard_mm": (0.0, 400.0),
}
#: Largest picture that a camera may have, pixels: that of the largest photo that is read.
MOST_PIXELS = 1_000_000_000
_ROUNDING = 1e-3


def write_params(
    path: str | Path,
    params: FaceParams,
    detail: dict[str, object] | None = None,
    doubt: IdentityDoubt | None = None,
    skin_seen: SkinSeen | None = None,
) -> Path:
    """Write parameters as JSON (see `params_to_json`), all or nothing."""
    return write_text(path, params_to_json(params, detail, doubt, skin_seen))


def read_params(path: str | Path) -> FaceParams:
    """Read parameters that `write_params` wrote.

    Raises:
        FaceGPTError: if the file is missing, damaged, of another kind or of a later version, or a number in it lies
            beyond BOUNDS.
        ShapeError: if an array in it has the wrong length.
    """
    try:
        text = Path(path).read_text("utf-8")
    except OSError as error:
        raise FaceGPTError(f"cannot read parameters from '{path}' ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise FaceGPTError(f"'{path}' is damaged: it is no text file, so it cannot hold face parameters") from error
    return params_from_json(text, str(path))


def check_sizes(params: FaceParams, model: MorphableModel, source: str | Path = "these parameters") -> None:
    """Check that parameters have the lengths of their model, which a file alone cannot tell; `source` names the file.

    Raises:
        ShapeError: if they belong to another model, or an array has another length.
    """
    check_model(model, params)
    sizes = model.sizes
    for key, wanted in (("identity", sizes.identity), ("joints", sizes.joints), ("albedo", sizes.albedo)):
        found = len(getattr(params, key))
        if found != wanted:
            raise ShapeError(
                f"'{source}' is damaged or of another version: '{key}' has {found} entries, "
                f"the head model '{model.model_id}' has {wanted}"
            )


def head_of_file(params: FaceParams, model: MorphableModel | None, source: str | Path) -> MorphableModel:
    """The head model that parameters of a file belong to: `model`, if it is theirs.

    Raises:
        FaceGPTError: if it is not installed, is a personal head that was not given, or the parameters do not fit it.
    """
    if model is None or model.model_id != params.model_id:
        _refuse_personal(params.model_id, Path(source))
        model = load_head(params.model_id)
    check_sizes(params, model, source)
    return model


def params_to_json(
    params: FaceParams,
    detail: dict[str, object] | None = None,
    doubt: IdentityDoubt | None = None,
    skin_seen: SkinSeen | None = None,
) -> str:
    """JSON text of parameters, one key a line, expression weights by name.

    With them go facts of the skin's relief (detail), how sure the identity is (doubt), and how much of the skin the
    photo shows (skin_seen), where that is known.

    float32 arrays come back exactly. Reading gives float32, but float64 for the pose and the camera.

    Raises:
        FaceGPTError: if a number is not finite.
    """
    camera, expression = params.camera, _plain(params.expression, "expression")
    if len(expression) != len(ARKIT_NAMES):
        raise ShapeError(f"expression has {len(expression)} weights, expected the {len(ARKIT_NAMES)} of ARKIT_NAMES")
    document = {
        "format": FORMAT,
        "version": VERSION,
        "model_id": params.model_id,
        "identity": _plain(params.identity, "identity"),
        "expression": dict(zip(ARKIT_NAMES, expression, strict=True)),
        "joints_rotvec_rad": _plain(params.joints, "joints"),
        "pose_rotation": _plain(params.pose.rotation, "pose.rotation"),
        "pose_translation_mm": _plain(params.pose.translation, "pose.translation"),
        "albedo": _plain(params.albedo, "albedo"),
        "lighting_sh9_rgb": _plain(params.lighting, "lighting"),
        "camera_focal_px": _plain(camera.focal_px, "camera.focal_px"),
        "camera_principal_px": _plain(camera.principal_px, "camera.principal_px"),
        "camera_width": int(camera.width),
        "camera_height": int(camera.height),
        "hair": None if params.hair is None else _hair_to_json(params.hair),
    }
    if params.glasses is not None:
        document["glasses"] = glasses_to_json(params.glasses)
    if params.headwear is not None:
        document["headwear"] = headwear_to_json(params.headwear)
    document |= shirt_to_json(params.shirt)
    if params.worn is not None:
        document["worn"] = asdict(params.worn)
    if params.local:
        document["local_mm"] = {name: float(mm) for name, mm in sorted(params.local.items())}
    document |= {} if detail is None else {"detail": detail}
    document |= {} if doubt is None else _doubt_to_json(doubt)
    document |= {} if skin_seen is None else {"skin": asdict(skin_seen)}
    lines = [f"  {json.dumps(key)}: {json.dumps(value, allow_nan=False)}" for key, value in document.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def params_from_json(text: str, source: str = "these parameters") -> FaceParams:
    """Parameters of a JSON text; `source` names the file in error messages.

    Raises:
        FaceGPTError, ShapeError: as `read_params`.
    """
    document = _Document(_parse(text, source), source)
    document.check_kind()
    weights = document.get("expression")
    if not isinstance(weights, dict) or set(weights) != set(ARKIT_NAMES):
        raise ShapeError(f"'{source}' is damaged: 'expression' must hold the {len(ARKIT_NAMES)} ARKit names")
    return FaceParams(
        model_id=document.text("model_id"),
        identity=document.array("identity", (-1,)),
        expression=document.array("expression", (len(ARKIT_NAMES),), [weights[name] for name in ARKIT_NAMES]),
        joints=document.array("joints_rotvec_rad", (-1, 3)),
        pose=Pose(document.rotation(), document.array("pose_translation_mm", (3,), dtype=np.float64)),
        albedo=document.array("albedo", (-1,)),
        lighting=document.array("lighting_sh9_rgb", (9, 3)),
        camera=document.camera(),
        hair=document.hair(),
        worn=document.worn(),
        glasses=glasses_from_json(document.content.get("glasses"), source),
        headwear=headwear_from_json(document.content.get("headwear"), source),
        shirt=shirt_from_json(document.content, source),
        local=local_from_json(document.content.get("local_mm"), source),
    )


def read_doubt(path: str | Path) -> IdentityDoubt:
    """How sure the identity of a params.json is; older files have no covariance, heads of words neither.

    Raises:
        FaceGPTError, ShapeError: if it is damaged.
    """
    document = _Document(_parse(Path(path).read_text("utf-8"), str(path)), str(path))
    count = len(document.array("identity", (-1,)))
    sd = document.array("identity_sd", (count,)) if "identity_sd" in document.content else None
    if "identity_covariance" not in document.content:
        return IdentityDoubt(sd)
    covariance, upper = np.zeros((count, count)), np.triu_indices(count)
    covariance[upper] = document.array("identity_covariance", (len(upper[0]),), dtype=np.float64)
    covariance = covariance + np.triu(covariance, 1).T
    if np.linalg.eigvalsh(covariance).min() < -_ROUNDING:
        raise FaceGPTError(f"'{path}' is damaged: 'identity_covariance' is the covariance of nothing")
    return IdentityDoubt(sd, covariance)


def _doubt_to_json(doubt: IdentityDoubt) -> dict[str, Any]:
    """The SDs, and the upper triangle of the covariance, row by row."""
    out = {}
    if doubt.sd is not None:
        out["identity_sd"] = _plain(np.asarray(doubt.sd, np.float32).round(4), "identity_sd")
    if doubt.covariance is not None:
        upper = np.asarray(doubt.covariance, np.float32)[np.triu_indices(len(doubt.covariance))]
        out["identity_covariance"] = _plain(upper.round(6), "identity_covariance")
    return out


def _hair_to_json(hair: Hair) -> dict[str, Any]:
    amounts = {key: _plain(getattr(hair, key), f"hair.{key}") for key in HAIR_AMOUNTS}
    extras = {key: _plain(getattr(hair, key), f"hair.{key}") for key in HAIR_EXTRAS if getattr(hair, key)}
    for key in COLOURS_BESIDE if hair.highlights else COLOURS_BESIDE[1:]:
        if getattr(hair, key) is not None:
            extras[f"{key}_linear_rgb"] = _plain(getattr(hair, key), f"hair.{key}")
    if hair.beard_shape != "full":
        extras["beard_shape"] = hair.beard_shape
    seen = {"groom": hair.groom and groom_to_json(hair.groom), "locks": hair.locks and view_to_json(hair.locks)}
    extras |= {name: value for name, value in seen.items() if value is not None}
    return {"style": hair.style, "colour_linear_rgb": _plain(hair.colour, "hair.colour"), **amounts, **extras}


class _Document:
    """A parsed file that answers for its name in every complaint."""

    def __init__(self, content: dict[str, Any], source: str) -> None:
        self.content, self.source = content, source

    def get(self, key: str) -> Any:
        if key not in self.content:
            raise FaceGPTError(f"'{self.source}' is damaged: '{key}' is missing")
        return self.content[key]

    def check_kind(self) -> None:
        if self.content.get("format") != FORMAT:
            raise FaceGPTError(f"'{self.source}' holds no face parameters (its 'format' is not '{FORMAT}')")
        version = self.get("version")
        if version != VERSION:
            raise FaceGPTError(f"'{self.source}' has format version {version}; this facegpt reads version {VERSION}")

    def text(self, key: str) -> str:
        value = self.get(key)
        if not isinstance(value, str):
            raise FaceGPTError(f"'{self.source}' is damaged: '{key}' is not text")
        return value

    def array(
        self, key: str, shape: tuple[int, ...], value: Any = None, dtype: type[np.floating] = np.float32
    ) -> NDArray[np.floating]:
        """A number array of this shape; a leading -1 is any length, none included."""
        rows = self.get(key) if value is None else value
        try:
            found = np.array(rows)
        except ValueError:  # rows of unequal length
            raise ShapeError(f"'{self.source}' is damaged: '{key}' has rows of different lengths") from None
        if found.size == 0 and shape[0] == -1:
            found = np.zeros((0, *shape[1:]))
        if found.dtype.kind not in "fi":
            raise FaceGPTError(f"'{self.source}' is damaged: '{key}' holds something that is not a number")
        any_length = shape[:1] == (-1,)
        wanted = found.shape[:1] + shape[1:] if any_length else shape
        if found.shape != wanted or len(wanted) != len(shape):
            kind = "a single number" if found.ndim == 0 else f"the shape {found.shape}"
            lengths = ", ".join("any length" if length == -1 else str(length) for length in shape) or "a single number"
            raise ShapeError(f"'{self.source}' is damaged: '{key}' has {kind}, expected ({lengths})")
        with np.errstate(over="ignore"):
            numbers = found.astype(dtype)
        if not np.isfinite(numbers).all():
            raise FaceGPTError(f"'{self.source}' is damaged: '{key}' holds a number that is too large")
        low, high = BOUNDS.get(key, (-np.inf, np.inf))
        if numbers.size and not (low - _ROUNDING <= numbers.min() and numbers.max() <= high + _ROUNDING):
            worst = numbers.min() if numbers.min() < low - _ROUNDING else numbers.max()
            raise FaceGPTError(
                f"'{self.source}' is damaged: '{key}' holds {worst:.4g}, which no face has; "
                f"it lies in {low:.4g} to {high:.4g}"
            )
        return numbers

    def rotation(self) -> NDArray[np.floating]:
        found = self.array("pose_rotation", (3, 3), dtype=np.float64)
        if np.abs(found @ found.T - np.eye(3)).max() > _ROUNDING or np.linalg.det(found) < 0:
            raise FaceGPTError(
                f"'{self.source}' is damaged: 'pose_rotation' is no rotation (its rows are not unit axes)"
            )
        return found

    def one_of(self, key: str, known: tuple[str, ...]) -> str:
        """A text that must be one of those known."""
        found = self.text(key)
        if found not in known:
            raise FaceGPTError(f"'{self.source}' is damaged: '{key}' is '{found}', none of {', '.join(known)}")
        return found

    def hair(self) -> Hair | None:
        """The hair, or None: also for files that were written before there was any."""
        found = self.content.get("hair")
        if found is None:
            return None
        if not isinstance(found, dict):
            raise FaceGPTError(f"'{self.source}' is damaged: 'hair' does not hold names with values")
        part = _Document(found, self.source)
        values: dict[str, Any] = {}
        for key in ("colour", *(each for each in COLOURS_BESIDE if f"{each}_linear_rgb" in found)):
            values[key] = tuple(part.array(f"{key}_linear_rgb", (3,), dtype=np.float64).tolist())
        present = [*HAIR_AMOUNTS, *(key for key in HAIR_EXTRAS if key in found)]
        read = {key: part.array(key, SERIES.get(key, ()), dtype=np.float64).tolist() for key in present}
        values |= {key: tuple(value) if isinstance(value, list) else value for key, value in read.items()}
        if "beard_shape" in found:
            values["beard_shape"] = part.one_of("beard_shape", SHAPES)
        if found.get("groom") is not None:
            values["groom"] = groom_from_json(found["groom"], self.source)
        if found.get("locks") is not None:
            values["locks"] = locks_from_json(found["locks"], self.source)
        return Hair(part.text("style"), **values)

    def worn(self) -> Worn | None:
        found = self.content.get("worn")
        if found is None:
            return None
        known = isinstance(found, dict) and found.keys() <= asdict(Worn()).keys()
        worn = Worn(**found) if known and isinstance(found.get("left_out", []), list) else None
        if worn is None or {*map(type, (worn.hair, *worn.left_out))} != {str} or not isinstance(worn.headwear, bool):
            raise FaceGPTError(f"'{self.source}' is damaged: 'worn' does not say what is worn")
        if worn.glasses not in GLASSES_KINDS:
            raise FaceGPTError(f"'{self.source}' is damaged: glasses are {', '.join(GLASSES_KINDS)}")
        return worn

    def camera(self) -> Camera:
        focal = float(self.array("camera_focal_px", (), dtype=np.float64))
        x, y = self.array("camera_principal_px", (2,), dtype=np.float64).tolist()
        width, height = self.get("camera_width"), self.get("camera_height")
        if not (type(width) is int and type(height) is int and width > 0 and height > 0 and focal > 0):
            raise FaceGPTError(f"'{self.source}' is damaged: the camera's size and focal length must be above zero")
        if width * height > MOST_PIXELS:
            raise FaceGPTError(f"'{self.source}' is damaged: a camera of {width} × {height} pixels is too large")
        return Camera(focal, (x, y), width, height)


def _parse(text: str, source: str) -> dict[str, Any]:
    def refuse(constant: str) -> None:
        raise ValueError(constant)

    try:
        content = json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise FaceGPTError(f"'{source}' is damaged: it is not JSON that can be read ({error})") from error
    if not isinstance(content, dict):
        raise FaceGPTError(f"'{source}' holds no face parameters")
    return content


def _plain(values: Array | float | tuple[float, ...], key: str) -> Any:
    """Nested lists of an array, by the shortest decimals that round-trip in its own precision."""
    array = np.asarray(values)
    if not np.isfinite(array).all():
        raise FaceGPTError(f"cannot save these parameters: '{key}' holds a number that is not finite")
    wide = array.astype(np.float64)
    if array.dtype == np.float32:
        short = np.array([float(str(number)) for number in array.ravel()], np.float64).reshape(array.shape)
        wide = np.where(short.astype(np.float32) == array, short, wide)
    return wide.tolist()


def _refuse_personal(model_id: str, file: Path) -> None:
    """Refuse to look for a personal head ("makehuman-head/2+anna-1a2b3c") among the installed ones."""
    if "+" in model_id:
        raise FaceGPTError(
            f"'{file}' stands on a head of somebody's own, '{model_id}': give the head of the avatar that it was made "
            'with, as Face.load(path, model=load_avatar("FOLDER").head) with load_avatar of facegpt.personal.avatar; '
            "if the avatar was made anew since, make the face again from its photo"
        )
