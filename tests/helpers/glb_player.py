"""What a viewer does with a GLB: take a clip at a time, morph, then skin. Written from the glTF 2.0 specification."""

from __future__ import annotations

from typing import Any

import numpy as np
from glb_reader import Glb
from numpy.typing import NDArray


def at_time(glb: Glb, clip: str, time_s: float) -> dict[tuple[int, str], NDArray]:
    """What the clip says at a time, by node and path; linear between keys, without normalising quaternions."""
    (animation,) = (a for a in glb.json["animations"] if a["name"] == clip)
    found = {}
    for channel in animation["channels"]:
        sampler = animation["samplers"][channel["sampler"]]
        assert sampler.get("interpolation", "LINEAR") == "LINEAR"
        times = glb.numbers(sampler["input"])[:, 0]
        values = glb.numbers(sampler["output"]).reshape(len(times), -1).astype(float)
        key = channel["target"]["node"], channel["target"]["path"]
        found[key] = np.array([np.interp(time_s, times, column) for column in values.T])
    return found


def _local(node: dict[str, Any], rotation: NDArray, translation: NDArray) -> NDArray:
    """(4, 4) of a node; quaternion x y z w."""
    assert not {"matrix", "scale"} & set(node)
    x, y, z, w = rotation
    matrix = np.eye(4)
    matrix[:3, :3] = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    matrix[:3, 3] = translation
    return matrix


def joint_matrices(glb: Glb, pose: dict[tuple[int, str], NDArray]) -> NDArray:
    """(J, 4, 4) from rest to posed places, of the first skin."""
    nodes, skin = glb.json["nodes"], glb.json["skins"][0]
    parent = {child: k for k, node in enumerate(nodes) for child in node.get("children", [])}

    def world(k: int) -> NDArray:
        rotation = pose.get((k, "rotation"), np.array(nodes[k].get("rotation", [0, 0, 0, 1.0])))
        translation = pose.get((k, "translation"), np.array(nodes[k].get("translation", [0, 0, 0.0])))
        own = _local(nodes[k], rotation, translation)
        return world(parent[k]) @ own if k in parent else own

    inverse = glb.numbers(skin["inverseBindMatrices"]).reshape(-1, 4, 4).transpose(0, 2, 1)
    return np.stack([world(joint) @ inverse[k] for k, joint in enumerate(skin["joints"])])


def posed(glb: Glb, primitive: dict[str, Any], pose: dict[tuple[int, str], NDArray]) -> NDArray:
    """(N, 3) metres: the vertices of a primitive, morphed by the weights of its node and skinned."""
    (mesh,) = (k for k, mesh in enumerate(glb.json["meshes"]) if primitive in mesh["primitives"])
    (node,) = (k for k, node in enumerate(glb.json["nodes"]) if node.get("mesh") == mesh)
    places = glb.numbers(primitive["attributes"]["POSITION"]).astype(float)
    weights = pose.get((node, "weights"), np.array(glb.json["meshes"][mesh].get("weights", [])))
    for weight, target in zip(weights, primitive.get("targets", []), strict=True):
        places += weight * glb.numbers(target["POSITION"])
    joints, shares = (glb.numbers(primitive["attributes"][name]) for name in ("JOINTS_0", "WEIGHTS_0"))
    blend = np.einsum("nk,nkxy->nxy", shares.astype(float), joint_matrices(glb, pose)[joints])
    return np.einsum("nxy,ny->nx", blend, np.hstack([places, np.ones((len(places), 1))]))[:, :3]
