"""Where the cloth of headwear is seen, sharper than the map of parts says: by its colours and its edges.

The network of parts draws headwear at half the map's pixels and lets it run out into what is behind. Colours of what is
surely headwear and of what lies far from the head tell both apart, as in GrabCut (Rother et al. 2004); labels of
neighbours that look alike are then pulled together by mean fields (Krähenbühl and Koltun 2011).
S is the side of the map of parts.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, gaussian_filter, label

from facegpt.cielab import lab_from_linear
from facegpt.conventions import srgb_to_linear
from facegpt.detect.windows import Photo
from facegpt.encode.parts import BACKGROUND, CLOTHES, HAIR, HAT, NOSE_TIP, FaceParts, map_crop
from facegpt.types import Array

#: Labels: cloth, the person (skin, hair, what lies before them), clothes, and what is behind.
CLOTH, PERSON, DRESS, BEHIND = range(4)
#: Sizes of the face from its middle within which cloth is as likely as the network says, and from which it is unlikely;
#: what the latter takes off its log odds.
NEAR, FAR, FARTHEST_ODDS = 1.35, 1.9, 3.0
#: Bins of each channel, their blur, and what is added to each.
BINS, BIN_BLUR, EMPTY = 16, 1.0, 1e-5
#: Least belief; how much log odds of the network, and of colours, count; beyond which each says no more.
FLOOR, NETWORK_SAYS, COLOUR_SAYS, MOST_SAID = 0.02, 0.75, 0.8, 4.0
#: Rounds of colours, of fields in each; pixels that a neighbour is away at most, its pull, and the difference of
#: colours (sRGB 0..1) over which it ends.
ROUNDS, FIELDS, REACH_PX, PULL, ALIKE = 2, 4, 1, 3.0, 0.06
#: How much cloth below the chin, which may be a scarf or a coat, says of headwear's colours.
BELOW_CHIN = 0.1
#: How much less high a head goes above its face's box than it looks; degrees from above, and half sizes of the face, at
#: which cloth around a face is looked for; fewest of these that have to be inside the photo, and that show cloth.
ABOVE, RING_DEG, RING, FEWEST_SEEN, FEWEST_CLOTH = 0.8, 100.0, tuple(np.arange(0.9, 2.0, 0.05).tolist()), 4, 3
#: Degrees from above within which a hat far back shows cloth above hair.
CROWN_DEG = 60.0
#: Degrees from above, beside the jaw, and the share of these in which a hood, scarf or shawl shows cloth at least.
LOW_DEG, LEAST_LOW = tuple(np.arange(105.0, 151.0, 7.5).tolist()), 0.2
#: Belief from which hair is sure; the share of a hat that the segmenter has to take for hair, the sure hair over its
#: area, and what their colours share, from which it is hair as well; steps of Lab.
SURE_HAIR, LEAST_DOUBT, LEAST_HAIR, SAME_COLOURS, LAB_BIN = 0.6, 0.15, 0.3, 0.75, 4
#: Steps of Lab in which colours of cloth below the chin are compared with those above; fewest pixels of these; how rare
#: among them, and how much rarer, a colour may be; over how many pixels this is told.
OTHER_BIN, FEWEST_OWN, RARE, LESS, ALIKE_PX = 6, 150, 0.05, 0.5, 2.5
#: The share of what the network takes for headwear below the chin that has the colours of what is above the nose, up to
#: which it is a scarf of its own: .04 for the only one of eight hoods of the training half, .48 for the next.
SAME_BELOW = 0.25
#: How far (Lab) a lining or hair within a hood is from its cloth.
OTHER = 32.0
#: Share of the largest piece below which a piece of cloth is none.
LEAST_PIECE = 0.08


def cloth_mask(crop: NDArray[np.float32], parts: FaceParts) -> NDArray[np.float32]:
    """Belief (S, S) in cloth of headwear; that of the network where the parts have no points of the face.

    crop: (S, S, 3) sRGB 0..1, the photo on the map.
    """
    own = parts.share(HAT)
    if parts.points is None or own.max() < 0.5:
        return own
    beliefs, sizes = _grouped(parts), face_sizes(parts)
    low = _below_chin(parts)
    hanging = beliefs[..., DRESS] * ~low  # cloth above the chin hangs from the head
    beliefs[..., CLOTH] += hanging
    beliefs[..., DRESS] -= hanging
    far = np.clip((sizes - NEAR) / (FAR - NEAR), 0, 1)
    network = np.clip(np.log(beliefs + FLOOR), -MOST_SAID, 0) * NETWORK_SAYS
    network[..., CLOTH] -= FARTHEST_ODDS * far
    labels = _softmax(network)
    labels[..., BEHIND] += 0.3 * far * (1 - beliefs[..., DRESS])
    dyes = np.where(low, BELOW_CHIN, 1.0)[..., None] ** (np.arange(4) == CLOTH)
    seen = parts.seen.astype(np.float32)
    rough = _relabelled(_halved(crop), _halved(network), _halved(labels), _halved(dyes), _halved(seen))
    labels = _relabelled(crop, network, rough.repeat(2, 0).repeat(2, 1), dyes, seen, 1)
    return _attached(labels[..., CLOTH], parts).astype(np.float32)


def surrounded(cloth: Array, parts: FaceParts) -> float:
    """The share of directions from a face, from one jaw over the crown to the other, in which cloth (S, S) is seen.

    Directions that the photo cuts off tell nothing; nan if all do.
    """
    return _share_of_ways(cloth, parts, np.arange(-RING_DEG, RING_DEG + 1, 5.0))


def crowned(cloth: Array, parts: FaceParts) -> float:
    """The share of directions above a face, from one temple to the other, in which cloth (S, S) is seen; as above."""
    return _share_of_ways(cloth, parts, np.arange(-CROWN_DEG, CROWN_DEG + 1, 5.0))


def hangs_low(cloth: Array, parts: FaceParts) -> bool:
    """Whether cloth (S, S) is seen beside the jaw; also where nothing tells."""
    share = _share_of_ways(cloth, parts, np.concatenate([LOW_DEG, [-each for each in LOW_DEG]]))
    return not share < LEAST_LOW


def hair_not_hat(image: NDArray[np.uint8] | Photo, parts: FaceParts) -> FaceParts:
    """The parts of a face with hair where the network takes hair for a hat, as where the photo's end cuts it off.

    It is hair if MediaPipe's segmenter takes a part of it for some, and if it has the colours of as much surer hair.
    """
    if parts.points is None or parts.doubted is None:
        return parts
    above = parts.seen & ~_below_chin(parts) & (face_sizes(parts) < FAR)
    hat, hair = above & (parts.share(HAT) > 0.5), above & (parts.share(HAIR) > SURE_HAIR)
    doubt = parts.doubted[hat].sum() / max(float(parts.share(HAT)[hat].sum()), 1e-6)
    if doubt < LEAST_DOUBT or hair.sum() < LEAST_HAIR * hat.sum():
        return parts
    crop = map_crop(image, parts)
    lab = lab_from_linear(srgb_to_linear(crop)) * [0.5, 1, 1]  # shadow changes lightness most
    if _same_colours(lab[hat], lab[hair]) < SAME_COLOURS:
        return parts
    told = parts.probabilities.copy()
    told[hat, HAIR] += told[hat, HAT]
    told[hat, HAT] = 0
    return replace(parts, probabilities=told)


def like_cloth(crop: NDArray[np.float32], cloth: Array, parts: FaceParts) -> NDArray[np.float32]:
    """How much what lies below the chin looks like the cloth above it (S, S); 1 above, and where too little tells.

    crop: (S, S, 3) sRGB 0..1. cloth: (S, S) belief.
    """
    low, alike = _below_chin(parts), np.ones(cloth.shape, np.float32)
    own = (cloth > SURE_HAIR) & ~low & parts.seen
    if own.sum() < FEWEST_OWN:
        return alike
    return np.where(low, gaussian_filter(_common(crop, own).astype(np.float32), ALIKE_PX), alike)


def scarf_below(crop: NDArray[np.float32], parts: FaceParts) -> NDArray[np.float32] | None:
    """Where (S, S) below the nose another cloth lies than the hood above; None if its own goes on below the chin.

    What covers the jaw may be the scarf as well, so that only what is above the nose is surely the hood.
    crop: (S, S, 3) sRGB 0..1.
    """
    if parts.points is None:
        return None
    nose = float(parts.on_map(np.asarray(parts.points)[[NOSE_TIP], :2])[0, 1])
    lower = np.broadcast_to(np.arange(len(crop))[:, None] > nose, crop.shape[:2])
    worn = (parts.share(HAT) > SURE_HAIR) & parts.seen
    above, below = worn & ~lower, worn & _below_chin(parts)
    if min(above.sum(), below.sum()) < FEWEST_OWN:
        return None
    like = _common(crop, above)
    if like[below].mean() > SAME_BELOW:
        return None
    return np.where(lower, 1 - gaussian_filter(like.astype(np.float32), ALIKE_PX), np.float32(0))


def _common(crop: NDArray[np.float32], own: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where a photo (S, S, 3) has colours that are about as common as any among `own` (S, S)."""
    lab = lab_from_linear(srgb_to_linear(crop)) * [0.5, 1, 1]
    ends = (np.arange(0, 60, OTHER_BIN), *[np.arange(-132, 136, OTHER_BIN)] * 2)
    counts = gaussian_filter(np.histogramdd(lab[own], ends)[0], 1.0)
    at = [np.clip(np.searchsorted(end, lab[..., k]) - 1, 0, len(end) - 2) for k, end in enumerate(ends)]
    common = counts[tuple(at)]
    return np.asarray(common > np.quantile(common[own], RARE) * LESS)


