"""Pictures in a terminal, and file paths as people type or drop them."""

from __future__ import annotations

import base64
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from facegpt.video.sources import CLIP_SUFFIXES

#: Endings of files that are taken for photos.
PHOTO_ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".tif", ".tiff", ".bmp", ".gif", ".avif", ".jp2")
_KITTY_CHUNK = 4096
_PATH = re.compile(r"""'([^']+)'|"([^"]+)"|((?:\\.|[^\s'"])+)""")


def picture_protocol(stream: TextIO, environment: Mapping[str, str] = os.environ) -> str:
    """How a terminal takes pictures: "iterm", "kitty", or "" where it shows none."""
    if not stream.isatty() or "TMUX" in environment:
        return ""
    term, program = environment.get("TERM", ""), environment.get("TERM_PROGRAM", "")
    if "KITTY_WINDOW_ID" in environment or "kitty" in term or "ghostty" in (term + program).lower():
        return "kitty"
    if program in ("iTerm.app", "WezTerm", "mintty") or environment.get("LC_TERMINAL") == "iTerm2":
        return "iterm"
    return ""


def picture_codes(png: bytes, protocol: str) -> str:
    """Write a PNG as the control codes of "iterm" (inline images) or "kitty" (graphics protocol)."""
    data = base64.b64encode(png).decode("ascii")
    if protocol == "iterm":
        return f"\x1b]1337;File=inline=1;size={len(png)};preserveAspectRatio=1:{data}\x07\n"
    chunks = [data[k : k + _KITTY_CHUNK] for k in range(0, len(data), _KITTY_CHUNK)]
    codes = []
    for k, chunk in enumerate(chunks):
        start = "a=T,f=100," if k == 0 else ""
        codes.append(f"\x1b_G{start}m={int(k < len(chunks) - 1)};{chunk}\x1b\\")
    return "".join(codes) + "\n"


def split_photos(line: str) -> tuple[str, list[Path]]:
    """Take the paths of photos and clips out of a line: typed, quoted, or dropped (escaped, file:// addresses).

    Only a name with the ending of a photo or a clip that exists counts; the rest is what was said.
    """
    photos: list[Path] = []

    def take(match: re.Match[str]) -> str:
        text = next(group for group in match.groups() if group is not None)
        for candidate in (text, re.sub(r"\\(.)", r"\1", text), _from_address(text)):
            for end in ("", candidate[-1:] if candidate[-1:] in ",.;:?!" else ""):
                path = Path(candidate[: len(candidate) - len(end)]).expanduser()
                if _is_shown(path):
                    photos.append(path)
                    return end
        return match[0]

    whole = _from_address(line.strip())
    if _is_shown(Path(whole)):  # a path with blanks, and nothing else
        return "", [Path(whole)]
    said = _PATH.sub(take, line)
    return re.sub(r"\s+", " ", said).strip(), photos


def _from_address(text: str) -> str:
    if not text.startswith("file://"):
        return text
    from urllib.parse import unquote, urlparse
    from urllib.request import url2pathname  # slow to import, and hardly ever needed

    return url2pathname(unquote(urlparse(text).path))


def _is_shown(path: Path) -> bool:
    """Whether a photo or a clip of that name is there."""
    return path.suffix.lower() in (*PHOTO_ENDINGS, *CLIP_SUFFIXES) and _is_file(path)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that is too long, or holds a null byte
        return False


def is_interactive() -> bool:
    """Whether somebody is typing."""
    return sys.stdin is not None and sys.stdin.isatty()
