"""Materials of an FBX file: Phong, which every importer knows, with their pictures inside the file."""

from __future__ import annotations

from dataclasses import dataclass

from facegpt.export.bundle import HeadExport
from facegpt.export.fbx.records import Record, record
from facegpt.export.fbx.scene import Scene, colour, number, properties, whole
from facegpt.export.materials import material_of
from facegpt.export.surface import PARTS
from facegpt.export.surface import SKIN as SKIN_SURFACE

_WHITE = (1.0, 1.0, 1.0)


@dataclass(frozen=True)
class Look:
    """A material.

    Attributes:
        name: of it. colour: linear RGB where it has no picture. opacity, roughness, metallic: 0..1.
        picture, relief: numbers of its textures, of colour and of normals, or None.
        cut_out: whether the picture's alpha is the opacity.
    """

    name: str
    colour: tuple[float, float, float] = _WHITE
    opacity: float = 1.0
    roughness: float = 0.6
    metallic: float = 0.0
    picture: int | None = None
    relief: int | None = None
    cut_out: bool = False


def add_material(scene: Scene, look: Look) -> int:
    """Add a material: its number."""
    clear = 1.0 - look.opacity
    inside = [
        record("Version", 102),
        record("ShadingModel", "phong"),
        record("MultiLayer", 0),
        properties(
            colour("DiffuseColor", look.colour),
            number("DiffuseFactor", 1.0),
            colour("AmbientColor", (0.0, 0.0, 0.0)),
            colour("SpecularColor", _WHITE),
            number("SpecularFactor", 0.25),
            number("Shininess", 100 * (1 - look.roughness) ** 2),
            number("ShininessExponent", 100 * (1 - look.roughness) ** 2),
            number("ReflectionFactor", look.metallic),
            colour("TransparentColor", _WHITE if clear else (0.0, 0.0, 0.0)),  # times the factor below
            number("TransparencyFactor", clear),
            number("Opacity", look.opacity),
        ),
    ]
    material = scene.add("Material", look.name, "Material", "", inside)
    if look.picture is not None:
        scene.link(look.picture, material, "DiffuseColor")
        if look.cut_out:
            scene.link(look.picture, material, "TransparentColor")
    if look.relief is not None:
        scene.link(look.relief, material, "NormalMap")
    return material


def add_picture(scene: Scene, name: str, file_name: str, data: bytes, has_alpha: bool = False) -> int:
    """Add a picture, inside the file, and a texture that reads it: the texture's number."""
    path = [record("FileName", file_name), record("RelativeFilename", file_name)]
    own = properties(("Path", "KString", "XRefUrl", "", file_name))
    inside = [record("Type", "Clip"), own, record("UseMipMap", 0), record("Filename", file_name), path[1]]
    video = scene.add("Video", name, "Video", "Clip", [*inside, record("Content", data)])
    inside = [
        record("Type", "TextureVideoClip"),
        record("Version", 202),
        record("TextureName", f"{name}\0\1Texture"),
        properties(
            ("UVSet", "KString", "", "", "UVMap"),
            whole("UseMaterial", 1, "bool"),
            whole("WrapModeU", 1, "enum"),
            whole("WrapModeV", 1, "enum"),
        ),
        record("Media", f"{name}\0\1Video"),
        *path,
        *_placing(has_alpha),
    ]
    texture = scene.add("Texture", name, "Texture", "", inside)
    scene.link(video, texture)
    return texture


def _placing(has_alpha: bool) -> list[Record]:
    """The picture as it is, and where its opacity comes from."""
    return [
        record("ModelUVTranslation", 0.0, 0.0),
        record("ModelUVScaling", 1.0, 1.0),
        record("Texture_Alpha_Source", "Alpha_Black" if has_alpha else "None"),
        record("Cropping", 0, 0, 0, 0),
    ]


def roughness_of(head: HeadExport, material: str) -> float:
    """Roughness of a material of the head, that of its first part."""
    part = next((part for part in head.part_names if material_of(part) == material), "")
    return PARTS.get(part, SKIN_SURFACE)[1]
