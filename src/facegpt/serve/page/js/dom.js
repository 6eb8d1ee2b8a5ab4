/** Elements, icons, toasts and announcements. All text goes in as text: nothing here parses HTML. */

const SVG = "http://www.w3.org/2000/svg";

/** Line icons on a 24 px grid: path data by name. */
const ICONS = {
  photo: "M4 7.5h3l1.5-2h7l1.5 2h3v11H4zM12 16.2a3.4 3.4 0 1 0 0-6.8 3.4 3.4 0 0 0 0 6.8Z",
  image: "M4 5h16v14H4zM4 16l4.5-4.5 4 4 2.5-2.5L20 17.5M15.5 9.2h.01",
  send: "M12 19V5.5M6 11.5l6-6 6 6",
  stop: "M7 7h10v10H7z",
  undo: "M8.5 5 4.5 9l4 4M5 9h9.5a5 5 0 0 1 0 10H9",
  redo: "m15.5 5 4 4-4 4M19 9H9.5a5 5 0 0 0 0 10H15",
  save: "M12 20s-7.5-4.6-7.5-10A4.2 4.2 0 0 1 12 7.3 4.2 4.2 0 0 1 19.5 10c0 5.4-7.5 10-7.5 10Z",
  download: "M12 4.5v10.5m-4.5-4.5L12 15l4.5-4.5M5 19.5h14",
  moon: "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10Z",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 2.5v2m0 15v2m-9.5-9.5h2m15 0h2M5.3 5.3l1.4 1.4m10.6 10.6 1.4 1.4m0-13.4-1.4 1.4M6.7 17.3l-1.4 1.4",
  plus: "M12 6v12M6 12h12",
  close: "M6.5 6.5l11 11m0-11-11 11",
  trash: "M5 7h14M10 7V4.5h4V7m-7.5 0 1 12.5h9l1-12.5M10.5 11v5m3-5v5",
  talk: "M4.5 5.5h15v10.5h-8l-4.5 3.5v-3.5h-2.5z",
  sliders: "M5 7h8m4 0h2M5 12h2m4 0h8M5 17h8m4 0h2M15 9a2 2 0 1 0 0-4 2 2 0 0 0 0 4Zm-6 5a2 2 0 1 0 0-4 2 2 0 0 0 0 4Zm6 5a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z",
  face: "M12 3c4 0 6.5 2.7 6.5 6.6 0 4.4-3 10.9-6.5 10.9S5.5 14 5.5 9.6C5.5 5.7 8 3 12 3ZM9 10.5h1.5m3 0H15M9.8 16c1.4.8 3 .8 4.4 0",
  heads: "M4.5 4.5h6.5v6.5H4.5zM13 4.5h6.5v6.5H13zM4.5 13h6.5v6.5H4.5zM13 13h6.5v6.5H13z",
  film: "M4 6h16v12H4zM8 6v12M16 6v12M4 10h4m-4 4h4m8-4h4m-4 4h4",
  play: "M8 5.5v13l10.5-6.5z",
  speaker: "M4.5 9.5h3.5l4.5-4v13l-4.5-4h-3.5zM15.5 9.2a4 4 0 0 1 0 5.6M18 6.7a7.5 7.5 0 0 1 0 10.6",
  microphone: "M12 14.5a3 3 0 0 0 3-3v-4.5a3 3 0 0 0-6 0v4.5a3 3 0 0 0 3 3ZM6 11.5a6 6 0 0 0 12 0M12 17.5v3m-3 0h6",
  pause: "M8.5 6v12M15.5 6v12",
  turn: "M4 12c0-2.2 3.6-4 8-4s8 1.8 8 4-3.6 4-8 4M14.5 13.5 12 16l2.5 2.5",
  camera: "M4 7.5h11v9H4zM15 11l5-2.5v7L15 13z",
  sure: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17Zm0 4a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9Zm0 3.5v2",
  compare: "M12 4v16M4.5 6.5H10v11H4.5zM14 6.5h5.5v11H14",
  ruler: "M4 15.5 15.5 4 20 8.5 8.5 20zM7 12.5l1.8 1.8M10 9.5l2.5 2.5m.5-5.5 1.8 1.8",
  light: "M9 18h6m-5 2.5h4M12 3.5a5.8 5.8 0 0 0-3.5 10.4c.6.5 1 1.2 1 2v.1h5v-.1c0-.8.4-1.5 1-2A5.8 5.8 0 0 0 12 3.5Z",
  expand: "M4.5 9.5v-5h5m5 0h5v5m0 5v5h-5m-5 0h-5v-5",
  check: "m5 12.5 4.5 4.5L19 7.5",
  warn: "M12 4.5 21 19.5H3zM12 10v4.5m0 2.5v.01",
  reset: "M5 12a7 7 0 1 0 2.2-5.1L5 9M5 4.5V9h4.5",
  search: "M11 17a6 6 0 1 0 0-12 6 6 0 0 0 0 12Zm4.5-1.5 4 4",
  pair: "M8 18.5c-2.5 0-4-3-4-6.5s1.5-6 4-6 4 2.5 4 6-1.5 6.5-4 6.5Zm8 0c-1.2 0-2.2-.7-2.9-1.8M13.5 7c.7-.7 1.5-1 2.5-1 2.5 0 4 2.5 4 6s-1.5 6.5-4 6.5",
};

