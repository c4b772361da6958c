//! The page as HTML.

use std::fmt::{self, Write};

use oqfs_plot::escaped;
use serde_json::Value;

use super::facts::Facts;
use super::numbers::Numbers;
use super::{DrawnPicture, MOST, ReportTold};
use crate::datastore::State;

const CSS: &str = include_str!("../../../assets/report/report.css");
const SCRIPT: &str = include_str!("../../../assets/report/report.js");
const PLOT_CSS: &str = include_str!("../../../assets/report/uplot.min.css");
const PLOT_SCRIPT: &str = include_str!("../../../assets/report/uplot.min.js");
const PLOT_LICENSE: &str = include_str!("../../../assets/report/uplot.LICENSE");

/// Nothing is loaded from anywhere, whatever a text in the datastore says.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data: blob:";

/// What a page is made of.
#[derive(Default)]
pub(super) struct PageParts {
    pub told: ReportTold,
    pub facts: Facts,
    pub numbers: Numbers,
    pub pictures: Vec<DrawnPicture>,
    /// The names of the pictures that are left out.
    pub left_out: Vec<String>,
}

/// A page.
pub(super) struct Page {
    pub html: String,
}

impl Page {
    /// The page of these parts; pictures are left out from the end until it is small enough.
    ///
    /// # Errors
    /// If the numbers cannot be written as JSON.
    pub fn of(mut parts: PageParts) -> serde_json::Result<Self> {
        loop {
            let html = parts.html()?;
            match parts.pictures.pop() {
                Some(picture) if html.len() > MOST => parts.left_out.push(picture.name),
                _ => return Ok(Self { html }),
            }
        }
    }
}

impl PageParts {
    fn html(&self) -> serde_json::Result<String> {
        let mut html = String::with_capacity(1 << 18);
        let data = self.data()?;
        // Writing to memory does not fail.
        let _ = self.write(&mut html, &data);
        Ok(html)
    }

    fn data(&self) -> serde_json::Result<String> {
        let mut json = self.numbers.json.clone();
        json.insert("calc".into(), Value::from(self.told.calc));
        // no text may end the element that it is in
        Ok(serde_json::to_string(&json)?.replace('<', "\\u003c"))
    }

    fn write(&self, html: &mut String, data: &str) -> fmt::Result {
        let job = &self.told.standing.job;
        let title = if job.description.is_empty() {
            format!("Calculation {}", self.told.calc)
        } else {
            job.description.clone()
        };
        let refresh = if job.state.is_final() { "" } else { "<meta http-equiv=\"refresh\" content=\"5\">\n" };
        write!(
            html,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n{refresh}\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{0}</title>\n\
             <style>{PLOT_CSS}\n{CSS}</style>\n</head>\n<body>\n<header>\n<h1>{0}</h1>\n\
             <p class=\"status\" data-state=\"{1}\">Calculation {2}: {3}</p>\n",
            escaped(&title),
            job.state,
            self.told.calc,
            escaped(&self.told.standing.to_string()),
        )?;
        if matches!(job.state, State::Executing) {
            writeln!(html, "<progress max=\"100\" value=\"{}\"></progress>", job.percent())?;
        }
        html.push_str("</header>\n<main>\n");
        self.write_facts(html)?;
        self.write_site(html)?;
        self.write_pictures(html)?;
        self.write_notes(html)?;
        write!(
            html,
            "</main>\n<footer>Coastlines and borders: Natural Earth. Charts: <details><summary>uPlot, MIT licence</summary>\
             <pre>{}</pre></details></footer>\n<script type=\"application/json\" id=\"data\">{data}</script>\n\
             <script>{PLOT_SCRIPT}</script>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
            escaped(PLOT_LICENSE),
        )
    }

    fn write_facts(&self, html: &mut String) -> fmt::Result {
        if self.facts.is_empty() {
            html.push_str("<p>There is nothing to show yet.</p>\n");
            return Ok(());
        }
        html.push_str("<table class=\"facts\">\n");
        for (name, text) in &self.facts {
            writeln!(html, "<tr><th>{name}</th><td>{}</td></tr>", escaped(text))?;
        }
        html.push_str("</table>\n");
        if !self.told.warnings.is_empty() {
            let count = self.told.warnings.len();
            write!(html, "<details class=\"warnings\"><summary>{count} warnings of the log</summary><pre>")?;
            self.told.warnings.iter().try_for_each(|line| writeln!(html, "{}", escaped(line)))?;
            html.push_str("</pre></details>\n");
        }
        Ok(())
    }

