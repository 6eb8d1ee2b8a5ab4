/** A head on the stage: the GLB's own meshes and materials, its 52 sliders, eyes, neck and what it wears. */

import * as THREE from "../../vendor/three.module.min.js";
import { GLTFLoader } from "../../vendor/GLTFLoader.js";
import { request } from "../api.js";

const loader = new GLTFLoader();
const pictures = new THREE.TextureLoader();
/** Looks other than the head's own. */
export const LOOKS = { texture: "Texture", clay: "Clay", wire: "Wires", normal: "Normals", relief: "Wrinkles" };
/** Looks that are pictures of the atlas on a clay head, and what a head needs to have for them. */
export const PAINTED = { relief: ["relief", "detail", "This head's skin is smooth: wrinkles come from photos, at the balanced and best quality."], sure: ["sureness", "doubt", "How sure each place is is known of heads from photos."] };
/** Materials that a clay head is not covered by. */
const CLEAR = "cornea", LENSES = "glasses_lenses";
/** What a mesh is a part of: the loader numbers meshes of several materials, "glasses", "glasses_1" … */
const partOf = (mesh) => mesh.name.replace(/^(glasses)(_\d+)?$/, "$1");

export class HeadModel {
  /** @param {string} url @param {AbortSignal} [signal] @returns {Promise<HeadModel>} */
  static async load(url, signal) {
    const bytes = await (await request(url, { signal })).arrayBuffer();
    return HeadModel.parse(bytes);
  }

  /** @param {ArrayBuffer} bytes of a GLB */
  static async parse(bytes) { return new HeadModel(await loader.parseAsync(bytes, "")); }

  constructor(gltf) {
    this.root = gltf.scene;
    this.meshes = [];
    this.bones = new Map();
    this.root.traverse((node) => {
      if (node.isBone) this.bones.set(node.name, node);
      if (node.isMesh) this.meshes.push(node);
    });
    this.moving = this.meshes.filter((mesh) => mesh.morphTargetDictionary);
    /** The mesh of the skin: the file's first primitive. */
    this.skin = this.meshes.find((mesh) => mesh.material.name === "skin") ?? this.meshes[0];
    this.units = Object.keys(this.moving[0]?.morphTargetDictionary ?? {});
    this.meshes.forEach(prepare);
    const turns = this.moving[0]?.userData.photoJointRotations ?? [];
    const order = this.moving[0]?.skeleton?.bones.map((bone) => bone.name) ?? [];
    this.eyes = ["left_eye", "right_eye"].map((name) => [name, turns[order.indexOf(name)] ?? [0, 0, 0]]);
    this.own = new Map(this.meshes.map((mesh) => [mesh, mesh.material]));
    this.made = [];
    this.lines = [];
  }

  /** Gaze of the photo as in the file, degrees: x towards the subject's left, y up. */
  get photoGaze() {
    const mean = (axis) => (this.eyes[0][1][axis] + this.eyes[1][1][axis]) / 2;
    return { x_deg: THREE.MathUtils.radToDeg(mean(1)), y_deg: -THREE.MathUtils.radToDeg(mean(0)) };
  }

  /** @param {Object<string, number>} weights ARKit names → 0..1; others go to 0. */
  setWeights(weights) {
    for (const mesh of this.moving) {
      for (const [unit, place] of Object.entries(mesh.morphTargetDictionary)) mesh.morphTargetInfluences[place] = weights[unit] ?? 0;
    }
  }

  /** Turn both eyes. */
  setGaze({ x_deg, y_deg }) {
    const from = this.photoGaze;
    const [x, y] = [x_deg - from.x_deg, y_deg - from.y_deg].map(THREE.MathUtils.degToRad);
    // Each eye keeps its own angle to the other: eyes that look far away are not parallel to their axes.
    for (const [name, turn] of this.eyes) this.bones.get(name)?.quaternion.setFromEuler(new THREE.Euler(turn[0] - y, turn[1] + x, 0, "YXZ"));
  }

