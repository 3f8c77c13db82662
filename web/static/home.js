// The two charts of the start page. Their numbers stand in the page, which sends
// them anew; a table beside them holds the same for who cannot see them.
(function () {
  const charts = new Map();

  // A canvas understands plain colours only, not what a style sheet may make of
  // others: the browser is asked what comes out.
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  function colour(name) {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  }

  function numbers(name) {
    const data = document.getElementById("home-data");
    return data ? JSON.parse(data.dataset[name]) : null;
  }

  function options(box, d) {
    const text = colour("--tblr-secondary");
    const line = colour("--tblr-border-color");
    const accent = colour("--tblr-link-color"); // lighter where the page is dark
    const axis = { stroke: text, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 }, font: "12px sans-serif" };
    const label = (i) => d.labels[i] === undefined ? "" : d.labels[i];
    const shown = (u, n) => n === null ? "–" : n;
    return {
      width: box.clientWidth, height: 190,
      cursor: { drag: { x: false, y: false } },
      legend: { live: matchMedia("(hover: hover)").matches }, // a finger points at nothing: then there is no figure to show
      scales: { x: { time: false }, y: { range: (u, low, high) => [0, Math.max(4, Math.ceil(high * 1.1))] } },
      axes: [
        { ...axis, grid: { show: false }, space: 60, incrs: [1, 2, 3, 4, 6, 12], values: (u, at) => at.map(label) },
        { ...axis, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000] },
      ],
      series: [
        { label: box.dataset.step, value: (u, i) => i === null ? "–" : label(i) },
        { label: box.dataset.in, stroke: accent, width: 2, fill: colour("--tblr-primary-lt"), points: { size: 5, fill: accent }, value: shown },
        { label: box.dataset.out, stroke: text, width: 2, dash: [6, 3], points: { size: 5, fill: text }, value: shown },
      ],
    };
  }

  const columns = (d) => [d.labels.map((_, i) => i), d.in, d.out];

  function draw(again) {
    const all = document.getElementById("home-charts");
    for (const box of document.querySelectorAll(".home-chart")) {
      const d = numbers(box.dataset.chart);
      if (!d) continue;
      if (all && d.in.concat(d.out).some((n) => n > 0)) all.hidden = false;
      let chart = charts.get(box);
      // Labels are part of the options: where the hour has moved on, it is made anew.
      const labels = d.labels.join();
      if (chart && !again && chart.labels === labels) {
        chart.plot.setData(columns(d));
        continue;
      }
      if (!box.clientWidth) continue;
      if (chart) chart.plot.destroy();
      charts.set(box, { labels, plot: new uPlot(options(box, d), columns(d), box) });
    }
  }

  // What somebody opened stays open when the page's content is sent anew.
  let open = [];
  document.addEventListener("htmx:sseBeforeMessage", () => {
    open = [...document.querySelectorAll("#home details[id][open]")].map((d) => d.id);
  });
  document.addEventListener("htmx:sseMessage", () => {
    for (const id of open) {
      const d = document.getElementById(id);
      if (d) d.open = true;
    }
    draw(false);
  });
  let resized = 0;
  addEventListener("resize", () => {
    clearTimeout(resized);
    resized = setTimeout(() => draw(true), 150);
  });
  new MutationObserver(() => draw(true)).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
  draw(false);
})();
