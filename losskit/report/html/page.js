"use strict";
// The page is complete without this: it adds the crosshair that reads charts, and the copy buttons.

const format = (value) => {
  if (value === null || value === undefined) return "not finite";
  const size = Math.abs(value);
  const text = size && (size < 1e-4 || size >= 1e6)
    ? value.toExponential(2).replace(/\.?0+e/, "e").replace("e+", "e")
    : size >= 100 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(3)));
  return text.replaceAll("-", "\u2212");
};

// A focusable layer over a plot. `move(column, row)` gets shares of the box and returns what is read there.
const reader = (figure, across, down, move, leave) => {
  const plot = figure.querySelector(".plot");
  const cover = document.createElement("div");
  const hair = document.createElement("div");
  cover.className = "cover";
  hair.className = "hair";
  hair.hidden = true;
  cover.append(hair);
  plot.append(cover);
  const title = figure.querySelector("figcaption strong").textContent;
  for (const [name, value] of Object.entries({
    tabindex: 0, role: "slider", "aria-label": `Read values: ${title}`, "aria-valuemin": 0, "aria-valuemax": 100,
    "aria-valuenow": 100, "aria-valuetext": "use the arrow keys",
  })) cover.setAttribute(name, value);
  let x = 1, y = 0;
  const show = () => {
    const read = move(x, y);
    hair.hidden = false;
    hair.style.left = `${100 * read.at}%`;
    hair.dataset.step = read.step;
    hair.classList.toggle("late", read.at > 0.5);
    cover.setAttribute("aria-valuenow", Math.round(100 * read.at));
    cover.setAttribute("aria-valuetext", `step ${read.step}: ${read.text}`);
  };
  const hide = () => { hair.hidden = true; leave(); };
  cover.addEventListener("pointermove", (event) => {
    const box = cover.getBoundingClientRect();
    x = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    y = Math.min(1, Math.max(0, (event.clientY - box.top) / box.height));
    show();
  });
  cover.addEventListener("pointerleave", hide);
  cover.addEventListener("blur", hide);
  cover.addEventListener("keydown", (event) => {
    const by = event.shiftKey ? 10 : 1;
    const moves = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
      Home: [-1 / across, 0], End: [1 / across, 0] };
    if (!(event.key in moves)) return;
    event.preventDefault();
    x = Math.min(1, Math.max(0, x + moves[event.key][0] * across));
    y = Math.min(1 - down / 2, Math.max(down / 2, y + moves[event.key][1] * down));
    show();
  });
};

for (const figure of document.querySelectorAll("figure.chart")) {
  const source = figure.querySelector('script[type="application/json"]');
  if (!source) continue;
  const data = JSON.parse(source.textContent);
  const [first, last] = data.x;
  if (data.lines) {
    const values = [...figure.querySelectorAll(".legend [data-value]")];
    const rest = values.map((value) => value.textContent);
    reader(figure, 0.01, 1, (x) => {
      const wanted = first + x * (last - first);
      let step = null; // the measured step that is nearest in any series
      for (const [steps] of data.lines)
        for (const one of steps) if (step === null || Math.abs(one - wanted) < Math.abs(step - wanted)) step = one;
      const texts = data.lines.map(([steps, measured], index) => {
        let at = -1;
        while (at + 1 < steps.length && steps[at + 1] <= step) at += 1;
        values[index].textContent = at < 0 ? "\u2013" : format(measured[at]);
        return `${values[index].parentElement.textContent}`;
      });
      return { at: (step - first) / (last - first), step: step.toLocaleString("en-US"), text: texts.join(", ") };
    }, () => values.forEach((value, index) => { value.textContent = rest[index]; }));
  } else {
    const names = [...figure.querySelectorAll(".names span")].map((name) => name.title);
    const rows = data.cells.length, columns = data.cells[0].length;
    const output = figure.querySelector(".reading");
    reader(figure, 1 / columns, 1 / rows, (x, y) => {
      const column = Math.min(columns - 1, Math.floor(x * columns)), row = Math.min(rows - 1, Math.floor(y * rows));
      const text = `${names[row]}: ${format(data.cells[row][column])}`;
      output.textContent = text;
      const step = Math.round(first + (column + 0.5) / columns * (last - first)).toLocaleString("en-US");
      return { at: (column + 0.5) / columns, step, text };
    }, () => { output.textContent = ""; });
  }
}

for (const button of document.querySelectorAll("button.copy")) {
  button.hidden = false;
  const code = button.parentElement.querySelector("code");
  const label = button.textContent;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch { // not allowed here: select it, so that the reader's own copy command takes it
      getSelection().selectAllChildren(code);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}
