"""The renderer in plain torch: slow, obvious, differentiable by autograd. The oracle that the fast ones are held to.

It computes in the dtype of its inputs, so float64 inputs give gradients that finite differences can confirm. Visibility
is exact per pixel centre: each triangle tests the pixels of its bounding box, the nearest depth wins.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from facegpt.render.base import Lobe, Rendered, Topology, View, parts_of
from facegpt.render.inputs import camera_rows, check_inputs
from facegpt.render.lighting import SH_CONSTANTS
from facegpt.render.scalar import DEPTH_TOLERANCE, NEAR_MM
from facegpt.render.topology import connectivity


@dataclass(frozen=True)
class Eye:
    """One camera of a View: focal and principal point are tensors (), (2,); height and width in pixels."""

    focal: Tensor
    principal: Tensor
    height: int
    width: int

    def project(self, points: Tensor) -> Tensor:
        """Project (N, 3) mm to (N, 2) px; points nearer than the near plane get a harmless place."""
        depth = points[:, 2:].clamp(min=NEAR_MM)
        return points[:, :2] / depth * self.focal + self.principal

    def ray(self, pixel: Tensor) -> Tensor:
        """The ray (x, y, 1) through the centre of flat pixels (N,): (N, 3)."""
        place = torch.stack([pixel % self.width, pixel // self.width], 1).to(self.principal.dtype)
        slope = (place - self.principal) / self.focal
        return torch.cat([slope, torch.ones_like(slope[:, :1])], 1)


class ReferenceRenderer:
    """Renderer in plain torch (render/base.py)."""

    name = "reference"

    def render(
        self,
        vertices_camera: Tensor,
        topology: Topology,
        texture: Tensor,
        lighting: Tensor,
        view: View,
        lobe: Lobe | None = None,
    ) -> Rendered:
        """Draw a batch: see Renderer.render."""
        batch = len(vertices_camera)
        check_inputs(vertices_camera, topology, texture, lighting, view, lobe)
        cameras = camera_rows(view, batch)
        texture, lighting = texture.expand(batch, *texture.shape[1:]), lighting.expand(batch, 9, 3)
        images = [
            draw_image(
                vertices_camera[b],
                topology,
                texture[b],
                lighting[b],
                Eye(cameras[b, 0], cameras[b, 1:], view.height, view.width),
                lobe and Lobe(*(x[min(b, len(x) - 1)] for x in (lobe.direction, lobe.color, lobe.sharpness))),
            )
            for b in range(batch)
        ]
        outputs = [torch.stack(values) for values in zip(*images, strict=True)]
        return Rendered(*outputs, *[parts_of(topology, outputs[5])])


def draw_image(
    vertices: Tensor, topology: Topology, texture: Tensor, light: Tensor, eye: Eye, lobe: Lobe | None = None
) -> tuple[Tensor, ...]:
    """Draw one image: the fields of Rendered in their order but for part, without the batch dimension."""
    triangles = topology.triangles.long()
    exact = Eye(eye.focal.detach().double(), eye.principal.detach().double(), eye.height, eye.width)
    index = visible_triangles(vertices.detach().double(), triangles, exact)
    pixel = torch.nonzero(index >= 0)[:, 0]
    triangle = index[pixel]
    corners = triangles[triangle]
    barycentric = ray_barycentric(vertices[corners], eye.ray(pixel))
    uv = (barycentric[:, :, None] * topology.uv.to(vertices)[topology.uv_triangles.long()[triangle]]).sum(1)
    normal = (barycentric[:, :, None] * vertex_normals(vertices, triangles)[corners]).sum(1)
    normal = normal / normal.norm(dim=1, keepdim=True).clamp(min=1e-6)
    level = mipmap_levels(vertices.detach(), topology, texture, eye)[triangle]
    shaded = sample_texture(texture, uv, level) * irradiance(light, normal)
    if lobe is not None:
        shaded = shaded + highlight(lobe, normal, eye.ray(pixel))
    depth = (barycentric * vertices[corners][:, :, 2]).sum(1)

    def image(values: Tensor) -> Tensor:
        """Spread values of the drawn pixels (N, …) over the flat image (H·W, …)."""
        return values.new_zeros(len(index), *values.shape[1:]).index_put((pixel,), values)

    drawn = torch.cat([image(shaded), (index >= 0).to(shaded)[:, None]], 1)
    drawn = antialias(drawn, vertices, topology, index, image(depth.detach()), eye)
    size = (eye.height, eye.width)
    geometry = [image(values.detach()) for values in (depth, normal, uv)]
    flat = [drawn[:, :3], drawn[:, 3], *geometry, index.int(), image(barycentric.detach())]
    return tuple(values.reshape(*size, *values.shape[1:]) for values in flat)


def ray_barycentric(corners: Tensor, ray: Tensor) -> Tensor:
    """The barycentric coordinates (N, 3) where rays (N, 3) from the origin meet the planes of corners (N, 3, 3).

    The cross product of two corners, dotted with the ray, is proportional to the third one's coordinate (Olano and
    Greer 1997). Corners are moved along the ray first, which changes nothing but keeps the digits.
    """
    nearer = corners - corners[:, :1, 2:] * ray[:, None]
    weights = [(torch.linalg.cross(nearer[:, i], nearer[:, j]) * ray).sum(1) for i, j in ((1, 2), (2, 0), (0, 1))]
    weight = torch.stack(weights, 1)
    return weight / weight.sum(1, keepdim=True)


def visible_triangles(vertices: Tensor, triangles: Tensor, eye: Eye) -> Tensor:
    """The nearest triangle at each pixel centre: (H·W,) int64, -1 where none is; the lower index wins a tie."""
    triangle, pixel = _candidates(vertices, triangles, eye)
    corners = vertices[triangles[triangle]]
    barycentric = ray_barycentric(corners, eye.ray(pixel))
    depth = (barycentric * corners[:, :, 2]).sum(1)
    # The slack closes the rounding gap between neighbouring triangles.
    hit = (barycentric >= -1e-9).all(1) & (depth >= NEAR_MM)
    triangle, pixel, depth = triangle[hit], pixel[hit], depth[hit]
    size = eye.height * eye.width
    nearest = depth.new_full((size,), torch.inf).scatter_reduce(0, pixel, depth, "amin")
    wins = depth == nearest[pixel]
    none = len(triangles)
    index = triangle.new_full((size,), none).scatter_reduce(0, pixel[wins], triangle[wins], "amin")
    return torch.where(index == none, -1, index)


def _candidates(vertices: Tensor, triangles: Tensor, eye: Eye) -> tuple[Tensor, Tensor]:
    """List all (triangle, flat pixel) with the pixel in the triangle's bounding box, or anywhere if it is clipped."""
    corners = eye.project(vertices)[triangles]
    in_front = (vertices[triangles][:, :, 2] >= NEAR_MM).sum(1)
    limits = corners.new_tensor([eye.width - 1, eye.height - 1])
    low, high = corners.amin(1).ceil().clamp(min=0), torch.minimum(corners.amax(1).floor(), limits)
    low = torch.where((in_front < 3)[:, None], torch.zeros_like(low), low).long()
    high = torch.where((in_front < 3)[:, None], limits, high).long()
    columns, rows = ((high - low + 1).clamp(min=0) * (in_front > 0)[:, None]).unbind(1)
    count = columns * rows
    triangle = torch.repeat_interleave(count)
    place = torch.arange(len(triangle)) - (count.cumsum(0) - count)[triangle]
    x = low[triangle, 0] + place % columns[triangle]
    y = low[triangle, 1] + place // columns[triangle]
    return triangle, y * eye.width + x


