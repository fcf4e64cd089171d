//! The accuracy of a function: for each dtype and backend a row with the error in ULP and a bar; for each equation of graded results a row
//! with a mark for each class of inputs.

use array_assay_format::{CheckId, Ratio, UlpAccuracy};
use serde::Serialize;

use super::{Function, Label, Site, names};
use crate::text::{one_line, thousands, ulp};

/// The width of a bar, in pixels.
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

/// A bar on a logarithmic scale that all rows of a function share. Lengths are in pixels.
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
        accuracy: &'b UlpAccuracy,
    }
    let mut entries: Vec<Entry> = Vec::new();
    for run in &site.runs {
        for check in run.checks_of(function) {
            for cell in &check.cells {
                let Some(accuracy) = cell.accuracy.as_ref().and_then(|accuracy| accuracy.ulp()) else { continue };
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

/// The largest error of a backend on a function in ULP, as text.
pub fn greatest<'a>(site: &Site<'a>, function: &Function<'a>, run: usize) -> Option<String> {
    let cells = site.runs[run].checks_of(function).iter().flat_map(|check| &check.cells);
    cells.filter_map(|cell| cell.accuracy.as_ref()?.ulp()).map(|accuracy| accuracy.max_ulp).reduce(f64::max).map(ulp)
}

/// A logarithmic scale from a quarter of an ULP to twice the largest finite value.
struct Scale {
    top: f64,
}

impl Scale {
    fn at(&self, value: f64) -> String {
        let least = 0.25_f64;
        // A NaN is shown like an infinity.
        let value = if value.is_nan() { f64::INFINITY } else { value };
        let share = (value.max(least) / least).log2() / (self.top * 2.0 / least).log2();
        format!("{:.1}", (WIDTH * share.min(1.0)).max(1.0))
    }

    fn bar(&self, accuracy: &UlpAccuracy) -> Bar {
        Bar { width: WIDTH, length: self.at(accuracy.max_ulp), limit: accuracy.limit.map(|limit| self.at(limit)) }
    }
}

/// The ratios of one equation on one dtype, with a row for each backend.
#[derive(Serialize)]
pub struct RatioSection {
    /// The equation.
    what: String,
    dtype: String,
    rows: Vec<RatioRow>,
}

#[derive(Serialize)]
struct RatioRow {
    label: Label,
    device: String,
    max: String,
    mean: String,
    count: String,
    threshold: String,
    over: bool,
    /// The class of inputs with the largest ratio.
    worst: String,
    plot: Plot,
}

/// A mark for the largest ratio of each class, on a logarithmic scale that all rows share. Lengths are in pixels.
#[derive(Serialize)]
struct Plot {
    width: f64,
    threshold: String,
    marks: Vec<PlotMark>,
}

#[derive(Serialize)]
struct PlotMark {
    at: String,
    says: String,
    over: bool,
}

/// The ratios of a function's graded results.
pub fn ratios<'a>(site: &Site<'a>, function: &Function<'a>) -> Vec<RatioSection> {
    let mut rows = Vec::new();
    for run in &site.runs {
        let cells = run.checks_of(function).iter().flat_map(|check| &check.cells);
        for cell in cells.filter(|cell| cell.accuracy.is_some()) {
            let ratios = cell.accuracy.iter().flat_map(|accuracy| accuracy.ratios());
            let mut by_equation: std::collections::BTreeMap<&str, Vec<&Ratio>> = std::collections::BTreeMap::new();
            ratios.for_each(|ratio| by_equation.entry(&ratio.what).or_default().push(ratio));
            rows.extend(by_equation.into_iter().map(|(what, of)| ((what, cell.dtype.as_str()), &run.label, cell.device.as_str(), of)));
        }
    }
    let rank = |dtype: &str| dtype.parse::<array_assay_interface::DType>().map_or(usize::MAX, |d| d as usize);
    rows.sort_by_key(|((what, dtype), label, device, _)| (*what, rank(dtype), *dtype, label.key.clone(), *device));
    let finite = rows.iter().flat_map(|row| &row.3).flat_map(|r| [r.max, r.threshold]).filter(|v| v.is_finite());
    let scale = RatioScale { top: finite.fold(100.0, f64::max) };
    let mut sections: Vec<RatioSection> = Vec::new();
    for ((what, dtype), label, device, of) in rows {
        let row = ratio_row(&scale, label, device, &of);
        let (what, dtype) = (one_line(what, 40), one_line(dtype, 40));
        match sections.last_mut() {
            Some(section) if section.what == what && section.dtype == dtype => section.rows.push(row),
            _ => sections.push(RatioSection { what, dtype, rows: vec![row] }),
        }
    }
    sections
}

fn ratio_row(scale: &RatioScale, label: &Label, device: &str, of: &[&Ratio]) -> RatioRow {
    let count: u64 = of.iter().map(|r| r.count).sum();
    let worst = of.iter().max_by(|a, b| a.max.total_cmp(&b.max));
    let max = worst.map_or(0.0, |r| r.max);
    let threshold = of.iter().map(|r| r.threshold).fold(0.0, f64::max);
    let mean = of.iter().map(|r| r.mean * r.count as f64).sum::<f64>() / count.max(1) as f64;
    let class = |ratio: &Ratio| one_line(ratio.class.as_deref().unwrap_or("any"), 40);
    let mark = |ratio: &&Ratio| PlotMark {
        at: scale.at(ratio.max),
        says: format!("{}: {}, mean {}, of {}", class(ratio), ulp(ratio.max), ulp(ratio.mean), thousands(ratio.count)),
        over: ratio.max > ratio.threshold,
    };
    RatioRow {
        label: label.clone(),
        device: one_line(device, 40),
        max: ulp(max),
        mean: ulp(mean),
        count: thousands(count),
        threshold: ulp(threshold),
        over: max > threshold,
        worst: worst.map(|worst| class(worst)).unwrap_or_default(),
        plot: Plot { width: WIDTH, threshold: scale.at(threshold), marks: of.iter().map(mark).collect() },
    }
}

/// A logarithmic scale from a thousandth to ten times the largest finite value.
struct RatioScale {
    top: f64,
}

impl RatioScale {
    fn at(&self, value: f64) -> String {
        let least = 1e-3_f64;
        let share = (value.max(least) / least).log10() / (self.top * 10.0 / least).log10();
        format!("{:.1}", (WIDTH * share.min(1.0)).clamp(2.0, WIDTH - 2.0))
    }
}
