/** What heads and settings are called, for people. */

/** What a head is called: its name, the words that made it, or what was set. @param {any} head */
export function headName(head) {
  if (head.name) return head.name;
  if (head.origin === "change") return head.understood?.map(({ label }) => words(label)).join(", ") || "Changed by hand";
  return head.text || (head.origin === "photo" ? "From a photo" : "Untitled");
}

/** "nose_width +1.1 SD" as people read it: "wider nose" where there is such a word; "sex: man": "man". */
export function words(label) {
  const looks = /^(\w+) ([+-][\d.]+) (SD|step)$/.exec(label);
  const plain = label.replace(/^(sex|age|people|emotion): /, "").replaceAll("_", " ").replace(/([a-z])([A-Z])/g, (_, before, after) => `${before} ${after.toLowerCase()}`);
  if (!looks) return plain;
  if (looks[1] === "age") return looks[2].startsWith("-") ? "younger" : "older";
  const [, name, amount] = looks, strong = Math.abs(Number(amount)) > 1.6 ? "much " : "";
  const [, part, side] = /^(.*?)_?(width|length|height|size|fullness|lightness|depth)?$/.exec(name);
  const more = { width: ["wider", "narrower"], length: ["longer", "shorter"], height: ["higher", "lower"], size: ["larger", "smaller"], fullness: ["fuller", "thinner"], lightness: ["lighter", "darker"], depth: ["deeper", "shallower"] }[side] ?? ["more", "less"];
  return `${strong}${more[amount.startsWith("-") ? 1 : 0]} ${part.replaceAll("_", " ")}`;
}
