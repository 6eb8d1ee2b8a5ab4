/** The conversation: replies as they are written, heads in the history, photos by drag, paste and camera. */

import { button, capital, chooseFiles, h, icon, iconButton } from "../dom.js";
import { headName, short } from "../names.js";
import { takePhoto } from "./camera.js";
import { chips } from "./chips.js";
import { thumbnail } from "./measures.js";
import { PHOTOS, adviceOn, morePhotos } from "./person_photos.js";

/** What to say to a head. */
const IDEAS = ["Ten years older", "Make the nose narrower", "Laughing", "Curly black hair", "Describe this face"];
/** Longest side of a photo as the conversation keeps it, pixels. */
const KEPT_PX = 132;

export class Talk {
  /** @param {import("../studio.js").Studio} studio @param {HTMLElement} place */
  constructor(studio, place) {
    this.studio = studio;
    /** The conversation as the server takes it. @type {any[]} */
    this.messages = [];
    /** Each card's head, and what it became without some of its words. @type {Map<HTMLElement, any[]>} */
    this.cards = new Map();
    /** The head that was last spoken of. @type {any} */
    this.last = null;
    /** Heads that were made again without some words → those that they stand for. @type {Map<string, string>} */
    this.madeAgain = new Map();
    /** @type {File[]} */
    this.photos = [];
    this.stopper = null;
    this.log = h("div.log", { role: "log", "aria-label": "Messages" });
    this.scroll = h("div.scroll", {}, this.log);
    this.welcome = h("div.starters");
    this.scroll.append(this.welcome);
    place.append(this.scroll, this.#composer());
    this.#starters({});
    studio.on("about", (about) => this.#starters(about));
    studio.on("replaced", (pairs) => { for (const [old, head] of pairs) this.#version(old, head); });
    studio.on("head", (head) => { this.#placeholder(); this.#shown(head); });
    studio.on("history", () => this.#mark());
    studio.on("gone", (id) => this.#gone(id));
    studio.on("speaking", (text) => this.#speaking(text));
    studio.on("made", ({ head, label, count, person }) => this.card(head, label, count, person));
  }

  #starters(about) {
    const sentences = (about.examples ?? []).slice(0, 5);
    this.welcome.replaceChildren(
      h("h2", { text: "Describe a person, or show one" }),
      h("p.soft", { text: "A sentence or a photo becomes a head with 52 expressions. Then change it in words: “make the nose narrower”, “ten years older”." }),
      h("ul", {}, ...sentences.map((text) => h("li", {}, h("button.starter", { type: "button", text: capital(text), onclick: () => this.send(text) })))));
  }

  #composer() {
    this.text = h("textarea.field", { rows: 1, "aria-label": "Message", placeholder: "Describe a person …", maxLength: 4000, enterkeyhint: "send" });
    this.text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.send();
    });
    this.text.addEventListener("input", () => this.#grow());
    this.strip = h("ul.attached", { "aria-label": "Attached photos", hidden: true });
    this.sendButton = iconButton("send", "Send", () => (this.stopper ? this.stopper.abort() : this.send()));
    this.sendButton.classList.add("send");
    const attach = iconButton("image", "Attach a photo", async () => this.attach(await chooseFiles(PHOTOS, { multiple: true })));
    const camera = iconButton("photo", "Take a photo", async () => { const photo = await takePhoto(); if (photo) this.attach([photo]); });
    this.aloud = iconButton("speaker", "Answers aloud", () => {
      const on = this.aloud.getAttribute("aria-pressed") !== "true";
      this.aloud.setAttribute("aria-pressed", String(on));
      if (!on) this.studio.tell("quiet");
    }, { "aria-pressed": "false" });
    this.ideas = h("ul.ideas", { "aria-label": "Ideas", hidden: true }, ...IDEAS.map((text) => h("li", {}, h("button.idea", { type: "button", text, onclick: () => this.send(text) }))));
    const form = h("form.composer", { onsubmit: (event) => { event.preventDefault(); this.send(); } }, this.strip, this.text, h("div.row", {}, attach, camera, this.aloud, h("span.grow"), this.sendButton));
    return h("div", {}, this.ideas, form);
  }

  /** A card's head was made again without some words: the card knows both. */
  #version(old, head) {
    this.madeAgain.set(head.id, old);
    for (const versions of this.cards.values()) if (versions.some((each) => each.id === old)) versions.push(head);
  }

  /** Each card shows that version of its head which the shown one was made from. */
  #shown(head) {
    const chain = new Set(head.chain ?? [head.id]);
    for (const [card, versions] of this.cards) {
      const version = versions.find((each) => chain.has(each.id));
      if (version && card.dataset.version !== version.id) this.#fill(card, version);
    }
  }

  #grow() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(160, this.text.scrollHeight + 2)}px`;
  }

  #placeholder() {
    this.text.placeholder = "Change this head, or ask about it …";
    this.ideas.hidden = false;
  }

  /** @param {File[]} files */
  attach(files) {
    this.photos.push(...files);
    this.strip.hidden = !this.photos.length;
    this.strip.replaceChildren(...this.photos.map((file, at) => {
      const url = URL.createObjectURL(file);
      return h("li", {}, h("img", { src: url, alt: file.name, onload: () => URL.revokeObjectURL(url) }),
        iconButton("close", `Remove ${file.name}`, () => { this.photos.splice(at, 1); this.attach([]); }));
    }));
    if (files.length) this.text.focus();
  }

  /** Send what was written, or a sentence. */
  async send(text = this.text.value.trim()) {
    if (this.stopper || (!text && !this.photos.length)) return;
    const photos = this.photos.splice(0);
    this.attach([]);
    this.text.value = "";
    this.#grow();
    this.welcome.remove();
    const question = this.#bubble("user", text, photos);
    const answer = this.#bubble("assistant", "");
    answer.classList.add("waiting");
    this.open = { question, answer, text };
    this.stopper = new AbortController();
    this.#busy(true);
    try {
      const message = await this.#message(text, photos);
      const asked = [...this.messages, message];
      const reply = await this.studio.say(asked, (so_far) => this.#write(answer, so_far), (stage) => { answer.dataset.stage = `${stage} …`; }, this.stopper.signal);
      await this.#finish(answer, asked, reply, text);
    } catch (error) {
      if (error.name === "AbortError") this.#write(answer, `${answer.querySelector("p").textContent} (stopped)`.trim());
      else { this.#write(answer, error.message); answer.classList.add("bad"); }
    } finally {
      answer.classList.remove("waiting");
      delete answer.dataset.stage;
      this.stopper = this.open = null;
      this.#busy(false);
      this.studio.tell("talked");
    }
  }

  /** All of the conversation that a reload needs: heads by id, photos small. */
  state() {
    const bubbles = [...this.log.children].filter((each) => each !== this.open?.question && each !== this.open?.answer);
    return {
      messages: this.messages.map(withoutPhotos), last: this.last?.id ?? null, madeAgain: [...this.madeAgain], draft: this.open?.text ?? this.text.value,
      log: bubbles.map((bubble) => ({
        role: bubble.classList.contains("user") ? "user" : "assistant", bad: bubble.classList.contains("bad"), text: bubble.querySelector("p").textContent,
        photos: [...bubble.querySelectorAll(":scope > img")].map((img) => img.dataset.kept).filter(Boolean),
        cards: [...bubble.querySelectorAll(".result")].map((card) => ({ versions: (this.cards.get(card) ?? []).map(({ id }) => id), at: card.dataset.version })),
      })),
    };
  }

  /** The heads that a state speaks of. @returns {string[]} */
  ids(state) { return [...state.log.flatMap(({ cards }) => cards.flatMap(({ versions }) => versions)), ...(state.last ? [state.last] : [])]; }

  /** @param {any} state of before @param {Map<string, any>} known heads that are still there */
  restore(state, known) {
    if (!state.log.length && !state.draft) return;
    this.messages = state.messages;
    this.madeAgain = new Map(state.madeAgain);
    this.last = known.get(state.last) ?? null;
    if (state.log.length) this.welcome.remove();
    for (const { role, bad, text, photos, cards } of state.log) {
      const bubble = this.#bubble(role, text);
      bubble.classList.toggle("bad", bad);
      bubble.querySelector("p").before(...photos.map((src) => h("img", { src, alt: "Your photo", data: { kept: src } })));
      if (role === "assistant" && !bad && text) this.#sayable(bubble);
      for (const { versions, at } of cards) bubble.append(this.#cardAgain(versions.map((id) => known.get(id)).filter(Boolean), at));
    }
    this.text.value = state.draft;
    this.#grow();
    this.#down();
  }

  #cardAgain(versions, at) {
    const card = h("div.result", {}, h("p.soft.small", { text: "This head is no longer kept." }));
    if (!versions.length) return card;
    this.cards.set(card, versions);
    this.#fill(card, versions.find(({ id }) => id === at) ?? versions.at(-1));
    return card;
  }

  /** The first head of those that a head was made from: one for all that a person was changed into. */
  #person(head) {
    let id = head?.chain?.[0] ?? head?.id;
    while (this.madeAgain.has(id)) id = this.madeAgain.get(id);
    return id;
  }

  /** The message with its photos and, when the conversation doesn't speak of that person already, the head on the stage. */
  async #message(text, photos) {
    const content = await Promise.all(photos.map((photo) => this.studio.imagePart(photo)));
    if (!photos.length && this.studio.head) {
      const head = await this.studio.settle();
      if (this.last && this.#person(head) === this.#person(this.last)) this.#changed(head);
      else if (head) content.push({ type: "face", face: { id: head.id } });
    }
    return { role: "user", content: [...content, { type: "text", text: text || "Make a head of this photo." }] };
  }

  /** The person spoken of was changed by sliders or by undo: the conversation goes on with what is shown. */
  #changed(head) {
    for (const part of this.messages.flatMap(({ content }) => content)) {
      if (part.type === "face" && part.face.id === this.last.id) part.face.id = head.id;
    }
    this.last = head;
  }

  async #finish(answer, asked, reply, text) {
    this.#write(answer, reply.text || (reply.heads.length ? "Here it is." : "…"));
    const faces = reply.heads.map((head) => ({ type: "face", face: { id: head.id } }));
    // Photos were turned into heads: from here on the heads stand for them, and nothing is sent twice.
    const kept = asked.map((message) => (reply.heads.length ? withoutPhotos(message) : message));
    this.messages = [...kept, { role: "assistant", content: [{ type: "text", text: reply.text }, ...faces] }];
    for (const head of reply.heads) answer.append(this.#card(head));
    this.#sayable(answer);
    const head = reply.heads.at(-1);
    this.#down();
    if (head) {
      this.last = head;
      await this.studio.show(head, text || "Head from a photo");
    }
    if (this.aloud.getAttribute("aria-pressed") === "true") this.studio.tell("speak", answer.querySelector("p").textContent);
    if (reply.heads.length > 1) this.studio.tell("faces", reply.heads);
  }

  /** A button that has the head on the stage say an answer. */
  #sayable(bubble) {
    const text = () => bubble.querySelector("p").textContent;
    const say = iconButton("speaker", "Say this aloud", () => this.studio.tell(...(this.spoken === text() ? ["quiet"] : ["speak", text()])));
    bubble.append(Object.assign(say, { className: "icon-button say" }));
  }

  /** What is being said can be stopped where it stands. */
  #speaking(text) {
    this.spoken = text;
    for (const say of this.log.querySelectorAll(".say")) {
      const now = text !== "" && say.parentElement.querySelector("p").textContent === text;
      say.replaceChildren(icon(now ? "stop" : "speaker"));
      say.title = now ? "Be quiet" : "Say this aloud";
      say.setAttribute("aria-label", say.title);
    }
  }

