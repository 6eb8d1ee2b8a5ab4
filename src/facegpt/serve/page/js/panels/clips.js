/** Clips: upload, follow, and list what came of them; personal heads; the camera live. */

import { getJson, post, remove, upload } from "../api.js";
import { asked, button, chooseFiles, confirmed, h, iconButton, uid } from "../dom.js";
import { animatePart } from "./animate.js";
import { livePart } from "./live.js";
import { thumbnail } from "./measures.js";
import { Player } from "./player.js";
import { voicePart } from "./voice.js";

/** @param {import("../studio.js").Studio} studio @param {import("../viewer/viewer.js").Viewer} viewer */
export function clipsPanel(studio, viewer) {
  const player = new Player(studio, viewer);
  const avatar = h("select.field", { id: uid("avatar") });
  const follow = async (file) => {
    const form = new FormData();
    form.append("clip", file, file.name);
    form.append("smooth", "file");
    if (avatar.value) form.append("avatar", avatar.value);
    await studio.run("Following the faces", (signal, moved) =>
      upload("/api/clips", form, (share) => moved({ stage: `Sending the clip, ${Math.round(share * 100)} %`, progress: share < 1 ? share : null }), signal),
    { then: ({ clip }) => clips.open(clip) });
  };
  const choose = async () => { const [file] = await chooseFiles("video/*"); if (file) follow(file); };
  const clips = clipList(studio, player);
  const heads = h("ul.gallery.avatars", { "aria-label": "Personal heads" });
  const people = avatars(studio, avatar, heads);
  const missing = h("p.note.small.soft", { hidden: true, text: "Clips need the extra video: in the checkout, run pip install -e \".[video]\", then start the server again." });
  const pick = button("Choose a clip", choose, { kind: "main", iconName: "film" });
  const makeOne = button("Make one from clips", people.make);
  const root = h("div.scroll.pad", {},
    animatePart(studio, (clip) => clips.open(clip, { own: false })),
    h("h2.later", { text: "From a clip" }), h("p.soft", { text: "Faces in a video become motion: curves, an animated head, and files for your tools." }),
    people.choice, missing, h("div.row", {}, pick), player.root, clips.root,
    livePart(studio, viewer, { known: () => avatar.value, onclip: follow }), voicePart(studio, viewer),
    h("h2.later", { text: "Personal heads" }), heads, h("div.row", {}, makeOne));
  studio.on("about", (about) => {
    missing.hidden = about.extras?.video !== false;
    pick.disabled = makeOne.disabled = about.extras?.video === false;
    people.refresh();
    clips.refresh();
  });
  return { root, follow, open: clips.open, state: clips.state, restore: clips.restore };
}

/** The clips of this session and those that were saved: played on whatever head, saved, deleted. */
function clipList(studio, player) {
  const mine = new Map(), list = h("ul.clips", { "aria-label": "Clips" });
  const root = h("div", { hidden: true }, h("h2.later", { text: "Clips" }), h("p.small.soft", { text: "Each plays on the head on the stage." }), list);
  const save = async (clip) => {
    const name = await asked("Save this clip", "Name", "Its motion, files and heads stay on this machine until you delete them.", clip.name, "Save");
    if (name === null) return;
    await post(`/api/clips/${clip.id}/save`, { name }).then((kept) => mine.set(clip.id, kept), (error) => studio.fail(error));
    refresh();
  };
  const erase = async (clip) => {
    if (!(await confirmed("Delete this clip?", `The motion and all files of “${clip.name || "this clip"}” are deleted from this machine.`, "Delete"))) return;
    await remove(`/api/clips/${clip.id}`).catch((error) => studio.fail(error));
    mine.delete(clip.id);
    if (player.clip?.id === clip.id) player.close();
    refresh();
  };
  const entry = (clip) => {
    const title = clip.name || "Clip", count = clip.people.length;
    return h("li", { "aria-current": player.clip?.id === clip.id },
      h("button.clip", { type: "button", "aria-label": `Open ${title}`, title, onclick: () => open(clip, { own: !studio.head }) }, clip.people[0]?.head && thumbnail(clip.people[0].head, ""),
        h("span", {}, h("b", { text: title }), h("span.small.soft", { text: `${clip.seconds.toFixed(1)} s, ${count === 1 ? "one person" : `${count} people`}` }))),
      iconButton("save", `Save ${title}`, () => save(clip), { "aria-pressed": String(Boolean(clip.saved)), disabled: Boolean(clip.saved) }),
      iconButton("trash", `Delete ${title}`, () => erase(clip)));
  };
  const refresh = async () => {
    const { clips } = await getJson("/api/clips").catch(() => ({ clips: [] }));
    const all = new Map([...[...mine].reverse(), ...clips.map((clip) => [clip.id, clip])]);
    list.replaceChildren(...[...all.values()].map(entry));
    root.hidden = !all.size;
  };
  const open = async (clip, { own = true, person = 0 } = {}) => {
    mine.set(clip.id, clip);
    await player.open(clip, own, person);
    await refresh();
  };
  const state = () => ({ ids: [...mine.keys()], open: player.clip?.id ?? null, person: player.number });
  const restore = async (kept) => {
    if (!kept?.ids.length) return;
    const { clips } = await getJson(`/api/clips?ids=${kept.ids.join(",")}`);
    for (const clip of clips) mine.set(clip.id, clip);
    if (mine.has(kept.open)) await player.open(mine.get(kept.open), false, kept.person);
    await refresh();
  };
  studio.on("clip", refresh);
  return { root, open, refresh, state, restore };
}

