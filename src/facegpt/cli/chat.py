"""The verb chat: a conversation in the terminal, or a script of lines on standard input."""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from facegpt.cli import early, heads, speaking, terminal
from facegpt.cli.parts import (
    DONE,
    FAILED,
    Answer,
    add_device,
    add_output,
    add_talker,
    add_verb,
    load_options,
    natural,
)

if TYPE_CHECKING:
    from facegpt.face import Face
    from facegpt.language.dialogue.conversation import Conversation
    from facegpt.language.dialogue.messages import Reply

GREETING = "Describe a face, drop a photo, or ask something. /help lists the commands, /quit ends."
HELP = """\
/save [PLACE]   save the last head: a folder, or a file that ends in .glb, .gltf, .usdz, .obj, .ply, .stl or .json
/undo           take back the last question and its answer
/seed N         another seed, another person for the same words
/show           draw the last head again
/help           this list
/quit           end
A photo is given by its path (or dropped on the terminal), alone or within what you say."""
#: Side of the preview picture, pixels.
PREVIEW_SIZE = 384


def add(verbs: Any) -> None:
    """Declare the verb."""
    example = (
        "facegpt chat\n  facegpt chat anna.jpg\n  facegpt chat out/anna\n"
        "  facegpt chat --talker http://localhost:11434/v1 --talker-model qwen2.5vl\n"
        "  facegpt chat anna.jpg --speak\n"
        "  facegpt chat --persona 'an old sailor, dry humour' --speak\n"
        "  printf 'an old man, smiling\\nmake his nose wider\\n/save old_man\\n' | facegpt chat"
    )
    parser = add_verb(verbs, "chat", run, "talk about photos and heads", example)
    parser.add_argument("photos", metavar="PHOTO", nargs="*", help="photos, saved heads and clips to begin with")
    parser.add_argument("--seed", type=natural, default=0, metavar="N", help="of what words leave open (default: 0)")
    told = "somebody to talk with, as 'an old sailor, dry humour': the words make the head, its manner and its voice"
    parser.add_argument("--persona", metavar="WORDS", help=told)
    speaking.add_options(parser)
    add_device(parser)
    add_talker(parser)
    add_output(parser)


@dataclass
class _Session:
    """One run of the verb.

    Attributes:
        conversation: what was said. output: folder of pictures and saved heads.
        stream: where answers go. protocol: how it takes pictures. record: what --json prints.
        speaker: says answers aloud, or None. clip: that is spoken about, or None.
    """

    conversation: Conversation
    output: Path
    stream: TextIO
    protocol: str
    quiet: bool
    speaker: speaking.Speaker | None = None
    record: list[dict[str, Any]] = field(default_factory=list)
    pictures: int = 0
    failed: bool = False
    clip: Path | None = None


def run(options: argparse.Namespace) -> Answer:
    """Talk until the input ends; it fails if something went wrong and nobody was there to see it."""
    from facegpt.video.sources import is_clip

    for source in options.photos:
        if is_clip(source):
            early.check_clips([source])
        else:
            early.check_head(source)
    speaking.check(options)
    early.check_device(options.device)
    early.loading(options)
    import facegpt.api
    from facegpt.language.dialogue.conversation import Conversation
    from facegpt.language.dialogue.who.persona import opening

    stream = options.stdout
    protocol = "" if options.json else terminal.picture_protocol(stream)
    model = facegpt.api.load(**load_options(options))
    first = () if options.persona is None else opening(model, options.persona, options.seed)
    conversation = Conversation(model, options.seed, first)
    typed = terminal.is_interactive()
    aloud = {"voice": options.voice, "aloud": typed}
    speaker = speaking.Speaker(conversation.model, options.output, **aloud) if options.speak else None
    session = _Session(conversation, options.output, stream, protocol, options.json, speaker)
    if typed:
        _write(session, GREETING + "\n")
    if options.persona is not None and conversation.face is not None:
        session.record.append({"persona": options.persona, "pictures": [_show(session, conversation.face)]})
    if options.photos:
        _turn(session, "", [Path(text) for text in options.photos])
    for line in _lines(session, typed):
        if options.listen is not None and typed and not line.strip():
            line = _heard(session, options.listen)
        if line.startswith("/") and not terminal.split_photos(line)[1]:
            if not _command(session, line):
                break
        elif line.strip():
            _turn(session, *terminal.split_photos(line))
    if speaker is not None:
        speaker.close()
    return Answer(FAILED if session.failed and not typed else DONE, {"turns": session.record})


