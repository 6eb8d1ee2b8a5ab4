"""What a server keeps, told here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from facegpt.client.wire import Wire


@dataclass(frozen=True, eq=False)
class Remote:
    """A thing that a server keeps.

    Attributes:
        told: all that the server told of it (docs/server.md).
    """

    #: Where things of its kind are found on the server.
    place: ClassVar[str] = ""

    wire: Wire = field(repr=False)
    told: dict[str, Any] = field(repr=False)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id}{' ' + repr(self.name) if self.name else ''} at {self.wire.url}>"

    @property
    def id(self) -> str:
        """Its id on the server."""
        return str(self.told["id"])

    @property
    def name(self) -> str:
        """What it was saved as, or whose it is."""
        return str(self.told.get("name", ""))

    @property
    def address(self) -> str:
        """Where it is on the server."""
        return f"/api/{self.place}/{self.id}"

    def delete(self) -> None:
        """Delete it on the server with all its files."""
        self.wire.json("DELETE", self.address)
