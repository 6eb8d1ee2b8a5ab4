"""`facegpt eval personalize`: a head of one's own beside the head that everybody gets, on clips that it never saw.

Drawn people are heads of another model, path traced (judges/people/filmed_people.py); their shape is known: the neutral
head from one photo, and from 1, 2 and 4 clips; then a fifth clip is followed. Real people (optional data): of each of
three clips the first two thirds teach and the last third is judged; of one man's 24 sentences 16 teach, 8 are judged.
Each judged clip is followed three times: with everybody's head, with the person's own, and with what was tuned to them
too: the network, where it improved the frames that it was checked on, and where MediaPipe's points lie on their head.
The latter moves no surface, so that landmarks are told without it as well.

Minutes a person; avatars and what is scored are kept, so that a run which was stopped goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.face import Face
from facegpt.personal.avatar import Avatar, load_avatar
from facegpt.personal.build import build_avatar
from facegpt.personal.head import PersonalHead
from facegpt.personal.settings import PersonalizeSettings
from facegpt.personal.tune import tune_encoder
from facegpt.runtime.atomic_files import make_folder
from facegpt.runtime.cache import cache_folder
from facegpt.runtime.progress import Progress
from facegpt.types import Array, FaceGPTError
from facegpt.video.clip import ClipSource
from facegpt.video.reading import open_clip
from facegpt_lab.evaluate.judges.people.filmed_people import MARKS, FilmedClip, FilmedPerson, filmed_clip, filmed_person
from facegpt_lab.evaluate.judges.people.personal_scores import (
    Warper,
    closed_lips,
    closures_s,
    landmark_l1_percent,
    lip_gap_percent,
    warp_psnrs,
)
from facegpt_lab.evaluate.judges.scan import Surface, scan_to_mesh_mm
from facegpt_lab.evaluate.photo_processes import Kept, in_processes
from facegpt_lab.evaluate.protocols.photos import colour_ious
from facegpt_lab.evaluate.registry import Report, Row, figure, optional_data
from facegpt_lab.evaluate.several.clip_heads import PEOPLE as FILMED
from facegpt_lab.evaluate.several.clip_heads import evaluate_clip_heads
from facegpt_lab.evaluate.shared_networks import model

#: Drawn people, from seeds that nothing was tuned on; their clips' frames; clips to learn from.
PEOPLE, FIRST_SEED, FRAMES, CLIPS = 2, 1, 60, (1, 2, 4)
#: Every so many frames of a drawn and of a real clip are judged; colours are carried this many frames ahead.
STEP, REAL_STEP, AHEAD = 6, 4, 12
#: Real clips of one person each, and how much of them teaches; sentences that teach.
REAL, LEARNT_SHARE, LEARNT_SENTENCES = ("d3", "d6", "d18"), 2 / 3, 16
#: What the paper reached: IoU .644 to .702, landmark error .035 to .027; and the shape's target.
#: An outline that overlaps by 0.95 cannot overlap by 9 % more: the gain is told of what the overlap lacks.
TARGET_LOWER, TARGET_LACKS, TARGET_LANDMARK = 0.40, 1 - (1 - 0.702) / (1 - 0.644), 0.027 / 0.035
HEADS = ("everybody's head", "own head", "own head, tuned")
_QUALITY = 95
_PLAIN_MARKS = f"landmarks, {HEADS[2]}, everybody's marks"


@dataclass(frozen=True)
class Judged:
    """What was scored of one person: sums and counts by measure and head, as JSON keeps them."""

    values: dict[str, float]


# Drawn people


def judge_drawn(seed: int, frames: int = FRAMES, counts: tuple[int, ...] = CLIPS) -> Judged:
    """The neutral shape of drawn person `seed` from a photo and from clips, and a clip that was not learnt from."""
    person, folder = filmed_person(seed), make_folder(cache_folder() / "personalize" / "films")
    clips = [filmed_clip(person, number, frames, folder) for number in range(max(counts) + 1)]
    out = _shape_errors("photo", person, _photo_head(clips[0]))
    avatar = None
    for count in counts:
        avatar = _avatar(f"drawn{seed}_{count}", [clip.folder for clip in clips[:count]], tune=count == counts[-1])
        out |= _shape_errors(f"{count} clips", person, avatar.face())
    assert avatar is not None
    for name, faces in _followed(clips[-1].folder, avatar).items():
        kept = faces[::STEP]
        errors = [_worn_error(person, clips[-1], face) for face in kept]
        out[f"held-out clip, {name}"] = float(np.mean(errors)) if errors else float("nan")
        out[f"held-out clip: frames lost, {name}"] = float(frames - len(faces))
    return Judged(out)


def _photo_head(clip: FilmedClip) -> Face:
    """The head of `reconstruct` from the first frame: from the front, at rest."""
    faces = model().reconstruct(sorted(clip.folder.glob("*.jpg"))[0], detail="off")
    if not faces:
        raise FaceGPTError(f"no face was found in the first frame of '{clip.folder}'")
    return faces[0]


def _shape_errors(name: str, person: FilmedPerson, face: Face) -> dict[str, float]:
    skin, marks = person.neutral
    rest = face.neutral()
    return {
        f"{name}, {kind}": _error(skin, marks, rest, scale) for kind, scale in (("aligned", True), ("metric", False))
    }


def _worn_error(person: FilmedPerson, clip: FilmedClip, face: Face) -> float:
    """The surface error of a followed head in one frame, with the expression in it."""
    frame = round((face.time_s or 0.0) * 25)
    return _error(*person.skin(clip.expression(frame)), face, True)


def _error(skin: Array, marks: Array, face: Face, scale: bool) -> float:
    m, vertices = face.model, face.vertices("head")
    outer = m.triangles[m.part == m.part_names.index("skin")]
    found = m.embedding("ibug68")(vertices)[list(MARKS)]
    return float(scan_to_mesh_mm(skin[::4], Surface(vertices, outer), marks, found, scale=scale).mean())


# Real people


def judge_real(name: str, quick: bool = False) -> Judged:
    """What the last third of a clip, or the last sentences of a man, say of the three heads."""
    learn, judge = _real_clips(name)
    if quick:
        learn, judge = learn[:1], judge[:1]
    avatar = _avatar(f"real_{name}" + "_quick" * quick, learn, 0.35 if quick else None)
    sums: dict[str, list[float]] = {}
    for clip in judge:
        followed = _followed(clip, avatar)
        _judge_frames(sums, clip, followed)
        align = clip.with_suffix(".align")
        if align.is_file():
            for head, faces in followed.items():
                closed, count, gap = closed_lips(faces, closures_s(align))
                sums.setdefault(f"closures, {head}", []).append(closed)
                sums.setdefault(f"closures there are, {head}", []).append(count)
                sums.setdefault(f"gap, {head}", []).append(gap)
    summed = ("closures", "gap", "frames")
    return Judged({k: float(np.sum(v) if k.startswith(summed) else np.nanmean(v)) for k, v in sums.items() if len(v)})


def _real_clips(name: str) -> tuple[list[Path], list[Path]]:
    """The clips to learn from and to judge by."""
    data = optional_data()
    if name != "s1":
        return tuple([part] for part in _parted(data / "clips" / f"{name}.mp4"))  # type: ignore[return-value]
    sentences = sorted((data / "clips_grid").glob("s1_*.mpg"))
    return sentences[:LEARNT_SENTENCES], sentences[LEARNT_SENTENCES:]


def _parted(path: Path) -> tuple[Path, Path]:
    """A clip as two folders of pictures, learnt from and judged by."""
    with open_clip(path) as clip:
        total = clip.info.frames or 0
        folders = [make_folder(cache_folder() / "personalize" / f"{path.stem}_{part}") for part in ("learn", "judge")]
        for frame in clip:
            file = folders[frame.index >= LEARNT_SHARE * total] / f"{frame.index:05d}.jpg"
            if not file.is_file():
                part = file.with_suffix(".part")
                Image.fromarray(frame.pixels).save(part, format="JPEG", quality=_QUALITY)
                part.replace(file)
    return folders[0], folders[1]


def _judge_frames(sums: dict[str, list[float]], clip: Path, followed: dict[str, list[Face]]) -> None:
    """Judge every REAL_STEP-th frame that all heads were found in."""
    by_time = {name: {round((f.time_s or 0.0) * 1000): f for f in faces} for name, faces in followed.items()}
    warper, pictures, times = Warper(model().head), {}, []
    with open_clip(clip) as frames:
        for frame in frames:
            sums.setdefault("frames", []).append(1.0)
            at = round(frame.time_s * 1000)
            missing = [name for name in HEADS if at not in by_time[name]]
            for name in missing:
                sums.setdefault(f"frames lost, {name}", []).append(1.0)
            if missing or frame.index % REAL_STEP:
                continue
            pictures[at] = frame.pixels
            times.append(at)
            faces = {name: by_time[name][at] for name in HEADS}
            _judge_frame(sums, frame.pixels, faces)
            if len(times) > AHEAD // REAL_STEP:
                before = times[-1 - AHEAD // REAL_STEP]
                old = {name: by_time[name][before] for name in HEADS}
                for name, value in warp_psnrs(warper, pictures.pop(before), frame.pixels, old, faces).items():
                    sums.setdefault(f"PSNR, {name}", []).append(value)


def _judge_frame(sums: dict[str, list[float]], pixels: NDArray[np.uint8], faces: dict[str, Face]) -> None:
    """Points, lips and outline of one frame, by MediaPipe's points found anew in the whole frame."""
    found = model().detector.detect(pixels)
    if not found:
        return
    middle = np.mean([face.box.reshape(2, 2).mean(0) for face in faces.values()], 0)
    points = min(found, key=lambda one: float(np.linalg.norm(one.box.reshape(2, 2).mean(0) - middle))).points
    white = {name: replace(face, photo_texture=_white(face), photo=pixels) for name, face in faces.items()}
    for name, value in colour_ious(pixels, points, white).items():
        sums.setdefault(f"IoU, {name}", []).append(value)
    own = faces[HEADS[2]]
    if isinstance(own.model, PersonalHead):
        plain = replace(own, model=_with_plain_marks(own.model))
        sums.setdefault(_PLAIN_MARKS, []).append(landmark_l1_percent(plain, points))
    for name, face in faces.items():
        sums.setdefault(f"landmarks, {name}", []).append(landmark_l1_percent(face, points))
        sums.setdefault(f"lip gap, {name}", []).append(lip_gap_percent(face, points))


