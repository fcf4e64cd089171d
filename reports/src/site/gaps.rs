//! The page of the gaps of the standard.

use array_assay_format::GAPS;
use serde::Serialize;

use super::{Label, Site, names};
use crate::gaps::{Row as Gap, Standing};
use crate::text::{one_line, visible};

#[derive(Serialize)]
pub struct Page {
    root: &'static str,
    labels: Vec<Label>,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    name: String,
    /// The page of its checks, if they ran.
    href: Option<String>,
    signature: String,
    says: String,
    demand: String,
    status: String,
    carried: String,
    trackers: Vec<Tracker>,
    hazards: Vec<String>,
    cells: Vec<Option<Cell>>,
}

#[derive(Serialize)]
struct Tracker {
    url: String,
    /// Repository and number, such as `array-api#621`.
    name: String,
}

#[derive(Serialize)]
struct Cell {
    /// `absent`, `native`, `pass` or `fail`.
    word: &'static str,
    path: String,
    /// The tooltip: the signature, how it differs, and the checks that deviate.
    says: String,
    passed: u64,
    judged: u64,
}

pub fn page(site: &Site<'_>) -> Page {
    Page {
        root: "",
        labels: site.runs.iter().map(|run| run.label.clone()).collect(),
        rows: site.gaps.rows.iter().map(|gap| row(site, gap)).collect(),
    }
}

fn row(site: &Site<'_>, gap: &Gap) -> Row {
    let known = &gap.known;
    let tracker = |url: &String| {
        let url = names::web(url)?;
        let mut parts = url.rsplit('/');
        let number = parts.next()?;
        let repository = parts.nth(1)?;
        Some(Tracker { url: url.to_owned(), name: one_line(&format!("{repository}#{number}"), 60) })
    };
    Row {
        name: one_line(&gap.name, 80),
        href: site.functions.iter().find(|f| f.category == GAPS && f.name == gap.name).map(|f| f.path.clone()),
        signature: one_line(&known.proposed, 200),
        says: one_line(&known.says, 300),
        demand: format!("{:.1}", known.demand),
        status: one_line(&known.status, 60),
        carried: one_line(&known.carried.join(", "), 200),
        trackers: known.trackers.iter().filter_map(tracker).collect(),
        hazards: known.hazards.iter().map(|hazard| visible(hazard)).collect(),
        cells: gap.standings.iter().map(|standing| standing.as_ref().map(cell)).collect(),
    }
}

fn cell(standing: &Standing) -> Cell {
    match standing {
        Standing::Absent => Cell { word: "absent", path: String::new(), says: String::new(), passed: 0, judged: 0 },
        Standing::Native(native) => {
            let word = match (native.judged, native.deviating.is_empty()) {
                (0, _) => "native",
                (_, true) => "pass",
                (_, false) => "fail",
            };
            let deviating = (!native.deviating.is_empty()).then(|| format!("deviates in {}", native.deviating.join(", ")));
            let says: Vec<String> = [native.signature.clone(), native.note.clone(), deviating].into_iter().flatten().collect();
            Cell {
                word,
                path: one_line(&native.path, 80),
                says: one_line(&says.join("; "), 600),
                passed: native.passed,
                judged: native.judged,
            }
        }
    }
}
