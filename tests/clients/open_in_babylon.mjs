// Opens a GLB with Babylon.js' NullEngine and prints what it finds as JSON.
// node open_in_babylon.mjs NODE_MODULES FILE X Y Z SECONDS   (as open_in_three.mjs)
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [modules, file, x, y, z, seconds] = process.argv.slice(2);
const from = (name) => import(pathToFileURL(path.join(modules, "@babylonjs", name)).href);
globalThis.XMLHttpRequest = class {};
const BABYLON = await from("core/index.js");
await from("loaders/glTF/index.js");
BABYLON.Logger.LogLevels = BABYLON.Logger.ErrorLogLevel;

const engine = new BABYLON.NullEngine();
const scene = new BABYLON.Scene(engine);
scene.useRightHandedSystem = true; // as glTF
const data = `data:model/gltf-binary;base64,${fs.readFileSync(file).toString("base64")}`;
await BABYLON.SceneLoader.AppendAsync("", data, scene, undefined, ".glb");
scene.animationGroups.forEach((group) => group.stop());

const morphing = scene.meshes.filter((mesh) => mesh.morphTargetManager);
const managers = morphing.map((mesh) => mesh.morphTargetManager);
const target = (manager, name) => Array.from({ length: manager.numTargets }, (_, k) => manager.getTarget(k)).find((t) => t.name === name);
let [moved, gap] = [0, Infinity];
morphing.forEach((mesh, m) => {
  const rest = mesh.getVerticesData("position"), opened = target(managers[m], "jawOpen").getPositions();
  for (let i = 0; i < rest.length; i += 3) {
    const apart = Math.hypot(1000 * rest[i] - x, 1000 * rest[i + 1] - y, 1000 * rest[i + 2] - z);
    if (apart < gap)
      [gap, moved] = [apart, 1000 * Math.hypot(opened[i] - rest[i], opened[i + 1] - rest[i + 1], opened[i + 2] - rest[i + 2])];
  }
});

const played = {};
for (const group of scene.animationGroups) {
  const rate = group.targetedAnimations[0].animation.framePerSecond;
  group.start(false, 1, group.from, group.to);
  group.goToFrame(Number(seconds) * rate);
  const head = scene.transformNodes.concat(scene.meshes).find((node) => node.name === "head");
  head.computeWorldMatrix(true);
  const forward = head.getDirection(new BABYLON.Vector3(0, 0, 1));
  played[group.name] = {
    seconds: (group.to - group.from) / rate,
    jawOpen: target(managers[0], "jawOpen").influence,
    yaw_deg: (180 / Math.PI) * Math.atan2(forward.x, forward.z),
  };
  group.stop();
}
const textures = {};
for (const material of scene.materials) {
  const texture = material.albedoTexture?.getInternalTexture();
  if (texture) textures[material.name] = texture._buffer?.byteLength ?? texture._buffer?.size ?? 0;
}
console.log(JSON.stringify({
  version: BABYLON.Engine.Version,
  names: Array.from({ length: managers[0].numTargets }, (_, k) => managers[0].getTarget(k).name),
  gap_mm: gap,
  chin_mm: moved,
  materials: scene.materials.map((material) => material.name),
  textures,
  clips: played,
}));
engine.dispose();
process.exit(0);
