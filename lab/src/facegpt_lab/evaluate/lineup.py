"""`facegpt eval lineup`: is a head told from three others of like age, sex, hair and skin, and does it look as old?

The photos are the validation half of the optional data, and each gives one `balanced` head. Forty of them are shown to
the recogniser beside four heads at rest, turned by ±30° in studio light: their own and the three whose photos read most
alike (age, masculinity, lightness of skin, colour of hair; and length of the head's hair). 0.25 is chance. Fits start
from the same network's descriptor, so its choice says more of the skin than of the shape; `sheet` draws the same rows
without names, with the answers in a .json beside them, for an eye. Ages are those that `analyze` reads from the photo
and from the head as drawn from the front in even light; the fit knows of the first.

About 4 s of one core a photo; photos that are done are kept.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.analyze.seen import Seen
from facegpt.cielab import lab_from_linear
from facegpt.face import Face
from facegpt.hair.presets import LENGTHS, length_step
from facegpt.runtime.atomic_files import make_folder, write_text
from facegpt.types import Array
from facegpt_lab.evaluate.hair.photo import loaded
from facegpt_lab.evaluate.judges.likeness import describe_head, describe_photo, distances
from facegpt_lab.evaluate.judges.paired import interval, mean_of_picks
from facegpt_lab.evaluate.photo_processes import Kept, in_processes
from facegpt_lab.evaluate.registry import Report, figure
from facegpt_lab.evaluate.sheets.tiles import cut_tile, side_by_side
from facegpt_lab.evaluate.validation_photos import identify, read_photo, some_validation_photos, validation_photos

ASKED, DECOYS, QUICK_COUNT = 40, 3, 16
#: Years up to which a head looks as old as its photo.
AS_OLD = 5.0
#: Side of a tile, px, and the turn of the heads on the sheet, degrees.
TILE_PX, TURN_DEG = 208, -25.0
#: What one step apart means: years, masculinity, L* of skin, L*, a*, b* of hair, steps of length.
_ALIKE = np.array([8.0, 0.25, 6.0, 15.0, 15.0, 15.0, 1.0])


@dataclass(frozen=True)
class Suspect:
    """One photo and its head.

    Attributes:
        name, person: of the photo. descriptor: (128,) of its face. head: (2, 128) of the head at ±30°.
        traits: (7,) as `_ALIKE`, read from the photo. drawn_years: age read from the drawn head, or nan.
        tiles: the photo's and the turned head's picture side by side, a JPEG in base64.
    """

    name: str
    person: int
    descriptor: NDArray[np.float32]
    head: NDArray[np.float32]
    traits: NDArray[np.float64]
    drawn_years: float
    tiles: str


def look_at(job: tuple[str, int]) -> Suspect | None:
    """Read one photo, make its head and read that; None where no face is found."""
    image = read_photo(job[0])
    read, heads = loaded().analyze(image), loaded().reconstruct(image, quality="balanced")
    if not read or not heads:
        return None
    one, face = read[0], heads[0]
    front = np.ascontiguousarray(face.render(size=512, background="grey", light="even")[..., :3])
    again = loaded().analyze(front)
    return Suspect(
        *job,
        descriptor=describe_photo(image, one.points["ibug68"]),
        head=describe_head(face),
        traits=_traits(one, face),
        drawn_years=_years(again[0]) if again else np.nan,
        tiles=_tiles(image, one.box, face),
    )


def _years(read: Seen) -> float:
    """The age read, or nan where none is."""
    return np.nan if read.age is None else read.age.years


def _traits(read: Seen, face: Face) -> NDArray[np.float64]:
    """What makes two people alike to a witness: see `_ALIKE`."""
    hair = face.params.hair
    length = 0 if hair is None or hair.groom is None else LENGTHS.index(length_step(hair.groom))
    colour = (0.0, 0.0, 0.0) if hair is None else lab_from_linear(np.asarray(hair.colour))
    return np.array([_years(read), read.masculinity, read.skin_lightness, *colour, length])


def _tiles(image: NDArray[np.uint8], box: Array, face: Face) -> str:
    """Draw the photo's head and the turned one, whose shirt tells nothing: base64 of a JPEG of two tiles."""
    side = 1.8 * float((box[2:] - box[:2]).max())
    cut = cut_tile(image, np.rint((box[:2] + box[2:] - side) / 2), side, TILE_PX)
    turned = face.neutral().with_shirt("grey").render(size=TILE_PX, yaw_deg=TURN_DEG, background="grey")[..., :3]
    both = side_by_side([Image.fromarray(tile) for tile in (cut, turned)], 2)
    file = io.BytesIO()
    both.save(file, "JPEG", quality=90)
    return base64.b64encode(file.getvalue()).decode()


