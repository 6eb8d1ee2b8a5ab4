/** Measurements drawn on the face, with their millimetres beside them. */

import * as THREE from "../../vendor/three.module.min.js";
import { h } from "../dom.js";

/** Half the width of a line, metres. */
const LINE_M = 0.00045;
const UP = new THREE.Vector3(0, 1, 0);
const STICK = new THREE.CylinderGeometry(1, 1, 1, 8);
const BALL = new THREE.SphereGeometry(1, 12, 8);
const INK = new THREE.MeshBasicMaterial({ color: 0xffb469, depthTest: false, toneMapped: false, transparent: true, opacity: 0.95 });
/** Room that a label takes, CSS pixels. */
const LABEL_PX = [66, 21];

export class MeasureLines {
  /** @param {import("./stage.js").Stage} stage */
  constructor(stage) {
    this.stage = stage;
    this.group = new THREE.Group();
    this.layer = h("div.measure-labels", { "aria-hidden": "true" });
    stage.scene.add(this.group);
    stage.place.append(this.layer);
    stage.addEventListener("drawn", () => this.#place());
    this.shown = [];
  }

  /** @param {{name: string, label: string, value_mm: number, points?: number[][]}[]} measures those with points are drawn */
  show(measures) {
    this.clear();
    for (const measure of measures.filter((each) => each.points?.length > 1)) {
      const points = measure.points.map((point) => new THREE.Vector3(...point).divideScalar(1000));
      points.slice(1).forEach((end, at) => this.group.add(this.#stick(points[at], end)));
      for (const end of [points[0], points.at(-1)]) this.group.add(this.#dot(end));
      const label = h("span", { text: `${measure.value_mm.toFixed(1)} mm` });
      this.layer.append(label);
      this.shown.push({ label, middle: points[Math.floor((points.length - 1) / 2)].clone().lerp(points[Math.ceil((points.length - 1) / 2)], 0.5) });
    }
    this.stage.invalidate();
  }

  /** A line that is seen through the skin: between landmarks it runs inside the head. */
  #stick(from, to) {
    const stick = new THREE.Mesh(STICK, INK);
    stick.position.copy(from).lerp(to, 0.5);
    stick.quaternion.setFromUnitVectors(UP, to.clone().sub(from).normalize());
    stick.scale.set(LINE_M, from.distanceTo(to), LINE_M);
    stick.renderOrder = 5;
    return stick;
  }

  #dot(at) {
    const dot = new THREE.Mesh(BALL, INK);
    dot.position.copy(at);
    dot.scale.setScalar(3 * LINE_M);
    dot.renderOrder = 6;
    return dot;
  }

  clear() {
    this.group.clear();
    this.layer.replaceChildren();
    this.shown = [];
    this.stage.invalidate();
  }

  #place() {
    const placed = [];
    const wanted = this.shown.map(({ label, middle }) => ({ label, ...this.stage.project(middle) }));
    for (const { label, x, y, ahead } of wanted.sort((a, b) => a.y - b.y)) {
      label.hidden = !ahead;
      // Labels that would lie on another move below it.
      const near = placed.filter((other) => Math.abs(other.x - x) < LABEL_PX[0]);
      const free = near.reduce((least, other) => Math.max(least, other.y + LABEL_PX[1]), y);
      placed.push({ x, y: free });
      label.style.transform = `translate(${x.toFixed(1)}px, ${free.toFixed(1)}px) translate(-50%, -50%)`;
    }
  }
}
