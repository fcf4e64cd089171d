//! The backend and the options of a run.

use std::collections::BTreeMap;
use std::sync::Arc;

use array_assay_format::{CONSUMERS, CheckId, Glob, Property};
use array_assay_interface::DType;
use array_assay_spec::checks::{LARGE, OPEN};
use array_assay_spec::{Function, GAPS, Spec};

use super::rewrite::MakeRewrite;
use super::shard::Shard;
use super::worker::{Limits, WorkerCommand};
use crate::gate::Baseline;
use crate::generate::BUDGETS;
use crate::snippet::Language;
use crate::validate::Validation;

/// The number of cases of each function, for a library of the usual speed.
pub const CASES: u32 = 250;

/// The number of programs in a batch. Larger batches are not faster.
const BATCH: usize = 1024;

/// A backend to run.
#[derive(Debug, Clone)]
pub struct Backend {
    /// The backend's name on the command line.
    pub name: String,
    /// How the worker is started.
    pub command: WorkerCommand,
    /// The language of the scripts in counterexamples.
    pub language: Language,
}

/// The options of a run.
#[derive(Debug, Clone)]
pub struct Options {
    /// Globs over check ids. If there are none, all checks are selected.
    pub select: Vec<Glob>,
    /// The selected dtypes. If there are none, all dtypes are selected.
    pub dtypes: Vec<DType>,
    /// The number of cases in a stream. With `pairs`, the least that a function has.
    pub cases: u32,
    /// Whether each function has as many cases as its covering design needs, up to a limit, instead of `cases`.
    pub pairs: bool,
    /// The seed.
    pub seed: u64,
    /// The number of workers that run at the same time.
    pub jobs: usize,
    /// The part of the run that runs.
    pub shard: Option<Shard>,
    /// The worker's limits.
    pub limits: Limits,
    /// The number of programs in a batch.
    pub batch: usize,
    /// The known deviations. They are not simplified again nor repeated in a fresh process, and counterexamples show other deviations first.
    pub known: Baseline,
    /// Whether to stop at the first deviation of a selected check, without a counterexample. Mutants need no more.
    pub first_deviation_only: bool,
    /// Makes a rewrite of programs, if the library is judged behind one, for example together with polyfills.
    pub rewrite: Option<MakeRewrite>,
    /// The device on which the calls are made. `None` is the library's default device.
    pub device: Option<String>,
    /// Whether to judge the gaps that the backend has, even if nothing selects them. Otherwise the run only finds out which gaps it has.
    pub gaps: bool,
    /// Whether to replay the workloads of consumers, even if nothing selects them.
    pub consumers: bool,
    /// Whether to make calls whose result the text leaves open, to see whether the library survives them.
    pub open: bool,
    /// The number of elements of the calls on many elements, if they are made.
    pub large: Option<u64>,
    /// Whether to judge the draft even if the library does not claim it.
    pub draft: bool,
    /// Collects the breaches of the protocol, if the worker's frames are checked.
    pub validation: Option<Arc<Validation>>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            select: Vec::new(),
            dtypes: Vec::new(),
            cases: CASES,
            pairs: false,
            seed: 0,
            jobs: 1,
            shard: None,
            limits: Limits::new(std::time::Duration::from_secs(10), Some(4096)),
            batch: BATCH,
            known: Baseline::default(),
            first_deviation_only: false,
            rewrite: None,
            device: None,
            gaps: false,
            consumers: false,
            open: false,
            large: None,
            draft: false,
            validation: None,
        }
    }
}

impl Options {
    /// The same options, but with as many cases of each function as its covering design needs.
    pub fn for_pairs(self) -> Options {
        Options { cases: BUDGETS[0], pairs: true, ..self }
    }

    /// Whether the run has the check. If gaps are not judged, only their check `present` is in it.
    pub fn selects(&self, id: &CheckId) -> bool {
        let slug = id.slug.as_deref();
        if !self.open && slug == Some(OPEN) || self.large.is_none() && slug == Some(LARGE) {
            return false;
        }
        if self.select.is_empty() {
            return self.gaps || id.category != GAPS || id.property == Property::Present;
        }
        self.select.iter().any(|glob| glob.matches(id))
    }

    /// The functions to run, in the order of the spec: those that are selected and belong to this shard.
    pub fn functions<'s>(&self, spec: &'s Spec) -> Vec<&'s Function> {
        let selected = spec.with_all_gaps().filter(|f| {
            self.select.is_empty()
                || self.select.iter().any(|glob| glob.matches_function(&f.category, &f.name))
                    && f.checks().iter().any(|check| self.selects(&check.id))
        });
        let selected = selected.collect();
        match &self.shard {
            Some(shard) => shard.part(selected),
            None => selected,
        }
    }

    /// The options that the records depend on, as the header names them.
    pub fn recorded(&self) -> BTreeMap<String, String> {
        let mut out = BTreeMap::new();
        let mut put = |key: &str, value: String| {
            if !value.is_empty() {
                out.insert(key.to_owned(), value);
            }
        };
        put("select", self.select.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
        put("dtype", self.dtypes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
        put("cases", if self.pairs { "pairs".to_owned() } else { String::new() });
        put("device", self.device.clone().unwrap_or_default());
        put(GAPS, if self.gaps { "judged".to_owned() } else { String::new() });
        put(CONSUMERS, if self.consumers { "replayed".to_owned() } else { String::new() });
        put("open", if self.open { "called".to_owned() } else { String::new() });
        put("large", self.large.map_or(String::new(), |n| n.to_string()));
        put("shard", self.shard.as_ref().map(Shard::name).unwrap_or_default());
        put("balance", self.shard.as_ref().and_then(Shard::balance).unwrap_or_default());
        out
    }
}
