/** The head over its photo: the photo's camera, and the photo behind the canvas in the same place. */

import * as THREE from "../../vendor/three.module.min.js";
import { h } from "../dom.js";

/** Share of the stage's height that the face takes in this view. */
const FACE_SHARE = 0.6;

/**
 * The camera of a photo, in metres and OpenGL's axes, for a stage on which a pixel of the photo is `scale` CSS pixels
 * and the photo's corner is at `left`, `top`.
 * @param {any} head with `camera` {focal_px, principal, pose: head → camera, OpenCV, mm}
 */
export function photoCamera(head, { width, height }, { scale, left, top }) {
  const { focal_px, principal, pose } = head.camera;
  const camera = new THREE.PerspectiveCamera();
  const focal = focal_px * scale;
  const [cx, cy] = [left + (principal[0] + 0.5) * scale, top + (principal[1] + 0.5) * scale];
  const [near, far] = [0.02, 20];
  camera.projectionMatrix.set(
    (2 * focal) / width, 0, 1 - (2 * cx) / width, 0,
    0, (2 * focal) / height, (2 * cy) / height - 1, 0,
    0, 0, -(far + near) / (far - near), (-2 * far * near) / (far - near),
    0, 0, -1, 0);
  camera.projectionMatrixInverse.copy(camera.projectionMatrix).invert();
  const m = pose.flat();
  const view = new THREE.Matrix4().set(
    m[0], m[1], m[2], m[3] / 1000, -m[4], -m[5], -m[6], -m[7] / 1000, -m[8], -m[9], -m[10], -m[11] / 1000, 0, 0, 0, 1);
  camera.matrixAutoUpdate = false;
  camera.matrix.copy(view).invert();
  camera.matrixWorld.copy(camera.matrix);
  camera.matrixWorldInverse.copy(view);
  camera.matrixWorldAutoUpdate = false;
  return camera;
}

export class PhotoView {
  /** @param {import("./stage.js").Stage} stage */
  constructor(stage) {
    this.stage = stage;
    this.picture = h("img.photo", { alt: "The photo", hidden: true, draggable: "false" });
    this.divider = h("input.divider", { type: "range", min: 0, max: 100, value: "50", "aria-label": "Split between photo and head", hidden: true });
    this.handle = h("div.split-line", { hidden: true, "aria-hidden": "true" });
    this.divider.addEventListener("input", () => this.#cut());
    stage.place.prepend(this.picture);
    stage.place.append(this.handle, this.divider);
    stage.addEventListener("resize", () => this.head && this.#layOut());
    this.opacity = 0.7;
    this.mode = "overlay";
  }

  static can(head) { return Boolean(head?.camera && head?.image); }

  /** @param {any} head @param {string} url of its photo */
  show(head, url) {
    this.head = head;
    this.picture.src = url;
    this.picture.hidden = false;
    this.stage.controls.enabled = false;
    this.#layOut();
    this.set({});
  }

  hide() {
    this.head = null;
    this.picture.hidden = this.divider.hidden = this.handle.hidden = true;
    this.stage.canvas.style.opacity = this.stage.canvas.style.clipPath = "";
    this.stage.controls.enabled = true;
    this.stage.camera = this.stage.orbit;
    this.stage.invalidate();
  }

  /** @param {{mode?: "overlay"|"split", opacity?: number}} some */
  set(some) {
    Object.assign(this, some);
    const split = this.mode === "split";
    this.divider.hidden = this.handle.hidden = !split;
    this.stage.canvas.style.opacity = split ? "1" : String(this.opacity);
    this.#cut();
  }

  #cut() {
    const at = Number(this.divider.value);
    this.stage.canvas.style.clipPath = this.mode === "split" ? `inset(0 0 0 ${at}%)` : "";
    this.handle.style.left = `${at}%`;
  }

  #layOut() {
    const { size } = this.stage;
    const { focal_px, principal, pose } = this.head.camera;
    const [x, y, z] = [pose[0][3], pose[1][3], pose[2][3]];
    // A head is some 240 mm high: that decides the scale; the photo is never smaller than needed to show it.
    const scale = (FACE_SHARE * Math.min(size.height, size.width * 1.25)) / ((240 * focal_px) / z);
    const [u, v] = [principal[0] + (focal_px * x) / z, principal[1] + (focal_px * y) / z];
    const [left, top] = [size.width / 2 - u * scale, size.height / 2 - v * scale];
    const { width, height } = this.head.image;
    Object.assign(this.picture.style, { left: `${left}px`, top: `${top}px`, width: `${width * scale}px`, height: `${height * scale}px` });
    this.stage.camera = photoCamera(this.head, size, { scale, left, top });
    this.stage.invalidate();
  }
}
