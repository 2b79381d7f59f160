/* The verifier: files in, checks out. The twin of tradeshall/engine/proofs/*.py, with the same checks in the same order. */
class Unreadable extends Error {}

const HEAD_BYTES = 1 << 16, LARGEST_DOCUMENT = 1 << 26, LONGEST_LINE = 1 << 20, PIECE = 1 << 22, DEEPEST = 24;
const MOST_LEAVES = 2 ** 32 - 1;
const utf8 = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const KINDS = {
  keys: "tradeshall/keys/1", log: "tradeshall/log/1", proof: "tradeshall/log-proof/1",
  consistency: "tradeshall/log-consistency/1", receipt: "tradeshall/receipt/1",
  commitments: "tradeshall/commitments/1", opening: "tradeshall/opening/1", results: "tradeshall/results/1",
  draw: "tradeshall/draw/1", checkpoints: "checkpoints", list: "list",
};
const BY_LINES = new Set([KINDS.log, KINDS.results]);
const DOCUMENTS = new Set([
  KINDS.keys, KINDS.proof, KINDS.consistency, KINDS.receipt, KINDS.commitments, KINDS.opening, KINDS.draw,
]);

// reading -----------------------------------------------------------------------------------------------------

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const unhex = (text) => Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
const same = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const has = (value, name) => Object.prototype.hasOwnProperty.call(value, name);

function decode(bytes) {
  try {
    return strict.decode(bytes);
  } catch (error) {
    throw new Unreadable("json");
  }
}

function readJson(bytes) {
  const text = decode(bytes);
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Unreadable("json");
  }
  const numbers = text.replace(/"(?:[^"\\]|\\.)*"/g, '""').match(/-?[0-9][0-9.eE+-]*/g) || [];
  for (const number of numbers) {
    if (!/^(0|-?[1-9][0-9]{0,15})$/.test(number) || !Number.isSafeInteger(Number(number))) throw new Unreadable("json");
  }
  checkDepth(value, DEEPEST);
  return value;
}

function checkDepth(value, depth) {
  if (depth === 0) throw new Unreadable("json");
  if (typeof value === "string") {
    if (/\p{Cs}/u.test(value)) throw new Unreadable("json");
  } else if (Array.isArray(value)) {
    for (const inner of value) checkDepth(inner, depth - 1);
  } else if (isObject(value)) {
    for (const key of Object.keys(value)) {
      checkDepth(key, 2);
      checkDepth(value[key], depth - 1);
    }
  }
}

const byCodePoint = (a, b) => {
  const x = Array.from(a), y = Array.from(b);
  for (let i = 0; i < x.length && i < y.length; i += 1) {
    if (x[i] !== y[i]) return x[i].codePointAt(0) - y[i].codePointAt(0);
  }
  return x.length - y.length;
};

function canonicalText(value) {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const keys = Object.keys(value).sort(byCodePoint);
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalText(value[key])}`).join(",")}}`;
}

const canonical = (value) => utf8.encode(canonicalText(value));

const HEX = { h16: /^[0-9a-f]{32}$/, h32: /^[0-9a-f]{64}$/, h64: /^[0-9a-f]{128}$/ };

function isKind(value, kind) {
  if (kind === "int") return Number.isInteger(value) && value >= 0;
  if (kind === "list") return Array.isArray(value);
  if (kind === "dict") return isObject(value);
  if (typeof value !== "string") return false;
  if (kind === "str") return true;
  if (kind === "number") return /^(0|[1-9][0-9]{0,18})$/.test(value) && BigInt(value) < 1n << 63n;
  return HEX[kind].test(value);
}

function shape(value, fields, others = false) {
  if (!isObject(value)) throw new Unreadable("fields");
  const known = new Set();
  for (const [field, kind] of Object.entries(fields)) {
    const name = field.replace(/\?$/, "");
    known.add(name);
    if (!has(value, name)) {
      if (field.endsWith("?")) continue;
      throw new Unreadable("fields");
    }
    if (!isKind(value[name], kind)) throw new Unreadable("fields");
  }
  if (!others && Object.keys(value).some((name) => !known.has(name))) throw new Unreadable("fields");
  return value;
}

function hashes(values) {
  if (!Array.isArray(values) || values.length > 64 || !values.every((value) => isKind(value, "h32"))) {
    throw new Unreadable("fields");
  }
  return values.map(unhex);
}

const bytesOf = async (blob) => new Uint8Array(await blob.arrayBuffer());

async function kindOf(file) {
  const head = await bytesOf(file.slice(0, HEAD_BYTES));
  const start = Array.from(head.subarray(0, 33), (byte) => String.fromCharCode(byte)).join("");
  if (/^[0-9a-f]{32}\n/.test(start)) return KINDS.list;
  if (start.startsWith("tradeshall/log/")) return KINDS.checkpoints;
  const newline = head.indexOf(10);
  if (newline >= 0) {
    let value = null;
    try {
      value = readJson(head.subarray(0, newline));
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
    }
    if (isObject(value) && BY_LINES.has(value.format)) return value.format;
  }
  if (file.size > LARGEST_DOCUMENT) throw new Unreadable("unknown");
  const value = readJson(await bytesOf(file));
  if (isObject(value)) {
    if (DOCUMENTS.has(value.format)) return value.format;
    if (!has(value, "format") && has(value, "body") && has(value, "batch")) return KINDS.receipt;
  }
  throw new Unreadable("unknown");
}

