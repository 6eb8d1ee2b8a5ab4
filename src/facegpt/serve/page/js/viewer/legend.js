/** A scale of colours with what its ends stand for, in a corner of the stage. */

import * as THREE from "../../vendor/three.module.min.js";
import { h } from "../dom.js";

const WIDTH = 160;

/** The colour of a share 0..1 between colours in even steps. @param {string[]} colours @returns {(share: number) => THREE.Color} */
export function rampOf(colours) {
  const stops = colours.map((colour) => new THREE.Color(colour));
  return (share) => {
    const at = Math.min(Math.max(share, 0), 0.9999) * (stops.length - 1);
    return stops[Math.floor(at)].clone().lerp(stops[Math.floor(at) + 1], at % 1);
  };
}

export class Legend {
  /** @param {import("./stage.js").Stage} stage */
  constructor(stage) {
    this.root = h("figure.legend", { hidden: true });
    stage.place.append(this.root);
  }

  /** @param {string} caption @param {(share: number) => THREE.Color} ramp @param {[string, string]} ends */
  show(caption, ramp, ends) {
    const bar = h("canvas.legend-bar", { width: WIDTH, height: 1 });
    const context = bar.getContext("2d");
    for (let x = 0; x < WIDTH; x++) {
      context.fillStyle = `#${ramp(x / (WIDTH - 1)).getHexString()}`;
      context.fillRect(x, 0, 1, 1);
    }
    this.root.replaceChildren(h("figcaption", { text: caption }), bar, h("div.row.spread", {}, ...ends.map((text) => h("span", { text }))));
    this.root.hidden = false;
  }

  hide() { this.root.hidden = true; }
}
