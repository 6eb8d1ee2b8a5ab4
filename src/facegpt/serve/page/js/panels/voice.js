/** The microphone live: the mouth of the head on the stage follows whoever speaks. */

import { button, h, toast } from "../dom.js";

const WHY = {
  NotAllowedError: "The microphone was not allowed. Allow it in the browser's address bar.",
  NotFoundError: "No microphone was found.",
  NotReadableError: "The microphone is used by another program.",
};
/** Blinks are this far apart on average, and last so long, s. */
const BLINK_EVERY_S = 2.6, BLINK_S = 0.22;

/** Open the microphone. @returns {Promise<MediaStream|null>} null where there is none, which is said. */
async function openMicrophone() {
  if (!navigator.mediaDevices?.getUserMedia) {
    toast("This browser gives the microphone only to pages on this machine or over https.", { bad: true });
    return null;
  }
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: true, noiseSuppression: false } });
  } catch (error) {
    toast(WHY[error.name] ?? "The microphone cannot be opened.", { bad: true });
    return null;
  }
}

/** How far the lids are closed, from blinks at random. */
class Blinks {
  constructor() { this.#next(0); }

  #next(after_s) { this.at_s = after_s + BLINK_EVERY_S * (0.4 - Math.log(1 - Math.random()) * 0.6); }

  weight(time_s) {
    const share = (time_s - this.at_s) / BLINK_S;
    if (share > 1) this.#next(time_s);
    return share < 0 || share > 1 ? 0 : Math.sin(Math.PI * share);
  }
}

/** @param {import("../studio.js").Studio} studio @param {import("../viewer/viewer.js").Viewer} viewer */
export function voicePart(studio, viewer) {
  const state = h("p.small.soft", { role: "status" });
  let session = null;
  const toggle = button("Speak for the head", async () => {
    if (session) return session.stop();
    toggle.disabled = true;
    const stream = await openMicrophone();
    if (stream) session = await start(stream).catch((error) => { for (const track of stream.getTracks()) track.stop(); toast(error.message, { bad: true }); return null; });
    toggle.disabled = false;
  }, { iconName: "microphone" });

  const start = async (stream) => {
    const sound = new AudioContext();
    await sound.audioWorklet.addModule(new URL("./microphone.js", import.meta.url));
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/voice?rate=${sound.sampleRate}`);
    const tap = new AudioWorkletNode(sound, "microphone", { numberOfOutputs: 0 });
    const blinks = new Blinks();
    let sent = 0, over = false;
    tap.port.onmessage = ({ data }) => {
      if (socket.readyState !== WebSocket.OPEN) return;
      sent += data.length / sound.sampleRate;
      socket.send(data.buffer);
    };
    const stop = (why = "") => {
      if (over) return;
      over = true;
      session = null;
      socket.close();
      tap.port.onmessage = null;
      sound.close();
      for (const track of stream.getTracks()) track.stop();
      toggle.querySelector("span").textContent = "Speak for the head";
      state.textContent = why;
      viewer.rest();
    };
    socket.onopen = () => { sound.createMediaStreamSource(stream).connect(tap); sound.resume(); state.textContent = "Speak: the lips follow you."; };
    socket.onerror = () => stop("Following the microphone does not work on this server.");
    socket.onclose = () => stop("The server ended the session.");
    socket.onmessage = ({ data }) => {
      const answer = JSON.parse(data);
      if (answer.error) return stop(answer.error.message);
      const row = answer.weights.at(-1), time_s = (answer.first + answer.weights.length - 1) / answer.fps;
      const weights = { ...studio.weights, ...Object.fromEntries(answer.names.map((name, at) => [name, Math.max(row[at], studio.weights[name] ?? 0)])) };
      weights.eyeBlinkLeft = weights.eyeBlinkRight = Math.max(weights.eyeBlinkLeft, blinks.weight(time_s));
      viewer.perform({ weights, pose: {} });
      state.textContent = `Speak: the lips follow you, ${Math.round(1000 * Math.max(0, sent - time_s))} ms behind.`;
    };
    toggle.querySelector("span").textContent = "Stop listening";
    state.textContent = "Connecting …";
    return { stop };
  };

  return h("section.live", {}, h("h2.later", { text: "Live from the microphone" }), h("p.soft", { text: "The head on the stage says what you say. The sound goes to this server only and is not kept." }), h("div.row", {}, toggle), state);
}
