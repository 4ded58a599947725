// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"use strict";

(() => {
  const byId = (id) => document.getElementById(id);
  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };
  // What a person chooses stays from visit to visit, where the browser permits.
  const kept = {
    get(name) { try { return localStorage.getItem("enigma-" + name); } catch { return null; } },
    set(name, value) { try { localStorage.setItem("enigma-" + name, value); } catch { /* Not kept. */ } },
  };

  const MOST_PANES = 4;
  const COLOURS = 6;
  let data = null;
  let unitId = null;
  let chosen = ["source0", "ir3", "metal"]; // What each pane shows.
  let pinned = "";
  let hovered = "";
  let nextMessage = 0;

  const unit = () => data.units.find((each) => each.id === unitId) || data.units[0];

  // What a pane may show: an id, a group, a title.
  function forms() {
    const found = data.sources.map((source, i) => ({ id: "source" + i, group: "Python", title: source.name }));
    const current = unit();
    if (current) {
      for (const pane of current.panes) {
        found.push({ id: pane.id, group: pane.group, title: pane.title, same: pane.same });
      }
      if (current.layouts.length) found.push({ id: "layouts", group: "More", title: `Layouts (${current.layouts.length})` });
      found.push({ id: "facts", group: "More", title: "Launch and parameters" });
    }
    if (data.output) found.push({ id: "output", group: "More", title: "Output of the file" });
    return found;
  }

  // Where a pane's form is gone, the nearest one.
  function settle(id, known) {
    const open = known.filter((form) => !form.same);
    if (open.some((form) => form.id === id)) return id;
    const stages = open.filter((form) => /^ir\d/.test(form.id));
    if (/^ir\d/.test(id) && stages.length) {
      const number = Number(id.slice(2));
      return [...stages].sort((a, b) => Math.abs(a.id.slice(2) - number) - Math.abs(b.id.slice(2) - number))[0].id;
    }
    return open.length ? open[Math.min(1, open.length - 1)].id : "";
  }

  function textPane(body, lines, keys, messages) {
    const code = make("div", "code");
    const byKey = new Map();
    for (const message of messages) {
      if (message.key) byKey.set(message.key, [...(byKey.get(message.key) || []), message]);
    }
    lines.forEach((html, i) => {
      const row = make("div", "row");
      const key = keys[i];
      if (key) {
        row.dataset.key = key;
        if (marked.has(key)) row.classList.add("m" + (marked.get(key) % COLOURS));
      }
      row.append(make("span", "number", String(i + 1)));
      const text = make("span");
      text.innerHTML = html || " ";
      row.append(text);
      code.append(row);
      for (const message of byKey.get(key) || []) code.append(messageBox(message));
    });
    body.append(code);
  }

  function messageBox(message) {
    const box = make("div", "message " + message.kind);
    box.append(make("b", "", message.kind + (message.key ? "" : message.place ? " at " + message.place : "")));
    box.append(message.text);
    if (message.help) box.append(make("span", "remedy", "help: " + message.help));
    return box;
  }

  // The lines of Python that something stands behind, numbered in their order for colours.
  let marked = new Map();
  function mark() {
    const current = unit();
    const keys = new Set(current ? current.panes.flatMap((pane) => pane.keys) : []);
    keys.delete("");
    const place = (key) => key.split(":").map(Number);
    const ordered = [...keys].sort((a, b) => place(a)[0] - place(b)[0] || place(a)[1] - place(b)[1]);
    marked = new Map(ordered.map((key, i) => [key, i]));
  }

  function fill(body, id) {
    const current = unit();
    body.textContent = "";
    if (id.startsWith("source")) {
      const number = Number(id.slice(6));
      const source = data.sources[number];
      textPane(body, source.lines, source.lines.map((_, i) => `${number}:${i + 1}`), data.messages);
      for (const row of body.querySelectorAll(".row")) {
        if (!marked.has(row.dataset.key)) delete row.dataset.key;
      }
    } else if (id === "output") {
      textPane(body, data.output.replace(/\n$/, "").split("\n").map(escaped), [], []);
    } else if (id === "layouts") {
      const pictures = make("div", "pictures");
      for (const layout of current.layouts) {
        const figure = make("figure");
        if (layout.key) {
          figure.dataset.key = layout.key;
          if (marked.has(layout.key)) figure.style.borderLeftColor = `var(--m${marked.get(layout.key) % COLOURS})`;
        }
        const caption = make("figcaption", "", layout.title + " ");
        if (layout.key) caption.append(make("small", "", "line " + layout.key.split(":")[1]));
        figure.append(caption);
        const picture = make("div", "picture");
        if (layout.svg) picture.innerHTML = layout.svg;
        else picture.textContent = `${layout.text}: ${layout.why}`;
        figure.append(picture);
        pictures.append(figure);
      }
      body.append(pictures);
    } else if (id === "facts") {
      const table = make("table", "facts");
      for (const [name, value] of current.facts) {
        const line = table.insertRow();
        line.append(make("th", "", name), make("td", "", value));
      }
      body.append(table);
    } else {
      const pane = current && current.panes.find((each) => each.id === id);
      if (pane) textPane(body, pane.lines, pane.keys, []);
      else body.append(make("p", "empty", data.busy ? "Compiling…" : emptyText()));
    }
  }

  function emptyText() {
    if (data.messages.some((message) => message.kind === "error")) {
      return "Nothing was compiled yet: the errors are beside their lines.";
    }
    return "The file compiles nothing. Decorate a function with @enigma.kernel and annotate its parameters, or call enigma.compile.";
  }

  const escaped = (text) => { const box = make("i", "", text); return box.innerHTML; };

  function drawPane(index, known) {
    const pane = byId("panes").children[index];
    const select = pane.querySelector("select");
    const body = pane.querySelector(".body");
    const id = settle(chosen[index], known);
    const top = pane.dataset.id === id ? [body.scrollTop, body.scrollLeft] : [0, 0];
    select.textContent = "";
    let group = null;
    for (const form of known) {
      if (!group || group.label !== form.group) {
        group = make("optgroup");
        group.label = form.group;
        select.append(group);
      }
      const option = make("option", "", form.title + (form.same ? " (no change)" : ""));
      option.value = form.id;
      option.disabled = Boolean(form.same);
      group.append(option);
    }
    select.value = id;
    fill(body, id);
    pane.dataset.id = id;
    const note = pane.querySelector(".note");
    const current = unit();
    const isStale = Boolean(current && current.stale && !id.startsWith("source") && id !== "output");
    note.textContent = isStale ? "before the error" : "";
    note.classList.toggle("stale", isStale);
    const form = known.find((each) => each.id === id);
    body.setAttribute("aria-label", form ? `${form.group}: ${form.title}` : "nothing");
    [body.scrollTop, body.scrollLeft] = top;
  }

  function addPane(id) {
    const pane = make("section", "pane");
    const bar = make("div", "bar");
    const select = make("select");
    select.setAttribute("aria-label", "What this pane shows");
    bar.append(select, make("span", "note"));
    const body = make("div", "body");
    body.tabIndex = 0;
    body.setAttribute("role", "region");
    pane.append(bar, body);
    byId("panes").append(pane);
    select.addEventListener("change", () => show(pane, select.value));
    body.addEventListener("mouseover", (event) => hover(keyOf(event.target), pane));
    body.addEventListener("mouseleave", () => hover("", pane));
    body.addEventListener("click", (event) => {
      const key = keyOf(event.target);
      if (key && !String(getSelection())) pin(key, pane);
      at(pane, event.target.closest(".row"));
    });
    body.addEventListener("keydown", (event) => keyInPane(event, pane));
    room.observe(body);
  }

  // Messages are as wide as their pane, however wide its lines are.
  const room = new ResizeObserver((entries) => {
    for (const entry of entries) entry.target.style.setProperty("--room", `calc(${entry.contentRect.width}px - 7ch)`);
  });

  function show(pane, id) {
    const index = [...byId("panes").children].indexOf(pane);
    chosen[index] = id;
    kept.set("panes", JSON.stringify(chosen));
    drawPane(index, forms());
    paint(pane);
  }

  const keyOf = (target) => { const found = target.closest("[data-key]"); return found ? found.dataset.key : ""; };

  function hover(key, pane) {
    if (key === hovered) return;
    hovered = key;
    paint(pane);
  }

  function pin(key, pane) {
    pinned = pinned === key ? "" : key;
    paint(pane);
  }

  // Marks what belongs to the line, and brings it into sight in the other panes.
  function paint(from) {
    const key = hovered || pinned;
    for (const found of document.querySelectorAll(".hit")) found.classList.remove("hit", "pinned");
    if (!key) return;
    for (const pane of byId("panes").children) {
      const found = [...pane.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)];
      for (const element of found) {
        element.classList.add("hit");
        if (pinned === key) element.classList.add("pinned");
      }
      if (pane === from || !found.length) continue;
      const body = pane.querySelector(".body");
      const box = body.getBoundingClientRect();
      const isSeen = found.some((element) => {
        const own = element.getBoundingClientRect();
        return own.top >= box.top && own.bottom <= box.bottom;
      });
      if (!isSeen) body.scrollTop += found[0].getBoundingClientRect().top - box.top - box.height / 3;
    }
  }

  function at(pane, row) {
    for (const found of pane.querySelectorAll(".at")) found.classList.remove("at");
    if (row) row.classList.add("at");
  }

  function keyInPane(event, pane) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const body = pane.querySelector(".body");
    const rows = [...pane.querySelectorAll(".row, figure")];
    const here = rows.findIndex((row) => row.classList.contains("at"));
    const steps = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };
    if (event.key in steps && rows.length) {
      event.preventDefault();
      let there = here < 0 ? 0 : here + steps[event.key];
      there = Math.max(0, Math.min(rows.length - 1, there));
      at(pane, rows[there]);
      rows[there].scrollIntoView({ block: "nearest" });
      body.scrollLeft = 0;
      hovered = rows[there].dataset.key || "";
      paint(pane);
    } else if (event.key === "Enter" && here >= 0 && rows[here].dataset.key) {
      pin(rows[here].dataset.key, pane);
    } else if (event.key === "[" || event.key === "]") {
      const known = forms().filter((form) => !form.same);
      const now = known.findIndex((form) => form.id === pane.dataset.id);
      const next = known[now + (event.key === "]" ? 1 : -1)];
      if (next) show(pane, next.id);
    }
  }

  function toMessage() {
    const known = data.messages.filter((message) => message.key);
    if (!known.length) return;
    const message = known[nextMessage++ % known.length];
    const id = "source" + message.key.split(":")[0];
    const panes = [...byId("panes").children];
    const pane = panes.find((each) => each.dataset.id === id) || panes[0];
    if (pane.dataset.id !== id) show(pane, id);
    const row = pane.querySelectorAll(".row")[Number(message.key.split(":")[1]) - 1];
    if (!row) return;
    row.scrollIntoView({ block: "center" });
    at(pane, row);
    pane.querySelector(".body").focus({ preventScroll: true });
  }

  function counted(kind) {
    const count = data.messages.filter((message) => message.kind === kind).length;
    return count ? `${count} ${kind}${count > 1 ? "s" : ""}` : "";
  }

  function drawHeader() {
    document.title = data.name + " - Enigma explorer";
    byId("name").textContent = data.name;
    byId("name").title = data.path;
    const select = byId("unit");
    select.textContent = "";
    for (const each of data.units) {
      const option = make("option", "", each.title + (each.stale ? " (before the error)" : ""));
      option.value = each.id;
      select.append(option);
    }
    select.parentElement.hidden = !data.units.length;
    const current = unit();
    if (current) select.value = current.id;
    const launch = current && current.facts.find(([name]) => name === "launch");
    byId("facts").textContent = launch ? launch[1] : "";
    byId("facts").title = byId("facts").textContent;
    const problems = byId("problems");
    problems.textContent = "";
    for (const kind of ["error", "warning", "remark", "note"]) {
      if (!counted(kind)) continue;
      const button = make("button", kind, counted(kind));
      button.title = "To the next message (n)";
      button.addEventListener("click", toMessage);
      problems.append(button);
    }
    const state = byId("state");
    state.textContent = data.busy ? "running…" : lost ? "the server is gone" : "";
    state.classList.toggle("stale", lost);
    const strip = byId("strip");
    strip.textContent = "";
    for (const message of data.messages) {
      if (!message.key) strip.append(messageBox(message));
    }
  }

  function draw() {
    if (!data.units.some((each) => each.id === unitId)) unitId = data.units.length ? data.units[0].id : null;
    mark();
    drawHeader();
    const known = forms();
    const panes = byId("panes");
    while (panes.children.length > chosen.length) panes.lastChild.remove();
    while (panes.children.length < chosen.length) addPane();
    chosen.forEach((_, index) => drawPane(index, known));
    hovered = "";
    paint(null);
  }

  function setTheme(theme) {
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    kept.set("theme", theme || "");
  }

  byId("unit").addEventListener("change", (event) => { unitId = event.target.value; draw(); });
  byId("more").addEventListener("click", () => {
    if (chosen.length >= MOST_PANES) return;
    const open = forms().filter((form) => !form.same && !chosen.includes(form.id));
    chosen.push(open.length ? open[open.length - 1].id : "metal");
    draw();
  });
  byId("fewer").addEventListener("click", () => { if (chosen.length > 1) { chosen.pop(); draw(); } });
  byId("help").addEventListener("click", () => byId("keys").showModal());
  byId("theme").addEventListener("click", () => {
    const isDark = document.documentElement.dataset.theme
      ? document.documentElement.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    setTheme(isDark ? "light" : "dark");
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select, input")) return;
    if (byId("keys").open) return;
    if (event.key === "?") byId("keys").showModal();
    else if (event.key === "n") toMessage();
    else if (event.key === "Escape") { pinned = hovered = ""; paint(null); }
  });

  setTheme(kept.get("theme"));
  try {
    const panes = JSON.parse(kept.get("panes"));
    if (Array.isArray(panes) && panes.length && panes.length <= MOST_PANES) chosen = panes.map(String);
  } catch { /* Nothing sensible was kept. */ }

  let lost = false;
  const whole = byId("data");
  if (whole) {
    data = JSON.parse(whole.textContent);
    draw();
    return;
  }
  let asked = Promise.resolve();
  async function load() {
    const response = await fetch("data");
    const before = data;
    data = await response.json();
    // A run that has only begun has nothing new to show.
    if (before && before.content === data.content) drawHeader();
    else draw();
  }
  function listen() {
    const news = new EventSource("news");
    news.addEventListener("message", () => {
      lost = false;
      asked = asked.then(load).catch(() => {});
    });
    news.addEventListener("error", () => { lost = true; if (data) drawHeader(); });
  }
  listen();
})();
