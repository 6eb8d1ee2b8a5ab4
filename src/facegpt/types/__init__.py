"""What the parts hand to each other: frozen records of numpy arrays. Frames and units are those of conventions.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from facegpt.errors import AssetError as AssetError
from facegpt.errors import FaceGPTError as FaceGPTError
from facegpt.errors import ImageError as ImageError
from facegpt.errors import ShapeError as ShapeError
from facegpt.types.hair_record import BEARD_GRID as BEARD_GRID
from facegpt.types.hair_record import BULGE_GRID as BULGE_GRID
from facegpt.types.hair_record import HAIRLINE_DEG as HAIRLINE_DEG
from facegpt.types.hair_record import Groom as Groom
from facegpt.types.hair_record import Hair as Hair
from facegpt.types.hair_record import SeenBare as SeenBare
from facegpt.types.hair_record import SeenLocks as SeenLocks

Array = NDArray[np.floating]


@dataclass(frozen=True)
class Camera:
    """A pinhole camera without distortion.

    Attributes:
        focal_px: focal length in pixels, the same in x and y.
        principal_px: (2,) where the optical axis meets the image, pixels.
        width, height: size of the image in pixels.
    """

    focal_px: float
    principal_px: tuple[float, float]
    width: int
    height: int

    def project(self, points_camera: Array) -> Array:
        """Project camera-frame points (N, 3) in mm to pixels (N, 2)."""
        points = np.asarray(points_camera)
        x, y = (points[..., k] / points[..., 2] * self.focal_px + np.float64(self.principal_px[k]) for k in (0, 1))
        return np.stack([x, y], -1)  # by planes: rows of two numbers are slow

    def scaled(self, factor: float) -> Camera:
        """The camera of the same photo resized by `factor` (pixel centres move, see conventions)."""
        cx, cy = self.principal_px
        return Camera(
            self.focal_px * factor,
            ((cx + 0.5) * factor - 0.5, (cy + 0.5) * factor - 0.5),
            round(self.width * factor),
            round(self.height * factor),
        )


@dataclass(frozen=True)
class Pose:
    """Rigid motion from the head frame to the camera frame: x_camera = rotation @ x_head + translation.

    Attributes:
        rotation: (3, 3).
        translation: (3,) mm.
    """

    rotation: Array
    translation: Array

    def apply(self, points_head: Array) -> Array:
        """Take head-frame points (N, 3) to the camera frame."""
        return np.asarray(points_head) @ np.asarray(self.rotation).T + np.asarray(self.translation)


@dataclass(frozen=True)
class Glasses:
    """Glasses that a head wears, fitted to it by glasses/fit.py.

    Attributes:
        style: one of `glasses.frames.STYLES`. colour: (3,) linear RGB of the frame, 0..1.
        tint: (3,) linear RGB that the lenses take on. darkness: 0..1, the share of the light that they keep:
            0 clear, 0.85 sunglasses.
        thickness, size: of the rims and of the lenses, times the usual. drop_mm: how far they slid down the nose.
        lens: contour of a lens (`glasses.contour.Contour`, six or eight numbers) that is not the style's, else ().
        rims_mm: width of its rim below and above, seen from the front, and at the temple's upper corner if that is
            wider; () for the style's. 0 below: no rim there.
        bridge_mm: gap between the lenses; None for the one that the nose asks for.
    """

    style: str = "round"
    colour: tuple[float, float, float] = (0.012, 0.012, 0.013)
    tint: tuple[float, float, float] = (0.010, 0.010, 0.011)
    darkness: float = 0.0
    thickness: float = 1.0
    size: float = 1.0
    drop_mm: float = 0.0
    lens: tuple[float, ...] = ()
    rims_mm: tuple[float, ...] = ()
    bridge_mm: float | None = None


@dataclass(frozen=True)
class Headwear:
    """Cloth that covers a head: a cap, a beanie, a turban, a hood or a scarf. Directions: wear/shell.py.

    Attributes:
        kind: "cap" (open below) or "hood" (open to the face).
        edge_deg: where it ends, degrees from its pole, at even turns around it.
        off_mm: how far it stands off the head, mm, row by row from pole to opening, `columns` values a row.
        columns: of `off_mm`.
        colour: (3,) linear RGB, the mean of its cloth.
        cloth: its picture, zlib-packed sRGB in base64, wear/cloth.py; "" for plain cloth.
        brim_mm: how far a brim or peak of a cap stands out from the edge, mm, at even turns; () for none.
        brim_rise: how much its rim lies above the edge, mm a mm, at even turns; () for level ones.
        rim_deg: a hood's thick rim before hair within, degrees from its pole at even turns; () for none.
    """

    kind: str = "cap"
    edge_deg: tuple[float, ...] = (85.0,)
    off_mm: tuple[float, ...] = (6.0,)
    columns: int = 1
    colour: tuple[float, float, float] = (0.05, 0.05, 0.055)
    cloth: str = ""
    brim_mm: tuple[float, ...] = ()
    brim_rise: tuple[float, ...] = ()
    rim_deg: tuple[float, ...] = ()


@dataclass(frozen=True)
class Shirt:
    """The plain shirt that a head's neck ends in, where pictures and files show the head alone (bust/).

    colour: (3,) linear RGB, a calm blue-grey where nothing is known of any clothes.
    """

    colour: tuple[float, float, float] = (0.12, 0.155, 0.2)


#: What `Worn.glasses` may be. What `Worn.hair` says of a head without hair: it is seen bald; the photo does not tell.
GLASSES_KINDS = ("none", "clear", "dark")
SEEN_BALD = "none: bald"
HAIR_UNTOLD = "none: too little of it is seen", "none: the face is too small to tell"


@dataclass(frozen=True)
class Worn:
    """What a photo shows of hair and of what is worn, and what was made of it.

    Attributes:
        hair: what became of the hair, in words: "fitted", "nearest style", or why there is none.
        headwear: whether a hat, hood, helmet or scarf covers the hair. glasses: one of GLASSES_KINDS.
        left_out: what the photo shows and the head does not, and what of what it wears is a guess, a sentence each.
    """

    hair: str = ""
    headwear: bool = False
    glasses: str = "none"
    left_out: tuple[str, ...] = ()

    def __post_init__(self) -> None:  # files hold a list
        object.__setattr__(self, "left_out", tuple(self.left_out))


@dataclass(frozen=True)
class SkinSeen:
    """How much of a head's skin its photo shows, as shares, 0..1, of the texels that photos may paint.

    Attributes:
        seen: shown where it is. mirrored: shown on the other side of the face only. The rest is what the statistics of
            skins say, and so is all of it where nothing was painted from the photo.
        grey: whether the photo has no colour, so that all hues are those of the statistics; None where nobody looked.
    """

    seen: float = 0.0
    mirrored: float = 0.0
    grey: bool | None = None


@dataclass(frozen=True)
class FaceParams:
    """All that is needed to draw one face again: θ.

    Attributes:
        model_id: the head model that the numbers belong to ("makehuman-head/1"); they never cross models silently.
        identity: (I,) whitened: N(0, I) is the population.
        expression: (E,) weights in 0..1 in the order of `conventions.ARKIT_NAMES`.
        joints: (J, 3) rotation vectors in radians, in the order of the model's `joint_names`; zeros are the rest pose.
        pose: head → camera.
        albedo: (A,) whitened coefficients of the model's albedo basis.
        lighting: (9, 3) spherical-harmonic shading in the camera frame, linear RGB (see render/base.py).
        camera: intrinsics.
        hair: hair, brows and beard, or None where nothing is known of them (drawn bald, with the albedo's own brows).
        worn: what the photo shows of hair, headwear and glasses, or None where nobody looked.
        glasses: those that the head wears, or None. headwear: the cloth that covers it, or None.
        shirt: what its neck ends in, or None.
        local: shapes of single parts beyond the identity, name → mm (morphable/makehuman/local_shapes.py); {} for none.
    """

    model_id: str
    identity: Array
    expression: Array
    joints: Array
    pose: Pose
    albedo: Array
    lighting: Array
    camera: Camera
    hair: Hair | None = None
    worn: Worn | None = None
    glasses: Glasses | None = None
    headwear: Headwear | None = None
    shirt: Shirt | None = Shirt()
    local: Mapping[str, float] = field(default_factory=dict)

    def replace(self, **changes: object) -> FaceParams:
        """A copy with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Landmarks:
    """Named points with coordinates in one frame: `space` is "image" (N, 2) pixels or "head" (N, 3) mm."""

    name: str
    space: str
    points: Array


@dataclass(frozen=True)
class LandmarkEmbedding:
    """Points fixed to the surface: point = Σ weights · vertices[corners].

    Attributes:
        name: "ibug68", "mediapipe478", …
        corners: (L, 3) int vertex indices of the model.
        weights: (L, 3) barycentric weights, each row sums to 1.
    """

    name: str
    corners: NDArray[np.integer]
    weights: Array

    def __call__(self, vertices: Array) -> Array:
        """Evaluate on vertices (..., V, 3): (..., L, 3)."""
        return np.einsum("...lcx,lc->...lx", np.asarray(vertices)[..., self.corners, :], self.weights)


@dataclass(frozen=True)
class Mesh:
    """A textured triangle mesh in the head frame.

    Attributes:
        vertices: (V, 3) mm. triangles: (F, 3) int, counter-clockwise from outside.
        uv: (U, 2). uv_triangles: (F, 3) int, corner by corner with triangles.
        part: (F,) uint8 index into part_names.
        texture: (H, W, 4) uint8 sRGB with alpha, or None.
    """

    vertices: Array
    triangles: NDArray[np.integer]
    uv: Array
    uv_triangles: NDArray[np.integer]
    part: NDArray[np.uint8]
    part_names: tuple[str, ...]
    texture: NDArray[np.uint8] | None = None


@dataclass(frozen=True, eq=False)
class CutMesh(Mesh):
    """A mesh that was cut at the middles of edges, for pictures.

    Attributes:
        whole: the mesh before; its vertices come first, where they were.
        edges: (E, 2) vertices of it between which the further ones lie.
    """

    whole: Mesh | None = None
    edges: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 2), np.int64))


