/** The bar under the head: looks, comparison with the photo, measurements of the camera, light. */

import { fileUrl } from "../api.js";
import { button, h, iconButton, openDialog, segments } from "../dom.js";
import { LOOKS } from "../viewer/head_model.js";
import { PhotoView } from "../viewer/photo_view.js";
import { adviceOn, morePhotos } from "./person_photos.js";
import { slider } from "./slider.js";

/** @param {import("../studio.js").Studio} studio @param {import("../viewer/viewer.js").Viewer} viewer */
export function toolbar(studio, viewer) {
  const { stage } = viewer;
  const looks = segments("Look", Object.entries(LOOKS), "texture", (look) => viewer.setLook(look));
  const compare = iconButton("compare", "Compare with the photo", () => viewer.setMode(viewer.mode === "photo" ? "" : "photo"), { "aria-pressed": "false" });
  const spin = iconButton("turn", "Turn slowly", () => {
    stage.spin = stage.spin ? 0 : 0.6;
    spin.setAttribute("aria-pressed", String(Boolean(stage.spin)));
    stage.invalidate();
  }, { "aria-pressed": "false" });
  const front = iconButton("reset", "Look from the front", () => stage.front());
  const doubt = iconButton("sure", "How sure each place is", () => showDoubt(studio, viewer));
  const full = iconButton("expand", "Full screen", () => (document.fullscreenElement ? document.exitFullscreen() : stage.place.requestFullscreen()));
  full.classList.add("wide");
  const bar = h("div.stage-bar", { role: "toolbar", "aria-label": "View", hidden: true }, looks, h("span.sep"), compare, doubt, spin, front, full);
  const options = compareOptions(viewer);
  const leave = button("End comparison", () => viewer.setMode(""), { iconName: "close", hidden: true });
  leave.classList.add("leave");
  stage.place.append(options, bar, leave);

  studio.on("head", (head) => {
    bar.hidden = false;
    compare.disabled = !PhotoView.can(head);
    doubt.hidden = !head.doubt;
  });
  viewer.addEventListener("look", () => { for (const input of looks.querySelectorAll("input")) input.checked = input.value === viewer.look; });
  viewer.addEventListener("view", (event) => {
    const mode = /** @type {CustomEvent} */ (event).detail;
    compare.setAttribute("aria-pressed", String(mode === "photo"));
    options.hidden = mode !== "photo";
    leave.hidden = mode !== "pair";
    spin.disabled = front.disabled = mode === "photo";
  });
}

/** A picture of what of the head photos tell, and what is guessed. */
async function showDoubt(studio, viewer) {
  const head = await studio.settle();
  if (!head) return;
  const picture = h("img.fitting", { src: fileUrl(head, "doubt"), alt: "The head from three sides: blue where it is sure, red where it may lie elsewhere by the most millimetres" });
  const matched = !head.matches ? [] : [
    h("p.small.soft", { text: "Dots of one colour are one place of the skin, found again in other photos." }),
    h("img.fitting", { src: fileUrl(head, "matches"), alt: "Photos side by side with the places that were matched" }),
  ];
  const dialog = openDialog("How sure each place is", picture, ...matched, adviceOn(head) ??
    h("p.small.soft", { text: "What one photo does not show is guessed from other people. Two or three photos of a calm face, turned to both sides, make it surer." }),
    h("div.row.end", {},
      button("On the head", () => { dialog.close(); viewer.setLook("sure"); }, { title: "The head itself in these colours, until another look is chosen" }),
      head.photo_head && morePhotos(studio, head, () => dialog.close()),
      button("Close", () => dialog.close(), { kind: "main" })));
  dialog.style.maxWidth = "56rem";
}

function compareOptions(viewer) {
  const opacity = slider({
    label: "Head", min: 0, max: 1, value: viewer.photo.opacity, show: (v) => `${Math.round(v * 100)} %`, oninput: (value) => viewer.photo.set({ opacity: value }),
  });
  const modes = segments("Comparison", [["overlay", "Overlay"], ["split", "Split"]], "overlay", (mode) => {
    viewer.photo.set({ mode });
    opacity.row.hidden = mode === "split";
  });
  return h("div.compare-options", { hidden: true }, modes, opacity.row);
}

/** Undo and redo, by button and by key. @param {import("../studio.js").Studio} studio */
export function undoButtons(studio) {
  const undo = iconButton("undo", "Undo", () => studio.undo(), { disabled: true });
  const redo = iconButton("redo", "Redo", () => studio.redo(), { disabled: true });
  studio.on("history", () => {
    undo.disabled = !studio.history.canUndo;
    redo.disabled = !studio.history.canRedo;
    undo.title = studio.history.canUndo ? `Undo: ${studio.history.now.label}` : "Undo";
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.target.closest("textarea, input[type=text], input[type=search]")) return;
    if (event.key.toLowerCase() === "z") (event.shiftKey ? redo : undo).click();
    else if (event.key.toLowerCase() === "y") redo.click();
    else return;
    event.preventDefault();
  });
  return [undo, redo];
}
