"""USDZ: the rigged head as one USD package, for film tools and AR viewers. Needs the extra `facegpt[usd]` (usd-core).

Convention: metersPerUnit 1, +y up, the face towards +z; v of texture coordinates runs up, as in the head's own.
The person is at rest; the first 52 blend shapes carry the ARKit names (more in targets.py), and the skeleton has the
head's joints. The variant set "pose" of the root turns "rest" into "expression", the look of the photo. Skin, teeth and
the others are subsets of the mesh with a material each; hair and corneas are meshes of their own. Hair is there twice,
as cards and as strands: the variant set "hair" of the root has "cards", "strands" and "none" (usd_strands.py). A head
in motion has the variant "take" too, and plays it: weights and turns of the joints at the clip's times.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.export.bundle import HeadExport
from facegpt.export.gltf.clips import quaternions
from facegpt.export.gltf.document import MAX_BYTES
from facegpt.export.gltf.motion import HeadAnimation, checked_times
from facegpt.export.images import png_bytes, texture_file
from facegpt.export.materials import material_groups
from facegpt.export.surface import surface_map
from facegpt.export.targets import Targets, worn_moves
from facegpt.export.usd_materials import Look, write_material
from facegpt.export.usd_strands import write_choice, write_strands
from facegpt.morphable.proxies import Proxy
from facegpt.runtime.atomic_files import make_folder, write_bytes
from facegpt.runtime.extras import needed
from facegpt.types import Array, FaceGPTError

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


def write_usdz(path: str | Path, head: HeadExport, motion: HeadAnimation | None = None) -> Path:
    """Write a head as USDZ: skinned mesh, skeleton, blend shapes, materials, its motion if there is one; one file.

    Raises:
        FaceGPTError: if usd-core is missing, the folder cannot be written, or the motion has no frame.
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
        for proxy in head.cards:
            (Path(temporary) / f"{proxy.name}.png").write_bytes(png_bytes(proxy.plain_texture))
        _write_layer(str(layer), head, color_name, motion)
        if not UsdUtils.CreateNewUsdzPackage(Sdf.AssetPath(str(layer)), str(package)):
            raise FaceGPTError(f"usd-core could not package '{path}'")
        return write_bytes(path, package.read_bytes())


def _write_layer(layer: str, head: HeadExport, color_name: str, motion: HeadAnimation | None) -> None:
    from pxr import Usd, UsdGeom, UsdSkel

    stage = Usd.Stage.CreateNew(layer)
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.y)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    root = UsdSkel.Root.Define(stage, "/face")
    stage.SetDefaultPrim(root.GetPrim())
    root.GetPrim().SetAssetInfoByKey("name", head.name)
    root.GetPrim().SetCustomDataByKey("model_id", head.model_id)
    targets = Targets(head)
    skeleton = _write_skeleton(stage, root, targets, motion)
    shape = _Shape(head.neutral, targets.rest_normals, head.triangles, head.uv, head.uv_triangles, head.see_through)
    mesh = _write_mesh(stage, "/face/mesh", shape)
    binding = _bind(mesh, skeleton, head.skin_weights)
    _write_blend_shapes(stage, mesh, binding, targets.names, targets.moves, targets.turns)
    _write_materials(stage, mesh, targets, color_name)
    for proxy in head.worn:
        own = proxy.mesh
        shape = _Shape(
            proxy.rest_vertices, proxy.rest_normals, own.triangles, own.uv, own.uv_triangles, not proxy.glass
        )
        worn = _write_mesh(stage, f"/face/{proxy.name}", shape)
        binding = _bind(worn, skeleton, proxy.skin_weights)
        moves = worn_moves(head, proxy)
        if moves is not None:
            _write_blend_shapes(stage, worn, binding, targets.names, moves, 0 * moves)
        if proxy.surfaces:
            _write_surfaces(stage, worn, proxy)
            continue
        glass = Look(None, None, proxy.roughness, _CLEAR, None)
        hair = Look(f"{proxy.name}.png", None, proxy.roughness, 1.0, 0.45)
        write_material(stage, worn.GetPrim(), f"/face/{proxy.name}_material", glass if proxy.glass else hair)
    if head.strands is not None and head.groomed is not None:
        _bind(write_strands(stage, head.strands, head.groomed), skeleton, _with_the_head(head))
        write_choice(stage, root, head.hair is not None)
    stage.GetRootLayer().Save()


