// How sure a figure is: the same formulas as the feed's.
const Z95 = 1.959963984540054;

function wilson(met, of) {
  if (!of) return [null, null];
  const share = met / of;
  const spread = Z95 ** 2 / of;
  const centre = (share + spread / 2) / (1 + spread);
  const half = Math.sqrt((spread * share * (1 - share)) + spread ** 2 / 4) / (1 + spread);
  return [Math.max(0, Math.min(centre - half, share)), Math.min(1, Math.max(centre + half, share))];
}

// The 97.5 % point of Student's law, by Hill's expansion: within 0.001 from three degrees of freedom on.
function student(freedom) {
  if (freedom === 1) return 12.7062;
  if (freedom === 2) return 4.3027;
  const z = Z95;
  const terms = [
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92160,
  ];
  return terms.reduce((sum, term, order) => sum + term / freedom ** (order + 1), z);
}

// Net promoter score, -100 to 100, and its adjusted Wald 95 % interval: as if 3/4 promoter, 3/4 detractor and 3/2 passive had answered too.
function netPromoters(values) {
  const n = values.length;
  const promoters = values.filter((value) => value >= 9).length;
  const detractors = values.filter((value) => value <= 6).length;
  const value = n ? (100 * (promoters - detractors)) / n : null;
  if (n < 2) return { n, promoters, detractors, value, low: null, high: null };
  const net = (promoters - detractors) / (n + 3);
  const half = Z95 * Math.sqrt(((promoters + detractors + 1.5) / (n + 3) - net ** 2) / (n + 3));
  return { n, promoters, detractors, value, low: Math.max(-100, Math.min(value, 100 * (net - half))), high: Math.min(100, Math.max(value, 100 * (net + half))) };
}

const LEAST_RATINGS = 10;

// Mean and Student's 95 % interval, which few or equal ratings do not allow, kept within the extremes: the lowest and highest rating that somebody gave.
function meanRating(values, extremes) {
  const n = values.length;
  const value = mean(values);
  if (n < LEAST_RATINGS || values.every((each) => each === values[0])) return { n, value, low: null, high: null };
  const variance = values.reduce((sum, each) => sum + (each - value) ** 2, 0) / (n - 1);
  const half = student(n - 1) * Math.sqrt(variance / n);
  return { n, value, low: Math.max(extremes[0], value - half), high: Math.min(extremes[1], value + half) };
}

const rating = (measure, values) => (measure === "nps" ? netPromoters(values) : meanRating(values, DATA.meta.ratings[measure]));
