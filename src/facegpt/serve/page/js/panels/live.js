/** The camera live: frames go to the server one at a time, the head follows. */

import { button, h } from "../dom.js";
import { frameOf, openCamera } from "./camera.js";

/** Longest side of the frames that are sent, pixels. */
const FRAME_PX = 640;

/** @param {import("../studio.js").Studio} studio @param {import("../viewer/viewer.js").Viewer} viewer */
export function livePart(studio, viewer) {
  const video = h("video.mirror", { muted: true, playsInline: true, autoplay: true, hidden: true, "aria-label": "Camera picture" });
  const state = h("p.small.soft", { role: "status" });
  let session = null;
  const toggle = button("Follow me", async () => {
    if (session) return session.stop();
    const stream = await openCamera(FRAME_PX);
    if (stream) session = start(stream);
  }, { iconName: "camera" });

  const start = (stream) => {
    video.srcObject = stream;
    video.hidden = false;
    toggle.querySelector("span").textContent = "Stop following";
    state.textContent = "Connecting …";
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/live`);
    let seen = 0, since = performance.now(), over = false;
    const send = async () => {
      if (over || socket.readyState !== WebSocket.OPEN) return;
      if (!video.videoWidth) return void setTimeout(send, 50);
      socket.send(await frameOf(video, FRAME_PX, 0.8));
    };
    const stop = (why = "") => {
      if (over) return;
      over = true;
      session = null;
      socket.close();
      for (const track of stream.getTracks()) track.stop();
      video.hidden = true;
      toggle.querySelector("span").textContent = "Follow me";
      state.textContent = why;
      viewer.rest();
    };
    socket.onopen = send;
    socket.onerror = () => stop("Following the camera does not work on this server.");
    socket.onclose = () => stop("The server ended the camera session.");
    socket.onmessage = ({ data }) => {
      const answer = JSON.parse(data);
      if (answer.error) return stop(answer.error.message);
      const [person] = answer.people ?? [];
      if (person) viewer.perform(person);
      seen++;
      const seconds = (performance.now() - since) / 1000;
      state.textContent = person ? `${(seen / seconds).toFixed(0)} frames a second` : "No face in the picture";
      if (seconds > 4) [seen, since] = [0, performance.now()];
      send();
    };
    return { stop };
  };

  studio.on("about", (about) => {
    toggle.disabled = about.extras?.live === false;
    if (toggle.disabled) state.textContent = "The camera needs the extra: pip install \"facegpt[live]\".";
  });
  return h("section.live", {}, h("h2.later", { text: "Live from the camera" }), h("p.soft", { text: "The head on the stage follows your face." }), h("div.row", {}, toggle), video, state);
}
