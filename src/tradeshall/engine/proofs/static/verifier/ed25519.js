/* Ed25519 signatures checked (RFC 8032, 5.1.7): by the browser where it can, otherwise by the few lines below. */
const ed25519 = (function () {
  const P = (1n << 255n) - 19n, L = (1n << 252n) + 27742317777372353535851937790883648493n;
  const mod = (x) => { const r = x % P; return r < 0n ? r + P : r; };
  function power(x, n) {
    let result = 1n;
    for (let base = mod(x); n > 0n; n >>= 1n, base = mod(base * base)) if (n & 1n) result = mod(result * base);
    return result;
  }
  const D = mod(-121665n * power(121666n, P - 2n)), I = power(2n, (P - 1n) / 4n);
  const number = (bytes) => {
    let n = 0n;
    for (let i = bytes.length - 1; i >= 0; i -= 1) n = (n << 8n) | BigInt(bytes[i]);
    return n;
  };
  function point(bytes) {
    const raw = number(bytes), y = raw & ((1n << 255n) - 1n);
    if (y >= P) return null;
    const u = mod(y * y - 1n), v = mod(D * y * y + 1n), v3 = mod(v * v * v);
    let x = mod(u * v3 * power(u * v3 * v3 * v, (P - 5n) / 8n));
    const square = mod(v * x * x);
    if (square === mod(-u)) x = mod(x * I);
    else if (square !== u) return null;
    if (x === 0n && raw >> 255n) return null;
    if ((x & 1n) !== raw >> 255n) x = P - x;
    return [x, y, 1n, mod(x * y)];
  }
  function add([x1, y1, z1, t1], [x2, y2, z2, t2]) {
    const a = mod((y1 - x1) * (y2 - x2)), b = mod((y1 + x1) * (y2 + x2)), c = mod(2n * D * t1 * t2), d = mod(2n * z1 * z2);
    const e = b - a, f = d - c, g = d + c, h = b + a;
    return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
  }
  function twice([x, y, z]) {
    const a = mod(x * x), b = mod(y * y), c = 2n * mod(z * z), h = a + b, e = h - mod((x + y) * (x + y)), g = a - b, f = c + g;
    return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
  }
  const BASE = point(Uint8Array.from([0x58, ...new Array(31).fill(0x66)]));

  function slowly(key, signature, message) {
    const A = point(key), s = number(signature.subarray(32));
    if (!A || s >= L) return false;
    const hashed = new Uint8Array(64 + message.length);
    hashed.set(signature.subarray(0, 32));
    hashed.set(key, 32);
    hashed.set(message, 64);
    const k = number(sha512(hashed)) % L;
    const minus = [mod(-A[0]), A[1], 1n, mod(-A[3])], both = add(BASE, minus);
    let sum = [0n, 1n, 1n, 0n];
    for (let bit = 252n; bit >= 0n; bit -= 1n) {
      sum = twice(sum);
      const which = ((s >> bit) & 1n) + 2n * ((k >> bit) & 1n);
      if (which) sum = add(sum, which === 1n ? BASE : which === 2n ? minus : both);
    }
    const inverse = power(sum[2], P - 2n), x = mod(sum[0] * inverse), y = mod(sum[1] * inverse);
    return number(signature.subarray(0, 32)) === (y | ((x & 1n) << 255n));
  }

  const known = new Map();
  let native;
  async function verify(key, signature, message) {
    if (native === undefined) {
      native = Boolean(globalThis.crypto && crypto.subtle);
      try {
        if (native) await crypto.subtle.importKey("raw", BASE_KEY, "Ed25519", false, ["verify"]);
      } catch (error) {
        native = false;
      }
    }
    if (!native) return slowly(key, signature, message);
    const name = hex(key);
    try {
      if (!known.has(name)) known.set(name, await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]));
      return await crypto.subtle.verify("Ed25519", known.get(name), signature, message);
    } catch (error) {
      return false;
    }
  }
  const BASE_KEY = Uint8Array.from([0x58, ...new Array(31).fill(0x66)]);
  return { verify, slowly, useOwn: () => { native = false; } };
})();
