"""The model of a server, with the names of `facegpt.FaceGPT`."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload
from urllib.parse import urlencode, urlsplit

from facegpt.client.face import RemoteFace, opened_picture
from facegpt.client.photos import SeesAndMoves
from facegpt.client.replies import RemoteAvatar, RemotePhoto, RemoteReply, sent_message
from facegpt.client.take import RemoteTake
from facegpt.client.upload import existing, photo_upload
from facegpt.client.wire import Progress, ServerError, Wire
from facegpt.types import FaceGPTError

if TYPE_CHECKING:
    from PIL.Image import Image

log = logging.getLogger("facegpt")


def connect(url: str = "http://localhost:8000", token: str | None = None) -> RemoteModel:
    """Use the model of a server: `facegpt serve`, here or on another machine.

    Args:
        url: of the server.
        token: if it wants one; by default $FACEGPT_TOKEN.

    Raises:
        FaceGPTError: if nobody answers there.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise FaceGPTError(f"'{url}' is no address of a server; it begins with http:// or https://")
    wire = Wire(url.rstrip("/"), token or os.environ.get("FACEGPT_TOKEN") or None)
    wire.json("GET", "/api/heads?limit=1")
    return RemoteModel(wire)


@dataclass(frozen=True)
class RemoteModel(SeesAndMoves):
    """Makes 3D heads from photos and words on a server. Get one from `connect()`."""

    def __repr__(self) -> str:
        return f"<RemoteModel at {self.wire.url}>"

    def reconstruct(
        self,
        image: Any,
        quality: str = "balanced",
        detail: str | None = None,
        avatar: RemoteAvatar | str | None = None,
        hair: str = "auto",
        glasses: str = "auto",
        headwear: str = "auto",
        shirt: str = "auto",
        on_progress: Progress | None = None,
    ) -> list[RemoteFace]:
        """Make a head of each face in a photo; the largest comes first, [] when there is none.

        Args:
            image: a path, bytes of a file, a binary file object, a PIL image or an sRGB array.
            quality: "fast", "balanced" or "best".
            detail: "normal": wrinkles and folds (None: unless "fast"); "mesh": as geometry too; "off".
            avatar: a personal head, or its id.
            hair: "auto", "none" or a style.
            glasses: "auto", "none" or a frame.
            headwear: "auto" or "none".
            shirt: "auto", "none" or a colour.
            on_progress: told the stage, and how much of it is done.

        Raises:
            ServerError: if it cannot be read, there is no such quality and the like, or the server is busy.
        """
        fields = {"quality": quality, "detail": detail or "", "hair": hair, "glasses": glasses, "avatar": _key(avatar)}
        fields |= {"headwear": headwear, "shirt": shirt}
        return self._of_photo(image, fields, on_progress)

    def see(self, image: Any, on_progress: Progress | None = None) -> list[RemoteFace]:
        """Make a head of each face in a photo by one pass of the language model, without a fit; the largest first."""
        return self._of_photo(image, {"reader": "language"}, on_progress)

    def _of_photo(self, image: Any, fields: dict[str, str], on_progress: Progress | None) -> list[RemoteFace]:
        try:
            result = self.wire.job("/api/heads/photo", fields, [("photo", *photo_upload(image))], on_progress)
        except ServerError as error:
            if error.code == "no_face":
                return []
            raise
        return self._heads(result)

    def reconstruct_many(
        self,
        images: Iterable[Any],
        quality: str = "balanced",
        workers: int | None = None,
        on_progress: Callable[[int, int | None], None] | None = None,
        detail: str | None = None,
    ) -> Iterator[RemotePhoto]:
        """Make the heads of many photos: a result for each as it is done, in their order.

        Args:
            images: photos as in `reconstruct`; they are taken one by one.
            quality: as in `reconstruct`.
            detail: as in `reconstruct`.
            workers: as in the library; the server decides itself how many it has.
            on_progress: called with the number of photos done and of all photos (None where that is not known).
        """
        total = len(images) if isinstance(images, Sized) else None
        for done, image in enumerate(images, 1):
            try:
                yield RemotePhoto(image, self.reconstruct(image, quality, detail))
            except FaceGPTError as error:
                yield RemotePhoto(image, error=error)
            if on_progress is not None:
                on_progress(done, total)

    def reconstruct_person(
        self,
        images: Sequence[Any],
        quality: str = "balanced",
        detail: str | None = None,
        glasses: str = "auto",
        hair: str = "auto",
    ) -> RemoteFace:
        """Make one head from several photos of a person: as in the photo that shows the most of a calm face."""
        result = self._of_person(images, quality, detail, glasses, hair)
        return next(face for face in self._heads(result) if face.id == result["clearest"])

    def reconstruct_person_views(
        self,
        images: Sequence[Any],
        quality: str = "balanced",
        detail: str | None = None,
        glasses: str = "auto",
        hair: str = "auto",
    ) -> list[RemoteFace]:
        """The head of `reconstruct_person`, of the same arguments, in each photo of the person, in their order."""
        return self._heads(self._of_person(images, quality, detail, glasses, hair))

    def _of_person(
        self, images: Sequence[Any], quality: str, detail: str | None, glasses: str, hair: str
    ) -> dict[str, Any]:
        fields = {"quality": quality, "detail": detail or "", "glasses": glasses, "hair": hair}
        photos = [("photos", *photo_upload(image)) for image in images]
        result: dict[str, Any] = self.wire.job("/api/heads/person", fields, photos)
        return result

    def mean_face(self) -> RemoteFace:
        """The head of the prior's mean at rest, looking at a camera one metre away."""
        return self._heads(self.wire.job("/api/heads/mean"))[0]

    def imagine(self, text: str, seed: int = 0) -> RemoteFace:
        """Make a head from words; what they leave open differs from seed to seed."""
        return self.imagine_many(text, 1, seed)[0]

    def imagine_many(self, text: str, count: int, seed: int = 0) -> list[RemoteFace]:
        """Make several heads that all fit the words: those of seed, seed + 1, and so on."""
        return self._heads(self.wire.job("/api/heads/words", {"text": text, "count": count, "seed": seed}))

    @overload
    def edit(
        self, source: Any, text: str, seed: int = 0, *, face_index: int | None = None, give: Literal["head"] = ...
    ) -> RemoteFace: ...

    @overload
    def edit(
        self, source: Any, text: str, seed: int = 0, *, face_index: int | None = None, give: Literal["photo"]
    ) -> Image: ...

    def edit(
        self, source: Any, text: str, seed: int = 0, *, face_index: int | None = None, give: str = "head"
    ) -> RemoteFace | Image:
        """Change a head, or that of a photo (the largest, or the one of `face_index`), by words; the rest stays.

        Args:
            source: a head of the server, or a photo.
            text: what to change.
            seed: decides about what the words leave open.
            face_index: which face of a photo that shows several, 0 the largest.
            give: "head", or "photo": the photo itself, changed, as a PIL image.
        """
        if give != "head":
            return self._edited_photo(source, text, seed, face_index, give)
        face = self._face(source, face_index)
        return self._heads(self.wire.job(f"/api/heads/{face.id}/edit", {"text": text, "seed": seed}))[0]

    def _edited_photo(self, source: Any, text: str, seed: int, face_index: int | None, give: str) -> Image:
        """The photo of `edit`; the server keeps neither it nor the head that it was made by."""
        if give != "photo":
            raise FaceGPTError(f"an edit gives 'head' or 'photo', not '{give}'")
        if isinstance(source, RemoteFace):
            changed = self.edit(source, text, seed)
            try:
                return changed.in_photo()
            finally:
                changed.delete()
        fields = {"text": text, "seed": str(seed)} | ({} if face_index is None else {"face": str(face_index)})
        data, headers = self.wire.form("/api/photos/edit", fields, [("photo", *photo_upload(source))])
        told = json.loads(headers["x-told"])
        for remark in told["remarks"]:
            log.warning(remark)
        if not told["understood"]:
            log.warning("the photo is unchanged: %s", "; ".join(told["ignored"]))
        return opened_picture(data)

    def describe(self, source: Any, question: str | None = None, *, face_index: int | None = None) -> str:
        """Describe a head, or answer a question about it (or about several): every number in it is measured.

        Args:
            source: a head, a photo or several heads.
            question: what to say; without it, what stands out. All faces of a photo are meant.
            face_index: which face of a photo alone, 0 the largest.
        """
        if isinstance(source, (list, tuple)):
            heads = list(source)
        elif question is None or face_index is not None or isinstance(source, RemoteFace):
            heads = [self._face(source, face_index)]
        else:
            heads = self.reconstruct(source)
        if not heads:
            raise FaceGPTError("there is no face to speak of")
        body = {"question": question, "others": [head.id for head in heads[1:]]}
        result = self.wire.job(f"/api/heads/{heads[0].id}/describe", body)
        return str(result["text"])

    def chat(
        self,
        messages: Sequence[dict[str, Any]],
        seed: int = 0,
        on_text: Callable[[str], None] | None = None,
        tools: Sequence[dict[str, Any]] = (),
    ) -> RemoteReply:
        """Answer a conversation; messages and tools as `FaceGPT.chat` takes them, with heads of this server."""
        body = {
            "messages": [sent_message(message) for message in messages],
            "seed": seed,
            "stream": True,
            "links": False,
        }
        body |= {"tools": list(tools)} if tools else {}
        text, heads = "", []
        for _, data in self.wire.events("POST", "/v1/chat/completions", body):
            if "error" in data:
                raise ServerError(data["error"]["message"], code=data["error"]["code"])
            delta = data["choices"][0]["delta"] if data["choices"] else {}
            if piece := delta.get("content"):
                text += piece
                if on_text is not None:
                    on_text(piece)
            heads += delta.get("facegpt", {}).get("heads", [])
        return RemoteReply(text.strip(), [RemoteFace(self.wire, head) for head in heads])

    def track(
        self,
        video: str | os.PathLike[str],
        avatar: RemoteAvatar | str | None = None,
        smooth: str = "file",
        quality: str = "balanced",
        hair: str = "auto",
        glasses: str = "auto",
        on_progress: Progress | None = None,
    ) -> RemoteTake:
        """Follow the faces of a video; iterating the result gives each face of each frame.

        Args:
            video: a file.
            avatar: of a person whose own head follows them.
            smooth: "file" or "none".
            quality: "balanced", or "fast" for heads from landmarks alone.
            hair: "auto", "none" or a style.
            glasses: "auto", "none" or a frame.
            on_progress: told stage and share done, 0..1.

        Raises:
            FaceGPTError: if there is no such file, smoothing or quality.
            ServerError: if the clip cannot be read, shows no face, or the server is busy.
        """
        if smooth not in ("file", "none") or quality not in ("fast", "balanced"):
            raise FaceGPTError("on a server smooth is 'file' or 'none', and quality 'fast' or 'balanced'")
        fields = {"smooth": "true" if smooth == "file" else "false", "quality": quality, "avatar": _key(avatar)}
        fields |= {"hair": hair, "glasses": glasses}
        result = self.wire.job("/api/clips", fields, [("clip", Path(video).name, existing(video))], on_progress)
        return RemoteTake(self.wire, result["clip"])

    def personalize(
        self,
        videos: Sequence[str | os.PathLike[str]],
        name: str | None = None,
        tune: bool = True,
        minutes: float | None = None,
        on_progress: Progress | None = None,
    ) -> RemoteAvatar:
        """Make a personal head from clips of one person; the server keeps it until it is deleted."""
        fields = {"name": name or Path(videos[0]).stem, "tune": "true" if tune else "false"}
        fields |= {"minutes": str(minutes)} if minutes else {}
        files: list[tuple[str, str, bytes | Path]] = [("clips", Path(one).name, existing(one)) for one in videos]
        return RemoteAvatar(self.wire, self.wire.job("/api/avatars", fields, files, on_progress)["avatar"])

    def distance_mm(self, a: RemoteFace, b: RemoteFace) -> tuple[float, float]:
        """How far two people at rest lie apart over the skin: mean and largest distance, mm."""
        _, headers = self.wire.bytes(f"/api/heads/{a.id}/distance/{b.id}")
        return float(headers["x-mean-mm"]), float(headers["x-max-mm"])

    def heads(self, words: str = "") -> list[RemoteFace]:
        """Heads that were kept, the newest first; those whose names and words hold all of the words."""
        return self._heads(self.wire.json("GET", "/api/heads?" + urlencode({"q": words})))

    def avatars(self) -> list[RemoteAvatar]:
        """All personal heads."""
        return [RemoteAvatar(self.wire, told) for told in self.wire.json("GET", "/api/avatars")["avatars"]]

    def _heads(self, result: dict[str, Any]) -> list[RemoteFace]:
        return [RemoteFace(self.wire, head) for head in result["heads"]]

    def _face(self, source: Any, index: int | None) -> RemoteFace:
        """A head of the server, or one of a photo: the largest unless told."""
        if isinstance(source, RemoteFace):
            return source
        faces = self.reconstruct(source)
        if not faces:
            raise FaceGPTError("no face was found in the photo")
        if not 0 <= (index or 0) < len(faces):
            raise FaceGPTError(f"the photo shows {len(faces)} faces; face_index is at most {len(faces) - 1}")
        return faces[index or 0]


def _key(avatar: RemoteAvatar | str | None) -> str:
    return avatar.id if isinstance(avatar, RemoteAvatar) else avatar or ""
