// What proves a figure: the counts behind it and the customers' own words. A key such as "irritant:IRR-0012" or "step:achat~group:colere" says which.
const FIRST_QUOTES = 12;

function selection(key) {
  const filter = {};
  for (const part of key.split("~")) {
    const [kind, code] = [part.slice(0, part.indexOf(":")), part.slice(part.indexOf(":") + 1)];
    if (kind === "irritant") filter.irritant = byId.irritants.get(code)?.place;
    else if (kind === "enchantment") filter.enchantment = byId.enchantments.get(code)?.place;
    else if (kind === "step") filter.step = byCode.steps.get(code)?.place;
    else if (kind === "emotion") filter.bits = byCode.emotions.has(code) ? bitOf(code) : undefined;
    else if (kind === "group") filter.bits = GROUPS.find((group) => group.code === code)?.bits;
    else if (kind === "bits") filter.bits = Number(code) || undefined;
    else if (kind === "rating") filter.rating = MEASURES.includes(code) ? code : undefined;
    else if (kind === "all" || kind === "residual") filter[kind] = code;
    else return null;
    if (Object.values(filter).includes(undefined)) return null;
  }
  return filter;
}

// The opinions of a key, under the filters of the page; a filter never widens what the key says.
function proofOpinions(filter) {
  const { residual, rating: measure, all, ...own } = filter;
  let found = opinionsOf(state.month, chosen()).filter((opinion) => meets(opinion, own));
  if (residual) found = found.filter((opinion) => isResidual(opinion));
  if (measure) found = found.filter((opinion) => V[measure][O.verbatim[opinion]] > -10000);
  return found;
}

// Marks of the residual come with the quotes: an opinion that names a problem and has no irritant.
const isResidual = (opinion) => !O.irritant[opinion] && Boolean(O.marks[opinion] & 32);

function panelTitle(filter) {
  const parts = [];
  if (filter.irritant) parts.push(capital(labelOf(DATA.irritants[filter.irritant - 1])));
  if (filter.enchantment) parts.push(capital(labelOf(DATA.enchantments[filter.enchantment - 1])));
  if (filter.step) parts.push(labelOf(DATA.steps[filter.step - 1]));
  if (filter.bits) parts.push(bitsLabel(filter.bits));
  if (filter.rating) parts.push(say(`kpi_${filter.rating}`));
  if (filter.all) parts.push(say(filter.all === "net" ? "kpi_net" : "all_verbatims"));
  if (filter.residual) parts.push(say("residual_title"));
  return parts.join(" · ");
}

function bitsLabel(bits) {
  const group = GROUPS.find((found) => found.bits === bits);
  return group ? labelOf(group) : DATA.emotions.filter((_, place) => bits & (1 << place)).map(labelOf).join(", ");
}

function openPanel(key) {
  const filter = selection(key);
  if (!filter) return choose({ open: "" });
  choose({ open: key });
  const opinions = proofOpinions(filter);
  const dialog = document.getElementById("panel");
  const body = el(
    "div",
    {},
    el("div", { class: "panel-head" }, el("h2", { id: "panel-title", tabindex: "-1" }, panelTitle(filter)), el("button", { type: "button", class: "close", "aria-label": say("close"), onclick: () => dialog.close() }, "×")),
    el("p", { class: "panel-counts" }, panelCounts(filter, opinions)),
    whyBlock(filter, opinions),
    el("h3", {}, say("proofs")),
    proofs(opinions),
  );
  dialog.replaceChildren(body);
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  dialog.querySelector("h2").focus();
  return undefined;
}

function panelCounts(filter, opinions) {
  const verbatims = distinct(opinions);
  const told = say("panel_of", { opinions: counted(opinions.length, "opinion"), verbatims: counted(verbatims, "verbatim"), month: monthName(DATA.months[state.month]) });
  if (!filter.irritant && !filter.enchantment) return told;
  const of = analysed(state.month, chosen());
  return `${told} · ${say("panel_share", { share: percent(verbatims / of), of: counted(of, "verbatim") })}`;
}

// The quotes of opinions that this file holds, the best evidence first.
function heldQuotes(opinions) {
  const held = opinions.map((opinion) => quoteOf.get(opinion)).filter(Boolean);
  return held.sort((one, other) => (one[10] ?? 999) - (other[10] ?? 999) || (other[6] ?? 0) - (one[6] ?? 0));
}

function proofs(opinions) {
  const held = heldQuotes(opinions);
  if (!held.length) return el("p", { class: "help" }, say("proofs_none"));
  const list = el("ol", { class: "quotes" });
  const more = el("button", { type: "button", class: "quiet" });
  const show = () => {
    const from = list.childElementCount;
    list.append(...held.slice(from, from + FIRST_QUOTES).map(quoteItem));
    const left = held.length - list.childElementCount;
    more.hidden = left <= 0;
    more.textContent = say("more", { n: Math.min(left, FIRST_QUOTES) });
    if (from) list.children[from].querySelector("summary").focus();
  };
  more.addEventListener("click", show);
  show();
  const missing = opinions.length - held.length;
  return [list, more, missing > 0 && el("p", { class: "small" }, say("proofs_missing", { n: counted(missing, "quote") }))];
}

function quoteWords([, , , [before, start, proof, end, after]], isPlain = false) {
  if (isPlain) return el("bdi", {}, start + proof + end);
  const words = [start, proof && el("mark", {}, proof), end];
  return el("bdi", {}, before && el("span", { class: "context" }, before), el("span", { class: "opinion" }, words), after && el("span", { class: "context" }, after));
}

function quoteItem(quote) {
  const [opinion, name, day, , sentimentP, irritantP, score, margin, edit, corrected] = quote;
  const verbatim = O.verbatim[opinion];
  const sentiment = sentimentOf(opinion);
  const feelings = DATA.emotions.filter((_, place) => O.emotions[opinion] & (1 << place)).map(labelOf);
  const told = [
    day && dayName(day),
    DATA.companies.length > 1 && V.company[verbatim] && DATA.companies[V.company[verbatim] - 1],
    O.step[opinion] && labelOf(DATA.steps[O.step[opinion] - 1]),
    O.theme[opinion] && labelOf(DATA.themes[O.theme[opinion] - 1]),
    feelings.join(", "),
  ].filter(Boolean);
  const rate = (value) => (value === null ? null : percent(value, 0));
  const rows = [
    [say("p_sentiment"), rate(sentimentP)],
    [say("p_irritant"), O.irritant[opinion] ? rate(irritantP) : null],
    [say("score"), score === null ? null : number(score, 2)],
    [say("margin"), margin === null ? null : number(margin, 2)],
    [say("identifier"), name],
  ].filter(([, value]) => value !== null);
  const by = [edit !== null && say("edited", { n: edit }), corrected && say("corrected")].filter(Boolean);
  return el(
    "li",
    { class: sentiment === null ? "none" : sentiment < 0 ? "bad" : sentiment > 0 ? "good" : "even" },
    el("blockquote", {}, quoteWords(quote)),
    el("p", { class: "small" }, [say(`sentiment_${String(sentiment).replace("-", "m")}`), ...told].join(" · ")),
    el("details", {}, el("summary", {}, say("detail")), facts(rows), by.length > 0 && el("p", { class: "small" }, by.join(" · "))),
  );
}

const facts = (rows) => el("dl", {}, rows.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
