"""Materials of a USD stage: UsdPreviewSurface with the pictures of the package."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Look:
    """A material: file names of colour and gloss (or None: `plain`, and one roughness), opacity, threshold of holes.

    plain: (3,) linear RGB. metallic: 0..1.
    """

    color: str | None
    gloss: str | None
    roughness: float
    opacity: float
    threshold: float | None
    plain: tuple[float, float, float] = (1.0, 1.0, 1.0)
    metallic: float = 0.0


def write_material(stage: Any, prim: Any, root: str, look: Look) -> None:
    """Define a UsdPreviewSurface at the path `root` and bind it to a mesh or a subset of one.

    It has colour, roughness, and opacity with or without a threshold.
    """
    from pxr import Gf, Sdf, UsdShade

    types = Sdf.ValueTypeNames
    material = UsdShade.Material.Define(stage, root)
    surface = UsdShade.Shader.Define(stage, f"{root}/surface")
    surface.CreateIdAttr("UsdPreviewSurface")
    material.CreateSurfaceOutput().ConnectToSource(surface.ConnectableAPI(), "surface")
    surface.CreateInput("metallic", types.Float).Set(look.metallic)

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
        surface.CreateInput("diffuseColor", types.Color3f).Set(Gf.Vec3f(*look.plain))
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
