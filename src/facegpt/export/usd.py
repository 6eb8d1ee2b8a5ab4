"""USDZ: the rigged head as one USD package, for film tools and AR viewers. Needs the extra `facegpt[usd]` (usd-core).

Convention: metersPerUnit 1, +y up, the face towards +z; v of texture coordinates runs up, as in the head's own.
The person is at rest; the 52 blend shapes carry the ARKit names, and the skeleton has the head's joints.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from facegpt.export.atomic import make_folder, write_bytes
from facegpt.export.bundle import HeadExport, smooth_normals
from facegpt.export.gltf import MAX_BYTES
from facegpt.export.images import texture_file
from facegpt.export.surface import surface_map
from facegpt.types import FaceGPTError

#: Movements below this (metres) are left out of a blend shape.
_STILL = 5e-7


def write_usdz(path: str | Path, head: HeadExport) -> Path:
    """Write a head as USDZ: skinned mesh, skeleton, 52 blend shapes, texture; one file.

    Raises:
        FaceGPTError: if usd-core is missing or the folder cannot be written.
    """
    try:
        from pxr import Sdf, UsdUtils
    except ImportError as error:
        raise FaceGPTError("writing USD needs the package usd-core; run: pip install 'facegpt[usd]'") from error
    path = Path(path)
    make_folder(path.parent)
    with tempfile.TemporaryDirectory() as temporary:
        layer, package = Path(temporary) / "face.usdc", Path(temporary) / "face.usdz"
        color, mime = texture_file(head, MAX_BYTES // 2)
        color_name = "texture.png" if mime == "image/png" else "texture.jpg"
        (Path(temporary) / color_name).write_bytes(color)
        (Path(temporary) / "surface.png").write_bytes(surface_map(head))
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
    mesh = _write_mesh(stage, head)
    binding = UsdSkel.BindingAPI.Apply(mesh.GetPrim())
    binding.CreateSkeletonRel().SetTargets([skeleton.GetPath()])
    joints = len(head.joint_names)
    indices = np.tile(np.arange(joints, dtype=np.int32), (len(head.neutral), 1))
    binding.CreateJointIndicesPrimvar(False, joints).Set(indices.ravel().tolist())
    binding.CreateJointWeightsPrimvar(False, joints).Set(np.asarray(head.skin_weights, float).ravel().tolist())
    paths = _write_blend_shapes(stage, mesh.GetPath(), head)
    binding.CreateBlendShapesAttr().Set(list(head.expression_names))
    binding.CreateBlendShapeTargetsRel().SetTargets([Sdf.Path(path) for path in paths])
    _write_material(stage, mesh.GetPrim(), head, color_name)
    stage.GetRootLayer().Save()


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


def _write_mesh(stage: Any, head: HeadExport) -> Any:
    from pxr import Sdf, UsdGeom, Vt

    mesh = UsdGeom.Mesh.Define(stage, "/face/mesh")
    points = np.asarray(head.neutral) / 1000
    mesh.CreatePointsAttr(_vectors(points))
    mesh.CreateExtentAttr(_vectors(np.stack([points.min(0), points.max(0)])))
    mesh.CreateFaceVertexCountsAttr(Vt.IntArray([3] * len(head.triangles)))
    mesh.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(np.ascontiguousarray(head.triangles.ravel(), np.int32)))
    mesh.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    mesh.CreateDoubleSidedAttr(head.see_through)
    mesh.CreateNormalsAttr(_vectors(smooth_normals(head.neutral, head.triangles)))
    mesh.SetNormalsInterpolation(UsdGeom.Tokens.vertex)
    uv = UsdGeom.PrimvarsAPI(mesh).CreatePrimvar("st", Sdf.ValueTypeNames.TexCoord2fArray, UsdGeom.Tokens.faceVarying)
    uv.Set(Vt.Vec2fArray.FromNumpy(np.ascontiguousarray(head.uv, np.float32)))
    uv.SetIndices(Vt.IntArray.FromNumpy(np.ascontiguousarray(head.uv_triangles.ravel(), np.int32)))
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


def _write_material(stage: Any, prim: Any, head: HeadExport, color_name: str) -> None:
    """UsdPreviewSurface with colour, roughness and, where the texture has holes, opacity with a threshold."""
    from pxr import Sdf, UsdShade

    types, root = Sdf.ValueTypeNames, "/face/material"
    material = UsdShade.Material.Define(stage, root)
    reader = UsdShade.Shader.Define(stage, f"{root}/uv")
    reader.CreateIdAttr("UsdPrimvarReader_float2")
    reader.CreateInput("varname", types.String).Set("st")
    surface = UsdShade.Shader.Define(stage, f"{root}/surface")
    surface.CreateIdAttr("UsdPreviewSurface")
    material.CreateSurfaceOutput().ConnectToSource(surface.ConnectableAPI(), "surface")

    def texture(name: str, file: str, space: str) -> Any:
        shader = UsdShade.Shader.Define(stage, f"{root}/{name}")
        shader.CreateIdAttr("UsdUVTexture")
        shader.CreateInput("file", types.Asset).Set(Sdf.AssetPath(f"./{file}"))
        shader.CreateInput("sourceColorSpace", types.Token).Set(space)
        for axis in ("wrapS", "wrapT"):
            shader.CreateInput(axis, types.Token).Set("clamp")
        shader.CreateInput("st", types.Float2).ConnectToSource(reader.ConnectableAPI(), "result")
        return shader

    def connect(name: str, kind: Any, source: Any, channel: str, channel_kind: Any) -> None:
        source.CreateOutput(channel, channel_kind)
        surface.CreateInput(name, kind).ConnectToSource(source.ConnectableAPI(), channel)

    color = texture("color", color_name, "sRGB")
    connect("diffuseColor", types.Color3f, color, "rgb", types.Float3)
    gloss = texture("gloss", "surface.png", "raw")
    connect("roughness", types.Float, gloss, "g", types.Float)
    connect("occlusion", types.Float, gloss, "r", types.Float)
    surface.CreateInput("metallic", types.Float).Set(0.0)
    reader.CreateOutput("result", types.Float2)
    if head.see_through:
        connect("opacity", types.Float, color, "a", types.Float)
        surface.CreateInput("opacityThreshold", types.Float).Set(0.5)
    UsdShade.MaterialBindingAPI.Apply(prim).Bind(material)
