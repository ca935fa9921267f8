// The panels beside the answer: find by name, guest, undo and correction, paper, price, PIN.
// None is modal; each asks the counter to do something and closes.
"use strict";

(function () {
  const byId = (id) => document.getElementById(id);
  const { show } = window.zhuheView;
  const { send } = window.zhuheQueue;

  class Panels {
    /** counter: the object that registers, voids and moves (counter.js). */
    constructor(counter, settings) {
      this.counter = counter;
      this.settings = settings;
      this.words = settings.words;
      this.onFound = null; // what happens with the person found: register, or move a meal to her
      this.afterPin = null;
      this.search = 0;
      this.wire();
    }

    open(name, focus) {
      document.querySelectorAll(".panel").forEach((panel) => {
        if (panel.id !== "practice-cards") panel.hidden = panel.id !== `panel-${name}`;
      });
      document.getElementById("counter").dataset.panel = name;
      const target = focus || byId(`panel-${name}`).querySelector("input:not([type=hidden]):not([type=radio]), .panel-choices button");
      if (name !== "recent" && target) target.focus();
      if (name === "recent" && document.activeElement) document.activeElement.blur();
    }

    close() {
      this.onFound = null;
      this.open("recent");
    }

    wire() {
      document.querySelectorAll("[data-panel]").forEach((link) => {
        if (link.id === "counter") return;
        link.addEventListener("click", (event) => {
          event.preventDefault();
          if (link.dataset.panel === "find") this.find();
          else if (link.dataset.panel === "recent") this.close();
          else this.open(link.dataset.panel);
        });
      });
      byId("q").addEventListener("input", () => {
        window.clearTimeout(this.search);
        this.search = window.setTimeout(() => this.searchNow(), 180);
      });
      byId("find-form").addEventListener("submit", (event) => {
        event.preventDefault();
        const first = byId("found").querySelector("button");
        if (first) first.focus();
        else this.searchNow();
      });
      byId("found").addEventListener("keydown", (event) => this.walk(event));
      byId("q").addEventListener("keydown", (event) => this.walk(event));
      byId("why-choices").addEventListener("click", (event) => {
        const button = event.target.closest("[data-reason]");
        if (!button || !this.chosen) return;
        this.counter.registerPerson(this.chosen, button.dataset.reason);
        this.close();
      });
      byId("sale-form").addEventListener("submit", (event) => {
        event.preventDefault();
        this.counter.registerSale(event.submitter.value);
        this.close();
      });
      byId("void-choices").addEventListener("click", (event) => {
        const button = event.target.closest("[data-reason]");
        if (button) this.counter.voidRow(this.row, button.dataset.reason);
      });
      byId("void-form").addEventListener("submit", (event) => {
        event.preventDefault();
        this.counter.voidRow(this.row, byId("void-reason").value.trim());
      });
      byId("move-button").addEventListener("click", () => {
        const row = this.row;
        this.find((person) => this.counter.moveRow(row, person));
      });
      byId("paper-form").addEventListener("submit", (event) => {
        event.preventDefault();
        const data = new FormData(event.target);
        this.counter.repeat({ sitting: data.get("sitting"), day: data.get("day"), late_reason: data.get("reason").trim() });
        this.close();
      });
      byId("price-form").addEventListener("submit", (event) => {
        event.preventDefault();
        this.counter.repeat({ price: byId("price").value });
        this.close();
      });
      byId("pin-form").addEventListener("submit", (event) => { event.preventDefault(); this.unlock(); });
    }

    /** Arrow keys walk through the people found. */
    walk(event) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step) return;
      const buttons = [...byId("found").querySelectorAll("button")];
      const next = buttons[buttons.indexOf(document.activeElement) + step];
      event.preventDefault();
      (next || byId("q")).focus();
    }

    /** Open the search; onFound is what to do with the one chosen, by default to register her. */
    find(onFound = null) {
      this.counter.unlocked(() => {
        this.onFound = onFound;
        byId("q").value = "";
        byId("found").replaceChildren();
        byId("find-words").textContent = "";
        this.open("find", byId("q"));
      });
    }

    async searchNow() {
      const typed = byId("q").value.trim();
      if (typed.length < 1) { byId("found").replaceChildren(); byId("find-words").textContent = ""; return; }
      byId("find-words").textContent = this.words.searching;
      let reply;
      try {
        // Posted: an ID number typed here stands in no address and in no server's log.
        const { site, practice, urls } = this.settings;
        const ask = () => send(urls.people, { body: { site, practice, q: typed } });
        reply = await ask();
        if (reply.body.code === "csrf") { // somebody signed in elsewhere since this page was loaded
          await this.counter.renew();
          reply = await ask();
        }
      } catch (error) {
        byId("find-words").textContent = this.words.failed;
        return;
      }
      if (byId("q").value.trim() !== typed) return;
      if (this.counter.isPinNeeded(reply)) { this.askPin(() => this.open("find", byId("q"))); return; }
      if (reply.status !== 200) { byId("find-words").textContent = reply.body.message || this.words.failed; return; }
      this.found(reply.body.people, reply.body.more);
    }

    found(people, more) {
      byId("find-words").textContent = people.length ? (more ? this.words.found_many : "") : this.words.found_none;
      byId("found").replaceChildren(...people.map((person) => {
        const line = document.createElement("li");
        const button = document.createElement("button");
        button.type = "button";
        button.className = "btn btn-quiet found-one";
        const name = document.createElement("strong");
        name.textContent = person.name;
        const about = document.createElement("span");
        about.className = "muted";
        about.textContent = person.about;
        button.append(name, about);
        button.addEventListener("click", () => this.choose(person));
        line.append(button);
        return line;
      }));
    }

    choose(person) {
      if (this.onFound) {
        const then = this.onFound;
        this.close();
        then(person);
        return;
      }
      this.chosen = person;
      byId("why-title").textContent = person.name;
      this.open("why");
    }

    /** What can be done with one row of the last ten. */
    event(row) {
      this.row = row;
      byId("event-title").textContent = row.name || row.time;
      byId("event-words").textContent = `${row.time} ${row.words}`;
      byId("void-reason").value = "";
      byId("move-button").hidden = !row.can_move;
      this.open("event", byId("void-choices").querySelector("button"));
    }

    askPin(then) {
      this.afterPin = then;
      byId("pin").value = "";
      show(byId("pin-words"), "");
      this.open("pin");
    }

    async unlock() {
      const data = new URLSearchParams(new FormData(byId("pin-form")));
      byId("pin").value = "";
      let reply;
      try {
        const response = await fetch(this.settings.urls.unlock, {
          method: "POST", body: data, credentials: "same-origin",
          headers: { Accept: "application/json", "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content },
        });
        reply = { status: response.status, body: await response.json() };
      } catch (error) {
        show(byId("pin-words"), this.words.failed);
        return;
      }
      if (reply.status !== 200) {
        show(byId("pin-words"), reply.body.message || this.words.failed);
        byId("pin").focus();
        return;
      }
      await this.counter.renew(); // The session behind the form token is a new one.
      this.counter.unlockedNow();
      const then = this.afterPin;
      this.afterPin = null;
      this.close();
      window.zhuheAnnounce(this.words.pin_ok, false);
      if (then) then();
    }
  }

  window.zhuhePanels = { Panels };
})();
