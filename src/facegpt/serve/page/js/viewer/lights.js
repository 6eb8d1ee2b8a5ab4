/** Light: a room of soft boxes made on the spot, a key light with shadow, and a rim light. */

import * as THREE from "../../vendor/three.module.min.js";

/** Looks of light: strength of the room, key (strength, side, height in degrees), rim, warmth in kelvin, exposure. */
export const LIGHTS = {
  soft: { label: "Soft", room: 0.85, key: 0.9, side_deg: 25, height_deg: 30, rim: 0.5, kelvin: 6500, exposure: 1.15 },
  studio: { label: "Studio", room: 0.72, key: 1.75, side_deg: 38, height_deg: 30, rim: 0.7, kelvin: 5800, exposure: 1.3 },
  side: { label: "Side", room: 0.16, key: 2.9, side_deg: 82, height_deg: 12, rim: 0.5, kelvin: 5600, exposure: 1.15 },
  top: { label: "Top", room: 0.22, key: 2.6, side_deg: 8, height_deg: 66, rim: 0.9, kelvin: 6200, exposure: 1.15 },
  candle: { label: "Warm", room: 0.16, key: 2.4, side_deg: 34, height_deg: -6, rim: 0.3, kelvin: 2700, exposure: 1.15 },
};

/** Beside a photo: bright and from the front, as most photos are. */
const BY_PHOTO = { room: 1.25, key: 1.1, side_deg: 12, height_deg: 28, rim: 0, kelvin: 6500, exposure: 1.3 };

/** Colour of a glowing body, linear RGB with a largest part of 1 (fit of Planck's law in sRGB by T. Helland). */
export function kelvinColor(kelvin) {
  const t = kelvin / 100;
  const red = t <= 66 ? 255 : 329.7 * (t - 60) ** -0.1332;
  const green = t <= 66 ? 99.47 * Math.log(t) - 161.12 : 288.12 * (t - 60) ** -0.0755;
  const blue = t >= 66 ? 255 : t <= 19 ? 0 : 138.52 * Math.log(t - 10) - 305.04;
  const part = (value) => Math.min(255, Math.max(0, value)) / 255;
  return new THREE.Color().setRGB(part(red), part(green), part(blue), THREE.SRGBColorSpace);
}

/** A grey room with three soft boxes, as an environment map. */
function softRoom(renderer) {
  const room = new THREE.Scene();
  const wall = new THREE.Mesh(new THREE.BoxGeometry(10, 10, 10), new THREE.MeshBasicMaterial({ color: 0x6a6c70, side: THREE.BackSide }));
  room.add(wall);
  const floor = new THREE.Mesh(new THREE.PlaneGeometry(10, 10), new THREE.MeshBasicMaterial({ color: 0x3b3733 }));
  floor.rotation.x = -Math.PI / 2;
  floor.position.y = -4.9;
  room.add(floor);
  for (const [x, y, z, width, height, strength] of [[-4, 2.5, 3, 3, 4, 6], [4.4, 1, 2, 2, 4, 3.2], [0, 4.8, 0.5, 4, 3, 3.4], [0, 1.5, -4.8, 5, 2, 1.6]]) {
    const color = new THREE.Color().setScalar(strength);
    const box = new THREE.Mesh(new THREE.PlaneGeometry(width, height), new THREE.MeshBasicMaterial({ color, side: THREE.DoubleSide }));
    box.position.set(x, y, z);
    box.lookAt(0, 0, 0);
    room.add(box);
  }
  const maker = new THREE.PMREMGenerator(renderer);
  const map = maker.fromScene(room, 0.03).texture;
  maker.dispose();
  return map;
}

export class Lights {
  /** @param {import("./stage.js").Stage} stage */
  constructor(stage) {
    this.stage = stage;
    this.key = new THREE.DirectionalLight();
    this.key.castShadow = true;
    this.key.shadow.mapSize.set(1024, 1024);
    Object.assign(this.key.shadow, { bias: -0.0006, normalBias: 0.0012, radius: 5, intensity: 0.75 });
    const box = { left: -0.2, right: 0.2, top: 0.22, bottom: -0.22, near: 0.2, far: 2 };
    Object.assign(this.key.shadow.camera, box);
    this.rim = new THREE.DirectionalLight();
    this.rim.position.set(-0.5, 0.35, -0.8);
    stage.scene.add(this.key, this.rim, this.key.target);
    this.set({ ...LIGHTS.studio, look: "studio" });
  }

  /** The room is made with the first head: it takes a moment on slow machines. */
  furnish() { this.stage.scene.environment ??= softRoom(this.stage.renderer); }

  /** Light for the comparison with a photo, and back to what was set. */
  byPhoto(on) {
    if (on === Boolean(this.before)) return;
    const before = this.before;
    this.before = on ? this.settings : null;
    this.set(on ? BY_PHOTO : before);
  }

  /** Change some of the settings of LIGHTS, and `exposure`. */
  set(some) {
    this.settings = { ...this.settings, ...some };
    const { room, key, side_deg, height_deg, rim, kelvin, exposure } = this.settings;
    this.stage.scene.environmentIntensity = room;
    this.stage.renderer.toneMappingExposure = exposure;
    const [side, height] = [side_deg, height_deg].map(THREE.MathUtils.degToRad);
    this.key.position.set(-Math.sin(side) * Math.cos(height), Math.sin(height), Math.cos(side) * Math.cos(height));
    this.key.intensity = key;
    this.key.color.copy(kelvinColor(kelvin));
    this.rim.intensity = rim;
    this.stage.invalidate();
  }
}
