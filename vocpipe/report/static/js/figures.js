// Counts under the reader's filters. Without a filter they are those of the feed: a test compares them one by one.
const NONE = {};
const sentimentOf = (opinion) => (O.marks[opinion] & 7 ? (O.marks[opinion] & 7) - 3 : null);
const bitOf = (code) => 1 << (byCode.emotions.get(code).place - 1);
const angerBits = () => bitOf("colere") | bitOf("degout");

const chosen = () => Object.fromEntries(FILTERS.filter((name) => state[name]).map((name) => [name, state[name]]));

// A filter names what an opinion must be: company, step, theme, emotion (places from 1), irritant, enchantment, bits, polarity.
function meets(opinion, filter) {
  if (filter.company && V.company[O.verbatim[opinion]] !== filter.company) return false;
  if (filter.step && O.step[opinion] !== filter.step) return false;
  if (filter.theme && O.theme[opinion] !== filter.theme) return false;
  if (filter.emotion && !(O.emotions[opinion] & (1 << (filter.emotion - 1)))) return false;
  if (filter.bits && !(O.emotions[opinion] & filter.bits)) return false;
  if (filter.irritant && O.irritant[opinion] !== filter.irritant) return false;
  if (filter.enchantment && O.enchantment[opinion] !== filter.enchantment) return false;
  return !filter.polarity || polarityOf(opinion) === filter.polarity;
}

function polarityOf(opinion) {
  const sentiment = sentimentOf(opinion);
  return sentiment === null ? "none" : sentiment < 0 ? "negative" : sentiment > 0 ? "positive" : "mixed";
}

function opinionsOf(month, filter) {
  const found = [];
  for (let opinion = V.first[monthStart[month]]; opinion < V.first[monthStart[month + 1]]; opinion += 1) if (meets(opinion, filter)) found.push(opinion);
  return found;
}

function verbatimsOf(month, company) {
  const found = [];
  for (let verbatim = monthStart[month]; verbatim < monthStart[month + 1]; verbatim += 1) if (!company || V.company[verbatim] === company) found.push(verbatim);
  return found;
}

const distinct = (opinions) => new Set(opinions.map((opinion) => O.verbatim[opinion])).size;
const mean = (values) => (values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null);

// The verbatims that a month is judged on: every one that counts, of the company when one is chosen.
const analysed = (month, filter) => (filter.company ? verbatimsOf(month, filter.company).length : DATA.verbatims[month]);

function tally(opinions) {
  const found = { opinions: opinions.length, positive: 0, negative: 0, mixed: 0, none: 0, emotions: DATA.emotions.map(() => 0) };
  for (const opinion of opinions) {
    found[polarityOf(opinion)] += 1;
    for (let place = 0; place < DATA.emotions.length; place += 1) if (O.emotions[opinion] & (1 << place)) found.emotions[place] += 1;
  }
  found.expressed = found.positive + found.negative + found.mixed;
  found.net = found.expressed ? (found.positive - found.negative) / found.expressed : null;
  return found;
}

function stepFigures(month, filter) {
  return DATA.steps
    .map((step, place) => ({ step, place: place + 1, list: opinionsOf(month, { ...filter, step: place + 1 }) }))
    .filter((row) => row.list.length && (!filter.step || filter.step === row.place))
    .map((row) => ({ ...row, ...tally(row.list), verbatims: distinct(row.list), groups: groupCounts(row.list) }));
}

const groupCounts = (opinions) => GROUPS.map((group) => opinions.filter((opinion) => O.emotions[opinion] & group.bits).length);

function grouped(opinions, column) {
  const found = new Map();
  for (const opinion of opinions) {
    const key = O[column][opinion];
    if (key && !found.has(key)) found.set(key, []);
    if (key) found.get(key).push(opinion);
  }
  return found;
}

function severityOf(share, opinions) {
  const weights = DATA.meta.severity;
  const rate = (test) => opinions.filter(test).length / opinions.length;
  const told = {
    intensity: (mean(opinions.map(sentimentOf).filter((value) => value !== null).map(Math.abs)) ?? 0) / 2,
    anger: rate((opinion) => O.emotions[opinion] & angerBits()),
    effort: rate((opinion) => O.marks[opinion] & 8),
    churn: rate((opinion) => O.marks[opinion] & 16),
  };
  const weighed = Object.keys(weights).reduce((sum, name) => sum + weights[name] * told[name], 0);
  return { ...told, severity: 100 * share * weighed };
}

function mostFrequent(counts) {
  const best = counts.indexOf(Math.max(...counts));
  return counts[best] > 0 ? best : null;
}

