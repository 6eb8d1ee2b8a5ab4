/** Measurements in millimetres with their place in the population; chosen ones are drawn on the face. */

import { fileUrl, post } from "../api.js";
import { button, capital, h } from "../dom.js";

/** What is drawn when nothing was chosen: the measures that people ask for. */
const MAIN = ["bizygomatic_breadth", "bigonial_breadth", "menton_sellion_length", "nose_breadth", "lip_length", "interpupillary_distance"];
const TRAITS = {
  age_years: ["Age as it looks", (v) => `about ${Math.round(v)}`],
  masculinity: ["Sex as it looks", (v) => (v > 0.65 ? "male" : v < 0.35 ? "female" : "between")],
  heaviness: ["Build", (v) => (v > 0.65 ? "full" : v < 0.35 ? "lean" : "average")],
  skin_lightness: ["Lightness of the skin", (v) => `${v.toFixed(0)} of 100`],
};

/** @param {import("../studio.js").Studio} studio @param {import("../viewer/viewer.js").Viewer} viewer */
export function measuresPanel(studio, viewer) {
  const root = h("div.scroll.pad", {}, h("p.empty", { text: "Measurements appear with the first head." }));
  let chosen = new Set();

  const draw = () => viewer.setMeasures((studio.head?.measures ?? []).filter((measure) => chosen.has(measure.name)));

  const row = (measure) => {
    const drawable = measure.points?.length > 1;
    const mark = h("i");
    const rank = measure.percentile ?? 50;
    mark.style.left = `${Math.min(99, Math.max(1, rank))}%`;
    const box = h("input", { type: "checkbox", checked: chosen.has(measure.name), disabled: !drawable, "aria-label": `Draw ${measure.label ?? measure.name} on the face` });
    box.addEventListener("change", () => { chosen[box.checked ? "add" : "delete"](measure.name); draw(); });
    return h("tr", {}, h("td", {}, drawable && box), h("th", { scope: "row", text: capital(measure.label ?? measure.name.replaceAll("_", " ")) }),
      h("td.number", { text: measure.value_mm.toFixed(1) }),
      h("td", {}, h("div.rank", { role: "img", "aria-label": `percentile ${Math.round(rank)}`, title: `Percentile ${Math.round(rank)}` }, mark)));
  };

  const table = (measures) => {
    const drawable = measures.filter((measure) => measure.points?.length > 1);
    const all = drawable.length && button(chosen.size ? "Draw none" : "Draw the main ones", () => {
      chosen = new Set(chosen.size ? [] : MAIN);
      draw();
      fill(studio.head);
    }, { kind: "plain" });
    return [h("div.row.spread.head", {}, h("h3", { text: "Measurements, mm" }), all),
      h("p.small.soft.note", { text: "The bars show where a measure lies among adults, from the smallest to the largest." }),
      h("table.measures", {}, h("thead.unseen", {}, h("tr", {}, ...["Draw", "Measure", "mm", "Percentile"].map((text) => h("th", { scope: "col", text })))), h("tbody", {}, ...measures.map(row)))];
  };

  const fill = (head) => {
    const traits = Object.entries(TRAITS).filter(([name]) => head.attributes?.[name] !== undefined && head.attributes[name] !== null);
    root.replaceChildren(
      h("dl.traits", {}, ...traits.map(([name, [label, say]]) => h("div", {}, h("dt", { text: label }), h("dd", { text: say(head.attributes[name]) }))),
        head.confidence !== null && head.confidence !== undefined && h("div", {}, h("dt", { text: "Within 3 mm" }), h("dd", { text: `${Math.round(head.confidence * 100)} % sure` }))),
      describeBox(studio), ...table(head.measures ?? []),
      ...(head.notes ?? []).map((note) => h("p.small.soft.note", { text: note })));
  };

  studio.on("head", (head) => { draw(); fill(head); });
  return root;
}

/** "Describe this head" in words. */
function describeBox(studio) {
  const answer = h("p", { "aria-live": "polite" });
  const ask = button("Describe in words", async () => {
    const head = await studio.settle();
    if (!head) return;
    const result = await studio.run("Describing the head", (signal) => post(`/api/heads/${head.id}/describe`, {}, signal));
    if (result) answer.textContent = result.text;
  });
  return h("div.stack.describe", {}, ask, answer);
}

/** The preview of a head, for thumbnails. @param {"eager"|"lazy"} loading at once, or when it comes into view */
export function thumbnail(head, alt, loading = "eager") {
  return h("img", { src: fileUrl(head, "preview"), alt, loading, decoding: "async" });
}
