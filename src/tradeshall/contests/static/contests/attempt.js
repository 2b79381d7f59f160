/* The paper, one question a screen. Without this file it is one plain form, and everything still works. */
(function () {
  "use strict";
  const form = document.getElementById("paper");
  const { Clock, Outbox, Courier, Answering } = globalThis.Tradeshall || {};
  if (!form || !Courier || !Answering || !globalThis.HTMLDialogElement || !globalThis.fetch) {
    if (form) form.classList.add("is-plain");
    return;
  }

  const SAVE_AFTER_ANSWERS = 7;
  const SAVE_AFTER_MS = 20000;
  const ANSWER_WITHIN_MS = 15000;
  const KEEP_DAYS = 7;
  const PREFIX = "tradeshall:attempt:";

  const given = JSON.parse(document.getElementById("attempt-data").textContent);
  const { attempt, texts } = given;
  const questions = [...form.querySelectorAll(".question")];
  const bar = document.getElementById("paper-bar").content.firstElementChild.cloneNode(true);
  form.append(bar);
  const sheet = document.getElementById("sheet");
  const finish = document.getElementById("finish");
  const parts = {};
  for (const root of [form, sheet, finish]) {
    for (const element of root.querySelectorAll("[data-part]")) parts[element.dataset.part] = element;
  }

  const say = (name, values = {}) => texts[name].replace(/%\((\w+)\)s/g, (whole, key) => values[key]);
  const later = (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  };

  function deviceStorage() {
    try {
      const storage = window.localStorage;
      storage.setItem("tradeshall:probe", "1");
      storage.removeItem("tradeshall:probe");
      for (const key of Object.keys(storage)) {
        const startedMs = Number(key.split(":").pop());
        if (key.startsWith(PREFIX) && startedMs < attempt.now_ms - KEEP_DAYS * 86400000) storage.removeItem(key);
      }
      return storage;
    } catch (error) {
      return null;
    }
  }

  async function post(path, body, keepalive) {
    const began = performance.now();
    const stop = new AbortController();
    const callOff = later(ANSWER_WITHIN_MS, () => stop.abort());
    try {
      const response = await fetch(given.urls[path], {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
        cache: "no-store",
        keepalive,
        signal: stop.signal,
      });
      const answer = await response.json().catch(() => null);
      return {
        status: response.status,
        body: answer,
        retryAfter: Number(response.headers.get("Retry-After")) || 0,
        tookMs: performance.now() - began,
      };
    } finally {
      callOff();
    }
  }

  const storage = deviceStorage();
  const clock = new Clock(attempt.now_ms, () => performance.now(), () => Date.now());
  const outbox = new Outbox(storage, given.key, () => clock.now() - attempt.started_at_ms);
  const courier = new Courier({
    outbox,
    clock,
    post,
    later,
    token: given.token,
    random: Math.random,
    changed: () => showState(),
  });
  courier.deadlineMs = attempt.deadline_ms;
  outbox.adopt(given.saved);

  let at = 1;
  let timeIsUp = false;
  let told = "";

  // -- what is shown

  const numbers = questions.map((question) => Number(question.dataset.no));
  const leftMs = () => courier.deadlineMs - clock.now();
  const unanswered = () => numbers.filter((no) => !outbox.given(no).length);
  const flagged = () => numbers.filter((no) => outbox.flagged(no));

  function show(part, visible) {
    parts[part].hidden = !visible;
  }

  function write(part, text) {
    if (parts[part].textContent !== text) parts[part].textContent = text;
  }

  function tag(part, text, kind) {
    write(part, text);
    parts[part].className = `tag ${kind}`;
  }

  function fill() {
    for (const no of numbers) Answering.write(questions[no - 1], outbox.given(no));
  }

  function showQuestion(focus) {
    questions.forEach((question, index) => question.classList.toggle("is-current", index === at - 1));
    const last = at === questions.length;
    write("where", say("where", { no: at, of: questions.length }));
    parts.previous.disabled = at === 1;
    write("next-label", last ? texts.check : texts.next);
    parts.flag.setAttribute("aria-pressed", String(outbox.flagged(at)));
    write("flag-label", outbox.flagged(at) ? texts.unflag : texts.flag);
    if (!focus) return;
    window.scrollTo(0, 0);
    questions[at - 1].querySelector(".stem").focus({ preventScroll: true });
  }

  function showState() {
    const answered = outbox.answered();
    const delivered = outbox.delivered();
    const all = delivered === answered;
    if (outbox.kept) tag("kept", say("kept", { count: answered }), "");
    else tag("kept", texts.not_kept, "warn");
    const kind = !all && courier.link !== "up" ? "warn" : all && answered ? "ok" : "";
    tag("delivered", say("delivered", { count: delivered }), kind);
    write("answered", `${answered}/${questions.length}`);
    const band = courier.over
      ? ""
      : courier.behind
        ? "behind"
        : courier.link === "down"
          ? outbox.kept ? "offline" : "offline_unkept"
          : courier.link === "busy"
            ? "busy"
            : outbox.kept ? "" : "unkept";
    show("band", Boolean(band));
    if (band) write("band-text", texts[band]);
    show("reload", band === "behind");
    if (finish.open && (courier.handing || timeIsUp) && !courier.over) {
      const going = courier.handing ? texts.handing_in : texts.time_up;
      write("finish-text", courier.link === "up" ? going : say("handing_in_offline", { count: delivered }));
    }
    if (courier.over) showOver();
  }

  function showTime() {
    const seconds = Math.max(0, Math.ceil(leftMs() / 1000));
    const text = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
      .map((figure) => String(figure).padStart(2, "0"))
      .join(":");
    write("left", text.replace(/^00:/, ""));
    parts.clock.classList.toggle("is-short", seconds <= 60);
    const warning = seconds <= 60 ? "minute_left" : seconds <= 300 ? "five_left" : "";
    if (warning && warning !== told && seconds > 0 && attempt.deadline_ms - attempt.started_at_ms > 300000) {
      told = warning;
      write("spoken", texts[warning]);
    }
    if (seconds === 0 && !timeIsUp && !courier.handing) timeUp();
  }

  function list(part, name, which) {
    show(part, which.length > 0);
    if (!which.length) return;
    const [label, links] = [say(name, { count: which.length }), document.createElement("span")];
    links.className = "jump-list";
    for (const no of which) {
      const link = document.createElement("button");
      link.type = "button";
      link.className = "jump";
      link.textContent = no;
      link.setAttribute("aria-label", say("question", { no }));
      link.addEventListener("click", () => jump(no));
      links.append(link);
    }
    parts[part].replaceChildren(label, links);
  }

  function openSheet() {
    const cells = numbers.map((no) => {
      const cell = document.getElementById("sheet-cell").content.firstElementChild.cloneNode(true);
      const button = cell.querySelector("button");
      const answered = outbox.given(no).length > 0;
      button.querySelector("span").textContent = no;
      button.classList.toggle("is-answered", answered);
      button.classList.toggle("is-flagged", outbox.flagged(no));
      if (no === at) button.setAttribute("aria-current", "true");
      button.setAttribute(
        "aria-label",
        [say("question", { no }), answered ? texts.answered : texts.unanswered]
          .concat(outbox.flagged(no) ? texts.flagged : [])
          .join(texts.comma)
      );
      button.addEventListener("click", () => jump(no));
      return cell;
    });
    parts.cells.replaceChildren(...cells);
    sheet.showModal();
  }

  function openFinish() {
    sheet.close();
    const open = unanswered();
    write("finish-title", texts.hand_in_title);
    write("finish-text", open.length ? texts.hand_in_gaps : texts.hand_in_full);
    list("finish-unanswered", "unanswered_count", open);
    list("finish-flagged", "flagged_count", flagged());
    show("finish-buttons", true);
    show("finish-result", false);
    finish.showModal();
  }

  function showOver() {
    lock(true);
    const gone = courier.over === "engine:attempt:finished" || courier.over === "engine:attempt:too_late";
    write("finish-title", gone ? texts.over_title : texts.refused_title);
    write("finish-text", texts[courier.over] || texts.refused);
    show("finish-unanswered", false);
    show("finish-flagged", false);
    show("finish-buttons", false);
    show("finish-result", gone);
    show("finish-again", !gone);
    sheet.close();
    if (!finish.open) finish.showModal();
  }

  function lock(locked) {
    for (const question of questions) question.disabled = locked;
  }

  // -- what is done

  function go(no) {
    at = no;
    outbox.moveTo(no);
    showQuestion(true);
  }

  function jump(no) {
    sheet.close();
    finish.close();
    go(no);
  }

  function next() {
    if (at < questions.length) go(at + 1);
    else openFinish();
  }

  async function handIn() {
    write("finish-text", texts.handing_in);
    show("finish-unanswered", false);
    show("finish-flagged", false);
    show("finish-buttons", false);
    show("finish-again", false);
    if (!finish.open) finish.showModal();
    lock(true);
    const result = await courier.handIn();
    if (!result) return;
    try {
      storage.setItem(given.receipt_key, JSON.stringify(result));
    } catch (error) {
      /* the server gives the receipt again whenever it is asked */
    }
    outbox.clear();
    window.location.replace(given.urls.result);
  }

  /** The time has run out here; hand in once the server says so too. */
  async function timeUp() {
    timeIsUp = true;
    lock(true);
    sheet.close();
    write("finish-title", texts.time_up_title);
    write("finish-text", texts.time_up);
    show("finish-unanswered", false);
    show("finish-flagged", false);
    show("finish-buttons", false);
    show("finish-result", false);
    if (!finish.open) finish.showModal();
    while (!(await courier.flush({ ask: true }))) {
      if (courier.over) return;
      await new Promise((resolve) => later(1000, resolve));
    }
    if (leftMs() > 0) {
      timeIsUp = false;
      lock(false);
      finish.close();
    } else {
      handIn();
    }
  }

  function wake() {
    clock.wake();
    showTime();
    courier.nudge();
    courier.flush({ ask: true });
  }

  /** Keep what a question says now, if it is something new. */
  function keep(question) {
    const no = Number(question.dataset.no);
    const given = Answering.read(question);
    if (JSON.stringify(given) === JSON.stringify(outbox.given(no))) return;
    outbox.answer(no, given);
    showState();
  }

  function deliver() {
    if (!outbox.kept || outbox.pending().length >= SAVE_AFTER_ANSWERS) courier.flush();
  }

  // what is typed is kept with every letter, and goes on its way when the field is left
  form.addEventListener("input", (event) => {
    const question = event.target.closest(".question");
    if (question) keep(question);
  });
  form.addEventListener("change", (event) => {
    const question = event.target.closest(".question");
    if (!question) return;
    keep(question);
    Answering.write(question, outbox.given(Number(question.dataset.no)));
    deliver();
  });
  for (const question of questions) {
    const tell = (text, place, of) => write("spoken", say("moved", { text, place, of }));
    Answering.enliven(question, () => { keep(question); deliver(); }, tell);
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!Answering.enter(questions[at - 1])) next();
  });
  parts.previous.addEventListener("click", () => go(Math.max(1, at - 1)));
  parts.next.addEventListener("click", next);
  parts.sheet.addEventListener("click", openSheet);
  parts.flag.addEventListener("click", () => {
    outbox.flag(at, !outbox.flagged(at));
    showQuestion(false);
  });
  parts.reload.addEventListener("click", () => window.location.reload());
  parts["sheet-close"].addEventListener("click", () => sheet.close());
  parts["sheet-finish"].addEventListener("click", openFinish);
  parts["finish-close"].addEventListener("click", () => finish.close());
  parts["finish-confirm"].addEventListener("click", () => handIn());
  parts["finish-again"].addEventListener("click", () => window.location.reload());
  finish.addEventListener("cancel", (event) => {
    if (courier.handing || courier.over || timeIsUp) event.preventDefault();
  });

  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") courier.flush({ keepalive: true });
    else wake();
  });
  window.addEventListener("pagehide", () => courier.flush({ keepalive: true }));
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) wake();
  });
  window.addEventListener("online", wake);
  window.addEventListener("offline", () => {
    courier.link = "down";
    showState();
  });
  window.addEventListener("storage", (event) => {
    if (event.key !== given.key || !event.newValue) return;
    outbox.merge(JSON.parse(event.newValue));
    fill();
    showQuestion(false);
    showState();
  });
  window.addEventListener("beforeunload", (event) => {
    if (!outbox.kept && outbox.pending().length && !courier.over) event.preventDefault();
  });

  // where one was; on a device that does not know, the first question without an answer
  at = Math.min(outbox.state.at || unanswered()[0] || 1, questions.length);
  outbox.moveTo(at);
  form.classList.add("is-stepped");
  show("state", true);
  fill();
  showQuestion(false);
  showState();
  showTime();
  setInterval(showTime, 500);
  setInterval(() => courier.flush(), SAVE_AFTER_MS);
  courier.flush();
  if (outbox.state.handing) handIn();
})();
