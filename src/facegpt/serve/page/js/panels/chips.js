/** What words were understood as, and what was not used: chips. One that is taken out stands there crossed out. */

import { h, icon } from "../dom.js";
import { said, settings } from "../names.js";

/** Chips that are shown before the others are asked for. */
const SHOWN = 5;

/** @param {import("../studio.js").Studio} studio @param {any} head whose words these are */
export function chips(studio, head) {
  const out = head.left_out ?? [];
  const without = (parts, label) => studio.without(head, parts, label);
  const chip = (label, kind) => {
    const told = said(head, label), gone = out.includes(label);
    const act = gone
      ? h("button", { type: "button", "aria-label": `Put back: ${told}`, title: "Put it back", onclick: () => without(out.filter((each) => each !== label), `With: ${told}`) }, icon("plus"))
      : h("button", { type: "button", "aria-label": `Take out: ${told}`, title: "As if it had not been said; all else stays", onclick: () => without([...out, label], `Without: ${told}`) }, icon("close"));
    const note = gone ? "taken out: " : kind === "ignored" ? "not used: " : "";
    return h(`li.chip${gone ? ".gone" : kind && `.${kind}`}${head.removable ? ".removable" : ""}`, { title: kind === "ignored" && !gone ? "A head does not show this" : null },
      note && h("span.unseen", { text: note }), h(gone ? "s" : "span", { text: told }), head.removable && act);
  };
  const understood = head.origin === "change" ? settings(head) : (head.understood ?? []).map((entry) => entry.label ?? entry);
  const unused = head.ignored ?? [];
  const made = understood.map((label) => chip(label, ""));
  const others = [...out.map((label) => chip(label, "")), ...unused.map((label) => chip(label, "ignored"))];
  const list = h("ul.chips", { "aria-label": "Understood" }, ...made.slice(0, SHOWN), ...others);
  if (made.length > SHOWN) {
    const rest = h("li", {}, h("button.chip.more", { type: "button", text: `${made.length - SHOWN} more`, onclick: () => {
      rest.replaceWith(...made.slice(SHOWN));
      made[SHOWN].querySelector("button")?.focus();
    } }));
    list.append(rest);
  }
  return list;
}
