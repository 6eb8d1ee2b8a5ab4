/** The 52 sliders by region, moved at the screen's rate in the browser; quick expressions; gaze. */

import { button, capital, h } from "../dom.js";
import { slider } from "./slider.js";

/** Whole expressions to start from: units without side stand for both. */
const QUICK = {
  Neutral: {},
  Smile: { mouthSmile: 0.75, cheekSquint: 0.45, eyeSquint: 0.25, mouthDimple: 0.2 },
  Laugh: { mouthSmile: 0.95, jawOpen: 0.38, cheekSquint: 0.7, eyeSquint: 0.45, mouthUpperUp: 0.35 },
  Surprise: { browInnerUp: 0.85, browOuterUp: 0.8, eyeWide: 0.7, jawOpen: 0.35 },
  Anger: { browDown: 0.9, eyeSquint: 0.35, noseSneer: 0.45, mouthPress: 0.5, mouthFrown: 0.3 },
  Sadness: { browInnerUp: 0.75, mouthFrown: 0.65, mouthShrugLower: 0.35, eyeSquint: 0.15 },
  Blink: { eyeBlink: 1 },
};
const GAZE_DEG = 30;

const other = (unit) => (unit.endsWith("Left") ? `${unit.slice(0, -4)}Right` : unit.endsWith("Right") ? `${unit.slice(0, -5)}Left` : null);
/** Units whose sides push opposite ways: moved alone. */
const ONE_SIDED = /^(jaw|mouth)(Left|Right)$/;

/** @param {import("../studio.js").Studio} studio @returns {HTMLElement} */
export function expressionPanel(studio) {
  const root = h("div.scroll.pad");
  const hint = h("p.small.note.first", { text: "Once there is a head, these move its face at once." });
  const rows = new Map();
  let both = true;

  const move = (unit, value) => {
    const mirror = both && !ONE_SIDED.test(unit) ? other(unit) : null;
    studio.pose({ weights: { [unit]: value, ...(mirror && { [mirror]: value }) } });
  };

  const spread = (some) => {
    const units = studio.about.expression_units.map((unit) => unit.name);
    return Object.fromEntries(units.map((unit) => [unit, some[unit] ?? (ONE_SIDED.test(unit) ? 0 : some[unit.replace(/(Left|Right)$/, "")]) ?? 0]));
  };

  const group = (region, units, open) => {
    const sliders = units.map((unit) => {
      const made = slider({
        label: within(unit.label, region), min: 0, max: 1, value: 0, show: (v) => String(Math.round(v * 100)),
        oninput: (value) => move(unit.name, value), onchange: () => studio.step(capital(unit.label)),
      });
      made.input.dataset.unit = unit.name;
      rows.set(unit.name, made);
      return made.row;
    });
    const count = h("span.count");
    return h("details.group", { open, data: { region } }, h("summary", {}, h("h3", { text: capital(region) }), count), ...sliders);
  };

  const fill = () => {
    const regions = Map.groupBy ? Map.groupBy(studio.about.expression_units, (unit) => unit.region) : grouped(studio.about.expression_units);
    const quick = Object.entries(QUICK).map(([name, some]) =>
      button(name, () => { studio.pose({ weights: spread(some) }); studio.step(name); }, { kind: "plain" }));
    const mirror = h("label.check", {}, h("input", { type: "checkbox", checked: true, onchange: (event) => (both = event.target.checked) }), "Both sides together");
    root.replaceChildren(
      hint, h("div.quick", { role: "group", "aria-label": "Whole expressions" }, ...quick), mirror,
      ...[...regions].map(([region, units], at) => group(region, units, at === 0 || /mouth/i.test(region))),
      gazeGroup(studio));
  };

  root.inert = true;
  studio.on("head", () => { root.inert = false; hint.hidden = true; });
  studio.on("about", fill);
  studio.on("pose", () => {
    for (const [unit, { set }] of rows) set(studio.weights[unit] ?? 0);
    for (const details of root.querySelectorAll("details[data-region]")) {
      const moved = [...details.querySelectorAll(".slider.set")].length;
      details.querySelector(".count").textContent = moved ? String(moved) : "";
    }
  });
  return root;
}

/** A label without the region's name, which stands above: "Mouth frown left" in "Mouth" is "Frown left". */
function within(label, region) {
  const [first, ...rest] = label.split(" ");
  const named = rest.length > 0 && region.toLowerCase().startsWith(first.toLowerCase());
  return capital(named ? rest.join(" ") : label);
}

function grouped(units) {
  const groups = new Map();
  for (const unit of units) groups.set(unit.region, [...(groups.get(unit.region) ?? []), unit]);
  return groups;
}

function gazeGroup(studio) {
  const one = (axis, label, ends) => slider({
    label, min: -GAZE_DEG, max: GAZE_DEG, step: 0.5, value: 0, ends, show: (v) => `${v.toFixed(0)}°`,
    oninput: (value) => studio.pose({ gaze: { [axis]: value } }), onchange: () => studio.step("Gaze"),
  });
  const across = one("x_deg", "Sideways", ["their right", "their left"]);
  const up = one("y_deg", "Height", ["down", "up"]);
  studio.on("pose", () => { across.set(studio.gaze.x_deg); up.set(studio.gaze.y_deg); });
  return h("details.group", { open: true }, h("summary", {}, h("h3", { text: "Gaze" })), across.row, up.row);
}