    /// The map to click on, and the charts of the chosen site.
    fn write_site(&self, html: &mut String) -> fmt::Result {
        let numbers = &self.numbers;
        if numbers.sites == 0 {
            return Ok(());
        }
        html.push_str("<h2>Hazard of a site</h2>\n<div class=\"controls\">\n<label>Site <input type=\"text\" id=\"site\" list=\"sites\"></label>\n");
        html.push_str("<datalist id=\"sites\">");
        numbers.names.iter().take(2000).try_for_each(|name| write!(html, "<option value=\"{}\">", escaped(name)))?;
        html.push_str("</datalist>\n<span class=\"hint\">or click on the map</span>\n</div>\n<div class=\"columns\">\n<div class=\"map\">\n");
        self.write_maps(html)?;
        html.push_str("</div>\n<div>\n<p class=\"hint place\"></p>\n");
        if numbers.has_curves {
            html.push_str("<div class=\"controls\"><label>Curves <select id=\"imt\">");
            for (n, imt) in numbers.imts.iter().enumerate() {
                write!(html, "<option value=\"{n}\">{}</option>", escaped(imt))?;
            }
            html.push_str("</select></label>");
            if numbers.has_realizations {
                html.push_str("<label><input type=\"checkbox\" id=\"rlzs\"> realizations</label>");
            }
            html.push_str("<button id=\"save-curves\">CSV</button></div>\n<div id=\"curves\"></div>\n");
        }
        if numbers.has_spectra {
            html.push_str("<div class=\"controls\">Uniform hazard spectra <button id=\"save-spectra\">CSV</button></div>\n<div id=\"spectra\"></div>\n");
        }
        html.push_str("</div>\n</div>\n<p class=\"hint\">Click a name in a legend to hide or show its line. Values under the cursor stand in the legend.</p>\n");
        Ok(())
    }

    /// The maps, one of them shown, and a choice among them.
    fn write_maps(&self, html: &mut String) -> fmt::Result {
        let maps: Vec<_> = self.pictures.iter().filter(|picture| picture.is_map).collect();
        html.push_str("<div class=\"controls\"><label>Map <select id=\"which-map\">");
        let starts = |start: &str| maps.iter().position(|map| map.name.starts_with(start));
        let first = starts("hmap-mean-PGA-").or_else(|| starts("hmap-mean")).unwrap_or(0);
        for (n, map) in maps.iter().enumerate() {
            let selected = if n == first { " selected" } else { "" };
            write!(html, "<option{selected}>{}</option>", escaped(&map.name))?;
        }
        html.push_str("</select></label></div>\n");
        for (n, map) in maps.iter().enumerate() {
            let hidden = if n == first { "" } else { " hidden" };
            writeln!(html, "<div class=\"picture\" data-name=\"{}\"{hidden}>{}</div>", escaped(&map.name), map.svg)?;
        }
        Ok(())
    }

    fn write_pictures(&self, html: &mut String) -> fmt::Result {
        let others: Vec<_> =
            self.pictures.iter().filter(|picture| !picture.is_map || self.numbers.sites == 0).collect();
        if others.is_empty() {
            return Ok(());
        }
        html.push_str("<h2>Pictures</h2>\n");
        for picture in others {
            writeln!(html, "<div class=\"picture\" data-name=\"{}\">{}</div>", escaped(&picture.name), picture.svg)?;
        }
        Ok(())
    }

    fn write_notes(&self, html: &mut String) -> fmt::Result {
        let mut notes = self.numbers.notes.clone();
        if !self.left_out.is_empty() {
            let names: Vec<_> = self.left_out.iter().take(20).map(String::as_str).collect();
            let more = if self.left_out.len() > 20 { " and others" } else { "" };
            notes.push(format!(
                "To keep the page small, {} pictures of plots/ are not here: {}{more}.",
                self.left_out.len(),
                names.join(", ")
            ));
        }
        if notes.is_empty() {
            return Ok(());
        }
        html.push_str("<h2>Left out</h2>\n<ul class=\"notes\">\n");
        notes.iter().try_for_each(|note| writeln!(html, "<li>{}</li>", escaped(note)))?;
        html.push_str("</ul>\n");
        Ok(())
    }
}
