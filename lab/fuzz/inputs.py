"""Valid inputs of every kind that users bring, and what reads them.

A kind is a name, its valid files (bytes by ending), and a function that reads a file as the product does. A reader may
raise FaceGPTError, which is the right answer to damage; anything else is a finding.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

import facegpt
from facegpt.assets import asset_path


@dataclass(frozen=True)
class Kind:
    """Valid files of one kind, (ending, bytes) each, and how one is read."""

    name: str
    valid: tuple[tuple[str, bytes], ...]
    read: Callable[[Path], object]


def photos() -> Kind:
    """Pictures in every format that Pillow writes here."""
    with Image.open(asset_path("astronaut.png")) as image:
        small = image.convert("RGB").resize((96, 96))
    ways = {
        **{
            ".png": {},
            ".jpg": {},
            ".webp": {},
            ".bmp": {},
            ".tiff": {},
            ".gif": {},
            ".ppm": {},
            ".tga": {},
            ".ico": {},
        },
        **{".jp2": {}, ".avif": {}, ".mpo": {}, ".pcx": {}},
    }
    files = []
    for ending, told in ways.items():
        written = io.BytesIO()
        try:
            small.save(written, Image.registered_extensions()[ending], **told)
        except (KeyError, OSError, ValueError):
            continue  # this Pillow has no such writer
        files.append((ending, written.getvalue()))
    for mode, ending, name in (("CMYK", ".jpg", "JPEG"), ("I;16", ".png", "PNG"), ("LA", ".png", "PNG")):
        written = io.BytesIO()
        (small.convert("L").convert("I;16") if mode == "I;16" else small.convert(mode)).save(written, name)
        files.append((ending, written.getvalue()))
    from facegpt.data.images import read_image

    return Kind("photos", tuple(files), read_image)


def clips() -> Kind:
    """Half a second of moving colours in several containers."""
    import av

    files = []
    for ending, codec in ((".mp4", "mpeg4"), (".mov", "mpeg4"), (".mkv", "mpeg4"), (".avi", "mpeg4"), (".webm", "vp8")):
        written = io.BytesIO()
        try:
            with av.open(written, "w", format={".mkv": "matroska"}.get(ending, ending[1:])) as container:
                stream = container.add_stream(codec, rate=12)
                stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
                for k in range(6):
                    picture = np.full((48, 64, 3), 40 * k, np.uint8)
                    container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
                container.mux(stream.encode())
        except (av.FFmpegError, ValueError):
            continue
        files.append((ending, written.getvalue()))
    return Kind("clips", tuple(files), _read_clip)


def _read_clip(path: Path) -> int:
    from facegpt.video.reading import open_clip

    with open_clip(path) as clip:
        return sum(1 for _ in zip(range(200), clip, strict=False))


def parameters() -> Kind:
    """params.json of a head, with hair and glasses."""
    from facegpt.export.params_json import params_to_json
    from facegpt.face import Face

    model = facegpt.load()
    face = model.mean_face().with_glasses("round")
    plain = params_to_json(face.params).encode()
    return Kind("params.json", ((".json", plain),), lambda path: Face.load(path, face.model))


def curves() -> Kind:
    """Curves of a take: npz, and Live Link Face CSV."""
    from facegpt.conventions import ARKIT_NAMES
    from facegpt.export.curves import read_curves_npz
    from facegpt.export.livelink_csv import read_livelink

    header = ["Timecode", "BlendshapeCount", *(n[0].upper() + n[1:] for n in ARKIT_NAMES)]
    header += [f"{part}{axis}" for part in ("Head", "LeftEye", "RightEye") for axis in ("Yaw", "Pitch", "Roll")]
    rows = [[f"00:00:0{k // 30}:{k % 30:02d}.000", "61", *[f"{0.01 * k:.3f}"] * 61] for k in range(40)]
    text = "\n".join(",".join(row) for row in [header, *rows]).encode()
    plain = io.BytesIO()
    names = np.array(ARKIT_NAMES)
    np.savez(plain, names=names, weights=np.zeros((5, 52), np.float32), time_s=np.arange(5) / 30.0)

    def read(path: Path) -> object:
        return read_livelink(path) if path.suffix == ".csv" else read_curves_npz(path)

    return Kind("curves", ((".csv", text), (".npz", plain.getvalue())), read)


def packets() -> Kind:
    """Live Link packets as they come over the wire."""
    from facegpt.export.live.livelink_udp import LiveLinkPacket, decoded, encoded

    packet = LiveLinkPacket("device", "subject", 7, 0.5, 60, 1, np.zeros(52, np.float32), np.zeros(9, np.float32))
    return Kind("packets", ((".bin", encoded(packet)),), lambda path: decoded(path.read_bytes()))


def head_files() -> Kind:
    """Files of other head models: npz, pickle and mat headers."""
    from facegpt.morphable import bfm, flame, gnm, ict

    arrays = io.BytesIO()
    np.savez(arrays, template_vertex_positions=np.zeros((4, 3), np.float32), triangles=np.zeros((2, 3), np.int32))
    import pickle

    plain = pickle.dumps({"v_template": np.zeros((4, 3)), "f": np.zeros((2, 3), np.uint32)}, protocol=2)
    readers = {".npz": gnm.read, ".pkl": flame.read, ".mat": bfm.read, ".h5": bfm.read, ".zip": ict.read}
    files = ((".npz", arrays.getvalue()), (".pkl", plain), (".mat", b"MATLAB 5.0 MAT-file" + bytes(109)),
             (".h5", b"\x89HDF\r\n\x1a\n" + bytes(200)))  # fmt: skip
    return Kind("head files", files, lambda path: readers[path.suffix](path))


def avatars() -> Kind:
    """Safetensors of an avatar."""
    from safetensors.numpy import save

    from facegpt.personal.avatar import load_avatar

    arrays = save({"head/mean": np.zeros((4, 3), np.float32), "texture": np.zeros((8, 8, 4), np.uint8)})
    about = json.dumps({"format": "facegpt-avatar", "version": 1, "name": "a"}).encode()

    def read(path: Path) -> object:
        folder = path.parent / "avatar"
        folder.mkdir(exist_ok=True)
        name = "avatar.safetensors" if path.suffix == ".safetensors" else "avatar.json"
        (folder / "avatar.safetensors").write_bytes(arrays)
        (folder / "avatar.json").write_bytes(about)
        (folder / name).write_bytes(path.read_bytes())
        return load_avatar(folder)

    return Kind("avatars", ((".safetensors", arrays), (".json", about)), read)


def kinds() -> tuple[Kind, ...]:
    """All kinds, in the order in which they are tried in turn."""
    return photos(), clips(), parameters(), curves(), packets(), head_files(), avatars()
