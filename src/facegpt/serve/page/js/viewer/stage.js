/** The canvas: renderer, camera, orbit by mouse, touch and keys; drawn only when something moved. */

import * as THREE from "../../vendor/three.module.min.js";
import { OrbitControls } from "../../vendor/OrbitControls.js";

const FOV_DEG = 22;
/** Where the eye of the viewer looks: between ears and nose, head frame, metres. */
const TARGET = new THREE.Vector3(0, -0.008, 0.03);
const AWAY_M = 0.95;
/** The part of the head that has to be in view on narrow stages, metres. */
const WIDE_M = 0.27;

/** Whether there is no graphics card to draw with: then pictures are simpler. */
function drawsByProcessor(context) {
  const known = context.getExtension("WEBGL_debug_renderer_info");
  return /swiftshader|llvmpipe|software/i.test(String(known && context.getParameter(known.UNMASKED_RENDERER_WEBGL)));
}

/** The angle in height: a narrow stage sees a wider one, so that the whole head stays in it. */
export const fovDeg = (aspect) => Math.max(FOV_DEG, 2 * THREE.MathUtils.radToDeg(Math.atan(WIDE_M / 2 / AWAY_M / Math.min(1, aspect))));

export class Stage extends EventTarget {
  /** @param {HTMLElement} place */
  constructor(place) {
    super();
    this.place = place;
    this.canvas = document.createElement("canvas");
    this.canvas.className = "canvas";
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", "The head. Arrow keys turn it, plus and minus zoom, 0 looks from the front.");
    place.prepend(this.canvas);
    this.renderer = new THREE.WebGLRenderer({ canvas: this.canvas, antialias: true, alpha: true, powerPreference: "high-performance" });
    this.slow = drawsByProcessor(this.renderer.getContext());
    document.documentElement.toggleAttribute("data-slow", this.slow);
    this.renderer.setPixelRatio(this.slow ? 1 : Math.min(devicePixelRatio, 2));
    this.renderer.toneMapping = THREE.NeutralToneMapping;
    this.renderer.shadowMap.enabled = !this.slow;
    this.renderer.shadowMap.type = THREE.PCFSoftShadowMap;
    // Shadows are drawn anew when something moved, not when the eye goes round it.
    this.renderer.shadowMap.autoUpdate = false;
    this.scene = new THREE.Scene();
    this.orbit = new THREE.PerspectiveCamera(FOV_DEG, 1, 0.05, 20);
    /** The camera that is drawn with: the orbit's, or the photo's. */
    this.camera = this.orbit;
    /** How the scene is drawn, when not in one piece: (renderer, scene, camera, width, height). */
    this.draw = null;
    this.controls = new OrbitControls(this.orbit, this.canvas);
    Object.assign(this.controls, { enableDamping: true, dampingFactor: 0.12, minDistance: 0.25, maxDistance: 3, zoomSpeed: 0.7 });
    this.controls.addEventListener("change", () => this.#again());
    this.spin = 0;
    this.front();
    this.canvas.addEventListener("keydown", (event) => this.#key(event));
    new ResizeObserver(() => this.resize()).observe(place);
    this.resize();
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.place;
    if (!width || !height) return;
    this.size = { width, height };
    this.renderer.setSize(width, height, false);
    this.orbit.aspect = width / height;
    this.orbit.fov = fovDeg(this.orbit.aspect);
    this.orbit.updateProjectionMatrix();
    this.dispatchEvent(new Event("resize"));
    this.now();
  }

  /** Look from the front, or turned by some degrees. */
  front(yawDeg = 0, away = AWAY_M) {
    const yaw = THREE.MathUtils.degToRad(yawDeg);
    this.controls.target.copy(TARGET);
    this.orbit.position.set(TARGET.x + away * Math.sin(yaw), TARGET.y + 0.01, TARGET.z + away * Math.cos(yaw));
    this.controls.update();
    this.invalidate();
  }

  /** Turn and come nearer by steps. */
  nudge(yawDeg, pitchDeg, zoom = 1) {
    const offset = this.orbit.position.clone().sub(this.controls.target);
    const sphere = new THREE.Spherical().setFromVector3(offset);
    sphere.theta += THREE.MathUtils.degToRad(yawDeg);
    sphere.phi = THREE.MathUtils.clamp(sphere.phi + THREE.MathUtils.degToRad(pitchDeg), 0.2, Math.PI - 0.2);
    sphere.radius = THREE.MathUtils.clamp(sphere.radius * zoom, this.controls.minDistance, this.controls.maxDistance);
    this.orbit.position.setFromSpherical(sphere).add(this.controls.target);
    this.controls.update();
    this.#again();
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const moves = {
      ArrowLeft: [-8, 0], ArrowRight: [8, 0], ArrowUp: [0, -6], ArrowDown: [0, 6], "+": [0, 0, 0.88], "=": [0, 0, 0.88], "-": [0, 0, 1.14],
    };
    if (event.key === "0" || event.key === "Home") this.front();
    else if (moves[event.key]) this.nudge(...moves[event.key]);
    else return;
    event.preventDefault();
  }

  /** Something moved: draw with the next frame. */
  invalidate() {
    this.renderer.shadowMap.needsUpdate = true;
    this.#again();
  }

  /** Draw with the next frame, shadows as they were. */
  #again() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      this.now();
    });
  }

  /** Draw at once. */
  now() {
    if (!this.size) return;
    if (this.controls.enabled && this.controls.update()) this.#again();
    if (this.spin) this.nudge(this.spin, 0);
    const { width, height } = this.size;
    if (this.draw) this.draw(this.renderer, this.scene, this.camera, width, height);
    else this.renderer.render(this.scene, this.camera);
    this.dispatchEvent(new Event("drawn"));
  }

  /** Where a point of the head frame (metres) is on the stage, CSS pixels, and whether it is before the camera. */
  project(point) {
    const at = point.clone().project(this.camera);
    return { x: ((at.x + 1) / 2) * this.size.width, y: ((1 - at.y) / 2) * this.size.height, ahead: at.z < 1 };
  }
}
