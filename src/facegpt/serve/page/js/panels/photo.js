/** The photo itself, changed as the head is: before and after, by words and sliders; a PNG to keep. */

import { getJson, post, request } from "../api.js";
import { button, h, segments, settled, toast } from "../dom.js";
import { headName } from "../names.js";
import { slider } from "./slider.js";

/** What is moved here; every unit of the Face panel moves the photo as well. */
const UNITS = [["Smile", ["mouthSmileLeft", "mouthSmileRight"]], ["Open mouth", ["jawOpen"]], ["Raised brows", ["browInnerUp", "browOuterUpLeft", "browOuterUpRight"]], ["Shut eyes", ["eyeBlinkLeft", "eyeBlinkRight"]]];
/** How far a photo bears to be turned, degrees. */
const MOST_DEG = 15;

/** @param {import("../studio.js").Studio} studio */
export function photoPanel(studio) {
  const view = { yaw_deg: 0, pitch_deg: 0, gaze: "" };
  const frame = beforeAfter();
  const state = h("p.small.soft", { role: "status" });
  const keep = h("a.button", { download: "photo.png", text: "Download PNG", hidden: true });
  const none = h("p.note.first", { text: "Make a head from a photo first. Then this changes the photo itself: its own pixels, hair, clothes and background stay." });
  let drawn = "", turn = 0;

  const visible = () => root.offsetParent !== null;
  const draw = async () => {
    if (!studio.head?.photo_head || !visible()) return;
    const mine = ++turn;
    const head = await studio.settle();
    const address = head && `/api/heads/${head.id}/photo?${new URLSearchParams(view)}`;
    if (!head || mine !== turn || address === drawn) return;
    state.textContent = "Drawing the photo …";
    frame.root.setAttribute("aria-busy", "true");
    try {
      const blob = await (await request(address)).blob();
      if (mine !== turn) return;
      drawn = address;
      frame.show(`/api/heads/${head.photo_head}/files/photo`, blob, head, await getJson(`/api/heads/${head.photo_head}`));
      Object.assign(keep, { href: frame.url, hidden: false, download: `${headName(head).replace(/[^\w-]+/g, "_").slice(0, 40) || "photo"}.png` });
      state.textContent = head.ignored?.length ? `Not shown: ${head.ignored.join("; ")}` : "Drag over the picture: before and after. Its metadata say that it was changed.";
    } catch (error) {
      if (mine === turn) state.textContent = "";
      studio.fail(error);
    } finally {
      if (mine === turn) frame.root.removeAttribute("aria-busy");
    }
  };
  const soon = settled(500, draw);

  const words = h("input.field", { type: "text", maxLength: 400, placeholder: "make her laugh", "aria-label": "What to change in the photo" });
  const say = async (event) => {
    event.preventDefault();
    const text = words.value.trim();
    const head = text && (await studio.settle());
    if (!head) return;
    await studio.run("Changing the photo", (signal) => post(`/api/heads/${head.id}/edit`, { text, ready: true }, signal), {
      then: async ({ heads: [changed] }) => {
        if (!changed.understood.length) return toast(changed.ignored.join("; ") || "No change was found in these words.", { bad: true });
        words.value = "";
        await studio.show(changed, text);
      },
    });
  };
  const rows = UNITS.map(([label, units]) => [units, slider({
    label, min: 0, max: 1, value: 0, show: (v) => String(Math.round(v * 100)),
    oninput: (value) => studio.pose({ weights: Object.fromEntries(units.map((unit) => [unit, value])) }), onchange: () => { studio.step(label); soon(); },
  })]);
  const turned = (name, label, ends) => slider({ label, ends, min: -MOST_DEG, max: MOST_DEG, step: 1, value: 0, show: (v) => `${v}°`, oninput: (value) => { view[name] = value; }, onchange: soon });
  const camera = h("label.check", {}, h("input", { type: "checkbox", onchange: (event) => { view.gaze = event.target.checked ? "camera" : ""; soon(); } }), "Look into the camera");
  const tools = h("div.stack", { hidden: true }, frame.root, state,
    h("form.row.said", { onsubmit: say }, words, button("Change", () => {}, { kind: "main", type: "submit" })),
    h("div", {}, ...rows.map(([, { row }]) => row), turned("yaw_deg", "Turn", ["their right", "their left"]).row, turned("pitch_deg", "Nod", ["up", "down"]).row, camera),
    h("div.row", {}, keep),
    h("p.small.soft", { text: "Hair and glasses of the photo stay as they are. Change only photos of people who agree to it." }));
  const root = h("div.scroll.pad", {}, h("h2", { text: "The photo itself" }), none, tools);

  studio.on("head", (head) => {
    none.hidden = Boolean(head.photo_head);
    tools.hidden = !head.photo_head;
    soon();
  });
  studio.on("pose", () => { for (const [units, { set }] of rows) set(studio.weights[units[0]] ?? 0); });
  studio.on("history", soon);
  studio.on("panel", soon);
  return root;
}

/** Two pictures of one size, of which a line that is dragged shows the one or the other; whole, or their face. */
function beforeAfter() {
  const before = h("img", { alt: "The photo before", draggable: "false" }), after = h("img", { alt: "The photo after", draggable: "false" });
  const cover = h("div", {}, after);
  const line = h("div.split-line", { "aria-hidden": "true" });
  const divider = h("input.divider", { type: "range", min: "0", max: "100", value: "50", "aria-label": "Before and after" });
  let face = null, near = true;
  const cut = () => {
    cover.style.clipPath = `inset(0 0 0 ${divider.value}%)`;
    line.style.left = `${divider.value}%`;
  };
  divider.addEventListener("input", cut);
  const zoom = () => {
    const show = near && face ? face : { x: 50, y: 50, scale: 1 };
    for (const img of [before, after]) Object.assign(img.style, { transformOrigin: `${show.x}% ${show.y}%`, transform: `scale(${show.scale})` });
  };
  const pictures = h("div.before-after", {}, h("div", {}, before), cover, line, divider);
  const root = h("div.stack", { hidden: true }, pictures, segments("What is shown", [["face", "Face"], ["whole", "Whole photo"]], "face", (what) => { near = what === "face"; zoom(); }));
  const made = {
    root, url: "",
    show(address, blob, head, { box, image }) {
      if (made.url) URL.revokeObjectURL(made.url);
      made.url = URL.createObjectURL(blob);
      if (before.getAttribute("src") !== address) before.src = address;
      after.src = made.url;
      after.dataset.head = head.id;
      face = box && image && faceIn(box, image);
      pictures.style.aspectRatio = image ? `${image.width} / ${image.height}` : "";
      root.hidden = false;
      zoom();
      cut();
    },
  };
  return made;
}

/** Where a picture is enlarged from, %, and how much, so that a face takes about half of it. */
function faceIn([x0, y0, x1, y1], { width, height }) {
  const scale = Math.max(1, Math.min(8, 0.5 / Math.max((x1 - x0) / width, (y1 - y0) / height)));
  const from = (middle) => (scale === 1 ? 50 : Math.max(0, Math.min(100, (100 * (middle * scale - 0.5)) / (scale - 1))));
  return { scale, x: from((x0 + x1) / 2 / width), y: from((y0 + y1) / 2 / height) };
}