def _with_the_head(head: HeadExport) -> Array:
    """Weights (1, J) of what moves with the joint "head" as a whole."""
    weights = np.zeros((1, len(head.joint_names)), np.float32)
    weights[0, head.joint_names.index("head") if "head" in head.joint_names else 0] = 1.0
    return weights


def _bind(mesh: Any, skeleton: Any, skin_weights: Array) -> Any:
    """Hang a mesh (P vertices) on the skeleton by its weights (P, J); one row of weights holds for all."""
    from pxr import UsdSkel

    binding = UsdSkel.BindingAPI.Apply(mesh.GetPrim())
    binding.CreateSkeletonRel().SetTargets([skeleton.GetPath()])
    count, joints = np.shape(skin_weights)
    indices = np.tile(np.arange(joints, dtype=np.int32), (count, 1))
    whole = count == 1
    binding.CreateJointIndicesPrimvar(whole, joints).Set(indices.ravel().tolist())
    binding.CreateJointWeightsPrimvar(whole, joints).Set(np.asarray(skin_weights, float).ravel().tolist())
    return binding


def _vectors(values: np.ndarray) -> Any:
    """USD's array of (N, 3) numbers."""
    from pxr import Vt

    return Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(values, np.float32))


def _write_skeleton(stage: Any, root: Any, targets: Targets, motion: HeadAnimation | None) -> Any:
    """Define the joints, unrotated at rest, and what moves them: the variant set "pose" of the root takes its pick."""
    from pxr import Gf, UsdSkel

    head, names = targets.head, list[str]()
    centres = np.asarray(head.joint_centres, float) / 1000
    for name, parent in zip(head.joint_names, head.joint_parents, strict=True):
        names.append(name if parent < 0 else f"{names[parent]}/{name}")
    offsets = np.array([c - (centres[p] if p >= 0 else 0) for c, p in zip(centres, head.joint_parents, strict=True)])
    skeleton = UsdSkel.Skeleton.Define(stage, "/face/rig")
    skeleton.CreateJointsAttr(names)
    skeleton.CreateBindTransformsAttr([Gf.Matrix4d(1).SetTranslate(Gf.Vec3d(*c)) for c in centres.tolist()])
    skeleton.CreateRestTransformsAttr([Gf.Matrix4d(1).SetTranslate(Gf.Vec3d(*o)) for o in offsets.tolist()])
    rotations = np.asarray(head.joint_rotations, np.float64)
    poses = {"rest": (0 * targets.weights, 0 * rotations), "expression": (targets.weights, rotations)}
    choice = root.GetPrim().GetVariantSets().AddVariantSet("pose")
    source = UsdSkel.BindingAPI.Apply(skeleton.GetPrim()).CreateAnimationSourceRel()
    for pose in (*poses, *(["take"] if motion is not None else [])):
        animation = UsdSkel.Animation.Define(stage, f"/face/rig/{pose}")
        animation.CreateJointsAttr(names)
        animation.CreateTranslationsAttr(_vectors(offsets))
        animation.CreateScalesAttr([Gf.Vec3h(1)] * len(names))
        animation.CreateBlendShapesAttr(targets.names)
        if pose in poses:
            weights, turns = poses[pose]
            animation.CreateRotationsAttr(_turns(quaternions(turns)))
            animation.CreateBlendShapeWeightsAttr(weights.tolist())
        elif motion is not None:
            _write_motion(stage, animation, targets, motion)
        choice.AddVariant(pose)
        choice.SetVariantSelection(pose)
        with choice.GetVariantEditContext():
            source.SetTargets([animation.GetPath()])
    choice.SetVariantSelection("rest" if motion is None else "take")
    return skeleton


