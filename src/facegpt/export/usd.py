"""USDZ: the rigged head as one USD package, for film tools and AR viewers. Needs the extra `facegpt[usd]` (usd-core).

Convention: metersPerUnit 1, +y up, the face towards +z; v of texture coordinates runs up, as in the head's own.
The person is at rest; the 52 blend shapes carry the ARKit names, and the skeleton has the head's joints. Hair and
corneas are meshes of their own.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.export.bundle import HeadExport
from facegpt.export.gltf import MAX_BYTES
from facegpt.export.images import png_bytes, texture_file
from facegpt.export.surface import surface_map
from facegpt.morphable.normals import vertex_normals
from facegpt.runtime.atomic_files import make_folder, write_bytes
from facegpt.runtime.extras import needed
from facegpt.types import Array, FaceGPTError

#: Movements below this (metres) are left out of a blend shape.
_STILL = 5e-7
#: Opacity of a cornea: what shows is its mirror image of the light.
_CLEAR = 0.04


@dataclass(frozen=True)
class _Shape:
    """Places (P, 3) mm, unit normals (P, 3), triangles (F, 3), texture coordinates (U, 2), their triangles (F, 3)."""

    vertices: Array
    normals: Array
    triangles: NDArray[np.integer]
    uv: Array
    uv_triangles: NDArray[np.integer]
    double_sided: bool


@dataclass(frozen=True)
class _Look:
    """A material: file names of colour and gloss (or None: white, and one roughness), opacity, threshold of holes."""

    color: str | None
    gloss: str | None
    roughness: float
    opacity: float
    threshold: float | None


def write_usdz(path: str | Path, head: HeadExport) -> Path:
    """Write a head as USDZ: skinned mesh, skeleton, 52 blend shapes, texture; one file.

    Raises:
        FaceGPTError: if usd-core is missing or the folder cannot be written.
    """
    needed("pxr", "writing USD")
    from pxr import Sdf, UsdUtils

    path = Path(path)
    make_folder(path.parent)
    with tempfile.TemporaryDirectory() as temporary:
        layer, package = Path(temporary) / "face.usdc", Path(temporary) / "face.usdz"
        color, mime = texture_file(head, MAX_BYTES // 2)
        color_name = "texture.png" if mime == "image/png" else "texture.jpg"
        (Path(temporary) / color_name).write_bytes(color)
        (Path(temporary) / "surface.png").write_bytes(surface_map(head))
        if head.hair is not None:
            picture = png_bytes(np.asarray(head.hair.mesh.texture))
            (Path(temporary) / f"{head.hair.name}.png").write_bytes(picture)
        _write_layer(str(layer), head, color_name)
        if not UsdUtils.CreateNewUsdzPackage(Sdf.AssetPath(str(layer)), str(package)):
            raise FaceGPTError(f"usd-core could not package '{path}'")
        return write_bytes(path, package.read_bytes())


def _write_layer(layer: str, head: HeadExport, color_name: str) -> None:
    from pxr import Sdf, Usd, UsdGeom, UsdSkel

    stage = Usd.Stage.CreateNew(layer)
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.y)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    root = UsdSkel.Root.Define(stage, "/face")
    stage.SetDefaultPrim(root.GetPrim())
    root.GetPrim().SetAssetInfoByKey("name", head.name)
    root.GetPrim().SetCustomDataByKey("model_id", head.model_id)
    skeleton = _write_skeleton(stage, head)
    normals = vertex_normals(head.neutral, head.triangles)
    shape = _Shape(head.neutral, normals, head.triangles, head.uv, head.uv_triangles, head.see_through)
    mesh = _write_mesh(stage, "/face/mesh", shape)
    binding = _bind(mesh, skeleton, head.skin_weights)
    paths = _write_blend_shapes(stage, mesh.GetPath(), head)
    binding.CreateBlendShapesAttr().Set(list(head.expression_names))
    binding.CreateBlendShapeTargetsRel().SetTargets([Sdf.Path(path) for path in paths])
    look = _Look(color_name, "surface.png", 0.0, 1.0, 0.5 if head.see_through else None)
    _write_material(stage, mesh.GetPrim(), "/face/material", look)
    for proxy in head.worn:
        own = proxy.mesh
        shape = _Shape(
            proxy.rest_vertices, proxy.rest_normals, own.triangles, own.uv, own.uv_triangles, not proxy.glass
        )
        worn = _write_mesh(stage, f"/face/{proxy.name}", shape)
        _bind(worn, skeleton, proxy.skin_weights)
        glass = _Look(None, None, proxy.roughness, _CLEAR, None)
        hair = _Look(f"{proxy.name}.png", None, proxy.roughness, 1.0, 0.45)
        _write_material(stage, worn.GetPrim(), f"/face/{proxy.name}_material", glass if proxy.glass else hair)
    stage.GetRootLayer().Save()


def _bind(mesh: Any, skeleton: Any, skin_weights: Array) -> Any:
    """Hang a mesh (P vertices) on the skeleton by its weights (P, J)."""
    from pxr import UsdSkel

    binding = UsdSkel.BindingAPI.Apply(mesh.GetPrim())
    binding.CreateSkeletonRel().SetTargets([skeleton.GetPath()])
    count, joints = np.shape(skin_weights)
    indices = np.tile(np.arange(joints, dtype=np.int32), (count, 1))
    binding.CreateJointIndicesPrimvar(False, joints).Set(indices.ravel().tolist())
    binding.CreateJointWeightsPrimvar(False, joints).Set(np.asarray(skin_weights, float).ravel().tolist())
    return binding


def _vectors(values: np.ndarray) -> Any:
    """Turn (N, 3) numbers into USD's array type."""
    from pxr import Vt

    return Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(values, np.float32))


