"""The verb track: a video to animated heads. Only the standard library is imported until it runs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facegpt.cli import early
from facegpt.cli.parts import (
    DONE,
    FAILED,
    INTERRUPTED,
    Answer,
    add_dress,
    add_file_options,
    add_output,
    add_sharing,
    add_verb,
    empty_part,
    file_options,
    positive,
)

if TYPE_CHECKING:
    from facegpt.batch.clip import TrackSettings


def add(verbs: Any) -> None:
    """Declare the verb."""
    parser = add_verb(
        verbs,
        "track",
        run,
        "follow the faces of a video: animated heads, curves, Live Link Face",
        "facegpt track clip.mp4 -o take1\n  facegpt track clip.mp4 --avatar anna -o take1\n"
        "  facegpt track shots/*.mp4 -o takes --workers 2\n"
        "  facegpt track 0 --live --livelink 192.168.0.5",
    )
    told = "a video, a folder of pictures, - (stdin) or a camera's number; several get a folder each"
    parser.add_argument("clips", nargs="+", metavar="CLIP", help=told)
    add_output(parser)
    parser.add_argument(
        "--quality",
        choices=("fast", "balanced"),
        default="balanced",
        help="fast: heads by landmarks, a typical skin; balanced: by colours too, the clip's skin (default: balanced)",
    )
    add_file_options(parser)
    flag = argparse.BooleanOptionalAction
    parser.add_argument("--smooth", action=flag, default=True, help="calm the motion (default: yes)")
    parser.add_argument("--overlay", action=flag, default=True, help="write overlay.mp4 (default: yes)")
    parser.add_argument("--resume", action=flag, default=True, help="go on where an earlier run ended (default: yes)")
    parser.add_argument("--fps", type=float, metavar="N", help="frames a second of a folder of pictures (default: 25)")
    parser.add_argument("--frames", type=positive, metavar="N", help="stop after so many frames")
    add_dress(parser, "clip")
    parser.add_argument("--avatar", type=Path, metavar="DIR", help="of a person: they are followed with their own head")
    help_retexture = "with --avatar: a picture that is laid on its texture.png; the clip with it is retextured.mp4"
    parser.add_argument("--retexture", type=Path, metavar="FILE", help=help_retexture)
    told = "of several clips: processes (default: 1, or one a core of a cluster)"
    parser.add_argument("--workers", type=positive, metavar="N", help=told)
    add_sharing(parser)
    parser.add_argument("--live", action="store_true", help="at the speed of a camera, without files; Ctrl-C ends it")
    parser.add_argument("--vmc", metavar="HOST[:PORT]", help="with --live: send VMC there (port 39539)")
    parser.add_argument("--livelink", metavar="HOST[:PORT]", help="with --live: send Live Link Face there (port 11111)")
    parser.add_argument(
        "--websocket", type=positive, metavar="PORT", help="with --live: JSON at ws://127.0.0.1:PORT for your own pages"
    )


def run(options: argparse.Namespace) -> Answer:
    """Follow the faces into a folder, or live into other programs."""
    from facegpt.errors import FaceGPTError

    if options.retexture is not None and (options.live or options.avatar is None):
        raise FaceGPTError("--retexture changes the skin of an avatar in a clip: give --avatar, and no --live")
    _check_several(options)
    early.check_place(options)
    if options.live:
        return _live(options)
    if options.vmc or options.livelink or options.websocket:
        raise FaceGPTError("--vmc, --livelink and --websocket send while a camera runs: add --live")
    early.check_avatar(options.avatar)
    early.check_clips(options.clips)
    early.check_file(options.retexture)
    early.check_output(options.output)
    early.loading(options)
    from facegpt.batch.clip import TrackSettings
    from facegpt.hair.accessories import Wishes

    settings = TrackSettings(
        colours=options.quality == "balanced",
        smooth=options.smooth,
        overlay=options.overlay,
        resume=options.resume,
        fps=options.fps,
        most_frames=options.frames,
        retexture=options.retexture,
        wishes=Wishes(options.hair, options.glasses),
        files=file_options(options),
    )
    return _one(options, settings) if len(options.clips) == 1 else _several(options, settings)


def _check_several(options: argparse.Namespace) -> None:
    """Find out that what was asked for goes with so many clips. Raises FaceGPTError."""
    from facegpt.errors import FaceGPTError

    if len(options.clips) == 1:
        if options.workers or options.on != "local" or options.shard != (1, 1):
            raise FaceGPTError("--workers, --shard and --on share out several clips; this is one")
        return
    if options.live or options.retexture is not None:
        raise FaceGPTError(f"{'--live' if options.live else '--retexture'} takes one clip")
    if wrong := [clip for clip in options.clips if clip == "-" or clip.isdigit()]:
        raise FaceGPTError(f"'{wrong[0]}' is no file: stdin and cameras are tracked one at a time")


def _one(options: argparse.Namespace, settings: TrackSettings) -> Answer:
    """Track one clip straight into the output folder."""
    from dataclasses import replace

    import facegpt
    from facegpt.batch.clip import track_to_folder
    from facegpt.personal.known import opened

    model, clip = facegpt.load(), options.clips[0]
    avatar = None if options.avatar is None else opened(options.avatar, model.head)
    result = track_to_folder(model, clip, options.output, replace(settings, avatar=avatar))
    data = result.as_dict(clip, options.output)
    return Answer(DONE if result.state == "done" else INTERRUPTED, data, "\n".join(_lines(data)))


def _several(options: argparse.Namespace, settings: TrackSettings) -> Answer:
    """Track each clip into a folder of its name."""
    from facegpt.batch.clips import track_files
    from facegpt.batch.photos import default_model

    rows, lines = [], []
    shared = options.avatar, options.workers, options.shard, options.on
    for done in track_files(options.clips, options.output, default_model, settings, *shared):
        rows.append(done.as_dict())
        lines += _lines(done.record) if done.record else []
        if done.error:
            print(f"facegpt: {done.error}", file=sys.stderr)
    failed = sum(row["error"] is not None for row in rows)
    stopped = any(row.get("state") == "stopped" for row in rows)
    code = INTERRUPTED if stopped else FAILED if failed else DONE
    text = "\n".join(lines) if rows else empty_part(options.shard)
    return Answer(code, {"clips": rows, "failed": failed}, text)


def _lines(record: dict[str, Any]) -> list[str]:
    """What is told of one clip."""
    people = "1 person" if len(record["faces"]) == 1 else f"{len(record['faces'])} people"
    frames = "1 frame" if record["frames"] == 1 else f"{record['frames']} frames"
    lines = [f"{record['clip']}: {people} in {frames}, {record['folder']}"]
    if record["resumed"]:
        lines.append(f"{record['resumed']} of the frames were there already")
    if record["skipped"] or record["truncated"]:
        short = "; the file ends early" if record["truncated"] else ""
        lines.append(f"{record['skipped']} damaged packets were left out{short}")
    if record["state"] == "stopped":
        lines.append("stopped: the files hold what was tracked until then; the same command goes on")
    return lines


def _live(options: argparse.Namespace) -> Answer:
    _check_live(options)
    early.loading(options)
    import facegpt
    from facegpt.batch.clip import track_live
    from facegpt.export.live.output import LiveOutput
    from facegpt.personal.known import opened

    model = facegpt.load()
    avatar = None if options.avatar is None else opened(options.avatar, model.head)
    with LiveOutput(options.vmc, options.livelink, options.websocket) as output:
        told = track_live(
            model,
            options.clips[0],
            output.send,
            lambda line: print(line, file=sys.stderr, flush=True),
            options.fps,
            options.frames,
            avatar,
        )
    text = (
        f"{told['frames']} frames at {told['fps']:.1f} a second, {told['ms_a_frame']:.0f} ms each; {told['late']} late"
    )
    return Answer(DONE, {"clip": str(options.clips[0]), **told}, text)


def _check_live(options: argparse.Namespace) -> None:
    """Find out that the clip can be followed and that the receivers can be sent to. Raises FaceGPTError."""
    early.check_avatar(options.avatar)
    early.check_clips(options.clips)
    early.check_receivers(options)
