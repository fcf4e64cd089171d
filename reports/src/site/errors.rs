//! The accuracy that the checks of a run tell, as far as pages show it.

use std::collections::BTreeMap;
use std::sync::Arc;

use array_assay_format::{Check, CheckId, Ratio};

use crate::text::one_line;

/// The largest error of a run on one dtype, in units in the last place.
pub struct Error {
    pub run: usize,
    pub check: Arc<CheckId>,
    pub dtype: String,
    pub device: String,
    pub max: f64,
    pub mean: f64,
    pub limit: Option<f64>,
    pub worst: Option<String>,
}

/// How far the graded results of a run miss an equation on one dtype.
pub struct Miss {
    pub run: usize,
    pub what: String,
    pub dtype: String,
    pub device: String,
    pub max: f64,
    pub threshold: f64,
    pub count: u64,
    /// The class of inputs with the largest ratio.
    pub worst: Option<String>,
}

/// Adds the accuracy figures that a run recorded for a check.
pub fn collect(errors: &mut Vec<Error>, misses: &mut Vec<Miss>, run: usize, id: &Arc<CheckId>, check: &Check) {
    for cell in &check.cells {
        let Some(accuracy) = &cell.accuracy else { continue };
        if let Some(found) = accuracy.ulp() {
            errors.push(Error {
                run,
                check: Arc::clone(id),
                dtype: one_line(&cell.dtype, 40),
                device: one_line(&cell.device, 40),
                max: found.max_ulp,
                mean: found.mean_ulp,
                limit: found.limit,
                worst: found.worst.as_deref().map(|worst| one_line(worst, 120)),
            });
        }
        let mut by_equation: BTreeMap<&str, Vec<&Ratio>> = BTreeMap::new();
        accuracy.ratios().iter().for_each(|ratio| by_equation.entry(&ratio.what).or_default().push(ratio));
        for (what, ratios) in by_equation {
            let Some(worst) = ratios.iter().max_by(|a, b| a.max.total_cmp(&b.max)) else { continue };
            misses.push(Miss {
                run,
                what: one_line(what, 40),
                dtype: one_line(&cell.dtype, 40),
                device: one_line(&cell.device, 40),
                max: worst.max,
                threshold: ratios.iter().map(|ratio| ratio.threshold).fold(0.0, f64::max),
                count: ratios.iter().map(|ratio| ratio.count).sum(),
                worst: worst.class.as_deref().map(|class| one_line(class, 60)),
            });
        }
    }
}
