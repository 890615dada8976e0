// Irritants: which weigh most, how they move.
const PARETO = 10;
let showsAll = false;

function irritants() {
  const rows = irritantFigures(state.month, chosen());
  if (!rows.length) return section("irritants", say("irritants"), say("irritants_help"), el("p", { class: "help" }, say("no_opinion")));
  const top = rows.slice(0, PARETO);
  const head = Math.min(3, rows.length);
  return section(
    "irritants",
    say("irritants"),
    say("irritants_help"),
    el(
      "div",
      { class: "card" },
      el("p", { class: "reading" }, say(head === 1 ? "pareto_reading_one" : "pareto_reading", { n: head, share: percent(rows[head - 1].cumulative ?? 0, 0), whole: say(isFiltered() ? "severity_selection" : "severity_month") })),
      chart(say(head === 1 ? "pareto_chart_one" : "pareto_chart", { n: top.length }), (width) => 50 + (isNarrow(width) ? 40 : 34) * top.length, (width) => paretoOptions(top, width), (item) => openPanel(`irritant:${top[item.dataIndex].id}`)),
    ),
    irritantTable(rows),
  );
}

function irritantTable(rows) {
  const shown = showsAll ? rows : rows.slice(0, PARETO);
  const heads = [[say("col_irritant")], [say("severity"), true], [say("col_share"), true], [say("col_interval"), true, "wide"], [say("col_verbatims"), true, "wide"], ...(isFiltered() ? [] : [[say("col_change"), true, "wide"]]), [say("col_emotion"), false, "wide"], [say("col_cumulative"), true, "wide"]];
  const body = shown.map((row) => [
    el("span", { class: "named" }, opener(`irritant:${row.id}`, { class: "name" }, capital(labelOf(row.label))), pill(row.status)),
    number(row.severity, 1),
    percent(row.share),
    shareInterval(row.low, row.high),
    number(row.verbatims),
    ...(isFiltered() ? [] : [row.baseline === null ? "–" : points(row.share - row.baseline)]),
    row.emotion ? labelOf(byCode.emotions.get(row.emotion)) : "–",
    row.cumulative === null ? "–" : percent(row.cumulative, 0),
  ]);
  const toggle = () => {
    showsAll = !showsAll;
    render("show-all");
  };
  return [
    scroller(say("irritants"), "card", table(say("irritants"), heads, body, "ranking")),
    el("p", { class: "small after wide" }, !isFiltered() && say("change_help")),
    rows.length > PARETO && el("button", { type: "button", class: "quiet", id: "show-all", onclick: toggle }, showsAll ? say("show_less") : say("show_all", { n: rows.length })),
  ];
}

const TRENDS = 6;

function trends() {
  if (DATA.months.length < 2) return section("trends", say("trends"), null, el("p", { class: "help" }, say("trends_one")));
  const filter = chosen();
  const rows = irritantFigures(state.month, filter).slice(0, TRENDS);
  const all = rows.map((row) => sharesOf(row.id, filter));
  const highest = Math.max(0.02, ...all.flat().map((point) => point.high ?? 0));
  const multiples = rows.map((row, place) => {
    const name = capital(labelOf(row.label));
    return el(
      "article",
      { class: "card multiple" },
      el("h3", {}, opener(`irritant:${row.id}`, { class: "name" }, name), pill(row.status)),
      chart(say("trends_chart", { name }), 150, () => trendOptions(all[place], highest)),
    );
  });
  const heads = [[say("col_irritant")], ...DATA.months.map((name) => [monthName(name, true), true])];
  const body = rows.map((row, place) => [labelOf(row.label), ...all[place].map((point) => (point.share === null ? "–" : `${percent(point.share)} (${shareInterval(point.low, point.high)})`))]);
  return section("trends", say("trends"), say("trends_help"), el("div", { class: "multiples" }, multiples), behind(say("trends"), table(say("trends"), heads, body)), !filter.company && isFiltered() && olderMonths(), leftOut());
}

const olderMonths = () => DATA.detail > 0 && el("p", { class: "small" }, say("older_months", { month: monthName(DATA.months[DATA.detail]) }));
const leftOut = () => DATA.left_out > 0 && el("p", { class: "small" }, say("left_out", { month: monthName(DATA.months[0]) }));

const CHANGES = 6;

function changes() {
  if (isFiltered()) return null;
  const rows = rowsOf("irritants", state.month).map(published);
  if (!state.month && !DATA.left_out) return section("changes", say("changes"), null, el("p", { class: "help" }, say("changes_first")));
  const of = (status, told) => rows.filter((row) => row.status === status).map((row) => [row, told(row)]);
  const moved = (row) => say("change_moves", { share: percent(row.share), baseline: percent(row.baseline ?? 0) });
  const back = of("back", (row) => say("change_back", { share: percent(row.share), month: monthName(row.label.resolved_since) }));
  const columns = [
    ["new", of("new", (row) => say("change_new", { share: percent(row.share) }))],
    ...(back.length ? [["back", back]] : []),
    ["rising", of("rising", moved)],
    ["falling", of("falling", moved)],
    ["resolved", gone()],
  ];
  const item = ([row, told]) => el("li", {}, opener(`irritant:${row.id}`, { class: "name" }, capital(labelOf(row.label))), el("span", { class: "small" }, told));
  const column = ([name, found]) => el("div", { class: `card change ${name}` }, el("h3", {}, say(`changes_${name}`), el("span", { class: "count" }, number(found.length))), found.length ? folded(found.map(item), CHANGES) : el("p", { class: "small" }, say("changes_nothing")));
  return section("changes", say("changes"), say("changes_help"), el("div", { class: "columns" }, columns.map(column)));
}

// What nobody speaks of any more, or what a person put aside.
function gone() {
  const names = { resolved: 1, dormant: 1, merged: 1, split: 1 };
  return rowsOf("movements", state.month)
    .filter(([, , movement, opinions, before]) => names[movement] && (movement === "resolved" || (opinions === 0 && before > 0)))
    .map(([, id, movement, , before, other]) => {
      const row = byId.irritants.get(id);
      const values = { month: monthName(row.resolved_since || ""), before: counted(before, "opinion"), other: labelOf(byId.irritants.get(other)) };
      return [{ id, label: row }, say(`change_${movement}`, values)];
    });
}
