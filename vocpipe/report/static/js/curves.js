// The options of each chart.
const FEW = 10; // expressed opinions under which a balance tells nothing

function journeyOptions(rows, width) {
  const narrow = isNarrow(width);
  const largest = Math.max(...rows.map((row) => row.opinions));
  const places = rows.map((_, place) => place);
  const named = { customValues: places, formatter: (place) => (rows[place] ? labelOf(rows[place].step) : ""), color: colour("text"), fontSize: 12, margin: 24 };
  const steps = { type: "value", min: -0.5, max: rows.length - 0.5, inverse: narrow, ...quietAxis(), splitLine: { show: false }, axisLabel: named };
  const balance = { type: "value", min: -100, max: 100, interval: 50, ...quietAxis(), axisLabel: { color: colour("soft"), margin: narrow ? 10 : 14, formatter: (value) => number(value, 0, true) } };
  const at = (place, value) => (narrow ? [value, place] : [place, value]);
  const solid = rows.map((row, place) => (row.net === null ? null : at(place, 100 * row.net))).filter(Boolean);
  const curve = { type: "line", data: solid, smooth: 0.35, smoothMonotone: narrow ? "y" : "x", symbol: "none", silent: true, z: 2, lineStyle: { color: colour("soft"), width: 2, opacity: 0.45 }, markArea: phaseBands(rows, narrow), markLine: zeroLine(narrow) };
  return {
    grid: { left: narrow ? 112 : 52, right: narrow ? 40 : 16, top: narrow ? 8 : 44, bottom: narrow ? 28 : 48 },
    xAxis: narrow ? balance : steps,
    yAxis: narrow ? steps : balance,
    tooltip: { ...tooltip((item) => journeyTip(rows[item.dataIndex])), trigger: "item" },
    series: [curve, { type: "scatter", cursor: "pointer", clip: false, z: 4, data: places.map((place) => journeyDot(rows[place], at(place, 100 * (rows[place].net ?? 0)), largest, narrow)) }],
  };
}

function journeyTip(row) {
  const balance = row.expressed < FEW ? say("too_few", { n: FEW }) : number(100 * row.net, 0, true);
  return `${labelOf(row.step)}\n${say("col_net")}\u00a0: ${balance}\n${counted(row.opinions, "opinion")}`;
}

function journeyDot(row, value, largest, narrow) {
  const few = row.expressed < FEW;
  const shade = row.net > 0.05 ? colour("good") : row.net < -0.05 ? colour("bad") : colour("soft");
  return {
    value,
    symbolSize: 12 + (narrow ? 22 : 34) * Math.sqrt(row.opinions / largest),
    itemStyle: { color: few ? colour("panel") : shade, borderColor: shade, borderWidth: few ? 2 : 0, opacity: 1 },
    label: { show: !few, position: narrow ? "right" : "top", formatter: number(100 * row.net, 0, true), color: colour("text"), fontWeight: 600, fontSize: 13 },
  };
}

const zeroLine = (narrow) => ({ silent: true, symbol: "none", label: { show: false }, lineStyle: { color: colour("soft"), type: "solid", width: 1 }, data: [narrow ? { xAxis: 0 } : { yAxis: 0 }] });

function phaseBands(rows, narrow) {
  if (narrow) return undefined;
  const phases = [];
  rows.forEach((row, place) => {
    const last = phases.at(-1);
    const name = row.step.phase ? row.step[`phase_${language}`] : "";
    if (last && last.code === row.step.phase) last.to = place;
    else phases.push({ code: row.step.phase, name, from: place, to: place });
  });
  const band = (phase, order) => [
    { xAxis: phase.from - 0.5, name: phase.name, itemStyle: { color: order % 2 ? "transparent" : colour("band") }, label: { position: "insideTop", distance: -30, color: colour("soft"), fontSize: 12, fontWeight: 600 } },
    { xAxis: phase.to + 0.5 },
  ];
  return { silent: true, data: phases.map(band) };
}