def unlike_rest(crop: NDArray[np.float32], cloth: Array) -> NDArray[np.float32]:
    """Where cloth (S, S) has another colour than most of it, as a lining or hair within a hood: 0 or 1 (S, S)."""
    own = cloth > SURE_HAIR
    if own.sum() < FEWEST_OWN:
        return np.zeros(cloth.shape, np.float32)
    lab = gaussian_filter(lab_from_linear(srgb_to_linear(crop)), (1.0, 1.0, 0))
    apart = np.linalg.norm(lab - np.median(lab[own], axis=0), axis=-1)
    return np.asarray(apart > OTHER, np.float32)


def _same_colours(one: Array, other: Array) -> float:
    """How much two sets of colours (N, 3), (M, 3) Lab share: Bhattacharyya's coefficient of their histograms, 0..1."""
    ends = (np.arange(0, 56, LAB_BIN), *[np.arange(-64, 68, LAB_BIN)] * 2)
    shares = []
    for colours in (one, other):
        counts = gaussian_filter(np.histogramdd(colours, ends)[0], 0.7)
        shares.append(counts / max(float(counts.sum()), 1e-9))
    return float(np.sqrt(shares[0] * shares[1]).sum())


def _share_of_ways(cloth: Array, parts: FaceParts, ways_deg: Array) -> float:
    points = parts.on_map(np.asarray(parts.points)[:468, :2])
    low, high = points.min(0), points.max(0)
    turn = np.radians(ways_deg)
    ways = np.stack([np.sin(turn), -np.cos(turn) * np.where(np.cos(turn) > 0, 1 / ABOVE, 1.0)], 1)
    places = (low + high) / 2 + (high - low) / 2 * ways[:, None] * np.array(RING)[:, None]
    at = np.rint(places).astype(int)
    within = ((at >= 0) & (at < len(cloth))).all(-1)
    at = np.clip(at, 0, len(cloth) - 1)
    seen = within & parts.seen[at[..., 1], at[..., 0]]
    asked = seen[:, len(RING) // 3 :].sum(1) > FEWEST_SEEN
    hit = ((cloth[at[..., 1], at[..., 0]] > 0.5) & seen).sum(1) >= FEWEST_CLOTH
    return float(hit[asked].mean()) if asked.any() else float("nan")


def face_sizes(parts: FaceParts) -> Array:
    """How many half sizes of the face's box each pixel (S, S) of the map lies from its middle; 1 at its rim."""
    points = parts.on_map(np.asarray(parts.points)[:468, :2])
    low, high = points.min(0), points.max(0)
    rows, columns = np.indices(parts.seen.shape)
    away = (np.stack([columns, rows], -1) - (low + high) / 2) / np.maximum((high - low) / 2, 1e-6)
    away[..., 1] *= np.where(away[..., 1] < 0, ABOVE, 1.0)  # a head goes on above its face
    return np.asarray(np.linalg.norm(away, axis=-1))


def _below_chin(parts: FaceParts) -> NDArray[np.bool_]:
    """Pixels (S, S) of the map below the lowest point of the face."""
    points = parts.on_map(np.asarray(parts.points)[:468, :2])
    rows = np.indices(parts.seen.shape)[0]
    return np.asarray(rows > points[:, 1].max())


def _grouped(parts: FaceParts) -> NDArray[np.float32]:
    """Beliefs (S, S, 4) in the labels."""
    told = parts.probabilities
    cloth, dress, behind = told[..., HAT], told[..., CLOTHES], told[..., BACKGROUND]
    return np.stack([cloth, np.clip(1 - cloth - dress - behind, 0, 1), dress, behind], -1)


def _relabelled(
    crop: Array, network: Array, labels: Array, dyes: Array, seen: Array, rounds: int = ROUNDS
) -> NDArray[np.float32]:
    """Labels (S, S, 4) by colours that labels (S, S, 4) have, weighed by `dyes`, and by those of neighbours."""
    inside = np.asarray(seen > 0.5)
    pulls = _pulls(crop, inside)
    labels = labels * inside[..., None]
    for _ in range(rounds):
        unary = (network + COLOUR_SAYS * _colour_odds(crop, labels * dyes)).astype(np.float32)
        labels = _fields(unary, pulls) * inside[..., None]
    return labels


def _halved(values: Array) -> NDArray[np.float32]:
    """Means (S / 2, S / 2, ...) of four pixels each."""
    return sum(values[row::2, column::2].astype(np.float32) for row in (0, 1) for column in (0, 1)) / 4  # type: ignore[return-value]


def _colour_odds(crop: NDArray[np.float32], labels: Array) -> Array:
    """Log likelihoods (S, S, 4) of colours under each label, about their mean; labels (S, S, 4) weigh the pixels."""
    bins = np.minimum((crop * BINS).astype(int), BINS - 1) @ (BINS * BINS, BINS, 1)
    said = []
    for k in range(labels.shape[-1]):
        counts = np.bincount(bins.ravel(), labels[..., k].ravel(), BINS**3).reshape((BINS,) * 3)
        counts = gaussian_filter(counts, BIN_BLUR)
        said.append(np.log(counts / max(float(counts.sum()), 1.0) + EMPTY).ravel()[bins])
    odds = np.stack(said, -1)
    return np.clip(odds - odds.max(-1, keepdims=True), -MOST_SAID, 0)


def _pulls(crop: NDArray[np.float32], seen: NDArray[np.bool_]) -> list[tuple[tuple[int, int], Array]]:
    """For each way to a neighbour, how much (S, S) it counts: 1 of its own colour beside it, 0 past the photo's end."""
    reach = range(-REACH_PX, REACH_PX + 1)
    steps = [(down, right) for down, right in product(reach, reach) if (down, right) != (0, 0)]
    found = []
    for step in steps:
        apart = np.abs(crop - np.roll(crop, step, (0, 1))).max(-1)
        near = np.exp(-0.5 * (step[0] ** 2 + step[1] ** 2) / 2)
        alike = near * np.exp(-0.5 * (apart / ALIKE) ** 2) * (seen & np.roll(seen, step, (0, 1)))
        found.append((step, alike.astype(np.float32)))
    return found


def _fields(unary: Array, pulls: list[tuple[tuple[int, int], Array]]) -> Array:
    """Labels (S, S, 4) that agree with their neighbours: mean fields of a Potts model with log unaries (S, S, 4)."""
    labels = _softmax(unary)
    total = np.maximum(sum(pull for _, pull in pulls), 1.0)
    shares = [(step, (PULL * pull / total)[..., None]) for step, pull in pulls]
    for _ in range(FIELDS):
        near = unary.copy()
        for (down, right), share in shares:
            to, source = _shifted(down, right, len(unary))
            near[to] += share[to] * labels[source]
        labels = _softmax(near)
    return labels


def _shifted(down: int, right: int, side: int) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """The pixels that have a neighbour so far up and left, and these neighbours."""
    ways = [(slice(max(k, 0), side + min(k, 0)), slice(max(-k, 0), side + min(-k, 0))) for k in (down, right)]
    return (ways[0][0], ways[1][0]), (ways[0][1], ways[1][1])


def _attached(cloth: Array, parts: FaceParts) -> Array:
    """Cloth (S, S) in pieces that touch the head or what is large."""
    pieces, count = label(cloth > 0.5)
    if count < 2:
        return cloth
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)
    sizes[0] = 0
    head = binary_dilation(face_sizes(parts) < NEAR, iterations=2)
    touching = np.isin(np.arange(count + 1), np.unique(pieces[head])) & (sizes > LEAST_PIECE * sizes.max())
    return np.where((pieces == 0) | touching[pieces], cloth, 0.0)


def _softmax(logits: Array) -> Array:
    raised = np.exp(logits - logits.max(-1, keepdims=True))
    return np.asarray(raised / raised.sum(-1, keepdims=True))
