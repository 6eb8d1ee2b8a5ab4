/** The camera live: the head follows; what was filmed can be recorded and becomes a clip with motion. */

import { button, h } from "../dom.js";
import { videoType } from "../viewer/capture.js";
import { frameOf, openCamera } from "./camera.js";

/** Longest side of the frames that are sent, pixels. */
const FRAME_PX = 640;

/**
 * @param {import("../studio.js").Studio} studio @param {import("../viewer/viewer.js").Viewer} viewer
 * @param {{known: () => string, onclip: (clip: File) => void}} told the personal head of who sits there, or "", and who takes a recording
 */
export function livePart(studio, viewer, { known, onclip }) {
  const video = h("video.mirror", { muted: true, playsInline: true, autoplay: true, hidden: true, "aria-label": "Camera picture" });
  const state = h("p.small.soft", { role: "status" });
  const picture = h("img.moved", { alt: "The photo, moved", hidden: true });
  const wanted = h("input", { type: "checkbox" });
  const itself = h("label.check", { hidden: true }, wanted, "Move the photo itself");
  studio.on("head", (head) => { itself.hidden = !head.photo_head; });
  let session = null;
  const record = button("Record", () => session?.record(), { kind: "plain", hidden: true, title: "Film yourself; the recording becomes motion with curves and files" });
  const toggle = button("Follow me", async () => {
    if (session) return session.stop();
    const stream = await openCamera(FRAME_PX);
    if (stream) session = start(stream);
  }, { iconName: "camera" });

  const start = (stream) => {
    // What is sent comes from a video that no panel hides: browsers stop drawing one that is out of view.
    const source = h("video", { muted: true, playsInline: true, autoplay: true });
    source.srcObject = video.srcObject = stream;
    source.play().catch(() => {});
    video.hidden = false;
    toggle.querySelector("span").textContent = "Stop following";
    state.textContent = "Connecting …";
    const asked = new URLSearchParams();
    if (known()) asked.set("avatar", known());
    if (wanted.checked && studio.head?.photo_head) asked.set("photo", studio.head.photo_head);
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/live${asked.size ? `?${asked}` : ""}`);
    let seen = 0, since = performance.now(), over = false;
    // Two pictures are under way, once the first was answered: the server looks at one while it fits the other.
    let flying = 0, most = 1, sent = -1;
    const send = async () => {
      if (over) return;
      if (socket.readyState === WebSocket.OPEN && source.videoWidth && flying < most && source.currentTime !== sent) {
        flying++;
        sent = source.currentTime;
        const frame = await frameOf(source, FRAME_PX, 0.8);
        if (!over) socket.send(frame); // it may have been stopped meanwhile
      }
      setTimeout(send, 8);
    };
    let recorder = null;
    const startRecording = () => {
      if (recorder) return stop();
      const pieces = [], type = videoType();
      recorder = new MediaRecorder(stream, { mimeType: type, videoBitsPerSecond: 6_000_000 });
      recorder.ondataavailable = ({ data }) => pieces.push(data);
      recorder.onstop = () => onclip(new File(pieces, `camera.${type.includes("mp4") ? "mp4" : "webm"}`, { type: type.split(";")[0] }));
      recorder.start();
      record.querySelector("span").textContent = "Stop, and make motion of it";
      record.setAttribute("aria-pressed", "true");
    };
    const stop = (why = "") => {
      if (over) return;
      over = true;
      session = null;
      socket.close();
      // Only a recording that was ended by hand is wanted.
      if (recorder && why) recorder.onstop = null;
      if (recorder?.state === "recording") recorder.stop();
      record.hidden = true;
      record.querySelector("span").textContent = "Record";
      record.removeAttribute("aria-pressed");
      for (const track of stream.getTracks()) track.stop();
      source.srcObject = video.srcObject = null;
      video.hidden = picture.hidden = true;
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
      if (person?.picture) [picture.src, picture.hidden] = [person.picture, false];
      flying--;
      most = 2;
      seen++;
      const seconds = (performance.now() - since) / 1000;
      state.textContent = person ? `${(seen / seconds).toFixed(seen < 10 * seconds ? 1 : 0)} frames a second` : "No face in the picture";
      if (seconds > 4) [seen, since] = [0, performance.now()];
    };
    record.hidden = !videoType();
    return { stop, record: startRecording };
  };

  return h("section.live", {}, h("h2.later", { text: "Live from the camera" }), h("p.soft", { text: "The head on the stage follows your face." }), itself, h("div.row", {}, toggle, record), picture, video, state);
}
