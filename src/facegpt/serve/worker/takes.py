"""Heads and photos set in motion, kept as clips are."""

from __future__ import annotations

import json
import secrets
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from facegpt.animate.take import SOUND, VIDEO, VIDEO_PX, Take
from facegpt.personal.known import opened
from facegpt.render.default_view import default_view
from facegpt.runtime.atomic_files import make_folder, write_text
from facegpt.runtime.extras import check_installed
from facegpt.runtime.remarks import remarked
from facegpt.serve.worker.clips import PERSON_FILES, curves_told
from facegpt.serve.worker.shelf import Shelf
from facegpt.serve.worker.task import RefusedError, Task


def animated(shelf: Shelf, task: Task) -> dict[str, Any]:
    """Set somebody in motion.

    Payload: head or avatar (an id) or source (a file), name, motion (which source), text or files, how (of
    `facegpt.animate.animating.How`), video, background.
    """
    asked, key = task.payload, secrets.token_urlsafe(16)
    if asked["video"]:
        check_installed("av", "writing videos (video=false leaves it out)")
    folder = make_folder(shelf.folder / "clips" / key)
    try:
        task.progress("making the motion")
        with remarked() as remarks:
            take = shelf.model.animate(_subject(shelf, asked), **{asked["motion"]: _motion(asked)}, **asked["how"])
        size = asked["how"].get("size") or VIDEO_PX
        take.save(folder, asked["video"], size=size, background=asked["background"])
        told = _told(shelf, take, folder, key, asked)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return {"clip": {**told, "remarks": list(dict.fromkeys([*remarks, *take.remarks]))}}


def _subject(shelf: Shelf, asked: dict[str, Any]) -> Any:
    """Who moves; where the photo is to move, the head as it is in that."""
    if "avatar" in asked:
        return opened(shelf.folder / "avatars" / asked["avatar"], shelf.model.head)
    if "source" in asked:
        return asked["source"]
    if asked["how"]["give"] == "head":
        return shelf.get(asked["head"])
    first = shelf.told(asked["head"]).get("photo_head")
    if first is None:
        raise RefusedError("refused", "this head was made from no photo, so that only the head itself can move")
    return shelf.get(first)


def _motion(asked: dict[str, Any]) -> Any:
    """The source of motion as `animate` takes it."""
    if "text" in asked:
        return asked["text"]
    return asked["files"][0] if asked["motion"] == "audio" else asked["files"]


def _told(shelf: Shelf, take: Take, folder: Path, key: str, asked: dict[str, Any]) -> dict[str, Any]:
    """What clients are told of a take: as of a followed clip."""
    files = {name: name for name in (VIDEO, SOUND) if (folder / name).is_file()}
    people: list[dict[str, Any]] = []
    for number, one in enumerate((take, *take.others)):
        own = folder / f"person_{number}" if number else folder
        write_text(own / "page_curves.json", json.dumps(curves_told(one.written_curves())))
        for name in (*PERSON_FILES, "page_curves.json"):
            if (own / name).is_file():
                files[f"person_{number}_{name}"] = str((own / name).relative_to(folder))
        address = f"/api/clips/{key}/files/person_{number}_"
        person: dict[str, Any] = {"track_id": number, "frames": len(one), "curves_url": address + "page_curves.json"}
        person |= {"glb_url": address + "animation.glb", "csv_url": address + "livelink.csv"}
        people.append({**person, "head": _head(shelf, one, asked)})
    text = asked.get("text") or asked["motion"]
    name = f"{asked['name']}: {text}" if asked["name"] else text
    video = f"/api/clips/{key}/files/{VIDEO}" if VIDEO in files else None
    told = {"id": key, "name": name[:120], "text": text, "made": "animate", "people": people, "overlay_url": video}
    seconds = round(len(take) / take.fps, 3)
    return {**told, "fps": round(take.fps, 3), "seconds": seconds, "frames": len(take), "files": files}


def _head(shelf: Shelf, take: Take, asked: dict[str, Any]) -> dict[str, Any]:
    """Whose head it is, at rest, as one of the clip's own."""
    facts: dict[str, Any] = {"parent": asked["head"]} if "head" in asked else {}
    avatar = asked.get("avatar") or (shelf.avatar_of(asked["head"]) if "head" in asked else None)
    if avatar and take.face.model is not shelf.model.head:
        facts["avatar"] = avatar
    pose, camera = default_view()
    face = replace(take.face.neutral(), photo=None, photo_texture=take.face.texture, rooted=True)
    face = replace(face, params=face.params.replace(pose=pose, camera=camera))
    return shelf.put(face, origin="clip", text=asked["name"], **facts)
