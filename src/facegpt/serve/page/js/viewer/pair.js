/** Two heads side by side under one camera, the second coloured by its distance from the first. */

import * as THREE from "../../vendor/three.module.min.js";
import { request } from "../api.js";
import { h } from "../dom.js";
import { fovDeg } from "./stage.js";

/** Colours of the heat map, near to far: dark blue, teal, yellow, red; even steps of lightness for all eyes. */
const STOPS = ["#2b3a67", "#1f7a8c", "#7cc47f", "#f4d35e", "#d1495b"].map((color) => new THREE.Color(color));

/** @param {number} share 0..1 */
export function ramp(share) {
  const at = Math.min(Math.max(share, 0), 0.9999) * (STOPS.length - 1);
  return STOPS[Math.floor(at)].clone().lerp(STOPS[Math.floor(at) + 1], at % 1);
}

/** Distances of a head's skin from another's. @returns {Promise<{mm: Float32Array, mean: number, max: number}>} */
export async function distances(a, b) {
  const response = await request(`/api/heads/${a.id}/distance/${b.id}`);
  const mm = new Float32Array(await response.arrayBuffer());
  const of = (name, otherwise) => Number(response.headers.get(name) ?? otherwise());
  return { mm, mean: of("X-Mean-Mm", () => mm.reduce((sum, d) => sum + d, 0) / mm.length), max: of("X-Max-Mm", () => mm.reduce((most, d) => Math.max(most, d), 0)) };
}

export class Pair {
  /** @param {import("./stage.js").Stage} stage */
  constructor(stage) {
    this.stage = stage;
    this.labels = [h("p.pair-label.left"), h("p.pair-label.right")];
    this.legend = h("figure.legend", { hidden: true });
    stage.place.append(...this.labels, this.legend);
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
      this.#explain(far, most);
    }
    this.stage.draw = (renderer, scene, camera, width, height) => this.#draw(renderer, scene, camera, width, height);
    this.stage.invalidate();
  }

  hide() {
    this.models = null;
    this.stage.draw = null;
    for (const label of this.labels) label.hidden = true;
    this.legend.hidden = true;
    this.stage.invalidate();
  }

  #explain(far, most) {
    const bar = h("canvas.legend-bar", { width: 160, height: 1 });
    const context = bar.getContext("2d");
    for (let x = 0; x < 160; x++) {
      context.fillStyle = `#${ramp(x / 159).getHexString()}`;
      context.fillRect(x, 0, 1, 1);
    }
    this.legend.replaceChildren(
      h("figcaption", { text: `Distance, on average ${far.mean.toFixed(1)} mm` }), bar,
      h("div.row.spread", {}, h("span", { text: "0" }), h("span", { text: `${most.toFixed(1)} mm${far.max > most ? " and more" : ""}` })));
    this.legend.hidden = false;
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
