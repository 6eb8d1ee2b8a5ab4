/** The empty stage, photos that are dropped or pasted anywhere, progress, and the choice among several faces. */

import { button, capital, chooseFiles, h, openDialog, segments, toast } from "../dom.js";
import { takePhoto } from "./camera.js";
import { thumbnail } from "./measures.js";
import { PHOTOS } from "./person_photos.js";

const QUALITIES = { fast: "Fast", balanced: "Balanced", best: "Best" };
const CLIP = /^video\//;

/** Choice of quality. @param {import("../studio.js").Studio} studio */
export const qualityDial = (studio) =>
  segments("Quality of heads from photos", (studio.about?.qualities ?? Object.keys(QUALITIES)).map((name) => [name, QUALITIES[name] ?? name]), studio.quality, (quality) => studio.setQuality(quality));

/**
 * @param {import("../studio.js").Studio} studio @param {HTMLElement} place
 * @param {{talk: import("./talk.js").Talk, openClip: (file: File) => void}} others
 */
export function welcome(studio, place, { talk, openClip }) {
  const choose = async () => fromPhotos(studio, await chooseFiles(PHOTOS, { multiple: true }));
  const take = async () => { const photo = await takePhoto(); if (photo) studio.fromPhoto(photo, photo.name); };
  const example = async () => studio.fromPhoto(await (await fetch("/page/examples/astronaut.jpg")).blob(), "astronaut.jpg");
  const dial = h("div");
  const card = h("div.welcome", {},
    h("div.welcome-face", { "aria-hidden": "true" }),
    h("h2", { text: "Drop a photo here" }),
    h("p.soft", { text: "It becomes a head that turns, smiles and opens in your tools. Nothing leaves this machine." }),
    h("div.row.centre", {}, button("Choose a photo", choose, { kind: "main", iconName: "image" }), button("Camera", take, { iconName: "photo" })),
    h("button.example", { type: "button", onclick: example }, h("span.example-face", { "aria-hidden": "true" }), h("span", { text: "Try it with this photo" })),
    h("div.row.centre.small", {}, h("span.soft", { text: "Quality" }), dial));
  const again = h("div.stage-top", { hidden: true }, button("New photo", choose, { iconName: "image" }), button("Camera", take, { iconName: "photo" }));
  place.append(card, again);
  studio.on("about", () => dial.replaceChildren(qualityDial(studio)));
  studio.on("work", (work) => { card.hidden = Boolean(work) || Boolean(studio.head); });
  studio.on("head", () => { card.hidden = true; again.hidden = false; });
  dropping(studio, talk, openClip);
}

/** One photo becomes its heads; of several it is asked whom they show. @param {File[]} photos */
async function fromPhotos(studio, photos) {
  if (photos.length < 2) return photos[0] && studio.fromPhoto(photos[0], photos[0].name);
  const choice = await new Promise((resolve) => {
    const pictures = photos.slice(0, 6).map((photo) => {
      const url = URL.createObjectURL(photo);
      return h("li", {}, h("img", { src: url, alt: photo.name, onload: () => URL.revokeObjectURL(url), onerror: (event) => event.target.remove() }));
    });
    const pick = (answer) => () => { resolve(answer); dialog.close(); };
    const dialog = openDialog(`${photos.length} photos`, h("ul.attached", {}, ...pictures),
      h("p.soft", { text: "One person in all of them becomes one head, better than from any single photo. Two or three sharp photos of a calm face are enough: one from the front, one turned a little to each side." }),
      h("div.row.end", {}, button("Different people", pick("each")), button("One person", pick("person"), { kind: "main" })));
    dialog.addEventListener("close", () => resolve(""));
  });
  if (choice === "person") return studio.fromPerson(photos);
  if (choice === "each") for (const photo of photos) await studio.fromPhoto(photo, photo.name);
}

