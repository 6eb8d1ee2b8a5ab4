/** The timeline of a clip: curves of the units that move most, and a line where it is. */

import { h } from "../dom.js";

const COLOURS = ["#f0a564", "#6db7d6", "#a3cf7a", "#d98bb5", "#b7a1ec", "#e6d36b"];
const MOST = 6;

/** The units that move most. @param {{weights: Object<string, number[]>}} curves */
export function liveliest(curves) {
  const range = (values) => values.reduce((most, v) => Math.max(most, v), 0) - values.reduce((least, v) => Math.min(least, v), 1);
  return Object.entries(curves.weights).map(([unit, values]) => [unit, range(values)]).sort((a, b) => b[1] - a[1]).slice(0, MOST).map(([unit]) => unit);
}

/** Weights, pose and gaze at a time, between frames by straight lines. */
export function at(curves, time_s) {
  const times = curves.time_s;
  let low = 0, high = times.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (times[middle] <= time_s) low = middle;
    else high = middle;
  }
  const share = high > low ? Math.min(1, Math.max(0, (time_s - times[low]) / (times[high] - times[low]))) : 0;
  const between = (values) => (values ? values[low] * (1 - share) + values[high] * share : 0);
  const all = (group) => Object.fromEntries(Object.entries(group ?? {}).map(([name, values]) => [name, between(values)]));
  return { weights: all(curves.weights), pose: all(curves.head), gaze: curves.gaze ? all(curves.gaze) : null };
}

export class Curves {
  constructor() {
    this.canvas = h("canvas.curves", { "aria-hidden": "true" });
    this.names = h("ul.curve-names", { "aria-label": "Units that move most" });
    this.root = h("div", {}, this.canvas, this.names);
    new ResizeObserver(() => this.draw()).observe(this.canvas);
  }

  show(curves) {
    this.curves = curves;
    this.units = liveliest(curves);
    this.names.replaceChildren(...this.units.map((unit, at_) => {
      const dot = h("i");
      dot.style.background = COLOURS[at_];
      return h("li", {}, dot, unit.replace(/([A-Z])/g, " $1").toLowerCase());
    }));
    this.draw();
  }

  /** @param {number} [share] where the clip is, 0..1 */
  draw(share = this.share ?? 0) {
    this.share = share;
    if (!this.curves) return;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const ratio = Math.min(devicePixelRatio, 2);
    if (this.canvas.width !== Math.round(width * ratio)) Object.assign(this.canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
    const context = this.canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.lineWidth = 1.5;
    const start = this.curves.time_s[0], last = this.curves.time_s.at(-1);
    this.units.forEach((unit, number) => {
      context.strokeStyle = COLOURS[number];
      context.beginPath();
      this.curves.weights[unit].forEach((value, frame) => {
        const x = (width * (this.curves.time_s[frame] - start)) / Math.max(last - start, 1e-6);
        const y = height - 3 - value * (height - 6);
        if (frame) context.lineTo(x, y);
        else context.moveTo(x, y);
      });
      context.stroke();
    });
    context.strokeStyle = getComputedStyle(this.canvas).color;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(share * width, 0);
    context.lineTo(share * width, height);
    context.stroke();
  }
}
