//! The accuracy of a function as a picture: a row for each library, a column for each dtype, and in each cell the largest error with a bar.

use std::collections::BTreeMap;

use array_assay_format::CheckId;
use array_assay_interface::DType;
use serde::Serialize;

use super::model::{Function, Label, Site};
use super::names;
use crate::text::{one_line, thousands, ulp};

/// Libraries by dtypes, with an error in each cell.
#[derive(Serialize)]
pub struct Picture {
    columns: Vec<Heading>,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Heading {
    name: String,
    /// What counts as accurate.
    limit: String,
}

#[derive(Serialize)]
struct Row {
    label: Label,
    device: String,
    cells: Vec<Option<Spot>>,
}

#[derive(Serialize)]
struct Spot {
    text: String,
    /// The length of the bar in per cent, on a logarithmic scale that all cells share.
    bar: u32,
    over: bool,
    says: String,
}

/// What a picture is drawn from.
struct Point {
    run: usize,
    device: String,
    column: (String, usize, String),
    value: f64,
    limit: Option<f64>,
    says: String,
}

fn rank(dtype: &str) -> usize {
    dtype.parse::<DType>().map_or(usize::MAX, |dtype| dtype as usize)
}

/// The errors in units in the last place. `None` if there are none.
pub fn errors(site: &Site, function: &Function) -> Option<Picture> {
    let several = function.errors.iter().any(|error| error.check != function.errors[0].check);
    let points = function.errors.iter().map(|error| Point {
        run: error.run,
        device: error.device.clone(),
        column: (if several { named(&error.check) } else { String::new() }, rank(&error.dtype), error.dtype.clone()),
        value: error.max,
        limit: error.limit,
        says: match &error.worst {
            Some(worst) => format!("mean {}, worst at {worst}", ulp(error.mean)),
            None => format!("mean {}", ulp(error.mean)),
        },
    });
    picture(site, points.collect(), 0.25)
}

/// The name of a check of accuracy in a heading: nothing, or the part of the calls that it is about.
fn named(id: &CheckId) -> String {
    let short = names::short(id);
    one_line(short.trim_start_matches("value").trim_start_matches('/').trim_end_matches("accuracy").trim_end_matches('-'), 40)
}

/// The ratios of graded results. `None` if there are none.
pub fn ratios(site: &Site, function: &Function) -> Option<Picture> {
    let points = function.misses.iter().map(|miss| Point {
        run: miss.run,
        device: miss.device.clone(),
        column: (miss.what.clone(), rank(&miss.dtype), miss.dtype.clone()),
        value: miss.max,
        limit: Some(miss.threshold),
        says: match &miss.worst {
            Some(worst) => format!("worst for {worst}, of {} results", thousands(miss.count)),
            None => format!("of {} results", thousands(miss.count)),
        },
    });
    picture(site, points.collect(), 0.01)
}

fn picture(site: &Site, points: Vec<Point>, least: f64) -> Option<Picture> {
    if points.is_empty() {
        return None;
    }
    let finite = points.iter().flat_map(|point| [Some(point.value), point.limit]).flatten().filter(|value| value.is_finite());
    let top = finite.fold(least * 16.0, f64::max) * 2.0;
    // A NaN is shown like an infinity.
    let bar = |value: f64| {
        let value = if value.is_nan() { f64::INFINITY } else { value.max(least) };
        ((value / least).log2() / (top / least).log2() * 100.0).clamp(2.0, 100.0).round() as u32
    };
    let mut limits: BTreeMap<&(String, usize, String), Option<f64>> = BTreeMap::new();
    for point in &points {
        let limit = limits.entry(&point.column).or_default();
        *limit = [*limit, point.limit].into_iter().flatten().reduce(f64::max);
    }
    let columns: Vec<&(String, usize, String)> = limits.keys().copied().collect();
    let mut rows: BTreeMap<(usize, &str), Vec<Option<Spot>>> = BTreeMap::new();
    for point in &points {
        let row = rows.entry((point.run, &point.device)).or_insert_with(|| columns.iter().map(|_| None).collect());
        let Ok(at) = columns.binary_search(&&point.column) else { continue };
        let over = point.limit.is_some_and(|limit| point.value.is_nan() || point.value > limit);
        row[at] = Some(Spot { text: ulp(point.value), bar: bar(point.value), over, says: point.says.clone() });
    }
    let heading = |column: &&(String, usize, String)| Heading {
        // `complex complex64` says no more than the dtype.
        name: [column.0.as_str(), column.2.as_str()]
            .iter()
            .filter(|part| !part.is_empty() && (**part == column.2 || !column.2.starts_with(**part)))
            .copied()
            .collect::<Vec<_>>()
            .join(" "),
        limit: limits[*column].map(ulp).unwrap_or_default(),
    };
    let row = |((run, device), cells): ((usize, &str), Vec<Option<Spot>>)| Row {
        label: site.runs[run].label.clone(),
        device: device.to_owned(),
        cells,
    };
    Some(Picture { columns: columns.iter().map(heading).collect(), rows: rows.into_iter().map(row).collect() })
}

/// The number of functions and dtypes on which a run is less accurate than the limit, and the functions with the largest excess.
pub fn summary(site: &Site, run: usize) -> (usize, usize, Vec<(&Function, f64)>) {
    let (mut all, mut over, mut worst) = (0, 0, Vec::new());
    for function in &site.functions {
        let excess = function.errors.iter().filter(|error| error.run == run).filter_map(|error| Some(error.max / error.limit?));
        let missed = function.misses.iter().filter(|miss| miss.run == run && miss.threshold > 0.0).map(|miss| miss.max / miss.threshold);
        let mut greatest = 0.0_f64;
        for excess in excess.chain(missed) {
            all += 1;
            over += usize::from(excess > 1.0 || excess.is_nan());
            greatest = greatest.max(if excess.is_nan() { f64::INFINITY } else { excess });
        }
        if greatest > 1.0 {
            worst.push((function, greatest));
        }
    }
    worst.sort_by(|a, b| b.1.total_cmp(&a.1));
    (all, over, worst)
}
