/** The head on the stage, or its photo, in motion: by words, a text said aloud, a sound, or a clip of somebody. */

import { upload } from "../api.js";
import { button, chooseFiles, h, segments, toast } from "../dom.js";

const KINDS = { words: "Words", say: "Say aloud", audio: "Sound", driver: "Clip" };
/** Kinds that are a file: the field of the form, what may be chosen, and what is said of it. */
const FILES = { audio: { label: "sound", accept: "audio/*,video/*", hint: "speech as WAV, MP3, M4A or video" }, driver: { label: "clip", accept: "video/*", hint: "somebody whose face this one follows" } };
const HINTS = { words: "slowly smiles, then winks and nods", say: "Good morning! How are you?" };

/** @param {import("../studio.js").Studio} studio @param {(clip: any) => Promise<void>} open plays what came of it */
export function animatePart(studio, open) {
  let kind = "words";
  const given = {};
  const text = h("textarea.field", { rows: 2, maxLength: 2000, placeholder: HINTS.words, "aria-label": "What the head does or says" });
  const chosen = h("span.small.soft.grow");
  const choose = button("Choose a sound", async () => {
    const [taken] = await chooseFiles(FILES[kind].accept);
    if (taken) [given[kind], chosen.textContent] = [taken, taken.name];
  }, { iconName: "talk" });
  const file = h("div.row", { hidden: true }, choose, chosen);
  const kinds = segments("What moves the head", Object.entries(KINDS), kind, (name) => {
    kind = name;
    text.hidden = name in FILES;
    file.hidden = !(name in FILES);
    if (name in FILES) {
      choose.querySelector("span").textContent = `Choose a ${FILES[name].label}`;
      chosen.textContent = given[name]?.name ?? FILES[name].hint;
    }
    text.placeholder = HINTS[name] ?? "";
    voice.hidden = name !== "say" || studio.about?.extras?.voice !== false;
  });
  const voice = h("p.small.note.soft", { hidden: true, text: "Speaking needs the extra voice: in the checkout, run pip install -e \".[voice]\", then start the server again." });
  const photo = h("input", { type: "checkbox" });
  const itself = h("label.check", { hidden: true }, photo, "Move the photo itself");
  const go = button("Animate", () => animate(), { kind: "main", iconName: "play" });
  const animate = async () => {
    const missing = kind in FILES ? !given[kind] : !text.value.trim();
    if (missing) return toast(kind in FILES ? `Choose a ${FILES[kind].label} first.` : "Say first what the head does.", { bad: true });
    const head = await studio.settle();
    if (!head) return;
    const form = new FormData();
    form.append("head", head.id);
    if (kind in FILES) form.append(kind, given[kind], given[kind].name);
    else form.append(kind, text.value.trim());
    form.append("give", photo.checked && !itself.hidden ? "photo" : "head");
    form.append("video", String(studio.about.extras?.video !== false));
    await studio.run("Setting the head in motion", (signal, moved) =>
      upload("/api/clips/animate", form, (share) => moved({ stage: "Sending", progress: share < 1 ? share : null }), signal), {
      then: async ({ clip }) => {
        for (const remark of clip.remarks ?? []) toast(remark);
        await open(clip);
      },
    });
  };
  const root = h("div.animate", {}, h("h2", { text: "Set this head in motion" }), h("p.soft", { text: "By words, by a text that it says aloud, by a sound that its lips follow, or by a clip of somebody." }), kinds, text, file, voice, itself, h("div.row", {}, go));
  root.inert = true;
  studio.on("head", (head) => {
    root.inert = false;
    itself.hidden = !head.photo_head;
  });
  return root;
}
