// A class under one thumb: what was tapped is counted, kept on the phone until it is saved, and sent
// in one request. The page works without this file; it then sends the whole form.
// Kept on the phone: row keys and values. No name, no reason in one's own words.
"use strict";

(function () {
  const form = document.getElementById("marks");
  if (!form) return;
  const words = JSON.parse(form.dataset.words);
  const say = (key, n, x) => words[key].replace("{n}", n).replace("{at}", n).replace("{x}", x);
  const key = "zhuhe.attendance." + form.dataset.session;
  const KEEP_MS = 24 * 3600 * 1000;
  const POLL_MS = 4000;
  const SEND_MS = 12000;
  const rows = new Map();
  const bar = {
    unmarked: form.querySelector("[data-unmarked]"), state: form.querySelector("[data-state]"),
    save: document.getElementById("save"), word: form.querySelector("[data-save]"),
    all: document.getElementById("all"), undo: document.getElementById("undo"),
  };
  const told = document.getElementById("told");
  const isOpen = form.dataset.open === "1";
  let sending = false;

  const field = (id, letter) => form.elements[letter + "-" + id];
  const value = (id, letter) => { const part = field(id, letter); return part ? part.value : ""; };

  /** What a row says now: the same word that the server wrote into w. */
  function word(id) {
    const status = value(id, "s");
    const timed = status === "late" || status === "left_early";
    const number = (letter) => (timed ? String(Number(value(id, letter)) || 0) : "0");
    return [status, number("l"), number("e"), status === "excused" ? value(id, "r").trim() : ""].join("|");
  }

  function saidOf(text) {
    const [status, late, early, reason] = text.split("|");
    const parts = [];
    if (Number(late)) parts.push(say("late", late));
    if (Number(early)) parts.push(say("early", early));
    if (Math.max(Number(late), Number(early)) > Number(form.dataset.absent)) parts.push(words.absent);
    if (parts.length) return parts.join(words.comma);
    return reason; // The choice itself is lit beside it.
  }

  form.querySelectorAll(".mark-row").forEach((item) => {
    const id = item.dataset.person;
    if (field(id, "n")) rows.set(id, { id, item, saved: value(id, "w"), said: item.querySelector("[data-said]") });
  });
  const dirty = () => [...rows.values()].filter((row) => word(row.id) !== row.saved);

  function show() {
    if (!isOpen) return;
    const unsaved = dirty();
    let unmarked = 0;
    rows.forEach((row) => {
      const now = word(row.id);
      const isDirty = now !== row.saved;
      row.item.classList.toggle("mark-dirty", isDirty);
      const empty = now.startsWith("|");
      row.item.classList.toggle("mark-unmarked", empty);
      if (empty && row.item.parentElement === form.querySelector(".mark-list")) unmarked += 1;
      row.said.textContent = saidOf(now);
    });
    bar.unmarked.textContent = unmarked;
    bar.word.textContent = unsaved.length ? say("save", unsaved.length) : words.save0;
    bar.save.classList.toggle("mark-nothing", !unsaved.length);
    if (bar.all) bar.all.disabled = !unmarked || sending;
    if (unsaved.length) bar.state.textContent = say("unsaved", unsaved.length);
    bar.state.classList.toggle("mark-state-unsaved", unsaved.length > 0);
    keep(unsaved);
  }

  function keep(unsaved) {
    try {
      if (!unsaved.length) { window.localStorage.removeItem(key); return; }
      const known = [...document.querySelectorAll("#reasons option")].map((one) => one.value);
      const kept = unsaved.map((row) => {
        const [status, late, early, reason] = word(row.id).split("|");
        // A reason typed in one's own words is about her: only the usual ones are kept, by their place.
        return [row.id, status, late, early, known.indexOf(reason), value(row.id, "n")];
      });
      window.localStorage.setItem(key, JSON.stringify({ at: Date.now(), rows: kept }));
    } catch (error) { /* A phone that keeps nothing: the count of unsaved marks still tells the truth. */ }
  }

  function restore() {
    let kept = null;
    try { kept = JSON.parse(window.localStorage.getItem(key) || "null"); } catch (error) { return; }
    if (!kept || Date.now() - kept.at > KEEP_MS) return;
    const known = [...document.querySelectorAll("#reasons option")].map((one) => one.value);
    kept.rows.forEach(([id, status, late, early, reason, number]) => {
      const row = rows.get(id);
      if (!row) return;
      set(id, status, late, early, known[reason] || value(id, "r"));
      if (word(id) !== row.saved) field(id, "n").value = number; // What was seen then: who changed it since is found out.
    });
    const count = dirty().length;
    if (count) tell("warn", [say("kept", count)]);
  }

  function set(id, status, late, early, reason) {
    const choice = form.querySelector(`input[name="s-${id}"][value="${status}"]`);
    if (choice) choice.checked = true;
    field(id, "l").value = Number(late) || "";
    field(id, "e").value = Number(early) || "";
    field(id, "r").value = reason || "";
  }

  /** A notice above the list: paragraphs, and what can be pressed there. */
  function tell(kind, texts, buttons = []) {
    told.textContent = "";
    if (!texts.length) return;
    const box = document.createElement("div");
    box.className = "notice notice-" + kind;
    const inner = document.createElement("div");
    texts.forEach((text) => { const p = document.createElement("p"); p.textContent = text; inner.append(p); });
    buttons.forEach(([label, act]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-outline-primary";
      button.textContent = label;
      button.addEventListener("click", act);
      inner.append(button, " ");
    });
    box.append(inner);
    told.append(box);
    window.zhuheAnnounce(texts.join(" "), kind === "bad");
    if (kind !== "ok") box.scrollIntoView({ block: "nearest" });
  }

  const time = () => new Date().toTimeString().slice(0, 5);

  async function send(address, extra, all) {
    if (sending) return null;
    sending = true;
    form.setAttribute("aria-busy", "true");
    bar.state.textContent = words.saving;
    const body = new URLSearchParams();
    for (const name of ["csrf_token", "version", "on", "shown"]) body.set(name, form.elements[name].value);
    Object.entries(extra).forEach(([name, text]) => body.set(name, text));
    if (all) {
      dirty().forEach((row) => "slernw".split("").forEach((letter) => {
        body.set(letter + "-" + row.id, letter === "w" ? row.saved : value(row.id, letter));
      }));
    }
    const stop = new AbortController();
    const timer = window.setTimeout(() => stop.abort(), SEND_MS);
    try {
      const answer = await fetch(address, { method: "POST", body, signal: stop.signal, headers: { Accept: "application/json" } });
      if (answer.status === 401) { tell("bad", [words.signed_out]); return null; }
      return { ok: answer.ok, ...(await answer.json()) };
    } catch (error) {
      tell("bad", [say("offline", dirty().length)]);
      return null;
    } finally {
      window.clearTimeout(timer);
      sending = false;
      form.removeAttribute("aria-busy");
      bar.state.textContent = "";
      show();
    }
  }

  function take(id, row) {
    const here = rows.get(id);
    if (!here) return;
    set(id, row.status, row.late, row.early, row.reason);
    field(id, "n").value = row.number;
    here.saved = row.word;
    field(id, "w").value = row.word;
  }

  function saved(answer) {
    Object.entries(answer.rows).forEach(([id, row]) => take(id, row));
    if (bar.undo) bar.undo.hidden = !answer.undo;
    show();
    form.querySelectorAll(".mark-more[open]").forEach((open) => { open.open = false; });
    const left = dirty().length;
    bar.state.textContent = left ? say("unsaved", left) : "✓ " + say("saved", time());
    const problems = [...answer.conflicts.map((one) => one.message), ...answer.refused.map((one) => (one.name ? say("named", one.name, one.message) : one.message))];
    if (!problems.length) { tell("ok", [answer.message]); return; }
    const mine = () => {
      answer.conflicts.forEach((one) => { const row = rows.get(String(one.person)); field(row.id, "n").value = one.number; row.saved = one.word; });
      tell("ok", []);
      show();
    };
    const theirs = () => {
      answer.conflicts.forEach((one) => take(String(one.person), one));
      tell("ok", []);
      show();
    };
    const buttons = answer.conflicts.length ? [[words.mine, mine], [words.theirs, theirs]] : [];
    tell("bad", problems, buttons);
    answer.conflicts.concat(answer.refused).forEach((one) => {
      const row = rows.get(String(one.person));
      if (row) row.item.classList.add("mark-problem");
    });
  }

  function refused(answer) {
    const texts = [answer.message];
    const buttons = [];
    if (answer.moved) {
      texts.push(say("was", "", answer.moved.before), say("is", "", answer.moved.after));
      if (answer.moved.same_day) buttons.push([words.anyway, () => save({ accept_version: answer.moved.version }, answer.moved)]);
      else texts.push(words.other_day);
    }
    if (answer.link) buttons.push([words.guest, () => window.location.assign(answer.link)]);
    tell("bad", texts, buttons);
  }

  async function save(extra, moved) {
    rows.forEach((row) => row.item.classList.remove("mark-problem"));
    const answer = await send(form.action, extra, true);
    if (!answer) return;
    if (!answer.ok) { refused(answer); return; }
    if (moved) form.elements.version.value = moved.version;
    saved(answer);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const pressed = event.submitter;
    if (pressed && pressed === bar.undo) {
      send(bar.undo.formAction, {}, false).then((answer) => { if (answer) (answer.ok ? saved : refused)(answer); });
      return;
    }
    const all = pressed && pressed === bar.all;
    if (!all && !dirty().length) { bar.state.textContent = "✓ " + say("saved", time()); return; }
    save({ do: all ? "all" : "save" });
  });

  form.addEventListener("change", (event) => {
    const match = /^s-(\d+)$/.exec(event.target.name || "");
    if (match) {
      const id = match[1];
      const row = rows.get(id);
      const status = event.target.value;
      if (status === "late" && !Number(value(id, "l"))) field(id, "l").value = form.dataset.late;
      if (status === "left_early" && !Number(value(id, "e"))) field(id, "e").value = 5;
      const more = row.item.querySelector(".mark-more");
      // What has minutes or a reason opens its panel; the next one slides it shut.
      form.querySelectorAll(".mark-more[open]").forEach((open) => { if (open !== more) open.open = false; });
      more.open = status === "late" || status === "left_early" || status === "excused";
      if (more.open) row.item.dataset.brief = status;
      else delete row.item.dataset.brief;
    }
    show();
  });
  form.addEventListener("input", show);
  form.addEventListener("click", (event) => {
    const summary = event.target.closest("summary");
    const item = summary && summary.closest(".mark-row");
    if (!item || !item.dataset.brief) return;
    if (summary.parentElement.open) event.preventDefault();
    delete item.dataset.brief;
  });

  // Only an opened panel needs them: thirty rows of buttons would be half of the page.
  const copy = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);
  form.querySelectorAll(".mark-more").forEach((more) => {
    const furnish = () => {
      if (!more.open || more.querySelector(".mark-chips")) return;
      more.querySelectorAll(".mark-minutes > input").forEach((input) => {
        input.before(copy("step-less"));
        input.after(copy("step-more"), copy("chips-minutes"));
      });
      more.querySelectorAll(".mark-reason > input").forEach((input) => input.after(copy("chips-reasons")));
    };
    more.addEventListener("toggle", furnish);
    furnish();
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-set], [data-step]");
    if (!button) return;
    const target = button.closest(".mark-minutes, .mark-reason").querySelector("input");
    if (button.dataset.step) target.value = Math.max(0, Number(target.value) + Number(button.dataset.step)) || "";
    else target.value = button.dataset.set;
    const [letter, id] = target.name.split("-");
    const status = value(id, "s");
    if (letter === "l" && status !== "late" && Number(target.value)) set(id, "late", target.value, value(id, "e"), "");
    if (letter === "e" && status !== "late" && Number(target.value)) set(id, "left_early", 0, target.value, "");
    show();
  });

  // ---- find ----
  const find = document.getElementById("find");
  const none = document.getElementById("found-none");
  find.hidden = false;
  find.addEventListener("input", () => {
    const typed = find.value.trim().toLowerCase().replace(/\s/g, "");
    let found = 0;
    form.querySelectorAll(".mark-row").forEach((item) => {
      const fits = !typed || item.dataset.name.includes(typed) || item.dataset.readings.split(" ").some((one) => one.startsWith(typed));
      item.hidden = !fits;
      if (fits) found += 1;
    });
    none.hidden = found > 0;
    none.textContent = found ? "" : words.nobody;
  });

  // ---- who waits ----
  const waiting = document.getElementById("waiting");
  async function look() {
    if (document.hidden || !waiting.hasAttribute("data-live")) return;
    try {
      const answer = await fetch(waiting.dataset.from);
      if (!answer.ok || answer.redirected) return;
      const text = await answer.text();
      // Nothing moves under a thumb: the list changes only when somebody came or went.
      if (text !== look.last) { waiting.innerHTML = text; look.last = text; }
    } catch (error) { /* The next look may reach the server. */ }
  }
  window.setInterval(look, POLL_MS);
  document.getElementById("settle").addEventListener("submit", async (event) => {
    event.preventDefault();
    const pressed = event.submitter;
    const answer = await send(event.target.action, { [pressed.name]: pressed.value }, false);
    if (answer) (answer.ok ? saved : refused)(answer);
    const live = waiting.hasAttribute("data-live");
    waiting.toggleAttribute("data-live", true);
    await look();
    waiting.toggleAttribute("data-live", live);
  });

  // ---- cards ----
  async function arrive(code) {
    const answer = await send(document.getElementById("arrival").action, { code }, false);
    if (!answer) return;
    if (!answer.ok) { refused(answer); return; }
    saved(answer);
    const [id] = Object.keys(answer.rows);
    const row = rows.get(id);
    if (row) row.item.scrollIntoView({ block: "center" });
  }
  const arrival = document.getElementById("arrival");
  if (isOpen && arrival) {
    arrival.addEventListener("submit", (event) => {
      event.preventDefault();
      arrive(arrival.elements.code.value);
      arrival.elements.code.value = "";
    });
    new window.zhuheScan.Reader({
      onScan: (code) => arrive(code), onFault: () => {}, onTyping: () => {}, onKey: () => false,
    });
    const box = document.getElementById("camera");
    const on = document.getElementById("camera-on");
    const vendor = box.dataset;
    const camera = new window.zhuheCamera.Camera({
      video: document.getElementById("video"), readerUrl: vendor.reader, wasmUrl: vendor.wasm,
      onCode: (text) => { const read = window.zhuheScan.read(text); arrive(read.code || text); },
      onState: (state) => {
        box.hidden = state !== "on";
        on.hidden = state === "on";
        if (!["on", "off"].includes(state)) tell("warn", [words.camera]);
      },
    });
    on.hidden = false;
    on.addEventListener("click", () => { box.hidden = false; camera.start(); });
    document.getElementById("camera-off").addEventListener("click", () => camera.stop());
  }

  // ---- the telephone ----
  document.getElementById("calls").addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = await send(event.target.action, { person: event.submitter.value }, false);
    if (!answer || !answer.ok) return;
    if (answer.phone) window.location.assign("tel:" + answer.phone);
    tell("info", [answer.name + " " + (answer.phone || "—")]);
  });

  window.addEventListener("online", () => { if (dirty().length) save({ do: "save" }); });
  restore();
  show();
})();
