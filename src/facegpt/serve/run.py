"""Starting a server: its token, its address, the browser."""

from __future__ import annotations

import contextlib
import logging
import secrets
import socket
import sys
import threading
import time
import webbrowser
from dataclasses import replace
from pathlib import Path

from facegpt.runtime.atomic_files import write_text
from facegpt.runtime.extras import needed
from facegpt.serve.settings import ServeSettings, is_loopback
from facegpt.types import FaceGPTError

#: The file of the store that keeps a token that was made, so that it is the same after a restart.
TOKEN = "token"
#: Connections at a time.
MOST_CONNECTIONS = 400


def run_server(settings: ServeSettings, browser: bool = False) -> None:
    """Serve until Ctrl-C.

    Raises:
        FaceGPTError: if the extra is missing, the address is taken, or the data folder cannot be used.
    """
    for module in ("fastapi", "uvicorn", "python_multipart"):
        needed(module, "the server")
    import uvicorn

    from facegpt.serve.app import create_app

    _log()
    settings, made = with_token(settings)
    listening = bound(settings)
    address = told_address(settings, listening)
    app = create_app(settings)
    print(f"FaceGPT: {address}\nheads are kept in {settings.folder}; Ctrl-C ends the server", file=sys.stderr)
    if settings.token is not None:
        told = f"{address}?token={settings.token}" if made else "(the token that was given, or made before)"
        print(f"whoever wants in needs the token: {told}", file=sys.stderr)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=5,
        ws_max_size=8_000_000,
        lifespan="on",
    )
    if browser:
        token = "" if settings.token is None else f"?token={settings.token}"
        threading.Thread(target=_open_browser, args=(address + token, listening), daemon=True).start()
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])


def with_token(settings: ServeSettings) -> tuple[ServeSettings, bool]:
    """The settings with a token where the address needs one, and whether it was made now."""
    if settings.token is not None or is_loopback(settings.host):
        return settings, False
    file = settings.folder / TOKEN
    with contextlib.suppress(OSError):
        if kept := file.read_text("utf-8").strip():
            return replace(settings, token=kept), False
    token = secrets.token_urlsafe(24)
    settings.folder.mkdir(parents=True, exist_ok=True)
    write_text(file, token + "\n").chmod(0o600)
    return replace(settings, token=token), True


def bound(settings: ServeSettings) -> socket.socket:
    """A socket at the server's address. Raises FaceGPTError if that is taken or none of this machine."""
    host = settings.host.strip("[]")
    try:
        family, kind, *_, place = socket.getaddrinfo(host, settings.port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(place)
        listening.listen(128)  # whoever comes before the application is ready waits a moment
    except OSError as error:
        raise FaceGPTError(
            f"cannot listen at {settings.host}:{settings.port} ({error.strerror or error}); choose another --port"
        ) from None
    return listening


def told_address(settings: ServeSettings, listening: socket.socket) -> str:
    """The address for people."""
    port = listening.getsockname()[1]
    host = {"0.0.0.0": "localhost", "::": "localhost"}.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def _log() -> None:
    """Requests and faults on stderr: routes, codes and times, no texts, names or addresses of people."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    for name, level in (("facegpt.serve", logging.INFO), ("facegpt", logging.WARNING), ("uvicorn", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.setLevel(level)
        if name != "facegpt.serve":
            logger.addHandler(handler)


def _open_browser(address: str, listening: socket.socket) -> None:
    """Open the page once somebody answers there."""
    for _ in range(50):
        with contextlib.suppress(OSError), socket.create_connection(listening.getsockname()[:2], 0.2):
            webbrowser.open(address)
            return
        time.sleep(0.2)


def default_folder() -> Path:
    """Where heads are kept unless another place is named: $FACEGPT_SERVE_DATA, else that of the user's data."""
    import os

    if told := os.environ.get("FACEGPT_SERVE_DATA"):
        return Path(told)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "facegpt-serve"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "facegpt-serve"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "facegpt-serve"
