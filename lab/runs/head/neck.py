"""The last step of the build: the head's lower edge becomes one level cut, for every person.

    python -m lab.runs.head.neck             takes the shipped asset as it is, where only this step has changed

The edge loop of MakeHuman's neck rises by 2 cm at the sides, where the neck widens into the shoulders, and wavers by a
millimetre seen from above. Here its vertices are smoothed along the loop, seen from above, and lowered straight onto
the plane through the foremost pair and the hindmost one; those of the ring above follow down half-way, so that rows
stay even. Nothing above that ring moves, and no other array changes: joints, skin weights, landmarks and expressions
stay.

Both are linear in the vertices, so identity takes them mode by mode. The plane is each person's own: it goes
through the same vertices. Where a person's loop is wider to the front or back than the mean's, the height follows
at the mean's slope; what remains is of second order.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt import assets
from facegpt.describe.attribute_readings import CALIBRATION, Gauge, head_signature
from facegpt.describe.shape.shape_gauge import ShapeGauge
from facegpt.morphable.makehuman.head import ASSET, MakeHumanHead

Ints = NDArray[np.int64]
Array = NDArray[np.floating]

#: Share of the edge's motion that the ring above it takes.
RING_SHARE = 0.5
#: Passes of smoothing along the loop; each keeps a ring's size (what two means of neighbours miss is put back).
PASSES = 8
#: A loop that is no farther off a plane than this is level, mm.
LEVEL_MM = 0.01
#: Places of the mean are stored with this many decimals, mm.
DECIMALS = 4
#: Readings that differ by less than this many standard deviations of adults are the same.
SAME_SD = 0.06


@dataclass(frozen=True)
class Edge:
    """The neck's lower edge on the mean head.

    Attributes:
        loop: (N,) its vertices, in order. above: (N,) the neighbour of each on the ring above.
        front: (2,) its foremost vertices, mirror images. back: its hindmost one, in the middle.
        share: (N,) how far each lies from front (0) to back (1). slope: rise of the plane per mm towards +z.
    """

    loop: Ints
    above: Ints
    front: Ints
    back: int
    share: Array
    slope: float

    def levelled(self, field: Array) -> Array:
        """Places or displacements (..., V, 3) mm with the edge smooth and in its plane."""
        field = smoothed(field, self.loop)
        y, z = field[..., 1].copy(), field[..., 2]

        def level(of: Array) -> Array:
            return of[..., self.front].mean(-1, keepdims=True) * (1 - self.share) + of[..., [self.back]] * self.share

        move = level(y) + self.slope * (z[..., self.loop] - level(z)) - y[..., self.loop]
        field[..., self.loop, 1] += move
        field[..., self.above, 1] += RING_SHARE * move
        return field


def smoothed(field: Array, loop: Ints) -> Array:
    """Places or displacements (..., V, 3) mm with a loop of vertices smooth along itself, seen from above."""
    one = np.eye(len(loop))
    mean = (2 * one + np.roll(one, 1, 0) + np.roll(one, -1, 0)) / 4
    smooth = np.linalg.matrix_power(one - (one - mean) @ (one - mean), PASSES)
    field = np.array(field, np.float64)
    for axis in (0, 2):
        field[..., loop, axis] = field[..., loop, axis] @ smooth.T
    return field


def find_edge(arrays: dict[str, NDArray]) -> Edge:
    """The edge of a built head, and the ring above it: each vertex of the loop has one neighbour beside the loop."""
    loop, mean = arrays["neck_loop"].astype(np.int64), arrays["mean_vertices"].astype(np.float64)
    neighbours = defaultdict(set)
    skin = arrays["triangles"][arrays["part"] == list(arrays["part_names"]).index("skin")].astype(int)
    for corner, middle, other, _, _, last in skin.reshape(-1, 6).tolist():  # quads, split from their first to third
        for a, b in ((corner, middle), (middle, other), (other, last), (last, corner)):
            neighbours[a].add(b)
            neighbours[b].add(a)
    ring = set(loop.tolist())
    above = [next(iter(neighbours[vertex] - ring)) for vertex in loop.tolist()]
    if len(set(above)) != len(loop):
        raise SystemExit("the neck's edge has no ring of as many vertices above it")
    foremost, back = loop[np.argmax(mean[loop, 2])], int(loop[np.argmin(mean[loop, 2])])
    front, mean = np.array([foremost, arrays["mirror"][foremost]], np.int64), smoothed(mean, loop)
    height, depth = mean[front].mean(0)[1:]
    share = (depth - mean[loop, 2]) / (depth - mean[back, 2])
    slope = (height - mean[back, 1]) / (depth - mean[back, 2])
    return Edge(loop, np.array(above), front, back, share, float(slope))


def level_neck(arrays: dict[str, NDArray]) -> dict[str, NDArray]:
    """The arrays of the asset with a level neck; those that it changes are copies."""
    edge = find_edge(arrays)
    mean = np.round(edge.levelled(arrays["mean_vertices"]), DECIMALS).astype(np.float32)
    basis = np.round(edge.levelled(arrays["identity_basis"])).astype(np.int16)
    return {**arrays, "mean_vertices": mean, "identity_basis": basis}


def kept_readings(before: MakeHumanHead, after: MakeHumanHead) -> dict[str, NDArray]:
    """The arrays of the readings' file for the new head: the same numbers, if people measure the same on both.

    Only neck_length may differ, and by less than anybody could tell: it ends at one vertex of the edge.

    Raises:
        SystemExit: if they don't; then lab/runs/decoder/build.py has to measure anew.
    """
    people = before.sample(100, seed=1).astype(np.float64)
    stored = assets.load_arrays(CALIBRATION)
    numbers = {name: array.astype(np.float64) for name, array in stored.items() if name != "head"}
    one, other = (Gauge(head, ShapeGauge(head), **numbers).raw(people) for head in (before, after))
    if str(stored["head"]) != head_signature(before) or (np.abs(one - other) > SAME_SD * stored["sd"]).any():
        raise SystemExit("readings change with this head: run lab/runs/decoder/build.py")
    return {**stored, "head": np.array(head_signature(after))}


def main() -> None:
    """Level the neck of the shipped asset, carry the readings over, and list the new checksums."""
    arrays = assets.load_arrays(ASSET)
    loop = arrays["mean_vertices"][arrays["neck_loop"]].astype(np.float64)
    if np.linalg.svd(loop - loop.mean(0))[1][2] < LEVEL_MM * np.sqrt(len(loop)):
        raise SystemExit("the neck is level already")
    levelled = level_neck(arrays)
    readings = kept_readings(MakeHumanHead(arrays), MakeHumanHead(levelled))
    for name, save, content in ((ASSET, np.savez, levelled), (CALIBRATION, np.savez_compressed, readings)):
        part = assets.FOLDER / f"part-{name}"
        save(part, **content)
        part.replace(assets.FOLDER / name)
        print(f"{name}: sha256 {assets.register(name)}")
    step = np.linalg.norm(levelled["mean_vertices"] - arrays["mean_vertices"], axis=1).max()
    print(f"the edge moved by up to {step:.1f} mm")


if __name__ == "__main__":
    main()