async function* linesOf(file) {
  let rest = new Uint8Array(0);
  for (let at = 0; at < file.size; at += PIECE) {
    const piece = await bytesOf(file.slice(at, at + PIECE));
    const bytes = new Uint8Array(rest.length + piece.length);
    bytes.set(rest);
    bytes.set(piece, rest.length);
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      if (end + 1 - start > LONGEST_LINE) throw new Unreadable("lines");
      yield bytes.subarray(start, end);
      start = end + 1;
    }
    rest = bytes.slice(start);
    if (rest.length >= LONGEST_LINE) throw new Unreadable("lines");
  }
  if (rest.length) throw new Unreadable("lines");
}

function readCanonical(line) {
  const value = readJson(line);
  if (!same(canonical(value), line)) throw new Unreadable("canonical");
  return value;
}

async function hashOf(file) {
  const hash = new Sha256();
  for (let at = 0; at < file.size; at += PIECE) hash.update(await bytesOf(file.slice(at, at + PIECE)));
  return hex(hash.digest());
}

// trees -------------------------------------------------------------------------------------------------------

const ZERO = Uint8Array.of(0), ONE = Uint8Array.of(1);
const leafHash = (entry) => sha256(ZERO, entry);
const nodeHash = (left, right) => sha256(ONE, left, right);

function bitCount(number) {
  let count = 0;
  for (let rest = BigInt(number); rest; rest >>= 1n) count += Number(rest & 1n);
  return count;
}

class Frontier {
  constructor(size = 0, subtrees = []) {
    this.size = size;
    this.subtrees = subtrees.slice();
  }
  append(root, leaves = 1) {
    let size = this.size / leaves, reached = root;
    while (size % 2) {
      reached = nodeHash(this.subtrees.pop(), reached);
      size = (size - 1) / 2;
    }
    this.subtrees.push(reached);
    this.size += leaves;
  }
  root() {
    if (!this.subtrees.length) return sha256();
    return this.subtrees.slice(0, -1).reduceRight((reached, left) => nodeHash(left, reached), this.subtrees.at(-1));
  }
}

function rootFromInclusion(leaf, index, size, path) {
  if (!(index < size)) throw new Unreadable("path");
  let node = BigInt(index), last = BigInt(size) - 1n, reached = leaf;
  for (const sibling of path) {
    if (last === 0n) throw new Unreadable("path");
    if (node & 1n || node === last) {
      reached = nodeHash(sibling, reached);
      while (!(node & 1n) && node) {
        node >>= 1n;
        last >>= 1n;
      }
    } else reached = nodeHash(reached, sibling);
    node >>= 1n;
    last >>= 1n;
  }
  if (last) throw new Unreadable("path");
  return reached;
}

function isConsistent(before, rootBefore, after, rootAfter, path) {
  if (!(before > 0 && before <= after)) return false;
  if (before === after) return !path.length && same(rootBefore, rootAfter);
  const steps = bitCount(before) === 1 ? [rootBefore, ...path] : path;
  if (!steps.length) return false;
  let node = BigInt(before) - 1n, last = BigInt(after) - 1n;
  while (node & 1n) {
    node >>= 1n;
    last >>= 1n;
  }
  let old = steps[0], grown = steps[0];
  for (const step of steps.slice(1)) {
    if (last === 0n) return false;
    if (node & 1n || node === last) {
      old = nodeHash(step, old);
      grown = nodeHash(step, grown);
      while (!(node & 1n) && node) {
        node >>= 1n;
        last >>= 1n;
      }
    } else grown = nodeHash(grown, step);
    node >>= 1n;
    last >>= 1n;
  }
  return last === 0n && same(old, rootBefore) && same(grown, rootAfter);
}

// checkpoints -------------------------------------------------------------------------------------------------

const BODY_OF_NOTE = /([!-*,-~]{1,200})\n(0|[1-9][0-9]{0,14})\n([A-Za-z0-9+/]{43}=)\nat (0|[1-9][0-9]{0,14})\n/y;
const LINE_OF_NOTE = /^— ([!-*,-~]{1,200}) ([A-Za-z0-9+/]+={0,2})$/;

function unbase64(text) {
  let raw;
  try {
    raw = atob(text);
  } catch (error) {
    throw new Unreadable("base64");
  }
  if (btoa(raw) !== text) throw new Unreadable("base64");
  return Uint8Array.from(raw, (sign) => sign.charCodeAt(0));
}

function readCheckpoints(text) {
  const found = [];
  let at = 0;
  while (at < text.length) {
    BODY_OF_NOTE.lastIndex = at;
    const body = BODY_OF_NOTE.exec(text);
    if (!body) throw new Unreadable("note");
    at += body[0].length;
    if (text[at] !== "\n") throw new Unreadable("note");
    at += 1;
    const signatures = [];
    while (text.startsWith("— ", at)) {
      const end = text.indexOf("\n", at);
      const line = end >= 0 && LINE_OF_NOTE.exec(text.slice(at, end));
      if (!line) throw new Unreadable("note");
      signatures.push([line[1], unbase64(line[2])]);
      at = end + 1;
    }
    if (!signatures.length) throw new Unreadable("note");
    found.push({
      body: utf8.encode(body[0]), origin: body[1], size: Number(body[2]), root: unbase64(body[3]), signatures,
    });
    if (at < text.length) {
      if (text[at] !== "\n" || at + 1 === text.length) throw new Unreadable("note");
      at += 1;
    }
  }
  if (!found.length) throw new Unreadable("note");
  return found;
}

