/** The gallery of saved heads and those of this session: search, open, put side by side, delete. */

import { getJson, remove } from "../api.js";
import { asked, confirmed, h, iconButton, settled } from "../dom.js";
import { headName } from "../names.js";
import { thumbnail } from "./measures.js";

/** @param {import("../studio.js").Studio} studio @param {import("../viewer/viewer.js").Viewer} viewer */
export function galleryPanel(studio, viewer) {
  const search = h("input.field", { type: "search", placeholder: "Search saved heads", "aria-label": "Search saved heads" });
  const recent = h("ul.gallery");
  const saved = h("ul.gallery");
  const none = h("p.empty", { text: "Save a head with the heart above, and it stays here." });
  const root = h("div.scroll.pad", {}, h("h2", { text: "Saved" }), search, saved, none, h("h2.later", { text: "This session" }), recent);

  const erase = async (head) => {
    if (!(await confirmed("Delete this head?", `“${headName(head)}” and all of its files are deleted from this machine. This cannot be undone.`, "Delete"))) return;
    try {
      await remove(`/api/heads/${head.id}`);
      studio.forget(head.id);
    } catch (error) {
      studio.fail(error);
    }
  };

  const entry = (head, own) => {
    const title = headName(head);
    return h("li", {}, h("button.card", { type: "button", "aria-label": `Open ${title}`, "aria-current": head.id === studio.head?.id, onclick: () => studio.show(head, `Opened ${title}`) }, thumbnail(head, "", "lazy")),
      h("p", { text: title, title }),
      h("div.row", {},
        studio.head && head.id !== studio.head.id && iconButton("pair", `Show ${title} beside the current head`, () => viewer.beside(head)),
        own && iconButton("trash", `Delete ${title}`, () => erase(head))));
  };

  let asked = 0;
  const refresh = async () => {
    const mine = ++asked;
    try {
      const { heads } = await getJson(`/api/heads?saved=true&q=${encodeURIComponent(search.value.trim())}`);
      if (mine !== asked) return; // asked again since: the later answer counts, whichever comes last
      saved.replaceChildren(...heads.map((head) => entry(head, true)));
      none.hidden = heads.length > 0;
      none.textContent = search.value.trim() ? "No saved head fits these words." : "Save a head with the heart above, and it stays here.";
    } catch (error) {
      studio.fail(error);
    }
  };
  const session = () => recent.replaceChildren(...studio.history.heads.slice(0, 24).map((head) => entry(head, false)));

  search.addEventListener("input", settled(250, refresh));
  for (const event of ["about", "saved"]) studio.on(event, refresh);
  studio.on("history", session);
  studio.on("head", () => { session(); });
  return root;
}

/** Ask for a name and save the shown head. */
export function saveButton(studio) {
  const save = iconButton("save", "Save this head", async () => {
    if (!studio.head) return;
    const name = await asked("Save this head", "Name", "Kept on this machine until you delete it, with its photo.", studio.head.name || "", "Save");
    if (name !== null) studio.save(name);
  }, { disabled: true });
  studio.on("history", () => {
    save.disabled = !studio.head;
    save.setAttribute("aria-pressed", String(Boolean(studio.head?.saved)));
  });
  return save;
}
