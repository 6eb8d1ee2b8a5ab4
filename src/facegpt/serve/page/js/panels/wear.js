/** Hair, beard and glasses to put on, take off and recolour; skin; light. */

import { button, capital, h, segments, uid } from "../dom.js";
import { LIGHTS } from "../viewer/lights.js";
import { slider } from "./slider.js";

/** Colours as shown beside their names. */
const SHOWN = {
  black: "#17130f", dark_brown: "#33241a", brown: "#54392a", light_brown: "#7c5b3f", dark_blond: "#9a7a53", blond: "#c9a871", strawberry: "#c07a4d",
  ginger: "#b25a2a", auburn: "#6e2f1f", platinum: "#e3d9c4", grey: "#8d8b88", white: "#e9e7e3", red: "#8e1620", blue: "#1f4fa3", turquoise: "#1fa08f",
  green: "#2f8041", pink: "#dd8fb0", purple: "#6f3a93", orange: "#e0812f",
};
/** Amounts of hair: label, least, most, hint. */
const OF_HAIR = { grey: ["Grey", 0, 1], highlights: ["Highlights", 0, 1], roots: ["Dark roots", 0, 1], temples: ["Grey at the temples", 0, 1] };
const OF_FACE = { beard: ["Beard", 0, 1], beard_mm: ["Beard's length, mm", 0, 250, "0 is as long as usual"], moustache: ["Moustache", 0, 1], brow_thickness: ["Brows, thickness", -5, 3, "-5 is none"], brow_arch: ["Brows, arch", -3, 3] };
const words = (name) => name.replaceAll("_", " ");

/** @param {import("../studio.js").Studio} studio @param {import("../viewer/viewer.js").Viewer} viewer */
export function wearPanel(studio, viewer) {
  const root = h("div.scroll.pad");
  const parts = h("div");
  const light = lightGroup(viewer);
  studio.on("about", (about) => root.replaceChildren(
    parts, hairGroup(studio, about), faceHairGroup(studio, about), glassesGroup(studio, about), ...(about.skin_controls?.length ? [skinGroup(studio, about.skin_controls)] : []), light));
  root.append(light);
  viewer.addEventListener("shown", () => parts.replaceChildren(partsGroup(viewer)));
  return root;
}

/** What is in the file can be hidden at once; the files keep it. */
function partsGroup(viewer) {
  const { parts } = viewer.model;
  if (!parts.length) return h("p.soft.small.note", { text: "This head wears nothing that could be hidden." });
  const checks = parts.map((part) => h("label.check", {}, h("input", {
    type: "checkbox", checked: !viewer.hiddenParts.has(part), onchange: (event) => viewer.setPart(part, event.target.checked),
  }), capital(words(part))));
  return h("fieldset.shown-parts", {}, h("legend.unseen", { text: "Shown" }), h("div.row", {}, h("span.soft.small", { text: "Show here" }), ...checks));
}

function styleSelect(styles, onpick) {
  const families = new Map();
  for (const style of styles) families.set(style.family ?? "", [...(families.get(style.family ?? "") ?? []), style]);
  const groups = [...families].map(([family, members]) => h("optgroup", { label: capital(words(family || "styles")) },
    ...members.map((style) => h("option", { value: style.name, text: capital(style.label ?? words(style.name)) }))));
  const select = h("select.field", { id: uid("style"), onchange: () => select.value && onpick(select.value) }, h("option", { value: "", text: "As it is" }), ...groups);
  return select;
}