def decoys(found: Sequence[Suspect], asked: int) -> NDArray[np.intp]:
    """The three other people who read most like one of them: their places."""
    traits = np.stack([one.traits for one in found])
    apart = np.linalg.norm((traits - traits[asked]) / _ALIKE, axis=1)
    apart[[one.person == found[asked].person for one in found]] = np.inf
    return np.argsort(apart, kind="stable")[:DECOYS]


def lineups(found: Sequence[Suspect], count: int = ASKED) -> list[NDArray[np.intp]]:
    """Rows of four places, the own head first, for so many photos, evenly spread."""
    picks = np.unique(np.linspace(0, len(found) - 1, min(count, len(found))).astype(int))
    return [np.array([pick, *decoys(found, pick)]) for pick in picks]


def nearest_is_own(found: Sequence[Suspect], rows: Sequence[NDArray[np.intp]]) -> NDArray[np.float64]:
    """1 where the recogniser picks the photo's own head, 0 where another one: (rows,)."""
    picked = [
        distances(found[row[0]].descriptor[None], np.stack([found[k].head for k in row])).argmin() for row in rows
    ]
    return (np.array(picked) == 0).astype(float)


def draw_sheet(found: Sequence[Suspect], rows: Sequence[NDArray[np.intp]], file: Path) -> None:
    """Draw a photo and four heads in chance order in each row; which one is its own goes to a .json beside the file."""
    rng, blocks, answers = np.random.default_rng(0), [], {}
    for number, row in enumerate(rows):
        order = rng.permutation(len(row))
        pairs = [Image.open(io.BytesIO(base64.b64decode(found[k].tiles))) for k in (row[0], *row[order])]
        sides = [pairs[0].crop((0, 0, TILE_PX, TILE_PX))]
        sides += [pair.crop((TILE_PX, 0, 2 * TILE_PX, TILE_PX)) for pair in pairs[1:]]
        blocks.append(side_by_side(sides, len(sides)))
        answers[number] = {"photo": found[row[0]].name, "own": int(np.flatnonzero(order == 0)[0]) + 1}
    make_folder(file.parent)
    side_by_side(blocks, 2).save(file)
    write_text(file.with_suffix(".json"), json.dumps(answers, indent=1))


def read_suspect(told: dict[str, Any] | None) -> Suspect | None:
    """Make what was kept of its JSON."""
    if told is None:
        return None
    years = np.nan if told["drawn_years"] is None else told["drawn_years"]
    arrays = {name: np.asarray(told[name], np.float32) for name in ("descriptor", "head")}
    return Suspect(**{**told, **arrays, "traits": np.asarray(told["traits"]), "drawn_years": years})


def evaluate(quick: bool = False, workers: int | None = None, sheet: Path | None = None) -> Report:
    """Ask for 40 photos of the validation half. sheet: file for a picture of the rows, for an eye."""
    chosen = some_validation_photos(QUICK_COUNT) if quick else validation_photos()
    kept = Kept("lineup", read_suspect, identify)
    found = [one for one in in_processes(look_at, chosen, "photos", workers, kept) if one is not None]
    rows = lineups(found)
    own = nearest_is_own(found, rows)
    if sheet is not None:
        draw_sheet(found, rows, sheet)
    off = np.array([one.drawn_years - one.traits[0] for one in found])
    off = off[np.isfinite(off)]
    told = f"{len(rows)} of {len(found)} `balanced` heads of the validation half, each among three most alike"
    return Report(
        told,
        (
            figure("own head picked from four alike by the recogniser", float(own.mean()), "share"),
            *interval("own head picked from four alike", mean_of_picks(own), len(own), "share"),
            figure("age of the drawn head less the photo's", float(off.mean()), "years"),
            figure("age of the drawn head off the photo's", float(np.abs(off).mean()), "years", at_most=AS_OLD),
            *interval("age of the drawn head off the photo's", mean_of_picks(np.abs(off)), len(off), "years"),
            figure("drawn heads within 5 years", float((np.abs(off) <= AS_OLD).mean()), "share"),
        ),
    )