def _lines(session: _Session, typed: bool) -> Iterator[str]:
    """What is said, line by line, until the end of input."""
    import sys

    if not typed:
        yield from (line.rstrip("\n") for line in sys.stdin)
        return
    with suppress(ImportError):
        import readline  # noqa: F401  (arrow keys in input())
    while True:
        _write(session, "\n> ")
        try:
            yield input()
        except EOFError:
            _write(session, "\n")
            return


def _heard(session: _Session, model: Path) -> str:
    """What is said into the microphone, told as it was understood; what goes wrong is told."""
    from facegpt.errors import FaceGPTError

    _write(session, "(listening)\n")
    try:
        text = speaking.heard(model)
    except FaceGPTError as error:
        _write(session, f"{error}\n")
        return ""
    _write(session, f"> {text}\n" if text else "nobody was heard\n")
    return text


def _write(session: _Session, text: str) -> None:
    if not session.quiet:
        encoding = getattr(session.stream, "encoding", None) or "utf-8"
        session.stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        session.stream.flush()


def _opened(model: Any, paths: list[Path]) -> tuple[list[Path], list[Face]]:
    """Photos as they are, and the heads of those paths that hold saved ones."""
    from facegpt.reconstruct.sources import faces_of, holds_heads

    photos = [path for path in paths if not holds_heads(path)]
    return photos, [face for path in paths if holds_heads(path) for face in faces_of(model, path)]


def _turn(session: _Session, text: str, photos: list[Path]) -> None:
    """Say something; what cannot be done is told, and the conversation goes on."""
    from facegpt.errors import FaceGPTError

    entry: dict[str, Any] = {"user": text, "photos": [str(path) for path in photos]}
    session.record.append(entry)
    try:
        if not photos and (done := _wished(session, text)):
            entry["text"] = done
            return
        answer = _about_clip(session, text, photos)
        if answer is None:
            images, faces = _opened(session.conversation.model, photos)
            answer = session.conversation.say(text, images, lambda piece: _write(session, piece), faces)
    except FaceGPTError as error:
        session.failed = True
        _write(session, f"{error}\n")
        entry["error"] = str(error)
        return
    _write(session, "\n")
    entry |= {"text": answer.text, "pictures": [_show(session, face) for face in answer.faces]}
    entry |= {"photos_changed": _offer(session, answer)}
    if session.speaker is not None:
        entry |= _say(session, answer.text)


def _wished(session: _Session, text: str) -> str:
    """Save a head, or draw it from a side, where words wish for no more than that; what was done, or ""."""
    from facegpt.language.dialogue.questions.deeds import file_wished, view_wished
    from facegpt.language.dialogue.who.references import meant

    talk = session.conversation
    if talk.face is None or session.clip is not None:
        return ""
    done = ""
    if ending := file_wished(text):
        place = f"{session.output / 'head'}{ending}" if ending != "/" else str(session.output)
        done = _done(session, "/save", place)
    elif (yaw_deg := view_wished(text)) is not None:
        face = talk.cast.person(meant(text, talk.cast)[-1]).face
        done = f"Seen with the head turned by {yaw_deg:.0f}°."
        session.record[-1]["pictures"] = [_show(session, face, yaw_deg)]
    _write(session, f"{done}\n" if done else "")
    return done


