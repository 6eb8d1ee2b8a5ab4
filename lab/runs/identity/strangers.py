"""What the networks say of ICT people in photographed skin: `python -m lab.runs.identity.strangers FILE [FIRST COUNT]`.

One picture of each of COUNT people from number FIRST on: head, expression, light, turn and distance are drawn anew, the
skin is that of one of PORTRAITS portraits. What the people of `evaluate/several/shares.py` wear is worn by nobody here.
Rows hold what the networks say and ICT's own identity (100,). Needs FACEGPT_DATA; .4 s a picture on a quiet core.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import rotation_from_euler_deg
from facegpt.types import Detection, Pose
from facegpt_lab.evaluate.several import photographed
from facegpt_lab.evaluate.several.shares import TUNING, UNSEEN
from lab.runs.identity.readings import Looker

PORTRAITS, TURN_DEG, SIDE_PX, FINER, SAVED_EVERY = 25, 22.0, 192, 2, 20


def free_portraits() -> list[int]:
    """Rows of the calm portraits that no person of the evaluation wears."""
    rows = photographed.calm_portraits()
    worn = {rows[seed * 7 % len(rows)] for seed in (*TUNING, *UNSEEN)}
    return [row for row in rows if row not in worn]


@cache
def _skin(row: int) -> Any:
    return photographed.skin_of(row)


def picture(number: int) -> tuple[NDArray[np.uint8], dict[str, Any]]:
    """A picture of one person, and what is known of it."""
    rng, ict = np.random.default_rng([77, number]), photographed.ict_head()
    identity, rows = rng.normal(0, 1, 100), free_portraits()
    row = rows[number % PORTRAITS * len(rows) // PORTRAITS] if number < 1000 else rows[number // 10 * 7 % len(rows)]
    vertices = ict.shape(identity, photographed._moved(rng))[1]
    yaw = float(np.clip(rng.normal(0, TURN_DEG), -50, 50))
    turn = rotation_from_euler_deg(yaw, rng.normal(0, 6), rng.normal(0, 4))
    distance, focal = float(np.exp(rng.uniform(np.log(450), np.log(1500)))), rng.uniform(0.46, 0.60) * SIDE_PX / 150
    middle = vertices[ict.landmark_vertices[[27, 30, 8]]].mean(0) - [0.0, 0.0, 45.0]
    place = np.array([*rng.normal(0, 0.02, 2), 1.0]) * distance
    pose = Pose(turn, place - turn @ middle)
    image = photographed._drawn(vertices, _skin(row), pose, focal * distance, photographed._light(rng))
    return image, {"person": number, "ict": identity, "portrait": row, "yaw": yaw}


def seen(looker: Looker, image: NDArray[np.uint8], detection: Detection) -> dict[str, Any]:
    """All that fits need of a face."""
    dense = looker.landmarker.predict(image, detection)
    names = ("points_px", "sigma_px", "visible", "expression", "parts", "crop", "grid")
    found = {name: np.asarray(getattr(dense, name), np.float32) for name in names}
    return found | {"points": detection.points, "scores": detection.scores, "rotation": detection.rotation}


def readings(first: int, count: int) -> Iterator[dict[str, Any]]:
    """People of the ICT head."""
    photographed.SIDE_PX, photographed.FINER = SIDE_PX, FINER
    looker = Looker()
    for number in range(first, first + count):
        image, known = picture(number)
        for detection in looker.detector.quick.detect(image)[:1]:
            yield looker.row(image, detection) | known | seen(looker, image, detection)


def save(file: Path, rows: list[dict[str, Any]]) -> None:
    """Write what there is so far."""
    np.savez(file, **{key: np.stack([np.asarray(row[key]) for row in rows]) for key in rows[0]})


def main() -> None:
    """Write the readings."""
    file, (first, count) = Path(sys.argv[1]), (int(word) for word in (sys.argv[2:4] or ("0", "300")))
    rows: list[dict[str, Any]] = []
    for row in readings(first, count):
        rows.append(row)
        if len(rows) % SAVED_EVERY == 0:
            save(file, rows)
    save(file, rows)
    print(f"{len(rows)} faces")


if __name__ == "__main__":
    main()
