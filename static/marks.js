// Arrow keys and Enter walk down the column of marks, as in a spreadsheet.
const marks = [...document.querySelectorAll("input.mark")];
marks.forEach((field, at) => {
  field.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, Enter: 1, ArrowUp: -1 }[event.key];
    const next = step && marks[at + step];
    if (!next || event.isComposing) return;
    event.preventDefault();
    next.focus();
    next.select();
  });
});