  /** Turn the head on its neck; degrees as in the package: yaw to the subject's left, pitch down, roll to image right. */
  setTurn({ yaw_deg = 0, pitch_deg = 0, roll_deg = 0 } = {}) {
    const [yaw, pitch, roll] = [yaw_deg, pitch_deg, roll_deg].map(THREE.MathUtils.degToRad);
    this.bones.get("head")?.quaternion.setFromEuler(new THREE.Euler(pitch, yaw, -roll, "ZXY"));
  }

  /** Names of what it wears and can take off: "hair", "beard", "glasses" … */
  get parts() {
    const worn = this.meshes.map(partOf).filter((name) => /hair|beard|moustache|mustache|glasses|headwear|shirt|brows/i.test(name));
    return [...new Set(worn)];
  }

  /** @param {string} name @param {boolean} visible */
  setPart(name, visible) { for (const mesh of this.meshes) if (partOf(mesh) === name) mesh.visible = visible; }

  /** Draw it as in LOOKS. */
  setLook(look) {
    this.#plain();
    if (look === "texture") return;
    const relief = this.own.get(this.skin);
    const shared = { side: THREE.DoubleSide };
    const clay = new THREE.MeshStandardMaterial({ color: 0xb5aca2, roughness: 0.62, normalMap: relief.normalMap, ...shared });
    const plain = new THREE.MeshStandardMaterial({ color: 0xb5aca2, roughness: 0.62, ...shared });
    const normals = new THREE.MeshNormalMaterial({ normalMap: relief.normalMap, ...shared });
    const plainNormals = new THREE.MeshNormalMaterial(shared);
    this.made.push(clay, plain, normals, plainNormals);
    for (const [mesh, own] of this.own) {
      if ([CLEAR, LENSES, "lashes"].includes(own.name)) mesh.userData.hidden = !(mesh.visible = false);
      if (own.alphaTest && own.name !== "lashes" && own.name !== "skin") mesh.material = this.#cutClay(own, look);
      else if (look === "normal") mesh.material = mesh === this.skin ? normals : plainNormals;
      else mesh.material = mesh === this.skin ? clay : plain;
    }
    if (look === "wire") this.#wires();
  }

  /** Paint a clay head's skin with a picture of the atlas. @param {string} url @param {() => boolean} wanted when it is there */
  async paint(url, wanted) {
    const map = await pictures.loadAsync(url);
    if (!wanted()) { map.dispose(); return; }
    Object.assign(map, { flipY: false, colorSpace: THREE.SRGBColorSpace });
    const material = new THREE.MeshStandardMaterial({ map, roughness: 0.75, side: THREE.DoubleSide });
    material.addEventListener("dispose", () => map.dispose());
    this.skin.material = material;
    this.made.push(material);
  }

