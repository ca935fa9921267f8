// Compares a file with those of an issued report. The file never leaves the device: only its
// SHA-256 is computed, here, and looked up in the list on the page.
"use strict";

const drop = document.querySelector("[data-verify]");
const result = drop.querySelector("[data-result]");
const input = drop.querySelector("input[type=file]");

function tell(kind, symbol, text) {
  result.className = kind ? `verdict verdict-${kind}` : "verdict";
  result.replaceChildren();
  if (symbol) {
    const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    icon.setAttribute("class", "icon");
    icon.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    const known = document.querySelector("svg.icon use").getAttribute("href");
    use.setAttribute("href", known.replace(/#.*$/, `#${symbol}`));
    icon.append(use);
    result.append(icon);
  }
  const word = document.createElement("p");
  word.className = "verdict-word";
  word.textContent = text;
  result.append(word);
  result.hidden = false;
}

// Only the newest choice answers: a large file may still be read when the next one is dropped.
let asked = 0;

async function compare(file) {
  const mine = ++asked;
  tell("", "", drop.dataset.reading);
  let bytes;
  try {
    bytes = await file.arrayBuffer();
  } catch {
    if (mine === asked) tell("warn", "warn", drop.dataset.unreadable);
    return;
  }
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  if (mine !== asked) return;
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const rows = [...document.querySelectorAll("[data-sha256]")];
  const row = rows.find((each) => each.dataset.sha256 === hex);
  rows.forEach((each) => each.classList.toggle("hash-same", each === row));
  if (row) tell("ok", "check", drop.dataset.same.replace("{name}", row.dataset.name));
  else tell("bad", "cross", drop.dataset.different);
}

if (window.crypto && window.crypto.subtle) {
  drop.hidden = false;
  input.addEventListener("change", () => { if (input.files[0]) compare(input.files[0]); });
  // A file dropped beside the field would otherwise be opened instead of this page.
  for (const name of ["dragover", "drop"]) {
    document.addEventListener(name, (event) => event.preventDefault());
  }
  document.addEventListener("dragover", () => drop.classList.add("drop-over"));
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) drop.classList.remove("drop-over"); });
  document.addEventListener("drop", (event) => {
    drop.classList.remove("drop-over");
    const file = event.dataTransfer.files[0];
    if (file) compare(file);
  });
} else {
  document.querySelector("[data-insecure]").hidden = false;
}
