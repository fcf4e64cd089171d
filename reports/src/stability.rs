//! What several runs of one backend with different seeds have in common.

use std::collections::BTreeMap;
use std::fmt;

use array_assay_format::{Results, Revision};

/// The greatest number of deviations in a list.
const LISTED: usize = 40;

/// In how many of several runs each deviation was found. Nothing else of the runs is kept, because there may be many.
#[derive(Default)]
pub struct Stability {
    seeds: Vec<u64>,
    /// By check, dtype and cause: the seeds of the runs that found it.
    found: BTreeMap<(String, String, String), Vec<u64>>,
}

impl Stability {
    /// Adds a run. The runs are of one backend and differ in their seeds.
    pub fn add(&mut self, run: &Results, revision: Revision) {
        let seed = run.header.seed;
        self.seeds.push(seed);
        for check in run.checks.iter().filter(|check| check.is_of_standard() && check.deviation_in(revision).is_some()) {
            let cells = check.cells.iter().filter(|cell| cell.deviates() && cell.since.is_none_or(|since| since <= revision));
            for cell in cells {
                let cause = cell.cause.map_or("", |cause| cause.word());
                let seeds = self.found.entry((check.id.to_string(), cell.dtype.clone(), cause.to_owned())).or_default();
                if seeds.last() != Some(&seed) {
                    seeds.push(seed);
                }
            }
        }
    }
}

impl fmt::Display for Stability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.seeds.len();
        let varying: Vec<_> = self.found.iter().filter(|(_, seeds)| seeds.len() < all).collect();
        writeln!(f, "verified with {all} seeds: {} deviations in all runs, {} in some", self.found.len() - varying.len(), varying.len())?;
        for ((check, dtype, cause), seeds) in varying.iter().take(LISTED) {
            let named: Vec<String> = seeds.iter().map(u64::to_string).collect();
            let place = if dtype.is_empty() { String::new() } else { format!("  {dtype}") };
            writeln!(f, "  {} of {all}: {check}{place}  {cause}  (seed {})", seeds.len(), named.join(", "))?;
        }
        if varying.len() > LISTED {
            writeln!(f, "  … and {} more", varying.len() - LISTED)?;
        }
        Ok(())
    }
}