function readCheckpoint(text) {
  const found = readCheckpoints(text);
  if (found.length !== 1) throw new Unreadable("note");
  return found[0];
}

const originOf = (key) => `tradeshall/log/${hex(sha256(key)).slice(0, 16)}`;

async function signed(note, keys) {
  if (!keys.log) return null;
  if (note.origin !== originOf(keys.log)) return false;
  const wanted = sha256(utf8.encode(note.origin), Uint8Array.of(10, 1), keys.log).subarray(0, 4);
  const own = note.signatures.filter(([name, value]) => name === note.origin && same(value.subarray(0, 4), wanted));
  return own.length === 1 && own[0][1].length === 68 && ed25519.verify(keys.log, own[0][1].subarray(4), note.body);
}

// the log -----------------------------------------------------------------------------------------------------

const BATCH = { at_ms: "int", leaves: "int", number: "int", root: "h32", signature: "h64", writer: "str" };
const RECORD = { at_ms: "int", "count?": "int", kind: "str", sha256: "h32", subject: "str", version: "int" };
const PAGE = { before: "list", count: "int", first: "int", format: "str" };

async function batchSigned(batch, key) {
  const name = utf8.encode(batch.writer);
  if (batch.leaves > MOST_LEAVES || name.length > 0xffff) return false;
  const label = utf8.encode("tradeshall/batch/1\0");
  const message = new Uint8Array(label.length + 2 + name.length + 20 + 32), view = new DataView(message.buffer);
  message.set(label);
  view.setUint16(label.length, name.length);
  message.set(name, label.length + 2);
  const at = label.length + 2 + name.length;
  view.setBigUint64(at, BigInt(batch.number));
  view.setUint32(at + 8, batch.leaves);
  view.setBigUint64(at + 12, BigInt(batch.at_ms));
  message.set(unhex(batch.root), at + 20);
  return ed25519.verify(key, unhex(batch.signature), message);
}

const batchKey = (batch) => `${batch.number} ${batch.writer}`;

/* What a checkpoint vouches for; `whole` where that reaches from the first entry on. */
class Log {
  constructor() {
    this.whole = false;
    this.records = new Set();
    this.unsigned = new Set();
    this.batches = new Map();
  }
  knows(sha) {
    if (this.records.has(sha)) return true;
    return this.whole && !this.unsigned.has(sha) ? false : null;
  }
}

async function checkCheckpoints(given, keys, report) {
  const roots = new Map();
  for (const file of given.of(KINDS.checkpoints)) {
    let found;
    try {
      found = readCheckpoints(decode(await bytesOf(file)));
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      report.add(file.name, "checkpoint:signature", false);
      continue;
    }
    let holds = keys.log ? true : null;
    for (const note of found) if (keys.log && !(await signed(note, keys))) holds = false;
    report.add(file.name, "checkpoint:signature", holds, { count: found.length });
    for (const note of found) {
      if (!roots.has(note.size)) roots.set(note.size, new Set());
      roots.get(note.size).add(hex(note.root));
    }
    report.add(file.name, "checkpoint:one_log", found.every((note) => roots.get(note.size).size === 1));
  }
  return roots;
}

async function readPage(file, keys, report, wanted, notes, progress) {
  const page = { file, batches: [], records: [], ends: new Map(), agreed: 0 };
  const agrees = [];
  let header, tree, seen = 0, wrong = 0;
  const compare = () => {
    const roots = notes.get(tree.size);
    if (!roots) return;
    agrees.push(roots.size === 1 && roots.has(hex(tree.root())));
    if (agrees.at(-1)) page.agreed = tree.size;
  };
  try {
    for await (const line of linesOf(file)) {
      const entry = readCanonical(line);
      if (!tree) {
        header = shape(entry, PAGE);
        page.first = header.first;
        page.before = hashes(header.before);
        if (page.before.length !== bitCount(page.first)) throw new Unreadable("fields");
        tree = new Frontier(page.first, page.before);
        compare();
        continue;
      }
      if (isObject(entry) && has(entry, "kind")) page.records.push([tree.size, shape(entry, RECORD).sha256]);
      else {
        shape(entry, BATCH);
        const [first, last] = page.ends.get(entry.writer) || [entry.number, entry.number - 1];
        if (entry.number !== last + 1) throw new Unreadable("order");
        page.ends.set(entry.writer, [first, entry.number]);
        if (wanted.has(batchKey(entry))) page.batches.push([tree.size, batchKey(entry), line.slice()]);
        seen += 1;
        if (keys.receipts && !(await batchSigned(entry, keys.receipts))) wrong += 1;
      }
      tree.append(leafHash(line));
      compare();
      if (tree.size % 1024 === 0) await progress(file.name, (tree.size - page.first) / Math.max(header.count, 1));
    }
    if (tree.size - page.first !== header.count) throw new Unreadable("count");
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    report.add(file.name, "log:entries", false);
    return null;
  }
  page.size = tree.size;
  page.after = tree.subtrees;
  report.add(file.name, "log:entries", true, { count: header.count, first: page.first });
  if (seen) report.add(file.name, "log:signatures", keys.receipts ? wrong === 0 : null, { count: seen });
  if (agrees.length) report.add(file.name, "log:checkpoint", agrees.every(Boolean), { count: agrees.length });
  return page;
}

