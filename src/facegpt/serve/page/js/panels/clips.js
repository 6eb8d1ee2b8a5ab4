/** Clips: upload, follow, and scrub the result on a timeline; personal heads; the camera live. */

import { getJson, remove, upload } from "../api.js";
import { asked, button, capital, chooseFiles, confirmed, h, icon, iconButton, uid } from "../dom.js";
import { Curves, at } from "./curves.js";
import { livePart } from "./live.js";

/** What the files of a clip are called. */
const FILES = {
  "animation.glb": "Animated GLB", "animation.usdz": "Animated USDZ", "livelink.csv": "Live Link CSV", "curves.json": "Curves, JSON",
  "curves.npz": "Curves, NumPy", "curves.png": "Curves, picture", "overlay.mp4": "Overlay video", "contact_sheet.png": "Contact sheet",
};

/** @param {import("../studio.js").Studio} studio @param {import("../viewer/viewer.js").Viewer} viewer */
export function clipsPanel(studio, viewer) {
  const player = new Player(studio, viewer);
  const avatar = h("select.field", { id: uid("avatar") });
  const follow = async (file) => {
    const form = new FormData();
    form.append("clip", file, file.name);
    form.append("smooth", "file");
    if (avatar.value) form.append("avatar", avatar.value);
    const result = await studio.run("Following the faces", (signal, moved) =>
      upload("/api/clips", form, (share) => moved({ stage: `Sending the clip, ${Math.round(share * 100)} %`, progress: share < 1 ? share : null }), signal));
    if (result?.clip) player.open(result.clip);
  };
  const choose = async () => { const [file] = await chooseFiles("video/*"); if (file) follow(file); };
  const heads = h("ul.gallery.avatars", { "aria-label": "Personal heads" });
  const people = avatars(studio, avatar, heads);
  const missing = h("p.note.small.soft", { hidden: true, text: "Clips need the extra: pip install \"facegpt[video]\", then start the server again." });
  const pick = button("Choose a clip", choose, { kind: "main", iconName: "film" });
  const root = h("div.scroll.pad", {},
    h("h2", { text: "From a clip" }), h("p.soft", { text: "Faces in a video become motion: curves, an animated head, and files for your tools." }),
    people.choice, missing, h("div.row", {}, pick), player.root,
    livePart(studio, viewer, { known: () => avatar.value, onclip: follow }),
    h("h2.later", { text: "Personal heads" }), heads, h("div.row", {}, button("Make one from clips", people.make)));
  studio.on("about", (about) => {
    missing.hidden = about.extras?.video !== false;
    pick.disabled = about.extras?.video === false;
    people.refresh();
  });
  return { root, follow };
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

/** Links to the files of a clip and of one of its people, in the order of FILES. */
function filesOf(clip, person) {
  const named = [...Object.entries(FILES)].flatMap(([file, text]) =>
    [`person_${person.track_id}_${file}`, file].filter((name) => name in clip.files).map((name) => [name, text]));
  return named.map(([name, text]) => h("a.button", { href: `/api/clips/${clip.id}/files/${name}`, download: name, text }));
}

/** Plays a followed clip: video, curves and head by one clock. */
class Player {
  constructor(studio, viewer) {
    Object.assign(this, { studio, viewer });
    this.curves = new Curves();
    this.video = h("video", { muted: true, playsInline: true, preload: "auto", "aria-label": "The clip with what was found" });
    this.scrub = h("input", { type: "range", min: "0", max: "1", step: "0.001", value: "0", "aria-label": "Time" });
    this.scrub.addEventListener("input", () => this.seek(Number(this.scrub.value)));
    this.playing = iconButton("play", "Play", () => this.#toggle());
    this.clock = h("output.small.soft");
    this.people = h("select.field", { "aria-label": "Person", hidden: true });
    this.people.addEventListener("change", () => this.#person(Number(this.people.value)));
    this.files = h("div.row");
    this.root = h("div.stack.player", { hidden: true }, this.people, this.video, this.curves.root, h("div.row.scrub", {}, this.playing, this.scrub, this.clock), this.files);
    this.video.addEventListener("play", () => this.#run());
    this.video.addEventListener("pause", () => this.#shows("play"));
    studio.on("head", (head) => { if (head.id !== this.head) this.close(); });
  }

  #toggle() {
    if (this.video.hidden) this.#runAlone();
    else if (this.video.paused) this.video.play();
    else this.video.pause();
  }

  /** @param {"play"|"pause"} what the button does next */
  #shows(what) {
    this.playing.replaceChildren(icon(what));
    this.playing.title = capital(what);
    this.playing.setAttribute("aria-label", capital(what));
  }

  /** Without a picture the curves have a clock of their own. */
  #runAlone() {
    this.#shows(this.alone ? "play" : "pause");
    if (this.alone) return void (this.alone = null);
    const begun = performance.now() - (Number(this.scrub.value) % 1) * this.seconds * 1000;
    const frame = (this.alone = (now) => {
      if (this.alone !== frame || !this.data) return;
      const time_s = Math.max(0, (now - begun) / 1000);
      this.#draw(Math.min(time_s, this.seconds));
      if (time_s < this.seconds) requestAnimationFrame(frame);
      else { this.alone = null; this.#shows("play"); }
    });
    requestAnimationFrame(frame);
  }

  async open(clip) {
    this.clip = clip;
    if (!clip.people.length) return this.studio.fail(Object.assign(new Error("No face was found in this clip."), { code: "no-face" }));
    this.people.replaceChildren(...clip.people.map((person, number) => h("option", { value: String(number), text: `Person ${number + 1}, ${person.frames} frames` })));
    this.people.hidden = clip.people.length < 2;
    this.video.hidden = !clip.overlay_url;
    if (clip.overlay_url) this.video.src = clip.overlay_url;
    else this.video.removeAttribute("src");
    await this.#person(0);
    this.root.hidden = false;
  }

  async #person(number) {
    const person = this.clip.people[number];
    this.files.replaceChildren(...filesOf(this.clip, person));
    try {
      this.data = await getJson(person.curves_url);
      this.head = person.head?.id;
      if (person.head) this.studio.show(person.head, "Head from a clip");
      this.curves.show(this.data);
      this.seek(0);
    } catch (error) {
      this.studio.fail(error);
    }
  }

  get seconds() { return this.clip?.seconds || this.data?.time_s.at(-1) || 1; }

  /** @param {number} share 0..1 of the clip */
  seek(share) {
    if (this.video.readyState) this.video.currentTime = share * this.seconds;
    this.#draw(share * this.seconds);
  }

  #draw(time_s) {
    if (!this.data) return;
    const share = Math.min(1, time_s / this.seconds);
    this.scrub.value = String(share);
    this.scrub.style.setProperty("--at", `${share * 100}%`);
    this.scrub.setAttribute("aria-valuetext", `${time_s.toFixed(1)} seconds`);
    this.clock.textContent = `${time_s.toFixed(1)} s`;
    this.curves.draw(share);
    this.viewer.perform(at(this.data, time_s));
  }

  #run() {
    this.#shows("pause");
    const frame = () => {
      this.#draw(this.video.currentTime);
      if (!this.video.paused && !this.video.ended) requestAnimationFrame(frame);
    };
    frame();
  }

  close() {
    this.video.pause();
    this.root.hidden = true;
    this.data = null;
    this.viewer.rest();
  }
}
