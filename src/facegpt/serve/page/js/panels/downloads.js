/** The menu of downloads: every format that the server writes, pictures and turntable of the stage. */

import { fileUrl, post, request } from "../api.js";
import { capital, h, iconButton, toast } from "../dom.js";
import { handOver, picture, turntable, videoType } from "../viewer/capture.js";

/** A menu that opens below a button. */
export function menu(label, iconName, fill) {
  const sheet = h("div.sheet", { role: "menu", "aria-label": label, hidden: true });
  const opener = iconButton(iconName, label, () => toggle(sheet.hidden), { "aria-haspopup": "menu", "aria-expanded": "false" });
  const toggle = (open) => {
    sheet.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
    if (!open) return;
    sheet.replaceChildren(...fill(() => toggle(false)));
    sheet.querySelector("button, a")?.focus();
  };
  const root = h("div.menu", {}, opener, sheet);
  root.addEventListener("keydown", (event) => {
    const items = [...sheet.querySelectorAll("button, a")];
    const at = items.indexOf(document.activeElement);
    if (event.key === "Escape") { toggle(false); opener.focus(); }
    else if (event.key === "ArrowDown" && !sheet.hidden) items[(at + 1) % items.length]?.focus();
    else if (event.key === "ArrowUp" && !sheet.hidden) items[(at - 1 + items.length) % items.length]?.focus();
    else return;
    event.preventDefault();
  });
  document.addEventListener("pointerdown", (event) => !root.contains(event.target) && toggle(false));
  return { root, opener };
}

const safe = (text) => (text || "head").replace(/[^\p{L}\p{N} _-]+/gu, "").trim().slice(0, 60) || "head";

/** @param {import("../studio.js").Studio} studio @param {import("../viewer/viewer.js").Viewer} viewer */
export function downloadMenu(studio, viewer) {
  const fetchFile = async (format) => {
    const head = await studio.settle();
    if (!head) return;
    toast(`Writing ${format.label ?? format.name} …`);
    try {
      const response = await request(fileUrl(head, format.name));
      const given = /filename="?([^";]+)"?/.exec(response.headers.get("Content-Disposition") ?? "")?.[1];
      handOver(await response.blob(), given ?? `${safe(head.name)}.${format.extension.replace(/^\./, "")}`);
    } catch (error) {
      studio.fail(error);
    }
  };
  const shoot = async () => handOver(await picture(viewer.stage), `${safe(studio.head?.name)}.png`);
  /** The server draws a turn frame by frame, for browsers that draw slowly, and with wrinkles that move with the face. */
  const turnThere = async () => {
    const head = await studio.settle();
    if (!head) return;
    await studio.run("Drawing a turn", (signal) => post(`/api/heads/${head.id}/turntable`, {}, signal), { then: async ({ file }) => {
      handOver(await (await request(file)).blob(), `${safe(head.name)}-turn.mp4`);
    } });
  };
  const turn = async () => {
    if (!videoType()) return toast("This browser cannot record video.", { bad: true });
    const stopper = new AbortController();
    const work = { label: "Recording a turn", stage: "", progress: 0, left: null, position: null, stop: () => stopper.abort() };
    studio.work = work;
    const told = (share) => { work.progress = share; studio.tell("work", work); };
    told(0);
    try {
      const video = await turntable(viewer.stage, told, stopper.signal);
      handOver(video, `${safe(studio.head?.name)}-turn.${video.type.includes("mp4") ? "mp4" : "webm"}`);
    } catch (error) {
      studio.fail(error);
    } finally {
      studio.work = null;
      studio.tell("work", null);
    }
  };
  const item = (close, label, kind, run) => h("button", { type: "button", role: "menuitem", onclick: () => { close(); run(); } }, h("span", { text: label }), h("span.kind", { text: kind }));
  const { root, opener } = menu("Download", "download", (close) => [
    h("h3", { role: "presentation", text: "As you see it" }),
    item(close, "Picture", ".png", shoot), ...(viewer.stage.slow && studio.about.formats.some(({ name }) => name === "turntable") ? [] : [item(close, "Turntable video", videoType().includes("mp4") ? ".mp4" : ".webm", turn)]),
    h("h3", { role: "presentation", text: "Files of this head" }),
    ...studio.about.formats.some(({ name }) => name === "turntable") ? [item(close, "Turntable video in studio light", ".mp4", turnThere)] : [],
    ...studio.about.formats.filter((format) => format.name !== "turntable" && (!format.needs_photo || studio.head?.image) && (!format.needs_detail || studio.head?.detail) && (!format.needs_doubt || studio.head?.doubt) && (!format.needs_matches || studio.head?.matches)).map((format) => item(close, capital(format.label ?? format.name), `.${format.extension.replace(/^\./, "")}`, () => fetchFile(format)))]);
  opener.disabled = true;
  viewer.addEventListener("shown", () => (opener.disabled = false));
  return root;
}
