/** Named controls of the head's shape: they are measured and solved by the server, so they apply when a drag ends. */

import { capital, h } from "../dom.js";
import { slider } from "./slider.js";

/** @param {import("../studio.js").Studio} studio @returns {HTMLElement} */
export function shapePanel(studio) {
  const root = h("div.scroll.pad");
  const rows = new Map();
  const search = h("input.field", { type: "search", placeholder: "Find: nose, jaw, ears …", "aria-label": "Find a control" });
  const place = h("div");
  root.append(search, h("p.small.soft.note", { text: "0 is an average adult; beyond 1 lies one in six, beyond 2 one in forty. The head follows when you let go." }), place);

  search.addEventListener("input", () => {
    const words = search.value.trim().toLowerCase();
    for (const details of place.querySelectorAll("details")) {
      let hits = 0;
      for (const row of details.querySelectorAll(".slider")) {
        row.hidden = !`${details.dataset.group} ${row.dataset.words}`.toLowerCase().includes(words);
        hits += row.hidden ? 0 : 1;
      }
      details.hidden = !hits;
      if (words) details.open = true;
    }
  });

  const row = (control) => {
    const made = slider({
      label: capital(control.label), min: control.low, max: control.high, step: (control.high - control.low) / 100, value: 0,
      show: (v) => (v > 0 ? "+" : "") + v.toFixed(1),
      oninput: () => {}, onchange: (value) => studio.change({ controls: { [control.name]: value } }, capital(control.label)),
    });
    made.input.dataset.control = control.name;
    made.row.title = control.high_label ?? "";
    made.row.dataset.words = `${control.label} ${control.name} ${control.low_label ?? ""} ${control.high_label ?? ""}`;
    rows.set(control.name, made);
    return made.row;
  };

  const fill = () => {
    const groups = new Map();
    for (const control of studio.about.shape_controls) groups.set(control.group, [...(groups.get(control.group) ?? []), control]);
    place.replaceChildren(...[...groups].map(([name, controls], at) =>
      h("details.group", { open: at === 0, data: { group: name } }, h("summary", {}, h("h3", { text: capital(name) }), h("span.count.soft", { text: String(controls.length) })), ...controls.map(row))));
    enable();
  };
  const enable = () => { for (const { input } of rows.values()) input.disabled = !studio.head; };

  studio.on("about", fill);
  studio.on("head", (head) => {
    enable();
    for (const [name, { set }] of rows) set(head.controls?.[name] ?? 0);
  });
  // A change that failed or was stopped leaves no slider where it isn't.
  studio.on("work", (work) => { if (!work && studio.head) for (const [name, { set }] of rows) set(studio.head.controls?.[name] ?? 0); });
  return root;
}