/**
 * Make an element.
 * @param {string} tag its name, with classes after dots: "p.soft.small".
 * @param {Object<string, any>} [props] attributes; `on…` are listeners, `text` is its text, `data` its data set.
 * @param {...(Node|string|null|undefined|false)} children
 * @returns {HTMLElement}
 */
export function h(tag, props = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "text") element.textContent = value;
    else if (key === "data") Object.assign(element.dataset, value);
    else if (key in element && typeof value !== "string") element[key] = value;
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** @param {string} name one of ICONS. @returns {SVGElement} drawn in the text's colour. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const attributes = { viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "aria-hidden": "true", class: "inline-icon" };
  for (const [key, value] of Object.entries({ ...attributes, "stroke-width": "1.6", "stroke-linecap": "round", "stroke-linejoin": "round" })) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name] ?? "");
  svg.append(path);
  return svg;
}

/** A button with an icon whose words are its label. @returns {HTMLButtonElement} */
export function iconButton(name, label, onclick, props = {}) {
  return /** @type {HTMLButtonElement} */ (h("button.icon-button", { type: "button", "aria-label": label, title: label, onclick, ...props }, icon(name)));
}

/** A button with words and, perhaps, an icon. @returns {HTMLButtonElement} */
export function button(label, onclick, { kind = "", iconName = "", ...props } = {}) {
  const tag = `button.button${kind ? `.${kind}` : ""}`;
  return /** @type {HTMLButtonElement} */ (h(tag, { type: "button", onclick, ...props }, iconName && icon(iconName), h("span", { text: label })));
}

/** One choice among a few, as radio buttons in a row. */
export function segments(legend, choices, value, onchange) {
  const name = uid("choice");
  const inputs = choices.map(([key, label]) =>
    h("label", {}, h("input", { type: "radio", name, value: key, checked: key === value, onchange: () => onchange(key) }), h("span", { text: label })));
  return h("fieldset.segments", {}, h("legend.unseen", { text: legend }), ...inputs);
}

/** With a capital letter at its beginning. */
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

let count = 0;
/** An id that no other element has. */
export const uid = (prefix) => `${prefix}-${++count}`;

/** Tell screen readers. */
export function announce(text) {
  const place = document.getElementById("announcer");
  if (place) place.textContent = text;
}

/** Show a message for some seconds; a bad one stays until it is closed. */
export function toast(text, { bad = false } = {}) {
  const box = h(bad ? "div.toast.bad" : "div.toast", { role: bad ? "alert" : "status" }, h("p", { text }));
  box.append(iconButton("close", "Close message", () => box.remove()));
  const place = document.getElementById("toasts");
  while (place.children.length > 2) place.firstChild.remove();
  place.append(box);
  if (!bad) setTimeout(() => box.remove(), 5000);
}

/** Open a dialog of some elements; it is gone when closed. @returns {HTMLDialogElement} */
export function openDialog(title, ...children) {
  const id = uid("dialog");
  const dialog = /** @type {HTMLDialogElement} */ (h("dialog", { "aria-labelledby": id }, h("h2", { id, text: title }), ...children));
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Ask before something is lost. @returns {Promise<boolean>} */
export function confirmed(title, text, yes) {
  return new Promise((resolve) => {
    const dialog = openDialog(title, h("p.soft", { text }), h("div.row.end", {},
      button("Cancel", () => dialog.close()),
      button(yes, () => { resolve(true); dialog.close(); }, { kind: "main" })));
    dialog.addEventListener("close", () => resolve(false));
  });
}

/** Ask for a line of text. @returns {Promise<string|null>} null when it was called off. */
export function asked(title, label, text, value, yes) {
  return new Promise((resolve) => {
    const field = h("input.field", { type: "text", value, maxLength: 120, id: uid("asked"), autocomplete: "off" });
    const dialog = openDialog(title, h("form", { onsubmit: (event) => { event.preventDefault(); resolve(field.value.trim() || "Untitled"); dialog.close(); } },
      h("label.labelled", { for: field.id }, label, field), text && h("p.soft.small.later", { text }),
      h("div.row.end", {}, button("Cancel", () => dialog.close()), button(yes, () => {}, { kind: "main", type: "submit" }))));
    dialog.addEventListener("close", () => resolve(null));
    field.select();
  });
}

/** Ask for files of some kinds. @returns {Promise<File[]>} [] when nothing was chosen. */
export function chooseFiles(accept, { multiple = false, capture = "" } = {}) {
  return new Promise((resolve) => {
    const input = h("input", { type: "file", accept, multiple, ...(capture && { capture }), hidden: true });
    input.addEventListener("change", () => { resolve([...input.files]); input.remove(); });
    input.addEventListener("cancel", () => { resolve([]); input.remove(); });
    document.body.append(input);
    input.click();
  });
}

/** Wait until calls have stopped for some milliseconds. */
export function settled(wait, call) {
  let timer = 0;
  return (...values) => { clearTimeout(timer); timer = setTimeout(() => call(...values), wait); };
}
