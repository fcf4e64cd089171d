//! The page of the gaps of the standard: what consumers need, in what demand, and where they get it.

use array_assay_format::GAPS;
use serde::Serialize;

use super::background::Background;
use super::model::{Label, Site};
use super::names::{self, Link};
use crate::gaps::{Row as Gap, Standing};
use crate::text::{count, one_line, visible};

#[derive(Serialize)]
pub struct Page {
    root: &'static str,
    labels: Vec<Label>,
    rows: Vec<Row>,
    /// How demand is measured: name, what is counted, where.
    measures: Vec<(String, String, String)>,
}

#[derive(Serialize)]
struct Row {
    name: String,
    anchor: String,
    /// The page of its checks, if they ran.
    href: Option<String>,
    signature: String,
    says: String,
    demand: String,
    /// What the demand is made of, such as `carried 3`.
    parts: String,
    status: String,
    carried: String,
    trackers: Vec<Link>,
    hazards: Vec<String>,
    polyfill: Option<String>,
    /// The number of libraries that have it, and of those that were asked.
    native: (usize, usize),
    cells: Vec<Option<Cell>>,
}

#[derive(Serialize)]
struct Cell {
    /// `absent`, `native`, `pass` or `fail`.
    word: &'static str,
    /// What stands behind the mark: the path, the number of checks, and how it differs.
    says: String,
}

pub fn page(site: &Site, background: Option<&Background>) -> Page {
    let measures = background.map(|background| &background.measures).into_iter().flatten();
    Page {
        root: "",
        labels: site.newest().map(|(_, run)| run.label.clone()).collect(),
        rows: site.gaps.rows.iter().map(|gap| row(site, gap, background)).collect(),
        measures: measures.map(|measure| (measure.name.clone(), measure.says.clone(), measure.source.clone())).collect(),
    }
}

fn row(site: &Site, gap: &Gap, background: Option<&Background>) -> Row {
    let known = &gap.known;
    let tracker = |url: &String| {
        let href = names::web(url)?.to_owned();
        let mut parts = url.rsplit('/');
        let number = parts.next()?;
        let repository = parts.nth(1)?;
        Some(Link { name: one_line(&format!("{repository}#{number}"), 60), href })
    };
    let told = background.and_then(|background| background.gaps.get(&gap.name));
    let parts = told.into_iter().flat_map(|told| &told.counts).map(|(measure, n)| format!("{measure} {n}"));
    let native = |standing: &&Standing| matches!(standing, Standing::Native(_));
    let asked = || gap.standings.iter().flatten();
    Row {
        anchor: gap.name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect(),
        name: one_line(&gap.name, 80),
        href: site.function(GAPS, &gap.name).map(|function| function.page.clone()),
        signature: one_line(&known.proposed, 200),
        says: one_line(&known.says, 300),
        demand: format!("{:.1}", known.demand),
        parts: parts.collect::<Vec<_>>().join(", "),
        status: one_line(&known.status, 60),
        carried: one_line(&known.carried.join(", "), 200),
        trackers: known.trackers.iter().filter_map(tracker).collect(),
        hazards: known.hazards.iter().map(|hazard| visible(hazard)).collect(),
        polyfill: told.and_then(|told| told.polyfill.as_deref()).map(visible),
        native: (asked().filter(native).count(), asked().count()),
        cells: gap.standings.iter().map(|standing| standing.as_ref().map(cell)).collect(),
    }
}

fn cell(standing: &Standing) -> Cell {
    let Standing::Native(native) = standing else { return Cell { word: "absent", says: String::new() } };
    let word = match (native.judged, native.deviating.is_empty()) {
        (0, _) => "native",
        (_, true) => "pass",
        (_, false) => "fail",
    };
    let judged = match native.judged {
        0 => "not judged".to_owned(),
        n => format!("{} of {} pass", native.passed, count(n as usize, "check")),
    };
    let deviating = (!native.deviating.is_empty()).then(|| format!("deviates in {}", native.deviating.join(", ")));
    let says = [Some(native.path.clone()), Some(judged), native.note.clone(), deviating];
    Cell { word, says: one_line(&says.into_iter().flatten().collect::<Vec<_>>().join("; "), 160) }
}
