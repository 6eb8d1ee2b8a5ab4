"""How well the shipped head takes the shape of people it was not built on: 50 random ICT heads, by surface distance.

`python -m lab.runs.head.check_people --ict FILE [--scores landmarks.npz] [--count 50]`. Neutral heads, and with
--scores (recorded blendshape scores of photos) the same people with real expressions. Each is fitted twice: without the
prior (a tiny ridge only) and with N(0, I) at 1 mm of noise. Printed: distance from ICT's face to the fitted surface,
mm.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from facegpt.conventions import rotation_from_rotvec
from facegpt.morphable.makehuman.head import MakeHumanHead, load
from lab.runs.shared.sources import Array, IctHead, read_ict
from lab.runs.shared.surface import Surface, vertex_normals

#: Correspondences keep this many mm of noise against one SD of the prior; rounds of closest points.
NOISE_MM, ROUNDS = 1.0, 12
LANDMARKS = (8, 27, 30, 33, 36, 39, 42, 45, 48, 51, 54, 57)


def ict_face(ict: IctHead, identity: Array, expression: Array) -> Array:
    """One ICT person (W, 3) mm."""
    moved = np.tensordot(identity, ict.identity.astype(np.float64), 1)
    return ict.vertices + moved + np.tensordot(expression, ict.expression.astype(np.float64), 1)


def face_vertices(head: MakeHumanHead) -> Array:
    """Vertices of the visible face: skin in front of the ears, from brow to chin."""
    skin = np.unique(head.triangles[head.part == 0])
    v = head.mean_vertices
    lined = vertex_normals(v.astype(np.float64), head.triangles[head.part <= 3])[:, 2] > -0.2
    return skin[(v[skin, 2] > 30) & (v[skin, 1] > -105) & (v[skin, 1] < 80) & lined[skin]]


def fit(head: MakeHumanHead, target: Surface, landmarks: Array, ridge: float, expressive: bool) -> Array:
    """Fit identity, expression and pose to a surface by closest points: the posed vertices (V, 3)."""
    units = head.expression_basis if expressive else head.expression_basis[:0]
    basis = np.concatenate([head.identity_basis, units]).astype(np.float64)
    points68 = head.embedding("ibug68")
    ids, rotation, shift = face_vertices(head), np.eye(3), np.zeros(3)
    weights = np.zeros(len(basis))
    skin = head.triangles[head.part <= 3]
    shape = head.mean_vertices.astype(np.float64)
    shift = landmarks.mean(0) - points68(shape)[list(LANDMARKS)].mean(0)
    for step in range(ROUNDS):
        posed = shape @ rotation.T + shift
        match = target.closest(posed[ids], vertex_normals(posed, skin)[ids], 0.5, k=12)
        near = match.distance < (25 if step < 4 else 6)
        used, normal = ids[near], target.normals[match.triangle[near]]
        arm = posed[used] - shift
        rows = [np.einsum("kvi,vi->vk", basis[:, used] @ rotation.T, normal), np.cross(arm, normal), normal]
        jacobian = np.concatenate(rows, 1)
        gap = ((match.point[near] - posed[used]) * normal).sum(1)
        anchor = 1.0 if step < 3 else 0.02
        pull = points68(shape)[list(LANDMARKS)] @ rotation.T
        marks = np.stack([points68(b)[list(LANDMARKS)] @ rotation.T for b in basis], -1)
        turns = np.stack([np.cross(axis, pull) for axis in np.eye(3)], -1)
        eyes = np.broadcast_to(np.eye(3), (len(pull), 3, 3))
        more = np.concatenate([marks, turns, eyes], -1).reshape(-1, jacobian.shape[1])
        normal_matrix = jacobian.T @ jacobian + anchor * more.T @ more
        right = jacobian.T @ gap + anchor * more.T @ (landmarks - pull - shift).ravel()
        prior = np.r_[np.full(len(head.identity_basis), ridge), np.full(len(units), max(ridge, 1.0)), np.zeros(6)]
        step_taken = np.linalg.solve(normal_matrix + np.diag(prior + 1e-6), right - prior * np.r_[weights, np.zeros(6)])
        weights = weights + step_taken[: len(basis)]
        weights[len(head.identity_basis) :] = np.clip(weights[len(head.identity_basis) :], 0, 1)
        rotation = rotation_from_rotvec(step_taken[-6:-3]) @ rotation
        shift = shift + step_taken[-3:]
        shape = head.mean_vertices + np.tensordot(weights, basis, 1)
    return shape @ rotation.T + shift


def recorded_scores(ict: IctHead, file: Path) -> Array:
    """Blendshape scores of photos as weights of ICT's expressions (N, 53)."""
    with np.load(file, allow_pickle=False) as data:
        named = dict(zip(map(str, data["blendshape_names"]), data["blendshapes"].T, strict=True))
    none = np.zeros(len(next(iter(named.values()))))
    stems = [n.removesuffix("Left").removesuffix("Right") for n in ict.expression_names]
    both = zip(ict.expression_names, stems, strict=True)
    return np.stack([named.get(n, named.get(stem, none)) for n, stem in both], 1)


def errors_of(head: MakeHumanHead, ict: IctHead, vertices: Array, ridge: float, expressive: bool) -> Array:
    """Distances (N,) mm of one person's face from the head fitted to it."""
    target = Surface(vertices, ict.triangles[np.isin(ict.part, [0, 1])])
    marks = vertices[ict.landmark68[list(LANDMARKS)]]
    found = fit(head, target, marks, ridge, expressive)
    mine = Surface(found, head.triangles[head.part <= 3].astype(np.int64))
    face = np.unique(ict.triangles[ict.part == 0])[::4]
    front = face[(ict.vertices[face, 2] > 30) & (np.abs(ict.vertices[face, 1]) < 85)]
    return mine.closest(vertices[front], k=12).distance


def main() -> None:
    """Fit random people and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ict", type=Path, required=True, help="ict_facekit.npz")
    parser.add_argument("--scores", type=Path, help="npz with blendshapes (N, 52) and blendshape_names")
    parser.add_argument("--count", type=int, default=50, help="how many people")
    args = parser.parse_args()
    ict, head, rng = read_ict(args.ict), load(), np.random.default_rng(2026)
    people = rng.standard_normal((args.count, len(ict.identity)))
    faces = {"neutral": np.zeros((args.count, len(ict.expression)))}
    if args.scores:
        scores = recorded_scores(ict, args.scores)
        faces["expressive"] = scores[rng.choice(len(scores), args.count)]
    for kind, expressions in faces.items():
        shapes = [ict_face(ict, p, e) for p, e in zip(people, expressions, strict=True)]
        for name, ridge in (("no prior", 1e-3), ("prior", NOISE_MM**2)):
            errors = [errors_of(head, ict, v, ridge, kind == "expressive") for v in shapes]
            every, worst = np.concatenate(errors), max(np.median(e) for e in errors)
            middle, most = np.median(every), np.percentile(every, 95)
            print(f"{kind:10s} {name:8s} median {middle:.2f}  95 % {most:.2f}  worst person's median {worst:.2f} mm")


if __name__ == "__main__":
    main()
