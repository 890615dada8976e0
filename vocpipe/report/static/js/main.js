// Draw everything again after each choice: the page holds one month, so that this is quick.
function render(focus) {
  const place = scrollY;
  dropCharts();
  document.documentElement.lang = language;
  document.title = `${say("title")} – ${monthName(DATA.months[state.month])}`;
  const dialog = el("dialog", { id: "panel", "aria-labelledby": "panel-title", onclose: () => choose({ open: "" }), onclick: (event) => event.target === dialog && dialog.close() });
  document.getElementById("app").replaceChildren(
    topBar(),
    filterBar(),
    el("main", { id: "content", tabindex: "-1" }, hero(), filterNote(), kpis(), essentials(), journey(), irritants(), trends(), changes(), emotions(), impact(), praise(), promises(), quality()),
    dialog,
  );
  if (focus) {
    document.getElementById(focus)?.focus({ preventScroll: true });
    scrollTo(0, place);
  }
}

async function start() {
  language = DATA.meta.language;
  await decode();
  readAddress();
  render();
  if (state.open) openPanel(state.open);
  addEventListener("hashchange", () => {
    readAddress();
    render();
    if (state.open) openPanel(state.open);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => render());
  addEventListener("beforeprint", toPaper);
  addEventListener("afterprint", fromPaper);
  document.documentElement.dataset.ready = "yes";
}

// For whoever checks the page against the feed.
window.vocpipe = { state, recounted, irritantFigures, stepFigures, ratings, rating, student };
start();
