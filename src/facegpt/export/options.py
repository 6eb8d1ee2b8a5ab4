"""What the files of a head or a take hold beside the usual."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FileOptions:
    """Choices for a folder of files.

    Attributes:
        dense: GLB files store every vertex of a morph target, for readers that know no sparse accessors.
        fbx: FBX is written too: face.fbx, animation.fbx, an avatar's head.fbx.
    """

    dense: bool = False
    fbx: bool = False


#: The files that are always written.
USUAL = FileOptions()