def _write_skeleton(stage: Any, head: HeadExport) -> Any:
    """Define the joints, unrotated at rest, and an animation whose 52 weights are the sliders."""
    from pxr import Gf, UsdSkel

    centres, names = np.asarray(head.joint_centres, float) / 1000, list[str]()
    for name, parent in zip(head.joint_names, head.joint_parents, strict=True):
        names.append(name if parent < 0 else f"{names[parent]}/{name}")
    offsets = [c - (centres[p] if p >= 0 else 0) for c, p in zip(centres, head.joint_parents, strict=True)]
    skeleton = UsdSkel.Skeleton.Define(stage, "/face/rig")
    skeleton.CreateJointsAttr(names)
    skeleton.CreateBindTransformsAttr([Gf.Matrix4d(1).SetTranslate(Gf.Vec3d(*c)) for c in centres.tolist()])
    skeleton.CreateRestTransformsAttr([Gf.Matrix4d(1).SetTranslate(Gf.Vec3d(*o.tolist())) for o in offsets])
    animation = UsdSkel.Animation.Define(stage, "/face/rig/pose")
    animation.CreateJointsAttr(names)
    animation.CreateTranslationsAttr(_vectors(np.array(offsets)))
    animation.CreateRotationsAttr([Gf.Quatf(1)] * len(names))
    animation.CreateScalesAttr([Gf.Vec3h(1)] * len(names))
    animation.CreateBlendShapesAttr(list(head.expression_names))
    animation.CreateBlendShapeWeightsAttr([0.0] * len(head.expression_names))
    UsdSkel.BindingAPI.Apply(skeleton.GetPrim()).CreateAnimationSourceRel().SetTargets([animation.GetPath()])
    return skeleton


def _write_mesh(stage: Any, path: str, shape: _Shape) -> Any:
    from pxr import Sdf, UsdGeom, Vt

    mesh = UsdGeom.Mesh.Define(stage, path)
    points, triangles = np.asarray(shape.vertices) / 1000, shape.triangles
    mesh.CreatePointsAttr(_vectors(points))
    mesh.CreateExtentAttr(_vectors(np.stack([points.min(0), points.max(0)])))
    mesh.CreateFaceVertexCountsAttr(Vt.IntArray([3] * len(triangles)))
    mesh.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(np.ascontiguousarray(triangles.ravel(), np.int32)))
    mesh.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    mesh.CreateDoubleSidedAttr(shape.double_sided)
    mesh.CreateNormalsAttr(_vectors(shape.normals))
    mesh.SetNormalsInterpolation(UsdGeom.Tokens.vertex)
    uv = UsdGeom.PrimvarsAPI(mesh).CreatePrimvar("st", Sdf.ValueTypeNames.TexCoord2fArray, UsdGeom.Tokens.faceVarying)
    uv.Set(Vt.Vec2fArray.FromNumpy(np.ascontiguousarray(shape.uv, np.float32)))
    uv.SetIndices(Vt.IntArray.FromNumpy(np.ascontiguousarray(shape.uv_triangles.ravel(), np.int32)))
    return mesh


