"""Import a GLB or FBX into Blender, measure it and draw it. Run by open_in_tools.py with a Python that has `bpy`.

Usage: python blender_open.py HEAD POSES.json OUTPUT_FOLDER SIZE_PX     (prints one JSON object as its last line)
"""

from __future__ import annotations

import json
import math
import sys
import time
from pathlib import Path

import bpy
import numpy as np
from mathutils import Matrix, Vector


def evaluated(mesh) -> np.ndarray:
    """Vertices (V, 3) as Blender draws them: shape keys and armature applied, in metres, z up."""
    found = mesh.evaluated_get(bpy.context.evaluated_depsgraph_get())
    points = np.empty(len(found.data.vertices) * 3)
    found.data.vertices.foreach_get("co", points)
    turn = np.array(found.matrix_world)
    return points.reshape(-1, 3) @ turn[:3, :3].T + turn[:3, 3]


def apply(pose: dict, mesh, rig) -> None:
    """Set every weight and joint anew; joints are rotation vectors in glTF's axes (x, y up, z front)."""
    for block in mesh.data.shape_keys.key_blocks[1:]:
        block.value = pose.get("weights", {}).get(block.name, 0.0)
    for bone in rig.pose.bones:
        bone.matrix_basis = Matrix()
    bpy.context.view_layer.update()
    to_rig = rig.matrix_world.to_3x3().normalized().inverted()
    for name, (x, y, z) in pose.get("joints", {}).items():
        bone, axis = rig.pose.bones[name], to_rig @ Vector((x, -z, y))
        place = Matrix.Translation(bone.matrix.to_translation())
        bone.matrix = place @ Matrix.Rotation(axis.length, 4, axis.normalized()) @ place.inverted() @ bone.matrix
        bpy.context.view_layer.update()


def measure(mesh, rig) -> dict:
    """The report that open_in_tools.py checks; lengths in metres."""
    apply({}, mesh, rig)
    before = evaluated(mesh)
    apply({"weights": {"jawOpen": 1.0}}, mesh, rig)
    after = evaluated(mesh)
    moved = np.linalg.norm(after - before, axis=1)
    chin = int(moved.argmax())
    keys = mesh.data.shape_keys.key_blocks
    delta = keys["jawOpen"].data[chin].co - keys[0].data[chin].co
    target = (mesh.matrix_world.to_3x3() @ delta).length
    apply({}, mesh, rig)
    images = [node.image for node in mesh.data.materials[0].node_tree.nodes if node.type == "TEX_IMAGE"]
    return {
        "blender": bpy.app.version_string,
        "meshes": sum(o.type == "MESH" and bool(o.data.shape_keys) for o in bpy.data.objects),
        "same_sliders": sum(o.type == "MESH" and bool(o.data.shape_keys) for o in bpy.data.objects) == 1,
        "materials": sorted(material.name for material in bpy.data.materials),
        "names": [block.name for block in keys[1:]],
        "weights_at_rest": True,
        "height_m": float(np.ptp(before[:, 2])),
        "chin_moves_m": float(moved[chin]),
        "chin_target_m": target,
        "chin_down": bool(after[chin, 2] < before[chin, 2]),
        "texture": max(([*image.size] for image in images), default=None),
        "pictures": {image.name: [*image.size] for image in bpy.data.images if image.size[0]},
        "clips_s": {action.name: clip_seconds(action) for action in bpy.data.actions},
        "joints": [bone.name for bone in rig.pose.bones],
        "custom_properties": sorted(set(mesh.keys()) | set(mesh.data.keys())),
    }


def clip_seconds(action) -> float:
    """Length of an action."""
    scene, (first, last) = bpy.context.scene.render, action.frame_range
    return (last - first) * scene.fps_base / scene.fps


def imported(path: str) -> None:
    """Read a file by its ending; FBX by the importer in C++, where there is one."""
    if path.endswith(".glb"):
        bpy.ops.import_scene.gltf(filepath=path)
    elif hasattr(bpy.ops.wm, "fbx_import"):
        bpy.ops.wm.fbx_import(filepath=path)
    else:
        bpy.ops.import_scene.fbx(filepath=path)


def stage(size: int) -> None:
    """Set up light, camera and a square picture of `size` pixels."""
    scene = bpy.context.scene
    scene.render.engine, scene.cycles.samples, scene.cycles.device = "CYCLES", 8, "CPU"
    scene.cycles.use_denoising = True
    scene.render.resolution_x = scene.render.resolution_y = size
    scene.view_settings.view_transform = "Standard"
    world = bpy.data.worlds.new("grey")
    scene.world, world.use_nodes = world, True
    world.node_tree.nodes["Background"].inputs[0].default_value = (0.35, 0.38, 0.42, 1)
    sun = bpy.data.objects.new("sun", bpy.data.lights.new("sun", "SUN"))
    sun.data.energy, sun.rotation_euler = 2.5, (math.radians(55), 0, math.radians(20))
    scene.collection.objects.link(sun)
    scene.camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    scene.camera.data.angle = math.radians(22)
    scene.collection.objects.link(scene.camera)


def aim(center: np.ndarray, height: float, yaw_deg: float = 0, zoom: float = 1, aim_y_m: float | None = None) -> None:
    """Put the camera before the face, turned by yaw about it."""
    camera, yaw, away = bpy.context.scene.camera, math.radians(yaw_deg), height * 3.1 / zoom
    center = Vector((*center[:2], center[2] if aim_y_m is None else aim_y_m))
    camera.location = center + Vector((away * math.sin(yaw), -away * math.cos(yaw), 0))
    camera.rotation_euler = (math.pi / 2, 0, yaw)


def main(path: str, poses: str, folder: str, size_px: str) -> None:
    """Import, measure, draw every pose, print the report."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    start = time.perf_counter()
    imported(path)
    seconds = time.perf_counter() - start
    mesh = next(o for o in bpy.data.objects if o.type == "MESH" and o.data.shape_keys)
    rig = next(o for o in bpy.data.objects if o.type == "ARMATURE")
    report = {**measure(mesh, rig), "load_ms": 1000 * seconds}
    points = evaluated(mesh)
    stage(int(size_px))
    for pose in json.loads(Path(poses).read_text("utf-8")):
        if pose.get("untextured"):
            continue
        apply(pose, mesh, rig)
        view = {key: pose[key] for key in ("yaw_deg", "zoom", "aim_y_m") if key in pose}
        aim((points.min(0) + points.max(0)) / 2, report["height_m"], **view)
        bpy.context.scene.render.filepath = str(Path(folder) / f"blender_{pose['name']}.png")
        bpy.ops.render.render(write_still=True)
    print("\n" + json.dumps(report))


if __name__ == "__main__":
    main(*sys.argv[1:5])
