// The journey and its emotions.
function journey() {
  const rows = stepFigures(state.month, chosen());
  if (!rows.length) return section("journey", say("journey"), null, el("p", { class: "help" }, say("no_opinion")));
  const onJourney = rows.filter((row) => row.step.phase);
  const curve = onJourney.length > 1 && chart(say("journey_chart"), (width) => (isNarrow(width) ? 40 + 46 * onJourney.length : 340), (width) => journeyOptions(onJourney, width), (item) => item.dataIndex !== undefined && openPanel(`step:${onJourney[item.dataIndex].step.code}`));
  return section(
    "journey",
    say("journey"),
    curve && say("journey_help"),
    curve && el("div", { class: "card" }, curve, onJourney.some((row) => row.expressed < FEW) && el("p", { class: "small" }, say("journey_few", { n: FEW }))),
    el("h3", {}, say("journey_table")),
    el("p", { class: "help" }, say("journey_table_help")),
    scroller(say("journey_table"), "card", journeyTable(rows)),
    legend(),
  );
}

const legend = () => el("p", { class: "legend small wide" }, [["bad", "negative"], ["even", "mixed"], ["void", "none"], ["good", "positive"]].map(([kind, name]) => el("span", {}, el("span", { class: `swatch ${kind}`, "aria-hidden": "true" }), say(name))));

function journeyTable(rows) {
  const heads = [[say("col_step")], [say("col_opinions"), true, "wide"], [say("col_net"), true, "wide"], [say("col_sentiment"), false, "wide"], ...GROUPS.map((group) => [labelOf(group)])];
  const body = rows.map((row) => [
    opener(`step:${row.step.code}`, { class: "name" }, labelOf(row.step)),
    number(row.opinions),
    row.expressed < FEW ? el("span", { class: "soft" }, say("too_few", { n: FEW })) : number(100 * row.net, 0, true),
    splitBar(row),
    ...GROUPS.map((group, place) => emotionCell(row, group, row.groups[place])),
  ]);
  return table(say("journey_table"), heads, body, "journey");
}

function emotionCell(row, group, count) {
  if (!count) return el("span", { class: "empty" }, el("span", { "aria-hidden": "true" }, "·"), el("span", { class: "hidden" }, "0"));
  const share = count / row.opinions;
  const label = say("cell", { step: labelOf(row.step), emotion: labelOf(group), count: counted(count, "opinion"), share: percent(share, 0) });
  const strength = row.opinions < FEW ? 0.1 : Math.min(1, share / 0.5);
  return opener(`step:${row.step.code}~group:${group.code}`, { class: strength > 0.6 ? "heat strong" : "heat", "aria-label": label, title: label, "--heat-share": strength.toFixed(3) }, number(count));
}

let wheelStep = 0;

function emotions() {
  const steps = stepFigures(state.month, chosen());
  if (!steps.some((row) => row.place === wheelStep)) wheelStep = 0;
  const box = el("div", { class: "wheel card" });
  const pick = (place) => () => {
    wheelStep = place;
    fillWheel(box, chips, steps);
  };
  const chips = el("div", { class: "chips", role: "group", "aria-label": say("step") }, [
    el("button", { type: "button", "data-step": 0, onclick: pick(0) }, say("whole_journey")),
    steps.map((row) => el("button", { type: "button", "data-step": row.place, onclick: pick(row.place) }, labelOf(row.step))),
  ]);
  fillWheel(box, chips, steps);
  return section("emotions", say("emotions"), say("emotions_help"), chips, box);
}

function fillWheel(box, chips, steps) {
  for (const chip of chips.querySelectorAll("button")) chip.setAttribute("aria-pressed", String(Number(chip.dataset.step) === wheelStep));
  const opinions = opinionsOf(state.month, wheelStep ? { ...chosen(), step: wheelStep } : chosen());
  const counts = tally(opinions).emotions;
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (!total) return box.replaceChildren(el("p", { class: "help" }, say("emotions_none")));
  const where = wheelStep ? labelOf(steps.find((row) => row.place === wheelStep).step) : say("whole_journey").toLowerCase();
  const scope = wheelStep ? `step:${DATA.steps[wheelStep - 1].code}~` : "";
  const rows = DATA.emotions
    .map((emotion, place) => ({ emotion, count: counts[place] }))
    .filter((row) => row.count)
    .sort((one, other) => other.count - one.count)
    .map(({ emotion, count }) => [
      opener(`${scope}emotion:${emotion.code}`, { class: "name" }, el("span", { class: "swatch", "aria-hidden": "true", "--swatch": EMOTION_COLOURS[emotion.code] }), labelOf(emotion)),
      number(count),
      percent(count / total, 0),
    ]);
  const open = (item) => item.data?.bits && openPanel(`${scope}bits:${item.data.bits}`);
  return box.replaceChildren(
    el("div", { class: "wheel-chart" }, chart(say("emotions_chart", { where }), (width) => Math.min(width, 380), (width) => wheelOptions(counts, total, Math.min(width, 380)), open), el("p", { class: "wheel-centre", "aria-hidden": "true" }, el("strong", {}, number(total)))),
    table(say("emotions_chart", { where }), [[say("emotion")], [say("col_count"), true], [say("col_part"), true]], rows),
  );
}
