// What the file holds, and what the reader has chosen. The choice lives in the address, so that it can be kept and sent.
const DATA = JSON.parse(document.getElementById("data").textContent);
const V = {}; // one value per verbatim
const O = {}; // one value per opinion
const FILTERS = ["company", "step", "theme", "emotion"];
const state = { month: DATA.months.length - 1, company: 0, step: 0, theme: 0, emotion: 0, open: "" };

async function decode() {
  const packed = Uint8Array.from(atob(DATA.columns.data), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const bytes = await new Response(stream).arrayBuffer();
  const kinds = { Uint8: Uint8Array, Uint16: Uint16Array, Int32: Int32Array };
  let at = 0;
  let target = V;
  for (const [name, kind, length] of DATA.columns.fields) {
    if (name === "marks") target = O;
    target[name] = new kinds[kind](bytes, at, length);
    at += length * kinds[kind].BYTES_PER_ELEMENT;
    at = 4 * Math.ceil(at / 4);
  }
  V.first = new Uint32Array(V.month.length + 1);
  O.verbatim = new Uint32Array(O.marks.length);
  for (let verbatim = 0; verbatim < V.month.length; verbatim += 1) {
    V.first[verbatim + 1] = V.first[verbatim] + V.opinions[verbatim];
    O.verbatim.fill(verbatim, V.first[verbatim], V.first[verbatim + 1]);
  }
  index();
}

const byId = { irritants: new Map(), enchantments: new Map() };
const byCode = { steps: new Map(), themes: new Map(), emotions: new Map() };
const GROUPS = []; // the six emotions of the scheme: { code, fr, en, bits }
const quoteOf = new Map(); // opinion -> quote
const statistics = {}; // table -> month -> rows
const monthStart = []; // first verbatim of each month, which are laid one after the other

function index() {
  for (const name of Object.keys(byId)) DATA[name].forEach((row, place) => byId[name].set(row.id, { ...row, place: place + 1 }));
  for (const name of Object.keys(byCode)) DATA[name].forEach((row, place) => byCode[name].set(row.code, { ...row, place: place + 1 }));
  DATA.emotions.forEach((row, place) => {
    let group = GROUPS.find((found) => found.code === row.group);
    if (!group) GROUPS.push((group = { code: row.group, fr: row.group_fr, en: row.group_en, bits: 0 }));
    group.bits |= 1 << place;
  });
  DATA.quotes.forEach((quote) => quoteOf.set(quote[0], quote));
  for (const [name, rows] of Object.entries(DATA.statistics)) {
    statistics[name] = new Map();
    for (const row of rows) {
      if (!statistics[name].has(row[0])) statistics[name].set(row[0], []);
      statistics[name].get(row[0]).push(row);
    }
  }
  for (let month = 0, verbatim = 0; month <= DATA.months.length; month += 1) {
    while (verbatim < V.month.length && V.month[verbatim] < month) verbatim += 1;
    monthStart.push(verbatim);
  }
}

const rowsOf = (table, month) => statistics[table].get(DATA.months[month]) || [];
const isFiltered = () => FILTERS.some((name) => state[name]);
const hasDetail = (month) => month >= DATA.detail;

const CODES = {
  company: () => DATA.companies,
  step: () => DATA.steps.map((row) => row.code),
  theme: () => DATA.themes.map((row) => row.code),
  emotion: () => DATA.emotions.map((row) => row.code),
};

function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  const month = DATA.months.indexOf(given.get("month"));
  state.month = month >= DATA.detail ? month : DATA.months.length - 1;
  for (const name of FILTERS) state[name] = CODES[name]().indexOf(given.get(name)) + 1;
  state.open = given.get("open") || "";
  if (["fr", "en"].includes(given.get("language"))) language = given.get("language");
}

function address() {
  const told = new URLSearchParams();
  told.set("month", DATA.months[state.month]);
  for (const name of FILTERS) if (state[name]) told.set(name, CODES[name]()[state[name] - 1]);
  if (language !== DATA.meta.language) told.set("language", language);
  if (state.open) told.set("open", state.open);
  return "#" + told.toString();
}

function choose(changes) {
  Object.assign(state, changes);
  history.replaceState(null, "", address());
}