@cache
def _with_plain_marks(head: PersonalHead) -> PersonalHead:
    return head.with_marks(None)


@cache
def _white_of(model_id: str) -> NDArray[np.uint8]:
    return np.full((64, 64, 4), 255, np.uint8)


def _white(face: Face) -> NDArray[np.uint8]:
    """A texture that only says where the head is."""
    return _white_of(face.params.model_id)


# Both


def _avatar(name: str, clips: Sequence[ClipSource], minutes: float | None = None, tune: bool = True) -> Avatar:
    """An avatar made of clips, or kept from before."""
    folder = Kept("personalize", Judged).folder() / "avatars" / name
    built, tuned = folder / "built", folder / "tuned"
    if not (built / "avatar.json").is_file():
        build_avatar(model(), clips, PersonalizeSettings(name=name, minutes=minutes, folder=built)).save(built)
    if not tune:
        return load_avatar(built)
    if not (tuned / "avatar.json").is_file():
        with Progress("tuning", 100) as progress:
            avatar = tune_encoder(model(), load_avatar(built), clips, lambda share: progress(round(100 * share)))
        avatar.save(tuned)
    return load_avatar(tuned)


def _followed(clip: Path, avatar: Avatar) -> dict[str, list[Face]]:
    """The faces of the avatar's person in a clip, by each of the three heads."""
    plain = replace(avatar, adapter=None, head=avatar.head.with_marks(None))
    known = {HEADS[0]: None, HEADS[1]: plain, HEADS[2]: avatar}
    out: dict[str, list[Face]] = {}
    for name, who in known.items():
        if name == HEADS[2] and avatar.adapter is None:
            out[name] = [replace(face, model=avatar.head) for face in out[HEADS[1]]]
            continue
        faces = [replace(face, photo=None) for face in model().track(str(clip), avatar=who)]
        numbers = [face.track_id for face in faces]
        most = max(set(numbers), key=numbers.count) if numbers else None
        out[name] = [face for face in faces if face.track_id == most]
    return out


