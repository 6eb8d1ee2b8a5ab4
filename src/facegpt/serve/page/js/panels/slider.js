/** One labelled slider with its number: the whole page has this kind only. */

import { h, uid } from "../dom.js";

/**
 * @param {{label: string, min: number, max: number, step?: number, value: number, from?: number, ends?: [string, string],
 *   show?: (value: number) => string, oninput: (value: number) => void, onchange?: (value: number) => void, rest?: number}} options
 *   `rest`: where it stands when nothing is set; a double click goes there. `from`: where its coloured part begins.
 */
export function slider({ label, min, max, step = 0.01, value, ends, show = (v) => v.toFixed(2), oninput, onchange = () => {}, rest = 0 }) {
  const id = uid("slider");
  const input = /** @type {HTMLInputElement} */ (h("input", { type: "range", id, min: String(min), max: String(max), step: String(step) }));
  const output = h("output", { for: id });
  const row = h("div.slider", {}, h("label", { for: id, text: label }), input, output);
  if (ends?.some(Boolean)) row.append(h("div.ends", { "aria-hidden": "true" }, h("span", { text: ends[0] }), h("span", { text: ends[1] })));
  const draw = () => {
    const now = Number(input.value);
    const share = (v) => (100 * (v - min)) / (max - min);
    input.style.setProperty("--from", `${Math.min(share(rest), share(now))}%`);
    input.style.setProperty("--at", `${Math.max(share(rest), share(now))}%`);
    output.textContent = show(now);
    input.setAttribute("aria-valuetext", `${show(now)}${ends?.some(Boolean) ? `, ${ends[0]} to ${ends[1]}` : ""}`);
    row.classList.toggle("set", Math.abs(now - rest) > step / 2);
  };
  let last = NaN;
  const set = (next) => {
    if (next === last) return;
    if (document.activeElement === input && input.matches(":active")) return;
    last = next;
    input.value = String(next);
    draw();
  };
  input.addEventListener("input", () => { last = NaN; draw(); oninput(Number(input.value)); });
  input.addEventListener("change", () => onchange(Number(input.value)));
  row.addEventListener("dblclick", () => {
    if (input.disabled) return;
    last = NaN;
    input.value = String(rest);
    draw();
    oninput(rest);
    onchange(rest);
  });
  set(value);
  return { row, input, set };
}