@dataclass(frozen=True)
class Detection:
    """One face found in a photo by a detector.

    Attributes:
        points: (478, 3) MediaPipe points; x, y in pixels of the photo, z in the same scale (smaller is nearer).
        scores: (52,) expression scores 0..1 in the order of `conventions.ARKIT_NAMES` (tongueOut is always 0).
        confidence: 0..1 that this is a face.
        rotation: (3, 3) head → camera, from the points alone (weak perspective).
        source: how it was found: "direct", "rotated 90", "tile 3", …
    """

    points: Array
    scores: Array
    confidence: float
    rotation: Array
    source: str = "direct"

    @property
    def box(self) -> Array:
        """(4,) x0 y0 x1 y1: the box around the face's points (irises left out), pixels."""
        xy = self.points[:468, :2]
        return np.concatenate([xy.min(0), xy.max(0)])


@dataclass(frozen=True)
class IdentityBelief:
    """Whose face it is: a posterior, mean (I,) and covariance (I, I) of the identity; the population is in it once.

    age_years: how old the face looks, or None where nobody looked; mean and covariance know of it. beard: how much of
    one it wears, 0 to 1 as of `Hair`, or None. skin_lightness: CIE L* of the skin by white light, or None. descriptor:
    (128,) of the recognition network (encode/recognition.py), or None.
    """

    mean: Array
    covariance: Array
    age_years: float | None = None
    beard: float | None = None
    skin_lightness: float | None = None
    descriptor: Array | None = None


