/* How each form of question is answered on the page: what its controls say, and what they are made to say. */
(function (root) {
  "use strict";

  const all = (question, selector) => [...question.querySelectorAll(selector)];
  const blank = (texts) => texts.every((text) => !text.trim());

  const choices = {
    controls: "input",
    read: (question) => all(question, "input").filter((input) => input.checked).map((input) => Number(input.value)),
    write(question, given) {
      const chosen = given.map(String);
      for (const input of all(question, "input")) input.checked = chosen.includes(input.value);
    },
  };

  const typed = {
    read(question) {
      const texts = all(question, "input").map((input) => input.value);
      return blank(texts) ? [] : texts;
    },
    write(question, given) {
      all(question, "input").forEach((input, at) => {
        const text = given[at] || "";
        if (input.value !== text) input.value = text; // writing moves the cursor
        fit(input);
      });
    },
  };

  const matching = {
    read(question) {
      const places = all(question, "select").map((select) => (select.value === "" ? -1 : Number(select.value)));
      return places.every((place) => place < 0) ? [] : places;
    },
    write(question, given) {
      all(question, "select").forEach((select, at) => {
        const place = given.length ? given[at] : -1;
        select.value = place < 0 ? "" : String(place);
        select.closest(".match-pair").classList.toggle("is-chosen", place >= 0);
      });
    },
  };

  const ordering = {
    read(question) {
      const list = question.querySelector(".order");
      return list.classList.contains("is-answered") ? all(list, ".line").map((line) => Number(line.dataset.at)) : [];
    },
    write(question, given) {
      const list = question.querySelector(".order");
      const lines = all(list, ".line");
      const order = given.length ? given : lines.map((line) => Number(line.dataset.at)).sort((a, b) => a - b);
      list.classList.toggle("is-answered", given.length > 0);
      order.forEach((at, place) => {
        const line = lines.find((one) => Number(one.dataset.at) === at);
        if (list.children[place] !== line) list.insertBefore(line, list.children[place]);
      });
      settle(list);
    },
  };

  const FORMS = { fill_in: typed, numeric: typed, matching, ordering };
  const of = (question) => FORMS[question.dataset.form] || choices;

  /** A gap grows with what stands in it. */
  function fit(input) {
    if (!input.classList.contains("gap")) return;
    const wide = [...input.value].reduce((sum, letter) => sum + (letter.codePointAt(0) > 0x2e7f ? 1 : 0.6), 0);
    input.classList.toggle("middle", wide > 6 && wide <= 11);
    input.classList.toggle("long", wide > 11);
  }

  /** The first line cannot go up, nor the last one down. */
  function settle(list) {
    all(list, ".line").forEach((line, place, lines) => {
      line.querySelector('[data-move="-1"]').setAttribute("aria-disabled", String(place === 0));
      line.querySelector('[data-move="1"]').setAttribute("aria-disabled", String(place === lines.length - 1));
    });
  }

  /** Bring a question to life; `answered(no)` is called when a control of ours has changed it, `say` speaks. */
  function enliven(question, answered, say) {
    for (const part of all(question, ".order, .figure")) part.classList.add("is-live");
    question.addEventListener("input", (event) => fit(event.target));
    question.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button || button.getAttribute("aria-disabled") === "true") return;
      if (button.dataset.move) move(question, button, say);
      else if ("keep" in button.dataset) question.querySelector(".order").classList.add("is-answered");
      else if ("sign" in button.dataset) turn(question.querySelector(".figure input"));
      else return;
      answered();
    });
  }

  function move(question, button, say) {
    const line = button.closest(".line");
    const list = line.parentElement;
    const other = button.dataset.move === "1" ? line.nextElementSibling : line.previousElementSibling;
    if (!other) return;
    if (button.dataset.move === "1") other.after(line);
    else other.before(line);
    list.classList.add("is-answered");
    settle(list);
    button.focus(); // moving a line takes the focus from it
    say(line.querySelector(".text").textContent, [...list.children].indexOf(line) + 1, list.children.length);
  }

  function turn(input) {
    const text = input.value.trim();
    input.value = /^[-−－]/.test(text) ? text.slice(1) : `-${text}`;
    input.focus();
  }

  /** Answer whether Enter has somewhere to go inside the question: from one gap to the next. */
  function enter(question) {
    const controls = all(question, ".gap");
    const next = controls[controls.indexOf(document.activeElement) + 1];
    if (!controls.includes(document.activeElement) || !next) return false;
    next.focus();
    return true;
  }

  root.Tradeshall = Object.assign(root.Tradeshall || {}, {
    Answering: {
      read: (question) => of(question).read(question),
      write: (question, given) => of(question).write(question, given),
      enliven,
      enter,
    },
  });
})(globalThis);