def _write_motion(stage: Any, animation: Any, targets: Targets, motion: HeadAnimation) -> None:
    """Weights and turns at the clip's times; time codes count its frames."""
    times = checked_times(motion.time_s)
    rate = float(round(1 / np.median(np.diff(times)))) if len(times) > 1 else 24.0
    stage.SetTimeCodesPerSecond(max(rate, 1.0))
    stage.SetFramesPerSecond(max(rate, 1.0))
    codes = (times * max(rate, 1.0)).tolist()
    stage.SetStartTimeCode(codes[0])
    stage.SetEndTimeCode(codes[-1])
    turned = np.tile([0.0, 0.0, 0.0, 1.0], (len(times), len(targets.head.joint_names), 1))
    for name, turn in motion.turns.items():
        turned[:, targets.head.joint_names.index(name)] = turn
    weights = np.zeros((len(times), len(targets.names)))
    weights[:, : np.shape(motion.weights)[1]] = np.clip(motion.weights, 0, 1)
    rotations, shapes = animation.CreateRotationsAttr(), animation.CreateBlendShapeWeightsAttr()
    for code, turn, weight in zip(codes, turned, weights, strict=True):
        rotations.Set(_turns(turn), code)
        shapes.Set(weight.tolist(), code)


def _turns(quaternions_xyzw: Array) -> list[Any]:
    """USD's quaternions of rows (J, 4) x y z w."""
    from pxr import Gf

    return [Gf.Quatf(w, x, y, z) for x, y, z, w in np.asarray(quaternions_xyzw, float).tolist()]


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


def _write_blend_shapes(stage: Any, mesh: Any, binding: Any, names: list[str], moves: Array, turns: Array) -> None:
    """One prim a target of moves (T, P, 3) mm and turns of normals, with the vertices only that change; bind them."""
    from pxr import Sdf, UsdSkel, Vt

    paths, parent = [], mesh.GetPath()
    for name, move, turn in zip(names, moves / np.float32(1000), turns, strict=True):
        moved = np.flatnonzero(move.any(1) | turn.any(1))
        moved = moved if len(moved) else np.array([0])
        shape = UsdSkel.BlendShape.Define(stage, f"{parent}/{name}")
        shape.CreateOffsetsAttr(_vectors(move[moved]))
        shape.CreateNormalOffsetsAttr(_vectors(turn[moved]))
        shape.CreatePointIndicesAttr(Vt.IntArray.FromNumpy(np.ascontiguousarray(moved, np.int32)))
        paths.append(f"{parent}/{name}")
    binding.CreateBlendShapesAttr().Set(names)
    binding.CreateBlendShapeTargetsRel().SetTargets([Sdf.Path(path) for path in paths])


def _write_surfaces(stage: Any, mesh: Any, proxy: Proxy) -> None:
    """A subset of a worn mesh for each of its surfaces, of its name."""
    from pxr import UsdShade, Vt

    binding = UsdShade.MaterialBindingAPI.Apply(mesh.GetPrim())
    for name, surface in {surface.name: surface for surface in proxy.surfaces}.items():
        parts = [k for k, other in enumerate(proxy.surfaces) if other.name == name]
        rows = Vt.IntArray.FromNumpy(np.flatnonzero(np.isin(proxy.mesh.part, parts)).astype(np.int32))
        subset = binding.CreateMaterialBindSubset(name, rows)
        look = Look(None, None, surface.roughness, surface.opacity, None, surface.colour, surface.metallic)
        write_material(stage, subset.GetPrim(), f"/face/{name}_material", look)
    binding.SetMaterialBindSubsetsFamilyType("nonOverlapping")


def _write_materials(stage: Any, mesh: Any, targets: Targets, color_name: str) -> None:
    """A subset of the mesh for each material, of its name; all share the two pictures."""
    from pxr import UsdShade, Vt

    binding = UsdShade.MaterialBindingAPI.Apply(mesh.GetPrim())
    for group in material_groups(targets.head, targets):
        rows = Vt.IntArray.FromNumpy(np.flatnonzero(group.triangles).astype(np.int32))
        subset = binding.CreateMaterialBindSubset(group.name, rows)
        look = Look(color_name, "surface.png", 0.0, 1.0, 0.5 if group.holes else None)
        write_material(stage, subset.GetPrim(), f"/face/{group.name}_material", look)
    binding.SetMaterialBindSubsetsFamilyType("nonOverlapping")
