/* What was answered in an attempt, and how it reaches the server. Nothing here knows the page.
 *
 * Two states are told apart: kept on this device, and delivered. An answer carries a revision, the milliseconds
 * since the attempt began by the server's clock, so that of two devices the newest answer wins. What the server
 * has acknowledged is `delivered`; everything above that is still in the outbox.
 */
(function (root) {
  "use strict";

  /** The server's time, whatever this device's clock says: only differences are taken from the device. */
  class Clock {
    constructor(nowMs, mono, wall) {
      this.mono = mono;
      this.wall = wall;
      this.sync(nowMs, 0);
    }

    sync(nowMs, roundTripMs) {
      this.base = nowMs + roundTripMs / 2;
      this.monoAt = this.mono();
      this.wallAt = this.wall();
    }

    now() {
      return this.base + (this.mono() - this.monoAt);
    }

    /** A sleeping device may stop the steady clock; on waking, the other one says for how long. */
    wake() {
      const asleep = this.wall() - this.wallAt - (this.mono() - this.monoAt);
      if (asleep > 1000) this.base += asleep;
      this.wallAt += asleep;
    }
  }

  /** The answers of one attempt in the device's storage, if it lets us. */
  class Outbox {
    constructor(storage, key, elapsed) {
      this.storage = storage;
      this.key = key;
      this.elapsed = elapsed;
      this.state = { answers: {}, flags: {}, at: 0, handing: false };
      this.kept = false;
      this.read();
    }

    read() {
      if (!this.storage) return;
      try {
        this.merge(JSON.parse(this.storage.getItem(this.key) || "null"));
      } catch (error) {
        /* unreadable or forbidden: what the server has still stands */
      }
    }

    /** Take in what another tab, or an earlier visit, has kept. */
    merge(other) {
      if (!other || !other.answers) return;
      for (const [no, theirs] of Object.entries(other.answers)) {
        const ours = this.state.answers[no];
        if (!ours || theirs.revision > ours.revision) {
          this.state.answers[no] = {
            ...theirs,
            delivered: Math.max(theirs.delivered, ours ? ours.delivered : 0),
          };
        } else if (theirs.delivered > ours.delivered) {
          ours.delivered = theirs.delivered;
        }
      }
      for (const [no, [flagged, at]] of Object.entries(other.flags || {})) {
        const ours = this.state.flags[no];
        if (!ours || at > ours[1]) this.state.flags[no] = [flagged, at];
      }
      this.state.at = other.at || this.state.at;
      this.state.handing = this.state.handing || Boolean(other.handing);
    }

    write() {
      this.kept = false;
      if (!this.storage) return;
      const at = this.state.at;
      this.read(); // another tab may have written since
      this.state.at = at;
      try {
        this.storage.setItem(this.key, JSON.stringify(this.state));
        this.kept = true;
      } catch (error) {
        /* full or forbidden: the page says so, and delivers at once instead */
      }
    }

    clear() {
      try {
        if (this.storage) this.storage.removeItem(this.key);
      } catch (error) {
        /* nothing to clear */
      }
    }

    answer(no, positions) {
      const before = this.state.answers[no];
      const revision = Math.max(Math.round(this.elapsed()), before ? before.revision + 1 : 1);
      this.state.answers[no] = { revision, positions, delivered: before ? before.delivered : 0 };
      this.write();
    }

    given(no) {
      const answer = this.state.answers[no];
      return answer ? answer.positions : [];
    }

    flag(no, flagged) {
      const before = this.state.flags[no];
      this.state.flags[no] = [flagged, Math.max(Math.round(this.elapsed()), before ? before[1] + 1 : 1)];
      this.write();
    }

    flagged(no) {
      return Boolean(this.state.flags[no] && this.state.flags[no][0]);
    }

    moveTo(no) {
      this.state.at = no;
      this.write();
    }

    hand() {
      this.state.handing = true;
      this.write();
    }

    /** Take the answers the server holds; ours stay where they are newer. */
    adopt(saved) {
      for (const [no, { revision, response }] of Object.entries(saved)) {
        const ours = this.state.answers[no];
        if (!ours || revision >= ours.revision) {
          this.state.answers[no] = { revision, positions: response, delivered: revision };
        } else {
          ours.delivered = Math.max(ours.delivered, revision);
        }
      }
      this.write();
    }

    /** Note what the server says it has; answers whether it holds something newer than we do. */
    acknowledge(saved) {
      let behind = false;
      for (const [no, revision] of Object.entries(saved)) {
        const ours = this.state.answers[no];
        if (!ours) continue;
        ours.delivered = Math.max(ours.delivered, revision);
        behind = behind || revision > ours.revision;
      }
      this.write();
      return behind;
    }

    pending() {
      return Object.entries(this.state.answers)
        .filter(([, answer]) => answer.revision > answer.delivered)
        .map(([no, answer]) => [Number(no), answer.revision, answer.positions]);
    }

    answered() {
      return Object.values(this.state.answers).filter((answer) => answer.positions.length).length;
    }

    delivered() {
      return Object.values(this.state.answers).filter(
        (answer) => answer.positions.length && answer.delivered >= answer.revision
      ).length;
    }
  }

  const AGAIN = new Set([408, 425, 429]);
  const LONGEST_WAIT_MS = 30000;

  /** Carries the outbox to the engine: again and again, until an answer is the engine's own.
   *
   * `post(path, body, keepalive)` resolves to {status, body, retryAfter, tookMs}, body being null where the answer
   * was no JSON; it rejects when none came. `later(ms, call)` returns a function that calls it off.
   */
  class Courier {
    constructor({ outbox, token, clock, post, later, random, changed }) {
      Object.assign(this, { outbox, token, clock, post, later, random, changed });
      this.link = "up"; // or "down", "busy"
      this.over = ""; // the engine's last word, a refusal's code
      this.behind = false;
      this.deadlineMs = 0;
      this.failures = 0;
      this.running = null;
      this.callOff = null;
      this.handing = false;
      this.parting = "";
    }

    /** Deliver what is pending; with `ask`, ask for the time even if nothing is. */
    flush({ keepalive = false, ask = false } = {}) {
      if (this.over || this.handing) return Promise.resolve(false);
      if (keepalive) return this.save(true); // the page is going: wait for nobody
      if (this.callOff) return Promise.resolve(false); // a retry is due, and not before
      if (!this.running) {
        if (!ask && !this.outbox.pending().length) return Promise.resolve(true);
        this.running = this.save(false).finally(() => {
          this.running = null;
        });
      }
      return this.running;
    }

    async save(keepalive) {
      const sent = this.outbox.pending();
      const mark = JSON.stringify(sent);
      // a page that goes says so twice; what has just been sent that way is not sent again
      if (keepalive && (!sent.length || mark === this.parting)) return true;
      this.parting = keepalive ? mark : "";
      const answer = await this.ask("save", sent, keepalive);
      if (!answer) {
        if (!keepalive && !this.over) this.retry(() => this.flush({ ask: true }));
        return false;
      }
      if (this.outbox.acknowledge(answer.saved)) this.behind = true;
      this.changed();
      return true;
    }

    /** Hand in, for as long as it takes. Resolves to the result, or to null once the engine has refused. */
    async handIn() {
      this.handing = true;
      this.outbox.hand();
      for (;;) {
        const sent = this.outbox.pending();
        const result = await this.ask("submit", sent, false);
        if (result || this.over) return result;
        await new Promise((resolve) => this.retry(resolve));
      }
    }

    /** Try again at once, because the network seems to be back. */
    nudge() {
      this.parting = "";
      if (!this.callOff) return;
      const call = this.next;
      this.callOff();
      this.callOff = this.next = null;
      call();
    }

    retry(call) {
      if (this.callOff) this.callOff();
      const wait = this.waitMs || Math.min(LONGEST_WAIT_MS, 1000 * 2 ** this.failures);
      this.next = call;
      this.callOff = this.later(wait * (0.75 + this.random() / 2), () => {
        this.callOff = this.next = null;
        call();
      });
    }

    /** Return the engine's answer, or null: then `over` says whether asking again is of use. */
    async ask(path, responses, keepalive) {
      let answer;
      try {
        answer = await this.post(path, { token: this.token, responses }, keepalive);
      } catch (error) {
        answer = { status: 0, body: null };
      }
      const { status, body } = answer;
      this.waitMs = 0;
      if (status === 200 && body && (body.saved || body.state)) {
        if (body.now_ms) this.clock.sync(body.now_ms, answer.tookMs || 0);
        if (body.deadline_ms) this.deadlineMs = body.deadline_ms;
        this.failures = 0;
        this.link = "up";
        this.changed();
        return body;
      }
      const ours = Boolean(body) && String(body.code).startsWith("engine:");
      if (ours && status >= 400 && status < 500 && !AGAIN.has(status)) {
        this.over = body.code;
        this.link = "up";
      } else {
        // no answer, a busy server, or a hotel's log-in page that answers for everyone
        this.failures += 1;
        this.link = ours ? "busy" : "down";
        this.waitMs = answer.retryAfter ? answer.retryAfter * 1000 : 0;
      }
      this.changed();
      return null;
    }
  }

  root.Tradeshall = Object.assign(root.Tradeshall || {}, { Clock, Outbox, Courier });
})(globalThis);
