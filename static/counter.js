// The counter: every scan becomes one attempt with its own id, every attempt one answer.
// Scanning needs no focus, no mouse and no panel closed; what has no answer yet is shown and kept.
"use strict";

(function () {
  const SHOWN_MS = 10000; // An answer stays until the next scan, or this long.
  const SLOW_MS = 150; // Only an answer that takes longer gets a "one moment".
  const TWICE_MS = 1000; // Scanners fire twice: the same card within this is one scan.
  const FRESH_MS = 60000; // Undo needs no reason within a minute.
  const REFRESH_MS = 20000;
  const MORE_AFTER_MS = 250;

  const settings = JSON.parse(document.getElementById("counter-settings").textContent);
  const { words, urls } = settings;
  const byId = (id) => document.getElementById(id);
  const { View, fill, clockTime } = window.zhuheView;
  const { Queue, send, newId } = window.zhuheQueue;
  const sound = window.zhuheSound;
  const announce = (text, urgent) => window.zhuheAnnounce(text, urgent);
  const { channel } = window.zhuheTools;

  class Counter {
    constructor() {
      this.view = new View(settings);
      this.queue = new Queue({
        onAnswer: (item, reply) => this.answered(item, reply),
        onChange: (state) => this.waiting(state),
        renew: () => this.renew(),
      });
      this.rows = [];
      this.base = null; // what the last attempt was made of, for the next attempt at it
      this.last = { code: "", at: -TWICE_MS };
      this.timers = { ready: 0, slow: 0 };
      this.isLocked = settings.locked;
      this.panels = new window.zhuhePanels.Panels(this, settings);
      this.reader = new window.zhuheScan.Reader({
        onScan: (code, how) => this.scan(code, how),
        onFault: (fault, count) => this.fault(fault, count),
        onTyping: (digits) => { byId("code").value = digits; },
        onKey: (digit) => this.pick(Number(digit)),
      });
      this.wire();
      this.merge(settings.recent);
      this.view.lock(this.isLocked);
      if (!document.querySelector("#answer[data-state=ready]")) this.readyLater();
      window.setInterval(() => this.refresh(), REFRESH_MS);
    }

    wire() {
      byId("code-form").addEventListener("submit", (event) => {
        event.preventDefault();
        const whole = window.zhuheScan.read(byId("code").value);
        if (whole.code) { byId("code").value = ""; byId("code").blur(); this.scan(whole.code, "typed"); }
        else this.fault(whole.fault, whole.count);
      });
      document.querySelectorAll("input[name=way]").forEach((radio) => {
        radio.addEventListener("change", () => this.ready());
      });
      document.addEventListener("keydown", (event) => this.shortcut(event));
      document.querySelectorAll("[data-practice-code]").forEach((button) => {
        button.addEventListener("click", () => { this.scan(button.dataset.practiceCode, "scan"); button.blur(); });
      });
      window.zhuheTools.wireTop(settings);
      this.camera = window.zhuheTools.wireCamera(settings, (text) => {
        const whole = window.zhuheScan.read(text);
        if (whole.code) this.scan(whole.code, "scan");
        else this.fault(whole.fault, whole.count);
      });
      if (navigator.wakeLock) navigator.wakeLock.request("screen").catch(() => null);
    }

    shortcut(event) {
      const act = {
        F2: () => this.panels.find(),
        F4: () => byId(this.way() === "dine_in" ? "way-take_away" : "way-dine_in").click(),
        F6: () => this.panels.open("sale"),
        F8: () => this.camera.click(),
        Escape: () => this.panels.close(),
      }[event.code || event.key];
      if (!act || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      act();
    }

    way() {
      return document.querySelector("input[name=way]:checked").value;
    }

    // ---- from a scan to its answer ----

    scan(code, how) {
      const now = performance.now();
      const twice = how === "scan" && code === this.last.code && now - this.last.at < TWICE_MS;
      this.last = { code, at: now };
      if (twice) { announce(words.same_card, false); return; }
      this.begin({ code });
    }

    /** base: {code} or {person, no_card_reason} or {other}: who it is. Take-away asks who collects. */
    begin(base, name = "") {
      const moment = new Date();
      const label = name || (base.code ? fill(words.card_tail, { tail: base.code.slice(-4) }) : "");
      if (this.way() === "take_away" && !base.other) this.ask(base, moment, label);
      else this.submit(base, { way: "dine_in", collected_by: "self" }, moment, label);
    }

    ask(base, moment, name) {
      const key = newId();
      this.put({ key, state: "ask", name, time: clockTime(moment), words: words.states.ask,
        open: () => this.askAgain(key, base, moment, name) });
      this.askAgain(key, base, moment, name);
      sound.play("ask");
    }

    askAgain(key, base, moment, name) {
      const done = (answer) => {
        this.drop(key);
        this.submit(base, answer, moment, name);
      };
      const others = ["spouse_collects", "family", "neighbour", "carer"];
      const card = (message, keys) => ({
        state: "ask", title: words.states.ask, name, message,
        options: keys.map((one) => ({ key: one, label: words.options[one] })),
      });
      this.show(card(words.asks, ["self", "other"]), (choice) => {
        if (choice === "self") { done({ way: "take_away", collected_by: "self" }); return; }
        this.show(card(words.asks_who, others), (who) => {
          done({ way: "collected", collected_by: who === "spouse_collects" ? "spouse" : who });
        });
      });
      announce(words.asks, true);
    }

    /** A new attempt at what the last answer was about, with something added. */
    repeat(extra) {
      if (this.base) this.submit({ ...this.base.who, ...extra }, this.base.how, new Date(), this.base.name);
    }

    submit(who, how, moment, name = "") {
      const id = newId(moment.getTime());
      const body = { id, site: settings.site, scanned_at: moment.toISOString(), ...how, ...who };
      if (settings.practice) body.practice = true;
      const isPlain = who.code && !who.other && !who.price && !who.late_reason && !settings.practice;
      this.put({ key: id, state: "sending", name, time: clockTime(moment), words: words.states.sending });
      window.clearTimeout(this.timers.ready);
      window.clearTimeout(this.timers.slow);
      this.timers.slow = window.setTimeout(() => this.showWaiting(), SLOW_MS);
      this.queue.add({ id, url: isPlain ? urls.scans : urls.meals, body, who, how, name, moment });
    }

    showWaiting() {
      if (!this.queue.items.length) return;
      const isCut = this.queue.trouble !== null;
      this.show({
        state: isCut ? "waiting" : "sending",
        title: isCut ? words.states.waiting : words.states.sending,
        message: isCut ? words.waiting_message : "",
      });
      if (isCut) this.queue.items.forEach((item) => this.put({ key: item.id, state: "waiting", name: item.name,
        time: clockTime(item.moment), words: words.states.waiting }));
    }

    answered(item, reply) {
      window.clearTimeout(this.timers.slow);
      if (this.isPinNeeded(reply)) {
        this.drop(item.id);
        this.locked();
        this.panels.askPin(() => this.submit(item.who, item.how, item.moment, item.name));
        return;
      }
      this.base = { who: item.who, how: item.how, name: item.name };
      const answer = reply.body || {};
      if (!answer.outcome) {
        this.drop(item.id);
        this.show({ state: "fault", title: words.states.fault, message: answer.message || words.rejected });
        sound.play("refused");
        announce(answer.message || words.rejected, true);
        return;
      }
      this.shown(answer, item);
    }

    shown(answer, item) {
      const card = window.zhuheAnswer.card(answer, settings);
      const choose = (key) => this.choose(key, answer);
      this.show(card, choose);
      this.put({
        key: item.id, event_id: answer.event_id, state: card.state, name: card.name || card.who || item.name,
        time: clockTime(item.moment), words: card.short, at: Date.now(),
        can_void: answer.outcome === "served", can_move: answer.outcome === "served" && !answer.other,
        open: () => { this.base = { who: item.who, how: item.how, name: item.name }; this.show(card, choose); },
      });
      sound.play(card.state);
      sound.say(card.spoken);
      if (channel) channel.postMessage({ state: card.state, words: card.spoken });
      announce(card.aloud, card.state !== "served");
      if (answer.outcome === "served" && !settings.practice) this.count(answer);
      if (card.state === "served" && answer.person) {
        // In a fast queue the next card is here before anybody could use it.
        window.setTimeout(() => this.more(answer, card, choose), MORE_AFTER_MS);
      }
    }

    show(card, onOption) {
      window.clearTimeout(this.timers.ready);
      this.card = card;
      this.view.answer(card, onOption || (() => null));
      if (!["ask", "waiting", "sending", "ready"].includes(card.state) && !card.waits) this.readyLater();
    }

    readyLater() {
      this.timers.ready = window.setTimeout(() => this.ready(), SHOWN_MS);
    }

    ready() {
      const away = this.way() === "take_away";
      this.show({ state: "ready", title: words.states.ready, message: away ? words.take_away_now : "" });
      if (channel) channel.postMessage({ state: "ready", words: "" });
    }

    fault(fault, count) {
      const message = fill(words.faults[fault] || words.rejected, { count });
      this.base = null;
      this.show({
        state: "fault", title: words.states.fault, message,
        options: ["id_number", "not_ours"].includes(fault) ? [{ key: "find", label: words.options.find }] : [],
      }, () => this.panels.find());
      sound.play("refused");
      announce(message, true);
    }

    // ---- what can be done next ----

    /** A digit typed alone chooses: the option of that number, in the panel that is open or the answer. */
    pick(number) {
      const open = byId("counter").dataset.panel || "recent";
      const choices = open === "recent"
        ? byId("answer-options").querySelectorAll("button")
        : byId(`panel-${open}`).querySelectorAll(".panel-choices button:not([hidden]), .found button");
      const button = choices[number - 1];
      if (button) button.click();
      return Boolean(button);
    }

    choose(key, answer) {
      const act = {
        acknowledge: () => this.repeat({ acknowledged: true }),
        paper: () => this.unlocked(() => this.panels.open("paper")),
        price: () => this.panels.open("price"),
        find: () => this.panels.find(),
        guest: () => this.registerSale("guest"),
        second: () => this.repeat({ other: "second" }),
        spouse: () => this.begin({ housemate: this.spouse.ref }, this.spouse.name),
        end_pause: () => this.endPause(answer),
      }[key];
      if (act) act();
    }

    registerPerson(person, reason) {
      this.begin({ person: person.ref, no_card_reason: reason }, person.name);
    }

    registerSale(kind) {
      this.begin({ other: kind }, words.kinds[kind]);
    }

    /** Her photo, and the offer of her spouse's meal: off the way of the answer itself. */
    async more(answer, card, choose) {
      if (this.card !== card) return;
      const reply = await this.quietly(() => send(`${urls.more}?event=${answer.event_id}`, { method: "GET" }));
      if (!reply || reply.status !== 200 || this.card !== card) return;
      const { spouse, photo } = reply.body;
      if (!spouse && !photo) return;
      card.photo = photo || "";
      if (spouse) {
        this.spouse = spouse;
        card.options = [...card.options, { key: "spouse", label: fill(words.options.spouse, spouse) }];
      }
      this.show(card, choose);
    }

    async endPause(answer) {
      const reply = await this.quietly(() => send(urls.pauses, { body: { event_id: answer.event_id } }));
      if (reply && this.isPinNeeded(reply)) { this.panels.askPin(() => this.endPause(answer)); return; }
      const done = reply && reply.status < 300;
      if (done) { this.card = { ...this.card, notes: [], options: [] }; this.show(this.card); }
      this.tell(done ? words.pause_ended : (reply && reply.body.message) || words.failed);
    }

    async voidRow(row, reason) {
      const body = { id: newId(), event_id: row.event_id, reason };
      const reply = await this.quietly(() => send(urls.voids, { body }));
      if (reply && this.isPinNeeded(reply)) { this.locked(); this.panels.askPin(() => this.voidRow(row, reason)); return; }
      if (!reply || reply.status >= 300) { this.tell((reply && reply.body.message) || words.failed, true); return; }
      this.panels.close();
      this.put({ ...row, state: "voided", words: words.states.voided, can_void: false });
      this.show({ state: "voided", title: words.states.voided, who: row.name, message: words.undone });
      announce(words.undone, false);
      this.refresh();
    }

    async moveRow(row, person) {
      const body = { id: newId(), event_id: row.event_id, person: person.ref };
      const reply = await this.quietly(() => send(urls.moves, { body }));
      if (reply && this.isPinNeeded(reply)) { this.locked(); this.panels.askPin(() => this.moveRow(row, person)); return; }
      if (!reply || !reply.body.outcome) { this.tell((reply && reply.body.message) || words.failed, true); return; }
      this.shown(reply.body, { id: body.id, who: { person: person.ref }, how: {}, name: person.name, moment: new Date() });
      this.refresh();
    }

    /** null instead of an exception when nothing came back. */
    async quietly(request) {
      try { return await request(); } catch (error) { return null; }
    }

    tell(message, isBad = false) {
      byId("answer-message").textContent = message;
      byId("answer-message").hidden = false;
      announce(message, isBad);
    }

    // ---- PIN ----

    isPinNeeded(reply) {
      return reply.status === 403 && reply.body.code === "pin_needed";
    }

    unlocked(then) {
      if (this.isLocked) this.panels.askPin(then);
      else then();
    }

    locked() {
      this.isLocked = true;
      this.view.lock(true);
    }

    unlockedNow() {
      this.isLocked = false;
      this.view.lock(false);
      this.refresh();
    }

    // ---- the last ten, the counts, the band ----

    put(row) {
      const at = this.rows.findIndex((other) => other.key === row.key);
      if (at >= 0) this.rows[at] = row;
      else this.rows.unshift(row);
      this.draw();
    }

    drop(key) {
      this.rows = this.rows.filter((row) => row.key !== key);
      this.draw();
    }

    draw() {
      // What waits for the network or for a choice is never pushed out by what is done.
      const open = (row) => ["sending", "waiting", "ask"].includes(row.state);
      const done = this.rows.filter((row) => !open(row)).slice(0, 10);
      this.rows = this.rows.filter((row) => open(row) || done.includes(row));
      this.view.recent(this.rows.map((row) => ({ ...row, act: this.actOf(row) })));
      const asks = this.rows.filter((row) => row.state === "ask").length;
      const waits = this.rows.filter((row) => row.state === "sending").length;
      byId("queue-words").textContent = [
        waits > 1 ? fill(words.queued, { count: waits }) : "",
        asks ? fill(words.to_choose, { count: asks }) : "",
      ].filter(Boolean).join(" · ");
    }

    actOf(row) {
      if (row.state === "ask") return { label: words.choose, run: row.open };
      if (!row.can_void || !row.event_id) return null;
      const isFresh = row.at && Date.now() - row.at < FRESH_MS;
      if (isFresh) return { label: words.undo, run: () => this.voidRow(row, words.undo_reason) };
      return { label: words.correct, run: () => this.unlocked(() => this.panels.event(row)) };
    }

    waiting({ waiting, trouble }) {
      const sentence = trouble && words[`band_${trouble}`];
      this.view.band(sentence && waiting ? fill(sentence, { count: waiting }) : "", trouble);
      if (trouble) this.showWaiting();
    }

    count(answer) {
      const sitting = answer.sitting || (answer.meal && answer.meal.sitting);
      const place = settings.counts.find((one) => one.sitting === sitting);
      if (!place) return;
      if (answer.other) place.other += 1;
      else place.served += 1;
      this.view.counts(settings.counts);
    }

    async renew() {
      const reply = await this.quietly(() => send(urls.today, { method: "GET" }));
      if (reply && reply.status === 200) document.querySelector("meta[name=csrf-token]").content = reply.body.csrf_token;
    }

    async refresh() {
      if (this.queue.items.length || document.hidden) return;
      const reply = await this.quietly(() => send(urls.today, { method: "GET" }));
      if (!reply || reply.status !== 200 || this.queue.items.length) return;
      settings.counts = reply.body.counts;
      this.view.counts(settings.counts);
      byId("sitting").textContent = reply.body.sitting_words;
      this.isLocked = reply.body.locked;
      this.view.lock(this.isLocked);
      this.merge(reply.body.recent);
    }

    /** Rows of the server, with what only this screen knows: what waits, and how to show it again. */
    merge(recent) {
      const own = new Map(this.rows.map((row) => [row.key, row]));
      const rows = recent.map((row) => {
        const mine = own.get(row.event_id) || {};
        return { ...mine, ...row, key: row.event_id, name: row.name || mine.name, at: Date.parse(row.at) };
      });
      const known = new Set(rows.map((row) => row.key));
      const rest = this.rows.filter((row) => !known.has(row.key) && (!row.event_id || row.state === "already"));
      this.rows = [...rest, ...rows];
      this.draw();
    }
  }

  window.zhuheCounter = new Counter();
})();
