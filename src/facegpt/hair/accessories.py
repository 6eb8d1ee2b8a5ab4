"""What one person wears in a clip or as a head of their own: hair and glasses, found once, and what is said of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from facegpt.glasses.frames import FRAMES
from facegpt.glasses.from_photo import check_glasses
from facegpt.glasses.glasses_json import glasses_from_json, glasses_to_json
from facegpt.hair.from_photo.found import check_style
from facegpt.hair.groom import groom_from_json, groom_to_json
from facegpt.hair.locks import locks_from_json
from facegpt.hair.photo_view import view_to_json
from facegpt.types import FaceGPTError, FaceParams, Glasses, Hair, Worn


@dataclass(frozen=True)
class Wishes:
    """What is asked for: hair is "auto" (what pictures show), "none" or a style; glasses "auto", "none" or a frame.

    Raises:
        FaceGPTError: if there is no such style or frame.
    """

    hair: str = "auto"
    glasses: str = "auto"

    def __post_init__(self) -> None:
        check_style(self.hair)
        check_glasses(self.glasses)


@dataclass(frozen=True)
class Accessories:
    """Hair and glasses of one person, None where there are none; worn: what pictures show of both, None if unknown."""

    hair: Hair | None = None
    glasses: Glasses | None = None
    worn: Worn | None = None

    def on(self, params: FaceParams) -> FaceParams:
        """The parameters of a head that wears them."""
        return params.replace(hair=self.hair, glasses=self.glasses, worn=self.worn)

    def as_wished(self, wishes: Wishes) -> Accessories:
        """The same with what is asked for in place of what was found; another style keeps the colour."""
        hair, glasses = self.hair, self.glasses
        if wishes.hair != "auto":
            usual = hair or Hair()
            hair = None if wishes.hair == "none" else replace(usual, style=wishes.hair, groom=None)
        if wishes.glasses != "auto":
            frame = wishes.glasses
            glasses = None if frame == "none" else Glasses(frame, FRAMES[frame].colour)
        return replace(self, hair=hair, glasses=glasses)


#: Wishes of who asks for nothing: what pictures show. And what somebody wears of whom nothing is known.
AS_SEEN, NOTHING = Wishes(), Accessories()


def accessories_to_json(accessories: Accessories) -> dict[str, Any]:
    """Accessories as names with values, ready for json."""
    hair, glasses, worn = accessories.hair, accessories.glasses, accessories.worn
    out: dict[str, Any] = {}
    if hair is not None:
        out["hair"] = asdict(replace(hair, groom=None, locks=None)) | {
            "groom": None if hair.groom is None else groom_to_json(hair.groom),
            "locks": None if hair.locks is None else view_to_json(hair.locks),
        }
    if glasses is not None:
        out["glasses"] = glasses_to_json(glasses)
    if worn is not None:
        out["worn"] = asdict(worn)
    return out


def accessories_from_json(content: object, source: str) -> Accessories:
    """Read what `accessories_to_json` wrote. Raises FaceGPTError if it is something else; `source` names the file."""
    if not isinstance(content, dict):
        raise FaceGPTError(f"'{source}' is damaged: what is worn does not hold names with values")
    try:
        hair, worn = content.get("hair"), content.get("worn")
        return Accessories(
            None if hair is None else _hair(hair, source),
            glasses_from_json(content.get("glasses"), source),
            None if worn is None else Worn(**worn),
        )
    except (TypeError, ValueError) as error:
        raise FaceGPTError(f"'{source}' is damaged: what is worn cannot be read ({error})") from None


def _hair(content: dict[str, Any], source: str) -> Hair:
    values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in content.items()}
    if values.get("groom") is not None:
        values["groom"] = groom_from_json(values["groom"], source)
    if values.get("locks") is not None:
        values["locks"] = locks_from_json(values["locks"], source)
    return Hair(**values)
