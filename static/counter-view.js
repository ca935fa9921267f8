// Draws the counter: the answer, the last ten, the day's count. Knows what an answer looks like and
// nothing about where it comes from. All text goes in as text, never as markup.
"use strict";

(function () {
  const byId = (id) => document.getElementById(id);

  /** "{name}" in a sentence, filled in. */
  function fill(sentence, values = {}) {
    return (sentence || "").replace(/\{(\w+)\}/g, (all, name) => (name in values ? values[name] : all));
  }

  function money(fen) {
    return `¥${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, "0")}`;
  }

  /** 11:42 in Shanghai, whatever zone the tablet is set to. */
  function clockTime(moment) {
    return new Intl.DateTimeFormat("zh-CN", {
      hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "Asia/Shanghai",
    }).format(moment);
  }

  function show(element, text) {
    element.textContent = text || "";
    element.hidden = !text;
  }

  class View {
    constructor(settings) {
      this.words = settings.words;
      this.icons = settings.icons;
      this.isLocked = false;
      this.rows = [];
    }

    icon(name) {
      const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      svg.setAttribute("class", "icon");
      svg.setAttribute("aria-hidden", "true");
      svg.setAttribute("focusable", "false");
      const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
      use.setAttribute("href", `${this.icons}#${name}`);
      svg.append(use);
      return svg;
    }

    /**
     * The answer. card: {state, title, who, name, photo, copay, diet: [], message, notes: [],
     * options: [{key, label, primary}]}. onOption(key) is called when one is chosen.
     */
    answer(card, onOption) {
      byId("answer").dataset.state = card.state;
      byId("answer-icon").setAttribute("href", `${this.icons}#${ICON[card.state] || "qr"}`);
      byId("answer-state").textContent = card.title;
      show(byId("answer-who"), card.who);
      byId("answer-who").dataset.long = (card.who || "").length > 4 ? "yes" : "no";
      show(byId("answer-name"), this.isLocked ? "" : card.name);
      show(byId("answer-copay"), card.copay);
      show(byId("answer-message"), card.message);
      const photo = byId("answer-photo");
      photo.hidden = !card.photo || this.isLocked;
      if (card.photo) photo.src = card.photo;
      else photo.removeAttribute("src");
      this.list(byId("answer-diet"), card.diet, "diet");
      this.list(byId("answer-notes"), card.notes, "info");
      byId("answer-options").replaceChildren(...(card.options || []).map((option, at) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "btn btn-outline-primary";
        button.dataset.option = option.key;
        const key = document.createElement("kbd");
        key.textContent = String(at + 1);
        button.append(key, option.label);
        button.addEventListener("click", () => onOption(option.key));
        return button;
      }));
    }

    list(element, items, icon) {
      const lines = items || [];
      element.hidden = !lines.length;
      element.replaceChildren(...lines.map((text) => {
        const line = document.createElement("li");
        line.append(this.icon(icon), text);
        return line;
      }));
    }

    /** The last ten, newest first; rows: {key, state, name, time, words, act: {label, run} | null}. */
    recent(rows) {
      this.rows = rows;
      const list = byId("recent");
      if (!rows.length) {
        const none = document.createElement("li");
        none.className = "recent-none";
        none.textContent = this.words.no_recent;
        list.replaceChildren(none);
        return;
      }
      list.replaceChildren(...rows.map((row) => this.row(row)));
    }

    row(row) {
      const line = document.createElement("li");
      line.dataset.state = row.state;
      line.dataset.key = row.key;
      const part = (name, content) => {
        const span = document.createElement("span");
        span.className = `recent-${name}`;
        span.append(content);
        line.append(span);
      };
      part("icon", this.icon(ICON[row.state] || "clock"));
      const name = this.isLocked && row.name ? this.words.locked_name : row.name || "—";
      if (row.open) {
        const again = document.createElement("button");
        again.type = "button";
        again.textContent = name;
        again.addEventListener("click", () => { row.open(); again.blur(); });
        part("name", again);
      } else part("name", name);
      part("time", row.time);
      part("words", row.words);
      if (row.act) {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "btn btn-quiet recent-act";
        button.append(row.act.label);
        button.setAttribute("aria-label", `${row.act.label}: ${this.isLocked ? "" : row.name} ${row.time}`);
        button.addEventListener("click", row.act.run);
        line.append(button);
      }
      return line;
    }

    counts(counts) {
      for (const count of counts) {
        const place = document.querySelector(`#counts [data-sitting="${count.sitting}"]`);
        if (!place) continue;
        place.classList.toggle("is-now", Boolean(count.is_now));
        place.querySelector("strong").textContent = count.served;
        const other = place.querySelector(".counter-others");
        other.textContent = `+${count.other}`;
        other.hidden = !count.other;
      }
    }

    /** The band across the top; empty text takes it away. */
    band(text, kind) {
      const band = byId("band");
      band.dataset.kind = kind || "";
      if (band.textContent === text) return;
      show(band, text);
      if (text) window.zhuheAnnounce(text, false);
    }

    lock(isLocked) {
      if (this.isLocked === isLocked) return;
      this.isLocked = isLocked;
      byId("counter").dataset.locked = isLocked ? "yes" : "no";
      this.recent(this.rows);
      if (isLocked) {
        byId("answer-name").hidden = true;
        byId("answer-photo").hidden = true;
      }
    }
  }

  const ICON = {
    ready: "qr", served: "check", already: "warn", refused: "cross", fault: "qr", ask: "info",
    waiting: "offline", sending: "clock", voided: "minus",
  };

  window.zhuheView = { View, fill, money, clockTime, show };
})();
