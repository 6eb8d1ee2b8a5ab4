"""Clips to moving heads, and clips of a person to a head of their own."""

from __future__ import annotations

import json
import secrets
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from facegpt.batch.clip import TrackSettings, track_to_folder
from facegpt.conventions import ARKIT_NAMES
from facegpt.export.curves import Curves
from facegpt.export.take_folder import Take
from facegpt.face import Face
from facegpt.hair.accessories import Wishes
from facegpt.morphable.base import at_rest
from facegpt.personal.known import opened
from facegpt.personal.settings import PersonalizeSettings
from facegpt.render.default_view import default_view
from facegpt.runtime.atomic_files import make_folder, write_text
from facegpt.serve.worker.shelf import Shelf
from facegpt.serve.worker.task import RefusedError, Task

#: Files of one person in a clip, by what they are called in addresses.
PERSON_FILES = ("animation.glb", "animation.usdz", "livelink.csv", "curves.json", "curves.npz", "curves.png")
_CLIP_FILES = ("overlay.mp4", "contact_sheet.png")


def tracked(shelf: Shelf, task: Task) -> dict[str, Any]:
    """Follow the faces of a clip. Payload: clip (a file), name, smooth, quality, hair, glasses, avatar."""
    asked, key = task.payload, secrets.token_urlsafe(16)
    folder = make_folder(shelf.folder / "clips" / key)
    avatar = None
    if asked.get("avatar"):
        avatar = opened(shelf.folder / "avatars" / asked["avatar"], shelf.model.head)
    try:
        colours = asked["quality"] == "balanced"
        wishes = Wishes(asked["hair"], asked["glasses"])
        settings = TrackSettings(colours, asked["smooth"], resume=False, avatar=avatar, wishes=wishes)
        result = track_to_folder(shelf.model, asked["clip"], folder, settings)
        if result.take is None:
            raise RefusedError("no_face", "no face was found in the clip")
        told = _told(shelf, result.take, folder, key, asked)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    told |= {"frames": result.frames, "skipped": result.skipped, "truncated": result.truncated}
    return {"clip": told}


def _told(shelf: Shelf, take: Take, folder: Path, key: str, asked: dict[str, Any]) -> dict[str, Any]:
    """What clients are told of a clip; beside it the curves as the page draws them."""
    names: dict[str, str] = {name: name for name in _CLIP_FILES if (folder / name).is_file()}
    people = []
    for number in take.motion:
        own = folder / f"person_{number}" if len(take.motion) > 1 else folder
        write_text(own / "page_curves.json", json.dumps(curves_told(take.curves(number))))
        for name in (*PERSON_FILES, "page_curves.json"):
            if (own / name).is_file():
                names[f"person_{number}_{name}"] = str((own / name).relative_to(folder))
        address = f"/api/clips/{key}/files/person_{number}_"
        person: dict[str, Any] = {"track_id": int(number), "frames": len(take.motion[number])}
        person |= {"curves_url": address + "page_curves.json", "glb_url": address + "animation.glb"}
        person |= {"csv_url": address + "livelink.csv", "head": _head(shelf, take, number, asked)}
        people.append(person)
    seconds = max(float(rows["time_s"][-1]) for rows in take.motion.values())
    overlay = f"/api/clips/{key}/files/overlay.mp4" if "overlay.mp4" in names else None
    told = {"id": key, "name": asked.get("name", ""), "people": people, "overlay_url": overlay}
    return {**told, "fps": round(take.info.fps, 3), "seconds": round(seconds, 3), "files": names}


def _head(shelf: Shelf, take: Take, number: int, asked: dict[str, Any]) -> dict[str, Any]:
    """One person of a clip as a head of the gallery, at rest."""
    model = take.head_model(number)
    params = at_rest(model, take.params(number, take.motion[number][0]))
    pose, camera = default_view()
    face = Face(
        model,
        params.replace(pose=pose, camera=camera),
        photo_texture=take.textures.get(number),
        detail=take.people[number].detail,
        rooted=True,
    )
    own = {"avatar": asked["avatar"]} if model is not shelf.model.head and asked.get("avatar") else {}
    return shelf.put(face, origin="clip", text=asked.get("name", ""), **own)


def curves_told(curves: Curves) -> dict[str, Any]:
    """One person's motion as pages draw it: seconds, weights 0..1 by unit, degrees."""
    weights, turns = np.clip(curves.expression, 0, 1).round(4), curves.turn_deg.round(3)
    gaze = np.asarray(curves.gaze_deg).mean(1).round(3)
    return {
        "fps": round(float(curves.fps), 3),
        "time_s": curves.time_s.round(4).tolist(),
        "weights": {name: weights[:, k].tolist() for k, name in enumerate(ARKIT_NAMES)},
        "head": {n: turns[:, k].tolist() for k, n in enumerate(("yaw_deg", "pitch_deg", "roll_deg"))},
        "gaze": {n: gaze[:, k].tolist() for k, n in enumerate(("x_deg", "y_deg"))},
    }


def personalized(shelf: Shelf, task: Task) -> dict[str, Any]:
    """Make a personal head. Payload: clips (files), name, minutes, tune."""
    from facegpt.personal.tune import personalized as made_avatar  # needs torch, which clips that are followed do not

    asked, key = task.payload, secrets.token_urlsafe(16)
    folder = make_folder(shelf.folder / "avatars" / key)
    try:
        settings = PersonalizeSettings(name=asked["name"], minutes=asked.get("minutes"))
        avatar = made_avatar(shelf.model, asked["clips"], settings, asked.get("tune", True))
        task.progress("keeping the head", 0.97)
        avatar.save(folder)
        head = shelf.put(avatar.face(), origin="clip", text=asked["name"], name=asked["name"], avatar=key)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    called = {Path(clip).name: name for clip, name in zip(asked["clips"], asked["names"], strict=True)}
    sources = [{"name": called.get(source.file, source.file), "used": source.used} for source in avatar.sources]
    told = {"id": key, "name": avatar.name, "state": avatar.state, "head": head, "sources": sources}
    return {"avatar": {**told, "figures": {k: float(v) for k, v in avatar.figures.items()}}}
