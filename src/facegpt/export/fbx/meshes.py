"""Meshes of an FBX file: surface, materials, blend shapes, and how joints carry them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.export.fbx.records import Record, record
from facegpt.export.fbx.rig import Rig, matrix
from facegpt.export.fbx.scene import UNITS_A_MM, Scene, number, properties, whole
from facegpt.types import Array

#: Weights below this are left out.
_LEAST_WEIGHT = 1e-5


@dataclass(frozen=True, eq=False)
class Surface:
    """A mesh at rest (P vertices, F triangles, T blend shapes), mm.

    Attributes:
        name: of its node. vertices, normals: (P, 3). triangles: (F, 3).
        uv, uv_triangles: (U, 2) v up and (F, 3).
        materials: numbers of the materials' objects. material: (F,) which of them each triangle has.
        skin_weights: (P, J). shape_names: T of them. moves, turns: (T, P, 3) what shapes add to places and normals.
    """

    name: str
    vertices: Array
    normals: Array
    triangles: NDArray[np.integer]
    uv: Array
    uv_triangles: NDArray[np.integer]
    materials: tuple[int, ...]
    material: NDArray[np.integer]
    skin_weights: Array
    shape_names: tuple[str, ...] = ()
    moves: Array | None = None
    turns: Array | None = None


def add_surface(scene: Scene, rig: Rig, surface: Surface) -> dict[str, int]:
    """Add a mesh with its node: the number of each shape's channel, by its name."""
    node = scene.add("Model", surface.name, "Model", "Mesh", _model())
    scene.link(node, 0)
    geometry = scene.add("Geometry", surface.name, "Geometry", "Mesh", _geometry(surface))
    scene.link(geometry, node)
    for material in surface.materials:
        scene.link(material, node)
    _add_skin(scene, rig, surface, geometry)
    rig.meshes.append(node)
    return _add_shapes(scene, surface, geometry)


def doubles(values: Array) -> NDArray[np.float64]:
    """Numbers as FBX wants them, to the precision of 32 bits, which deflates better."""
    return np.asarray(values, np.float32).astype(np.float64).ravel()


def _model() -> list[Record]:
    own = properties(whole("InheritType", 1, "enum"), whole("DefaultAttributeIndex", 0))
    return [record("Version", 232), own, record("Shading", True), record("Culling", "CullingOff")]


def _geometry(surface: Surface) -> list[Record]:
    corners = np.array(surface.triangles, np.int32)
    corners[:, 2] = ~corners[:, 2]  # so the last corner of a polygon is marked
    layers = [_normals(surface), _smoothing(surface), _texture_coordinates(surface), _materials(surface)]
    kinds = [record("LayerElement", inside=[record("Type", each.name), record("TypedIndex", 0)]) for each in layers]
    return [
        properties(),
        record("GeometryVersion", 124),
        record("Vertices", doubles(np.asarray(surface.vertices) * UNITS_A_MM)),
        record("PolygonVertexIndex", corners.ravel()),
        *layers,
        record("Layer", 0, inside=[record("Version", 100), *kinds]),
    ]


def _layer(kind: str, name: str, mapping: str, reference: str, *data: Record, layout: int = 101) -> Record:
    how = [record("MappingInformationType", mapping), record("ReferenceInformationType", reference)]
    return record(kind, 0, inside=[record("Version", layout), record("Name", name), *how, *data])


def _normals(surface: Surface) -> Record:
    return _layer("LayerElementNormal", "", "ByVertice", "Direct", record("Normals", doubles(surface.normals)))


def _smoothing(surface: Surface) -> Record:
    """All triangles in one group: Unreal warns where there is none."""
    groups = record("Smoothing", np.ones(len(surface.triangles), np.int32))
    return _layer("LayerElementSmoothing", "", "ByPolygon", "Direct", groups, layout=102)


def _texture_coordinates(surface: Surface) -> Record:
    index = np.asarray(surface.uv_triangles, np.int32).ravel()
    data = record("UV", doubles(surface.uv)), record("UVIndex", index)
    return _layer("LayerElementUV", "UVMap", "ByPolygonVertex", "IndexToDirect", *data)


def _materials(surface: Surface) -> Record:
    each = np.asarray(surface.material, np.int32)
    if len(surface.materials) == 1:
        return _layer("LayerElementMaterial", "", "AllSame", "IndexToDirect", record("Materials", each[:1]))
    return _layer("LayerElementMaterial", "", "ByPolygon", "IndexToDirect", record("Materials", each))


def _add_skin(scene: Scene, rig: Rig, surface: Surface, geometry: int) -> None:
    """A cluster for each joint that carries any vertex."""
    inside = [record("Version", 101), record("Link_DeformAcuracy", 50.0)]
    skin = scene.add("Deformer", surface.name, "Deformer", "Skin", inside)
    scene.link(skin, geometry)
    for joint, weights in enumerate(np.asarray(surface.skin_weights, np.float64).T):
        carried = np.flatnonzero(weights > _LEAST_WEIGHT)
        if not len(carried):
            continue
        inside = [
            record("Version", 100),
            record("UserData", "", ""),
            record("Indexes", carried.astype(np.int32)),
            record("Weights", weights[carried]),
            record("Transform", matrix(-rig.centres[joint])),  # the mesh as the joint sees it
            record("TransformLink", matrix(rig.centres[joint])),
        ]
        cluster = scene.add("Deformer", rig.names[joint], "SubDeformer", "Cluster", inside)
        scene.link(cluster, skin)
        scene.link(rig.joints[joint], cluster)


def _add_shapes(scene: Scene, surface: Surface, geometry: int) -> dict[str, int]:
    """A blend shape for each name, of the vertices only that it moves; their channels."""
    if surface.moves is None:
        return {}
    deformer = scene.add("Deformer", surface.name, "Deformer", "BlendShape", [record("Version", 100)])
    scene.link(deformer, geometry)
    channels = {}
    turns = np.zeros_like(surface.moves) if surface.turns is None else surface.turns
    for name, move, turn in zip(surface.shape_names, surface.moves, turns, strict=True):
        moved = np.flatnonzero(move.any(1) | turn.any(1))
        moved = moved if len(moved) else np.array([0])
        data = [
            record("Version", 100),
            record("Indexes", moved.astype(np.int32)),
            record("Vertices", doubles(move[moved] * UNITS_A_MM)),
            record("Normals", doubles(turn[moved])),
        ]
        inside = [record("Version", 100), properties(number("DeformPercent", 0.0)), record("DeformPercent", 0.0)]
        inside.append(record("FullWeights", np.array([100.0])))
        channels[name] = scene.add("Deformer", name, "SubDeformer", "BlendShapeChannel", inside)
        scene.link(channels[name], deformer)
        scene.link(scene.add("Geometry", name, "Geometry", "Shape", data), channels[name])
    return channels
