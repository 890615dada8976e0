// « Pourquoi ce chiffre ? »: the counts that make it, one after the other, and by what it was judged.
function whyBlock(filter, opinions) {
  const rows = filter.rating ? whyRating(filter.rating) : filter.irritant ? whyIrritant(filter, opinions) : whyPlace(filter, opinions);
  if (!rows.length) return null;
  const { models, taxonomy, taxonomy_fingerprint: fingerprint } = DATA.meta;
  const versions = [[say("why_model"), models.join(", ")], [say("why_taxonomy"), `${taxonomy} (${fingerprint})`]];
  return el("details", { class: "why" }, el("summary", {}, say("why")), facts([...rows, ...versions]));
}

function whyIrritant(filter, opinions) {
  const cut = chosen();
  if (!opinions.length) return editsOf(DATA.irritants[filter.irritant - 1].id);
  const of = analysed(state.month, cut);
  const verbatims = distinct(opinions);
  const share = verbatims / of;
  const told = severityOf(share, opinions);
  return [
    [say("why_opinions"), number(opinions.length)],
    [say("why_verbatims"), number(verbatims)],
    [say("why_analysed"), number(of)],
    [say("why_share"), say("why_share_formula", { verbatims: number(verbatims), analysed: number(of), share: percent(share) })],
    [say("why_interval"), shareInterval(...wilson(verbatims, of))],
    [say("why_intensity"), number(told.intensity, 2)],
    [say("why_anger"), percent(told.anger, 0)],
    [say("why_effort"), percent(told.effort, 0)],
    [say("why_churn"), percent(told.churn, 0)],
    [say("why_severity"), severityFormula(share, told)],
    ...(isFiltered() ? [] : whyTrend(DATA.irritants[filter.irritant - 1].id)),
    ...editsOf(DATA.irritants[filter.irritant - 1].id),
  ];
}

function severityFormula(share, told) {
  const terms = Object.entries(DATA.meta.severity).map(([name, weight]) => `${number(weight, 2)} × ${number(told[name], 2)}`);
  return `100 × ${number(share, 3)} × (${terms.join(" + ")}) = ${number(told.severity, 1)}`;
}

function whyTrend(id) {
  const found = rowsOf("irritants", state.month).map(published).find((row) => row.id === id);
  if (!found || found.baseline === null) return [];
  const chance = found.q === null ? [] : [[say("why_chance"), say(found.q < DATA.meta.threshold ? "why_chance_no" : "why_chance_yes", { q: number(found.q, 3), threshold: number(DATA.meta.threshold, 2) })]];
  return [[say("why_baseline"), percent(found.baseline)], ...chance, [say("why_status"), say(`status_${found.status}`)]];
}

function editsOf(id) {
  const found = DATA.meta.edits.filter((edit) => edit.about.includes(id));
  const told = found.map((edit) => say(`edit_${edit.action}`, { ...edit, into: labelOf(byId.irritants.get(edit.into) || byId.enchantments.get(edit.into)) || edit.into || "–", month: edit.month ? monthName(edit.month) : "" }));
  return [[say("why_edits"), told.join(" ; ") || say("why_no_edit")]];
}

function whyPlace(filter, opinions) {
  if (!opinions.length) return [];
  const told = tally(opinions);
  const rows = [[say("why_opinions"), number(told.opinions)], [say("why_verbatims"), number(distinct(opinions))]];
  const of = analysed(state.month, chosen());
  if (filter.enchantment) {
    const share = distinct(opinions) / of;
    rows.push([say("why_share"), say("why_share_formula", { verbatims: number(distinct(opinions)), analysed: number(of), share: percent(share) })], [say("why_interval"), shareInterval(...wilson(distinct(opinions), of))], ...editsOf(DATA.enchantments[filter.enchantment - 1].id));
  }
  rows.push([say("negative"), number(told.negative)], [say("mixed"), number(told.mixed)], [say("positive"), number(told.positive)], [say("none"), number(told.none)]);
  if (told.expressed) rows.push([say("why_net"), say("why_net_formula", { positive: told.positive, negative: told.negative, expressed: told.expressed, net: number(100 * told.net, 0, true) })]);
  return rows;
}

function whyRating(measure) {
  const told = rating(measure, ratings(state.month, chosen(), measure));
  if (!told.n) return [];
  const rows = [[say("why_n"), number(told.n)]];
  if (measure === "nps") {
    rows.push([say("why_promoters"), number(told.promoters)], [say("why_detractors"), number(told.detractors)]);
    rows.push([say("kpi_nps"), say("why_nps_formula", { promoters: told.promoters, detractors: told.detractors, n: told.n, value: number(told.value, 1, true) })]);
  } else rows.push([say("why_mean"), number(told.value, 2)]);
  const decimals = measure === "nps" ? 1 : 2;
  if (told.low !== null) rows.push([say("col_interval"), interval(told.low, told.high, (value) => number(value, decimals, measure === "nps"))]);
  return rows;
}
