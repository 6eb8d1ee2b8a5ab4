/** Puts the page together. */

import { ServerError } from "./api.js";
import { confirmed, h, icon, iconButton } from "./dom.js";
import { Aloud } from "./panels/aloud.js";
import { clipsPanel } from "./panels/clips.js";
import { downloadMenu } from "./panels/downloads.js";
import { expressionPanel } from "./panels/expression.js";
import { galleryPanel, saveButton } from "./panels/gallery.js";
import { measuresPanel } from "./panels/measures.js";
import { photoPanel } from "./panels/photo.js";
import { shapePanel } from "./panels/shape.js";
import { Talk } from "./panels/talk.js";
import { toolbar, undoButtons } from "./panels/toolbar.js";
import { wearPanel } from "./panels/wear.js";
import { faceChooser, progress, welcome } from "./panels/welcome.js";
import { headName } from "./names.js";
import { Session } from "./session.js";
import { Studio } from "./studio.js";
import { Viewer } from "./viewer/viewer.js";

const place = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** Light or dark: as the system, until the user chooses. */
function theme() {
  const system = matchMedia("(prefers-color-scheme: light)");
  const apply = (name) => {
    document.documentElement.dataset.theme = name;
    toggle.replaceChildren(icon(name === "light" ? "moon" : "sun"));
  };
  const now = () => localStorage.getItem("theme") ?? (system.matches ? "light" : "dark");
  const toggle = iconButton("sun", "Light or dark", () => {
    localStorage.setItem("theme", now() === "light" ? "dark" : "light");
    apply(now());
  });
  system.addEventListener("change", () => apply(now()));
  apply(now());
  return toggle;
}

/** The side panel: tabs of a few panels, which the bar of narrow screens also opens. */
function sidePanel(panels, opened) {
  const tabs = h("div.tabs", { role: "tablist", "aria-label": "Adjust" });
  const open = (name) => {
    for (const [key, { tab, body }] of made) {
      tab.setAttribute("aria-selected", String(key === name));
      tab.tabIndex = key === name ? 0 : -1;
      body.hidden = key !== name;
    }
    opened(name);
  };
  const made = new Map(panels.map(([key, label, content]) => {
    const tab = h("button.tab", { type: "button", role: "tab", id: `tab-${key}`, "aria-controls": `panel-${key}`, text: label, onclick: () => open(key) });
    const body = h("div.tab-body", { role: "tabpanel", id: `panel-${key}`, "aria-labelledby": `tab-${key}` }, content);
    tabs.append(tab);
    return [key, { tab, body }];
  }));
  tabs.addEventListener("keydown", (event) => {
    const keys = [...made.keys()];
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const from = keys.findIndex((key) => made.get(key).tab === document.activeElement);
    const next = keys[(from + step + keys.length) % keys.length];
    open(next);
    made.get(next).tab.focus();
  });
  place("side").append(tabs, ...[...made.values()].map(({ body }) => body));
  open(panels[0][0]);
  return open;
}

/** The bar of narrow screens. */
function tabBar(openSide) {
  const studio = document.querySelector(".studio");
  const entries = [["talk", "Talk", "talk"], ["face", "Face", "face"], ["shape", "Shape", "sliders"], ["look", "Look", "light"], ["photo", "Photo", "image"], ["measures", "Measures", "ruler"], ["heads", "Heads", "heads"], ["clips", "Video", "film"]];
  const buttons = entries.map(([key, label, name]) => h("button", { type: "button", "aria-current": String(key === "talk"), onclick: () => show(key) }, icon(name), h("span", { text: label })));
  const show = (key) => {
    studio.dataset.panel = key;
    if (key !== "talk") openSide(key);
    buttons.forEach((each, at) => each.setAttribute("aria-current", String(entries[at][0] === key)));
  };
  place("tabbar").append(...buttons);
  return show;
}

function main() {
  const toggle = theme();
  const studio = new Studio();
  const talk = new Talk(studio, place("talk"));
  const viewer = openViewer(studio);
  new Aloud(studio, viewer);
  const clips = clipsPanel(studio, viewer);
  const openSide = sidePanel([
    ["face", "Face", expressionPanel(studio)], ["shape", "Shape", shapePanel(studio)], ["look", "Look", wearPanel(studio, viewer)],
    ["photo", "Photo", photoPanel(studio)], ["measures", "Measures", measuresPanel(studio, viewer)], ["heads", "Heads", galleryPanel(studio, viewer)], ["clips", "Video", clips.root],
  ], (name) => studio.tell("panel", name));
  const show = tabBar(openSide);
  studio.on("in-photo", () => { openSide("photo"); show("photo"); });
  const [undo, redo] = undoButtons(studio);
  place("top-actions").append(undo, redo, h("span.gap"), saveButton(studio), downloadMenu(studio, viewer), h("span.gap"), toggle);
  toolbar(studio, viewer);
  welcome(studio, place("stage"), { talk, openClip: (file) => { show("clips"); clips.follow(file); } });
  progress(studio, place("stage"));
  faceChooser(studio, place("stage"));
  const title = () => Object.assign(place("head-title"), { textContent: headName(studio.head), title: studio.head.name || studio.head.text || "" });
  studio.on("head", () => { place("stage").classList.add("has-head"); title(); });
  studio.on("saved", title);
  const session = new Session(studio, { talk, clips });
  place("top-actions").prepend(anew(session), h("span.gap"));
  begin(studio, session);
  return { studio, viewer };
}

/** Leaves this conversation and its heads for a new one. */
const anew = (session) => iconButton("plus", "Begin anew", async () => {
  if (await confirmed("Begin anew?", "The conversation and its steps go. Saved heads and clips stay; others are forgotten within a day.", "Begin anew")) session.end();
});

/** The stage needs WebGL 2; without it the rest still works. */
function openViewer(studio) {
  try {
    return new Viewer(studio, place("stage"));
  } catch {
    place("stage").append(h("p.noscript", { text: "This browser does not draw in 3D (WebGL 2). Switch on hardware acceleration, or use another browser." }));
    throw new ServerError("no WebGL", "webgl");
  }
}

/** Ask the server what it offers, until it answers. */
async function begin(studio, session) {
  const waiting = setTimeout(() => (place("head-title").textContent = "The model is starting …"), 1200);
  studio.on("about", () => {
    clearTimeout(waiting);
    if (!studio.head) place("head-title").textContent = "";
  });
  for (let tries = 0; ; tries++) {
    try {
      await studio.start();
      await session.restore(addressed());
      return;
    } catch (error) {
      // 503: the model is still being loaded, which the header says.
      if (tries === 0 && error.status !== 503) studio.fail(error);
      if (error.status === 401) return;
      await new Promise((resolve) => setTimeout(resolve, Math.min(8000, 1000 * 2 ** tries)));
    }
  }
}

/** The head that the page's address names ("/heads/ID"), or "". */
function addressed() {
  const [, id = ""] = /^\/heads\/([\w-]{22})$/.exec(location.pathname) ?? [];
  if (id) history.replaceState(null, "", "/");
  return id;
}

// The page is seen before WebGL begins. `facegpt` is for tests and tinkerers in the console.
requestAnimationFrame(() => setTimeout(() => (globalThis.facegpt = main())));