function hairGroup(studio, about) {
  const select = styleSelect(about.hair_styles ?? [], (style) => studio.change({ hair: { style } }, `Hair: ${words(style)}`));
  const chosen = uid("colour");
  // Whoever picks a colour wants to see it: grey hairs would hide it.
  const recolour = (colour) => studio.change({ hair: { colour, grey: 0 } }, `Hair: ${words(colour)}`);
  const swatches = (about.hair_colours ?? []).map((name) => {
    const dot = h("span");
    dot.style.background = SHOWN[name] ?? "var(--line-strong)";
    return h("label", { title: words(name) }, h("input", { type: "radio", name: chosen, value: name, "aria-label": words(name), onchange: () => recolour(name) }), dot);
  });
  const own = h("input.own-colour", { type: "color", "aria-label": "Any other colour", title: "Any other colour", onchange: () => recolour(own.value) });
  const off = button("Take off", () => studio.change({ hair: null }, "Hair off"), { kind: "plain" });
  const fields = [select, own, off, ...swatches.map((label) => label.querySelector("input"))];
  const fill = (head) => {
    for (const field of fields) field.disabled = !head;
    const worn = head?.hair;
    select.value = [...select.options].some((option) => option.value === worn?.style) ? worn.style : "";
    for (const label of swatches) label.querySelector("input").checked = label.querySelector("input").value === worn?.colour;
    if (/^#/.test(worn?.colour ?? "")) own.value = worn.colour;
    off.disabled = !worn || worn.style === "bald";
  };
  studio.on("head", fill);
  fill(studio.head);
  return h("details.group", { open: true }, h("summary", {}, h("h3", { text: "Hair" })), h("div.stack", {},
    h("label.labelled", {}, "Style", select), h("fieldset.labelled", {}, h("legend", { text: "Colour, of the beard too" }), h("div.swatches", {}, ...swatches, own))),
    ...amounts(studio, OF_HAIR), h("div.row", {}, off));
}

function glassesGroup(studio, about) {
  const pick = (label, first, names, key) => {
    const select = h("select.field", { id: uid(key), onchange: () => select.value && send(key, select.value) }, h("option", { value: "", text: first }),
      ...names.map((name) => h("option", { value: name, text: capital(words(name)) })));
    return [select, h("label.labelled", {}, label, select)];
  };
  const send = (key, value) => studio.change({ glasses: { [key]: value } }, `Glasses: ${words(value)}`);
  const [style, styleRow] = pick("Frame", "None", (about.glasses_styles ?? []).map(({ name }) => name), "style");
  const [colour, colourRow] = pick("Colour", "As it is", about.glasses_colours ?? [], "colour");
  const [tint, tintRow] = pick("Lenses", "As they are", about.glasses_tints ?? [], "tint");
  const off = button("Take off", () => studio.change({ glasses: null }, "Glasses off"), { kind: "plain" });
  const fill = (head) => {
    const worn = head?.glasses;
    style.disabled = !head;
    style.value = worn?.style ?? "";
    for (const field of [colour, tint]) Object.assign(field, { disabled: !worn, value: "" });
    off.disabled = !worn;
  };
  studio.on("head", fill);
  fill(studio.head);
  return h("details.group", { open: true }, h("summary", {}, h("h3", { text: "Glasses" })), h("div.stack", {}, styleRow, colourRow, tintRow, h("div.row", {}, off)));
}

/** Sliders whose ends the server solves. */
function solved(studio, entries, read, send) {
  const rows = entries.map(([name, label, low, high, hint]) => {
    const made = slider({
      label, min: low, max: high, step: (high - low) / 100, value: 0, show: (v) => (low < 0 ? (v > 0 ? "+" : "") + v.toFixed(1) : String(Math.round(high > 10 ? v : v * 100))),
      oninput: () => {}, onchange: (value) => send(name, value, label),
    });
    made.row.title = hint ?? "";
    made.input.dataset.amount = name;
    return [name, made];
  });
  const fill = (head) => {
    for (const [name, { set, input }] of rows) {
      const value = read(head)?.[name];
      input.disabled = !head || value === null;
      set(value ?? 0);
    }
  };
  studio.on("head", fill);
  studio.on("work", (work) => !work && fill(studio.head));
  fill(studio.head);
  return rows.map(([, { row }]) => row);
}

function amounts(studio, some) {
  const entries = Object.entries(some).map(([name, told]) => [name, ...told]);
  return solved(studio, entries, (head) => head?.hair, (name, value, label) => studio.change({ hair: { [name]: value } }, label));
}

function faceHairGroup(studio, about) {
  const shape = h("select.field", { id: uid("shape"), onchange: () => studio.change({ hair: { beard_shape: shape.value } }, `Beard: ${words(shape.value)}`) },
    ...(about.beard_shapes ?? []).map((name) => h("option", { value: name, text: capital(words(name)) })));
  const shave = button("Shave", () => studio.change({ hair: { beard: 0, moustache: 0 } }, "Shaved"), { kind: "plain", disabled: true });
  const fill = (head) => {
    shave.disabled = !(head?.hair?.beard || head?.hair?.moustache);
    shape.disabled = !head?.hair?.beard;
    shape.value = head?.hair?.beard_shape ?? "";
  };
  studio.on("head", fill);
  fill(studio.head);
  return h("details.group", { open: true }, h("summary", {}, h("h3", { text: "Beard and brows" })), ...amounts(studio, OF_FACE),
    h("div.stack", {}, h("label.labelled", {}, "Shape of the beard", shape), h("div.row", {}, shave)));
}

function skinGroup(studio, controls) {
  const entries = controls.map(({ name, label, low, high, high_label }) => [name, capital(label ?? words(name)), low, high, high_label]);
  const rows = solved(studio, entries, (head) => head?.skin, (name, value, label) => studio.change({ skin: { [name]: value } }, label));
  // How deep they are, of heads that have some: a photo's that was not made fast.
  const wrinkles = solved(studio, [["detail", "Wrinkle depth", 0, 2, "100 is as in the photo"]], (head) => ({ detail: head?.detail_strength ?? null }),
    (name, value, label) => studio.change({ [name]: value }, label));
  return h("details.group", {}, h("summary", {}, h("h3", { text: "Skin and eyes" })), ...wrinkles, ...rows);
}

function lightGroup(viewer) {
  const { lights } = viewer;
  const made = {};
  const one = (key, label, min, max, show, step = 0.01) => (made[key] = slider({
    label, min, max, step, value: lights.settings[key], rest: min, show, oninput: (value) => lights.set({ [key]: value }),
  })).row;
  const degrees = (v) => `${v.toFixed(0)}°`;
  const looks = segments("Light", Object.entries(LIGHTS).map(([key, { label }]) => [key, label]), "studio", (look) => {
    lights.set(LIGHTS[look]);
    for (const [key, { set }] of Object.entries(made)) set(lights.settings[key]);
  });
  return h("details.group", { open: true }, h("summary", {}, h("h3", { text: "Light" })), looks,
    one("side_deg", "Direction", -180, 180, degrees, 1), one("height_deg", "Height", -30, 85, degrees, 1),
    one("key", "Key light", 0, 5, (v) => v.toFixed(1)), one("room", "Fill", 0, 2, (v) => v.toFixed(1)),
    one("kelvin", "Warmth", 2000, 9000, (v) => `${Math.round(v)} K`, 50), one("exposure", "Exposure", 0.3, 2, (v) => v.toFixed(1)));
}
