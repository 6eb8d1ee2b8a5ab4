"""A head with its relief as geometry: subdivided, with the folds of each unit of expression in its morph target."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from facegpt.detail.subdivision import Subdivision
from facegpt.export.bundle import Folds, HeadExport
from facegpt.morphable.proxies import Proxy


def fine_head(head: HeadExport, folds: Folds) -> HeadExport:
    """The same head on a mesh 16 times as fine, folded as it moves; it needs no normal map.

    A target holds the folds of its unit alone. Files add targets up, so that units which press the same folds together
    (a smile and raised cheeks) fold the skin deeper in them than in the model.

    folds: of that head.
    """
    fine = Subdivision.of(head.mesh(head.neutral))
    resting = fine.vertices(head.neutral, folds.at_rest)
    moved = [
        fine.vertices(head.neutral + move, relief) - resting
        for move, relief in zip(np.asarray(head.expression_basis, np.float32), folds.by_unit, strict=True)
    ]
    return replace(
        head,
        neutral=resting,
        posed=fine.vertices(head.posed, folds.posed),
        triangles=fine.triangles,
        uv=fine.uv,
        uv_triangles=fine.uv_triangles,
        part=fine.part,
        expression_basis=np.stack(moved),
        skin_weights=fine.spread(np.asarray(head.skin_weights)),
        worn=tuple(_worn(proxy, fine) for proxy in head.worn),
        detail=None,
    )


def _worn(proxy: Proxy, fine: Subdivision) -> Proxy:
    """The same hair or glasses; the light that it leaves to the head's vertices is told for the fine ones."""
    if not proxy.is_pictured:
        return proxy
    left = fine.spread(np.asarray(proxy.head_open_to_light, np.float32)[:, None])[:, 0]
    shine = None if proxy.head_shine is None else fine.spread(np.asarray(proxy.head_shine, np.float32)[:, None])[:, 0]
    rooted = proxy.rooted
    if rooted is not None:
        index = fine.corners_at()
        rooted = replace(rooted, corners=index[rooted.corners], near=index[rooted.near])
    return replace(proxy, head_open_to_light=left, head_shine=shine, rooted=rooted)