def drawn_rows(judged: Sequence[Judged], counts: Sequence[int]) -> list[Row]:
    """Shape and held-out clip of drawn people."""

    def mean(key: str) -> float:
        return float(np.mean([one.values[key] for one in judged]))

    rows = []
    for kind in ("aligned", "metric"):
        names = ["photo", *(f"{count} clips" for count in counts)]
        rows += [figure(f"drawn: neutral shape, {name}, {kind}", mean(f"{name}, {kind}"), "mm") for name in names]
        for name in names[1:]:
            lower = 1 - mean(f"{name}, {kind}") / mean(f"photo, {kind}")
            target = TARGET_LOWER if (name, kind) == (names[-1], "aligned") else None
            rows.append(figure(f"drawn: lower than from a photo, {name}, {kind}", lower, "share", at_least=target))
    for name in HEADS:
        rows.append(figure(f"drawn: surface error in a new clip, {name}", mean(f"held-out clip, {name}"), "mm"))
    return rows


def real_rows(judged: dict[str, Judged]) -> list[Row]:
    """The table of real people, each and together, and the gains."""
    rows = []
    units = {"PSNR": "dB", "IoU": "share", "landmarks": "% of face", "lip gap": "% of face"}
    for key, unit in units.items():
        for name in HEADS:
            each = {who: one.values.get(f"{key}, {name}", np.nan) for who, one in judged.items()}
            rows += [figure(f"real {who}: {key}, {name}", value, unit) for who, value in each.items()]
            rows.append(figure(f"real: {key}, {name}", float(np.nanmean(list(each.values()))), unit))
    marks = {who: one.values.get(_PLAIN_MARKS, np.nan) for who, one in judged.items()}
    rows += [figure(f"real {who}: {_PLAIN_MARKS}", value, units["landmarks"]) for who, value in marks.items()]
    rows.append(figure(f"real: {_PLAIN_MARKS}", float(np.nanmean(list(marks.values()))), units["landmarks"]))
    rows += _gains({row.metric: row.value for row in rows})
    for name in HEADS:
        there, closed, gap = (
            sum(one.values.get(f"{key}, {name}", 0.0) for one in judged.values())
            for key in ("closures there are", "closures", "gap")
        )
        if there:
            rows.append(figure(f"real: lips closed on b, p, m of {there:.0f}, {name}", closed / there, "share"))
            rows.append(figure(f"real: gap left between lips on b, p, m, {name}", gap / there, "mm"))
    frames = sum(one.values["frames"] for one in judged.values())
    for name in HEADS:
        lost = sum(one.values.get(f"frames lost, {name}", 0.0) for one in judged.values())
        rows.append(figure(f"real: frames lost of {frames:.0f}, {name}", lost, "frames"))
    return rows


