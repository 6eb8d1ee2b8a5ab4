/** What heads and settings are called, for people. */

/** Longest name of a head, characters. */
const LONGEST = 60;
/** "jawOpen 0.38": one of the 52 units as it was set. */
const UNIT = /^[a-z]+[A-Z]\w* [\d.]+$/;

/** What a head is called: its name, the words that made it, or what was set; never longer than a line. @param {any} head */
export function headName(head) {
  if (head.name) return short(head.name);
  if (head.origin === "change") return short(settings(head).map(words).join(", ") || "Changed by hand");
  return short(head.text || (head.origin === "photo" ? "From a photo" : "Untitled"));
}

/** What was set on a head, its expression as one. @returns {string[]} */
export function settings(head) {
  const labels = (head.understood ?? []).map((entry) => entry.label ?? entry), others = labels.filter((label) => !UNIT.test(label));
  return [...others, ...(others.length < labels.length ? ["expression"] : [])];
}

/** A text cut between words, so that a line holds it. */
export function short(text, longest = LONGEST) {
  const line = text.replace(/\s+/g, " ").trim();
  if (line.length <= longest) return line;
  const cut = line.slice(0, longest), last = cut.lastIndexOf(" ");
  return `${(last > longest / 2 ? cut.slice(0, last) : cut).replace(/[,;:.]$/, "")} …`;
}

/** What was understood of the words behind a head, as the server says it. @param {any} head @param {string} label */
export const said = (head, label) => (head.understood ?? []).find((entry) => entry.label === label)?.words ?? words(label);

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