function joinPages(pages, log, report) {
  pages.sort((a, b) => a.first - b.first);
  let ends = new Map(), whole = pages.length > 0 && pages[0].first === 0, before = null, run = [];
  const vouched = () => {
    const agreed = Math.max(0, ...run.map((page) => page.agreed));
    for (const page of run) {
      if (page.size > agreed && page.size > page.first) {
        report.add(page.file.name, "log:vouched", null, { count: page.size - Math.max(agreed, page.first) });
      }
      for (const [at, sha] of page.records) (at < agreed ? log.records : log.unsigned).add(sha);
      for (const [at, key, line] of page.batches) if (at < agreed) log.batches.set(key, line);
    }
    return agreed > 0;
  };
  for (const page of pages) {
    let follows = true;
    if (before && before.size < page.first) {
      follows = null;
      ends = new Map();
      whole = false;
      vouched();
      run = [];
    } else if (before) {
      follows = before.size === page.first && before.after.length === page.before.length
        && before.after.every((root, at) => same(root, page.before[at]));
    }
    for (const [writer, [first, last]] of page.ends) {
      const due = (ends.has(writer) ? ends.get(writer) : whole ? 0 : first - 1) + 1;
      if (first !== due) follows = false;
      ends.set(writer, last);
    }
    report.add(page.file.name, "log:follows", follows);
    run.push(page);
    before = page;
  }
  log.whole = vouched() && whole;
}

async function entryIn(entry, proof, keys) {
  shape(proof, { checkpoint: "str", index: "int", path: "list", size: "int" });
  const note = readCheckpoint(proof.checkpoint);
  const root = rootFromInclusion(leafHash(entry), proof.index, proof.size, hashes(proof.path));
  return [note.size === proof.size && same(note.root, root), await signed(note, keys)];
}

async function checkLog(given, keys, report, progress) {
  const notes = await checkCheckpoints(given, keys, report);
  const log = new Log(), wanted = new Set(), pages = [];
  for (const file of given.of(KINDS.receipt)) {
    const document = given.documents.get(file);
    const receipt = isObject(document) && has(document, "receipt") ? document.receipt : document;
    const batch = isObject(receipt) ? receipt.batch : null;
    if (isObject(batch) && typeof batch.writer === "string" && Number.isInteger(batch.number)) wanted.add(batchKey(batch));
  }
  for (const file of given.of(KINDS.log)) {
    const page = await readPage(file, keys, report, wanted, notes, progress);
    if (page) pages.push(page);
  }
  joinPages(pages, log, report);
  for (const file of given.of(KINDS.proof)) {
    const document = given.documents.get(file);
    await attempt(report, file, "proof:path", async () => {
      shape(document, { entry: "dict", format: "str", log: "dict" });
      const entry = shape(document.entry, has(document.entry, "kind") ? RECORD : BATCH);
      const [leads, isSigned] = await entryIn(canonical(entry), document.log, keys);
      report.add(file.name, "proof:path", leads);
      report.add(file.name, "checkpoint:signature", isSigned, { count: 1 });
    });
  }
  for (const file of given.of(KINDS.consistency)) {
    const document = given.documents.get(file);
    await attempt(report, file, "consistency:path", async () => {
      shape(document, { first: "str", format: "str", path: "list", second: "str" });
      const path = hashes(document.path), first = readCheckpoint(document.first), second = readCheckpoint(document.second);
      const grew = isConsistent(first.size, first.root, second.size, second.root, path);
      report.add(file.name, "consistency:path", grew, { before: first.size, after: second.size });
      const both = [await signed(first, keys), await signed(second, keys)];
      report.add(file.name, "checkpoint:signature", keys.log ? both.every(Boolean) : null, { count: 2 });
    });
  }
  return log;
}

async function attempt(report, file, code, work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    report.add(file.name, code, false);
  }
}

// commitments and openings ------------------------------------------------------------------------------------

function readCommitments(document) {
  shape(document, {
    content_hash: "h32", format: "str", items: "dict", keys: "dict", round: "int", rules: "h32", secret: "h32",
  });
  for (const part of ["items", "keys"]) {
    for (const [number, value] of Object.entries(document[part])) {
      if (!isKind(number, "number") || !isKind(value, "h32")) throw new Unreadable("fields");
    }
  }
  return document;
}

async function checkCommitments(given, log, report) {
  for (const file of given.of(KINDS.commitments)) {
    await attempt(report, file, "commitments:read", async () => {
      readCommitments(given.documents.get(file));
      report.add(file.name, "file:in_log", log.knows(await hashOf(file)));
    });
  }
}

function opened(opening) {
  shape(opening, {
    content_hash: "h32", format: "str", items: "dict", keys: "dict", round: "int", "rules?": "dict", "secret?": "dict",
  });
  const found = [];
  const commit = (kind, number, nonce, content) => found.push([kind, number, hex(sha256(unhex(nonce), content))]);
  if (has(opening, "rules")) {
    const rules = shape(opening.rules, { nonce: "h32", rules: "dict", sections: "list" });
    commit("rules", "", rules.nonce, canonical({ rules: rules.rules, sections: rules.sections }));
  }
  if (has(opening, "secret")) {
    const secret = shape(opening.secret, { nonce: "h32", secret: "h32" });
    commit("secret", "", secret.nonce, unhex(secret.secret));
  }
  for (const [kind, name] of [["items", "item"], ["keys", "key"]]) {
    for (const [number, part] of Object.entries(opening[kind])) {
      shape(part, { nonce: "h32", [name]: "dict" });
      if (!isKind(number, "number") || String(part[name].number) !== number) throw new Unreadable("fields");
      commit(kind, number, part.nonce, canonical(part[name]));
    }
  }
  if (!found.length) throw new Unreadable("fields");
  return found;
}

