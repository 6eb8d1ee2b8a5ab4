"""A small GLB reader for tests, written from the glTF 2.0 specification and not from the writer."""

from __future__ import annotations

import io
import json
import struct
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray
from PIL import Image

DTYPES = {5121: "<u1", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}


class Glb:
    """A .glb, or a .gltf with the files that it names."""

    def __init__(self, path: Path) -> None:
        self.folder = path.parent
        if path.suffix == ".gltf":
            self.json = json.loads(path.read_text("utf-8"))
            (buffer,) = self.json["buffers"]
            self.binary = (self.folder / unquote(buffer["uri"])).read_bytes()
            assert len(self.binary) == buffer["byteLength"]
            return
        data = path.read_bytes()
        magic, self.version, length = struct.unpack_from("<4sII", data)
        assert magic == b"glTF" and length == len(data)
        size, kind = struct.unpack_from("<I4s", data, 12)
        assert kind == b"JSON" and size % 4 == 0
        self.json: dict[str, Any] = json.loads(data[20 : 20 + size])
        size_binary, kind = struct.unpack_from("<I4s", data, 20 + size)
        assert kind == b"BIN\0" and size_binary % 4 == 0
        self.binary = data[28 + size : 28 + size + size_binary]

    def view(self, index: int) -> bytes:
        view = self.json["bufferViews"][index]
        return self.binary[view["byteOffset"] : view["byteOffset"] + view["byteLength"]]

    def numbers(self, index: int) -> NDArray:
        """The values of an accessor (count, width), sparse ones filled in; shares of 65535 as numbers in 0..1."""
        accessor = self.json["accessors"][index]
        width, dtype = WIDTHS[accessor["type"]], DTYPES[accessor["componentType"]]
        if "bufferView" in accessor:
            values = np.frombuffer(self.view(accessor["bufferView"]), dtype).reshape(accessor["count"], -1)
            values = values[:, :width].copy()  # rows may be longer than what they hold (byteStride)
        else:
            values = np.zeros((accessor["count"], width), dtype)
        if "sparse" in accessor:
            sparse = accessor["sparse"]
            where = np.frombuffer(
                self.view(sparse["indices"]["bufferView"]), DTYPES[sparse["indices"]["componentType"]]
            )
            assert len(where) == sparse["count"] and (np.diff(where.astype(int)) > 0).all()
            values[where] = np.frombuffer(self.view(sparse["values"]["bufferView"]), dtype).reshape(-1, width)
        if accessor.get("normalized") and dtype == np.dtype("<u2"):
            return (values / 65535).astype(np.float32)
        return values

    @property
    def mesh(self) -> dict[str, Any]:
        """The mesh that morphs."""
        (mesh,) = (mesh for mesh in self.json["meshes"] if "weights" in mesh)
        return mesh

    def primitives(self, part: str | None = None) -> list[dict[str, Any]]:
        """The primitives of the material `part`, or all of the file, mesh by mesh."""
        found = [primitive for mesh in self.json["meshes"] for primitive in mesh["primitives"]]
        return [p for p in found if part is None or self.json["materials"][p["material"]]["name"] == part]

    def attribute(self, name: str, part: str | None = None) -> NDArray:
        """An attribute of all vertices, primitive after primitive."""
        return np.concatenate([self.numbers(p["attributes"][name]) for p in self.primitives(part)])

    def triangles(self, part: str | None = None) -> NDArray:
        """(F, 3) rows of `attribute`."""
        found, before = [], 0
        for primitive in self.primitives(part):
            found.append(self.numbers(primitive["indices"]).reshape(-1, 3).astype(int) + before)
            before += self.json["accessors"][primitive["attributes"]["POSITION"]]["count"]
        return np.concatenate(found)

    @property
    def target_names(self) -> list[str]:
        return self.mesh["extras"]["targetNames"]

    def target(self, name: str, what: str = "POSITION", part: str | None = None) -> NDArray:
        """What a target at weight 1 adds to `attribute(what)`: nothing where a primitive has no targets."""
        index = self.target_names.index(name)
        found = []
        for primitive in self.primitives(part):
            rest = np.zeros((self.json["accessors"][primitive["attributes"]["POSITION"]]["count"], 3), np.float32)
            targets = primitive.get("targets")
            found.append(self.numbers(targets[index][what]) if targets else rest)
        return np.concatenate(found)

    def material(self, name: str) -> dict[str, Any]:
        (material,) = (material for material in self.json["materials"] if material["name"] == name)
        return material

    def picture(self, texture: str) -> Image.Image:
        """The picture of the skin's "baseColorTexture" or "metallicRoughnessTexture"."""
        surface = self.material("skin")["pbrMetallicRoughness"]
        return self.image(self.json["textures"][surface[texture]["index"]]["source"])

    def image(self, index: int) -> Image.Image:
        """A picture of the file, embedded or beside it."""
        stored = self.json["images"][index]
        beside = "uri" in stored
        data = (self.folder / unquote(stored["uri"])).read_bytes() if beside else self.view(stored["bufferView"])
        picture = Image.open(io.BytesIO(data))
        assert picture.get_format_mimetype() == stored["mimeType"]
        return picture