def _write_blend_shapes(stage: Any, parent: Any, head: HeadExport) -> list[str]:
    """One prim a unit, with the vertices that it moves only; gives their paths."""
    from pxr import UsdSkel, Vt

    paths = []
    for name, delta in zip(head.expression_names, np.asarray(head.expression_basis) / 1000, strict=True):
        moved = np.flatnonzero((np.abs(delta) > _STILL).any(1))
        moved = moved if len(moved) else np.array([0])
        shape = UsdSkel.BlendShape.Define(stage, f"{parent}/{name}")
        shape.CreateOffsetsAttr(_vectors(delta[moved]))
        shape.CreatePointIndicesAttr(Vt.IntArray.FromNumpy(np.ascontiguousarray(moved, np.int32)))
        paths.append(f"{parent}/{name}")
    return paths


def _write_material(stage: Any, prim: Any, root: str, look: _Look) -> None:
    """Define a UsdPreviewSurface and bind it: colour, roughness, and opacity with or without a threshold."""
    from pxr import Gf, Sdf, UsdShade

    types = Sdf.ValueTypeNames
    material = UsdShade.Material.Define(stage, root)
    surface = UsdShade.Shader.Define(stage, f"{root}/surface")
    surface.CreateIdAttr("UsdPreviewSurface")
    material.CreateSurfaceOutput().ConnectToSource(surface.ConnectableAPI(), "surface")
    surface.CreateInput("metallic", types.Float).Set(0.0)

    def connect(name: str, kind: Any, source: Any, channel: str, channel_kind: Any) -> None:
        source.CreateOutput(channel, channel_kind)
        surface.CreateInput(name, kind).ConnectToSource(source.ConnectableAPI(), channel)

    if look.gloss is None:
        surface.CreateInput("roughness", types.Float).Set(look.roughness)
    else:
        gloss = _texture(stage, root, "gloss", look.gloss, "raw")
        connect("roughness", types.Float, gloss, "g", types.Float)
        connect("occlusion", types.Float, gloss, "r", types.Float)
    if look.color is None:
        surface.CreateInput("diffuseColor", types.Color3f).Set(Gf.Vec3f(1, 1, 1))
        surface.CreateInput("opacity", types.Float).Set(look.opacity)
    else:
        color = _texture(stage, root, "color", look.color, "sRGB")
        connect("diffuseColor", types.Color3f, color, "rgb", types.Float3)
        if look.threshold is not None:
            connect("opacity", types.Float, color, "a", types.Float)
            surface.CreateInput("opacityThreshold", types.Float).Set(look.threshold)
    UsdShade.MaterialBindingAPI.Apply(prim).Bind(material)


def _texture(stage: Any, root: str, name: str, file: str, space: str) -> Any:
    """Define a picture of a material, read at its mesh's texture coordinates."""
    from pxr import Sdf, UsdShade

    types = Sdf.ValueTypeNames
    reader = UsdShade.Shader.Define(stage, f"{root}/uv")
    reader.CreateIdAttr("UsdPrimvarReader_float2")
    reader.CreateInput("varname", types.String).Set("st")
    reader.CreateOutput("result", types.Float2)
    shader = UsdShade.Shader.Define(stage, f"{root}/{name}")
    shader.CreateIdAttr("UsdUVTexture")
    shader.CreateInput("file", types.Asset).Set(Sdf.AssetPath(f"./{file}"))
    shader.CreateInput("sourceColorSpace", types.Token).Set(space)
    for axis in ("wrapS", "wrapT"):
        shader.CreateInput(axis, types.Token).Set("clamp")
    shader.CreateInput("st", types.Float2).ConnectToSource(reader.ConnectableAPI(), "result")
    return shader