/** The list of personal heads: shown, chosen for clips and the camera, made, deleted. */
function avatars(studio, select, list) {
  let all = [];
  const choice = h("label.labelled", { for: select.id, hidden: true }, "Who is in the clip, or before the camera", select);
  const show = (each) => { if (each?.head) studio.show(each.head, `Personal head: ${each.name}`); };
  select.addEventListener("change", () => show(all.find((each) => each.id === select.value)));
  const choose = (each) => { select.value = each.id; show(each); };
  const erase = async (each) => {
    if (!(await confirmed("Delete this personal head?", `“${each.name}”, and the heads made with it, are deleted from this machine.`, "Delete"))) return;
    await remove(`/api/avatars/${each.id}`).catch((error) => studio.fail(error));
    refresh();
  };
  const entry = (each) => h("li", {},
    h("button.card", { type: "button", "aria-label": `Show ${each.name}`, onclick: () => choose(each) }, h("img", { src: `/api/avatars/${each.id}/files/preview`, alt: "", loading: "lazy" })),
    h("div.row.spread", {}, h("p", { text: each.name, title: each.name }), iconButton("trash", `Delete ${each.name}`, () => erase(each))));
  const refresh = async () => {
    try {
      const answer = await getJson("/api/avatars");
      const chosen = select.value;
      all = answer.avatars ?? answer;
      select.replaceChildren(h("option", { value: "", text: "Anybody: found from the picture" }), ...all.map((each) => h("option", { value: each.id, text: each.name })));
      select.value = all.some((each) => each.id === chosen) ? chosen : "";
      choice.hidden = !all.length;
      list.replaceChildren(...all.map(entry));
      if (!all.length) list.replaceChildren(h("li.soft.small.whole", { text: "None yet. Some minutes of clips of one person become a head with that person's own skin and expressions." }));
    } catch (error) {
      studio.fail(error);
    }
  };
  const make = async () => {
    const files = await chooseFiles("video/*", { multiple: true });
    if (!files.length) return;
    const name = await asked("A personal head", "Name", `${files.length === 1 ? "One clip" : `${files.length} clips`}. This takes from ten minutes to an hour; you can stop it at any time.`, files[0].name.replace(/\.\w+$/, ""), "Make it");
    if (name === null) return;
    const form = new FormData();
    for (const file of files) form.append("clips", file, file.name);
    form.append("name", name);
    const made = await studio.run("Making a personal head", (signal, moved) =>
      upload("/api/avatars", form, (share) => moved({ stage: `Sending, ${Math.round(share * 100)} %`, progress: share < 1 ? share : null }), signal));
    if (!made) return;
    await refresh();
    choose(made.avatar);
  };
  return { refresh, make, choice };
}