def vertex_normals(vertices: Tensor, triangles: Tensor) -> Tensor:
    """The unit mean of the area-weighted normals around each vertex: (V, 3); 0 where there is none."""
    a, b, c = vertices[triangles].unbind(1)
    across = torch.linalg.cross(b - a, c - a)
    total = torch.zeros_like(vertices).index_add(0, triangles.reshape(-1), across.repeat_interleave(3, 0))
    return total / total.square().sum(1, keepdim=True).clamp(min=1e-20).sqrt()


def irradiance(light: Tensor, normal: Tensor) -> Tensor:
    """Evaluate light (9, 3) at unit normals (N, 3), not below 0: (N, 3)."""
    x, y, z = normal.unbind(1)
    terms = (torch.ones_like(x), y, z, x, x * y, y * z, 3 * z * z - 1, x * z, x * x - y * y)
    return (torch.stack(terms, 1) * normal.new_tensor(SH_CONSTANTS) @ light).clamp(min=0)


def highlight(lobe: Lobe, normal: Tensor, ray: Tensor) -> Tensor:
    """Evaluate a lobe, direction and color (3,), at unit normals (N, 3) on rays (N, 3) from the camera: (N, 3)."""
    towards_light = lobe.direction / lobe.direction.norm().clamp(min=1e-6)
    half = towards_light - ray / ray.norm(dim=1, keepdim=True)
    half = half / half.norm(dim=1, keepdim=True).clamp(min=1e-6)
    return torch.exp(lobe.sharpness * ((normal * half).sum(1, keepdim=True) - 1)) * lobe.color


