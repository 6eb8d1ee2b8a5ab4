"""The renderer for processors as one fused differentiable op of torch."""

from __future__ import annotations

from functools import partial

import numpy as np
import torch
from torch import Tensor

from facegpt.render.base import Lobe, Rendered, Topology, View, parts_of
from facegpt.render.inputs import camera_rows, check_inputs, lobe_rows
from facegpt.render.numba_cpu.drawing import Drawn, draw, geometry, zeros
from facegpt.render.numba_cpu.gradients import draw_backward
from facegpt.render.numba_cpu.scene import Float32, Scene, as_array, build_scene


def render(
    vertices: Tensor,
    topology: Topology,
    texture: Tensor,
    lighting: Tensor,
    view: View,
    lobe: Lobe | None,
    threads: int,
) -> Rendered:
    """Draw a batch: see Renderer.render."""
    mesh, batch = check_inputs(vertices, topology, texture, lighting, view, lobe), len(vertices)
    lobes = None if lobe is None else lobe_rows(lobe, batch)
    places, colors, lights = (as_array(each) for each in (vertices, texture, lighting.expand(batch, 9, 3)))
    cameras, shine = as_array(camera_rows(view, batch)), None if lobes is None else as_array(lobes)
    scene = build_scene(mesh, places, colors, lights, cameras, (view.height, view.width), shine)
    drawn = draw(scene, threads)
    inputs = (vertices, texture, lighting, view.focal_px, view.principal_px, lobes)
    color, coverage = _Draw.apply(*inputs, scene, drawn, threads)
    return _LazyRendered(color, coverage, topology, scene, drawn, threads)


class _Draw(torch.autograd.Function):
    """The fused op: (vertices, texture, lighting, focal, principal, lobes or None) → (color, coverage)."""

    @staticmethod
    def forward(ctx, vertices, texture, lighting, focal, principal, lobes, scene, drawn, threads):
        """Hand over the images already drawn. The inputs are saved to notice changes in place before backward."""
        ctx.save_for_backward(vertices, texture, lighting, focal, principal, lobes)
        ctx.set_materialize_grads(False)
        ctx.scene, ctx.drawn, ctx.threads = scene, drawn, threads
        return torch.from_numpy(drawn.color), torch.from_numpy(drawn.coverage)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, grad_color, grad_coverage):
        """The gradients of the six tensors."""
        inputs, shape = ctx.saved_tensors, ctx.drawn.coverage.shape
        # The kernels change the gradient of the colour, which is not theirs: they get a copy.
        color = zeros(*shape, 3) if grad_color is None else np.array(grad_color.numpy(), np.float32, order="C")
        coverage = zeros(*shape) if grad_coverage is None else as_array(grad_coverage)
        grads = draw_backward(ctx.scene, ctx.drawn, color, coverage, ctx.needs_input_grad[1], ctx.threads)
        found = (grads.vertices, grads.texture, grads.lighting, grads.cameras[:, 0], grads.cameras[:, 1:], grads.lobes)
        return (*(_fit(f, x) for f, x in zip(found, inputs, strict=True)), None, None, None)


def _fit(gradient: Float32 | None, like: Tensor | None) -> Tensor | None:
    """A gradient the shape and dtype of its tensor; where one entry served the whole batch, sum over it."""
    if gradient is None or like is None:
        return None
    tensor = torch.from_numpy(gradient)
    if tensor.numel() != like.numel():
        tensor = tensor.sum(0, keepdim=True)
    return tensor.reshape(like.shape).to(like.dtype)


class _LazyRendered(Rendered):
    """A Rendered whose geometric outputs are computed when they are first asked for: fits seldom do."""

    def __init__(self, color: Tensor, coverage: Tensor, topology: Topology, scene: Scene, drawn: Drawn, threads: int):
        fields = {"color": color, "coverage": coverage, "triangle": torch.from_numpy(drawn.index)}
        shape = partial(geometry, scene, drawn, threads)
        self.__dict__.update(fields, _geometry=shape, _part=partial(parts_of, topology, fields["triangle"]))

    def __getattr__(self, name: str) -> Tensor:
        """Compute the missing outputs; only called for attributes that are not there yet."""
        if name == "part" and "_part" in self.__dict__:
            self.__dict__["part"] = self.__dict__["_part"]()
            return self.__dict__["part"]
        if name not in ("depth", "normal", "uv", "barycentric") or "_geometry" not in self.__dict__:
            raise AttributeError(name)
        found = self.__dict__["_geometry"]()
        self.__dict__.update({each: torch.from_numpy(array) for each, array in found.items()})
        return self.__dict__[name]
