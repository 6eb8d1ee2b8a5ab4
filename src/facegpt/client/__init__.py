"""A server of `facegpt serve` from Python, with the names of the library and nothing but the standard library.

import facegpt
model = facegpt.connect("http://localhost:8000")
face = model.reconstruct("photo.jpg")[0]
face.save("head.glb")
"""

from facegpt.client.face import RemoteFace
from facegpt.client.model import RemoteModel, connect
from facegpt.client.replies import RemoteAvatar, RemotePhoto, RemoteReply
from facegpt.client.seen import RemoteLikeness, RemoteSeen
from facegpt.client.take import RemoteFrame, RemoteTake
from facegpt.client.wire import ServerError

__all__ = [
    "RemoteAvatar",
    "RemoteFace",
    "RemoteFrame",
    "RemoteLikeness",
    "RemoteModel",
    "RemotePhoto",
    "RemoteReply",
    "RemoteSeen",
    "RemoteTake",
    "ServerError",
    "connect",
]
