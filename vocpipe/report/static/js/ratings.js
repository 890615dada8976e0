// What weighs on ratings, what pleases, what was promised, and the data behind it all.
const IRRITANTS = 7;
const ENCHANTMENTS = 4;

function impact() {
  if (isFiltered()) return null;
  const measures = MEASURES.map((measure) => [measure, impactRows(measure)]).filter(([, found]) => found.rows.length);
  if (!measures.length) return section("ratings", say("ratings"), say("ratings_help"), el("p", { class: "note" }, notEnough()));
  return section("ratings", say("ratings"), say("ratings_help"), measures.map(([measure, found]) => impactCard(measure, found)));
}

// The estimates of the month, or those of all months when the month has too few ratings.
function impactRows(measure) {
  for (const period of [DATA.months[state.month], "all"]) {
    const heaviest = (statistics.impacts.get(period) || []).filter((row) => row[3] === measure).toSorted((one, other) => Math.abs(other[7]) - Math.abs(one[7]));
    const of = (kind, most) => heaviest.filter((row) => row[2] === kind).slice(0, most);
    if (heaviest.length) return { period, rows: [...of("irritant", IRRITANTS), ...of("enchantment", ENCHANTMENTS)] };
  }
  return { period: null, rows: [] };
}

function notEnough() {
  const rated = rowsOf("rated", state.month);
  const differing = rated.filter((row) => !row[4]);
  if (!differing.length) return say(rated.length ? "ratings_same" : "ratings_unrated");
  const needed = DATA.meta.impact_minimum;
  const most = Math.max(...differing.map((row) => row[2]));
  const without = differing.map((row) => row[3]).filter((value) => value !== null);
  return without.length ? say("ratings_without", { most: Math.max(...without), needed }) : say("ratings_few", { most, needed });
}

const subject = (row) => byId[row[2] === "irritant" ? "irritants" : "enchantments"].get(row[1]);

function impactCard(measure, { period, rows }) {
  const opposite = (value) => (value === null ? null : -value);
  const direction = directionOf(measure);
  const dots = rows.map((row) => ({ key: `${row[2]}:${row[1]}`, name: capital(labelOf(subject(row))), value: -row[7], low: opposite(row[9]), high: opposite(row[8]), direction }));
  const worst = rows.find((row, place) => row[2] === "irritant" && effectOf(dots[place]) < 0);
  const reading = worst && say("ratings_reading", { name: quoted(labelOf(subject(worst))), mean: number(worst[6] - worst[7], 2), without: number(worst[6], 2) });
  const heads = [[say("col_subject")], [say("col_verbatims"), true], [say("col_with"), true], [say("col_without"), true], [say("col_effect"), true], [say("col_own"), true]];
  const body = rows.map((row, place) => [
    el("span", { class: "named" }, opener(dots[place].key, { class: "name" }, dots[place].name), row[2] === "irritant" ? null : el("span", { class: "pill good" }, say("enchantment"))),
    number(row[4]),
    number(row[5], 2),
    number(row[6], 2),
    estimate(dots[place].value, dots[place].low, dots[place].high),
    estimate(row[10], row[11], row[12]),
  ]);
  return el(
    "article",
    { class: "card" },
    el("h3", {}, say(`measure_${measure}`)),
    period === "all" && el("p", { class: "small" }, say("ratings_all_months")),
    reading && el("p", { class: "reading" }, reading),
    chart(say("ratings_chart", { measure: say(`measure_${measure}`) }), (width) => 44 + (isNarrow(width) ? 46 : 34) * dots.length, (width) => forestOptions(dots, width), (item) => openPanel(dots[item.dataIndex].key)),
    behind(say("ratings_chart", { measure: say(`measure_${measure}`) }), table(say("ratings_chart", { measure: say(`measure_${measure}`) }), heads, body)),
  );
}

// 1 when a subject betters the rating beyond chance, -1 when it worsens it, 0 when nobody can tell.
function effectOf({ low, high, direction }) {
  if (low === null || high === null) return 0;
  return direction * (low > 0 ? 1 : high < 0 ? -1 : 0);
}

function estimate(value, low, high) {
  if (value === null) return "–";
  const told = number(value, 2, true);
  return low === null || high === null ? told : `${told} (${interval(low, high, (bound) => number(bound, 2, true))})`;
}

const QUOTED = 5;

function praise() {
  const rows = enchantmentFigures(state.month, chosen());
  if (!rows.length) return section("praise", say("praise"), say("praise_help"), el("p", { class: "help" }, say("praise_none")));
  const one = (row) => {
    const [best] = heldQuotes(row.list);
    return el(
      "article",
      { class: "card praised" },
      el("h3", {}, opener(`enchantment:${row.id}`, { class: "name" }, capital(labelOf(row.label)))),
      el("p", { class: "figure" }, el("strong", {}, percent(row.share)), ` ${say("of_clients")} `, el("span", { class: "small" }, `(${shareInterval(row.low, row.high)})`)),
      best && el("blockquote", {}, quoteWords(best, true)),
    );
  };
  return section("praise", say("praise"), say("praise_help"), el("div", { class: "columns broad" }, rows.slice(0, QUOTED + 1).map(one)));
}

function promises() {
  const rows = rowsOf("promises", state.month);
  if (isFiltered() || !rows.length) return null;
  const one = ([, code, label, opinions, share, target, gap, irritant]) =>
    el(
      "li",
      { class: gap !== null && gap < 0 ? "broken" : "kept" },
      el("strong", {}, label),
      el("span", { class: "gauge", "aria-hidden": "true", "--share": share ?? 0, "--target": target, "data-promise": code }, el("span", {})),
      el("span", { class: "small" }, share === null ? say("promise_silent") : say("promise_told", { share: percent(share, 0), opinions: counted(opinions, "opinion"), target: percent(target, 0) })),
      irritant && opener(`irritant:${irritant}`, { class: "name" }, capital(labelOf(byId.irritants.get(irritant)))),
    );
  return section("promises", say("promises"), say("promises_help"), el("ul", { class: "card promises" }, rows.map(one)));
}

function quality() {
  const heads = ["batch", "read", "analysed", "duplicates", "empty", "language", "no_content", "failed", "redacted", "opinions", "residual"].map((name, place) => [say(`col_${name}`), place > 0]);
  const body = DATA.statistics.quality.map((row) => [monthName(row[0]), ...row.slice(1).map((value) => (value === null ? "–" : number(value)))]);
  const [left] = rowsOf("residuals", state.month);
  const { models, taxonomy, schema_version: schema } = DATA.meta;
  return section(
    "quality",
    say("quality"),
    say("quality_help"),
    !isFiltered() && el("ul", { class: "facts" }, story().volume.map((line) => el("li", {}, line))),
    left && !isFiltered() && el("p", {}, opener("residual:residual", { class: "inline" }, say("residual_read", { n: counted(left[1], "opinion") }))),
    scroller(say("quality"), "card", table(say("quality"), heads, body)),
    olderMonths(),
    leftOut(),
    el("p", { class: "small made" }, say("made_with", { models: models.join(", "), taxonomy, schema })),
  );
}
