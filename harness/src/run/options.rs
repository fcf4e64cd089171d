//! What shapes a run: the backend, what is selected, and the limits.

use std::collections::BTreeMap;
use std::sync::Arc;

use array_assay_format::{CheckId, Glob, Property};
use array_assay_interface::DType;
use array_assay_spec::{Function, GAPS, Spec};

use super::rewrite::MakeRewrite;
use super::worker::{Limits, WorkerCommand};
use crate::gate::Baseline;
use crate::snippet::Language;
use crate::validate::Validation;

/// Programs in a batch: the rate is flat from there on.
const BATCH: usize = 1024;

/// A backend to run.
#[derive(Debug, Clone)]
pub struct Backend {
    /// Its name on the command line.
    pub name: String,
    /// How its worker is started.
    pub command: WorkerCommand,
    /// The language of its snippets.
    pub language: Language,
}

/// What shapes a run.
#[derive(Debug, Clone)]
pub struct Options {
    /// Globs over check ids; none selects all.
    pub select: Vec<Glob>,
    /// Dtypes; none selects all.
    pub dtypes: Vec<DType>,
    /// Cases a stream.
    pub cases: u32,
    /// The seed.
    pub seed: u64,
    /// Workers at once.
    pub jobs: usize,
    /// This shard, from 1, of so many.
    pub shard: Option<(u32, u32)>,
    /// The worker's limits.
    pub limits: Limits,
    /// Programs in a batch.
    pub batch: usize,
    /// Deviations that are known: they are not shrunk again, and counterexamples show others first.
    pub known: Baseline,
    /// Stop at the first deviation of a selected check, and look for no counterexample: what a mutant needs.
    pub first_deviation_only: bool,
    /// Judge the library behind a rewrite of programs: together with the polyfills of what it lacks, for instance.
    pub rewrite: Option<MakeRewrite>,
    /// Judge the gaps that the backend has, though nothing selects them; otherwise they are only looked for.
    pub gaps: bool,
    /// Judge the draft as well, also where the library does not claim it.
    pub draft: bool,
    /// Where what is wrong with the worker's frames goes, if they are checked.
    pub validation: Option<Arc<Validation>>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            select: Vec::new(),
            dtypes: Vec::new(),
            cases: 1000,
            seed: 0,
            jobs: 1,
            shard: None,
            limits: Limits::new(std::time::Duration::from_secs(10), Some(4096)),
            batch: BATCH,
            known: Baseline::default(),
            first_deviation_only: false,
            rewrite: None,
            gaps: false,
            draft: false,
            validation: None,
        }
    }
}

impl Options {
    /// Whether a run has the check. Of a gap that nothing asks for, only whether it is there is of interest.
    pub fn selects(&self, id: &CheckId) -> bool {
        if self.select.is_empty() {
            return self.gaps || id.category != GAPS || id.property == Property::Present;
        }
        self.select.iter().any(|glob| glob.matches(id))
    }

    /// The functions to run, in the order of the spec: selected, and of this shard.
    pub fn functions<'s>(&self, spec: &'s Spec) -> Vec<&'s Function> {
        let selected = spec.with_all_gaps().filter(|f| {
            self.select.is_empty()
                || self.select.iter().any(|glob| glob.matches_function(&f.category, &f.name))
                    && f.checks().iter().any(|check| self.selects(&check.id))
        });
        selected
            .enumerate()
            .filter(|(i, _)| self.shard.is_none_or(|(shard, of)| i % of as usize == shard as usize - 1))
            .map(|(_, f)| f)
            .collect()
    }

    /// The options that shape the records, as the header names them.
    pub fn recorded(&self) -> BTreeMap<String, String> {
        let mut out = BTreeMap::new();
        let mut put = |key: &str, value: String| {
            if !value.is_empty() {
                out.insert(key.to_owned(), value);
            }
        };
        put("select", self.select.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
        put("dtype", self.dtypes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
        put("gaps", if self.gaps { "judged".to_owned() } else { String::new() });
        put("shard", self.shard.map_or(String::new(), |(i, n)| format!("{i}/{n}")));
        out
    }
}
