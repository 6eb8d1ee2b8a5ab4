"""Downloading one file: resumed, measured, and kept only if its sha256 is the expected one."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from facegpt.data.stores import StoredPath
from facegpt.types import FaceGPTError

_CHUNK = 1 << 18
_TIMEOUT_S = 30.0


def sha256_of(path: Path | StoredPath) -> str:
    """The sha256 of a file as hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def download(url: str, path: Path, sha256: str, size: int, progress: Callable[[int, int], None] | None = None) -> Path:
    """Fetch `url` into `path`; an interrupted download goes on from its `.part` file.

    Args:
        url: an http or https address.
        path: where the file goes; it appears there only whole and checked.
        sha256: what its content must have.
        size: of the file in bytes.
        progress: called with the bytes so far and in all.

    Raises:
        FaceGPTError: if the address cannot be reached or gives another content.
    """
    import urllib.error  # here and below: slow to import, and most commands fetch nothing

    if not url.lower().startswith(("https://", "http://")):
        raise FaceGPTError(f"'{url}' is not a web address (http or https)")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    if part.exists() and part.stat().st_size > size:
        part.unlink()
    try:
        if not part.exists() or part.stat().st_size < size:
            _fetch(url, part, size, progress)
    except urllib.error.HTTPError as error:
        raise FaceGPTError(
            f"{url} answered {error.code} {error.reason}; try again later or from another --base"
        ) from None
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", error)
        raise FaceGPTError(
            f"{url} cannot be reached ({reason}); run it again and it goes on where it stopped"
        ) from None
    found = part.stat().st_size
    if found < size:
        raise FaceGPTError(f"{url} broke off after {found} of {size} bytes; run it again and it goes on from there")
    if found > size or sha256_of(part) != sha256:
        part.unlink()
        raise FaceGPTError(f"what {url} gave is not the file released (its sha256 differs); it was thrown away")
    os.replace(part, path)
    return path


def _fetch(url: str, part: Path, size: int, progress: Callable[[int, int], None] | None) -> None:
    """Append to `part` what it lacks; start again where the server cannot continue."""
    import urllib.request

    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:
        continued = answer.status == 206 and _starts_at(answer, have)
        have = have if continued else 0
        with part.open("ab" if continued else "wb") as file:
            while have <= size and (chunk := answer.read(_CHUNK)):
                file.write(chunk)
                have += len(chunk)
                if progress:
                    progress(have, size)


def _starts_at(answer: Any, offset: int) -> bool:
    return (answer.headers.get("Content-Range") or "").startswith(f"bytes {offset}-")