/** Photos dropped or pasted anywhere: into the composer when it was aimed at, else straight to a head. */
function dropping(studio, talk, openClip) {
  const veil = h("div.veil", { hidden: true }, h("p", { text: "Drop the photo or clip" }));
  document.body.append(veil);
  let depth = 0;
  const carries = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  addEventListener("dragenter", (event) => { if (carries(event)) { depth++; veil.hidden = false; } });
  addEventListener("dragleave", () => { if (--depth <= 0) { depth = 0; veil.hidden = true; } });
  addEventListener("dragover", (event) => carries(event) && event.preventDefault());
  const take = (files, target) => {
    const [file] = files;
    if (!file) return;
    if (CLIP.test(file.type)) openClip(file);
    else if (!file.type.startsWith("image/") && !/\.(heic|heif|tiff?)$/i.test(file.name)) toast(`“${file.name}” is neither a photo nor a clip.`, { bad: true });
    else if (target?.closest?.(".talk")) talk.attach(files);
    else fromPhotos(studio, files.filter((each) => each.type.startsWith("image/") || /\.(heic|heif|tiff?)$/i.test(each.name)));
  };
  addEventListener("drop", (event) => {
    depth = 0;
    veil.hidden = true;
    if (!carries(event)) return;
    event.preventDefault();
    take([...event.dataTransfer.files], document.elementFromPoint(event.clientX, event.clientY));
  });
  addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    take(files, document.activeElement);
  });
}

/** Progress of the work in hand, with its stage, time left and a stop button. */
export function progress(studio, place) {
  const picture = h("img.progress-photo", { alt: "Your photo", hidden: true });
  const label = h("p.progress-label");
  const stage = h("p.soft.small");
  const bar = h("div.bar", { role: "progressbar", "aria-label": "Progress", "aria-valuemin": "0", "aria-valuemax": "100" }, h("i"));
  const root = h("div.progress", { hidden: true }, picture, h("div.grow", {}, label, bar, stage), button("Stop", () => studio.work?.stop(), { iconName: "stop" }));
  place.append(root);
  studio.on("photo", (url) => { picture.hidden = !url; if (url) picture.src = url; });
  studio.on("work", (work) => {
    root.hidden = !work;
    if (!work) return;
    label.textContent = work.label;
    const ahead = work.position > 0 ? `${work.position} before it` : "";
    const left = work.left > 1 ? `about ${Math.round(work.left)} s left` : "";
    stage.textContent = capital([work.stage, ahead, left].filter(Boolean).join(" · ")) || "Starting …";
    const known = work.progress !== null && work.progress > 0;
    bar.classList.toggle("unknown", !known);
    bar.style.setProperty("--done", known ? `${Math.round(work.progress * 100)}%` : "0%");
    if (known) bar.setAttribute("aria-valuenow", String(Math.round(work.progress * 100)));
    else bar.removeAttribute("aria-valuenow");
  });
}

/** The faces of a photo with several. */
export function faceChooser(studio, place) {
  const list = h("ul");
  const root = h("nav.faces", { hidden: true, "aria-label": "Faces in this photo" }, list);
  place.append(root);
  let heads = [];
  const mark = () => {
    for (const card of list.querySelectorAll("button")) card.toggleAttribute("aria-current", card.dataset.head === studio.head?.id);
    root.hidden = heads.length < 2 || !heads.some((head) => head.id === studio.head?.id);
  };
  studio.on("faces", (found) => {
    heads = found;
    list.replaceChildren(...found.map((head, at) => h("li", {}, h("button.card", {
      type: "button", "aria-label": `Face ${at + 1} of ${found.length}`, data: { head: head.id }, onclick: () => studio.show(head, `Face ${at + 1}`),
    }, thumbnail(head, "")))));
    mark();
  });
  studio.on("head", mark);
  studio.on("gone", (id) => {
    heads = heads.filter((head) => head.id !== id);
    for (const card of list.querySelectorAll(`[data-head="${id}"]`)) card.closest("li").remove();
    mark();
  });
}
