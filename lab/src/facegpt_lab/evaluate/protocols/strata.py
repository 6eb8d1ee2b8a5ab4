"""`facegpt eval strata`: is the better quality the worse one anywhere? One hard condition at a time.

ICT people path traced by Mitsuba, each seen plainly and in seventeen conditions (strata/pictures.py): made up, bearded,
masked, in hard shadow, half in the dark, of 30 pixels, in profile, from very far and from very near (both also with the
focal length told, as EXIF does), in a headscarf, veiled, with glasses, with a strong expression, with a child's
proportions, and as a drawing of the plain photo. The
error is scan-to-mesh over the skin within 95 mm of the nose tip, as in out_of_model.py; a beard, a veil or a mask is
not skin.
`best` fits the head as `balanced` does, so that these two stand for three.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.detect.base import Detector
from facegpt.fitting import fit_landmarks, fit_photo
from facegpt.fitting.mediapipe_points import MEDIAPIPE_68
from facegpt.types import Fit
from facegpt_lab.evaluate.judges.paired import interval, rank_correlation
from facegpt_lab.evaluate.photo_processes import Kept, in_processes
from facegpt_lab.evaluate.protocols.out_of_model import Sample, Score, score
from facegpt_lab.evaluate.registry import Report, Row, figure
from facegpt_lab.evaluate.shared_networks import detector, head, whole_look
from facegpt_lab.evaluate.strata.pictures import STRATA, draw

#: People, each in every stratum; numbers from 500 on are for tuning.
COUNT, QUICK_COUNT = 20, 1
QUALITIES = ("fast", "balanced")
#: How much worse `balanced` may be than `fast`, and profiles than plain pictures (68 points).
WORSE, PROFILE = 1.02, 1.3
DOUBT = 0.65


@dataclass(frozen=True)
class Judged:
    """One fit: how far off it is, and how sure it says it is."""

    score: Score
    confidence: float


Seen = dict[str, Judged | None]


def see(job: tuple[str, int]) -> Seen:
    """Draw one picture (stratum, person) and fit it by each quality; None where no face is found."""
    sample = draw(*job)
    return {quality: judged(sample, quality) for quality in QUALITIES}


def judged(sample: Sample, quality: str) -> Judged | None:
    """Fit a picture's largest face as `reconstruct` does."""
    model, image, finder = head(), sample.image, detector()
    chosen: Detector = finder.quick if quality == "fast" else finder
    faces = chosen.detect(image)
    if not faces:
        return None
    dense, (height, width) = whole_look(image, faces[0]), image.shape[:2]
    fit: Fit
    if quality == "fast":
        fit = fit_landmarks(model, faces[0], width, height, sample.focal_px, dense)
    else:
        fit = fit_photo(model, faces[0], image, sample.focal_px, dense)
    return Judged(
        score(sample, model, fit.params, faces[0].points[list(MEDIAPIPE_68), :2]), float(fit.confidence["face"])
    )


def read_seen(told: dict[str, Any]) -> Seen:
    """Make what was seen of its JSON."""
    return {
        quality: None if one is None else Judged(Score(**one["score"]), one["confidence"])
        for quality, one in told.items()
    }


def found_by(quality: str, group: list[Seen]) -> list[Judged]:
    """The fits of a quality, of the pictures in which it found the face."""
    return [fit for fit in (one[quality] for one in group) if fit is not None]


def stratum_rows(name: str, seen: list[Seen]) -> list[Row]:
    """Errors of one stratum, and those of `balanced` over those of `fast` on the photos in which both find the face."""
    both = [(one["fast"].score, one["balanced"].score) for one in seen if one["fast"] and one["balanced"]]
    rows = []
    for quality in QUALITIES:
        rows.append(figure(f"{name}, {quality}: faces found", len(found_by(quality, seen)) / len(seen), "share"))
    lost = sum(one["fast"] is not None and one["balanced"] is None for one in seen)
    rows.append(figure(f"{name}: found by fast and lost by balanced", lost, "faces", at_most=0))
    if not both:
        return rows
    errors = np.array([[fast.fit[0], balanced.fit[0], fast.mean[0]] for fast, balanced in both])
    for column, quality in enumerate(QUALITIES):
        rows.append(figure(f"{name}, {quality}: surface error", errors[:, column].mean(), "mm"))
        nme = float(np.mean([pair[column].nme_fit for pair in both]))
        rows.append(figure(f"{name}, {quality}: 68-point NME", nme, "%"))
    rows.append(figure(f"{name}: surface error of the mean head", errors[:, 2].mean(), "mm"))

    def worse(picks: NDArray[np.intp]) -> float:
        return float(errors[picks, 1].mean() / errors[picks, 0].mean())

    text = f"{name}: error of balanced over that of fast"
    rows.append(figure(text, worse(np.arange(len(errors))), "ratio", at_most=WORSE))
    return [*rows, *interval(text, worse, len(errors), "ratio")]


def common_rows(seen: dict[str, list[Seen]]) -> list[Row]:
    """How profiles compare with plain pictures, and whether the doubt tells the error over all strata.

    Each with its interval over people: the pictures of a person are drawn together.
    """
    rows, people = [], len(seen["plain"])
    for quality in QUALITIES:
        text = f"{quality}: 68-point NME of profiles (60-90°) over plain pictures"
        profiles = nme_over_plain(seen, quality)
        rows.append(figure(text, profiles(np.arange(people)), "ratio", at_most=PROFILE))
        rows += interval(text, profiles, people, "ratio")
        for kind in ("surface error", "68-point NME"):
            text = f"{quality}: rank correlation of doubt and {kind}, all strata"
            told = doubt_tells(seen, quality, kind)
            rows.append(figure(text, told(np.arange(people)), "1", at_least=DOUBT))
            rows += interval(text, told, people, "1")
    return rows


def nme_over_plain(seen: dict[str, list[Seen]], quality: str) -> Callable[[NDArray[np.intp]], float]:
    """The mean NME of profiles over that of plain pictures, of picked people."""

    def ratio(picks: NDArray[np.intp]) -> float:
        profile, plain = (
            np.mean([fit.score.nme_fit for fit in found_by(quality, [seen[name][k] for k in picks])] or [np.nan])
            for name in ("profile", "plain")
        )
        return float(profile / plain)

    return ratio


def doubt_tells(seen: dict[str, list[Seen]], quality: str, kind: str) -> Callable[[NDArray[np.intp]], float]:
    """The rank correlation of doubt and error over all pictures of picked people."""

    def told(picks: NDArray[np.intp]) -> float:
        found = [fit for group in seen.values() for fit in found_by(quality, [group[k] for k in picks])]
        errors = [one.score.fit[0] if kind == "surface error" else one.score.nme_fit for one in found]
        return rank_correlation(np.array([-one.confidence for one in found]), np.array(errors))

    return told


def evaluate(quick: bool = False, workers: int | None = None) -> Report:
    """Run the protocol."""
    people = range(QUICK_COUNT if quick else COUNT)
    jobs = [(name, person) for person in people for name in STRATA]
    seen = in_processes(see, jobs, "pictures", workers, Kept("strata", read_seen))
    by_name = {name: [one for (own, _), one in zip(jobs, seen, strict=True) if own == name] for name in STRATA}
    rows = [row for name, group in by_name.items() for row in stratum_rows(name, group)]
    return Report(
        f"{len(people)} ICT people path traced by Mitsuba, each in {len(STRATA)} conditions",
        tuple(rows + common_rows(by_name)),
    )