function wholePack(opening) {
  const { items, keys } = opening, numbers = Object.keys(items);
  if (!has(opening, "rules") || !has(opening, "secret") || !numbers.length) return null;
  if (numbers.length !== Object.keys(keys).length || !numbers.every((number) => has(keys, number))) return null;
  numbers.sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
  return {
    format: "tradeshall/pack/1", rules: opening.rules.rules, sections: opening.rules.sections,
    items: numbers.map((number) => ({ ...items[number].item, ...keys[number].key })),
  };
}

async function checkOpenings(given, log, report) {
  const packs = new Map(), committed = [];
  for (const file of given.of(KINDS.commitments)) {
    try {
      committed.push(readCommitments(given.documents.get(file)));
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
    }
  }
  for (const file of given.of(KINDS.opening)) {
    const opening = given.documents.get(file);
    await attempt(report, file, "opening:read", async () => {
      const parts = opened(opening);
      const against = committed.filter((one) => one.round === opening.round);
      const agrees = (one) => opening.content_hash === one.content_hash && parts.every(
        ([kind, number, value]) => value === (number === "" ? one[kind] : has(one[kind], number) && one[kind][number]));
      report.add(file.name, "opening:commitments", against.length ? against.every(agrees) : null, { count: parts.length });
      const pack = wholePack(opening);
      if (pack) {
        let right = hex(sha256(canonical(pack))) === opening.content_hash, compiled = null;
        try {
          compiled = right && compile(pack, unhex(opening.content_hash), unhex(opening.secret.secret));
        } catch (error) {
          right = false;
        }
        report.add(file.name, "opening:pack", right);
        if (right) packs.set(opening.content_hash, compiled);
      }
      report.add(file.name, "file:in_log", log.knows(await hashOf(file)));
    });
  }
  return packs;
}

// papers ------------------------------------------------------------------------------------------------------

function paperKey(secret, contentHash, participant, number, variant) {
  const name = utf8.encode(variant), tail = new DataView(new ArrayBuffer(14));
  tail.setBigUint64(0, BigInt(participant));
  tail.setUint32(8, number);
  tail.setUint16(12, name.length);
  return hmac256(secret, utf8.encode("tradeshall/paper/1\0"), contentHash, new Uint8Array(tail.buffer), name);
}

