// What every chart shares: colours of the page, one size per container, and a table of the same figures behind it.
const charts = new Set();
const watcher = new ResizeObserver((entries) => entries.forEach(({ target }) => redraw(target)));

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const isNarrow = (width) => width < 520;

// The Okabe-Ito palette, told apart with every colour vision.
const EMOTION_COLOURS = { joie: "#e69f00", gratitude: "#009e73", surprise: "#56b4e9", tristesse: "#0072b2", deception: "#5b8db8", peur: "#cc79a7", frustration: "#e08a4f", colere: "#d55e00", degout: "#7a6a5f" };

// draw(width) gives the options of ECharts; onselect gets what was clicked.
function chart(label, height, draw, onselect) {
  const box = el("div", { class: "chart", role: "img", "aria-label": label, "--height": typeof height === "number" ? `${height}px` : undefined });
  box.plan = { draw, height, onselect };
  watcher.observe(box);
  return box;
}

function redraw(box) {
  const { draw, height, onselect } = box.plan;
  const width = box.clientWidth;
  if (!width || !box.isConnected) return;
  if (typeof height === "function") box.style.setProperty("--height", `${height(width)}px`);
  if (!box.drawn) {
    box.drawn = echarts.init(box, null, { renderer: "svg", width, height: box.clientHeight });
    charts.add(box);
    if (onselect) box.drawn.on("click", onselect);
  }
  box.drawn.resize({ width, height: box.clientHeight });
  box.drawn.setOption({ ...base(), ...draw(width) }, true);
}

function base() {
  return {
    animation: false,
    aria: { enabled: false, decal: { show: false } },
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: colour("text") },
  };
}

// On paper charts are light, and as wide as the sheet leaves them.
function toPaper() {
  shadeOnScreen = document.documentElement.dataset.shade;
  document.documentElement.dataset.shade = "light";
  document.querySelectorAll("main details").forEach((node) => (node.open = true));
  for (const box of charts) {
    redraw(box);
    box.querySelector("svg").setAttribute("viewBox", `0 0 ${box.drawn.getWidth()} ${box.drawn.getHeight()}`);
    box.classList.add("on-paper");
  }
}

let shadeOnScreen;

function fromPaper() {
  if (shadeOnScreen) document.documentElement.dataset.shade = shadeOnScreen;
  else delete document.documentElement.dataset.shade;
  render();
}

function dropCharts() {
  watcher.disconnect();
  for (const box of charts) box.drawn.dispose();
  charts.clear();
}

// Rich text, never HTML: a label may hold what a customer wrote.
const tooltip = (formatter) => ({
  renderMode: "richText",
  confine: true,
  backgroundColor: colour("panel"),
  borderColor: colour("line"),
  textStyle: { color: colour("text"), fontSize: 13 },
  formatter,
});

const quietAxis = () => ({ axisLine: { show: false }, axisTick: { show: false }, axisLabel: { color: colour("soft"), fontSize: 12 }, splitLine: { lineStyle: { color: colour("line") } } });

// A wide table scrolls in a place of its own, which the keyboard reaches.
function scroller(name, kind, ...children) {
  return el("div", { class: `scroll ${kind}`, tabindex: "0", role: "region", "aria-label": say("table_label", { name }) }, children);
}

function behind(name, ...children) {
  return el("details", { class: "behind" }, el("summary", {}, say("table_of")), scroller(name, "", children));
}

// heads: [label, isNumber, class]; a cell is a text or a node; a "wide" column is left out on a phone.
function table(caption, heads, rows, kind = "") {
  return el(
    "table",
    { class: kind },
    el("caption", { class: "hidden" }, caption),
    el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col", class: classOf(head) }, head[0])))),
    el("tbody", {}, rows.map((cells) => el("tr", {}, cells.map((cell, place) => cellOf(cell, place, heads[place]))))),
  );
}

const classOf = ([, isNumber, kind]) => [isNumber && "number", kind].filter(Boolean).join(" ") || null;

const cellOf = (cell, place, head) => el(place ? "td" : "th", { scope: place ? null : "row", class: classOf(head) }, cell);
