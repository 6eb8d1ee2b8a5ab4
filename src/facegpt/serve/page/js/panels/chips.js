/** What words were understood as, and what was ignored: chips; removing one asks again without it. */

import { h, icon } from "../dom.js";

/** Chips that are shown before the others are asked for. */
const SHOWN = 4;
const STOP = new Set(["the", "and", "with", "hair", "sd", "step", "mm", "average"]);
/** Words without the endings that sentences give them. */
const stem = (word) => word.toLowerCase().replace(/(ness|ily|ier|er|ing|ed|ly|es|s|y)$/, "");
const wordsOf = (text) => text.replace(/([a-z])([A-Z])/g, "$1 $2").split(/[^A-Za-z]+/).filter((word) => word.length > 2 && !STOP.has(word.toLowerCase())).map(stem);

/**
 * A sentence without the part that a chip stands for: its parts are told apart by commas, "and" and "with".
 * @returns {string|null} null when no part shares a word with the chip
 */
export function withoutPart(text, label) {
  const parts = text.split(/(\s*,\s*|\s+and\s+|\s+with\s+)/);
  const wanted = new Set(wordsOf(label));
  let best = -1, most = 0;
  for (let at = 0; at < parts.length; at += 2) {
    const shared = wordsOf(parts[at]).filter((word) => wanted.has(word)).length;
    if (shared > most) [best, most] = [at, shared];
  }
  if (best < 0 || parts.length < 3) return null;
  parts.splice(best ? best - 1 : 0, 2);
  return parts.join("").trim();
}

/** @param {import("../studio.js").Studio} studio @param {any} head */
export function chips(studio, head) {
  const understood = (head.understood ?? []).map((entry) => entry.label ?? entry);
  const removable = ["words", "edit"].includes(head.origin);
  const again = (label) => {
    const rest = withoutPart(head.text ?? "", label);
    // No part of the sentence is known to mean this: the user takes it out.
    if (!rest) return studio.tell("rewrite", { text: head.text, label });
    return head.origin === "edit" && head.parent ? studio.edit(rest, { source: { id: head.parent } }) : studio.fromWords(rest);
  };
  const made = understood.map((label) => h(removable ? "li.chip.removable" : "li.chip", {}, h("span", { text: words(label) }),
    removable && h("button", { type: "button", "aria-label": `Again without: ${words(label)}`, title: "Again without this", onclick: () => again(label) }, icon("close"))));
  const ignored = (head.ignored ?? []).map((text) => h("li.chip.ignored", { title: "Not used" }, h("span.unseen", { text: "not used: " }), h("span", { text })));
  const list = h("ul.chips", { "aria-label": "Understood" }, ...made.slice(0, SHOWN), ...ignored);
  if (made.length > SHOWN) {
    const rest = h("li", {}, h("button.chip.more", { type: "button", text: `${made.length - SHOWN} more`, onclick: () => {
      rest.replaceWith(...made.slice(SHOWN));
      made[SHOWN].querySelector("button")?.focus();
    } }));
    list.append(rest);
  }
  return list;
}

/** "nose_width +1.1 SD" as people read it: "nose width +1.1 SD"; "sex: man": "man"; "mouthSmile 0.8": "mouth smile 0.8". */
const words = (label) => label.replace(/^(sex|age|people|emotion): /, "").replaceAll("_", " ").replace(/([a-z])([A-Z])/g, (_, before, after) => `${before} ${after.toLowerCase()}`);
