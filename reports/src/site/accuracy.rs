//! The accuracy of a function: a row a dtype and backend, with a bar.

use array_assay_format::{Accuracy, CheckId};
use serde::Serialize;

use super::{Function, Label, Site, names};
use crate::text::{one_line, ulp};

/// Width of a bar, in pixels.
const WIDTH: f64 = 180.0;

#[derive(Serialize)]
pub struct Section {
    /// The check and the dtype.
    title: String,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    label: Label,
    device: String,
    max: String,
    mean: String,
    worst: String,
    limit: String,
    over: bool,
    bar: Bar,
}

/// A bar on a logarithmic scale that the rows of a function share. Lengths in pixels.
#[derive(Serialize)]
struct Bar {
    width: f64,
    length: String,
    limit: Option<String>,
}

pub fn sections<'a>(site: &Site<'a>, function: &Function<'a>) -> Vec<Section> {
    struct Entry<'b> {
        id: &'b CheckId,
        dtype: &'b str,
        device: &'b str,
        label: &'b Label,
        accuracy: &'b Accuracy,
    }
    let mut entries: Vec<Entry> = Vec::new();
    for run in &site.runs {
        for check in run.checks_of(function) {
            for cell in &check.cells {
                let Some(accuracy) = &cell.accuracy else { continue };
                entries.push(Entry { id: &check.id, dtype: &cell.dtype, device: &cell.device, label: &run.label, accuracy });
            }
        }
    }
    let rank = |dtype: &str| dtype.parse::<array_assay_interface::DType>().map_or(usize::MAX, |d| d as usize);
    entries.sort_by(|a, b| {
        (a.id, rank(a.dtype), a.dtype, &a.label.key, a.device).cmp(&(b.id, rank(b.dtype), b.dtype, &b.label.key, b.device))
    });
    let finite = entries.iter().flat_map(|e| [Some(e.accuracy.max_ulp), e.accuracy.limit]).flatten().filter(|v| v.is_finite());
    let scale = Scale { top: finite.fold(4.0, f64::max) };
    let several = entries.iter().any(|entry| entry.id != entries[0].id);

    let mut sections: Vec<Section> = Vec::new();
    for Entry { id, dtype, device, label, accuracy } in entries {
        let title = match (several, dtype) {
            (true, _) => one_line(&format!("{} {dtype}", names::short(id)), 80),
            (false, "") => "all".to_owned(),
            (false, dtype) => one_line(dtype, 40),
        };
        let over = accuracy.limit.is_some_and(|limit| accuracy.max_ulp > limit);
        let row = Row {
            label: label.clone(),
            device: one_line(device, 40),
            max: ulp(accuracy.max_ulp),
            mean: ulp(accuracy.mean_ulp),
            worst: accuracy.worst.as_deref().map(|worst| one_line(worst, 120)).unwrap_or_default(),
            limit: accuracy.limit.map(ulp).unwrap_or_default(),
            over,
            bar: scale.bar(accuracy),
        };
        match sections.last_mut() {
            Some(section) if section.title == title => section.rows.push(row),
            _ => sections.push(Section { title, rows: vec![row] }),
        }
    }
    sections
}

/// The greatest finite error of a function for each backend, in words.
pub fn greatest<'a>(site: &Site<'a>, function: &Function<'a>, run: usize) -> Option<String> {
    let cells = site.runs[run].checks_of(function).iter().flat_map(|check| &check.cells);
    cells.filter_map(|cell| cell.accuracy.as_ref()).map(|accuracy| accuracy.max_ulp).reduce(f64::max).map(ulp)
}

/// From a quarter of an ULP to the greatest finite value, by factors of two.
struct Scale {
    top: f64,
}

impl Scale {
    fn at(&self, value: f64) -> String {
        let least = 0.25_f64;
        // A NaN is as bad as an infinity.
        let value = if value.is_nan() { f64::INFINITY } else { value };
        let share = (value.max(least) / least).log2() / (self.top * 2.0 / least).log2();
        format!("{:.1}", (WIDTH * share.min(1.0)).max(1.0))
    }

    fn bar(&self, accuracy: &Accuracy) -> Bar {
        Bar { width: WIDTH, length: self.at(accuracy.max_ulp), limit: accuracy.limit.map(|limit| self.at(limit)) }
    }
}
