// What a reader in a hurry keeps: the headline, five sentences, alerts, the figures of the month.
const story = () => DATA.stories[language][DATA.months[state.month]];

function hero() {
  return el(
    "div",
    { class: "hero" },
    el("p", { class: "eyebrow" }, [say("title"), companyName()].filter(Boolean).join(" · ")),
    el("h1", {}, capital(monthName(DATA.months[state.month]))),
    !isFiltered() && el("p", { class: "headline" }, linked(story().headline)),
    navigation(),
  );
}

function navigation() {
  const shown = ["essentials", "journey", "irritants", "trends", "emotions", "ratings", "praise", "quality"].filter((name) => !isFiltered() || !["essentials", "ratings"].includes(name));
  const go = (name) => (event) => {
    event.preventDefault();
    document.getElementById(name).scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    document.getElementById(`${name}-title`).setAttribute("tabindex", "-1");
    document.getElementById(`${name}-title`).focus({ preventScroll: true });
  };
  return el("nav", { "aria-label": say("sections") }, shown.map((name) => el("a", { href: `#${name}`, onclick: go(name) }, say(`nav_${name}`))));
}

// A sentence in which every irritant or enchantment named between quotation marks opens what proves it.
function linked(sentence) {
  const [open, close] = quoted("\n").split("\n");
  return sentence.split(open).flatMap((part, place) => {
    if (!place) return [part];
    const end = part.indexOf(close);
    const [label, rest] = [part.slice(0, end), part.slice(end + close.length)];
    const key = keyOfLabel(label);
    return [key ? opener(key, { class: "inline" }, open + label + close) : open + label + close, rest];
  });
}

// Several may have the same label, one merged into the other: first what the month speaks of, then what is not put aside.
function keyOfLabel(label) {
  const same = (row) => labelOf(row).toLowerCase() === label.toLowerCase();
  const found = ["irritant", "enchantment"].flatMap((kind) => DATA[`${kind}s`].map((row, place) => ({ row, kind, place: place + 1 })).filter(({ row }) => same(row)));
  const isMet = ({ kind, place }) => found.length > 1 && opinionsOf(state.month, { [kind]: place }).length > 0;
  const best = found.find(isMet) || found.find(({ row }) => !["merged", "split"].includes(row.status)) || found[0];
  if (best) return `${best.kind}:${best.row.id}`;
  const step = DATA.steps.find(same);
  return step ? `step:${step.code}` : null;
}

const ALERTS = 4;

function essentials() {
  if (isFiltered()) return null;
  const alerts = rowsOf("alerts", state.month);
  return el(
    "div",
    { class: "opening" },
    section("essentials", say("essentials"), null, el("ol", { class: "sentences" }, story().sentences.map((sentence) => el("li", {}, linked(sentence))))),
    section("alerts", say("alerts"), null, alerts.length ? folded(alerts.map(alert), ALERTS, "alerts") : el("p", { class: "help" }, say("alerts_none"))),
  );
}

function alert([, kind, irritant, level, french, english]) {
  const message = language === "fr" ? french : english;
  return el(
    "li",
    { class: level },
    el("span", { class: `pill ${level}` }, say(`level_${level}`)),
    opener(irritant ? `irritant:${irritant}` : `residual:${kind}`, { class: "inline" }, capital(message)),
  );
}

function kpis() {
  const filter = chosen();
  const opinions = opinionsOf(state.month, filter);
  const cards = [volumeCard(filter, opinions), netCard(filter, opinions)];
  for (const measure of MEASURES) {
    const values = ratings(state.month, filter, measure);
    if (values.length) cards.push(ratingCard(measure, values, filter));
  }
  return el("div", { class: "kpis" }, cards);
}

const overMonths = (figure) => DATA.months.map((_, month) => (hasDetail(month) && month <= state.month ? figure(month) : null)).filter((value, month) => month >= DATA.detail && month <= state.month);

function card(key, title, figure, note, extra, values, format) {
  const before = values.length > 1 ? values.at(-2) : null;
  const change = before === null || values.at(-1) === null ? null : values.at(-1) - before;
  const month = monthName(DATA.months[Math.max(0, state.month - 1)]);
  const same = change !== null && !/[1-9]/.test(format(change));
  return opener(
    key,
    { class: "kpi" },
    el("span", { class: "kpi-title" }, title),
    el("span", { class: "kpi-line" }, el("span", { class: "kpi-figure", id: `kpi-${key.split(":")[1]}` }, figure), sparkline(values)),
    el("span", { class: "kpi-note" }, note),
    extra,
    change !== null && el("span", { class: "kpi-change" }, say(same ? "kpi_same" : "kpi_against", { change: format(change), month })),
  );
}

function volumeCard(filter, opinions) {
  const cut = Object.keys(filter).some((name) => name !== "company");
  const count = (month) => (cut ? distinct(opinionsOf(month, filter)) : analysed(month, filter));
  const shown = cut ? distinct(opinions) : analysed(state.month, filter);
  const note = cut ? say("kpi_verbatims_cut_note", { of: number(analysed(state.month, filter)) }) : say("kpi_verbatims_note");
  return card("all:verbatims", say(cut ? "kpi_verbatims_cut" : "kpi_verbatims"), number(shown), note, null, overMonths(count), (change) => number(change, 0, true));
}

function netCard(filter, opinions) {
  const told = tally(opinions);
  const figure = told.net === null ? "–" : number(100 * told.net, 0, true);
  const split = told.expressed ? splitBar(told) : null;
  const values = overMonths((month) => tally(opinionsOf(month, filter)).net).map((net) => (net === null ? null : 100 * net));
  return card("all:net", say("kpi_net"), figure, say("kpi_net_note"), split, values, (change) => number(change, 0, true));
}

function splitBar(told) {
  const share = (count) => count / told.opinions;
  const label = say("bar", { negative: told.negative, mixed: told.mixed, positive: told.positive, none: told.none });
  const parts = [["bad", told.negative], ["even", told.mixed], ["void", told.none], ["good", told.positive]];
  return el("span", { class: "split", role: "img", "aria-label": label, title: label }, parts.map(([kind, count]) => count > 0 && el("span", { class: kind, "--share": share(count) })));
}

function ratingCard(measure, values, filter) {
  const told = rating(measure, values);
  const decimals = measure === "nps" ? 0 : 2;
  const signed = measure === "nps";
  const format = (value) => number(value, decimals, signed);
  const n = counted(told.n, "rating");
  const note = measure === "nps" ? say("kpi_nps_note", { n }) : say("kpi_mean_note", { n, scale: topOf(measure) ? say("kpi_scale", { high: number(topOf(measure)) }) : "" });
  const bounds = told.low === null ? null : el("span", { class: "kpi-bounds" }, say("kpi_interval", { low: format(told.low), high: format(told.high) }));
  const over = overMonths((month) => rating(measure, ratings(month, filter, measure)).value);
  return card(`rating:${measure}`, say(`kpi_${measure}`), format(told.value), note, bounds, over, (change) => number(change, decimals, true));
}