@dataclass(frozen=True)
class DensePoints:
    """What the dense landmark network says of one face; points are those of the head's embedding "dense".

    Attributes:
        points_px: (P, 2) pixels of the photo. sigma_px: (P,) SD of each coordinate, pixels of the photo.
        visible: (P,) 0..1, the belief that the point is seen, hidden neither by the head itself nor by something else.
        identity: (I,) posterior mean, so already drawn towards the mean head. identity_sd: (I,) its SD, below about 1.
        expression: (E,) weights 0..1.
        parts: (h, w, 7) probabilities over the crop of background, skin, neck, hair, eye, mouth, occluder.
        crop: (2, 3) affine map from pixels of the photo to those of the network's square input, crop_px a side.
        grid: (C, h', w') features of the crop, the image tokens; or None.
        belief: whose face it is by the whole picture (encode/identity.py), which then takes the place of `identity` in
            fits; or None.
    """

    points_px: Array
    sigma_px: Array
    visible: Array
    identity: Array
    identity_sd: Array
    expression: Array
    parts: Array
    crop: Array
    crop_px: int = 128
    grid: Array | None = None
    belief: IdentityBelief | None = None


@dataclass(frozen=True)
class Measure:
    """A measured distance on a head: `value_mm` and its place in the population (`percentile` 0..100)."""

    value_mm: float
    percentile: float


@dataclass(frozen=True, eq=False)
class IdentityDoubt:
    """How sure the identity is: its posterior SDs (I,) and covariance (I, I); None where that is not known.

    distance_sd: relative SD of how far away the camera was (0.3 is 30 %), small where the photo's file tells the focal
    length; None if unknown.
    """

    sd: Array | None = None
    covariance: Array | None = None
    distance_sd: float | None = None


@dataclass(frozen=True)
class Fit:
    """The result of fitting a head to one detection.

    Attributes:
        params: the most probable parameters. residual_px: (L,) how far fitted landmarks are from their targets, pixels.
        scale_sd: relative SD of the metric scale (0.03 is 3 %). iterations: how many Gauss-Newton steps were taken.
        confidence: 0..1 of the whole "face" and of each region (fitting/confidence.py); empty where nothing tells.
        identity_covariance: (I, I) posterior covariance of the identity, 1 on the diagonal at most; None if unknown.
    """

    params: FaceParams
    residual_px: Array
    scale_sd: float
    iterations: int
    info: dict[str, float] = field(default_factory=dict)
    confidence: dict[str, float] = field(default_factory=dict)
    identity_covariance: Array | None = None

    @property
    def doubt(self) -> IdentityDoubt:
        """How sure the identity is; no SD is above the population's."""
        covariance, distance_sd = self.identity_covariance, self.info.get("distance_sd")
        sd = None if covariance is None else np.diag(covariance).clip(0, 1) ** 0.5
        return IdentityDoubt(sd, covariance, distance_sd)