def mipmap_levels(vertices: Tensor, topology: Topology, texture: Tensor, eye: Eye) -> Tensor:
    """The mipmap level of each triangle (F,): the nearest to one texel per pixel; it carries no gradient."""
    triangles = topology.triangles.long()
    texels = texture.shape[-1] * texture.shape[-2]
    texel_area = _doubled_area(topology.uv.to(vertices)[topology.uv_triangles.long()]) * texels
    pixel_area = _doubled_area(eye.project(vertices).detach()[triangles])
    whole = (vertices[triangles][:, :, 2] >= NEAR_MM).all(1) & (pixel_area > 0) & (texel_area > 0)
    detail = 0.5 * torch.log2(texel_area / pixel_area.clamp(min=1e-30))
    return torch.where(whole, (detail + 0.5).ceil() - 1, 0.0).clamp(min=0).long()


def _doubled_area(corners: Tensor) -> Tensor:
    """Twice the area of triangles (F, 3, 2): (F,)."""
    u, w = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return (u[:, 0] * w[:, 1] - u[:, 1] * w[:, 0]).abs()


def sample_texture(texture: Tensor, uv: Tensor, level: Tensor) -> Tensor:
    """Sample mipmap `level` (N,) of (3, Ht, Wt) bilinearly at uv (N, 2): (N, 3). The coarsest level has 4 texels."""
    pyramid = [texture]
    while min(pyramid[-1].shape[1:]) >= 8:
        pyramid.append(avg_pool2d(pyramid[-1], 2))
    level = level.clamp(max=len(pyramid) - 1)
    result = uv.new_zeros(len(uv), 3)
    for number, texels in enumerate(pyramid):
        used = torch.nonzero(level == number)[:, 0]
        result = result.index_add(0, used, _sample_bilinear(texels, uv[used]))
    return result


def _sample_bilinear(level: Tensor, uv: Tensor) -> Tensor:
    """Sample (3, Ht, Wt) at uv (N, 2), clamped at the border: (N, 3)."""
    height, width = level.shape[1:]
    x = (uv[:, 0] * width - 0.5).clamp(0, width - 1)
    y = ((1 - uv[:, 1]) * height - 0.5).clamp(0, height - 1)
    x0, y0 = x.detach().long(), y.detach().long()
    x1, y1 = (x0 + 1).clamp(max=width - 1), (y0 + 1).clamp(max=height - 1)
    fx, fy = x - x0, y - y0
    upper = level[:, y0, x0] * (1 - fx) + level[:, y0, x1] * fx
    lower = level[:, y1, x0] * (1 - fx) + level[:, y1, x1] * fx
    return (upper * (1 - fy) + lower * fy).T


