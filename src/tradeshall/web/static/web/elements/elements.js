/* Small elements of every page. Each page works without them; nothing here decides anything. */
"use strict";

/* <time-left seconds="522" warn="60">: counts down from what the server said, by a clock nobody can set. */
class TimeLeft extends HTMLElement {
  connectedCallback() {
    this.until = performance.now() + Number(this.getAttribute("seconds")) * 1000;
    this.show = this.show.bind(this);
    document.addEventListener("visibilitychange", this.show);
    this.show();
  }

  disconnectedCallback() {
    clearTimeout(this.next);
    document.removeEventListener("visibilitychange", this.show);
  }

  /* A script that has asked the server again may set what is left anew. */
  set seconds(value) {
    this.until = performance.now() + value * 1000;
    this.over = false;
    this.show();
  }

  get seconds() {
    return Math.max(0, Math.ceil((this.until - performance.now()) / 1000));
  }

  show() {
    clearTimeout(this.next);
    const left = this.seconds;
    const two = (number) => String(number).padStart(2, "0");
    const hours = Math.floor(left / 3600);
    const minutes = two(Math.floor((left % 3600) / 60));
    this.textContent = hours ? `${hours}:${minutes}:${two(left % 60)}` : `${minutes}:${two(left % 60)}`;
    const soon = left <= Number(this.getAttribute("warn")) && left > 0;
    if (soon && !this.classList.contains("soon")) say(this.dataset.soon);
    this.classList.toggle("soon", soon);
    this.classList.toggle("over", left === 0);
    if (left > 0) {
      this.next = setTimeout(this.show, (this.until - performance.now()) % 1000 || 1000);
    } else if (!this.over) {
      this.over = true;
      say(this.dataset.over);
      this.dispatchEvent(new CustomEvent("time-up", { bubbles: true }));
    }
  }
}

/* <confirm-button>: asks once more before the form inside it is sent. */
class ConfirmButton extends HTMLElement {
  connectedCallback() {
    this.addEventListener("submit", (event) => {
      const form = event.target;
      if (this.sure || typeof HTMLDialogElement === "undefined") return;
      event.preventDefault();
      event.stopPropagation();
      this.ask(() => {
        this.sure = true;
        form.requestSubmit(event.submitter || undefined);
        this.sure = false;
      });
    }, true);
  }

  ask(go) {
    const dialog = document.createElement("dialog");
    const title = document.createElement("h2");
    const text = document.createElement("p");
    const actions = document.createElement("div");
    dialog.className = "dialog";
    title.id = `confirm-${ConfirmButton.count++}`;
    dialog.setAttribute("aria-labelledby", title.id);
    title.textContent = this.dataset.title;
    text.textContent = this.dataset.text;
    actions.className = "actions";
    for (const [label, kind, act] of [[this.dataset.yes, "danger", go], [this.dataset.no, "secondary", null]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = `button ${kind}`;
      button.textContent = label;
      button.addEventListener("click", () => {
        dialog.close();
        if (act) act();
      });
      actions.append(button);
      if (!act) button.autofocus = true;
    }
    dialog.append(title, text, actions);
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }
}
ConfirmButton.count = 0;

/* Says a sentence to a screen reader, politely. */
function say(sentence) {
  if (!sentence) return;
  let region = document.getElementById("spoken");
  if (!region) {
    region = document.createElement("div");
    region.id = "spoken";
    region.className = "visually-hidden";
    region.setAttribute("role", "status");
    document.body.append(region);
  }
  region.textContent = sentence;
}

/* <retry-page seconds="15">: asks for the page again after a while, a little scattered so that all do not come at once. */
class RetryPage extends HTMLElement {
  connectedCallback() {
    this.next = setTimeout(() => location.reload(), Number(this.getAttribute("seconds")) * (1000 + Math.random() * 600));
  }

  disconnectedCallback() {
    clearTimeout(this.next);
  }
}

customElements.define("retry-page", RetryPage);
customElements.define("time-left", TimeLeft);
customElements.define("confirm-button", ConfirmButton);

/* <button data-opens="id"> opens a <dialog>. */
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  const dialog = opener && document.getElementById(opener.dataset.opens);
  if (dialog && dialog.showModal) {
    event.preventDefault();
    dialog.showModal();
  }
});

/* A form is sent once: a second press within two seconds does nothing. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 2000);
});

/* The error summary takes the focus, on a fresh page and after a swap. */
function focusProblems() {
  const summary = document.querySelector("[data-focus]");
  if (summary) summary.focus();
}
focusProblems();
document.addEventListener("htmx:after:swap", focusProblems);
