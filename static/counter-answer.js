// Turns an answer of the scan API into what the screen shows, the words for the staff, and the one
// sentence that the diner sees and hears. Codes come from the server, words from the page.
"use strict";

(function () {
  const { fill, money, clockTime } = window.zhuheView;

  /** An answer as a card for View.answer, with `short` (a row's words), `spoken` and `aloud`. */
  function card(answer, settings) {
    const { words } = settings;
    const person = answer.person || {};
    const make = { served, already_served: already, refused }[answer.outcome] || refused;
    const made = {
      who: person.address_as || "", name: person.name || "", photo: person.photo || "",
      spoken: answer.words || "", diet: (answer.needs || []).map((need) => need.text),
      notes: (answer.notes || []).map((note) => note.text), options: [],
      ...make(answer, words, settings),
    };
    made.options = made.options.map((key) => ({ key, label: words.options[key] }));
    made.aloud = [made.title, made.who, made.copay, ...made.diet, made.message, ...made.notes].filter(Boolean).join(",");
    return made;
  }

  function served(answer, words) {
    const copay = fill(words.copay, { amount: money(answer.meal.copay_fen) });
    const way = words.ways[answer.way] || "";
    const isPaused = (answer.notes || []).some((note) => note.code === "paused");
    return {
      state: "served", title: words.states.served, copay, message: "",
      who: answer.other ? words.kinds[answer.other] : (answer.person || {}).address_as || "",
      short: [answer.other ? words.kinds[answer.other] : way, copay].filter(Boolean).join(" · "),
      options: isPaused ? ["end_pause"] : [],
    };
  }

  function already(answer, words, settings) {
    const values = {
      sitting: words.sittings[answer.sitting] || "", time: clockTime(new Date(answer.at)),
      site: answer.site_name || "",
    };
    const here = answer.site === settings.site;
    return {
      state: "already", title: words.states.already, copay: "",
      message: fill(here ? words.already_here : words.already_at, values),
      short: words.states.already, options: ["second"],
    };
  }

  function refused(answer, words, settings) {
    return {
      state: "refused", title: answer.title || words.states.refused, copay: "", message: answer.message || "",
      short: answer.title || words.states.refused, options: settings.next[answer.reason] || [],
      waits: answer.reason === "diet_block", // stays until it is dealt with, or the next scan
    };
  }

  window.zhuheAnswer = { card };
})();
