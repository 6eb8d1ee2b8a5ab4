"""What an avatar's folder says of itself (avatar.json), read with the standard library alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from facegpt.errors import FaceGPTError

FORMAT, VERSION = "facegpt-avatar", 1
ABOUT = "avatar.json"


def read_about(folder: Path) -> dict[str, Any]:
    """What is said of the avatar in a folder.

    Raises:
        FaceGPTError: if it is no avatar's folder, damaged, or of another version.
    """
    path = folder / ABOUT
    if not path.is_file():
        raise FaceGPTError(
            f"'{folder}' holds no avatar (there is no {ABOUT} in it); make one with `facegpt personalize CLIP -o DIR`"
        )
    try:
        about = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise damaged(folder, error) from None
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise FaceGPTError(f"'{path}' is no avatar (its 'format' is not '{FORMAT}')")
    if about.get("version") != VERSION:
        raise FaceGPTError(
            f"the avatar in '{folder}' has format version {about.get('version')}, this facegpt reads {VERSION}: "
            "make it again from its clips with `facegpt personalize`"
        )
    missing = {"name", "base", "state", "made", "sources", "figures", "sha256"} - about.keys()
    if missing:
        raise damaged(folder, f"{ABOUT} lacks {', '.join(sorted(missing))}")
    return about


def damaged(folder: Path, why: object) -> FaceGPTError:
    """The error of an avatar that is damaged."""
    return FaceGPTError(
        f"the avatar in '{folder}' is damaged ({why}); copy it again, or make it again with `facegpt personalize`"
    )
