"""`facegpt eval likeness`: is a head with the photo's hair the person, and does its skin end where the photo ends?

The photos are the validation half of the optional data's photos and portraits, split by person. Each gives one
`balanced` head. Judged are: the recogniser on that head at rest, in studio light, from ±30°, bald, with its hair, and
with its glasses too, against the photo and against other people's heads (likeness.py; fits start from the same
network's descriptor, but nothing is fitted to heads drawn so); the colour step at the border of the photo's skin
(skin_border.py); and the silhouette of head and hair beside the mask that the fit used.

`sheet` draws the worst 20 (likeness_sheet.py). About 3 s of one core a photo; photos that are done are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facegpt.runtime.atomic_files import make_folder
from facegpt_lab.evaluate.hair.photo_heads import KINDS, Likeness, heads_of_photo, judge, read_likeness
from facegpt_lab.evaluate.judges.likeness import distances, verification_auc
from facegpt_lab.evaluate.judges.paired import interval
from facegpt_lab.evaluate.photo_processes import Kept, in_processes
from facegpt_lab.evaluate.registry import Report, Row, figure
from facegpt_lab.evaluate.sheets.likeness_sheet import draw_sheet
from facegpt_lab.evaluate.validation_photos import identify, some_validation_photos, validation_photos

QUICK_COUNT, SHEET_COUNT = 16, 20
#: A border is invisible up to this step, ΔE; on this share of faces it should be.
INVISIBLE, INVISIBLE_ON = 2.0, 0.95
#: A gain above 0: as little as a photo that changes places with a few impostors.
ABOVE_0 = 1e-4


def look_at(job: tuple[str, int]) -> Likeness | None:
    """Make and judge the heads of one photo; None where no face is found."""
    heads = heads_of_photo(job[0])
    return None if heads is None else judge(*job, heads)


def rows(found: Sequence[Likeness]) -> list[Row]:
    """Likeness with and without hair, border and silhouette."""
    photos, person = np.stack([one.descriptor for one in found]), np.array([one.person for one in found])
    gaps = {kind: distances(photos, np.stack([getattr(one, kind) for one in found])) for kind in KINDS}
    iou, border, bare = (np.array([getattr(one, name) for one in found]) for name in ("iou", "border", "skin_border"))

    def gained(picks: NDArray[np.intp]) -> float:
        return verification_auc(gaps["haired"], person, picks) - verification_auc(gaps["bald"], person, picks)

    low, high = interval("AUC gained by hair", gained, len(found), "share")
    nearer = np.diag(gaps["haired"]) < np.diag(gaps["bald"])
    hairy = np.array([not np.array_equal(one.haired, one.bald) for one in found])
    return [
        figure("likeness, bald: AUC", verification_auc(gaps["bald"], person), "share"),
        figure("likeness, with hair: AUC", verification_auc(gaps["haired"], person), "share"),
        figure("likeness, with hair and glasses: AUC", verification_auc(gaps["dressed"], person), "share"),
        figure("AUC gained by hair", gained(np.arange(len(found))), "share"),
        figure(low.metric, low.value, low.unit, at_least=ABOVE_0),
        high,
        figure("heads that hair brings nearer to their photo", float(nearer[hairy].mean()) if hairy.any() else np.nan,
               "share"),
        figure(f"faces whose colour steps by {INVISIBLE:g} ΔE or less at the photo's border",
               float((border <= INVISIBLE).mean()), "share", at_least=INVISIBLE_ON),
        figure("the same without lips, brows and lids, which have edges of their own",
               float((bare <= INVISIBLE).mean()), "share", at_least=INVISIBLE_ON),
        figure("IoU of head and hair with the parts seen", float(iou.mean()), "", at_least=0.85),
        figure("the same of the worst tenth, at most", float(np.quantile(iou, 0.1)), ""),
    ]  # fmt: skip


def worst(found: Sequence[Likeness], count: int = SHEET_COUNT) -> list[Likeness]:
    """The worst photos: in turn the next worst by likeness, by silhouette and by border, none of them twice."""
    by = (lambda one: -one.distance, lambda one: one.iou, lambda one: -one.skin_border)
    picked: dict[str, Likeness] = {}
    for place in zip(*(sorted(found, key=key) for key in by), strict=True):
        for one in place:
            picked.setdefault(one.name, one)
    return list(picked.values())[:count]


def evaluate(quick: bool = False, workers: int | None = None, sheet: Path | None = None) -> Report:
    """Judge the validation half. sheet: file for a picture of the worst."""
    chosen = some_validation_photos(QUICK_COUNT) if quick else validation_photos()
    if sheet is not None:
        make_folder(sheet.parent)
    kept = Kept("likeness", read_likeness, identify)
    found = [one for one in in_processes(look_at, chosen, "photos", workers, kept) if one is not None]
    if sheet is not None:
        draw_sheet(worst(found)).save(sheet)
    share = figure("photos in which a face was found", len(found) / len(chosen), "share")
    told = f"`balanced` heads of {len(chosen)} photos and portraits of the validation half of the optional data"
    return Report(told, (share, *rows(found)))