  /** Clay for cards of hair: their picture cuts their shape. */
  #cutClay(own, look) {
    const material = look === "normal"
      ? new THREE.MeshNormalMaterial({ side: THREE.DoubleSide })
      : new THREE.MeshStandardMaterial({ color: 0x8d857c, roughness: 0.8, side: THREE.DoubleSide, alphaTest: own.alphaTest });
    if (look !== "normal" && own.map) {
      // Only the picture's alpha counts: its colour is replaced by the clay's.
      material.map = own.map;
      material.onBeforeCompile = (shader) => {
        shader.fragmentShader = shader.fragmentShader.replace("#include <map_fragment>", "diffuseColor.a *= texture2D( map, vMapUv ).a;");
      };
    }
    this.made.push(material);
    return material;
  }

  #wires() {
    const material = new THREE.MeshBasicMaterial({ color: 0x14181d, wireframe: true, transparent: true, opacity: 0.55, depthWrite: false });
    this.made.push(material);
    for (const mesh of this.moving) {
      if (!mesh.visible) continue;
      const wires = new THREE.SkinnedMesh(mesh.geometry, material);
      wires.bind(mesh.skeleton, mesh.bindMatrix);
      wires.morphTargetInfluences = mesh.morphTargetInfluences;
      wires.morphTargetDictionary = mesh.morphTargetDictionary;
      Object.assign(wires, { frustumCulled: false, renderOrder: 2 });
      mesh.parent.add(wires);
      this.lines.push(wires);
    }
    for (const material_ of this.made) Object.assign(material_, { polygonOffset: !material_.wireframe, polygonOffsetFactor: 1, polygonOffsetUnits: 1 });
  }

  /** Colour the skin by a number a vertex, 0..1. @param {Float32Array} share @param {(share: number) => THREE.Color} ramp */
  setHeat(share, ramp) {
    this.setLook("clay");
    const colors = new Float32Array(share.length * 3);
    share.forEach((value, vertex) => ramp(value).toArray(colors, 3 * vertex));
    this.skin.geometry.setAttribute("color", new THREE.BufferAttribute(colors, 3));
    this.skin.material = new THREE.MeshStandardMaterial({ vertexColors: true, roughness: 0.75, side: THREE.DoubleSide });
    this.made.push(this.skin.material);
    for (const name of this.parts) this.setPart(name, false);
  }

  #plain() {
    for (const [mesh, own] of this.own) {
      mesh.material = own;
      if (mesh.userData.hidden) mesh.visible = true;
      mesh.userData.hidden = false;
    }
    for (const wires of this.lines) wires.parent.remove(wires);
    for (const material of this.made) material.dispose();
    this.lines = [];
    this.made = [];
  }

  /** Give back the memory of the graphics card. */
  dispose() {
    this.#plain();
    this.root.removeFromParent();
    for (const mesh of this.meshes) {
      mesh.geometry.dispose();
      mesh.skeleton?.dispose();
      for (const value of Object.values(mesh.material)) if (value?.isTexture) { value.source.data?.close?.(); value.dispose(); }
      mesh.material.dispose();
    }
  }
}

/** Make the file's materials look like skin, hair and wet eyes. */
function prepare(mesh) {
  const { material } = mesh;
  mesh.frustumCulled = false;
  mesh.castShadow = mesh.receiveShadow = material.name !== CLEAR;
  for (const key of ["map", "normalMap"]) if (material[key]) material[key].anisotropy = 8;
  if (material.name === "lashes" || (material.name === LENSES && material.opacity < 0.5)) mesh.castShadow = false;
  if (material.alphaTest) mesh.material = cutOut(material);
  if (material.name !== CLEAR) return;
  // A cornea is seen by its highlights alone: they are added to what lies behind.
  mesh.material = new THREE.MeshStandardMaterial({
    name: CLEAR, color: 0x000000, roughness: 0.08, transparent: true, blending: THREE.AdditiveBlending, depthWrite: false, envMapIntensity: 0.9,
  });
  material.dispose();
}

/** Hair and lashes: soft edges by coverage, and a broad sheen; single highlights on cards would glitter. */
function cutOut(own) {
  const { name, map, alphaTest, side } = own;
  const material = new THREE.MeshStandardMaterial({ name, map, alphaTest, side, roughness: 0.82, envMapIntensity: 0.75, alphaToCoverage: true });
  own.dispose();
  // A lock is round, so its card has one normal for both sides: turned round, single cards would be black.
  material.onBeforeCompile = (shader) => {
    shader.fragmentShader = shader.fragmentShader.replace("#include <normal_fragment_begin>",
      "float faceDirection = 1.0; vec3 normal = normalize( vNormal ); vec3 nonPerturbedNormal = normal;");
  };
  // Their alpha is for coverage alone: what lies behind them stays as opaque as it was.
  const { CustomBlending: blending, OneFactor, ZeroFactor } = THREE;
  return Object.assign(material, { blending, blendSrc: OneFactor, blendDst: ZeroFactor, blendSrcAlpha: OneFactor, blendDstAlpha: OneFactor });
}