def antialias(drawn: Tensor, vertices: Tensor, topology: Topology, index: Tensor, depth: Tensor, eye: Eye) -> Tensor:
    """Soften the silhouettes of a flat image (H·W, 4): see render/numba_cpu/edges.py for the rule.

    depth: (H·W,) mm. Gradients reach the image and, by the place of the crossings, the vertices and the camera.
    """
    screen = eye.project(vertices)
    edges, sides = _silhouettes(vertices.detach(), screen.detach(), topology)
    edge, axis, line = _crossed_lines(screen.detach()[edges], eye)
    start, end = screen[edges[edge]].unbind(1)
    along, across = axis[:, None], 1 - axis[:, None]
    fraction = (line - start.gather(1, along)[:, 0]) / (end - start).gather(1, along)[:, 0]
    crossing = start.gather(1, across)[:, 0] + fraction * (end - start).gather(1, across)[:, 0]
    near, far = (1 / vertices.detach()[edges[edge]][:, :, 2]).unbind(1)
    edge_depth = 1 / (near + fraction.detach() * (far - near))

    low = crossing.detach().floor().long()
    inside_low = (sides[edge] > 0) == (axis == 1)
    stride = torch.where(axis == 1, 1, eye.width)
    pixel_low = torch.where(axis == 1, line * eye.width + low, low * eye.width + line)
    places = torch.where(axis == 1, eye.width, eye.height)
    kept = torch.nonzero((low >= 0) & (low + 1 < places))[:, 0]
    inside = torch.where(inside_low, pixel_low, pixel_low + stride)[kept]
    outside = torch.where(inside_low, pixel_low + stride, pixel_low)[kept]
    behind = (depth[outside] > edge_depth[kept] * (1 + DEPTH_TOLERANCE)) & (depth[outside] > depth[inside])
    visible = (index[inside] >= 0) & ((index[outside] < 0) | behind)
    inside, outside, kept = inside[visible], outside[visible], kept[visible]

    reach = torch.where(inside_low[kept], crossing[kept] - low[kept], low[kept] + 1 - crossing[kept])
    outermost = _outermost(reach.detach(), 2 * pixel_low[kept] + axis[kept])
    inside, outside, kept, reach = inside[outermost], outside[outermost], kept[outermost], reach[outermost]
    grows = reach.detach() > 0.5
    changed, other = torch.where(grows, outside, inside), torch.where(grows, inside, outside)
    share = (reach - 0.5).abs()
    total = share.detach().new_zeros(len(drawn)).index_add(0, changed, share.detach())
    share = share / total[changed].clamp(min=1)
    return drawn.index_add(0, changed, share[:, None] * (drawn[other] - drawn[changed]))


def _outermost(reach: Tensor, pair: Tensor) -> Tensor:
    """Pick, of the crossings (N,) of each pair of pixels, the one that reaches farthest out; the first on a tie."""
    order = torch.argsort(reach, descending=True, stable=True)
    order = order[torch.argsort(pair[order], stable=True)]
    is_first = torch.ones(len(order), dtype=torch.bool)
    is_first[1:] = pair[order][1:] != pair[order][:-1]
    return order[is_first]


def _silhouettes(vertices: Tensor, screen: Tensor, topology: Topology) -> tuple[Tensor, Tensor]:
    """List the edges (N, 2) whose triangles all lie on one side in the image, and that side (N,) as a signed area.

    The corner that comes first along the edge's main axis (rows for a steep edge) is put first.
    """
    mesh = connectivity(topology)
    edges, opposite = torch.from_numpy(mesh.edges.astype(np.int64)), torch.from_numpy(mesh.opposite).long()
    span = (screen[edges[:, 1]] - screen[edges[:, 0]]).abs()
    main = torch.where(span[:, 1] >= span[:, 0], 1, 0)
    first = screen[edges].gather(2, main[:, None, None].expand(-1, 2, 1))[:, :, 0]
    edges = torch.where((first[:, 0] > first[:, 1])[:, None], edges.flip(1), edges)

    a, b = screen[edges].unbind(1)
    one, two = screen[opposite[:, 0]], screen[opposite[:, 1].clamp(min=0)]
    side_one, side_two = ((b - a)[:, 0] * (o - a)[:, 1] - (b - a)[:, 1] * (o - a)[:, 0] for o in (one, two))
    lone = opposite[:, 1] < 0
    in_front = (vertices[:, 2] >= NEAR_MM)[torch.cat([edges, opposite.clamp(min=0)], 1)]
    in_front[:, 3] |= lone
    outline = in_front.all(1) & torch.where(lone, side_one != 0, side_one * side_two > 0)
    return edges[outline], side_one[outline]


def _crossed_lines(ends: Tensor, eye: Eye) -> tuple[Tensor, Tensor, Tensor]:
    """List the rows that steep edges cross and the columns that flat ones cross: edge, axis (1 for rows), line (N,)."""
    span = (ends[:, 1] - ends[:, 0]).abs()
    axis = torch.where(span[:, 1] >= span[:, 0], 1, 0)
    start, end = ends.gather(2, axis[:, None, None].expand(-1, 2, 1))[:, :, 0].unbind(1)
    lines = torch.where(axis == 1, eye.height, eye.width)
    first = start.ceil().clamp(min=0).long()
    count = (torch.minimum(end.ceil().long(), lines) - first).clamp(min=0)
    edge = torch.repeat_interleave(count)
    line = first[edge] + torch.arange(len(edge)) - (count.cumsum(0) - count)[edge]
    return edge, axis[edge], line
