"""Links to the heads of an answer: written into its text for any chat client, and read back from its history.

Most chat clients keep the text of an answer and nothing else. So the text ends with a block for each head, in markdown:

    ![an old man with a broad nose](http://localhost:8000/heads/ID/picture.png)
    [Open in 3D](http://localhost:8000/heads/ID) · [GLB](http://localhost:8000/heads/ID/head.glb)

Whoever sends that text back speaks of these heads. On a server with a token each address is signed, as a program that
shows pictures sends no token.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

#: Where heads are shown to those who have their address.
PLACE = "/heads/"
#: Longest description of a picture, characters.
MOST_ALT = 80
_NO_END = r"[^\s()<>\[\]]"
_ADDRESS = (
    rf"https?://{_NO_END}+?/heads/([A-Za-z0-9_-]{{22}})(?![A-Za-z0-9_-]){_NO_END}*?(?=[.,;:!?]*(?:[\s()<>\[\]]|$))"
)
_LINK = re.compile(rf"!?\[[^\[\]]*\]\({_ADDRESS}\)|<?{_ADDRESS}>?", re.ASCII)
#: What is left of a line of links when they are taken out.
_BETWEEN = re.compile(r"^[ \t·|]+$", re.MULTILINE)


@dataclass(frozen=True)
class Links:
    """Addresses of the heads of one server.

    Attributes:
        base: what they begin with, as the client reached the server: "http://localhost:8000".
        token: of the server, or None where nobody needs one.
    """

    base: str
    token: str | None = None

    def to(self, key: str, what: str = "") -> str:
        """The address of a head, or of something of it: "picture.png", "head.glb"."""
        path = f"{PLACE}{key}" + (f"/{what}" if what else "")
        return self.base.rstrip("/") + path + ("" if self.token is None else f"?key={signature(self.token, key)}")

    def block(self, heads: Sequence[dict[str, Any]]) -> str:
        """The heads of an answer in markdown, after its text; "" without heads."""
        return "".join(
            f"\n\n![{_alt(head)}]({self.to(head['id'], 'picture.png')})\n"
            f"[Open in 3D]({self.to(head['id'])}) · [GLB]({self.to(head['id'], 'head.glb')})"
            for head in heads
        )


def taken_apart(text: str) -> tuple[str, list[str]]:
    """A text without its links to heads, and the ids of these, each once, in their order."""
    keys = [found[1] or found[2] for found in _LINK.finditer(text)]
    if not keys:
        return text, []
    return _BETWEEN.sub("", _LINK.sub("", text)).strip(), list(dict.fromkeys(keys))


def signature(token: str, key: str) -> str:
    """What shows that a server with this token wrote the address of a head."""
    return hmac.new(token.encode(), key.encode(), hashlib.sha256).hexdigest()[:32]


def is_signed(token: str, path: str, given: Sequence[str]) -> bool:
    """Whether one of the keys that came with an address of a head is that head's."""
    key = path.removeprefix(PLACE).partition("/")[0]
    wanted = signature(token, key).encode()
    return path.startswith(PLACE) and any(
        [hmac.compare_digest(one.encode("utf-8", "replace"), wanted) for one in given]
    )


def _alt(head: dict[str, Any]) -> str:
    """What a picture shows, without what would end its description."""
    text = re.sub(r"[\[\]()\n\r]+", " ", str(head.get("name") or head.get("text") or "head")).strip()
    return (text if len(text) <= MOST_ALT else text[: MOST_ALT - 1].rstrip() + "…") or "head"
