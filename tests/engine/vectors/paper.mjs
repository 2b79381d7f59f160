// The paper, written a second time from its specification (tradeshall/engine/paper.py), and held to the vectors.
// node paper.mjs paper.json: prints how many vectors hold, exits with 1 at the first that does not.
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";

function u(bytes, value) {
  const out = Buffer.alloc(bytes);
  for (let i = bytes - 1, rest = BigInt(value); i >= 0; i -= 1, rest >>= 8n) out[i] = Number(rest & 255n);
  return out;
}

const hmac = (key, ...parts) => createHmac("sha256", key).update(Buffer.concat(parts)).digest();

function paperKey(secret, contentHash, participant, number, variant) {
  const name = Buffer.from(variant, "utf8");
  const label = Buffer.from("tradeshall/paper/1\0", "latin1");
  return hmac(secret, label, contentHash, u(8, participant), u(4, number), u(2, name.length), name);
}

function stream(key) {
  let words = [], counter = 0n;
  return function below(n) {
    if (n === 1) return 0;
    const limit = 2 ** 32 - (2 ** 32 % n);
    for (;;) {
      if (words.length === 0) {
        const block = hmac(key, u(8, counter++));
        for (let i = 0; i < 32; i += 4) words.push(block.readUInt32BE(i));
      }
      const word = words.shift();
      if (word < limit) return word % n;
    }
  };
}

function swapInOrder(places, count, below) {
  for (let i = 0; i < count; i += 1) {
    const j = i + below(places.length - i);
    [places[i], places[j]] = [places[j], places[i]];
  }
  return places;
}

const range = (n) => Array.from({ length: n }, (_, i) => i);

function paper(key, sections, optionsOf) {
  const below = stream(key), drawn = [];
  sections.forEach(({ size, count }, section) => {
    for (const place of swapInOrder(range(size), count, below).slice(0, count)) drawn.push([section, place]);
  });
  const orders = drawn.map(([section, place]) => {
    const options = optionsOf(section, place);
    return options ? swapInOrder(range(options), options - 1, below) : null;
  });
  return { drawn, orders };
}

function moves({ forms, shuffle_options: shuffles, option_count: options }, section, place) {
  if (!forms) return (place + section) % 3 ? options : 0;
  const [form, own, matches] = forms[place];
  if (form === "matching") return matches;
  if (form === "ordering") return own;
  return shuffles && (form === "single" || form === "multiple") ? own : 0;
}

const vectors = JSON.parse(readFileSync(process.argv[2], "utf8"));
vectors.forEach((vector, at) => {
  const key = paperKey(
    Buffer.from(vector.secret, "hex"), Buffer.from(vector.content_hash, "hex"),
    vector.participant, vector.attempt_number, vector.variant);
  const below = stream(key);
  const got = {
    key: key.toString("hex"),
    below: vector.below.map(([n]) => [n, below(n)]),
    ...paper(key, vector.sections, (section, place) => moves(vector, section, place)),
  };
  for (const [name, value] of Object.entries(got)) {
    if (JSON.stringify(value) !== JSON.stringify(vector[name])) {
      console.error(`vector ${at + 1}: ${name} differs`);
      process.exit(1);
    }
  }
});
console.log(vectors.length);
