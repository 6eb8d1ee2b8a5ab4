/** Pictures and turntable videos of the stage, with its backdrop. */

import * as THREE from "../../vendor/three.module.min.js";

const VIDEO_TYPES = ["video/mp4;codecs=avc1.42E01E", "video/webm;codecs=vp9", "video/webm"];
const TURN_SECONDS = 6, FEWEST_FRAMES = 36, LAST_FRAMES_MS = 500;

/** The kind of video that this browser writes, or "" for none. */
export const videoType = () => (globalThis.MediaRecorder ? VIDEO_TYPES.find((type) => MediaRecorder.isTypeSupported(type)) ?? "" : "");

/** The backdrop as the page shows it, for pictures that leave it. */
function backdrop(width, height) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  const style = getComputedStyle(document.documentElement);
  const gradient = context.createRadialGradient(width / 2, height * 0.42, 0, width / 2, height * 0.42, Math.max(width, height) * 0.72);
  gradient.addColorStop(0, style.getPropertyValue("--stage-near").trim());
  gradient.addColorStop(1, style.getPropertyValue("--stage-far").trim());
  context.fillStyle = gradient;
  context.fillRect(0, 0, width, height);
  const texture = new THREE.CanvasTexture(canvas);
  texture.colorSpace = THREE.SRGBColorSpace;
  return texture;
}

/** @param {import("./stage.js").Stage} stage @param {() => Promise<any>} shoot */
async function withBackdrop(stage, shoot) {
  const before = stage.scene.background;
  stage.scene.background = backdrop(stage.canvas.width, stage.canvas.height);
  try {
    return await shoot();
  } finally {
    stage.scene.background.dispose();
    stage.scene.background = before;
    stage.now();
  }
}

/** @param {import("./stage.js").Stage} stage @returns {Promise<Blob>} PNG */
export const picture = (stage) => withBackdrop(stage, () => {
  stage.now();
  return new Promise((resolve) => stage.canvas.toBlob(resolve, "image/png"));
});

/**
 * One turn as a video.
 * @param {import("./stage.js").Stage} stage @param {(share: number) => void} onprogress @param {AbortSignal} signal
 * @returns {Promise<Blob>}
 */
export const turntable = (stage, onprogress, signal) => withBackdrop(stage, async () => {
  const type = videoType();
  // Frames are handed over as they are drawn, so that a slow machine makes a slow video and not a torn one.
  const stream = stage.canvas.captureStream(0);
  const [track] = stream.getVideoTracks();
  const recorder = new MediaRecorder(stream, { mimeType: type, videoBitsPerSecond: 12e6 });
  const pieces = [];
  recorder.ondataavailable = (event) => event.data.size && pieces.push(event.data);
  const stopped = new Promise((resolve) => (recorder.onstop = resolve));
  recorder.start();
  await turn(stage, () => track.requestFrame(), onprogress, signal);
  // The last frames are still on their way to the recorder.
  await new Promise((resolve) => setTimeout(resolve, LAST_FRAMES_MS));
  recorder.stop();
  await stopped;
  if (signal.aborted) throw new DOMException("stopped", "AbortError");
  return new Blob(pieces, { type: type.split(";")[0] });
});

/** Turn once, by the clock, but never by more than a FEWEST_FRAMESth. */
async function turn(stage, onframe, onprogress, signal) {
  let before = performance.now(), done = 0;
  // A browser hands a frame over when the next one is drawn: the last one is drawn some more times.
  for (let after = 0; after < 3 && !signal.aborted; after += done < 1 ? 0 : 1) {
    const now = performance.now();
    const step = Math.min(Math.max(0, now - before) / (TURN_SECONDS * 1000), 1 / FEWEST_FRAMES, 1 - done);
    before = now;
    done += step;
    const drawn = new Promise((resolve) => stage.addEventListener("drawn", resolve, { once: true }));
    stage.nudge(360 * step, 0);
    await drawn;
    onframe();
    onprogress(done);
  }
}

/** Hand a file to the browser. @param {Blob} blob @param {string} name */
export function handOver(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
