"""Motion as it is sent to a server: who moves, what moves them, and how."""

from __future__ import annotations

import io
import json
import os
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from facegpt.client.face import RemoteFace
from facegpt.client.upload import existing, photo_upload
from facegpt.types import FaceGPTError

Upload = tuple[str, str, "bytes | Path"]
#: Settings that go as they are, by the name of the form.
_PLAIN = {"give": "give", "seed": "seed", "gain": "gain", "fps": "fps", "face_index": "face", "size": "size"}
_PLAIN |= {"alive": "alive", "voice": "voice", "video": "video", "background": "background"}
#: What is read of a take's folder, the first that is there.
_IN_FOLDERS = ("curves.npz", "curves.json", "livelink.csv", "curves.csv")


def subject_of(source: Any) -> tuple[dict[str, str], list[Upload]]:
    """Fields and files of who moves: a head or personal head of the server, a photo or a clip."""
    if isinstance(source, RemoteFace):
        return {"head": source.id}, []
    if getattr(source, "place", "") == "avatars":
        return {"avatar": source.id}, []
    if isinstance(source, (str, os.PathLike)) and (Path(source).is_dir() or Path(source).suffix == ".json"):
        raise FaceGPTError("a server moves heads of its own, photos and clips, not saved folders")
    return {}, [("source", *photo_upload(source))]


def motion_of(given: dict[str, Any]) -> tuple[dict[str, str], list[Upload]]:
    """Fields and files of what moves it; given: the sources by name, one of which is there. Raises FaceGPTError."""
    named = [name for name, value in given.items() if value is not None]
    if len(named) != 1:
        raise FaceGPTError(f"give one source of motion: {', '.join(given)}; not {' and '.join(named) or 'none'}")
    (name,) = named
    value = given[name]
    if name in ("words", "say"):
        return {name: str(value)}, []
    if name == "audio":
        sound = ("sound.wav", _wav(*value)) if isinstance(value, tuple) else (Path(value).name, existing(value))
        return {}, [("audio", *sound)]
    several: Sequence[Any] = value if isinstance(value, (list, tuple)) else [value]
    read = _curves if name == "curves" else lambda clip: (Path(clip).name, existing(clip))
    return {}, [(name, *read(each)) for each in several]


def settings_of(how: dict[str, Any]) -> dict[str, str]:
    """Fields of how it moves, as `FaceGPT.animate` takes them, and of the video. Raises FaceGPTError."""
    known = {*_PLAIN, "speech"}
    if unknown := sorted(how.keys() - known):
        raise FaceGPTError(f"animate knows no '{unknown[0]}'; it knows: {', '.join(sorted(known))}")
    told = {_PLAIN[name]: value for name, value in how.items() if name != "speech"} | (how.get("speech") or {})
    return {name: _text(value) for name, value in told.items() if value is not None}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _curves(source: Any) -> tuple[str, bytes | Path]:
    """Curves in memory, a file of them, or the folder of a take."""
    if hasattr(source, "weights") and hasattr(source, "names"):
        return "curves.json", json.dumps(_document(source)).encode()
    path = Path(source)
    if path.is_dir():
        places = [folder / name for folder in (path, *sorted(path.glob("person_*"))) for name in _IN_FOLDERS]
        path = next((place for place in places if place.is_file()), path / _IN_FOLDERS[0])
    return path.name, existing(path)


def _document(curves: Any) -> dict[str, Any]:
    """Curves as the JSON of a take."""
    weights = [list(map(float, column)) for column in zip(*curves.weights, strict=True)]
    told = {"fps": float(curves.fps), "time_s": list(map(float, curves.time_s))}
    if curves.turn_deg is not None:
        turns = zip(*curves.turn_deg, strict=True)
        names = (f"head_{name}_deg" for name in ("yaw", "pitch", "roll"))
        told |= {name: list(map(float, turn)) for name, turn in zip(names, turns, strict=True)}
    return {**told, "weights": dict(zip(curves.names, weights, strict=True))}


def _wav(samples: Any, rate: int) -> bytes:
    """Samples (N,) or (N, channels), floats of -1..1 or integers, as a WAV file of 16 bits."""
    import numpy as np

    values = np.asarray(samples)
    if values.ndim not in (1, 2) or not rate or rate < 1000:
        raise FaceGPTError("sound is samples (N,) or (N, channels) with their rate, from 1000 a second")
    if np.issubdtype(values.dtype, np.integer):
        values = values / float(np.iinfo(values.dtype).max)
    mono, data = values if values.ndim == 1 else values.mean(1), io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(int(rate))
        file.writeframes(np.round(np.clip(np.nan_to_num(mono), -1, 1) * 32767).astype("<i2").tobytes())
    return data.getvalue()
