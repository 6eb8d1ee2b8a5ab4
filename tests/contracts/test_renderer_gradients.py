"""Gradients of every registered renderer: against finite differences, geometry and the plain torch reference."""

from __future__ import annotations

import math

import pytest
import torch
from renderer_scenes import (
    FOCAL,
    QUAD,
    SIZE,
    coloured_light,
    quad,
    smooth_texture,
    sphere,
    view,
    white_light,
)

from facegpt.render.base import Lobe, Rendered, Topology, View

# Gradients --------------------------------------------------------------------------------------------------------


def weighted(image: Rendered, seed: int = 5) -> torch.Tensor:
    """A number that depends on every pixel's colour and coverage, each with its own random weight."""
    generator = torch.Generator().manual_seed(seed)
    on_color = torch.randn(image.color.shape, generator=generator).to(image.color)
    on_coverage = torch.randn(image.coverage.shape, generator=generator).to(image.color)
    return (image.color * on_color).sum() + (image.coverage * on_coverage).sum()


def draw(renderer, topology, inputs: dict[str, torch.Tensor], eye: View) -> Rendered:
    """Render named inputs: vertices, texture, lighting, focal, principal and, if there, those of a lobe."""
    lobe = Lobe(inputs["direction"], inputs["highlight"], inputs["sharpness"]) if "direction" in inputs else None
    seen = View(inputs["focal"], inputs["principal"], eye.height, eye.width)
    return renderer.render(inputs["vertices"], topology, inputs["texture"], inputs["lighting"], seen, lobe)


def gradients(renderer, topology, inputs, eye: View, dtype=torch.float32) -> dict[str, torch.Tensor]:
    leaves = {name: value.detach().to(dtype).requires_grad_() for name, value in inputs.items()}
    weighted(draw(renderer, topology, leaves, eye)).backward()
    return {name: leaf.grad.double() for name, leaf in leaves.items()}


def named(vertices, texture, light, eye: View, glossy: bool = False) -> dict[str, torch.Tensor]:
    inputs = {"vertices": vertices, "texture": texture, "lighting": light}
    inputs |= {"focal": eye.focal_px, "principal": eye.principal_px}
    if glossy:
        direction, color = torch.tensor([[-0.9, -0.5, -0.7]]), torch.tensor([[0.9, 0.6, 0.5]])
        inputs |= {"direction": direction, "highlight": color, "sharpness": torch.tensor([9.0])}
    return inputs


def scene(kind: str):
    """A sphere ("…outline"), one larger than the image ("interior"), or two, one before the other ("occlusion")."""
    eye = view(SIZE, 100.3, 15.37)
    radius = 200.0 if kind == "interior" else 38.0
    vertices, topology = sphere(12, 24, radius, 300.0)
    vertices = vertices * torch.tensor([1.0, 0.9, 1.0]) + torch.tensor([1.3, 0.7, 0.0])
    if kind == "occlusion":
        near = vertices * 0.5 + torch.tensor([14.0, 9.0, 20.0])
        triangles = torch.cat([topology.triangles, topology.triangles + vertices.shape[1]])
        vertices, topology = torch.cat([vertices, near], 1), Topology(triangles, topology.uv.repeat(2, 1), triangles)
    return vertices, topology, smooth_texture(), coloured_light(), eye


@pytest.mark.parametrize("kind", ["interior", "outline", "occlusion", "glossy outline"])
def test_gradients_match_finite_differences_of_the_reference(renderer, kind):
    from facegpt.render.reference import ReferenceRenderer

    oracle = ReferenceRenderer()
    vertices, topology, _, light, eye = scene(kind)
    # No mipmaps: the choice of their level carries no gradient.
    inputs = named(vertices, smooth_texture(4), light, eye, "glossy" in kind)
    found = gradients(renderer, topology, inputs, eye)
    generator = torch.Generator().manual_seed(6)

    def value(changed: dict[str, torch.Tensor]) -> float:
        return weighted(draw(oracle, topology, changed, eye)).item()

    for name, x in inputs.items():
        for _ in range(3):
            direction = torch.randn(x.shape, generator=generator, dtype=torch.float64)
            # Small enough that no pixel centre changes hands, which would be a jump of the shading at an edge.
            step = 2e-6
            plus, minus = (
                {k: v.double() + (s * step * direction if k == name else 0) for k, v in inputs.items()} for s in (1, -1)
            )
            expected = (value(plus) - value(minus)) / (2 * step)
            analytic = (found[name] * direction).sum().item()
            scale = found[name].norm().item()
            assert analytic == pytest.approx(expected, abs=2e-3 * scale), (name, kind)


