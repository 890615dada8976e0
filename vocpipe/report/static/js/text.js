// Words, numbers and elements. Everything that a customer or an analyst wrote goes through textContent: nothing is ever parsed as HTML.
const NARROW = "\u202f";
let language = "fr";

const words = () => (language === "fr" ? WORDS_FR : WORDS_EN);

function say(key, values = {}) {
  const template = words()[key];
  if (template === undefined) throw new Error(`no words for ${key}`);
  return spaced(template).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

// The no-break spaces of French typography.
function spaced(text) {
  if (language !== "fr") return text;
  return text.replace(/ ([;!?%»])/g, NARROW + "$1").replace(/« /g, "«" + NARROW).replace(/ :/g, "\u00a0:");
}

const quoted = (label) => (language === "fr" ? `«${NARROW}${label}${NARROW}»` : `“${label}”`);
const labelOf = (row) => (row ? row[language] || row.fr : "");

function capital(text) {
  return text.replace(/^([«“\s]*)(\p{L})/u, (_, before, letter) => before + letter.toUpperCase());
}

function number(value, decimals = 0, signed = false) {
  const rounded = Math.round(Math.abs(value) * 10 ** decimals) / 10 ** decimals;
  const [whole, part] = rounded.toFixed(decimals).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, language === "fr" ? NARROW : ",");
  const sign = value < 0 && rounded > 0 ? "−" : signed && rounded > 0 ? "+" : "";
  return sign + grouped + (part ? (language === "fr" ? "," : ".") + part : "");
}

// A share that is not zero is never said to be.
function percent(share, decimals = 1) {
  const smallest = 10 ** -decimals;
  const told = share > 0 && share < smallest / 200 ? `< ${number(smallest, decimals)}` : number(100 * share, decimals);
  return told + (language === "fr" ? NARROW + "%" : "%");
}

// Bounds that are not known are a dash.
function interval(low, high, format) {
  if (low === null || high === null) return "–";
  return say("interval", { low: format(low), high: format(high) });
}

const shareInterval = (low, high) => (low === null || high === null ? "–" : interval(100 * low, 100 * high, (value) => number(value, 1)) + (language === "fr" ? NARROW + "%" : "%"));

function counted(count, noun) {
  const plural = language === "fr" ? count >= 2 : count !== 1;
  return `${number(count)} ${say(noun + (plural ? "_many" : "_one"))}`;
}

function points(share) {
  const value = 100 * share;
  const plural = language === "fr" ? Math.abs(value) >= 1.95 : Math.abs(value).toFixed(1) !== "1.0";
  return `${number(value, 1, true)} ${say(plural ? "points_many" : "points_one")}`;
}

function monthName(month, short = false) {
  const found = /^(\d{4})-(\d\d)$/.exec(month);
  if (!found) return month;
  const names = words()[short ? "months_short" : "months"];
  return `${names[Number(found[2]) - 1]} ${short ? "’" + found[1].slice(2) : found[1]}`;
}

function dayName(day) {
  const [year, month, date] = day.split("-");
  const first = language === "fr" && date === "01";
  return `${first ? "1er" : Number(date)} ${words().months[Number(month) - 1]} ${year}`;
}

// el("p", { class: "note", "aria-label": "…", onclick: f, "--share": 0.4 }, "text", node, …)
function el(tag, attributes = {}, ...children) {
  const node = SVG_TAGS.has(tag) ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name.startsWith("--")) node.style.setProperty(name, value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const SVG_TAGS = new Set(["svg", "polyline", "circle", "path"]);