// Irritants of a month counted again from the opinions, the most severe first; statistics that need the whole feed are not there.
function recounted(month, filter) {
  const of = analysed(month, filter);
  const rows = [...grouped(opinionsOf(month, filter), "irritant")].map(([place, list]) => {
    const verbatims = distinct(list);
    const share = verbatims / of;
    const [low, high] = wilson(verbatims, of);
    const emotion = mostFrequent(tally(list).emotions);
    const label = DATA.irritants[place - 1];
    return { id: label.id, place, label, opinions: list.length, verbatims, share, low, high, ...severityOf(share, list), emotion: emotion === null ? null : DATA.emotions[emotion].code };
  });
  rows.sort((one, other) => other.severity - one.severity || other.opinions - one.opinions || (one.id < other.id ? -1 : 1));
  return withCumulative(rows);
}

function withCumulative(rows) {
  const total = rows.reduce((sum, row) => sum + row.severity, 0);
  let sum = 0;
  for (const row of rows) row.cumulative = total ? (sum += row.severity) / total : null;
  return rows;
}

function published(row) {
  const [month, id, opinions, verbatims, share, low, high, previous, baseline, q, found, severity, rank, cumulative, intensity, anger, effort, churn, emotion, step] = row;
  const told = byId.irritants.get(id);
  const status = found === "rising" && told.resolved_since && told.resolved_since <= month ? "back" : found; // at its former level, which is no rise
  return { id, place: told.place, label: told, opinions, verbatims, share, low, high, previous, baseline, q, status, severity, rank, cumulative, intensity, anger, effort, churn, emotion, step };
}

// Every irritant of a month that somebody speaks of.
function irritantFigures(month, filter) {
  if (Object.keys(filter).length) return recounted(month, filter);
  return rowsOf("irritants", month).map(published).filter((row) => row.opinions);
}

function enchantmentFigures(month, filter) {
  const of = analysed(month, filter);
  const rows = [...grouped(opinionsOf(month, filter), "enchantment")].map(([place, list]) => {
    const verbatims = distinct(list);
    const [low, high] = wilson(verbatims, of);
    return { place, label: DATA.enchantments[place - 1], id: DATA.enchantments[place - 1].id, opinions: list.length, verbatims, share: verbatims / of, low, high, list };
  });
  return rows.sort((one, other) => other.verbatims - one.verbatims || other.opinions - one.opinions || (one.id < other.id ? -1 : 1));
}

// The share of one irritant in every month that can be told: all of them, or those in detail when a filter is on.
function sharesOf(id, filter) {
  const isCut = Object.keys(filter).length > 0;
  return DATA.months.map((name, month) => {
    if (isCut && !hasDetail(month)) return { name, share: null };
    if (!isCut) {
      const row = rowsOf("irritants", month).find((found) => found[1] === id);
      return row ? { name, share: row[4], low: row[5], high: row[6], verbatims: row[3] } : { name, share: 0, low: 0, high: wilson(0, DATA.verbatims[month])[1], verbatims: 0 };
    }
    const of = analysed(month, filter);
    const verbatims = distinct(opinionsOf(month, { ...filter, irritant: byId.irritants.get(id).place }));
    const [low, high] = wilson(verbatims, of);
    return { name, share: of ? verbatims / of : null, low, high, verbatims };
  });
}

const MEASURES = ["nps", "stars", "csat", "ces"];
const USUAL_TOPS = { stars: 5, csat: 5, ces: 7 };

// The larger end of a scale: as declared, else the smallest usual one that holds the highest rating.
function topOf(measure) {
  const declared = DATA.meta.scales[measure];
  if (declared) return Math.max(...declared);
  const highest = Math.max(USUAL_TOPS[measure], DATA.meta.ratings[measure][1]);
  return [5, 7, 10, 20, 100].find((top) => top >= highest) ?? null;
}

// 1 when a low rating is a bad one, -1 when it is a good one, 0 when nobody said: an effort can be asked about both ways.
function directionOf(measure) {
  const [worst, best] = DATA.meta.scales[measure] || [0, measure === "ces" ? 0 : 1];
  return Math.sign(best - worst);
}

// Ratings of the verbatims that the filter leaves: those with an opinion that meets it.
function ratings(month, filter, measure) {
  const cut = Object.keys(filter).some((name) => name !== "company");
  const kept = cut ? [...new Set(opinionsOf(month, filter).map((opinion) => O.verbatim[opinion]))] : verbatimsOf(month, filter.company);
  return kept.map((verbatim) => V[measure][verbatim]).filter((value) => value > -10000).map((value) => value / 100);
}