def test_moving_an_edge_changes_the_covered_area_by_its_length(renderer):
    eye = view()
    vertices = quad(4.3, 6.2, 20.6, 25.7, eye).requires_grad_()
    image = renderer.render(vertices, QUAD, smooth_texture(), white_light(), eye)
    image.coverage.sum().backward()
    # Moving the two right corners by 1 mm moves the edge by 0.5 px: its 19.5 px sweep 9.75 px² of the image.
    right = vertices.grad[0, 2:, 0].sum().item()
    assert right == pytest.approx(19.5 * FOCAL / 200.0, rel=0.05)


def test_growing_a_sphere_grows_its_outline_as_geometry_says(renderer):
    vertices, topology = sphere(30, 60, 50.0, 400.0)
    growth = torch.ones(1, requires_grad=True)
    centre = torch.tensor([0.0, 0.0, 400.0])
    image = renderer.render(
        (vertices - centre) * growth + centre, topology, smooth_texture(), white_light(), view(64, 150.0)
    )
    image.coverage.sum().backward()
    # Area = π f² R² / (d² - R²), so d(area)/d(scale) = 2 π f² R² d² / (d² - R²)².
    expected = 2 * math.pi * 150.0**2 * 50.0**2 * 400.0**2 / (400.0**2 - 50.0**2) ** 2
    assert growth.grad.item() == pytest.approx(expected, rel=0.03)


def test_a_square_finds_its_way_to_a_target_by_its_outline(renderer):
    eye = view()
    target = renderer.render(quad(8.0, 8.0, 24.0, 24.0, eye), QUAD, torch.ones(1, 3, 8, 8), white_light(), eye).coverage
    shift = torch.tensor([3.1, -2.3, 0.0], requires_grad=True)
    optimizer = torch.optim.Adam([shift], lr=0.3)
    for _ in range(60):
        optimizer.zero_grad()
        image = renderer.render(
            quad(8.0, 8.0, 24.0, 24.0, eye) + shift, QUAD, torch.ones(1, 3, 8, 8), white_light(), eye
        )
        (image.coverage - target).square().sum().backward()
        optimizer.step()
    assert shift.detach()[:2].abs().max().item() < 0.2  # 0.1 px


def test_one_texture_and_light_may_serve_the_whole_batch(renderer):
    vertices, topology = sphere(8, 16, 50.0, 300.0)
    batch = torch.cat([vertices, vertices + torch.tensor([10.0, -5.0, 30.0])])
    texture, light = smooth_texture().requires_grad_(), coloured_light().requires_grad_()
    weighted(renderer.render(batch, topology, texture, light, view())).backward()
    shared = texture.grad.clone(), light.grad.clone()
    texture.grad = light.grad = None
    weighted(
        renderer.render(batch, topology, texture.expand(2, -1, -1, -1), light.expand(2, -1, -1), view())
    ).backward()
    torch.testing.assert_close(shared[0], texture.grad, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(shared[1], light.grad, atol=1e-3, rtol=1e-4)


# Agreement --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["interior", "outline", "occlusion", "glossy outline"])
def test_images_and_gradients_agree_with_the_reference_in_double_precision(renderer, kind):
    from facegpt.render.reference import ReferenceRenderer

    oracle = ReferenceRenderer()
    vertices, topology, _, light, eye = scene(kind)
    texture = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(8))  # minified: mipmaps are used
    inputs = named(vertices, texture, light, eye, "glossy" in kind)
    expected = draw(oracle, topology, {name: value.double() for name, value in inputs.items()}, eye)
    found = draw(renderer, topology, inputs, eye)
    assert (found.triangle == expected.triangle).all()
    for name, tolerance in (("color", 1e-4), ("coverage", 1e-4), ("depth", 0.01), ("normal", 1e-4), ("uv", 1e-4)):
        difference = (getattr(found, name) - getattr(expected, name)).abs().max().item()
        assert difference < tolerance, f"{name}: {difference}"
    ours = gradients(renderer, topology, inputs, eye)
    truth = gradients(oracle, topology, inputs, eye, torch.float64)
    for name in truth:
        error = (ours[name] - truth[name]).norm() / truth[name].norm()
        assert error.item() < 1e-3, f"{name}: {error}"


def test_one_lobe_may_serve_the_whole_batch(renderer):
    vertices, topology = sphere(8, 16, 50.0, 300.0)
    inputs = named(vertices, smooth_texture(), coloured_light(), view(), glossy=True)
    inputs["vertices"] = torch.cat([vertices, vertices + torch.tensor([10.0, -5.0, 30.0])])
    own = inputs | {name: inputs[name].repeat(2, 1) for name in ("direction", "highlight")}
    own["sharpness"] = inputs["sharpness"].repeat(2)
    shared, each = (gradients(renderer, topology, which, view()) for which in (inputs, own))
    for name in ("direction", "highlight", "sharpness"):
        torch.testing.assert_close(shared[name], each[name].sum(0, keepdim=True), atol=1e-3, rtol=1e-3)
