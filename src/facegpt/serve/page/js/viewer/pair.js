/** Two heads side by side under one camera, the second coloured by its distance from the first. */

import { request } from "../api.js";
import { h } from "../dom.js";
import { rampOf } from "./legend.js";
import { fovDeg } from "./stage.js";

/** Colours of the heat map, near to far: dark blue, teal, yellow, red; even steps of lightness for all eyes. */
const ramp = rampOf(["#2b3a67", "#1f7a8c", "#7cc47f", "#f4d35e", "#d1495b"]);

/** Distances of a head's skin from another's. @returns {Promise<{mm: Float32Array, mean: number, max: number}>} */
export async function distances(a, b) {
  const response = await request(`/api/heads/${a.id}/distance/${b.id}`);
  const mm = new Float32Array(await response.arrayBuffer());
  const of = (name, otherwise) => Number(response.headers.get(name) ?? otherwise());
  return { mm, mean: of("X-Mean-Mm", () => mm.reduce((sum, d) => sum + d, 0) / mm.length), max: of("X-Max-Mm", () => mm.reduce((most, d) => Math.max(most, d), 0)) };
}

export class Pair {
  /** @param {import("./stage.js").Stage} stage @param {import("./legend.js").Legend} legend */
  constructor(stage, legend) {
    this.stage = stage;
    this.labels = [h("p.pair-label.left"), h("p.pair-label.right")];
    this.legend = legend;
    stage.place.append(...this.labels);
    this.hide();
  }

  /**
   * @param {import("./head_model.js").HeadModel} left @param {import("./head_model.js").HeadModel} right
   * @param {[string, string]} names @param {{mm: Float32Array, mean: number, max: number}|null} far
   */
  show(left, right, names, far) {
    this.models = [left, right];
    this.labels.forEach((label, side) => { label.hidden = false; label.textContent = names[side]; });
    if (far) {
      // The neck's edge is often farthest: the scale ends where most of the face still differs in colour.
      const middle = Float32Array.from(far.mm).sort()[far.mm.length >> 1];
      const most = Math.min(Math.max(far.max, 0.5), Math.max(0.5, 2.5 * middle));
      for (const model of this.models) model.setHeat(far.mm.map((mm) => mm / most), ramp);
      this.legend.show(`Distance, on average ${far.mean.toFixed(1)} mm`, ramp, ["0", `${most.toFixed(1)} mm${far.max > most ? " and more" : ""}`]);
    }
    this.stage.draw = (renderer, scene, camera, width, height) => this.#draw(renderer, scene, camera, width, height);
    this.stage.invalidate();
  }

  hide() {
    this.models = null;
    this.stage.draw = null;
    for (const label of this.labels) label.hidden = true;
    this.legend.hide();
    this.stage.invalidate();
  }

  #draw(renderer, scene, camera, width, height) {
    const half = Math.floor(width / 2);
    const { aspect, fov } = camera;
    Object.assign(camera, { aspect: half / height, fov: fovDeg(half / height) });
    camera.updateProjectionMatrix();
    renderer.setScissorTest(true);
    this.models.forEach((model, side) => {
      this.models.forEach((each) => (each.root.visible = each === model));
      renderer.shadowMap.needsUpdate = true;
      renderer.setViewport(side * half, 0, half, height);
      renderer.setScissor(side * half, 0, half, height);
      renderer.render(scene, camera);
    });
    renderer.setScissorTest(false);
    renderer.setViewport(0, 0, width, height);
    this.models.forEach((each) => (each.root.visible = true));
    Object.assign(camera, { aspect, fov });
    camera.updateProjectionMatrix();
  }
}
