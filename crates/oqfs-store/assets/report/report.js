"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const find = (id) => document.getElementById(id);
  const colors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];
  const shown = { site: 0, imt: 0, rlzs: false };
  const charts = {};
  // series that the reader switched off, by name
  const hidden = new Set();

  /** The float32 numbers of a base64 text. */
  function numbers(text) {
    if (!text) return new Float32Array(0);
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    return new Float32Array(bytes.buffer);
  }

  /** An array of (site, kind, imt, last), or null. */
  function array(part) {
    return part ? { kinds: part.kinds, last: part.last, values: numbers(part.values) } : null;
  }

  const curves = array(data.curves), rlzCurves = array(data.rlz_curves), maps = array(data.maps);

  function slice(of, site, kind, imt) {
    const first = ((site * of.kinds.length + kind) * data.imts.length + imt) * of.last;
    return Array.from(of.values.subarray(first, first + of.last));
  }

  function measure(imt) {
    return imt.unit ? `${imt.name} (${imt.unit})` : imt.name;
  }

  function text(value) {
    return value == null || !isFinite(value) ? "–" : String(Number(value.toPrecision(5)));
  }

  /** The texts beside an axis; those of a logarithmic one that have no room are null. */
  function ticks(_, values) {
    const short = (v) => (v === 0 || (Math.abs(v) >= 1e-3 && Math.abs(v) < 1e5) ? String(Number(v.toPrecision(4))) : v.toExponential(0));
    return values.map((v) => (v == null ? "" : short(v)));
  }

  /** Draws a chart into an element, anew. `series` have names, values and looks. */
  function draw(id, x, xLabel, yLabel, series, isLog) {
    if (charts[id]) charts[id].destroy();
    const log = { distr: 3, log: 10 };
    // a logarithmic axis has no zero
    const positive = (values) => values.map((v) => (isFinite(v) && (!isLog || v > 0) ? v : null));
    const options = {
      width: Math.max(360, Math.min(560, find(id).clientWidth || 540)),
      height: 380,
      legend: { live: true },
      cursor: { drag: { x: true, y: false } },
      scales: { x: isLog && x[0] > 0 ? { time: false, ...log } : { time: false }, y: isLog ? log : {} },
      axes: [{ label: xLabel, values: ticks, grid: { stroke: "#e4e4e4" } }, { label: yLabel, values: ticks, size: 68, grid: { stroke: "#e4e4e4" } }],
      series: [{ label: xLabel, value: (_, v) => text(v) }].concat(
        series.map((s) => ({
          label: s.name, stroke: s.color, width: s.width || 2, dash: s.dash, show: !hidden.has(s.name),
          points: { show: false }, value: (_, v) => text(v),
        }))
      ),
      hooks: {
        setSeries: [(chart, n, change) => {
          if (n == null || change.show == null) return;
          const name = chart.series[n].label;
          if (change.show) hidden.delete(name); else hidden.add(name);
        }],
      },
    };
    charts[id] = new uPlot(options, [x].concat(series.map((s) => positive(s.values))), find(id));
  }

  function look(kinds, n) {
    const is = (start) => kinds[n].startsWith(start);
    return { name: kinds[n], color: is("mean") ? "#111111" : colors[n % colors.length], width: is("mean") ? 2.5 : 1.6, dash: is("quantile") ? [6, 3] : undefined };
  }

  /** The series of a site's curves that are shown. */
  function curveSeries() {
    const series = curves.kinds.map((_, k) => ({ ...look(curves.kinds, k), values: slice(curves, shown.site, k, shown.imt) }));
    if (shown.rlzs && rlzCurves) {
      rlzCurves.kinds.forEach((name, k) => series.push({ name, color: "#b5b5b5", width: 1, values: slice(rlzCurves, shown.site, k, shown.imt) }));
    }
    return series;
  }

  function spectrumSeries() {
    const series = [];
    data.poes.forEach((poe, p) => {
      maps.kinds.forEach((kind, k) => {
        const values = data.spectral.map((m) => slice(maps, shown.site, k, m)[p]);
        const color = colors[p % colors.length];
        const dash = kind === "mean" ? undefined : [3 + 2 * k, 3];
        series.push({ name: `${kind}, ${data.poe_labels[p]}`, color, width: kind === "mean" ? 2.5 : 1.3, dash, values });
      });
    });
    return series;
  }

  function show() {
    const site = data.sites;
    const place = `${site.name[shown.site]}: ${site.lon[shown.site]}, ${site.lat[shown.site]}`;
    document.querySelectorAll(".place").forEach((e) => { e.textContent = place; });
    document.body.dataset.site = String(site.id[shown.site]);
    if (find("site")) find("site").value = site.name[shown.site];
    if (curves && find("curves")) {
      const imt = data.imts[shown.imt];
      draw("curves", imt.levels, measure(imt), `Probability of exceedance in ${data.time} years`, curveSeries(), true);
    }
    if (maps && data.spectral.length > 1 && find("spectra")) {
      draw("spectra", data.spectral.map((m) => data.imts[m].period), "Period (s)", "Spectral acceleration (g)", spectrumSeries(), false);
    }
    mark();
  }

  /** What an SVG of a map says of where it is: degrees and px. */
  function frame(svg) {
    const part = (svg.dataset.map || "").split(" ").map(Number);
    const [west, east, south, north, left, top, right, bottom] = part;
    return part.length === 8 ? { west, east, south, north, left, top, right, bottom } : null;
  }

  function turned(lon, west) {
    return west + (((lon - west) % 360) + 360) % 360;
  }

  /** Rings the site on every map. */
  function mark() {
    document.querySelectorAll(".map svg").forEach((svg) => {
      const f = frame(svg);
      if (!f) return;
      let ring = svg.querySelector(".chosen");
      if (!ring) {
        ring = document.createElementNS("http://www.w3.org/2000/svg", "circle");
        for (const [key, value] of [["class", "chosen"], ["r", "9"], ["fill", "none"], ["stroke", "#000"], ["stroke-width", "2.5"]]) ring.setAttribute(key, value);
        svg.appendChild(ring);
      }
      const lon = turned(data.sites.lon[shown.site], f.west), lat = data.sites.lat[shown.site];
      ring.setAttribute("cx", f.left + (lon - f.west) / (f.east - f.west) * (f.right - f.left));
      ring.setAttribute("cy", f.bottom - (lat - f.south) / (f.north - f.south) * (f.bottom - f.top));
    });
  }

  /** The site that is nearest to a click on a map. */
  function clicked(svg, event) {
    const f = frame(svg), box = svg.getBoundingClientRect(), view = svg.viewBox.baseVal;
    if (!f) return;
    const x = (event.clientX - box.left) / box.width * view.width, y = (event.clientY - box.top) / box.height * view.height;
    const lon = f.west + (x - f.left) / (f.right - f.left) * (f.east - f.west);
    const lat = f.south + (f.bottom - y) / (f.bottom - f.top) * (f.north - f.south);
    const squeeze = Math.cos(lat * Math.PI / 180);
    let best = Infinity;
    data.sites.lon.forEach((siteLon, n) => {
      const dx = (((siteLon - lon) % 360) + 540) % 360 - 180, dy = data.sites.lat[n] - lat;
      const distance = (dx * squeeze) ** 2 + dy ** 2;
      if (distance < best) { best = distance; shown.site = n; }
    });
    show();
  }

  function save(name, rows) {
    const quoted = (cell) => (/[",\n]/.test(String(cell)) ? `"${String(cell).replace(/"/g, '""')}"` : String(cell));
    const blob = new Blob([rows.map((row) => row.map(quoted).join(",")).join("\n") + "\n"], { type: "text/csv" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  function table(x, xName, series) {
    const visible = series.filter((s) => !hidden.has(s.name));
    return [[xName].concat(visible.map((s) => s.name))].concat(x.map((value, i) => [value].concat(visible.map((s) => s.values[i]))));
  }

  function on(id, event, action) {
    if (find(id)) find(id).addEventListener(event, action);
  }

  function named(name) {
    const n = data.sites.name.indexOf(name);
    return n >= 0 ? n : data.sites.id.indexOf(Number(name));
  }

  on("site", "change", (event) => { const n = named(event.target.value); if (n >= 0) { shown.site = n; show(); } });
  on("imt", "change", (event) => { shown.imt = Number(event.target.value); show(); });
  on("rlzs", "change", (event) => { shown.rlzs = event.target.checked; show(); });
  on("which-map", "change", (event) => {
    document.querySelectorAll(".map > div").forEach((div) => { div.hidden = div.dataset.name !== event.target.value; });
  });
  on("save-curves", "click", () => {
    const imt = data.imts[shown.imt];
    save(`calc_${data.calc}-site-${data.sites.id[shown.site]}-${imt.name}.csv`, table(imt.levels, measure(imt), curveSeries()));
  });
  on("save-spectra", "click", () => {
    const periods = data.spectral.map((m) => data.imts[m].period);
    save(`calc_${data.calc}-site-${data.sites.id[shown.site]}-uhs.csv`, table(periods, "period (s)", spectrumSeries()));
  });
  document.querySelectorAll(".map svg").forEach((svg) => svg.addEventListener("click", (event) => clicked(svg, event)));
  window.addEventListener("resize", () => { if (data.sites) show(); });

  if (data.sites && data.sites.id.length) {
    const asked = new URLSearchParams(location.hash.slice(1)).get("site");
    const n = asked == null ? -1 : named(asked);
    if (n >= 0) shown.site = n;
    shown.imt = Math.max(0, data.imts.findIndex((imt) => imt.name === "PGA"));
    if (find("imt")) find("imt").value = String(shown.imt);
    show();
  }
  document.body.dataset.ready = "yes";
})();
