"""Whether hair passes through skin, ears or neck: every style, at rest, turned by ±60° and with each of the 52 units.

    python -m lab.runs.hair.passing_through OUT.csv [STYLE …]

Hair hangs on the joints that files have, the chain of long hair included. A point of a card counts as inside where it
lies more than 1 mm below the planes of all skin triangles near it; roots, which start on the skin, and what hangs below
the neck's end are left out.
"""

from __future__ import annotations

import csv
import sys
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from facegpt.conventions import ARKIT_NAMES
from facegpt.export.bundle import HeadExport
from facegpt.export.hair_chain import with_hair
from facegpt.hair.presets import PRESETS
from facegpt.morphable.makehuman import head as makehuman
from facegpt.types import Array, Camera, FaceParams, Hair, Pose

TURNS_DEG, DEEP_MM, NEAR_MM, ROOT_MM = (-60.0, 60.0), 1.0, 25.0, 3.0
#: Texture coordinate above which a point of a card is its root.
ROOT_V = 0.995
#: Skin that moves by less cannot come up through hair, mm.
MOVES_MM = 0.3


def dressed(head: makehuman.MakeHumanHead, style: str, seed: int = 3) -> HeadExport:
    """One person in a style, as files have it."""
    params = FaceParams(
        head.model_id,
        head.sample(1, seed=seed)[0],
        np.zeros(head.sizes.expression, np.float32),
        np.zeros((head.sizes.joints, 3), np.float32),
        Pose(np.eye(3), np.array([0.0, 0.0, 900.0])),
        np.zeros(head.sizes.albedo, np.float32),
        np.zeros((9, 3), np.float32),
        Camera(900.0, (255.5, 255.5), 512, 512),
        hair=Hair(style),
    )
    return with_hair(head, params, np.full((64, 64, 4), 255, np.uint8), 0, as_strands=False)


def turned(head: HeadExport, points: Array, weights: Array, yaw_deg: float) -> Array:
    """Points (P, 3) on joints by weights (P, J) as the joint "head" turns by a yaw."""
    names = list(head.joint_names)
    turn = Rotation.from_euler("y", yaw_deg, degrees=True).as_matrix()
    carried = {names.index("head")}
    for joint, parent in enumerate(head.joint_parents):
        if parent in carried:
            carried.add(joint)
    share = np.asarray(weights)[:, sorted(carried)].sum(1, keepdims=True)
    centre = np.asarray(head.joint_centres)[names.index("head")]
    return np.asarray(points + share * ((points - centre) @ turn.T + centre - points))


def depth_below(points: Array, skin: Array) -> Array:
    """How far points (N, 3) lie below a skin of triangles (F, 3, 3), mm, by the nearest planes."""
    normal = np.cross(skin[:, 1] - skin[:, 0], skin[:, 2] - skin[:, 0])
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    centre = skin.mean(1)
    _, near = cKDTree(centre).query(points, k=6)
    return np.asarray(-np.einsum("nkc,nkc->nk", points[:, None] - centre[near], normal[near]).max(1))


def found_inside(points: Array, vertices: Array, triangles: Array, ends: Array) -> tuple[float, float]:
    """Share of the points near a skin that lie deeper than DEEP_MM, and the depth of the deepest thousandth, mm."""
    near = cKDTree(vertices[np.unique(triangles)]).query(points, distance_upper_bound=NEAR_MM)[0] < NEAR_MM
    end = vertices[ends]
    near &= points[:, 1] > end[cKDTree(end[:, ::2]).query(points[:, ::2])[1], 1] + 5
    if near.sum() < 100:
        return 0.0, 0.0
    depth = depth_below(points[near], vertices[triangles])
    return float((depth > DEEP_MM).mean()), float(np.quantile(depth, 0.999))


def neck_end(head: HeadExport, triangles: Array) -> Array:
    """Vertices of the skin's open edge at the neck."""
    edges = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), axis=1)
    once, count = np.unique(edges, axis=0, return_counts=True)
    rim = np.unique(once[count == 1])
    return np.asarray(rim[np.asarray(head.neutral)[rim, 1] < -120])


def checked(head: HeadExport) -> dict[str, float | str]:
    """A style's row: share inside (%) and depth (mm) at rest, turned, and under the unit that is worst."""
    hair = head.hair
    assert hair is not None
    triangles = head.triangles[head.part == head.part_names.index("skin")]
    neutral, ends = np.asarray(head.neutral, np.float64), neck_end(head, triangles)
    middle = 0.5 * (hair.rest_vertices[0::2] + hair.rest_vertices[1::2])
    weights = 0.5 * (np.asarray(hair.skin_weights)[0::2] + np.asarray(hair.skin_weights)[1::2])
    off = cKDTree(neutral[np.unique(triangles)]).query(middle)[0] > ROOT_MM
    off &= np.asarray(hair.mesh.uv)[0::2, 1] < ROOT_V  # roots start on the skin, those of ropes round it
    middle, weights = middle[off], weights[off]
    rest = found_inside(middle, neutral, triangles, ends)
    sides = []
    for yaw in TURNS_DEG:
        skin = turned(head, neutral, np.asarray(head.skin_weights), yaw)
        sides.append(found_inside(turned(head, middle, weights, yaw), skin, triangles, ends))
    worst, unit = rest, "none"
    for name, move in zip(ARKIT_NAMES, np.asarray(head.expression_basis), strict=True):
        moving = np.unique(triangles)[np.linalg.norm(move[np.unique(triangles)], axis=1) > MOVES_MM]
        if len(moving) and cKDTree(neutral[moving]).query(middle)[0].min() < NEAR_MM:
            worst, unit = max((worst, unit), (found_inside(middle, neutral + move, triangles, ends), name))
    turn = max(sides)
    return {
        "rest_pct": 100 * rest[0],
        "rest_mm": rest[1],
        "turn_pct": 100 * turn[0],
        "turn_mm": turn[1],
        "unit_pct": 100 * worst[0],
        "unit_mm": worst[1],
        "unit": unit,
    }


def write_table(rows: list[dict[str, Any]], path: str, worst: str) -> None:
    """Write rows as CSV, those with the most of a column first."""
    rows = sorted(rows, key=lambda row: -float(row[worst]))
    with open(path, "w", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows({k: round(v, 3) if isinstance(v, float) else v for k, v in row.items()} for row in rows)


def main() -> None:
    """Check styles and write the table, the worst first."""
    head, rows = makehuman.load(), []
    for style in sys.argv[2:] or PRESETS:
        made = dressed(head, style)
        if made.hair is not None:
            rows.append({"style": style, **checked(replace(made, worn=(made.hair,)))})
            print(rows[-1], flush=True)
    write_table(rows, sys.argv[1], worst="turn_pct")


if __name__ == "__main__":
    main()
