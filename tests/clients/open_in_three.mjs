// Opens a GLB or FBX with three.js, without a screen, and prints what it finds as JSON.
// node open_in_three.mjs NODE_MODULES FILE X Y Z SECONDS   (X Y Z: the chin at rest, mm; SECONDS: when the clip is looked at)
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [modules, file, x, y, z, seconds] = process.argv.slice(2);

// What a browser has and node has not: pictures are only measured, PNG by its header, JPEG by its frame.
function sizeOf(bytes) {
  if (bytes.readUInt32BE(0) === 0x89504e47) return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  for (let at = 2; at < bytes.length; at += 2 + bytes.readUInt16BE(at + 2))
    if (bytes[at + 1] >= 0xc0 && bytes[at + 1] <= 0xc3)
      return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
  throw new Error("no picture");
}
globalThis.self = globalThis.window = globalThis;
globalThis.createImageBitmap = async (blob) => sizeOf(Buffer.from(await blob.arrayBuffer()));
globalThis.document = {
  createElementNS: () => {
    const told = {};
    return {
      addEventListener: (name, call) => (told[name] = call),
      removeEventListener: () => {},
      set src(address) {
        fetch(address).then((answer) => answer.arrayBuffer())
          .then((data) => Object.assign(this, sizeOf(Buffer.from(data)))).then(() => told.load?.call(this), told.error);
      },
    };
  },
};

const at = (name) => pathToFileURL(path.join(modules, "three", name)).href;
const THREE = await import(at("build/three.module.js"));
const { GLTFLoader } = await import(at("examples/jsm/loaders/GLTFLoader.js"));
const { FBXLoader } = await import(at("examples/jsm/loaders/FBXLoader.js"));

const data = fs.readFileSync(file);
const bytes = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
const isFbx = file.endsWith(".fbx");
let scene, clips;
if (isFbx) {
  const manager = new THREE.LoadingManager();
  const loaded = new Promise((done) => (manager.onLoad = done));
  scene = new FBXLoader(manager).parse(bytes, "");
  clips = scene.animations;
  await loaded;
} else {
  const gltf = await new GLTFLoader().parseAsync(bytes, "");
  [scene, clips] = [gltf.scene, gltf.animations];
}
const mmAUnit = isFbx ? 10 : 1000;
const meshes = [];
scene.traverse((node) => node.isMesh && meshes.push(node));
const morphing = meshes.filter((mesh) => mesh.morphTargetDictionary);

// Places of all vertices as drawn: morphed and skinned.
function places(mesh) {
  scene.updateMatrixWorld(true);
  mesh.skeleton?.update();
  return Array.from({ length: mesh.geometry.attributes.position.count }, (_, i) =>
    mesh.getVertexPosition(i, new THREE.Vector3()).applyMatrix4(mesh.matrixWorld).multiplyScalar(mmAUnit));
}

const chin = new THREE.Vector3(Number(x), Number(y), Number(z));
const before = morphing.map(places);
let [best, gap] = [[0, 0], Infinity];
before.forEach((all, m) => all.forEach((place, i) => {
  if (place.distanceTo(chin) < gap) [best, gap] = [[m, i], place.distanceTo(chin)];
}));
const weigh = (name, value) =>
  morphing.forEach((mesh) => (mesh.morphTargetInfluences[mesh.morphTargetDictionary[name]] = value));
weigh("jawOpen", 1);
const moved = places(morphing[best[0]])[best[1]].distanceTo(before[best[0]][best[1]]);
weigh("jawOpen", 0);

const played = {};
for (const clip of clips) {
  const mixer = new THREE.AnimationMixer(scene);
  mixer.clipAction(clip).play();
  mixer.setTime(Number(seconds));
  const head = scene.getObjectByName("head");
  scene.updateMatrixWorld(true);
  const forward = new THREE.Vector3(0, 0, 1).transformDirection(head.matrixWorld);
  played[clip.name] = {
    seconds: clip.duration,
    jawOpen: morphing[0].morphTargetInfluences[morphing[0].morphTargetDictionary.jawOpen],
    yaw_deg: THREE.MathUtils.radToDeg(Math.atan2(forward.x, forward.z)),
  };
  mixer.stopAllAction();
}
const textures = {};
for (const material of meshes.flatMap((mesh) => mesh.material))
  if (material.map) textures[material.name] = [material.map.image.width, material.map.image.height];
console.log(JSON.stringify({
  version: THREE.REVISION,
  names: Object.keys(morphing[0].morphTargetDictionary),
  same_names: morphing.every((m) => String(Object.keys(m.morphTargetDictionary)) === String(Object.keys(morphing[0].morphTargetDictionary))),
  gap_mm: gap,
  chin_mm: moved,
  materials: [...new Set(meshes.flatMap((mesh) => mesh.material).map((material) => material.name))],
  textures,
  clips: played,
}));
