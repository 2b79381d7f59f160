/* SHA-256 in whole and in pieces, HMAC, SHA-512 (for Ed25519). Our own, since Web Crypto has none in pieces. */
const K256 = new Int32Array(64);
const START256 = new Int32Array(8);
const K512 = [];
const START512 = [];
(function constants() {
  const primes = [];
  for (let n = 2; primes.length < 80; n += 1) if (primes.every((p) => n % p)) primes.push(n);
  const root = (value, power) => {
    // the whole part of the root of a BigInt, by halving
    let low = 0n, high = 1n << 200n;
    while (high - low > 1n) {
      const middle = (low + high) >> 1n;
      if (middle ** power <= value) low = middle;
      else high = middle;
    }
    return low;
  };
  const mask = (1n << 64n) - 1n;
  primes.forEach((prime, at) => {
    const cube = root(BigInt(prime) << 192n, 3n) & mask;
    K512.push(cube);
    if (at < 64) K256[at] = Number(cube >> 32n) | 0;
    if (at < 8) {
      START512.push(root(BigInt(prime) << 128n, 2n) & mask);
      START256[at] = Number(START512[at] >> 32n) | 0;
    }
  });
})();

const SCHEDULE = new Int32Array(64);

function compress256(state, bytes, at) {
  const w = SCHEDULE;
  for (let i = 0, j = at; i < 16; i += 1, j += 4) {
    w[i] = (bytes[j] << 24) | (bytes[j + 1] << 16) | (bytes[j + 2] << 8) | bytes[j + 3];
  }
  for (let i = 16; i < 64; i += 1) {
    const x = w[i - 15], y = w[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
  }
  let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
  for (let i = 0; i < 64; i += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const one = (h + s1 + ((e & f) ^ (~e & g)) + K256[i] + w[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d;
  state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}

class Sha256 {
  constructor() {
    this.state = START256.slice();
    this.rest = new Uint8Array(128);
    this.waiting = 0;
    this.length = 0;
  }
  update(bytes) {
    this.length += bytes.length;
    let at = 0;
    if (this.waiting) {
      at = Math.min(64 - this.waiting, bytes.length);
      this.rest.set(bytes.subarray(0, at), this.waiting);
      this.waiting += at;
      if (this.waiting < 64) return this;
      compress256(this.state, this.rest, 0);
      this.waiting = 0;
    }
    for (; at + 64 <= bytes.length; at += 64) compress256(this.state, bytes, at);
    this.rest.set(bytes.subarray(at), 0);
    this.waiting = bytes.length - at;
    return this;
  }
  digest() {
    const { rest, state } = this, end = this.waiting < 56 ? 64 : 128;
    rest[this.waiting] = 0x80;
    rest.fill(0, this.waiting + 1, end);
    const view = new DataView(rest.buffer);
    view.setUint32(end - 8, Math.floor(this.length / 0x20000000));
    view.setUint32(end - 4, (this.length * 8) >>> 0);
    compress256(state, rest, 0);
    if (end === 128) compress256(state, rest, 64);
    const out = new Uint8Array(32), written = new DataView(out.buffer);
    for (let i = 0; i < 8; i += 1) written.setInt32(4 * i, state[i]);
    return out;
  }
}

function sha256(...parts) {
  const hash = new Sha256();
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function hmac256(key, ...parts) {
  const inner = new Uint8Array(64).fill(0x36), outer = new Uint8Array(64).fill(0x5c);
  key.forEach((byte, at) => { inner[at] ^= byte; outer[at] ^= byte; });
  return sha256(outer, sha256(inner, ...parts));
}

function sha512(bytes) {
  const mask = (1n << 64n) - 1n;
  const turn = (x, n) => ((x >> n) | (x << (64n - n))) & mask;
  const padded = new Uint8Array(Math.ceil((bytes.length + 17) / 128) * 128);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n);
  const state = START512.slice(), w = new Array(80);
  for (let at = 0; at < padded.length; at += 128) {
    for (let i = 0; i < 16; i += 1) w[i] = view.getBigUint64(at + 8 * i);
    for (let i = 16; i < 80; i += 1) {
      const x = w[i - 15], y = w[i - 2];
      const s0 = turn(x, 1n) ^ turn(x, 8n) ^ (x >> 7n), s1 = turn(y, 19n) ^ turn(y, 61n) ^ (y >> 6n);
      w[i] = (w[i - 16] + s0 + w[i - 7] + s1) & mask;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 80; i += 1) {
      const s1 = turn(e, 14n) ^ turn(e, 18n) ^ turn(e, 41n);
      const one = h + s1 + ((e & f) ^ (~e & mask & g)) + K512[i] + w[i];
      const s0 = turn(a, 28n) ^ turn(a, 34n) ^ turn(a, 39n);
      const two = s0 + ((a & b) ^ (a & c) ^ (b & c));
      h = g; g = f; f = e; e = (d + one) & mask; d = c; c = b; b = a; a = (one + two) & mask;
    }
    [a, b, c, d, e, f, g, h].forEach((value, i) => { state[i] = (state[i] + value) & mask; });
  }
  const out = new Uint8Array(64), written = new DataView(out.buffer);
  state.forEach((value, i) => written.setBigUint64(8 * i, value));
  return out;
}