def _gains(values: dict[str, float]) -> list[Row]:
    """Own and tuned heads over everybody's, with the paper's relative gains as targets of the tuned one."""
    rows = []
    for name in HEADS[1:]:
        last = name == HEADS[-1]
        iou, landmark = (
            values[f"real: {key}, {name}"] / values[f"real: {key}, {HEADS[0]}"] for key in ("IoU", "landmarks")
        )
        missed = 1 - (1 - values[f"real: IoU, {name}"]) / max(1 - values[f"real: IoU, {HEADS[0]}"], 1e-9)
        rows.append(figure(f"real: IoU over everybody's, {name}", iou, "ratio"))
        lacks = TARGET_LACKS if last else None
        rows.append(figure(f"real: what IoU lacks, lower by, {name}", missed, "share", at_least=lacks))
        target = TARGET_LANDMARK if last else None
        rows.append(figure(f"real: landmarks over everybody's, {name}", landmark, "ratio", at_most=target))
    return rows


def evaluate(quick: bool = False, workers: int | None = None) -> Report:
    """Run both parts; `quick`: one sentence of one man, whose avatar takes 20 s."""
    if quick:
        return Report("one sentence of a man, learnt from another", tuple(real_rows({"s1": judge_real("s1", True)})))
    drawn: Kept[int, Judged] = Kept("personalize_drawn", _read)
    people = in_processes(judge_drawn, range(FIRST_SEED, FIRST_SEED + PEOPLE), "drawn people", workers or 1, drawn)
    rows = [*drawn_rows(people, CLIPS), *evaluate_clip_heads(workers)]
    names = [*REAL, "s1"]
    real = in_processes(partial(judge_real), names, "real people", workers or 1, Kept("personalize_real", _read))
    rows += real_rows(dict(zip(names, real, strict=True)))
    data = (
        f"{PEOPLE} drawn people of another head model, clips of {FRAMES} frames; "
        f"{len(FILMED)} in photographed skin; the last thirds of {', '.join(REAL)} "
        "and 8 sentences of one man"
    )
    return Report(data, tuple(rows))


def _read(told: dict) -> Judged:
    return Judged(told["values"])