  /** A head that came by another way, into the history of the conversation. */
  card(head, label, count, person) {
    this.welcome.remove();
    const found = person ? `Here is the head of the person in your photos, as in the one that shows the most. ${count > 1 ? "The others are below the stage." : ""}`.trim() : count > 1 ? `Here are the heads of the ${count} faces in the photo: choose one below the stage.` : "Here is the head of the photo. Say what to change, or move a slider.";
    const bubble = this.#bubble("assistant", head.origin === "photo" ? found : label);
    bubble.append(this.#card(head));
    this.#down();
  }

  #card(head) {
    const card = h("div.result");
    this.cards.set(card, [head]);
    this.#fill(card, head);
    return card;
  }

  #fill(card, head) {
    card.dataset.version = head.id;
    const show = h("button.card", { type: "button", "aria-label": `Show this head: ${headName(head)}`, title: short(headName(head)), data: { head: head.id }, onclick: () => this.studio.show(head, "Back to an earlier head") }, thumbnail(head, ""));
    const more = head.origin === "words" && button("Variations", () => this.studio.fromWords(head.text, { seed: 1 + Math.floor(Math.random() * 1e6), count: 4 }), { kind: "plain", title: "Four other people whom these words fit" });
    const inPhoto = head.photo_head && head.photo_head !== head.id && button("In the photo", async () => { if (this.studio.head?.id === head.id || (await this.studio.show(head, "Back to an earlier head"))) this.studio.tell("in-photo"); }, { kind: "plain", iconName: "image", title: "The photo itself, changed" });
    const advice = adviceOn(head);
    card.replaceChildren(show, h("div.stack", {}, chips(this.studio, head), more, inPhoto), advice && h("div.stack.whole", {}, advice, morePhotos(this.studio, head)));
  }

  #bubble(role, text, photos = []) {
    const pictures = photos.map((photo) => {
      const url = URL.createObjectURL(photo);
      const img = h("img", { src: url, alt: "Your photo", onload: () => { URL.revokeObjectURL(url); if (!img.dataset.kept) img.dataset.kept = small(img); } });
      return img;
    });
    const bubble = h(`div.message.${role}`, {}, h("span.unseen", { text: role === "user" ? "You:" : "FaceGPT:" }), ...pictures, h("p", { text }));
    this.log.append(bubble);
    this.#down();
    return bubble;
  }

  #write(bubble, text) {
    bubble.querySelector("p").textContent = text;
    bubble.classList.remove("waiting");
    this.#down();
  }

  #down() { this.scroll.scrollTop = this.scroll.scrollHeight; }

  #busy(busy) {
    this.sendButton.replaceChildren(icon(busy ? "stop" : "send"));
    this.sendButton.setAttribute("aria-label", busy ? "Stop" : "Send");
    this.sendButton.title = busy ? "Stop" : "Send";
    this.studio.tell("talking", busy);
  }

  /** A head was deleted: its cards stay in the conversation and lead nowhere. */
  #gone(id) {
    for (const card of this.log.querySelectorAll(`.result[data-version="${id}"]`)) {
      this.cards.delete(card);
      card.replaceChildren(h("p.soft.small", { text: "This head was deleted." }));
    }
    if (this.last?.id === id) this.last = null;
  }

  #mark() {
    for (const card of this.log.querySelectorAll(".card")) card.toggleAttribute("aria-current", card.dataset.head === this.studio.head?.id);
  }
}

/** A picture in few pixels, as a data: address. @param {HTMLImageElement} img */
function small(img) {
  const scale = Math.min(1, KEPT_PX / Math.max(img.naturalWidth, img.naturalHeight));
  const canvas = h("canvas", { width: Math.max(1, Math.round(img.naturalWidth * scale)), height: Math.max(1, Math.round(img.naturalHeight * scale)) });
  canvas.getContext("2d").drawImage(img, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", 0.7);
}

/** @param {any} message */
function withoutPhotos(message) {
  if (!Array.isArray(message.content)) return message;
  return { ...message, content: message.content.filter((part) => part.type !== "image_url") };
}
