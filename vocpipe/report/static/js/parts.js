// The frame: title bar, filters, sections.
function topBar() {
  return el(
    "header",
    { class: "top" },
    el("a", { class: "skip", href: "#content", onclick: (event) => (event.preventDefault(), document.getElementById("content").focus()) }, say("skip")),
    el("div", { class: "brand" }, el("span", { class: "dot", "aria-hidden": "true" }), say("title")),
    el(
      "div",
      { class: "switches" },
      el("button", { type: "button", class: "quiet", id: "language", lang: language === "fr" ? "en" : "fr", title: say("language_label"), onclick: switchLanguage }, say("language_switch")),
      el("button", { type: "button", class: "quiet", id: "shade", onclick: switchShade }, say(isDark() ? "light" : "dark")),
    ),
  );
}

function switchLanguage() {
  language = language === "fr" ? "en" : "fr";
  choose({});
  render("language");
}

const isDark = () => (document.documentElement.dataset.shade || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

function switchShade() {
  document.documentElement.dataset.shade = isDark() ? "light" : "dark";
  render("shade");
}

function companyName() {
  const names = DATA.companies;
  return names.length === 0 || names.length > 3 ? (names.length ? counted(names.length, "company") : "") : names.join(", ");
}

function filterBar() {
  const selects = [
    monthSelect(),
    DATA.companies.length > 1 && picker("company", "all_companies", DATA.companies),
    picker("step", "all_steps", DATA.steps.map(labelOf)),
    picker("theme", "all_themes", DATA.themes.map(labelOf)),
    picker("emotion", "all_emotions", DATA.emotions.map(labelOf)),
  ];
  const count = FILTERS.filter((name) => state[name]).length;
  return el(
    "div",
    { class: "filters", role: "search", "aria-label": say("filters") },
    selects[0],
    el(
      "details",
      { class: "more-filters", open: filtersOpen, ontoggle: (event) => (filtersOpen = event.target.open) },
      el("summary", {}, say("filters") + (count ? ` (${count})` : "")),
      el("div", { class: "pickers" }, selects.slice(1), count > 0 && el("button", { type: "button", class: "quiet", id: "reset", onclick: resetFilters }, say("reset"))),
    ),
  );
}

let filtersOpen = matchMedia("(min-width: 760px)").matches;

function resetFilters() {
  choose(Object.fromEntries(FILTERS.map((name) => [name, 0])));
  render("step");
}

function monthSelect() {
  const shown = DATA.months.map((name, place) => ({ name, place })).slice(DATA.detail).reverse();
  const to = (month, id) => ({ type: "button", class: "arrow", id, disabled: month < DATA.detail || month >= DATA.months.length, onclick: () => (choose({ month }), render(id)) });
  return el(
    "div",
    { class: "months" },
    el("button", { ...to(state.month - 1, "before"), "aria-label": say("month_previous") }, "‹"),
    el(
      "select",
      { id: "month", "aria-label": say("month"), onchange: (event) => (choose({ month: Number(event.target.value) }), render("month")) },
      shown.map(({ name, place }) => el("option", { value: place, selected: place === state.month }, capital(monthName(name)))),
    ),
    el("button", { ...to(state.month + 1, "after"), "aria-label": say("month_next") }, "›"),
  );
}

function picker(name, all, labels) {
  const options = [say(all), ...labels].map((label, place) => el("option", { value: place, selected: place === state[name] }, label));
  const select = el("select", { id: name, onchange: (event) => (choose({ [name]: Number(event.target.value) }), render(name)) }, options);
  return el("label", { class: state[name] ? "picker on" : "picker" }, el("span", {}, say(name)), select);
}

function filterNote() {
  if (!isFiltered()) return null;
  const names = { company: DATA.companies, step: DATA.steps.map(labelOf), theme: DATA.themes.map(labelOf), emotion: DATA.emotions.map(labelOf) };
  const told = FILTERS.filter((name) => state[name]).map((name) => `${say(name).toLowerCase()} ${quoted(names[name][state[name] - 1])}`);
  return el(
    "aside",
    { class: "note filtered", role: "status" },
    el("strong", {}, say("filtered", { what: told.join(", ") })),
    el("p", {}, say("filtered_note")),
    el("button", { type: "button", class: "quiet", onclick: resetFilters }, say("reset")),
  );
}

function section(id, title, help, ...children) {
  return el("section", { id, "aria-labelledby": `${id}-title` }, el("h2", { id: `${id}-title` }, title), help && el("p", { class: "help" }, help), children);
}

// A list whose first items are enough for most readers; the others are one click away.
function folded(items, first, kind) {
  const rest = items.slice(first);
  const list = el("ul", { class: kind }, items.slice(0, first));
  return rest.length < 2 ? el("ul", { class: kind }, items) : [list, el("details", { class: "folded" }, el("summary", {}, say("more", { n: rest.length })), el("ul", { class: kind }, rest))];
}

// A figure or a name that opens what proves it.
function opener(key, attributes, ...children) {
  return el("button", { type: "button", "data-open": key, "aria-haspopup": "dialog", ...attributes, onclick: () => openPanel(key) }, children);
}

const pill = (status) => (status && status !== "active" ? el("span", { class: `pill ${status}` }, say(`status_${status}`)) : null);

function sparkline(values) {
  const known = values.filter((value) => value !== null);
  if (known.length < 3) return null;
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const at = (value, place) => [4 + (92 * place) / (values.length - 1), 24 - (20 * (value - low)) / (high - low || 1)];
  const spots = values.map((value, place) => (value === null ? null : at(value, place))).filter(Boolean);
  const [x, y] = spots.at(-1);
  return el(
    "svg",
    { class: "spark", viewBox: "0 0 100 28", role: "img", "aria-label": say("kpi_trend", { n: known.length }) },
    el("polyline", { points: spots.map((spot) => spot.map((value) => value.toFixed(1)).join(",")).join(" "), fill: "none" }),
    el("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: 3 }),
  );
}