def _about_clip(session: _Session, text: str, paths: list[Path]) -> Reply | None:
    """The answer to a clip, or to a question about the last one; None to anything else."""
    from facegpt.video.sources import is_clip

    shown = [path for path in paths if is_clip(path)]
    if not shown and (paths or session.clip is None):
        session.clip = None
        return None
    from facegpt.animate.clip_talk import clip_reply

    session.clip = shown[-1] if shown else session.clip
    parts = [{"type": "video", "video": session.clip}]
    turns = [{"role": "user", "content": parts}]
    if not shown:
        turns.append({"role": "user", "content": text})
    elif text:
        parts.append({"type": "text", "text": text})
    model: Any = session.conversation.model
    _, answer = clip_reply(model, turns)
    if answer is not None:
        _write(session, answer.text)
    return answer


def _offer(session: _Session, answer: Reply) -> list[str]:
    """Write the photos whose faces an answer changed, changed; their paths."""
    from facegpt.data.provenance import marked_png
    from facegpt.picture.offered import changed_photos
    from facegpt.runtime.atomic_files import make_folder, write_bytes

    model: Any = session.conversation.model
    paths: list[str] = []
    for k, picture in enumerate(changed_photos(model, answer)):
        name = f"chat_{session.pictures}_photo{f'_{k + 1}' if k else ''}.png"
        paths.append(str(write_bytes(make_folder(session.output) / name, marked_png(picture))))
        _write(session, f"[{paths[-1]}] the photo itself, changed\n")
    return paths


def _say(session: _Session, text: str) -> dict[str, str]:
    """Say an answer by the voice of the head that is spoken of; what cannot be said is told."""
    from facegpt.errors import FaceGPTError

    assert session.speaker is not None
    try:
        files = session.speaker.say(text, session.conversation.speaker)
    except FaceGPTError as error:
        session.failed = True
        _write(session, f"not said aloud: {error}\n")
        return {"speech_error": str(error)}
    _write(session, "".join(f"[{path}]\n" for path in files.values()))
    return files


def _show(session: _Session, face: Face, yaw_deg: float | None = None) -> str | None:
    """Draw a head in the terminal, or into a file whose name is told; yaw_deg: turned, None as it is."""
    from PIL import Image

    from facegpt.render.plots import on_background
    from facegpt.runtime.atomic_files import make_folder

    picture = Image.fromarray(on_background(face.render(PREVIEW_SIZE, yaw_deg, None if yaw_deg is None else 0.0)))
    if session.protocol:
        data = io.BytesIO()
        picture.save(data, format="PNG")
        _write(session, terminal.picture_codes(data.getvalue(), session.protocol))
        return None
    session.pictures += 1
    path = make_folder(session.output) / f"chat_{session.pictures}.png"
    heads.write_picture(path, picture)
    _write(session, f"[{path}]\n")
    return str(path)


def _command(session: _Session, line: str) -> bool:
    """Carry out a command; False ends the conversation."""
    from facegpt.errors import FaceGPTError

    name, _, rest = line.strip().partition(" ")
    if name in ("/quit", "/exit", "/q"):
        return False
    try:
        _write(session, _done(session, name, rest.strip()) + "\n")
    except FaceGPTError as error:
        session.failed = True
        session.record.append({"command": line, "error": str(error)})
        _write(session, f"{error}\n")
    return True


def _done(session: _Session, name: str, rest: str) -> str:
    """Carry out a command and say so."""
    from facegpt.errors import FaceGPTError

    talk = session.conversation
    if name == "/help":
        return HELP
    if name == "/undo":
        return "Taken back." if talk.undo() else "There is nothing to take back."
    if name == "/seed":
        if not rest.isdigit():
            raise FaceGPTError(f"/seed takes a number of 0 or more, as in: /seed 7 (it is {talk.seed} now)")
        talk.seed = int(rest)
        return f"The seed is {talk.seed}."
    if name == "/show":
        if talk.face is None:
            raise FaceGPTError("there is no head to show yet")
        _show(session, talk.face)
        return ""
    if name == "/save":
        place = Path(rest.strip("'\"")) if rest else session.output
        paths = talk.save(place)
        if not place.suffix:
            heads.remember(place)
        session.record.append({"command": "/save", "files": [str(path) for path in paths]})
        return f"Saved {place}."
    raise FaceGPTError(f"there is no command {name}; /help lists them")