// Severity on the left; on the right, how much of the whole the first ones hold together. A phone has the bars alone, with both figures in words.
function paretoOptions(rows, width) {
  const narrow = isNarrow(width);
  const names = rows.map((row) => capital(labelOf(row.label)));
  const told = (row) => `${number(row.severity, 1)}  (${percent(row.cumulative ?? 0, 0)})`;
  const categories = { type: "category", inverse: true, data: names, ...quietAxis() };
  const bars = {
    type: "bar",
    data: rows.map((row) => row.severity),
    barWidth: narrow ? 10 : "52%",
    cursor: "pointer",
    itemStyle: { color: colour("accent"), borderRadius: [0, 4, 4, 0] },
    label: narrow
      ? { show: true, position: [0, -17], formatter: (item) => `${names[item.dataIndex]}  ${told(rows[item.dataIndex])}`, color: colour("text"), fontSize: 12, width: width - 20, overflow: "truncate" }
      : { show: true, position: "right", formatter: (item) => number(item.value, 1), color: colour("text"), fontWeight: 600, fontSize: 13 },
  };
  const line = {
    type: "line",
    xAxisIndex: 1,
    yAxisIndex: 1,
    data: rows.map((row, place) => [row.cumulative, place]),
    symbol: "circle",
    symbolSize: 7,
    silent: true,
    lineStyle: { color: colour("soft"), width: 1.5 },
    itemStyle: { color: colour("soft") },
    label: { show: true, position: "right", formatter: (item) => percent(item.value[0], 0), color: colour("soft"), fontSize: 12 },
  };
  const hidden = { type: "value", show: false, min: 0 };
  const title = (name) => ({ name, nameLocation: "start", nameGap: 10, nameTextStyle: { color: colour("soft"), fontSize: 12, align: "left" } });
  const left = { ...categories, ...title(narrow ? "" : say("severity")), axisLabel: { show: !narrow, color: colour("text"), fontSize: 13, width: 216, overflow: "truncate" } };
  return {
    grid: narrow ? { left: 4, right: 8, top: 22, bottom: 0 } : [{ left: 232, right: "36%", top: 30, bottom: 6 }, { left: "70%", right: 48, top: 30, bottom: 6 }],
    xAxis: narrow ? hidden : [hidden, { ...hidden, max: 1, gridIndex: 1 }],
    yAxis: narrow ? left : [left, { ...categories, ...title(say("pareto_line")), gridIndex: 1, axisLabel: { show: false } }],
    tooltip: tooltip((item) => `${names[item.dataIndex]}\n${say("severity")}\u00a0: ${number(rows[item.dataIndex].severity, 1)}\n${say("col_cumulative")}\u00a0: ${percent(rows[item.dataIndex].cumulative ?? 0, 0)}`),
    series: narrow ? [bars] : [bars, line],
  };
}

// The round step that reaches the highest value in at most three.
const roundStep = (highest) => [0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5].find((step) => 3 * step >= highest) ?? 0.5;

function trendOptions(series, highest) {
  const known = series.filter((row) => row.share !== null);
  const step = roundStep(highest);
  return {
    grid: { left: 40, right: 14, top: 12, bottom: 24 },
    xAxis: { type: "category", boundaryGap: known.length < 2, data: known.map((row) => monthName(row.name, true)), ...quietAxis() },
    yAxis: { type: "value", min: 0, max: step * Math.ceil(highest / step - 1e-9), interval: step, ...quietAxis(), axisLabel: { color: colour("soft"), fontSize: 11, formatter: (value) => percent(value, 0) } },
    tooltip: { ...tooltip((items) => trendTip(known[items[0].dataIndex])), trigger: "axis", axisPointer: { lineStyle: { color: colour("line") } } },
    series: [
      { type: "line", stack: "band", data: known.map((row) => row.low), symbol: "none", lineStyle: { opacity: 0 }, silent: true },
      { type: "line", stack: "band", data: known.map((row) => row.high - row.low), symbol: "none", lineStyle: { opacity: 0 }, areaStyle: { color: colour("accent"), opacity: 0.16 }, silent: true },
      { type: "line", data: known.map((row) => row.share), symbol: "circle", symbolSize: 7, lineStyle: { color: colour("accent"), width: 2.5 }, itemStyle: { color: colour("accent") } },
    ],
  };
}