function stream(key) {
  let words = [], counter = 0n;
  return function below(n) {
    if (n === 1) return 0;
    const limit = 2 ** 32 - (2 ** 32 % n);
    for (;;) {
      if (!words.length) {
        const at = new DataView(new ArrayBuffer(8));
        at.setBigUint64(0, counter);
        counter += 1n;
        const block = new DataView(hmac256(key, new Uint8Array(at.buffer)).buffer);
        words = Array.from({ length: 8 }, (_, i) => block.getUint32(4 * i));
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

const upTo = (n) => Array.from({ length: n }, (_, i) => i);

function makePaper(key, sections, optionsOf) {
  const below = stream(key), drawn = [];
  sections.forEach(({ size, count }, section) => {
    for (const place of swapInOrder(upTo(size), count, below).slice(0, count)) drawn.push([section, place]);
  });
  const orders = drawn.map(([section, place]) => {
    const options = optionsOf(section, place);
    return options ? swapInOrder(upTo(options), options - 1, below) : null;
  });
  return { drawn, orders };
}

function compile(pack, contentHash, secret) {
  const places = new Map(pack.items.map((item, at) => [item.number, at]));
  const itemsOf = (numbers) =>
    [...numbers].sort((a, b) => places.get(a) - places.get(b)).map((number) => pack.items[places.get(number)]);
  const sections = pack.sections.map((section) => ({
    ...section,
    items: itemsOf(section.item_numbers),
    local: new Map((section.variants ?? []).map(([name, numbers]) => [name, itemsOf(numbers)])),
  }));
  if (sections.some(({ items, local }) => [items, ...local.values()].some((all) => all.includes(undefined)))) {
    throw new Unreadable("pack");
  }
  return { rules: pack.rules, sections, contentHash, secret };
}

/* How many places of an item are shuffled: lines to order and the right side of pairs always, options by the rules. */
function moved(item, shuffles) {
  if (item.form === "matching") return item.matches.length;
  if (item.form === "ordering") return item.options.length;
  return shuffles && (item.form === "single" || item.form === "multiple") ? item.options.length : 0;
}

function scoreResponse(item, section, given) {
  if (!given.length) return 0;
  const key = new Set(item.key), points = section.points;
  const right = given.filter((place) => key.has(place)).length, wrong = given.length - right;
  if (!wrong && right === key.size) return points;
  if (item.form !== "multiple" || section.scoring === "all_or_nothing") return 0;
  if (section.scoring === "part_marks") return wrong ? 0 : Math.floor((points * right) / key.size);
  const apart = wrong + key.size - right;
  return Math.max(0, Math.floor((points * (item.options.length - 2 * apart)) / item.options.length));
}

const MARKED = new Set(["single", "multiple", "true_false"]);

/* Points and most points from the paper made anew, none where the answers do not fit that paper; null if a question
   on it is of a form that is not marked here. */
function markedAgain(compiled, body, document) {
  const { rules, contentHash, secret } = compiled;
  const variant = has(document, "variant") ? document.variant : "";
  if (body.number > 2 ** 32 - 1 || utf8.encode(variant).length > 0xffff) return [];
  const key = paperKey(secret, contentHash, body.participant, body.number, variant);
  const sections = compiled.sections.map((section) => ({ ...section, items: section.local.get(variant) ?? section.items }));
  const sizes = sections.map((section) => ({ size: section.items.length, count: section.count }));
  const { drawn, orders } = makePaper(key, sizes, (section, place) => moved(sections[section].items[place], rules.shuffle_options));
  if (drawn.some(([section, place]) => !MARKED.has(sections[section].items[place].form))) return null;
  if (document.responses.length !== drawn.length) return [];
  let sum = 0;
  for (const [at, [section, place]] of drawn.entries()) {
    const item = sections[section].items[place], given = document.responses[at];
    if (!Array.isArray(given) || !given.every((one) => isKind(one, "int") && one < item.options.length)) return [];
    if (new Set(given).size !== given.length) return [];
    const written = given.map((one) => (orders[at] ? orders[at][one] : one));
    // Of a form with one right answer the first counts; the engine accepts no second.
    sum += scoreResponse(item, sections[section], item.form === "multiple" ? written : written.slice(0, 1));
  }
  return [sum, sections.reduce((most, section) => most + section.count * section.points, 0)];
}

// receipts ----------------------------------------------------------------------------------------------------

const BODY = {
  answers: "h32", finished_at_ms: "int", number: "int", pack: "h32", participant: "number", round: "int", salt: "h16",
  score: "h32", started_at_ms: "int",
};

async function checkReceipt(file, document, keys, log, packs, report) {
  if (has(document, "format")) {
    shape(document, {
      format: "str", "log?": "dict", receipt: "dict", "responses?": "list", "score?": "list", "variant?": "str",
    });
  }
  const receipt = has(document, "receipt") ? document.receipt : document;
  shape(receipt, { batch: "dict", body: "dict", index: "int", path: "list", "score_salt?": "h16" });
  const body = shape(receipt.body, BODY, true), batch = shape(receipt.batch, BATCH);
  const score = has(document, "score") ? document.score : null;
  if (score !== null && !(Array.isArray(score) && score.length === 2 && score.every(Number.isInteger))) {
    throw new Unreadable("fields");
  }
  const path = hashes(receipt.path), entry = canonical(batch);
  const inLog = has(document, "log") ? await entryIn(entry, document.log, keys) : null;
  let root = "";
  try {
    root = hex(rootFromInclusion(leafHash(canonical(body)), receipt.index, batch.leaves, path));
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
  }
  const name = file.name;
  report.add(name, "receipt:path", root === batch.root, { round: body.round, number: body.number });
  report.add(name, "receipt:signature", keys.receipts ? await batchSigned(batch, keys.receipts) : null);
  if (inLog) {
    report.add(name, "receipt:in_log", inLog[0]);
    report.add(name, "checkpoint:signature", inLog[1], { count: 1 });
  } else if (log.batches.has(batchKey(batch))) {
    report.add(name, "receipt:in_log", same(log.batches.get(batchKey(batch)), entry));
  } else report.add(name, "receipt:in_log", null);
  if (has(document, "responses")) {
    report.add(name, "receipt:answers", hex(sha256(unhex(body.salt), canonical(document.responses))) === body.answers);
  }
  if (score && has(receipt, "score_salt")) {
    const right = hex(sha256(unhex(receipt.score_salt), canonical(score))) === body.score;
    report.add(name, "receipt:score", right, { score: score[0], most: score[1] });
  }
  if (score && has(document, "responses")) {
    const compiled = packs.get(body.pack);
    const made = compiled ? markedAgain(compiled, body, document) : null;
    const holds = made === null ? null : made.length === 2 && made[0] === score[0] && made[1] === score[1];
    report.add(name, "receipt:paper", holds, { score: score[0], most: score[1] });
  }
}

// results -----------------------------------------------------------------------------------------------------

const HEADER = {
  closed_at_ms: "int", contest: "str", count: "int", format: "str", made_at_ms: "int", pack: "h32", round: "int",
  tie_breaks: "list", title: "str", version: "int",
};
const LINE = {
  participant: "number", pseudonym: "str", rank: "int", score: "int", time_used_ms: "int", "unit?": "str",
};

async function checkResults(given, log, report, progress) {
  for (const file of given.of(KINDS.results)) {
    await attempt(report, file, "results:read", async () => {
      let header, byTime, sound = true, place = 0, rank = 0, before = null;
      const participants = new Set();
      for await (const line of linesOf(file)) {
        const row = readCanonical(line);
        if (!header) {
          header = shape(row, HEADER);
          byTime = header.tie_breaks[1] === "time_used";
          continue;
        }
        shape(row, LINE);
        place += 1;
        const time = byTime ? row.time_used_ms : 0;
        sound = sound && row.rank >= rank && row.rank >= 1 && row.rank <= place;
        if (before) {
          const worse = row.score < before[0] || (row.score === before[0] && time > before[1]);
          const equal = row.score === before[0] && time === before[1];
          sound = sound && (worse || equal) && (row.rank > rank || equal);
        }
        rank = row.rank;
        before = [row.score, time];
        participants.add(row.participant);
        if (place % 4096 === 0) await progress(file.name, place / Math.max(header.count, 1));
      }
      const whole = place === header.count && participants.size === place;
      report.add(file.name, "results:whole", whole, { count: header.count });
      report.add(file.name, "results:order", sound);
      report.add(file.name, "file:in_log", log.knows(await hashOf(file)));
    });
  }
}

// lists and draws ---------------------------------------------------------------------------------------------

const TICKET = 16, LIST_LINE = 33, BLOCK = 1 << 16;
const DRAW = {
  announced_at_ms: "int", contest: "str", count: "int", drawn_at_ms: "int", format: "str", prizes: "list",
  randomness: "list", reserves: "list", root: "h32", sealed_at_ms: "int", title: "str", winners: "list",
};
const NIBBLE = new Int8Array(256).fill(-1);
Array.from("0123456789abcdef").forEach((digit, at) => { NIBBLE[digit.charCodeAt(0)] = at; });

function randomnessOf(results) {
  const lines = results.map(({ name, value }) => {
    if (!name || !value || name.includes("=") || /[\u0000-\u001f]/.test(name + value)) throw new Unreadable("fields");
    return `${name}=${value}`;
  });
  if (!lines.length) throw new Unreadable("fields");
  return utf8.encode(lines.join("\n").normalize("NFC"));
}

function seedOf(root, randomness) {
  const length = new DataView(new ArrayBuffer(4));
  length.setUint32(0, randomness.length);
  return sha256(utf8.encode("tradeshall/draw/1\0"), root, new Uint8Array(length.buffer), randomness);
}

function compareBytes(a, b) {
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return a[i] - b[i];
  return 0;
}

/* The lowest scores seen, sorted; most tickets are turned away by a look at the first word of their score. */
class Lowest {
  constructor(seed, count) {
    this.count = count;
    this.rows = [];
    this.waiting = [];
    this.bound = 0x100000000;
    this.block = new Uint8Array(64);
    this.block.set(seed);
    this.block[48] = 0x80;
    new DataView(this.block.buffer).setUint32(60, 48 * 8);
  }
  take(bytes, at, state) {
    for (let i = 0; i < TICKET; i += 1) this.block[32 + i] = bytes[at + i];
    state.set(START256);
    compress256(state, this.block, 0);
    if (state[0] >>> 0 > this.bound) return;
    const score = new Uint8Array(32), view = new DataView(score.buffer);
    for (let i = 0; i < 8; i += 1) view.setInt32(4 * i, state[i]);
    this.waiting.push([score, bytes.slice(at, at + TICKET)]);
    if (this.waiting.length > this.count + 1024) this.settle();
  }
  settle() {
    this.rows.push(...this.waiting.splice(0));
    this.rows.sort((a, b) => compareBytes(a[0], b[0]) || compareBytes(a[1], b[1]));
    this.rows.length = Math.min(this.rows.length, this.count);
    if (this.rows.length === this.count && this.count) {
      this.bound = new DataView(this.rows.at(-1)[0].buffer).getUint32(0);
    }
    return this.rows.map((row) => hex(row[1]));
  }
}

/* Unpack lines of a list; the tickets must be hexadecimal, a line each, ascending. */
function unpackLines(chunk, last, first) {
  const count = chunk.length / LIST_LINE, tickets = new Uint8Array(count * TICKET);
  if (!Number.isInteger(count)) throw new Unreadable("lines");
  for (let line = 0, at = 0; line < count; line += 1) {
    for (let i = 0; i < TICKET; i += 1, at += 2) {
      const high = NIBBLE[chunk[at]], low = NIBBLE[chunk[at + 1]];
      if (high < 0 || low < 0) throw new Unreadable("lines");
      tickets[line * TICKET + i] = (high << 4) | low;
    }
    if (chunk[at] !== 10) throw new Unreadable("lines");
    at += 1;
  }
  for (let line = 0; line < count; line += 1) {
    const here = line * TICKET;
    let order = 0;
    for (let i = 0; i < TICKET && !order; i += 1) {
      order = tickets[here + i] - (line ? tickets[here - TICKET + i] : first ? -1 : last[i]);
    }
    if (order <= 0) throw new Unreadable("order");
  }
  return tickets;
}

/* The root over `count` tickets from one on, `count` being a power of two; works in place, without garbage. */
function subtree(tickets, from, count, state) {
  const level = new Uint8Array(count * 32), view = new DataView(level.buffer);
  const leaf = new Uint8Array(64), node = new Uint8Array(128);
  leaf[17] = 0x80;
  new DataView(leaf.buffer).setUint32(60, 17 * 8);
  node[0] = 1;
  node[65] = 0x80;
  new DataView(node.buffer).setUint32(124, 65 * 8);
  const write = (at) => {
    for (let i = 0; i < 8; i += 1) view.setInt32(at + 4 * i, state[i]);
  };
  for (let i = 0; i < count; i += 1) {
    const at = (from + i) * TICKET;
    for (let j = 0; j < TICKET; j += 1) leaf[1 + j] = tickets[at + j];
    state.set(START256);
    compress256(state, leaf, 0);
    write(32 * i);
  }
  for (let size = count; size > 1; size /= 2) {
    for (let i = 0; i < size; i += 2) {
      for (let j = 0; j < 64; j += 1) node[1 + j] = level[32 * i + j];
      state.set(START256);
      compress256(state, node, 0);
      compress256(state, node, 64);
      write(16 * i);
    }
  }
  return level.slice(0, 32);
}

async function readList(file, lowest, progress) {
  const tree = new Frontier(), state = new Int32Array(8);
  let last = new Uint8Array(TICKET);
  for (let at = 0; at < file.size; at += BLOCK * LIST_LINE) {
    const chunk = await bytesOf(file.slice(at, at + BLOCK * LIST_LINE));
    const tickets = unpackLines(chunk, last, at === 0), count = tickets.length / TICKET;
    last = tickets.slice(-TICKET);
    for (const one of lowest) for (let i = 0; i < tickets.length; i += TICKET) one.take(tickets, i, state);
    for (let from = 0; from < count;) {
      const leaves = 2 ** Math.floor(Math.log2(count - from));
      tree.append(subtree(tickets, from, leaves, state), leaves);
      from += leaves;
    }
    await progress(file.name, Math.min(1, (at + chunk.length) / file.size));
  }
  return { count: tree.size, root: hex(tree.root()), lowest: lowest.map((one) => one.settle()) };
}

function readDraw(document) {
  shape(document, DRAW);
  for (const prize of document.prizes) shape(prize, { count: "int", name: "str" });
  for (const one of document.randomness) shape(one, { name: "str", value: "str" });
  if (![...document.winners, ...document.reserves].every((ticket) => isKind(ticket, "h16"))) throw new Unreadable("fields");
  return document;
}

async function checkDraws(given, log, report, progress) {
  const draws = new Map(), lists = [];
  for (const file of given.of(KINDS.draw)) {
    await attempt(report, file, "draw:read", async () => {
      const document = readDraw(given.documents.get(file));
      draws.set(file, { document, seed: seedOf(unhex(document.root), randomnessOf(document.randomness)) });
    });
  }
  for (const file of given.of(KINDS.list)) {
    const over = [...draws.keys()].filter((one) => draws.get(one).document.count * LIST_LINE === file.size);
    const wanted = over.map((one) => {
      const { document, seed } = draws.get(one);
      return new Lowest(seed, document.winners.length + document.reserves.length);
    });
    await attempt(report, file, "list:tickets", async () => {
      const read = await readList(file, wanted, progress);
      report.add(file.name, "list:tickets", true, { count: read.count, root: read.root });
      report.add(file.name, "file:in_log", log.knows(await hashOf(file)));
      lists.push({ read, over });
    });
  }
  for (const [file, { document }] of draws) {
    checkDraw(file, document, lists, given.of(KINDS.list).length > 0, report);
    report.add(file.name, "file:in_log", log.knows(await hashOf(file)));
  }
}

function checkDraw(file, draw, lists, someList, report) {
  const name = file.name;
  report.add(name, "draw:times", draw.announced_at_ms <= draw.sealed_at_ms && draw.sealed_at_ms < draw.drawn_at_ms);
  const prizes = draw.prizes.reduce((sum, prize) => sum + prize.count, 0);
  report.add(name, "draw:prizes", draw.winners.length === Math.min(prizes, draw.count), { count: draw.winners.length });
  const own = lists.find(({ read }) => read.root === draw.root);
  if (!own) {
    report.add(name, "draw:list", someList ? false : null);
    return;
  }
  report.add(name, "draw:list", own.read.count === draw.count, { count: own.read.count });
  const at = own.over.indexOf(file);
  if (at < 0) return;
  const lowest = own.read.lowest[at].join(), named = [...draw.winners, ...draw.reserves].join();
  report.add(name, "draw:winners", lowest === named, { count: draw.winners.length });
}

// everything --------------------------------------------------------------------------------------------------

function fingerprint(keys) {
  return hex(sha256(canonical(keys))).slice(0, 24).toUpperCase().match(/..../g).join("-");
}

function checkKeys(given, report) {
  let found = {};
  for (const file of given.of(KINDS.keys)) {
    try {
      const value = shape(given.documents.get(file), { format: "str", log: "h32", origin: "str", receipts: "h32" });
      const log = unhex(value.log), receipts = unhex(value.receipts);
      const others = found.log && !(same(found.log, log) && same(found.receipts, receipts));
      if (others || value.origin !== originOf(log)) throw new Unreadable("keys");
      found = { log, receipts };
      report.add(file.name, "keys:read", true, { fingerprint: fingerprint(value) });
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      report.add(file.name, "keys:read", false);
    }
  }
  return found;
}

class Report {
  constructor() {
    this.checks = [];
  }
  add(file, code, holds, about = {}) {
    this.checks.push({ file, code, holds, about });
  }
  get verdict() {
    if (this.checks.some((check) => check.holds === false)) return "bad";
    return this.checks.some((check) => check.holds) ? "good" : "nothing";
  }
}

async function verifyFiles(files, progress = async () => {}) {
  const report = new Report(), sources = new Map(), documents = new Map();
  const given = { documents, of: (kind) => sources.get(kind) || [] };
  for (const file of files) {
    try {
      const kind = await kindOf(file);
      if (![KINDS.list, KINDS.checkpoints, KINDS.log, KINDS.results].includes(kind)) {
        documents.set(file, readJson(await bytesOf(file)));
      }
      if (!sources.has(kind)) sources.set(kind, []);
      sources.get(kind).push(file);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      report.add(file.name, "file:known", false);
    }
  }
  const keys = checkKeys(given, report);
  const log = await checkLog(given, keys, report, progress);
  await checkCommitments(given, log, report);
  const packs = await checkOpenings(given, log, report);
  await checkReceipts(given, keys, log, packs, report);
  await checkResults(given, log, report, progress);
  await checkDraws(given, log, report, progress);
  return report;
}

async function checkReceipts(given, keys, log, packs, report) {
  for (const file of given.of(KINDS.receipt)) {
    await attempt(report, file, "receipt:read", () =>
      checkReceipt(file, given.documents.get(file), keys, log, packs, report));
  }
}
