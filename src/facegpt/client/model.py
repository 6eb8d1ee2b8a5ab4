"""The model of a server, with the names of `facegpt.FaceGPT`."""

from __future__ import annotations

import base64
import json
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload
from urllib.parse import urlencode, urlsplit

from facegpt.client.face import RemoteFace, opened_picture
from facegpt.client.kept import Remote
from facegpt.client.motion import motion_of, settings_of, subject_of
from facegpt.client.seen import RemoteLikeness, RemoteSeen
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


@dataclass(frozen=True, eq=False)
class RemoteReply:
    """An answer: words, and the heads that came with it."""

    text: str
    faces: list[RemoteFace] = field(default_factory=list)

    @cached_property
    def pictures(self) -> list[Image]:
        """The photo of each changed head, changed as it is; drawn by the server when asked for."""
        return [face.in_photo() for face in self.faces if face.told.get("photo_head") not in (None, face.id)]

    @property
    def message(self) -> dict[str, Any]:
        """The answer as a message, to go on with the conversation."""
        parts: list[dict[str, Any]] = [{"type": "text", "text": self.text}]
        return {"role": "assistant", "content": parts + [{"type": "face", "face": face} for face in self.faces]}


@dataclass(frozen=True, eq=False)
class RemotePhoto:
    """What became of one photo of many, as `facegpt.PhotoResult`.

    Attributes:
        source: the photo, as it was given. faces: its heads, the largest first. error: why it failed, or None.
    """

    source: Any
    faces: list[RemoteFace] = field(default_factory=list)
    error: FaceGPTError | None = None


@dataclass(frozen=True, eq=False, repr=False)
class RemoteAvatar(Remote):
    """A personal head on a server."""

    place = "avatars"

    def face(self) -> RemoteFace:
        """The head at rest."""
        return RemoteFace(self.wire, self.told["head"])


@dataclass(frozen=True)
class RemoteModel:
    """Makes 3D heads from photos and words on a server. Get one from `connect()`."""

    wire: Wire

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
            on_progress: told the stage, and how much of it is done.

        Raises:
            ServerError: if it cannot be read, there is no such quality and the like, or the server is busy.
        """
        fields = {"quality": quality, "detail": detail or "", "hair": hair, "glasses": glasses, "avatar": _key(avatar)}
        fields["headwear"] = headwear
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

    def analyze(self, image: Any) -> list[RemoteSeen]:
        """Say what is seen on each face of a photo; the largest comes first, [] when there is none."""
        upload = photo_upload(image)
        data, _ = self.wire.form("/api/photos/analyze", {}, [("photo", *upload)])
        return [RemoteSeen(told, upload, k) for k, told in enumerate(json.loads(data)["faces"])]

    def compare(self, first: Any, second: Any) -> RemoteLikeness:
        """Say how likely two photos show one person, with the doubt.

        Of photos with several faces the largest is taken; for another one give what `analyze` saw of it.
        """
        fields: dict[str, str] = {}
        files: list[tuple[str, str, bytes | Path]] = []
        for name, each in (("first", first), ("second", second)):
            known = isinstance(each, RemoteSeen)
            files.append((name, *(each.upload if known else photo_upload(each))))
            fields |= {f"{name}_face": str(each.index)} if known else {}
        data, _ = self.wire.form("/api/photos/compare", fields, files)
        return RemoteLikeness.of(json.loads(data))

    def animate(
        self,
        source: Any,
        audio: str | os.PathLike[str] | tuple[Any, int] | None = None,
        *,
        driver: Any = None,
        curves: Any = None,
        words: str | None = None,
        say: str | None = None,
        on_progress: Progress | None = None,
        **how: Any,
    ) -> RemoteTake:
        """Set a head, or the face of a photo, in motion: by sound, a clip of somebody, curves, or words.

        Args:
            source: a head or a personal head of the server, a photo, or a clip, whose person keeps the turns of the
                head.
            audio: speech: a file, or samples with their rate.
            driver: a clip whose person moves the head; several clips move the faces of a photo, the largest first.
            curves: a file (.csv, .npz, .json), the folder of a take on this machine, or Curves.
            words: "slowly smiles, then winks, looks left and nods".
            say: English text that the head says aloud.
            on_progress: told the stage, and how much of it is done.
            **how: as of the library (give="photo", seed, gain, fps, alive, face_index, size, speech, voice), and
                video=False, background.

        Raises:
            FaceGPTError: if not exactly one source of motion is given, or something cannot be read.
        """
        given = {"audio": audio, "driver": driver, "curves": curves, "words": words, "say": say}
        (who, photos), (what, files) = subject_of(source), motion_of(given)
        fields = {**who, **what, **settings_of(how)}
        result = self.wire.job("/api/clips/animate", fields, [*photos, *files], on_progress)
        return RemoteTake(self.wire, result["clip"])

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
        body = {"messages": [_message(message) for message in messages], "seed": seed, "stream": True, "links": False}
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


def _message(message: dict[str, Any]) -> dict[str, Any]:
    """A message as it goes over the wire."""
    if isinstance(message.get("content"), str):
        return message
    parts = []
    for part in message.get("content", ()):
        if part.get("type") == "image":
            _, data = photo_upload(part["image"])
            content = data.read_bytes() if isinstance(data, Path) else data
            url = "data:application/octet-stream;base64," + base64.b64encode(content).decode()
            parts.append({"type": "image_url", "image_url": {"url": url}})
        elif part.get("type") == "face":
            parts.append({"type": "face", "face": {"id": part["face"].id}})
        else:
            parts.append(part)
    return {**message, "content": parts}