const trendTip = (row) => `${capital(monthName(row.name))}\n${percent(row.share)} (${shareInterval(row.low, row.high)})\n${counted(row.verbatims, "verbatim")}`;

// counts: one number per fine emotion; size: of the box, in pixels
function wheelOptions(counts, total, size) {
  const leaf = (place) => ({ name: labelOf(DATA.emotions[place]), value: counts[place], bits: 1 << place, ...painted(DATA.emotions[place].code) });
  const families = GROUPS.map((group) => {
    const places = DATA.emotions.map((_, place) => place).filter((place) => group.bits & (1 << place) && counts[place]);
    const biggest = places.toSorted((one, other) => counts[other] - counts[one])[0];
    return { name: labelOf(group), bits: group.bits, children: places.map(leaf), ...painted(EMOTION_COLOURS[group.code] ? group.code : DATA.emotions[biggest]?.code) };
  }).filter((family) => family.children.length);
  return {
    tooltip: tooltip((item) => `${item.name}\n${number(item.value)} (${percent(item.value / total, 0)})`),
    series: {
      type: "sunburst",
      data: families,
      radius: ["24%", "96%"],
      nodeClick: false,
      sort: undefined,
      cursor: "pointer",
      itemStyle: { borderColor: colour("panel"), borderWidth: 2 },
      label: { minAngle: 17, fontSize: size < 340 ? 10 : 12, rotate: "radial", overflow: "truncate", formatter: (item) => item.name },
      levels: [{}, { r0: "24%", r: "58%", label: { fontWeight: 600, width: 0.165 * size } }, { r0: "59%", r: "96%", itemStyle: { opacity: 0.82 }, label: { width: 0.18 * size } }],
    },
  };
}

const DARK_COLOURS = new Set(["tristesse", "degout"]);
const painted = (code) => ({ itemStyle: { color: EMOTION_COLOURS[code] }, label: { color: DARK_COLOURS.has(code) ? "#fff" : "#111" } });

// rows: { name, value, low, high, direction }; bounds may be null
function forestOptions(rows, width) {
  const narrow = isNarrow(width);
  const whisker = (_, api) => {
    const [low, high] = [api.coord([api.value(1), api.value(0)]), api.coord([api.value(2), api.value(0)])];
    return { type: "line", shape: { x1: low[0], y1: low[1], x2: high[0], y2: high[1] }, style: { stroke: colour("soft"), lineWidth: 3, lineCap: "round" } };
  };
  const above = { inside: true, margin: 0, fontSize: 12, width: width - 60, align: "left", verticalAlign: "bottom", padding: [0, 0, 13, 0] };
  const beside = { fontSize: 13, width: 216 };
  const shade = (row) => colour({ "-1": "bad", 1: "good" }[effectOf(row)] ?? "soft");
  return {
    grid: { left: narrow ? 8 : 232, right: 24, top: narrow ? 18 : 8, bottom: 28 },
    xAxis: { type: "value", splitNumber: narrow ? 2 : 4, ...quietAxis(), axisLabel: { color: colour("soft"), hideOverlap: true, formatter: (value) => number(value, 2, true) } },
    yAxis: { type: "category", inverse: true, data: rows.map((row) => row.name), ...quietAxis(), axisLabel: { ...(narrow ? above : beside), color: colour("text"), overflow: "truncate" } },
    tooltip: tooltip((item) => `${rows[item.dataIndex].name}\n${estimate(rows[item.dataIndex].value, rows[item.dataIndex].low, rows[item.dataIndex].high)}`),
    series: [
      { type: "custom", renderItem: whisker, data: rows.map((row, place) => [place, row.low ?? row.value, row.high ?? row.value]), encode: { x: [1, 2], y: 0 }, silent: true, markLine: zeroLine(true) },
      {
        type: "scatter",
        cursor: "pointer",
        symbolSize: 14,
        data: rows.map((row, place) => ({ value: [row.value, place], itemStyle: { color: shade(row) } })),
      },
    ],
  };
}
