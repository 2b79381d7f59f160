/* What the page shows. All text is set as text; nothing of a file is ever markup. */
(function page() {
  const at = (id) => document.getElementById(id);
  if (!at("found")) return;
  let language = (navigator.language || "zh").startsWith("zh") ? "zh" : "en", report = null;
  const files = new Map();
  const say = (name, values = {}) => fill(TEXTS.page[name][language], values);
  const fill = (words, values) => Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), words);
  const SIGNS = { good: "✓", bad: "✗", nothing: "?" };

  function element(tag, kind, text) {
    const made = document.createElement(tag);
    if (kind) made.className = kind;
    if (text) made.textContent = text;
    return made;
  }

  function speak() {
    document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
    document.title = say("title");
    for (const one of document.querySelectorAll("[data-text]")) one.textContent = say(one.dataset.text);
    at("language").textContent = say("language");
    at("language").lang = language === "zh" ? "en" : "zh-Hans";
    show();
  }

  function show() {
    const found = at("found");
    found.replaceChildren();
    at("again").hidden = !report;
    if (!report) return;
    const counted = { good: 0, bad: 0, none: 0 }, verdict = report.verdict;
    const how = (check) => (check.holds === null ? "none" : check.holds ? "good" : "bad");
    for (const check of report.checks) counted[how(check)] += 1;
    const box = element("div", `verdict ${verdict}`), words = element("div");
    box.append(element("span", "sign", SIGNS[verdict]), words);
    words.append(element("h2", "", say(verdict)));
    const more = [verdict === "good" ? say("good_more", counted) : verdict === "bad" ? say("bad_more", counted) : say("nothing_more")];
    if (counted.none) more.push(say("none_more", counted));
    words.append(element("p", "", more.join(" ")));
    found.append(box);
    const byFile = new Map();
    for (const check of report.checks) {
      if (!byFile.has(check.file)) byFile.set(check.file, []);
      byFile.get(check.file).push(check);
    }
    for (const [name, checks] of byFile) {
      const part = element("section", "file"), list = element("ul");
      part.append(element("h3", "", name), list);
      for (const check of checks) {
        const line = element("li");
        line.append(element("span", `how ${how(check)}`, say(`h_${how(check)}`)),
          element("span", "", fill(TEXTS.checks[check.code][how(check)][language], check.about)));
        list.append(line);
      }
      found.append(part);
    }
  }

  let running = Promise.resolve();
  async function check() {
    if (!files.size) return;
    report = null;
    show();
    at("progress").hidden = false;
    let painted = 0;
    const progress = async (name, share) => {
      if (performance.now() - painted < 100) return;
      at("now").textContent = say("working", { name });
      at("share").style.width = `${Math.round(100 * share)}%`;
      await new Promise((resolve) => { setTimeout(resolve); });  // let the browser paint, and people scroll
      painted = performance.now();
    };
    try {
      report = await verifyFiles([...files.values()], progress);
    } finally {
      at("progress").hidden = true;
    }
    show();
    at("found").scrollIntoView({ block: "start" });
  }
  function take(given) {
    for (const file of given) files.set(file.name, file);
    running = running.then(check);
  }

  at("files").addEventListener("change", (event) => {
    take(event.target.files);
    event.target.value = "";
  });
  at("check").addEventListener("click", () => {
    const text = at("pasted").value.trim();
    if (text) take([new File([text], say("pasted"))]);
  });
  at("again").addEventListener("click", () => {
    files.clear();
    report = null;
    show();
  });
  at("language").addEventListener("click", () => {
    language = language === "zh" ? "en" : "zh";
    speak();
  });
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.add("over");
  });
  document.addEventListener("dragleave", () => document.body.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("over");
    take(event.dataTransfer.files);
  });
  speak();
})();
